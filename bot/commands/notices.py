"""/reviews: a member's review tasks and notification setting, and the loop that notifies reviewers and authors."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import QuillmateError, RefusedError
from bot.interactions.components import PersistentItem
from bot.interactions.library import build_asset_button_id
from bot.interactions.periodic import PeriodicCog
from bot.interactions.posts.poster import can_write
from bot.interactions.review import STATUS_NAMES, Button, format_event
from bot.interactions.review_messages import get_guild_and_member
from bot.locales import translate
from bot.replies.ledger import plain
from bot.replies.traffic import use_call
from bot.replies.views import COLOURS, ActionRow, Layout, note_view
from bot.requests.members import fetch_member
from bot.team.review.notices import NoticeBundle, ReviewNews
from bot.team.review.views import ReviewTask, ReviewView
from bot.team.workspace.roles import Permission
from bot.team.workspace.settings import WorkspaceSettings
from storage.notifications import NotificationMode

log = logging.getLogger(__name__)

_SILENT = discord.AllowedMentions.none()
# Maximum texts in a list, and lines in a notification.
_MAX_LISTED_TASKS, _MAX_LINES = 8, 20
MODE_LABELS: dict[NotificationMode, str] = {
    "mention": "Mention me where reviews are shown",
    "direct": "Send me a direct message",
    "nothing": "Do not notify me",
}
_WHY = {
    "review": "is waiting for your review",
    "changes": "changes were requested",
    "assigned": "is assigned to you",
}
_NO_TASKS = "Nothing is waiting for you."
_HINT = "Choose how I notify you in /reviews."
_WAITING = "Waiting for review: {people}"
_CHOOSE = "How I notify you about reviews here"


@dataclass(slots=True)
class _ChannelNotification:
    """A message to one channel, and the users and roles it pings."""

    lines: list[str] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


class ReviewNotices(PeriodicCog):
    """Notifies members about reviews, soon after the event, in the way each has chosen."""

    SECONDS = 10.0

    @app_commands.command(name="reviews", description="See what is waiting for you, and choose how I notify you")
    @app_commands.guild_only()
    async def reviews(self, interaction: Interaction) -> None:
        """Show the user's review tasks in an ephemeral message."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await whisper(interaction, await _build_page(interaction))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Record a comment on a review: a message in the thread of the review's message, or a reply to it."""
        channel, me = message.channel, self._bot.user
        if message.author.bot or message.guild is None or me is None or not isinstance(channel, discord.Thread):
            return
        replied_id = message.reference.message_id if message.reference else None
        if channel.owner_id == me.id:
            message_ids = [str(snowflake) for snowflake in (channel.id, replied_id) if snowflake]
            try:
                await self._bot.app.reviewing.record_comment(str(message.guild.id), str(message.author.id), message_ids)
            except QuillmateError as error:  # Not reported, as members are talking to each other, not to the bot.
                log.warning("a comment could not be recorded: %s", type(error).__name__)

    async def run_once(self) -> None:
        """Send all due notifications, if this process is in charge of its slot."""
        bot = self._bot
        if bot.stopping or not await bot.desk.holds_lease():
            return
        try:
            for bundle in await bot.app.notices.take(bot.serves):
                server = bot.get_guild(int(bundle.guild_id))
                if server is not None:
                    await self._send_notifications(server, bundle)
        except QuillmateError as error:
            log.warning("review notifications could not be sent: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("review notifications could not be sent")

    async def _send_notifications(self, server: discord.Guild, bundle: NoticeBundle) -> None:
        settings = await self._bot.app.workspaces.load_settings(bundle.guild_id)
        posts: defaultdict[str, _ChannelNotification] = defaultdict(_ChannelNotification)
        direct_lines: defaultdict[str, list[str]] = defaultdict(list)
        await self._add_waiting(server, settings, bundle, posts, direct_lines)
        for user_id, news in bundle.news.items():
            mode = bundle.modes.get(user_id, "mention")
            by_channel: defaultdict[str, list[str]] = defaultdict(list)
            for item in news if mode != "nothing" else ():
                channel_id = item.view.asset.channel_id or settings.review_channel
                is_in_channel = mode == "mention" and _find_writable_channel(server, channel_id) is not None
                by_channel[channel_id if is_in_channel and channel_id else ""].append(_format_news(item, server))
            direct_lines[user_id] += by_channel.pop("", [])
            for channel_id, lines in by_channel.items():
                posts[channel_id].lines += [f"<@{user_id}>", *lines]
                posts[channel_id].people.add(user_id)
        for channel_id, post in posts.items():
            await self._post(server, channel_id, post)
        for user_id, lines in direct_lines.items():
            await self._send_direct(server, user_id, lines)

    async def _add_waiting(
        self,
        server: discord.Guild,
        settings: WorkspaceSettings,
        bundle: NoticeBundle,
        posts: defaultdict[str, _ChannelNotification],
        direct_lines: defaultdict[str, list[str]],
    ) -> None:
        """Add the texts that await review to the posts in channels and to the reviewers' direct messages."""
        reviewer_modes = [(user_id, mode) for user_id, mode in bundle.modes.items() if mode != "nothing"]
        if not bundle.waiting:
            return
        roles = {role_id for role_id in settings.reviewer_role_ids if server.get_role(int(role_id))}
        if not roles and server.owner_id and str(server.owner_id) not in bundle.modes:
            reviewer_modes.append((str(server.owner_id), "mention"))
        texts_by_reviewer = {
            user_id: await self._list_reviewable_texts(bundle, user_id) for user_id, _ in reviewer_modes
        }
        by_channel: defaultdict[str, list[ReviewView]] = defaultdict(list)
        for review_view in bundle.waiting:
            channel_id = settings.review_channel or review_view.asset.channel_id or ""
            if _find_writable_channel(server, channel_id) is not None:
                by_channel[channel_id].append(review_view)
        for channel_id, texts in by_channel.items():
            people = {
                user_id
                for user_id, mode in reviewer_modes
                if mode == "mention" and any(review_view in texts_by_reviewer[user_id] for review_view in texts)
            }
            mentions = ", ".join(
                [*(f"<@&{role_id}>" for role_id in sorted(roles)), *(f"<@{user_id}>" for user_id in sorted(people))]
            )
            if not mentions:
                continue
            heading = translate(_WAITING, server.preferred_locale.value).format(people=mentions)
            post = posts[channel_id]
            post.lines = [heading, *(_format_text(review_view, server) for review_view in texts), *post.lines]
            post.people |= people
            post.roles |= roles
        for user_id in [user_id for user_id, mode in reviewer_modes if mode == "direct" and texts_by_reviewer[user_id]]:
            heading = translate(_WAITING, server.preferred_locale.value).format(people=f"<@{user_id}>")
            direct_lines[user_id] = [
                heading,
                *(_format_text(review_view, server) for review_view in texts_by_reviewer[user_id]),
                *direct_lines[user_id],
            ]

    async def _list_reviewable_texts(self, bundle: NoticeBundle, user_id: str) -> Sequence[ReviewView]:
        """Return the waiting texts that a member can review; empty if the member has left."""
        try:
            member = await fetch_member(self._bot, bundle.guild_id, user_id)
        except RefusedError:
            return ()
        notices = self._bot.app.notices
        return [
            review_view
            for review_view in bundle.waiting
            if await notices.can_review(bundle.guild_id, member, review_view)
        ]

    async def _post(self, server: discord.Guild, channel_id: str, post: _ChannelNotification) -> None:
        channel = _find_writable_channel(server, channel_id)
        if channel is None or not post.lines:
            return
        mentions = discord.AllowedMentions(
            everyone=False,
            replied_user=False,
            users=[discord.Object(int(snowflake)) for snowflake in sorted(post.people)],
            roles=[discord.Object(int(role)) for role in sorted(post.roles)],
        )
        await self._send(channel, _build_view(post.lines, server), mentions, int(channel_id))

    async def _send_direct(self, server: discord.Guild, user_id: str, lines: Sequence[str]) -> None:
        """Send a direct message to a member; members who accept none find their tasks in /reviews."""
        if not lines:
            return
        try:
            dm = await self._bot.create_dm(discord.Object(int(user_id)))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a notice could not be sent: %s", type(error).__name__)
            return
        await self._send(dm, _build_view([f"**{plain(server.name)}**", *lines], server), _SILENT, int(user_id))

    async def _send(self, channel: Any, view: Layout, mentions: discord.AllowedMentions, window: int) -> None:
        pacer = self._bot.app.pacer
        call = await pacer.turn(pacer.post_window(window))
        try:
            with use_call(call):
                await channel.send(view=view, allowed_mentions=mentions)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a notice could not be posted: %s", type(error).__name__)
        finally:
            pacer.mark_answered(call)


