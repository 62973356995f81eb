"""Starting plays and interviews: the place, the stored play, and the first message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import discord

from bot.checks.language import identify_language
from bot.client import Interaction, build_member, whisper
from bot.commands._components import refuse_while_stopping
from bot.commands._side_calls import require_within_limits
from bot.content import Request
from bot.errors import RefusedError
from bot.locales import translate
from bot.replies.interviews import card_view
from bot.replies.plays import lobby_view
from bot.simulation.case import Case, build_case
from bot.simulation.interview import InterviewCard

from .places import open_place
from .showing import STAGE, get_plays

_SILENT = discord.AllowedMentions.none()
_STARTED = "It starts in {place}."
_STARTED_HERE = "It starts right below."
_NO_CASE = "That case has no roles to play. Create one that does with /scenario play."
_GONE_CHANNEL = "I could not write there. Ask somebody who manages the server to allow it."


def get_user_language(interaction: Interaction) -> str:
    """Return the language of the user's Discord client."""
    return interaction.locale.value.partition("-")[0]


def parse_case(parts: Mapping[str, Any], language: str) -> Case:
    """Return the case in the parts of a text of the kind `scenario`.

    Raises:
        RefusedError: there is nothing to play in it.
    """
    case = build_case(parts, identify_language(str(parts.get("sections", {}).get("situation", ""))) or language)
    if case is None:
        raise RefusedError(_NO_CASE)
    return case


async def start_case(interaction: Interaction, case: Case, *, alone: bool) -> None:
    """Open a place for a case and show it there, with its roles.

    Raises:
        QuillmateError: it is refused.
    """
    refuse_while_stopping(interaction)
    plays, member = get_plays(interaction.client), build_member(interaction.user)
    await plays.require_open(member, str(interaction.guild_id or ""), case)
    await _require_within_limits(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    place = await open_place(interaction, case.title, alone=alone)
    seen = await plays.open(case, member, place.guild_id, place.channel_id)
    names = {player: f"<@{player}>" for player in seen.play.players.values()}
    view = lobby_view(seen.play, seen.kept.id, case.language, names)
    try:
        await place.channel.send(view=view, allowed_mentions=_SILENT)
    except discord.HTTPException:
        await plays.discard(seen.kept)
        raise RefusedError(_GONE_CHANNEL) from None
    await _confirm_start(interaction, place.channel_id, run_directly=place.run_directly)


async def start_interview(interaction: Interaction, card: InterviewCard) -> None:
    """Open a place for an interview and show the card there. Raises as `start_case`."""
    refuse_while_stopping(interaction)
    plays, member = get_plays(interaction.client), build_member(interaction.user)
    await plays.require_open(member, str(interaction.guild_id or ""), card=card)
    await _require_within_limits(interaction)
    await interaction.response.defer(ephemeral=True, thinking=True)
    place = await open_place(interaction, card.name, alone=True)
    talk = await plays.open_interview(card, member, place.guild_id, place.channel_id)
    view = card_view(talk.interview, talk.kept.id, card.language, run_directly=place.run_directly)
    try:
        await place.channel.send(view=view, allowed_mentions=_SILENT)
    except discord.HTTPException:
        await plays.discard(talk.kept)
        raise RefusedError(_GONE_CHANNEL) from None
    await _confirm_start(interaction, place.channel_id, run_directly=place.run_directly)


async def _require_within_limits(interaction: Interaction) -> None:
    """Refuse to start what nobody would be allowed to answer in."""
    request = Request(
        str(interaction.id), str(interaction.user.id), "", kind=STAGE,
        guild_id=str(interaction.guild_id or ""), channel_id=str(interaction.channel_id or ""),
    )  # fmt: skip
    await require_within_limits(interaction.client, request, build_member(interaction.user))


async def _confirm_start(interaction: Interaction, channel_id: str, *, run_directly: bool) -> None:
    locale = interaction.locale.value
    said = translate(_STARTED_HERE if run_directly else _STARTED, locale)
    await whisper(interaction, said.format(place=f"<#{channel_id}>"))
