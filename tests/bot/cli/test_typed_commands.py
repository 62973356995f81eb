"""Slash commands that are typed as text, read against the real catalogue's shape."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import RefusedError
from bot.preview.typed import read_command, takes_no_text


def option(name: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "required": False, "choices": [], "minLength": None, "maxLength": None, **more}


def entry(invocation: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"invocation": invocation, "path": invocation.split(), "options": list(options)}


LENGTHS = [{"name": name, "value": name.upper()} for name in ("short", "long")]
CATALOGUE = [
    entry("copy", option("file", "attachment"), option("brief"), option("tone"), option("length", choices=LENGTHS)),
    entry("help"),
    entry("profile edit", option("section", choices=LENGTHS)),
    entry("profile rename", option("name", required=True), option("to", required=True, maxLength=10)),
    entry(
        "limits set", option("per", required=True, choices=LENGTHS), option("most", "integer"), option("on", "boolean")
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
def test_a_command_is_what_it_begins_with(text: str, invocation: str, options: dict[str, Any]) -> None:
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
def test_what_is_no_command_is_one_sentence(text: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        read_command(text, CATALOGUE)
    assert str(refused.value).startswith(said)


def test_enter_waits_for_text_where_there_can_be_some() -> None:
    assert [one["invocation"] for one in CATALOGUE if takes_no_text(one)] == ["help", "profile edit"]
