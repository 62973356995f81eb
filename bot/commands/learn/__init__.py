"""/learn: a tutor for one user, from their quizzes, flashcards and documents."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.commands.learn.actions import CourseButton, CourseMenu, LearnResult, learn
from bot.commands.learn.sources import suggest_lessons


class LearnCommand(commands.Cog):
    """The private tutor of a user."""

    @app_commands.command(
        name="learn", description="Learn on your own: I choose what to ask next and when to review it"
    )
    @app_commands.describe(
        what="A quiz or flashcards; if empty, continue with what is due",
        about="Create questions from your documents first: what should they be about?",
    )
    async def learn(
        self, interaction: Interaction, what: str | None = None, about: app_commands.Range[str, 1, 300] | None = None
    ) -> None:
        """Open a course privately: one question after another."""
        await learn(interaction, what, about)

    @learn.autocomplete("what")
    async def _suggest_sources(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggest_lessons(interaction, current)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its buttons, so that old ones work, too."""
    bot.add_dynamic_items(CourseButton, CourseMenu, LearnResult)
    await bot.add_cog(LearnCommand())
