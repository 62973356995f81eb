"""Finds the duration that a brief asks for."""

from __future__ import annotations

import re
from decimal import Decimal

from .items import Brief, Item, get_item
from .portions import is_shared_duration
from .quantities import Quantity, is_correction
from .reading import Duration

# The seconds of each unit of time, which the lexicons name by its minutes. The names of fixed phrases, such as "half an
# hour", are their minutes with the suffix "min".
_UNIT_SECONDS = {"0": 1, "1": 60, "60": 3600}
# The maximum numbers of items around a duration that may make it unrelated: "within 4 hours", "a 10-minute walk".
_MAX_ITEMS_BEFORE, _MAX_ITEMS_AFTER = 4, 4
# A shorter duration counts only if no longer one follows: it is probably that of a piece.
_MIN_SECONDS = 15
# With more hours "1h30" is a time of day.
_MAX_HOURS = 5


def find_duration(brief: Brief, items: list[Item], quantities: list[Quantity]) -> Duration | None:
    """Return the total duration, None if there is none; mark its numbers as used."""
    quantity_by_end = {quantity.last: quantity for quantity in quantities}
    first = None
    for index in range(len(items)):
        if _is_unrelated(items, index) or is_shared_duration(items, index, quantities):
            continue
        duration = _read_duration(brief, items, index, quantity_by_end)
        if duration is not None and duration.seconds >= _MIN_SECONDS:
            duration = _apply_correction(items, index, quantities, duration)
            _use_restated(items, index, quantity_by_end, duration)
            return duration
        first = first or duration
    return first


def _apply_correction(items: list[Item], index: int, quantities: list[Quantity], duration: Duration) -> Duration:
    """Return a duration, whose unit is at an index, as corrected after it: "45 minutes, no wait, 60"."""
    quantity = next((quantity for quantity in quantities if quantity.first > index and not quantity.is_used), None)
    if quantity is None or not is_correction(items, index, quantity):
        return duration
    following = get_item(items, quantity.last + 1)
    unit = following if following.has("time") else items[index]
    counts_other = unit is not following and following.has("units", "nouns", "own")
    if unit.meanings.get("time") not in _UNIT_SECONDS or counts_other:
        return duration
    quantity.is_used = unit.is_used = True
    return duration.model_copy(
        update={
            "said": f"{items[quantity.number_index].text} {unit.text}",
            "seconds": _get_amount(quantity) * _UNIT_SECONDS[unit.meanings["time"]],
        }
    )


def _get_amount(quantity: Quantity) -> Decimal:
    """Return the amount of a quantity, the upper end of a range."""
    return Decimal(str(quantity.high if quantity.bound == "range" else quantity.amount))


def _use_restated(items: list[Item], index: int, quantity_by_end: dict[int, Quantity], duration: Duration) -> None:
    """Mark numbers that repeat a duration, whose unit is at an index, as used: "an hour-long class (60 minutes)"."""
    for unit_index in range(index + 1, len(items)):
        quantity, unit = quantity_by_end.get(unit_index - 1), items[unit_index].meanings.get("time", "")
        if quantity is None or unit not in _UNIT_SECONDS:
            continue
        if Decimal(str(quantity.amount)) * _UNIT_SECONDS[unit] == duration.seconds:
            quantity.is_used = items[unit_index].is_used = True


def compute_minutes(duration: Duration | None) -> int | None:
    """Return the minutes of a duration, rounded, at least one; None without a plausible duration."""
    if duration is None or duration.seconds < _MIN_SECONDS:
        return None
    return max(1, round(duration.seconds / 60))


def _is_unrelated(items: list[Item], index: int) -> bool:
    """Whether an item is no unit or expression of time, or words around it make it that of something else."""
    if items[index].meanings.get("time", "no") == "no" and items[index].kind != "time":
        return True
    if items[index].kind == "time":
        return False
    before = _list_words_before(items, index)
    nearby_items = [*before, *items[index + 1 : index + _MAX_ITEMS_AFTER]]
    if any(item.meanings.get("time") == "no" for item in nearby_items):
        return True
    # "A podcast with 1 chapter lasting 30 seconds": the result has chapters itself.
    return any(item.has("writer") and not item.has("session", "own") for item in before)


