"""Quotas of a server: limits on requests, tokens and cost per day or month, per user, per Discord role or for the whole
server. No I/O.

Days and months are in UTC. A soft quota only notifies, a hard one also refuses.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field

from bot.errors import Phrase

from .limits import LimitError
from .prices import MICRO

MEASURES = ("requests", "tokens", "money")
PERIODS = ("day", "month")
# Shares of a quota, in percent, that trigger a notification.
NEARLY_REACHED, REACHED = 80, 100
# Highest limit; for money, in millionths, 100 million units of the currency.
MAX_LIMIT = 10**14
MAX_QUOTAS = 40

_EXCEEDED = {
    "person": "You have used up what this server allows you: {most} {span}. You can ask again {when}.",
    "server": "This server has used up its own limit of {most} {span}. The next request is possible {when}.",
}
_NOTES = {
    "person": "You have used {share}% of what this server allows you: {used} of {most} {span}. It resets {when}.",
    "server": "This server has used {share}% of its own limit: {used} of {most} {span}. It resets {when}.",
}
PERIOD_LABELS = {"day": "per day", "month": "per month"}


class QuotaError(LimitError):
    """A hard quota is reached; the message says when it resets."""


class UsageAmounts(Protocol):
    """The amount used, by measure; money in millionths of the currency."""

    @property
    def requests(self) -> int:
        """The number of results, each of which counts as a request."""

    @property
    def tokens(self) -> int:
        """The number of tokens read and written."""

    @property
    def money(self) -> int:
        """The cost, in millionths of the currency."""


class Quota(BaseModel):
    """The limit (`most`) of a measure in a period (`per`), and whom it is for (`whose`): each user, each member with a
    Discord role, or the whole server.
    """

    model_config = ConfigDict(frozen=True)

    whose: Literal["person", "role", "server"]
    measure: Literal["requests", "tokens", "money"]
    per: Literal["day", "month"]
    most: int = Field(ge=0, le=MAX_LIMIT)
    hard: bool = True
    role_id: str = ""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """The key that is unique among a server's quotas."""
        return self.whose, self.role_id, self.measure, self.per

    @property
    def menu_value(self) -> str:
        """The key as a string, for select menus."""
        return ":".join(self.key)


@dataclass(frozen=True, slots=True)
class QuotaUsage:
    """A quota with its usage and when it resets."""

    quota: Quota
    used: int
    resets_at: datetime

    @property
    def subject(self) -> str:
        """Whose usage is counted: a person's, or the server's."""
        return "server" if self.quota.whose == "server" else "person"

    def is_exceeded_by(self, count: int) -> bool:
        """Return whether a hard quota refuses `count` more requests. Tokens and money are only known afterwards."""
        if not self.quota.hard:
            return False
        if self.quota.measure == "requests":
            return self.used + count > self.quota.most
        return self.used >= self.quota.most

    def find_threshold(self, count: int) -> int:
        """Return the highest threshold reached with `count` more requests, in percent, or 0."""
        used = self.used + (count if self.quota.measure == "requests" else 0)
        share = 100 * used // self.quota.most if self.quota.most else REACHED
        return next((threshold for threshold in (REACHED, NEARLY_REACHED) if share >= threshold), 0)


@dataclass(frozen=True, slots=True)
class QuotaNotification:
    """A notification shown once, identified by its name."""

    name: str
    phrase: Phrase


def compute_period_end(per: str, now: datetime) -> datetime:
    """Return when the current period ends."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1) if per == "day" else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def select_applicable(quotas: Iterable[Quota], role_ids: Collection[str]) -> list[Quota]:
    """Return the quotas that apply to a member: for each measure and period the server's, and one of their own.

    A role quota overrides the per-user quota; with several roles, the highest limit applies.
    """
    selected: dict[tuple[str, str, str], Quota] = {}
    for quota in quotas:
        if quota.whose == "role" and quota.role_id not in role_ids:
            continue
        key = ("server" if quota.whose == "server" else "person", quota.measure, quota.per)
        current = selected.get(key)
        if current is None or (quota.whose == "role", quota.most) > (current.whose == "role", current.most):
            selected[key] = quota
    return list(selected.values())


def compute_usages(
    quotas: Iterable[Quota], usage: Mapping[tuple[str, str], UsageAmounts], now: datetime, pending: Mapping[str, int]
) -> list[QuotaUsage]:
    """Return quotas with their usage; `pending` has the numbers of unfinished results of the user and of the server."""
    usages = []
    for quota in quotas:
        subject = "server" if quota.whose == "server" else "person"
        used = int(getattr(usage[subject, quota.per], quota.measure))
        used += pending[subject] if quota.measure == "requests" else 0
        usages.append(QuotaUsage(quota, used, compute_period_end(quota.per, now)))
    return usages


def raise_if_exceeded(usages: Sequence[QuotaUsage], count: int, currency: str) -> None:
    """Raise QuotaError if `count` more requests are too many, for the quota that resets last."""
    exceeded = [usage for usage in usages if usage.is_exceeded_by(count)]
    if exceeded:
        last = max(exceeded, key=lambda usage: usage.resets_at)
        raise QuotaError(_EXCEEDED[last.subject], **_build_values(last, currency))


def build_notifications(usages: Sequence[QuotaUsage], count: int, currency: str) -> list[QuotaNotification]:
    """Return the one-time notifications for `count` more requests."""
    notifications = []
    for usage in usages:
        if share := usage.find_threshold(count):
            more = count if usage.quota.measure == "requests" else 0
            used = format_amount(usage.quota.measure, usage.used + more, currency)
            resets = f"{usage.resets_at:%Y-%m-%d}"
            name = "/".join([*filter(None, usage.quota.key), str(usage.quota.most), str(share), resets])
            notifications.append(
                QuotaNotification(
                    name, Phrase(_NOTES[usage.subject], share=share, used=used, **_build_values(usage, currency))
                )
            )
    return notifications


def format_amount(measure: str, count: int, currency: str) -> Phrase:
    """Format an amount of a measure."""
    if measure == "money":
        return Phrase("{amount} {currency}", amount=f"{count / MICRO:.2f}", currency=currency)
    if measure == "requests" and count == 1:
        return Phrase("{count} request", count=count)
    return Phrase({"requests": "{count:,} requests", "tokens": "{count:,} tokens"}[measure], count=count)


def _build_values(usage: QuotaUsage, currency: str) -> dict[str, object]:
    # Discord shows the time in the reader's own time zone and language.
    when = f"<t:{int(usage.resets_at.timestamp())}:R>"
    most = format_amount(usage.quota.measure, usage.quota.most, currency)
    return {"most": most, "span": Phrase(PERIOD_LABELS[usage.quota.per]), "when": when}
