"""Room for so many at once, shared fairly: whoever asks for much, a channel or a person, does not keep the others waiting."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class FairRoom:
    """At most `places` at once. Who waits enters by start-time fair queueing: the askers take turns, each in its own order.

    Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of the same length.
    """

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._arrivals = itertools.count()
        # The turn that was let in last, and each asker's last one; those that are over tell nothing any more.
        self._turn = 0
        self._last: dict[Hashable, int] = {}

    @asynccontextmanager
    async def place(self, asker: Hashable) -> AsyncIterator[None]:
        """Waits for a place and holds it."""
        turn = self._last[asker] = max(self._turn, self._last.get(asker, -1) + 1)
        await self._enter(turn)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, turn: int) -> None:
        if self._free:
            self._free -= 1
            self._let_in(turn)
            return
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (turn, next(self._arrivals), let_in))
        try:
            await let_in
        except asyncio.CancelledError:
            if let_in.done() and not let_in.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn, _, let_in = heapq.heappop(self._waiting)
            if not let_in.done():
                self._let_in(turn)
                let_in.set_result(None)
                return
        self._free += 1
        if self._free == self._places:
            self._last.clear()  # Nobody is ahead of anybody, and those who ask once must not add up.

    def _let_in(self, turn: int) -> None:
        if turn > self._turn:
            self._turn = turn
            self._last = {asker: last for asker, last in self._last.items() if last >= turn}
