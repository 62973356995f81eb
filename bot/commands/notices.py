"""/reviews: what waits for a member, and how they are notified; and the loop that notifies reviewers and authors."""

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
from bot.locales import translate
from bot.replies.ledger import plain
from bot.replies.traffic import use_call
from bot.replies.views import COLOURS, ActionRow, Layout, note_view
from bot.requests.members import fetch_member
from bot.team.review.notices import NoticeBundle, ReviewNews
from bot.team.review.service import ReviewTask, ReviewView
from bot.team.workspace.roles import Permission
from bot.team.workspace.settings import WorkspaceSettings
from storage.notifications import NotificationMode

from ._components import PersistentItem
from ._library import build_asset_button_id
from ._periodic import PeriodicCog
from ._posts.poster import can_write
from ._review import STATUS_NAMES, Button, format_event
from ._review_messages import get_guild_and_member

log = logging.getLogger(__name__)

_SILENT = discord.AllowedMentions.none()
# Texts of a list, and lines of a notification.
_MAX_LISTED, _MAX_LINES = 8, 20
WAYS: dict[NotificationMode, str] = {
    "mention": "Mention me where reviews are shown",
    "direct": "Send me a direct message",
    "nothing": "Do not tell me",
}
_WHY = {
    "review": "waits for your review",
    "changes": "changes were requested",
    "assigned": "is assigned to you",
}
_NOTHING = "Nothing is waiting for you."
_HINT = "Choose how I tell you in /reviews."
_WAITING = "Waiting for review: {people}"
_CHOOSE = "How I tell you what concerns you in reviews here"


@dataclass(slots=True)
class _ChannelNotification:
    """A message to one channel, and whom it pings."""

    lines: list[str] = field(default_factory=list)
    people: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)


