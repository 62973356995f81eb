"""Load the stored results that a user may see: their own, and those posted in the channel."""

from __future__ import annotations

import re

import discord

from bot.client import Interaction
from storage.generations import Generation


def find_result_id(message: discord.Message) -> str | None:
    """Return the id of the result in a message of the bot, None if it has none."""
    match = re.search(r"quill:again:([\w-]{1,40})", str([component.to_dict() for component in message.components]))
    return match[1] if match else None


def find_question_id(message: discord.Message) -> str | None:
    """Return the id of the request that a message of the bot asks a question about, None if it has none."""
    match = re.search(r"quill:answer:([\w-]{1,40})", str([component.to_dict() for component in message.components]))
    return match[1] if match else None


async def find_result(interaction: Interaction, generation_id: str) -> Generation | None:
    """Return the user's own result or one posted in the channel; None if it is neither or not stored."""
    results = interaction.client.app.results
    return await results.find(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))


async def load_result(interaction: Interaction, generation_id: str) -> Generation:
    """Return the result that a button belongs to.

    Raises:
        RefusedError: it is not stored, or not visible to the user.
    """
    results = interaction.client.app.results
    return await results.get(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))


async def load_own_result(interaction: Interaction, generation_id: str) -> Generation:
    """Return a result of the user.

    Raises:
        RefusedError: it is not stored, or another user's.
    """
    results = interaction.client.app.results
    return await results.get_own(generation_id, str(interaction.user.id), str(interaction.channel_id or ""))
