"""`quillmate run`: the bot on Discord, from login to a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
from pathlib import Path

import aiohttp
import discord

from bot.app import App
from bot.client import QuillmateBot
from bot.errors import SettingsError
from bot.models.offers import find_models, in_a_line
from bot.runtime import watch as watching
from bot.runtime.lease import STOP_SECONDS, Lease, place_of
from bot.runtime.watch import ALIVE, GIVEN_UP, Watch, tell
from bot.settings import Settings

from .endpoints import Endpoints, is_connected
from .keys import alone

log = logging.getLogger(__name__)

_WHERE = "Get one at https://discord.com/developers/applications, under Bot, Reset Token."
_ANSWERED = (
    "Discord answered with {status} and does not let me start. See https://discordstatus.com and try again later."
)
_ENDED = "Discord has ended the connection ({code}). Start again; what was asked meanwhile is answered then."
_REVOKED = f"Discord does not take DISCORD_TOKEN any more. {_WHERE}"
# How Discord closes a connection whose token has been reset meanwhile.
_NOT_AUTHENTICATED = 4004


async def run_bot(settings: Settings) -> int:
    """Runs until told to stop.

    Raises:
        SettingsError: there is no token, Discord refuses it, or another process runs on the same data or with the same slot.
    """
    token = settings.token.get_secret_value().strip()
    if not token:
        raise SettingsError(f"DISCORD_TOKEN is not set. {_WHERE}")
    if not token.isprintable():
        raise SettingsError(f"DISCORD_TOKEN holds a line break or another mark that no token has. {_WHERE}")
    with alone(settings):
        place = place_of(settings.data)
        async with App(settings) as app, Lease(app.store.leases, settings.slot, place) as lease:
            with Watch(lambda: lease.left, STOP_SECONDS / 2) as watch:
                bot = QuillmateBot(app, lease=lease)
                async with Endpoints(bot, lease, watch):
                    await _serve(bot, token, settings, watch, lease)
    return GIVEN_UP if lease.lost.is_set() else 0


async def _serve(bot: QuillmateBot, token: str, settings: Settings, watch: Watch, lease: Lease) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows sends KeyboardInterrupt instead.
            loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(bot.start(token), name="bot")
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
            tell("STOPPING=1")
            if not bot.on_first_ready.is_set():  # Still starting: nothing was promised to anybody yet.
                running.cancel()
                await asyncio.wait([running])
            # Without its lease it may finish nothing: whoever has the slot next answers what is kept.
            wait = bot.on_first_ready.is_set() and not lease.lost.is_set()
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


async def _beat(bot: QuillmateBot, file: Path, watch: Watch) -> None:
    """Touches a file while the bot is connected, and tells systemd and its own watch the same."""
    ready, seconds = False, min(watching.BEAT_SECONDS, watching.LOOP_SECONDS / 4)
    while True:
        connected = is_connected(bot)
        watch.beat(connected=connected)
        if connected:
            tell("WATCHDOG=1" if ready else "READY=1")
            ready = True
            with contextlib.suppress(OSError):  # Then it grows old, which is what should be seen.
                await asyncio.to_thread(file.touch)
        if bot.on_first_ready.is_set():
            await asyncio.sleep(seconds)
        else:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bot.on_first_ready.wait(), seconds)


async def _invite(bot: QuillmateBot) -> None:
    await bot.on_first_ready.wait()
    print(f"Ready as {bot.user}. Invite me: {bot.invite}", flush=True)
    print(f"Or install me for yourself alone: {for_oneself(bot.application_id or 0)}", flush=True)
    if bot.app.engines.first.traits.small and (found := in_a_line(await find_models(os.environ))):
        print(f"{bot.app.engines.first.label} writes; {found}", flush=True)


def for_oneself(application_id: int) -> str:
    """The address that installs the bot for one person, in all places; without a bot user, which such an installation has not."""
    return f"{discord.utils.oauth_url(application_id, scopes=('applications.commands',))}&integration_type=1"
