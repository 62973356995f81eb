"""How many requests are answered at once, and whose turn it is."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from bot.admission.fair import FairSemaphore, Urgency
from bot.engines import Engines
from bot.replies.pacer import Pacer
from bot.replies.queue_position import Turnover, wait_in_line
from bot.runtime.active_requests import stage
from bot.runtime.concurrency import ConcurrencyLimit

from .answer_context import AnswerContext

# Replies to messages are posted at their channel's rate limit. With more in progress at once, the first would be late, and
# so would everything that waits for the channel's next turn.
MAX_CONCURRENT_REPLIES = 32
# Concurrent requests of one user.
MAX_SLOTS_PER_USER = 8


@dataclass(slots=True)
class AnswerSlots:
    """The slots that requests wait for.

    `model_slots` has as many places as the model writes at once, shared fairly between users. `reply_slots` limits
    replies to messages: channels take turns, and users within a channel. `user_slots` has each user's own slots, for as
    long as one is held or waited for.
    """

    engines: Engines
    pacer: Pacer
    concurrency: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    model_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(MAX_CONCURRENT_REPLIES))
    reply_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(MAX_CONCURRENT_REPLIES))
    user_slots: WeakValueDictionary[int, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)
    turnover: Turnover = field(default_factory=Turnover)
    # What the model and the event loop allowed when the slots were last resized.
    _allowed: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self._allowed = (self.engines.first.max_concurrent, self.concurrency.places)
        self.model_slots.resize(self.max_concurrent)

    @property
    def max_concurrent(self) -> int:
        """How many requests are answered at once: as many as the model writes, and as the event loop keeps up with."""
        return min(self.concurrency.places, self.engines.first.max_concurrent)

    @contextlib.asynccontextmanager
    async def hold(self, context: AnswerContext) -> AsyncIterator[None]:
        """Wait for a slot while the user sees their place in line, and hold it."""
        address, asker = context.address, context.address.user_id
        own = self.user_slots.setdefault(asker, asyncio.Semaphore(MAX_SLOTS_PER_USER))
        self._adapt()
        async with contextlib.AsyncExitStack() as places:
            with stage("wait"):
                await places.enter_async_context(own)
                if not address.token:
                    await places.enter_async_context(self.reply_slots.place(address.channel_id, asker))
                await places.enter_async_context(
                    wait_in_line(
                        self.model_slots, asker, context.request.id, context.surface, self.turnover, context.urgency
                    )
                )
            self.pacer.answers += 1
            places.callback(self._release)
            yield

    @contextlib.asynccontextmanager
    async def hold_turn(self, asker: str) -> AsyncIterator[None]:
        """Wait for a model slot without showing progress, and hold it."""
        async with contextlib.AsyncExitStack() as held:
            with stage("wait"):
                await held.enter_async_context(self.model_slots.place(asker, urgency=Urgency.ROW))
            yield

    def _release(self) -> None:
        self.pacer.answers -= 1
        self._adapt()

    def _adapt(self) -> None:
        """Adapt the number of slots to the lag of the event loop, and to how many texts the model writes at once now."""
        self._resize()
        most = self.engines.first.max_concurrent
        self.concurrency.measure(self.model_slots.used, most, lambda _places: self._resize())

    def _resize(self) -> None:
        """Give the slots as many places as the model writes at once; a late loop takes places away, and gives none."""
        before, self._allowed = self._allowed, (self.engines.first.max_concurrent, self.concurrency.places)
        if self._allowed == before:
            return
        is_late = self._allowed[0] == before[0] and self._allowed[1] < before[1]
        self.model_slots.resize(min(self.max_concurrent, self.model_slots.places) if is_late else self.max_concurrent)
