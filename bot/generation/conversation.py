"""The conversation so far, as models are shown it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# The intent of a message that asks for another version of earlier texts instead of a new one.
CHANGE = "change"
# The intent of a message that asks for earlier texts as files, such as a PDF.
FILE = "file"
_NUMBER = re.compile(r"\d{1,2}")


@dataclass(frozen=True, slots=True)
class Turn:
    """An earlier request and what was written for it. `number` is the name of a text that can be changed, 0 for none."""

    asked: str
    written: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Intent:
    """What a message in a conversation asks for: a kind, `CHANGE` or `FILE`, and the numbers of the earlier texts it is about.

    No numbers where none were named; a new text that has nothing to do with the earlier ones has the number 0.
    """

    name: str
    numbers: tuple[int, ...] = ()


def format_conversation(turns: Sequence[Turn]) -> str:
    """Format the previous turns: requests and texts, oldest first."""
    headings = [f"You wrote text {turn.number}" if turn.number else "You wrote" for turn in turns]
    return "\n\n".join(
        f"They asked: {turn.asked}\n{heading}: {turn.written}" for turn, heading in zip(turns, headings, strict=True)
    )


def add_versions(earlier: str, versions: Sequence[str]) -> str:
    """Append the first and the last two earlier versions of the text, oldest first, to the conversation."""
    selected = [*versions[:1], *versions[1:][-2:]]
    return "\n\n".join([earlier, *(f"An earlier version of the text below:\n{version}" for version in selected)])


def parse_numbers(answer: str) -> tuple[int, ...]:
    """Return the numbers of texts in a model's answer, each once."""
    return tuple(dict.fromkeys(map(int, _NUMBER.findall(answer))))
