"""Enforces the quotas of servers: checks requests, counts usage, and records notifications, which are shown only once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from bot.admission.quotas import (
    Quota,
    QuotaNotification,
    QuotaUsage,
    build_notifications,
    compute_usages,
    raise_if_exceeded,
    select_applicable,
)
from bot.store import Store
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.errors import StorageError
from storage.usage import Amounts


class PendingRequest(NamedTuple):
    """An admitted request that may not be in the stored usage yet."""

    guild_id: str
    user_id: str
    result_count: int


@dataclass(frozen=True, slots=True)
class QuotaSnapshot:
    """The quotas that apply to a member, the stored usage by subject and period, and the requests pending before it was loaded."""

    guild_id: str
    member: Member
    quotas: Sequence[Quota]
    stored_usage: dict[tuple[str, str], Amounts]
    pending_requests: dict[str, PendingRequest]


@dataclass(slots=True)
class QuotaService:
    """Counts the stored usage, which survives a restart, and the pending requests of this process."""

    store: Store
    workspaces: Workspaces
    currency: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _pending_requests: dict[str, PendingRequest] = field(default_factory=dict)

    async def load_snapshot(self, guild_id: str, member: Member, quotas: Sequence[Quota]) -> QuotaSnapshot | None:
        """Return the quotas that apply to a member, with what counts towards them; None if none applies."""
        applicable = select_applicable(quotas, member.role_ids)
        if not applicable:
            return None
        # Copied first, so that a request that ends meanwhile is counted twice rather than not at all.
        pending_requests = dict(self._pending_requests)
        stored_usage = await self.store.usage.load_amounts(guild_id, member.user_id, self.now().date())
        return QuotaSnapshot(guild_id, member, applicable, stored_usage, pending_requests)

    def check(
        self,
        snapshot: QuotaSnapshot,
        count: int,
        is_under_way: Callable[[str], bool],
        pending_counts: Mapping[str, int] | None = None,
    ) -> list[QuotaNotification]:
        """Check that a number of results is within the quotas; return the notifications to be shown.

        Synchronous, so that no other request comes between this and `reserve`. `is_under_way` says whether the request with an id
        is still being handled. If several processes share requests, `pending_counts` has the numbers of unfinished results of the
        user ("person") and the server ("server").

        Raises:
            QuotaError: a hard quota is reached.
        """
        self._pending_requests = {
            request_id: request for request_id, request in self._pending_requests.items() if is_under_way(request_id)
        }
        # Requests that have ended since the snapshot still count, as its stored usage may not include them.
        pending_requests = {**snapshot.pending_requests, **self._pending_requests}
        usages = self._compute_usages(snapshot, pending_requests, pending_counts)
        raise_if_exceeded(usages, count, self.currency)
        return build_notifications(usages, count, self.currency)

    def reserve(self, snapshot: QuotaSnapshot, request_id: str, count: int) -> None:
        """Count a request as pending until it is released."""
        self._pending_requests[request_id] = PendingRequest(snapshot.guild_id, snapshot.member.user_id, count)

    def restore(self, request_id: str, guild_id: str, user_id: str) -> None:
        """Count a request as pending that an earlier process admitted for one result; only servers have quotas."""
        if guild_id:
            self._pending_requests.setdefault(request_id, PendingRequest(guild_id, user_id, 1))

    def release(self, request_id: str) -> None:
        """Stop counting a request as pending; from now on only its stored usage counts."""
        self._pending_requests.pop(request_id, None)

    async def claim_notification(self, user_id: str, guild_id: str, name: str) -> bool:
        """Record that a notification is about to be shown to a user; return whether it is the first time."""
        try:
            return await self.store.usage.record_quota_note(user_id, guild_id, name)
        except StorageError:
            # Nothing is stored for a user who has paused storage, so the notification is shown each time.
            return True

    async def list_usages(self, guild_id: str, member: Member) -> list[QuotaUsage]:
        """Return the usage of each quota that applies to a member of a server."""
        quotas = (await self.workspaces.load_settings(guild_id)).quotas
        snapshot = await self.load_snapshot(guild_id, member, quotas)
        if snapshot is None:
            return []
        admissions = self.store.admissions
        pending_counts = None
        if admissions.is_shared:
            pending_counts = (await admissions.load_recent(member.user_id, guild_id, channel_id="", spans={})).ahead
        return self._compute_usages(snapshot, self._pending_requests, pending_counts)

    async def load_usage(self, guild_id: str, user_id: str) -> dict[tuple[str, str], Amounts]:
        """Return a user's usage today and this month, in a server or (with an empty id) in direct messages."""
        return await self.store.usage.load_amounts(guild_id, user_id, self.now().date())

    async def set_quota(self, guild_id: str, member: Member, quota: Quota) -> None:
        """Set a quota of a server on behalf of an owner; a limit of zero removes it.

        Raises:
            RefusedError: the member is not an owner, or the server already has the maximum number of quotas.
        """
        await self.workspaces.change(guild_id, member, lambda settings: settings.with_quota(quota))

    def _compute_usages(
        self,
        snapshot: QuotaSnapshot,
        pending_requests: Mapping[str, PendingRequest],
        pending_counts: Mapping[str, int] | None,
    ) -> list[QuotaUsage]:
        """Return the usage of the quotas; `pending_counts`, if given, replace the pending requests of this process."""
        if pending_counts is None:
            requests = [request for request in pending_requests.values() if request.guild_id == snapshot.guild_id]
            user_id = snapshot.member.user_id
            pending_counts = {
                "server": sum(request.result_count for request in requests),
                "person": sum(request.result_count for request in requests if request.user_id == user_id),
            }
        return compute_usages(snapshot.quotas, snapshot.stored_usage, self.now(), pending_counts)
