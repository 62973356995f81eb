"""How many texts a local model should write at once, from its measured speed."""

from __future__ import annotations

import statistics
from collections import deque

from bot.models.machine import MIN_SPEED

# The number of last answers that count, and the fewest tokens of an answer to count.
_MAX_SAMPLES, _MIN_TOKENS = 5, 16


class Pace:
    """The number of texts at once that still get MIN_SPEED tokens per second each: at least one, at most `most`.

    The total speed does not fall with one more text, as all of them share each reading of the weights. So the total
    speed of the last answers divided by MIN_SPEED is a stable number; it rises if more texts at once are written
    faster. Before any answer it is `first`.
    """

    def __init__(self, first: int, most: int) -> None:
        self._first, self._most = first, most
        self._speeds: deque[float] = deque(maxlen=_MAX_SAMPLES)

    def record(self, tokens: int, seconds: float, at_once: int) -> None:
        """Record an answer of `tokens`, written in `seconds` while `at_once` answers were written."""
        if tokens >= _MIN_TOKENS and seconds > 0:
            self._speeds.append(at_once * tokens / seconds)

    @property
    def max_concurrent(self) -> int:
        """The maximum number of texts to write at the same time."""
        if not self._speeds:
            return self._first
        return max(1, min(self._most, int(statistics.median(self._speeds) / MIN_SPEED)))
