"""Quantities: numbers with their bounds, such as "at most 60", "4 to 6", "between 25 and 30", "about 300", "10+"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .items import Item, find_clause, get_item, has_second

Bound = Literal["", "most", "least", "about", "exactly", "range"]
_BOUNDS: tuple[Bound, ...] = ("most", "least", "about", "exactly")
_AFTER = ("most.after", "least.after")
_AFTER_ALL = (*_AFTER, "about.after", "exactly.after")
# Words after a "4" that means "for".
_SHORTHAND_FOLLOWERS = frozenset({"my", "our", "the", "u", "ur", "you", "your", "me", "a", "all", "us"})
_MINUS = frozenset("-−–")
# Function words allowed between a bound and its number.
_MAX_BETWEEN_WORDS = 3
# Words for fewer that a negation inverts.
_BELOW = frozenset({"below", "under", "less than", "fewer than", "shorter than", "smaller than"})
# Items between a number and its correction, and the sorts around a correcting "no".
_MAX_CORRECTING = 8
_SIGNS = ("stop", "comma")
_NO = frozenset(["no", "nein", "non", "não", "nao"])
# Items before "more than" that may negate it.
_MAX_DENIAL_ITEMS = 7
# The minimum words of a consequence for longer texts.
_MIN_THREAT = 2


@dataclass(slots=True)
class Quantity:
    """A number or a range with its bound; `first` and `last` are places in the list of items, including the bound.

    `is_kept`: an instruction limits something to it, which is an upper bound unless words after it make it approximate.
    """

    first: int
    last: int
    number: int
    low: int
    high: int
    bound: Bound = ""
    used: bool = False
    amount: float = 0
    is_negative: bool = False
    is_kept: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether it is an integer."""
        return self.amount == int(self.amount)

    def apply_bound(self, bound: Bound) -> None:
        """Set the bound unless a stronger one is set."""
        rough = self.is_kept and self.bound == "most" and bound == "about"  # "Keep it to 80 words or so."
        if rough or self.bound in ("", "exactly") or (self.bound == "about" and bound != "about"):
            self.bound = bound


def find_quantities(items: list[Item]) -> list[Quantity]:
    """Return every number that may count something, in order."""
    found: list[Quantity] = []
    at = 0
    while at < len(items):
        if (
            items[at].type != "number"
            or items[at].kind == "ordinal"
            or items[at].used
            or _is_part_of_word(items, at)
            or _is_shorthand(items, at)
        ):
            at += 1
            continue
        value, last = _read_value(items, at)
        one = Quantity(at, last, at, int(value), int(value), amount=value, is_negative=_is_minus(items, at))
        _extend_range(items, one)
        _read_bound_before(items, one, found)
        read_bound_after(items, one, one.last)
        found.append(one)
        at = one.last + 1
    return _merge_bounds(items, found)


def _is_minus(items: list[Item], at: int) -> bool:
    """Whether a sign makes a number negative, rather than being the dash of a range, a word or a list."""
    sign, before = get_item(items, at - 1), get_item(items, at - 2)
    if sign.text.casefold() == "minus":
        return True
    return sign.text in _MINUS and sign.end == items[at].start and sign.start != before.end and before.type != "number"


def _is_shorthand(items: list[Item], at: int) -> bool:
    """Whether a digit stands for a word: "a post 4 my studio", "2 u"."""
    return (
        items[at].text in ("2", "4") and at + 1 < len(items) and items[at + 1].text.casefold() in _SHORTHAND_FOLLOWERS
    )


def _is_part_of_word(items: list[Item], at: int) -> bool:
    """Whether a number is part of a word, such as a code or a paper size."""
    before = items[at - 1] if at else None
    if before is None or before.end != items[at].start or not items[at].text[:1].isdigit():
        return False
    return before.type == "word" and before.text.isascii() and before.text.isalpha() and before.text not in ("x", "X")


def _read_value(items: list[Item], at: int) -> tuple[float, int]:
    """Return the number at a place, including a multiple or fraction after it, and its last place."""
    value, last = items[at].value, at
    if last + 1 < len(items) and "times" in items[last + 1].meanings:
        value, last = value * int(items[last + 1].meanings["times"]), last + 1
    elif (
        last + 3 < len(items)
        and items[last + 2].text == "/"
        and items[last + 1].value in (1, 3)
        and items[last + 3].value in (2, 4)
        and items[last + 1].type == items[last + 3].type == "number"
    ):
        value, last = value + items[last + 1].value / items[last + 3].value, last + 3
    return value, last


