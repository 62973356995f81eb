"""The scenes and turns of a script, and how long they take. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.reading.film import (
    TimeSpan,
)
from bot.reading.lines import strip_quotes


@dataclass(slots=True)
class ParsedTurn:
    """What one speaker says until the next one speaks, and what is seen before it."""

    speaker: str = ""
    words: list[str] = field(default_factory=list)
    visuals: list[str] = field(default_factory=list)
    time: TimeSpan = field(default_factory=TimeSpan)
    block: int = -1

    @property
    def text(self) -> str:
        """The words, without quotation marks enclosing all of them."""
        return strip_quotes(" ".join(self.words))


@dataclass(slots=True)
class ParsedScene:
    """A part with its heading. What is seen after its last words is a turn without words."""

    heading: str = ""
    time: TimeSpan = field(default_factory=TimeSpan)
    picture: list[str] = field(default_factory=list)
    turns: list[ParsedTurn] = field(default_factory=list)


@dataclass(slots=True)
class ParsedScript:
    """A parsed script or episode."""

    title: str = ""
    summary: str = ""
    scenes: list[ParsedScene] = field(default_factory=list)
    total: float | None = None


def compute_durations(times: Sequence[TimeSpan], total: float | None) -> list[float | None]:
    """Return the duration of each of several consecutive items: as given, else until the next begins."""
    found = list[float | None]()
    for at, time in enumerate(times):
        last = at + 1 == len(times)
        later = total if last else times[at + 1].start
        start = time.start
        until = later - start if start is not None and later is not None and later > start else None
        found.append(time.seconds if time.seconds is not None else until)
    return found


def compute_length(scenes: Iterable[ParsedScene], total: float | None) -> float | None:
    """Return the total length, if times are given."""
    times = [time for scene in scenes for time in (scene.time, *(turn.time for turn in scene.turns))]
    ends = [time.end for time in times if time.end is not None]
    return max(ends, default=None) or total


def build_seconds_part(seconds: float | None) -> dict[str, Any]:
    """Return a length as a part; empty if there is none."""
    return {"seconds": round(seconds)} if seconds else {}
