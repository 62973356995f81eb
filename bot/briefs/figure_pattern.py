"""Builds the pattern of figures, such as dates, times, amounts of money and measures, from the words of the lexicons."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.checks.dates import DAY_MONTH_CONNECTOR, ORDINAL_SUFFIX

# A number with optional grouping and fraction.
_NUMBER = r"(?:\d{1,3}(?:[.,'\ \u00a0\u202f]\d{3})+(?!\d)(?:[.,]\d{1,2}(?!\d))?|\d+(?:[.,]\d+)?)"
# A position that is not within another number.
_NUMBER_START = r"(?<![\d.,:/])"
# A minus sign, not the dash of a range; used only for money, as "-20%" may mean "20% off".
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
_SPELLABLE_RATIOS = ("16:9", "9:16", "21:9", "9:21", "16:10", "10:16")
# Digits that are not read as figures: the ids in Discord's mentions, and scientific notation such as "1e309".
_IGNORED_DIGITS = r"<(?:\#|@[!&]?|a?:\w{1,32}:)\d{1,20}>|(?<![\w.,])\d+(?:[.,]\d+)?e[+-]?\d+(?!\w)"
# Before these units, "3 x 10" is a repeated duration, not a size.
_DURATION_UNIT = (
    r"-?\s?(?:min|mins|minutes?|minuten|minutos?|minuti|std|stunden?|h|hrs?|hours?|heures?|horas?|ore|jam"
    r"|分|時間|دقيقة|मिनट)\b"
)
_DAY = rf"(?:0?[1-9]|[12]\d|3[01])(?!\d){ORDINAL_SUFFIX}"
# The full stop of an abbreviated month; after a full name it ends a sentence.
_ABBREVIATION_STOP = r"(?:(?<![^\W\d_]{5})(?<!june|july|juni|juli|juin|mayo|maio|mars|märz|août)\.)?"
_DAY_SEPARATOR = r"\s?(?:-|–|bis|to|au|al|a|and|und|et|y|e|\.?/)\s?"
_YEAR = r"(?:19|20)\d\d\b"
_CURRENCY_SIGNS = r"[$€£¥₹₽]"
_PERCENT_WORDS = (
    *("%", "٪", "percent", "per cent", "prozent", "割", "パーセント", "pour cent", "pourcent"),
    *("por ciento", "por cento", "per cento", "persen", "प्रतिशत", "في المئة", "بالمئة"),
)
_MULTIPLIER = r"(?:k|m|mio|bn|million(?:en)?|ribu|juta|lakh|mil)\b"


def build_figure_pattern(
    months: Iterable[str],
    currency_words: Iterable[str],
    penny_words: Iterable[str],
    clock_words: Iterable[str],
    unit_words: Iterable[str],
    ratio_words: Iterable[str],
) -> re.Pattern[str]:
    """Build the pattern of figures in a normalised text; a match's `lastgroup` is the kind of figure.

    The kinds are: ignored (a Discord mention, scientific notation), phone, ratio, date, time, money, percent, measure, size
    ("45 x 40") and slashed ("150/95").
    """
    month, clock_word = _build_words_pattern(months), _build_words_pattern(clock_words)
    money = _build_money_pattern(_build_words_pattern(currency_words), _build_words_pattern(penny_words))
    digit_ratios = "|".join(map(re.escape, sorted(_RATIOS, key=len, reverse=True))).replace(":", r"\s?:\s?")
    spelled_ratios = "|".join(_SPELLABLE_RATIOS).replace(":", rf"\s{_build_words_pattern(ratio_words)}\s")
    return re.compile(
        rf"""
        (?P<ignored>{_IGNORED_DIGITS})
        |(?P<phone>{_PHONE_NUMBER})
        |(?P<ratio>{_NUMBER_START}(?:{digit_ratios}|{spelled_ratios})(?![\d:/]|[.,]\d|\s?{clock_word}))
        |(?P<date>{_NUMBER_START}(?:{_build_date_pattern(month)}))
        |(?P<time>{_NUMBER_START}(?:{_build_time_pattern(clock_word)}))
        |(?P<money>{_MINUS}(?:{money}))
        |(?P<percent>{_NUMBER_START}{_NUMBER}\s?{_build_words_pattern(_PERCENT_WORDS)}(?:\s?vol\b\.?)?)
        |(?P<measure>{_NUMBER_START}{_NUMBER}(?:\s?[x×]\s?{_NUMBER}){{0,2}}\s?{_build_words_pattern(unit_words)})
        |(?P<size>{_NUMBER_START}{_NUMBER}(?:\s?[x×]\s?{_NUMBER}){{1,2}}(?![\d:/])(?!\s?{_DURATION_UNIT}))
        |(?P<slashed>{_NUMBER_START}\d{{2,3}}/\d{{2,3}}(?![\d/]))
        """,
        re.VERBOSE,
    )


def _build_date_pattern(month: str) -> str:
    """Build the pattern of dates, for `re.VERBOSE`: "3月4日", "4.-6. Mai", "June 4th, 2027", "2027-06-04", "4.6.", "4/6"."""
    return rf"""
        (?:\d{{4}}年)?\d{{1,2}}月(?:\d{{1,2}}日)?
        |\d{{4}}年
        |{_DAY}(?:{_DAY_SEPARATOR}{_DAY})?{DAY_MONTH_CONNECTOR}{month}\.?(?:,?\s?(?:de\ |del\ )?{_YEAR})?
        |\b{month}{_ABBREVIATION_STOP}\ (?:{_DAY}(?:{_DAY_SEPARATOR}{_DAY})?(?!\d|:|[.,]\d|\ ?[x×]\b)(?:,?\ {_YEAR})?|{_YEAR})
        |\d{{4}}-\d\d-\d\d
        |\d{{1,2}}\.\s?\d{{1,2}}\.(?:\s?{_YEAR}|\d\d\b(?![.:]\d))?
        |\d{{1,2}}/\d{{1,2}}(?:/\d{{2,4}})?(?![\d/])(?!\s?(?:hrs?|hours?|h|min|std)\b)
    """


def _build_time_pattern(clock_word: str) -> str:
    """Build the pattern of times of day, for `re.VERBOSE`: "19:30", "7.30 pm", "19h30", "9 to 5 pm", "7時半"."""
    return rf"""
        \d{{1,2}}:\d\d(?:\s?{clock_word})?(?:\s?[-–]\s?\d{{1,2}}:\d\d(?:\s?{clock_word})?)?
        |\d{{1,2}}\.\d\d\s?(?:{clock_word}|h\b)
        |\d{{1,2}}\s?h(?:\s?[0-5]\d(?:\s?min)?(?![\w:/]))?(?!\w)
        |(?:\d{{1,2}}\s?(?:-|–|bis|to)\s?)?\d{{1,2}}(?:\.\d\d)?\s?{clock_word}
        |\d{{1,2}}時(?!間)(?:\d{{1,2}}分|半)?
    """


def _build_money_pattern(currency_word: str, penny_word: str) -> str:
    """Build the pattern of amounts of money, for `re.VERBOSE`: "€4.50", "rp 20 ribu", "4 euros", "50p", but not the end of "9a-5p"."""
    return rf"""
        (?:(?:r\$|us\$|a\$|c\$|{_CURRENCY_SIGNS})\s?|\b(?:rp|usd|eur|gbp|chf|rs|inr)\.?\s?){_NUMBER}(?:\s?{_MULTIPLIER})?
        |{_NUMBER_START}{_NUMBER}\s?(?:{_CURRENCY_SIGNS}|(?:{_MULTIPLIER}\s?)?{currency_word})
        |{_NUMBER_START}(?<!a[-–])(?<!a\ to\ )\d{{1,2}}{penny_word}(?!\.\w)
    """


def _build_words_pattern(words: Iterable[str]) -> str:
    """Build a pattern that matches any of the words, the longest first; without words it matches nothing."""
    patterns = (
        # An ASCII word ends where the text's word does, and "m" is not "m²".
        re.escape(word) + (r"(?![\w²])" if word[-1].isascii() and word[-1].isalnum() else "")
        for word in sorted(filter(None, set(words)), key=len, reverse=True)
    )
    return f"(?:{'|'.join(patterns) or '(?!)'})"
