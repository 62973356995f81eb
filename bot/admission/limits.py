"""How much may be asked for: so many requests a minute, an hour and a day of a person, a channel and a server.

Counted in sliding windows: in memory, so that a restart forgets them, or from what processes that share a server have let in. What
limits are is plain data, written such as "person 10/minute 60/hour, channel 60/minute"; an operator's are the most that a server may
allow itself.
"""

from __future__ import annotations

import re
import time
from array import array
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.errors import Phrase, RefusedError

SUBJECTS = ("person", "channel", "server")
SPANS = MappingProxyType({"minute": 60, "hour": 3600, "day": 86_400})
# Requests of one person that may be under way at once.
MAX_PENDING = 20
# Refused mentions are answered so often a minute; then the bot is silent, so that refusals do not fill a channel.
_WORDS = re.compile(r"(?<!\d)(\d{1,6})\s{0,3}/\s{0,3}(minute|hour|day)\b")
_MAX = 100_000
_FORM = 'should be such as "person 10/minute 60/hour, channel 60/minute, server 600/hour", or "none"'
_SENTENCES = {
    "person": "You have reached the request limit for one person. You can ask again {when}.",
    "channel": "This channel has reached its request limit. The next request is possible {when}.",
    "server": "This server has reached its request limit. The next request is possible {when}.",
}
_SPANS = {"minute": "minute", "hour": "hour", "day": "day"}
_HIGHER = "My operator allows at most {most} per {span}. Choose a lower number."
PENDING = "{count} of your requests are in progress. Ask again when one of them is done."

# A subject and a span, and how many requests that allows.
Limits = Mapping[tuple[str, str], int]
NONE: Limits = MappingProxyType({})
USUAL = "person 10/minute 60/hour 300/day, channel 60/minute, server 600/hour"


class LimitError(RefusedError):
    """More was asked for than is made in a while; says when the next is taken."""


def parsed(text: str) -> Limits:
    """The limits that a text says; "none" for none.

    Raises:
        ValueError: it says none; the words tell how it should be.
    """
    found: dict[tuple[str, str], int] = {}
    if text.strip().casefold() == "none":
        return found
    for part in text.split(","):
        subject, _, rest = part.strip().partition(" ")
        if subject not in SUBJECTS or not rest.strip() or _WORDS.sub("", rest).strip():
            raise ValueError(_FORM)
        for count, span in _WORDS.findall(rest):
            if not 0 < int(count) <= _MAX:
                raise ValueError(_FORM)
            found[subject, span] = int(count)
    return found


def written(limits: Limits) -> str:
    """The text that `parsed` reads limits from."""
    parts = [
        " ".join([subject, *(f"{limits[subject, span]}/{span}" for span in SPANS if (subject, span) in limits)])
        for subject in SUBJECTS
    ]
    return ", ".join(part for part in parts if " " in part) or "none"


def stricter(limits: Limits, others: Limits) -> Limits:
    """Of each limit the lower one."""
    names = [*limits, *(name for name in others if name not in limits)]
    return {name: min(one[name] for one in (limits, others) if name in one) for name in names}


def refuse_higher(limits: Limits, operators: Limits) -> None:
    """Raises RefusedError where one of a server's limits is above the operator's."""
    for (subject, span), count in limits.items():
        most = operators.get((subject, span), count)
        if count > most:
            raise RefusedError(_HIGHER, most=most, span=Phrase(_SPANS[span]))


@dataclass(slots=True)
class Meter:
    """Counts what was asked for. `clock` gives seconds since 1970."""

    clock: Callable[[], float] = time.time
    # By who or where it was, oldest first: the moments of the last day. Those that are not used any more go.
    _asked: OrderedDict[Hashable, array[float]] = field(default_factory=OrderedDict)

    def take(self, keys: Sequence[tuple[Hashable, str]], limits: Sequence[Limits], count: int = 1) -> None:
        """Counts so many requests for each key, whose subject has limits among those of the same place in `limits`.

        Raises:
            LimitError: a limit is reached; nothing was counted.
        """
        now = self.clock()
        ends: dict[str, float] = {}
        for (key, subject), allowed in zip(keys, limits, strict=True):
            for span, seconds in SPANS.items():
                if (most := allowed.get((subject, span))) is not None:
                    ends[subject] = max(ends.get(subject, 0.0), self._free_at(key, most, seconds, count, now))
        late = max(ends, key=lambda subject: ends[subject], default="")
        if late and ends[late] > now:
            # Discord shows the moment in the reader's own time and language.
            raise LimitError(_SENTENCES[late], when=f"<t:{int(ends[late]) + 1}:R>")
        for (key, subject), allowed in zip(keys, limits, strict=True):
            if seconds := longest(allowed, subject):
                kept = [moment for moment in self._asked.get(key, ()) if moment > now - seconds]
                self._asked[key] = array("d", [*kept, *[now] * count])
                self._asked.move_to_end(key)
        while self._asked and next(iter(self._asked.values()))[-1] <= now - max(SPANS.values()):
            self._asked.popitem(last=False)

    def _free_at(self, key: Hashable, most: int, seconds: int, count: int, now: float) -> float:
        """When so many more fit into a window, at the latest when it is empty."""
        recent = [moment for moment in self._asked.get(key, ()) if moment > now - seconds]
        over = len(recent) + min(count, most) - most
        return recent[over - 1] + seconds if over > 0 else now


