"""`quillmate run`: runs the bot on Discord, from login to a clean exit."""

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
from bot.runtime.watchdog import EXIT_TEMPFAIL, HEARTBEAT_FILE, Watchdog, notify_systemd
from bot.settings import Settings
from storage.database import Database
from storage.errors import StorageError
from storage.leases import Leases

from .endpoints import Endpoints, is_connected
from .keys import lock_data_folder

log = logging.getLogger(__name__)

_LOGIN_HELP = "Get one at https://discord.com/developers/applications, under Bot, Reset Token."
_HTTP_ERROR = "Discord answered with status {status} and does not let me start. See https://discordstatus.com and try again later."
_CONNECTION_CLOSED = (
    "Discord has ended the connection ({code}). Start again; requests made in the meantime are answered then."
)
_TOKEN_REVOKED = f"Discord no longer accepts DISCORD_TOKEN. {_LOGIN_HELP}"
_SERVER_NEEDED = (
    "Processes share requests through a PostgreSQL server. Set QUILLMATE_DATABASE to one, such as "
    "postgresql://user:password@host/quillmate."
)
# One for renewal, one for checks.
_LEASE_CONNECTIONS = 2
_STANDING_BY = "another process serves these shards: waiting for them, and working meanwhile"
_WAITING = "another process serves these shards: waiting for them"
# Discord's close code after the token was reset.
_NOT_AUTHENTICATED = 4004


async def run_bot(settings: Settings, *, hears: bool = True, works: bool = True) -> int:
    """Run until stopped. Without `hears` it only carries out requests that other processes on the same database have
    taken, without `works` it only takes requests for others.

    Raises:
        SettingsError: the token is missing or rejected, or another process uses the same data folder or slot.
    """
    if not (hears and works) and not settings.database.startswith("postgres"):
        raise SettingsError(_SERVER_NEEDED)
    token = settings.token.get_secret_value().strip()
    if not token:
        raise SettingsError(f"DISCORD_TOKEN is not set. {_LOGIN_HELP}")
    if not token.isprintable():
        raise SettingsError(
            f"DISCORD_TOKEN contains a line break or another character that no token has. {_LOGIN_HELP}"
        )
    with lock_data_folder(settings):
        place = load_place_id(settings.data)
        patience = SINGLE_PROCESS_PATIENCE if settings.jobs_url.startswith("sqlite") else 1.0
        async with (
            App(settings) as app,
            _open_leases(app.store.database) as leases,
            Lease(leases, settings.slot, place, patience=patience) as lease,
        ):
            with Watchdog(lambda: lease.seconds_left, lease.stop_seconds / 2) as watch:
                bot = QuillmateBot(app, lease=lease, works=works, hears=hears)
                async with Endpoints(bot, lease, watch):
                    await _run_until_stopped(bot, _connect_bot(bot, token, lease, hears=hears), settings, watch, lease)
    return EXIT_TEMPFAIL if lease.lost.is_set() else 0


@asynccontextmanager
async def _open_leases(database: Database) -> AsyncIterator[Leases]:
    """Open the leases; on a server with separate connections, so that renewal does not wait for requests."""
    if database.is_embedded:
        yield Leases(database)
        return
    own = Database(database.url.render_as_string(hide_password=False), max_connections=_LEASE_CONNECTIONS)
    try:
        yield Leases(own)
    finally:
        await own.close()


async def _connect_bot(bot: QuillmateBot, token: str, lease: Lease, *, hears: bool) -> None:
    """Work, and connect to Discord as soon as no other process serves the shards."""
    await bot.login(token)
    if not hears:
        bot.begin()
        print(f"Working as {bot.user}, without a gateway.", flush=True)
        await asyncio.Event().wait()
    shards = parse_shards(bot.app.settings.shards) or build_all_shards((await bot.http.get_bot_gateway())[0])
    names = [f"{SHARD}{one}" for one in shards.names]
    if not await lease.claim(names, conflict_prefix=SHARD):
        log.warning(_STANDING_BY if bot.works else _WAITING, extra={"shards": str(shards)})
        bot.begin()
        while not await _try_claim(lease, names):
            await asyncio.sleep(LOOK_SECONDS)
        log.warning("nobody else serves these shards any more: connecting them", extra={"shards": str(shards)})
    bot.hear(shards)
    await bot.connect()


