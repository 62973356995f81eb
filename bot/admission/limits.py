"""Rate limits: how many requests each user, channel and server may make per minute, hour and day.

Counted in sliding windows: either in memory (lost on restart), or from the stored admissions of all processes that serve
the same Discord server. Limits are plain data, written like "person 10/minute 60/hour, channel 60/minute"; a server may
tighten the operator's limits but not raise them.
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
# Most requests one user may have in progress.
MAX_IN_PROGRESS = 20
_LIMIT = re.compile(r"(?<!\d)(\d{1,6})\s{0,3}/\s{0,3}(minute|hour|day)\b")
_MAX_COUNT = 100_000
_FORM = 'should be such as "person 10/minute 60/hour, channel 60/minute, server 600/hour", or "none"'
_LIMIT_REACHED_MESSAGES = {
    "person": "You have reached the request limit for one person. You can ask again {when}.",
    "channel": "This channel has reached its request limit. The next request is possible {when}.",
    "server": "This server has reached its request limit. The next request is possible {when}.",
}
# The names of the spans, for translation.
_SPAN_LABELS = {"minute": "minute", "hour": "hour", "day": "day"}
_ABOVE_OPERATOR_LIMIT = "My operator allows at most {most} per {span}. Choose a lower number."
_TOO_MANY_IN_PROGRESS = "{count} of your requests are in progress. Ask again when one of them is done."

# The number of requests allowed, by subject and span.
Limits = Mapping[tuple[str, str], int]
NONE: Limits = MappingProxyType({})
DEFAULT_LIMITS = "person 10/minute 60/hour 300/day, channel 60/minute, server 600/hour"


class LimitError(RefusedError):
    """A limit is reached; the message says when the next request is possible."""


def parse_limits(text: str) -> Limits:
    """Parse limits; "none" means no limits.

    Raises:
        ValueError: the text is malformed; the message describes the form.
    """
    parsed: dict[tuple[str, str], int] = {}
    if text.strip().casefold() == "none":
        return parsed
    for part in text.split(","):
        subject, _, rest = part.strip().partition(" ")
        if subject not in SUBJECTS or not rest.strip() or _LIMIT.sub("", rest).strip():
            raise ValueError(_FORM)
        for count, span in _LIMIT.findall(rest):
            if not 0 < int(count) <= _MAX_COUNT:
                raise ValueError(_FORM)
            parsed[subject, span] = int(count)
    return parsed


def format_limits(limits: Limits) -> str:
    """Format limits for `parse_limits`."""
    parts = [
        " ".join([subject, *(f"{limits[subject, span]}/{span}" for span in SPANS if (subject, span) in limits)])
        for subject in SUBJECTS
    ]
    return ", ".join(part for part in parts if " " in part) or "none"


def combine_limits(first: Limits, second: Limits) -> Limits:
    """Return the stricter of each limit."""
    keys = [*first, *(key for key in second if key not in first)]
    return {key: min(limits[key] for limits in (first, second) if key in limits) for key in keys}


def refuse_higher(limits: Limits, operator_limits: Limits) -> None:
    """Raise RefusedError where one of a server's limits is above the operator's."""
    for (subject, span), count in limits.items():
        max_count = operator_limits.get((subject, span), count)
        if count > max_count:
            raise RefusedError(_ABOVE_OPERATOR_LIMIT, most=max_count, span=Phrase(_SPAN_LABELS[span]))


@dataclass(slots=True)
class Meter:
    """Counts requests. `clock` returns seconds since 1970."""

    clock: Callable[[], float] = time.time
    # When each key's requests of the last day were made, least recently used key first; unused keys are dropped.
    _request_times: OrderedDict[Hashable, array[float]] = field(default_factory=OrderedDict)

    def count_requests(self, keys: Sequence[tuple[Hashable, str]], limits: Sequence[Limits], count: int = 1) -> None:
        """Count requests for each key, against the limits of its subject at the same position in `limits`.

        Raises:
            LimitError: a limit is reached; nothing was counted.
        """
        now = self.clock()
        free_at: dict[str, float] = {}
        for (key, subject), allowed in zip(keys, limits, strict=True):
            for span, seconds in SPANS.items():
                if (max_count := allowed.get((subject, span))) is not None:
                    free_at[subject] = max(
                        free_at.get(subject, 0.0), self._find_free_time(key, max_count, seconds, count, now)
                    )
        last_subject = max(free_at, key=lambda subject: free_at[subject], default="")
        if last_subject and free_at[last_subject] > now:
            # Discord shows the moment in the reader's own time and language.
            raise LimitError(_LIMIT_REACHED_MESSAGES[last_subject], when=f"<t:{int(free_at[last_subject]) + 1}:R>")
        for (key, subject), allowed in zip(keys, limits, strict=True):
            if seconds := find_longest_span(allowed, subject):
                recent = [moment for moment in self._request_times.get(key, ()) if moment > now - seconds]
                self._request_times[key] = array("d", [*recent, *[now] * count])
                self._request_times.move_to_end(key)
        while self._request_times and next(iter(self._request_times.values()))[-1] <= now - max(SPANS.values()):
            self._request_times.popitem(last=False)

    def _find_free_time(self, key: Hashable, max_count: int, seconds: int, count: int, now: float) -> float:
        """Return when the window has room for `count` more requests; for a `count` above the limit, when the window is
        empty.
        """
        recent = [moment for moment in self._request_times.get(key, ()) if moment > now - seconds]
        excess = len(recent) + min(count, max_count) - max_count
        return recent[excess - 1] + seconds if excess > 0 else now


def build_meter(now: float, moments: Mapping[str, Sequence[tuple[float, int]]]) -> Meter:
    """Build a meter from the number of requests at each moment, by key."""
    times_by_key = {
        key: array("d", [moment for moment, count in counts for _ in range(count)]) for key, counts in moments.items()
    }
    return Meter(lambda: now, OrderedDict(times_by_key))


def find_longest_span(limits: Limits, subject: str) -> int:
    """Return the longest span of a subject's limits in seconds, 0 where it has none."""
    return max((SPANS[span] for limited, span in limits if limited == subject), default=0)