def _find_writable_channel(server: discord.Guild, channel_id: str | None) -> Any:
    """Return a channel or thread if the bot may write in it, else None."""
    channel = server.get_channel_or_thread(int(channel_id)) if channel_id else None
    return channel if channel is not None and can_write(channel, server.me) else None


def _build_view(lines: Sequence[str], server: discord.Guild) -> Layout:
    locale = server.preferred_locale.value
    visible_lines = list(lines[:_MAX_LINES])
    if hidden_count := len(lines) - len(visible_lines):
        visible_lines.append(translate("{count} more", locale).format(count=hidden_count))
    return note_view("\n".join([*visible_lines, f"-# {translate(_HINT, locale)}"]), locale=locale)


def _format_text(review_view: ReviewView, server: discord.Guild) -> str:
    asset, locale = review_view.asset, server.preferred_locale.value
    parts = [f"**{plain(asset.title)}**", translate("Version {version}", locale).format(version=asset.version)]
    parts += [f"<@{asset.given_by}>"] if asset.given_by else []
    return f"- {' · '.join([*parts, *_format_link(review_view, server)])}"


def _format_news(news: ReviewNews, server: discord.Guild) -> str:
    parts = [format_event(news.event, server.preferred_locale.value), f"**{plain(news.view.asset.title)}**"]
    return f"- {' · '.join([*parts, *_format_link(news.view, server)])}"


