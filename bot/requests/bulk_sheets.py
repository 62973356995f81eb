"""A text for each row of a sheet: what its owner does with it, and how the rows are written, each once even over
restarts.
"""

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
from bot.engines.spending import track_spending
from bot.errors import EngineError, Phrase, QuillmateError, RefusedError
from bot.generation.fences import strip_tags
from bot.generation.sources import add_sources
from bot.images.studio import use_engine_dialect
from bot.kinds import find_kind
from bot.moderation import refuse
from bot.runtime.active_requests import track_request
from bot.team.workspace.roles import Member, Permission
from personas.profile import clean
from storage.bulk import FINAL_STATES, RUNNING_STATES, BulkJob, BulkRow, BulkState, SampleCosts
from storage.errors import StorageError
from storage.generations import Generation
from storage.shielding import shield
from storage.usage import EngineUsage

from .admission_control import AdmissionControl
from .answers import Answers
from .blanks import fill_brief, find_blanks, find_instructive_cells, match_columns
from .members import fetch_member
from .result_rows import build_generation
from .resumable import build_checkpoint, run_together, wait_for_admission

log = logging.getLogger(__name__)
# Rows written first, to be reviewed before all others.
SAMPLES = 3
_SAMPLING: tuple[BulkState, ...] = ("sampling",)
_RUNNING: tuple[BulkState, ...] = ("running",)
# Rows of a job in progress or waiting for a slot at once.
_MAX_CONCURRENT_ROWS = 4
# Maximum length of a row's brief, in characters.
_MAX_BRIEF = 6_000
_CHANGED = "That has changed in the meantime. Here is how it looks now."
_NOT_YOURS = "Only the person who sent that sheet can do that."
_GONE = "I no longer have that sheet."
_PAUSED = "The model is not responding, so I paused. Finished texts are kept; press Resume when it is back."


class BulkProgressMessage(Protocol):
    """The message that shows the progress of a job."""

    async def show(self, job: BulkJob, note: Phrase | None = None) -> None:
        """Show a job as it is now and what it waits for. Implementations throttle for Discord."""


