"""A text for each row of a sheet: what its owner does with it, and how the rows are made, each once, also over restarts."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bot.admission.quotas import QuotaError
from bot.content import Request
from bot.documents.materials import Sheet
from bot.documents.sheets import MAX_CELL
from bot.engines.spending import spending
from bot.errors import EngineError, Phrase, QuillmateError, RefusedError
from bot.generation.sheet import strip_tags
from bot.generation.sources import add_sources
from bot.images.studio import use_engine_dialect
from bot.kinds import kind_named
from bot.moderation import refuse
from bot.runtime.progress import working
from bot.team.workspace.roles import Member, Permission
from personas.profile import clean
from storage.bulk import OVER, WORKED, BulkJob, BulkRow, Sampled, State
from storage.errors import StorageError
from storage.generations import Generation
from storage.shielded import shielded
from storage.usage import Used

from .answers import Answers, generation_of
from .blanks import blanks_of, columns_for, filled_brief, told_cells
from .door import Door
from .members import member_in
from .unfinished import let_in, paid_once, together

log = logging.getLogger(__name__)
# Rows that are made first, to be looked at before all others are.
SAMPLES = 3
_SAMPLING: tuple[State, ...] = ("sampling",)
_RUNNING: tuple[State, ...] = ("running",)
# Rows of a job that are worked on or wait for their owner's turn at once.
_MAX_AT_ONCE = 4
# Characters of a row's brief.
_MAX_BRIEF = 6_000
_CHANGED = "That has changed in the meantime. Here is how it looks now."
_NOT_YOURS = "Only the person who sent that sheet can do that."
_GONE = "I no longer have that sheet."
_PAUSED = "The model is not responding, so I paused. Finished texts are kept; press Resume when it is back."


class ProgressMessage(Protocol):
    """Where it is shown how far a job is."""

    async def show(self, job: BulkJob, note: Phrase | None = None) -> None:
        """Shows a job as it is now, with what it waits for. Seldom enough for Discord is its matter."""


class _BrokenError(Exception):
    """No row can be made for now; `why` is told."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Bulk:
    """Sheets of people. `answers` has what single requests are made with, so that rows take turns with those."""

    answers: Answers
    door: Door
    # The results of rows that are being made.
    under_way: set[str] = field(default_factory=set)

    async def open(
        self,
        job_id: str,
        sheet: Sheet,
        member: Member,
        *,
        name: str,
        brief: str,
        kind: str,
        guild_id: str,
        channel_id: str,
        locale: str,
        seed: int,
    ) -> BulkJob:
        """Keeps a sheet, with the columns that its brief's blanks plainly mean.

        Raises:
            RefusedError: they may not, or it asks for harm.
            StorageError: they have too many under way.
        """
        if guild_id:
            await self.door.workspaces.require(guild_id, member, Permission.MAKE)
        await asyncio.to_thread(_refuse_harm, brief, sheet)
        blanks = blanks_of(brief)
        job = BulkJob(
            id=job_id, user_id=member.user_id, guild_id=guild_id, channel_id=channel_id, name=name,
            headings=sheet.headings, rows=len(sheet.rows), brief=brief, kind=kind_named(kind).name,
            columns=columns_for(blanks, sheet.headings), locale=locale, seed=seed, delimiter=sheet.delimiter,
        )  # fmt: skip
        await self.answers.store.bulk.add(job, sheet.rows)
        return job

    async def job(self, job_id: str, user_id: str) -> BulkJob:
        """A job of somebody's.

        Raises:
            RefusedError: it is gone, or another's.
        """
        job = await self.answers.store.bulk.get(job_id, user_id)
        if job is None:
            raise RefusedError(_NOT_YOURS if await self.answers.store.bulk.is_there(job_id) else _GONE)
        return job

    async def choose(self, job: BulkJob, place: int, heading: str) -> BulkJob:
        """Has a blank, by its place, filled from a column."""
        blanks = blanks_of(job.brief)
        if not 0 <= place < len(blanks) or heading not in job.headings:
            raise RefusedError(_CHANGED)
        return await self._change(job, ("draft",), columns={**job.columns, blanks[place]: heading})

    @shielded
    async def reword(self, job: BulkJob, brief: str) -> BulkJob:
        """Puts another brief in the place of the old one; samples that were made are made anew.

        Raises:
            RefusedError: it asks for harm, has too many blanks, or the rows are being made.
        """
        brief = clean(brief)
        refuse(brief, source="message")
        columns = columns_for(blanks_of(brief), job.headings)
        kept = {blank: heading for blank, heading in job.columns.items() if blank in blanks_of(brief)}
        async with self.answers.store.database.writing(f"bulk {job.user_id}"):
            changed = await self._change(
                job, ("draft", "sampled"), brief=brief, columns={**columns, **kept}, state="draft"
            )
            for state in ("done", "failed"):
                await self.answers.store.bulk.begin_again(changed, state=state)
        return changed

    async def sample(self, job: BulkJob) -> BulkJob:
        """Has the first rows made.

        Raises:
            RefusedError: a blank has no column yet, or it is begun already.
        """
        if missing := [blank for blank in blanks_of(job.brief) if blank not in job.columns]:
            raise RefusedError("Choose a column for {blanks} first.", blanks=missing)
        return await self._change(job, ("draft",), state="sampling")

    async def start(self, job: BulkJob) -> BulkJob:
        """Has all other rows made."""
        return await self._change(job, ("sampled",), state="running")

    async def pause(self, job: BulkJob) -> BulkJob:
        """Takes no more rows; those that are under way are finished."""
        return await self._change(job, ("running",), state="paused")

    async def resume(self, job: BulkJob) -> BulkJob:
        """Goes on where it was paused."""
        return await self._change(job, ("paused",), state="running", note=None)

    async def cancel(self, job: BulkJob) -> BulkJob:
        """Ends it; what is made stays."""
        before: tuple[State, ...] = ("draft", "sampling", "sampled", "running", "paused")
        return await self._change(job, before, state="cancelled")

    @shielded
    async def retry(self, job: BulkJob) -> BulkJob:
        """Makes the rows that failed once more."""
        async with self.answers.store.database.writing(f"bulk {job.user_id}"):
            changed = await self._change(job, ("done",), state="running")
            await self.answers.store.bulk.begin_again(changed, state="failed")
        return changed

    async def _change(self, job: BulkJob, before: Sequence[State], **changes: Any) -> BulkJob:
        changed = await self.answers.store.bulk.change(job, before, **changes)
        if changed is None:
            raise RefusedError(_CHANGED)
        return changed

    async def unfinished(self) -> list[BulkJob]:
        """All jobs whose rows are to be made, whoever has begun with them."""
        return await self.answers.store.bulk.worked()

    async def placed(self, job: BulkJob, message_id: str) -> BulkJob:
        """Notes which message shows it."""
        return await self._change(job, ("draft",), message_id=message_id)

    async def results(self, job: BulkJob) -> list[tuple[BulkRow, Generation | None]]:
        """Each row with its result, none where none came of it or it is not kept any more."""
        store = self.answers.store
        rows = await store.bulk.rows(job)
        return [
            (row, await store.generations.get(result_id(job, row.number), job.user_id) if row.state == "done" else None)
            for row in rows
        ]

    async def counts(self, job: BulkJob) -> Counter[str]:
        """How many rows wait, are done, and failed."""
        return await self.answers.store.bulk.counts(job.id)

    async def work(self, job: BulkJob, progress: ProgressMessage, stopping: Callable[[], bool]) -> BulkJob | None:
        """Makes the rows that wait until there are none, it is paused or cancelled, or the process stops.

        Gives the job as it is then, None where it is gone.
        """
        store, began = self.answers.store.bulk, time.monotonic()
        rows = deque(await store.rows(job, state="waiting", most=SAMPLES if job.state == "sampling" else None))
        if job.state == "sampling":
            rows = deque(row for row in rows if row.number <= SAMPLES)

        took: list[Used] = []

        async def worker() -> None:
            while rows and not stopping() and await self.answers.in_charge():
                current = await store.get(job.id, job.user_id)
                if current is None or current.state != job.state:
                    return
                took.extend(await self._make(current, rows.popleft(), progress, stopping))
                await progress.show(current)

        at_once = max(1, min(_MAX_AT_ONCE, self.answers.at_once + 1, len(rows)))
        try:
            await together(worker() for _ in range(at_once))
        except _BrokenError as broken:
            return await store.change(job, WORKED, state="paused", note=broken.why.to_json())
        if stopping() or not await self.answers.in_charge():
            return None
        if job.state == "sampling":
            sampled = Sampled(
                seconds=time.monotonic() - began,
                tokens=sum(one.tokens_in + one.tokens_out for one in took),
                cost=sum(one.cost for one in took),
            )
            return await store.change(job, _SAMPLING, state="sampled", sampled=sampled) or await self._now(job)
        left = (await store.counts(job.id))["waiting"]
        done = None if left else await store.change(job, _RUNNING, state="done")
        return done or await self._now(job)

    async def _goes_on(self, job: BulkJob) -> bool:
        """Whether a job is worked on still: of one that was paused while a row waited for its turn that row begins no more."""
        current = await self._now(job)
        return current is not None and current.state == job.state

    async def _now(self, job: BulkJob) -> BulkJob | None:
        return await self.answers.store.bulk.get(job.id, job.user_id)

    async def _make(
        self, job: BulkJob, row: BulkRow, progress: ProgressMessage, stopping: Callable[[], bool]
    ) -> list[Used]:
        """Makes a row; gives what it took."""
        store, steps, used = self.answers.store, dict(row.steps), list[Used]()

        async def keep(through: Mapping[str, Any]) -> None:
            await store.bulk.keep(job, replace(row, steps=through))

        checkpoint = paid_once(steps, keep)
        try:
            request = _request(job, row)
            self.under_way.add(request.id)
            try:
                await self._admit(request, job, progress, stopping)
                with spending() as cost, working(request.id, request.kind or ""):
                    async with self.answers.turn(job.user_id):
                        if not await self._goes_on(job):
                            return used
                        known = await self.answers.memory.recall(request)
                        assigned = await self.answers.pipeline.build_assignment(request, known)
                        assignment = use_engine_dialect(assigned, self.answers.studio.engine)
                        made = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
                    result = add_sources(made[0], assignment)
                    used = self.answers.accounts.used(cost, result.kind, result)
                await self._keep(job, row, generation_of(request, result, assignment), used)
            finally:
                self.under_way.discard(request.id)
                await self.answers.accounts.through(request.id)
        except EngineError as error:
            raise _BrokenError(Phrase(_PAUSED)) from error
        except QuotaError as error:
            raise _BrokenError(error.phrase) from error
        except StorageError:
            raise
        except QuillmateError as error:
            await store.bulk.keep(job, replace(row, state="failed", steps={}, failure=error.phrase.to_json()))
        except Exception:
            log.exception("a row of a sheet failed")
            failure = Phrase("Something went wrong on my side with this row.").to_json()
            await store.bulk.keep(job, replace(row, state="failed", steps={}, failure=failure))
        return used

    @shielded
    async def _keep(self, job: BulkJob, row: BulkRow, made: Generation, used: Sequence[Used]) -> None:
        """Together, so that no row is through without its result, nor made once more beside it."""
        store = self.answers.store
        async with store.database.writing(f"bulk row {job.id} {row.number}"):
            if await store.bulk.keep(job, replace(row, state="done", steps={})):
                await store.generations.add(made, used)

    async def _admit(
        self, request: Request, job: BulkJob, progress: ProgressMessage, stopping: Callable[[], bool]
    ) -> None:
        """Waits until limits let a row in: it counts as a request of its owner's.

        Raises:
            RefusedError: they may not ask for texts there any more.
        """

        async def member() -> Member:
            if not request.guild_id:
                return Member(job.user_id)
            return await member_in(self.answers.bot, job.guild_id, job.user_id)

        async def waits(why: Phrase) -> None:
            await progress.show(job, why)

        await let_in(self.door, request, member, self.under_way, waits=waits, stopping=stopping)


