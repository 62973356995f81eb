"""The message that shows a review to its channel, how it is kept up to date, and how a result is submitted."""

from __future__ import annotations

import contextlib

import discord
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member, whisper
from bot.errors import Phrase
from bot.locales import translate
from bot.replies.delivery import is_temporary
from bot.team.review.service import ConflictError
from bot.team.review.steps import Step
from bot.team.workspace.roles import Member
from storage.audit import Event
from storage.generations import Generation
from storage.owners import guild_of

from ._campaigns import shown_text
from ._library import library_of
from ._posts.poster import may_write
from ._refreshing import Refreshing
from ._review import reviewing_of

# The setting of how many approvals a text needs.
_OF_RULES = {"approvals", "approver"}
_SILENT = discord.AllowedMentions.none()
_NOT_SHOWN = (
    "It is submitted, but I could not show it because I am not allowed to write in {channel}. Reviewers "
    "can find it in /library."
)
_SUBMITTED = "Submitted for review: {link}"
_UNDER_REVIEW = "It has already been submitted: {link}"
_IN_LIBRARY = "It is in the team's library. Use /library to see its status."


def place_of(interaction: Interaction) -> tuple[str, Member]:
    """Return the server, and the user as a member."""
    return str(interaction.guild_id or ""), build_member(interaction.user)


async def submit_result(interaction: Interaction, result: Generation) -> None:
    """Submit a result of the user for review; return where it is.

    Raises:
        RefusedError: it is another user's, or they may not.
    """
    await interaction.response.defer(ephemeral=True, thinking=True)
    reviewing, (guild_id, member) = reviewing_of(interaction), place_of(interaction)
    viewer = await library_of(interaction).load_viewer(guild_id, member)
    entry, _ = await library_of(interaction).add_result(result, viewer)
    seen = await reviewing.load_view(guild_id, member, entry.id)
    fresh, trouble = False, ""
    if Step.SUBMIT in seen.can:
        with contextlib.suppress(ConflictError):  # Two presses at once submit it once.
            await reviewing.take_step(guild_id, member, entry.id, Step.SUBMIT, seen.review.version)
            fresh, trouble = True, await show_to_channel(interaction, entry.id)
        seen = await reviewing.load_view(guild_id, member, entry.id)
    locale, asset = interaction.locale.value, seen.asset
    link = f"https://discord.com/channels/{guild_id}/{asset.shown_in}/{asset.shown_as}"
    shown = translate(_SUBMITTED if fresh else _UNDER_REVIEW, locale).format(link=link)
    await whisper(interaction, trouble or (shown if asset.shown_as else translate(_IN_LIBRARY, locale)))


async def show_to_channel(interaction: Interaction, asset_id: str) -> str:
    """Show a review in its channel, unless it is shown already; return what prevented it.

    A text that is shown elsewhere, such as one of a campaign, is shown in the reviews' channel too.
    """
    reviewing, (guild_id, member) = reviewing_of(interaction), place_of(interaction)
    seen, server = await reviewing.load_view(guild_id, member, asset_id), interaction.guild
    if server is None:
        return ""
    chosen = (await interaction.client.app.workspaces.load_settings(guild_id)).review_channel
    asset, stands = seen.asset, await message_of(server, seen.asset.shown_in, seen.asset.shown_as)
    if stands is not None and (
        chosen in ("", asset.shown_in) or await message_of(server, asset.also_in, asset.also_as) is not None
    ):
        return ""
    place = server.get_channel_or_thread(int(chosen or interaction.channel_id or 0))
    if not isinstance(place, discord.abc.Messageable) or not may_write(place, server.me):
        where = f"<#{chosen or interaction.channel_id}>"
        return translate(_NOT_SHOWN, interaction.locale.value).format(channel=where)
    piece = await interaction.client.desk.campaigns.find_piece(guild_id, asset_id)
    view = shown_text(seen, piece, server.preferred_locale.value)
    message = await place.send(view=view, allowed_mentions=_SILENT)
    await reviewing.record_message(
        guild_id, asset_id, str(message.channel.id), str(message.id), also=stands is not None
    )
    ReviewMessages.of(interaction.client).soon(guild_id, asset_id)  # From now on it has a thread for comments.
    return ""


async def message_of(server: discord.Guild, channel_id: str | None, message_id: str | None) -> discord.Message | None:
    """Return the message that shows a review, None if there is none (any more)."""
    place = server.get_channel_or_thread(int(channel_id)) if channel_id and message_id else None
    if not isinstance(place, discord.abc.Messageable) or message_id is None:
        return None
    try:
        return await place.fetch_message(int(message_id))
    except discord.HTTPException as error:
        if is_temporary(error.status):
            raise
        return None


class ReviewMessages(commands.Cog):
    """Keeps each review's message up to date with its text, whatever changes it."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot
        self._messages = Refreshing("review", self._shown)
        bot.app.recorder.add_listener(self._noted)

    async def cog_unload(self) -> None:
        """Stop with the bot: pending updates are shown at the text's next change."""
        self._messages.end()

    @classmethod
    def of(cls, bot: QuillmateBot) -> ReviewMessages:
        """Return the cog of a client."""
        found = bot.get_cog(cls.__name__)
        assert isinstance(found, ReviewMessages)
        return found

    async def _noted(self, event: Event) -> None:
        if event.act == "settings" and _OF_RULES & set(event.details.get("changed", ())):
            for asset_id in await self._bot.app.reviewing.list_shown_reviews(guild_of(event.owner_id)):
                self.soon(guild_of(event.owner_id), asset_id)
        if event.about:
            self.soon(guild_of(event.owner_id), event.about)

    def soon(self, guild_id: str, asset_id: str) -> None:
        """Schedule an update of a text's messages; several changes at once result in one."""
        self._messages.soon(guild_id, asset_id)

    async def _shown(self, guild_id: str, asset_id: str, _note: Phrase | None) -> None:
        seen, server = (
            await self._bot.app.reviewing.load_public_view(guild_id, asset_id),
            self._bot.get_guild(int(guild_id)),
        )
        if seen is None or server is None:
            return
        asset, locale = seen.asset, server.preferred_locale.value
        piece = await self._bot.desk.campaigns.find_piece(guild_id, asset_id)
        for channel_id, message_id in ((asset.shown_in, asset.shown_as), (asset.also_in, asset.also_as)):
            if not channel_id or not message_id:
                continue
            channel = self._bot.get_partial_messageable(int(channel_id), guild_id=server.id)
            with contextlib.suppress(discord.NotFound):  # Deleted; the other message is updated all the same.
                await channel.get_partial_message(int(message_id)).edit(
                    view=shown_text(seen, piece, locale), allowed_mentions=_SILENT
                )
