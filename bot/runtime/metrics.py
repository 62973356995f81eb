"""What an operator can watch, as data: each metric with what it counts, and by what. Noting one costs nothing where nobody listens.

No label holds anybody's words or ids: its values are names of the program's own or of the settings, and there are only so many of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

# How a request can end, as `requests` counts it: `failed` is for models, `broken` for what is our fault.
OUTCOMES = (
    "answered", "asked", "refused", "limited", "failed", "broken", "cancelled", "ended", "handed_back", "stale",
)  # fmt: skip
STAGES = ("acknowledge", "wait", "write", "measure", "deliver")
# Who set the limit that Discord says was met, in X-RateLimit-Scope.
_SCOPES = ("user", "global", "shared")
# What can be kept, as storage.alerts names it.
_STORES = ("database", "jobs", "data")
# Values of one metric's labels that are told apart, and the characters that one may have.
_MAX_SERIES, _OTHER = 300, "other"
_VALUE = re.compile(r"[^\w.:/+ -]")
_MAX = 60

Sort = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that is counted or measured. `labels` tell its series apart; `buckets` are bounds in its unit."""

    name: str
    sort: Sort
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def add(self, *values: str, amount: float = 1) -> None:
        """Counts, under a value for each label."""
        if _recorder is not None:
            _recorder.series(self, values).inc(amount)

    def observe(self, seconds: float, *values: str) -> None:
        """Notes how long something took, under a value for each label."""
        if _recorder is not None:
            _recorder.series(self, values).observe(seconds)


_QUICK = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0)

REQUESTS = Metric("quillmate_requests_total", "counter", "Requests by kind and how they ended.", ("kind", "outcome"))
REQUEST_SECONDS = Metric(
    "quillmate_request_seconds", "histogram", "Seconds from asking until a request ended.", ("outcome",), _QUICK
)
STAGE_SECONDS = Metric(
    "quillmate_stage_seconds", "histogram", "Seconds that a request spent in a stage.", ("stage",), _QUICK
)
WAITING = Metric("quillmate_requests_waiting", "gauge", "Requests that wait for their turn.")
QUEUED = Metric(
    "quillmate_requests_queued",
    "gauge",
    "Requests in the database's queue that no process has begun, up to 1,000: the same in all that share it.",
)
RUNNING = Metric("quillmate_requests_running", "gauge", "Requests that are worked on.")
MAX_SECONDS = Metric(
    "quillmate_requests_longest_seconds",
    "gauge",
    "Seconds for which the longest running request has run, waiting not counted.",
)
FIRST_TOKEN_SECONDS = Metric(
    "quillmate_first_token_seconds",
    "histogram",
    "Seconds from a call of a model to its first words.",
    ("engine",),
    _QUICK,
)
CALL_SECONDS = Metric(
    "quillmate_model_call_seconds", "histogram", "Seconds that a call of a model took.", ("engine", "outcome"), _QUICK
)
TOKENS = Metric("quillmate_tokens_total", "counter", "Tokens that models read and wrote.", ("engine", "direction"))
COST = Metric(
    "quillmate_cost_total",
    "counter",
    "What those tokens cost by QUILLMATE_PRICES, in the currency.",
    ("engine", "currency"),
)
FAILURES = Metric(
    "quillmate_model_failures_total",
    "counter",
    "Texts that an engine could not write, after all its tries.",
    ("engine",),
)
FALLBACKS = Metric(
    "quillmate_model_fallbacks_total",
    "counter",
    "Texts that the next engine was asked for, as this one failed.",
    ("engine",),
)
REVISIONS = Metric(
    "quillmate_revisions_total",
    "counter",
    "Texts sent back with what was measured, by what became of that.",
    ("outcome",),
)
FAILED_MEASURES = Metric(
    "quillmate_failed_measures_total",
    "counter",
    "Measures that a finished text did not meet, by their name.",
    ("measure",),
)
EDITS = Metric("quillmate_discord_edits_total", "counter", "Messages of Discord that were edited.")
RATE_LIMITED = Metric(
    "quillmate_discord_rate_limited_total",
    "counter",
    "Calls that Discord answered with 429, by whose limit it was.",
    ("scope",),
)
UNDELIVERED = Metric(
    "quillmate_discord_undelivered_total", "counter", "Answers that Discord took in no place and no form."
)
UNWRITABLE = Metric(
    "quillmate_storage_unwritable_total", "counter", "Times that a store could not be read or written.", ("store",)
)
CONNECTED = Metric("quillmate_connected", "gauge", "1 while the bot is connected to Discord.")
PAUSED = Metric("quillmate_paused", "gauge", "1 while an operator has it take nothing new.")
LEASE_SECONDS = Metric("quillmate_lease_seconds", "gauge", "Seconds that are left of the lease of this process's slot.")
BUILD = Metric("quillmate_build_info", "gauge", "The version that runs; always 1.", ("version",))

