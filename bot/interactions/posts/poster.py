"""Sending scheduled posts to their channels, once, and notifying their authors if that fails."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Container, Mapping, Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import discord

from bot.checks.links import unmask_links
from bot.errors import Phrase
from bot.interactions.posts.planned import format_moment
from bot.locales import localize, translate
from bot.replies.delivery import is_temporary
from bot.replies.pacer import Pacer
from bot.replies.traffic import use_call
from bot.replies.views import Layout, note_view
from bot.requests.members import build_member
from bot.team.calendar.posts import LOST_PERMISSION, PostFailedError, PostLaterError
from bot.team.calendar.recurrence import to_wall_time
from bot.team.workspace.roles import Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from personas.profile import find_zone
from storage.schedule import ScheduledPost

log = logging.getLogger(__name__)

_SILENT = discord.AllowedMentions.none()
# Statuses of a deleted channel, and of one where the bot may not write.
_GONE, _FORBIDDEN = 404, 403
# Maximum difference between Discord's clock and this machine's.
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=1)
# Maximum messages searched for one posted by an earlier attempt.
_MAX_SCANNED_MESSAGES = 1000
LATE = "This was scheduled for {when}."


class ChannelPoster:
    """Sends scheduled posts to the channels that a client can see."""

    def __init__(self, bot: discord.Client, pacer: Pacer, workspaces: Workspaces) -> None:
        self._bot, self._pacer, self._workspaces = bot, pacer, workspaces

    async def post(self, post: ScheduledPost, *, late: bool) -> str:
        """Post a text in its channel; return the message's id.

        Raises:
            PostFailedError: it cannot be posted.
            PostLaterError: Discord cannot be reached.
        """
        channel = await self._resolve_channel(post)
        call = await self._pacer.turn(self._pacer.post_window(channel.id), post.user_id)
        try:
            with _translate_refusals(), use_call(call):
                message = await channel.send(
                    view=post_view(post, is_late=late), nonce=_build_nonce("s", post), allowed_mentions=_SILENT
                )
        finally:
            self._pacer.mark_answered(call)
        return str(message.id)

    async def find(self, post: ScheduledPost, other_ids: Container[str]) -> str | None:
        """Return the id of the message that an earlier attempt sent; None if there is none. `other_ids` are those of other posts,
        which may have the same text.

        Raises:
            PostLaterError: Discord cannot be reached.
        """
        try:
            return await self._find_earlier_message(await self._resolve_channel(post), post, other_ids)
        except PostFailedError:
            return None

    async def notify(self, post: ScheduledPost, reason: Phrase) -> None:
        """Send the reason to the author of a post in a direct message, and to the server's owner if the author lost the permission.
        Users who accept no direct messages find it in the calendar.
        """
        # Discord drops a message with the nonce of another one, in any channel.
        nonces = {int(post.user_id): _build_nonce("t", post)}
        guild = self._bot.get_guild(int(post.guild_id)) if post.guild_id else None
        if guild is not None and guild.owner_id and post.reason == LOST_PERMISSION:
            nonces.setdefault(guild.owner_id, _build_nonce("o", post))
        view = note_view(localize(reason, post.locale), wrong=True, locale=post.locale)
        for user_id, nonce in nonces.items():
            call = await self._pacer.turn(self._pacer.post_window(user_id))
            try:
                with use_call(call):
                    dm = await self._bot.create_dm(discord.Object(user_id))
                    await dm.send(view=view, nonce=nonce, allowed_mentions=_SILENT)
            except (discord.HTTPException, discord.ClientException, aiohttp.ClientError, OSError) as error:
                log.warning("could not notify a user of a failed post: %s", type(error).__name__)
            finally:
                self._pacer.mark_answered(call)

    async def _resolve_channel(self, post: ScheduledPost) -> Any:
        """Return the channel of a post, after checking that its author may still post there, and the bot write.

        Raises:
            PostFailedError: the channel is gone, or one of them may not.
            PostLaterError: Discord cannot be reached.
        """
        with _translate_refusals():
            if not post.guild_id:
                return await self._bot.create_dm(discord.Object(int(post.user_id)))
            guild = self._bot.get_guild(int(post.guild_id))
            if guild is None:
                raise PostFailedError("gone")
            if guild.unavailable:
                raise PostLaterError
            channel = guild.get_channel_or_thread(int(post.channel_id))
            channel = channel or await guild.fetch_channel(int(post.channel_id))
            # Not from the cache, as the member may have left or lost a role since.
            try:
                member = await guild.fetch_member(int(post.user_id))
            except discord.NotFound:
                raise PostFailedError(LOST_PERMISSION) from None
            roles = await self._workspaces.find_roles(post.guild_id, build_member(member))
            if not (any_has_permission(roles, Permission.FILE) and can_write(channel, member)):
                raise PostFailedError(LOST_PERMISSION)
            if not can_write(channel, guild.me):
                raise PostFailedError("forbidden")
            return channel

    async def _find_earlier_message(self, channel: Any, post: ScheduledPost, other_ids: Container[str]) -> str | None:
        me = self._bot.user
        views = (post_view(post, is_late=is_late) for is_late in (False, True))
        possible_texts = [_get_text(view.to_components()) for view in views]  # type: ignore[no-untyped-call]
        after = post.due_at - _MAX_CLOCK_DIFFERENCE
        try:
            async for message in channel.history(after=after, limit=_MAX_SCANNED_MESSAGES, oldest_first=True):
                if not me or message.author.id != me.id or str(message.id) in other_ids:
                    continue
                if _get_text([component.to_dict() for component in message.components]) in possible_texts:
                    return str(message.id)
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise PostLaterError from error
        except (aiohttp.ClientError, OSError) as error:
            raise PostLaterError from error
        return None


def post_view(post: ScheduledPost, *, is_late: bool = False) -> Layout:
    """Build the message of a post: its text, and a note if it is late."""
    view = Layout()
    view.add_item(discord.ui.TextDisplay(unmask_links(post.text)))
    if is_late:
        due_time = format_moment(to_wall_time(post.due_at, find_zone(post.zone)), post.locale)
        view.add_item(discord.ui.TextDisplay(f"-# {translate(LATE, post.locale).format(when=due_time)}"))
    return view


def can_write(channel: Any, member: discord.Member) -> bool:
    """Return whether a member may post in a channel or thread."""
    try:
        permissions = channel.permissions_for(member)
    except discord.ClientException:  # A thread whose channel is deleted.
        return False
    if not isinstance(permissions, discord.Permissions) or not hasattr(channel, "send"):
        return False
    is_allowed = (
        permissions.send_messages_in_threads if isinstance(channel, discord.Thread) else permissions.send_messages
    )
    return permissions.view_channel and is_allowed


@contextlib.contextmanager
def _translate_refusals() -> Any:
    """Turn Discord's errors into PostFailedError, with the reason for the author, or into PostLaterError if it is worth
    another attempt.
    """
    try:
        yield
    except discord.HTTPException as error:
        if is_temporary(error.status):
            raise PostLaterError from error
        log.warning("Discord refused a post", extra={"status": error.status, "code": error.code})
        raise PostFailedError({_GONE: "gone", _FORBIDDEN: "forbidden"}.get(error.status, "refused")) from error
    except discord.ClientException as error:  # The channel belongs to another server, or is of an unknown type.
        log.warning("a post has no channel: %s", error)
        raise PostFailedError("gone") from error
    except (aiohttp.ClientError, OSError) as error:
        raise PostLaterError from error


def _build_nonce(prefix: str, post: ScheduledPost) -> str:
    """Return the nonce by which Discord recognises repeated attempts for a few minutes."""
    return f"{prefix}{post.id}"[:25]


def _get_text(components: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of a message's components, with white space normalised, as Discord changes it."""
    return " ".join(" ".join(str(component.get("content") or "") for component in components).split())
