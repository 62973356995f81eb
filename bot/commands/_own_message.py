"""Checks whether the bot can post a separate message, which can be edited for longer than a response."""

from __future__ import annotations

import discord

from bot.client import Interaction
from bot.errors import RefusedError

_AWAY = "I am not a member here, so I cannot show my progress. Use this in a server I am in or in a direct message."
_NO_ROOM = "I am not allowed to write in this channel. Ask somebody who manages the server to allow it."


def require_editable_message(interaction: Interaction) -> None:
    """Raise RefusedError if the bot could not edit its own message later."""
    if interaction.guild_id is None:
        if interaction.context.private_channel:
            raise RefusedError(_AWAY)
        return
    if interaction.client.get_guild(interaction.guild_id) is None:
        raise RefusedError(_AWAY)
    permissions = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    writes = permissions.send_messages_in_threads if in_thread else permissions.send_messages
    if not (permissions.view_channel and writes):
        raise RefusedError(_NO_ROOM)
