"""The bot's own words in other languages: one gettext catalogue (.po) a language, English in the code."""

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
# What names of settings begin with: words for whoever runs the bot.
_SETTING = "QUILLMATE_"
# Numbers that ask for so many decimals, and shares.
_FIXED = re.compile(r"\.(?P<places>\d)(?P<sort>[f%])")
_OUT_OF_ORDER = "Something I need is not set up correctly. Only my operator can fix that; the log has the details."


@cache
def translations(language: str) -> NullTranslations:
    """A language's catalogue; one that leaves English as it is where there is none."""
    if language not in LANGUAGES:
        return NullTranslations()
    compiled = BytesIO()
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def translate(text: str, locale: str) -> str:
    """The text in the language of a locale such as "pt-BR"; in English where there is no translation."""
    # An empty text is the key of the catalogue's header.
    return translations(locale.partition("-")[0]).gettext(text) if text else ""


def translate_plural(count: float, one: str, several: str, locale: str) -> str:
    """The text for so many things, by the rule that the language of a locale has for its plurals; a fraction is several."""
    whole = int(count) if count == int(count) else 2
    return translations(locale.partition("-")[0]).ngettext(one, several, whole)


def localize(phrase: Phrase, locale: str) -> str:
    """A phrase in the language of a locale, with its figures written as they are there."""
    if phrase.several:
        text = translate_plural(cast(float, phrase.values["count"]), phrase.text, phrase.several, locale)
    else:
        text = translate(phrase.text, locale)
    if not phrase.values:
        return text
    values = {name: _value(value, locale) for name, value in phrase.values.items()}
    return _Figures(locale.partition("-")[0]).vformat(text, (), values)


def _value(value: object, locale: str) -> object:
    if isinstance(value, list):
        return ", ".join(str(_value(one, locale)) for one in value)
    return localize(value, locale) if isinstance(value, Phrase) else value


class _Figures(string.Formatter):
    """Formats as `str.format` does, numbers with the signs of a language: "6,000" is "6.000" in German."""

    def __init__(self, language: str) -> None:
        self._language = language if language in LANGUAGES else "en"

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value; only those that ask for a form are written in the language's."""
        if format_spec == ",":
            return format_decimal(value, locale=self._language)
        if found := _FIXED.fullmatch(format_spec):
            pattern = f"0.{'0' * int(found['places'])}".rstrip(".")
            if found["sort"] == "%":
                return format_percentage(value, self._language, pattern)
            return format_decimal(value, format=pattern, locale=self._language)
        if format_spec == "g" and 1e-4 <= abs(value) < 1e6:
            return format_decimal(value, format="0.######", locale=self._language)
        return str(super().format_field(value, format_spec))


def format_percentage(share: float, locale: str, pattern: str = "0") -> str:
    """A share of a whole in per cent: the sign stands behind, with a space or without, as the language has it."""
    language = locale.partition("-")[0]
    language = language if language in LANGUAGES else "en"
    whole = parse_pattern(Locale.parse(language).percent_formats[None].pattern)
    return format_percent(share, format=f"{pattern}{whole.suffix[0]}", locale=language)


def error_text(error: BaseException, locale: str) -> str:
    """What the person is told of an error, in the language of their locale where there is a translation.

    What only whoever runs the bot can change, by a setting, is for the log.

    Somebody in despair is spoken to in the language that they wrote in.
    """
    phrase = find_phrase(error)
    if _SETTING in phrase.text or _SETTING in str(phrase):
        log.warning("told as out of order: %s", phrase)
        phrase = Phrase(_OUT_OF_ORDER)
    return localize(phrase, error.language if isinstance(error, DespairError) else locale)


def babel_locale(locale: str) -> str:
    """The locale that dates and numbers are written in: of a language that the bot speaks."""
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


class Translator(app_commands.Translator):
    """Gives Discord the descriptions of commands and options in the reader's language; names stay as they are."""

    async def translate(
        self, string: app_commands.locale_str, locale: discord.Locale, context: app_commands.TranslationContextTypes
    ) -> str | None:
        """The translation, None where there is none, which makes Discord show the English."""
        places = app_commands.TranslationContextLocation
        if context.location in (
            places.command_name,
            places.group_name,
            places.parameter_name,
        ) and not isinstance(context.data, app_commands.ContextMenu):
            return None
        made = translate(string.message, locale.value)
        return made if made != string.message else None
