"""What a request says of each preference, in terms of what held before; it goes before everything that is remembered. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bot.briefs import Manner, read_by_patterns
from bot.content import Kind, Request
from personas.learning import length_after, level_after
from personas.profile import CEFR_GRADES, Length

from .tastes import Setting, Sign, from_wish

# Characters of a brief and of a wish that are read.
_MOST_BRIEF, _MOST_WISH = 6_000, 2_000


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a request says: `signs` by the field of a profile or a habit, those of lists apart in `words` to avoid.

    A habit that the request takes away without naming another is empty.
    """

    signs: dict[str, Any]
    words: tuple[str, ...] = ()


def preferences_in(request: Request, kind: Kind, was: Setting) -> Preferences:
    """What the brief and the wishes added to it say, the newest last; lengths and levels are counted from what `was`.

    A length that was picked goes before that of the brief.
    """
    signs: dict[str, Any] = {}
    avoided: list[str] = []
    texts = [(request.brief[:_MOST_BRIEF], False), *((note[:_MOST_WISH], True) for note in request.notes)]
    for text, wished in texts:
        for name, value in _signs(text, kind, was, wished=wished):
            if name == "avoid_words":
                avoided.append(value)
            elif name != "preferred_length" or wished or not request.length:
                signs[name] = value
        was = Setting(
            signs.get("preferred_length", was.length),
            signs.get("emoji", was.emoji),
            signs.get("reading_level", was.level),
        )
    return Preferences(signs, tuple(avoided))


def _signs(text: str, kind: Kind, was: Setting, *, wished: bool) -> Iterator[Sign]:
    """How it should be written: what a wish says of the result is read loosely, a brief is mostly about its matter."""
    manner = read_by_patterns(text, kind.reader).manner
    yield from _lines(manner)
    loose = from_wish(manner.told, was)
    yield from (sign for sign in loose if sign[0] in ("emoji", "exclamation_marks", "avoid_words"))
    asked = from_wish(manner.plain, was) if wished else []
    yield from (sign for sign in asked if sign[0] in ("formality", "preferred_length", "reading_level"))
    known = {name for name, _ in asked}
    if "formality" not in known and manner.formality:
        yield "formality", manner.formality
    if "preferred_length" not in known and manner.length:
        yield "preferred_length", _length(manner.length, was.length)
    if level := _level(manner.level, was.level, known="reading_level" in known):
        yield "reading_level", level


def _lines(manner: Manner) -> Iterator[Sign]:
    """What is said of who speaks, of the greeting and of the closing."""
    for name in ("greeting", "closing", "person"):
        value = getattr(manner, name)
        if value is not None:
            yield name, value


def _length(said: str, was: Length) -> Length:
    match said:
        case "short" | "long":
            return said
        case _:
            return length_after(was, -1 if said == "shorter" else 1)


def _level(said: str, was: str, *, known: bool) -> str:
    """The reading level that is named, or that is easier or harder than it was; words may decide it already."""
    match said:
        case "" | "easier" | "harder" | "easy" if known or not said:
            return ""
        case "easier" | "harder":
            return level_after(was, -1 if said == "easier" else 1)
        case "easy":
            order = [f"CEFR {name}" for name in CEFR_GRADES]
            # Of words that are to be simple, those that readers know already are simple enough.
            return "" if level_after(was, 0) in order[: order.index("CEFR B1")] else "CEFR B1"
        case _:
            return said
