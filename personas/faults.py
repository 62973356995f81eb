"""What is wrong with a value in plain words: which field, what was given, what is allowed. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from .errors import Phrase

# The length to which a given text is quoted.
_MAX_QUOTED_CHARACTERS = 40
# Labels of fields whose names in files differ from them.
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
    """Return a field's path for a sentence: "tone", or "tone, entry 2,"."""
    name, *within = location
    field = Phrase(FIELD_LABELS.get(str(name), str(name)[:60]))
    if not within:
        return field
    inner = [part[:60] if isinstance(part, str) else Phrase("entry {number}", number=part + 1) for part in within]
    return Phrase("{field}, {within},", field=field, within=inner)


def describe_fault(kind: str, given: Any, context: dict[str, Any]) -> Phrase:
    """Describe what is wrong with a value, as the rest of a sentence; `kind` and `context` are pydantic's."""
    value = describe_value(given)
    match kind:
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
    """Describe a given value by its type; texts and numbers are quoted."""
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
