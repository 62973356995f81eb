"""How many requests a process works on at once, so that its event loop keeps up with what has just come in.

A loop that is late is late for everything: acknowledgements, for which Discord waits 3 s, and the lease, without which the process
ends. Requests that wait for a place cost nothing meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

# How often lag is measured, and how late the loop may be for that.
TICK_SECONDS, MAX_LAG_SECONDS = 0.1, 0.15
MIN_PLACES, FIRST_PLACES = 4, 32
_INCREASE, _DECREASE = 1.5, 0.7


class ConcurrencyLimit:
    """A number of `places` that rises as long as all of them are used and the loop is on time, and falls when it is late.

    Multiplicative in both directions, as a burst should find the machine's limit within a second: Chiu and Jain, "Analysis of the
    increase and decrease algorithms for congestion avoidance in computer networks", 1989, with a faster increase, since nothing is lost
    by a place too many for a tick.
    """

    def __init__(self) -> None:
        self.places = FIRST_PLACES

    def adjust(self, lag: float, used: int, most: int) -> int:
        """The places after a tick in which the loop was `lag` seconds late and `used` of them were taken; never more than `most`."""
        if lag > MAX_LAG_SECONDS:
            self.places = max(MIN_PLACES, int(min(self.places, used) * _DECREASE))
        elif used >= self.places:
            self.places = int(self.places * _INCREASE) + 1
        self.places = min(self.places, max(most, 1))
        return self.places

    async def run(self, used: Callable[[], int], most: Callable[[], int], resize: Callable[[int], None]) -> None:
        """Measure the loop, and resize what holds the places, until cancelled."""
        while True:
            asked = time.monotonic()
            await asyncio.sleep(TICK_SECONDS)
            before = self.places
            if self.adjust(time.monotonic() - asked - TICK_SECONDS, used(), most()) != before:
                resize(self.places)