ALL: tuple[Metric, ...] = tuple(one for one in tuple(globals().values()) if isinstance(one, Metric))


class Recorder:
    """Keeps the series of all metrics, and writes them as Prometheus reads them.

    `cost` gives what an engine's tokens, read and written, cost in millionths of a `currency`.
    """

    def __init__(self, cost: Callable[[str, int, int], int], currency: str) -> None:
        # Loaded by who listens alone: it is 9 ms and 0.8 MB.
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.cost, self.currency = cost, currency
        self._registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=self._registry)
        makers: dict[Sort, Any] = {
            "counter": prometheus.Counter, "gauge": prometheus.Gauge, "histogram": prometheus.Histogram,
        }  # fmt: skip
        self._metrics = {
            one.name: makers[one.sort](
                one.name,
                one.about,
                one.labels,
                registry=self._registry,
                **({"buckets": one.buckets} if one.buckets else {}),
            )
            for one in ALL
        }
        self._known: dict[str, dict[tuple[str, ...], Any]] = {one.name: {} for one in ALL}
        # A series that alerts look at stands there from the start: otherwise its first rise is none to Prometheus.
        for metric, values in (
            (STAGE_SECONDS, STAGES),
            (REQUEST_SECONDS, OUTCOMES),
            (RATE_LIMITED, _SCOPES),
            (UNWRITABLE, _STORES),
        ):
            for value in values:
                self.series(metric, (value,))

    def series(self, metric: Metric, values: tuple[str, ...]) -> Any:
        """The series of a metric for values of its labels; what is beyond the most that are told apart counts as "other"."""
        known = self._known[metric.name]
        if (found := known.get(values)) is None:
            named = tuple(_VALUE.sub("_", value)[:_MAX] or _OTHER for value in values)
            if len(known) >= _MAX_SERIES:
                named = (_OTHER,) * len(values)
            of_all = self._metrics[metric.name]
            found = of_all.labels(*named) if named else of_all
            if len(known) < _MAX_SERIES:
                known[values] = found
        return found

    def written(self, now: Iterable[tuple[Metric, float]]) -> bytes:
        """All series as text, gauges as they are `now`."""
        from prometheus_client import generate_latest

        for metric, value in now:
            self.series(metric, ()).set(value)
        return generate_latest(self._registry)


_recorder: Recorder | None = None


def listen(cost: Callable[[str, int, int], int], currency: str, version: str) -> Recorder:
    """Has everything noted from now on, from zero, until `end`."""
    global _recorder
    _recorder = Recorder(cost, currency)
    _recorder.series(BUILD, (version,)).set(1)
    return _recorder


def end() -> None:
    """Has nothing noted any more."""
    global _recorder
    _recorder = None


def spend(engine: str, read: int, written: int) -> None:
    """Counts tokens of an engine, and what they cost."""
    if _recorder is None:
        return
    TOKENS.add(engine, "read", amount=read)
    TOKENS.add(engine, "written", amount=written)
    COST.add(engine, _recorder.currency, amount=_recorder.cost(engine, read, written) / 1_000_000)


def limited(scope: str) -> None:
    """Counts a 429 of Discord's, with the scope that it told."""
    RATE_LIMITED.add(scope if scope in _SCOPES else _OTHER)
