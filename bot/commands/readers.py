"""Asking simulated readers which variant they would choose; the form states the limitations first."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, QuillmateBot, build_member
from bot.content import Request
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.requests import submit_once
from bot.locales import translate
from bot.replies.panel_results import NO_SURVEY
from bot.requests.intake import clean_text
from bot.simulation.panel import MIN_READERS, compute_max_readers
from bot.team.workspace.roles import Permission
from storage.generations import Generation

_ID = r"(?P<generation_id>[\w-]{1,40})"
_MAX_AUDIENCE = 300
_INVALID_COUNT = "That is not a valid number of readers. Choose from {least} to {most}."


class AskReadersButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillreaders:ask:{_ID}"):
    """The button below variants: asks the owner for the readers' audience and number."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillreaders:ask:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Open the form."""
        refuse_while_stopping(interaction)
        variants = await _load_variants(interaction, self._result_id)
        audience = str(variants[0].request.get("audience") or "")
        await interaction.response.send_modal(
            ReadersForm(self._result_id, audience, len(variants), interaction.locale.value)
        )


class ReadersForm(Form):
    """Ask for the readers' audience and number."""

    def __init__(self, generation_id: str, audience: str, variants: int, locale: str) -> None:
        super().__init__(title=translate("Simulated readers", locale))
        self._result_id, self._max_readers = generation_id, compute_max_readers(variants)
        self.audience: discord.ui.TextInput[ReadersForm] = discord.ui.TextInput(
            required=False, max_length=_MAX_AUDIENCE, default=audience[:_MAX_AUDIENCE] or None
        )
        self.count: discord.ui.TextInput[ReadersForm] = discord.ui.TextInput(
            max_length=2, default=str(MIN_READERS), placeholder=f"{MIN_READERS} – {self._max_readers}"
        )
        self.add_item(discord.ui.TextDisplay(translate(NO_SURVEY, locale)))
        self.add_item(discord.ui.Label(text=translate("Who do they represent?", locale), component=self.audience))
        self.add_item(discord.ui.Label(text=translate("How many readers?", locale), component=self.count))

    async def act(self, interaction: Interaction) -> None:
        """Submit the request; the answer is private. Each variant counts towards the limits, as in writing."""
        input_text = self.count.value.strip()
        if not input_text.isdecimal() or not MIN_READERS <= int(input_text) <= self._max_readers:
            raise RefusedError(_INVALID_COUNT, least=MIN_READERS, most=self._max_readers)
        audience = clean_text(self.audience.value)
        variants = await _load_variants(interaction, self._result_id)
        request = Request(
            id=str(interaction.id),
            user_id=str(interaction.user.id),
            brief="",
            kind=variants[0].kind,
            parent_id=self._result_id,
            readers=int(input_text),
            audience=audience,
            variants=len(variants),
        )
        await submit_once(interaction, request, f"readers:{self._result_id}:{request.user_id}", privately=True)


async def _load_variants(interaction: Interaction, generation_id: str) -> list[Generation]:
    """Return the user's variants.

    Raises:
        RefusedError: the variants are another user's or no longer stored, there is only one, or the user may not request
            texts.
    """
    if interaction.guild_id is not None:
        await interaction.client.app.workspaces.require(
            str(interaction.guild_id), build_member(interaction.user), Permission.MAKE
        )
    panels = interaction.client.desk.answers.panel_jobs
    return await panels.list_variants(generation_id, str(interaction.user.id), str(interaction.channel_id))


async def setup(bot: QuillmateBot) -> None:
    """Register the button, so that old ones work, too."""
    bot.add_dynamic_items(AskReadersButton)
