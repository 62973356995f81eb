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
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Self

from bot.errors import SettingsError
from storage.errors import StorageError
from storage.leases import Leases

log = logging.getLogger(__name__)

# How long a lease is; after a crash another machine's process waits for the rest of it.
LEASE_SECONDS = 60.0
BEAT_SECONDS = 10.0
# With less than this left all work is handed back; with less than half of it the process ends itself (`Watch`).
STOP_SECONDS = 20.0
# Requests of a slot whose lease ended so long ago are taken over: its process does not come back.
ABANDONED_SECONDS = 300.0
_FILE = "place"
_TAKEN = 'Another process runs with QUILLMATE_SLOT="{slot}" on this database. Stop it, or give this one a QUILLMATE_SLOT of its own.'


class Lease:
    """The lease of a slot. Use as `async with Lease(...) as lease:`.

    `place` stands for where only one process can run at once, such as a data folder that is locked.
    """

    def __init__(
        self, leases: Leases, slot: str, place: str, *, clock: Callable[[], float] = lambda: elapsed_clock()
    ) -> None:
        self.slot, self.lost = slot, asyncio.Event()
        self._leases, self._clock = leases, clock
        self._holder = f"{place}/{secrets.token_hex(8)}"
        self._granted = clock()
        self._beating: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Takes the lease, after a crash once the one before has ended.

        Raises:
            SettingsError: another process holds it, and renews it.
            StorageError: the database cannot be used.
        """
        ends = None
        while True:
            asked = self._clock()
            other = await self._leases.take(self.slot, self._holder, LEASE_SECONDS)
            if other is None:
                break
            if ends is None:
                log.warning("waiting for the slot", extra={"seconds": round(LEASE_SECONDS)})
            elif other != ends:
                raise SettingsError(_TAKEN.format(slot=self.slot))
            ends = other
            await asyncio.sleep(BEAT_SECONDS / 10)
        self._granted = asked
        self._beating = asyncio.create_task(self._beat(), name="lease")
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.wait([self._beating])
        with contextlib.suppress(StorageError):
            await self._leases.release(self.slot, self._holder)

    @property
    def left(self) -> float:
        """Seconds for which this process may still rely on it, counted from before it was last asked for."""
        return LEASE_SECONDS - (self._clock() - self._granted)

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

    async def adopt(self, take_over: Callable[[str], Awaitable[int]]) -> int:
        """Takes over what slots left that were given up; gives how many requests it was.

        Twice does no harm: `take_over` finds nothing the second time.
        """
        count = 0
        for slot in await self._leases.abandoned(ABANDONED_SECONDS):
            if slot != self.slot:
                count += await take_over(slot)
                await self._leases.drop(slot, ABANDONED_SECONDS)
        return count

    async def _beat(self) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(BEAT_SECONDS)
            asked = self._clock()
            renewing = asyncio.create_task(self._leases.renew(self.slot, self._holder, LEASE_SECONDS))
            # Without cancelling it, as that would wait for a database that does not answer.
            await asyncio.wait([renewing], timeout=max(self.left - STOP_SECONDS, 0))
            if (renewing.done() and isinstance(renewing.exception(), StorageError)) or not renewing.done():
                if self.left < STOP_SECONDS + BEAT_SECONDS:
                    self._lose("the lease cannot be renewed")
            elif renewing.result():
                self._granted = asked
            else:
                self._lose("the slot is another's")

    def _lose(self, why: str) -> None:
        if not self.lost.is_set():
            log.error("lease_lost", extra={"reason": why})
            self.lost.set()


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
