"""Asks simulated readers which of some variants they would choose; its limits are said first."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any

import discord

from bot.client import Interaction, QuillmateBot, member_of
from bot.errors import Phrase, RefusedError
from bot.locales import said, translate
from bot.replies.files import attachment
from bot.replies.panels import NO_SURVEY, panel_picture, panel_text
from bot.replies.views import COLOURS, Layout, note_view
from bot.simulation.panel import LEAST_READERS, MOST_VARIANTS, Reader, Tally, most_readers, panel
from bot.team.workspace.roles import Act
from storage.generations import Generation

from ._aside import asked_aside, tell_notes
from ._components import Form, Found, refuse_while_stopping
from ._intake import harmless
from ._results import own

_ID = r"(?P<generation_id>[\w-]{1,40})"
_SILENT = discord.AllowedMentions.none()
_MOST_AUDIENCE = 300
# How often it is told how far the readers are.
_TOLD_SECONDS = 3.0
_ONE_VARIANT = "There is only one variant left, so there is nothing to choose."
_FAR = "Readers are reading: {done} of {all} comparisons."
_NUMBER = "That is no number of readers: choose from {least} to {most}."


class AskReaders(Found[discord.ui.Button[Any]], template=rf"quillreaders:ask:{_ID}"):
    """The button below variants: asks their owner whom the readers shall stand for, and how many."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillreaders:ask:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Opens the form."""
        refuse_while_stopping(interaction)
        variants = await _variants(interaction, self._result_id)
        audience = str(variants[0].request.get("audience") or "")
        await interaction.response.send_modal(
            ReadersForm(self._result_id, audience, len(variants), interaction.locale.value)
        )


class ReadersForm(Form):
    """Asks for whom the readers stand, and how many there are."""

    def __init__(self, generation_id: str, audience: str, variants: int, locale: str) -> None:
        super().__init__(title=translate("Simulated readers", locale))
        self._result_id, self._most = generation_id, most_readers(variants)
        self.audience: discord.ui.TextInput[ReadersForm] = discord.ui.TextInput(
            required=False, max_length=_MOST_AUDIENCE, default=audience[:_MOST_AUDIENCE] or None
        )
        self.count: discord.ui.TextInput[ReadersForm] = discord.ui.TextInput(
            max_length=2, default=str(LEAST_READERS), placeholder=f"{LEAST_READERS} – {self._most}"
        )
        self.add_item(discord.ui.TextDisplay(translate(NO_SURVEY, locale)))
        self.add_item(discord.ui.Label(text=translate("Whom do they stand for?", locale), component=self.audience))
        self.add_item(discord.ui.Label(text=translate("How many readers?", locale), component=self.count))

    async def act(self, interaction: Interaction) -> None:
        """Has them read, and shows how they chose to whoever asked."""
        refuse_while_stopping(interaction)
        typed = self.count.value.strip()
        if not typed.isdecimal() or not LEAST_READERS <= int(typed) <= self._most:
            raise RefusedError(_NUMBER, least=LEAST_READERS, most=self._most)
        audience = harmless(self.audience.value)
        variants, bot = await _variants(interaction, self._result_id), interaction.client
        kind, engine = variants[0].kind, bot.app.engines.first
        async with asked_aside(interaction, kind, engine, count=len(variants)) as notes:
            await interaction.response.defer(ephemeral=True, thinking=True)
            readers = panel(audience, int(typed), variants[0].seed)
            tally = await _read(interaction, variants, readers)
        locale, texts = interaction.locale.value, [one.text for one in variants]
        view, files = await panel_view(tally, texts, readers, locale)
        await interaction.edit_original_response(view=view, attachments=files, allowed_mentions=_SILENT)
        await tell_notes(interaction, notes)


async def panel_view(
    tally: Tally, texts: Sequence[str], readers: Sequence[Reader], locale: str
) -> tuple[Layout, list[discord.File]]:
    """How readers chose: in words with the limits first, and as a picture."""
    body, alt = await asyncio.to_thread(panel_picture, tally, texts, locale)
    picture = attachment("readers.png", body, alt)
    view, frame = Layout(), discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["data"])
    frame.add_item(discord.ui.TextDisplay(panel_text(tally, texts, readers, locale)[:3_900]))
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(picture.uri, description=picture.description)))
    view.add_item(frame)
    return view, [picture]


async def _read(interaction: Interaction, variants: Sequence[Generation], readers: Sequence[Reader]) -> Tally:
    """Has readers read, in the turn of whoever asks, and tells them now and then how far it is."""
    bot, first = interaction.client, variants[0]
    far, telling = _far(interaction)
    language = interaction.locale.value.partition("-")[0]
    try:
        async with bot.desk.answers.working.place(str(interaction.user.id)):
            return await bot.app.writing.read(
                [one.text for one in variants], readers,
                brief=str(first.request.get("brief", "")), language=language, seed=first.seed, told=far,
            )  # fmt: skip
    finally:
        for task in telling:
            task.cancel()
        await asyncio.gather(*telling, return_exceptions=True)


def _far(interaction: Interaction) -> tuple[Callable[[int, int], None], set[asyncio.Task[Any]]]:
    """What tells how far it is, at most every few seconds; and what is still being told."""
    telling: set[asyncio.Task[Any]] = set()
    last = [time.monotonic()]

    def far(done: int, of: int) -> None:
        if time.monotonic() - last[0] < _TOLD_SECONDS or telling:
            return
        last[0] = time.monotonic()
        view = note_view(said(Phrase(_FAR, done=done, all=of), interaction.locale.value))
        task = asyncio.ensure_future(interaction.edit_original_response(view=view))
        telling.add(task)
        task.add_done_callback(telling.discard)

    return far, telling


async def _variants(interaction: Interaction, generation_id: str) -> list[Generation]:
    """The variants of whoever acts that can be read.

    Raises:
        RefusedError: they are another's, not kept any more, or there is one only.
    """
    result, polls = await own(interaction, generation_id), interaction.client.app.polls
    if interaction.guild_id is not None:
        await interaction.client.app.workspaces.allow(str(interaction.guild_id), member_of(interaction.user), Act.MAKE)
    found = await polls.variants(result.user_id, result.why.get("variants", ()))
    if len(found) < 2:
        raise RefusedError(_ONE_VARIANT)
    return found[:MOST_VARIANTS]


async def setup(bot: QuillmateBot) -> None:
    """Makes the button work, old ones too."""
    bot.add_dynamic_items(AskReaders)
