"""Shared by all commands that submit requests: seeds, attachments, and the form for a brief."""

from __future__ import annotations

from dataclasses import replace

import discord

from bot.client import Interaction, QuillmateBot
from bot.content import AttachedFile, Request
from bot.documents.materials import check_file
from bot.errors import RefusedError
from bot.interactions.components import Form
from bot.locales import translate
from bot.requests.changes import generate_seed as generate_seed
from bot.requests.intake import clean_brief, clean_option

_MAX_TRACKED_BUTTONS = 1000
USE_FILE = "Use the material."
# Discord does not show bots the replies to a command's answer.
_VOICE_REPLY_UNREADABLE = (
    "Discord does not let me listen to that reply. Send me your voice message directly, or open its menu, choose "
    "Apps and pick what I should make from it."
)
# The placeholder of the brief's input, by family.
PLACEHOLDERS = {
    "marketing": "We close on Monday, back on Tuesday.",
    "education": "The water cycle, for grade 5.",
    "image": "A red fox in the snow at dawn.",
}


def check_attachment(file: discord.Attachment | None) -> AttachedFile | None:
    """Check an attachment and return its name, URL and type; None without one.

    Raises:
        FileError: its type cannot be read, or it is too large.
    """
    if file is None:
        return None
    content_type = file.content_type or ""
    check_file(file.filename, file.size, content_type)
    return AttachedFile(file.filename, file.url, content_type)


def find_voice_message(bot: QuillmateBot, message: discord.Message) -> AttachedFile | None:
    """Return the audio of a voice message, None for other messages.

    Raises:
        RefusedError: transcription is not available, or Discord does not provide the file.
    """
    if not message.flags.voice:
        return None
    file = next(iter(message.attachments), None)
    if file is None:
        raise RefusedError(_VOICE_REPLY_UNREADABLE)
    voice = AttachedFile(file.filename, file.url, file.content_type or "", max(file.duration or 0.0, 0.1))
    bot.app.sounds.check_voice_message(voice, file.size)
    return voice


async def submit_once(interaction: Interaction, request: Request, key: str, *, privately: bool = False) -> None:
    """Submit a request, unless one from the same button is running; a second press is acknowledged silently."""
    under_way = interaction.client.under_way
    if key in under_way and interaction.client.is_under_way(under_way[key]):
        await interaction.response.defer()
        return
    if len(under_way) > _MAX_TRACKED_BUTTONS:
        under_way.clear()  # Only needed while requests run; losing some merely allows a second press.
    under_way[key] = request.id
    await interaction.client.take(interaction, request, privately=privately)


class BriefModal(Form):
    """Ask for the brief that a command was called without."""

    def __init__(self, request: Request, locale: str) -> None:
        super().__init__(title=translate("What should I make?", locale))
        self._request = request
        self.brief: discord.ui.TextInput[BriefModal] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph,
            max_length=4000,
            placeholder=translate(PLACEHOLDERS.get(request.family, PLACEHOLDERS["marketing"]), locale),
        )
        self.audience: discord.ui.TextInput[BriefModal] = discord.ui.TextInput(
            required=False, max_length=300, default=request.audience or None
        )
        self.add_item(discord.ui.Label(text=translate("Brief", locale), component=self.brief))
        self.add_item(
            discord.ui.Label(
                text=translate("Audience (if different from your profile)", locale), component=self.audience
            )
        )

    async def act(self, interaction: Interaction) -> None:
        """Submit the brief."""
        audience = clean_option(self.audience.value, 300)
        request = replace(self._request, id=str(interaction.id), brief=clean_brief(self.brief.value), audience=audience)
        await interaction.client.take(interaction, request)
