"""What a person may ask about what is kept of them, and who manages a server about what is kept of that; what goes by itself."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.images.pictures import Pictures
from bot.settings import Settings
from bot.store import Store
from storage.erasure import Erasure
from storage.generations import KEEP_MATERIAL_DAYS

from .archive import files_of, zipped

log = logging.getLogger(__name__)


class Pending(Protocol):
    """The requests of people that are kept until they are done, and for a while after."""

    async def count(self, owner: str) -> int:
        """How many of somebody's are kept."""

    async def load_all(self, owner: str) -> list[dict[str, Any]]:
        """Somebody's, oldest first."""

    async def forget(self, owner: str) -> int:
        """Ends and deletes somebody's, and tells how many there were."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """All places where something of a person is kept: the store, pending jobs, pictures."""

    store: Store
    jobs: Pending
    pictures: Pictures
    settings: Settings

    async def pause(self, user_id: str) -> None:
        """From now on nothing more is kept of a person; what is there stays."""
        await self.store.people.pause(user_id)

    async def resume(self, user_id: str) -> None:
        """Takes `pause` back."""
        await self.store.people.resume(user_id)

    async def paused(self, user_id: str) -> bool:
        """Whether a person has paused."""
        return await self.store.people.paused(user_id)

    async def damaged(self, user_id: str) -> int:
        """How many entries of a person cannot be read, as they were changed in the database."""
        return await self.store.people.damaged(user_id)

    async def gave(self, user_id: str) -> bool:
        """Whether a person gave anything to servers, which stays there."""
        return bool(await self.store.people.given(user_id))

    async def counts(self, user_id: str) -> dict[str, int]:
        """How much of each is kept of a person; the tables by their names, then `jobs`, `pictures` and `given`."""
        counts = await self.store.people.counts(user_id)
        kept = {"jobs": await self.jobs.count(user_id), "pictures": len(await self.pictures.names(user_id))}
        return {**counts, **kept, "given": len(await self.store.people.given(user_id))}

    async def export(self, user_id: str, most: int) -> tuple[list[bytes], list[str]]:
        """ZIP files of at most so many bytes each with all that is kept of a person, and what is too large for one."""
        tables = await self.store.people.export(user_id)
        given = await self.store.people.given(user_id)
        jobs = await self.jobs.load_all(user_id) if tables else []
        names = await self.pictures.names(user_id) if tables else []
        pictures = {name: body for name in names if (body := await self.pictures.read(user_id, name)) is not None}
        # The token in an address is the bot's own, for answering.
        shown = [{**one, "job": one["job"]["request"]} for one in jobs]
        files = files_of({**tables, "given": given}, shown, pictures, _today())
        return await asyncio.to_thread(zipped, files, most)

    async def export_workspace(self, guild_id: str, most: int) -> tuple[list[bytes], list[str]]:
        """ZIP files with all that is a server's own, as `export` gives a person's."""
        files = files_of(await self.store.workspaces.export(guild_id), [], {}, _today(), workspace=True)
        return await asyncio.to_thread(zipped, files, most)

    async def forget_workspace(self, guild_id: str, channel_ids: Sequence[str] = ()) -> Erasure:
        """Deletes all that is a server's own, and gives back what is lent to it and its channels.

        Tells whether nothing of it can be opened from copies either.
        """
        return await self.store.workspaces.forget(guild_id, channel_ids)

    async def forget(self, user_id: str) -> Erasure:
        """Deletes all that is kept of a person, everywhere; tells whether nothing of it can be opened from copies either."""
        await self.jobs.forget(user_id)
        await self.store.brands.forget_editor(user_id)
        erasure = await self.store.people.forget(user_id)
        # Again: what was being taken meanwhile. Nothing that was begun before can keep anything from here on.
        await self.jobs.forget(user_id)
        await self.pictures.forget(user_id)
        return erasure

    async def forgotten_since(self, user_id: str, moment: datetime) -> bool:
        """Whether a person was forgotten after a moment of the last day."""
        return await self.store.database.owners.forgotten_since(user_id, moment)

    async def settle(self) -> None:
        """Takes what forgetting could not promise at once as far as it can be taken now."""
        if waiting := await self.store.database.owners.settle():
            log.info("erasures wait", extra={"waiting": waiting})

    async def tidy(self, now: datetime | None = None) -> None:
        """Deletes what has been kept as long as the settings say."""
        now = now or datetime.now(UTC)
        if self.settings.keep_unseen_days:
            for user_id in await self.store.retention.unseen(now - timedelta(days=self.settings.keep_unseen_days)):
                await self.forget(user_id)
        await self.pictures.sweep()
        lighter = await self.store.generations.lighten_old(now - timedelta(days=KEEP_MATERIAL_DAYS))
        days = self.settings.keep_results_days
        deleted = await self.store.retention.expire(results=timedelta(days=days) if days else None, now=now)
        await self.store.admissions.tidy(now)
        log.info("tidied", extra={"results": deleted, "lighter": lighter})


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
