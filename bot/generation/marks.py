"""The Counts and Sizes that stand in the fields of an output model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from bot.content import Count, Size


def marks(model: type[BaseModel], kind: type[Count] | type[Size]) -> Iterator[Any]:
    """Every Count or Size that stands in the fields of a model, nested ones too."""
    for field in model.model_fields.values():
        yield from (mark for mark in field.metadata if isinstance(mark, kind))
        yield from _marks_in(field.annotation, kind)


def _marks_in(annotation: Any, kind: type[Count] | type[Size]) -> Iterator[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from marks(annotation, kind)
    elif get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if isinstance(argument, kind):
                yield argument
            else:
                yield from _marks_in(argument, kind)
