"""Kept results for whoever acts on them: their own, and to look at, those that were posted where they are."""

from __future__ import annotations

import re

import discord

from bot.client import Interaction
from storage.generations import Generation


def generation_in(message: discord.Message) -> str | None:
    """The id of the result that a message of the bot's shows, None when it shows none."""
    found = re.search(r"quill:again:([\w-]{1,40})", str([component.to_dict() for component in message.components]))
    return found[1] if found else None


def question_in(message: discord.Message) -> str | None:
    """The id of the request about which a message of the bot's asks something, None when it asks nothing."""
    found = re.search(r"quill:answer:([\w-]{1,40})", str([component.to_dict() for component in message.components]))
    return found[1] if found else None


async def result_for(interaction: Interaction, generation_id: str) -> Generation | None:
    """A result for whoever acts: their own, or one that was posted in the channel they are in."""
    results = interaction.client.app.results
    return await results.find(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))


async def kept(interaction: Interaction, generation_id: str) -> Generation:
    """The result that a button belongs to.

    Raises:
        RefusedError: it is not kept, or not for whoever acts.
    """
    results = interaction.client.app.results
    return await results.get(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))


async def own(interaction: Interaction, generation_id: str) -> Generation:
    """A result of whoever acts.

    Raises:
        RefusedError: it is not kept, or another's.
    """
    results = interaction.client.app.results
    return await results.get_own(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))
