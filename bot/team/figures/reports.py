"""Reports on the results and costs of a server, or of a user in direct messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType

from bot.kinds import load_kinds
from bot.store import Store
from bot.team.workspace.roles import Member, Permission, any_has_permission
from bot.team.workspace.workspaces import Workspaces
from storage.owners import workspace
from storage.usage import Figures

# The number of days of each period, including today.
PERIODS: Mapping[str, int] = MappingProxyType({"week": 7, "month": 30, "year": 365})
_OTHER = "other"


@dataclass(frozen=True, slots=True)
class Report:
    """The figures of a period, from `since` to `until`. `minutes` is the estimated time saved, from the `minutes_by_family` of accepted
    texts.

    `shows_users` is whether the reader may see the usage of each user. Amounts of money are in millionths of the `currency`.
    """

    figures: Figures
    since: date
    until: date
    minutes: int
    minutes_by_family: Mapping[str, int]
    currency: str
    shows_users: bool

    @property
    def requests(self) -> int:
        """The number of results."""
        return sum(kind.requests for kind in self.figures.kinds)

    @property
    def accepted(self) -> int:
        """The number of accepted results."""
        return sum(kind.accepted for kind in self.figures.kinds)

    @property
    def has_costs(self) -> bool:
        """Whether any engine cost money."""
        return any(engine.cost for engine in self.figures.engines)

    @property
    def cost_of_accepted(self) -> int:
        """The total cost per accepted result, in millionths of the currency; 0 if none was accepted."""
        return round(sum(engine.cost for engine in self.figures.engines) / self.accepted) if self.accepted > 0 else 0

    @property
    def has_estimates(self) -> bool:
        """Whether some token counts are estimates, as the model server did not report them."""
        return any(engine.estimated for engine in self.figures.engines)


@dataclass(frozen=True, slots=True)
class Reports:
    """The service for reports on servers, and on users in direct messages."""

    store: Store
    workspaces: Workspaces
    minutes_by_family: Mapping[str, int]
    currency: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def build(self, member: Member, guild_id: str, period: str) -> Report:
        """Build the report on a server, or with an empty id on the member's direct messages; `period` is a key of `PERIODS`.

        Raises:
            RefusedError: the member may not see the team's texts.
        """
        shows_users = False
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.SEE)
            shows_users = any_has_permission(await self.workspaces.find_roles(guild_id, member), Permission.CONFIGURE)
        until = self.now().date()
        since = until - timedelta(days=PERIODS[period] - 1)
        owner_id = workspace(guild_id) if guild_id else member.user_id
        figures = await self.store.usage.load_figures(owner_id, since, until)
        figures = replace(
            figures,
            # Kinds without results are those of failed requests.
            kinds=tuple(kind for kind in figures.kinds if kind.requests or kind.accepted),
            users=figures.users if shows_users else (),
        )
        minutes = sum(max(0, kind.accepted) * self.estimate_minutes(kind.name) for kind in figures.kinds)
        return Report(figures, since, until, minutes, self.minutes_by_family, self.currency, shows_users)

    def estimate_minutes(self, kind: str) -> int:
        """Return the minutes that an accepted text of a kind is assumed to save."""
        kind_definition = load_kinds().get(kind)
        return self.minutes_by_family.get(
            kind_definition.family if kind_definition else _OTHER, self.minutes_by_family.get(_OTHER, 0)
        )
