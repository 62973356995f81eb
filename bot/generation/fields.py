"""The parts of a text, field by field, with what briefs call each of them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bot.content import Choice, Count, Size

# The field of a drawn kind that holds its writer's note, and characters of it.
NOTE, _MAX_NOTED = "to_check", 300


@dataclass(frozen=True, slots=True)
class Field:
    """A part that was found in a text: its field's name, its path ("items.2.question"), its Count or Sizes, and what it holds."""

    name: str
    path: str
    value: Any
    count: Count | None = None
    sizes: tuple[Size, ...] = ()

    @property
    def nouns(self) -> frozenset[str]:
        """What briefs call it."""
        found = {noun for size in self.sizes for noun in size.nouns}
        return frozenset(found | set(self.count.nouns if self.count else ()))


def fields_of(shape: type[BaseModel] | None, parts: Mapping[str, Any]) -> Iterator[Field]:
    """Every list and text of some parts, as far as they have the shape; what has another is passed over."""
    for name, info in shape.model_fields.items() if shape else ():
        if name in parts:
            yield from _fields(name, name, info.annotation, info.metadata, parts[name])


def _fields(name: str, path: str, annotation: Any, metadata: list[Any], value: Any) -> Iterator[Field]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from _fields(name, path, inner, [*more, *metadata], value)
    elif get_origin(annotation) is list and isinstance(value, list):
        count = next((mark for mark in metadata if isinstance(mark, Count)), None)
        yield Field(name, path, value, count, _sizes(metadata))
        for number, entry in enumerate(value):
            yield from _fields(name, f"{path}.{number}", get_args(annotation)[0], [], entry)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, Mapping):
        for inner_name, info in annotation.model_fields.items():
            if inner_name in value:
                inner_path = f"{path}.{inner_name}"
                yield from _fields(inner_name, inner_path, info.annotation, info.metadata, value[inner_name])
    elif isinstance(value, str):
        yield Field(name, path, value, None, _sizes(metadata))


def _sizes(metadata: list[Any]) -> tuple[Size, ...]:
    return tuple(mark for mark in metadata if isinstance(mark, Size))


def schema_of(shape: type[BaseModel], *, noted: bool = False) -> dict[str, Any]:
    """The JSON schema of a shape, with its Counts and Sizes as bounds where they have some; without names that a text chooses.

    With `noted`, its last field is the writer's note.
    """
    fields = {name: info for name, info in shape.model_fields.items() if get_origin(info.annotation) is not dict}
    properties = {name: _schema(info.annotation, info.metadata) for name, info in fields.items()}
    properties |= {NOTE: {"type": "string", "maxLength": _MAX_NOTED}} if noted else {}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _schema(annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _schema(inner, [*more, *metadata])
    if get_origin(annotation) is list:
        count = next((mark for mark in metadata if isinstance(mark, Count)), Count())
        items = _schema(get_args(annotation)[0], [])
        return {"type": "array", "items": items, "minItems": count.low, "maxItems": count.high}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return schema_of(annotation)
    if annotation is int:
        return {"type": "integer"}
    if annotation is bool:
        return {"type": "boolean"}
    if choice := next((mark for mark in metadata if isinstance(mark, Choice)), None):
        return {"type": "string", "enum": list(choice.values)}
    size = next((mark for mark in metadata if isinstance(mark, Size) and mark.unit == "characters"), Size())
    bounds = {name: value for name, value in (("minLength", size.low), ("maxLength", size.high)) if value}
    return {"type": "string", **bounds}


def note_in(data: Mapping[str, Any]) -> str:
    """The writer's note in what a model filled in; empty where there is none."""
    note = data.get(NOTE)
    return " ".join(note.split())[:_MAX_NOTED] if isinstance(note, str) else ""


def tidy(shape: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """What a model filled in, with every field there: what is missing or of another sort is empty, a choice is its nearest value."""
    fields = {name: info for name, info in shape.model_fields.items() if get_origin(info.annotation) is not dict}
    return {name: _tidy(info.annotation, info.metadata, data.get(name)) for name, info in fields.items()}


def _tidy(annotation: Any, metadata: list[Any], value: Any) -> Any:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _tidy(inner, [*more, *metadata], value)
    if get_origin(annotation) is list:
        count = next((mark for mark in metadata if isinstance(mark, Count)), Count())
        listed = value if isinstance(value, list) else []
        return [_tidy(get_args(annotation)[0], [], one) for one in listed[: count.high]]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return tidy(annotation, value if isinstance(value, Mapping) else {})
    if annotation is bool:
        return value is True
    if annotation is int:
        return int(value) if isinstance(value, int | float) else 0
    text = value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
    choice = next((mark for mark in metadata if isinstance(mark, Choice)), None)
    return choice.find_nearest(text) if choice else text
