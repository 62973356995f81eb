"""/describe: alternative text of a picture, and a prompt for a similar one, by a vision model."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.content import AttachedFile, Request
from bot.documents.materials import check_file
from bot.documents.pictures import ENDINGS
from bot.images.description import NO_VISION, NO_VISION_OPERATOR
from bot.locales import translate
from bot.requests.picture_jobs import KIND


class DescribeCommand(commands.Cog):
    """Describes a picture to the user only; the picture is not stored."""

    @app_commands.command(name="describe", description="Describe a picture: alt text and a prompt for a similar one")
    @app_commands.describe(picture="A .png, .jpg or .webp file")
    async def describe(self, interaction: Interaction, picture: discord.Attachment) -> None:
        """Answer in an ephemeral message, as the picture may be private."""
        if interaction.client.app.vision is None:
            is_operator = interaction.client.app.studio.read_by_operator
            await whisper(
                interaction,
                translate(NO_VISION_OPERATOR if is_operator else NO_VISION, interaction.locale.value),
            )
            return
        content_type = picture.content_type or ""
        check_file(picture.filename, picture.size, content_type, ENDINGS)
        file = AttachedFile(picture.filename, picture.url, content_type)
        request = Request(str(interaction.id), str(interaction.user.id), "", kind=KIND, file=file, sees=True)
        await interaction.client.take(interaction, request, privately=True)


async def setup(bot: QuillmateBot) -> None:
    """Add the command."""
    await bot.add_cog(DescribeCommand())
