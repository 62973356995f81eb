"""Message menu entries: Rewrite, Make a quiz, Image prompt from this, Use as brand sample, Schedule…."""

from __future__ import annotations

from dataclasses import replace

import discord
from discord import app_commands

from bot.client import Interaction, QuillmateBot
from bot.content import Request
from bot.errors import RefusedError
from bot.interactions.components import Form
from bot.interactions.requests import check_attachment, find_voice_message, generate_seed
from bot.interactions.results import find_result, find_result_id
from bot.interactions.samples import find_name_in_use, learn_sample, read_attachment
from bot.locales import translate
from bot.moderation import refuse
from bot.requests.intake import clean_brief


async def _build_request(interaction: Interaction, message: discord.Message) -> Request:
    """Build a request with the text or the file of a message as material.

    Raises:
        RefusedError: the message has neither, or its text is refused.
    """
    text = message.content.strip()
    is_own_message = interaction.client.user is not None and message.author.id == interaction.client.user.id
    if not text and is_own_message and (generation_id := find_result_id(message)):
        generation = await find_result(interaction, generation_id)
        text = generation.text if generation else ""
    file = find_voice_message(interaction.client, message)
    if file is None and message.attachments and not text:
        file = check_attachment(message.attachments[0])
    if not text and file is None:
        raise RefusedError("There is no text in that message to work with.")
    refuse(text)
    return Request(
        id=str(interaction.id),
        user_id=str(interaction.user.id),
        brief="",
        material=text,
        file=file,
        seed=generate_seed(),
    )


class RewriteModal(Form):
    """Ask how a message should be rewritten."""

    def __init__(self, source: Request, locale: str) -> None:
        super().__init__(title=translate("Rewrite", locale))
        self._source = source
        self.wish: discord.ui.TextInput[RewriteModal] = discord.ui.TextInput(
            max_length=300, default=translate("clearer and shorter", locale)
        )
        self.add_item(discord.ui.Label(text=translate("What should it be like?", locale), component=self.wish))

    async def act(self, interaction: Interaction) -> None:
        """Submit the request."""
        brief = clean_brief(f"Make this {self.wish.value}")
        request = replace(self._source, id=str(interaction.id), kind="rewrite", brief=brief)
        await interaction.client.take(interaction, request)


@app_commands.context_menu(name="Rewrite")
async def rewrite(interaction: Interaction, message: discord.Message) -> None:
    """Open the form for rewriting the message."""
    await interaction.response.send_modal(
        RewriteModal(await _build_request(interaction, message), interaction.locale.value)
    )


@app_commands.context_menu(name="Make a quiz")
async def make_quiz(interaction: Interaction, message: discord.Message) -> None:
    """Make a quiz about the message."""
    source = await _build_request(interaction, message)
    await interaction.client.take(interaction, replace(source, kind="quiz", brief="A quiz about the material."))


@app_commands.context_menu(name="Image prompt from this")
async def make_image_prompt(interaction: Interaction, message: discord.Message) -> None:
    """Write an image prompt that fits the message."""
    source = await _build_request(interaction, message)
    brief = "A picture that fits the material."
    await interaction.client.take(interaction, replace(source, kind="image_prompt", brief=brief))


@app_commands.context_menu(name="Use as brand sample")
async def use_as_sample(interaction: Interaction, message: discord.Message) -> None:
    """Learn from the message, for the brand in use or a new one."""
    source = await _build_request(interaction, message)
    text = source.material
    if source.file is not None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        file_text = await read_attachment(message.attachments[0], interaction.user.id)
        await learn_sample(interaction, await find_name_in_use(interaction), file_text.text, "file", file_text.notes)
        return
    await learn_sample(interaction, await find_name_in_use(interaction), text)


async def setup(bot: QuillmateBot) -> None:
    """Add the message menu entries."""
    for entry in (rewrite, make_quiz, make_image_prompt, use_as_sample):
        bot.tree.add_command(entry)
