"""What a brief says of a campaign: its budget, its days, and what it is for. Pure."""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache

from bot.checks.amounts import AMOUNT, spelled_out, whole_number
from bot.checks.dates import LANGUAGES, any_of, full_month_names

from .dates import dates_in, without_dates
from .lexicon import forms_of
from .phrases import pattern_of
from .subject import trimmed
from .wording import MOST_READ, filled, pattern_in, spoken

_CURRENCY = r"(?:[$€£¥₹]|<campaign.currency>(?!\w))"
# The first that a brief holds counts: what it calls its budget, what there is to spend, then any sum of money.
_BUDGETS = (
    rf"\b<campaign.budget>\b[^\d\n]{{0,20}}?({AMOUNT})",
    rf"({AMOUNT})\s?{_CURRENCY}?\s+<campaign.spend>\b",
    rf"[$€£¥₹]\s?({AMOUNT})",
    rf"\b(?:chf|eur|usd|gbp|fr\.)\s?({AMOUNT})",
    rf"({AMOUNT})\s?{_CURRENCY}",
)
_NO_BUDGET = r"(?<!\w)<campaign.no>\s+<campaign.budget>(?!\w|\s+<campaign.over>)"
# Characters before a day that say whether it is the first one.
_MOST_BEFORE = 60
_BEGINS = r"\b<campaign.begins>\b[^.;]{0,12}$"
# "2 to 29 March" begins on the 2nd.
_RANGED = r"\b([1-9]|[12]\d)(?:st|nd|rd|th|\.)?\s?(?:-|–|to|until|till|bis|au|al?|até)\s?$"
_ORDERED = (
    r"^(?:<campaign.opens>\s+)*(?:<campaign.article>\s+)?(?:[\w-]+[- ]<campaign.weeks>\s+)?(?:<campaign.marketing>\s+)?<campaign.campaign>"
    r"\s*(?:<campaign.plan>\s+)?<campaign.about>(?:\s+|(?<=['’]))"
)
_BEHIND = r"\s+<campaign.on>\s+"
_DIGITS = re.compile(r"\d+")


def budget_of(brief: str) -> int:
    """What a campaign may cost, as the brief says it; 0 where it says nothing, or that there is none."""
    brief = spelled_out(brief[:MOST_READ])
    if pattern_in(brief, _NO_BUDGET).search(brief):
        return 0
    found = next(filter(None, (pattern_in(brief, pattern).search(brief) for pattern in _BUDGETS)), None)
    return whole_number(found[1]) if found else 0


def days_of(brief: str, today: date) -> tuple[date | None, date | None]:
    """The day on which a brief says that it begins, and the last day that it names."""
    dates = dates_in(brief, today)
    first, ranged = pattern_in(brief, _BEGINS), re.compile(_RANGED)
    begins = next((day for day, before in dates if first.search(before[-_MOST_BEFORE:])), None)
    if (
        begins is None
        and dates
        and (found := ranged.search(dates[0][1][-_MOST_BEFORE:]))
        and int(found[1]) < dates[0][0].day
    ):
        begins = dates[0][0].replace(day=int(found[1]))
    return begins, dates[-1][0] if dates else None


def first_monday_of(brief: str, today: date) -> date | None:
    """The first Monday of the month that a brief is for, this year or the next; None where it is for none that is to come."""
    found = _month_pattern(spoken(brief)).search(brief[:MOST_READ])
    month = (
        full_month_names(spoken(brief) if found and found["own"] else "en")[found["month"].casefold()]
        if found
        else today.month
    )
    if month == today.month:
        return None
    first = date(today.year + (month < today.month), month, 1)
    return first + timedelta(days=-first.weekday() % 7)


@cache
def _month_pattern(code: str) -> re.Pattern[str]:
    own = any_of(full_month_names(code)) if code in LANGUAGES else "(?!)"
    named = rf"(?:(?P<own>{own})|{any_of(full_month_names('en'))})"
    return re.compile(rf"\b(?:in|for|during|im|für|en|pour|para|em)\s+(?P<month>{named})(?!\w)(?!\s\d)", re.IGNORECASE)


def campaigned(brief: str, channels: str) -> str:
    """What is advertised: the brief without weeks, budget and channels, which have some forms (phrases.py)."""
    code = spoken(brief)
    plan = "|".join(filter(None, (forms_of(one, "campaign", "beside") for one in dict.fromkeys(("en", code)))))
    form = pattern_of(f"{plan}|{channels}")
    said = re.split(r"(?<=[.!?])\s+|[,;]\s+|\n", brief[:MOST_READ].strip())
    kept = [part for part in said if re.search(r"\w", _DIGITS.sub("", form.sub("", without_dates(part))))]
    behind = filled(rf"{_BEHIND}(?={pattern_of(channels).pattern}).*", code)
    kept = [behind.sub("", part) for part in kept]
    topic = filled(_ORDERED, code).sub("", ", ".join(part.strip(" .") for part in kept))
    return trimmed(topic, " .,:;-")
