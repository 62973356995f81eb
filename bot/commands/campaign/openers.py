"""Finds the campaign of a command, the channel for its thread, and the permissions to open it."""

from __future__ import annotations

import discord

from bot.client import Interaction, build_member
from bot.errors import RefusedError
from bot.requests.campaigns import CampaignService
from bot.team.workspace.roles import Member, Permission
from storage.campaigns import Campaign

NOWHERE = "I cannot start a campaign here. I can in channels and forums of servers I was added to."
_NOT_A_WRITER = "You are not allowed to open threads in that channel. Choose another one."
CANNOT_OPEN = (
    "I am not allowed to open threads in that channel. Choose another one, or ask somebody who manages "
    "this server to allow it."
)
_NO_CAMPAIGN = "There is no campaign in this thread. Name one, or use /campaign show to see them all."

Opener = discord.TextChannel | discord.ForumChannel


async def find_campaign(interaction: Interaction, title: str | None) -> Campaign:
    """Return the campaign of a title, or of the current thread.

    Raises:
        RefusedError: there is none.
    """
    guild_id, member = get_guild_and_member(interaction)
    campaigns = await get_campaigns(interaction).list_all(guild_id, member)
    if title:
        query = title.strip().casefold()
        campaign = next(
            (
                campaign
                for campaign in campaigns
                if query in (campaign.id, campaign.title.casefold(), campaign.title[:100].casefold())
            ),
            None,
        )
        if campaign is None:
            raise RefusedError('There is nothing called "{name}" here.', name=title.strip()[:60])
        return campaign
    current = next((campaign for campaign in campaigns if campaign.thread_id == str(interaction.channel_id)), None)
    if current is None:
        raise RefusedError(_NO_CAMPAIGN)
    return current


def find_opening_place(interaction: Interaction, chosen_channel: Opener | None) -> Opener:
    """Return the channel or forum for a thread, for those who may open one there.

    Raises:
        RefusedError: it is none, or they or the bot may not.
    """
    server, channel = interaction.guild, chosen_channel or interaction.channel
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    place = server.get_channel(channel.id) if server and isinstance(channel, discord.abc.Snowflake) else None
    if server is None or not isinstance(place, Opener) or not isinstance(interaction.user, discord.Member):
        raise RefusedError(NOWHERE)
    require_can_open_threads(place, interaction.user, server.me)
    return place


def require_can_open_threads(channel: Opener, member: discord.Member, me: discord.Member) -> None:
    """Raise RefusedError if the member or the bot may not open threads there."""
    for member_to_check, message in ((member, _NOT_A_WRITER), (me, CANNOT_OPEN)):
        rights = channel.permissions_for(member_to_check)
        opens = rights.send_messages if isinstance(channel, discord.ForumChannel) else rights.create_public_threads
        if not (rights.view_channel and opens and rights.send_messages_in_threads):
            raise RefusedError(message)


async def require_permissions(interaction: Interaction, *acts: Permission) -> None:
    """Raise RefusedError unless the user has all permissions for campaigns."""
    guild_id, member = get_guild_and_member(interaction)
    for act in acts:
        await interaction.client.app.workspaces.require(guild_id, member, act)


def get_guild_and_member(interaction: Interaction) -> tuple[str, Member]:
    """Return the server, and the user as a member."""
    return str(interaction.guild_id or ""), build_member(interaction.user)


def get_campaigns(interaction: Interaction) -> CampaignService:
    """Return the campaign service."""
    return interaction.client.desk.campaigns
