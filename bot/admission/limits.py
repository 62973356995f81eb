"""Rate limits: requests a minute, an hour and a day of a user, a channel and a server.

Counted in sliding windows: in memory, so that a restart resets them, or from the admissions of all processes that
share a server. Limits are plain data, written such as "person 10/minute 60/hour, channel 60/minute"; a server cannot
exceed the operator's.
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
# Requests of one user in progress at once.
MAX_PENDING = 20
_LIMIT = re.compile(r"(?<!\d)(\d{1,6})\s{0,3}/\s{0,3}(minute|hour|day)\b")
_MAX_COUNT = 100_000
_FORM = 'should be such as "person 10/minute 60/hour, channel 60/minute, server 600/hour", or "none"'
_SENTENCES = {
    "person": "You have reached the request limit for one person. You can ask again {when}.",
    "channel": "This channel has reached its request limit. The next request is possible {when}.",
    "server": "This server has reached its request limit. The next request is possible {when}.",
}
_SPANS = {"minute": "minute", "hour": "hour", "day": "day"}
_HIGHER = "My operator allows at most {most} per {span}. Choose a lower number."
PENDING = "{count} of your requests are in progress. Ask again when one of them is done."

# The number of requests allowed, by subject and span.
Limits = Mapping[tuple[str, str], int]
NONE: Limits = MappingProxyType({})
DEFAULT_LIMITS = "person 10/minute 60/hour 300/day, channel 60/minute, server 600/hour"


class LimitError(RefusedError):
    """A limit is reached; the message says when the next request is possible."""


def parse_limits(text: str) -> Limits:
    """Parse limits; "none" for none.

    Raises:
        ValueError: the text is malformed; the message describes the form.
    """
    found: dict[tuple[str, str], int] = {}
    if text.strip().casefold() == "none":
        return found
    for part in text.split(","):
        subject, _, rest = part.strip().partition(" ")
        if subject not in SUBJECTS or not rest.strip() or _LIMIT.sub("", rest).strip():
            raise ValueError(_FORM)
        for count, span in _LIMIT.findall(rest):
            if not 0 < int(count) <= _MAX_COUNT:
                raise ValueError(_FORM)
            found[subject, span] = int(count)
    return found


def format_limits(limits: Limits) -> str:
    """Format limits for `parse_limits`."""
    parts = [
        " ".join([subject, *(f"{limits[subject, span]}/{span}" for span in SPANS if (subject, span) in limits)])
        for subject in SUBJECTS
    ]
    return ", ".join(part for part in parts if " " in part) or "none"


def combine_limits(limits: Limits, others: Limits) -> Limits:
    """Return the stricter of each limit."""
    names = [*limits, *(name for name in others if name not in limits)]
    return {name: min(one[name] for one in (limits, others) if name in one) for name in names}


def refuse_higher(limits: Limits, operators: Limits) -> None:
    """Raise RefusedError where one of a server's limits is above the operator's."""
    for (subject, span), count in limits.items():
        most = operators.get((subject, span), count)
        if count > most:
            raise RefusedError(_HIGHER, most=most, span=Phrase(_SPANS[span]))


@dataclass(slots=True)
class Meter:
    """Counts requests. `clock` returns seconds since 1970."""

    clock: Callable[[], float] = time.time
    # The moments of the last day by key, least recently used key first; unused keys are dropped.
    _asked: OrderedDict[Hashable, array[float]] = field(default_factory=OrderedDict)

    def take(self, keys: Sequence[tuple[Hashable, str]], limits: Sequence[Limits], count: int = 1) -> None:
        """Count requests for each key, against the limits of its subject at the same position in `limits`.

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
            if seconds := find_longest_span(allowed, subject):
                recent = [moment for moment in self._asked.get(key, ()) if moment > now - seconds]
                self._asked[key] = array("d", [*recent, *[now] * count])
                self._asked.move_to_end(key)
        while self._asked and next(iter(self._asked.values()))[-1] <= now - max(SPANS.values()):
            self._asked.popitem(last=False)

    def _free_at(self, key: Hashable, most: int, seconds: int, count: int, now: float) -> float:
        """Return when `count` more fit into a window, at the latest when it is empty."""
        recent = [moment for moment in self._asked.get(key, ()) if moment > now - seconds]
        over = len(recent) + min(count, most) - most
        return recent[over - 1] + seconds if over > 0 else now


