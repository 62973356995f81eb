"""Whether new requests are accepted: the operators' choice, for all processes that share a database."""

from __future__ import annotations

import logging
from datetime import timedelta

from storage.errors import StorageError
from storage.leases import Leases

from .lease import PAUSE

log = logging.getLogger(__name__)

# A lease stands for the pause. It is the operators', so nobody renews it.
_HOLDER, _SECONDS = "operators/all", timedelta(days=3650).total_seconds()


class Pause:
    """The pause as this process knows it; `refresh` reads what another process has chosen."""

    def __init__(self, leases: Leases) -> None:
        self._leases, self.on = leases, False
        # Counts the choices made here, so that an older reading replaces none of them; whether the last one is saved.
        self._choices, self._is_saved = 0, True

    async def begin(self) -> bool:
        """Stop accepting requests; return whether that was saved, for other processes and after a restart."""
        return await self._choose(on=True)

    async def end(self) -> bool:
        """Accept requests again; return whether that was saved."""
        return await self._choose(on=False)

    async def refresh(self) -> None:
        """Read the pause from the database; save the last choice first, if that could not be done before.

        Raises:
            StorageError: the database cannot be read.
        """
        if not self._is_saved and not await self._choose(on=self.on):
            return
        choices = self._choices
        active, _ = await self._leases.list_names()
        if choices == self._choices:
            self.on = PAUSE in active

    async def _choose(self, *, on: bool) -> bool:
        self.on, self._is_saved = on, False
        self._choices += 1
        try:
            if on:
                await self._leases.acquire([PAUSE], _HOLDER, _SECONDS)
            else:
                await self._leases.delete([PAUSE], _HOLDER)
        except StorageError as error:
            log.error("a pause or its end is not saved: %s", type(error).__name__)
            return False
        self._choices += 1  # What was read meanwhile is older.
        self.on, self._is_saved = on, True
        return True
