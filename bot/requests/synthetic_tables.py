"""Synthetic tables: what their owner does with them, and how they are learnt, even over restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.admission.fair import FairSemaphore
from bot.admission.quotas import QuotaNotification
from bot.content import Request
from bot.engines.spending import Spending
from bot.errors import FileError, QuillmateError, RefusedError
from bot.moderation import refuse
from bot.synthesis.learning import TrainingProgress
from bot.synthesis.worker import CHECKPOINT_SECONDS, TableOrder, run_worker
from bot.team.workspace.roles import Member, Permission
from storage.table_jobs import TableJob, TableState

from .admission_control import AdmissionControl
from .answers import Answers

# The kind that tables count as.
KIND = "synthetic_data"
# Maximum size of a saved model.
_MAX_MODEL = 32 * 1024 * 1024
_NOT_YOURS = "Only the person who sent that table can do that."
_GONE = "I no longer have that table."
_OVER = "That has already ended."
_LEARNING: tuple[TableState, ...] = ("learning",)


class TableProgressMessage(Protocol):
    """The message that shows the progress of a table."""

    async def show(self, job: TableJob, progress: TrainingProgress | None) -> None:
        """Show how far it is, None while others are learnt. Implementations throttle for Discord."""

    async def give(self, job: TableJob, about: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        """Deliver the finished files.

        Raises:
            RefusedError: it is too large for Discord.
        """


@dataclass(frozen=True, slots=True)
class SyntheticTables:
    """The synthetic tables of users, learnt one at a time. Rows of saved models, which take seconds, do not wait for that."""

    answers: Answers
    admission: AdmissionControl
    learning: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    sampling: FairSemaphore = field(default_factory=lambda: FairSemaphore(1))
    between: float = CHECKPOINT_SECONDS
    # Tables that are admitted and not delivered yet.
    active_request_ids: set[str] = field(default_factory=set)

    async def open(
        self,
        job_id: str,
        read: Callable[[], Awaitable[bytes]],
        order: TableOrder,
        member: Member,
        *,
        kept_as: str,
        guild_id: str,
        channel_id: str,
        locale: str,
        is_under_way: Callable[[str], bool],
    ) -> tuple[TableJob, list[QuotaNotification]]:
        """Save a table to be learnt, which counts as a request; return one-time notifications for its owner. It is
        read only if they may request it.

        Raises:
            LimitError: a limit or quota is reached.
            RefusedError: the owner may not, or has already saved a model of that name.
            StorageError: the owner has too many, or their storage is full.
        """
        if guild_id:
            await self.admission.workspaces.require(guild_id, member, Permission.MAKE)
        for words in (order.name, order.condition, kept_as, "; ".join(order.rules)):
            refuse(words, source="message")
        known = {one.kept_as.casefold() for one in await self.list_saved(member.user_id)}
        if kept_as and kept_as.casefold() in known:
            raise RefusedError("You already have a model called {name}. Choose another name.", name=kept_as)
        job = TableJob(
            id=job_id,
            user_id=member.user_id,
            guild_id=guild_id,
            channel_id=channel_id,
            name=order.name,
            order=order.to_json(),
            kept_as=kept_as,
            locale=locale,
        )
        self.active_request_ids.add(job_id)
        try:
            notes = await self.admission.admit(_build_request(job), member, is_under_way)
            await self.answers.store.made_tables.add(job, await read())
        except BaseException:  # Also a cancellation: what is not saved must not count as in progress.
            await self._release(job)
            raise
        return job, notes

    async def set_message(self, job: TableJob, message_id: str) -> TableJob:
        """Save which message shows the table; learning starts then."""
        return await self._update(job, ("draft",), state="learning", message_id=message_id)

    async def _release(self, job: TableJob) -> None:
        """Release the table's reservation: from now on its recorded usage counts."""
        self.active_request_ids.discard(job.id)
        await self.answers.accounts.finish(job.id)

    async def job(self, job_id: str, user_id: str) -> TableJob:
        """Return a user's table.

        Raises:
            RefusedError: it is gone, or another's.
        """
        job = await self.answers.store.made_tables.get(job_id, user_id)
        if job is None:
            raise RefusedError(_NOT_YOURS if await self.answers.store.made_tables.exists(job_id) else _GONE)
        return job

    async def list_saved(self, user_id: str) -> list[TableJob]:
        """Return the saved models of a user, and the tables being learnt for them."""
        return await self.answers.store.made_tables.list_active(user_id)

    async def cancel(self, job: TableJob) -> TableJob:
        """End a table; nothing of it is saved."""
        changed = await self._update(job, _LEARNING, state="cancelled")
        await self._release(job)
        return changed

    async def abandon(self, job: TableJob) -> None:
        """Delete a table that could not be shown."""
        await self._release(job)
        await self.drop(job)

    async def drop(self, job: TableJob) -> None:
        """Delete a saved model."""
        await self.answers.store.made_tables.delete(job.id, job.user_id)

    async def more(self, job: TableJob, *, rows: int, seed: int, condition: str) -> tuple[Mapping[str, Any], bytes]:
        """Return more rows of a saved model: the notes about them, and the table.

        Raises:
            FileError: no rows meet the condition, or the model is gone.
        """
        refuse(condition, source="message")
        model = await self.answers.store.made_tables.load_part(job, "model") if job.state == "kept" else b""
        if not model:
            raise FileError(_GONE)
        order = TableOrder(job.name, rows, seed=seed, condition=condition)
        async with self.sampling.place(job.user_id):
            async for progress_event in run_worker(order, {"model": model}):
                if progress_event.kind == "done":
                    return progress_event.data, progress_event.bodies["table"]
        raise FileError(_GONE)

    async def list_unfinished(self) -> list[TableJob]:
        """Return all tables to be learnt, whichever process started them."""
        return await self.answers.store.made_tables.list_learning()

    async def work(
        self, job: TableJob, progress: TableProgressMessage, stopping: Callable[[], bool]
    ) -> TableJob | None:
        """Learn a table and deliver the synthetic one; return its state then, None where it is gone or continues
        later.
        """
        store = self.answers.store.made_tables
        self.active_request_ids.add(job.id)
        self.admission.quotas.restore(job.id, job.guild_id, job.user_id)
        if self.learning.find_position(job.user_id):
            await progress.show(job, None)
        try:
            async with self.learning.place(job.user_id):
                source, last = await store.load_part(job, "source"), await store.load_part(job, "checkpoint")
                if not source:
                    raise RefusedError(_GONE)
                bodies = {"source": source} | ({"checkpoint": last} if last else {})
                async for progress_event in run_worker(
                    TableOrder.from_json(job.order), bodies, checkpoint_seconds=self.between
                ):
                    if stopping() or not await self.answers.holds_lease():
                        return None
                    if progress_event.kind == "progress":
                        await progress.show(job, progress_event.progress)
                    elif progress_event.kind == "checkpoint":
                        await store.save_checkpoint(job, progress_event.bodies["checkpoint"])
                    else:
                        return await self._deliver(job, progress_event.data, progress_event.bodies, progress)
        except QuillmateError as error:
            failed = await store.change(job, _LEARNING, state="failed", note=error.phrase.to_json())
            await self._release(job)
            return failed
        return None

    async def _deliver(
        self, job: TableJob, about: Mapping[str, Any], files: Mapping[str, bytes], progress: TableProgressMessage
    ) -> TableJob | None:
        store, model = self.answers.store.made_tables, files.get("model", b"")
        current = await store.get(job.id, job.user_id)
        if current is None or current.state != "learning":
            await self._release(job)
            return None
        if len(model) > _MAX_MODEL:
            raise RefusedError(
                "The model is too large to save. Leave out the name to make the table without saving the model."
            )
        if model:
            await store.require_room(job.user_id, len(model))
        # Deliver before recording: after a kill in between it is delivered again, into the same message.
        await progress.give(job, about, files)
        async with self.answers.store.database.share_write(f"made {job.user_id}"):
            if await store.change(job, _LEARNING, state="kept" if model else "done", model=model):
                await self.answers.accounts.count_aside(_build_request(job), Spending(), KIND, "")
        await self._release(job)
        return None

    async def _update(self, job: TableJob, before: tuple[TableState, ...], **changes: Any) -> TableJob:
        changed = await self.answers.store.made_tables.change(job, before, **changes)
        if changed is None:
            raise RefusedError(_OVER)
        return changed


def _build_request(job: TableJob) -> Request:
    """Return the request that a table counts as."""
    return Request(job.id, job.user_id, "", kind=KIND, guild_id=job.guild_id, channel_id=job.channel_id)
