"""Quotas of a server: requests, tokens and money a day or a month, by user, by Discord role and for all. Pure
functions.

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
# The maximum of a quota: 100 million of a currency.
MAX = 10**14
MAX_QUOTAS = 40

_EXCEEDED = {
    "person": "You have used up what this server allows you: {most} {span}. You can ask again {when}.",
    "server": "This server has used up its own limit of {most} {span}. The next request is possible {when}.",
}
_NOTES = {
    "person": "You have used {share}% of what this server allows you: {used} of {most} {span}. It resets {when}.",
    "server": "This server has used {share}% of its own limit: {used} of {most} {span}. It resets {when}.",
}
SPANS = {"day": "per day", "month": "per month"}


class QuotaError(LimitError):
    """A hard quota is reached; the message says when it resets."""


class UsageAmounts(Protocol):
    """What was used of each measure, money in millionths of the currency."""

    @property
    def requests(self) -> int:
        """The number of results."""

    @property
    def tokens(self) -> int:
        """The number of tokens read and written."""

    @property
    def money(self) -> int:
        """Their cost."""


class Quota(BaseModel):
    """How much may be used in a period: by each user, by each member with a Discord role, or by all together."""

    model_config = ConfigDict(frozen=True)

    whose: Literal["person", "role", "server"]
    measure: Literal["requests", "tokens", "money"]
    per: Literal["day", "month"]
    most: int = Field(ge=0, le=MAX)
    hard: bool = True
    role_id: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """The key that is unique among a server's quotas."""
        return self.whose, self.role_id, self.measure, self.per

    @property
    def key(self) -> str:
        """The same as text, for menus."""
        return ":".join(self.place)


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
        """Return whether `count` more requests are too many. Tokens and money are only known afterwards."""
        if not self.quota.hard:
            return False
        if self.quota.measure == "requests":
            return self.used + count > self.quota.most
        return self.used >= self.quota.most

    def find_threshold(self, count: int) -> int:
        """Return the share reached with `count` more requests, 0 for none."""
        used = self.used + (count if self.quota.measure == "requests" else 0)
        share = 100 * used // self.quota.most if self.quota.most else REACHED
        return next((one for one in (REACHED, NEARLY_REACHED) if share >= one), 0)


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

    A role's quota outranks that for everyone; of several roles the largest applies.
    """
    found: dict[tuple[str, str, str], Quota] = {}
    for one in quotas:
        if one.whose == "role" and one.role_id not in role_ids:
            continue
        place = ("server" if one.whose == "server" else "person", one.measure, one.per)
        known = found.get(place)
        if known is None or (one.whose == "role", one.most) > (known.whose == "role", known.most):
            found[place] = one
    return list(found.values())


def compute_usages(
    quotas: Iterable[Quota], spent: Mapping[tuple[str, str], UsageAmounts], now: datetime, ahead: Mapping[str, int]
) -> list[QuotaUsage]:
    """Return quotas with their usage; `ahead` counts the requests in progress, of the user and of the server."""
    found = []
    for one in quotas:
        subject = "server" if one.whose == "server" else "person"
        used = int(getattr(spent[subject, one.per], one.measure))
        found.append(
            QuotaUsage(
                one, used + (ahead[subject] if one.measure == "requests" else 0), compute_period_end(one.per, now)
            )
        )
    return found


def refuse_over(found: Sequence[QuotaUsage], count: int, currency: str) -> None:
    """Raise QuotaError where `count` more requests are too many, for the quota that resets last."""
    over = [one for one in found if one.is_exceeded_by(count)]
    if over:
        last = max(over, key=lambda one: one.resets_at)
        raise QuotaError(_EXCEEDED[last.subject], **_build_values(last, currency))


def build_notifications(found: Sequence[QuotaUsage], count: int, currency: str) -> list[QuotaNotification]:
    """Return the one-time notifications for `count` more requests."""
    notifications = []
    for one in found:
        if share := one.find_threshold(count):
            more = count if one.quota.measure == "requests" else 0
            used = format_amount(one.quota.measure, one.used + more, currency)
            resets = f"{one.resets_at:%Y-%m-%d}"
            name = "/".join([*filter(None, one.quota.place), str(one.quota.most), str(share), resets])
            notifications.append(
                QuotaNotification(
                    name, Phrase(_NOTES[one.subject], share=share, used=used, **_build_values(one, currency))
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


def _build_values(one: QuotaUsage, currency: str) -> dict[str, object]:
    # Discord shows the moment in the reader's own time and language.
    when = f"<t:{int(one.resets_at.timestamp())}:R>"
    most = format_amount(one.quota.measure, one.quota.most, currency)
    return {"most": most, "span": Phrase(SPANS[one.quota.per]), "when": when}
