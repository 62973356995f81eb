"""Numbers with their bounds: "at most 60", "4 to 6", "between 25 and 30", "about 300", "10+"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .items import Item, clause, has_second, item_at

Bound = Literal["", "most", "least", "about", "exactly", "range"]
_BOUNDS: tuple[Bound, ...] = ("most", "least", "about", "exactly")
_AFTER = ("most.after", "least.after")
_AFTER_ALL = (*_AFTER, "about.after", "exactly.after")
# What stands behind "4" that is written for "for".
_SOUNDS = frozenset({"my", "our", "the", "u", "ur", "you", "your", "me", "a", "all", "us"})
_MINUS = frozenset("-−–")
# Small words that may stand between a bound and its number.
_BETWEEN_WORDS = 3
# Words for fewer that a negation turns round.
_BELOW = frozenset({"below", "under", "less than", "fewer than", "shorter than", "smaller than"})
# Items between a number and the one that takes its place, and what "no" stands between there.
_MAX_CORRECTING = 8
_SIGNS = ("stop", "comma")
_NO = frozenset(["no", "nein", "non", "não", "nao"])
# Items before "more than" that may deny it.
_DENIAL = 7
# Words that tell what happens to a text that is too long, at the least.
_MIN_THREAT = 2


@dataclass(slots=True)
class Quantity:
    """A number, or two, with what bounds it; `first` and `last` are places in the list of items, bounds included.

    `kept`: an order keeps something to it, which is an upper bound unless words behind it make it a rough one.
    """

    first: int
    last: int
    number: int
    low: int
    high: int
    bound: Bound = ""
    used: bool = False
    amount: float = 0
    minus: bool = False
    kept: bool = False

    @property
    def whole(self) -> bool:
        """Whether it is no fraction."""
        return self.amount == int(self.amount)

    def take(self, bound: Bound) -> None:
        """Lets a word decide what the number is, where none has yet."""
        rough = self.kept and self.bound == "most" and bound == "about"  # "Keep it to 80 words or so."
        if rough or self.bound in ("", "exactly") or (self.bound == "about" and bound != "about"):
            self.bound = bound


def quantities_of(items: list[Item]) -> list[Quantity]:
    """Every number of the items that may count something, in order."""
    found: list[Quantity] = []
    at = 0
    while at < len(items):
        if (
            items[at].sort != "number"
            or items[at].kind == "ordinal"
            or items[at].used
            or _is_glued(items, at)
            or _is_sound(items, at)
        ):
            at += 1
            continue
        value, last = _value(items, at)
        one = Quantity(at, last, at, int(value), int(value), amount=value, minus=_is_minus(items, at))
        _lengthened(items, one)
        _bounded_before(items, one, found)
        _bounded_after(items, one, one.last)
        found.append(one)
        at = one.last + 1
    return _merged(items, found)


def _is_minus(items: list[Item], at: int) -> bool:
    """Whether a sign stands before a number that makes it negative: no dash of a range, a word or a list."""
    sign, before = item_at(items, at - 1), item_at(items, at - 2)
    if sign.text.casefold() == "minus":
        return True
    return sign.text in _MINUS and sign.end == items[at].start and sign.start != before.end and before.sort != "number"


def _is_sound(items: list[Item], at: int) -> bool:
    """Whether a digit is written for a word: "a post 4 my studio", "2 u"."""
    return items[at].text in ("2", "4") and at + 1 < len(items) and items[at + 1].text.casefold() in _SOUNDS


def _is_glued(items: list[Item], at: int) -> bool:
    """Whether a number is the end of a word, such as a code or a paper size."""
    before = items[at - 1] if at else None
    if before is None or before.end != items[at].start or not items[at].text[:1].isdigit():
        return False
    return before.sort == "word" and before.text.isascii() and before.text.isalpha() and before.text not in ("x", "X")


def _value(items: list[Item], at: int) -> tuple[float, int]:
    """The number at a place, with a multiple or a fraction behind it, and where it ends."""
    value, last = items[at].value, at
    if last + 1 < len(items) and "times" in items[last + 1].means:
        value, last = value * int(items[last + 1].means["times"]), last + 1
    elif (
        last + 3 < len(items) and items[last + 2].text == "/" and items[last + 1].value in (1, 3) and items[last + 3].value in (2, 4)
        and items[last + 1].sort == items[last + 3].sort == "number"
    ):  # fmt: skip
        value, last = value + items[last + 1].value / items[last + 3].value, last + 3
    return value, last


def _lengthened(items: list[Item], one: Quantity) -> None:
    """Takes the second number of a range with it."""
    after = one.last + 1
    if has_second(items, after):
        one.high, one.bound, items[after + 2].used = 2, "range", True
        return
    if [item_at(items, place).text for place in (after, after + 2)] == ["-", "-"]:
        after += 1  # "a 600-to-700-word piece"
        if items[after].has("to") and item_at(items, after + 2).sort == "number":
            value, last = _value(items, after + 2)
            one.low, one.high = sorted((one.low, int(value)))
            one.last, one.bound = last, "range"
        return
    if (
        after + 1 >= len(items)
        or not items[after].has("to")
        or items[after + 1].sort != "number"
        or items[after + 1].kind
    ):
        return
    value, last = _value(items, after + 1)
    if value == one.low:
        return
    only_between = items[after].means["to"] == "and"
    if only_between and not (one.first and _seek(items, one.first - 1, "between")):
        return
    one.low, one.high = sorted((one.low, int(value)))
    one.last, one.bound = last, "range"


def _seek(items: list[Item], at: int, *sections: str) -> int | None:
    """The place of a bound at or shortly before one, small words skipped; None without one. Places count from 1."""
    for back in range(_BETWEEN_WORDS):
        if at - back < 0:
            return None
        item = items[at - back]
        if item.has(*sections):
            return at - back + 1
        if item.sort in ("stop", "number", "figure", "literal") or item.has("nouns", "units", "time"):
            return None
        if item.sort == "comma" and item.text not in (":", "-"):
            return None
        if item.sort == "word" and not item.has("is", "of", "text", "each", "no") and len(item.text) > 3 and back:
            return None
    return None


def _bounded_before(items: list[Item], one: Quantity, found: list[Quantity]) -> None:
    at = one.first - 1
    sections = [f"{bound}.before" for bound in _BOUNDS]
    place = _seek(items, at, *sections, "between")
    if place is None or _is_of_before(items, place - 1, one) or (found and place - 1 <= found[-1].last):
        if _is_kept_to(items, one):
            one.bound, one.kept = "most" if one.bound != "range" else one.bound, True
        return
    item = items[place - 1]
    one.first, one.kept = place - 1, item.has("keep")
    if one.bound == "range" and not item.has("about.before"):
        return
    for bound in _BOUNDS:
        if f"{bound}.before" in item.means:
            if one.bound != "range":
                one.bound = _turned(items, place - 1, bound)
            return


def _turned(items: list[Item], at: int, bound: Bound) -> Bound:
    """A bound as it is meant where a negation stands before it: "shouldn't drop below 500" is a least."""
    if bound == "least":
        return "most" if _is_denied(items, at) else bound
    start, _ = clause(items, at)
    denied = any(item.has("denied") for item in items[max(start, at - _DENIAL) : at])
    return "least" if bound == "most" and denied and items[at].text.casefold() in _BELOW else bound


def _is_denied(items: list[Item], at: int) -> bool:
    """Whether a negation stands before "more than" in its clause: "none of them should have more than 20"."""
    start, _ = clause(items, at)
    before = items[max(start, at - _DENIAL) : at]
    return any(item.has("no.before", "none", "denied") or item.means.get("each") == "none" for item in before)


def _is_kept_to(items: list[Item], one: Quantity) -> bool:
    """Whether an order keeps something to a number: "keep the prompt to 40 words"."""
    if not one.first or items[one.first - 1].text.casefold() not in ("to", "at", "down to"):
        return False
    for item in reversed(items[max(0, one.first - 5) : one.first - 1]):
        if item.sort == "stop":
            return False
        if item.has("keep"):
            return True
    return False


def _bounded_after(items: list[Item], one: Quantity, at: int) -> None:
    """Reads a bound that stands right behind a place: behind the number, or behind its unit."""
    after = at + 1
    while after < len(items) and items[after].has("each") and not items[after].has("units"):
        after += 1
    if after < len(items) and items[after].text == "-":
        after += 1
    trailing = _trailing(items, after)
    after = trailing if trailing is not None else after
    if (
        after + 1 < len(items)
        and items[after].sort == "comma"
        and items[after].text == ","
        and _is_afterthought(items[after + 1])
    ):
        after += 1
    if (
        after >= len(items)
        or (items[after].has("time") and not items[after - 1].has("units", "nouns"))  # "500 words min" is no minute.
        or (items[after].text == "+" and items[after].start != items[after - 1].end)
    ):
        return
    if _is_rate(items, after):
        after += 2
    for bound in ("least", "most", "about", "exactly"):
        joins = items[after].has("also") and item_at(items, after + 1).sort not in ("stop", "comma")
        if one.bound == "" and _is_threat(items, after):
            one.take("most")
            return
        if joins:
            return  # "80 words plus five bullets"
        if f"{bound}.after" in items[after].means and not _starts_number(items, after):
            one.take(bound)
            if one.bound == bound:
                one.last = max(one.last, after)
            return


def _trailing(items: list[Item], at: int) -> int | None:
    """The place of the comma before an afterthought that stands behind a few plain words: "25 words in the paper, not one more"."""
    for place in range(at, min(len(items) - 1, at + _BETWEEN_WORDS + 1)):
        if items[place].text == ",":
            return place if place > at and _is_afterthought(items[place + 1]) else None
        if items[place].sort != "word" or items[place].has("nouns", "units", "time", "no.before"):
            return None
    return None


def _is_threat(items: list[Item], at: int) -> bool:
    """Whether a place begins what happens to a longer text: "40 characters or outlook eats it"."""
    _, end = clause(items, at)
    behind = items[at + 1 : end]
    if not items[at].has("otherwise") or len(behind) < _MIN_THREAT or any(item.sort != "word" for item in behind):
        return False
    bounds = [f"{bound}.{side}" for bound in _BOUNDS for side in ("before", "after")]
    return not behind[0].has("article", "units", *bounds) and not behind[0].noun


def _is_rate(items: list[Item], at: int) -> bool:
    """Whether a place begins what a size is per, with a bound behind it: "25 words a turn and not more"."""
    word, bound = item_at(items, at + 1), item_at(items, at + 2)
    plain = word.sort == "word" and not word.has("units", "nouns")
    return items[at].has("article") and plain and bound.has("most.after", "least.after")


def _is_afterthought(item: Item) -> bool:
    """Whether a bound may stand behind a comma: "nine words, not one over"."""
    return item.has("most.after") and item.text.casefold().startswith(
        ("no", "not", "max", "tops", "strict", "hard", "absolut")
    )


def _starts_number(items: list[Item], at: int) -> bool:
    """Whether a bound belongs to the number behind it."""
    starts = any(f"{bound}.before" in items[at].means for bound in _BOUNDS)
    return item_at(items, at + 1).sort == "number" and starts and not _trails(items, at)


def _is_of_before(items: list[Item], at: int, one: Quantity) -> bool:
    """Whether a bound before a number belongs to what stands before the bound: "twelve questions max and three options"."""
    before = item_at(items, at - 1).has("units", "nouns", "own") and item_at(items, at - 2).sort == "number"
    apart = at + 1 < one.first and items[at + 1].sort == "word"
    return (before and apart and items[at].has(*_AFTER)) or _trails(items, at)


def _trails(items: list[Item], at: int) -> bool:
    """Whether a bound belongs to what stands before it, as the number behind it has its own: "500 words minimum 700 max"."""
    behind = item_at(items, at + 2)
    before = item_at(items, at - 1).has("units", "nouns") and item_at(items, at - 2).sort == "number"
    return before and items[at].has(*_AFTER) and behind.has(*_AFTER) and item_at(items, at + 1).sort == "number"


def bounded_after(items: list[Item], one: Quantity, at: int) -> None:
    """Reads a bound behind the unit or noun at a place: "60 words max"."""
    _bounded_after(items, one, at)


def _merged(items: list[Item], found: list[Quantity]) -> list[Quantity]:
    """A least and a most of the same thing in one: "no less than 250 and no more than 300"."""
    kept: list[Quantity] = []
    for one in found:
        before = kept[-1] if kept else None
        if (
            before and {before.bound, one.bound} == {"least", "most"} and one.first - before.last <= 4
            and not any(item.sort == "stop" for item in items[before.last : one.first])
            and before.low != one.low
            and not any(item.has("nouns", "units") for item in items[before.last + 1 : one.first] if not item.has("to"))
        ):  # fmt: skip
            low, high = sorted((before.low, one.low))
            kept[-1] = Quantity(before.first, one.last, one.number, low, high, "range")
            continue
        kept.append(one)
    return kept


def takes_back(items: list[Item], at: int, one: Quantity) -> bool:
    """Whether a number takes the place of the one at a place, as nothing but that is said between them: "4 words, sorry, no, three"."""
    between = items[at + 1 : one.first]
    told = [item for item in between if not item.has("units", "nouns", "own", "time", "each", *_AFTER_ALL)]
    only = all(item.has("rather", "no.before") or not any(map(str.isalnum, item.text)) for item in told)
    return (
        only
        and len(between) <= _MAX_CORRECTING
        and any(_is_taking_back(items, place) for place in range(at + 1, one.first))
    )


def _is_taking_back(items: list[Item], at: int) -> bool:
    """Whether a word takes back what stands before it, as "sorry" does, and "no" between signs."""
    item, before, after = (item_at(items, place) for place in (at, at - 1, at + 1))
    no = item.has("no.before") and item.text.casefold() in _NO and before.sort in _SIGNS and after.sort in _SIGNS
    return item.means.get("rather") == "instead" or no
