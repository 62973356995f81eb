"""Faults reported in a version, as instructions for the next one. Pure."""

from __future__ import annotations

from bot.content import Assignment

# The instruction that edits a version which sounded odd.
NATURAL = "Say it as people speak, in plain natural words and sentences of different length; keep what it says."
_UNTRUE = (
    "An earlier version said what is not true. State only what the brief, the facts and the material say: no other figure, name, date, "
    "price, promise or claim."
)
_TAUGHT = "An earlier version said what is not true. Check each statement before you write it, and leave out what you are not sure of."
_OFF = "An earlier version was not what was asked. Do all that the request asks and nothing else."
_ODD = "An earlier version sounded odd. Write as people speak: plain words, sentences of different length, no stock phrases."
FAULTS = ("untrue", "off", "odd")


def describe_faults(assignment: Assignment) -> list[str]:
    """Return a line for each fault of an earlier version that this one should avoid."""
    lines = {
        "untrue": _TAUGHT if assignment.kind.is_educational else _UNTRUE,
        "off": _OFF,
        "odd": _ODD,
    }
    return [lines[name] for name in FAULTS if name in assignment.request.faults]
