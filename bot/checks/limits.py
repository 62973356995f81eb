"""The limits of the places where texts are published: one row of limits.toml each, and those of plugins."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

from personas import plugins

# Languages whose letters are all in GSM-7, https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding.
_GSM_7_LANGUAGES = frozenset({"en", "de", "nl", "sv", "it", "id"})


@dataclass(frozen=True, slots=True)
class Limit:
    """The maximum of a unit that a place accepts in one field; `source` is the reference, `read` the date it was read.

    A limit that is `advice` is not enforced by the place: briefs may ask for more. `accented` is the maximum in languages that
    need more than GSM-7, whose text messages are sent in segments of 70 characters.
    """

    place: str
    field: str
    unit: str
    max: int
    source: str
    read: date
    advice: bool = False
    accented: int | None = None


@cache
def load_limits() -> tuple[Limit, ...]:
    """Load the limits of the file, in its order, then those of plugins."""
    rows = tomllib.loads((files("bot.checks") / "limits.toml").read_text(encoding="utf-8"))["limit"]
    return (*_parse_rows(rows), *chain.from_iterable(plugins.load("limits", _parse_rows).values()))


def _parse_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[Limit, ...]:
    return tuple(Limit(**row) for row in rows)


@cache
def find_limits(place: str, language: str = "") -> tuple[Limit, ...]:
    """Return the limits of a place for texts in a language; empty for a place without limits."""
    limits = (limit for limit in load_limits() if limit.place == place)
    if not language or language in _GSM_7_LANGUAGES:
        return tuple(limits)
    return tuple(replace(limit, max=limit.accented) if limit.accented else limit for limit in limits)
