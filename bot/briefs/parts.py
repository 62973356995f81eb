"""The part of a text that a size applies to: "all" for the full text."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form
from .items import Item, find_clause, get_item
from .quantities import Quantity

# Parts of a line or two: sizes in characters mostly apply to these.
SHORT_PARTS = frozenset({"headline", "description", "title", "subject", "preheader", "primary text", "slug", "tagline"})
# Parts that are texts, whose size may follow their name and a colon: "Answer: one sentence".
TEXTS = SHORT_PARTS | {"question", "answer", "option", "objective", "heading", "bullet", "quote"}
# Counted things without a size.
UNSIZED_PARTS = frozenset({"emoji", "hashtag", "link", "image"})
# Items searched before a number, and after its unit.
_BEFORE, _AFTER = 7, 5
_OPENING = ("(", "（")
_BOUNDS_AFTER = ("most.after", "least.after", "about.after")


@dataclass(frozen=True, slots=True)
class CountedNoun:
    """A counted noun with its place, for the sizes that follow it."""

    what: str
    at: int
    several: bool


def find_part(items: list[Item], one: Quantity, at: int, form: Form, counted: list[CountedNoun]) -> str:
    """Return the part of the size with its unit at a place; "all" for the full text."""
    each = applies_to_each(items, one, at)
    behind = get_item(items, at + 1)
    if counted and behind.has("units") and behind.noun and behind.meanings["units"] != items[at].meanings["units"]:
        return _resolve_part(behind.noun, form, counted)  # "3 bullets and a 50 word paragraph"
    if part := _find_part_after(items, at):
        return _resolve_part(part, form, counted)
    itself = at < one.first  # "Paragraphs: 3" names no part.
    if part := "" if itself else find_part_before(items, one, counted):
        return _resolve_part(part, form, counted, each=each)
    sized = [known for known in counted if known.at < one.first and known.what not in UNSIZED_PARTS]
    if each:
        one_of_several = any(item.meanings["each"] != "any" for item in _find_each_items(items, one, at))
        return sized[-1].what if sized else (one_of_several and form.main) or "all"
    if sized and get_item(items, one.first - 1).text in _OPENING and 0 < one.first - 1 - sized[-1].at <= 2:
        return sized[-1].what
    unit = items[at].meanings["units"]
    if unit == "characters":
        if sized and sized[-1].what in SHORT_PARTS:
            return sized[-1].what
        named = {item.meanings["nouns"] for item in items[: one.first] if item.meanings.get("nouns") in SHORT_PARTS}
        if len(named) == 1:
            return _resolve_part(named.pop(), form, counted)
    if form.main == "description" and form.main not in form.whole and unit == "words":
        named = {item.meanings["nouns"] for item in items if item.meanings.get("nouns") in SHORT_PARTS}
        if len(named) == 1:
            return named.pop()
    if form.main == "tagline" and unit in ("words", "characters"):
        lines = [known.what for known in sized if known.what in ("tagline", "variant", "option")]
        return lines[-1] if lines else "tagline"
    return "all"


def _find_sized_part(items: list[Item], at: int) -> str:
    """Return the part that the clause before a comma calls short or long: "answers should be short, 6 words tops"."""
    start, _ = find_clause(items, at - 1)
    before = items[start:at]
    if not any(item.has("sized") for item in before):
        return ""
    return next((part for item in before if (part := _name_part(item))), "")


def _name_part(item: Item) -> str:
    """Return the part that an item names; empty for words for the full text."""
    return "" if item.has("text") and not item.has("nouns") else item.noun


def _resolve_part(noun: str, form: Form, counted: list[CountedNoun], *, each: bool = False) -> str:
    """Return the part that a noun means: the full text if it is called so and there is only one."""
    noun = form.called.get(noun, noun)
    if noun == "field" and form.main != "row":  # "The field only takes 60 characters."
        return counted[-1].what if counted else "all"
    several = any(known.what == noun and known.several for known in counted)
    return "all" if noun in form.whole and not several and not each else noun


def _find_part_after(items: list[Item], at: int) -> str:
    """Return the part named after the unit: "30 characters per headline", "a 60-character title", "80 words in total"."""
    linked = False
    for after in range(at + 1, at + 1 + _AFTER):
        item = get_item(items, after)
        if item.sort in ("stop", "comma", "number", "figure", "literal") or item.has("also"):
            return ""
        if item.has("text") and not item.has("nouns"):
            return "all"
        if _name_part(item) and (linked or not item.has("units")):
            direct = after == at + 1 or items[at + 1].text == "-"
            return _name_part(item) if linked or direct else ""
        linked = linked or item.has("each", "of") or (item.has("to") and get_item(items, after + 1).has("article"))
        if not linked and not item.has(*_BOUNDS_AFTER) and item.text != "-":
            return ""
    return ""


def applies_to_each(items: list[Item], one: Quantity, at: int) -> bool:
    """Whether the size with its unit at a place applies to each entry: "each < 100 words", "30 characters apiece"."""
    return bool(_find_each_items(items, one, at))


def _find_each_items(items: list[Item], one: Quantity, at: int) -> list[Item]:
    """Return the words around a size that apply it to each entry; "any" does so only if there are several."""
    near: list[Item] = []
    for item in items[max(0, one.first - 3) : one.first]:
        near = [] if item.sort in ("stop", "comma", "number") and item.text != ":" else [*near, item]
    near += items[one.first : at]
    for item in items[at + 1 : at + 4]:
        if item.sort in ("stop", "comma", "number"):
            break
        near.append(item)
    return [item for item in near if item.has("each")]


def find_part_before(items: list[Item], one: Quantity, counted: list[CountedNoun]) -> str:
    """Return the part named before a number in its clause, empty without one."""
    for at in range(one.first - 1, max(-1, one.first - 1 - _BEFORE), -1):
        item = items[at]
        if item.text == "," and get_item(items, at - 2).sort == "stop" and _name_part(get_item(items, at - 1)):
            return _name_part(items[at - 1])  # "Title, ten words or fewer."
        if item.text == "," and (part := _find_sized_part(items, at)):
            return part
        if item.sort == "stop" or (item.sort == "comma" and item.text not in (":", *_OPENING)):
            return ""
        if item.sort in ("number", "figure") and not any(known.at >= at for known in counted[-3:]):
            return ""
        if part := _name_part(item):
            return _find_containing_part(items, at) or part
        if item.has("text"):
            return "all"
    return ""


def _find_containing_part(items: list[Item], at: int) -> str:
    """Return the part that belongs to each entry at a place: "headline on every card"."""
    first = at
    while get_item(items, first - 1).has("each", "of"):
        first -= 1
    each = any(item.has("each") for item in items[first:at])
    part = _name_part(get_item(items, first - 1)) if each else ""
    return "" if part in UNSIZED_PARTS else part