class _InterruptedError(Exception):
    """No row can be written for now; `why` is shown."""

    def __init__(self, why: Phrase) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class BulkSheets:
    """The bulk sheets of users. Rows share the slots of single requests through `answers`."""

    answers: Answers
    admission: AdmissionControl
    # The request ids of rows in progress.
    active_request_ids: set[str] = field(default_factory=set)

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
        """Save a sheet, with the columns that clearly match the blanks of its brief.

        Raises:
            RefusedError: the member may not, or it asks for harm.
            StorageError: the member has too many in progress.
        """
        if guild_id:
            await self.admission.workspaces.require(guild_id, member, Permission.MAKE)
        await asyncio.to_thread(_refuse_harm, brief, sheet)
        blanks = find_blanks(brief)
        job = BulkJob(
            id=job_id,
            user_id=member.user_id,
            guild_id=guild_id,
            channel_id=channel_id,
            name=name,
            headings=sheet.headings,
            rows=len(sheet.rows),
            brief=brief,
            kind=find_kind(kind).name,
            columns=match_columns(blanks, sheet.headings),
            locale=locale,
            seed=seed,
            delimiter=sheet.delimiter,
        )
        await self.answers.store.bulk.add(job, sheet.rows)
        return job

    async def job(self, job_id: str, user_id: str) -> BulkJob:
        """Return a user's job.

        Raises:
            RefusedError: it is gone, or another's.
        """
        job = await self.answers.store.bulk.get(job_id, user_id)
        if job is None:
            raise RefusedError(_NOT_YOURS if await self.answers.store.bulk.exists(job_id) else _GONE)
        return job

    async def choose(self, job: BulkJob, place: int, heading: str) -> BulkJob:
        """Fill a blank, by its position, from a column."""
        blanks = find_blanks(job.brief)
        if not 0 <= place < len(blanks) or heading not in job.headings:
            raise RefusedError(_CHANGED)
        return await self._update(job, ("draft",), columns={**job.columns, blanks[place]: heading})

    @shield
    async def reword(self, job: BulkJob, brief: str) -> BulkJob:
        """Replace the brief; existing samples are written again.

        Raises:
            RefusedError: it asks for harm, has too many blanks, or the rows are being written.
        """
        brief = clean(brief)
        refuse(brief, source="message")
        columns = match_columns(find_blanks(brief), job.headings)
        still_valid = {blank: heading for blank, heading in job.columns.items() if blank in find_blanks(brief)}
        async with self.answers.store.database.share_write(f"bulk {job.user_id}"):
            changed = await self._update(
                job, ("draft", "sampled"), brief=brief, columns={**columns, **still_valid}, state="draft"
            )
            for state in ("done", "failed"):
                await self.answers.store.bulk.restart_rows(changed, state=state)
        return changed

    async def sample(self, job: BulkJob) -> BulkJob:
        """Start writing the sample rows.

        Raises:
            RefusedError: a blank has no column yet, or it has already started.
        """
        if missing := [blank for blank in find_blanks(job.brief) if blank not in job.columns]:
            raise RefusedError("Choose a column for {blanks} first.", blanks=missing)
        return await self._update(job, ("draft",), state="sampling")

    async def start(self, job: BulkJob) -> BulkJob:
        """Start writing all other rows."""
        return await self._update(job, ("sampled",), state="running")

    async def pause(self, job: BulkJob) -> BulkJob:
        """Start no more rows; those in progress are finished."""
        return await self._update(job, ("running",), state="paused")

    async def resume(self, job: BulkJob) -> BulkJob:
        """Continue a paused job."""
        return await self._update(job, ("paused",), state="running", note=None)

    async def cancel(self, job: BulkJob) -> BulkJob:
        """End a job; finished rows stay."""
        before: tuple[BulkState, ...] = ("draft", "sampling", "sampled", "running", "paused")
        return await self._update(job, before, state="cancelled")

    @shield
    async def retry(self, job: BulkJob) -> BulkJob:
        """Write the failed rows again."""
        async with self.answers.store.database.share_write(f"bulk {job.user_id}"):
            changed = await self._update(job, ("done",), state="running")
            await self.answers.store.bulk.restart_rows(changed, state="failed")
        return changed

    async def _update(self, job: BulkJob, before: Sequence[BulkState], **changes: Any) -> BulkJob:
        changed = await self.answers.store.bulk.change(job, before, **changes)
        if changed is None:
            raise RefusedError(_CHANGED)
        return changed

    async def list_unfinished(self) -> list[BulkJob]:
        """Return all jobs with rows to write, whichever process started them."""
        return await self.answers.store.bulk.list_running()

    async def set_message(self, job: BulkJob, message_id: str) -> BulkJob:
        """Save which message shows the job."""
        return await self._update(job, ("draft",), message_id=message_id)

    async def results(self, job: BulkJob) -> list[tuple[BulkRow, Generation | None]]:
        """Return each row with its result, None where it has none or it is no longer stored."""
        store = self.answers.store
        rows = await store.bulk.list_rows(job)
        return [
            (row, await store.generations.get(result_id(job, row.number), job.user_id) if row.state == "done" else None)
            for row in rows
        ]

    async def counts(self, job: BulkJob) -> Counter[str]:
        """Return how many rows are waiting, done and failed."""
        return await self.answers.store.bulk.count_rows(job.id)

    async def work(self, job: BulkJob, progress: BulkProgressMessage, stopping: Callable[[], bool]) -> BulkJob | None:
        """Write waiting rows until none is left, the job is paused or cancelled, or the process stops.

        Returns the job as it is then, None where it is gone.
        """
        store, began = self.answers.store.bulk, time.monotonic()
        rows = deque(await store.list_rows(job, state="waiting", limit=SAMPLES if job.state == "sampling" else None))
        if job.state == "sampling":
            rows = deque(row for row in rows if row.number <= SAMPLES)

        usage: list[EngineUsage] = []

        async def worker() -> None:
            while rows and not stopping() and await self.answers.holds_lease():
                current = await store.get(job.id, job.user_id)
                # Another worker may have taken the last row while this one waited for the database.
                if current is None or current.state != job.state or not rows:
                    return
                usage.extend(await self._make_row(current, rows.popleft(), progress, stopping))
                await progress.show(current)

        at_once = max(1, min(_MAX_CONCURRENT_ROWS, self.answers.slots.max_concurrent + 1, len(rows)))
        try:
            await run_together(worker() for _ in range(at_once))
        except _InterruptedError as interruption:
            return await store.change(job, RUNNING_STATES, state="paused", note=interruption.why.to_json())
        if stopping() or not await self.answers.holds_lease():
            return None
        if job.state == "sampling":
            sampled = SampleCosts(
                seconds=time.monotonic() - began,
                tokens=sum(one.tokens_in + one.tokens_out for one in usage),
                cost=sum(one.cost for one in usage),
            )
            return await store.change(job, _SAMPLING, state="sampled", sampled=sampled) or await self._reload(job)
        left = (await store.count_rows(job.id))["waiting"]
        done = None if left else await store.change(job, _RUNNING, state="done")
        return done or await self._reload(job)

    async def _is_unchanged(self, job: BulkJob) -> bool:
        """Return whether a job is still in the same state: a row that waited while it was paused does not start."""
        current = await self._reload(job)
        return current is not None and current.state == job.state

    async def _reload(self, job: BulkJob) -> BulkJob | None:
        return await self.answers.store.bulk.get(job.id, job.user_id)

    async def _make_row(
        self, job: BulkJob, row: BulkRow, progress: BulkProgressMessage, stopping: Callable[[], bool]
    ) -> list[EngineUsage]:
        """Write a row and return its usage."""
        store, steps, used = self.answers.store, dict(row.steps), list[EngineUsage]()

        async def keep(finished_steps: Mapping[str, Any]) -> None:
            await store.bulk.change_row(job, replace(row, steps=finished_steps))

        checkpoint = build_checkpoint(steps, keep)
        try:
            request = _build_request(job, row)
            self.active_request_ids.add(request.id)
            try:
                await self._wait_for_admission(request, job, progress, stopping)
                with track_spending() as cost, track_request(request.id, request.kind or ""):
                    async with self.answers.slots.hold_turn(job.user_id):
                        if not await self._is_unchanged(job):
                            return used
                        known = await self.answers.memory.recall(request)
                        prepared = await self.answers.pipeline.build_assignment(request, known)
                        assignment = use_engine_dialect(prepared, self.answers.studio.engine)
                        results = await self.answers.pipeline.run(assignment, checkpoint=checkpoint)
                    result = add_sources(results[0], assignment)
                    used = self.answers.accounts.take_usage(cost, result.kind, result)
                await self._save(job, row, build_generation(request, result, assignment), used)
            finally:
                self.active_request_ids.discard(request.id)
                await self.answers.accounts.finish(request.id)
        except EngineError as error:
            raise _InterruptedError(Phrase(_PAUSED)) from error
        except QuotaError as error:
            raise _InterruptedError(error.phrase) from error
        except StorageError:
            raise
        except QuillmateError as error:
            await store.bulk.change_row(job, replace(row, state="failed", steps={}, failure=error.phrase.to_json()))
        except Exception:  # One row that fails must not keep the others of its sheet back.
            log.exception("a row of a sheet failed")
            failure = Phrase("Something went wrong on my side with this row.").to_json()
            await store.bulk.change_row(job, replace(row, state="failed", steps={}, failure=failure))
        return used

    @shield
    async def _save(self, job: BulkJob, row: BulkRow, made: Generation, used: Sequence[EngineUsage]) -> None:
        """Save row and result in one transaction, so that no row is finished without its result or written twice."""
        store = self.answers.store
        async with store.database.share_write(f"bulk row {job.id} {row.number}"):
            if await store.bulk.change_row(job, replace(row, state="done", steps={})):
                await store.generations.add(made, used)

    async def _wait_for_admission(
        self, request: Request, job: BulkJob, progress: BulkProgressMessage, stopping: Callable[[], bool]
    ) -> None:
        """Wait until limits admit a row; it counts as a request of its owner.

        Raises:
            RefusedError: the owner may no longer request texts there.
        """

        async def member() -> Member:
            if not request.guild_id:
                return Member(job.user_id)
            return await fetch_member(self.answers.bot, job.guild_id, job.user_id)

        async def report_wait(why: Phrase) -> None:
            await progress.show(job, why)

        await wait_for_admission(
            self.admission, request, member, self.active_request_ids, report_wait=report_wait, stopping=stopping
        )


