"""The channel of a play or an interview: a thread of its own in a server, otherwise the direct messages."""

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
_MAX_NAME_CHARACTERS = 90


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, and the guild and channel ids that its play is stored under."""

    channel: discord.abc.Messageable
    guild_id: str
    channel_id: str

    @property
    def is_dm(self) -> bool:
        """Whether it is a direct message channel, where the bot can read all messages."""
        return not self.guild_id


async def open_place(interaction: Interaction, title: str, *, is_solo: bool) -> Place:
    """Open a thread, a private one if `is_solo`; in direct messages, return their channel instead.

    Raises:
        RefusedError: the bot is not a member of the server, or may not open threads.
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
    permissions, pacer = parent.permissions_for(server.me), interaction.client.app.pacer
    can_open_thread = permissions.create_private_threads if is_solo else permissions.create_public_threads
    if not (can_open_thread and permissions.send_messages_in_threads):
        raise RefusedError(_NO_THREADS)
    thread_type = discord.ChannelType.private_thread if is_solo else discord.ChannelType.public_thread
    call = await pacer.turn(pacer.post_window(parent.id))
    try:
        with use_call(call):
            thread = await parent.create_thread(name=f"🎭 {title}"[:_MAX_NAME_CHARACTERS], type=thread_type)
        await thread.add_user(interaction.user)
    except discord.Forbidden as error:
        log.info("no thread", extra={"code": error.code})
        raise RefusedError(_NO_THREADS) from None
    finally:
        pacer.mark_answered(call)
    return Place(thread, str(interaction.guild_id), str(thread.id))
