"""Help lines by country, with their sources and dates (helplines.toml)."""

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

# The territory of UTC, which is no country.
_NOWHERE = "ZZ"


@dataclass(frozen=True, slots=True)
class CountryHelp:
    """The help lines of a country."""

    lines: tuple[str, ...]
    languages: tuple[str, ...]
    emergency: str
    source: str
    read: date


@cache
def _load_table() -> Mapping[str, Any]:
    return tomllib.loads((files("bot.moderation") / "helplines.toml").read_text(encoding="utf-8"))


@cache
def load_countries() -> Mapping[str, CountryHelp]:
    """Load all countries by their two-letter codes."""
    rows = {code: row for code, row in _load_table().items() if isinstance(row, dict)}
    return {
        code: CountryHelp(tuple(row["lines"]), tuple(row["languages"]), row["emergency"], row["source"], row["read"])
        for code, row in rows.items()
    }


def find_international_address() -> str:
    """Return the address that lists help in every country."""
    return str(_load_table()["international"])


def find_region(*, locale: str = "", timezone: str = "") -> str:
    """Return the country of a profile's time zone or locale ("de-AT"); empty if neither names one."""
    found = get_global("zone_territories").get(timezone.strip()) if timezone else None
    if found and found != _NOWHERE:
        return str(found)
    try:
        territory = Locale.parse(locale.strip().replace("-", "_")).territory or ""
        return territory if territory.isalpha() else ""
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


def list_lines(region: str, language: str) -> list[str]:
    """Return the help lines of a region, or without one those of all countries with the language, labelled if several.

    The international address comes last, and is the only one for a country that is not in the table.
    """
    known = load_countries()
    if region:
        found = [region] if region in known else []
    else:
        found = [code for code, country in known.items() if country.languages[0] == language]
    several = len(found) > 1
    lines = [f"{code} – {line}" if several else line for code in found for line in known[code].lines]
    return [*lines, find_international_address()]
