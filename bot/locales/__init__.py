"""The bot's own words in other languages: one gettext catalogue (.po) a language, English in the code."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import discord
from babel.messages.pofile import read_po
from discord import app_commands

from bot.errors import RefusedError, sentence

LANGUAGES = ("de", "es", "fr", "pt")


@cache
def catalogue(language: str) -> dict[str, str]:
    """Translations by English text; empty for a language without a catalogue."""
    if language not in LANGUAGES:
        return {}
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        return {str(entry.id): str(entry.string) for entry in read_po(file) if entry.id and entry.string}


def translate(text: str, locale: str) -> str:
    """The text in the language of a locale such as "pt-BR"; in English where there is no translation."""
    return catalogue(locale.partition("-")[0]).get(text, text)


def translate_one(count: int, one: str, several: str, locale: str) -> str:
    """The text for one thing, or that for none or several, in the language of a locale."""
    return translate(one if count == 1 else several, locale)


def told(error: BaseException, locale: str) -> str:
    """What the person is told of an error, in the language of their locale where there is a translation."""
    if isinstance(error, RefusedError):
        text = translate(error.text, locale)
        return text.format(**error.values) if error.values else text
    return sentence(error)


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
        return catalogue(locale.value.partition("-")[0]).get(string.message)
