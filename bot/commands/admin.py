"""/admin: operators pause the bot, drain it, change its model, and end a stuck request."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import Phrase, RefusedError
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.replies.views import Layout, note_view
from bot.requests.job_errors import JobsError
from bot.requests.sound_jobs import TITLES
from bot.runtime.progress import TrackedRequest, list_active

from ._components import PersistentItem
from ._model import show_models
from ._operator import is_operator

_NOT_YOURS = "This is for the people who run this bot."
# Seconds between checks of running requests during a drain, and for which Discord allows editing the response.
LOOK_SECONDS, _TOKEN_SECONDS = 2.0, 840.0
# A request that is blocked and does not end within this time ends with the process.
_END_SECONDS = 10.0
# How long the database may take to say what other processes do.
_DATABASE_SECONDS = 2.0
# Labels of the stages of a request.
AT = {
    "prepare": "getting ready",
    "wait": "waiting for its turn",
    "write": "writing",
    "measure": "checking",
    "deliver": "sending",
}
_TAKES = "I am accepting requests. Running: {running}, waiting: {waiting}."
_TAKES_NONE = "I am paused and accept no new requests. Running: {running}, waiting: {waiting}."
_PAUSED = "Paused. I accept no new requests until you resume, even after a restart. Running requests continue."
_PAUSED_UNTIL = "Paused until you resume or restart me, and only in this process: the pause could not be saved."
_RESUMED = "I am accepting requests again."
_RESUMED_UNTIL = "I am accepting requests again, but other processes stay paused, and so do I after a restart: this could not be saved."
_DRAINING = "I accept no new requests. Still running: {count}."
_DRAINED = "Done. Nothing is running any more, and I accept no new requests until you resume."
_BROKEN_OFF = "I am accepting requests again, so I stopped waiting for the rest to finish."
_NOTHING = "Nothing is running."
_MAX = "Running longest: {kind}, {stage}, for {seconds} s (request {id})."
_MAX_ELSEWHERE = "Running longest: {seconds} s, in another process (request {id})."
_OVER = "That request is no longer running."
_ENDED = "Ended. The person who asked has been notified."
_HOLDS_ON = "That request does not stop. A restart ends it and then resumes it."
# Label and emoji of each action.
ACTIONS = {
    "pause": ("Pause", "⏸️"),
    "resume": ("Resume", "▶️"),
    "drain": ("Drain", "🪣"),
    "longest": ("Running longest", "⏱️"),
    "model": ("Change model", "✍️"),
}


async def _require_operator(interaction: Interaction) -> None:
    """Raise RefusedError for anyone but operators."""
    if not await is_operator(interaction):
        raise RefusedError(_NOT_YOURS)


class AdminButton(PersistentItem[discord.ui.Button[Any]], template=r"quilladmin:(?P<action>[a-z]+)"):
    """An operator's action on the bot; works after a restart."""

    def __init__(self, action: str, locale: str = "en") -> None:
        label, emoji = ACTIONS.get(action, ("", None))
        super().__init__(
            discord.ui.Button(custom_id=f"quilladmin:{action}", label=translate(label, locale), emoji=emoji)
        )
        self._action = action

    async def act(self, interaction: Interaction) -> None:
        """Run the action."""
        await _require_operator(interaction)
        app, locale = interaction.client.app, interaction.locale.value
        match self._action:
            case "pause":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await whisper(interaction, translate(_PAUSED if await app.pause.begin() else _PAUSED_UNTIL, locale))
            case "resume":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await whisper(interaction, translate(_RESUMED if await app.pause.end() else _RESUMED_UNTIL, locale))
            case "drain":
                await _drain(interaction)
            case "longest":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await whisper(interaction, await _build_longest_request_view(interaction.client, locale))
            case "model":
                await show_models(interaction)


class EndButton(PersistentItem[discord.ui.Button[Any]], template=r"quilladmin:end:(?P<job_id>[\w-]{1,60})"):
    """End a request."""

    def __init__(self, job_id: str, locale: str = "en") -> None:
        label = translate("End it", locale)
        super().__init__(
            discord.ui.Button(custom_id=f"quilladmin:end:{job_id}", label=label, style=discord.ButtonStyle.danger)
        )
        self._job_id = job_id

    async def act(self, interaction: Interaction) -> None:
        """End it, and report the outcome."""
        await _require_operator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            async with asyncio.timeout(_END_SECONDS):
                has_ended = await interaction.client.desk.jobs.end(self._job_id)
        except TimeoutError:
            raise RefusedError(_HOLDS_ON) from None
        await whisper(interaction, translate(_ENDED if has_ended else _OVER, interaction.locale.value))


