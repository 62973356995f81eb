"""What stands beside the fields of a kind's output: how many, how long, one of which. Data only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries a list field holds: the bounds that are allowed, and the number when the brief names none.

    `nouns` are what briefs call the entries, in the singular: "3 headlines" sets the field whose nouns hold "headline".
    Entries that stand `apart` need not know of each other: a small model, which repeats itself in long lists, writes them
    one at a time, and the best of them are put together. `named` is the number where the brief names a noun but no
    number: a list that is usually empty is filled when "a reading text" is asked for, and what follows it is written from it.
    Points that brief and profile give are `known`: those of a small model come after them. Entries that stand apart and are
    `headed` by a term are each given another initial, as a small model would write the same term every time. `turn` names
    the text of an entry that is written once the outline stands: one entry after another, each knowing the outline and what
    was said last. `each` is about how many words an entry has, so that a longer text has more of them. `before` are
    words that stand before its number where no noun follows: "out of 20" points.
    """

    low: int
    high: int
    default: int
    nouns: tuple[str, ...] = ()
    apart: bool = False
    named: int = 0
    known: bool = False
    headed: bool = False
    turn: str = ""
    each: int = 0
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """The most (and least) that a text field holds. `nouns` as for Count: "subject max 60 chars".

    `form` is what a small model is held to: a "phrase" on one line, whole "sentences", or one "question"; empty lets the
    size decide. `starts` are the words that it begins with then, in English, which keep it from wandering. `spread` names
    the list over whose entries the words of the whole are spread; `most` and `least` are then per cent. People read of the
    field as what it is `called`, where its own name means another thing elsewhere.
    """

    most: int
    least: int = 0
    unit: str = "characters"
    nouns: tuple[str, ...] = ()
    form: Literal["", "phrase", "sentences", "question"] = ""
    starts: tuple[str, ...] = ()
    spread: str = ""
    called: str = ""


def marks(model: type[BaseModel], kind: type[Count] | type[Size]) -> Iterator[Any]:
    """Every Count or Size that stands in the fields of a model, nested ones too."""
    for one in model.model_fields.values():
        yield from (mark for mark in one.metadata if isinstance(mark, kind))
        yield from _marks_in(one.annotation, kind)


def _marks_in(annotation: Any, kind: type[Count] | type[Size]) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from marks(annotation, kind)
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if isinstance(argument, kind):
                yield argument
            else:
                yield from _marks_in(argument, kind)


@dataclass(frozen=True, slots=True)
class OneOf:
    """The only values that a text field takes. Whatever else is written becomes the nearest of them."""

    values: tuple[str, ...]

    def nearest(self, text: str) -> str:
        """The value that a text means: the one it holds or is most like, else the first."""
        said = text.strip().casefold()
        held = [value for value in self.values if value in said]
        alike = get_close_matches(said, self.values, 1)
        return max(held, key=len) if held else (alike or self.values)[0]


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: a brief, and what a good writer makes of it."""

    brief: str
    output: BaseModel
