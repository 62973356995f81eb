"""Of which part of a text a size is: "all" for the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

from .forms import Form
from .items import Item, clause, item_at
from .quantities import Quantity

# Parts that are a line or two: what is counted in characters is mostly one of them.
SHORT_PARTS = frozenset({"headline", "description", "title", "subject", "preheader", "primary text", "slug", "tagline"})
# Parts that are texts, which a line with their name and a colon tells the size of: "Answer: one sentence".
TEXTS = SHORT_PARTS | {"question", "answer", "option", "objective", "heading", "bullet", "quote"}
# What is counted beside the text and has no size.
BESIDE = frozenset({"emoji", "hashtag", "link", "image"})
# Items that are looked at before a number, and behind its unit.
_BEFORE, _BEHIND = 7, 5
_OPENING = ("(", "（")
_BOUNDS_AFTER = ("most.after", "least.after", "about.after")


@dataclass(frozen=True, slots=True)
class Counted:
    """Something of which a brief said how many, and where its noun stands, so that a size behind it knows what it is of."""

    what: str
    at: int
    several: bool


def part_of(items: list[Item], one: Quantity, at: int, form: Form, counted: list[Counted]) -> str:
    """The part that a size is of, whose unit stands at a place; "all" for the whole text."""
    each = is_each(items, one, at)
    behind = item_at(items, at + 1)
    if counted and behind.has("units") and behind.noun and behind.means["units"] != items[at].means["units"]:
        return _meant(behind.noun, form, counted)  # "3 bullets and a 50 word paragraph"
    if part := _named_behind(items, at):
        return _meant(part, form, counted)
    itself = at < one.first  # "Paragraphs: 3" names no part.
    if part := "" if itself else named_before(items, one, counted):
        return _meant(part, form, counted, each=each)
    sized = [known for known in counted if known.at < one.first and known.what not in BESIDE]
    if each:
        one_of_several = any(item.means["each"] != "any" for item in _saying_each(items, one, at))
        return sized[-1].what if sized else (one_of_several and form.main) or "all"
    if sized and item_at(items, one.first - 1).text in _OPENING and 0 < one.first - 1 - sized[-1].at <= 2:
        return sized[-1].what
    unit = items[at].means["units"]
    if unit == "characters":
        if sized and sized[-1].what in SHORT_PARTS:
            return sized[-1].what
        named = {item.means["nouns"] for item in items[: one.first] if item.means.get("nouns") in SHORT_PARTS}
        if len(named) == 1:
            return _meant(named.pop(), form, counted)
    if form.main == "description" and form.main not in form.whole and unit == "words":
        named = {item.means["nouns"] for item in items if item.means.get("nouns") in SHORT_PARTS}
        if len(named) == 1:
            return named.pop()
    if form.main == "tagline" and unit in ("words", "characters"):
        lines = [known.what for known in sized if known.what in ("tagline", "variant", "option")]
        return lines[-1] if lines else "tagline"
    return "all"


def _sized(items: list[Item], at: int) -> str:
    """The part that the clause before a comma says to be short or long: "answers should be short, 6 words tops"."""
    start, _ = clause(items, at - 1)
    before = items[start:at]
    if not any(item.has("sized") for item in before):
        return ""
    return next((part for item in before if (part := _named(item))), "")


def _named(item: Item) -> str:
    """The part that an item names; what means the whole text names none."""
    return "" if item.has("text") and not item.has("nouns") else item.noun


def _meant(noun: str, form: Form, counted: list[Counted], *, each: bool = False) -> str:
    """The part that a noun means: the whole text where that is called so and there is only one."""
    noun = form.called.get(noun, noun)
    if noun == "field" and form.main != "row":  # "The field only takes 60 characters."
        return counted[-1].what if counted else "all"
    several = any(known.what == noun and known.several for known in counted)
    return "all" if noun in form.whole and not several and not each else noun


def _named_behind(items: list[Item], at: int) -> str:
    """The part that is named behind the unit: "30 characters per headline", "a 60-character title", "80 words in total"."""
    linked = False
    for after in range(at + 1, at + 1 + _BEHIND):
        item = item_at(items, after)
        if item.sort in ("stop", "comma", "number", "figure", "literal") or item.has("also"):
            return ""
        if item.has("text") and not item.has("nouns"):
            return "all"
        if _named(item) and (linked or not item.has("units")):
            direct = after == at + 1 or items[at + 1].text == "-"
            return _named(item) if linked or direct else ""
        linked = linked or item.has("each", "of") or (item.has("to") and item_at(items, after + 1).has("article"))
        if not linked and not item.has(*_BOUNDS_AFTER) and item.text != "-":
            return ""
    return ""


def is_each(items: list[Item], one: Quantity, at: int) -> bool:
    """Whether a size, whose unit stands at a place, is that of each entry: "each < 100 words", "30 characters apiece"."""
    return bool(_saying_each(items, one, at))


def _saying_each(items: list[Item], one: Quantity, at: int) -> list[Item]:
    """The words around a size that make it that of each entry; those that mean "any" do so only where there are several."""
    near: list[Item] = []
    for item in items[max(0, one.first - 3) : one.first]:
        near = [] if item.sort in ("stop", "comma", "number") and item.text != ":" else [*near, item]
    near += items[one.first : at]
    for item in items[at + 1 : at + 4]:
        if item.sort in ("stop", "comma", "number"):
            break
        near.append(item)
    return [item for item in near if item.has("each")]


def named_before(items: list[Item], one: Quantity, counted: list[Counted]) -> str:
    """The part that is named before a number in its clause, empty without one."""
    for at in range(one.first - 1, max(-1, one.first - 1 - _BEFORE), -1):
        item = items[at]
        if item.text == "," and item_at(items, at - 2).sort == "stop" and _named(item_at(items, at - 1)):
            return _named(items[at - 1])  # "Title, ten words or fewer."
        if item.text == "," and (part := _sized(items, at)):
            return part
        if item.sort == "stop" or (item.sort == "comma" and item.text not in (":", *_OPENING)):
            return ""
        if item.sort in ("number", "figure") and not any(known.at >= at for known in counted[-3:]):
            return ""
        if part := _named(item):
            return _held(items, at) or part
        if item.has("text"):
            return "all"
    return ""


def _held(items: list[Item], at: int) -> str:
    """The part that each of those at a place has one of: "headline on every card"."""
    first = at
    while item_at(items, first - 1).has("each", "of"):
        first -= 1
    each = any(item.has("each") for item in items[first:at])
    part = _named(item_at(items, first - 1)) if each else ""
    return "" if part in BESIDE else part
