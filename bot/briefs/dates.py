"""Days that a brief names. Pure."""

from __future__ import annotations

import re
from datetime import date

from .matter import MOST_READ

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?:\s+of)?\s+(?P<month>{_MONTH})\b(?:,?\s+(?P<year>20\d\d))?"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>20\d\d))?",
    re.IGNORECASE,
)


def dates_in(text: str, today: date) -> list[tuple[date, str]]:
    """The days that a text names, each with the words before it; a day without its year is the next one from today."""
    text = text[:MOST_READ]
    found = []
    for one in _DATE.finditer(text):
        named = one["month"] or one["month2"]
        month = int(one["m"]) if one["m"] else _MONTHS.index(named[:3].casefold()) + 1
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
    return _DATE.sub(" ", text)
