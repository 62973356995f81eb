"""The quotas of servers: what is left to somebody, whether a request is let in, and what they are told once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.admission.quotas import (
    Quota,
    QuotaNotification,
    QuotaUsage,
    build_notifications,
    compute_usages,
    refuse_over,
    select_applicable,
)
from bot.store import Store
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.errors import StorageError
from storage.usage import Amounts


@dataclass(frozen=True, slots=True)
class Look:
    """What was used when somebody asked, and what was under way before that was looked up."""

    guild_id: str
    member: Member
    quotas: Sequence[Quota]
    spent: dict[tuple[str, str], Amounts]
    before: dict[str, tuple[str, str, int]]


@dataclass(slots=True)
class Quotas:
    """Quotas are counted from what was used, so that a restart forgets nothing, and from the requests that are under way here."""

    store: Store
    workspaces: Workspaces
    currency: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    # Requests that were let in and are not counted yet: their server, who asked, and how many results they make.
    _under_way: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    async def look(self, guild_id: str, member: Member, quotas: Sequence[Quota]) -> Look | None:
        """What was used of the quotas that hold for somebody; None where none does."""
        held = select_applicable(quotas, member.role_ids)
        if not held:
            return None
        before = dict(self._under_way)
        spent = await self.store.usage.spent(guild_id, member.user_id, self.now().date())
        return Look(guild_id, member, held, spent, before)

    def admit(
        self, look: Look, count: int, is_under_way: Callable[[str], bool], ahead: Mapping[str, int] | None = None
    ) -> list[QuotaNotification]:
        """Lets so many more results be made; gives what is to be told once. Nothing is awaited here.

        `ahead` are the results that are under way of the person and of the server, where other processes have some.

        Raises:
            QuotaError: a hard quota is reached.
        """
        for gone in [one for one in self._under_way if not is_under_way(one)]:
            del self._under_way[gone]
        # Also what has ended since it was looked up: whether that was counted by then is not known.
        found = self._standings(look, {**look.before, **self._under_way}, ahead)
        refuse_over(found, count, self.currency)
        return build_notifications(found, count, self.currency)

    def reserve(self, look: Look, request_id: str, count: int) -> None:
        """Counts a request as under way, until it is `counted`."""
        self._under_way[request_id] = look.guild_id, look.member.user_id, count

    def taken_up(self, request_id: str, guild_id: str, user_id: str) -> None:
        """Counts a request as under way again that an earlier process had let in."""
        if guild_id:
            self._under_way.setdefault(request_id, (guild_id, user_id, 1))

    def counted(self, request_id: str) -> None:
        """From now on a request counts by what it has used, or not at all."""
        self._under_way.pop(request_id, None)

    async def told_first(self, user_id: str, guild_id: str, name: str) -> bool:
        """Whether somebody is to be told something that they are told once."""
        try:
            return await self.store.usage.tell_once(user_id, guild_id, name)
        except StorageError:  # Of somebody who has paused nothing is kept, so they are told each time.
            return True

    async def of(self, guild_id: str, member: Member) -> list[QuotaUsage]:
        """The quotas that hold for somebody in a server, as they stand."""
        quotas = (await self.workspaces.settings(guild_id)).quotas
        look = await self.look(guild_id, member, quotas)
        if look is None:
            return []
        admissions = self.store.admissions
        known = await admissions.lately(member.user_id, guild_id, "", {}) if admissions.shared else None
        return self._standings(look, dict(self._under_way), known.ahead if known else None)

    async def used(self, guild_id: str, user_id: str) -> dict[tuple[str, str], Amounts]:
        """What somebody has used today and this month, in a server or without one."""
        return await self.store.usage.spent(guild_id, user_id, self.now().date())

    async def set(self, guild_id: str, member: Member, quota: Quota) -> None:
        """Sets a quota of a server, for an owner; none for one of nothing.

        Raises:
            RefusedError: whoever asks is none, or there are as many as are kept.
        """
        await self.workspaces.change(guild_id, member, lambda known: known.having_quota(quota))

    def _standings(
        self, look: Look, under_way: dict[str, tuple[str, str, int]], ahead: Mapping[str, int] | None
    ) -> list[QuotaUsage]:
        if ahead is not None:
            return compute_usages(look.quotas, look.spent, self.now(), ahead)
        here = [(who, count) for place, who, count in under_way.values() if place == look.guild_id]
        mine = {
            "server": sum(count for _, count in here),
            "person": sum(count for who, count in here if who == look.member.user_id),
        }
        return compute_usages(look.quotas, look.spent, self.now(), mine)
