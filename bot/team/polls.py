"""The service for polls on the variants of a result: opening, voting, closing, and the winner."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.generations import Generation
from storage.polls import Poll

# The possible durations of a poll in hours, and the default.
HOURS, DEFAULT_HOURS = (1, 4, 24, 72), 24
# The maximum quorum: this many votes always close a poll early.
MAX_QUORUM = 10
# After this time, the outcome of a closed poll is announced by another process than the one that closed it.
_ANNOUNCEMENT_TIMEOUT = timedelta(minutes=1)

_NO_SERVER = "Only members of a server can vote."
_NOT_YOURS = "Only the person who asked for the variants can let the team choose."
_NOT_YOUR_POLL = "Only the person who asked the team can close the vote."
_ONE_VARIANT = "There is only one variant left, so there is nothing to choose from."
_OPEN_ALREADY = "The team is already voting on this."
_CLOSED = "That vote is already closed."
_NO_SUCH_NUMBER = "There is no variant with that number."


@dataclass(frozen=True, slots=True)
class Ballot:
    """A poll after a member's vote: the index of the variant chosen, None if the vote was withdrawn, and the votes of each variant."""

    poll: Poll
    choice: int | None
    counts: tuple[int, ...]

    @property
    def has_quorum(self) -> bool:
        """Whether the quorum is reached."""
        return has_quorum(self.poll, self.counts)


@dataclass(frozen=True, slots=True)
class Polls:
    """The service for the polls of servers."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def require_variants(self, guild_id: str, member: Member, result: Generation) -> list[Generation]:
        """Return the variants of a result (itself included) that a member can open a poll on.

        Raises:
            RefusedError: the member may not open one, or there is only one variant.
        """
        if not guild_id or result.guild_id != guild_id:
            raise RefusedError(_NO_SERVER)
        if result.user_id != member.user_id:
            raise RefusedError(_NOT_YOURS)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        variants = await self.load_variants(result.user_id, result.why.get("variants", ()))
        if len(variants) < 2:
            raise RefusedError(_ONE_VARIANT)
        return variants

    async def load_variants(self, user_id: str, result_ids: Sequence[str]) -> list[Generation]:
        """Return those of a user's variants that still exist, in order."""
        async with self.store.database.share_read():
            variants = [await self.store.generations.get(result_id, user_id) for result_id in result_ids]
        return [variant for variant in variants if variant is not None]

    async def open(
        self,
        poll_id: str,
        guild_id: str,
        member: Member,
        variants: Sequence[Generation],
        *,
        channel_id: str,
        hours: int,
        voter_count: int,
        locale: str,
    ) -> Poll:
        """Open a poll on variants of a member, in a channel with `voter_count` possible voters.

        Raises:
            RefusedError: the member may not open it, or a poll on these variants is open already.
        """
        variants = await self.require_variants(guild_id, member, variants[0])
        if hours not in HOURS:
            hours = DEFAULT_HOURS
        now = self.clock()
        poll = Poll(
            poll_id,
            guild_id,
            channel_id,
            member.user_id,
            tuple(variant.id for variant in variants),
            compute_quorum(voter_count),
            now + timedelta(hours=hours),
            locale,
        )
        if not await self.store.polls.add(poll, now):
            raise RefusedError(_OPEN_ALREADY)
        return poll

    async def record_messages(self, poll: Poll, message_id: str, ballot_id: str) -> Poll:
        """Store the ids of the messages that show the poll and its ballot; return the updated poll."""
        await self.store.polls.set_messages(poll.id, message_id, ballot_id)
        return replace(poll, message_id=message_id, ballot_id=ballot_id)

    async def discard(self, poll: Poll) -> None:
        """Delete a poll that could not be posted, or whose outcome has been announced."""
        await self.store.polls.delete(poll.id)

    async def vote(self, poll_id: str, guild_id: str, channel_id: str, member: Member, choice: int) -> Ballot:
        """Store a member's vote for the variant with an index; a second vote for the same variant withdraws it.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not vote, or the poll is closed.
        """
        poll = await self._load_open(poll_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if not 0 <= choice < len(poll.variants):
            raise RefusedError(_NO_SUCH_NUMBER)
        vote = await self.store.polls.record_vote(poll_id, member.user_id, choice)
        if vote is None:
            raise RefusedError(_CLOSED)
        own_choice, counts = vote
        return Ballot(poll, own_choice, _order_counts(poll, counts))

    async def load_counts(self, poll: Poll) -> tuple[int, ...]:
        """Return the votes of each variant."""
        return _order_counts(poll, await self.store.polls.count_votes(poll.id))

    async def load_closable(self, poll_id: str, guild_id: str, channel_id: str, member: Member) -> Poll:
        """Return an open poll that a member may close early.

        Raises:
            RefusedError: the member may not close it, or it is closed already.
        """
        poll = await self._load_open(poll_id, guild_id, channel_id)
        if poll.user_id != member.user_id:
            raise RefusedError(_NOT_YOUR_POLL)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        return poll

    async def close(self, poll: Poll, counts: Sequence[int]) -> Poll | None:
        """Close a poll with the votes of each variant; return the closed poll, None if it was closed already."""
        winner, now = find_winner(counts), self.clock()
        if not await self.store.polls.close(poll.id, winner, counts, now):
            return None
        return replace(poll, closed_at=now, chosen=winner, counts=tuple(counts))

    async def list_open(self) -> list[Poll]:
        """Return all open polls."""
        return await self.store.polls.list_open()

    async def find_by_ballot(self, ballot_id: str) -> Poll | None:
        """Return the open poll of a ballot message."""
        return await self.store.polls.find_by_ballot(ballot_id)

    async def list_due(self) -> list[Poll]:
        """Return the open polls whose time is over."""
        return await self.store.polls.list_due(self.clock())

    async def list_unannounced(self) -> list[Poll]:
        """Return the closed polls whose outcome has not been announced in time, as a process has died."""
        return await self.store.polls.list_unannounced(self.clock() - _ANNOUNCEMENT_TIMEOUT)

    async def _load_open(self, poll_id: str, guild_id: str, channel_id: str) -> Poll:
        poll = await self.store.polls.get(poll_id)
        if poll is None or poll.closed_at or (poll.guild_id, poll.channel_id) != (guild_id, channel_id):
            raise RefusedError(_CLOSED)
        return poll


def compute_quorum(voter_count: int) -> int:
    """Return the quorum for a number of possible voters: half of them, at least 1 and at most `MAX_QUORUM`."""
    return max(1, min(MAX_QUORUM, (voter_count + 1) // 2))


def has_quorum(poll: Poll, counts: Sequence[int]) -> bool:
    """Return whether a poll has as many votes as its quorum."""
    return sum(counts) >= poll.quorum


def find_winner(counts: Sequence[int]) -> int | None:
    """Return the index of the variant with the most votes, the first of tied ones; None if there are no votes."""
    return counts.index(max(counts)) if any(counts) else None


def find_tied(counts: Sequence[int]) -> list[int]:
    """Return the indexes of the variants that are tied for the most votes; empty unless there are several."""
    leaders = [index for index, count in enumerate(counts) if count and count == max(counts)]
    return leaders if len(leaders) > 1 else []


def _order_counts(poll: Poll, counts: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(counts.get(index, 0) for index in range(len(poll.variants)))
