"""How many requests a process works on at once, so that its event loop keeps up with what has just come in.

A loop that is late is late for everything: acknowledgements, for which Discord waits 3 s, and the lease, without which the process
ends. Requests that wait for a place cost nothing meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

# How often the lag is measured at most, and how late the loop may be.
INTERVAL_SECONDS, MAX_LAG_SECONDS = 0.1, 0.15
MIN_PLACES, FIRST_PLACES = 4, 64
_INCREASE, _DECREASE = 1.5, 0.7


class ConcurrencyLimit:
    """A number of `places` that rises as long as all of them are used and the loop is on time, and falls when it is late.

    Multiplicative in both directions, as a burst should find the machine's limit within a second: Chiu and Jain, "Analysis of the
    increase and decrease algorithms for congestion avoidance in computer networks", 1989, with a faster increase, since nothing is lost
    by a place too many for a moment.
    """

    def __init__(self) -> None:
        self.places = FIRST_PLACES
        self._adjusted = 0.0
        self._is_measuring = False

    def adjust(self, lag: float, used: int, most: int) -> int:
        """The places after the loop was `lag` seconds late while `used` of them were taken; never more than `most`."""
        if lag > MAX_LAG_SECONDS:
            self.places = max(MIN_PLACES, int(min(self.places, used) * _DECREASE))
        elif used >= self.places:
            self.places = int(self.places * _INCREASE) + 1
        self.places = min(self.places, max(most, 1))
        return self.places

    def measure(self, used: int, most: int, resize: Callable[[int], None]) -> None:
        """Measure how late the loop is, and resize what holds the places; to be called as they are taken and left.

        The lag is how long the loop takes to come to what is to be run next. A timer would wake a process that does nothing.
        """
        now = time.monotonic()
        if self._is_measuring or now - self._adjusted < INTERVAL_SECONDS:
            return
        self._is_measuring = True
        asyncio.get_running_loop().call_soon(self._resize, now, used, most, resize)

    def _resize(self, asked: float, used: int, most: int, resize: Callable[[int], None]) -> None:
        self._is_measuring, self._adjusted = False, time.monotonic()
        resize(self.adjust(self._adjusted - asked, used, most))
