"""/admin: the people who run the bot pause it, drain it, change its model, and end a request that is stuck."""

from __future__ import annotations

import asyncio
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
from bot.requests.sound_jobs import TITLES
from bot.runtime.progress import TrackedRequest, list_active

from ._components import Found
from ._model import show_models
from ._operator import runs_the_bot

_NOT_YOURS = "This is for the people who run this bot."
# How often what still runs is looked at while it is drained, and for how long Discord lets what is told be changed.
LOOK_SECONDS, _TOKEN_SECONDS = 2.0, 840.0
# A request that does not end within so long, as something in it holds on, ends with the process.
_END_SECONDS = 10.0
# What a request is at, by the names of its stages.
AT = {
    "prepare": "getting ready",
    "wait": "waiting for its turn",
    "write": "writing",
    "measure": "measuring",
    "deliver": "sending",
}
_TAKES = "I take requests. Running: {running}, waiting: {waiting}."
_TAKES_NONE = "I am paused and take nothing new. Running: {running}, waiting: {waiting}."
_PAUSED = "Paused. Nothing new is taken, also after a restart, until you resume. What runs goes on."
_PAUSED_UNTIL = "Paused until you resume or restart me: the pause could not be saved in my data folder."
_RESUMED = "I take requests again."
_RESUMED_UNTIL = "I take requests again, but after a restart I will be paused: my data folder cannot be changed."
_DRAINING = "Nothing new is taken. Still running: {count}."
_DRAINED = "Done. Nothing runs any more, and nothing new is taken until you resume."
_BROKEN_OFF = "I take requests again, so I stopped waiting for the rest to finish."
_NOTHING = "Nothing is running."
_MAX = "Running longest: {kind}, {stage}, for {seconds} s (request {id})."
_OVER = "That request is no longer running."
_ENDED = "Ended. Whoever asked is told."
_HOLDS_ON = "That request does not let go. It ends when I am restarted; after that it is taken up again."
# What can be done here: a label and a sign.
ACTIONS = {
    "pause": ("Pause", "⏸️"), "resume": ("Resume", "▶️"), "drain": ("Drain", "🪣"), "longest": ("Running longest", "⏱️"),
    "model": ("Change model", "✍️"),
}  # fmt: skip


async def _allow(interaction: Interaction) -> None:
    """Raises RefusedError for anybody but the people who run the bot."""
    if not await runs_the_bot(interaction):
        raise RefusedError(_NOT_YOURS)


class AdminButton(Found[discord.ui.Button[Any]], template=r"quilladmin:(?P<action>[a-z]+)"):
    """Something that whoever runs the bot does with it; works after a restart."""

    def __init__(self, action: str, locale: str = "en") -> None:
        label, emoji = ACTIONS.get(action, ("", None))
        super().__init__(
            discord.ui.Button(custom_id=f"quilladmin:{action}", label=translate(label, locale), emoji=emoji)
        )
        self._action = action

    async def act(self, interaction: Interaction) -> None:
        """Does it."""
        await _allow(interaction)
        app, locale = interaction.client.app, interaction.locale.value
        match self._action:
            case "pause":
                await whisper(interaction, translate(_PAUSED if app.pause.begin() else _PAUSED_UNTIL, locale))
            case "resume":
                await whisper(interaction, translate(_RESUMED if app.pause.end() else _RESUMED_UNTIL, locale))
            case "drain":
                await _drain(interaction)
            case "longest":
                await whisper(interaction, _longest_view(interaction.client, locale))
            case "model":
                await show_models(interaction)


class EndButton(Found[discord.ui.Button[Any]], template=r"quilladmin:end:(?P<job_id>[\w-]{1,60})"):
    """Ends a request."""

    def __init__(self, job_id: str, locale: str = "en") -> None:
        label = translate("End it", locale)
        super().__init__(
            discord.ui.Button(custom_id=f"quilladmin:end:{job_id}", label=label, style=discord.ButtonStyle.danger)
        )
        self._job_id = job_id

    async def act(self, interaction: Interaction) -> None:
        """Ends it, and says what came of that."""
        await _allow(interaction)
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            async with asyncio.timeout(_END_SECONDS):
                ended = await interaction.client.desk.jobs.end(self._job_id)
        except TimeoutError:
            raise RefusedError(_HOLDS_ON) from None
        await whisper(interaction, translate(_ENDED if ended else _OVER, interaction.locale.value))


async def _drain(interaction: Interaction) -> None:
    """Has nothing new taken, and says when all that runs is done; once Discord lets no answer be changed, as a private message."""
    bot, locale, began = interaction.client, interaction.locale.value, time.monotonic()
    await interaction.response.defer(ephemeral=True, thinking=True)
    bot.app.pause.begin()
    shown = 0
    while bot.app.pause.on and (count := _running(bot)):
        if count != shown and time.monotonic() - began < _TOKEN_SECONDS:
            view = note_view(localize(Phrase(_DRAINING, count=count), locale))
            await interaction.edit_original_response(view=view)
            shown = count
        await asyncio.sleep(LOOK_SECONDS)
    done = note_view(translate(_DRAINED if bot.app.pause.on else _BROKEN_OFF, locale))
    if time.monotonic() - began < _TOKEN_SECONDS:
        await interaction.edit_original_response(view=done)
    else:
        await bot.direct(interaction).finish(done)


def _running(bot: QuillmateBot) -> int:
    """How many requests are under way: durable ones, also those that have not begun, and others."""
    others = sum(not bot.desk.jobs.is_running(one.id) for one in list_active())
    return bot.desk.jobs.running + others


def _longest_view(bot: QuillmateBot, locale: str) -> Layout:
    """The request that has run longest, of those that can be ended, with a button that does."""
    work = next((one for one in list_active() if bot.desk.jobs.is_running(one.id)), None)
    if work is None:
        return note_view(translate(_NOTHING, locale))
    told = Phrase(
        _MAX, kind=_title(work, locale), stage=translate(AT.get(work.stage, AT["prepare"]), locale),
        seconds=round(work.seconds), id=work.id,
    )  # fmt: skip
    view = note_view(localize(told, locale))
    view.add_item(discord.ui.ActionRow(EndButton(work.id, locale)))
    return view


def _title(work: TrackedRequest, locale: str) -> str:
    """What a request is for, in words; of some only the name that they are counted as is known."""
    if kind := load_kinds().get(work.kind):
        return translate(kind.title, locale)
    return translate(TITLES[work.kind], locale) if work.kind in TITLES else work.kind or "?"


class AdminCommand(commands.Cog):
    """What the people who run the bot do with it while it runs."""

    @app_commands.command(name="admin", description="Pause me, drain me or end a request, if you run this bot")
    async def admin(self, interaction: Interaction) -> None:
        """Shows how it stands, and what can be done."""
        await _allow(interaction)
        locale, paused = interaction.locale.value, interaction.client.app.pause.on
        works = list_active()
        waiting = sum(one.stage == "wait" for one in works)
        told = Phrase(_TAKES_NONE if paused else _TAKES, running=len(works) - waiting, waiting=waiting)
        view = note_view(localize(told, locale))
        shown = [one for one in ACTIONS if one != ("pause" if paused else "resume")]
        view.add_item(discord.ui.ActionRow(*(AdminButton(one, locale) for one in shown)))
        await whisper(interaction, view)


async def setup(bot: QuillmateBot) -> None:
    """Adds the command, and makes its buttons work after a restart."""
    bot.add_dynamic_items(EndButton, AdminButton)
    await bot.add_cog(AdminCommand())
