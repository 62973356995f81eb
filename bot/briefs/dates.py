"""Days that a brief names. Pure."""

from __future__ import annotations

import re
from datetime import date
from functools import cache

from bot.checks.dates import LANGUAGES, MONTH, bare, month_names

from .wording import EVERY, MOST_READ, filled, spoken

# English months by how they begin, and those of another language by their names.
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTHS)})[a-z]*"
_NTH = r"(?:st|nd|rd|th|er|re|º|ª)?\.?"

# Until when a text may not be printed: the words behind it up to the end of their clause, with the point of "6. Mai".
_EMBARGO = (
    r"(?<!\w)<embargo.embargo>\W{0,3}(?:<embargo.until>(?!\w))?"
    rf"\s?(?P<until>(?:[^.,;:()\n]|(?<=\d)[.:](?=\d|\s?{MONTH})){{3,50}})"
)


@cache
def _pattern(code: str) -> re.Pattern[str]:
    """The pattern of a day of the year in one language, and in English."""
    names = sorted((*_names(code),), key=len, reverse=True)
    month = rf"(?:(?:{'|'.join(map(re.escape, names))})(?!\w)|{_MONTH})" if names else _MONTH
    return re.compile(
        r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"
        rf"|\b(?P<day>\d{{1,2}}){_NTH}(?:\s+(?:of|de))?\s+(?P<month>{month})\b(?:(?:,|\s+de|\s+del)?\s+(?P<year>20\d\d))?"
        rf"|\b(?P<month2>{month})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>20\d\d))?",
        re.IGNORECASE,
    )


def _names(code: str) -> dict[str, int]:
    return month_names(code) if code != "en" and code in LANGUAGES else {}


def _number(name: str, code: str) -> int:
    """The number of a month, from 1."""
    known = _names(code).get(bare(name))
    return known or _MONTHS.index(name[:3].casefold()) + 1


def dates_in(text: str, today: date) -> list[tuple[date, str]]:
    """The days that a text names, each with the words before it; a day without its year is the next one from today."""
    text = text[:MOST_READ]
    code = spoken(text)
    found = []
    for one in _pattern(code).finditer(text):
        named = one["month"] or one["month2"]
        month = int(one["m"]) if one["m"] else _number(named, code)
        year, day = one["y"] or one["year"] or one["year2"], int(one["d"] or one["day"] or one["day2"])
        try:
            when = date(int(year) if year else today.year, month, day)
            if not year and when < today:
                when = date(today.year + 1, month, day)
        except ValueError:
            continue
        found.append((when, text[: one.start()]))
    return found


def without_dates(text: str) -> str:
    """The text without the days that it names."""
    return _pattern(spoken(text)).sub(" ", text)


def embargo_in(brief: str) -> str:
    """The words for the moment until which a brief has its text kept back: "6 May 00:01"; empty where it names none."""
    found = filled(_EMBARGO, EVERY).search(brief[:MOST_READ])
    until = found["until"].strip() if found else ""
    return until if any(map(str.isdigit, until)) else ""