class ReviewNotices(PeriodicCog):
    """Notifies members about reviews, soon after the event, in the way each has chosen."""

    SECONDS = 10.0

    @app_commands.command(name="reviews", description="See what is waiting for you, and choose how I tell you")
    @app_commands.guild_only()
    async def reviews(self, interaction: Interaction) -> None:
        """Show what waits for the user, privately."""
        await interaction.response.defer(ephemeral=True, thinking=True)
        await whisper(interaction, await _build_page(interaction))

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        """Record a comment on a review: in the thread of its message, or in reply to it."""
        place, me = message.channel, self._bot.user
        if message.author.bot or message.guild is None or me is None or not isinstance(place, discord.Thread):
            return
        replied = message.reference.message_id if message.reference else None
        if place.owner_id == me.id:
            shown = [str(one) for one in (place.id, replied) if one]
            try:
                await self._bot.app.reviewing.record_comment(str(message.guild.id), str(message.author.id), shown)
            except QuillmateError as error:  # They talk to each other, and not to the bot.
                log.warning("a comment could not be noted: %s", type(error).__name__)

    async def run_once(self) -> None:
        """Send all due notifications, if this process is in charge of its slot."""
        bot = self._bot
        if bot.stopping or not await bot.desk.in_charge():
            return
        try:
            for bundle in await bot.app.notices.take(bot.serves):
                server = bot.get_guild(int(bundle.guild_id))
                if server is not None:
                    await self._send_notifications(server, bundle)
        except QuillmateError as error:
            log.warning("nobody told: %s", type(error).__name__)
        except Exception:  # The loop continues.
            log.exception("nobody told")

    async def _send_notifications(self, server: discord.Guild, bundle: NoticeBundle) -> None:
        settings = await self._bot.app.workspaces.load_settings(bundle.guild_id)
        posts: defaultdict[str, _ChannelNotification] = defaultdict(_ChannelNotification)
        direct: defaultdict[str, list[str]] = defaultdict(list)
        await self._add_waiting(server, settings, bundle, posts, direct)
        for user_id, news in bundle.news.items():
            way = bundle.ways.get(user_id, "mention")
            by_place: defaultdict[str, list[str]] = defaultdict(list)
            for one in news if way != "nothing" else ():
                where = one.view.asset.shown_in or settings.review_channel
                there = way == "mention" and _find_writable_place(server, where) is not None
                by_place[where if there and where else ""].append(_format_news(one, server))
            direct[user_id] += by_place.pop("", [])
            for where, lines in by_place.items():
                posts[where].lines += [f"<@{user_id}>", *lines]
                posts[where].people.add(user_id)
        for where, post in posts.items():
            await self._post(server, where, post)
        for user_id, lines in direct.items():
            await self._send_direct(server, user_id, lines)

    async def _add_waiting(
        self,
        server: discord.Guild,
        settings: WorkspaceSettings,
        bundle: NoticeBundle,
        posts: defaultdict[str, _ChannelNotification],
        direct: defaultdict[str, list[str]],
    ) -> None:
        """Add the texts that wait for reviewers to the reviews' channel, and to those who want a direct message."""
        named = [(one, way) for one, way in bundle.ways.items() if way != "nothing"]
        if not bundle.waiting:
            return
        roles = {one for one in settings.reviewer_role_ids if server.get_role(int(one))}
        if not roles and server.owner_id and str(server.owner_id) not in bundle.ways:
            named.append((str(server.owner_id), "mention"))
        theirs = {one: await self._filter_texts_of(bundle, one) for one, _ in named}
        by_place: defaultdict[str, list[ReviewView]] = defaultdict(list)
        for seen in bundle.waiting:
            where = settings.review_channel or seen.asset.shown_in or ""
            if _find_writable_place(server, where) is not None:
                by_place[where].append(seen)
        for where, texts in by_place.items():
            people = {one for one, way in named if way == "mention" and any(seen in theirs[one] for seen in texts)}
            who = ", ".join([*(f"<@&{one}>" for one in sorted(roles)), *(f"<@{one}>" for one in sorted(people))])
            if not who:
                continue
            head = translate(_WAITING, server.preferred_locale.value).format(people=who)
            post = posts[where]
            post.lines = [head, *(_format_text(seen, server) for seen in texts), *post.lines]
            post.people |= people
            post.roles |= roles
        for user_id in [one for one, way in named if way == "direct" and theirs[one]]:
            head = translate(_WAITING, server.preferred_locale.value).format(people=f"<@{user_id}>")
            direct[user_id] = [head, *(_format_text(seen, server) for seen in theirs[user_id]), *direct[user_id]]

    async def _filter_texts_of(self, bundle: NoticeBundle, user_id: str) -> Sequence[ReviewView]:
        """Return the texts that wait for a member."""
        try:
            member = await fetch_member(self._bot, bundle.guild_id, user_id)
        except RefusedError:
            return ()
        notices = self._bot.app.notices
        return [seen for seen in bundle.waiting if await notices.can_review(bundle.guild_id, member, seen)]

    async def _post(self, server: discord.Guild, where: str, post: _ChannelNotification) -> None:
        place = _find_writable_place(server, where)
        if place is None or not post.lines:
            return
        mentions = discord.AllowedMentions(
            everyone=False,
            replied_user=False,
            users=[discord.Object(int(one)) for one in sorted(post.people)],
            roles=[discord.Object(int(one)) for one in sorted(post.roles)],
        )
        await self._send(place, _build_view(post.lines, server), mentions, int(where))

    async def _send_direct(self, server: discord.Guild, user_id: str, lines: Sequence[str]) -> None:
        """Send a direct message to a member; those who accept none find it in /reviews."""
        if not lines:
            return
        try:
            there = await self._bot.create_dm(discord.Object(int(user_id)))
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a notice could not be sent: %s", type(error).__name__)
            return
        await self._send(there, _build_view([f"**{plain(server.name)}**", *lines], server), _SILENT, int(user_id))

    async def _send(self, place: Any, view: Layout, mentions: discord.AllowedMentions, window: int) -> None:
        pacer = self._bot.app.pacer
        call = await pacer.turn(pacer.post_window(window))
        try:
            with use_call(call):
                await place.send(view=view, allowed_mentions=mentions)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a notice could not be posted: %s", type(error).__name__)
        finally:
            pacer.mark_answered(call)


def _find_writable_place(server: discord.Guild, where: str | None) -> Any:
    """Return a channel or thread that the bot may write in, None if there is none."""
    place = server.get_channel_or_thread(int(where)) if where else None
    return place if place is not None and can_write(place, server.me) else None


