"""What is wrong with a value that somebody gave, in plain words: which field, what was given, what is allowed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

# So much of a text that was given is told.
_MOST_TOLD = 40


def place(location: Sequence[str | int]) -> str:
    """A field by its path, as it stands in a sentence: "tone", or "tone, entry 2,"."""
    parts = [str(part)[:60] if isinstance(part, str) else f"entry {part + 1}" for part in location]
    return parts[0] if len(parts) == 1 else "".join(f"{part}, " for part in parts).strip()


def wrong(kind: str, given: Any, context: dict[str, Any]) -> str:
    """What is wrong with a value, as a sentence goes on after its field; `kind` and `context` are pydantic's of the fault."""
    told = in_words(given)
    match kind:
        case "missing":
            return "is missing"
        case "string_too_short" | "too_short":
            return "is empty; write something there or leave the entry out"
        case "string_too_long" | "too_long":
            most = context["max_length"]
            if isinstance(given, str):
                return f"is too long; at most {most} characters fit, and that has {len(given)}"
            return f"holds {len(given)} entries; at most {most} fit"
        case "literal_error":
            return f"should be {context['expected']}, not {told}"
        case "tuple_type" | "list_type":
            return f'should be a list in brackets, such as ["one", "two"], not {told}'
        case "string_type":
            return f"should be a text in quotes, not {told}"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f'should be a group of fields such as {{"text": "…"}}, not {told}'
        case "value_error":
            return f"{context['error']}, not {told}"
        case _:
            return f"has a form that I cannot use: {told}"


def in_words(given: Any) -> str:
    """What was given, by its sort, a text or number by itself."""
    match given:
        case str():
            return f'"{given if len(given) <= _MOST_TOLD else given[: _MOST_TOLD - 1] + "…"}"'
        case None:
            return "nothing"
        case bool():
            return "yes" if given else "no"
        case int() | float():
            return f"the number {str(given)[:_MOST_TOLD]}"
        case list() | tuple():
            return "a list"
        case dict():
            return "a group of fields"
        case _:
            return "that"
