"""The three quick questions after a user's first result, asked one by one with buttons."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, QuillmateBot
from bot.errors import RefusedError
from bot.interactions.components import PersistentItem
from bot.replies.welcome import QUESTIONS, question_id, question_page

_TEMPLATE = r"quillask:(?P<number>\d):(?P<answer>\d?):(?P<user_id>\d{1,20})"


class QuestionButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button that shows the first question, or stores an answer and shows the next; only its user may press it."""

    def __init__(self, number: str, user_id: str, answer: str) -> None:
        self._number, self._user_id, self._answer = int(number), user_id, int(answer) if answer else None
        super().__init__(discord.ui.Button(custom_id=question_id(self._number, user_id, self._answer)))

    async def act(self, interaction: Interaction) -> None:
        """Show the first question, or store the answer and show the next question."""
        locale = interaction.locale.value
        if str(interaction.user.id) != self._user_id:
            raise RefusedError("These questions are for the person who asked. Answer your own with /profile edit.")
        if self._answer is None:
            page = question_page(self._number, self._user_id, locale)
            await interaction.response.send_message(view=page, ephemeral=True)
            return
        if self._number >= len(QUESTIONS):
            raise RefusedError("That button no longer works.")
        question = QUESTIONS[self._number]
        if self._answer < len(question.answers):
            values = {question.field: question.answers[self._answer][1]}
            await interaction.client.app.profiles.state(self._user_id, values, origin="chosen")
        await interaction.response.edit_message(view=question_page(self._number + 1, self._user_id, locale))


async def setup(bot: QuillmateBot) -> None:
    """Register the buttons, so that old ones work, too."""
    bot.add_dynamic_items(QuestionButton)
