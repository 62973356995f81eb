"""What each place takes, as data: one row of limits.toml a limit."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Limit:
    """The most a place takes of a unit in one field; `source` says who says so, `read` when that was read.

    What is only `advice` is no limit of the place: whoever asks for more gets it.
    """

    place: str
    field: str
    unit: str
    max: int
    source: str
    read: date
    advice: bool = False


@cache
def all_limits() -> tuple[Limit, ...]:
    """Every row, in the file's order."""
    rows = tomllib.loads((files("bot.checks") / "limits.toml").read_text(encoding="utf-8"))["limit"]
    return tuple(Limit(**row) for row in rows)


@cache
def limits_of(place: str) -> tuple[Limit, ...]:
    """The rows of one place; none for a place that has no limits."""
    return tuple(limit for limit in all_limits() if limit.place == place)
