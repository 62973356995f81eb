"""The service for users' stored data, and that of servers: counting, exporting, erasing and retention."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from bot.images.pictures import PictureStore
from bot.settings import Settings
from bot.store import Store
from storage.erasure import Erasure
from storage.generations import MATERIAL_RETENTION_DAYS

from .archive import build_files, pack_archives

log = logging.getLogger(__name__)


class PendingJobs(Protocol):
    """The jobs of users, which are stored until they are done, and for a while afterwards."""

    async def count(self, owner: str) -> int:
        """Return the number of an owner's jobs."""

    async def load_all(self, owner: str) -> list[dict[str, Any]]:
        """Return an owner's jobs, oldest first."""

    async def forget(self, owner: str) -> int:
        """End and delete an owner's jobs; return their number."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """The service for all stores with users' data: the database, pending jobs and pictures."""

    store: Store
    jobs: PendingJobs
    pictures: PictureStore
    settings: Settings

    async def pause(self, user_id: str) -> None:
        """Pause storage: nothing more is stored about a user; existing data stays."""
        await self.store.people.pause(user_id)

    async def resume(self, user_id: str) -> None:
        """Resume storage about a user."""
        await self.store.people.resume(user_id)

    async def is_paused(self, user_id: str) -> bool:
        """Return whether a user has paused storage."""
        return await self.store.people.is_paused(user_id)

    async def count_damaged(self, user_id: str) -> int:
        """Return the number of a user's rows that cannot be read, as they were changed in the database."""
        return await self.store.people.count_damaged(user_id)

    async def has_given(self, user_id: str) -> bool:
        """Return whether a user has given anything to servers, which keep it."""
        return bool(await self.store.people.list_contributions(user_id))

    async def count_all(self, user_id: str) -> dict[str, int]:
        """Count what is stored about a user: tables by name, then `jobs`, `pictures` and `given`."""
        counts = await self.store.people.count_rows(user_id)
        other_counts = {
            "jobs": await self.jobs.count(user_id),
            "pictures": len(await self.pictures.list_names(user_id)),
        }
        return {**counts, **other_counts, "given": len(await self.store.people.list_contributions(user_id))}

    async def export(self, user_id: str, limit: int) -> tuple[list[bytes], list[str]]:
        """Return ZIP files of at most `limit` bytes with all data of a user, and the names of the files that are too large for one."""
        tables = await self.store.people.export(user_id)
        contributions = await self.store.people.list_contributions(user_id)
        jobs = await self.jobs.load_all(user_id) if tables else []
        names = await self.pictures.list_names(user_id) if tables else []
        pictures = {name: body for name in names if (body := await self.pictures.read(user_id, name)) is not None}
        # Only the request: the rest of a job contains the interaction token.
        exported_jobs = [{**job, "job": job["job"]["request"]} for job in jobs]
        files = build_files({**tables, "given": contributions}, exported_jobs, pictures, _format_time())
        return await asyncio.to_thread(pack_archives, files, limit)

    async def export_workspace(self, guild_id: str, limit: int) -> tuple[list[bytes], list[str]]:
        """Return ZIP files with all data of a server. Parameters and result as for `export`."""
        files = build_files(await self.store.workspaces.export(guild_id), [], {}, _format_time(), workspace=True)
        return await asyncio.to_thread(pack_archives, files, limit)

    async def forget_workspace(self, guild_id: str, channel_ids: Sequence[str] = ()) -> Erasure:
        """Delete all data of a server, and end the sharing of users' things with it and its channels.

        The result says whether the data in backups has become unreadable too.
        """
        return await self.store.workspaces.forget(guild_id, channel_ids)

    async def forget(self, user_id: str) -> Erasure:
        """Delete all data of a user; the result says whether the data in backups has become unreadable too."""
        await self.jobs.forget(user_id)
        await self.store.brands.forget_editor(user_id)
        erasure = await self.store.people.forget(user_id)
        # Again, for jobs accepted meanwhile. From here on, nothing that started earlier can store anything.
        await self.jobs.forget(user_id)
        await self.pictures.forget(user_id)
        return erasure

    async def was_forgotten_since(self, user_id: str, moment: datetime) -> bool:
        """Return whether a user's data was erased after a moment; erasures are known for a day."""
        return await self.store.database.owners.was_forgotten_since(user_id, moment)

    async def settle(self) -> None:
        """Continue erasures that could not be completed at once."""
        if pending_count := await self.store.database.owners.settle_erasures():
            log.info("erasures wait", extra={"waiting": pending_count})

    async def tidy(self, now: datetime | None = None) -> None:
        """Delete the data whose retention period is over."""
        now = now or datetime.now(UTC)
        if self.settings.keep_unseen_days:
            for user_id in await self.store.retention.list_unseen(now - timedelta(days=self.settings.keep_unseen_days)):
                await self.forget(user_id)
        await self.pictures.sweep()
        reduced = await self.store.generations.drop_old_material(now - timedelta(days=MATERIAL_RETENTION_DAYS))
        days = self.settings.keep_results_days
        deleted = await self.store.retention.delete_expired(results=timedelta(days=days) if days else None, now=now)
        await self.store.admissions.delete_old(now)
        log.info("tidied", extra={"results": deleted, "lighter": reduced})


def _format_time() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC"
