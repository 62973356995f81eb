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

# CLDR's territory for time zones of no country, such as UTC.
_NO_COUNTRY = "ZZ"


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
    """Return the country of a profile's time zone or locale ("de-AT"); empty if neither has one. The time zone wins."""
    country = get_global("zone_territories").get(timezone.strip()) if timezone else None
    if country and country != _NO_COUNTRY:
        return str(country)
    try:
        territory = Locale.parse(locale.strip().replace("-", "_")).territory or ""
        return territory if territory.isalpha() else ""
    except (UnknownLocaleError, ValueError, TypeError):
        return ""


def list_help_lines(region: str, language: str) -> list[str]:
    """Return the help lines of a country, or without one of all countries whose first language it is, labelled by country.

    The international address comes last, and is the only one for a country that is not in the table.
    """
    countries = load_countries()
    if region:
        codes = [region] if region in countries else []
    else:
        codes = [code for code, country in countries.items() if country.languages[0] == language]
    needs_label = len(codes) > 1
    lines = [f"{code} – {line}" if needs_label else line for code in codes for line in countries[code].lines]
    return [*lines, find_international_address()]
