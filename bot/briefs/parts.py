"""Finds the part of a text that a size applies to, "all" for the full text."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form
from .items import Item, find_clause, get_item
from .quantities import Quantity

# Parts of one or two lines, to which sizes in characters mostly apply.
SHORT_PARTS = frozenset({"headline", "description", "title", "subject", "preheader", "primary text", "slug", "tagline"})
# Parts whose size may follow their name and a colon: "Answer: one sentence".
COLON_PARTS = SHORT_PARTS | {"question", "answer", "option", "objective", "heading", "bullet", "quote"}
# Counted parts without a size.
UNSIZED_PARTS = frozenset({"emoji", "hashtag", "link", "image"})
# The maximum numbers of items that are searched before a number and after its unit.
_MAX_ITEMS_BEFORE, _MAX_ITEMS_AFTER = 7, 5
_OPENING = ("(", "（")
_BOUNDS_AFTER = ("most.after", "least.after", "about.after")


@dataclass(frozen=True, slots=True)
class CountedNoun:
    """A counted noun with its index, for the sizes that follow it."""

    noun: str
    index: int
    is_plural: bool


def find_part(items: list[Item], quantity: Quantity, unit_index: int, form: Form, counted: list[CountedNoun]) -> str:
    """Return the part that the size whose unit is at an index applies to, "all" for the full text.

    It is named next to the size, or else inferred from the `counted` nouns before it.
    """
    applies_per_entry = applies_to_each(items, quantity, unit_index)
    next_item = get_item(items, unit_index + 1)
    unit = items[unit_index].meanings["units"]
    if counted and next_item.has("units") and next_item.noun and next_item.meanings["units"] != unit:
        return _resolve_part(next_item.noun, form, counted)  # "3 bullets and a 50 word paragraph"
    if part := _find_part_after(items, unit_index):
        return _resolve_part(part, form, counted)
    unit_comes_first = unit_index < quantity.first  # "Paragraphs: 3" names no part.
    if part := "" if unit_comes_first else find_part_before(items, quantity, counted):
        return _resolve_part(part, form, counted, applies_per_entry=applies_per_entry)
    sized_nouns = [entry for entry in counted if entry.index < quantity.first and entry.noun not in UNSIZED_PARTS]
    if applies_per_entry:
        # "any" is not enough to infer several entries.
        distributive_items = _find_distributive_items(items, quantity, unit_index)
        implies_entries = any(item.meanings["each"] != "any" for item in distributive_items)
        return sized_nouns[-1].noun if sized_nouns else (implies_entries and form.main) or "all"
    is_in_brackets = get_item(items, quantity.first - 1).text in _OPENING
    if sized_nouns and is_in_brackets and 0 < quantity.first - 1 - sized_nouns[-1].index <= 2:
        return sized_nouns[-1].noun
    return _infer_part(items, quantity, unit, form, counted, [entry.noun for entry in sized_nouns])


def _infer_part(
    items: list[Item], quantity: Quantity, unit: str, form: Form, counted: list[CountedNoun], sized_nouns: list[str]
) -> str:
    """Return the part that a size in a unit applies to, judging by the kind and the brief's short parts; else "all"."""
    if unit == "characters":
        if sized_nouns and sized_nouns[-1] in SHORT_PARTS:
            return sized_nouns[-1]
        short_parts = _list_short_parts(items[: quantity.first])
        if len(short_parts) == 1:
            return _resolve_part(short_parts.pop(), form, counted)
    if form.main == "description" and form.main not in form.whole and unit == "words":
        short_parts = _list_short_parts(items)
        if len(short_parts) == 1:
            return short_parts.pop()
    if form.main == "tagline" and unit in ("words", "characters"):
        tagline_nouns = [noun for noun in sized_nouns if noun in ("tagline", "variant", "option")]
        return tagline_nouns[-1] if tagline_nouns else "tagline"
    return "all"


def _list_short_parts(items: list[Item]) -> set[str]:
    return {item.meanings["nouns"] for item in items if item.meanings.get("nouns") in SHORT_PARTS}


