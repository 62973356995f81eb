"""The lease of this process's slot: taken before it works, renewed while it does, and kept to when it ends.

Whoever cannot renew it stops before it ends, so that nobody else works under the same name meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import platform
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Self

from bot.errors import SettingsError
from storage.errors import StorageError
from storage.leases import Leases

log = logging.getLogger(__name__)

# How long a lease is; what a process had begun that is gone is taken over after that, and a look.
LEASE_SECONDS = 20.0
BEAT_SECONDS = 4.0
# With less than this left all work is handed back; with less than half of it the process ends itself (`Watch`).
STOP_SECONDS = 6.0
# Those of a process whose database is a file of its own: nobody waits for it, and whoever writes much may hold the file for long.
ALONE = 3.0
# How often it is looked for what others have left, and whether somebody has let go of what this process waits for.
LOOK_SECONDS = 3.0
# What the leases of shards, and of work that one process does at a time, begin with; all others are slots.
SHARD, WORK = "shard ", "work "
_FILE = "place"
_TAKEN = 'Another process runs with QUILLMATE_SLOT="{slot}" on this database. Stop it, or give this one a QUILLMATE_SLOT of its own.'


class Lease:
    """The lease of a slot, and what its process holds besides. Use as `async with Lease(...) as lease:`.

    `place` stands for where only one process can run at once, such as a data folder that is locked. All of its times are so many
    times longer as `patience` says.
    """

    def __init__(
        self,
        leases: Leases,
        slot: str,
        place: str,
        *,
        clock: Callable[[], float] = lambda: elapsed_clock(),
        patience: float = 1.0,
    ) -> None:
        self._seconds, self._beat_seconds = LEASE_SECONDS * patience, BEAT_SECONDS * patience
        self.stop_seconds = STOP_SECONDS * patience
        self.slot, self.lost = slot, asyncio.Event()
        self._leases, self._clock = leases, clock
        self._holder = f"{place}/{secrets.token_hex(8)}"
        self._granted = clock()
        self._beating: asyncio.Task[None] | None = None
        # All that is held, the slot too; what is renewed together.
        self._names = {slot}
        # Whether other slots were held when it was last looked.
        self.in_company = False

    async def __aenter__(self) -> Self:
        """Takes the lease, after a crash once the one before has ended.

        Raises:
            SettingsError: another process holds it, and renews it.
            StorageError: the database cannot be used.
        """
        before = None
        while True:
            asked = self._clock()
            other = await self._leases.take([self.slot], self._holder, self._seconds)
            if other is None:
                break
            if before is None:
                log.warning("waiting for the slot", extra={"seconds": round(self._seconds)})
            elif other.holder == before.holder and other.expires_at != before.expires_at:
                raise SettingsError(_TAKEN.format(slot=self.slot))
            before = other
            await asyncio.sleep(self._beat_seconds / 10)
        self._granted = asked
        self._beating = asyncio.create_task(self._beat(), name="lease")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        with contextlib.suppress(StorageError):
            await self._leases.release(self._names, self._holder)

    @property
    def left(self) -> float:
        """Seconds for which this process may still rely on it, counted from before it was last asked for."""
        return self._seconds - (self._clock() - self._granted)

    async def held(self) -> bool:
        """Whether it is this process's, as the database says; as long as that is away, as its own clock says."""
        if self.lost.is_set() or self.left <= 0:
            return False
        try:
            held = await self._leases.holds(self.slot, self._holder)
        except StorageError:
            return self.left > 0
        if not held:
            self._lose("the slot is another's")
        return held

    async def claim(self, names: Collection[str], *, alike: str = "") -> bool:
        """Holds something more from now on, all of it or nothing; tells whether nobody else holds it. See `Leases.take`.

        Raises:
            StorageError: the database cannot be used.
        """
        if await self._leases.take(names, self._holder, self._seconds, alike=alike) is not None:
            return False
        self._names |= set(names)
        return True

    async def let_go(self, names: Collection[str]) -> None:
        """Holds something no more; the next one may have it at once."""
        self._names -= set(names)
        with contextlib.suppress(StorageError):
            await self._leases.drop(names, self._holder)

    async def adopt(self, take_over: Callable[[str], Awaitable[int]]) -> int:
        """Takes over what slots left whose lease has ended; gives how many requests it was.

        As it holds the slot meanwhile, its own process cannot have been started anew, and no third one does the same.
        """
        living, ended = await self._leases.standing()
        self.in_company = any(_is_slot(name) and name != self.slot for name in living)
        count = 0
        for name in filter(_is_slot, ended):
            if name == self.slot or await self._leases.take([name], self._holder, self._seconds) is not None:
                continue
            taken = await take_over(name)
            log.warning("requests taken over", extra={"slot": name, "count": taken})
            count += taken
            await self._leases.drop([name], self._holder)
        if others := [name for name in ended if not _is_slot(name)]:
            await self._leases.drop(others)
        return count

    async def _beat(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._beat_seconds)
            asked, names = self._clock(), sorted(self._names)
            renewing = asyncio.create_task(self._leases.renew(names, self._holder, self._seconds))
            # Without cancelling it, as that would wait for a database that does not answer.
            await asyncio.wait([renewing], timeout=max(self.left - self.stop_seconds, 0))
            if (renewing.done() and isinstance(renewing.exception(), StorageError)) or not renewing.done():
                if self.left < self.stop_seconds + self._beat_seconds:
                    self._lose("the lease cannot be renewed")
            elif renewing.result() or not self._names.issuperset(names):  # Something was let go of meanwhile.
                self._granted = asked
            else:
                self._lose("the slot is another's")

    def _lose(self, why: str) -> None:
        if not self.lost.is_set():
            log.error("lease_lost", extra={"reason": why})
            self.lost.set()


def _is_slot(name: str) -> bool:
    return not name.startswith((SHARD, WORK))


def elapsed_clock() -> float:
    """Seconds that have passed, those in which the machine slept too."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def place_of(folder: Path) -> str:
    """The name of a data folder on this machine, made at the first time. A copy on another machine is another place.

    Raises:
        SettingsError: it cannot be kept.
    """
    file = folder / _FILE
    with contextlib.suppress(OSError, UnicodeError):
        if (known := file.read_text(encoding="ascii").strip()).isalnum():
            return known + _machine()
    name = secrets.token_hex(8)
    try:
        file.write_text(name, encoding="ascii")
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written. Check the rights of the folder, and the disk.") from error
    return name + _machine()


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:12]
