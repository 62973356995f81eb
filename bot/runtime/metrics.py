"""The metrics for operators, as data: what each counts, and by which labels. Recording is free while nobody listens.

No label holds user text or ids: values are names from the program or the settings, limited in number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

# Outcomes of requests: `failed` is for models, `broken` for faults of the bot.
OUTCOMES = (
    "answered",
    "asked",
    "refused",
    "limited",
    "failed",
    "broken",
    "cancelled",
    "ended",
    "handed_back",
    "stale",
)
STAGES = ("acknowledge", "wait", "write", "measure", "deliver")
# The scopes of Discord's rate limits, from X-RateLimit-Scope.
_SCOPES = ("user", "global", "shared")
# The stores, as storage.alerts names them.
_STORES = ("database", "jobs", "data")
# The most series of one metric, and the characters allowed in a label value.
_MAX_SERIES, _OTHER = 300, "other"
_FORBIDDEN = re.compile(r"[^\w.:/+ -]")
_MAX_LABEL_CHARACTERS = 60

Sort = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that is counted or measured. `labels` distinguish its series; `buckets` are bounds in its unit."""

    name: str
    sort: Sort
    about: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()

    def add(self, *values: str, amount: float = 1) -> None:
        """Count `amount`, with a value for each label."""
        if _recorder is not None:
            _recorder.series(self, values).inc(amount)

    def observe(self, seconds: float, *values: str) -> None:
        """Record a duration, with a value for each label."""
        if _recorder is not None:
            _recorder.series(self, values).observe(seconds)


_SECONDS_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 900.0)

REQUESTS = Metric("quillmate_requests_total", "counter", "Requests by kind and how they ended.", ("kind", "outcome"))
REQUEST_SECONDS = Metric(
    "quillmate_request_seconds",
    "histogram",
    "Seconds from asking until a request ended.",
    ("outcome",),
    _SECONDS_BUCKETS,
)
STAGE_SECONDS = Metric(
    "quillmate_stage_seconds", "histogram", "Seconds that a request spent in a stage.", ("stage",), _SECONDS_BUCKETS
)
WAITING = Metric("quillmate_requests_waiting", "gauge", "Requests that wait for their turn.")
QUEUED = Metric(
    "quillmate_requests_queued",
    "gauge",
    "Requests in the database's queue that no process has begun, up to 1,000: the same in all that share it.",
)
RUNNING = Metric("quillmate_requests_running", "gauge", "Requests that are worked on.")
LONGEST_SECONDS = Metric(
    "quillmate_requests_longest_seconds",
    "gauge",
    "Seconds for which the longest running request has run, waiting not counted.",
)
FIRST_TOKEN_SECONDS = Metric(
    "quillmate_first_token_seconds",
    "histogram",
    "Seconds from a call of a model to its first words.",
    ("engine",),
    _SECONDS_BUCKETS,
)
CALL_SECONDS = Metric(
    "quillmate_model_call_seconds",
    "histogram",
    "Seconds that a call of a model took.",
    ("engine", "outcome"),
    _SECONDS_BUCKETS,
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


class MetricsRecorder:
    """Holds the series of all metrics and renders them for Prometheus.

    `cost` returns the price of an engine's tokens, read and written, in millionths of a `currency`.
    """

    def __init__(self, cost: Callable[[str, int, int], int], currency: str) -> None:
        # Imported only by processes with a listener: it takes 9 ms and 0.8 MB.
        import prometheus_client as prometheus

        prometheus.disable_created_metrics()  # type: ignore[no-untyped-call]
        self.cost, self.currency = cost, currency
        self._registry = prometheus.CollectorRegistry()
        prometheus.ProcessCollector(registry=self._registry)
        makers: dict[Sort, Any] = {
            "counter": prometheus.Counter,
            "gauge": prometheus.Gauge,
            "histogram": prometheus.Histogram,
        }
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
        # Series used by alerts exist from the start, or Prometheus would miss their first increase.
        for metric, values in (
            (STAGE_SECONDS, STAGES),
            (REQUEST_SECONDS, OUTCOMES),
            (RATE_LIMITED, _SCOPES),
            (UNWRITABLE, _STORES),
        ):
            for value in values:
                self.series(metric, (value,))

    def series(self, metric: Metric, values: tuple[str, ...]) -> Any:
        """Return the series of a metric for label values; beyond the maximum they count as "other"."""
        known = self._known[metric.name]
        if (found := known.get(values)) is None:
            safe_values = tuple(_FORBIDDEN.sub("_", value)[:_MAX_LABEL_CHARACTERS] or _OTHER for value in values)
            if len(known) >= _MAX_SERIES:
                safe_values = (_OTHER,) * len(values)
            collector = self._metrics[metric.name]
            found = collector.labels(*safe_values) if safe_values else collector
            if len(known) < _MAX_SERIES:
                known[values] = found
        return found

    def render(self, now: Iterable[tuple[Metric, float]]) -> bytes:
        """Return all series as text, with the gauges' current values."""
        from prometheus_client import generate_latest

        for metric, value in now:
            self.series(metric, ()).set(value)
        return generate_latest(self._registry)


_recorder: MetricsRecorder | None = None


def listen(cost: Callable[[str, int, int], int], currency: str, version: str) -> MetricsRecorder:
    """Start recording, from zero, until `end`."""
    global _recorder
    _recorder = MetricsRecorder(cost, currency)
    _recorder.series(BUILD, (version,)).set(1)
    return _recorder


def end() -> None:
    """Stop recording."""
    global _recorder
    _recorder = None


def spend(engine: str, read: int, render: int) -> None:
    """Count tokens of an engine, and their cost."""
    if _recorder is None:
        return
    TOKENS.add(engine, "read", amount=read)
    TOKENS.add(engine, "written", amount=render)
    COST.add(engine, _recorder.currency, amount=_recorder.cost(engine, read, render) / 1_000_000)


def count_rate_limit(scope: str) -> None:
    """Count a 429 response of Discord, by its scope."""
    RATE_LIMITED.add(scope if scope in _SCOPES else _OTHER)
