"""Carry out one request: wait for a slot, answer and show. This is what a durable job does.

What is asked for decides which jobs answer: `text_jobs.py` writes texts, `alteration_jobs.py` alters pictures, and
`sound_jobs.py`, `panel_jobs.py`, `proofread_jobs.py` and `picture_jobs.py` do what saves no result.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import discord

from bot.admission.fair import Urgency
from bot.admission.prices import Prices
from bot.admission.quotas import QuotaNotification
from bot.content import Checkpoint, Request
from bot.engines import Engine
from bot.engines.spending import track_spending
from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK, Phrase, RefusedError
from bot.generation.pipeline import Pipeline
from bot.images.studio import Studio
from bot.locales import localize, translate, translate_error
from bot.moderation import DespairError
from bot.moderation.seam import add_help_lines
from bot.people.learning import PreferenceLearner
from bot.people.memory import Memory
from bot.people.results import Results
from bot.replies.address import Address
from bot.replies.pacer import Pacer
from bot.replies.result_views import add_heading
from bot.replies.surface import surface_for
from bot.replies.views import Layout, note_view
from bot.runtime.active_requests import TrackedRequest, find_outcome, track_request
from bot.sound.sounds import SoundService
from bot.store import Store
from bot.team.figures.quotas import QuotaService
from bot.team.stage.writer import StageWriter
from storage.owner_keys import begin_work

from .accounts import Accounts
from .alteration_jobs import AlterationJobs
from .answer_context import Answer, AnswerContext
from .answer_delivery import AnswerDelivery
from .answer_slots import AnswerSlots
from .conversations import Conversations
from .illustrations import Illustrations
from .open_requests import OpenRequestStore
from .panel_jobs import PanelJobs
from .picture_jobs import PictureJobs
from .proofread_jobs import ProofreadJobs
from .result_answers import ResultAnswers, RevisionSaver
from .routing import Routing
from .sound_jobs import USAGE_KINDS, SoundJobs
from .text_jobs import TextJobs

log = logging.getLogger(__name__)
# With more unacknowledged interactions than this, work waits for them, up to this long: Discord drops them after 3 s.
_MANY_UNACKNOWLEDGED = 8
_MAX_WAIT_SECONDS = 2.5
_FORGOTTEN = "I stopped, because you asked me to forget you and your requests."
_TAKEN_BACK = "Cancelled."
_ENDED = "The people who run this bot stopped your request because it made no progress. Ask again in a moment."
_GIVEN_UP = "Your request failed every time I tried, so I gave up on it. Ask again in other words."
# Older requests are not answered after a restart: nobody waits for them, and when pending requests were restored from a
# backup they may have been answered long ago.
STALE_SECONDS = 3600.0


async def always() -> bool:
    """Stand in for the lease check of a single process: it is always in charge."""
    return True


async def _refuse_revision(*_revision: object) -> Phrase:
    """Stand in for saving a revision where there is no workspace library."""
    raise RefusedError("There is no library here.")


def _get_no_engine() -> Engine | None:
    return None


@dataclass(frozen=True, slots=True)
class _SideJob:
    """What answers a request without saving a result, and the kind and engine it counts as, if not the request's."""

    run: Callable[[AnswerContext], Awaitable[Answer]]
    kind: str = ""
    engine: str = ""


