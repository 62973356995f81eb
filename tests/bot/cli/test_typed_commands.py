"""Tests of parsing slash commands typed as text."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import RefusedError
from bot.preview.typed import read_command, takes_no_text


def build_option(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "required": False, "choices": [], "minLength": None, "maxLength": None, **more}


def build_entry(invocation: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"invocation": invocation, "path": invocation.split(), "options": list(options)}


LENGTHS = [{"name": name, "value": name.upper()} for name in ("short", "long")]
CATALOGUE = [
    build_entry(
        "copy",
        build_option("file", "attachment"),
        build_option("brief"),
        build_option("tone"),
        build_option("length", choices=LENGTHS),
    ),
    build_entry("help"),
    build_entry("profile edit", build_option("section", choices=LENGTHS)),
    build_entry("profile rename", build_option("name", required=True), build_option("to", required=True, maxLength=10)),
    build_entry(
        "limits set",
        build_option("per", required=True, choices=LENGTHS),
        build_option("most", "integer"),
        build_option("on", "boolean"),
    ),
]


@pytest.mark.parametrize(
    ("text", "invocation", "options"),
    [
        ("/copy tweet: we are closed next Monday", "copy", {"brief": "tweet: we are closed next Monday"}),
        ("/COPY  a post\nabout bread ", "copy", {"brief": "a post\nabout bread"}),
        ("/copy", "copy", {}),
        ("/copy tone: dry, please length: short", "copy", {"tone": "dry, please", "length": "SHORT"}),
        ("/copy a post length: Long", "copy", {"brief": "a post", "length": "LONG"}),
        ("/copy a post length: three lines", "copy", {"brief": "a post length: three lines"}),
        ("/copy our undertone: none", "copy", {"brief": "our undertone: none"}),
        ("/copy first brief: second", "copy", {"brief": "first second"}),
        ("/copy for {everybody}", "copy", {"brief": "for {everybody}"}),
        ("/help", "help", {}),
        ("/profile edit", "profile edit", {}),
        ("/profile  edit long", "profile edit", {"section": "LONG"}),
        ("/profile rename Cedar to: Fern", "profile rename", {"name": "Cedar", "to": "Fern"}),
        ("/limits set short most: 12 on: Yes", "limits set", {"per": "SHORT", "most": "12", "on": True}),
    ],
)
def test_command_is_parsed(text: str, invocation: str, options: dict[str, Any]) -> None:
    typed = read_command(text, CATALOGUE)
    assert (typed.entry["invocation"], typed.options) == (invocation, options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/copycat a post", "There is no command /copycat here. Type “/” to see all commands."),
        ("/{nothing}", "There is no command /{nothing} here."),
        ("/profile", "After /profile, add one of these: edit, rename."),
        ("/profile shave", "After /profile, add one of these: edit, rename."),
        ("/help me", "/help does not accept any text after it."),
        ("/profile edit and then again", "After /profile edit, write one of these: short, long."),
        ("/profile rename Cedar", "/profile rename also needs to."),
        ("/profile rename Cedar to: a name that is too long", "/profile rename also needs to."),
    ],
)
def test_invalid_command_is_one_line(text: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_command(text, CATALOGUE)
    assert str(refused.value).startswith(said)


def test_enter_waits_for_free_text() -> None:
    assert [one["invocation"] for one in CATALOGUE if takes_no_text(one)] == ["help", "profile edit"]
