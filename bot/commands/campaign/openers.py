"""Find the campaign of a command, and the channel for a new campaign's thread; check permissions."""

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

ThreadParent = discord.TextChannel | discord.ForumChannel


async def find_campaign(interaction: Interaction, title: str | None) -> Campaign:
    """Return the campaign with a title or id, or the one of the current thread if no title is given.

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


def find_parent_channel(interaction: Interaction, chosen_channel: ThreadParent | None) -> ThreadParent:
    """Return the channel or forum for a campaign's thread, by default the current one.

    Raises:
        RefusedError: it has no threads, or the user or the bot may not open one there.
    """
    server, channel = interaction.guild, chosen_channel or interaction.channel
    if isinstance(channel, discord.Thread):
        channel = channel.parent
    parent_channel = server.get_channel(channel.id) if server and isinstance(channel, discord.abc.Snowflake) else None
    if (
        server is None
        or not isinstance(parent_channel, ThreadParent)
        or not isinstance(interaction.user, discord.Member)
    ):
        raise RefusedError(NOWHERE)
    require_can_open_threads(parent_channel, interaction.user, server.me)
    return parent_channel


def require_can_open_threads(channel: ThreadParent, member: discord.Member, me: discord.Member) -> None:
    """Raise RefusedError if the member or the bot may not open threads there."""
    for member_to_check, message in ((member, _NOT_A_WRITER), (me, CANNOT_OPEN)):
        allowed = channel.permissions_for(member_to_check)
        is_forum = isinstance(channel, discord.ForumChannel)
        can_open = allowed.send_messages if is_forum else allowed.create_public_threads
        if not (allowed.view_channel and can_open and allowed.send_messages_in_threads):
            raise RefusedError(message)


async def require_permissions(interaction: Interaction, *permissions: Permission) -> None:
    """Raise RefusedError unless the user has all permissions for campaigns."""
    guild_id, member = get_guild_and_member(interaction)
    for permission in permissions:
        await interaction.client.app.workspaces.require(guild_id, member, permission)


def get_guild_and_member(interaction: Interaction) -> tuple[str, Member]:
    """Return the id of the server, and the user as a member."""
    return str(interaction.guild_id or ""), build_member(interaction.user)


def get_campaigns(interaction: Interaction) -> CampaignService:
    """Return the campaign service."""
    return interaction.client.desk.campaigns
