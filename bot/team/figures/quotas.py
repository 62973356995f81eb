"""The service for the quotas of servers: admission of requests, usage, and notices that are displayed only once."""

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
    raise_if_exceeded,
    select_applicable,
)
from bot.store import Store
from bot.team.workspace.roles import Member
from bot.team.workspace.workspaces import Workspaces
from storage.errors import StorageError
from storage.usage import Amounts


@dataclass(frozen=True, slots=True)
class QuotaSnapshot:
    """The quotas that apply to a member, the stored usage, and the requests that were under way before the usage was loaded."""

    guild_id: str
    member: Member
    quotas: Sequence[Quota]
    spent: dict[tuple[str, str], Amounts]
    earlier_under_way: dict[str, tuple[str, str, int]]


@dataclass(slots=True)
class Quotas:
    """The service for quotas. They count the stored usage, which survives a restart, and the requests under way in this process."""

    store: Store
    workspaces: Workspaces
    currency: str
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    # Admitted requests that are not in the stored usage yet, by id: server, user and number of results.
    _under_way: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    async def load_snapshot(self, guild_id: str, member: Member, quotas: Sequence[Quota]) -> QuotaSnapshot | None:
        """Return the usage for the quotas that apply to a member; None if none applies."""
        applicable = select_applicable(quotas, member.role_ids)
        if not applicable:
            return None
        under_way = dict(self._under_way)
        spent = await self.store.usage.load_amounts(guild_id, member.user_id, self.now().date())
        return QuotaSnapshot(guild_id, member, applicable, spent, under_way)

    def admit(
        self,
        snapshot: QuotaSnapshot,
        count: int,
        is_under_way: Callable[[str], bool],
        ahead: Mapping[str, int] | None = None,
    ) -> list[QuotaNotification]:
        """Check that a number of results is within the quotas; return the notices to be displayed.

        Synchronous, so that no other request intervenes. `is_under_way` says whether the request with an id still is. If several
        processes share requests, `ahead` has the numbers of results under way for the user ("person") and the server ("server").

        Raises:
            QuotaError: a hard quota is reached.
        """
        for finished_id in [request_id for request_id in self._under_way if not is_under_way(request_id)]:
            del self._under_way[finished_id]
        # Includes requests that have ended since the snapshot, which may not contain them.
        usages = self._compute_usages(snapshot, {**snapshot.earlier_under_way, **self._under_way}, ahead)
        raise_if_exceeded(usages, count, self.currency)
        return build_notifications(usages, count, self.currency)

    def reserve(self, snapshot: QuotaSnapshot, request_id: str, count: int) -> None:
        """Count a request as under way until it is released."""
        self._under_way[request_id] = snapshot.guild_id, snapshot.member.user_id, count

    def restore(self, request_id: str, guild_id: str, user_id: str) -> None:
        """Count a request as under way that an earlier process had admitted."""
        if guild_id:
            self._under_way.setdefault(request_id, (guild_id, user_id, 1))

    def release(self, request_id: str) -> None:
        """Stop counting a request as under way; from now on only its stored usage counts."""
        self._under_way.pop(request_id, None)

    async def is_first_notice(self, user_id: str, guild_id: str, name: str) -> bool:
        """Return whether a notice has not been displayed to a user before, and record that it is now."""
        try:
            return await self.store.usage.record_quota_note(user_id, guild_id, name)
        except (
            StorageError
        ):  # Nothing is stored for a user who has paused storage, so the notice is displayed each time.
            return True

    async def list_usages(self, guild_id: str, member: Member) -> list[QuotaUsage]:
        """Return the usage of each quota that applies to a member of a server."""
        quotas = (await self.workspaces.load_settings(guild_id)).quotas
        snapshot = await self.load_snapshot(guild_id, member, quotas)
        if snapshot is None:
            return []
        admissions = self.store.admissions
        recent_counts = await admissions.load_recent(member.user_id, guild_id, "", {}) if admissions.is_shared else None
        return self._compute_usages(snapshot, dict(self._under_way), recent_counts.ahead if recent_counts else None)

    async def load_usage(self, guild_id: str, user_id: str) -> dict[tuple[str, str], Amounts]:
        """Return a user's usage today and this month, in a server or (with an empty id) in direct messages."""
        return await self.store.usage.load_amounts(guild_id, user_id, self.now().date())

    async def set_quota(self, guild_id: str, member: Member, quota: Quota) -> None:
        """Set a quota of a server on behalf of an owner; an amount of zero removes it.

        Raises:
            RefusedError: the member is not an owner, or the maximum number of quotas is set.
        """
        await self.workspaces.change(guild_id, member, lambda settings: settings.with_quota(quota))

    def _compute_usages(
        self, snapshot: QuotaSnapshot, under_way: dict[str, tuple[str, str, int]], ahead: Mapping[str, int] | None
    ) -> list[QuotaUsage]:
        if ahead is not None:
            return compute_usages(snapshot.quotas, snapshot.spent, self.now(), ahead)
        server_requests = [
            (user_id, count) for guild_id, user_id, count in under_way.values() if guild_id == snapshot.guild_id
        ]
        counts_by_subject = {
            "server": sum(count for _, count in server_requests),
            "person": sum(count for user_id, count in server_requests if user_id == snapshot.member.user_id),
        }
        return compute_usages(snapshot.quotas, snapshot.spent, self.now(), counts_by_subject)
