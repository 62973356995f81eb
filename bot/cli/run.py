"""`quillmate run`: the bot on Discord, from login to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import discord

from bot.app import App
from bot.client import QuillmateBot
from bot.errors import SettingsError
from bot.models.offers import find_models, format_offers
from bot.runtime import watchdog as watching
from bot.runtime.lease import LOOK_SECONDS, SHARD, SINGLE_PROCESS_PATIENCE, Lease, load_place_id
from bot.runtime.shards import build_all_shards, parse_shards
from bot.runtime.watchdog import ALIVE, GIVEN_UP, Watchdog, notify_systemd
from bot.settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.leases import Leases

from .endpoints import Endpoints, is_connected
from .keys import alone

log = logging.getLogger(__name__)

_WHERE = "Get one at https://discord.com/developers/applications, under Bot, Reset Token."
_ANSWERED = (
    "Discord answered with {status} and does not let me start. See https://discordstatus.com and try again later."
)
_ENDED = "Discord has ended the connection ({code}). Start again; what was asked meanwhile is answered then."
_REVOKED = f"Discord does not take DISCORD_TOKEN any more. {_WHERE}"
_ALONE = (
    "Processes share requests through a PostgreSQL server. Set QUILLMATE_DATABASE to one, such as "
    "postgresql://user:password@host/quillmate."
)
# One renews the lease, one asks whether it is held.
_LEASE_CONNECTIONS = 2
_STANDING_BY = "another process serves these shards: waiting for them, and working meanwhile"
_WAITING = "another process serves these shards: waiting for them"
# How Discord closes a connection whose token has been reset meanwhile.
_NOT_AUTHENTICATED = 4004


async def run_bot(settings: Settings, *, hears: bool = True, works: bool = True) -> int:
    """Runs until told to stop.

    Without `hears` it only carries out what other processes on the same database have taken, without `works` it only takes what
    others carry out.

    Raises:
        SettingsError: there is no token, Discord refuses it, or another process runs on the same data or with the same slot.
    """
    if not (hears and works) and not settings.database.startswith("postgres"):
        raise SettingsError(_ALONE)
    token = settings.token.get_secret_value().strip()
    if not token:
        raise SettingsError(f"DISCORD_TOKEN is not set. {_WHERE}")
    if not token.isprintable():
        raise SettingsError(f"DISCORD_TOKEN holds a line break or another mark that no token has. {_WHERE}")
    with alone(settings):
        place = load_place_id(settings.data)
        patience = SINGLE_PROCESS_PATIENCE if settings.jobs_url.startswith("sqlite") else 1.0
        async with (
            App(settings) as app,
            _leases(app.store.database) as leases,
            Lease(leases, settings.slot, place, patience=patience) as lease,
        ):
            with Watchdog(lambda: lease.seconds_left, lease.stop_seconds / 2) as watch:
                bot = QuillmateBot(app, lease=lease, works=works, hears=hears)
                async with Endpoints(bot, lease, watch):
                    await _serve(bot, _live(bot, token, lease, hears=hears), settings, watch, lease)
    return GIVEN_UP if lease.lost.is_set() else 0


@asynccontextmanager
async def _leases(database: Database) -> AsyncIterator[Leases]:
    """The leases; on a server over connections of their own, so that renewing one waits for nothing that requests do there."""
    if database.is_embedded:
        yield Leases(database)
        return
    own = Database(database.url.render_as_string(hide_password=False), connections=_LEASE_CONNECTIONS)
    try:
        yield Leases(own)
    finally:
        await own.close()


async def _live(bot: QuillmateBot, token: str, lease: Lease, *, hears: bool) -> None:
    """Works, and serves its shards of Discord as soon as no other process does."""
    await bot.login(token)
    if not hears:
        bot.begin()
        print(f"Working as {bot.user}, without a gateway.", flush=True)
        await asyncio.Event().wait()
    shards = parse_shards(bot.app.settings.shards) or build_all_shards((await bot.http.get_bot_gateway())[0])
    names = [f"{SHARD}{one}" for one in shards.names]
    if not await lease.claim(names, alike=SHARD):
        log.warning(_STANDING_BY if bot.works else _WAITING, extra={"shards": str(shards)})
        bot.begin()
        while not await _claimed(lease, names):
            await asyncio.sleep(LOOK_SECONDS)
        log.warning("nobody else serves these shards any more: connecting them", extra={"shards": str(shards)})
    bot.hear(shards)
    await bot.connect()


async def _claimed(lease: Lease, names: list[str]) -> bool:
    with contextlib.suppress(StorageError):  # The lease itself tells how long the database may be away.
        return await lease.claim(names, alike=SHARD)
    return False


async def _serve(
    bot: QuillmateBot, live: Coroutine[Any, Any, None], settings: Settings, watch: Watchdog, lease: Lease
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows sends KeyboardInterrupt instead.
            loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(live, name="bot")
    stopping = asyncio.create_task(stop.wait(), name="stop")
    losing = asyncio.create_task(lease.lost.wait(), name="lose")
    beside = [
        asyncio.create_task(_invite(bot), name="invite"),
        asyncio.create_task(_beat(bot, settings.data / ALIVE, watch), name="beat"),
    ]
    try:
        await asyncio.wait([running, stopping, losing], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() or lease.lost.is_set():
            log.info("stopping")
            notify_systemd("STOPPING=1")
            if not bot.on_first_ready.is_set():  # It hears nothing of Discord yet, or never will.
                running.cancel()
                await asyncio.wait([running])
            # Still starting, it has promised nothing to anybody yet. Without its lease it may finish nothing: whoever has the slot
            # next answers what is kept.
            wait = bot.at_work.is_set() and not lease.lost.is_set()
            await bot.stop(settings.grace if wait else 0)
            await asyncio.wait([running])  # It ends with whatever was cut off, which is no error now.
            return
        await running
    except discord.LoginFailure:
        raise SettingsError(f"Discord refused DISCORD_TOKEN. {_WHERE}") from None
    except aiohttp.ClientError as error:
        raise SettingsError("Discord cannot be reached. Check the network, then start again.") from error
    except discord.ConnectionClosed as error:
        revoked = error.code == _NOT_AUTHENTICATED
        raise SettingsError(_REVOKED if revoked else _ENDED.format(code=error.code)) from error
    except discord.HTTPException as error:
        raise SettingsError(_ANSWERED.format(status=error.status)) from error
    finally:
        for task in (stopping, losing, running, *beside):
            task.cancel()
        await asyncio.gather(stopping, losing, running, *beside, return_exceptions=True)
        await bot.end_work(0)
        if not bot.is_closed():
            await bot.close()


async def _beat(bot: QuillmateBot, file: Path, watch: Watchdog) -> None:
    """Touches a file while the bot is connected to what it serves, and tells systemd and its own watch the same."""
    ready, seconds = False, min(watching.BEAT_SECONDS, watching.LOOP_SECONDS / 4)
    while True:
        connected = is_connected(bot)
        watch.beat(connected=connected)
        if connected:
            notify_systemd("WATCHDOG=1" if ready else "READY=1")
            ready = True
            with contextlib.suppress(OSError):  # Then it grows old, which is what should be seen.
                await asyncio.to_thread(file.touch)
        if bot.at_work.is_set():
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bot.at_work.wait(), seconds)


async def _invite(bot: QuillmateBot) -> None:
    await bot.on_first_ready.wait()
    print(f"Ready as {bot.user}. Invite me: {bot.invite}", flush=True)
    print(f"Or install me for yourself alone: {for_oneself(bot.application_id or 0)}", flush=True)
    if bot.app.engines.first.traits.small and (found := format_offers(await find_models(os.environ))):
        print(f"{bot.app.engines.first.label} writes; {found}", flush=True)


def for_oneself(application_id: int) -> str:
    """The address that installs the bot for one person, in all places; without a bot user, which such an installation has not."""
    return f"{discord.utils.oauth_url(application_id, scopes=('applications.commands',))}&integration_type=1"
