"""How long what is made lasts."""

from __future__ import annotations

import re
from decimal import Decimal

from .items import Brief, Item, item_at
from .portions import shared_duration
from .quantities import Quantity, takes_back
from .reading import Lasting

# Seconds of the units that stand behind a number; fixed phrases, such as "half an hour", end with "min" in the lexicons.
_UNITS = {"0": 1, "1": 60, "60": 3600}
# Items around a duration that may say that it is another: "within 4 hours", "a 10-minute walk".
_BEFORE, _BEHIND = 4, 4
# What is said to last less is a piece of something, where another duration stands behind it.
_MIN_SECONDS = 15
# "1h30" of more hours is a time of day.
_MAX_HOURS = 5


def lasting_of(brief: Brief, items: list[Item], quantities: list[Quantity]) -> Lasting | None:
    """How long it lasts in all, None where nothing says so; the numbers that say it are used then."""
    by_end, first = {one.last: one for one in quantities}, None
    for at in range(len(items)):
        if _is_another(items, at) or shared_duration(items, at, quantities):
            continue
        found = _lasting(brief, items, at, by_end)
        if found is not None and found.seconds >= _MIN_SECONDS:
            found = _corrected(items, at, quantities, found)
            _use_restated(items, at, by_end, found)
            return found
        first = first or found
    return first


def _corrected(items: list[Item], at: int, quantities: list[Quantity], said: Lasting) -> Lasting:
    """The duration that takes the place of one whose unit stands at a place: "45 minutes, no wait, 60"."""
    one = next((one for one in quantities if one.first > at and not one.used), None)
    if one is None or not takes_back(items, at, one):
        return said
    behind = item_at(items, one.last + 1)
    unit = behind if behind.has("time") else items[at]
    if unit.means.get("time") not in _UNITS or (unit is not behind and behind.has("units", "nouns", "own")):
        return said
    one.used = unit.used = True
    seconds = Decimal(str(one.high if one.bound == "range" else one.amount)) * _UNITS[unit.means["time"]]
    return said.model_copy(update={"said": f"{items[one.number].text} {unit.text}", "seconds": seconds})


def _use_restated(items: list[Item], at: int, by_end: dict[int, Quantity], lasting: Lasting) -> None:
    """Uses the numbers behind a place that say a duration again: "an hour-long class (60 minutes)"."""
    for unit in range(at + 1, len(items)):
        one, meaning = by_end.get(unit - 1), items[unit].means.get("time", "")
        if one is not None and meaning in _UNITS and Decimal(str(one.amount)) * _UNITS[meaning] == lasting.seconds:
            one.used = items[unit].used = True


def minutes_of(lasting: Lasting | None) -> int | None:
    """Whole minutes of a duration, one at least; None without one that can be meant."""
    if lasting is None or lasting.seconds < _MIN_SECONDS:
        return None
    return max(1, round(lasting.seconds / 60))


def _is_another(items: list[Item], at: int) -> bool:
    """Whether words around a unit of time say that it is of something else."""
    if items[at].means.get("time", "no") == "no" and items[at].kind != "time":
        return True
    if items[at].kind == "time":
        return False
    before = _before(items, at)
    around = [*before, *items[at + 1 : at + _BEHIND]]
    if any(one.means.get("time") == "no" for one in around):
        return True
    # "A podcast with 1 chapter lasting 30 seconds": what is made has chapters of its own.
    return any(one.has("writer") and not one.has("session", "own") for one in before)


def _before(items: list[Item], at: int) -> list[Item]:
    """The words before a duration whose unit stands at a place, back to another clause or number: "class 6, 50 minutes"."""
    end = at
    while end and (items[end - 1].sort == "number" or items[end - 1].has("to")):
        end -= 1
    start, least = end, max(0, at - _BEFORE)
    while start > least and items[start - 1].sort not in ("stop", "comma", "number"):
        start -= 1
    return items[start:end]


def _lasting(brief: Brief, items: list[Item], at: int, by_end: dict[int, Quantity]) -> Lasting | None:
    """The duration whose unit stands at a place."""
    item = items[at]
    if item.kind == "time" and (seconds := _hours(items, at)):
        item.used = True
        return Lasting(said=item.text, seconds=Decimal(seconds))
    meaning = item.means.get("time", "no")
    if meaning.endswith("min"):
        item.used = True
        more, last = _smaller(items, by_end, at) if meaning in _SMALLER else (0, at)
        if more >= 60 * int(meaning.removesuffix("min")):  # "An hour (60 minutes)" is said twice.
            more, last = 0, at
        said = " ".join(brief.text[item.start : items[last].end].split())
        return Lasting(said=said, seconds=Decimal(60 * int(meaning.removesuffix("min")) + more))
    if item_at(items, at + 1).start == item.end and item_at(items, at + 1).sort == "number":
        return None  # "5 H2 headings"
    one = by_end.get(at - 1 - (item_at(items, at - 1).text == "-")) if meaning in _UNITS else None
    if one is None:
        return None
    value = Decimal(str(one.high if one.bound == "range" else one.amount)) * _UNITS[meaning] * _times(items, one)
    more, last = _smaller(items, by_end, at) if meaning != "0" else (0, at)
    one.used = item.used = True
    said = " ".join(brief.text[items[one.number].start : items[last].end].split())
    value = -value if one.minus else value + more
    return Lasting(said=f"-{said}" if one.minus else said, seconds=value, in_seconds=meaning == "0")


def _hours(items: list[Item], at: int) -> int:
    """The seconds of "1h30", which is a time of day behind a word that says so; 0 for that."""
    said = re.fullmatch(r"(\d{1,2})\s?h(?:rs?\.?)?\s?(\d\d)?(?:\s?min)?", items[at].text.strip(), re.IGNORECASE)
    if said is None or int(said[1]) > _MAX_HOURS or item_at(items, at - 1).has("clock"):
        return 0
    return 3600 * int(said[1]) + 60 * int(said[2] or 0)


def _times(items: list[Item], one: Quantity) -> int:
    """2 of "2 x 40 min"."""
    sign, times = item_at(items, one.first - 1), item_at(items, one.first - 2)
    if sign.text not in ("x", "×", "*") or times.sort != "number":
        return 1
    times.used = True
    return int(times.value) or 1


# The unit that stands behind a larger one.
_WHOLE = 60
_SMALLER = {"60": "1", "60min": "1", "1": "0", "1min": "0"}


def _smaller(items: list[Item], by_end: dict[int, Quantity], at: int) -> tuple[int, int]:
    """The seconds of a smaller unit behind a larger one, and where it stands: "1 hour 30 minutes", "1 minute 30 seconds"."""
    smaller = _SMALLER[items[at].means["time"]]
    for after in (at + 1, at + 2):
        # "An hour (60 minutes)" says it again.
        if after in by_end and by_end[after].high < _WHOLE and item_at(items, after + 1).means.get("time") == smaller:
            by_end[after].used = items[after + 1].used = True
            return by_end[after].high * _UNITS[smaller], after + 1
    return 0, at
