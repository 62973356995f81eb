"""The scenes and turns of a parsed script, and their durations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.reading.film import TimeSpan
from bot.reading.lines import strip_quotes


@dataclass(slots=True)
class ParsedTurn:
    """The words of one speaker until the next one speaks, and the descriptions of the picture before them."""

    speaker: str = ""
    words: list[str] = field(default_factory=list)
    visuals: list[str] = field(default_factory=list)
    time: TimeSpan = field(default_factory=TimeSpan)
    # The paragraph of the words (`Line.block`).
    block: int = -1

    @property
    def text(self) -> str:
        """The words as one text, without quotation marks around all of it."""
        return strip_quotes(" ".join(self.words))


@dataclass(slots=True)
class ParsedScene:
    """A scene. Descriptions of the picture after its last words are a turn without words."""

    heading: str = ""
    time: TimeSpan = field(default_factory=TimeSpan)
    picture: list[str] = field(default_factory=list)
    turns: list[ParsedTurn] = field(default_factory=list)


@dataclass(slots=True)
class ParsedScript:
    """A script for film or audio."""

    title: str = ""
    summary: str = ""
    scenes: list[ParsedScene] = field(default_factory=list)
    total_seconds: float | None = None


def compute_durations(times: Sequence[TimeSpan], total_seconds: float | None) -> list[float | None]:
    """Return the seconds of each of several consecutive items: as given, else until the next item or the end."""
    durations = list[float | None]()
    for time, end in zip(times, [*(later.start for later in times[1:]), total_seconds], strict=False):
        duration = time.seconds
        if duration is None and time.start is not None and end is not None and end > time.start:
            duration = end - time.start
        durations.append(duration)
    return durations


def compute_length(scenes: Iterable[ParsedScene], total_seconds: float | None) -> float | None:
    """Return the seconds at which the last scene or turn ends; `total_seconds` if no ends are given."""
    times = [time for scene in scenes for time in (scene.time, *(turn.time for turn in scene.turns))]
    ends = [time.end for time in times if time.end is not None]
    return max(ends, default=None) or total_seconds


def build_seconds_part(seconds: float | None) -> dict[str, Any]:
    """Return the part for a length in seconds, rounded; empty without one."""
    return {"seconds": round(seconds)} if seconds else {}
