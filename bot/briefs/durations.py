"""How long what is made lasts, in minutes."""

from __future__ import annotations

import re

from .forms import Form
from .items import Item, item_at
from .quantities import Quantity

# Minutes of the units that stand behind a number; fixed phrases, such as "half an hour", end with "min" in the lexicons.
_UNITS = {"0": 1 / 60, "1": 1.0, "60": 60.0}
# Items around a duration that may say that it is another: "within 4 hours", "a 10-minute walk".
_BEFORE, _BEHIND = 4, 4
_LEAST = 0.25
# "1h30" of more hours is a time of day.
_MOST_HOURS = 5


def minutes_of(items: list[Item], quantities: list[Quantity], form: Form) -> int | None:
    """How long it lasts in all, None where nothing says so; the numbers that say it are used then."""
    by_end = {one.last: one for one in quantities}
    for at, item in enumerate(items) if form.lasts else ():
        if item.kind == "time" and (length := _hours(items, at)):
            item.used = True
            return length
        meaning = item.means.get("time", "no")
        around = [*items[max(0, at - _BEFORE) : at], *items[at + 1 : at + _BEHIND]]
        if (
            meaning == "no"
            or any(one.means.get("time") == "no" for one in around)
            or any(one.has("writer") for one in items[max(0, at - _BEFORE) : at])
        ):
            continue
        if meaning.endswith("min"):
            item.used = True
            return int(meaning.removesuffix("min"))
        one = by_end.get(at - 1 - (item_at(items, at - 1).text == "-"))
        if one is None:
            continue
        value = _UNITS[meaning] * (one.high if one.bound == "range" else one.amount) * _times(items, one)
        if meaning == "60":
            value += _minutes_more(items, by_end, at)
        if value >= _LEAST:
            one.used = item.used = True
            return max(1, round(value))
    return None


def _hours(items: list[Item], at: int) -> int:
    """The minutes of "1h30", which is a time of day behind a word that says so; 0 for that."""
    said = re.fullmatch(r"(\d{1,2})\s?h\s?(\d\d)?", items[at].text.strip())
    if said is None or int(said[1]) > _MOST_HOURS or item_at(items, at - 1).has("clock"):
        return 0
    return 60 * int(said[1]) + int(said[2] or 0)


def _times(items: list[Item], one: Quantity) -> int:
    """2 of "2 x 40 min"."""
    sign, times = item_at(items, one.first - 1), item_at(items, one.first - 2)
    if sign.text not in ("x", "×", "*") or times.sort != "number":
        return 1
    times.used = True
    return int(times.value) or 1


def _minutes_more(items: list[Item], by_end: dict[int, Quantity], at: int) -> int:
    """The minutes behind hours: "1 hour 30 minutes"."""
    for after in (at + 1, at + 2):
        if after in by_end and item_at(items, after + 1).means.get("time") == "1":
            by_end[after].used = True
            return by_end[after].high
    return 0
