"""What another assistant can do for one user: have texts written and changed, export them, search the library."""

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
from bot.requests.intake import check_brief, require_harmless, short_text
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
    """A finished text: `findings` are the checks that failed, `formats` the files it can be exported as, `notice` what its user is
    told about it. One that is not `stored` cannot be changed or exported later.
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
    """Acts as one user, in one server or in none. `profile`, where it is given, takes the place of the stored one."""

    app: App
    member: Member
    guild_id: str = ""
    profile: MemorySnapshot | None = None
    _running: set[str] = field(default_factory=set)
    _turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_turns", asyncio.Semaphore(max(1, self.app.pipeline.engines.first.max_concurrent)))
        # Limits are counted in the database, as the bot itself may run beside this process.
        self.app.store.admissions.is_accompanied = lambda: True

    @property
    def user_id(self) -> str:
        """The user this acts as."""
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
            RefusedError: the request cannot be carried out as it is; the sentence says what to change.
            LimitError: a limit or quota is used up.
            EngineError: the model failed.
        """
        if len(material) > MAX_CHARACTERS:
            raise RefusedError(_TOO_LONG, count=len(material), most=MAX_CHARACTERS)
        if length and length not in _LENGTHS:
            raise RefusedError(_NO_LENGTH)
        if not 1 <= variants <= MAX_VARIANTS:
            raise RefusedError(_NO_COUNT, most=MAX_VARIANTS)
        code = parse_language(language) if language else ""
        if code is None:
            raise RefusedError(_NO_LANGUAGE, name=language[:40])
        return await self._write(
            Request(
                id=_new_id(),
                user_id=self.user_id,
                brief=check_brief(brief),
                kind=find_kind(kind).name if kind else None,
                language=code,
                tone=short_text(tone, MAX_OPTION),
                audience=short_text(audience, MAX_OPTION),
                length=length or None,  # type: ignore[arg-type]  # Checked above.
                material=require_harmless(material, "file") if material else "",
                variants=variants,
                guild_id=self.guild_id,
                seed=generate_seed(),
                asked=datetime.now(UTC).isoformat(),
            )
        )

    async def change(self, text_id: str, instruction: str) -> Text:
        """Change one of the user's texts; what the instruction does not mention stays as it is. Raises as `generate` does."""
        earlier = await self.app.results.get_own(text_id, self.user_id, "")
        request = build_change_request(earlier, _new_id(), note=check_brief(instruction))
        return (await self._write(replace(request, guild_id=self.guild_id, asked=datetime.now(UTC).isoformat())))[0]

    async def export(self, text_id: str, file_format: str) -> tuple[str, bytes]:
        """The name and content of a file made from a text the user may read.

        Raises:
            RefusedError: there is no such text, or it does not fit the format.
        """
        entry = await self.read(text_id)
        title = find_kind(entry.kind).title if entry.kind in load_kinds() else entry.kind
        name = file_format.lower().removeprefix(".")
        body = await asyncio.to_thread(export_content, name, title, Content(entry.text, entry.parts))
        return f"{entry.kind}.{load_formats()[name].suffix}", body

    async def read(self, text_id: str) -> LibraryEntry:
        """A text of the user's own, or one of the server's library.

        Raises:
            RefusedError: there is none with that id, or it is not theirs to read.
        """
        viewer = await self.app.library.load_viewer(self.guild_id, self.member)
        places = [(owner_id, text_id) for owner_id in viewer.owner_ids]
        if found := await self.app.store.entries.load_entries(viewer.owner_ids, places):
            return found[0]
        raise RefusedError(_GONE)

    async def search(self, query: str, *, kind: str = "", page: int = 0) -> tuple[Sequence[LibraryEntry], bool]:
        """A page of the user's texts and the server's library, best match first, and whether there are more.

        Without a query the newest come first.
        """
        if self.guild_id:
            await self.app.workspaces.require(self.guild_id, self.member, Permission.SEE)
        viewer = await self.app.library.load_viewer(self.guild_id, self.member)
        wanted = EntryFilter(kind=find_kind(kind).name if kind else "")
        found = await self.app.library.load_page(viewer, query[:MAX_QUERY].strip(), wanted, max(page, 0))
        return found.entries, found.has_more

    async def recall(self, request: Request | None = None) -> MemorySnapshot:
        """What is known about the user: profile, habits, persona and brand, as a request of theirs would find it."""
        request = request or Request(id="", user_id=self.user_id, brief="", guild_id=self.guild_id)
        known = await self.app.memory.recall(request)
        if self.profile is None:
            return known
        return replace(known, profile=self.profile.profile, habits=self.profile.habits)

    async def _write(self, request: Request) -> list[Text]:
        """Admit, carry out and count a request."""
        begin_work(datetime.now(UTC))
        app = self.app
        accounts = Accounts(app.store, app.engines, app.settings.token_prices, app.quotas)
        door = AdmissionControl(app.workspaces, app.rate_limiter, app.quotas, app.pause, app.pipeline.moderation)
        await door.admit(request, self.member, self._running.__contains__)
        with track_spending() as cost:
            async with self._underway(request):
                try:
                    assignment, results = await self._results(request)
                    ids = [request.id, *(_new_id() for _ in results[1:])]
                    texts = []
                    for text_id, result in zip(ids, results, strict=True):
                        own = replace(assignment.request, id=text_id)
                        row = build_generation(own, result, assignment, ids if len(ids) > 1 else ())
                        notice = await self._store(row, accounts.take_usage(cost, result.kind, result))
                        texts.append(_text(text_id, result, notice))
                    return texts
                finally:
                    await accounts.count_rest(request, cost, request.kind or "")

    async def _results(self, request: Request) -> tuple[Assignment, list[Result]]:
        request = await self._routed(request)
        assignment = await self.app.pipeline.build_assignment(request, await self.recall(request))
        try:
            results = await self.app.pipeline.run(assignment)
        except QuestionError as question:
            raise RefusedError("{question}", question=question.question) from question
        except DespairError as error:
            raise add_help_lines(error, assignment.profile) from error
        return assignment, [add_sources(result, assignment) for result in results]

    async def _store(self, row: Generation, used: Sequence[EngineUsage]) -> str:
        """Store a text; returns why it was not stored, empty where it was."""
        try:
            await self.app.store.generations.add(row, used)
        except PausedError:
            return NOT_KEPT
        except StorageError as error:
            return str(error)
        return ""

    @asynccontextmanager
    async def _underway(self, request: Request) -> AsyncIterator[None]:
        self._running.add(request.id)
        try:
            async with self._turns:
                with track_request(request.id, request.kind or "", asked_at=datetime.now(UTC).timestamp()):
                    yield
        finally:
            self._running.discard(request.id)

    async def _routed(self, request: Request) -> Request:
        """The request with its kind.

        Raises:
            RefusedError: the brief does not tell what it should be.
        """
        if request.kind:
            return request
        found = await self.app.routing.find(request.brief, "", run_directly)
        if found["kind"] is None:
            raise RefusedError(_UNCLEAR, kinds=list(found["candidates"] or list(load_kinds())[:5]))
        return replace(request, kind=found["kind"])


def _text(text_id: str, result: Result, notice: str) -> Text:
    kind = load_kinds()[result.kind]
    return Text(
        text_id,
        result.kind,
        result.content.text,
        result.to_check,
        [f"{what} ({who})" for what, who in list_failures(result.checks)],
        [] if notice else [one.name for one in find_fitting_formats(result.content, kind.exports)],
        not notice,
        notice or str(result.note or ""),
    )


def _new_id() -> str:
    """An id as Discord makes them, so that the bot's own buttons work on the text as well."""
    return str(discord.utils.time_snowflake(datetime.now(UTC)) + secrets.randbelow(1 << 22))
