"""Parses the date and time at the beginning of a plan's lines."""

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
# A date without a year that is longer ago than this is next year's.
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
    """Return the date that a text begins with, the time after it ("09:00", or "" without one), and the remaining text.

    Return None if the text begins with no date or with a range of dates.
    """
    head, rest = text[:80], text[80:]
    if (weekday := _WEEKDAY.match(head)) and normalise_name(weekday[1]) in _load_weekdays():
        head = head[weekday.end() :]
    date_and_end = _parse_date(head, today)
    if date_and_end is None:
        return None
    day, end = date_and_end
    after = head[end:]
    if _RANGE_END.match(after):
        return None
    time = _TIME.match(after)
    clock = _format_clock(time) if time and (time[2] or time[3]) else ""
    if clock and time:
        after = after[time.end() :]
    return day, clock, (after + rest).strip(" \t:：,;|–—-)")


def _parse_date(text: str, today: date) -> tuple[date, int] | None:
    """Return the date that a text begins with, and the position after it; None without a date."""
    if match := _ISO.match(text):
        year, month, day = match[1], int(match[2]), int(match[3])
    elif (match := _DAY_FIRST.match(text)) and normalise_name(match[2]) in _load_months():
        year, month, day = match[3], _load_months()[normalise_name(match[2])], int(match[1])
    elif (match := _MONTH_FIRST.match(text)) and normalise_name(match[1]) in _load_months():
        year, month, day = match[3], _load_months()[normalise_name(match[1])], int(match[2])
    elif match := _DOTTED.match(text):
        year, month, day = match[3], int(match[2]), int(match[1])
    else:
        return None
    try:
        result = date(int(year) if year else today.year, month, day)
        if not year and result < today - _MAX_AGE:
            result = result.replace(year=result.year + 1)
    except ValueError:
        return None
    return result, match.end()


def _format_clock(time: re.Match[str]) -> str:
    """Return the time of a match of `_TIME` as "HH:MM"; empty if there is no such time."""
    hour, suffix = int(time[1]), (time[3] or "").casefold()
    hour = hour % 12 + (12 if suffix == "pm" else 0) if suffix in ("am", "pm") else hour
    minute = int(time[2] or 0)
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else ""
