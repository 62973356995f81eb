"""What a brief says of a campaign: its budget, its days, and what it is for. Pure."""

from __future__ import annotations

import re
from datetime import date

from bot.checks.amounts import AMOUNT, spelled_out, whole_number

from .dates import dates_in, without_dates
from .matter import MOST_READ, trimmed
from .phrases import pattern_of

_CURRENCY = r"(?:[$€£¥₹]|(?:chf|eur|euros?|usd|dollars?|gbp|pounds?|sek|nok|dkk|pln|brl|inr|rupees?|francs?|franken|fr\.)(?!\w))"
# The first that a brief holds counts: what it calls its budget, what there is to spend, then any sum of money.
_BUDGETS = (
    re.compile(rf"\b(?:budget|etat|presupuesto|orçamento)\b[^\d\n]{{0,20}}?({AMOUNT})", re.IGNORECASE),
    re.compile(rf"({AMOUNT})\s?{_CURRENCY}?\s+(?:budget|to spend)\b", re.IGNORECASE),
    re.compile(rf"[$€£¥₹]\s?({AMOUNT})", re.IGNORECASE),
    re.compile(rf"\b(?:chf|eur|usd|gbp|fr\.)\s?({AMOUNT})", re.IGNORECASE),
    re.compile(rf"({AMOUNT})\s?{_CURRENCY}", re.IGNORECASE),
)
# Characters before a day that say whether it is the first one.
_MOST_BEFORE = 60
_BEGINS = re.compile(r"\b(?:from|start\w*|begin\w*|launch\w*|kick[- ]?off)\b[^.;]{0,12}$", re.IGNORECASE)
_ORDERED = re.compile(
    r"^(?:please\s+|plan\s+|make\s+|write\s+)*(?:an?\s+|the\s+)?(?:[\w-]+[- ]weeks?\s+)?(?:marketing\s+)?(?:campaign|plan)\s*"
    r"(?:plan\s+)?(?:to|for|on|about|:)\s+",
    re.IGNORECASE,
)
# Words of a part of a brief that is only about the plan.
_PLAN = (
    "budget(s)|kpi(s)|metrics|plan(s)|weekly|week(s)|calendar|channel(s)|euro(s)|dollar(s)|pound(s)|currency|with|and|on|via|by|in|my"
    "|from"
)
_DIGITS = re.compile(r"\d+")


def budget_of(brief: str) -> int:
    """What a campaign may cost, as the brief says it; 0 where it says nothing."""
    brief = spelled_out(brief[:MOST_READ])
    found = next(filter(None, (pattern.search(brief) for pattern in _BUDGETS)), None)
    return whole_number(found[1]) if found else 0


def days_of(brief: str, today: date) -> tuple[date | None, date | None]:
    """The day on which a brief says that it begins, and the last day that it names."""
    dates = dates_in(brief, today)
    begins = next((day for day, before in dates if _BEGINS.search(before[-_MOST_BEFORE:])), None)
    return begins, dates[-1][0] if dates else None


def campaigned(brief: str, channels: str) -> str:
    """What is advertised: the brief without weeks, budget and channels, which have some forms (phrases.py)."""
    form = pattern_of(f"{_PLAN}|{channels}")
    said = re.split(r"(?<=[.!?])\s+|[,;]\s+|\n", brief[:MOST_READ].strip())
    kept = [part for part in said if re.search(r"\w", _DIGITS.sub("", form.sub("", without_dates(part))))]
    behind = re.compile(rf"\s+(?:on|via|by|through)\s+(?={pattern_of(channels).pattern}).*", re.IGNORECASE)
    kept = [behind.sub("", part) for part in kept]
    topic = _ORDERED.sub("", ", ".join(part.strip(" .") for part in kept))
    return trimmed(topic, " .,:;-")
