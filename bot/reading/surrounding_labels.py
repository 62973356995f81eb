"""Translates the labels of parts into the language of the text around them, or leaves them in English."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from bot.content import Assignment

# Labels for parts and fields whose names in code are short or technical.
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
# The name of a numbered field, such as "option 2".
_NUMBERED = re.compile(r"(?<![a-z_])([a-z_]++)( \d++)")


@cache
def _load_labels() -> dict[str, dict[str, str]]:
    """Return the translations of each English label, by language."""
    return tomllib.loads((files("bot.reading") / "labels.toml").read_text(encoding="utf-8"))


def translate_to_all(english: str) -> frozenset[str]:
    """Return a label in English and in all languages it is translated into."""
    return frozenset((english, *_load_labels().get(english, {}).values()))


@cache
def _load_all_labels() -> frozenset[str]:
    """Return all labels in all languages, case-folded."""
    return frozenset(label.casefold() for english in _load_labels() for label in translate_to_all(english))


def is_label(text: str) -> bool:
    """Whether a text is a label, with or without a number: "Verse 2"."""
    return re.sub(r" \d{1,3}$", "", text.strip().rstrip(":").casefold()) in _load_all_labels()


def translate_label(english: str, language: str) -> str:
    """Return a label in a language; in English if there is no translation."""
    return _load_labels().get(english, {}).get(language, english)


def translate_label_around_prompt(english: str, assignment: Assignment) -> str:
    """Return a label in the language of the text around a prompt or other content that has no human language."""
    return translate_label(english, assignment.surrounding_language)


def format_part_name(part: str, language: str = "en") -> str:
    """Return the label of a part or field for users: "key_terms" becomes "Key terms". Headings stay unchanged."""
    name, number = (match[1], match[2]) if (match := _NUMBERED.fullmatch(part)) else (part, "")
    spaced = " ".join(re.sub(r"\W+|_", " ", name).split())
    label = _PART_NAMES.get(name, spaced[:1].upper() + spaced[1:])
    return f"{translate_label(label, language) if name.islower() else label}{number}"
