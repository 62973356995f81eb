"""What was made in a server, or by one person alone, and what it took: for whoever may see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from bot.kinds import all_kinds
from bot.store import Store
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.owners import workspace
from storage.usage import Figures

# How many days each period has, today among them.
PERIODS: Mapping[str, int] = MappingProxyType({"week": 7, "month": 30, "year": 365})
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period. `minutes` were saved, reckoned by `each` minutes of an accepted text's family.

    `people` tells whether whoever reads it may see who has used how much. Money is in millionths of the `currency`.
    """

    figures: Figures
    since: date
    until: date
    minutes: int
    each: Mapping[str, int]
    currency: str
    people: bool

    @property
    def requests(self) -> int:
        """How many results were made."""
        return sum(one.requests for one in self.figures.kinds)

    @property
    def accepted(self) -> int:
        """How many of them were accepted."""
        return sum(one.accepted for one in self.figures.kinds)

    @property
    def priced(self) -> bool:
        """Whether anything of it cost money."""
        return any(one.cost for one in self.figures.engines)

    @property
    def cost_of_accepted(self) -> int:
        """What was paid for each accepted result, in millionths of the currency: all that was paid, shared by them; 0 for none."""
        return round(sum(one.cost for one in self.figures.engines) / self.accepted) if self.accepted > 0 else 0

    @property
    def estimated(self) -> bool:
        """Whether tokens are among it that no server has counted."""
        return any(one.estimated for one in self.figures.engines)


@dataclass(frozen=True, slots=True)
class Reports:
    """Figures of servers for those who may see them, and of people for themselves."""

    store: Store
    workspaces: Workspaces
    each: Mapping[str, int]
    currency: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def of(self, member: Member, guild_id: str, period: str) -> Report:
        """The figures of a server, or for an empty id those of what somebody made in direct messages.

        Raises:
            RefusedError: they may not see the server's.
        """
        people = False
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.SEE)
            people = any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.CONFIGURE)
        until = self.now().date()
        since = until - timedelta(days=PERIODS[period] - 1)
        owner_id = workspace(guild_id) if guild_id else member.user_id
        found = await self.store.usage.figures(owner_id, since, until)
        found = replace(
            found,
            # Kinds without a result are those of requests that failed.
            kinds=tuple(one for one in found.kinds if one.requests or one.accepted),
            people=found.people if people else (),
        )
        minutes = sum(max(0, one.accepted) * self.minutes(one.name) for one in found.kinds)
        return Report(found, since, until, minutes, self.each, self.currency, people)

    def minutes(self, kind: str) -> int:
        """What an accepted text of a kind is taken to have saved."""
        known = all_kinds().get(kind)
        return self.each.get(known.family if known else _OTHER, self.each.get(_OTHER, 0))
