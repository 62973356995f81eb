"""What a server gives its people: requests, tokens and money a day or a month, by person, by role of Discord and for all. Pure.

Days and months are those of UTC. A soft quota is told of, a hard one stops as well.
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
# Shares of a quota, in percent, that are told of when they are reached.
SOON, REACHED = 80, 100
# A month of 100 million of any currency, which no quota has to be above.
MAX = 10**14
MAX_QUOTAS = 40

_STOPPED = {
    "person": "You have used up what this server allows you: {most} {span}. You can ask again {when}.",
    "server": "This server has used up its own limit of {most} {span}. The next request is possible {when}.",
}
_NOTES = {
    "person": "You have used {share}% of what this server allows you: {used} of {most} {span}. It resets {when}.",
    "server": "This server has used {share}% of its own limit: {used} of {most} {span}. It resets {when}.",
}
SPANS = {"day": "per day", "month": "per month"}


class QuotaError(LimitError):
    """A hard quota is reached; says when it begins anew."""


class Amounts(Protocol):
    """What was used of each, money in millionths of the currency."""

    @property
    def requests(self) -> int:
        """How many results were made."""

    @property
    def tokens(self) -> int:
        """How many tokens were read and written."""

    @property
    def money(self) -> int:
        """What they cost."""


class Quota(BaseModel):
    """How much of something may be used in a period: by each person, by each who has a role of Discord, or by all together."""

    model_config = ConfigDict(frozen=True)

    whose: Literal["person", "role", "server"]
    measure: Literal["requests", "tokens", "money"]
    per: Literal["day", "month"]
    most: int = Field(ge=0, le=MAX)
    hard: bool = True
    role_id: str = ""

    @property
    def place(self) -> tuple[str, str, str, str]:
        """What of it there is one of."""
        return self.whose, self.role_id, self.measure, self.per

    @property
    def key(self) -> str:
        """The same as a text, that a menu names it by."""
        return ":".join(self.place)


@dataclass(frozen=True, slots=True)
class Standing:
    """A quota as it stands for somebody: how much is used, and when it begins anew."""

    quota: Quota
    used: int
    ends: datetime

    @property
    def who(self) -> str:
        """Whose uses are counted: a person's, or the whole server's."""
        return "server" if self.quota.whose == "server" else "person"

    def stops(self, count: int) -> bool:
        """Whether so many more requests are too many. What one takes in tokens and money shows when it is done."""
        if not self.quota.hard:
            return False
        if self.quota.measure == "requests":
            return self.used + count > self.quota.most
        return self.used >= self.quota.most

    def reached(self, count: int) -> int:
        """The share that is to be told of once so many more requests are taken, 0 for none."""
        used = self.used + (count if self.quota.measure == "requests" else 0)
        share = 100 * used // self.quota.most if self.quota.most else REACHED
        return next((one for one in (REACHED, SOON) if share >= one), 0)


@dataclass(frozen=True, slots=True)
class Note:
    """Something that somebody is told once, by its name."""

    name: str
    said: Phrase


def ends(per: str, now: datetime) -> datetime:
    """When a period of now is over."""
    day = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day + timedelta(days=1) if per == "day" else (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def applying(quotas: Iterable[Quota], role_ids: Collection[str]) -> list[Quota]:
    """Those that hold for somebody: of each measure and period the server's, and one of theirs.

    That of a role goes before that of everybody; of several roles the one that gives most.
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


def standings(
    quotas: Iterable[Quota], spent: Mapping[tuple[str, str], Amounts], now: datetime, ahead: Mapping[str, int]
) -> list[Standing]:
    """Quotas as they stand; `ahead` are the requests that are under way, of the person and of the server."""
    found = []
    for one in quotas:
        who = "server" if one.whose == "server" else "person"
        used = int(getattr(spent[who, one.per], one.measure))
        found.append(Standing(one, used + (ahead[who] if one.measure == "requests" else 0), ends(one.per, now)))
    return found


def refuse_over(found: Sequence[Standing], count: int, currency: str) -> None:
    """Raises QuotaError where so many more requests are too many; of several quotas that which ends last is told."""
    over = [one for one in found if one.stops(count)]
    if over:
        last = max(over, key=lambda one: one.ends)
        raise QuotaError(_STOPPED[last.who], **_values(last, currency))


def notes(found: Sequence[Standing], count: int, currency: str) -> list[Note]:
    """What is to be told once, where so many more requests are taken."""
    made = []
    for one in found:
        if share := one.reached(count):
            more = count if one.quota.measure == "requests" else 0
            used = amount(one.quota.measure, one.used + more, currency)
            begun = f"{one.ends:%Y-%m-%d}"
            name = "/".join([*filter(None, one.quota.place), str(one.quota.most), str(share), begun])
            made.append(Note(name, Phrase(_NOTES[one.who], share=share, used=used, **_values(one, currency))))
    return made


def amount(measure: str, count: int, currency: str) -> Phrase:
    """So much of something, in words."""
    if measure == "money":
        return Phrase("{amount} {currency}", amount=f"{count / MICRO:.2f}", currency=currency)
    if measure == "requests" and count == 1:
        return Phrase("{count} request", count=count)
    return Phrase({"requests": "{count:,} requests", "tokens": "{count:,} tokens"}[measure], count=count)


def _values(one: Standing, currency: str) -> dict[str, object]:
    # Discord shows the moment in the reader's own time and language.
    when = f"<t:{int(one.ends.timestamp())}:R>"
    most = amount(one.quota.measure, one.quota.most, currency)
    return {"most": most, "span": Phrase(SPANS[one.quota.per]), "when": when}
