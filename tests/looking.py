"""A writer that looks at its own text again: it reads it over, and judges what code takes for faults of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any


def is_reading_over(messages: Sequence[Any]) -> bool:
    """Whether a call asks what a text misses of its brief."""
    return str(messages[0].text).startswith("You read a text")


def is_judging(messages: Sequence[Any]) -> bool:
    """Whether a call asks which of the faults that code found are none."""
    return str(messages[0].text).startswith("Code read a brief")


def is_looking(messages: Sequence[Any]) -> bool:
    """Whether a call is either of these."""
    return is_reading_over(messages) or is_judging(messages)


def excused_in(asked: str, excused: Sequence[str]) -> list[int]:
    """The numbers of the faults of a call that begin with what is excused."""
    listed = asked.rpartition("</material>")[2]
    return [
        int(number) for number, told in re.findall(r"(?m)^(\d+)\. (.*)$", listed) if told.startswith(tuple(excused))
    ]
