"""The parts of a text, field by field, with the nouns that briefs use for them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from bot.content import Choice, Count, Size

# The field of a composed kind that holds the writer's note, and its maximum length.
NOTE, _MAX_NOTE_CHARACTERS = "to_check", 300


@dataclass(frozen=True, slots=True)
class PartField:
    """A part found in a text: its field's name, its path ("items.2.question"), its value, and its `Count` or `Size` annotations."""

    name: str
    path: str
    value: Any
    count: Count | None = None
    sizes: tuple[Size, ...] = ()

    @property
    def nouns(self) -> frozenset[str]:
        """The nouns that briefs use for it."""
        found = {noun for size in self.sizes for noun in size.nouns}
        return frozenset(found | set(self.count.nouns if self.count else ()))


def iter_fields(shape: type[BaseModel] | None, parts: Mapping[str, Any]) -> Iterator[PartField]:
    """Yield every list and text of some parts that match the shape; anything else is skipped."""
    for name, info in shape.model_fields.items() if shape else ():
        if name in parts:
            yield from _iter_fields(name, name, info.annotation, info.metadata, parts[name])


def _iter_fields(name: str, path: str, annotation: Any, metadata: list[Any], value: Any) -> Iterator[PartField]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        yield from _iter_fields(name, path, inner, [*more, *metadata], value)
    elif get_origin(annotation) is list and isinstance(value, list):
        count = next((annotation for annotation in metadata if isinstance(annotation, Count)), None)
        yield PartField(name, path, value, count, _find_sizes(metadata))
        for number, entry in enumerate(value):
            yield from _iter_fields(name, f"{path}.{number}", get_args(annotation)[0], [], entry)
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and isinstance(value, Mapping):
        for inner_name, info in annotation.model_fields.items():
            if inner_name in value:
                inner_path = f"{path}.{inner_name}"
                yield from _iter_fields(inner_name, inner_path, info.annotation, info.metadata, value[inner_name])
    elif isinstance(value, str):
        yield PartField(name, path, value, None, _find_sizes(metadata))


def _find_sizes(metadata: list[Any]) -> tuple[Size, ...]:
    return tuple(annotation for annotation in metadata if isinstance(annotation, Size))


def build_schema(shape: type[BaseModel], *, has_note: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a shape, with bounds from its `Count` and `Size` annotations; without free-form mappings.

    With `has_note`, its last field is the writer's note.
    """
    fields = {name: info for name, info in shape.model_fields.items() if get_origin(info.annotation) is not dict}
    properties = {name: _build_schema(info.annotation, info.metadata) for name, info in fields.items()}
    properties |= {NOTE: {"type": "string", "maxLength": _MAX_NOTE_CHARACTERS}} if has_note else {}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}


def _build_schema(annotation: Any, metadata: list[Any]) -> dict[str, Any]:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _build_schema(inner, [*more, *metadata])
    if get_origin(annotation) is list:
        count = next((annotation for annotation in metadata if isinstance(annotation, Count)), Count())
        items = _build_schema(get_args(annotation)[0], [])
        return {"type": "array", "items": items, "minItems": count.low, "maxItems": count.high}
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return build_schema(annotation)
    if annotation is int:
        return {"type": "integer"}
    if annotation is bool:
        return {"type": "boolean"}
    if choice := next((annotation for annotation in metadata if isinstance(annotation, Choice)), None):
        return {"type": "string", "enum": list(choice.values)}
    size = next(
        (annotation for annotation in metadata if isinstance(annotation, Size) and annotation.unit == "characters"),
        Size(),
    )
    bounds = {name: value for name, value in (("minLength", size.low), ("maxLength", size.high)) if value}
    return {"type": "string", **bounds}


def extract_note(data: Mapping[str, Any]) -> str:
    """Return the writer's note from the data a model filled in; empty if there is none."""
    note = data.get(NOTE)
    return " ".join(note.split())[:_MAX_NOTE_CHARACTERS] if isinstance(note, str) else ""


def tidy(shape: type[BaseModel], data: Mapping[str, Any]) -> dict[str, Any]:
    """Return model data with every field present: missing or mistyped values become empty, choices the nearest value."""
    fields = {name: info for name, info in shape.model_fields.items() if get_origin(info.annotation) is not dict}
    return {name: _tidy(info.annotation, info.metadata, data.get(name)) for name, info in fields.items()}


def _tidy(annotation: Any, metadata: list[Any], value: Any) -> Any:
    if get_origin(annotation) is Annotated:
        inner, *more = get_args(annotation)
        return _tidy(inner, [*more, *metadata], value)
    if get_origin(annotation) is list:
        count = next((annotation for annotation in metadata if isinstance(annotation, Count)), Count())
        listed = value if isinstance(value, list) else []
        return [_tidy(get_args(annotation)[0], [], one) for one in listed[: count.high]]
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return tidy(annotation, value if isinstance(value, Mapping) else {})
    if annotation is bool:
        return value is True
    if annotation is int:
        return int(value) if isinstance(value, int | float) else 0
    text = value.strip() if isinstance(value, str) else str(value) if isinstance(value, int | float) else ""
    choice = next((annotation for annotation in metadata if isinstance(annotation, Choice)), None)
    return choice.find_nearest(text) if choice else text
