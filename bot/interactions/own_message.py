"""Checks whether the bot can post a message of its own, which unlike a response can be edited at any later time."""

from __future__ import annotations

import discord

from bot.client import Interaction
from bot.errors import RefusedError

_NOT_A_MEMBER = (
    "I am not a member here, so I cannot show my progress. Use this in a server I am in or in a direct message."
)
_CANNOT_WRITE = "I am not allowed to write in this channel. Ask somebody who manages the server to allow it."


def require_editable_message(interaction: Interaction) -> None:
    """Raise RefusedError if the bot cannot post a message that it could edit later."""
    if interaction.guild_id is None:
        if interaction.context.private_channel:
            raise RefusedError(_NOT_A_MEMBER)
        return
    if interaction.client.get_guild(interaction.guild_id) is None:
        raise RefusedError(_NOT_A_MEMBER)
    permissions = interaction.app_permissions
    is_thread = isinstance(interaction.channel, discord.Thread)
    can_send = permissions.send_messages_in_threads if is_thread else permissions.send_messages
    if not (permissions.view_channel and can_send):
        raise RefusedError(_CANNOT_WRITE)