def _find_sized_part(items: list[Item], comma_index: int) -> str:
    """Return the part that the clause before a comma calls short or long: "answers should be short, 6 words tops"."""
    start, _ = find_clause(items, comma_index - 1)
    before = items[start:comma_index]
    if not any(item.has("sized") for item in before):
        return ""
    return next((part for item in before if (part := _get_named_part(item))), "")


def _get_named_part(item: Item) -> str:
    """Return the part that an item names; empty if the item means the full text."""
    return "" if item.has("text") and not item.has("nouns") else item.noun


def _resolve_part(noun: str, form: Form, counted: list[CountedNoun], *, applies_per_entry: bool = False) -> str:
    """Return the part that a noun means: "all" if it means the full text for this kind and only one is wanted."""
    noun = form.called.get(noun, noun)
    if noun == "field" and form.main != "row":  # "The field only takes 60 characters."
        return counted[-1].noun if counted else "all"
    is_plural = any(counted_noun.noun == noun and counted_noun.is_plural for counted_noun in counted)
    return "all" if noun in form.whole and not is_plural and not applies_per_entry else noun


def _find_part_after(items: list[Item], unit_index: int) -> str:
    """Return the part named after a unit: "30 characters per headline", "a 60-character title", "80 words in total"."""
    is_linked = False
    for index in range(unit_index + 1, unit_index + 1 + _MAX_ITEMS_AFTER):
        item = get_item(items, index)
        if item.type in ("stop", "comma", "number", "figure", "literal") or item.has("also"):
            return ""
        if item.has("text") and not item.has("nouns"):
            return "all"
        if _get_named_part(item) and (is_linked or not item.has("units")):
            is_adjacent = index == unit_index + 1 or items[unit_index + 1].text == "-"
            return _get_named_part(item) if is_linked or is_adjacent else ""
        is_linked = (
            is_linked or item.has("each", "of") or (item.has("to") and get_item(items, index + 1).has("article"))
        )
        if not is_linked and not item.has(*_BOUNDS_AFTER) and item.text != "-":
            return ""
    return ""


def applies_to_each(items: list[Item], quantity: Quantity, unit_index: int) -> bool:
    """Whether the size whose unit is at an index applies to each entry: "each < 100 words", "30 characters apiece"."""
    return bool(_find_distributive_items(items, quantity, unit_index))


def _find_distributive_items(items: list[Item], quantity: Quantity, unit_index: int) -> list[Item]:
    """Return the items around a size that apply it to each entry."""
    nearby_items: list[Item] = []
    for item in items[max(0, quantity.first - 3) : quantity.first]:
        nearby_items = [] if item.type in ("stop", "comma", "number") and item.text != ":" else [*nearby_items, item]
    nearby_items += items[quantity.first : unit_index]
    for item in items[unit_index + 1 : unit_index + 4]:
        if item.type in ("stop", "comma", "number"):
            break
        nearby_items.append(item)
    return [item for item in nearby_items if item.has("each")]


def find_part_before(items: list[Item], quantity: Quantity, counted: list[CountedNoun]) -> str:
    """Return the part named before a number in the same clause; empty if there is none."""
    for index in range(quantity.first - 1, max(-1, quantity.first - 1 - _MAX_ITEMS_BEFORE), -1):
        item = items[index]
        if item.text == ",":
            title = _get_named_part(get_item(items, index - 1))
            if title and get_item(items, index - 2).type == "stop":
                return title  # "Title, ten words or fewer."
            if part := _find_sized_part(items, index):
                return part
        if item.type == "stop" or (item.type == "comma" and item.text not in (":", *_OPENING)):
            return ""
        if item.type in ("number", "figure") and not any(counted_noun.index >= index for counted_noun in counted[-3:]):
            return ""
        if part := _get_named_part(item):
            return _find_contained_part(items, index) or part
        if item.has("text"):
            return "all"
    return ""


def _find_contained_part(items: list[Item], index: int) -> str:
    """Return the part of which each entry named at `index` has one: "headline on every card"."""
    start = index
    while get_item(items, start - 1).has("each", "of"):
        start -= 1
    has_each = any(item.has("each") for item in items[start:index])
    part = _get_named_part(get_item(items, start - 1)) if has_each else ""
    return "" if part in UNSIZED_PARTS else part