def _extend_range(items: list[Item], one: Quantity) -> None:
    """Extend a number to a range."""
    after = one.last + 1
    if has_second(items, after):
        one.high, one.bound, items[after + 2].used = 2, "range", True
        return
    if [get_item(items, place).text for place in (after, after + 2)] == ["-", "-"]:
        after += 1  # "a 600-to-700-word piece"
        if items[after].has("to") and get_item(items, after + 2).type == "number":
            value, last = _read_value(items, after + 2)
            one.low, one.high = sorted((one.low, int(value)))
            one.last, one.bound = last, "range"
        return
    if (
        after + 1 >= len(items)
        or not items[after].has("to")
        or items[after + 1].type != "number"
        or items[after + 1].kind
    ):
        return
    value, last = _read_value(items, after + 1)
    if value == one.low:
        return
    only_between = items[after].meanings["to"] == "and"
    if only_between and not (one.first and _find_bound(items, one.first - 1, "between")):
        return
    one.low, one.high = sorted((one.low, int(value)))
    one.last, one.bound = last, "range"


def _find_bound(items: list[Item], at: int, *sections: str) -> int | None:
    """Return the place after a bound at or shortly before a place, skipping function words; None without one."""
    for back in range(_MAX_BETWEEN_WORDS):
        if at - back < 0:
            return None
        item = items[at - back]
        if item.has(*sections):
            return at - back + 1
        if item.type in ("stop", "number", "figure", "literal") or item.has("nouns", "units", "time"):
            return None
        if item.type == "comma" and item.text not in (":", "-"):
            return None
        if item.type == "word" and not item.has("is", "of", "text", "each", "no") and len(item.text) > 3 and back:
            return None
    return None


def _read_bound_before(items: list[Item], one: Quantity, found: list[Quantity]) -> None:
    at = one.first - 1
    sections = [f"{bound}.before" for bound in _BOUNDS]
    place = _find_bound(items, at, *sections, "between")
    if place is None or _is_of_before(items, place - 1, one) or (found and place - 1 <= found[-1].last):
        if _is_kept_to(items, one):
            one.bound, one.is_kept = "most" if one.bound != "range" else one.bound, True
        return
    item = items[place - 1]
    one.first, one.is_kept = place - 1, item.has("keep")
    if one.bound == "range" and not item.has("about.before"):
        return
    for bound in _BOUNDS:
        if f"{bound}.before" in item.meanings:
            if one.bound != "range":
                one.bound = _invert_bound(items, place - 1, bound)
            return


def _invert_bound(items: list[Item], at: int, bound: Bound) -> Bound:
    """Return a bound with a preceding negation applied: "shouldn't drop below 500" is a lower bound."""
    if bound == "least":
        return "most" if _is_denied(items, at) else bound
    start, _ = find_clause(items, at)
    denied = any(item.has("denied") for item in items[max(start, at - _MAX_DENIAL_ITEMS) : at])
    return "least" if bound == "most" and denied and items[at].text.casefold() in _BELOW else bound


def _is_denied(items: list[Item], at: int) -> bool:
    """Whether a negation precedes "more than" in its clause: "none of them should have more than 20"."""
    start, _ = find_clause(items, at)
    before = items[max(start, at - _MAX_DENIAL_ITEMS) : at]
    return any(item.has("no.before", "none", "denied") or item.meanings.get("each") == "none" for item in before)


def _is_kept_to(items: list[Item], one: Quantity) -> bool:
    """Whether an instruction limits something to a number: "keep the prompt to 40 words"."""
    if not one.first or items[one.first - 1].text.casefold() not in ("to", "at", "down to"):
        return False
    for item in reversed(items[max(0, one.first - 5) : one.first - 1]):
        if item.type == "stop":
            return False
        if item.has("keep"):
            return True
    return False


def read_bound_after(items: list[Item], one: Quantity, at: int) -> None:
    """Read a bound directly after a place: after the number, or after its unit or noun, as in "60 words max"."""
    after = at + 1
    while after < len(items) and items[after].has("each") and not items[after].has("units"):
        after += 1
    if after < len(items) and items[after].text == "-":
        after += 1
    trailing = _find_afterthought(items, after)
    after = trailing if trailing is not None else after
    if (
        after + 1 < len(items)
        and items[after].type == "comma"
        and items[after].text == ","
        and _is_afterthought(items[after + 1])
    ):
        after += 1
    if (
        after >= len(items)
        or (
            items[after].has("time") and not items[after - 1].has("units", "nouns")
        )  # "Min" of "500 words min" is no unit of time.
        or (items[after].text == "+" and items[after].start != items[after - 1].end)
    ):
        return
    if _is_rate(items, after):
        after += 2
    for bound in ("least", "most", "about", "exactly"):
        joins = items[after].has("also") and get_item(items, after + 1).type not in ("stop", "comma")
        if one.bound == "" and _is_threat(items, after):
            one.apply_bound("most")
            return
        if joins:
            return  # "80 words plus five bullets"
        if f"{bound}.after" in items[after].meanings and not _starts_number(items, after):
            one.apply_bound(bound)
            if one.bound == bound:
                one.last = max(one.last, after)
            return


