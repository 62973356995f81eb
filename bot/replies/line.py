"""What people are told while they wait for the model: their place in line, and about how long that takes."""

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

# Seconds between two looks at somebody's place: with a long line each is looked at less often, so that all of them together are
# shown no more often than this many times a second.
LOOK_SECONDS, _SHOWN_A_SECOND = 1.0, 10
# The last so many requests tell how long one takes.
_LATELY = 15
# Times are told in steps of so many seconds, and in minutes from so many on.
_STEP, _IN_MINUTES = 5, 100

_NEXT = Phrase("You are next in line.")
_PLACE = "You are number {place} in line."
_NEXT_SECONDS = "You are next in line. It starts in about {seconds} s."
_PLACE_SECONDS = "You are number {place} in line. It starts in about {seconds} s."
_PLACE_MINUTES = "You are number {place} in line. It starts in about {minutes} min."


@dataclass(slots=True)
class Turnover:
    """How long requests have held their places lately, in seconds."""

    lately: deque[float] = field(default_factory=lambda: deque(maxlen=_LATELY))

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Notes how long a place is held."""
        began = time.monotonic()
        yield  # What fails tells nothing of how long others take.
        self.lately.append(time.monotonic() - began)

    def wait(self, place: int, places: int) -> float | None:
        """Seconds until a place in line is let in, where so many are worked on at once; None while nothing is known."""
        return statistics.median(self.lately) * place / places if self.lately else None


def told_of(place: int, seconds: float | None) -> Phrase:
    """A place in line in words, with the time that it takes where that is known."""
    if seconds is None:
        return _NEXT if place == 1 else Phrase(_PLACE, place=place)
    if seconds >= _IN_MINUTES:
        return Phrase(_PLACE_MINUTES, place=place, minutes=math.ceil(seconds / 60))
    rounded = max(_STEP, math.ceil(seconds / _STEP) * _STEP)
    return (
        Phrase(_NEXT_SECONDS, seconds=rounded) if place == 1 else Phrase(_PLACE_SECONDS, place=place, seconds=rounded)
    )


@contextlib.asynccontextmanager
async def in_line(
    room: FairSemaphore,
    asker: Hashable,
    name: str,
    surface: Surface,
    turnover: Turnover,
    urgency: Urgency = Urgency.COMMAND,
) -> AsyncIterator[None]:
    """Waits for a place in a room, and holds it; meanwhile the person sees their place in line, each time that it moves."""
    async with contextlib.AsyncExitStack() as held:
        telling = asyncio.create_task(_tell(room, name, surface, turnover), name="place in line")
        try:
            await held.enter_async_context(room.place(asker, name=name, urgency=urgency))
        finally:
            telling.cancel()
        surface.let_in()
        held.enter_context(turnover.timed())
        yield


async def _tell(room: FairSemaphore, name: str, surface: Surface, turnover: Turnover) -> None:
    shown = 0
    while True:
        await asyncio.sleep(LOOK_SECONDS * max(1.0, room.waiting / _SHOWN_A_SECOND))
        place = room.find_position(name)
        if place not in (None, shown) and surface.in_line(told_of(place, turnover.wait(place, room.places)), name):
            shown = place
