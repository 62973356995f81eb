"""Act for one user of another assistant: write and change texts, export them, search the library."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import get_args

import discord

from bot.app import App
from bot.checks.language import parse_language
from bot.content import Assignment, Content, MemorySnapshot, Request, Result, run_directly
from bot.documents.materials import MAX_CHARACTERS
from bot.engines.spending import track_spending
from bot.errors import QuestionError, RefusedError
from bot.exports import export_content, find_fitting_formats, load_formats
from bot.generation.findings import list_failures
from bot.generation.sources import add_sources
from bot.kinds import find_kind, load_kinds
from bot.moderation import DespairError
from bot.moderation.seam import add_help_lines
from bot.requests.accounts import Accounts
from bot.requests.admission_control import AdmissionControl
from bot.requests.changes import build_change_request, generate_seed
from bot.requests.intake import clean_brief, clean_option, clean_text
from bot.requests.result_rows import NOT_KEPT, build_generation
from bot.runtime.active_requests import track_request
from bot.team.workspace.roles import Member, Permission
from personas.profile import Length
from storage.entries import EntryFilter, LibraryEntry
from storage.errors import PausedError, StorageError
from storage.generations import Generation
from storage.owner_keys import begin_work
from storage.usage import EngineUsage

MAX_OPTION, MAX_QUERY = 100, 200
_MAX_LANGUAGE_CHARACTERS, _MAX_SUGGESTED_KINDS = 40, 5
MAX_VARIANTS = 5
_LENGTHS = get_args(Length)
_UNCLEAR = "It is not clear what to write. Name a kind, such as {kinds}, or say in the brief what it should be."
_TOO_LONG = "The material has {count:,} characters; {most:,} fit. Keep what matters."
_NO_LENGTH = "A length is short, medium or long."
_NO_LANGUAGE = 'I do not know the language "{name}". Name it in English, such as "German".'
_NO_COUNT = "Between 1 and {most} variants can be written at once."
_GONE = "There is no such text in the library, or it is not yours to read."


@dataclass(frozen=True, slots=True)
class Text:
    """A finished text: `findings` are the checks that failed, `formats` the files it can be exported as, `notice` a sentence for
    its user. One that is not `stored` cannot be changed or exported later.
    """

    id: str
    kind: str
    text: str
    to_check: str = ""
    findings: Sequence[str] = ()
    formats: Sequence[str] = ()
    stored: bool = True
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """Act as one user, in one server or in none. `profile`, if given, replaces the stored one."""

    app: App
    member: Member
    guild_id: str = ""
    profile: MemorySnapshot | None = None
    _running: set[str] = field(default_factory=set)
    _slots: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_slots", asyncio.Semaphore(max(1, self.app.pipeline.engines.first.max_concurrent)))
        # Limits are counted in the database, as the bot itself may run beside this process.
        self.app.store.admissions.is_accompanied = lambda: True

    @property
    def user_id(self) -> str:
        """The id of the user."""
        return self.member.user_id

    async def generate(
        self,
        brief: str,
        *,
        kind: str = "",
        language: str = "",
        tone: str = "",
        audience: str = "",
        length: str = "",
        material: str = "",
        variants: int = 1,
    ) -> list[Text]:
        """Write a text, or several variants of it.

        Raises:
            RefusedError: The request cannot be carried out as it is; the message says what to change.
            LimitError: A limit or quota is used up.
            EngineError: The model failed.
        """
        if len(material) > MAX_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(material), most=MAX_CHARACTERS)
        if length and length not in _LENGTHS:
            raise RefusedError(_NO_LENGTH)
        if not 1 <= variants <= MAX_VARIANTS:
            raise RefusedError(_NO_COUNT, most=MAX_VARIANTS)
        code = parse_language(language) if language else ""
        if code is None:
            raise RefusedError(_NO_LANGUAGE, name=language[:_MAX_LANGUAGE_CHARACTERS])
        async with self._help_lines():
            request = Request(
                id=_generate_id(),
                user_id=self.user_id,
                brief=clean_brief(brief),
                kind=find_kind(kind).name if kind else None,
                language=code,
                tone=clean_option(tone, MAX_OPTION),
                audience=clean_option(audience, MAX_OPTION),
                length=length or None,  # type: ignore[arg-type]  # Checked above.
                material=clean_text(material, "file") if material else "",
                variants=variants,
                guild_id=self.guild_id,
                seed=generate_seed(),
                asked=datetime.now(UTC).isoformat(),
            )
            return await self._write(request)

    async def change(self, text_id: str, instruction: str) -> Text:
        """Change one of the user's texts; what the instruction does not mention stays as it is.

        Raises:
            RefusedError, LimitError, EngineError: As in `generate`.
        """
        earlier = await self.app.results.get_own(text_id, self.user_id, "")
        async with self._help_lines():
            request = build_change_request(earlier, _generate_id(), note=clean_brief(instruction))
            request = replace(request, guild_id=self.guild_id, asked=datetime.now(UTC).isoformat())
            return (await self._write(request))[0]

    async def export(self, text_id: str, file_format: str) -> tuple[str, bytes]:
        """Export a text that the user may read; return the file's name and content.

        Raises:
            RefusedError: There is no such text, or it does not fit the format.
        """
        entry = await self.read(text_id)
        title = find_kind(entry.kind).title if entry.kind in load_kinds() else entry.kind
        name = file_format.lower().removeprefix(".")
        body = await asyncio.to_thread(export_content, name, title, Content(entry.text, entry.parts))
        return f"{entry.kind}.{load_formats()[name].suffix}", body

    async def read(self, text_id: str) -> LibraryEntry:
        """Return one of the user's own texts, or one of the server's library.

        Raises:
            RefusedError: There is none with that id, or the user may not read it.
        """
        viewer = await self.app.library.load_viewer(self.guild_id, self.member)
        places = [(owner_id, text_id) for owner_id in viewer.owner_ids]
        if found := await self.app.store.entries.load_entries(viewer.owner_ids, places):
            return found[0]
        raise RefusedError(_GONE)

    async def search(self, query: str, *, kind: str = "", page: int = 0) -> tuple[Sequence[LibraryEntry], bool]:
        """Return a page of the user's texts and the server's library, and whether there are more.

        The best match comes first, or the newest text if there is no query.
        """
        if self.guild_id:
            await self.app.workspaces.require(self.guild_id, self.member, Permission.SEE)
        viewer = await self.app.library.load_viewer(self.guild_id, self.member)
        entry_filter = EntryFilter(kind=find_kind(kind).name if kind else "")
        results = await self.app.library.load_page(viewer, query[:MAX_QUERY].strip(), entry_filter, max(page, 0))
        return results.entries, results.has_more

    async def recall(self, request: Request | None = None) -> MemorySnapshot:
        """Return the memory of the user that a request is written with: profile, habits, persona and brand."""
        request = request or Request(id="", user_id=self.user_id, brief="", guild_id=self.guild_id)
        memory = await self.app.memory.recall(request)
        if self.profile is None:
            return memory
        return replace(memory, profile=self.profile.profile, habits=self.profile.habits)

    async def _write(self, request: Request) -> list[Text]:
        """Admit, carry out and count a request."""
        begin_work(datetime.now(UTC))
        app = self.app
        accounts = Accounts(app.store, app.engines, app.settings.token_prices, app.quotas)
        admission = AdmissionControl(app.workspaces, app.rate_limiter, app.quotas, app.pause, app.pipeline.moderation)
        await admission.admit(request, self.member, self._running.__contains__)
        with track_spending() as cost:
            async with self._run(request):
                try:
                    assignment, results = await self._generate(request)
                    ids = [request.id, *(_generate_id() for _ in results[1:])]
                    texts = []
                    for text_id, result in zip(ids, results, strict=True):
                        own_request = replace(assignment.request, id=text_id)
                        row = build_generation(own_request, result, assignment, ids if len(ids) > 1 else ())
                        notice = await self._store(row, accounts.take_usage(cost, result.kind, result))
                        texts.append(_build_text(text_id, result, notice))
                    return texts
                finally:
                    await accounts.count_rest(request, cost, request.kind or "")

    async def _generate(self, request: Request) -> tuple[Assignment, list[Result]]:
        request = await self._route(request)
        assignment = await self.app.pipeline.build_assignment(request, await self.recall(request))
        try:
            results = await self.app.pipeline.run(assignment)
        except QuestionError as question:
            raise RefusedError("{question}", question=question.question) from question
        return assignment, [add_sources(result, assignment) for result in results]

    async def _store(self, row: Generation, usage: Sequence[EngineUsage]) -> str:
        """Store a text; return the reason if it could not be stored, else an empty string."""
        try:
            await self.app.store.generations.add(row, usage)
        except PausedError:
            return NOT_KEPT
        except StorageError as error:
            return str(error)
        return ""

    @asynccontextmanager
    async def _run(self, request: Request) -> AsyncIterator[None]:
        """Wait for a slot of the model, and count the request as running."""
        self._running.add(request.id)
        try:
            async with self._slots:
                with track_request(request.id, request.kind or "", asked_at=datetime.now(UTC).timestamp()):
                    yield
        finally:
            self._running.discard(request.id)

    @asynccontextmanager
    async def _help_lines(self) -> AsyncIterator[None]:
        """Add the help lines of the user's country to an error for despair."""
        try:
            yield
        except DespairError as error:
            raise add_help_lines(error, (await self.recall()).profile) from error

    async def _route(self, request: Request) -> Request:
        """Return the request with its kind.

        Raises:
            RefusedError: The kind is not clear from the brief.
        """
        if request.kind:
            return request
        route = await self.app.routing.find(request.brief, "", run_directly)
        if route["kind"] is None:
            candidates = route["candidates"] or list(load_kinds())[:_MAX_SUGGESTED_KINDS]
            raise RefusedError(_UNCLEAR, kinds=list(candidates))
        return replace(request, kind=route["kind"])


def _build_text(text_id: str, result: Result, notice: str) -> Text:
    kind = load_kinds()[result.kind]
    return Text(
        text_id,
        result.kind,
        result.content.text,
        result.to_check,
        [f"{what} ({who})" for what, who in list_failures(result.checks)],
        [] if notice else [file_format.name for file_format in find_fitting_formats(result.content, kind.exports)],
        not notice,
        notice or str(result.note or ""),
    )


def _generate_id() -> str:
    """An id as Discord makes them, so that the bot's own buttons work on the text as well."""
    return str(discord.utils.time_snowflake(datetime.now(UTC)) + secrets.randbelow(1 << 22))
