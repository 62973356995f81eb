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
from bot.interactions.components import PersistentItem
from bot.interactions.model import show_models
from bot.interactions.operator import is_operator
from bot.kinds import load_kinds
from bot.locales import localize, translate
from bot.replies.views import Layout, note_view
from bot.requests.job_errors import JobsError
from bot.requests.sound_jobs import TITLES
from bot.runtime.active_requests import TrackedRequest, list_active

_OPERATORS_ONLY = "This is for the people who run this bot."
# Interval of checks during a drain, and the time for which Discord allows edits of a response, in seconds.
LOOK_SECONDS, _TOKEN_SECONDS = 2.0, 840.0
# Maximum seconds that a request gets to end; a blocked one ends only with the process.
_END_SECONDS = 10.0
# Maximum seconds to wait for the database to report the requests of other processes.
_DATABASE_SECONDS = 2.0
# Labels of the stages of a request.
AT = {
    "prepare": "getting ready",
    "wait": "waiting for its turn",
    "write": "writing",
    "measure": "checking",
    "deliver": "sending",
}
_ACCEPTING = "I am accepting requests. Running: {running}, waiting: {waiting}."
_NOT_ACCEPTING = "I am paused and accept no new requests. Running: {running}, waiting: {waiting}."
_PAUSED = "Paused. I accept no new requests until you resume, even after a restart. Running requests continue."
_PAUSED_UNSAVED = "Paused until you resume or restart me, and only in this process: the pause could not be saved."
_RESUMED = "I am accepting requests again."
_RESUMED_UNSAVED = (
    "I am accepting requests again, but other processes stay paused, and so do I after a restart: "
    "this could not be saved."
)
_DRAINING = "I accept no new requests. Still running: {count}."
_DRAINED = "Done. Nothing is running any more, and I accept no new requests until you resume."
_DRAIN_ABORTED = "I am accepting requests again, so I stopped waiting for the rest to finish."
_NONE_RUNNING = "Nothing is running."
_LONGEST = "Running longest: {kind}, {stage}, for {seconds} s (request {id})."
_LONGEST_ELSEWHERE = "Running longest: {seconds} s, in another process (request {id})."
_NOT_RUNNING = "That request is no longer running."
_ENDED = "Ended. The person who asked has been notified."
_DOES_NOT_END = "That request does not stop. A restart ends it and then resumes it."
# Label and emoji of each action.
ACTIONS = {
    "pause": ("Pause", "⏸️"),
    "resume": ("Resume", "▶️"),
    "drain": ("Drain", "🪣"),
    "longest": ("Running longest", "⏱️"),
    "model": ("Change model", "✍️"),
}


async def _require_operator(interaction: Interaction) -> None:
    """Raise RefusedError unless the user is an operator."""
    if not await is_operator(interaction):
        raise RefusedError(_OPERATORS_ONLY)


class AdminButton(PersistentItem[discord.ui.Button[Any]], template=r"quilladmin:(?P<action>[a-z]+)"):
    """A button for an operator's action on the bot."""

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
                await whisper(interaction, translate(_PAUSED if await app.pause.begin() else _PAUSED_UNSAVED, locale))
            case "resume":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await whisper(interaction, translate(_RESUMED if await app.pause.end() else _RESUMED_UNSAVED, locale))
            case "drain":
                await _drain(interaction)
            case "longest":
                await interaction.response.defer(ephemeral=True, thinking=True)
                await whisper(interaction, await _build_longest_request_view(interaction.client, locale))
            case "model":
                await show_models(interaction)


