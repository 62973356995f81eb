"""How many texts a local model should write at once, from how quickly it has written for so many."""

from __future__ import annotations

import statistics
from collections import deque

from bot.models.machine import MIN_SPEED

# The last so many answers tell; shorter ones than so many tokens tell nothing.
_LATELY, _MIN_TOKENS = 5, 16


class Pace:
    """As many texts at once as still get MIN_SPEED tokens a second each, at least one, and `most` at most.

    What a model writes in all does not fall with one text more, as all of them share each reading of the weights. So what it
    wrote in all for the last answers, shared by the least speed, is a number that holds; it rises by itself where more at
    once are written better. Until anything was written it is `first`.
    """

    def __init__(self, first: int, most: int) -> None:
        self._first, self._most = first, most
        self._lately: deque[float] = deque(maxlen=_LATELY)

    def note(self, tokens: int, seconds: float, at_once: int) -> None:
        """Notes an answer of so many tokens, written in so many seconds while so many were written."""
        if tokens >= _MIN_TOKENS and seconds > 0:
            self._lately.append(at_once * tokens / seconds)

    @property
    def at_once(self) -> int:
        """How many."""
        if not self._lately:
            return self._first
        return max(1, min(self._most, int(statistics.median(self._lately) / MIN_SPEED)))
