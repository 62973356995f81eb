"""Parses quantities, which are numbers with their bounds: "at most 60", "4 to 6", "about 300", "10+"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .items import Item, find_clause, get_item, has_second

Bound = Literal["", "most", "least", "about", "exactly", "range"]
_BOUNDS: tuple[Bound, ...] = ("most", "least", "about", "exactly")
_FIRM_SECTIONS_AFTER = ("most.after", "least.after")
_BOUND_SECTIONS_AFTER = (*_FIRM_SECTIONS_AFTER, "about.after", "exactly.after")
# Words after a "4" that means "for", or a "2" that means "to".
_SHORTHAND_FOLLOWERS = frozenset({"my", "our", "the", "u", "ur", "you", "your", "me", "a", "all", "us"})
_MINUS_SIGNS = frozenset("-−–")
# The maximum number of function words between a bound and its number.
_MAX_BETWEEN_WORDS = 3
# Words for an upper bound that a negation turns into a lower one.
_WORDS_FOR_BELOW = frozenset({"below", "under", "less than", "fewer than", "shorter than", "smaller than"})
_BREAKS = ("stop", "comma")
# The maximum number of items between a number and its correction.
_MAX_CORRECTION_ITEMS = 8
# Words that correct a number if they are between breaks.
_WORDS_FOR_NO = frozenset(["no", "nein", "non", "não", "nao"])
# The maximum number of items before a bound that are searched for a negation.
_MAX_NEGATION_ITEMS = 7
# The minimum number of words of a consequence for longer texts, such as "or outlook eats it".
_MIN_CONSEQUENCE_WORDS = 2


@dataclass(slots=True)
class Quantity:
    """A number, or a range from `low` to `high`, with its bound."""

    # The indexes of the first and the last item, including the bound, and of the number.
    first: int
    last: int
    number_index: int
    low: int
    high: int
    bound: Bound = ""
    # Whether a statement that was read includes it.
    is_used: bool = False
    # The number with its fraction.
    amount: float = 0
    is_negative: bool = False
    # Whether an instruction limits something to it: an upper bound unless words after it make it approximate.
    is_limit: bool = False

    @property
    def is_whole(self) -> bool:
        """Whether the number is an integer."""
        return self.amount == int(self.amount)

    def apply_bound(self, bound: Bound) -> None:
        """Set the bound unless a stronger one is set."""
        softens_limit = self.is_limit and self.bound == "most" and bound == "about"  # "Keep it to 80 words or so."
        if softens_limit or self.bound in ("", "exactly") or (self.bound == "about" and bound != "about"):
            self.bound = bound


def find_quantities(items: list[Item]) -> list[Quantity]:
    """Return the quantities in a brief's items, in order."""
    quantities: list[Quantity] = []
    index = 0
    while index < len(items):
        if (
            items[index].type != "number"
            or items[index].kind == "ordinal"
            or items[index].is_used
            or _is_part_of_word(items, index)
            or _is_shorthand(items, index)
        ):
            index += 1
            continue
        value, last = _read_value(items, index)
        quantity = Quantity(
            index, last, index, int(value), int(value), amount=value, is_negative=_is_minus(items, index)
        )
        _extend_range(items, quantity)
        _read_bound_before(items, quantity, quantities[-1] if quantities else None)
        read_bound_after(items, quantity, quantity.last)
        quantities.append(quantity)
        index = quantity.last + 1
    return _merge_bounds(items, quantities)


def _is_minus(items: list[Item], index: int) -> bool:
    """Whether a sign makes a number negative, rather than being the dash of a range, a word or a list."""
    sign, before = get_item(items, index - 1), get_item(items, index - 2)
    if sign.text.casefold() == "minus":
        return True
    return (
        sign.text in _MINUS_SIGNS
        and sign.end == items[index].start
        and sign.start != before.end
        and before.type != "number"
    )


def _is_shorthand(items: list[Item], index: int) -> bool:
    """Whether a digit stands for a word: "a post 4 my studio", "2 u"."""
    return (
        items[index].text in ("2", "4")
        and index + 1 < len(items)
        and items[index + 1].text.casefold() in _SHORTHAND_FOLLOWERS
    )


def _is_part_of_word(items: list[Item], index: int) -> bool:
    """Whether a number is part of a word, such as a code or a paper size."""
    before = items[index - 1] if index else None
    if before is None or before.end != items[index].start or not items[index].text[:1].isdigit():
        return False
    return before.type == "word" and before.text.isascii() and before.text.isalpha() and before.text not in ("x", "X")


def _read_value(items: list[Item], index: int) -> tuple[float, int]:
    """Return the number at an index, including a multiplier or fraction after it, and the index of its last item."""
    value, last = items[index].value, index
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


