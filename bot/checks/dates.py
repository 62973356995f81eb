"""Names of days and months as people write them, in ten languages, and how a day of a month is written. Pure; names by CLDR."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from babel.dates import get_day_names, get_month_names

LANGUAGES = ("en", "de", "es", "fr", "pt", "it", "hi", "id", "ar", "ja")
# What people write beside CLDR's names.
_MORE_DAYS = {
    "en": {"tues": 1, "weds": 2, "thur": 3, "thurs": 3}, "de": {"sonnabend": 5},
    "pt": {"segunda": 0, "terça": 1, "quarta": 2, "quinta": 3, "sexta": 4},
    "ar": {"الإثنين": 0, "الاربعاء": 2, "الاحد": 6}, "hi": {"बृहस्पतिवार": 3, "इतवार": 6}, "id": {"jum'at": 4, "ahad": 6},
}  # fmt: skip
_MORE_MONTHS = {
    "en": {"sept": 9}, "de": {"jänner": 1, "feber": 2}, "es": {"setiembre": 9}, "hi": {"फरवरी": 2, "अक्तूबर": 10, "सितम्बर": 9},
    "ar": {"ابريل": 4, "اغسطس": 8, "اكتوبر": 10}, "id": {"nopember": 11, "pebruari": 2},
}  # fmt: skip
# How months begin in five languages, whatever they are short for.
_STEMS = (
    "jan ene feb fév fev mar mär apr abr avr mai may jun jui jul aug ago aoû sep set oct okt out nov dec dez dic déc"
)
MONTH = rf"(?:{_STEMS.replace(' ', '|')})[^\W\d_]{{0,8}}"
# Behind the number of a day, such as "3rd", "1er", "3."; and between it and its month.
NTH = r"(?:st|nd|rd|th|er|re|[.ºª°])?"
OF = r"\s?(?:of[ ]|de[ ]|di[ ]|d['’])?"


@cache
def day_names(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """The names of days in full and short, in lower case and without points, with their numbers, 0 for Monday."""
    full, short = (
        {bare(name): day for day, name in get_day_names(width, locale=language).items()}
        for width in ("wide", "abbreviated")
    )
    more = _MORE_DAYS.get(language, {})
    if language == "ja":
        return full, {}
    return full | more, {name: day for name, day in short.items() if name not in full}


@cache
def month_names(language: str) -> dict[str, int]:
    """The names of months in full and short, in lower case and without points, with their numbers."""
    short = {bare(name): month for month, name in get_month_names("abbreviated", locale=language).items()}
    return short | full_month_names(language) | _MORE_MONTHS.get(language, {})


@cache
def full_month_names(language: str) -> dict[str, int]:
    """CLDR's names of months in full, in lower case."""
    return {bare(name): month for month, name in get_month_names("wide", locale=language).items()}


def bare(name: str) -> str:
    """A name as it is looked up: in lower case, without the point of a short one."""
    return name.casefold().rstrip(".॰")


def any_of(names: Iterable[str]) -> str:
    """The part of a pattern that is one of some names, the longest first."""
    return "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))


@cache
def _all_day_names() -> dict[str, int]:
    return {name: day for language in LANGUAGES for name, day in day_names(language)[0].items()}


def weekday_of(name: str) -> int | None:
    """The day of the week that a name in full is of, 0 for Monday, in the plural or before an evening too; None for what is none."""
    full = _all_day_names()
    plain = bare(name.strip().removesuffix("’s").removesuffix("'s"))
    if (day := full.get(plain, full.get(plain.removesuffix("s")))) is not None:
        return day
    # German writes in one what it is the day of: "Donnerstagabend".
    return next((day for known, day in day_names("de")[0].items() if plain.startswith(known)), None)
