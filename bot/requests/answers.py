"""Carries out one request: route, recall, generate, keep, show. What a durable job does."""

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

from bot.admission.fair import Urgency
from bot.admission.prices import Prices
from bot.admission.quotas import Note
from bot.content import Alteration, Assignment, Checkpoint, Content, Defaults, Request, Result
from bot.engines import Engine
from bot.engines.spending import Spending, spending
from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK, EngineError, Phrase, QuestionError, RefusedError
from bot.generation.next_steps import suggest_kinds
from bot.generation.pipeline import Pipeline
from bot.generation.provenance import build_provenance
from bot.generation.recall import assign
from bot.generation.sheet import add_versions
from bot.generation.small_talk import detect_small_talk
from bot.generation.sources import add_sources, list_sources
from bot.images.studio import DRAWS_NOTHING, GONE, Studio, use_engine_dialect
from bot.kinds import all_kinds
from bot.locales import error_text, localize, translate
from bot.moderation import DespairError
from bot.moderation.seam import add_help_lines
from bot.people.learning import Learning
from bot.people.memory import Memory
from bot.people.results import Results
from bot.replies.address import Address
from bot.replies.delivery import Show, deliver
from bot.replies.drawn_on import facts_line, sources_line
from bot.replies.fair import FairRoom
from bot.replies.files import attachment
from bot.replies.ledger import learnt_note
from bot.replies.line import Turnover, in_line
from bot.replies.pacer import Pacer
from bot.replies.polls import ask_row
from bot.replies.small_talk import answer_view
from bot.replies.surface import Surface, direct_surface, surface_for
from bot.replies.views import asked_view, headed, note_view, question_view, result_view, retry_row, variants_view
from bot.replies.welcome import welcome
from bot.runtime.progress import Work, outcome_of, stage, working
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
from .attachments import material_of
from .changes import changed_request, is_wish
from .checking import Checking
from .illustrations import MAX_ALT, Illustrations
from .panels import Panels
from .routing import CHANGE, Routing
from .seeing import Seeing
from .sounding import COUNTED, Said, Sounding

log = logging.getLogger(__name__)
# Replies to messages are posted at the pace of their channels. With more in the making at once the first would be late, and
# with them all that wait for the channel's next turn.
MAX_REPLIES = 32
# Requests of one person that are worked on at once: whoever asks then waits for no more of theirs than these.
MAX_OWN = 8
# With more interactions than these unacknowledged, work waits for them, at most so long: Discord gives up on those after 3 s.
_MANY_UNACKNOWLEDGED = 8
_MAX_WAIT_SECONDS = 2.5
# Marks around what was heard, above an answer.
_HEADED = 10
# What an unclear text is while nothing can be asked, where nothing is more likely.
_GUESSED = "chat"
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
# What was asked for longer ago is not answered after a restart: nobody waits for it, and after a copy of the pending requests
# was put back it may have been answered long since.
STALE_SECONDS = 3600.0


# An answer as it is shown, with its files.
Answer = tuple[discord.ui.LayoutView, Sequence[discord.File]]


@dataclass(slots=True)
class Asking:
    """A request that is answered now: where it was asked, what shows how far it is, what it costs, and what is told beside it.

    `heard` is what was heard of it, where it was spoken.
    """

    request: Request
    address: Address
    surface: Surface
    checkpoint: Checkpoint
    cost: Spending
    work: Work
    urgency: Urgency = Urgency.COMMAND
    heard: Said | None = None
    hints: list[str] = field(default_factory=list)

    @property
    def locale(self) -> str:
        """The language that it is answered in."""
        return self.address.locale

    @property
    def headed(self) -> str:
        """What stands above the answer, nothing where it was written."""
        return self.heard.shown(self.locale) if self.heard else ""


async def _unrevised(_request: Request, _made: Mapping[str, Any]) -> Phrase:
    """Where nothing keeps texts of a team's."""
    raise RefusedError("There is no library here.")


def _sees_nothing() -> Engine | None:
    return None


