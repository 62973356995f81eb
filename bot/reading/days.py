"""Parses the days that lines of a plan begin with. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from bot.checks.dates import load_month_names, load_weekday_names, normalise_name

_LANGUAGES = ("en", "de", "es", "fr", "pt", "it")
_ISO = re.compile(r"\W{0,4}(20\d\d)-(\d{1,2})-(\d{1,2})(?!\d)")
_WEEKDAY = re.compile(r"\W{0,4}([^\W\d_]{2,13})(?:-feira)?\.?,?\s{1,2}")
_DAY_FIRST = re.compile(
    r"\W{0,4}(\d{1,2})(?:st|nd|rd|th|er|[.ºª°])?\s{0,2}(?:of |de |d['’])?\s?([^\W\d_]{3,12})\.?(?:,?\s(?:de |del )?(20\d\d))?(?!\w)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"\W{0,4}([^\W\d_]{3,12})\.?\s(\d{1,2})(?:st|nd|rd|th)?(?![\d:])(?:,?\s(20\d\d))?", re.IGNORECASE
)
_DOTTED = re.compile(r"\W{0,4}(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(20\d\d))?(?!\d)")
_RANGE_END = re.compile(
    r"\s{0,2}(?:to|until|bis|al?|au|à|até|and|und|y|e|et|[–—-])\s{1,2}(?:[^\W\d_]{2,13}\.?,?\s)?\d{1,2}(?![:\d])",
    re.IGNORECASE,
)
_TIME = re.compile(
    r"[\s,;:|–—@-]{0,4}(?:(?:at|um|a las|à|às|ab) )?(\d{1,2})(?:[:.h](\d{2}))?\s?(am|pm|uhr|h)?(?![\w.])", re.IGNORECASE
)
# A day without a year is in the recent past or in the future.
_MAX_AGE = timedelta(days=45)


@cache
def _load_months() -> dict[str, int]:
    return {name: month for language in reversed(_LANGUAGES) for name, month in load_month_names(language).items()}


@cache
def _load_weekdays() -> frozenset[str]:
    return frozenset(
        normalise_name(name) for language in _LANGUAGES for names in load_weekday_names(language) for name in names
    )


def parse_leading_day(text: str, today: date) -> tuple[date, str, str] | None:
    """Return the day a text begins with, the time after it ("09:00" or empty), and the remaining text; None if it begins
    with no day, or with a range of days.
    """
    head, rest = text[:80], text[80:]
    if (named := _WEEKDAY.match(head)) and normalise_name(named[1]) in _load_weekdays():
        head = head[named.end() :]
    found = _parse_date(head, today)
    if found is None:
        return None
    day, behind = found[0], head[found[1] :]
    if _RANGE_END.match(behind):
        return None
    at = _TIME.match(behind)
    clock = _format_clock(at) if at and (at[2] or at[3]) else ""
    if clock and at:
        behind = behind[at.end() :]
    return day, clock, (behind + rest).strip(" \t:：,;|–—-)")


def _parse_date(text: str, today: date) -> tuple[date, int] | None:
    if one := _ISO.match(text):
        year, month, day = one[1], int(one[2]), int(one[3])
    elif (one := _DAY_FIRST.match(text)) and normalise_name(one[2]) in _load_months():
        year, month, day = one[3], _load_months()[normalise_name(one[2])], int(one[1])
    elif (one := _MONTH_FIRST.match(text)) and normalise_name(one[1]) in _load_months():
        year, month, day = one[3], _load_months()[normalise_name(one[1])], int(one[2])
    elif one := _DOTTED.match(text):
        year, month, day = one[3], int(one[2]), int(one[1])
    else:
        return None
    try:
        when = date(int(year) if year else today.year, month, day)
        return (when.replace(year=when.year + 1) if not year and when < today - _MAX_AGE else when), one.end()
    except ValueError:
        return None


def _format_clock(found: re.Match[str]) -> str:
    hour, half = int(found[1]), (found[3] or "").casefold()
    hour = hour % 12 + (12 if half == "pm" else 0) if half in ("am", "pm") else hour
    minute = int(found[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""
