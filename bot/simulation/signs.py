"""Whether words are said in a text: groups of words, each by any of them; one that ends in "*" is how a word begins. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from bot.checks.terms import normalise

# Characters of a text that are read.
MAX_READ = 4_000
_SENTENCE = re.compile(r"(?<=[.!?…。！？])\s+|\n+")


def sentences(text: str) -> list[str]:
    """The sentences of a text, as they stand in it."""
    return [one.strip() for one in _SENTENCE.split(text) if one.strip()]


def plain(text: str) -> str:
    """A text as words are looked for in it: without case, accents and double blanks."""
    bare = unicodedata.normalize("NFD", normalise(text[:MAX_READ]).replace("’", "'"))
    return " ".join("".join(one for one in bare if not unicodedata.combining(one)).split())


@lru_cache(maxsize=2_000)
def _pattern(entry: str) -> re.Pattern[str]:
    word = re.escape(plain(entry.removesuffix("*"))).replace(r"\ ", r"\s")
    return re.compile(rf"(?<!\w){word}" + ("" if entry.endswith("*") else r"(?!\w)"))


def said(text: str, group: Sequence[str]) -> bool:
    """Whether any entry of a group stands in a text."""
    bare = plain(text)
    return any(_pattern(entry).search(bare) for entry in group)


def found(text: str, groups: Sequence[Sequence[str]]) -> list[bool]:
    """Of each group whether it is said."""
    return [said(text, group) for group in groups]


def stands_in(words: str, text: str) -> bool:
    """Whether words stand in a text as they are, but for case, accents and blanks; at least two letters of them."""
    wanted = plain(words).strip("\"'“”„«».,;:…!?- ")
    return (
        sum(one.isalnum() for one in wanted) > 1
        and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", plain(text)) is not None
    )
