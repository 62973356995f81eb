"""The threads of campaigns: opens them, posts pieces in them, and keeps their boards up to date."""

from __future__ import annotations

import contextlib
import logging
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.client import QuillmateBot
from bot.commands.campaign.openers import CANNOT_OPEN, ThreadParent
from bot.commands.campaign.views import board_view, build_board_file, render_board
from bot.errors import Phrase, RefusedError
from bot.interactions.campaigns import build_text_view
from bot.interactions.names import find_names
from bot.interactions.refresher import Refresher
from bot.locales import localize
from bot.replies.delivery import is_temporary
from bot.replies.traffic import use_call
from bot.replies.views import note_view
from bot.requests.campaign_writing import ThreadGoneError
from bot.requests.campaigns import CampaignOverview
from storage.audit import AuditEntry
from storage.campaigns import Campaign, CampaignPiece
from storage.owners import get_guild_id

log = logging.getLogger(__name__)

# Minimum interval between edits of a board.
BOARD_SECONDS = 3.0
_MAX_NAME, _MAX_SCANNED_MESSAGES = 90, 200
_MAX_CLOCK_DIFFERENCE = timedelta(minutes=1)
# Discord's code for an archived thread.
_ARCHIVED = 50083
_SILENT = discord.AllowedMentions.none()
_THREAD_GONE = (
    "The thread of the campaign “{title}” no longer exists, so I have stopped working on it. Its texts are in /library."
)


class CampaignThreads(commands.Cog):
    """Opens the threads of campaigns, posts pieces there, and keeps the boards up to date."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._boards = Refresher("board", self._show_current, lambda: BOARD_SECONDS)
        bot.app.recorder.add_listener(self._on_event)

    async def cog_unload(self) -> None:
        """Cancel pending updates of boards; the next change shows them."""
        self._boards.cancel()

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """End a campaign whose thread is deleted."""
        campaigns = self._bot.desk.campaigns
        campaign = await campaigns.find_in_thread(str(payload.guild_id), str(payload.thread_id))
        if campaign is not None:
            await self.end(campaign)

    @classmethod
    def of(cls, bot: QuillmateBot) -> CampaignThreads:
        """Return the cog of a client."""
        cog = bot.get_cog(cls.__cog_name__)
        assert isinstance(cog, CampaignThreads)
        return cog

    async def _on_event(self, event: AuditEntry) -> None:
        if not event.about:
            return
        campaigns, guild_id = self._bot.desk.campaigns, get_guild_id(event.owner_id)
        piece = await campaigns.find_piece(guild_id, event.about)
        campaign = await campaigns.get(guild_id, piece.campaign_id if piece else event.about)
        if campaign is not None:
            self.schedule_board_update(campaign)

    def schedule_board_update(self, campaign: Campaign, note: Phrase | None = None) -> None:
        """Schedule an update of a campaign's board; changes in quick succession share one update."""
        self._boards.refresh_soon(campaign.guild_id, campaign.id, note)

    async def _show_current(self, guild_id: str, campaign_id: str, note: Phrase | None) -> None:
        campaign = await self._bot.desk.campaigns.get(guild_id, campaign_id)
        if campaign is None or campaign.state == "closed" or not campaign.board_id:
            return
        server = self._bot.get_guild(int(guild_id))
        if server is None or server.unavailable:
            return
        view, file = await self._draw_board(campaign, note)
        thread = self._bot.get_partial_messageable(int(campaign.thread_id), guild_id=server.id)
        message = thread.get_partial_message(int(campaign.board_id))
        call = await self._bot.app.pacer.turn(self._bot.app.pacer.edit_window(thread.id))
        try:
            with use_call(call):
                await message.edit(view=view, attachments=[file], allowed_mentions=_SILENT)
        except discord.NotFound:
            await self._restore_board(campaign)
        except discord.HTTPException as error:
            if error.code != _ARCHIVED:
                raise
            channel = server.get_thread(thread.id) or await server.fetch_channel(thread.id)
            if isinstance(channel, discord.Thread) and not channel.locked:
                await channel.edit(archived=False)
                file.reset()
                await message.edit(view=view, attachments=[file], allowed_mentions=_SILENT)
        finally:
            self._bot.app.pacer.mark_answered(call)

    async def _restore_board(self, campaign: Campaign) -> None:
        """Post a deleted board again; if its thread is deleted, end the campaign."""
        try:
            channel = await self._get_thread(campaign)
        except ThreadGoneError:
            await self.end(campaign)
            return
        view, file = await self._draw_board(campaign)
        message = await channel.send(view=view, files=[file], allowed_mentions=_SILENT)
        await self._bot.desk.campaigns.attach_thread(campaign, campaign.thread_id, str(message.id))

    async def _draw_board(
        self, campaign: Campaign, note: Phrase | None = None
    ) -> tuple[discord.ui.LayoutView, discord.File]:
        overview, locale = await self._bot.desk.campaigns.build_overview(campaign), self._find_locale(campaign)
        picture = await render_board(overview, await load_assignee_names(self._bot, overview), locale)
        file = build_board_file(overview, picture, locale)
        return board_view(overview, file, locale, note), file

    def _find_locale(self, campaign: Campaign) -> str:
        """Return the locale of messages in the campaign's thread."""
        server = self._bot.get_guild(int(campaign.guild_id))
        return server.preferred_locale.value if server else campaign.locale

    async def open(self, campaign: Campaign) -> Campaign:
        """Open the thread of a campaign, or find the one that an earlier process opened; its first message is the
        board.

        Raises:
            ThreadGoneError: its channel is deleted.
            RefusedError: the bot may not open threads there.
        """
        server = self._bot.get_guild(int(campaign.guild_id))
        channel = server.get_channel(int(campaign.channel_id)) if server else None
        if server is None or not isinstance(channel, ThreadParent):
            raise ThreadGoneError
        view, file = await self._draw_board(campaign)
        name, thread = (campaign.title or "…")[:_MAX_NAME], _find_earlier_thread(server, channel, campaign)
        message: discord.Message | None = None
        try:
            if thread is not None:
                message = await _find_message(self._bot, thread, f":{campaign.id}")
            elif isinstance(channel, discord.ForumChannel):
                tags = channel.available_tags[:1] if channel.flags.require_tag else []
                created = await channel.create_thread(
                    name=name, view=view, files=[file], applied_tags=tags, allowed_mentions=_SILENT
                )
                thread, message = created.thread, created.message
            else:
                thread = await channel.create_thread(name=name, type=discord.ChannelType.public_thread)
            message = message or await thread.send(view=view, files=[file], allowed_mentions=_SILENT)
        except discord.Forbidden:
            raise RefusedError(CANNOT_OPEN) from None
        return await self._bot.desk.campaigns.attach_thread(campaign, str(thread.id), str(message.id))

    async def show(self, campaign: Campaign, piece: CampaignPiece, *, may_be_shown: bool) -> None:
        """Post a piece in its thread unless it is already posted.

        If `may_be_shown`, an earlier attempt may have posted it, so its message is searched for first.

        Raises:
            ThreadGoneError: the thread is deleted, or the bot may no longer write there.
        """
        review_view = await self._bot.app.reviewing.load_public_view(campaign.guild_id, piece.asset_id)
        if review_view is None or review_view.asset.message_id:
            return
        thread, locale = await self._get_thread(campaign), self._find_locale(campaign)
        message = await _find_message(self._bot, thread, f":{piece.asset_id}") if may_be_shown else None
        if message is None:
            view = build_text_view(review_view, piece, locale)
            call = await self._bot.app.pacer.turn(self._bot.app.pacer.post_window(thread.id))
            try:
                with use_call(call), _raise_gone():
                    message = await thread.send(view=view, nonce=f"c{piece.id}"[:25], allowed_mentions=_SILENT)
            finally:
                self._bot.app.pacer.mark_answered(call)
        await self._bot.app.reviewing.store_message(campaign.guild_id, piece.asset_id, str(thread.id), str(message.id))

    async def _get_thread(self, campaign: Campaign) -> discord.Thread:
        server = self._bot.get_guild(int(campaign.guild_id))
        if server is None:
            raise ThreadGoneError
        thread_id = int(campaign.thread_id)
        with _raise_gone():
            channel = server.get_thread(thread_id) or await server.fetch_channel(thread_id)
        if not isinstance(channel, discord.Thread):
            raise ThreadGoneError
        return channel

    async def end(self, campaign: Campaign, *, closed: bool = False) -> None:
        """End a campaign whose thread is deleted, and notify its author; `closed` if it may have been closed before."""
        if not await self._bot.desk.campaigns.close(campaign) and not closed:
            return
        if campaign.given_by is None:
            return
        note = localize(Phrase(_THREAD_GONE, title=campaign.title), campaign.locale)
        try:
            dm = await self._bot.create_dm(discord.Object(int(campaign.given_by)))
            await dm.send(view=note_view(note, locale=campaign.locale), allowed_mentions=_SILENT)
        except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("could not notify the author of a deleted thread: %s", type(error).__name__)


