"""What stands over the parts of a text, in the language of the text; in English where that is none of the bot's own languages."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.content import Assignment

# What people call parts and fields that are short or technical in code.
_CALLED = {
    "body": "Text", "boilerplate": "About us", "cells": "Levels", "cta": "Call to action", "dateline": "Place and date",
    "faq": "Questions and answers", "h1": "Headline", "hero": "Opening", "holds": "What it holds", "items": "Questions",
    "kpis": "What we measure", "lead": "Opening paragraph", "preheader": "Preview text",
    "raw": "Prompt",
}  # fmt: skip
# A field of a list, such as "option 2".
_NUMBERED = re.compile(r"(?<![a-z_])([a-z_]++)( \d++)")


@cache
def _labels() -> dict[str, dict[str, str]]:
    """The labels by their English, each by its language."""
    return tomllib.loads((files("bot.kinds") / "labels.toml").read_text(encoding="utf-8"))


def in_every_language(english: str) -> frozenset[str]:
    """A label in all the languages that it may stand in."""
    return frozenset((english, *_labels().get(english, {}).values()))


@cache
def _all_labels() -> frozenset[str]:
    """All labels in all languages, whatever their capitals."""
    return frozenset(one.casefold() for english in _labels() for one in in_every_language(english))


def is_label(text: str) -> bool:
    """Whether a text is nothing but a label, or one with a number, such as "Verse 2"."""
    return re.sub(r" \d{1,3}$", "", text.strip().rstrip(":").casefold()) in _all_labels()


def label_in(english: str, language: str) -> str:
    """A label in a language."""
    return _labels().get(english, {}).get(language, english)


def label_around(english: str, assignment: Assignment) -> str:
    """A label beside what is in no language of its reader, such as a prompt."""
    return label_in(english, assignment.surrounding_language)


def named(part: str, language: str = "en") -> str:
    """What people call a part or a field: "key_terms" is "Key terms". A heading that a writer wrote stays as it is."""
    called, number = (found[1], found[2]) if (found := _NUMBERED.fullmatch(part)) else (part, "")
    words = " ".join(re.sub(r"\W+|_", " ", called).split())
    told = _CALLED.get(called, words[:1].upper() + words[1:])
    return f"{label_in(told, language) if called.islower() else told}{number}"
