"""The names of weekdays and months in ten languages, from CLDR, and patterns for dates such as "3rd of May"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "hi", "id", "ar", "ja")
# Common spellings besides CLDR's names.
_MORE_WEEKDAYS = {
    "en": {"tues": 1, "weds": 2, "thur": 3, "thurs": 3},
    "de": {"sonnabend": 5},
    "pt": {"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4},
    "ar": {"الإثنين": 0, "الاربعاء": 2, "الاحد": 6},
    "hi": {"बृहस्पतिवार": 3, "इतवार": 6},
    "id": {"jum'at": 4, "ahad": 6},
}
_MORE_MONTHS = {
    "en": {"sept": 9},
    "de": {"jänner": 1, "feber": 2},
    "es": {"setiembre": 9},
    "hi": {"फरवरी": 2, "अक्तूबर": 10, "सितम्बर": 9},
    "ar": {"ابريل": 4, "اغسطس": 8, "اكتوبر": 10},
    "id": {"nopember": 11, "pebruari": 2},
}
# The beginnings of full and abbreviated month names in five languages.
_MONTH_PREFIXES = (
    "jan ene feb fév fev mar mär apr abr avr mai may jun jui jul aug ago aoû sep set oct okt out nov dec dez dic déc"
)
MONTH = rf"(?:{_MONTH_PREFIXES.replace(' ', '|')})[^\W\d_]{{0,8}}"
# The suffix of a day's number, as in "3rd", "1er", "3."; and the connector to its month.
ORDINAL_SUFFIX = r"(?:st|nd|rd|th|er|re|[.ºª°])?"
DAY_MONTH_CONNECTOR = r"\s?(?:of[ ]|de[ ]|di[ ]|d['’])?"


@cache
def load_weekday_names(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Return the full and the abbreviated weekday names, in lower case without full stops, mapped to 0 (Monday) to 6."""
    full_names, short_names = (
        {normalise_name(name): day for day, name in get_day_names(width, locale=language).items()}
        for width in ("wide", "abbreviated")
    )
    if language == "ja":  # The abbreviated names are single characters of many other words.
        return full_names, {}
    distinct_short_names = {name: day for name, day in short_names.items() if name not in full_names}
    return full_names | _MORE_WEEKDAYS.get(language, {}), distinct_short_names


@cache
def load_month_names(language: str) -> dict[str, int]:
    """Return the full and abbreviated names of months, in lower case without full stops, mapped to 1 to 12."""
    short_names = {
        normalise_name(name): month for month, name in get_month_names("abbreviated", locale=language).items()
    }
    return short_names | _load_full_month_names(language) | _MORE_MONTHS.get(language, {})


@cache
def _load_full_month_names(language: str) -> dict[str, int]:
    """Return CLDR's full names of months, in lower case, mapped to 1 to 12."""
    return {normalise_name(name): month for month, name in get_month_names("wide", locale=language).items()}


def normalise_name(name: str) -> str:
    """Normalise a name for lookup: lower case, without the full stop of an abbreviation."""
    return name.casefold().rstrip(".॰")


def build_alternatives(names: Iterable[str]) -> str:
    """Build a pattern of alternative names, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@cache
def _load_all_weekday_names() -> dict[str, int]:
    """Load the full weekday names of all languages."""
    return {name: day for language in LANGUAGES for name, day in load_weekday_names(language)[0].items()}


def find_weekday(name: str) -> int | None:
    """Return the weekday for a full name, 0 for Monday, also in the plural or a German compound; None for other words."""
    weekdays = _load_all_weekday_names()
    plain = normalise_name(name.strip().removesuffix("’s").removesuffix("'s"))
    if (day := weekdays.get(plain, weekdays.get(plain.removesuffix("s")))) is not None:
        return day
    # German compounds: "Donnerstagabend".
    return next((day for weekday, day in load_weekday_names("de")[0].items() if plain.startswith(weekday)), None)
