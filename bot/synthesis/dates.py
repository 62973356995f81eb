"""Detects date formats; converts dates to seconds since 1970 and back. A format is one of `strptime`, optionally prefixed
by the language of its month names: "de|%d. %B %Y".
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import islice
from typing import Literal

import numpy as np
from babel.dates import get_month_names

_DAY_FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%d.%m.%y")
_WORDED_DAY_FORMATS = (
    "%b %d %Y",
    "%B %d %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %b %Y",
    "%d %B %Y",
    "%d-%b-%Y",
    "%d. %b %Y",
    "%d. %B %Y",
    "%d de %B de %Y",
)
_TIME_FORMATS = (
    "",
    " %H:%M",
    " %H:%M:%S",
    "T%H:%M:%S",
    "T%H:%M",
    " %H:%M:%S.%f",
    "T%H:%M:%S.%f",
    "T%H:%M:%SZ",
    " %I:%M %p",
    " %I:%M:%S %p",
)
_DATE_FORMATS = tuple(day + time for day in _DAY_FORMATS for time in _TIME_FORMATS)
# Formats with the month as a word.
_WORDED_DATE_FORMATS = tuple(day + time for day in _WORDED_DAY_FORMATS for time in _TIME_FORMATS)
_MONTH_LANGUAGES = ("de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru")
_MONTH_WORD = re.compile(r"[^\W\d_]{3,}\.?")
_MONTH_NAMES = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_EPOCH = datetime.datetime(1970, 1, 1)
# The range in which dates survive a round trip, in seconds since 1970.
FIRST_DAY, LAST_DAY = (
    (datetime.datetime(year, month, month) - _EPOCH).total_seconds() for year, month in ((1000, 1), (9999, 12))
)
# Sample size for detecting the date format of a column.
_MAX_SAMPLED_DATES = 200
_WIDTHS: tuple[tuple[Literal["abbreviated", "wide"], int], ...] = (("abbreviated", 3), ("wide", 99))
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")


def parse_date(cell: str, form: str) -> float:
    """Parse a date into seconds since 1970.

    Raises:
        ValueError: the cell does not match the format.
    """
    return (_parse_datetime(cell, form) - _EPOCH).total_seconds()


def _parse_datetime(cell: str, form: str) -> datetime.datetime:
    language, _, plain = form.rpartition("|")
    if language:
        months = _map_month_names(language)
        cell = _MONTH_WORD.sub(lambda match: months.get(match[0].casefold().rstrip("."), match[0]), cell)
    return datetime.datetime.strptime(cell, plain.replace("%-", "%"))


@cache
def _map_month_names(language: str) -> dict[str, str]:
    """Map the case-folded month names of a language to the English ones, abbreviated names to abbreviated ones."""
    return {
        name.casefold().rstrip("."): _MONTH_NAMES[number - 1][:length]
        for width, length in _WIDTHS
        for context in _CONTEXTS
        for number, name in get_month_names(width, context, language).items()
    }


def list_date_formats(cells: Sequence[str]) -> Iterable[str]:
    """Yield the date formats to try for these cells."""
    words = {word.casefold().rstrip(".") for cell in cells for word in _MONTH_WORD.findall(cell)}
    yield from _DATE_FORMATS
    if words:
        yield from _WORDED_DATE_FORMATS
        for language in _MONTH_LANGUAGES:
            if words.intersection(_map_month_names(language)):
                yield from (f"{language}|{form}" for form in _WORDED_DATE_FORMATS)


def remove_padding(form: str, cells: Iterable[str]) -> str:
    """Return the format without zero padding of days, months or hours if it matches more of the cells."""
    sample = [(cell, parse_date(cell, form)) for cell in islice(cells, _MAX_SAMPLED_DATES)]
    candidates = [form]
    for part in ("%d", "%m", "%I"):
        candidates += [candidate.replace(part, f"%-{part[1]}") for candidate in candidates if part in candidate]
    return max(candidates, key=lambda candidate: sum(format_date(value, candidate) == cell for cell, value in sample))


def is_date(cell: str, form: str) -> bool:
    """Whether a cell is a plausible date in a format."""
    try:
        parsed = _parse_datetime(cell, form)
    except ValueError:
        return False
    form = form.rpartition("|")[2]
    return parsed.year >= 1000 and (form[:2] != "%Y" or len(form) > 6 or 1900 <= parsed.year <= 2100)


def format_date(value: float, form: str) -> str:
    """Format seconds since 1970; "" for NaN."""
    if np.isnan(value):
        return ""
    date = _EPOCH + datetime.timedelta(seconds=float(value))
    language, _, plain = form.rpartition("|")
    # Month names and unpadded numbers of strftime differ between platforms.
    replacements = {
        "%-d": date.day,
        "%-m": date.month,
        "%-I": date.hour % 12 or 12,
        "%p": "AM" if date.hour < 12 else "PM",
    }
    name = _MONTH_NAMES[date.month - 1]
    short_name = name[:3]
    if language:
        short_name, name = (get_month_names(width, "format", language)[date.month] for width, _ in _WIDTHS)
    for part, text in (*replacements.items(), ("%b", short_name), ("%B", name)):
        plain = plain.replace(part, str(text))
    return date.strftime(plain)
