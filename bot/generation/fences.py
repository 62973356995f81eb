"""Fences around material in prompts: tags that it cannot close. Pure."""

from __future__ import annotations

import re

# Our own tags, and the turn markers of model templates.
_TAGS = re.compile(
    r"</?\s*(?:material|voice|text|check|version|ask|refuse|habit)\b[^>]*>|<\|[^|<>]{1,40}\|>|\[/?INST\]|<</?SYS>>|</?s>"
    r"|<(?:start|end)_of_turn>",
    re.IGNORECASE,
)
# A line that is only a tag of a fence.
_FENCE_LINE = re.compile(r"^[ \t]*</?(?:material|voice|text)>[ \t]*(?:\n|\Z)", re.MULTILINE)


def fence(tag: str, material: str, heading: str = "") -> str:
    """Return material between tags, below a heading."""
    return "\n".join(filter(None, [f"<{tag}>", strip_tags(heading), strip_tags(material), f"</{tag}>"]))


def strip_tags(material: str) -> str:
    """Return material without anything that could close its tags or start another turn."""
    while (without := _TAGS.sub("", material)) != material:  # Removal can form a new tag: <mat<material>erial>.
        material = without
    return material


def remove_fences(answer: str) -> str:
    """Return an answer without the lines of fences that a model has copied from its prompt."""
    return _FENCE_LINE.sub("", answer)
