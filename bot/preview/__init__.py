"""`quillmate preview`: the real bot on a local page that looks like Discord. Needs the extra `preview`.

It builds on inner parts of simcord, so that package's version is pinned, and tests open the page in Chromium.
"""

from __future__ import annotations

import asyncio
import contextlib
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

from bot.app import App, build_engines
from bot.client import QuillmateBot
from bot.engines import Engine
from bot.errors import SettingsError
from bot.locales import translate
from bot.replies.views import note_view
from bot.replies.writer import writer_line
from bot.settings import Settings, may_be_written

from .page import Hub, LivePreview, Room
from .welcome import welcome_text
from .world import LiveEnv

CHANNELS = (
    ("marketing", "Posts, mails and ads"),
    ("classroom", "Lessons and quizzes"),
    ("art", "Prompts for pictures"),
)
# Fixed ids, so that a profile is still there at the next start.
MEMBERS = {"Ada": 100_000_000_000_000_001, "Ben": 100_000_000_000_000_002}
UNOPENED = (
    "No browser opened the page, so open the address above yourself. Chromium starts neither as root nor without a sandbox: "
    "use another account or browser for it, or start it with --no-sandbox."
)


async def playground(settings: Settings, *, port: int, browser: bool, engines: Sequence[Any] | None = None) -> int:
    """Serves the page until Ctrl-C or its "End the playground".

    Raises:
        SettingsError: the port is taken, or the data folder cannot be written.
    """
    may_be_written(settings)
    engines = engines or build_engines(settings)  # Of the settings as they are: models lie in the data folder itself.
    folder = settings.data / "preview"
    folder.mkdir(exist_ok=True)
    settings = settings.model_copy(
        # A file of its own: servers that are made up would be noted among the real ones. Whoever looks has no others to spare.
        update={"data": folder, "database": f"sqlite:///{folder / 'quillmate.db'}", "limits": "none"}
    )
    lock = FileLock(folder / "run.lock")
    hub = Hub(port)
    await hub.start()
    try:
        lock.acquire(blocking=False)
        # Its Discord is new at every start, so what was pending in the last one has nowhere to go.
        for file in folder.glob("jobs.db*"):
            file.unlink()
        async with App(settings, engines=engines, read_by_operator=True) as app:
            await _load(app)
            await _serve(QuillmateBot(app), hub, browser=browser)
    except Timeout:
        raise SettingsError(f"Another preview runs on {folder}. End it, or set QUILLMATE_DATA.") from None
    finally:
        lock.release()
        await hub.close()
    return 0


async def _load(app: App) -> None:
    """Loads the model before the page opens, with progress on a terminal."""
    console = Console(stderr=True)
    with console.status(f"Loading {app.engines.first.label}…") if console.is_terminal else contextlib.nullcontext():
        await asyncio.wait([app.engines.first.load()])


async def _serve(bot: QuillmateBot, hub: Hub, *, browser: bool) -> None:
    env, stop, token = LiveEnv(bot, bot_name="Quillmate"), asyncio.Event(), secrets.token_urlsafe(16)
    with _signals(stop):
        try:
            await env.start()
            rooms = await _furnish(env, token)
            hub.greet = partial(_welcome, env, bot, [room for room, _ in rooms])
            for room, viewers in rooms:
                await _open(env, hub, room, viewers)
            await _until_ended(hub, stop, browser=browser)
        finally:
            if env._started:
                await bot.end_work(0)
                with contextlib.suppress(Exception), env._bot_scope():
                    await bot.close()
                await env.shutdown()


async def _furnish(env: LiveEnv, token: str) -> list[tuple[Room, Sequence[Any]]]:
    """The server, its channels and people, and a direct message room for each of them."""
    guild = env.create_guild("Studio")
    people = [guild.add_member(env.person(name, at)) for name, at in MEMBERS.items()]
    rooms: list[tuple[Room, Sequence[Any]]] = [
        (Room(f"#{name}", guild.create_text_channel(name, topic=topic), f"{token}.{name}"), people)
        for name, topic in CHANNELS
    ]
    for person, name in zip(people, MEMBERS, strict=True):
        rooms.append((Room(f"@{name} (DM)", person.user.dm_channel, f"{token}.dm-{name.lower()}"), [person.user]))
    await env.settle()
    return rooms


async def _welcome(env: LiveEnv, bot: QuillmateBot, rooms: Sequence[Room], locale: str) -> None:
    """Tells what the channels are for, and says welcome in the first, in the language of whoever is the first to come in."""
    for room, (_, topic) in zip(rooms, CHANNELS, strict=False):
        env.backend.edit_channel(room.channel.id, {"topic": translate(topic, locale)})
    channel = bot.get_channel(rooms[0].channel.id)
    assert isinstance(channel, discord.TextChannel)
    with env._bot_scope():
        await asyncio.create_task(_post(channel, bot.app.engines.first, locale))


async def _post(channel: discord.TextChannel, engine: Engine, locale: str) -> None:
    await channel.send(view=note_view(f"{welcome_text(locale)}\n-# {writer_line(engine, locale)}"))


async def _open(env: LiveEnv, hub: Hub, room: Room, viewers: Sequence[Any]) -> None:
    # Stands for the one preview that simcord knows of, as there is one for each room.
    env._preview = hub.facade  # type: ignore[assignment]
    preview = LivePreview(env, room, hub, viewers=viewers, timezone=local_timezone())
    await preview.__aenter__()
    hub.rooms[room.capability] = (room, preview)
    env._preview = hub.facade  # type: ignore[assignment]


async def _until_ended(hub: Hub, stop: asyncio.Event, *, browser: bool) -> None:
    ended = [asyncio.create_task(preview.wait_closed()) for _, preview in hub.rooms.values()]
    waiter = asyncio.create_task(stop.wait())
    print(hub.invitation(), flush=True)
    print("The page is yours alone: the address opens it in one browser. Ctrl-C ends it.", file=sys.stderr)
    if browser and not await asyncio.to_thread(webbrowser.open, hub.invitation()):
        print(UNOPENED, file=sys.stderr)
    try:
        await asyncio.wait([waiter, *ended], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (waiter, *ended):
            task.cancel()
        await asyncio.gather(waiter, *ended, return_exceptions=True)


def local_timezone() -> str:
    """The IANA name of the local time zone, or UTC."""
    _, found, name = str(Path("/etc/localtime").resolve()).partition("zoneinfo/")
    return name if found else os.environ.get("TZ", "UTC") or "UTC"


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
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
