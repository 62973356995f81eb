"""/quiz: play quizzes in a channel, practise them privately, set them as homework, and see the resulting mastery."""

from __future__ import annotations

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot
from bot.commands.quiz.homework import HomeworkButton, PupilsMenu, Reminders, set_homework
from bot.commands.quiz.homework_progress import show_progress, suggest_homework
from bot.commands.quiz.live import Live
from bot.commands.quiz.mastery import FORMS, TABLE, MasteryButton, show_mastery
from bot.commands.quiz.play import AnswerMenu, GameButton, PlayQuizButton, ScoreboardPageButton, start_game
from bot.commands.quiz.runs import PractiseQuizButton, RunButton, RunMenu, practise
from bot.commands.quiz.sources import find_quiz, suggest_quizzes
from bot.team.classroom.quiz_game import DEFAULT_SECONDS, MAX_SECONDS, MIN_SECONDS

_QUIZ_OPTION = "Which quiz; if empty, your newest"


class QuizCommands(commands.GroupCog, group_name="quiz", group_description="Play, practise and assign quizzes"):
    """Commands for the quizzes of the user and of the server."""

    @app_commands.command(name="play", description="Play a quiz in this channel, against the clock")
    @app_commands.describe(
        quiz=_QUIZ_OPTION,
        seconds="Seconds for each question",
        questions="How many questions; if empty, all of them",
        shuffle="Shuffle the questions and answers",
        auto="Continue automatically after each question",
    )
    @app_commands.guild_only()
    async def play(
        self,
        interaction: Interaction,
        quiz: str | None = None,
        seconds: app_commands.Range[int, MIN_SECONDS, MAX_SECONDS] = DEFAULT_SECONDS,
        questions: app_commands.Range[int, 1, 50] | None = None,
        shuffle: bool = False,
        auto: bool = False,
    ) -> None:
        """Post the lobby of a game, which the user can start."""
        found_quiz = await find_quiz(interaction, quiz)
        await start_game(interaction, found_quiz, seconds=seconds, count=questions or 0, shuffled=shuffle, auto=auto)

    @play.autocomplete("quiz")
    async def _suggest_quizzes(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggest_quizzes(interaction, current)

    @app_commands.command(
        name="practice", description="Answer a quiz on your own, at your own pace, in direct messages"
    )
    @app_commands.describe(quiz=_QUIZ_OPTION)
    async def practice(self, interaction: Interaction, quiz: str | None = None) -> None:
        """Ask the questions one after another; those answered wrongly are repeated at the end."""
        await practise(interaction, await find_quiz(interaction, quiz))

    @practice.autocomplete("quiz")
    async def _suggest_practice_quizzes(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggest_quizzes(interaction, current)

    @app_commands.command(name="homework", description="Set a quiz as homework, in a private thread for each pupil")
    @app_commands.describe(
        due="When it is due, in your own words: Friday 18:00, tomorrow 8am",
        pupils="A pupil, or a role whose members can pick it up; if empty, you choose pupils",
        quiz=_QUIZ_OPTION,
    )
    @app_commands.guild_only()
    async def homework(
        self,
        interaction: Interaction,
        due: str,
        pupils: discord.Role | discord.Member | None = None,
        quiz: str | None = None,
    ) -> None:
        """Set a quiz as homework; requires the permission to organise the server's library."""
        await set_homework(interaction, await find_quiz(interaction, quiz), due, pupils)

    @homework.autocomplete("quiz")
    async def _suggest_homework_quizzes(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggest_quizzes(interaction, current)

    @app_commands.command(name="progress", description="See how each pupil is doing with homework")
    @app_commands.describe(homework="Which homework; if empty, the newest")
    @app_commands.guild_only()
    async def progress(self, interaction: Interaction, homework: str | None = None) -> None:
        """Show the progress privately; requires the permission to organise the server's library."""
        await show_progress(interaction, homework)

    @progress.autocomplete("homework")
    async def _suggest_homework(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return await suggest_homework(interaction, current)

    @app_commands.command(
        name="mastery",
        description="See how much everybody knows, judging by their last answers; pupils see only their own",
    )
    @app_commands.describe(show="How you would like to see it")
    @app_commands.choices(show=[app_commands.Choice(name=label, value=value) for value, label in FORMS.items()])
    async def mastery(self, interaction: Interaction, show: str = TABLE) -> None:
        """Show the mastery of objectives privately."""
        await show_mastery(interaction, show)


async def setup(bot: QuillmateBot) -> None:
    """Add the commands and the cog that runs games, and register the buttons, so that old ones work, too."""
    bot.add_dynamic_items(GameButton, AnswerMenu, ScoreboardPageButton, PlayQuizButton)
    bot.add_dynamic_items(MasteryButton)
    bot.add_dynamic_items(RunButton, RunMenu, PractiseQuizButton, PupilsMenu, HomeworkButton)
    await bot.add_cog(Live(bot))
    await bot.add_cog(Reminders(bot))
    await bot.add_cog(QuizCommands())
