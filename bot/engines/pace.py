"""Decides from a local model's measured speed how many texts it should write at once."""

from __future__ import annotations

import statistics
from collections import deque

from bot.models.machine import MIN_SPEED

# How many recent answers are considered, of at least so many tokens.
_MAX_SAMPLES, _MIN_TOKENS = 5, 16


class Pace:
    """The number of concurrent texts that get MIN_SPEED tokens per second each: at least one, at most `maximum`.

    Another text does not lower the total speed, as all texts share each reading of the weights. So the total speed of recent
    answers divided by MIN_SPEED is a stable number, which rises if more texts are written faster together. Before any answer it
    is `initial`.
    """

    def __init__(self, initial: int, maximum: int) -> None:
        self._initial, self._maximum = initial, maximum
        # Of all concurrent texts together, in tokens per second.
        self._total_speeds: deque[float] = deque(maxlen=_MAX_SAMPLES)

    def record(self, tokens: int, seconds: float, concurrent_count: int) -> None:
        """Record the tokens and the duration of an answer that was one of so many concurrent ones."""
        if tokens >= _MIN_TOKENS and seconds > 0:
            self._total_speeds.append(concurrent_count * tokens / seconds)

    @property
    def max_concurrent(self) -> int:
        """The maximum number of texts to write at the same time."""
        if not self._total_speeds:
            return self._initial
        return max(1, min(self._maximum, int(statistics.median(self._total_speeds) / MIN_SPEED)))
