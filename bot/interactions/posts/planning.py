"""Forms that ask when and where to post a text."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import discord

from bot.client import Interaction, build_member, whisper
from bot.errors import RefusedError
from bot.interactions.components import Form
from bot.interactions.posts.planned import planned_view
from bot.interactions.posts.poster import can_write
from bot.locales import translate
from bot.requests.members import fetch_member
from bot.team.calendar.moments import MAX_TIME_CHARACTERS
from bot.team.calendar.posts import BOT_CANNOT_WRITE, MAX_CHARACTERS, POST_LATE, SKIP_LATE, Actor, Target, can_change
from bot.team.workspace.roles import Role
from storage.schedule import ScheduledPost

IF_LATE = {POST_LATE: "post it up to 12 hours late", SKIP_LATE: "skip it"}
_WHEN_EXAMPLE = "tomorrow 9am, Friday 14:00, every Monday 8:00"
_CHANNEL_TYPES = [
    discord.ChannelType.text,
    discord.ChannelType.news,
    discord.ChannelType.voice,
    discord.ChannelType.public_thread,
    discord.ChannelType.private_thread,
    discord.ChannelType.news_thread,
]
_NOT_HERE = "I cannot schedule posts here. I can in servers I was added to and in private messages with me."


async def build_actor(interaction: Interaction) -> Actor:
    """Return the user and the server of an interaction."""
    guild_id, member = str(interaction.guild_id or ""), build_member(interaction.user)
    roles = await interaction.client.app.workspaces.find_roles(guild_id, member) if guild_id else frozenset[Role]()
    return Actor(
        str(interaction.user.id),
        guild_id=guild_id,
        channel_id=str(interaction.channel_id or ""),
        roles=roles,
        locale=interaction.locale.value,
    )


async def build_post_actor(interaction: Interaction, post: ScheduledPost) -> Actor:
    """Return the user of an interaction with their roles in the server of a post, also from a direct message; with none there
    if they have left it.
    """
    actor = await build_actor(interaction)
    if post.guild_id in ("", actor.guild_id):
        return actor
    roles = frozenset[Role]()
    with contextlib.suppress(RefusedError):
        member = await fetch_member(interaction.client, post.guild_id, actor.user_id)
        roles = await interaction.client.app.workspaces.find_roles(post.guild_id, member)
    return replace(actor, guild_id=post.guild_id, roles=roles)


def resolve_target(interaction: Interaction, channel_id: int | None) -> Target:
    """Return a channel as the target of a post, with whether the user and the bot may write there. In direct messages, the
    target is the current channel.

    Raises:
        RefusedError: the bot cannot post in it.
    """
    if interaction.guild_id is None:
        if not isinstance(interaction.channel, discord.DMChannel):
            raise RefusedError(_NOT_HERE)
        return Target(str(interaction.channel_id), user_can_write=True, bot_can_write=True)
    server = interaction.client.get_guild(interaction.guild_id)
    if server is None or not isinstance(interaction.user, discord.Member):
        raise RefusedError(_NOT_HERE)
    channel = server.get_channel_or_thread(channel_id or 0)
    if channel is None:
        raise RefusedError(BOT_CANNOT_WRITE)
    return Target(
        str(channel.id),
        user_can_write=can_write(channel, interaction.user),
        bot_can_write=can_write(channel, server.me),
        guild_id=str(server.id),
    )


def build_visibility_check(interaction: Interaction) -> Callable[[str], bool]:
    """Return a function that tells whether the user can see a channel of the server."""
    server, member = interaction.guild, interaction.user

    def can_see(channel_id: str) -> bool:
        channel = server.get_channel_or_thread(int(channel_id)) if server else None
        if channel is None or not isinstance(member, discord.Member):
            return False
        try:
            return channel.permissions_for(member).view_channel
        except discord.ClientException:
            return False

    return can_see


async def open_plan_form(interaction: Interaction, text: str, result_id: str = "", *, asset: str = "") -> None:
    """Open the form that schedules a text. `asset` names the library text and version to post, empty for other texts."""
    resolve_target(interaction, interaction.channel_id)
    is_in_server, channel_id = interaction.guild_id is not None, interaction.channel_id or 0
    await interaction.response.send_modal(
        PlanModal(text, result_id, channel_id if is_in_server else 0, interaction.locale.value, asset)
    )


async def show_post(interaction: Interaction, post: ScheduledPost, *, shows_zone: bool = False) -> None:
    """Show a scheduled post privately, replacing the message of the pressed button if possible.

    `shows_zone` adds whose time zone was used.
    """
    actor = await build_post_actor(interaction, post)
    zone = await interaction.client.app.calendar.find_zone(actor) if shows_zone else None
    # Not the calendar's zone if the user named one with the time.
    used_zone = zone if zone and zone.name == post.zone else None
    view = planned_view(post, actor.locale, can_change=can_change(actor, post), zone=used_zone)
    if shows_zone or interaction.message is None or not interaction.message.flags.ephemeral:
        await whisper(interaction, view)
    else:
        await interaction.response.edit_message(view=view)


class PlanModal(Form):
    """Ask for time, place and text of a post."""

    def __init__(
        self,
        text: str,
        result_id: str,
        channel_id: int,
        locale: str,
        asset: str = "",
        time_text: str = "",
        if_late: str = POST_LATE,
    ) -> None:
        super().__init__(title=translate("Post it later", locale))
        self._result_id, self._text, self._asset = result_id, text, asset
        self.when = build_when_input(locale, time_text)
        self.add_item(discord.ui.Label(text=translate("When, in your own words", locale), component=self.when))
        self.channel: discord.ui.ChannelSelect[PlanModal] | None = None
        if channel_id:
            self.channel = build_channel_select(channel_id)
            self.add_item(discord.ui.Label(text=translate("In which channel", locale), component=self.channel))
        self.text: discord.ui.TextInput[PlanModal] | None = None
        # A longer text is refused with a message instead of being truncated by Discord.
        if len(text) <= MAX_CHARACTERS and not asset:
            self.text = build_text_input(text)
            self.add_item(discord.ui.Label(text=translate("The text", locale), component=self.text))
        self.late: discord.ui.Select[PlanModal] = discord.ui.Select()
        for value, label in IF_LATE.items():
            self.late.add_option(label=translate(label, locale), value=value, default=value == if_late)
        self.add_item(discord.ui.Label(text=translate("If I am offline then", locale), component=self.late))

    async def act(self, interaction: Interaction) -> None:
        """Schedule the post."""
        channel_id = self.channel.values[0].id if self.channel and self.channel.values else interaction.channel_id
        post = await interaction.client.app.calendar.schedule(
            await build_actor(interaction),
            resolve_target(interaction, channel_id),
            self.when.value,
            self.text.value if self.text else self._text,
            if_late=next(iter(self.late.values), POST_LATE),
            result_id=self._result_id,
            asset=self._asset,
        )
        await show_post(interaction, post, shows_zone=True)


def build_when_input(locale: str, default: str = "") -> discord.ui.TextInput[Any]:
    """Build the input for a time in the user's own words; `default` fills it in."""
    return discord.ui.TextInput(
        max_length=MAX_TIME_CHARACTERS,
        placeholder=translate(_WHEN_EXAMPLE, locale),
        default=default[:MAX_TIME_CHARACTERS] or None,
    )


def build_text_input(text: str) -> discord.ui.TextInput[Any]:
    """Build the input for the text to post."""
    return discord.ui.TextInput(style=discord.TextStyle.paragraph, max_length=MAX_CHARACTERS, default=text)


def build_channel_select(channel_id: int) -> discord.ui.ChannelSelect[Any]:
    """Build the menu of channels, with one preselected."""
    default = discord.SelectDefaultValue.from_channel(discord.Object(channel_id))
    return discord.ui.ChannelSelect(channel_types=_CHANNEL_TYPES, default_values=[default], required=True)