class EndButton(PersistentItem[discord.ui.Button[Any]], template=r"quilladmin:end:(?P<job_id>[\w-]{1,60})"):
    """A button that ends a request."""

    def __init__(self, job_id: str, locale: str = "en") -> None:
        label = translate("End it", locale)
        super().__init__(
            discord.ui.Button(custom_id=f"quilladmin:end:{job_id}", label=label, style=discord.ButtonStyle.danger)
        )
        self._job_id = job_id

    async def act(self, interaction: Interaction) -> None:
        """End the request, and report the outcome."""
        await _require_operator(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            async with asyncio.timeout(_END_SECONDS):
                has_ended = await interaction.client.desk.jobs.end(self._job_id)
        except TimeoutError:
            raise RefusedError(_DOES_NOT_END) from None
        await whisper(interaction, translate(_ENDED if has_ended else _NOT_RUNNING, interaction.locale.value))


async def _drain(interaction: Interaction) -> None:
    """Refuse new requests, and report when all running ones are done: in the response, or in a direct message once the
    response can no longer be edited.
    """
    bot, locale, started_at = interaction.client, interaction.locale.value, time.monotonic()
    await interaction.response.defer(ephemeral=True, thinking=True)
    await bot.app.pause.begin()
    shown_count = 0
    while bot.app.pause.on and (count := await _count_requests(bot, shown_count)):
        if count != shown_count and time.monotonic() - started_at < _TOKEN_SECONDS:
            view = note_view(localize(Phrase(_DRAINING, count=count), locale))
            await interaction.edit_original_response(view=view)
            shown_count = count
        await asyncio.sleep(LOOK_SECONDS)
    outcome_view = note_view(translate(_DRAINED if bot.app.pause.on else _DRAIN_ABORTED, locale))
    if time.monotonic() - started_at < _TOKEN_SECONDS:
        await interaction.edit_original_response(view=outcome_view)
    else:
        await bot.direct(interaction).finish(outcome_view)


async def _count_requests(bot: QuillmateBot, last_count: int) -> int:
    """Count the requests under way in all processes: durable ones, queued ones, and other ones of this process.

    If the database does not answer, requests of other processes may still be running, so at least one is counted, or
    `last_count`.
    """
    others = sum(not bot.desk.jobs.is_running(request.id) for request in list_active())
    try:
        return bot.desk.jobs.running_count + others + len(await bot.desk.jobs.list_elsewhere())
    except JobsError:
        return max(last_count, 1)


async def _build_longest_request_view(bot: QuillmateBot, locale: str) -> Layout:
    """Build the view of the request that has run longest in any process, with a button that ends it."""
    local_request = next((request for request in list_active() if bot.desk.jobs.is_running(request.id)), None)
    remote_request = min(
        (request for request in await bot.desk.jobs.list_elsewhere() if request.is_started),
        key=lambda request: request.started_at,
        default=None,
    )
    if remote_request is not None and (
        local_request is None or local_request.seconds < time.time() - remote_request.started_at
    ):
        seconds, job_id = max(round(time.time() - remote_request.started_at), 0), remote_request.id
        longest = Phrase(_LONGEST_ELSEWHERE, seconds=seconds, id=job_id)
    elif local_request is not None:
        stage, job_id = translate(AT.get(local_request.stage, AT["prepare"]), locale), local_request.id
        longest = Phrase(
            _LONGEST,
            kind=_format_title(local_request, locale),
            stage=stage,
            seconds=round(local_request.seconds),
            id=job_id,
        )
    else:
        return note_view(translate(_NONE_RUNNING, locale))
    view = note_view(localize(longest, locale))
    view.add_item(discord.ui.ActionRow(EndButton(job_id, locale)))
    return view


def _format_title(request: TrackedRequest, locale: str) -> str:
    """Return the title of a request's kind, or of the activity that it is counted as."""
    if kind := load_kinds().get(request.kind):
        return translate(kind.title, locale)
    return translate(TITLES[request.kind], locale) if request.kind in TITLES else request.kind or "?"


class AdminCommand(commands.Cog):
    """The command for operators."""

    @app_commands.command(name="admin", description="Pause me, drain me or end a request, if you run this bot")
    async def admin(self, interaction: Interaction) -> None:
        """Show the bot's state, and the available actions."""
        await _require_operator(interaction)
        locale, paused = interaction.locale.value, interaction.client.app.pause.on
        is_waiting = [request.stage == "wait" for request in list_active()]
        # The operator may want to pause because the database does not answer.
        with contextlib.suppress(JobsError, TimeoutError):
            async with asyncio.timeout(_DATABASE_SECONDS):
                is_waiting += [
                    not request.is_started for request in await interaction.client.desk.jobs.list_elsewhere()
                ]
        state = Phrase(
            _NOT_ACCEPTING if paused else _ACCEPTING, running=is_waiting.count(False), waiting=is_waiting.count(True)
        )
        view = note_view(localize(state, locale))
        actions = [action for action in ACTIONS if action != ("pause" if paused else "resume")]
        view.add_item(discord.ui.ActionRow(*(AdminButton(action, locale) for action in actions)))
        await whisper(interaction, view)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its buttons, so that old ones work, too."""
    bot.add_dynamic_items(EndButton, AdminButton)
    await bot.add_cog(AdminCommand())
