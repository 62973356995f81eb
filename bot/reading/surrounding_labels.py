"""The labels of the parts of a text in the text's language; in English if the bot does not speak it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.content import Assignment

# What users call parts and fields whose names in code are short or technical.
_PART_NAMES = {
    "body": "Text",
    "boilerplate": "About us",
    "cells": "Levels",
    "cta": "Call to action",
    "dateline": "Place and date",
    "faq": "Questions and answers",
    "h1": "Headline",
    "hero": "Opening",
    "holds": "What it holds",
    "items": "Questions",
    "kpis": "What we measure",
    "lead": "Opening paragraph",
    "preheader": "Preview text",
    "raw": "Prompt",
}
# A field of a list, such as "option 2".
_NUMBERED = re.compile(r"(?<![a-z_])([a-z_]++)( \d++)")


@cache
def _load_labels() -> dict[str, dict[str, str]]:
    """Return the labels by their English text, each by language."""
    return tomllib.loads((files("bot.reading") / "labels.toml").read_text(encoding="utf-8"))


def translate_to_all(english: str) -> frozenset[str]:
    """Return a label in all languages it may appear in."""
    return frozenset((english, *_load_labels().get(english, {}).values()))


@cache
def _load_all_labels() -> frozenset[str]:
    """Return all labels in all languages, case-folded."""
    return frozenset(one.casefold() for english in _load_labels() for one in translate_to_all(english))


def is_label(text: str) -> bool:
    """Whether a text is only a label, or one with a number, such as "Verse 2"."""
    return re.sub(r" \d{1,3}$", "", text.strip().rstrip(":").casefold()) in _load_all_labels()


def translate_label(english: str, language: str) -> str:
    """Return a label in a language."""
    return _load_labels().get(english, {}).get(language, english)


def translate_label_around_prompt(english: str, assignment: Assignment) -> str:
    """Return a label for the text around content that is in no human language, such as a prompt."""
    return translate_label(english, assignment.surrounding_language)


def format_part_name(part: str, language: str = "en") -> str:
    """Return what users call a part or a field: "key_terms" becomes "Key terms". A heading written by a writer stays
    unchanged.
    """
    called, number = (found[1], found[2]) if (found := _NUMBERED.fullmatch(part)) else (part, "")
    words = " ".join(re.sub(r"\W+|_", " ", called).split())
    told = _PART_NAMES.get(called, words[:1].upper() + words[1:])
    return f"{translate_label(told, language) if called.islower() else told}{number}"