def _extend_range(items: list[Item], quantity: Quantity) -> None:
    """Extend a quantity to a range if words such as "to 10" or "or two" follow."""
    after = quantity.last + 1
    if has_second(items, after):
        quantity.high, quantity.bound, items[after + 2].is_used = 2, "range", True
        return
    is_hyphenated = get_item(items, after).text == get_item(items, after + 2).text == "-"  # "a 600-to-700-word piece"
    joining_index = after + is_hyphenated
    end_index = joining_index + 1 + is_hyphenated
    joining_item, end = get_item(items, joining_index), get_item(items, end_index)
    if not joining_item.has("to") or end.type != "number":
        return
    value, last = _read_value(items, end_index)
    if not is_hyphenated:
        needs_between = joining_item.meanings["to"] == "and"
        if end.kind or value == quantity.low:
            return
        if needs_between and _find_bound(items, quantity.first - 1, "between") is None:
            return
    quantity.low, quantity.high = sorted((quantity.low, int(value)))
    quantity.last, quantity.bound = last, "range"


def _find_bound(items: list[Item], index: int, *sections: str) -> int | None:
    """Return the index of a bound at or shortly before an index, skipping function words; None without one."""
    for distance in range(_MAX_BETWEEN_WORDS):
        if index - distance < 0:
            return None
        item = items[index - distance]
        if item.has(*sections):
            return index - distance
        if item.type in ("stop", "number", "figure", "literal") or item.has("nouns", "units", "time"):
            return None
        if item.type == "comma" and item.text not in (":", "-"):
            return None
        is_function_word = item.has("is", "of", "text", "each", "no") or len(item.text) <= 3
        if item.type == "word" and not is_function_word and distance:
            return None
    return None


def _read_bound_before(items: list[Item], quantity: Quantity, preceding: Quantity | None) -> None:
    """Set the bound that words before a quantity state, unless these belong to the preceding quantity."""
    sections = [f"{bound}.before" for bound in _BOUNDS]
    index = _find_bound(items, quantity.first - 1, *sections, "between")
    if (
        index is None
        or _belongs_to_preceding(items, index, quantity)
        or (preceding is not None and index <= preceding.last)
    ):
        if _is_limited_to(items, quantity):
            quantity.bound, quantity.is_limit = "range" if quantity.bound == "range" else "most", True
        return
    item = items[index]
    quantity.first, quantity.is_limit = index, item.has("keep")
    if quantity.bound != "range":
        bound = next((bound for bound in _BOUNDS if item.has(f"{bound}.before")), None)
        quantity.bound = quantity.bound if bound is None else _invert_bound(items, index, bound)


def _invert_bound(items: list[Item], index: int, bound: Bound) -> Bound:
    """Return the bound that a word states, after a negation before it: "shouldn't drop below 500" is a lower bound."""
    if bound == "least":
        return "most" if _is_negated(items, index) else bound
    start, _ = find_clause(items, index)
    is_negated = any(item.has("denied") for item in items[max(start, index - _MAX_NEGATION_ITEMS) : index])
    return "least" if bound == "most" and is_negated and items[index].text.casefold() in _WORDS_FOR_BELOW else bound


def _is_negated(items: list[Item], index: int) -> bool:
    """Whether a negation precedes "more than" in its clause: "none of them should have more than 20"."""
    start, _ = find_clause(items, index)
    before = items[max(start, index - _MAX_NEGATION_ITEMS) : index]
    return any(item.has("no.before", "none", "denied") or item.meanings.get("each") == "none" for item in before)


def _is_limited_to(items: list[Item], quantity: Quantity) -> bool:
    """Whether an instruction limits something to a number: "keep the prompt to 40 words"."""
    if not quantity.first or items[quantity.first - 1].text.casefold() not in ("to", "at", "down to"):
        return False
    for item in reversed(items[max(0, quantity.first - 5) : quantity.first - 1]):
        if item.type == "stop":
            return False
        if item.has("keep"):
            return True
    return False


def read_bound_after(items: list[Item], quantity: Quantity, index: int) -> None:
    """Set the bound stated after an index, which is that of the number, its unit or its noun: "60 words max"."""
    after = index + 1
    while get_item(items, after).has("each") and not items[after].has("units"):
        after += 1
    if get_item(items, after).text == "-":
        after += 1
    comma_index = _find_afterthought(items, after)
    if comma_index is not None:
        after = comma_index
    if get_item(items, after).text == "," and _is_afterthought(get_item(items, after + 1)):
        after += 1
    if after >= len(items):
        return
    # "Min" of "500 words min" is no unit of time.
    is_unit_of_time = items[after].has("time") and not items[after - 1].has("units", "nouns")
    if is_unit_of_time or (items[after].text == "+" and items[after].start != items[after - 1].end):
        return
    if _begins_rate(items, after):
        after += 2
    if not quantity.bound and _begins_consequence(items, after):
        quantity.apply_bound("most")
        return
    if items[after].has("also") and get_item(items, after + 1).type not in _BREAKS:
        return  # "80 words plus five bullets"
    bounds: tuple[Bound, ...] = ("least", "most", "about", "exactly")
    bound = next((bound for bound in bounds if items[after].has(f"{bound}.after")), None)
    if bound is not None and not _starts_number(items, after):
        quantity.apply_bound(bound)
        if quantity.bound == bound:
            quantity.last = max(quantity.last, after)


