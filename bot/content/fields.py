"""What stands beside the fields of a kind's parts: how many, how long, one of which. Data only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Count:
    """How many entries a list has, and what briefs call one of them.

    `nouns` are singular: "3 headlines" is a number of the field whose nouns hold "headline". `before` are words before a
    number where no noun follows: "out of 20" points. Of a written text only the brief's own number is measured; `low`, `high`
    and `default` bound what code draws (`Drawn`).
    """

    low: int = 0
    high: int = 100
    default: int = 0
    nouns: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """How long a text field is. `nouns` as for Count: "subject max 60 chars".

    As with Count, `most` and `least` bound what code draws; 0 is no bound.
    """

    most: int = 0
    least: int = 0
    unit: str = "characters"
    nouns: tuple[str, ...] = ()


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
        """The value that a text means, whatever its capitals: the one it is, holds or is most like, else the first."""
        written = text.strip().casefold()
        known = {value.casefold(): value for value in self.values}
        words = written.split()
        held = [one for one in known if one in words or (len(one) > 1 and one in written)]
        alike = [max(held, key=len)] if held else get_close_matches(written, known, 1)
        return known.get(written) or (known[alike[0]] if alike else self.values[0])