def build_meter(now: float, moments: Mapping[str, Sequence[tuple[float, int]]]) -> Meter:
    """Build a meter from the number of requests at each moment, by key."""
    asked = {name: array("d", [at for at, count in found for _ in range(count)]) for name, found in moments.items()}
    return Meter(lambda: now, OrderedDict(asked))


def find_longest_span(limits: Limits, subject: str) -> int:
    """Return the longest span of a subject's limits in seconds, 0 where it has none."""
    return max((SPANS[span] for limited, span in limits if limited == subject), default=0)


@dataclass(slots=True)
class RateLimiter:
    """Admits requests within the operator's limits and those of the server."""

    operators: Limits
    meter: Meter = field(default_factory=Meter)
    # Counts refusals shown in channels, to limit those too.
    _notified: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._notified = Meter(lambda: self.meter.clock())

    def take(
        self, user_id: str, guild_id: str, channel_id: str, *, own: Limits = NONE, count: int = 1, pending: int = 0
    ) -> None:
        """Count a request for `count` results, in a server whose own limits are `own`; an absent place has the id "".

        Raises:
            LimitError: a limit is reached, or too many of the user's requests are in progress.
        """
        if self.operators and pending >= MAX_PENDING:
            raise LimitError(PENDING, count=pending)
        ids = {"person": (user_id,), "member": (guild_id, user_id), "channel": (channel_id,), "server": (guild_id,)}
        list_windows = self.list_windows(guild_id, own)
        keys: list[tuple[Hashable, str]] = [((name, *ids[name]), subject) for name, subject, _ in list_windows]
        self.meter.take(keys, [limits for _, _, limits in list_windows], count)

    def list_windows(self, guild_id: str, own: Limits) -> list[tuple[str, str, Limits]]:
        """Return the keys that are counted, each with its subject and limits: the user, and in a server also the
        member, the channel and the server.
        """
        here = combine_limits(self.operators, own)
        of_server = [("member", "person", here), ("channel", "channel", here), ("server", "server", here)]
        return [("person", "person", self.operators), *(of_server if guild_id else [])]

    def spans(self, guild_id: str, own: Limits) -> dict[str, int]:
        """Return how many seconds back to count requests, by key."""
        found = {name: find_longest_span(limits, subject) for name, subject, limits in self.list_windows(guild_id, own)}
        return {name: seconds for name, seconds in found.items() if seconds}

    def look(
        self,
        guild_id: str,
        now: float,
        moments: Mapping[str, Sequence[tuple[float, int]]],
        *,
        own: Limits = NONE,
        count: int = 1,
        pending: int = 0,
    ) -> None:
        """Check a request like `take`, against counts stored elsewhere: the moments and sizes of requests, by key."""
        if self.operators and pending >= MAX_PENDING:
            raise LimitError(PENDING, count=pending)
        list_windows = self.list_windows(guild_id, own)
        keys = [(name, subject) for name, subject, _ in list_windows]
        build_meter(now, moments).take(keys, [limits for _, _, limits in list_windows], count)

    def can_chat(self, user_id: str) -> bool:
        """Return whether to answer small talk, within the same limit a minute as the user's requests."""
        most = self.operators.get(("person", "minute"), _MAX_COUNT)
        try:
            self._notified.take([((user_id, "chat"), "person")], [{("person", "minute"): most}])
        except LimitError:
            return False
        return True

    def can_notify(self, user_id: str, error: Exception) -> bool:
        """Return whether to show a refusal in a channel: of limits once a minute for each user, others at the mention
        limit.
        """
        reached = isinstance(error, LimitError)
        most = 1 if reached else self.operators.get(("person", "minute"), _MAX_COUNT)
        try:
            self._notified.take([((user_id, reached), "person")], [{("person", "minute"): most}])
        except LimitError:
            return False
        return True


def describe_limits(limits: Limits, subject: str) -> list[Phrase]:
    """Describe the limits of a subject: "10 per minute", "60 per hour"."""
    patterns = {"minute": "{count} per minute", "hour": "{count} per hour", "day": "{count} per day"}
    return [Phrase(patterns[span], count=limits[subject, span]) for span in SPANS if (subject, span) in limits]
