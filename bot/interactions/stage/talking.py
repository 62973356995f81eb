"""The buttons of interviews, and the parsing of described cards."""

from __future__ import annotations

from typing import Any

import discord

from bot.client import Interaction, build_member
from bot.errors import RefusedError
from bot.interactions.components import Form, PersistentItem, refuse_while_stopping
from bot.interactions.side_calls import send_quota_notifications
from bot.interactions.stage.speaking import admit_turn
from bot.interactions.stage.views import advance, advance_uncounted
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.interviews import interview_md
from bot.simulation.interview import InterviewCard, parse_card
from bot.team.stage.interviews import InterviewView
from bot.team.stage.records import MAX_SPEECH_CHARACTERS

_ID = r"(?P<play_id>[0-9a-f]{16})"
_TOO_SHORT = (
    "Tell me more about this person: a name, and what they do, want or worry about. For example: "
    "Marta, 41, runs a café and counts every euro."
)


def parse_card_description(text: str, language: str) -> InterviewCard:
    """Parse the description of a person into a card.

    Raises:
        RefusedError: the description is too short.
    """
    card = parse_card(text, language)
    if card is None:
        raise RefusedError(_TOO_SHORT)
    return card


class InterviewButton(
    PersistentItem[discord.ui.Button[Any]], template=rf"quillinterview:(?P<action>ask|finish|file):{_ID}"
):
    """A button of an interview: ask, end, or export the transcript."""

    def __init__(self, action: str, play_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillinterview:{action}:{play_id}"))
        self._action, self._play_id = action, play_id

    async def act(self, interaction: Interaction) -> None:
        """Run the button's action."""
        refuse_while_stopping(interaction)
        interviews = interaction.client.app.interviews
        interview_view = await _load_interview(interaction, self._play_id)
        match self._action:
            case "ask":
                interviews.check_accepts_question(interview_view)
                await interaction.response.send_modal(
                    QuestionForm(interview_view.record.id, interview_view.interview.card, interaction.locale.value)
                )
            case "finish":
                interview_view = await interviews.end(interview_view, str(interaction.user.id))
                await interaction.response.defer()
                await advance_uncounted(interaction.client, interview_view.record, str(interaction.user.id))
            case _:
                body = interview_md(interview_view.interview, interview_view.interview.card.language).encode()
                await interaction.response.send_message(file=attachment("interview.md", body), ephemeral=True)


class QuestionForm(Form):
    """Ask for a question."""

    def __init__(self, play_id: str, card: InterviewCard, locale: str) -> None:
        super().__init__(title=translate("Your question", locale))
        self._play_id = play_id
        self.question: discord.ui.TextInput[QuestionForm] = discord.ui.TextInput(
            style=discord.TextStyle.paragraph, max_length=min(MAX_SPEECH_CHARACTERS, 500)
        )
        self.add_item(discord.ui.Label(text=card.name[:45] or "…", component=self.question))

    async def act(self, interaction: Interaction) -> None:
        """Submit the question; the answer is posted in the channel."""
        refuse_while_stopping(interaction)
        interview_view, bot = await _load_interview(interaction, self._play_id), interaction.client
        member = build_member(interaction.user)
        async with admit_turn(bot, interview_view.record, member, str(interaction.id)) as notifications:
            interview_view = await bot.app.interviews.ask(interview_view, member, self.question.value)
            await interaction.response.defer()
            await advance(bot, interview_view.record)
        await send_quota_notifications(interaction, notifications)


async def _load_interview(interaction: Interaction, play_id: str) -> InterviewView:
    guild_id, channel_id = str(interaction.guild_id or ""), str(interaction.channel_id or "")
    return await interaction.client.app.interviews.load_view(play_id, guild_id, channel_id)
