"""Room for so many at once, shared fairly: whoever asks for much, a channel or a person, does not keep the others waiting.

What somebody waits for goes before what is made for later.
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
    """What goes before what: a button's press, a command or message, and a row of a sheet or piece of a campaign."""

    PRESS = 0
    COMMAND = 1
    ROW = 2


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
    waiting: list[tuple[int, int, asyncio.Future[None], Hashable]] = field(default_factory=list)

    def pop(self) -> asyncio.Future[None] | None:
        """Who is next and still waits."""
        while self.waiting:
            turn, _, let_in, _ = heapq.heappop(self.waiting)
            if not let_in.done():
                self.turns.let_in(turn)
                return let_in
        return None

    def names(self) -> Iterator[Hashable]:
        """Those who still wait, the next one first."""
        return (name for _, _, let_in, name in sorted(self.waiting, key=lambda one: one[:2]) if not let_in.done())


class FairRoom:
    """At most `places` at once. Who waits enters by urgency, and of the same by start-time fair queueing: the askers take turns,
    each in its own order.

    Where an asker is many, as a channel is, its members take turns within the asker's turns.

    Goyal, Vin and Cheng, "Start-time Fair Queueing", SIGCOMM 1996, with every request of the same length.
    """

    # One stands in the window of each channel.
    __slots__ = ("_arrivals", "_free", "_lines", "_places", "_standing", "_turns", "_waiting")

    def __init__(self, places: int) -> None:
        self._places = self._free = places
        self._arrivals = itertools.count()
        self._turns = _Turns()
        # Each asker's turns by urgency, and whoever is to have them.
        self._waiting: list[tuple[Urgency, int, int, Hashable]] = []
        self._lines: dict[tuple[Urgency, Hashable], _Line] = {}
        # Everybody's place in line by name, None where that has to be reckoned anew.
        self._standing: dict[Hashable, int] | None = None

    @property
    def places(self) -> int:
        """How many may be in at once."""
        return self._places

    def resize(self, places: int) -> None:
        """Changes how many may be in at once. Nobody has to leave; with more places the next ones come in."""
        self._free += places - self._places
        self._places = places
        while self._free > 0 and self._waiting:
            self._free -= 1
            self._leave()

    def standing(self, name: Hashable) -> int | None:
        """Which place somebody has in line, 1 for whoever comes in next; None for who does not wait.

        Whoever asks seldom goes before those that ask often, so that a place can also become a later one.
        """
        return self._in_line().get(name)

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._in_line())

    def _in_line(self) -> dict[Hashable, int]:
        if self._standing is None:
            names = {which: line.names() for which, line in self._lines.items()}
            waiting = sorted(self._waiting, key=lambda one: one[:3])
            ahead = (next(names[urgency, asker], None) for urgency, _, _, asker in waiting)
            self._standing = {one: at for at, one in enumerate((one for one in ahead if one is not None), 1)}
        return self._standing

    @asynccontextmanager
    async def place(
        self, asker: Hashable, member: Hashable = None, *, name: Hashable = None, urgency: Urgency = Urgency.COMMAND
    ) -> AsyncIterator[None]:
        """Waits for a place and holds it. Under a name one can be asked for while one waits; without it is nobody's."""
        turn = self._turns.take((urgency, asker))
        await self._enter(turn, asker, member, object() if name is None else name, urgency)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, turn: int, asker: Hashable, member: Hashable, name: Hashable, urgency: Urgency) -> None:
        if self._free > 0:
            self._free -= 1
            self._turns.let_in(turn)
            return
        let_in: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        arrival = next(self._arrivals)
        heapq.heappush(self._waiting, (urgency, turn, arrival, asker))
        line = self._lines.setdefault((urgency, asker), _Line())
        heapq.heappush(line.waiting, (line.turns.take(member), arrival, let_in, name))
        self._standing = None
        try:
            await let_in
        except asyncio.CancelledError:
            self._standing = None
            if let_in.done() and not let_in.cancelled():
                self._leave()
            raise

    def _leave(self) -> None:
        self._standing = None
        while self._waiting and self._free >= 0:
            urgency, turn, _, asker = heapq.heappop(self._waiting)
            line = self._lines.get((urgency, asker))
            let_in = line.pop() if line is not None else None
            if line is not None and not line.waiting:
                del self._lines[urgency, asker]
            if let_in is not None:
                self._turns.let_in(turn)
                let_in.set_result(None)
                return
        self._free += 1
        if self._free == self._places:
            self._turns.last.clear()  # Nobody is ahead of anybody, and those who ask once must not add up.
