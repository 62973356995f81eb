"""The lease of this process's slot: taken before it works, renewed meanwhile, and respected when it expires.

A process that cannot renew it stops before it expires, so that no other works under the same name meanwhile.
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

# The duration of a lease; jobs of a dead process are taken over after it, at the next check.
LEASE_SECONDS = 20.0
BEAT_SECONDS = 4.0
# With less than this left all work is handed back; with less than half of it the process ends itself (`Watchdog`).
STOP_SECONDS = 6.0
# The factor for a process with its own database file: nobody waits for it, and heavy writes may lock the file for long.
SINGLE_PROCESS_PATIENCE = 3.0
# The interval of checks for abandoned jobs, and for released leases that this process waits for.
LOOK_SECONDS = 3.0
# Prefixes of the leases of shards and of exclusive work, and the name of the operators' pause; all others are slots.
SHARD, WORK, PAUSE = "shard ", "work ", "pause all"
_FILE = "place"
_TAKEN = 'Another process runs with QUILLMATE_SLOT="{slot}" on this database. Stop it, or give this one its own QUILLMATE_SLOT.'


class Lease:
    """The lease of a slot, and of what its process holds besides. Use as `async with Lease(...) as lease:`.

    `place` identifies where only one process can run at once, such as a locked data folder. `patience` multiplies all
    of its times.
    """

    def __init__(
        self,
        leases: Leases,
        slot: str,
        place: str,
        *,
        clock: Callable[[], float] = lambda: read_clock(),
        patience: float = 1.0,
    ) -> None:
        self._seconds, self._beat_seconds = LEASE_SECONDS * patience, BEAT_SECONDS * patience
        self.stop_seconds = STOP_SECONDS * patience
        self.slot, self.lost = slot, asyncio.Event()
        self._leases, self._clock = leases, clock
        self._holder = f"{place}/{secrets.token_hex(8)}"
        self._granted = clock()
        self._renewal_task: asyncio.Task[None] | None = None
        # All names held, including the slot; renewed together.
        self._names = {slot}
        # Whether other slots were held at the last check.
        self.in_company = False

    async def __aenter__(self) -> Self:
        """Take the lease, after a crash once the previous one has expired.

        Raises:
            SettingsError: another process holds and renews it.
            StorageError: the database cannot be used.
        """
        before = None
        while True:
            asked = self._clock()
            other = await self._leases.acquire([self.slot], self._holder, self._seconds)
            if other is None:
                break
            if before is None:
                log.warning("waiting for the slot", extra={"seconds": round(self._seconds)})
            elif other.holder == before.holder and other.expires_at != before.expires_at:
                raise SettingsError(_TAKEN.format(slot=self.slot))
            before = other
            await asyncio.sleep(self._beat_seconds / 10)
        self._granted = asked
        self._renewal_task = asyncio.create_task(self._renew_periodically(), name="lease")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._renewal_task is not None:
            self._renewal_task.cancel()
            await asyncio.wait([self._renewal_task])
        with contextlib.suppress(StorageError):
            await self._leases.release(self._names, self._holder)

    @property
    def seconds_left(self) -> float:
        """Seconds for which this process may rely on the lease, counted from before it was last requested."""
        return self._seconds - (self._clock() - self._granted)

    async def is_held(self) -> bool:
        """Return whether this process holds the lease, by the database; while that is unavailable, by the local clock."""
        if self.lost.is_set() or self.seconds_left <= 0:
            return False
        try:
            is_held = await self._leases.holds(self.slot, self._holder)
        except StorageError:
            return self.seconds_left > 0
        if not is_held:
            self._lose("the slot is another's")
        return is_held

    async def claim(self, names: Collection[str], *, conflict_prefix: str = "") -> bool:
        """Hold further names, all or none; return whether no other process holds them. See `Leases.take`.

        Raises:
            StorageError: the database cannot be used.
        """
        if await self._leases.acquire(names, self._holder, self._seconds, conflict_prefix=conflict_prefix) is not None:
            return False
        self._names |= set(names)
        return True

    async def release(self, names: Collection[str]) -> None:
        """Release names, so that another process may take them at once."""
        self._names -= set(names)
        with contextlib.suppress(StorageError):
            await self._leases.delete(names, self._holder)

    async def take_over_expired(self, take_over: Callable[[str], Awaitable[int]]) -> int:
        """Take over the jobs of expired slots; return how many there were.

        The slot is held meanwhile, so neither its restarted process nor a third one can do the same.
        """
        living, ended = await self._leases.list_names()
        self.in_company = any(_is_slot_name(name) and name != self.slot for name in living)
        count = 0
        for name in filter(_is_slot_name, ended):
            if name == self.slot or await self._leases.acquire([name], self._holder, self._seconds) is not None:
                continue
            taken = await take_over(name)
            log.warning("requests taken over", extra={"slot": name, "count": taken})
            count += taken
            await self._leases.delete([name], self._holder)
        if others := [name for name in ended if not _is_slot_name(name)]:
            await self._leases.delete(others)
        return count

    async def _renew_periodically(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(self._beat_seconds)
            asked, names = self._clock(), sorted(self._names)
            renewing = asyncio.create_task(self._leases.renew(names, self._holder, self._seconds))
            # Do not cancel it, as that would wait for an unresponsive database.
            await asyncio.wait([renewing], timeout=max(self.seconds_left - self.stop_seconds, 0))
            if (renewing.done() and isinstance(renewing.exception(), StorageError)) or not renewing.done():
                if self.seconds_left < self.stop_seconds + self._beat_seconds:
                    self._lose("the lease cannot be renewed")
            elif renewing.result() or not self._names.issuperset(names):  # A name was released meanwhile.
                self._granted = asked
            else:
                self._lose("the slot is another's")

    def _lose(self, why: str) -> None:
        if not self.lost.is_set():
            log.error("lease_lost", extra={"reason": why})
            self.lost.set()


def _is_slot_name(name: str) -> bool:
    return not name.startswith((SHARD, WORK, PAUSE))


def read_clock() -> float:
    """Return the seconds elapsed, including those in which the machine was suspended."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def load_place_id(folder: Path) -> str:
    """Return the id of a data folder on this machine, creating it first. A copy on another machine gets another id.

    Raises:
        SettingsError: it cannot be saved.
    """
    file = folder / _FILE
    with contextlib.suppress(OSError, UnicodeError):
        if (known := file.read_text(encoding="ascii").strip()).isalnum():
            return known + _hash_machine_name()
    name = secrets.token_hex(8)
    try:
        file.write_text(name, encoding="ascii")
    except OSError as error:
        raise SettingsError(f"{folder} cannot be written. Check the folder's permissions, and the disk.") from error
    return name + _hash_machine_name()


def _hash_machine_name() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:12]
