"""What the bot asks Discord for: permissions in servers, and intents, the events it receives."""

from __future__ import annotations

import discord

PERMISSIONS = discord.Permissions(
    send_messages=True,
    send_messages_in_threads=True,
    create_private_threads=True,
    send_polls=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
    view_channel=True,
    create_public_threads=True,
)
# Channels and roles, messages that mention the bot, and votes. Each further intent is a stream of events from every server,
# such as typing, and part of the cache.
INTENTS = discord.Intents(guilds=True, messages=True, polls=True)


def reads_messages(flags: discord.ApplicationFlags) -> bool:
    """Return whether the Developer Portal grants an application the text of messages that do not mention it."""
    return flags.gateway_message_content or flags.gateway_message_content_limited
