"""Review messages in channels: posting them, keeping them up to date, and submitting a result for review."""

from __future__ import annotations

import contextlib

import discord
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import Phrase
from bot.interactions.campaigns import build_text_view
from bot.interactions.library import get_library
from bot.interactions.posts.poster import can_write
from bot.interactions.refresher import Refresher
from bot.interactions.review import get_reviews
from bot.locales import translate
from bot.replies.delivery import is_temporary
from bot.team.review.service import ConflictError
from bot.team.review.steps import Step
from bot.team.workspace.roles import Member
from storage.audit import AuditEntry
from storage.generations import Generation
from storage.owners import get_guild_id

# The settings for the number of approvals that a text needs.
_RULE_SETTINGS = {"approvals", "approver"}
_SILENT = discord.AllowedMentions.none()
_NOT_SHOWN = (
    "It is submitted, but I could not post it because I am not allowed to write in {channel}. Reviewers can "
    "find it in /library."
)
_SUBMITTED = "Submitted for review: {link}"
_UNDER_REVIEW = "It has already been submitted: {link}"
_IN_LIBRARY = "It is in the team's library. Use /library to see its status."


def get_guild_and_member(interaction: Interaction) -> tuple[str, Member]:
    """Return the id of the server, and the user as a member."""
    return str(interaction.guild_id or ""), build_member(interaction.user)


async def submit_result(interaction: Interaction, result: Generation) -> None:
    """Submit a result of the user for review, and say where it is.

    Raises:
        RefusedError: the result is another user's, or the user may not submit.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    reviewing, (guild_id, member) = get_reviews(interaction), get_guild_and_member(interaction)
    viewer = await get_library(interaction).load_viewer(guild_id, member)
    entry, _ = await get_library(interaction).add_result(result, viewer)
    view = await reviewing.load_view(guild_id, member, entry.id)
    is_new, problem = False, ""
    if Step.SUBMIT in view.available_steps:
        with contextlib.suppress(ConflictError):  # Of two simultaneous presses, only one submits it.
            await reviewing.take_step(guild_id, member, entry.id, Step.SUBMIT, view.review.version)
            is_new, problem = True, await show_to_channel(interaction, entry.id)
        view = await reviewing.load_view(guild_id, member, entry.id)
    locale, asset = interaction.locale.value, view.asset
    link = f"https://discord.com/channels/{guild_id}/{asset.channel_id}/{asset.message_id}"
    sentence = translate(_SUBMITTED if is_new else _UNDER_REVIEW, locale).format(link=link)
    await whisper(interaction, problem or (sentence if asset.message_id else translate(_IN_LIBRARY, locale)))


async def show_to_channel(interaction: Interaction, asset_id: str) -> str:
    """Post a review in its channel unless it has been posted there; return the reason if that failed, else an empty string.

    A text that has a message elsewhere, such as in a campaign's thread, is posted in the review channel as well.
    """
    reviewing, (guild_id, member) = get_reviews(interaction), get_guild_and_member(interaction)
    review_view, server = await reviewing.load_view(guild_id, member, asset_id), interaction.guild
    if server is None:
        return ""
    review_channel = (await interaction.client.app.workspaces.load_settings(guild_id)).review_channel
    asset = review_view.asset
    message_exists = await find_message(server, asset.channel_id, asset.message_id) is not None
    if message_exists and (
        review_channel in ("", asset.channel_id)
        or await find_message(server, asset.second_channel_id, asset.second_message_id) is not None
    ):
        return ""
    channel = server.get_channel_or_thread(int(review_channel or interaction.channel_id or 0))
    if not isinstance(channel, discord.abc.Messageable) or not can_write(channel, server.me):
        mention = f"<#{review_channel or interaction.channel_id}>"
        return translate(_NOT_SHOWN, interaction.locale.value).format(channel=mention)
    piece = await interaction.client.desk.campaigns.find_piece(guild_id, asset_id)
    view = build_text_view(review_view, piece, server.preferred_locale.value)
    message = await channel.send(view=view, allowed_mentions=_SILENT)
    await reviewing.store_message(
        guild_id, asset_id, str(message.channel.id), str(message.id), is_additional=message_exists
    )
    ReviewMessages.of(interaction.client).refresh_soon(guild_id, asset_id)  # From now on it has a thread for comments.
    return ""


async def find_message(server: discord.Guild, channel_id: str | None, message_id: str | None) -> discord.Message | None:
    """Return the message of a review; None if it was not posted or has been deleted."""
    channel = server.get_channel_or_thread(int(channel_id)) if channel_id and message_id else None
    if not isinstance(channel, discord.abc.Messageable) or message_id is None:
        return None
    try:
        return await channel.fetch_message(int(message_id))
    except discord.HTTPException as error:
        if is_temporary(error.status):
            raise
        return None


class ReviewMessages(commands.Cog):
    """Keeps the message of each review up to date with its text."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._messages = Refresher("review", self._show_current)
        bot.app.recorder.add_listener(self._on_event)

    async def cog_unload(self) -> None:
        """Drop pending updates; the text's next change shows them."""
        self._messages.cancel()

    @classmethod
    def of(cls, bot: QuillmateBot) -> ReviewMessages:
        """Return the cog of a client."""
        cog = bot.get_cog(cls.__name__)
        assert isinstance(cog, ReviewMessages)
        return cog

    async def _on_event(self, event: AuditEntry) -> None:
        if event.act == "settings" and _RULE_SETTINGS & set(event.details.get("changed", ())):
            for asset_id in await self._bot.app.reviewing.list_posted_asset_ids(get_guild_id(event.owner_id)):
                self.refresh_soon(get_guild_id(event.owner_id), asset_id)
        if event.about:
            self.refresh_soon(get_guild_id(event.owner_id), event.about)

    def refresh_soon(self, guild_id: str, asset_id: str) -> None:
        """Schedule an update of a text's messages; changes in quick succession share one."""
        self._messages.refresh_soon(guild_id, asset_id)

    async def _show_current(self, guild_id: str, asset_id: str, _note: Phrase | None) -> None:
        view = await self._bot.app.reviewing.load_public_view(guild_id, asset_id)
        server = self._bot.get_guild(int(guild_id))
        if view is None or server is None:
            return
        asset, locale = view.asset, server.preferred_locale.value
        piece = await self._bot.desk.campaigns.find_piece(guild_id, asset_id)
        for channel_id, message_id in (
            (asset.channel_id, asset.message_id),
            (asset.second_channel_id, asset.second_message_id),
        ):
            if not channel_id or not message_id:
                continue
            channel = self._bot.get_partial_messageable(int(channel_id), guild_id=server.id)
            with contextlib.suppress(discord.NotFound):  # Deleted; the other message is updated all the same.
                await channel.get_partial_message(int(message_id)).edit(
                    view=build_text_view(view, piece, locale), allowed_mentions=_SILENT
                )
