"""Who is told what of reviews: reviewers what waits for them, authors what was said of theirs; all of some time as one.

It is read out of the audit, so nothing of it is lost with a process; each entry is told once or, where one dies over it, not at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.store import Store
from bot.team.workspace.recording import Recorder
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.audit import Event
from storage.notices import Way
from storage.owners import guild_of
from storage.shielded import shielded_methods

from .reviewing import COMMENT, Reviewing, Seen
from .steps import Doer, Step, refusal

# What comes within so long of the first is told with it.
BUNDLED = timedelta(minutes=1)
_SUBMITTED = Step.SUBMIT.value
# What the authors of a text, and whom it is assigned to, are told.
_OF_AUTHORS = frozenset({Step.ASK.value, Step.APPROVE.value, Step.UNAPPROVE.value, Step.LACK.value, COMMENT})
# After these a text waits for reviewers.
_WAITS = frozenset({Step.SUBMIT.value, Step.UNAPPROVE.value, Step.LACK.value})
_ASSIGNED = Step.ASSIGN.value


@dataclass(frozen=True, slots=True)
class News:
    """Something that was done with a text, for one person; `seen` is the text as everybody sees it now."""

    event: Event
    seen: Seen


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is told in a server at once: the texts that wait for review, and by their ids what each person hears of theirs."""

    guild_id: str
    waiting: Sequence[Seen]
    news: Mapping[str, Sequence[News]]
    ways: Mapping[str, Way]


@shielded_methods
class Notices:
    """Reads what is to be told. `clock` tells the time."""

    def __init__(
        self, store: Store, workspaces: Workspaces, recorder: Recorder, reviewing: Reviewing,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._store, self._workspaces, self._reviewing, self.now = store, workspaces, reviewing, clock
        recorder.keep_with(self._keep)

    async def _keep(self, event: Event) -> None:
        """Has people told of an entry of the audit, in its transaction."""
        if event.act in (*_OF_AUTHORS, _SUBMITTED, _ASSIGNED):
            await self._store.notices.wait(event.owner_id, event.number, self.now() + BUNDLED)

    async def way(self, guild_id: str, user_id: str) -> Way:
        """How somebody is told in a server."""
        return (await self._store.notices.chosen(guild_id)).get(user_id, "mention")

    async def choose(self, guild_id: str, user_id: str, way: Way) -> None:
        """Has somebody told another way in a server.

        Raises:
            PausedError: they want nothing to be kept.
        """
        await self._store.notices.choose(user_id, guild_id, way)

    async def take(self, serves: Callable[[str], bool]) -> Sequence[Bundle]:
        """All that is to be told now in the servers that a process serves; who takes it tells it."""
        now, found = self.now(), []
        for owner_id in await self._store.notices.due(now):
            if not serves(guild_of(owner_id)):
                continue
            before = await self._store.notices.take(owner_id, now)
            if before is not None:
                found.append(await self._bundle(owner_id, before))
        return found

    async def _bundle(self, owner_id: str, before: int) -> Bundle:
        guild_id, events = guild_of(owner_id), await self._store.audit.after(owner_id, before)
        known = {one.about: await self._reviewing.shown(guild_id, one.about) for one in events if one.about}
        waiting = dict[str, Seen]()
        news: defaultdict[str, list[News]] = defaultdict(list)
        for event in events:
            seen = known.get(event.about)
            if seen is None:
                continue
            if event.act in _WAITS and seen.review.status == "submitted":
                waiting[event.about] = seen
            for user_id in _concerned(event, seen) - {event.person, ""}:
                news[user_id].append(News(event, seen))
        return Bundle(guild_id, list(waiting.values()), news, await self._store.notices.chosen(guild_id))

    async def may_review(self, guild_id: str, member: Member, seen: Seen) -> bool:
        """Whether a text waits for somebody."""
        doer = Doer(member.user_id, await self._workspaces.roles(guild_id, member))
        return not refusal(seen.review, Step.APPROVE, doer, seen.rules, seen.asset.given_by or "")


def _concerned(event: Event, seen: Seen) -> frozenset[str]:
    """Whom an entry concerns."""
    if event.act in _OF_AUTHORS:
        return seen.review.authors | {seen.review.assigned}
    if event.act == _ASSIGNED:
        return frozenset({event.people.get(str(event.details.get("to", "")), "")})
    return frozenset({seen.review.assigned}) if event.act == _SUBMITTED else frozenset()
