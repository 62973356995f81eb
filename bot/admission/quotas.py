"""Quotas of a server: limits on requests, tokens and cost per day or month, per user, per Discord role or for the whole
server. Nothing here does I/O.

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
# The shares of a quota, in percent, that trigger a notification, highest first.
_THRESHOLDS = 100, 80
# The highest limit of a quota. Money is in millionths, so that this is 100 million of the currency.
MAX_LIMIT = 10**14
MAX_QUOTAS = 40

_REFUSALS = {
    "person": "You have used up what this server allows you: {most} {span}. You can ask again {when}.",
    "server": "This server has used up its own limit of {most} {span}. The next request is possible {when}.",
}
_NOTIFICATIONS = {
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
    def subject(self) -> Literal["person", "server"]:
        """Whose usage is counted: a user's, or that of the whole server."""
        return "server" if self.whose == "server" else "person"

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

    def is_exceeded_by(self, count: int) -> bool:
        """Return whether a hard quota refuses `count` more requests, whose tokens and money are not known yet."""
        if not self.quota.hard:
            return False
        if self.quota.measure == "requests":
            return self.used + count > self.quota.most
        return self.used >= self.quota.most

    def compute_amount_after(self, count: int) -> int:
        """Return the amount used after `count` more requests, as far as it is known."""
        return self.used + (count if self.quota.measure == "requests" else 0)

    def find_threshold(self, count: int) -> int:
        """Return the highest threshold, in percent, that `count` more requests reach; 0 if none."""
        percent = 100 * self.compute_amount_after(count) // self.quota.most if self.quota.most else 100
        return next((threshold for threshold in _THRESHOLDS if percent >= threshold), 0)


@dataclass(frozen=True, slots=True)
class QuotaNotification:
    """A notification shown once, identified by its name."""

    name: str
    phrase: Phrase


def compute_period_end(period: str, now: datetime) -> datetime:
    """Return when the current day or month ends."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    if period == "day":
        return midnight + timedelta(days=1)
    # 32 days after the first of a month is always in the next month.
    return (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)


def select_applicable(quotas: Iterable[Quota], role_ids: Collection[str]) -> list[Quota]:
    """Return the quotas that apply to a member: for each measure and period, the server's quota and one personal quota.

    A role quota overrides the per-user quota; with several roles, the highest limit applies.
    """
    groups: dict[tuple[str, str, str], list[Quota]] = {}
    for quota in quotas:
        if quota.whose != "role" or quota.role_id in role_ids:
            groups.setdefault((quota.subject, quota.measure, quota.per), []).append(quota)
    return [max(group, key=lambda quota: (quota.whose == "role", quota.most)) for group in groups.values()]


def compute_usages(
    quotas: Iterable[Quota],
    amounts: Mapping[tuple[str, str], UsageAmounts],
    now: datetime,
    pending_counts: Mapping[str, int],
) -> list[QuotaUsage]:
    """Return quotas with their usage; `amounts` are by subject and period, the counts of unfinished results by subject."""
    usages = []
    for quota in quotas:
        used = int(getattr(amounts[quota.subject, quota.per], quota.measure))
        used += pending_counts[quota.subject] if quota.measure == "requests" else 0
        usages.append(QuotaUsage(quota, used, compute_period_end(quota.per, now)))
    return usages


def raise_if_exceeded(usages: Sequence[QuotaUsage], count: int, currency: str) -> None:
    """Raise QuotaError if `count` more requests exceed a hard quota; the message names the one that resets last."""
    exceeded = [usage for usage in usages if usage.is_exceeded_by(count)]
    if exceeded:
        last_to_reset = max(exceeded, key=lambda usage: usage.resets_at)
        raise QuotaError(_REFUSALS[last_to_reset.quota.subject], **_build_placeholders(last_to_reset, currency))


def build_notifications(usages: Sequence[QuotaUsage], count: int, currency: str) -> list[QuotaNotification]:
    """Return the one-time notifications for `count` more requests."""
    notifications = []
    for usage in usages:
        if threshold := usage.find_threshold(count):
            quota = usage.quota
            key = [*filter(None, quota.key), str(quota.most), str(threshold), f"{usage.resets_at:%Y-%m-%d}"]
            used = format_amount(quota.measure, usage.compute_amount_after(count), currency)
            placeholders = _build_placeholders(usage, currency)
            phrase = Phrase(_NOTIFICATIONS[quota.subject], share=threshold, used=used, **placeholders)
            notifications.append(QuotaNotification("/".join(key), phrase))
    return notifications


def format_amount(measure: str, amount: int, currency: str) -> Phrase:
    """Format an amount of a measure; money is in millionths of the currency."""
    if measure == "money":
        return Phrase("{amount} {currency}", amount=f"{amount / MICRO:.2f}", currency=currency)
    if measure == "requests" and amount == 1:
        return Phrase("{count} request", count=amount)
    return Phrase({"requests": "{count:,} requests", "tokens": "{count:,} tokens"}[measure], count=amount)


def _build_placeholders(usage: QuotaUsage, currency: str) -> dict[str, object]:
    # Discord shows the time in the reader's own time zone and language.
    when = f"<t:{int(usage.resets_at.timestamp())}:R>"
    most = format_amount(usage.quota.measure, usage.quota.most, currency)
    return {"most": most, "span": Phrase(PERIOD_LABELS[usage.quota.per]), "when": when}
