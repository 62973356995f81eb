"""Which failed checks somebody has said are none of the text's faults. Pure."""

from __future__ import annotations

from bot.checks import Check
from bot.content import Assignment


def is_mistaken(check: Check, assignment: Assignment) -> bool:
    """Whether all that a failed check found is none of the text's faults."""
    return not check.passed and all((check.name, thing) in assignment.mistaken for thing in things_of(check))


def things_of(check: Check) -> tuple[str, ...]:
    """What a check found or missed, one by one; an empty word for a figure, and where it names nothing."""
    return tuple(map(str, check.value)) if isinstance(check.value, tuple) and check.value else ("",)
