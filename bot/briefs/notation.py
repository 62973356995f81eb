"""Builds the pattern of figures, such as dates, times, money and measures, with words of the lexicons."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.checks.dates import DAY_MONTH_CONNECTOR, ORDINAL_SUFFIX

# A number with optional grouping and fraction.
_NUMBER = r"(?:\d{1,3}(?:[.,'\ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?)"
# A position that is not within another number.
_START = r"(?<![\d.,:/])"
# A minus sign that is no dash of a range; used only for money, as "-20%" may mean "20% off".
_MINUS = r"(?:(?<![\w)\]\-–.,])-)?"
# Telephone numbers: with a plus, a leading zero or in American groups, and at least seven digits, but not dates.
_PHONE_NUMBER = (
    r"(?<![\w.,:/+-])(?!\d\d[-./]\d\d[-./]\d)(?=(?:[^\d\n]{0,3}\d){7})"
    r"(?:(?:\+\d{1,3}|\(?0\d{1,5}\)?)(?:(?:[ \u00a0-]|\)\ ?|\(0\)|/(?=\d{4})){1,2}\d{2,8}){1,5}"
    r"|(?:1[-. ])?(?:\(\d{3}\)\ ?|\d{3}[-.])\d{3}[-. ]\d{4})(?!\d|[.,:/]\d|\s?[%€£$])"
)
_RATIOS = (
    "1:1",
    "16:9",
    "9:16",
    "4:5",
    "5:4",
    "2:3",
    "3:2",
    "3:4",
    "4:3",
    "21:9",
    "9:21",
    "2:1",
    "1:2",
    "5:7",
    "7:5",
    "1.91:1",
    "3:1",
    "1:3",
    "16:10",
    "10:16",
    "8:10",
    "10:8",
    "9:20",
)
# Ratios that only pictures have; they may be written in words: "16 by 9".
_SPELLED_RATIOS = ("16:9", "9:16", "21:9", "9:21", "16:10", "10:16")
# Digits that are no numbers: the ids of Discord's mentions, and powers of ten such as "1e309".
_DIGITS_IN_CODE = r"<(?:\#|@[!&]?|a?:\w{1,32}:)\d{1,20}>|(?<![\w.,])\d+(?:[.,]\d+)?e[+-]?\d+(?!\w)"
# Units of time: a number before them is a duration, not a size.
_TIME_UNIT = (
    r"-?\s?(?:min|mins|minutes?|minuten|minutos?|minuti|std|stunden?|h|hrs?|hours?|heures?|horas?|ore|jam"
    r"|分|時間|دقيقة|मिनट)\b"
)
_DAY = rf"(?:0?[1-9]|[12]\d|3[01])(?!\d){ORDINAL_SUFFIX}"
# The full stop of an abbreviated month; after a full name it ends a sentence.
_ABBREVIATION_POINT = r"(?:(?<![^\W\d_]{5})(?<!june|july|juni|juli|juin|mayo|maio|mars|märz|août)\.)?"
_RANGE_SEPARATOR = r"\s?(?:-|–|bis|to|au|al|a|and|und|et|y|e|\.?/)\s?"
_YEAR = r"(?:19|20)\d\d\b"
_CURRENCY_SIGNS = r"[$€£¥₹₽]"
_PERCENT_WORDS = (
    "%|٪|percent|per cent|prozent|割|パーセント|pour cent|pourcent"
    "|por ciento|por cento|per cento|persen|प्रतिशत|في المئة|بالمئة"
)
_MULTIPLES = r"(?:k|m|mio|bn|million(?:en)?|ribu|juta|lakh|mil)\b"


def build_figure_pattern(
    months: Iterable[str],
    money: Iterable[str],
    coins: Iterable[str],
    clock: Iterable[str],
    measures: Iterable[str],
    by: Iterable[str],
) -> re.Pattern[str]:
    """Build the pattern of figures in a normalised text; the name of the matched group is the kind of figure.

    Groups: code (a Discord mention, a power of ten), phone, ratio, date, time, money, percent, measure, size ("45 x 40") and
    over ("150/95").
    """
    month, coin, penny, hour, unit, percent = map(
        _build_group, (months, money, coins, clock, measures, _PERCENT_WORDS.split("|"))
    )
    ratio = "|".join(re.escape(ratio).replace(":", r"\s?:\s?") for ratio in sorted(_RATIOS, key=len, reverse=True))
    spelled_ratio = "|".join(ratio.replace(":", rf"\s{_build_group(by)}\s") for ratio in _SPELLED_RATIOS)
    times = rf"{_NUMBER}\s?[x×]\s?{_NUMBER}(?:\s?[x×]\s?{_NUMBER})?"
    return re.compile(
        rf"""
        (?P<code>{_DIGITS_IN_CODE})
        |(?P<phone>{_PHONE_NUMBER})
        |(?P<ratio>{_START}(?:{ratio}|{spelled_ratio})(?![\d:/]|[.,]\d|\s?{hour}))
        |(?P<date>{_START}(?:{_build_date_pattern(month)}))
        |(?P<time>{_START}(?:{_build_time_pattern(hour)}))
        |(?P<money>{_MINUS}(?:{_build_money_pattern(coin, penny)}))
        |(?P<percent>{_START}{_NUMBER}\s?{percent}(?:\s?vol\b\.?)?)
        |(?P<measure>{_START}{_NUMBER}(?:\s?[x×]\s?{_NUMBER}){{0,2}}\s?{unit})
        |(?P<size>{_START}{times}(?![\d:/])(?!\s?{_TIME_UNIT}))
        |(?P<over>{_START}\d{{2,3}}/\d{{2,3}}(?![\d/]))
        """,
        re.VERBOSE,
    )


def _build_date_pattern(month: str) -> str:
    """Build the verbose pattern of dates: "3月4日", "4.-6. Mai", "June 4th, 2027", "2027-06-04", "4.6.", "4/6"."""
    return rf"""
        (?:\d{{4}}年)?\d{{1,2}}月(?:\d{{1,2}}日)?
        |\d{{4}}年
        |{_DAY}(?:{_RANGE_SEPARATOR}{_DAY})?{DAY_MONTH_CONNECTOR}{month}\.?(?:,?\s?(?:de\ |del\ )?{_YEAR})?
        |\b{month}{_ABBREVIATION_POINT}\ (?:{_DAY}(?:{_RANGE_SEPARATOR}{_DAY})?(?!\d|:|[.,]\d|\ ?[x×]\b)(?:,?\ {_YEAR})?|{_YEAR})
        |\d{{4}}-\d\d-\d\d
        |\d{{1,2}}\.\s?\d{{1,2}}\.(?:\s?(?:19|20)\d\d\b|\d\d\b(?![.:]\d))?
        |\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?(?![\d/])(?!\s?(?:hrs?|hours?|h|min|std)\b)
    """


def _build_time_pattern(hour: str) -> str:
    """Build the verbose pattern of times of day: "19:30", "7.30 pm", "19h30", "9 to 5 pm", "7時半"."""
    return rf"""
        \d{{1,2}}:\d\d(?:\s?{hour})?(?:\s?[-–]\s?\d{{1,2}}:\d\d(?:\s?{hour})?)?
        |\d{{1,2}}\.\d\d\s?(?:{hour}|h\b)
        |\d{{1,2}}\s?h(?:\s?[0-5]\d(?:\s?min)?(?![\w:/]))?(?!\w)
        |(?:\d{{1,2}}\s?(?:-|–|bis|to)\s?)?\d{{1,2}}(?:\.\d\d)?\s?{hour}
        |\d{{1,2}}時(?!間)(?:\d{{1,2}}分|半)?
    """


def _build_money_pattern(coin: str, penny: str) -> str:
    """Build the verbose pattern of amounts of money: "€4.50", "rp 20 ribu", "4 euros", "50p"."""
    return rf"""
        (?:(?:r\$|us\$|a\$|c\$|{_CURRENCY_SIGNS})\s?|\b(?:rp|usd|eur|gbp|chf|rs|inr)\.?\s?){_NUMBER}(?:\s?{_MULTIPLES})?
        |{_START}{_NUMBER}\s?(?:{_CURRENCY_SIGNS}|(?:{_MULTIPLES}\s?)?{coin})
        |{_START}(?<!a[-–])(?<!a\ to\ )\d{{1,2}}{penny}(?!\.\w)
    """


def _build_group(words: Iterable[str]) -> str:
    """Build the pattern of any of some words up to a word boundary; without words it never matches."""
    patterns = (
        re.escape(word) + (r"(?![\w²])" if word[-1].isascii() and word[-1].isalnum() else "")
        for word in sorted(filter(None, set(words)), key=len, reverse=True)
    )
    return f"(?:{'|'.join(patterns) or '(?!)'})"
