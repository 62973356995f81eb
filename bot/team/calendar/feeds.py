"""Read-only feeds of servers' calendars for calendar programs; a feed's address contains the server's secret."""

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
from storage.schedule import ScheduledPost
from storage.shielding import shield

_SECRET_BYTES = 32
# How far back and ahead a feed reaches.
_PAST_SPAN, _FUTURE_SPAN = timedelta(days=31), timedelta(days=366)
_NO_FEED_URL = (
    "You cannot subscribe to calendars here, because the people who run this bot have not set an address for them."
)


@dataclass(frozen=True, slots=True)
class CalendarFeedService:
    """The service for calendar feeds. Their addresses begin with the operator's `url`; an empty `url` disables feeds."""

    store: Store
    workspaces: Workspaces
    url: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    @shield
    async def open(self, guild_id: str, member: Member, *, renew: bool = False) -> str:
        """Return the address of a server's feed to an owner, creating the feed if needed; `renew` replaces secret and address.

        Raises:
            RefusedError: the member is not an owner, or the operator has set no address.
        """
        await self.workspaces.require(guild_id, member, Permission.CONFIGURE)
        if not self.url:
            raise RefusedError(_NO_FEED_URL)
        secret = (await self.workspaces.load_settings(guild_id)).feed
        if renew or not secret:
            new_secret = secrets.token_urlsafe(_SECRET_BYTES)
            secret = (
                await self.workspaces.change(guild_id, member, lambda settings: settings.with_values(feed=new_secret))
            ).feed
        return f"{self.url}/calendar/{guild_id}/{secret}.ics"

    @shield
    async def close(self, guild_id: str, member: Member) -> None:
        """Delete the secret of a server's feed, which closes the feed.

        Raises:
            RefusedError: the member is not an owner.
        """
        await self.workspaces.change(guild_id, member, lambda settings: settings.with_values(feed=""))

    async def read(self, guild_id: str, secret: str) -> Sequence[ScheduledPost] | None:
        """Return the recent and scheduled posts of a server; None if the secret is wrong or the feed closed."""
        stored_secret = (await self.workspaces.load_settings(guild_id)).feed
        if not stored_secret or not hmac.compare_digest(stored_secret.encode(), secret.encode()):
            return None
        now = self.now()
        return await self.store.schedule.list_between("", guild_id, now - _PAST_SPAN, now + _FUTURE_SPAN)