def _format_link(review_view: ReviewView, server: discord.Guild) -> list[str]:
    asset = review_view.asset
    return (
        [f"https://discord.com/channels/{server.id}/{asset.channel_id}/{asset.message_id}"] if asset.message_id else []
    )


async def _build_page(interaction: Interaction) -> Layout:
    """Build the list of the user's review tasks, each with a button that opens it, and the menu of notification modes."""
    app, locale = interaction.client.app, interaction.locale.value
    guild_id, member = get_guild_and_member(interaction)
    tasks = await app.reviewing.list_tasks(guild_id, member)
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(discord.ui.TextDisplay(f"### {translate('Waiting for you', locale)}"))
    for task in tasks[:_MAX_LISTED_TASKS]:
        button: Button = discord.ui.Button(
            label=translate("Open", locale), custom_id=build_asset_button_id(task.view.asset.id)
        )
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(_format_task(task, locale)), accessory=button))
    if not tasks:
        box.add_item(discord.ui.TextDisplay(translate(_NO_TASKS, locale)))
    if hidden_count := len(tasks[_MAX_LISTED_TASKS:]):
        box.add_item(discord.ui.TextDisplay(f"-# {translate('{count} more', locale).format(count=hidden_count)}"))
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id="quillnotices:way", placeholder=translate(_CHOOSE, locale)
    )
    current_mode = await app.notices.load_mode(guild_id, member.user_id)
    for way in MODE_LABELS:
        menu.add_option(label=translate(MODE_LABELS[way], locale), value=way, default=way == current_mode)
    view = Layout()
    view.add_item(box)
    view.add_item(ActionRow(menu))
    return view


def _format_task(task: ReviewTask, locale: str) -> str:
    asset = task.view.asset
    details = [translate(_WHY[task.reason], locale), translate(STATUS_NAMES[asset.status], locale)]
    details += [f"<@{asset.given_by}>"] if asset.given_by else []
    return f"**{plain(asset.title)}**\n-# {' · '.join(details)}"


class WayMenu(PersistentItem[discord.ui.Select[Any]], template=r"quillnotices:way"):
    """The menu that chooses how a member is notified."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Select(custom_id="quillnotices:way"))

    async def act(self, interaction: Interaction) -> None:
        """Store the choice, and update the page."""
        guild_id, member = get_guild_and_member(interaction)
        await interaction.client.app.workspaces.require(guild_id, member, Permission.SEE)
        new_mode = next((mode for mode in MODE_LABELS if mode in self.item.values), None)
        if new_mode is None:
            raise RefusedError("That button no longer works.")
        await interaction.client.app.notices.set_mode(guild_id, member.user_id, new_mode)
        await interaction.response.edit_message(view=await _build_page(interaction), allowed_mentions=_SILENT)


async def setup(bot: QuillmateBot) -> None:
    """Add the command and the loop, and register the menu, so that old ones work, too."""
    bot.add_dynamic_items(WayMenu)
    await bot.add_cog(ReviewNotices(bot))
