"""Polls on the variants of a result: who may open, vote on and close one, when it closes, and which variant has won."""

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

# How long people have to vote, in hours: a poll of Discord's takes whole ones.
HOURS, USUAL_HOURS = (1, 4, 24, 72), 24
# No more votes than these close a poll before its time.
MAX_QUORUM = 10
# Who closes a poll shows at once how it went; where that is not done after so long, another does it.
_TOLD_WITHIN = timedelta(minutes=1)

_NO_SERVER = "Only a team in a server can vote."
_NOT_YOURS = "Only the person who asked for the variants can let the team choose."
_NOT_YOUR_POLL = "Only the person who asked the team can close the vote."
_ONE_VARIANT = "There is only one variant left, so there is nothing to choose from."
_OPEN_ALREADY = "The team is already voting on this."
_CLOSED = "That vote is already closed."
_NO_SUCH_NUMBER = "There is no variant with that number."


@dataclass(frozen=True, slots=True)
class Ballot:
    """How a poll stands: the place of the variant that somebody has voted for, none where they took it back; all votes by place."""

    poll: Poll
    mine: int | None
    counts: tuple[int, ...]

    @property
    def complete(self) -> bool:
        """Whether as many have voted as close it."""
        return is_complete(self.poll, self.counts)


@dataclass(frozen=True, slots=True)
class Polls:
    """The polls of servers. `clock` says what time it is."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def allow(self, guild_id: str, member: Member, result: Generation) -> list[Generation]:
        """The variants that somebody can let their team choose from, `result` among them.

        Raises:
            RefusedError: they may not, or there is nothing to choose from.
        """
        if not guild_id or result.guild_id != guild_id:
            raise RefusedError(_NO_SERVER)
        if result.user_id != member.user_id:
            raise RefusedError(_NOT_YOURS)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        found = await self.variants(result.user_id, result.why.get("variants", ()))
        if len(found) < 2:
            raise RefusedError(_ONE_VARIANT)
        return found

    async def variants(self, user_id: str, names: Sequence[str]) -> list[Generation]:
        """Those of some variants of a person's that are still kept, in their order."""
        async with self.store.database.reading():
            found = [await self.store.generations.get(name, user_id) for name in names]
        return [one for one in found if one is not None]

    async def open(
        self, poll_id: str, guild_id: str, member: Member, variants: Sequence[Generation],
        *, channel_id: str, hours: int, people: int, locale: str,
    ) -> Poll:  # fmt: skip
        """Opens a poll on variants of whoever asks, where so many people can vote.

        Raises:
            RefusedError: they may not, or one on these is open.
        """
        variants = await self.allow(guild_id, member, variants[0])
        if hours not in HOURS:
            hours = USUAL_HOURS
        now = self.clock()
        poll = Poll(
            poll_id, guild_id, channel_id, member.user_id, tuple(one.id for one in variants), quorum_of(people),
            now + timedelta(hours=hours), locale,
        )  # fmt: skip
        if not await self.store.polls.open(poll, now):
            raise RefusedError(_OPEN_ALREADY)
        return poll

    async def posted(self, poll: Poll, message_id: str, ballot_id: str) -> Poll:
        """Notes where a poll is shown and voted on; gives it as it is then."""
        await self.store.polls.posted(poll.id, message_id, ballot_id)
        return replace(poll, message_id=message_id, ballot_id=ballot_id)

    async def give_up(self, poll: Poll) -> None:
        """Forgets a poll that could not be posted."""
        await self.store.polls.drop(poll.id)

    async def vote(self, poll_id: str, guild_id: str, channel_id: str, member: Member, choice: int) -> Ballot:
        """Keeps somebody's vote for the variant at a place; the same once more takes it back.

        Raises:
            PausedError: this person wants nothing to be kept.
            RefusedError: they may not, or it is closed.
        """
        poll = await self._here(poll_id, guild_id, channel_id)
        await self.workspaces.require(guild_id, member, Permission.SEE)
        if not 0 <= choice < len(poll.variants):
            raise RefusedError(_NO_SUCH_NUMBER)
        voted = await self.store.polls.vote(poll_id, member.user_id, choice)
        if voted is None:
            raise RefusedError(_CLOSED)
        mine, counts = voted
        return Ballot(poll, mine, _in_places(poll, counts))

    async def counts(self, poll: Poll) -> tuple[int, ...]:
        """The votes of each variant that were given by buttons."""
        return _in_places(poll, await self.store.polls.votes(poll.id))

    async def closable(self, poll_id: str, guild_id: str, channel_id: str, member: Member) -> Poll:
        """An open poll that somebody may close before its time.

        Raises:
            RefusedError: they may not, or it is closed.
        """
        poll = await self._here(poll_id, guild_id, channel_id)
        if poll.user_id != member.user_id:
            raise RefusedError(_NOT_YOUR_POLL)
        await self.workspaces.require(guild_id, member, Permission.MAKE)
        return poll

    async def close(self, poll: Poll, counts: Sequence[int]) -> Poll | None:
        """Closes a poll with the votes of each variant; None where somebody else was quicker."""
        chosen, now = winner(counts), self.clock()
        if not await self.store.polls.close(poll.id, chosen, counts, now):
            return None
        return replace(poll, closed_at=now, chosen=chosen, counts=tuple(counts))

    async def told(self, poll: Poll) -> None:
        """Forgets a closed poll, as how it went is shown."""
        await self.store.polls.drop(poll.id)

    async def open_ones(self) -> list[Poll]:
        """All polls that can be voted on."""
        return await self.store.polls.open_ones()

    async def voted_on(self, ballot_id: str) -> Poll | None:
        """The open poll that is voted on by a message."""
        return await self.store.polls.on(ballot_id)

    async def due(self) -> list[Poll]:
        """The polls that can be voted on and whose time is over."""
        return await self.store.polls.due(self.clock())

    async def untold(self) -> list[Poll]:
        """Closed polls of which nobody has shown how they went, as a process died over it."""
        return await self.store.polls.untold(self.clock() - _TOLD_WITHIN)

    async def _here(self, poll_id: str, guild_id: str, channel_id: str) -> Poll:
        poll = await self.store.polls.get(poll_id)
        if poll is None or poll.closed_at or (poll.guild_id, poll.channel_id) != (guild_id, channel_id):
            raise RefusedError(_CLOSED)
        return poll


def quorum_of(people: int) -> int:
    """How many votes close a poll where so many people can vote: half of them, one at least."""
    return max(1, min(MAX_QUORUM, (people + 1) // 2))


def is_complete(poll: Poll, counts: Sequence[int]) -> bool:
    """Whether as many have voted as close a poll."""
    return sum(counts) >= poll.quorum


def winner(counts: Sequence[int]) -> int | None:
    """The place of what has the most votes, the first of several; None where nobody has voted."""
    return counts.index(max(counts)) if any(counts) else None


def tied(counts: Sequence[int]) -> list[int]:
    """The places of those that have as many votes as the winner, itself among them, where there are several."""
    first = [place for place, count in enumerate(counts) if count and count == max(counts)]
    return first if len(first) > 1 else []


def _in_places(poll: Poll, counts: Mapping[int, int]) -> tuple[int, ...]:
    return tuple(counts.get(place, 0) for place in range(len(poll.variants)))