class Answers:
    """The work of `bot.requests.jobs.Jobs`. `bot` is the Discord client that shows the answers.

    `holds_lease` returns whether this process still holds the lease of its slot. `vision_engine` returns the model that reads
    pictures, if any. `acknowledgements` has an event for each interaction of this process that is being acknowledged; nothing can be
    shown before it is set.
    """

    def __init__(
        self,
        bot: discord.Client,
        store: Store,
        memory: Memory,
        learning: PreferenceLearner,
        pipeline: Pipeline,
        routing: Routing,
        pacer: Pacer,
        studio: Studio,
        *,
        holds_lease: Callable[[], Awaitable[bool]] = always,
        save_revision: RevisionSaver = _refuse_revision,
        prices: Prices | None = None,
        quotas: QuotaService | None = None,
        sounds: SoundService | None = None,
        vision_engine: Callable[[], Engine | None] = _get_no_engine,
    ) -> None:
        self.bot, self.store, self.memory, self.pipeline, self.studio = bot, store, memory, pipeline, studio
        self.holds_lease, self._pacer, self._quotas = holds_lease, pacer, quotas
        self.acknowledgements: dict[str, asyncio.Event] = {}
        results = Results(store)
        self.accounts = Accounts(store, pipeline.engines, prices or Prices(), quotas)
        self.delivery = AnswerDelivery(bot, pacer, holds_lease)
        self.slots = AnswerSlots(pipeline.engines, pacer)
        self._open_requests = OpenRequestStore(store.generations)
        self.picture_jobs = PictureJobs(bot, vision_engine)
        self.sound_jobs = SoundJobs(bot, results, sounds or SoundService())
        self.proofread_jobs = ProofreadJobs(store, memory, results, pipeline, self._open_requests)
        self.panel_jobs = PanelJobs(results, StageWriter(pipeline.engines, pipeline.moderation))
        self.alteration_jobs = AlterationJobs(store, memory, pipeline, studio, self.accounts)
        self.text_jobs = TextJobs(
            memory,
            pipeline,
            routing,
            studio,
            Conversations(store.generations, routing),
            self.sound_jobs,
            self._open_requests,
            ResultAnswers(store, learning, self.accounts, Illustrations(studio), save_revision),
            self.delivery,
        )

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carry out a job built by `build_job`. Everything outside checkpoints may safely run twice."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        begin_work(datetime.fromtimestamp(address.created, UTC))
        with track_request(request.id, _find_usage_kind(request), asked_at=address.created) as work:
            if again and _is_stale(address):
                log.warning("not answered: it was asked too long ago")
                work.outcome = "stale"
                return
            await self._answer_at(address, request, job, checkpoint, work, again=again)

    async def _answer_at(
        self,
        address: Address,
        request: Request,
        job: dict[str, Any],
        checkpoint: Checkpoint,
        work: TrackedRequest,
        *,
        again: bool,
    ) -> None:
        """Answer a request where it was asked, unless an earlier process has done so, and show its one-time notices."""
        surface = surface_for(
            self.bot,
            address,
            self._pacer,
            kind=request.kind,
            again=again,
            job_id=request.id,
            ready=self.acknowledgements.get(request.id),
        )
        if again and await surface.is_done():
            log.info("answered before")
            return
        surface.begin()
        with track_spending() as cost:
            try:
                urgency = Urgency(job.get("urgency", Urgency.COMMAND))
                await self._carry_out(
                    AnswerContext(request, address, surface, checkpoint, cost, work, urgency, again=again)
                )
            finally:
                await self.accounts.count_rest(request, cost, surface.kind or "")
        for note in job.get("notes", ()):
            if self._quotas and await self._quotas.claim_notification(request.user_id, request.guild_id, note["name"]):
                view = note_view(localize(Phrase.from_json(note["said"]), address.locale))
                await self.delivery.show_aside(surface, address, view)

    async def _carry_out(self, context: AnswerContext) -> None:
        """Answer a request and show the answer, or why there is none."""
        started = time.monotonic()
        try:
            await self._await_acknowledgements()
            if (side_job := self._find_side_job(context.request)) is not None:
                await self._run_side_job(context, side_job)
                return
            async with self.slots.hold(context):
                jobs = self.text_jobs if context.request.alters is None else self.alteration_jobs
                view, files = await jobs.run(context)
            await self.delivery.show(context.surface, context.address, add_heading(view, context.heading), files)
            log.info("answered", extra={"kind": context.request.kind, "seconds": round(time.monotonic() - started, 3)})
        except asyncio.CancelledError as cancelled:
            await self._show_cancellation(context, cancelled)
            raise
        except DespairError as error:
            context.work.outcome = find_outcome(error)
            view = await self._build_help_note(context, error)
            await self.delivery.show(context.surface, context.address, view, privately=True)
        except Exception as error:  # The edge of a job: whatever fails, its requester learns that it did.
            context.work.outcome = find_outcome(error)
            view = await self._open_requests.build_failure_note(context.request, error, context.locale)
            await self.delivery.show(context.surface, context.address, view, privately=True)

    async def _await_acknowledgements(self) -> None:
        """In a burst, let pending acknowledgements go first."""
        waiting = [event for event in self.acknowledgements.values() if not event.is_set()]
        if len(waiting) <= _MANY_UNACKNOWLEDGED:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MAX_WAIT_SECONDS):
                for event in waiting:
                    await event.wait()

    def _find_side_job(self, request: Request) -> _SideJob | None:
        """Return what answers a request that saves no result; None for one that does."""
        if request.sound:
            engine = self.sound_jobs.engine(request.sound)
            return _SideJob(self.sound_jobs.run, kind=USAGE_KINDS[request.sound], engine=engine)
        if request.readers:
            return _SideJob(self.panel_jobs.run)
        if request.checks:
            return _SideJob(self.proofread_jobs.run)
        if request.sees:
            return _SideJob(self.picture_jobs.run, engine=self.picture_jobs.engine)
        return None

    async def _run_side_job(self, context: AnswerContext, job: _SideJob) -> None:
        """Answer without a result: it counts once, and is for the requester rather than the channel."""
        request = context.request
        # Sounds are made by other engines than texts, so they wait in lines of their own.
        slot = self.sound_jobs.hold_slot(context) if request.sound else self.slots.hold(context)
        async with slot:
            view, files = await job.run(context)
        await self.accounts.count_once(request, context.cost, context.checkpoint, kind=job.kind, engine=job.engine)
        await self.delivery.show(context.surface, context.address, view, files, in_channel=False)

    async def _show_cancellation(self, context: AnswerContext, cancelled: asyncio.CancelledError) -> None:
        """Say why a job was ended; nothing where this process stops and the next one resumes it."""
        for reason, words, privately in (
            (FORGOTTEN, _FORGOTTEN, True),
            (TAKEN_BACK, _TAKEN_BACK, False),
            (ENDED, _ENDED, True),
        ):
            if reason in cancelled.args:
                view = note_view(translate(words, context.locale))
                await self.delivery.show(context.surface, context.address, view, privately=privately)
                return

    async def _build_help_note(self, context: AnswerContext, error: DespairError) -> Layout:
        """Build the note with help lines. A reply to a message is public, so there they go to a direct message."""
        address = context.address
        memory = await self.memory.recall(context.request)
        view = note_view(translate_error(add_help_lines(error, memory.profile), address.locale))
        if not address.token and context.request.guild_id:
            with contextlib.suppress(discord.HTTPException):
                person = self.bot.get_user(address.user_id) or await self.bot.fetch_user(address.user_id)
                await person.send(view=view, allowed_mentions=discord.AllowedMentions.none())
                return note_view(translate("I have sent you a direct message.", address.locale))
        return view

    async def give_up(self, job: dict[str, Any]) -> None:
        """Notify the requester that their job was given up. Idempotent."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        with track_request(request.id, _find_usage_kind(request), asked_at=address.created) as work:
            work.outcome = "stale" if _is_stale(address) else "broken"
            if _is_stale(address):
                return
            surface = surface_for(self.bot, address, self._pacer, kind=request.kind, again=True)
            view = note_view(translate(_GIVEN_UP, address.locale), wrong=True)
            await self.delivery.show(surface, address, view, privately=True)


def build_job(
    request: Request, address: Address, notes: Sequence[QuotaNotification] = (), urgency: Urgency = Urgency.COMMAND
) -> dict[str, Any]:
    """Build the job for a request whose answer goes to an address; `notes` are notifications shown once with it."""
    asked = request.asked or datetime.now(UTC).isoformat(timespec="seconds")
    request = replace(request, asked=asked, locale=address.locale)
    job: dict[str, Any] = {"request": request.to_json(), "address": address.to_json(), "urgency": int(urgency)}
    if notes:
        job["notes"] = [{"name": one.name, "said": one.phrase.to_json()} for one in notes]
    return job


def _find_usage_kind(request: Request) -> str:
    """Return the name a request is counted under: its kind, or what is made from a result."""
    if request.sound:
        return USAGE_KINDS[request.sound]
    of_result = {
        "readers": request.readers,
        "check": request.checks,
        "describe": request.sees,
        "picture": request.alters,
    }
    return next((name for name, wanted in of_result.items() if wanted), request.kind or "")


def _is_stale(address: Address) -> bool:
    return time.time() - address.created > STALE_SECONDS
