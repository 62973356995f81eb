"""Tables that rows are made up after: what their owner does with them, and how they are learnt, also over restarts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.admission.fair import FairRoom
from bot.admission.quotas import Note
from bot.content import Request
from bot.engines.spending import Spending
from bot.errors import FileError, Phrase, QuillmateError, RefusedError
from bot.moderation import refuse
from bot.synthesis.apart import BETWEEN_CHECKPOINTS, Order, made
from bot.synthesis.learning import Progress
from bot.team.workspace.roles import Member, Permission
from storage.made_tables import MadeTable, State

from .answers import Answers
from .door import Door

# The kind that tables count as.
KIND = "synthetic_data"
# A model that is kept may have so many bytes.
_MAX_MODEL = 32 * 1024 * 1024
_NOT_YOURS = "Only the person who sent that table can do that."
_GONE = "I no longer have that table."
_OVER = "That has already ended."
_LEARNING: tuple[State, ...] = ("learning",)


class ProgressMessage(Protocol):
    """Where it is shown how far a table is."""

    async def show(self, job: MadeTable, progress: Progress | None) -> None:
        """Shows how far it is, None while others are learnt. Seldom enough for Discord is its matter."""

    async def give(self, job: MadeTable, about: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
        """Gives what was made.

        Raises:
            RefusedError: it is too large for Discord.
        """


@dataclass(frozen=True, slots=True)
class TablesToMake:
    """Tables of people, one of which is learnt at a time."""

    answers: Answers
    door: Door
    learning: FairRoom = field(default_factory=lambda: FairRoom(1))
    between: float = BETWEEN_CHECKPOINTS
    # Tables that are let in and not given yet.
    under_way: set[str] = field(default_factory=set)

    async def open(
        self, job_id: str, read: Callable[[], Awaitable[bytes]], order: Order, member: Member, *,
        kept_as: str, guild_id: str, channel_id: str, locale: str, is_under_way: Callable[[str], bool],
    ) -> tuple[MadeTable, list[Note]]:  # fmt: skip
        """Keeps a table that is to be learnt, which counts as a request; and gives what its owner is told once. It is read only
        where they may ask for that.

        Raises:
            LimitError: more was asked for than is made in a while, or than the server gives.
            RefusedError: they may not, or one of theirs is kept by that name already.
            StorageError: they have too many, or as much is kept of them as may be.
        """
        if guild_id:
            await self.door.workspaces.require(guild_id, member, Permission.MAKE)
        for words in (order.name, order.condition, kept_as, "; ".join(order.rules)):
            refuse(words, source="message")
        known = {one.kept_as.casefold() for one in await self.kept(member.user_id)}
        if kept_as and kept_as.casefold() in known:
            raise RefusedError("You already have a model called {name}. Choose another name.", name=kept_as)
        job = MadeTable(
            id=job_id, user_id=member.user_id, guild_id=guild_id, channel_id=channel_id, name=order.name,
            order=order.to_json(), kept_as=kept_as, locale=locale,
        )  # fmt: skip
        self.under_way.add(job_id)
        try:
            notes = await self.door.admit(_request(job), member, is_under_way)
            await self.answers.store.made_tables.add(job, await read())
        except BaseException:
            await self._let_go(job)
            raise
        return job, notes

    async def placed(self, job: MadeTable, message_id: str) -> MadeTable:
        """Notes which message shows it; it is learnt from then on."""
        return await self._change(job, ("draft",), state="learning", message_id=message_id)

    async def _let_go(self, job: MadeTable) -> None:
        """It counts from now on by what is counted of it, or not at all."""
        self.under_way.discard(job.id)
        await self.answers.accounts.through(job.id)

    async def job(self, job_id: str, user_id: str) -> MadeTable:
        """A table of somebody's.

        Raises:
            RefusedError: it is gone, or another's.
        """
        job = await self.answers.store.made_tables.get(job_id, user_id)
        if job is None:
            raise RefusedError(_NOT_YOURS if await self.answers.store.made_tables.is_there(job_id) else _GONE)
        return job

    async def kept(self, user_id: str) -> list[MadeTable]:
        """What somebody keeps, and what is learnt for them."""
        return await self.answers.store.made_tables.kept(user_id)

    async def cancel(self, job: MadeTable) -> MadeTable:
        """Ends it; nothing of it is kept."""
        changed = await self._change(job, _LEARNING, state="cancelled")
        await self._let_go(job)
        return changed

    async def abandon(self, job: MadeTable) -> None:
        """Forgets one that could not be shown."""
        await self._let_go(job)
        await self.drop(job)

    async def drop(self, job: MadeTable) -> None:
        """Deletes what was learnt."""
        await self.answers.store.made_tables.drop(job.id, job.user_id)

    async def more(self, job: MadeTable, *, rows: int, seed: int, condition: str) -> tuple[Mapping[str, Any], bytes]:
        """More rows of what was learnt: what is told of them, and the table.

        Raises:
            FileError: there are no such rows, or what was learnt is not there any more.
        """
        refuse(condition, source="message")
        model = await self.answers.store.made_tables.part(job, "model") if job.state == "kept" else b""
        if not model:
            raise FileError(_GONE)
        order = Order(job.name, rows, seed=seed, condition=condition)
        async with self.learning.place(job.user_id):
            async for told in made(order, {"model": model}):
                if told.what == "done":
                    return told.about, told.bodies["table"]
        raise FileError(_GONE)

    async def unfinished(self) -> list[MadeTable]:
        """All tables that are to be learnt, whoever has begun with them."""
        return await self.answers.store.made_tables.worked()

    async def work(self, job: MadeTable, progress: ProgressMessage, stopping: Callable[[], bool]) -> MadeTable | None:
        """Learns a table and gives what is made up after it; gives the table as it is then, None where it is gone or goes on later."""
        store = self.answers.store.made_tables
        self.under_way.add(job.id)
        self.door.quotas.restore(job.id, job.guild_id, job.user_id)
        if self.learning.standing(job.user_id):
            await progress.show(job, None)
        try:
            async with self.learning.place(job.user_id):
                source, last = await store.part(job, "source"), await store.part(job, "checkpoint")
                if not source:
                    raise RefusedError(_GONE)
                bodies = {"source": source} | ({"checkpoint": last} if last else {})
                async for told in made(Order.from_json(job.order), bodies, between=self.between):
                    if stopping() or not await self.answers.in_charge():
                        return None
                    if told.what == "progress":
                        await progress.show(job, told.progress)
                    elif told.what == "checkpoint":
                        await store.checkpoint(job, told.bodies["checkpoint"])
                    else:
                        return await self._finish(job, told.about, told.bodies, progress)
        except QuillmateError as error:
            failed = await store.change(job, _LEARNING, state="failed", note=error.phrase.to_json())
            await self._let_go(job)
            return failed
        return None

    async def _finish(
        self, job: MadeTable, about: Mapping[str, Any], files: Mapping[str, bytes], progress: ProgressMessage
    ) -> MadeTable | None:
        store, model = self.answers.store.made_tables, files.get("model", b"")
        current = await store.get(job.id, job.user_id)
        if current is None or current.state != "learning":
            await self._let_go(job)
            return None
        if len(model) > _MAX_MODEL:
            raise RefusedError(
                "The model is too large to save. Leave out the name to make the table without saving the model."
            )
        if model:
            await store.refuse_full(job.user_id, len(model))
        # First given, then noted: who is killed in between gives it once more, in the same message.
        await progress.give(job, about, files)
        async with self.answers.store.database.writing(f"made {job.user_id}"):
            if await store.change(job, _LEARNING, state="kept" if model else "done", model=model):
                await self.answers.accounts.count_aside(_request(job), Spending(), KIND, "")
        await self._let_go(job)
        return None

    async def _change(self, job: MadeTable, before: tuple[State, ...], **changes: Any) -> MadeTable:
        changed = await self.answers.store.made_tables.change(job, before, **changes)
        if changed is None:
            raise RefusedError(_OVER)
        return changed


def _request(job: MadeTable) -> Request:
    """A table as the request that it counts as."""
    return Request(job.id, job.user_id, "", kind=KIND, guild_id=job.guild_id, channel_id=job.channel_id)


def told(about: Mapping[str, Any], name: str) -> list[Phrase]:
    """What is told of a table: notes and sentences."""
    return [Phrase.from_json(one) for one in about.get(name, ())]
