"""The composition root: assembles the parts and owns the resources to close. Accepts fakes as arguments."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import TYPE_CHECKING, Any, Self

import discord

from bot.admission.limits import RateLimiter, parse_limits
from bot.admission.prices import parse_minutes
from bot.configured_engines import (
    adopt_after_trial,
    build_engines,
    build_image_engine,
    build_reviser,
    build_sound_engines,
    build_vision,
)
from bot.documents.knowledge import Knowledge
from bot.engines import Engine, Engines
from bot.engines.embedded import count_threads
from bot.engines.embeddings import Embeddings
from bot.engines.images import ImageEngine, build_part_finder
from bot.engines.sound import SoundEngines
from bot.engines.trial import Trial
from bot.errors import QuillmateError
from bot.generation.pipeline import Pipeline
from bot.images.pictures import PictureStore
from bot.images.studio import Studio
from bot.models import Model, ModelChoice, ModelShelf
from bot.models.offers import ModelOffer, find_catalogue_offers, find_models
from bot.models.shelf import ENGINE
from bot.moderation.seam import build_moderation
from bot.people.learning import PreferenceLearner
from bot.people.memory import Memory
from bot.people.privacy import Privacy
from bot.people.profiles import Profiles
from bot.people.results import Results
from bot.people.servers import Servers
from bot.people.taste import Taste
from bot.replies.pacer import Pacer
from bot.requests.admission_control import AdmissionControl
from bot.requests.answers import Answers, always
from bot.requests.routing import Routing
from bot.runtime.pause import Pause
from bot.settings import Settings
from bot.sound.sounds import SoundService
from bot.store import open_store
from bot.team.brands import BrandBooks
from bot.team.calendar.calendar import Calendar
from bot.team.calendar.due_posts import DuePosts
from bot.team.calendar.feeds import CalendarFeedService
from bot.team.classroom.live_quizzes import LiveQuizzes
from bot.team.classroom.mastery_reports import MasteryReports
from bot.team.classroom.self_paced_quizzes import SelfPacedQuizzes
from bot.team.classroom.tutor import Tutor
from bot.team.figures.quotas import QuotaService
from bot.team.figures.reports import Reports
from bot.team.ideas import Ideas
from bot.team.library.library import Library
from bot.team.library.search import LibrarySearch
from bot.team.polls import Polls
from bot.team.review.notices import ReviewNotices
from bot.team.review.service import ReviewService
from bot.team.stage.interviews import Interviews
from bot.team.stage.plays import Plays
from bot.team.stage.records import StageRecords
from bot.team.stage.writer import StageWriter
from bot.team.webhooks.sender import Sender
from bot.team.webhooks.webhooks import Webhooks
from bot.team.workspace.audit import AuditService
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.workspaces import Workspaces

if TYPE_CHECKING:
    from bot.requests.desk import RequestDesk
    from bot.runtime.lease import Lease

log = logging.getLogger(__name__)
# Requests in progress at once, most of them waiting for their turn; further ones are queued.
MAX_RUNNING_JOBS = 1000
# With several processes: requests started beyond those written at once, so that the next one is ready.
MAX_EXTRA_JOBS = 2


class App:
    """Everything that runs except Discord's client. Use as `async with App(settings) as app:`, then start a
    `QuillmateBot(app)`.

    `engines`, `images`, `sound`, `vision` and `reviser` replace those of the settings. `read_by_operator` says that
    the reader of the answers runs the bot and may be told what to set.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        engines: Sequence[Engine] | None = None,
        images: ImageEngine | None = None,
        sound: SoundEngines | None = None,
        vision: Engine | None = None,
        reviser: Engine | None = None,
        embeddings: bool | None = None,
        read_by_operator: bool = False,
        shelf: ModelShelf | None = None,
    ) -> None:
        self.settings = settings
        self.shelf = shelf or ModelShelf(settings.models)
        # The stored choice of a model that this process writes with; None if it follows none.
        self._choice = None if engines or settings.engine != (ENGINE,) else self.shelf.read_choice()
        self.engines = Engines(engines or build_engines(settings), reviser or build_reviser(settings))
        self.store = open_store(settings)
        self.pacer = Pacer()
        self.rate_limiter = RateLimiter(parse_limits(settings.limits))
        self.pause = Pause(self.store.leases)
        self.studio = Studio(
            PictureStore(settings.data / "pictures", self.store.database.owners.load_key),
            images or build_image_engine(settings),
            read_by_operator=read_by_operator,
            part_finder=build_part_finder(settings.images_parts),
        )
        self.sounds = SoundService(
            self.studio.pictures, sound or build_sound_engines(settings), read_by_operator=read_by_operator
        )
        wanted = settings.wants_embeddings if embeddings is None else embeddings
        self.embeddings = Embeddings() if wanted else None
        self.vision = vision or build_vision(settings, self.engines)
        self._assemble_generation()
        self._assemble_workspace_services()
        self._assemble_user_services()
        self._stack = AsyncExitStack()
        self._warm_tasks: set[asyncio.Task[None]] = set()

    def _assemble_generation(self) -> None:
        """Assemble what turns a request into a text."""
        settings = self.settings
        moderation = build_moderation(settings, self.engines, self.embeddings)
        self.routing = Routing(self.engines, self.embeddings, settings.data / "cache", moderation)
        self.knowledge = Knowledge(self.store.documents, self.embeddings)
        self.pipeline = Pipeline(self.engines, moderation)

    def _assemble_workspace_services(self) -> None:
        """Assemble what a server shares."""
        store, settings = self.store, self.settings
        self.recorder = Recorder(store)
        self.workspaces = Workspaces(store, self.rate_limiter, self.recorder)
        self.auditing = AuditService(store, self.workspaces)
        self.reviewing = ReviewService(store, self.workspaces, self.recorder)
        self.webhooks = Webhooks(
            store, self.workspaces, self.recorder, Sender(settings.webhook_hosts, networks=settings.webhook_networks)
        )
        finding = LibrarySearch(store, self.embeddings)
        self.library = Library(store, finding, self.workspaces, self.recorder, self.reviewing)
        self.calendar = Calendar(store, self.workspaces, self.recorder, self.reviewing)
        self.due_posts = DuePosts(store, self.workspaces, self.recorder, self.reviewing, lambda: self.calendar.now())
        self.feeds = CalendarFeedService(store, self.workspaces, settings.calendar_url, lambda: self.calendar.now())
        self.notices = ReviewNotices(store, self.workspaces, self.recorder, self.reviewing, lambda: self.calendar.now())
        self.brand_books = BrandBooks(store, self.workspaces, self.recorder)
        self.polls = Polls(store, self.workspaces)
        self.writing = StageWriter(self.engines, self.pipeline.moderation)
        self.stage_records = StageRecords(store, self.workspaces)
        self.plays = Plays(self.stage_records, self.workspaces, self.writing)
        self.interviews = Interviews(self.stage_records, self.workspaces, self.writing)
        self.live_quizzes = LiveQuizzes(store, self.workspaces)
        self.self_paced_quizzes = SelfPacedQuizzes(store, self.workspaces)
        self.mastery_reports = MasteryReports(store, self.workspaces)
        self.tutoring = Tutor(store)
        self.ideas = Ideas(store, self.workspaces, self.calendar, self.brand_books)
        self.reports = Reports(store, self.workspaces, parse_minutes(settings.minutes_saved), settings.currency)
        self.quotas = QuotaService(store, self.workspaces, settings.currency)

    def _assemble_user_services(self) -> None:
        """Assemble what is known about users."""
        self.memory = Memory(self.store, self.knowledge, self.embeddings, self.workspaces.load_defaults)
        self.learning = PreferenceLearner(self.store)
        self.profiles, self.results, self.servers = Profiles(self.store), Results(self.store), Servers(self.store)
        self.taste = Taste(self.store, self.memory, self.learning)

    async def __aenter__(self) -> Self:
        try:
            await self._stack.enter_async_context(self.engines)
            if self.studio.engine is not None:
                await self._stack.enter_async_context(self.studio.engine)
            for engine in self.sounds.engines.all:
                await self._stack.enter_async_context(engine)
            if self.vision is not None and self.vision not in self.engines.all:
                await self._stack.enter_async_context(Engines([self.vision]))
            await self._stack.enter_async_context(self.store)
            await self.pause.refresh()
        except BaseException:  # Also a cancellation: what is open already must close.
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.end_warming()
        await self._stack.aclose()

    def build_desk(self, client: discord.Client, lease: Lease | None = None, *, works: bool = True) -> RequestDesk:
        """Build the desk that takes and carries out the requests of a client; open it with `hold`.

        Without `works` other processes carry them out.
        """
        from bot.requests.campaign_writing import CampaignWriting
        from bot.requests.campaigns import CampaignService
        from bot.requests.desk import (
            RequestDesk,  # Imported late: it loads the durable engine, which the command line does not need.
        )
        from bot.requests.jobs import Jobs

        self.store.admissions.is_accompanied = lambda: lease is not None and lease.in_company
        self.pacer.is_in_charge = lambda: lease is None or (lease.seconds_left > 0 and not lease.lost.is_set())
        answers = Answers(
            client,
            self.store,
            self.memory,
            self.learning,
            self.pipeline,
            self.routing,
            self.pacer,
            self.studio,
            holds_lease=lease.is_held if lease else always,
            save_revision=self.reviewing.save_revision,
            prices=self.settings.token_prices,
            quotas=self.quotas,
            sounds=self.sounds,
            vision_engine=lambda: self.vision,
        )
        key_of, known_key_of = self.store.database.owners.load_key, self.store.database.owners.load_known_key
        jobs = Jobs(
            self.settings.jobs_url,
            answers,
            key_of,
            known_seal_of=known_key_of,
            room=MAX_RUNNING_JOBS,
            slot=self.settings.slot,
            tell=answers.give_up,
            ended=self.settings.data / "ended-jobs",
            company=lambda: lease is not None and lease.in_company,
            places=lambda: answers.slots.max_concurrent + MAX_EXTRA_JOBS,
            works=works,
        )
        privacy = Privacy(self.store, jobs, self.studio.pictures, self.settings)
        admission = AdmissionControl(
            self.workspaces, self.rate_limiter, self.quotas, self.pause, self.pipeline.moderation
        )
        campaigns = CampaignService(answers, admission, self.recorder, self.reviewing)
        writing = CampaignWriting(campaigns, answers, admission, self.recorder, self.reviewing)
        return RequestDesk(answers, jobs, privacy, admission, campaigns, writing, lease)

    async def hold(self, resource: AbstractAsyncContextManager[Any]) -> None:
        """Open a resource on this loop; it is closed before everything it depends on."""
        await self._stack.enter_async_context(resource)

    async def list_offers(self) -> list[ModelOffer]:
        """Return the models that could write here: those present already, then the catalogue's."""
        return [*await find_models(os.environ), *find_catalogue_offers(self.shelf, count_threads())]

    async def write_with(self, chosen: ModelChoice | Model) -> Trial:
        """Test a model with one sentence; if it writes, save the choice and use it from now on.

        Raises:
            SettingsError: a setting names another model, which goes before a choice.
            EngineError: it does not write; the one before stays.
        """
        engine, trial = await adopt_after_trial(self.settings, self.shelf, chosen)
        self.engines.replace_with(engine)
        if self._choice is not None:
            self._choice = self.shelf.read_choice()
        return trial

    async def follow_choice(self) -> None:
        """Write with the model that another process of the same data folder, or `quillmate model use`, has chosen since."""
        if self._choice is None or (choice := await asyncio.to_thread(self.shelf.read_choice)) == self._choice:
            return
        self._choice = choice
        self.engines.replace_with(build_engines(self.settings)[0])
        log.info("writing with another model", extra={"engine": self.engines.first.label})

    def warm(self) -> None:
        """Start loading slow parts in the background: the first engine, then routing and embeddings."""
        if not self._warm_tasks:
            self._warm_tasks.add(asyncio.create_task(self._warm(), name="warm"))

    async def _warm(self) -> None:
        try:
            if self.engines.first.traits.local:
                await self.engines.first.load()
            await self.routing.warm()
        except QuillmateError as error:
            log.warning("not loaded: %s", error)

    async def end_warming(self) -> None:
        """Stop loading; threads are ended as soon as possible."""
        warming = [task for task in self._warm_tasks if not task.done()]
        if not warming:
            return
        for task in warming:
            task.cancel()
        await asyncio.wait(warming)
        if self.embeddings is not None:
            # A loading thread goes on, and closing the loop would wait for it.
            await asyncio.to_thread(self.embeddings.stop)
