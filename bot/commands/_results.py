"""Kept results for whoever acts on them: their own, and to look at, those that were posted where they are."""

from __future__ import annotations

import re

import discord

from bot.client import Interaction
from bot.errors import RefusedError
from storage.generations import Generation

_GONE = "That result is not kept any more."
_NOT_KEPT = "You have paused me, so I did not keep that result. /privacy resume changes that."
_NOT_YOURS = "Only the person who asked for it can change it. You can copy and download it, or ask for your own."


def generation_in(message: discord.Message) -> str | None:
    """The id of the result that a message of the bot's shows, None when it shows none."""
    found = re.search(r"quill:again:([\w-]{1,40})", str([component.to_dict() for component in message.components]))
    return found[1] if found else None


async def result_for(interaction: Interaction, generation_id: str) -> Generation | None:
    """A result for whoever acts: their own, or one that was posted in the channel they are in."""
    store, user_id = interaction.client.app.store.generations, str(interaction.user.id)
    return await store.get(generation_id, user_id, str(interaction.channel_id or ""))


async def kept(interaction: Interaction, generation_id: str) -> Generation:
    """The result that a button belongs to.

    Raises:
        RefusedError: it is not kept, or not for whoever acts.
    """
    generation = await result_for(interaction, generation_id)
    if generation is None:
        paused = await interaction.client.app.store.people.paused(str(interaction.user.id))
        raise RefusedError(_NOT_KEPT if paused else _GONE)
    return generation


async def own(interaction: Interaction, generation_id: str) -> Generation:
    """A result of whoever acts.

    Raises:
        RefusedError: it is not kept, or another's.
    """
    result = await kept(interaction, generation_id)
    if result.user_id != str(interaction.user.id):
        raise RefusedError(_NOT_YOURS)
    return result
