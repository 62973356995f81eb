"""Annotations of the fields of a kind's parts: how many, how long, which values. Data only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, get_args, get_origin

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Count:
    """The number of entries in a list, and the nouns that briefs use for one of them.

    `nouns` are singular: "3 headlines" is a number for the field whose nouns include "headline". `before` lists words that precede
    a number without a noun: "out of 20" points. In a written text only the brief's own number is measured; `low`, `high` and
    `default` bound what code composes (`Composer`).
    """

    low: int = 0
    high: int = 100
    default: int = 0
    nouns: tuple[str, ...] = ()
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Size:
    """The length of a text field. `nouns` as for `Count`: "subject max 60 chars".

    As with `Count`, `high` and `low` bound what code composes; 0 means no bound.
    """

    high: int = 0
    low: int = 0
    unit: str = "characters"
    nouns: tuple[str, ...] = ()


def find_annotations(model: type[BaseModel], kind: type[Count] | type[Size]) -> Iterator[Any]:
    """Yield every `Count` or `Size` annotation of a model's fields, including nested models."""
    for one in model.model_fields.values():
        yield from (annotation for annotation in one.metadata if isinstance(annotation, kind))
        yield from _find_annotations(one.annotation, kind)


def _find_annotations(annotation: Any, kind: type[Count] | type[Size]) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from find_annotations(annotation, kind)
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if isinstance(argument, kind):
                yield argument
            else:
                yield from _find_annotations(argument, kind)


@dataclass(frozen=True, slots=True)
class Choice:
    """The only values that a text field accepts. Any other value is replaced by the nearest of them."""

    values: tuple[str, ...]

    def find_nearest(self, text: str) -> str:
        """Return the value that a text equals, contains or most resembles, ignoring case, else the first value."""
        written = text.strip().casefold()
        known = {value.casefold(): value for value in self.values}
        words = written.split()
        held = [one for one in known if one in words or (len(one) > 1 and one in written)]
        alike = [max(held, key=len)] if held else get_close_matches(written, known, 1)
        return known.get(written) or (known[alike[0]] if alike else self.values[0])