@dataclass(slots=True)
class RateLimiter:
    """Admits requests within the operator's limits and those of the server."""

    operator_limits: Limits
    meter: Meter = field(default_factory=Meter)
    # Counts refusals and small-talk replies, which are limited too.
    _reply_meter: Meter = field(init=False)

    def __post_init__(self) -> None:
        self._reply_meter = Meter(lambda: self.meter.clock())

    def admit(
        self,
        user_id: str,
        guild_id: str,
        channel_id: str,
        *,
        server_limits: Limits = NONE,
        count: int = 1,
        pending: int = 0,
    ) -> None:
        """Count a request for `count` results. Outside a server, `guild_id` is "".

        Raises:
            LimitError: a limit is reached, or too many of the user's requests are in progress.
        """
        if self.operator_limits and pending >= MAX_IN_PROGRESS:
            raise LimitError(_TOO_MANY_IN_PROGRESS, count=pending)
        ids = {"person": (user_id,), "member": (guild_id, user_id), "channel": (channel_id,), "server": (guild_id,)}
        counted_keys = self.list_counted_keys(guild_id, server_limits)
        keys: list[tuple[Hashable, str]] = [((name, *ids[name]), subject) for name, subject, _ in counted_keys]
        self.meter.count_requests(keys, [limits for _, _, limits in counted_keys], count)

    def list_counted_keys(self, guild_id: str, server_limits: Limits) -> list[tuple[str, str, Limits]]:
        """Return each kind of key to count, with its subject and limits: the user, and in a server also the member, the
        channel and the server.
        """
        limits = combine_limits(self.operator_limits, server_limits)
        server_keys = [("member", "person", limits), ("channel", "channel", limits), ("server", "server", limits)]
        return [("person", "person", self.operator_limits), *(server_keys if guild_id else [])]

    def find_lookbacks(self, guild_id: str, server_limits: Limits) -> dict[str, int]:
        """Return how far back requests count, in seconds, by kind of key; kinds without limits are left out."""
        lookbacks = {
            name: find_longest_span(limits, subject)
            for name, subject, limits in self.list_counted_keys(guild_id, server_limits)
        }
        return {name: seconds for name, seconds in lookbacks.items() if seconds}

    def check(
        self,
        guild_id: str,
        now: float,
        moments: Mapping[str, Sequence[tuple[float, int]]],
        *,
        server_limits: Limits = NONE,
        count: int = 1,
        pending: int = 0,
    ) -> None:
        """Raise as `admit` would, but for requests that are counted elsewhere: `moments` has their times and sizes, by key.

        Raises:
            LimitError: a limit is reached, or too many of the user's requests are in progress.
        """
        if self.operator_limits and pending >= MAX_IN_PROGRESS:
            raise LimitError(_TOO_MANY_IN_PROGRESS, count=pending)
        counted_keys = self.list_counted_keys(guild_id, server_limits)
        keys = [(name, subject) for name, subject, _ in counted_keys]
        build_meter(now, moments).count_requests(keys, [limits for _, _, limits in counted_keys], count)

    def can_chat(self, user_id: str) -> bool:
        """Return whether to answer small talk: at most as often per minute as the user may make requests."""
        max_count = self.operator_limits.get(("person", "minute"), _MAX_COUNT)
        try:
            self._reply_meter.count_requests([((user_id, "chat"), "person")], [{("person", "minute"): max_count}])
        except LimitError:
            return False
        return True

    def can_notify(self, user_id: str, error: Exception) -> bool:
        """Return whether to show a refusal in a channel: limit refusals once a minute per user, other refusals at most as
        often per minute as the user may make requests.
        """
        is_limit_error = isinstance(error, LimitError)
        max_count = 1 if is_limit_error else self.operator_limits.get(("person", "minute"), _MAX_COUNT)
        try:
            self._reply_meter.count_requests(
                [((user_id, is_limit_error), "person")], [{("person", "minute"): max_count}]
            )
        except LimitError:
            return False
        return True


def describe_limits(limits: Limits, subject: str) -> list[Phrase]:
    """Describe the limits of a subject: "10 per minute", "60 per hour"."""
    patterns = {"minute": "{count} per minute", "hour": "{count} per hour", "day": "{count} per day"}
    return [Phrase(patterns[span], count=limits[subject, span]) for span in SPANS if (subject, span) in limits]
