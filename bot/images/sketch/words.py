"""The words by which a prompt's fields tell where things are, as data: words.toml."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

# What may stand before the side that light comes from: "from the", "through a large".
_FROM = r"(?:from|coming from|through|at|on|to)\s+(?:(?:the|a|an|one)\s+)?(?:\w+\s+){0,2}?"


def whole(pattern: str) -> re.Pattern[str]:
    """A pattern that begins and ends where a word does."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w-])", re.IGNORECASE)


@cache
def phrases(name: str) -> re.Pattern[str]:
    """Any phrase of an entry."""
    return whole("|".join(_data()["phrases"][name]))


@cache
def single(name: str) -> frozenset[str]:
    """The single words of an entry."""
    return frozenset(_data()["single"][name].split())


@cache
def lights() -> dict[str, re.Pattern[str]]:
    """What tells the side that light comes from, by the side."""
    return {
        side: re.compile("|".join(listed).replace("<from>", _FROM), re.IGNORECASE)
        for side, listed in _data()["lights"].items()
    }


@cache
def _data() -> dict[str, dict[str, Any]]:
    return tomllib.loads((files(__package__) / "words.toml").read_text(encoding="utf-8"))
