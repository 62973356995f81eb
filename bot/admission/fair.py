"""A semaphore shared fairly: a busy channel or user does not keep the others waiting.

Interactive work goes before background work.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import IntEnum


class Urgency(IntEnum):
    """What goes first: a button press, a command or message, a row of a sheet or piece of a campaign."""

    PRESS = 0
    COMMAND = 1
    ROW = 2


@dataclass(slots=True)
class _Turns:
    """Start-time fair queueing: the turn admitted last, and the last turn of each asker."""

    turn: int = 0
    last: dict[Hashable, int] = field(default_factory=dict)

    def take(self, asker: Hashable) -> int:
        """Return an asker's next turn."""
        turn = self.last[asker] = max(self.turn, self.last.get(asker, -1) + 1)
        return turn

    def admit(self, turn: int) -> None:
        """Start a turn and forget those that are over."""
        if turn > self.turn:
            self.turn = turn
            self.last = {asker: last for asker, last in self.last.items() if last >= turn}


@dataclass(slots=True)
class _AskerQueue:
    """The waiters of one asker, whose members take turns as well."""

    turns: _Turns = field(default_factory=_Turns)
    waiting: list[tuple[int, int, asyncio.Future[None], Hashable]] = field(default_factory=list)

    def pop(self) -> asyncio.Future[None] | None:
        """Return the next future that still waits."""
        while self.waiting:
            turn, _, admit, _ = heapq.heappop(self.waiting)
            if not admit.done():
                self.turns.admit(turn)
                return admit
        return None

    def list_names(self) -> Iterator[Hashable]:
        """Yield the names that still wait, next first."""
        return (name for _, _, admit, name in sorted(self.waiting, key=lambda one: one[:2]) if not admit.done())


class FairSemaphore:
    """Admits at most `places` at once: by urgency, then by start-time fair queueing, in which askers take turns, each
    in its own order.

    Where an asker has members, as a channel does, they take turns within its turns.

    Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of the same length.
    """

    # Each channel's rate limit window holds one.
    __slots__ = ("_arrivals", "_free", "_lines", "_places", "_positions", "_turns", "_waiting")

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._arrivals = itertools.count()
        self._turns = _Turns()
        # Waiting turns by urgency and asker.
        self._waiting: list[tuple[Urgency, int, int, Hashable]] = []
        self._lines: dict[tuple[Urgency, Hashable], _AskerQueue] = {}
        # The position of each name, None when it must be recomputed.
        self._positions: dict[Hashable, int] | None = None

    @property
    def places(self) -> int:
        """The number of places."""
        return self._places

    @property
    def used(self) -> int:
        """The number of places that are taken, after a `resize` possibly more than there are."""
        return self._places - self._free

    def resize(self, places: int) -> None:
        """Change the number of places. Nobody has to leave; with more places the next ones enter."""
        self._free += places - self._places
        self._places = places
        while self._free > 0 and self._waiting:
            self._free -= 1
            self._release()

    def find_position(self, name: Hashable) -> int | None:
        """Return the position of a name in the queue, 1 for the next to enter; None when it does not wait.

        Occasional askers go before frequent ones, so a position can also get worse.
        """
        return self._build_positions().get(name)

    @property
    def waiting(self) -> int:
        """The number of waiters."""
        return len(self._build_positions())

    def _build_positions(self) -> dict[Hashable, int]:
        if self._positions is None:
            list_names = {which: line.list_names() for which, line in self._lines.items()}
            waiting = sorted(self._waiting, key=lambda one: one[:3])
            ahead = (next(list_names[urgency, asker], None) for urgency, _, _, asker in waiting)
            self._positions = {one: at for at, one in enumerate((one for one in ahead if one is not None), 1)}
        return self._positions

    @asynccontextmanager
    async def place(
        self, asker: Hashable, member: Hashable = None, *, name: Hashable = None, urgency: Urgency = Urgency.COMMAND
    ) -> AsyncIterator[None]:
        """Wait for a place and hold it. `name` makes its position available to `find_position`."""
        turn = self._turns.take((urgency, asker))
        await self._acquire(turn, asker, member, object() if name is None else name, urgency)
        try:
            yield
        finally:
            self._release()

    async def _acquire(self, turn: int, asker: Hashable, member: Hashable, name: Hashable, urgency: Urgency) -> None:
        if self._free > 0:
            self._free -= 1
            self._turns.admit(turn)
            return
        admit: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrival = next(self._arrivals)
        heapq.heappush(self._waiting, (urgency, turn, arrival, asker))
        line = self._lines.setdefault((urgency, asker), _AskerQueue())
        heapq.heappush(line.waiting, (line.turns.take(member), arrival, admit, name))
        self._positions = None
        try:
            await admit
        except asyncio.CancelledError:
            self._positions = None
            if admit.done() and not admit.cancelled():
                self._release()
            raise

    def _release(self) -> None:
        self._positions = None
        while self._waiting and self._free >= 0:
            urgency, turn, _, asker = heapq.heappop(self._waiting)
            line = self._lines.get((urgency, asker))
            admit = line.pop() if line is not None else None
            if line is not None and not line.waiting:
                del self._lines[urgency, asker]
            if admit is not None:
                self._turns.admit(turn)
                admit.set_result(None)
                return
        self._free += 1
        if self._free == self._places:
            self._turns.last.clear()  # All turns are equal again; forget askers so that they do not accumulate.
