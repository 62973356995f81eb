"""Calendars of servers that programs of calendars subscribe to: by a secret of each server, and read alone."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.errors import RefusedError
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.schedule import Planned
from storage.shielded import shielded

_BYTES = 32
# How far back and ahead it reaches.
_BEFORE, _AHEAD = timedelta(days=31), timedelta(days=366)
_NOWHERE = "Calendars cannot be subscribed to here, as whoever runs me has set no address for them."


@dataclass(frozen=True, slots=True)
class Feeds:
    """The calendars that can be subscribed to, below an address of the operator's, empty where there are none."""

    store: Store
    workspaces: Workspaces
    url: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @shielded
    async def open(self, guild_id: str, member: Member, *, anew: bool = False) -> str:
        """The address of a server's calendar, for an owner; `anew` another one, and whoever has the old one reads nothing any more.

        Raises:
            RefusedError: it is not theirs to open, or the operator has set no address.
        """
        await self.workspaces.require(guild_id, member, Permission.CONFIGURE)
        if not self.url:
            raise RefusedError(_NOWHERE)
        secret = (await self.workspaces.load_settings(guild_id)).feed
        if anew or not secret:
            fresh = secrets.token_urlsafe(_BYTES)
            secret = (await self.workspaces.change(guild_id, member, lambda known: known.with_values(feed=fresh))).feed
        return f"{self.url}/calendar/{guild_id}/{secret}.ics"

    @shielded
    async def close(self, guild_id: str, member: Member) -> None:
        """Has nobody read a server's calendar from outside any more.

        Raises:
            RefusedError: it is not theirs to close.
        """
        await self.workspaces.change(guild_id, member, lambda known: known.with_values(feed=""))

    async def read(self, guild_id: str, secret: str) -> Sequence[Planned] | None:
        """What is planned in a server, and was of late, for who has its secret; None for anybody else."""
        known = (await self.workspaces.load_settings(guild_id)).feed
        if not known or not hmac.compare_digest(known.encode(), secret.encode()):
            return None
        now = self.now()
        return await self.store.schedule.all("", guild_id, now - _BEFORE, now + _AHEAD)
