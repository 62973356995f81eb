"""The bot's own texts in other languages: one gettext catalogue (.po) for each, English in the code."""

from __future__ import annotations

import logging
import re
import string
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from typing import Any, cast

import discord
from babel.core import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, parse_pattern
from discord import app_commands

from bot.errors import Phrase, find_phrase
from bot.moderation import DespairError

LANGUAGES = tuple(sorted(file.name[:-3] for file in files("bot.locales").iterdir() if file.name.endswith(".po")))

log = logging.getLogger(__name__)
# The prefix of setting names: texts that contain it are for the operator.
_SETTING = "QUILLMATE_"
# Format specifications with fixed decimals, and percentages.
_FIXED_POINT = re.compile(r"\.(?P<places>\d)(?P<sort>[f%])")
_NOT_CONFIGURED = "Something I need is not set up correctly. Only my operator can fix that; the log has the details."


@cache
def load_translations(language: str) -> NullTranslations:
    """Load a language's catalogue; without one, texts stay English."""
    if language not in LANGUAGES:
        return NullTranslations()
    compiled = BytesIO()
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(text: str, locale: str) -> str:
    """Translate a text for a locale such as "pt-BR"; English where there is no translation."""
    # An empty text is the key of the catalogue's header.
    return load_translations(locale.partition("-")[0]).gettext(text) if text else ""


def translate_plural(count: float, one: str, several: str, locale: str) -> str:
    """Translate a text for a count by the plural rules of a locale's language; a fraction is plural."""
    whole = int(count) if count == int(count) else 2
    return load_translations(locale.partition("-")[0]).ngettext(one, several, whole)


def localize(phrase: Phrase, locale: str) -> str:
    """Translate a phrase for a locale and format its numbers accordingly."""
    if phrase.several:
        text = translate_plural(cast(float, phrase.values["count"]), phrase.text, phrase.several, locale)
    else:
        text = translate(phrase.text, locale)
    if not phrase.values:
        return text
    values = {name: _localize_value(value, locale) for name, value in phrase.values.items()}
    return _LocalizedFormatter(locale.partition("-")[0]).vformat(text, (), values)


def _localize_value(value: object, locale: str) -> object:
    if isinstance(value, list):
        return ", ".join(str(_localize_value(one, locale)) for one in value)
    return localize(value, locale) if isinstance(value, Phrase) else value


class _LocalizedFormatter(string.Formatter):
    """Formats like `str.format`, with numbers in a language's notation: "6,000" is "6.000" in German."""

    def __init__(self, language: str) -> None:
        self._language = language if language in LANGUAGES else "en"

    def format_field(self, value: Any, format_spec: str) -> str:
        """Format one value; only those with a format specification are localized."""
        if format_spec == ",":
            return format_decimal(value, locale=self._language)
        if found := _FIXED_POINT.fullmatch(format_spec):
            pattern = f"0.{'0' * int(found['places'])}".rstrip(".")
            if found["sort"] == "%":
                return format_percentage(value, self._language, pattern)
            return format_decimal(value, format=pattern, locale=self._language)
        if format_spec == "g" and 1e-4 <= abs(value) < 1e6:
            return format_decimal(value, format="0.######", locale=self._language)
        return str(super().format_field(value, format_spec))


def format_percentage(share: float, locale: str, pattern: str = "0") -> str:
    """Format a share as a percentage in a locale's notation, with or without a space before the sign."""
    language = locale.partition("-")[0]
    language = language if language in LANGUAGES else "en"
    whole = parse_pattern(Locale.parse(language).percent_formats[None].pattern)
    return format_percent(share, format=f"{pattern}{whole.suffix[0]}", locale=language)


def translate_error(error: BaseException, locale: str) -> str:
    """Translate an error's message for a locale.

    Messages about settings, which only the operator can change, are logged instead. Users in despair are answered in
    the language they wrote in.
    """
    phrase = find_phrase(error)
    if _SETTING in phrase.text or _SETTING in str(phrase):
        log.warning("shown as not configured: %s", phrase)
        phrase = Phrase(_NOT_CONFIGURED)
    return localize(phrase, error.language if isinstance(error, DespairError) else locale)


def find_babel_locale(locale: str) -> str:
    """Return the locale for dates and numbers, of a language that the bot speaks."""
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


class Translator(app_commands.Translator):
    """Supplies Discord with translated descriptions of commands and options; names stay as they are."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """Return the translation, None where there is none, which makes Discord show the English text."""
        places = app_commands.TranslationContextLocation
        if context.location in (
            places.command_name,
            places.group_name,
            places.parameter_name,
        ) and not isinstance(context.data, app_commands.ContextMenu):
            return None
        translated = translate(string.message, locale.value)
        return translated if translated != string.message else None
