"""Admission of requests: by workspace permissions, the limits of operator and server, and the server's quotas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.admission.limits import NONE, LimitError, Limits, RateLimiter
from bot.admission.quotas import Quota, QuotaNotification
from bot.content import Request
from bot.moderation.seam import Moderation
from bot.runtime.pause import Pause
from bot.team.figures.quotas import QuotaService
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.shielding import shield

_PAUSED_BY_OPERATOR = (
    "The people who run this bot have paused it, so I accept no new requests right now. Try again later."
)


class ClosedError(LimitError):
    """The operator has paused the bot. Whatever waits for limits, such as the rows of a sheet, waits for this too."""


@dataclass(frozen=True, slots=True)
class AdmissionControl:
    """Admits single requests and rows of sheets alike; closed while an operator has paused the bot."""

    workspaces: Workspaces
    rate_limiter: RateLimiter
    quotas: QuotaService
    pause: Pause
    moderation: Moderation

    async def admit(
        self,
        request: Request,
        member: Member,
        is_under_way: Callable[[str], bool],
        *,
        pending: Callable[[], int] | None = None,
        act: Permission = Permission.MAKE,
    ) -> list[QuotaNotification]:
        """Count a request; return one-time notifications for the requester. Nothing is awaited after counting.

        `pending` returns how many of their requests are in progress, read as late as possible, where that is limited;
        `act` is the required permission.

        Raises:
            LimitError: a limit or quota is reached, or the bot is paused.
            RefusedError: the requester lacks the permission in that server, or asks for harm.
        """
        if self.pause.on:
            raise ClosedError(_PAUSED_BY_OPERATOR)
        await self.moderation.screen_at_door(request)
        guild_id, count = request.guild_id, request.variants
        own, given = await self.workspaces.load_limits_and_quotas(guild_id, member, act) if guild_id else (NONE, ())
        if self.workspaces.store.admissions.is_shared and (self.rate_limiter.operator_limits or own or given):
            return await self._admit_shared(request, member, own, given, limited=pending is not None)
        look = await self.quotas.load_snapshot(guild_id, member, given)
        notes = self.quotas.check(look, count, is_under_way) if look is not None else []
        self.rate_limiter.admit(
            request.user_id,
            guild_id,
            request.channel_id,
            server_limits=own,
            count=count,
            pending=pending() if pending else 0,
        )
        if look is not None:
            self.quotas.reserve(look, request.id, count)
        return notes

    @shield
    async def _admit_shared(
        self, request: Request, member: Member, own: Limits, given: Sequence[Quota], *, limited: bool
    ) -> list[QuotaNotification]:
        """Admit where other processes do too: serialised for each user, and within a server."""
        guild_id, user_id, count, store = request.guild_id, request.user_id, request.variants, self.workspaces.store
        async with store.database.share_write(f"admit {user_id}"):
            if guild_id:
                async with store.database.write(f"admit in {guild_id}"):
                    pass  # The lock is held until the outer transaction ends.
            look = await self.quotas.load_snapshot(guild_id, member, given)
            known = await store.admissions.load_recent(
                user_id, guild_id, request.channel_id, self.rate_limiter.find_lookbacks(guild_id, own)
            )
            notes = self.quotas.check(look, count, lambda _id: True, known.ahead) if look is not None else []
            pending = known.pending if limited else 0
            self.rate_limiter.check(guild_id, known.now, known.moments, server_limits=own, count=count, pending=pending)
            await store.admissions.add(request.id, user_id, guild_id, request.channel_id, count)
        return notes
