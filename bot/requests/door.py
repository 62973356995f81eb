"""Lets requests in: by what somebody may do in a server, the limits of the operator and the server, and its quotas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.admission.limits import NONE, Gate, LimitError, Limits
from bot.admission.quotas import Note, Quota
from bot.content import Request
from bot.runtime.pause import Pause
from bot.team.figures.quotas import Quotas
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.shielded import shielded

_PAUSED = "The people who run this bot have paused it, so I take nothing new right now. Try again later."


class ClosedError(LimitError):
    """An operator has the bot take nothing new. What waits for limits, such as the rows of a sheet, waits for this as well."""


@dataclass(frozen=True, slots=True)
class Door:
    """The one door: single requests and rows of sheets go through it. It is closed while an operator has the bot `pause`."""

    workspaces: Workspaces
    gate: Gate
    quotas: Quotas
    pause: Pause

    async def admit(
        self, request: Request, member: Member, is_under_way: Callable[[str], bool], *, pending: Callable[[], int] | None = None,
        act: Permission = Permission.MAKE,
    ) -> list[Note]:  # fmt: skip
        """Counts a request; gives what whoever asks is told once. Nothing is awaited between this and that it is under way.

        `pending` tells how many of theirs are under way here, as late as may be, where that is limited; `act` is what they must be
        allowed to do.

        Raises:
            LimitError: more was asked for than is made in a while, or than the server gives; or nothing new is taken.
            RefusedError: whoever asks may not in that server.
        """
        if self.pause.on:
            raise ClosedError(_PAUSED)
        guild_id, count = request.guild_id, request.variants
        own, given = await self.workspaces.load_admission(guild_id, member, act) if guild_id else (NONE, ())
        if self.workspaces.store.admissions.shared and (self.gate.operators or own or given):
            return await self._admit_among_others(request, member, own, given, limited=pending is not None)
        look = await self.quotas.load_snapshot(guild_id, member, given)
        notes = self.quotas.admit(look, count, is_under_way) if look is not None else []
        self.gate.take(
            request.user_id, guild_id, request.channel_id, own=own, count=count, pending=pending() if pending else 0
        )
        if look is not None:
            self.quotas.reserve(look, request.id, count)
        return notes

    @shielded
    async def _admit_among_others(
        self, request: Request, member: Member, own: Limits, given: Sequence[Quota], *, limited: bool
    ) -> list[Note]:
        """The same where other processes let requests in as well: those of a person, and those in a server, one after the other."""
        guild_id, user_id, count, store = request.guild_id, request.user_id, request.variants, self.workspaces.store
        async with store.database.writing(f"admit {user_id}"):
            if guild_id:
                async with store.database.write(f"admit in {guild_id}"):
                    pass  # It is held until all of it is through.
            look = await self.quotas.load_snapshot(guild_id, member, given)
            known = await store.admissions.lately(user_id, guild_id, request.channel_id, self.gate.spans(guild_id, own))
            notes = self.quotas.admit(look, count, lambda _id: True, known.ahead) if look is not None else []
            pending = known.pending if limited else 0
            self.gate.look(guild_id, known.now, known.moments, own=own, count=count, pending=pending)
            await store.admissions.add(request.id, user_id, guild_id, request.channel_id, count)
        return notes
