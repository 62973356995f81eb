"""/quiz: a quiz as a game in a channel, as an exercise alone, as homework, and what everybody knows by it."""

from __future__ import annotations

from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.team.quiz_game import LEAST_SECONDS, MOST_SECONDS, USUAL_SECONDS

from .live import FromResult, GameButton, Live, PickMenu, PlacesButton, start_game
from .sources import offered, quiz_named

_QUIZ = "Which quiz; your newest when you leave it out"


class QuizCommands(commands.GroupCog, group_name="quiz", group_description="Play, practise and set quizzes"):
    """Quizzes of whoever calls, and of the server that they call from."""

    @app_commands.command(name="play", description="Play a quiz in this channel, against the clock")
    @app_commands.describe(
        quiz=_QUIZ,
        seconds="Seconds for each question",
        questions="How many questions; all when you leave it out",
        shuffle="In another order, of questions and of answers",
        auto="Go on by itself after each question",
    )
    @app_commands.guild_only()
    async def play(
        self,
        interaction: Interaction,
        quiz: str | None = None,
        seconds: app_commands.Range[int, LEAST_SECONDS, MOST_SECONDS] = USUAL_SECONDS,
        questions: app_commands.Range[int, 1, 50] | None = None,
        shuffle: bool = False,
        auto: bool = False,
    ) -> None:
        """Posts a game that whoever called can start."""
        found = await quiz_named(interaction, quiz)
        await start_game(interaction, found, seconds=seconds, count=questions or 0, shuffled=shuffle, auto=auto)

    @play.autocomplete("quiz")
    async def _quizzes(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await offered(interaction, current)


async def setup(bot: QuillmateBot) -> None:
    """Adds the commands and what keeps games going, and makes the buttons work, old ones too."""
    bot.add_dynamic_items(GameButton, PickMenu, PlacesButton, FromResult)
    await bot.add_cog(Live(bot))
    await bot.add_cog(QuizCommands())