async def always() -> bool:
    """Whether this process is the one that answers, where there is no other."""
    return True


@dataclass(slots=True)
class Answers:
    """Work for `bot.requests.jobs.Jobs`. `bot` is the client whose Discord the answers appear in.

    `acknowledged` has an event for each interaction of this process that is being acknowledged right now: nothing can be
    shown before that. `working` has as many places as the model writes at once; people take turns for them. `replying` are
    the places of replies to messages: channels take turns for those, and people within their channel. `in_charge` tells
    whether this process is still the one that answers.
    """

    bot: discord.Client
    store: Store
    memory: Memory
    learning: Learning
    pipeline: Pipeline
    routing: Routing
    pacer: Pacer
    studio: Studio
    acknowledged: dict[str, asyncio.Event] = field(default_factory=dict)
    replying: FairRoom = field(default_factory=lambda: FairRoom(MAX_REPLIES))
    working: FairRoom = field(default_factory=lambda: FairRoom(MAX_REPLIES))
    turnover: Turnover = field(default_factory=Turnover)
    at_once: int = field(init=False)
    # Each person's own places, as long as somebody is in or waits for them.
    own: WeakValueDictionary[int, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)
    in_charge: Callable[[], Awaitable[bool]] = field(default=always)
    # Keeps what was written anew as the next version of the text of the team's that a request names.
    revised: Callable[[Request, Mapping[str, Any]], Awaitable[Phrase]] = field(default=_unrevised)
    prices: Prices = field(default_factory=Prices)
    quotas: Quotas | None = None
    sounds: Sounds = field(default_factory=Sounds)
    # The model that sees pictures, None where there is none.
    sight: Callable[[], Engine | None] = field(default=_sees_nothing)
    seeing: Seeing = field(init=False)
    sounding: Sounding = field(init=False)
    panels: Panels = field(init=False)
    checking: Checking = field(init=False)
    accounts: Accounts = field(init=False)
    illustrations: Illustrations = field(init=False)

    def __post_init__(self) -> None:
        results = Results(self.store)
        self.accounts = Accounts(self.store, self.pipeline.engines, self.prices, self.quotas)
        self.illustrations = Illustrations(self.studio)
        self.seeing = Seeing(self.bot, self.sight)
        self.sounding = Sounding(self.bot, results, self.sounds)
        self.checking = Checking(self.store, self.memory, results, self.pipeline)
        self.panels = Panels(results, StageWriter(self.pipeline.engines, self.pipeline.moderation))
        self.at_once = self.pipeline.engines.first.at_once

    async def __call__(self, job: dict[str, Any], checkpoint: Checkpoint, *, again: bool) -> None:
        """Carries out a job that `order` made. Everything outside of checkpoints may be done twice without harm."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        begin(datetime.fromtimestamp(address.created, UTC))
        with working(request.id, _counted_as(request), asked=address.created) as work:
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
        work: Work,
        *,
        again: bool,
    ) -> None:
        started = time.monotonic()
        surface = surface_for(
            self.bot, address, self.pacer, kind=request.kind, again=again, ready=self.acknowledged.get(request.id)
        )
        if again and await surface.is_done():
            log.info("answered before")
            return
        surface.begin()
        with spending() as cost:
            try:
                urgency = Urgency(job.get("urgency", Urgency.COMMAND))
                await self._carry_out(Asking(request, address, surface, checkpoint, cost, work, urgency), started)
            finally:
                await self.accounts.count_rest(request, cost, surface.kind or "")
        for note in job.get("notes", ()):
            await self._tell_once(note["name"], Phrase.from_json(note["said"]), request, address, surface)

    async def _carry_out(self, asking: Asking, started: float) -> None:
        request, address, surface = asking.request, asking.address, asking.surface
        work = asking.work
        try:
            await self._acknowledgements_first()
            if request.sound:
                async with self.sounding.place(request, surface):
                    answer, files = await self.sounding.made(request, address, surface, asking.checkpoint)
                kind, engine = COUNTED[request.sound], self.sounding.engine(request.sound)
                await self.accounts.count_once(request, asking.cost, asking.checkpoint, kind=kind, engine=engine)
                await self._show(surface, address, answer, files, in_channel=False)
                return
            if request.readers:
                async with self._place(asking):
                    answer, files = await self.panels.made(request, address, surface, asking.checkpoint)
                await self.accounts.count_once(request, asking.cost, asking.checkpoint)
                await self._show(surface, address, answer, files, in_channel=False)
                return
            if request.checks:
                async with self._place(asking):
                    answer = await self.checking.made(request, address, asking.checkpoint)
                await self.accounts.count_once(request, asking.cost, asking.checkpoint)
                await self._show(surface, address, answer, in_channel=False)
                return
            if request.sees:
                async with self._place(asking):
                    answer = await self.seeing.made(request, address, surface, asking.checkpoint)
                await self.accounts.count_once(request, asking.cost, asking.checkpoint, engine=self.seeing.engine)
                await self._show(surface, address, answer, in_channel=False)
                return
            async with self._place(asking):
                if request.file is not None and request.file.seconds:
                    asking.heard = await self.sounding.heard(request, surface, asking.checkpoint)
                    asking.request = asking.heard.request
                    asking.address = address = replace(address, locale=asking.heard.language or address.locale)
                try:
                    answer, files = await self._answer(asking)
                except EngineError as error:
                    if asking.heard is None:
                        raise
                    # Who sees what was heard knows that it need not be said again.
                    work.outcome = "failed"
                    answer, files = note_view(error_text(error, address.locale), wrong=True), ()
            await self._show(surface, address, headed(answer, asking.headed), files)
            log.info("answered", extra={"kind": asking.request.kind, "seconds": round(time.monotonic() - started, 3)})
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
            view = note_view(error_text(error, address.locale), wrong=True)
            if await self._keeps_for_retry(asking.request):
                view.add_item(retry_row(request.id, address.locale))
            await self._show(surface, address, view, privately=True)
        except DespairError as error:
            work.outcome = "refused"
            known = await self.memory.recall(asking.request)
            view = note_view(error_text(add_help_lines(error, known.profile), address.locale))
            # An answer to a message is read by all, a private one by them alone.
            if not address.token and request.guild_id:
                with contextlib.suppress(discord.HTTPException):
                    person = self.bot.get_user(address.user_id) or await self.bot.fetch_user(address.user_id)
                    await person.send(view=view, allowed_mentions=discord.AllowedMentions.none())
                    view = note_view(translate("I have sent you a direct message.", address.locale))
            await self._show(surface, address, view, privately=True)
        except Exception as error:
            work.outcome = outcome_of(error)
            view = note_view(error_text(error, address.locale), wrong=True)
            await self._show(surface, address, view, privately=True)

    async def _tell_once(self, name: str, words: Phrase, request: Request, address: Address, surface: Surface) -> None:
        """Tells somebody alone, beside the answer, what they are told once."""
        if self.quotas is None or not await self.quotas.is_first_notice(request.user_id, request.guild_id, name):
            return
        view = note_view(localize(words, address.locale))
        direct = direct_surface(self.bot, address, self.pacer)

        async def aside(view: discord.ui.LayoutView, files: Sequence[discord.File]) -> None:
            if not await surface.aside(view):
                await direct.finish(view, files)

        await deliver(view, (), address.locale, [aside, direct.finish])

    @contextlib.asynccontextmanager
    async def _place(self, asking: Asking) -> AsyncIterator[None]:
        """Waits until it is the person's turn, while they see their place in line, and holds it."""
        address = asking.address
        own = self.own.setdefault(address.user_id, asyncio.Semaphore(MAX_OWN))
        asker = address.user_id
        async with contextlib.AsyncExitStack() as places:
            with stage("wait"):
                await places.enter_async_context(own)
                if not address.token:
                    await places.enter_async_context(self.replying.place(address.channel_id, asker))
                await places.enter_async_context(
                    in_line(self.working, asker, asking.request.id, asking.surface, self.turnover, asking.urgency)
                )
            self.pacer.answers += 1
            places.callback(self._left)
            yield

    @contextlib.asynccontextmanager
    async def turn(self, asker: str) -> AsyncIterator[None]:
        """Waits for a place among those that are worked on at once, where nobody watches, and holds it."""
        async with contextlib.AsyncExitStack() as held:
            with stage("wait"):
                await held.enter_async_context(self.working.place(asker, urgency=Urgency.ROW))
            yield

    def _left(self) -> None:
        self.pacer.answers -= 1
        # What was just written may have told that more or fewer can be written at once.
        if (at_once := self.pipeline.engines.first.at_once) != self.at_once:
            self.at_once = at_once
            self.working.resize(at_once)

    async def give_up(self, job: dict[str, Any]) -> None:
        """Tells whoever asked for a job that nothing comes of it. Twice does no harm."""
        request, address = Request.from_json(job["request"]), Address.from_json(job["address"])
        with working(request.id, _counted_as(request), asked=address.created) as work:
            work.outcome = "stale" if _is_stale(address) else "broken"
            if _is_stale(address):
                return
            surface = surface_for(self.bot, address, self.pacer, kind=request.kind, again=True)
            view = note_view(translate(_GIVEN_UP, address.locale), wrong=True)
            await self._show(surface, address, view, privately=True)

    async def _acknowledgements_first(self) -> None:
        """In a burst, lets those be acknowledged that wait for it now."""
        waiting = [event for event in self.acknowledged.values() if not event.is_set()]
        if len(waiting) <= _MANY_UNACKNOWLEDGED:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_MAX_WAIT_SECONDS):
                for event in waiting:
                    await event.wait()

    async def _answer(self, asking: Asking) -> Answer:
        if asking.request.alters is not None:
            return await self._altered(asking, asking.request.alters)
        if asking.heard and (talk := await asyncio.to_thread(detect_small_talk, asking.heard.text)) is not None:
            return answer_view(talk.about, suggest_kinds(Profile()), talk.choose_language(asking.locale)), ()
        await self._read_file(asking)
        if asking.request.kind is None and (question := await self._find_kind(asking)) is not None:
            return question, ()
        known = await self.memory.recall(asking.request)
        assigned = await self.pipeline.build_assignment(asking.request, known)
        assignment = use_engine_dialect(assigned, self.studio.engine)
        if assignment.kind.family == "image" and self.studio.engine is None:
            await asking.surface.show_waiting(Phrase(DRAWS_NOTHING))
        try:
            results = await self.pipeline.run(assignment, checkpoint=asking.checkpoint, watcher=asking.surface)
        except QuestionError as error:
            asking.work.outcome = "asked"
            return await self._question(asking, error), ()
        results = [add_sources(result, assignment) for result in results]
        asking.request = replace(asking.request, variants=assignment.request.variants)
        if asking.request.variants > 1:
            return await self._variants(asking, assignment, results)
        return await self._single(asking, assignment, results[0])

    async def _question(self, asking: Asking, error: QuestionError) -> discord.ui.LayoutView:
        """A writer's question. Its answer goes on from the request, which is kept for that."""
        try:
            await self._keep_question(asking.request, {"answers": list(error.answers)})
        except PausedError:
            return note_view(error.question)
        return asked_view(error.question, error.answers, asking.request.id, asking.locale)

    async def _read_file(self, asking: Asking) -> None:
        """Puts the text of an attached file into its request."""
        request = asking.request
        if request.file is not None:
            text, notes = await material_of(self.bot, request, request.file, asking.surface, asking.checkpoint)
            asking.request = replace(request, material=text, file=None)
            asking.hints += [localize(note, asking.locale) for note in notes]

    async def _find_kind(self, asking: Asking) -> discord.ui.LayoutView | None:
        """Puts the kind that was found into a request, else gives the question which it is."""
        request = asking.request
        if request.about and await self._goes_on(asking):
            return None
        usual = Defaults() if request.family else await self.memory.usual(request)
        family = request.family or usual.family
        found = await self.routing.find(request.brief, family, asking.checkpoint, usual=usual.kind)
        if found["kind"] is None:
            try:
                await self._keep_question(request)
            except PausedError:
                # A button that answers would find nothing, so there is no question to be asked.
                likely = found["candidates"][::-1] if family else found["candidates"]
                found["kind"] = next(iter(likely), _GUESSED)
                asking.hints.append(translate(GUESSED, asking.locale))
            else:
                asking.work.outcome = "asked"
                which = _ELSEWHERE if request.family else _NOT_OF_CHANNEL if family else _WHICH
                asked = translate(which if found["candidates"] else EMPTY, asking.locale)
                offered = found["candidates"] if family else _choices(found["candidates"])
                return question_view(asked, offered, request.id, asking.locale)
        asking.request = replace(request, kind=found["kind"], of_channel=bool(usual.family))
        asking.surface.kind = asking.work.kind = found["kind"]
        return None

    async def _goes_on(self, asking: Asking) -> bool:
        """Asks what a message in a conversation is meant for, and makes its request that; tells whether that was found."""
        request = asking.request
        meant = await self.routing.meant(request.brief, request.earlier, asking.checkpoint)
        about = await self.store.generations.get(request.about, request.user_id)
        if meant is None and about is not None:
            route = await self.routing.guess(request.brief)
            meant = CHANGE if is_wish(route, about, replied=True) else route.kind
        if meant == CHANGE and about is not None and about.text:
            versions = await self.store.generations.versions(request.user_id, about.id)
            older = [one.text for one in versions if one.created_at < about.created_at]
            asking.request = replace(
                changed_request(about, request.id, note=request.brief),
                earlier=add_versions(request.earlier, older),
                guild_id=request.guild_id, channel_id=request.channel_id, thread_of=request.thread_of, asked=request.asked,
                locale=request.locale, material=request.material or about.request.get("material", ""),
            )  # fmt: skip
        elif meant in all_kinds():
            asking.request = replace(request, kind=meant)
        else:
            return False
        asking.surface.kind = asking.work.kind = asking.request.kind or ""
        return True

    async def _single(self, asking: Asking, assignment: Assignment, result: Result) -> Answer:
        """Keeps a result, learns from the wish that led to it, and shows it."""
        request, locale = asking.request, asking.locale
        buttons, first, learnt = False, False, list[Entry]()

        async def keep() -> None:
            nonlocal buttons, first, learnt
            used = self.accounts.used(asking.cost, result.kind, result)
            only = await self.store.generations.add(generation_of(request, result, assignment), used)
            self.accounts.counted(request.id)
            buttons = True
            learnt = await self._learnt(request, result.habit, asking.checkpoint)
            if request.revises:
                asking.hints.append(await self._revised(request, result, locale, asking.checkpoint))
            first = only and not request.parent_id and not assignment.memory.sources

        unkept = await _why_unkept(keep, locale)
        extra = [*learnt_note(learnt, request.id, locale), *([welcome(request.user_id, locale)] if first else [])]
        shown, unseen = await self.illustrations.of(result, assignment, asking.surface, asking.checkpoint, locale)
        told = (*small_print(result, request, locale), unseen, *asking.hints, unkept)
        view, whole = result_view(
            result, assignment.profile, request.id,
            audience=request.audience, locale=locale, pictures=shown, buttons=buttons,
            spare=_spare(asking), hint=" · ".join(filter(None, told)), extra=extra, in_server=bool(request.guild_id),
        )  # fmt: skip
        return view, [*shown, *whole]

    async def _altered(self, asking: Asking, wanted: Alteration) -> Answer:
        """A picture made of another, kept as a result of its own with the prompt of the first.

        Raises:
            RefusedError: what it is made of is not kept any more, or moderation refuses what is asked.
            EngineError: nothing was drawn.
        """
        started, locale = time.monotonic(), asking.locale
        request, checkpoint = asking.request, asking.checkpoint
        parent = await self.store.generations.get(str(request.parent_id), request.user_id)
        if parent is None:
            raise RefusedError(GONE)
        assignment = await asyncio.to_thread(assign, request, await self.memory.recall(request))
        await self.pipeline.moderation.check(assignment, checkpoint)
        before = Content(parent.text, parent.parts)
        await asking.surface.show_draft(lambda: f"{parent.text}\n-# {translate('Drawing…', locale)}")
        drawn, done = await self.studio.alter(wanted, before, request.user_id, request.id, request.seed, checkpoint)
        told = localize(done, locale)
        # What was done before is not told again where a picture of that picture is made.
        alt, content = f"{parent.parts.get('alt_text') or assignment.kind.title}".rstrip("."), before
        engine = self.studio.engine.label if self.studio.engine else ""
        seconds = time.monotonic() - started
        result = Result(parent.kind, content, (), parent.persona, engine, request.seed, seconds, written=parent.written)

        async def keep() -> None:
            used = self.accounts.used(asking.cost, result.kind, result)
            await self.store.generations.add(generation_of(request, result, assignment), used)
            self.accounts.counted(request.id)

        unkept = await _why_unkept(keep, locale)
        files = [
            attachment(f"{parent.kind}-{at}.png", body, f"{alt}{_which(at, len(drawn))}. {told}"[:MAX_ALT])
            for at, body in enumerate(drawn, 1)
        ]
        view, whole = result_view(
            result, assignment.profile, request.id, locale=locale, pictures=files, buttons=not unkept,
            hint=" · ".join(filter(None, (told, unkept))), in_server=bool(request.guild_id),
        )  # fmt: skip
        return view, [*files, *whole]

    async def _variants(self, asking: Asking, assignment: Assignment, results: Sequence[Result]) -> Answer:
        """Keeps each variant as a result of its own, to be picked from."""
        request, locale = asking.request, asking.locale
        checked = [facts_line(result, bool(request.material), locale) for result in results[:1]]
        hints = [*asking.hints, *filter(None, checked)]
        named = [(f"{request.id}-{number}", result) for number, result in enumerate(results, 1)]
        others = [name for name, _ in named]
        if len(results) < request.variants:
            hints.append(translate("The model wrote no more versions that differ.", locale))

        async def keep() -> None:
            for name, result in named:
                single = replace(request, id=name, variants=1)
                used = self.accounts.used(asking.cost, result.kind, result)
                await self.store.generations.add(generation_of(single, result, assignment, others), used)
            self.accounts.counted(request.id)

        if unkept := await _why_unkept(keep, locale):
            hints.append(unkept)
        buttons, hint = not unkept, " · ".join(hints)
        chosen = buttons and len(named) > 1
        extra = [ask_row(named[0][0], locale, team=bool(request.guild_id))] if chosen else []
        return variants_view(named, hint=hint, locale=locale, buttons=buttons, extra=extra, spare=_spare(asking))

    async def _revised(self, request: Request, result: Result, locale: str, checkpoint: Checkpoint) -> str:
        """Puts a result in the place of the team's text that it was made of, once; says what came of that."""

        async def revise() -> str:
            content = result.content
            made = {"text": content.text, "parts": content.parts, "kind": result.kind,
                    "checks": [check.to_json() for check in result.checks]}  # fmt: skip
            return localize(await self.revised(request, made), locale)

        return str(await checkpoint("revise", revise))

    async def _learnt(self, request: Request, habit: str, checkpoint: Checkpoint) -> list[Entry]:
        """What a wish about an earlier result has taught; once, however often the job is taken up."""
        if not request.instruction or not request.parent_id or request.faults or request.revises:
            return []  # A fault of one text is no taste, and what a reviewer wishes is not its writer's.

        async def learn() -> list[str]:
            parent = await self.store.generations.get(str(request.parent_id), request.user_id)
            if parent is None:
                return []
            learnt = await self.learning.from_wish(parent, request.instruction, request.id, habit)
            return [entry.id for entry in learnt]

        ids = await checkpoint("learn", learn)
        return [one for one in await self.store.profiles.history(request.user_id) if one.id in ids] if ids else []

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
        """Shows a finished view where it was asked for, in its channel once an interaction's token has died, else as a private
        message. What nobody but the person should read, or is not for the channel, goes to none instead.

        Raises:
            CancelledError: another process has taken this one's place, and answers.
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

    async def _keeps_for_retry(self, request: Request) -> bool:
        """Keeps a request of which nothing came, so that a button can ask again; tells whether it could be kept."""
        if request.sound or request.readers or request.sees or request.checks or request.alters:
            return False
        try:
            await self._keep_question(request)
        except (PausedError, StorageError):
            return False
        return True

    async def _keep_question(self, request: Request, why: Mapping[str, Any] | None = None) -> None:
        """Keeps a request about which something was asked, so that the button that answers has its brief."""
        blank = Generation(
            id=request.id, user_id=request.user_id, kind="", request=request.to_json(), text="", parts={}, checks=[],
            persona="", engine="", seed=request.seed, seconds=0.0,
            guild_id=request.guild_id or None, channel_id=request.channel_id or None,
            why=dict(why or {}),
        )  # fmt: skip
        await self.store.generations.add(blank)


async def _why_unkept(keep: Callable[[], Awaitable[None]], locale: str) -> str:
    """Has a result kept; says why it is not where it is not: its owner shall have it, though nothing can be done with it later.

    Raises:
        ForgottenError: its owner was forgotten meanwhile.
    """
    try:
        await keep()
    except PausedError:
        return translate(NOT_KEPT, locale)
    except ForgottenError:
        raise
    except StorageError as error:
        return error_text(error, locale)
    return ""


def _spare(asking: Asking) -> int:
    """The characters that are kept free for what stands above an answer."""
    return len(asking.headed) + _HEADED if asking.heard else 0


def _counted_as(request: Request) -> str:
    """What a request is counted as: its kind, or what is made of a result."""
    if request.sound:
        return COUNTED[request.sound]
    of_result = {
        "readers": request.readers,
        "check": request.checks,
        "describe": request.sees,
        "picture": request.alters,
    }
    return next((name for name, wanted in of_result.items() if wanted), request.kind or "")


def _is_stale(address: Address) -> bool:
    return time.time() - address.created > STALE_SECONDS


def order(
    request: Request, address: Address, notes: Sequence[Note] = (), urgency: Urgency = Urgency.COMMAND
) -> dict[str, Any]:
    """A job for a request whose answer goes to an address, with what whoever asks is told once beside it."""
    asked = request.asked or datetime.now(UTC).isoformat(timespec="seconds")
    request = replace(request, asked=asked, locale=address.locale)
    job: dict[str, Any] = {"request": request.to_json(), "address": address.to_json(), "urgency": int(urgency)}
    if notes:
        job["notes"] = [{"name": one.name, "said": one.said.to_json()} for one in notes]
    return job


def generation_of(request: Request, result: Result, assignment: Assignment, variants: Sequence[str] = ()) -> Generation:
    """What is kept of a result, with what shaped it; of one among variants also the ids of all of them."""
    # The version that was edited is kept as a result of its own.
    request = replace(request, before=None)
    shaped = build_provenance(assignment, result.content.text) | {"calls": list(result.calls), "engine": result.engine}
    shaped |= {"changed": [list(one) for one in result.changed]} if result.changed else {}
    shaped |= {"to_check": result.to_check} if result.to_check else {}
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


def small_print(result: Result, request: Request, locale: str) -> list[str]:
    """What stands below a result in small print: what it cites, what was only consulted, and whether its facts were checked."""
    return [sources_line(result, locale), facts_line(result, bool(request.material), locale)]


def _choices(candidates: Sequence[str]) -> list[str]:
    usual = ("social_post", "email", "explanation", "image_prompt", "chat")
    return list(dict.fromkeys([*candidates, *usual]))[:4]


def _which(number: int, count: int) -> str:
    """Which of several pictures it is."""
    return f" ({number}/{count})" if count > 1 else ""
