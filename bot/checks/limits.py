"""What each place takes, as data: one row of limits.toml a limit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

# Languages all of whose letters stand in GSM-7, https://www.twilio.com/docs/glossary/what-is-gsm-7-character-encoding.
_IN_GSM_7 = frozenset({"en", "de", "nl", "sv", "it", "id"})


@dataclass(frozen=True, slots=True)
class Limit:
    """The most a place takes of a unit in one field; `source` says who says so, `read` when that was read.

    What is only `advice` is no limit of the place: whoever asks for more gets it. `accented` is the most in languages that are
    not written in GSM-7 alone, whose text messages are sent in parts of 70 characters.
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
def all_limits() -> tuple[Limit, ...]:
    """Every row, in the file's order."""
    rows = tomllib.loads((files("bot.checks") / "limits.toml").read_text(encoding="utf-8"))["limit"]
    return tuple(Limit(**row) for row in rows)


@cache
def limits_of(place: str, language: str = "") -> tuple[Limit, ...]:
    """The rows of one place, as they are for texts in a language; none for a place that has no limits."""
    rows = (limit for limit in all_limits() if limit.place == place)
    if not language or language in _IN_GSM_7:
        return tuple(rows)
    return tuple(replace(limit, max=limit.accented) if limit.accented else limit for limit in rows)
