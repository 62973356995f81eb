"""The channel of a play or an interview: its own thread in a server, else the direct messages."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import discord

from bot.client import Interaction
from bot.errors import RefusedError
from bot.replies.traffic import use_call

log = logging.getLogger(__name__)
_NOT_A_MEMBER = "I am not a member of this server. Use this in a server I am in or in a direct message."
_NO_THREADS = (
    "I am not allowed to open threads in this channel. Ask somebody who manages the server to allow it, or use "
    "this in a direct message."
)
_MAX_NAME = 90


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, and the ids that its play is stored under."""

    channel: discord.abc.Messageable
    guild_id: str
    channel_id: str

    @property
    def is_dm(self) -> bool:
        """Whether it is a direct message channel, in which all messages can be read."""
        return not self.guild_id


async def open_place(interaction: Interaction, title: str, *, is_solo: bool) -> Place:
    """Open a thread, a private one for a single player; in direct messages use these.

    Raises:
        RefusedError: the bot is not there, or lacks a permission.
    """
    if interaction.guild_id is None:
        if interaction.context.private_channel:
            raise RefusedError(_NOT_A_MEMBER)
        channel = await interaction.client.create_dm(discord.Object(interaction.user.id))
        return Place(channel, "", str(channel.id))
    server = interaction.client.get_guild(interaction.guild_id)
    if server is None:
        raise RefusedError(_NOT_A_MEMBER)
    current_channel = interaction.channel
    parent = current_channel.parent if isinstance(current_channel, discord.Thread) else current_channel
    if not isinstance(parent, discord.TextChannel):
        raise RefusedError(_NO_THREADS)
    rights, pacer = parent.permissions_for(server.me), interaction.client.app.pacer
    may_open = rights.create_private_threads if is_solo else rights.create_public_threads
    if not (may_open and rights.send_messages_in_threads):
        raise RefusedError(_NO_THREADS)
    thread_type = discord.ChannelType.private_thread if is_solo else discord.ChannelType.public_thread
    call = await pacer.turn(pacer.post_window(parent.id))
    try:
        with use_call(call):
            thread = await parent.create_thread(name=f"🎭 {title}"[:_MAX_NAME], type=thread_type)
        await thread.add_user(interaction.user)
    except discord.Forbidden as error:
        log.info("no thread", extra={"code": error.code})
        raise RefusedError(_NO_THREADS) from None
    finally:
        pacer.mark_answered(call)
    return Place(thread, str(interaction.guild_id), str(thread.id))