def _find_afterthought(items: list[Item], index: int) -> int | None:
    """Return the index of the comma before an afterthought within a few words: "25 words in all, not one more"."""
    for place in range(index, min(len(items) - 1, index + _MAX_BETWEEN_WORDS + 1)):
        if items[place].text == ",":
            return place if place > index and _is_afterthought(items[place + 1]) else None
        if items[place].type != "word" or items[place].has("nouns", "units", "time", "no.before"):
            return None
    return None


def _begins_consequence(items: list[Item], index: int) -> bool:
    """Whether an item begins the consequence for longer texts: "40 characters or outlook eats it"."""
    _, end = find_clause(items, index)
    following = items[index + 1 : end]
    if (
        not items[index].has("otherwise")
        or len(following) < _MIN_CONSEQUENCE_WORDS
        or any(item.type != "word" for item in following)
    ):
        return False
    bounds = [f"{bound}.{side}" for bound in _BOUNDS for side in ("before", "after")]
    return not following[0].has("article", "units", *bounds) and not following[0].noun


def _begins_rate(items: list[Item], index: int) -> bool:
    """Whether an item begins a rate before a bound: "25 words a turn and not more"."""
    word, bound = get_item(items, index + 1), get_item(items, index + 2)
    is_plain = word.type == "word" and not word.has("units", "nouns")
    return items[index].has("article") and is_plain and bound.has("most.after", "least.after")


def _is_afterthought(item: Item) -> bool:
    """Whether a bound may be an afterthought, following a comma: "nine words, not one over"."""
    return item.has("most.after") and item.text.casefold().startswith(
        ("no", "not", "max", "tops", "strict", "hard", "absolut")
    )


def _starts_number(items: list[Item], index: int) -> bool:
    """Whether a bound belongs to the number right after it."""
    is_leading = any(f"{bound}.before" in items[index].meanings for bound in _BOUNDS)
    return get_item(items, index + 1).type == "number" and is_leading and not _closes_preceding(items, index)


def _belongs_to_preceding(items: list[Item], index: int, quantity: Quantity) -> bool:
    """Whether a bound before a number belongs to the quantity before it: "twelve questions max and three options"."""
    if _closes_preceding(items, index):
        return True
    follows_noun = get_item(items, index - 1).has("units", "nouns", "own")
    follows_quantity = follows_noun and get_item(items, index - 2).type == "number"
    is_apart = index + 1 < quantity.first and items[index + 1].type == "word"
    return follows_quantity and is_apart and items[index].has(*_FIRM_SECTIONS_AFTER)


def _closes_preceding(items: list[Item], index: int) -> bool:
    """Whether a bound belongs to the quantity before it, as the next has its own: "500 words minimum 700 max"."""
    next_bound = get_item(items, index + 2)
    follows_quantity = get_item(items, index - 1).has("units", "nouns") and get_item(items, index - 2).type == "number"
    return (
        follows_quantity
        and items[index].has(*_FIRM_SECTIONS_AFTER)
        and next_bound.has(*_FIRM_SECTIONS_AFTER)
        and get_item(items, index + 1).type == "number"
    )


def _merge_bounds(items: list[Item], quantities: list[Quantity]) -> list[Quantity]:
    """Merge a lower and an upper bound of the same thing: "no less than 250 and no more than 300"."""
    merged_quantities: list[Quantity] = []
    for quantity in quantities:
        previous = merged_quantities[-1] if merged_quantities else None
        if (
            previous
            and {previous.bound, quantity.bound} == {"least", "most"}
            and quantity.first - previous.last <= 4
            and not any(item.type == "stop" for item in items[previous.last : quantity.first])
            and previous.low != quantity.low
            and not any(
                item.has("nouns", "units") for item in items[previous.last + 1 : quantity.first] if not item.has("to")
            )
        ):
            low, high = sorted((previous.low, quantity.low))
            merged_quantities[-1] = Quantity(previous.first, quantity.last, quantity.number_index, low, high, "range")
            continue
        merged_quantities.append(quantity)
    return merged_quantities


def is_correction(items: list[Item], index: int, quantity: Quantity) -> bool:
    """Whether a quantity replaces the one before an index, after a retraction: "4 words, sorry, no, three"."""
    between = items[index + 1 : quantity.first]
    other_items = [
        item for item in between if not item.has("units", "nouns", "own", "time", "each", *_BOUND_SECTIONS_AFTER)
    ]
    is_only_retraction = all(
        item.has("rather", "no.before") or not any(map(str.isalnum, item.text)) for item in other_items
    )
    has_retraction = any(_is_retraction(items, place) for place in range(index + 1, quantity.first))
    return is_only_retraction and has_retraction and len(between) <= _MAX_CORRECTION_ITEMS


def _is_retraction(items: list[Item], index: int) -> bool:
    """Whether a word retracts what precedes it, as "sorry" does, and "no" between punctuation marks."""
    item, before, after = (get_item(items, neighbour) for neighbour in (index, index - 1, index + 1))
    is_no = (
        item.has("no.before")
        and item.text.casefold() in _WORDS_FOR_NO
        and before.type in _BREAKS
        and after.type in _BREAKS
    )
    return item.meanings.get("rather") == "instead" or is_no
