"""The duration of the result."""

from __future__ import annotations

import re
from decimal import Decimal

from .items import Brief, Item, get_item
from .portions import is_shared_duration
from .quantities import Quantity, is_correction
from .reading import Duration

# Seconds of the units of time; fixed phrases, such as "half an hour", end with "min" in the lexicons.
_UNITS = {"0": 1, "1": 60, "60": 3600}
# Items around a duration that may make it unrelated: "within 4 hours", "a 10-minute walk".
_BEFORE, _AFTER = 4, 4
# A shorter duration is that of a piece if another one follows.
_MIN_SECONDS = 15
# With more hours "1h30" is a time of day.
_MAX_HOURS = 5


def find_duration(brief: Brief, items: list[Item], quantities: list[Quantity]) -> Duration | None:
    """Return the total duration, None if there is none; marks its numbers as used."""
    by_end, first = {one.last: one for one in quantities}, None
    for at in range(len(items)):
        if _is_unrelated(items, at) or is_shared_duration(items, at, quantities):
            continue
        found = _read_duration(brief, items, at, by_end)
        if found is not None and found.seconds >= _MIN_SECONDS:
            found = _apply_correction(items, at, quantities, found)
            _use_restated(items, at, by_end, found)
            return found
        first = first or found
    return first


def _apply_correction(items: list[Item], at: int, quantities: list[Quantity], said: Duration) -> Duration:
    """Return the correction of the duration with its unit at a place: "45 minutes, no wait, 60"."""
    one = next((one for one in quantities if one.first > at and not one.is_used), None)
    if one is None or not is_correction(items, at, one):
        return said
    behind = get_item(items, one.last + 1)
    unit = behind if behind.has("time") else items[at]
    if unit.meanings.get("time") not in _UNITS or (unit is not behind and behind.has("units", "nouns", "own")):
        return said
    one.is_used = unit.is_used = True
    seconds = Decimal(str(one.high if one.bound == "range" else one.amount)) * _UNITS[unit.meanings["time"]]
    return said.model_copy(update={"said": f"{items[one.number_index].text} {unit.text}", "seconds": seconds})


def _use_restated(items: list[Item], at: int, by_end: dict[int, Quantity], lasting: Duration) -> None:
    """Mark numbers that repeat a duration as used: "an hour-long class (60 minutes)"."""
    for unit in range(at + 1, len(items)):
        one, meaning = by_end.get(unit - 1), items[unit].meanings.get("time", "")
        if one is not None and meaning in _UNITS and Decimal(str(one.amount)) * _UNITS[meaning] == lasting.seconds:
            one.is_used = items[unit].is_used = True


def compute_minutes(lasting: Duration | None) -> int | None:
    """Return the whole minutes of a duration, at least one; None without a plausible one."""
    if lasting is None or lasting.seconds < _MIN_SECONDS:
        return None
    return max(1, round(lasting.seconds / 60))


def _is_unrelated(items: list[Item], at: int) -> bool:
    """Whether the words around a unit of time make it that of something else."""
    if items[at].meanings.get("time", "no") == "no" and items[at].kind != "time":
        return True
    if items[at].kind == "time":
        return False
    before = _list_words_before(items, at)
    around = [*before, *items[at + 1 : at + _AFTER]]
    if any(one.meanings.get("time") == "no" for one in around):
        return True
    # "A podcast with 1 chapter lasting 30 seconds": the result has chapters itself.
    return any(one.has("writer") and not one.has("session", "own") for one in before)


def _list_words_before(items: list[Item], at: int) -> list[Item]:
    """Return the words before the duration with its unit at a place, up to another clause or number: "class 6, 50 minutes"."""
    end = at
    while end and (items[end - 1].type == "number" or items[end - 1].has("to")):
        end -= 1
    start, least = end, max(0, at - _BEFORE)
    while start > least and items[start - 1].type not in ("stop", "comma", "number"):
        start -= 1
    return items[start:end]


def _read_duration(brief: Brief, items: list[Item], at: int, by_end: dict[int, Quantity]) -> Duration | None:
    """Return the duration with its unit at a place."""
    item = items[at]
    if item.kind == "time" and (seconds := _read_hours(items, at)):
        item.is_used = True
        return Duration(said=item.text, seconds=Decimal(seconds))
    meaning = item.meanings.get("time", "no")
    if meaning.endswith("min"):
        item.is_used = True
        more, last = _read_smaller_unit(items, by_end, at) if meaning in _SMALLER else (0, at)
        if more >= 60 * int(meaning.removesuffix("min")):  # "An hour (60 minutes)" is a repetition.
            more, last = 0, at
        wording = " ".join(brief.text[item.start : items[last].end].split())
        return Duration(said=wording, seconds=Decimal(60 * int(meaning.removesuffix("min")) + more))
    if get_item(items, at + 1).start == item.end and get_item(items, at + 1).type == "number":
        return None  # "5 H2 headings"
    one = by_end.get(at - 1 - (get_item(items, at - 1).text == "-")) if meaning in _UNITS else None
    if one is None:
        return None
    value = (
        Decimal(str(one.high if one.bound == "range" else one.amount)) * _UNITS[meaning] * _read_multiplier(items, one)
    )
    more, last = _read_smaller_unit(items, by_end, at) if meaning != "0" else (0, at)
    one.is_used = item.is_used = True
    wording = " ".join(brief.text[items[one.number_index].start : items[last].end].split())
    value = -value if one.is_negative else value + more
    return Duration(said=f"-{wording}" if one.is_negative else wording, seconds=value, in_seconds=meaning == "0")


def _read_hours(items: list[Item], at: int) -> int:
    """Return the seconds of "1h30"; 0 if it is a time of day."""
    match = re.fullmatch(r"(\d{1,2})\s?h(?:rs?\.?)?\s?(\d\d)?(?:\s?min)?", items[at].text.strip(), re.IGNORECASE)
    if match is None or int(match[1]) > _MAX_HOURS or get_item(items, at - 1).has("clock"):
        return 0
    return 3600 * int(match[1]) + 60 * int(match[2] or 0)


def _read_multiplier(items: list[Item], one: Quantity) -> int:
    """Return 2 for "2 x 40 min"."""
    sign, times = get_item(items, one.first - 1), get_item(items, one.first - 2)
    if sign.text not in ("x", "×", "*") or times.type != "number":
        return 1
    times.is_used = True
    return int(times.value) or 1


# The size of a unit in the next smaller one, and that unit.
_UNIT_SIZE = 60
_SMALLER = {"60": "1", "60min": "1", "1": "0", "1min": "0"}


def _read_smaller_unit(items: list[Item], by_end: dict[int, Quantity], at: int) -> tuple[int, int]:
    """Return the seconds of a smaller unit after a larger one, with its place: "1 hour 30 minutes", "1 minute 30 seconds"."""
    smaller = _SMALLER[items[at].meanings["time"]]
    for after in (at + 1, at + 2):
        # "An hour (60 minutes)" is a repetition.
        if (
            after in by_end
            and by_end[after].high < _UNIT_SIZE
            and get_item(items, after + 1).meanings.get("time") == smaller
        ):
            by_end[after].is_used = items[after + 1].is_used = True
            return by_end[after].high * _UNITS[smaller], after + 1
    return 0, at
