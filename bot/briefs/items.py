"""The items of a brief, which are its tokens with their positions and meanings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from .lexicon import Lexicon

ItemType = Literal["word", "number", "figure", "literal", "link", "hashtag", "ratio", "stop", "comma"]
# The maximum number of items of a clause on either side of an index.
_MAX_CLAUSE_ITEMS = 24
_DASHES = frozenset("-–—~〜")


@dataclass(slots=True)
class Item:
    """A token of a brief: its span in the text, its type, and its meanings by section of the lexicons."""

    start: int
    end: int
    text: str
    type: ItemType
    meanings: dict[str, str] = field(default_factory=dict)
    # The value of a number.
    value: float = 0
    # The kind of a figure, such as "date", or "ordinal" for a number.
    kind: str = ""
    # Whether a statement that was read includes it, so that it counts for no other.
    is_used: bool = False

    def has(self, *sections: str) -> bool:
        """Whether the item has a meaning in one of some sections."""
        return bool(self.meanings) and not self.meanings.keys().isdisjoint(sections)

    @property
    def noun(self) -> str:
        """The noun that the item names, in general or for the kind; empty for none."""
        noun = self.meanings.get("nouns", "")
        return noun if noun not in ("", "skip") else self.meanings.get("own", "")


# The item before the first and after the last one.
NO_ITEM = Item(-1, -1, "", "stop")


@dataclass(frozen=True, slots=True)
class Brief:
    """A brief with its items, its normalised text (of the same length) and its language."""

    text: str
    normal: str
    language: str
    lexicon: Lexicon
    items: list[Item]


def get_item(items: list[Item], index: int) -> Item:
    """Return the item at an index, `NO_ITEM` outside of the list."""
    return items[index] if 0 <= index < len(items) else NO_ITEM


def find_clause(items: list[Item], index: int) -> tuple[int, int]:
    """Return the indexes of the clause around an index: from a comma or stop to the next, within a maximum."""
    min_start, max_end = max(0, index - _MAX_CLAUSE_ITEMS), min(len(items), index + _MAX_CLAUSE_ITEMS)
    start, end = index, index + 1
    while start > min_start and items[start - 1].type not in ("stop", "comma"):
        start -= 1
    while end < max_end and items[end].type not in ("stop", "comma"):
        end += 1
    return start, end


def has_second(items: list[Item], index: int) -> bool:
    """Whether "or two" follows the noun or unit at an index: "a sentence or two"."""
    joining_item, number, following = (get_item(items, index + distance) for distance in (1, 2, 3))
    is_two = number.type == "number" and number.value == 2 and not number.kind
    joins = joining_item.has("to") and joining_item.text not in _DASHES
    return (
        get_item(items, index).has("units", "nouns")
        and joins
        and is_two
        and not following.has("units", "nouns", "time")
    )
