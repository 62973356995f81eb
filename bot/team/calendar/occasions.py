"""The public holidays of a country by day. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache, lru_cache

from .recurrence import find_next_month

# Languages of the holidays' names if there are none in the reader's language.
_FALLBACK_LANGUAGES = ("en_US", "en")


@cache
def list_countries() -> Sequence[str]:
    """Return the two-letter codes of the countries whose holidays are known."""
    import holidays  # Imported here because it is slow to load.

    return sorted(code for code in holidays.list_supported_countries(include_aliases=False) if len(code) == 2)


def list_holidays(country: str, first_day: date, locale: str) -> dict[date, list[str]]:
    """Return the holidays of a month by day, named in the locale's language, else in English; none for an unknown country."""
    if country not in list_countries():
        return {}
    end = find_next_month(first_day)
    return {day: list(names) for day, names in _load_year(country, first_day.year, locale) if first_day <= day < end}


@lru_cache(maxsize=64)
def _load_year(country: str, year: int, locale: str) -> Sequence[tuple[date, tuple[str, ...]]]:
    import holidays

    languages = holidays.country_holidays(country, years=year).supported_languages
    language = locale.partition("-")[0]
    language_code = next(
        (
            candidate
            for candidate in (*_match_languages(language, languages), *_FALLBACK_LANGUAGES)
            if candidate in languages
        ),
        None,
    )
    country_holidays = holidays.country_holidays(country, years=year, language=language_code)
    return [(day, tuple(country_holidays.get_list(day))) for day in sorted(country_holidays)]


def _match_languages(language: str, languages: Sequence[str]) -> list[str]:
    return [candidate for candidate in languages if candidate.partition("_")[0] == language]
