"""The catalogues: complete, alike, and within Discord's limits."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from babel.messages.pofile import read_po
from discord import app_commands

import bot
from bot.errors import RefusedError
from bot.locales import LANGUAGES, Translator, catalogue, told, translate

in_each_language = pytest.mark.parametrize("language", LANGUAGES)
PLACES = app_commands.TranslationContextLocation


# Most characters by what is called and which argument it is; None is any.
LIMITS = {
    ("__init__", "title"): 45, ("Label", "text"): 45, (None, "placeholder"): 100, (None, "description"): 100,
    ("describe", None): 100, ("Choice", "name"): 100, ("ContextMenu", "name"): 32, ("context_menu", "name"): 32,
}  # fmt: skip


def called(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


def shown_by_discord() -> Iterator[tuple[str, int]]:
    """Texts in the source that Discord bounds, and the most that it takes."""
    for file in Path(bot.__file__).parent.rglob("*.py"):
        calls = [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
        # What a kind's worked examples hold is content, which Discord does not bound so.
        worked = {node for call in calls if called(call) == "Example" for node in ast.walk(call)}
        for call in calls:
            if call in worked:
                continue
            name = called(call)
            for argument in call.keywords:
                value = argument.value
                if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "translate":
                    value = value.args[0]
                keys = ((name, argument.arg), (None, argument.arg), (name, None))
                most = next((LIMITS[key] for key in keys if key in LIMITS), None)
                if most and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value, most


def test_every_file_is_a_language() -> None:
    assert {
        file.name.removesuffix(".po") for file in files("bot.locales").iterdir() if file.name.endswith(".po")
    } == set(LANGUAGES)


@in_each_language
def test_catalogues_are_sound(language: str) -> None:
    with (files("bot.locales") / f"{language}.po").open("rb") as file:
        entries = [entry for entry in read_po(file, abort_invalid=True) if entry.id]
    assert all(entry.string and not entry.fuzzy for entry in entries)
    assert len({entry.id for entry in entries}) == len(entries)


@in_each_language
def test_all_languages_have_the_same_texts(language: str) -> None:
    assert set(catalogue(language)) == set(catalogue(LANGUAGES[0]))


@in_each_language
def test_translations_hold_the_same_fields(language: str) -> None:
    def fields(text: str) -> list[str]:
        return sorted(name for _, name, _, _ in string.Formatter().parse(text) if name is not None)

    for english, translated in catalogue(language).items():
        assert fields(translated) == fields(english)
        assert translated == translated.strip()


@in_each_language
def test_descriptions_fit_discord(language: str) -> None:
    shown = dict(shown_by_discord())
    assert len(shown) > 20
    assert set(shown.values()) >= {45, 100}
    for english, most in shown.items():
        assert len(english) <= most
        assert len(catalogue(language).get(english, "")) <= most


# What is refused in these is said in the language of whoever reads it; values stand in braces, for there is no f-string in a
# catalogue.
SAID_IN_EACH_LANGUAGE = (
    "profile/*.py",
    "_taste.py",
    "_results.py",
    "_intake.py",
    "buttons.py",
    "make.py",
    "menus.py",
    "welcome.py",
)


def refusals() -> Iterator[ast.expr]:
    """The sentences of refusals in the source, those in a name of the same file in place of the name."""
    folder = Path(bot.__file__).parent / "commands"
    for file in (found for pattern in SAID_IN_EACH_LANGUAGE for found in folder.glob(pattern)):
        nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        named = {getattr(node.targets[0], "id", ""): node.value for node in nodes if isinstance(node, ast.Assign)}
        for node in nodes:
            if isinstance(node, ast.Call) and called(node) in ("RefusedError", "FileError"):
                said = node.args[0]
                for one in (said.body, said.orelse) if isinstance(said, ast.IfExp) else (said,):
                    yield named.get(one.id, one) if isinstance(one, ast.Name) else one


@in_each_language
def test_refusals_are_said_in_each_language(language: str) -> None:
    found = list(refusals())
    assert len(found) > 25
    assert [ast.unparse(one) for one in found if not isinstance(one, ast.Constant)] == []
    said = {str(one.value) for one in found if isinstance(one, ast.Constant)}
    assert sorted(said - set(catalogue(language))) == []


def test_a_refusal_with_values_is_said_in_each_language() -> None:
    error = RefusedError(
        "You have {count} profiles; at most {most} fit. Use or delete one of {names}.", count=9, most=9, names="{a}"
    )
    assert str(error) == told(error, "en") == "You have 9 profiles; at most 9 fit. Use or delete one of {a}."
    assert told(error, "de") == "Du hast 9 Profile; höchstens 9 passen. Nimm oder lösche eines von {a}."
    assert told(RefusedError("{not a value}"), "de") == "{not a value}"


@pytest.mark.parametrize(
    ("locale", "language"), [("de", "de"), ("pt-BR", "pt"), ("es-419", "es"), ("en-US", "en"), ("ja", "ja"), ("", "en")]
)
def test_a_locale_leads_to_its_language(locale: str, language: str) -> None:
    expected = catalogue(language).get("Shorter", "Shorter")
    assert translate("Shorter", locale) == expected
    assert (expected == "Shorter") is (language not in LANGUAGES)


def test_unknown_texts_stay_english() -> None:
    assert translate("No such text", "de") == "No such text"
    assert catalogue("xx") == {}


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
async def test_names_of_commands_stay(place: Any, data: Any, translated: bool) -> None:
    context: Any = SimpleNamespace(location=place, data=data)
    made = await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.german, context)
    assert made == (catalogue("de")["Shorter"] if translated else None)


async def test_menus_have_names_in_the_readers_language() -> None:
    async def act(interaction: discord.Interaction, message: discord.Message) -> None: ...

    menu = app_commands.ContextMenu(name="Shorter", callback=act)
    context: Any = SimpleNamespace(location=PLACES.command_name, data=menu)
    made = await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.german, context)
    assert made == catalogue("de")["Shorter"]


async def test_languages_without_a_catalogue_show_english() -> None:
    context: Any = SimpleNamespace(location=PLACES.command_description, data=None)
    assert await Translator().translate(app_commands.locale_str("Shorter"), discord.Locale.japanese, context) is None
