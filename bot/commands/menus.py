"""What can be done with somebody's message: Rewrite, Make a quiz, Image prompt from this."""

from __future__ import annotations

import discord
from discord import app_commands

from bot.client import Interaction, QuillmateBot
from bot.content import Request
from bot.errors import RefusedError
from bot.locales import translate

from ._intake import brief_of, refuse_harm
from .buttons import generation_in
from .make import material_of, new_seed


async def _text_of(interaction: Interaction, message: discord.Message) -> str:
    text = message.content.strip()
    mine = interaction.client.user is not None and message.author.id == interaction.client.user.id
    if not text and mine and (generation_id := generation_in(message)):
        generation = await interaction.client.app.store.generations.get(generation_id)
        text = generation.text if generation else ""
    if not text and message.attachments:
        text = await material_of(message.attachments[0])
    if not text:
        raise RefusedError("There is no text in that message to work with.")
    refuse_harm(text)
    return text


async def _take(interaction: Interaction, kind: str, brief: str, text: str) -> None:
    request = Request(
        id=str(interaction.id), user_id=str(interaction.user.id), brief=brief, kind=kind, material=text, seed=new_seed()
    )
    await interaction.client.take(interaction, request)


class RewriteModal(discord.ui.Modal):
    """Asks how a message should be rewritten."""

    def __init__(self, text: str, locale: str) -> None:
        super().__init__(title=translate("Rewrite", locale))
        self._text = text
        self.wish: discord.ui.TextInput[RewriteModal] = discord.ui.TextInput(
            max_length=300, default=translate("clearer and shorter", locale)
        )
        self.add_item(discord.ui.Label(text=translate("How should it be?", locale), component=self.wish))

    async def on_submit(self, interaction: Interaction, /) -> None:  # type: ignore[override]
        """Takes the wish."""
        await _take(interaction, "rewrite", brief_of(f"Make this {self.wish.value}"), self._text)

    async def on_error(self, interaction: Interaction, error: Exception, /) -> None:  # type: ignore[override]
        """The one error handler."""
        await interaction.client.report(interaction, error)


@app_commands.context_menu(name="Rewrite")
async def rewrite(interaction: Interaction, message: discord.Message) -> None:
    """Asks how, then rewrites the message."""
    await interaction.response.send_modal(RewriteModal(await _text_of(interaction, message), interaction.locale.value))


@app_commands.context_menu(name="Make a quiz")
async def make_quiz(interaction: Interaction, message: discord.Message) -> None:
    """A quiz about what the message says."""
    await _take(interaction, "quiz", "A quiz about the material.", await _text_of(interaction, message))


@app_commands.context_menu(name="Image prompt from this")
async def make_image_prompt(interaction: Interaction, message: discord.Message) -> None:
    """A prompt for a picture that fits the message."""
    await _take(interaction, "image_prompt", "A picture that fits the material.", await _text_of(interaction, message))


async def setup(bot: QuillmateBot) -> None:
    """Adds the entries to the menu of messages."""
    for entry in (rewrite, make_quiz, make_image_prompt):
        bot.tree.add_command(entry)
