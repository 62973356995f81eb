"""Keeps to Discord's rate limits by knowing them: drafts wait or are dropped, finished results never are.

Discord publishes headers, not these figures; they are what bots report, and what the headers say.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from bot.admission.fair import FairSemaphore

# Calls in a window of seconds. The windows are a little longer than Discord's, as clocks and networks are inexact.
CHANNEL_POSTS = (5, 5.05)
CHANNEL_EDITS = (5, 5.05)
GLOBAL = (48, 1.02)
_MAX_CALL_SECONDS, _RETRY_SECONDS = 5.0, 0.03
# Seconds between two drafts of a single answer; more when several run.
MIN_DRAFT_INTERVAL_SECONDS = 0.7
# With more answers in progress no drafts are shown: every call is needed for finished results.
MAX_ANSWERS_WITH_DRAFTS = 24
# Windows kept in memory; the least recently used is dropped.
_MAX_WINDOWS = 4096


@dataclass(slots=True)
class Window:
    """At most `calls` in a window of `seconds`, as in Discord's headers: the first call starts a window, and the first
    call after its end starts the next. discord.py also waits where the headers say that a window started later than
    here.
    """

    calls: int
    seconds: float
    turns: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    _began: float = float("-inf")
    _used: int = 0

    def compute_wait(self, now: float) -> float:
        """Return the seconds until the next call may be made."""
        return 0.0 if self.calls_left(now) else self._began + self.seconds - now

    def calls_left(self, now: float) -> int:
        """Return how many calls may be made at once."""
        return self.calls if now >= self._began + self.seconds else self.calls - self._used

    def take(self, now: float) -> None:
        """Count a call."""
        if now >= self._began + self.seconds:
            self._began, self._used = now, 0
        self._used += 1


@dataclass(slots=True, eq=False)
class DiscordCall:
    """A call in progress, which counts `until` a moment. `sent` once it is on its way."""

    until: float
    sent: bool = False


@dataclass(slots=True)
class OpenCalls:
    """At most `calls` in progress or answered within the last `seconds`.

    Discord counts a call on arrival, some time in between, so it sees no more in any window, however slow the network.
    """

    calls: int
    seconds: float
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open: list[DiscordCall] = field(default_factory=list)

    def compute_wait(self, now: float) -> float:
        """Return the seconds until checking again whether a call may be made."""
        if self.calls_left(now):
            return 0.0
        return min(_RETRY_SECONDS, min(call.until for call in self._open) - now)

    def calls_left(self, now: float) -> int:
        """Return how many calls may be made at once."""
        self._open = [call for call in self._open if call.until > now]
        return self.calls - len(self._open)

    def take(self, now: float) -> DiscordCall:
        """Start a call. If nobody marks it as answered, it counts as answered after some seconds."""
        self._open.append(call := DiscordCall(now + _MAX_CALL_SECONDS))
        return call

    def mark_answered(self, call: DiscordCall, now: float) -> None:
        """Mark a call as answered; only the first mark counts."""
        call.until = min(call.until, now + self.seconds)


class Pacer:
    """The pacer of the bot. `clock` returns monotonic seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: OrderedDict[tuple[str, int], Window] = OrderedDict()
        self._all = OpenCalls(*GLOBAL)
        self.answers = 0
        # Whether this process may still show drafts: one that wakes after its lease has run out would overwrite answers.
        self.is_in_charge: Callable[[], bool] = lambda: True

    @property
    def can_show_drafts(self) -> bool:
        """Whether few enough answers are in progress that drafts will be shown."""
        return self.answers <= MAX_ANSWERS_WITH_DRAFTS

    @property
    def draft_interval(self) -> float:
        """The seconds between two drafts of one answer: longer with more answers in progress."""
        return MIN_DRAFT_INTERVAL_SECONDS * max(1.0, self.answers / 6)

    def post_window(self, channel_id: int) -> Window:
        """Return the window of new messages in a channel."""
        return self._window("post", channel_id, CHANNEL_POSTS)

    def edit_window(self, channel_id: int) -> Window:
        """Return the window of edits in a channel."""
        return self._window("edit", channel_id, CHANNEL_EDITS)

    def take_spare(self, window: Window, keep: int = 2) -> DiscordCall | None:
        """Take a call for a draft, if that leaves `keep` calls of the window and half of the global ones."""
        now = self._clock()
        if window.calls_left(now) <= keep or self._all.calls_left(now) <= GLOBAL[0] // 2:
            return None
        return self._take(window, now)

    async def turn(self, window: Window, asker: Hashable = None) -> DiscordCall:
        """Wait for a call for a finished result, however long, and take it. Askers share a window fairly."""
        async with window.turns.place(asker):
            while (compute_wait := window.compute_wait(self._clock())) > 0:
                await asyncio.sleep(compute_wait)
            async with self._all.turns:
                while (compute_wait := self._all.compute_wait(self._clock())) > 0:
                    await asyncio.sleep(compute_wait)
                return self._take(window, self._clock())

    def count_unpaced(self) -> DiscordCall:
        """Count a call made without waiting, such as a lookup or a note."""
        return self._all.take(self._clock())

    def mark_answered(self, call: DiscordCall) -> None:
        """Mark a call as answered by Discord, or failed."""
        self._all.mark_answered(call, self._clock())

    def _take(self, window: Window, now: float) -> DiscordCall:
        window.take(now)
        return self._all.take(now)

    def _window(self, name: str, channel_id: int, limit: tuple[int, float]) -> Window:
        key = (name, channel_id)
        window = self._windows.setdefault(key, Window(*limit))
        self._windows.move_to_end(key)
        if len(self._windows) > _MAX_WINDOWS:
            self._windows.popitem(last=False)
        return window
