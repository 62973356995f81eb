"""Room for so many at once, shared fairly: whoever asks for much, a channel or a person, does not keep the others waiting."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Turns:
    """Start-time fair queueing: the turn that was let in last, and each asker's last one."""

    turn: int = 0
    last: dict[Hashable, int] = field(default_factory=dict)

    def take(self, asker: Hashable) -> int:
        """An asker's next turn."""
        turn = self.last[asker] = max(self.turn, self.last.get(asker, -1) + 1)
        return turn

    def let_in(self, turn: int) -> None:
        """Begins a turn; those that are over tell nothing any more."""
        if turn > self.turn:
            self.turn = turn
            self.last = {asker: last for asker, last in self.last.items() if last >= turn}


@dataclass(slots=True)
class _Line:
    """Those of one asker who wait: its members take turns as well."""

    turns: _Turns = field(default_factory=_Turns)
    waiting: list[tuple[int, int, asyncio.Future[None]]] = field(default_factory=list)

    def pop(self) -> asyncio.Future[None] | None:
        """Who is next and still waits."""
        while self.waiting:
            turn, _, let_in = heapq.heappop(self.waiting)
            if not let_in.done():
                self.turns.let_in(turn)
                return let_in
        return None


class FairRoom:
    """At most `places` at once. Who waits enters by start-time fair queueing: the askers take turns, each in its own order.

    Where an asker is many, as a channel is, its members take turns within the asker's turns.

    Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of the same length.
    """

    # One stands in the window of each channel.
    __slots__ = ("_arrivals", "_free", "_lines", "_places", "_turns", "_waiting")

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._arrivals = itertools.count()
        self._turns = _Turns()
        # Each asker's turns, and whoever is to have them.
        self._waiting: list[tuple[int, int, Hashable]] = []
        self._lines: dict[Hashable, _Line] = {}

    @asynccontextmanager
    async def place(self, asker: Hashable, member: Hashable = None) -> AsyncIterator[None]:
        """Waits for a place and holds it."""
        turn = self._turns.take(asker)
        await self._enter(turn, asker, member)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, turn: int, asker: Hashable, member: Hashable) -> None:
        if self._free:
            self._free -= 1
            self._turns.let_in(turn)
            return
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrival = next(self._arrivals)
        heapq.heappush(self._waiting, (turn, arrival, asker))
        line = self._lines.setdefault(asker, _Line())
        heapq.heappush(line.waiting, (line.turns.take(member), arrival, let_in))
        try:
            await let_in
        except asyncio.CancelledError:
            if let_in.done() and not let_in.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        while self._waiting:
            turn, _, asker = heapq.heappop(self._waiting)
            line = self._lines.get(asker)
            let_in = line.pop() if line is not None else None
            if line is not None and not line.waiting:
                del self._lines[asker]
            if let_in is not None:
                self._turns.let_in(turn)
                let_in.set_result(None)
                return
        self._free += 1
        if self._free == self._places:
            self._turns.last.clear()  # Nobody is ahead of anybody, and those who ask once must not add up.
