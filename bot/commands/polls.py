"""Polls about variants: the buttons that start, answer and close them, and the loop that closes expired ones."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import aiohttp
import discord
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member
from bot.content import Result
from bot.errors import QuillmateError, RefusedError
from bot.interactions.components import PersistentItem, refuse_while_stopping
from bot.interactions.periodic import PeriodicCog
from bot.interactions.results import load_result
from bot.interactions.taste import chosen_variant_view, rebuild_result
from bot.locales import translate
from bot.replies.delivery import is_temporary
from bot.replies.ledger import build_learnt_note
from bot.replies.polls import ask_row, ballot_view, build_discord_poll, hours_view, outcome_line
from bot.replies.result_views import variants_view
from bot.replies.views import note_view
from bot.team.polls import DEFAULT_HOURS, HOURS, find_tied, has_quorum
from storage.generations import Generation
from storage.polls import Poll

log = logging.getLogger(__name__)

# Interval of searches for expired polls, in seconds.
LOOK_SECONDS = 60.0
# Maximum time for which showing a poll's outcome is retried.
_MAX_RETRY_AGE = timedelta(days=1)
_SILENT = discord.AllowedMentions.none()
_NOT_A_MEMBER = "I am not a member of this server, so I cannot ask its team."
_CANNOT_WRITE = "I am not allowed to write in this channel. Ask somebody who manages the server to allow it."
_ID = r"(?P<generation_id>[\w-]{1,40})"
_POLL = r"(?P<poll_id>[\w-]{1,40})"


class AskTeamButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillpoll:ask:{_ID}"):
    """The button below variants that starts a poll: asks the owner for its duration, in an ephemeral message."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpoll:ask:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Ask for the duration."""
        await _load_variants(interaction, self._result_id)
        view = hours_view(self._result_id, HOURS, DEFAULT_HOURS, interaction.locale.value)
        await interaction.response.send_message(view=view, ephemeral=True)


class HoursMenu(PersistentItem[discord.ui.Select[Any]], template=rf"quillpollhours:{_ID}"):
    """The menu of a poll's duration."""

    def __init__(self, generation_id: str) -> None:
        super().__init__(discord.ui.Select(custom_id=f"quillpollhours:{generation_id}"))
        self._result_id = generation_id

    async def act(self, interaction: Interaction) -> None:
        """Show the chosen duration."""
        value = next(iter(self.item.values), "")
        hours = next((option for option in HOURS if str(option) == value), DEFAULT_HOURS)
        view = hours_view(self._result_id, HOURS, hours, interaction.locale.value)
        await interaction.response.edit_message(view=view)


class StartPollButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillpollstart:(?P<hours>\d{{1,3}}):{_ID}"):
    """The button that posts the poll."""

    def __init__(self, hours: str, generation_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpollstart:{hours}:{generation_id}"))
        self._hours, self._result_id = int(hours), generation_id

    async def act(self, interaction: Interaction) -> None:
        """Post the poll."""
        variants = await _load_variants(interaction, self._result_id)
        locale, polls = interaction.locale.value, interaction.client.app.polls
        viewer_count = await _count_viewers(interaction)
        poll = await polls.open(
            str(interaction.id),
            str(interaction.guild_id),
            build_member(interaction.user),
            variants,
            channel_id=str(interaction.channel_id),
            hours=self._hours,
            voter_count=viewer_count,
            locale=locale,
        )
        try:
            await interaction.response.defer()
            await _post_poll(interaction, poll, variants, self._hours)
        except BaseException:  # Including cancellation: a poll without a message cannot be voted in.
            await polls.discard(poll)
            raise
        view = note_view(translate("I asked the team. Their choice will appear there.", locale), locale=locale)
        await interaction.edit_original_response(view=view)


class VoteButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillpollvote:(?P<place>\d{{1,2}}):{_POLL}"):
    """A numbered voting button: pressing another one changes the vote, pressing the same one withdraws it."""

    def __init__(self, place: str, poll_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpollvote:{place}:{poll_id}"))
        self._place, self._poll_id = int(place), poll_id

    async def act(self, interaction: Interaction) -> None:
        """Store the vote, and close the poll if it completes the quorum."""
        _refuse_while_stopping(interaction)
        polls, locale = interaction.client.app.polls, interaction.locale.value
        guild_id, channel_id = str(interaction.guild_id or ""), str(interaction.channel_id or "")
        ballot = await polls.vote(self._poll_id, guild_id, channel_id, build_member(interaction.user), self._place)
        await interaction.response.defer()
        if ballot.has_quorum:
            await PollCloser(interaction.client).close(ballot.poll, ballot.counts)
        else:
            variants = await polls.load_variants(ballot.poll.user_id, ballot.poll.variants)
            view, files = _build_ballot(ballot.poll, variants, ballot.counts)
            await interaction.edit_original_response(view=view, attachments=list(files), allowed_mentions=_SILENT)
        text = "Your vote has been withdrawn." if ballot.choice is None else "Your vote: number {number}."
        message = translate(text, locale).format(number=self._place + 1)
        await interaction.followup.send(view=note_view(message, locale=locale), ephemeral=True)


class ClosePollButton(PersistentItem[discord.ui.Button[Any]], template=rf"quillpollclose:{_POLL}"):
    """The button that closes a poll early, for its owner."""

    def __init__(self, poll_id: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillpollclose:{poll_id}"))
        self._poll_id = poll_id

    async def act(self, interaction: Interaction) -> None:
        """Close the poll."""
        _refuse_while_stopping(interaction)
        guild_id, channel_id = str(interaction.guild_id or ""), str(interaction.channel_id or "")
        member = build_member(interaction.user)
        poll = await interaction.client.app.polls.load_closable(self._poll_id, guild_id, channel_id, member)
        await interaction.response.defer()
        closer = PollCloser(interaction.client)
        await closer.close(poll, await closer.count_votes(poll))


class PollCloser:
    """Closes polls, and replaces their messages with the outcome."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._bot = bot

    async def count_votes(self, poll: Poll) -> Sequence[int]:
        """Count the votes for each variant; zeros if the Discord poll has been deleted."""
        if not poll.is_native:
            return await self._bot.app.polls.load_counts(poll)
        try:
            message = await self._get_message(poll, poll.ballot_id).fetch()
        except (discord.NotFound, discord.Forbidden):
            return (0,) * len(poll.variants)
        answers = {answer.id: answer.vote_count for answer in message.poll.answers} if message.poll else {}
        return [answers.get(index + 1, 0) for index in range(len(poll.variants))]

    async def close(self, poll: Poll, counts: Sequence[int]) -> None:
        """Close a poll and show its outcome, unless another process has closed it."""
        closed_poll = await self._bot.app.polls.close(poll, counts)
        if closed_poll is not None:
            await self.announce(closed_poll)

    async def announce(self, poll: Poll) -> None:
        """Show the outcome of a closed poll. Idempotent, so it can be repeated after an interruption."""
        if poll.message_id:
            if poll.is_native:
                await self._end(poll)
            view, files = await self._build_outcome(poll)
            try:
                await self._get_message(poll, poll.message_id).edit(
                    view=view, attachments=list(files), allowed_mentions=_SILENT
                )
            except discord.HTTPException as error:
                if is_temporary(error.status):
                    raise
                log.info("a poll's outcome cannot be shown", extra={"status": error.status})
        await self._bot.app.polls.discard(poll)

    async def _end(self, poll: Poll) -> None:
        """End a Discord poll; it may have expired or been deleted already."""
        with contextlib.suppress(discord.HTTPException):
            await self._bot.http.end_poll(int(poll.channel_id), int(poll.ballot_id))

    async def _build_outcome(self, poll: Poll) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
        app, locale = self._bot.app, poll.locale
        variants = await app.polls.load_variants(poll.user_id, poll.variants)
        if poll.chosen is None:
            hint = translate("Nobody has voted, so nothing was chosen.", locale)
            ask_again = [ask_row(poll.variants[0], locale)]
            return variants_view(_list_results(variants), hint=hint, locale=locale, extra=ask_again)
        winner_id = poll.variants[poll.chosen]
        winner = next((variant for variant in variants if variant.id == winner_id), None)
        line = outcome_line(poll.chosen, poll.counts, find_tied(poll.counts), locale)
        if winner is None:
            missing_text = translate("I no longer have that result.", locale)
            return note_view(f"{missing_text}\n{line}", locale=locale), ()
        entries, profile = await app.taste.record_poll_choice(winner)
        extra = [discord.ui.TextDisplay(line), *build_learnt_note(entries, winner.id, locale)]
        return chosen_variant_view(winner, profile, locale, extra)

    def _get_message(self, poll: Poll, message_id: str) -> discord.PartialMessage:
        channel = self._bot.get_partial_messageable(int(poll.channel_id), guild_id=int(poll.guild_id))
        return channel.get_partial_message(int(message_id))


class Polls(PeriodicCog):
    """Closes polls that have expired or reached their quorum, including while no process was running."""

    SECONDS = LOOK_SECONDS

    def __init__(self, bot: QuillmateBot) -> None:
        super().__init__(bot)
        self._closer = PollCloser(bot)
        self._has_run = False

    @commands.Cog.listener()
    async def on_raw_poll_vote_add(self, payload: discord.RawPollVoteActionEvent) -> None:
        """Close a Discord poll if the vote completes its quorum."""
        poll = await self._bot.app.polls.find_by_ballot(str(payload.message_id))
        if poll is not None:
            await self._settle(poll, is_due=False)

    async def run_once(self) -> None:
        """Close due polls; the first run also checks for votes whose events were missed."""
        polls = self._bot.app.polls
        try:
            now = polls.clock()
            polls_to_check = await (polls.list_due() if self._has_run else polls.list_open())
            for poll in polls_to_check:
                if self._bot.serves(poll.guild_id):
                    await self._settle(poll, is_due=poll.closes_at <= now)
            for poll in await polls.list_unannounced():
                if self._bot.serves(poll.guild_id):
                    await self._retry_outcomes(poll)
            self._has_run = True
        except QuillmateError as error:
            log.warning("polls could not be checked: %s", type(error).__name__)

    async def _settle(self, poll: Poll, *, is_due: bool) -> None:
        """Close a poll if it has expired or reached its quorum."""

        async def settle() -> None:
            counts = await self._closer.count_votes(poll)
            if is_due or has_quorum(poll, counts):
                await self._closer.close(poll, counts)

        await self._run_if_lease_is_held(settle)

    async def _retry_outcomes(self, poll: Poll) -> None:
        polls = self._bot.app.polls
        if poll.closed_at is not None and polls.clock() - poll.closed_at > _MAX_RETRY_AGE:
            await polls.discard(poll)
            return
        await self._run_if_lease_is_held(lambda: self._closer.announce(poll))

    async def _run_if_lease_is_held(self, act: Callable[[], Awaitable[None]]) -> None:
        """Run an action if this process is in charge of the server's slot; a later run retries failures."""
        if self._bot.stopping or not await self._bot.desk.answers.holds_lease():
            return
        try:
            await act()
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.warning("a poll will be retried later: %s", type(error).__name__)
        except Exception:  # A poll that cannot be shown must not block the others.
            log.exception("a poll will be retried later")


async def _load_variants(interaction: Interaction, generation_id: str) -> list[Generation]:
    """Return the variants after checking that the user can start a poll about them here.

    Raises:
        RefusedError: the user may not start a poll, or it cannot be posted here.
    """
    _refuse_while_stopping(interaction)
    result = await load_result(interaction, generation_id)
    guild_id = str(interaction.guild_id or "")
    variants = await interaction.client.app.polls.require_variants(guild_id, build_member(interaction.user), result)
    if interaction.client.get_guild(int(guild_id)) is None:
        raise RefusedError(_NOT_A_MEMBER)
    permissions = interaction.app_permissions
    can_send = (
        permissions.send_messages_in_threads
        if isinstance(interaction.channel, discord.Thread)
        else permissions.send_messages
    )
    if not (permissions.view_channel and can_send):
        raise RefusedError(_CANNOT_WRITE)
    return variants


def _refuse_while_stopping(interaction: Interaction) -> None:
    refuse_while_stopping(interaction)


async def _post_poll(interaction: Interaction, poll: Poll, variants: Sequence[Generation], hours: int) -> None:
    """Post a poll: a Discord poll if allowed, else one with numbered buttons."""
    polls, channel = interaction.client.app.polls, interaction.channel
    assert isinstance(channel, discord.abc.Messageable)
    is_native = interaction.app_permissions.send_polls
    no_votes = (0,) * len(variants)
    view, files = _build_ballot(poll, variants, None if is_native else no_votes)
    message = await channel.send(view=view, files=list(files), allowed_mentions=_SILENT)
    ballot = message
    if is_native:
        texts = [variant.text for variant in variants]
        try:
            ballot = await channel.send(poll=build_discord_poll(texts, hours, poll.locale), allowed_mentions=_SILENT)
        except discord.HTTPException as error:
            log.info("a Discord poll could not be posted", extra={"status": error.status, "code": error.code})
            view, files = _build_ballot(poll, variants, no_votes)
            await message.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
    await polls.record_messages(poll, str(message.id), str(ballot.id))


def _build_ballot(
    poll: Poll, variants: Sequence[Generation], counts: Sequence[int] | None
) -> tuple[discord.ui.LayoutView, Sequence[discord.File]]:
    return ballot_view(
        _list_results(variants),
        poll.id,
        counts=counts,
        quorum=poll.quorum,
        closes_at=poll.closes_at,
        locale=poll.locale,
    )


def _list_results(variants: Sequence[Generation]) -> list[tuple[str, Result]]:
    return [(variant.id, rebuild_result(variant)) for variant in variants]


async def _count_viewers(interaction: Interaction) -> int:
    """Return how many members can see the channel.

    Without the privileged members intent only the approximate size of the server is known; that is used, without
    the bots that have a role of their own.
    """
    guild, channel = interaction.guild, interaction.channel
    assert guild is not None
    if guild.chunked and isinstance(channel, discord.abc.GuildChannel | discord.Thread):
        return sum(not member.bot and channel.permissions_for(member).view_channel for member in guild.members)
    server = await interaction.client.fetch_guild(guild.id, with_counts=True)
    bots = sum(role.is_bot_managed() for role in server.roles)
    return max(1, (server.approximate_member_count or server.member_count or 1) - max(1, bots))


async def setup(bot: QuillmateBot) -> None:
    """Make the buttons work, old ones too, and start to watch polls."""
    bot.add_dynamic_items(AskTeamButton, HoursMenu, StartPollButton, VoteButton, ClosePollButton)
    await bot.add_cog(Polls(bot))
