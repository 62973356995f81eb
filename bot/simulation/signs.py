"""Whether a text mentions words: groups of alternatives, where an entry that ends in "*" matches the beginning of a word. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.checks.terms import normalise

# Characters of a text that are read.
MAX_READ = 4_000
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences."""
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence.strip()]


def fold(text: str) -> str:
    """Return a text for matching: without case, accents and double spaces."""
    normalised = unicodedata.normalize("NFD", normalise(text[:MAX_READ]).replace("’", "'"))
    return " ".join("".join(character for character in normalised if not unicodedata.combining(character)).split())


@lru_cache(maxsize=2_000)
def _build_pattern(entry: str) -> re.Pattern[str]:
    word = re.escape(fold(entry.removesuffix("*"))).replace(r"\ ", r"\s")
    return re.compile(rf"(?<!\w){word}" + ("" if entry.endswith("*") else r"(?!\w)"))


def mentions(text: str, group: Sequence[str]) -> bool:
    """Return whether a text contains any entry of a group."""
    normalised = fold(text)
    return any(_build_pattern(entry).search(normalised) for entry in group)


def match_groups(text: str, groups: Sequence[Sequence[str]]) -> list[bool]:
    """Return for each group whether the text mentions it."""
    return [mentions(text, group) for group in groups]


def contains_words(words: str, text: str) -> bool:
    """Return whether a text contains words verbatim, except for case, accents and spaces; false for fewer than two letters."""
    needle = fold(words).strip("\"'“”„«».,;:…!?- ")
    return (
        sum(character.isalnum() for character in needle) > 1
        and re.search(rf"(?<!\w){re.escape(needle)}(?!\w)", fold(text)) is not None
    )
