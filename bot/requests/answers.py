"""Carry out one request: route, recall, generate, save and show. This is what a durable job does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from weakref import WeakValueDictionary

import discord

from bot.admission.fair import FairSemaphore, Urgency
from bot.admission.prices import Prices
from bot.admission.quotas import QuotaNotification
from bot.content import Alteration, Assignment, Checkpoint, Content, Defaults, Request, Result
from bot.engines import Engine
from bot.engines.spending import Spending, track_spending
from bot.errors import (
    ENDED,
    FORGOTTEN,
    TAKEN_BACK,
    EngineError,
    Phrase,
    QuestionError,
    QuillmateError,
    RefusedError,
)
from bot.generation.next_steps import suggest_kinds
from bot.generation.pipeline import Pipeline
from bot.generation.provenance import build_provenance
from bot.generation.recall import assign
from bot.generation.small_talk import detect_small_talk
from bot.generation.sources import add_sources, list_sources
from bot.images.studio import DRAWS_NOTHING, GONE, Studio, use_engine_dialect
from bot.locales import localize, translate, translate_error
from bot.moderation import DespairError
from bot.moderation.seam import add_help_lines
from bot.people.learning import PreferenceLearner
from bot.people.memory import Memory
from bot.people.results import Results
from bot.replies.address import Address
from bot.replies.delivery import Show, deliver
from bot.replies.files import attachment
from bot.replies.ledger import build_learnt_note
from bot.replies.pacer import Pacer
from bot.replies.polls import ask_row
from bot.replies.queue_position import Turnover, wait_in_line
from bot.replies.result_views import add_heading, result_view, variants_view
from bot.replies.small_talk import answer_view
from bot.replies.source_lines import facts_line, sources_line
from bot.replies.surface import Surface, direct_surface, surface_for
from bot.replies.views import kind_question_view, note_view, retry_row, writer_question_view
from bot.replies.welcome import welcome_section
from bot.runtime.concurrency import ConcurrencyLimit
from bot.runtime.progress import TrackedRequest, find_outcome, stage, track_request
from bot.sound.sounds import Sounds
from bot.store import Store
from bot.team.figures.quotas import Quotas
from bot.team.stage.writer import StageWriter
from personas.ledger import Entry
from personas.profile import Profile
from storage.errors import ForgottenError, PausedError, StorageError
from storage.generations import Generation
from storage.owner_keys import begin

from .accounts import Accounts
from .attachments import read_attachment
from .conversations import Conversations
from .illustrations import MAX_ALT, Illustrations
from .panel_jobs import PanelJobs
from .picture_jobs import PictureJobs
from .proofread_jobs import ProofreadJobs
from .routing import Routing
from .sound_jobs import USAGE_KINDS, SoundJobs, SpokenRequest

log = logging.getLogger(__name__)
# Replies to messages are posted at their channel's rate limit. With more in progress at once, the first would be late, and
# so would everything that waits for the channel's next turn.
MAX_CONCURRENT_REPLIES = 32
# Concurrent requests of one user.
MAX_SLOTS_PER_USER = 8
# With more unacknowledged interactions than this, work waits for them, up to this long: Discord drops them after 3 s.
_MANY_UNACKNOWLEDGED = 8
_MAX_WAIT_SECONDS = 2.5
# Markup around the transcript above an answer.
_HEADING_MARKUP_CHARACTERS = 10
# The kind of an unclear brief when no question can be asked and routing has no candidate.
_FALLBACK_KIND = "chat"
_WHICH = "What should I make from that?"
_NOT_OF_CHANNEL = "That does not sound like what this channel is for. What should I make from it?"
_ELSEWHERE = "That does not sound like something this command makes. What should I make from it?"
EMPTY = (
    "What should I make? Tell me in a few words, such as “a tweet saying we're closed on Monday” or “a quiz "
    "on the water cycle”."
)
_FORGOTTEN = "I stopped, because you asked me to forget you and your requests."
_TAKEN_BACK = "Cancelled. I won't write that."
_ENDED = "The people who run this bot stopped your request, as it made no progress. Ask again in a moment."
GUESSED = "I guessed what you meant, because I cannot ask you questions while you have paused me."
NOT_KEPT = "You have paused me, so I did not keep this and it has no buttons. Use /privacy resume to change that."
_GIVEN_UP = "Your request failed every time I tried, so I gave up on it. Ask again in other words."
# Older requests are not answered after a restart: nobody waits for them, and when pending requests were restored from a
# backup they may have been answered long ago.
STALE_SECONDS = 3600.0


# A finished view and its files.
Answer = tuple[discord.ui.LayoutView, Sequence[discord.File]]


@dataclass(slots=True)
class AnswerContext:
    """The state of a request while it is being answered: its address, surface, cost and hints. `heard` is the
    transcribed request when it was spoken; `others` are changes of further texts, each shown in a message of its own.
    """

    request: Request
    address: Address
    surface: Surface
    checkpoint: Checkpoint
    cost: Spending
    work: TrackedRequest
    urgency: Urgency = Urgency.COMMAND
    heard: SpokenRequest | None = None
    hints: list[str] = field(default_factory=list)
    others: list[Request] = field(default_factory=list)
    again: bool = False

    @property
    def locale(self) -> str:
        """The Discord locale of the answer."""
        return self.address.locale

    @property
    def heading(self) -> str:
        """The heading above the answer; empty for a written request."""
        return self.heard.format_heading(self.locale) if self.heard else ""


async def _refuse_revision(_request: Request, _made: Mapping[str, Any]) -> Phrase:
    """Stand in for `Answers.save_revision` where there is no workspace library."""
    raise RefusedError("There is no library here.")


def _get_no_engine() -> Engine | None:
    return None


async def always() -> bool:
    """Stand in for the lease check of a single process: it is always in charge."""
    return True


@dataclass(slots=True)
class Answers:
    """The work of `bot.requests.jobs.Jobs`. `bot` is the Discord client that shows the answers.

    `acknowledgements` has an event for each interaction of this process that is being acknowledged; nothing can be
    shown before it is set. `model_slots` has as many places as the model writes at once, shared fairly between users.
    `reply_slots` limits replies to messages: channels take turns, and users within a channel. `in_charge` says whether
    this process still holds its slot.
    """

    bot: discord.Client
    store: Store
    memory: Memory
    learning: PreferenceLearner
    pipeline: Pipeline
    routing: Routing
    pacer: Pacer
    studio: Studio
    acknowledgements: dict[str, asyncio.Event] = field(default_factory=dict)
    reply_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(MAX_CONCURRENT_REPLIES))
    model_slots: FairSemaphore = field(default_factory=lambda: FairSemaphore(MAX_CONCURRENT_REPLIES))
    turnover: Turnover = field(default_factory=Turnover)
    concurrency: ConcurrencyLimit = field(default_factory=ConcurrencyLimit)
    _adapted: tuple[int, int] = field(init=False)
    # Each user's own slots, for as long as one is held or waited for.
    user_slots: WeakValueDictionary[int, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)
    in_charge: Callable[[], Awaitable[bool]] = field(default=always)
    # Saves a rewritten text as the next version of the workspace asset that the request names.
    save_revision: Callable[[Request, Mapping[str, Any]], Awaitable[Phrase]] = field(default=_refuse_revision)
    prices: Prices = field(default_factory=Prices)
    quotas: Quotas | None = None
    sounds: Sounds = field(default_factory=Sounds)
    # The model that reads pictures, if any.
    vision_engine: Callable[[], Engine | None] = field(default=_get_no_engine)
    picture_jobs: PictureJobs = field(init=False)
    sound_jobs: SoundJobs = field(init=False)
    panel_jobs: PanelJobs = field(init=False)
    proofread_jobs: ProofreadJobs = field(init=False)
    conversations: Conversations = field(init=False)
    accounts: Accounts = field(init=False)
    illustrations: Illustrations = field(init=False)

    def __post_init__(self) -> None:
        results = Results(self.store)
        self.accounts = Accounts(self.store, self.pipeline.engines, self.prices, self.quotas)
        self.illustrations = Illustrations(self.studio)
        self.picture_jobs = PictureJobs(self.bot, self.vision_engine)
        self.sound_jobs = SoundJobs(self.bot, results, self.sounds)
        self.conversations = Conversations(self.store.generations, self.routing)
        self.proofread_jobs = ProofreadJobs(self.store, self.memory, results, self.pipeline)
        self.panel_jobs = PanelJobs(results, StageWriter(self.pipeline.engines, self.pipeline.moderation))
        self._adapted = (self.pipeline.engines.first.at_once, self.concurrency.places)
        self.model_slots.resize(self.at_once)

    @property
    def at_once(self) -> int:
        """How many requests are answered at once: as many as the model writes, and as the event loop keeps up with."""
        return min(self.concurrency.places, self.pipeline.engines.first.at_once)

    def _adapt(self) -> None:
        """Adapt the number of model slots to the lag of the event loop, and to how many texts the model writes at once now."""
        self._resize_slots()
        most = self.pipeline.engines.first.at_once
        self.concurrency.measure(self.model_slots.used, most, lambda _places: self._resize_slots())

    def _resize_slots(self) -> None:
        """Give the slots as many places as the model writes at once; a late loop takes places away, and gives none."""
        before, self._adapted = self._adapted, (self.pipeline.engines.first.at_once, self.concurrency.places)
        if self._adapted == before:
            return
        is_late = self._adapted[0] == before[0] and self._adapted[1] < before[1]
        self.model_slots.resize(min(self.at_once, self.model_slots.places) if is_late else self.at_once)

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carry out a job built by `build_job`. Everything outside checkpoints may safely run twice."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        begin(datetime.fromtimestamp(address.created, UTC))
        with track_request(request.id, _find_usage_kind(request), asked=address.created) as work:
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
        started = time.monotonic()
        surface = surface_for(
            self.bot, address, self.pacer, kind=request.kind, again=again, ready=self.acknowledgements.get(request.id)
        )
        if again and await surface.is_done():
            log.info("answered before")
            return
        surface.begin()
        with track_spending() as cost:
            try:
                urgency = Urgency(job.get("urgency", Urgency.COMMAND))
                await self._carry_out(
                    AnswerContext(request, address, surface, checkpoint, cost, work, urgency, again=again), started
                )
            finally:
                await self.accounts.count_rest(request, cost, surface.kind or "")
        for note in job.get("notes", ()):
            await self._notify_once(note["name"], Phrase.from_json(note["said"]), request, address, surface)

    async def _carry_out(self, context: AnswerContext, started: float) -> None:
        request, address, surface = context.request, context.address, context.surface
        work = context.work
        try:
            await self._await_acknowledgements()
            if request.sound:
                async with self.sound_jobs.hold_slot(request, surface):
                    answer, files = await self.sound_jobs.run(request, address, surface, context.checkpoint)
                kind, engine = USAGE_KINDS[request.sound], self.sound_jobs.engine(request.sound)
                await self.accounts.count_once(request, context.cost, context.checkpoint, kind=kind, engine=engine)
                await self._show(surface, address, answer, files, in_channel=False)
                return
            if request.readers:
                async with self._hold_slot(context):
                    answer, files = await self.panel_jobs.run(request, address, surface, context.checkpoint)
                await self.accounts.count_once(request, context.cost, context.checkpoint)
                await self._show(surface, address, answer, files, in_channel=False)
                return
            if request.checks:
                async with self._hold_slot(context):
                    answer = await self.proofread_jobs.run(request, address, context.checkpoint)
                await self.accounts.count_once(request, context.cost, context.checkpoint)
                await self._show(surface, address, answer, in_channel=False)
                return
            if request.sees:
                async with self._hold_slot(context):
                    answer = await self.picture_jobs.run(request, address, surface, context.checkpoint)
                await self.accounts.count_once(
                    request, context.cost, context.checkpoint, engine=self.picture_jobs.engine
                )
                await self._show(surface, address, answer, in_channel=False)
                return
            async with self._hold_slot(context):
                if request.file is not None and request.file.seconds:
                    context.heard = await self.sound_jobs.transcribe(request, surface, context.checkpoint)
                    context.request = context.heard.request
                    context.address = address = replace(address, locale=context.heard.language or address.locale)
                try:
                    answer, files = await self._answer(context)
                except EngineError as error:
                    if context.heard is None:
                        raise
                    # Show the transcript, so that the user need not record again.
                    work.outcome = "failed"
                    answer, files = note_view(translate_error(error, address.locale), wrong=True), ()
            await self._show(surface, address, add_heading(answer, context.heading), files)
            log.info("answered", extra={"kind": context.request.kind, "seconds": round(time.monotonic() - started, 3)})
        except asyncio.CancelledError as cancelled:
            if FORGOTTEN in cancelled.args:
                await self._show(surface, address, note_view(translate(_FORGOTTEN, address.locale)), privately=True)
            elif TAKEN_BACK in cancelled.args:
                await self._show(surface, address, note_view(translate(_TAKEN_BACK, address.locale)))
            elif ENDED in cancelled.args:
                await self._show(surface, address, note_view(translate(_ENDED, address.locale)), privately=True)
            raise
        except EngineError as error:
            work.outcome = "failed"
            view = note_view(translate_error(error, address.locale), wrong=True)
            if await self._save_for_retry(context.request):
                view.add_item(retry_row(request.id, address.locale))
            await self._show(surface, address, view, privately=True)
        except DespairError as error:
            work.outcome = "refused"
            known = await self.memory.recall(context.request)
            view = note_view(translate_error(add_help_lines(error, known.profile), address.locale))
            # A reply to a message is public, so help lines go to a direct message.
            if not address.token and request.guild_id:
                with contextlib.suppress(discord.HTTPException):
                    person = self.bot.get_user(address.user_id) or await self.bot.fetch_user(address.user_id)
                    await person.send(view=view, allowed_mentions=discord.AllowedMentions.none())
                    view = note_view(translate("I have sent you a direct message.", address.locale))
            await self._show(surface, address, view, privately=True)
        except Exception as error:
            work.outcome = find_outcome(error)
            view = note_view(translate_error(error, address.locale), wrong=True)
            await self._show(surface, address, view, privately=True)

    async def _notify_once(
        self, name: str, words: Phrase, request: Request, address: Address, surface: Surface
    ) -> None:
        """Show a one-time notification privately, next to the answer."""
        if self.quotas is None or not await self.quotas.is_first_notice(request.user_id, request.guild_id, name):
            return
        view = note_view(localize(words, address.locale))
        direct = direct_surface(self.bot, address, self.pacer)

        async def aside(view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
            if not await surface.aside(view):
                await direct.finish(view, files)

        await deliver(view, (), address.locale, [aside, direct.finish])

    @contextlib.asynccontextmanager
    async def _hold_slot(self, context: AnswerContext) -> AsyncIterator[None]:
        """Wait for a slot while the user sees their place in line, and hold it."""
        address = context.address
        own = self.user_slots.setdefault(address.user_id, asyncio.Semaphore(MAX_SLOTS_PER_USER))
        asker = address.user_id
        self._adapt()
        async with contextlib.AsyncExitStack() as places:
            with stage("wait"):
                await places.enter_async_context(own)
                if not address.token:
                    await places.enter_async_context(self.reply_slots.place(address.channel_id, asker))
                await places.enter_async_context(
                    wait_in_line(
                        self.model_slots, asker, context.request.id, context.surface, self.turnover, context.urgency
                    )
                )
            self.pacer.answers += 1
            places.callback(self._release_slot)
            yield

    @contextlib.asynccontextmanager
    async def hold_turn(self, asker: str) -> AsyncIterator[None]:
        """Wait for a model slot without showing progress, and hold it."""
        async with contextlib.AsyncExitStack() as held:
            with stage("wait"):
                await held.enter_async_context(self.model_slots.place(asker, urgency=Urgency.ROW))
            yield

    def _release_slot(self) -> None:
        self.pacer.answers -= 1
        self._adapt()

    async def give_up(self, job: dict[str, Any]) -> None:
        """Notify the requester that their job was given up. Idempotent."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        with track_request(request.id, _find_usage_kind(request), asked=address.created) as work:
            work.outcome = "stale" if _is_stale(address) else "broken"
            if _is_stale(address):
                return
            surface = surface_for(self.bot, address, self.pacer, kind=request.kind, again=True)
            view = note_view(translate(_GIVEN_UP, address.locale), wrong=True)
            await self._show(surface, address, view, privately=True)

    async def _await_acknowledgements(self) -> None:
        """In a burst, let pending acknowledgements go first."""
        waiting = [event for event in self.acknowledgements.values() if not event.is_set()]
        if len(waiting) <= _MANY_UNACKNOWLEDGED:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MAX_WAIT_SECONDS):
                for event in waiting:
                    await event.wait()

    async def _answer(self, context: AnswerContext) -> Answer:
        if context.request.alters is not None:
            return await self._answer_alteration(context, context.request.alters)
        if context.heard and (talk := await asyncio.to_thread(detect_small_talk, context.heard.text)) is not None:
            return answer_view(talk.topic, suggest_kinds(Profile()), talk.choose_language(context.locale)), ()
        await self._read_file(context)
        if context.request.kind is None and (question := await self._find_kind(context)) is not None:
            return question, ()
        for number, other in enumerate(context.others, 1):
            await self._answer_beside(context, other, number)
        return await self._write(context)

    async def _answer_beside(self, context: AnswerContext, request: Request, part: int) -> None:
        """Answer a further request of a message, in a message of its own; it fails on its own."""
        address = replace(context.address, token="", part=part)
        surface = surface_for(self.bot, address, self.pacer, kind=request.kind, again=context.again)

        def checkpoint(name: str, step: Any) -> Any:
            return context.checkpoint(f"{request.id} {name}", step)

        beside = replace(context, request=request, address=address, surface=surface, checkpoint=checkpoint, hints=[])
        try:
            answer, files = await self._write(beside)
        except QuillmateError as error:
            answer, files = note_view(translate_error(error, address.locale), wrong=True), ()
            if isinstance(error, EngineError) and await self._save_for_retry(request):
                answer.add_item(retry_row(request.id, address.locale))
        if not context.again or not await surface.is_done():
            await self._show(surface, address, answer, files)

    async def _write(self, context: AnswerContext) -> Answer:
        """Write what a request of a known kind asks for."""
        known = await self.memory.recall(context.request)
        assigned = await self.pipeline.build_assignment(context.request, known)
        assignment = use_engine_dialect(assigned, self.studio.engine)
        if assignment.kind.family == "image" and self.studio.engine is None:
            await context.surface.show_waiting(Phrase(DRAWS_NOTHING))
        try:
            results = await self.pipeline.run(assignment, checkpoint=context.checkpoint, watcher=context.surface)
        except QuestionError as error:
            context.work.outcome = "asked"
            return await self._ask_question(context, error), ()
        results = [add_sources(result, assignment) for result in results]
        context.request = replace(context.request, variants=assignment.request.variants)
        if context.request.variants > 1:
            return await self._answer_variants(context, assignment, results)
        return await self._answer_single(context, assignment, results[0])

    async def _ask_question(self, context: AnswerContext, error: QuestionError) -> discord.ui.LayoutView:
        """Return the writer's question as a view, and save its request so that an answer can continue it."""
        try:
            await self._save_question(context.request, {"answers": list(error.answers)})
        except PausedError:
            return note_view(error.question)
        return writer_question_view(error.question, error.answers, context.request.id, context.locale)

    async def _read_file(self, context: AnswerContext) -> None:
        """Put the text of an attached file into its request."""
        request = context.request
        if request.file is not None:
            text, notes = await read_attachment(self.bot, request, request.file, context.surface, context.checkpoint)
            context.request = replace(request, material=text, file=None)
            context.hints += [localize(note, context.locale) for note in notes]

    async def _find_kind(self, context: AnswerContext) -> discord.ui.LayoutView | None:
        """Route the request; return a question view when its kind is unclear, else None."""
        request = context.request
        if request.about:
            *context.others, request = await self.conversations.resolve(request, context.checkpoint)
            context.request = request
        if request.kind is not None:
            context.surface.kind = context.work.kind = request.kind
            return None
        usual = Defaults() if request.family else await self.memory.find_defaults(request)
        family = request.family or usual.family
        found = await self.routing.find(request.brief, family, context.checkpoint, usual=usual.kind)
        if found["kind"] is None:
            try:
                await self._save_question(request)
            except PausedError:
                # The answer buttons would find no saved request, so do not ask.
                likely = found["candidates"][::-1] if family else found["candidates"]
                found["kind"] = next(iter(likely), _FALLBACK_KIND)
                context.hints.append(translate(GUESSED, context.locale))
            else:
                context.work.outcome = "asked"
                which = _ELSEWHERE if request.family else _NOT_OF_CHANNEL if family else _WHICH
                question = translate(which if found["candidates"] else EMPTY, context.locale)
                offered = found["candidates"] if family else _list_choices(found["candidates"])
                return kind_question_view(question, offered, request.id, context.locale)
        context.request = replace(request, kind=found["kind"], of_channel=bool(usual.family))
        context.surface.kind = context.work.kind = found["kind"]
        return None

    async def _answer_single(self, context: AnswerContext, assignment: Assignment, result: Result) -> Answer:
        """Save one result, learn from the instruction that led to it, and build its view."""
        request, locale = context.request, context.locale
        buttons, first, entries = False, False, list[Entry]()

        async def keep() -> None:
            nonlocal buttons, first, entries
            used = self.accounts.take_usage(context.cost, result.kind, result)
            only = await self.store.generations.add(build_generation(request, result, assignment), used)
            self.accounts.release_reservation(request.id)
            buttons = True
            if not context.address.part:  # Said once, it is learnt once.
                entries = await self._learn_from_instruction(request, result.habit, context.checkpoint)
            if request.revises:
                context.hints.append(await self._apply_revision(request, result, locale, context.checkpoint))
            first = only and not request.parent_id and not assignment.memory.sources

        save_problem = await _try_save(keep, locale)
        extra = [
            *build_learnt_note(entries, request.id, locale),
            *([welcome_section(request.user_id, locale)] if first else []),
        ]
        pictures, picture_note = await self.illustrations.draw(
            result, assignment, context.surface, context.checkpoint, locale
        )
        notes = (*format_small_print(result, request, locale), picture_note, *context.hints, save_problem)
        view, whole = result_view(
            result,
            assignment.profile,
            request.id,
            audience=request.audience,
            locale=locale,
            pictures=pictures,
            buttons=buttons,
            spare=_count_reserved_characters(context),
            hint=" · ".join(filter(None, notes)),
            extra=extra,
            in_server=bool(request.guild_id),
        )
        return view, [*pictures, *whole]

    async def _answer_alteration(self, context: AnswerContext, wanted: Alteration) -> Answer:
        """Draw a picture from an earlier one and save it as a result of its own, with the first one's prompt.

        Raises:
            RefusedError: the source picture is gone, or moderation refuses the instruction.
            EngineError: nothing was drawn.
        """
        started, locale = time.monotonic(), context.locale
        request, checkpoint = context.request, context.checkpoint
        parent = await self.store.generations.get(str(request.parent_id), request.user_id)
        if parent is None:
            raise RefusedError(GONE)
        assignment = await asyncio.to_thread(assign, request, await self.memory.recall(request))
        await self.pipeline.moderation.check(assignment, checkpoint)
        before = Content(parent.text, parent.parts)
        await context.surface.show_draft(lambda: f"{parent.text}\n-# {translate('Drawing…', locale)}")
        pictures, done = await self.studio.alter(wanted, before, request.user_id, request.id, request.seed, checkpoint)
        note = localize(done, locale)
        # The alt text leaves out earlier alterations.
        alt, content = f"{parent.parts.get('alt_text') or assignment.kind.title}".rstrip("."), before
        engine = self.studio.engine.label if self.studio.engine else ""
        seconds = time.monotonic() - started
        result = Result(parent.kind, content, (), parent.persona, engine, request.seed, seconds, written=parent.written)

        async def keep() -> None:
            used = self.accounts.take_usage(context.cost, result.kind, result)
            await self.store.generations.add(build_generation(request, result, assignment), used)
            self.accounts.release_reservation(request.id)

        save_problem = await _try_save(keep, locale)
        files = [
            attachment(f"{parent.kind}-{at}.png", body, f"{alt}{_format_position(at, len(pictures))}. {note}"[:MAX_ALT])
            for at, body in enumerate(pictures, 1)
        ]
        view, whole = result_view(
            result,
            assignment.profile,
            request.id,
            locale=locale,
            pictures=files,
            buttons=not save_problem,
            hint=" · ".join(filter(None, (note, save_problem))),
            in_server=bool(request.guild_id),
        )
        return view, [*files, *whole]

    async def _answer_variants(
        self, context: AnswerContext, assignment: Assignment, results: Sequence[Result]
    ) -> Answer:
        """Save each variant as a result of its own and build the view to choose from."""
        request, locale = context.request, context.locale
        checked = [facts_line(result, bool(request.material), locale) for result in results[:1]]
        hints = [*context.hints, *filter(None, checked)]
        named = [(f"{request.id}-{number}", result) for number, result in enumerate(results, 1)]
        others = [name for name, _ in named]
        if len(results) < request.variants:
            hints.append(translate("The model wrote no more versions that differ.", locale))

        async def keep() -> None:
            for name, result in named:
                single = replace(request, id=name, variants=1)
                used = self.accounts.take_usage(context.cost, result.kind, result)
                await self.store.generations.add(build_generation(single, result, assignment, others), used)
            self.accounts.release_reservation(request.id)

        if save_problem := await _try_save(keep, locale):
            hints.append(save_problem)
        buttons, hint = not save_problem, " · ".join(hints)
        chosen = buttons and len(named) > 1
        extra = [ask_row(named[0][0], locale, team=bool(request.guild_id))] if chosen else []
        return variants_view(
            named, hint=hint, locale=locale, buttons=buttons, extra=extra, spare=_count_reserved_characters(context)
        )

    async def _apply_revision(self, request: Request, result: Result, locale: str, checkpoint: Checkpoint) -> str:
        """Replace the workspace text that the request revises, once; return a message about the outcome."""

        async def revise() -> str:
            content = result.content
            content_data = {
                "text": content.text,
                "parts": content.parts,
                "kind": result.kind,
                "checks": [check.to_json() for check in result.checks],
            }
            return localize(await self.save_revision(request, content_data), locale)

        return str(await checkpoint("revise", revise))

    async def _learn_from_instruction(self, request: Request, habit: str, checkpoint: Checkpoint) -> list[Entry]:
        """Return the preferences learnt from an instruction about an earlier result; runs once per job."""
        if not request.instruction or not request.parent_id or request.faults or request.revises:
            return []  # A fault of one text is no preference, and a reviewer's instruction is not the author's.

        async def learn() -> list[str]:
            parent = await self.store.generations.get(str(request.parent_id), request.user_id)
            if parent is None:
                return []
            entries = await self.learning.learn_from_instruction(parent, request.instruction, request.id, habit)
            return [entry.id for entry in entries]

        ids = await checkpoint("learn", learn)
        return [one for one in await self.store.profiles.list_entries(request.user_id) if one.id in ids] if ids else []

    async def _show(
        self,
        surface: Surface,
        address: Address,
        view: discord.ui.LayoutView,
        files: Sequence[discord.File] = (),
        *,
        privately: bool = False,
        in_channel: bool = True,
    ) -> None:
        """Show a finished view where it was asked for; after the interaction token has expired in its channel, else as
        a direct message. Private views, and those with `in_channel=False`, skip the channel.

        Raises:
            CancelledError: another process has taken over this one's slot.
        """
        if not await self.in_charge():
            raise asyncio.CancelledError
        direct = direct_surface(self.bot, address, self.pacer)
        late = surface_for(self.bot, replace(address, created=0.0), self.pacer, kind=surface.kind, again=False)
        places: list[Show]
        if privately:
            places = [surface.refuse, direct.finish]
        else:
            places = [surface.finish, *([late.finish] if address.token and in_channel else []), direct.finish]
        with stage("deliver"):
            if await deliver(view, files, address.locale, places) != 0:
                await surface.withdraw()

    async def _save_for_retry(self, request: Request) -> bool:
        """Save a failed request so that a button can retry it; return whether it could be saved."""
        if request.sound or request.readers or request.sees or request.checks or request.alters:
            return False
        try:
            await self._save_question(request)
        except (PausedError, StorageError):
            return False
        return True

    async def _save_question(self, request: Request, why: Mapping[str, Any] | None = None) -> None:
        """Save a request that has an open question, so that the answer button finds its brief."""
        blank = Generation(
            id=request.id,
            user_id=request.user_id,
            kind="",
            request=request.to_json(),
            text="",
            parts={},
            checks=[],
            persona="",
            engine="",
            seed=request.seed,
            seconds=0.0,
            guild_id=request.guild_id or None,
            channel_id=request.channel_id or None,
            why=dict(why or {}),
        )
        await self.store.generations.add(blank)