async def _drain(interaction: Interaction) -> None:
    """Refuse new requests, and report when all running ones are done: in the response, or in a direct message once the
    response can no longer be edited.
    """
    bot, locale, began = interaction.client, interaction.locale.value, time.monotonic()
    await interaction.response.defer(ephemeral=True, thinking=True)
    await bot.app.pause.begin()
    shown_count = 0
    while bot.app.pause.on and (count := await _count_requests(bot, shown_count)):
        if count != shown_count and time.monotonic() - began < _TOKEN_SECONDS:
            view = note_view(localize(Phrase(_DRAINING, count=count), locale))
            await interaction.edit_original_response(view=view)
            shown_count = count
        await asyncio.sleep(LOOK_SECONDS)
    outcome_view = note_view(translate(_DRAINED if bot.app.pause.on else _BROKEN_OFF, locale))
    if time.monotonic() - began < _TOKEN_SECONDS:
        await interaction.edit_original_response(view=outcome_view)
    else:
        await bot.direct(interaction).finish(outcome_view)


async def _count_requests(bot: QuillmateBot, before: int) -> int:
    """Return how many requests are under way in all processes: durable ones, queued ones, and others of this process.

    While the database does not say, those of other processes may still run: at least one is counted, or as many as `before`.
    """
    others = sum(not bot.desk.jobs.is_running(one.id) for one in list_active())
    try:
        return bot.desk.jobs.running + others + len(await bot.desk.jobs.list_elsewhere())
    except JobsError:
        return max(before, 1)


async def _build_longest_request_view(bot: QuillmateBot, locale: str) -> Layout:
    """Build the view of the request that has run longest in any process, with a button that ends it."""
    local_request = next(
        (active_request for active_request in list_active() if bot.desk.jobs.is_running(active_request.id)), None
    )
    elsewhere = min(
        (
            elsewhere_request
            for elsewhere_request in await bot.desk.jobs.list_elsewhere()
            if elsewhere_request.is_started
        ),
        key=lambda active_request: active_request.started_at,
        default=None,
    )
    if elsewhere is not None and (local_request is None or local_request.seconds < time.time() - elsewhere.started_at):
        seconds, job_id = max(round(time.time() - elsewhere.started_at), 0), elsewhere.id
        longest = Phrase(_MAX_ELSEWHERE, seconds=seconds, id=job_id)
    elif local_request is not None:
        stage, job_id = translate(AT.get(local_request.stage, AT["prepare"]), locale), local_request.id
        longest = Phrase(
            _MAX,
            kind=_format_title(local_request, locale),
            stage=stage,
            seconds=round(local_request.seconds),
            id=job_id,
        )
    else:
        return note_view(translate(_NOTHING, locale))
    view = note_view(localize(longest, locale))
    view.add_item(discord.ui.ActionRow(EndButton(job_id, locale)))
    return view


def _format_title(work: TrackedRequest, locale: str) -> str:
    """Return the title of a request's kind; for some requests only the counted kind is known."""
    if kind := load_kinds().get(work.kind):
        return translate(kind.title, locale)
    return translate(TITLES[work.kind], locale) if work.kind in TITLES else work.kind or "?"


class AdminCommand(commands.Cog):
    """Operators' control of the running bot."""

    @app_commands.command(name="admin", description="Pause me, drain me or end a request, if you run this bot")
    async def admin(self, interaction: Interaction) -> None:
        """Show the bot's state, and the available actions."""
        await _require_operator(interaction)
        locale, paused = interaction.locale.value, interaction.client.app.pause.on
        waits = [one.stage == "wait" for one in list_active()]
        # A pause may be wanted because the database does not answer.
        with contextlib.suppress(JobsError, TimeoutError):
            async with asyncio.timeout(_DATABASE_SECONDS):
                waits += [not one.is_started for one in await interaction.client.desk.jobs.list_elsewhere()]
        state = Phrase(_TAKES_NONE if paused else _TAKES, running=waits.count(False), waiting=waits.count(True))
        view = note_view(localize(state, locale))
        actions = [action for action in ACTIONS if action != ("pause" if paused else "resume")]
        view.add_item(discord.ui.ActionRow(*(AdminButton(action, locale) for action in actions)))
        await whisper(interaction, view)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and make its buttons work after a restart."""
    bot.add_dynamic_items(EndButton, AdminButton)
    await bot.add_cog(AdminCommand())
