"""Describes in plain words what is wrong with a value: the field, the given value, and what is allowed. No I/O."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .errors import Phrase

# Maximum characters of a given text that are quoted.
_MAX_QUOTED_CHARACTERS = 40
# The labels of fields that differ from the fields' names.
FIELD_LABELS = {
    "avoid_words": "words to avoid",
    "call_to_action": "call to action",
    "display_name": "display name",
    "output_language": "language of results",
    "prefer_terms": "words you like",
    "preferred_length": "length",
    "reading_level": "reading level",
}


def describe_field(location: Sequence[str | int]) -> Phrase:
    """Return a field's path as a part of a sentence: "tone", or "tone, entry 2,"."""
    name, *inner_location = location
    field = Phrase(FIELD_LABELS.get(str(name), str(name)[:60]))
    if not inner_location:
        return field
    within = [
        part[:60] if isinstance(part, str) else Phrase("entry {number}", number=part + 1) for part in inner_location
    ]
    return Phrase("{field}, {within},", field=field, within=within)


def describe_fault(error_type: str, given: Any, context: dict[str, Any]) -> Phrase:
    """Describe what is wrong with a value, as the end of a sentence; `error_type` and `context` are those of pydantic's error."""
    value = describe_value(given)
    match error_type:
        case "missing":
            return Phrase("is missing")
        case "string_too_short" | "too_short":
            return Phrase("is empty; fill it in or remove it")
        case "string_too_long" | "too_long":
            text = "is too long: the limit is {most} characters, and it has {count}"
            entries = "has {count} entries; the limit is {most}"
            return Phrase(text if isinstance(given, str) else entries, most=context["max_length"], count=len(given))
        case "literal_error":
            known = re.findall(r"'([^']*)'", context["expected"])
            return Phrase("should be one of {known}, not {given}", known=known, given=value)
        case "tuple_type" | "list_type":
            return Phrase('should be a list in brackets, such as ["one", "two"], not {given}', given=value)
        case "string_type":
            return Phrase("should be a text in quotes, not {given}", given=value)
        case "model_type" | "model_attributes_type" | "dict_type":
            return Phrase('should be a group of fields such as {{"text": "…"}}, not {given}', given=value)
        case "value_error":
            return Phrase("{wrong}, not {given}", wrong=Phrase(str(context["error"])), given=value)
        case _:
            return Phrase("has a format I cannot use: {given}", given=value)


def describe_value(given: Any) -> Phrase:
    """Describe a value by its type, or quote it if it is a text or a number."""
    match given:
        case str():
            return Phrase(
                '"{shown}"',
                shown=given if len(given) <= _MAX_QUOTED_CHARACTERS else given[: _MAX_QUOTED_CHARACTERS - 1] + "…",
            )
        case None:
            return Phrase("nothing")
        case bool():
            return Phrase("yes" if given else "no")
        case int() | float():
            return Phrase("the number {number}", number=str(given)[:_MAX_QUOTED_CHARACTERS])
        case list() | tuple():
            return Phrase("a list")
        case dict():
            return Phrase("a group of fields")
        case _:
            return Phrase("that")
