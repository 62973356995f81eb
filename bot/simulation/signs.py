"""Matches texts against signs: groups of alternative words, of which an entry that ends in "*" matches the beginning of a word.
Pure functions, no I/O.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.checks.terms import normalise

# Longer texts are truncated.
MAX_CHARACTERS = 4_000
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences."""
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]


def fold(text: str) -> str:
    """Normalise a text for matching: remove case, accents and repeated spaces."""
    normalised = unicodedata.normalize("NFD", normalise(text[:MAX_CHARACTERS]).replace("’", "'"))
    return " ".join("".join(character for character in normalised if not unicodedata.combining(character)).split())


@lru_cache(maxsize=2_000)
def _build_pattern(entry: str) -> re.Pattern[str]:
    word = re.escape(fold(entry.removesuffix("*"))).replace(r"\ ", r"\s")
    return re.compile(rf"(?<!\w){word}" + ("" if entry.endswith("*") else r"(?!\w)"))


def mentions(text: str, group: Sequence[str]) -> bool:
    """Whether a text contains any entry of a group."""
    normalised = fold(text)
    return any(_build_pattern(entry).search(normalised) for entry in group)


def match_groups(text: str, groups: Sequence[Sequence[str]]) -> list[bool]:
    """Return for each group whether the text mentions it."""
    return [mentions(text, group) for group in groups]


def contains_quote(quote: str, text: str) -> bool:
    """Whether a text contains a quote, except for case, accents and spaces; false for quotes of fewer than two letters or
    digits.
    """
    needle = fold(quote).strip("\"'“”„«».,;:…!?- ")
    return (
        sum(character.isalnum() for character in needle) > 1
        and re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", fold(text)) is not None
    )
