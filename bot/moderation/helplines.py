"""Where somebody in despair finds help, by where they are: data with its source and date (helplines.toml)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.core import get_global

# What the territory of UTC is called, which is none.
_NOWHERE = "ZZ"


@dataclass(frozen=True, slots=True)
class Country:
    """The help that a country has."""

    lines: tuple[str, ...]
    languages: tuple[str, ...]
    emergency: str
    source: str
    read: date


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads((files("bot.moderation") / "helplines.toml").read_text(encoding="utf-8"))


@cache
def countries() -> Mapping[str, Country]:
    """Every country that is known, by its code of two letters."""
    rows = {code: row for code, row in _table().items() if isinstance(row, dict)}
    return {
        code: Country(tuple(row["lines"]), tuple(row["languages"]), row["emergency"], row["source"], row["read"])
        for code, row in rows.items()
    }


def international() -> str:
    """The address that lists help in every country."""
    return str(_table()["international"])


def region_of(*, locale: str = "", timezone: str = "") -> str:
    """The country that a profile's time zone or locale ("de-AT") names; empty where neither names one."""
    found = get_global("zone_territories").get(timezone.strip()) if timezone else None
    if found and found != _NOWHERE:
        return str(found)
    try:
        territory = Locale.parse(locale.strip().replace("-", "_")).territory or ""
        return territory if territory.isalpha() else ""
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


def lines_for(region: str, language: str) -> list[str]:
    """The lines to call, each with its country where there are several; those of a language where no country is known.

    Of a country that is not in the table it is the international address alone.
    """
    known = countries()
    if region:
        found = [region] if region in known else []
    else:
        found = [code for code, country in known.items() if country.languages[0] == language]
    several = len(found) > 1
    lines = [f"{code} – {line}" if several else line for code in found for line in known[code].lines]
    return [*lines, international()]
