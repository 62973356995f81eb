"""Keeps to Discord's rate limits by knowing them: drafts wait or are dropped, finished results never are.

Discord publishes headers, not these figures; they are what bots report seeing, and what the headers say.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

# Calls a span of seconds. The spans are a little longer than Discord's, as clocks and networks are not exact.
CHANNEL_POSTS = (5, 5.25)
CHANNEL_EDITS = (5, 5.25)
GLOBAL = (48, 1.05)
# Seconds between two drafts of one answer, alone; more when many run.
DRAFT_EVERY = 0.7
# With more answers than this in the making nobody is shown drafts: every call is needed for finished results.
MOST_WATCHED = 24
# Windows that are kept; the longest unused goes.
_MOST_WINDOWS = 4096


@dataclass(slots=True)
class Window:
    """At most `calls` in any `seconds`: a sliding window, which is stricter than a fixed one wherever that begins."""

    calls: int
    seconds: float
    taken: deque[float]
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)

    def wait(self, now: float) -> float:
        """Seconds until the next call may be made."""
        while self.taken and self.taken[0] <= now - self.seconds:
            self.taken.popleft()
        return 0.0 if len(self.taken) < self.calls else self.taken[0] + self.seconds - now

    def left(self, now: float) -> int:
        """Calls that may be made at once."""
        self.wait(now)
        return self.calls - len(self.taken)


class Pacer:
    """One for the whole bot. `clock` gives seconds and only ever rises."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: OrderedDict[tuple[str, int], Window] = OrderedDict()
        self._all = Window(*GLOBAL, deque())
        self.answers = 0

    @property
    def watchable(self) -> bool:
        """Whether drafts are worth making: few enough answers are under way that edits will be shown."""
        return self.answers <= MOST_WATCHED

    @property
    def draft_interval(self) -> float:
        """Seconds between two drafts of one answer: longer, the more answers are under way."""
        return DRAFT_EVERY * max(1.0, self.answers / 6)

    def post_window(self, channel_id: int) -> Window:
        """The window of new messages in a channel."""
        return self._window("post", channel_id, CHANNEL_POSTS)

    def edit_window(self, channel_id: int) -> Window:
        """The window of edits in a channel."""
        return self._window("edit", channel_id, CHANNEL_EDITS)

    def spare(self, window: Window, keep: int = 2) -> bool:
        """Takes a call for a draft, if that leaves `keep` calls of the window and half of the global ones to finals."""
        now = self._clock()
        if window.left(now) <= keep or self._all.left(now) <= GLOBAL[0] // 2:
            return False
        self._take(window, now)
        return True

    async def turn(self, window: Window) -> None:
        """Waits for a call for a finished result, however long that takes, and takes it. First come, first served."""
        async with window.turns:
            while (wait := window.wait(self._clock())) > 0:
                await asyncio.sleep(wait)
            async with self._all.turns:
                while (wait := self._all.wait(self._clock())) > 0:
                    await asyncio.sleep(wait)
                self._take(window, self._clock())

    def _take(self, window: Window, now: float) -> None:
        window.taken.append(now)
        self._all.taken.append(now)

    def _window(self, name: str, channel_id: int, limit: tuple[int, float]) -> Window:
        key = (name, channel_id)
        window = self._windows.setdefault(key, Window(*limit, deque()))
        self._windows.move_to_end(key)
        if len(self._windows) > _MOST_WINDOWS:
            self._windows.popitem(last=False)
        return window
