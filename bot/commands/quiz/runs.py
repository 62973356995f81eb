"""Runs: quizzes that a user answers at their own pace, in a direct message or, as homework, in a private thread."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, whisper
from bot.commands.quiz.sources import Quiz, build_quiz
from bot.commands.quiz.views import build_run_view
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.questions import AnswerInputs
from bot.interactions.results import load_result
from bot.locales import translate
from bot.replies.views import note_view
from bot.team.classroom.quiz_items import QuizItem
from bot.team.classroom.quiz_run import Run, create_run

_SILENT = discord.AllowedMentions.none()
_NO_DIRECT_MESSAGES = (
    "I cannot message you directly. Allow direct messages from this server in its privacy settings, then ask again."
)
_RUN = r"(?P<run_id>[0-9a-f]{16}):(?P<turn>\d{1,4})"


async def practise(interaction: Interaction, quiz: Quiz) -> None:
    """Ask the questions of a quiz in a direct message.

    Raises:
        RefusedError: there is nothing to ask, or no direct message can be sent.
    """
    refuse_while_stopping(interaction)
    run = create_run(quiz.title, quiz.items, locale=interaction.locale.value, skipped=quiz.skipped)
    await _start_run(interaction, run)


async def _start_run(interaction: Interaction, run: Run) -> None:
    quizzes, locale = interaction.client.app.self_paced_quizzes, interaction.locale.value
    stored_run = await quizzes.practise(str(interaction.user.id), run)
    view = build_run_view(run, stored_run.id, locale)
    try:
        if interaction.guild_id is None and isinstance(interaction.channel, discord.DMChannel):
            await interaction.response.send_message(view=view, allowed_mentions=_SILENT)
            return
        await interaction.response.defer(ephemeral=True, thinking=True)
        try:
            await interaction.user.send(view=view, allowed_mentions=_SILENT)
        except discord.Forbidden:
            raise RefusedError(_NO_DIRECT_MESSAGES) from None
    except BaseException:  # Including cancellation: a run without a message cannot be answered.
        await quizzes.discard(stored_run)
        raise
    await whisper(interaction, note_view(translate("I have sent you a direct message.", locale), locale=locale))


class RunButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillrun:(?P<action>[a-z]+\d?):{_RUN}"):
    """A button of a run: an answer, the form for one, or another run."""

    def __init__(self, action: str, run_id: str, turn: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillrun:{action}:{run_id}:{turn}"))
        self._action, self._run_id, self._turn = action, run_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Submit the answer, open the form, or start another run."""
        refuse_while_stopping(interaction)
        if self._action[0] == "a" and self._action[1:].isdecimal():
            await _submit_answer(interaction, self._run_id, self._turn, self._action[1:])
            return
        _, run = await interaction.client.app.self_paced_quizzes.load_run(self._run_id, str(interaction.user.id))
        if self._action == "again" and run.is_over:
            await _start_run(interaction, create_run(run.title, run.items, locale=interaction.locale.value))
        elif self._action == "text" and not run.is_over:
            item = run.items[run.queue[0]]
            await interaction.response.send_modal(RunModal(item, self._run_id, self._turn, interaction.locale.value))
        else:
            raise RefusedError("That button no longer works.")


class RunMenu(PersistentItem[discord.ui.Select[Any]], template=rf"quillrunpick:{_RUN}"):
    """The menu of a question with several right answers."""

    def __init__(self, run_id: str, turn: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quillrunpick:{run_id}:{turn}"))
        self._run_id, self._turn = run_id, int(turn)

    async def act(self, interaction: Interaction) -> None:
        """Submit the choice."""
        refuse_while_stopping(interaction)
        await _submit_answer(interaction, self._run_id, self._turn, ",".join(self.item.values))


class RunModal(Form):
    """Ask for an answer that has to be typed, or for the pairs of a matching question."""

    def __init__(self, item: QuizItem, run_id: str, turn: int, locale: str) -> None:
        super().__init__(title=translate("Your answer", locale))
        self._run_id, self._turn = run_id, turn
        self.inputs = AnswerInputs(self, item)

    async def act(self, interaction: Interaction) -> None:
        """Submit the answer."""
        refuse_while_stopping(interaction)
        await _submit_answer(interaction, self._run_id, self._turn, self.inputs.choice)


class PractiseQuizButton(
    PersistentItem[discord.ui.Button[Any]], template=r"quillquizfrom:alone:(?P<generation_id>[\w-]{1,40})"
):
    """A button that starts private practice of the quiz of a result."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillquizfrom:alone:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Ask the questions in a direct message."""
        await practise(interaction, build_quiz(await load_result(interaction, self._result_id)))


async def _submit_answer(interaction: Interaction, run_id: str, turn: int, choice: str) -> None:
    stored_run, run = await interaction.client.app.self_paced_quizzes.respond(
        run_id, str(interaction.user.id), turn, choice
    )
    await interaction.response.edit_message(
        view=build_run_view(run, stored_run.id, interaction.locale.value), allowed_mentions=_SILENT
    )