def meter_of(now: float, moments: Mapping[str, Sequence[tuple[float, int]]]) -> Meter:
    """A meter that has counted so many requests at each moment, by whose they are."""
    asked = {name: array("d", [at for at, count in found for _ in range(count)]) for name, found in moments.items()}
    return Meter(lambda: now, OrderedDict(asked))


def longest(limits: Limits, subject: str) -> int:
    """The longest span of a subject's limits in seconds, 0 where it has none."""
    return max((SPANS[span] for limited, span in limits if limited == subject), default=0)


@dataclass(slots=True)
class Gate:
    """Takes requests as long as limits allow: the operator's, and those that a server has set itself."""

    operators: Limits
    meter: Meter = field(default_factory=Meter)
    # Refusals that were told in channels, so that they are not told without end.
    _told: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._told = Meter(lambda: self.meter.clock())

    def take(
        self, user_id: str, guild_id: str, channel_id: str, *, own: Limits = NONE, count: int = 1, pending: int = 0
    ) -> None:
        """Counts a request that makes `count` results, in a server whose own limits are `own`; none has "" as its id.

        Raises:
            LimitError: a limit is reached, or too many of theirs are under way; the sentence says until when.
        """
        if self.operators and pending >= MAX_PENDING:
            raise LimitError(PENDING, count=pending)
        ids = {"person": (user_id,), "member": (guild_id, user_id), "channel": (channel_id,), "server": (guild_id,)}
        held = self.held(guild_id, own)
        keys: list[tuple[Hashable, str]] = [((name, *ids[name]), subject) for name, subject, _ in held]
        self.meter.take(keys, [limits for _, _, limits in held], count)

    def held(self, guild_id: str, own: Limits) -> list[tuple[str, str, Limits]]:
        """Whose requests are counted, as which subject, by which limits: a person's; in a server whose own limits are `own` also
        a member's, a channel's and a server's.
        """
        here = stricter(self.operators, own)
        of_server = [("member", "person", here), ("channel", "channel", here), ("server", "server", here)]
        return [("person", "person", self.operators), *(of_server if guild_id else [])]

    def spans(self, guild_id: str, own: Limits) -> dict[str, int]:
        """How many seconds back requests are looked for, by whose they are."""
        found = {name: longest(limits, subject) for name, subject, limits in self.held(guild_id, own)}
        return {name: seconds for name, seconds in found.items() if seconds}

    def look(
        self, guild_id: str, now: float, moments: Mapping[str, Sequence[tuple[float, int]]], *,
        own: Limits = NONE, count: int = 1, pending: int = 0,
    ) -> None:  # fmt: skip
        """The same where what was asked for is kept elsewhere: moments and sizes of requests, by whose they are. Raises as `take`."""
        if self.operators and pending >= MAX_PENDING:
            raise LimitError(PENDING, count=pending)
        held = self.held(guild_id, own)
        keys = [(name, subject) for name, subject, _ in held]
        meter_of(now, moments).take(keys, [limits for _, _, limits in held], count)

    def may_chat(self, user_id: str) -> bool:
        """Whether somebody who asks for no text is answered: as often a minute as requests of theirs are taken."""
        most = self.operators.get(("person", "minute"), _MAX)
        try:
            self._told.take([((user_id, "chat"), "person")], [{("person", "minute"): most}])
        except LimitError:
            return False
        return True

    def may_tell(self, user_id: str, error: Exception) -> bool:
        """Whether a refusal is told in a channel: of limits once a minute to a person, others as often as mentions are taken."""
        reached = isinstance(error, LimitError)
        most = 1 if reached else self.operators.get(("person", "minute"), _MAX)
        try:
            self._told.take([((user_id, reached), "person")], [{("person", "minute"): most}])
        except LimitError:
            return False
        return True


def in_words(limits: Limits, subject: str) -> list[Phrase]:
    """The limits of a subject: "10 a minute", "60 an hour"."""
    said = {"minute": "{count} per minute", "hour": "{count} per hour", "day": "{count} per day"}
    return [Phrase(said[span], count=limits[subject, span]) for span in SPANS if (subject, span) in limits]