@contextlib.contextmanager
def _raise_gone() -> Any:
    """Turn Discord's errors for a missing or inaccessible thread into ThreadGoneError."""
    try:
        yield
    except discord.HTTPException as error:
        if is_temporary(error.status):
            raise
        log.info("a thread accepts no messages", extra={"status": error.status, "code": error.code})
        raise ThreadGoneError from error


def _find_earlier_thread(server: discord.Guild, channel: ThreadParent, campaign: Campaign) -> discord.Thread | None:
    """Return the thread that an earlier process opened for a campaign but did not record; None if there is none."""
    name, since = (campaign.title or "…")[:_MAX_NAME], campaign.created_at - _MAX_CLOCK_DIFFERENCE
    for thread in server.threads:
        is_match = thread.parent_id == channel.id and thread.owner_id == server.me.id and thread.name == name
        if is_match and thread.created_at is not None and thread.created_at >= since:
            return thread
    return None


async def _find_message(bot: QuillmateBot, thread: discord.Thread, ending: str) -> discord.Message | None:
    """Return the bot's message in a thread with a button whose custom id ends in `ending`."""
    with _raise_gone():
        async for message in thread.history(limit=_MAX_SCANNED_MESSAGES, oldest_first=True):
            if bot.user and message.author.id == bot.user.id and f'{ending}"' in str(_list_custom_ids(message)):
                return message
    return None


def _list_custom_ids(message: discord.Message) -> str:
    """Return the custom ids of a message's buttons, each in quotation marks."""
    custom_ids: list[str] = []
    pending: list[Any] = [component.to_dict() for component in message.components]
    while pending:
        pending_component = pending.pop()
        custom_ids.append(f'"{pending_component.get("custom_id", "")}"')
        pending += [component for component in pending_component.get("components") or () if isinstance(component, dict)]
    return " ".join(custom_ids)


async def load_assignee_names(bot: QuillmateBot, overview: CampaignOverview) -> dict[str, str]:
    """Return the display names of a campaign's assignees."""
    return await find_names(
        bot, overview.campaign.guild_id, {item.assignee_id for item in overview.items if item.assignee_id}
    )