def result_id(job: BulkJob, number: int) -> str:
    """Return the id of a row's result, the same for every attempt."""
    return f"{job.id}-{number}"


def estimate_remaining(job: BulkJob, counts: Mapping[str, int]) -> SampleCosts:
    """Estimate what the waiting rows take, from the samples."""
    share = counts.get("waiting", 0) / max(1, min(SAMPLES, job.rows))
    sampled = job.sampled
    return SampleCosts(sampled.seconds * share, round(sampled.tokens * share), round(sampled.cost * share))


def is_over(job: BulkJob) -> bool:
    """Return whether a job has ended."""
    return job.state in FINAL_STATES


def _build_request(job: BulkJob, row: BulkRow) -> Request:
    long = next((place for place, cell in enumerate(row.cells) if len(cell) > MAX_CELL), None)
    if long is not None:
        raise RefusedError(
            "“{column}” has more than {most:,} characters in this row, so it was skipped.",
            column=job.headings[long],
            most=MAX_CELL,
        )
    cells = [clean(strip_tags(cell)) for cell in row.cells]
    brief = clean(fill_brief(job.brief, job.columns, job.headings, cells))
    if len(brief) > _MAX_BRIEF:
        raise RefusedError(
            "This row's brief has {count:,} characters; the limit is {most:,}.", count=len(brief), most=_MAX_BRIEF
        )
    return Request(
        id=result_id(job, row.number),
        user_id=job.user_id,
        brief=brief,
        kind=job.kind,
        seed=job.seed + row.number,
        guild_id=job.guild_id,
        channel_id=job.channel_id,
        locale=job.locale,
        asked=job.created_at.isoformat(timespec="seconds"),
        cells=find_instructive_cells(job.brief, cells),
    )


def _refuse_harm(brief: str, sheet: Sheet) -> None:
    refuse(brief, source="message")
    for row in sheet.rows:
        refuse("\n".join(row), source="file")