async def _try_claim(lease: Lease, names: list[str]) -> bool:
    with contextlib.suppress(StorageError):  # The lease decides how long the database may be unavailable.
        return await lease.claim(names, conflict_prefix=SHARD)
    return False


async def _run_until_stopped(
    bot: QuillmateBot, bot_run: Coroutine[Any, Any, None], settings: Settings, watch: Watchdog, lease: Lease
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows raises KeyboardInterrupt instead.
            loop.add_signal_handler(number, stop.set)
    running_task = asyncio.create_task(bot_run, name="bot")
    stopping_task = asyncio.create_task(stop.wait(), name="stop")
    lease_task = asyncio.create_task(lease.lost.wait(), name="lose")
    background_tasks = [
        asyncio.create_task(_print_invite(bot), name="invite"),
        asyncio.create_task(_send_heartbeats(bot, settings.data / HEARTBEAT_FILE, watch), name="beat"),
    ]
    try:
        await asyncio.wait([running_task, stopping_task, lease_task], return_when=asyncio.FIRST_COMPLETED)
        if stop.is_set() or lease.lost.is_set():
            log.info("stopping")
            notify_systemd("STOPPING=1")
            if not bot.on_first_ready.is_set():  # It is not connected to Discord yet, or never will be.
                running_task.cancel()
                await asyncio.wait([running_task])
            # While starting there are no requests yet. Without its lease it may finish nothing: the next process with the slot
            # carries out stored requests.
            wait = bot.at_work.is_set() and not lease.lost.is_set()
            await bot.stop(settings.grace if wait else 0)
            await asyncio.wait([running_task])  # It ends with the interrupted call's exception, which is no error now.
            return
        await running_task
    except discord.LoginFailure:
        raise SettingsError(f"Discord refused DISCORD_TOKEN. {_LOGIN_HELP}") from None
    except discord.PrivilegedIntentsRequired:
        raise SettingsError("Message Content was turned off in the Developer Portal. Start again.") from None
    except aiohttp.ClientError as error:
        raise SettingsError("Discord cannot be reached. Check the network, then start again.") from error
    except discord.ConnectionClosed as error:
        revoked = error.code == _NOT_AUTHENTICATED
        raise SettingsError(_TOKEN_REVOKED if revoked else _CONNECTION_CLOSED.format(code=error.code)) from error
    except discord.HTTPException as error:
        raise SettingsError(_HTTP_ERROR.format(status=error.status)) from error
    finally:
        for task in (stopping_task, lease_task, running_task, *background_tasks):
            task.cancel()
        await asyncio.gather(stopping_task, lease_task, running_task, *background_tasks, return_exceptions=True)
        await bot.end_work(0)
        if not bot.is_closed():
            await bot.close()


async def _send_heartbeats(bot: QuillmateBot, file: Path, watch: Watchdog) -> None:
    """Touch a file while the bot is connected, and notify systemd and the watchdog."""
    ready, seconds = False, min(watching.HEARTBEAT_SECONDS, watching.MAX_LOOP_BLOCKED_SECONDS / 4)
    while True:
        connected = is_connected(bot)
        watch.beat(connected=connected)
        if connected:
            notify_systemd("WATCHDOG=1" if ready else "READY=1")
            ready = True
            with contextlib.suppress(OSError):  # Then the file gets old, which is what monitoring should see.
                await asyncio.to_thread(file.touch)
        if bot.at_work.is_set():
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bot.at_work.wait(), seconds)


async def _print_invite(bot: QuillmateBot) -> None:
    await bot.on_first_ready.wait()
    print(f"Ready as {bot.user}. Invite me: {bot.invite}", flush=True)
    print(f"Or install me just for yourself: {build_user_install_url(bot.application_id or 0)}", flush=True)
    if bot.app.engines.first.traits.small and (found := format_offers(await find_models(os.environ))):
        print(f"{bot.app.engines.first.label} writes; {found}", flush=True)


def build_user_install_url(application_id: int) -> str:
    """Build the URL that installs the bot for one user, in all places; without a bot user, which such installations
    lack.
    """
    return f"{discord.utils.oauth_url(application_id, scopes=('applications.commands',))}&integration_type=1"