def result_id(job: BulkJob, number: int) -> str:
    """The id of a row's result: the same each time that it is made."""
    return f"{job.id}-{number}"


def left(job: BulkJob, counts: Mapping[str, int]) -> Sampled:
    """About what the rows that wait take, by what the samples did."""
    share = counts.get("waiting", 0) / max(1, min(SAMPLES, job.rows))
    sampled = job.sampled
    return Sampled(sampled.seconds * share, round(sampled.tokens * share), round(sampled.cost * share))


def is_over(job: BulkJob) -> bool:
    """Whether nothing more comes of it."""
    return job.state in OVER


def _request(job: BulkJob, row: BulkRow) -> Request:
    long = next((place for place, cell in enumerate(row.cells) if len(cell) > MAX_CELL), None)
    if long is not None:
        raise RefusedError(
            "“{column}” has more than {most:,} characters in this row, so it was skipped.",
            column=job.headings[long], most=MAX_CELL,
        )  # fmt: skip
    cells = [clean(strip_tags(cell)) for cell in row.cells]
    brief = clean(filled_brief(job.brief, job.columns, job.headings, cells))
    if len(brief) > _MAX_BRIEF:
        raise RefusedError(
            "This row's brief has {count:,} characters; the limit is {most:,}.", count=len(brief), most=_MAX_BRIEF
        )
    return Request(
        id=result_id(job, row.number), user_id=job.user_id, brief=brief, kind=job.kind, seed=job.seed + row.number,
        guild_id=job.guild_id, channel_id=job.channel_id, locale=job.locale,
        asked=job.created_at.isoformat(timespec="seconds"), cells=told_cells(job.brief, cells),
    )  # fmt: skip


def _refuse_harm(brief: str, sheet: Sheet) -> None:
    refuse(brief, source="message")
    for row in sheet.rows:
        refuse("\n".join(row), source="file")
