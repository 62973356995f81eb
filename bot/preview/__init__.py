"""`quillmate preview`: the real bot on a local page that looks like Discord. Needs the extra `preview`.

It builds on internals of simcord, so that package's version is pinned, and tests open the page in Chromium.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import discord
from filelock import FileLock, Timeout
from rich.console import Console
from simcord.actors import MemberActor

from bot.app import App
from bot.client import QuillmateBot
from bot.configured_engines import build_engines
from bot.errors import SettingsError
from bot.locales import translate
from bot.models import ModelShelf
from bot.models.offers import find_models, format_offers
from bot.replies.views import note_view
from bot.replies.writer import writer_line, writer_name
from bot.runtime.data_folder import check_writable
from bot.settings import Settings
from bot.team.workspace.roles import Member, Role
from personas.profile import load_zones

from .hub import PreviewHub
from .page import LivePreview, PreviewRoom
from .welcome import build_team_text, build_welcome_text
from .worked import PlaygroundTeam, fill_server, show_open_work
from .world import LiveEnv

log = logging.getLogger(__name__)

CHANNELS = (
    ("marketing", "Posts, emails and ads"),
    ("classroom", "Lessons and quizzes"),
    ("art", "Prompts for pictures"),
    ("news", "Where the shop’s posts appear"),
    ("reviews", "Texts waiting for approval, and votes"),
)
# Each member's role in the workspace; the first, who reads the page, owns the server.
MEMBERS = {"Ada": Role.OWNER, "Ben": Role.EDITOR, "Cleo": Role.REVIEWER}
_ROLE_NAMES = {Role.EDITOR: "Writers", Role.REVIEWER: "Reviewers"}
# Markers of an unused data folder, and of one where a team is at work.
NEW, _FILLED = "new", "worked"
# Fixed ids, so that profiles and a team's data are still there at the next start.
_PEOPLE, _SERVER, _CHANNELS, _ROLES = (100_000_000_000_000_000 + number for number in (1, 100, 200, 300))
UNOPENED_MESSAGE = (
    "No browser opened the page, so open the address above yourself. Chromium starts neither as root nor without a sandbox: "
    "use another account or browser for it, or start it with --no-sandbox."
)


async def serve_playground(
    settings: Settings, *, port: int, browser: bool, engines: Sequence[Any] | None = None
) -> int:
    """Serve the page until Ctrl-C or its "End the playground".

    Raises:
        SettingsError: the port is taken, or the data folder cannot be written.
    """
    check_writable(settings.data)
    # From the original settings: models are in the data folder itself.
    engines, shelf = engines or build_engines(settings), ModelShelf(settings.models)
    folder = settings.data / "preview"
    folder.mkdir(exist_ok=True)
    settings = settings.model_copy(
        # A file of its own, or fake servers would be recorded among the real ones. Its reader has no other servers.
        update={"data": folder, "database": f"sqlite:///{folder / 'quillmate.db'}", "limits": "none"}
    )
    lock = FileLock(folder / "run.lock")
    hub = PreviewHub(port)
    await hub.start()
    try:
        lock.acquire(blocking=False)
        if not (folder / "quillmate.db").exists():
            (folder / NEW).touch()
        # Its Discord is new at every start, so pending work of the last one has no target.
        for file in folder.glob("jobs.db*"):
            file.unlink()
        async with App(settings, engines=engines, read_by_operator=True, shelf=shelf) as app:
            await _load_model(app)
            await _serve(QuillmateBot(app), hub, browser=browser)
    except Timeout:
        raise SettingsError(f"Another preview is running on {folder}. Stop it, or set QUILLMATE_DATA.") from None
    finally:
        lock.release()
        await hub.close()
    return 0


async def _load_model(app: App) -> None:
    """Load the model before the page opens, with progress on a terminal."""
    console = Console(stderr=True)
    with console.status(f"Loading {app.engines.first.label}…") if console.is_terminal else contextlib.nullcontext():
        await asyncio.wait([app.engines.first.load()])
    if app.engines.first.traits.small and (found := format_offers(await find_models(os.environ))):
        print(f"{app.engines.first.label} writes; {found}", file=sys.stderr)


async def _serve(bot: QuillmateBot, hub: PreviewHub, *, browser: bool) -> None:
    env, stop, token = LiveEnv(bot, bot_name="Quillmate"), asyncio.Event(), secrets.token_urlsafe(16)
    with _handle_signals(stop):
        studio = PlaygroundServer(env, bot)
        try:
            await env.start()
            rooms = await studio.furnish(token)
            hub.writer = lambda locale: writer_name(bot.app.engines.first, locale)
            hub.greet, hub.look = studio.welcome, partial(_open_threads, env, hub, studio)
            for room, viewers in rooms:
                await _open_room(env, hub, room, viewers)
            await _wait_until_ended(hub, stop, browser=browser)
        finally:
            await studio.close()
            if env._started:
                await bot.end_work(0)
                with contextlib.suppress(Exception), env._bot_scope():
                    await bot.close()
                await env.shutdown()


class PlaygroundServer:
    """The server of the playground with its members. In a new data folder a team is at work in it from the start."""

    def __init__(self, env: LiveEnv, bot: QuillmateBot) -> None:
        self._env, self.bot = env, bot
        self._new, self._filled = (bot.app.settings.data / name for name in (NEW, _FILLED))
        self._channels: dict[str, Any] = {}
        self._members: dict[str, Member] = {}
        self._people: list[MemberActor] = []
        self._token = ""
        self._work: asyncio.Task[None] | None = None

    async def furnish(self, token: str) -> list[tuple[PreviewRoom, Sequence[Any]]]:
        """Create the server, its channels and members, and a direct message room for each member."""
        env = self._env
        owner, *others = (env.person(name, _PEOPLE + number) for number, name in enumerate(MEMBERS))
        guild = env.create_guild("Studio", id=_SERVER, owner=owner)
        self._token, self._people = token, [MemberActor(env, guild, owner)]
        people = self._people
        for number, (person, role) in enumerate(zip(others, list(MEMBERS.values())[1:], strict=True)):
            env.backend.next_id = _ROLES + number
            people.append(guild.add_member(person, roles=[guild.create_role(_ROLE_NAMES[role])]))
        given = [frozenset[str](), *(frozenset({str(_ROLES + number)}) for number in range(len(others)))]
        for name, actor, role_ids in zip(MEMBERS, people, given, strict=True):
            self._members[name] = Member(str(actor.id), role_ids, manages=not role_ids)
        rooms: list[tuple[PreviewRoom, Sequence[Any]]] = []
        for number, (name, topic) in enumerate(CHANNELS):
            env.backend.next_id = _CHANNELS + number
            self._channels[name] = guild.create_text_channel(name, topic=topic)
            rooms.append((PreviewRoom(f"#{name}", self._channels[name], f"{token}.{name}"), people))
        for name, actor in zip(MEMBERS, people, strict=True):
            rooms.append(
                (PreviewRoom(f"@{name} (DM)", actor.user.dm_channel, f"{token}.dm-{name.lower()}"), [actor.user])
            )
        await env.settle()
        return rooms

    def threads(self) -> list[tuple[PreviewRoom, Sequence[Any]]]:
        """Return the threads of the server, each as a room."""
        found = [thread for channel in self._channels.values() for thread in channel.threads]
        return [(PreviewRoom(f"↳ {one.name}", one, f"{self._token}.{one.id}"), self._people) for one in found]

    async def welcome(self, locale: str) -> None:
        """Explain what the channels are for, and post a welcome in the first, in the language of the first visitor."""
        backend = self._env.backend
        backend.edit_guild(_SERVER, {"preferred_locale": locale})
        for (_, topic), channel in zip(CHANNELS, self._channels.values(), strict=True):
            backend.edit_channel(channel.id, {"topic": translate(topic, locale)})
        channel = self.bot.get_channel(next(iter(self._channels.values())).id)
        assert isinstance(channel, discord.TextChannel)
        named = {name: f"<#{one.id}>" for name, one in self._channels.items()}
        worked = self._new.exists() or self._filled.exists()
        said = [build_welcome_text(locale), *(["", build_team_text(locale, **named)] if worked else [])]
        said.append(f"-# {writer_line(self.bot.app.engines.first, locale)}")
        with self._env._bot_scope():
            await asyncio.create_task(_post_message(channel, "\n".join(said)))
            self._work = asyncio.create_task(self._set_to_work(locale))

    async def _set_to_work(self, locale: str) -> None:
        """Fill an empty server; at a later start show what is under review, as the messages of the last one are gone."""
        team = self.team
        try:
            if self._new.exists():
                self._new.unlink()  # First, so that a partial filling is not repeated.
                zone = load_zones().get(get_local_timezone().casefold(), "UTC")
                await fill_server(self.bot, team, locale, zone)
                await asyncio.to_thread(self._filled.touch)
            else:
                await show_open_work(self.bot, team)
        except Exception:  # The playground works without it.
            log.exception("the workspace could not be set to work")

    @property
    def team(self) -> PlaygroundTeam:
        """The server with its members."""
        channels = {name: str(one.id) for name, one in self._channels.items()}
        return PlaygroundTeam(str(_SERVER), channels, self._members, MEMBERS)

    async def done(self) -> None:
        """Wait until the team is at work."""
        if self._work is not None:
            await self._work

    async def close(self) -> None:
        """Cancel running tasks."""
        if self._work is not None:
            self._work.cancel()
            await asyncio.wait([self._work])


async def _open_threads(env: LiveEnv, hub: PreviewHub, studio: PlaygroundServer) -> None:
    """Open a room for each thread that has none yet."""
    known = {room.channel.id for room, _ in hub.rooms.values()}
    for room, viewers in studio.threads():
        if room.channel.id not in known:
            await _open_room(env, hub, room, viewers)


async def _post_message(channel: discord.TextChannel, said: str) -> None:
    await channel.send(view=note_view(said))


async def _open_room(env: LiveEnv, hub: PreviewHub, room: PreviewRoom, viewers: Sequence[Any]) -> None:
    # Replaces the single preview that simcord expects, as there is one for each room.
    env._preview = hub.facade  # type: ignore[assignment]
    preview = LivePreview(env, room, hub, viewers=viewers, timezone=get_local_timezone())
    await preview.__aenter__()
    hub.rooms[room.capability] = (room, preview)
    env._preview = hub.facade  # type: ignore[assignment]


async def _wait_until_ended(hub: PreviewHub, stop: asyncio.Event, *, browser: bool) -> None:
    ended = [asyncio.create_task(preview.wait_closed()) for _, preview in hub.rooms.values()]
    waiter = asyncio.create_task(stop.wait())
    print(hub.invitation(), flush=True)
    print("Only you can open the page: the address works in one browser. Stop with Ctrl-C.", file=sys.stderr)
    if browser and not await asyncio.to_thread(webbrowser.open, hub.invitation()):
        print(UNOPENED_MESSAGE, file=sys.stderr)
    try:
        await asyncio.wait([waiter, *ended], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (waiter, *ended):
            task.cancel()
        await asyncio.gather(waiter, *ended, return_exceptions=True)


def get_local_timezone() -> str:
    """Return the IANA name of the local time zone, or UTC."""
    _, found, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if found else os.environ.get("TZ", "UTC") or "UTC"


@contextlib.contextmanager
def _handle_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    numbers = (signal.SIGINT, signal.SIGTERM)
    for number in numbers:
        with contextlib.suppress(NotImplementedError):  # Windows sends KeyboardInterrupt instead.
            loop.add_signal_handler(number, stop.set)
    try:
        yield
    finally:
        for number in numbers:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)
