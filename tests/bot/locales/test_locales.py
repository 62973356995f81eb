"""The catalogues: complete, alike, and within Discord's limits."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from babel.messages.pofile import read_po
from catalogues import WHOLE, load_catalogue
from discord import app_commands

import bot
from bot.commands.menus import make_image_prompt, make_quiz, rewrite, use_as_sample
from bot.errors import Phrase, RefusedError
from bot.locales import LANGUAGES, Translator, localize, translate, translate_error

in_each_language = pytest.mark.parametrize("language", LANGUAGES)
PLACES = app_commands.TranslationContextLocation


# Most characters by what is called and which argument it is; None is any.
LIMITS = {
    ("__init__", "title"): 45,
    ("Label", "text"): 45,
    (None, "placeholder"): 100,
    (None, "description"): 100,
    ("describe", None): 100,
    ("Choice", "name"): 100,
    ("ContextMenu", "name"): 32,
    ("context_menu", "name"): 32,
}


def get_called_name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def find_limited_texts() -> Iterator[tuple[str, int]]:
    """Yield the texts in the source that Discord limits, each with its maximum length."""
    for file in Path(bot.__file__).parent.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        for call in calls:
            name = get_called_name(call)
            # What parts of texts are labelled is read, and not shown.
            if name == "Labels":
                continue
            for argument in call.keywords:
                value = argument.value
                if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "translate":
                    value = value.args[0]
                keys = ((name, argument.arg), (None, argument.arg), (name, None))
                most = next((LIMITS[key] for key in keys if key in LIMITS), None)
                if most and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, most


def test_every_catalogue_file_is_a_language() -> None:
    assert set(WHOLE) >= {"de", "es", "fr", "pt"}
    assert all(map(load_catalogue, LANGUAGES))


@in_each_language
def test_catalogues_are_complete_and_unambiguous(language: str) -> None:
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        entries = [entry for entry in read_po(file, abort_invalid=True) if entry.id]
    assert all(entry.string and not entry.fuzzy for entry in entries)
    assert all(len(entry.string) == 2 and all(entry.string) for entry in entries if entry.pluralizable)
    assert len({entry.id for entry in entries}) == len(entries)


@in_each_language
def test_translations_have_the_same_fields(language: str) -> None:
    def list_fields(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)

    for english, translated in load_catalogue(language).items():
        assert list_fields(translated) == list_fields(english)
        assert translated == translated.strip()


# Words of the other form of address: people are called du, tú, tu and você, as Discord itself calls them.
OTHER_ADDRESS = {
    "de": r"\b(?:Ihnen|Ihr(?:e[mnrs]?)?)\b",
    "es": r"\b(?:usted(?:es)?|vosotros|vuestr[oa]s?)\b",
    "fr": r"\b(?:vous|votre|vos|vôtres?|(?!chez|assez|nez)\w+ez)\b",
    "pt": r"\b(?:tu|te|ti|contigo|teus?|tuas?|ficheiros?)\b",
}


@pytest.mark.parametrize("language", OTHER_ADDRESS)
def test_users_are_addressed_consistently(language: str) -> None:
    other = re.compile(OTHER_ADDRESS[language], re.IGNORECASE if language != "de" else 0)
    assert [text for text in load_catalogue(language).values() if other.search(text)] == []


def test_descriptions_fit_discord() -> None:
    shown = dict(find_limited_texts())
    assert len(shown) > 20
    assert set(shown.values()) >= {45, 100}
    for english, most in shown.items():
        assert len(english) <= most
        assert all(len(load_catalogue(language).get(english, "")) <= most for language in LANGUAGES)


def test_a_refusal_with_values_is_translated() -> None:
    error = RefusedError(
        "You have {count} profiles; you can have at most {most}. Use or delete one of these: {names}.",
        count=9,
        most=9,
        names="{a}",
    )
    assert (
        str(error)
        == translate_error(error, "en")
        == "You have 9 profiles; you can have at most 9. Use or delete one of these: {a}."
    )
    assert (
        translate_error(error, "de")
        == "Du hast 9 Profile; höchstens 9 sind möglich. Nimm oder lösche eines davon: {a}."
    )
    assert translate_error(RefusedError("{not a value}"), "de") == "{not a value}"


def test_a_refusal_within_another_is_in_the_same_language() -> None:
    hint = Phrase("Available: {names}.", names=["{a}", Phrase("words")])
    error = RefusedError(
        "{missing} {hint}", missing=Phrase('There is no brand called "{name}" here.', name="Fern"), hint=hint
    )
    assert str(error) == 'There is no brand called "Fern" here. Available: {a}, words.'
    assert (
        translate_error(error, "fr")
        == "Il n’y a aucune marque nommée «\u00a0Fern\u00a0» ici. Disponibles\u00a0: {a}, mots."
    )
    assert translate_error(
        RefusedError(Phrase.from_json(json.loads(json.dumps(error.phrase.to_json())))), "fr"
    ) == translate_error(error, "fr")


@pytest.mark.parametrize(
    ("locale", "figures"),
    [("en-US", "6,000 to 0.5"), ("de", "6.000 to 0,5"), ("fr", "6\u202f000 to 0,5"), ("pt-BR", "6.000 to 0,5")],
)
def test_numbers_are_formatted_for_the_language(locale: str, figures: str) -> None:
    assert localize(Phrase("{count:,} to {size:.1f}", count=6000, size=0.52), locale) == figures


@pytest.mark.parametrize(
    ("locale", "language"), [("de", "de"), ("pt-BR", "pt"), ("es-419", "es"), ("en-US", "en"), ("ja", "ja"), ("", "en")]
)
def test_a_locale_maps_to_its_language(locale: str, language: str) -> None:
    expected = load_catalogue(language).get("Shorter", "Shorter")
    assert translate("Shorter", locale) == expected
    assert (expected == "Shorter") is (language not in LANGUAGES)


def test_unknown_texts_stay_english() -> None:
    assert translate("No such text", "de") == translate("No such text", "xx") == "No such text"
    assert translate("", "de") == ""


@pytest.mark.parametrize(
    ("locale", "counts"),
    [
        ("en", ["0 votes", "1 vote", "2 votes"]),
        ("de", ["0 Stimmen", "1 Stimme", "2 Stimmen"]),
        ("fr", ["0 voix", "1 voix", "2 voix"]),
        ("pt-BR", ["0 voto", "1 voto", "2 votos"]),
        ("ja", ["0 votes", "1 vote", "2 votes"]),
    ],
)
def test_a_plural_follows_the_rule_of_its_language(locale: str, counts: list[str]) -> None:
    phrases = [Phrase("{count} vote", "{count} votes", count=count) for count in range(3)]
    assert [localize(one, locale) for one in phrases] == counts
    assert [str(Phrase.from_json(one.to_json())) for one in phrases] == ["0 votes", "1 vote", "2 votes"]


@pytest.mark.parametrize(
    ("place", "data", "translated"),
    [
        (PLACES.command_description, None, True),
        (PLACES.parameter_description, None, True),
        (PLACES.choice_name, None, True),
        (PLACES.command_name, None, False),
        (PLACES.group_name, None, False),
        (PLACES.parameter_name, None, False),
    ],
)
async def test_command_names_are_not_translated(place: Any, data: Any, translated: bool) -> None:
    context: Any = SimpleNamespace(location=place, data=data)
    made = await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.german, context)
    assert made == (load_catalogue("de")["Shorter"] if translated else None)


async def test_menu_names_are_in_the_readers_language() -> None:
    async def act(interaction: discord.Interaction, message: discord.Message) -> None: ...

    menu = app_commands.ContextMenu(name="Shorter", callback=act)
    context: Any = SimpleNamespace(location=PLACES.command_name, data=menu)
    made = await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.german, context)
    assert made == load_catalogue("de")["Shorter"]


@pytest.mark.parametrize("menu", [rewrite, make_quiz, make_image_prompt, use_as_sample], ids=lambda menu: menu.name)
async def test_discord_gets_menu_names_in_every_language(menu: app_commands.ContextMenu) -> None:
    tree: Any = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    payload = await menu.get_translated_payload(tree, Translator())
    names = payload["name_localizations"]
    assert {"de", "es-ES", "es-419", "fr", "pt-BR"} <= set(names)
    assert all(
        name == load_catalogue(locale.partition("-")[0])[menu.name] != menu.name for locale, name in names.items()
    )


async def test_languages_without_a_catalogue_show_english() -> None:
    context: Any = SimpleNamespace(location=PLACES.command_description, data=None)
    assert await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.japanese, context) is None
