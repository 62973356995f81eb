"""The public holidays of a country, by their days and names. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

from .recurrence import next_month

# Names that come in English where there are none in somebody's language.
_ENGLISH = ("en_US", "en")


@cache
def countries() -> Sequence[str]:
    """The codes, of two letters, of countries whose holidays are known."""
    import holidays  # Only here: it takes a while to load.

    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def occasions(country: str, first: date, locale: str) -> dict[date, list[str]]:
    """The holidays of a month; none for a country that is not known. Their names in the locale's language, else in English."""
    if country not in countries():
        return {}
    end = next_month(first)
    return {day: list(names) for day, names in _year(country, first.year, locale) if first <= day < end}


@lru_cache(maxsize=64)
def _year(country: str, year: int, locale: str) -> Sequence[tuple[date, tuple[str, ...]]]:
    import holidays

    known = holidays.country_holidays(country, years=year).supported_languages
    language = locale.partition("-")[0]
    wanted = next((one for one in (*_in(language, known), *_ENGLISH) if one in known), None)
    found = holidays.country_holidays(country, years=year, language=wanted)
    return [(day, tuple(found.get_list(day))) for day in sorted(found)]


def _in(language: str, known: Sequence[str]) -> list[str]:
    return [one for one in known if one.partition("_")[0] == language]
