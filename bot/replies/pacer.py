"""Keeps to Discord's rate limits by knowing them: drafts wait or are dropped, finished results never are.

Discord publishes headers, not these figures; they are what bots report seeing, and what the headers say.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

from bot.admission.fair import FairSemaphore

# Calls a span of seconds. The spans are a little longer than Discord's, as clocks and networks are not exact.
CHANNEL_POSTS = (5, 5.05)
CHANNEL_EDITS = (5, 5.05)
GLOBAL = (48, 1.02)
_MAX_CALL_SECONDS, _LOOK_AGAIN_SECONDS = 5.0, 0.03
# Seconds between two drafts of one answer, alone; more when many run.
DRAFT_EVERY = 0.7
# With more answers than this in the making nobody is shown drafts: every call is needed for finished results.
MAX_WATCHED = 24
# Windows that are kept; the longest unused goes.
_MAX_WINDOWS = 4096


@dataclass(slots=True)
class Window:
    """At most `calls` in a span of `seconds`, as Discord's headers tell of them: the first call begins a span, and when that
    is over the next call begins another. discord.py waits as well where the headers say that a span began later than here.
    """

    calls: int
    seconds: float
    turns: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    _begun: float = float("-inf")
    _used: int = 0

    def wait(self, now: float) -> float:
        """Seconds until the next call may be made."""
        return 0.0 if self.left(now) else self._begun + self.seconds - now

    def left(self, now: float) -> int:
        """Calls that may be made at once."""
        return self.calls if now >= self._begun + self.seconds else self.calls - self._used

    def take(self, now: float) -> None:
        """Makes a call."""
        if now >= self._begun + self.seconds:
            self._begun, self._used = now, 0
        self._used += 1


@dataclass(slots=True, eq=False)
class Call:
    """A call that was begun; it counts until a moment. `sent` once it is on its way."""

    until: float
    sent: bool = False


@dataclass(slots=True)
class OpenCalls:
    """At most `calls` that are under way or were answered in the last `seconds`.

    Discord counts a call when it arrives, which is some time between: so it sees no more in any span, however long the
    calls take to get there.
    """

    calls: int
    seconds: float
    turns: asyncio.Lock = field(default_factory=asyncio.Lock)
    _open: list[Call] = field(default_factory=list)

    def wait(self, now: float) -> float:
        """Seconds until it is worth looking again whether a call may be made."""
        if self.left(now):
            return 0.0
        return min(_LOOK_AGAIN_SECONDS, min(call.until for call in self._open) - now)

    def left(self, now: float) -> int:
        """Calls that may be made at once."""
        self._open = [call for call in self._open if call.until > now]
        return self.calls - len(self._open)

    def take(self, now: float) -> Call:
        """Begins a call. Where nobody says that it was answered, it is taken for answered after some seconds."""
        self._open.append(call := Call(now + _MAX_CALL_SECONDS))
        return call

    def answered(self, call: Call, now: float) -> None:
        """Notes that a call was answered; the first note of it counts."""
        call.until = min(call.until, now + self.seconds)


class Pacer:
    """One for the whole bot. `clock` gives seconds and only ever rises."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._windows: OrderedDict[tuple[str, int], Window] = OrderedDict()
        self._all = OpenCalls(*GLOBAL)
        self.answers = 0

    @property
    def watchable(self) -> bool:
        """Whether drafts are worth making: few enough answers are under way that edits will be shown."""
        return self.answers <= MAX_WATCHED

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

    def spare(self, window: Window, keep: int = 2) -> Call | None:
        """Takes a call for a draft, if that leaves `keep` calls of the window and half of the global ones to finals."""
        now = self._clock()
        if window.left(now) <= keep or self._all.left(now) <= GLOBAL[0] // 2:
            return None
        return self._take(window, now)

    async def turn(self, window: Window, asker: Hashable = None) -> Call:
        """Waits for a call for a finished result, however long that takes, and takes it. Askers take turns for a window."""
        async with window.turns.place(asker):
            while (wait := window.wait(self._clock())) > 0:
                await asyncio.sleep(wait)
            async with self._all.turns:
                while (wait := self._all.wait(self._clock())) > 0:
                    await asyncio.sleep(wait)
                return self._take(window, self._clock())

    def unasked(self) -> Call:
        """Counts a call that is made without asking, such as a lookup or a note."""
        return self._all.take(self._clock())

    def answered(self, call: Call) -> None:
        """Notes that Discord has answered a call, or that it failed."""
        self._all.answered(call, self._clock())

    def _take(self, window: Window, now: float) -> Call:
        window.take(now)
        return self._all.take(now)

    def _window(self, name: str, channel_id: int, limit: tuple[int, float]) -> Window:
        key = (name, channel_id)
        window = self._windows.setdefault(key, Window(*limit))
        self._windows.move_to_end(key)
        if len(self._windows) > _MAX_WINDOWS:
            self._windows.popitem(last=False)
        return window