def _build_view(lines: Sequence[str], server: discord.Guild) -> Layout:
    locale = server.preferred_locale.value
    shown = list(lines[:_MAX_LINES])
    if more := len(lines) - len(shown):
        shown.append(translate("{count} more", locale).format(count=more))
    return note_view("\n".join([*shown, f"-# {translate(_HINT, locale)}"]), locale=locale)


def _format_text(seen: ReviewView, server: discord.Guild) -> str:
    asset, locale = seen.asset, server.preferred_locale.value
    told = [f"**{plain(asset.title)}**", translate("Version {version}", locale).format(version=asset.version)]
    told += [f"<@{asset.given_by}>"] if asset.given_by else []
    return f"- {' · '.join([*told, *_format_link(seen, server)])}"


def _format_news(news: ReviewNews, server: discord.Guild) -> str:
    told = [format_event(news.event, server.preferred_locale.value), f"**{plain(news.view.asset.title)}**"]
    return f"- {' · '.join([*told, *_format_link(news.view, server)])}"


def _format_link(seen: ReviewView, server: discord.Guild) -> list[str]:
    asset = seen.asset
    return [f"https://discord.com/channels/{server.id}/{asset.shown_in}/{asset.shown_as}"] if asset.shown_as else []


async def _build_page(interaction: Interaction) -> Layout:
    """Build what waits for the user, each with a button that opens it, and a menu of how they are notified."""
    app, (guild_id, member), locale = (
        interaction.client.app,
        get_guild_and_member(interaction),
        interaction.locale.value,
    )
    waiting = await app.reviewing.list_tasks(guild_id, member)
    box = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    box.add_item(discord.ui.TextDisplay(f"### {translate('Waiting for you', locale)}"))
    for one in waiting[:_MAX_LISTED]:
        button: Button = discord.ui.Button(
            label=translate("Open", locale), custom_id=build_asset_button_id(one.view.asset.id)
        )
        box.add_item(discord.ui.Section(discord.ui.TextDisplay(_format_task(one, locale)), accessory=button))
    if not waiting:
        box.add_item(discord.ui.TextDisplay(translate(_NOTHING, locale)))
    if more := len(waiting[_MAX_LISTED:]):
        box.add_item(discord.ui.TextDisplay(f"-# {translate('{count} more', locale).format(count=more)}"))
    menu: discord.ui.Select[discord.ui.LayoutView] = discord.ui.Select(
        custom_id="quillnotices:way", placeholder=translate(_CHOOSE, locale)
    )
    known = await app.notices.load_way(guild_id, member.user_id)
    for way in WAYS:
        menu.add_option(label=translate(WAYS[way], locale), value=way, default=way == known)
    view = Layout()
    view.add_item(box)
    view.add_item(ActionRow(menu))
    return view


def _format_task(one: ReviewTask, locale: str) -> str:
    asset = one.view.asset
    small = [translate(_WHY[one.why], locale), translate(STATUS_NAMES[asset.status], locale)]
    small += [f"<@{asset.given_by}>"] if asset.given_by else []
    return f"**{plain(asset.title)}**\n-# {' · '.join(small)}"


class WayMenu(PersistentItem[discord.ui.Select[Any]], template=r"quillnotices:way"):
    """Chooses how a member is notified."""

    def __init__(self) -> None:
        super().__init__(discord.ui.Select(custom_id="quillnotices:way"))

    async def act(self, interaction: Interaction) -> None:
        """Store it, and update the page."""
        guild_id, member = get_guild_and_member(interaction)
        await interaction.client.app.workspaces.require(guild_id, member, Permission.SEE)
        chosen = next((one for one in WAYS if one in self.item.values), None)
        if chosen is None:
            raise RefusedError("That button no longer works.")
        await interaction.client.app.notices.choose(guild_id, member.user_id, chosen)
        await interaction.response.edit_message(view=await _build_page(interaction), allowed_mentions=_SILENT)


async def setup(bot: QuillmateBot) -> None:
    """Add the command and the loop, and make old menus work."""
    bot.add_dynamic_items(WayMenu)
    await bot.add_cog(ReviewNotices(bot))
