"""Start role-plays and interviews: open the thread, store the session, send the first message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.checks.language import identify_language
from bot.client import Interaction, build_member, whisper
from bot.content import Request
from bot.errors import RefusedError
from bot.interactions.components import refuse_while_stopping
from bot.interactions.side_calls import require_within_limits
from bot.interactions.stage.places import open_place
from bot.interactions.stage.views import STAGE
from bot.locales import translate
from bot.replies.interviews import card_view
from bot.replies.plays import lobby_view
from bot.simulation.case import Case, build_case
from bot.simulation.interview import InterviewCard

_SILENT = discord.AllowedMentions.none()
_STARTED = "It starts in {place}."
_STARTED_HERE = "It starts right below."
_NO_CASE = "That case has no roles to play. Create one that does with /scenario play."
_CANNOT_WRITE = "I could not write there. Ask somebody who manages the server to allow it."


def get_user_language(interaction: Interaction) -> str:
    """Return the language of the user's Discord client."""
    return interaction.locale.value.partition("-")[0]


def parse_case(parts: Mapping[str, Any], language: str) -> Case:
    """Build the case from the `parts` of a `scenario` text.

    Raises:
        RefusedError: the scenario has no roles.
    """
    case = build_case(parts, identify_language(str(parts.get("sections", {}).get("situation", ""))) or language)
    if case is None:
        raise RefusedError(_NO_CASE)
    return case


async def start_case(interaction: Interaction, case: Case, *, is_solo: bool) -> None:
    """Open a thread for a case (or use the direct messages) and show the case there, with its roles. The thread is
    private if `is_solo`.

    Raises:
        QuillmateError: it is refused.
    """
    refuse_while_stopping(interaction)
    app, member = interaction.client.app, build_member(interaction.user)
    await app.plays.check_can_open(member, str(interaction.guild_id or ""), case)
    await _require_within_limits(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    place = await open_place(interaction, case.title, is_solo=is_solo)
    play_view = await app.plays.open(case, member, place.guild_id, place.channel_id)
    mentions = {player: f"<@{player}>" for player in play_view.play.players.values()}
    view = lobby_view(play_view.play, play_view.record.id, case.language, mentions)
    try:
        await place.channel.send(view=view, allowed_mentions=_SILENT)
    except discord.HTTPException:
        await app.stage_records.discard(play_view.record)
        raise RefusedError(_CANNOT_WRITE) from None
    await _confirm_start(interaction, place.channel_id, is_dm=place.is_dm)


async def start_interview(interaction: Interaction, card: InterviewCard) -> None:
    """Open a private thread for an interview (or use the direct messages) and show the card there.

    Raises:
        QuillmateError: it is refused.
    """
    refuse_while_stopping(interaction)
    app, member = interaction.client.app, build_member(interaction.user)
    await app.interviews.check_can_open(member, str(interaction.guild_id or ""), card)
    await _require_within_limits(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    place = await open_place(interaction, card.name, is_solo=True)
    interview_view = await app.interviews.open(card, member, place.guild_id, place.channel_id)
    view = card_view(interview_view.interview, interview_view.record.id, card.language, is_dm=place.is_dm)
    try:
        await place.channel.send(view=view, allowed_mentions=_SILENT)
    except discord.HTTPException:
        await app.stage_records.discard(interview_view.record)
        raise RefusedError(_CANNOT_WRITE) from None
    await _confirm_start(interaction, place.channel_id, is_dm=place.is_dm)


async def _require_within_limits(interaction: Interaction) -> None:
    """Refuse if the user lacks the permission or has reached a limit, since the play could not continue."""
    request = Request(
        str(interaction.id),
        str(interaction.user.id),
        "",
        kind=STAGE,
        guild_id=str(interaction.guild_id or ""),
        channel_id=str(interaction.channel_id or ""),
    )
    await require_within_limits(interaction.client, request, build_member(interaction.user))


async def _confirm_start(interaction: Interaction, channel_id: str, *, is_dm: bool) -> None:
    locale = interaction.locale.value
    message = translate(_STARTED_HERE if is_dm else _STARTED, locale)
    await whisper(interaction, message.format(place=f"<#{channel_id}>"))
