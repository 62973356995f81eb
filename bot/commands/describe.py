"""/describe: alternative text of a picture, and a prompt for one like it, by a model that sees."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.documents.materials import check, read_picture
from bot.documents.pictures import ENDINGS
from bot.errors import FileError
from bot.images.describing import SUGGESTED, UNSEEN, UNSEEN_YOURS, Seen, described
from bot.locales import LANGUAGES, translate
from bot.replies.split import fenced

from ._aside import asked_aside

# Whose figures it counts among.
_KIND = "image_prompt"
# Characters of each part that are shown: all of them fit into a view.
_MOST_SHOWN = 1_500


class DescribeCommand(commands.Cog):
    """Looks at a picture for whoever asks alone; nothing of it is kept."""

    @app_commands.command(name="describe", description="Describe a picture: alt text, and a prompt for one like it")
    @app_commands.describe(picture="A .png, .jpg or .webp")
    async def describe(self, interaction: Interaction, picture: discord.Attachment) -> None:
        """Answers privately: what somebody sends may be theirs alone."""
        engine, locale = interaction.client.app.vision, interaction.locale.value
        if engine is None:
            yours = interaction.client.app.studio.read_by_operator
            await whisper(interaction, translate(UNSEEN_YOURS if yours else UNSEEN, locale))
            return
        check(picture.filename, picture.size, picture.content_type or "", ENDINGS)
        async with asked_aside(interaction, _KIND, engine):
            await interaction.response.defer(ephemeral=True, thinking=True)
            body = await _body_of(picture)
            user_id = str(interaction.user.id)
            small = await read_picture(picture.filename, body, picture.content_type or "", user_id=user_id)
            seen = await described(engine, small, language_of(locale))
        await whisper(interaction, told(seen, locale))


def language_of(locale: str) -> str:
    """The language of Discord's locale in which a picture is described; English where there is none."""
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


def told(seen: Seen, locale: str) -> str:
    """What was seen, each part in a block of its own that can be copied."""
    length = translate("{count} characters; screen readers like up to {most}", locale).format(
        count=len(seen.alt_text), most=SUGGESTED
    )
    parts = [
        f"### {translate('Alternative text', locale)}\n{fenced(seen.alt_text[:_MOST_SHOWN])}\n-# {length}",
        f"### {translate('Prompt', locale)}\n{fenced(seen.prompt[:_MOST_SHOWN])}" if seen.prompt else "",
        f"### {translate('Words in the picture', locale)}\n{fenced(seen.text)}" if seen.text else "",
    ]
    warning = translate("A model has looked at it: check names, numbers and what is read in it.", locale)
    return "\n".join([*filter(None, parts), f"-# {warning}"])


async def _body_of(picture: discord.Attachment) -> bytes:
    try:
        return await picture.read()
    except discord.HTTPException:
        raise FileError("Discord does not have that file any more. Attach it again.") from None


async def setup(bot: QuillmateBot) -> None:
    """Adds the command."""
    await bot.add_cog(DescribeCommand())