async def _try_save(keep: Callable[[], Awaitable[None]], locale: str) -> str:
    """Save a result; return an empty string, or the reason it was not saved. The user gets the result either way.

    Raises:
        ForgottenError: its owner was erased meanwhile.
    """
    try:
        await keep()
    except PausedError:
        return translate(NOT_KEPT, locale)
    except ForgottenError:
        raise
    except StorageError as error:
        return translate_error(error, locale)
    return ""


def _count_reserved_characters(context: AnswerContext) -> int:
    """Return the number of characters to leave free for the heading above an answer."""
    return len(context.heading) + _HEADING_MARKUP_CHARACTERS if context.heard else 0


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


def build_generation(
    request: Request, result: Result, assignment: Assignment, variants: Sequence[str] = ()
) -> Generation:
    """Build the row of a result with the reasons that shaped it; `variants` are the ids of all its siblings."""
    # The edited version is saved as a result of its own.
    request = replace(request, before=None)
    shaped = build_provenance(assignment, result.content.text) | {"calls": list(result.calls), "engine": result.engine}
    shaped |= {"changed": [list(one) for one in result.changed]} if result.changed else {}
    shaped |= {"to_check": result.to_check} if result.to_check else {}
    shaped |= {"withdrawn": list(result.withdrawn)} if result.withdrawn else {}
    shaped |= {"unchecked": [one.to_json() for one in result.unchecked]} if result.unchecked else {}
    return Generation(
        id=request.id,
        user_id=request.user_id,
        kind=result.kind,
        request=request.to_json(),
        text=result.content.text,
        parts=result.content.parts,
        checks=[check.to_json() for check in result.checks],
        persona=result.persona,
        engine=result.engine,
        seed=result.seed,
        seconds=result.seconds,
        parent_id=request.parent_id,
        guild_id=request.guild_id or None,
        channel_id=request.channel_id or None,
        profile=assignment.memory.profile_id,
        brand=assignment.memory.brand_id,
        written=result.written,
        why={**shaped, **list_sources(result, assignment), **({"variants": list(variants)} if variants else {})},
    )


def format_small_print(result: Result, request: Request, locale: str) -> list[str]:
    """Return the lines below a result: citations, sources only consulted, and whether its facts were checked."""
    return [sources_line(result, locale), facts_line(result, bool(request.material), locale)]


def _list_choices(candidates: Sequence[str]) -> list[str]:
    usual = ("social_post", "email", "explanation", "image_prompt", "chat")
    return list(dict.fromkeys([*candidates, *usual]))[:4]


def _format_position(number: int, count: int) -> str:
    """Return " (2/3)" for one of several pictures."""
    return f" ({number}/{count})" if count > 1 else ""
