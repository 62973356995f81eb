"""/help: lists the kinds of text and pictures, and the ways to ask for them."""

from __future__ import annotations

from itertools import groupby

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.engines import Engine
from bot.interactions.families import COMMANDS
from bot.kinds import load_kinds
from bot.locales import translate
from bot.replies.writer import writer_line

# The families that have a command of their own; /ask makes every kind.
_COMMAND_BY_FAMILY = {command.family: f"/{command.name}" for command in COMMANDS}


def format_help(engine: Engine, locale: str = "en") -> str:
    """Format the help text: the kinds, how to request them, and the engine that makes them."""
    lines = [f"### {translate('What I can make', locale)}"]
    # Kinds are ordered by family, those without a command last.
    for command, kinds in groupby(load_kinds().values(), key=lambda kind: _COMMAND_BY_FAMILY.get(kind.family, "/ask")):
        lines.append(f"**{command}**")
        lines += [f"- {translate(kind.title, locale)}: {translate(kind.description, locale)}" for kind in kinds]
    lines += [
        translate(
            (
                "You can also mention me, reply to a result with what you would like changed, or send me a "
                "direct message."
            ),
            locale,
        ),
        translate(
            "Right-click a message and choose Apps to rewrite it or turn it into a quiz or an image prompt.", locale
        ),
        translate("With /profile edit you tell me who you are; with /persona use you choose the voice.", locale),
        translate("With /library you can find what I made for you and what your team has saved.", locale),
        translate(
            "With /brand learn I sound like you; with /knowledge add you give me documents to use as sources.", locale
        ),
        f"-# {writer_line(engine, locale)}",
    ]
    return "\n".join(lines)


class Help(commands.Cog):
    """The help command."""

    @app_commands.command(name="help", description="See what I can make and how to ask for it")
    async def help(self, interaction: Interaction) -> None:
        """Show the help in an ephemeral message."""
        engine = interaction.client.app.engines.first
        await whisper(interaction, format_help(engine, interaction.locale.value))


async def setup(bot: QuillmateBot) -> None:
    """Add the command."""
    await bot.add_cog(Help())
