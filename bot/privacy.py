"""What a person may ask about what is kept of them, in whatever place it is kept; and what goes by itself."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.archive import files_of, zipped
from bot.jobs import Jobs
from bot.pictures import Pictures
from bot.settings import Settings
from bot.store import Store

# How long it is known that somebody was forgotten: no form stays open for longer.
_FORGOTTEN_SECONDS = 86_400.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Privacy:
    """All places where something of a person is kept: the store, pending jobs, pictures."""

    store: Store
    jobs: Jobs
    pictures: Pictures
    settings: Settings
    # When people were forgotten, for what this process still holds of them in open forms and messages.
    _forgotten: dict[str, float] = field(default_factory=dict)

    async def counts(self, user_id: str) -> dict[str, int]:
        """How much of each is kept of a person; the tables by their names, then `jobs` and `pictures`."""
        counts = await self.store.people.counts(user_id)
        pictures = await self.pictures.names(user_id)
        return {**counts, "jobs": await self.jobs.count(user_id), "pictures": len(pictures)}

    async def export(self, user_id: str, most: int) -> tuple[list[bytes], list[str]]:
        """ZIP files of at most so many bytes each with all that is kept of a person, and what is too large for one."""
        tables = await self.store.people.export(user_id)
        jobs = await self.jobs.kept(user_id) if tables else []
        names = await self.pictures.names(user_id) if tables else []
        pictures = {name: body for name in names if (body := await self.pictures.read(user_id, name)) is not None}
        # The token in an address is the bot's own, for answering.
        shown = [{**one, "job": one["job"]["request"]} for one in jobs]
        files = files_of(tables, shown, pictures, f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
        return await asyncio.to_thread(zipped, files, most)

    async def forget(self, user_id: str) -> None:
        """Deletes all that is kept of a person, everywhere."""
        self._note(user_id)
        # Jobs first: one that still runs would keep its result again.
        await self.jobs.forget(user_id)
        await self.store.people.forget(user_id)
        await self.pictures.forget(user_id)
        self._note(user_id)  # Again: what was read while they were being forgotten must not be kept either.

    def _note(self, user_id: str) -> None:
        now = time.perf_counter()
        for one in [one for one, at in self._forgotten.items() if now - at > _FORGOTTEN_SECONDS]:
            del self._forgotten[one]
        self._forgotten[user_id] = now

    def forgotten_since(self, user_id: str, moment: float) -> bool:
        """Whether a person was forgotten after a moment of `time.perf_counter`."""
        return self._forgotten.get(user_id, moment) > moment

    async def tidy(self, now: datetime | None = None) -> None:
        """Deletes what has been kept as long as the settings say."""
        now = now or datetime.now(UTC)
        if self.settings.keep_unseen_days:
            for user_id in await self.store.retention.unseen(now - timedelta(days=self.settings.keep_unseen_days)):
                await self.forget(user_id)
        await self.pictures.sweep()
        days = self.settings.keep_results_days
        deleted = await self.store.retention.expire(results=timedelta(days=days) if days else None, now=now)
        log.info("tidied", extra={"results": deleted})