def _list_words_before(items: list[Item], index: int) -> list[Item]:
    """Return the words before the duration with its unit at an index, up to another clause or number."""
    end = index
    while end and (items[end - 1].type == "number" or items[end - 1].has("to")):
        end -= 1
    start, min_start = end, max(0, index - _MAX_ITEMS_BEFORE)
    while start > min_start and items[start - 1].type not in ("stop", "comma", "number"):
        start -= 1
    return items[start:end]


def _read_duration(
    brief: Brief, items: list[Item], index: int, quantity_by_end: dict[int, Quantity]
) -> Duration | None:
    """Return the duration whose unit or expression is at an index; mark its items as used."""
    item = items[index]
    if item.kind == "time" and (whole_seconds := _read_hours(items, index)):
        item.is_used = True
        return Duration(said=item.text, seconds=Decimal(whole_seconds))
    unit = item.meanings.get("time", "no")
    if unit.endswith("min"):
        item.is_used = True
        minutes = int(unit.removesuffix("min"))
        rest, last = _read_smaller_unit(items, quantity_by_end, index) if unit in _SMALLER_UNITS else (0, index)
        if rest >= 60 * minutes:  # "An hour (60 minutes)" is a repetition.
            rest, last = 0, index
        wording = " ".join(brief.text[item.start : items[last].end].split())
        return Duration(said=wording, seconds=Decimal(60 * minutes + rest))
    following = get_item(items, index + 1)
    if following.start == item.end and following.type == "number":
        return None  # "5 H2 headings"
    number_end = index - 1 - (get_item(items, index - 1).text == "-")
    quantity = quantity_by_end.get(number_end) if unit in _UNIT_SECONDS else None
    if quantity is None:
        return None
    seconds = _get_amount(quantity) * _UNIT_SECONDS[unit] * _read_multiplier(items, quantity)
    rest, last = _read_smaller_unit(items, quantity_by_end, index) if unit != "0" else (0, index)
    quantity.is_used = item.is_used = True
    wording = " ".join(brief.text[items[quantity.number_index].start : items[last].end].split())
    if quantity.is_negative:
        return Duration(said=f"-{wording}", seconds=-seconds, in_seconds=unit == "0")
    return Duration(said=wording, seconds=seconds + rest, in_seconds=unit == "0")


def _read_hours(items: list[Item], index: int) -> int:
    """Return the seconds of an expression such as "1h30"; 0 if it is a time of day."""
    match = re.fullmatch(r"(\d{1,2})\s?h(?:rs?\.?)?\s?(\d\d)?(?:\s?min)?", items[index].text.strip(), re.IGNORECASE)
    if match is None or int(match[1]) > _MAX_HOURS or get_item(items, index - 1).has("clock"):
        return 0
    return 3600 * int(match[1]) + 60 * int(match[2] or 0)


def _read_multiplier(items: list[Item], quantity: Quantity) -> int:
    """Return the number before a multiplication sign, such as 2 for "2 x 40 min"; 1 without one."""
    sign, multiplier = get_item(items, quantity.first - 1), get_item(items, quantity.first - 2)
    if sign.text not in ("x", "×", "*") or multiplier.type != "number":
        return 1
    multiplier.is_used = True
    return int(multiplier.value) or 1


# The next smaller unit of each unit, and how many of those it has.
_SMALLER_PER_UNIT = 60
_SMALLER_UNITS = {"60": "1", "60min": "1", "1": "0", "1min": "0"}


def _read_smaller_unit(items: list[Item], quantity_by_end: dict[int, Quantity], index: int) -> tuple[int, int]:
    """Return the seconds in a smaller unit after the unit at an index, and the last index: "1 hour 30 minutes"."""
    smaller = _SMALLER_UNITS[items[index].meanings["time"]]
    for after in (index + 1, index + 2):
        quantity = quantity_by_end.get(after)
        unit = get_item(items, after + 1)
        # "An hour (60 minutes)" is a repetition.
        if quantity is not None and quantity.high < _SMALLER_PER_UNIT and unit.meanings.get("time") == smaller:
            quantity.is_used = unit.is_used = True
            return quantity.high * _UNIT_SECONDS[smaller], after + 1
    return 0, index
