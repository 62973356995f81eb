"""The queue position shown to users who wait for the model, with the estimated time."""

from __future__ import annotations

import asyncio
import contextlib
import math
import statistics
import time
from collections import deque
from collections.abc import AsyncIterator, Hashable, Iterator
from dataclasses import dataclass, field

from bot.admission.fair import FairSemaphore, Urgency
from bot.errors import Phrase

from .surface import Surface

# The update interval of a position; with a long queue it grows, so that all positions together are updated
# no more often than this many times a second.
LOOK_SECONDS, _MAX_UPDATES_PER_SECOND = 1.0, 10
# The number of recent requests that the estimate is based on.
_MAX_RECENT = 15
# The rounding of times, and the time from which minutes are shown, in seconds.
_STEP_SECONDS, _MIN_MINUTES_SECONDS = 5, 100

_NEXT = Phrase("You are next in line.")
_PLACE = "You are number {place} in line."
_NEXT_SECONDS = "You are next in line. It starts in about {seconds} s."
_PLACE_SECONDS = "You are number {place} in line. It starts in about {seconds} s."
_PLACE_MINUTES = "You are number {place} in line. It starts in about {minutes} min."


@dataclass(slots=True)
class Turnover:
    """How long recent requests have held their slots, in seconds."""

    recent_seconds: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_RECENT))

    @contextlib.contextmanager
    def measure(self) -> Iterator[None]:
        """Measure how long a slot is held."""
        began = time.monotonic()
        yield  # Failed requests say nothing about the duration of others.
        self.recent_seconds.append(time.monotonic() - began)

    def estimate_wait(self, place: int, places: int) -> float | None:
        """Estimate the seconds until a position is admitted, with so many slots; None while nothing is known."""
        return statistics.median(self.recent_seconds) * place / places if self.recent_seconds else None


def describe_position(place: int, seconds: float | None) -> Phrase:
    """Describe a position in the queue, with the wait where it is known."""
    if seconds is None:
        return _NEXT if place == 1 else Phrase(_PLACE, place=place)
    if seconds >= _MIN_MINUTES_SECONDS:
        return Phrase(_PLACE_MINUTES, place=place, minutes=math.ceil(seconds / 60))
    rounded = max(_STEP_SECONDS, math.ceil(seconds / _STEP_SECONDS) * _STEP_SECONDS)
    return (
        Phrase(_NEXT_SECONDS, seconds=rounded) if place == 1 else Phrase(_PLACE_SECONDS, place=place, seconds=rounded)
    )


@contextlib.asynccontextmanager
async def wait_in_line(
    room: FairSemaphore,
    asker: Hashable,
    name: str,
    surface: Surface,
    turnover: Turnover,
    urgency: Urgency = Urgency.COMMAND,
) -> AsyncIterator[None]:
    """Wait for a slot and hold it; meanwhile the user sees their position whenever it changes."""
    async with contextlib.AsyncExitStack() as held:
        show_task = asyncio.create_task(_show_position(room, name, surface, turnover), name="place in line")
        try:
            await held.enter_async_context(room.place(asker, name=name, urgency=urgency))
        finally:
            show_task.cancel()
        surface.clear_position()
        held.enter_context(turnover.measure())
        yield


async def _show_position(room: FairSemaphore, name: str, surface: Surface, turnover: Turnover) -> None:
    last_shown = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS * max(1.0, room.waiting / _MAX_UPDATES_PER_SECOND))
        place = room.find_position(name)
        if place not in (None, last_shown) and surface.show_position(
            describe_position(place, turnover.estimate_wait(place, room.places))
        ):
            last_shown = place
