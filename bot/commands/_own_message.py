"""Whether the bot can post a message of its own, which can be edited for longer than an answer."""

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
    allowed = interaction.app_permissions
    in_thread = isinstance(interaction.channel, discord.Thread)
    writes = allowed.send_messages_in_threads if in_thread else allowed.send_messages
    if not (allowed.view_channel and writes):
        raise RefusedError(_NO_ROOM)