def _find_afterthought(items: list[Item], at: int) -> int | None:
    """Return the place of the comma before an afterthought that follows a few plain words: "25 words in the paper, not one more"."""
    for place in range(at, min(len(items) - 1, at + _MAX_BETWEEN_WORDS + 1)):
        if items[place].text == ",":
            return place if place > at and _is_afterthought(items[place + 1]) else None
        if items[place].type != "word" or items[place].has("nouns", "units", "time", "no.before"):
            return None
    return None


def _is_threat(items: list[Item], at: int) -> bool:
    """Whether a place begins the consequence for longer texts: "40 characters or outlook eats it"."""
    _, end = find_clause(items, at)
    behind = items[at + 1 : end]
    if not items[at].has("otherwise") or len(behind) < _MIN_THREAT or any(item.type != "word" for item in behind):
        return False
    bounds = [f"{bound}.{side}" for bound in _BOUNDS for side in ("before", "after")]
    return not behind[0].has("article", "units", *bounds) and not behind[0].noun


def _is_rate(items: list[Item], at: int) -> bool:
    """Whether a place begins a rate followed by a bound: "25 words a turn and not more"."""
    word, bound = get_item(items, at + 1), get_item(items, at + 2)
    plain = word.type == "word" and not word.has("units", "nouns")
    return items[at].has("article") and plain and bound.has("most.after", "least.after")


def _is_afterthought(item: Item) -> bool:
    """Whether a bound may follow a comma: "nine words, not one over"."""
    return item.has("most.after") and item.text.casefold().startswith(
        ("no", "not", "max", "tops", "strict", "hard", "absolut")
    )


def _starts_number(items: list[Item], at: int) -> bool:
    """Whether a bound belongs to the number after it."""
    starts = any(f"{bound}.before" in items[at].meanings for bound in _BOUNDS)
    return get_item(items, at + 1).type == "number" and starts and not _trails(items, at)


def _is_of_before(items: list[Item], at: int, one: Quantity) -> bool:
    """Whether a bound before a number belongs to the quantity before it: "twelve questions max and three options"."""
    before = get_item(items, at - 1).has("units", "nouns", "own") and get_item(items, at - 2).type == "number"
    apart = at + 1 < one.first and items[at + 1].type == "word"
    return (before and apart and items[at].has(*_AFTER)) or _trails(items, at)


def _trails(items: list[Item], at: int) -> bool:
    """Whether a bound belongs to the quantity before it, as the next number has its own: "500 words minimum 700 max"."""
    behind = get_item(items, at + 2)
    before = get_item(items, at - 1).has("units", "nouns") and get_item(items, at - 2).type == "number"
    return before and items[at].has(*_AFTER) and behind.has(*_AFTER) and get_item(items, at + 1).type == "number"


def _merge_bounds(items: list[Item], found: list[Quantity]) -> list[Quantity]:
    """Merge a lower and an upper bound of the same thing: "no less than 250 and no more than 300"."""
    kept: list[Quantity] = []
    for one in found:
        before = kept[-1] if kept else None
        if (
            before
            and {before.bound, one.bound} == {"least", "most"}
            and one.first - before.last <= 4
            and not any(item.type == "stop" for item in items[before.last : one.first])
            and before.low != one.low
            and not any(item.has("nouns", "units") for item in items[before.last + 1 : one.first] if not item.has("to"))
        ):
            low, high = sorted((before.low, one.low))
            kept[-1] = Quantity(before.first, one.last, one.number, low, high, "range")
            continue
        kept.append(one)
    return kept


def is_correction(items: list[Item], at: int, one: Quantity) -> bool:
    """Whether a number replaces the one at a place, with only a retraction between them: "4 words, sorry, no, three"."""
    between = items[at + 1 : one.first]
    others = [item for item in between if not item.has("units", "nouns", "own", "time", "each", *_AFTER_ALL)]
    only = all(item.has("rather", "no.before") or not any(map(str.isalnum, item.text)) for item in others)
    return (
        only
        and len(between) <= _MAX_CORRECTING
        and any(_is_retraction(items, place) for place in range(at + 1, one.first))
    )


def _is_retraction(items: list[Item], at: int) -> bool:
    """Whether a word retracts what precedes it, as "sorry" does, and "no" between signs."""
    item, before, after = (get_item(items, place) for place in (at, at - 1, at + 1))
    no = item.has("no.before") and item.text.casefold() in _NO and before.type in _SIGNS and after.type in _SIGNS
    return item.meanings.get("rather") == "instead" or no
