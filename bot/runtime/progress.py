"""The requests in progress in this process and the stage of each, for operators, metrics, traces and logs alike.

All of these identify a request by the id that its durable row has too.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import OrderedDict
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, field

from bot.errors import ENDED, FORGOTTEN, TAKEN_BACK, UNHEARD, EngineError, QuestionError, QuillmateError

from . import metrics
from .logs import request_id
from .tracing import Span, begin_span, span

# The stage of a request between two others.
PREPARING = "prepare"
_FAILED_OUTCOMES = ("failed", "broken")
# Outcomes by the reason for cancellation; without a reason the request is handed back, for another process to resume.
_CANCELLATION_OUTCOMES = {FORGOTTEN: "cancelled", TAKEN_BACK: "cancelled", UNHEARD: "cancelled", ENDED: "ended"}


@dataclass(slots=True, eq=False)
class TrackedRequest:
    """A request in progress. `kind` and `outcome` may become known later; `stage` is its stage `since` a moment.

    Times are in seconds of the monotonic clock.
    """

    id: str
    kind: str
    began: float = field(default_factory=time.monotonic)
    stage: str = PREPARING
    since: float = field(default_factory=time.monotonic)
    waited: float = 0.0
    outcome: str = ""
    span: Span = field(default_factory=Span)

    @property
    def seconds(self) -> float:
        """How long it has run, without the wait for its turn."""
        now = time.monotonic()
        return now - self.began - self.waited - (now - self.since if self.stage == "wait" else 0.0)


_active: dict[str, TrackedRequest] = {}
# Requests acknowledged before they began: how long that took and when it was, for their traces.
_early_acknowledgements: OrderedDict[str, tuple[float, int]] = OrderedDict()
_MAX_EARLY_ACKNOWLEDGEMENTS = 1000
_current: ContextVar[TrackedRequest | None] = ContextVar("work", default=None)


def list_active() -> list[TrackedRequest]:
    """Return the requests in progress in this process, longest running first."""
    return sorted(_active.values(), key=lambda one: -one.seconds)


def find_outcome(error: BaseException) -> str:
    """Return the outcome of a request that ends with an error."""
    match error:
        case asyncio.CancelledError():
            return _CANCELLATION_OUTCOMES.get(str(*error.args[:1]), "handed_back")
        case EngineError():
            return "failed"
        case QuestionError():
            return "asked"
        case QuillmateError():
            return "refused"
    return "broken" if isinstance(error, Exception) else "handed_back"


@contextlib.contextmanager
def track_request(job_id: str, kind: str, *, asked: float | None = None) -> Iterator[TrackedRequest]:
    """Track a request while the block runs, then count its outcome: the one set meanwhile, else by the error, if any.

    `asked` is when it was asked, in seconds since the epoch.
    """
    waited = max(time.time() - asked, 0.0) if asked is not None else 0.0
    work = TrackedRequest(job_id, kind)
    named, noted = request_id.set(job_id), _current.set(work)
    _active[job_id] = work
    try:
        with span("request", {"quillmate.request.id": job_id}, root=True) as work.span:
            if (before := _early_acknowledgements.pop(job_id, None)) is not None:
                work.span.child("acknowledge", *before)
            try:
                yield work
                work.outcome = work.outcome or "answered"
            except BaseException as error:
                work.outcome = work.outcome or find_outcome(error)
                raise
            finally:
                about = {"quillmate.kind": work.kind or "other", "quillmate.outcome": work.outcome}
                work.span.note(about, failed=work.outcome in _FAILED_OUTCOMES)
    finally:
        if _active.get(job_id) is work:
            del _active[job_id]
        metrics.REQUESTS.add(work.kind, work.outcome)
        metrics.REQUEST_SECONDS.observe(time.monotonic() - work.began + waited, work.outcome)
        request_id.reset(named)
        _current.reset(noted)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Run the block as a stage of the current request, if there is one."""
    work, before, began = _current.get(), PREPARING, time.monotonic()
    if work is not None:
        before, work.stage, work.since = work.stage, name, began
    try:
        with span(name):
            yield
    finally:
        now = time.monotonic()
        metrics.STAGE_SECONDS.observe(now - began, name)
        if work is not None:
            work.waited += now - began if name == "wait" else 0.0
            work.stage, work.since = before, now


def record_acknowledgement(job_id: str, seconds: float) -> None:
    """Record how long Discord waited for the acknowledgement of a request, which may or may not have begun."""
    metrics.STAGE_SECONDS.observe(seconds, "acknowledge")
    if (work := _active.get(job_id)) is not None:
        work.span.child("acknowledge", seconds, time.time_ns())
    else:
        _early_acknowledgements[job_id] = seconds, time.time_ns()
        if len(_early_acknowledgements) > _MAX_EARLY_ACKNOWLEDGEMENTS:  # Some begin in another process.
            _early_acknowledgements.popitem(last=False)


class ModelCall:
    """A call of a model, from its creation on."""

    __slots__ = ("_began", "_engine", "_heard", "_outcome", "_span")

    def __init__(self, engine: str) -> None:
        self._engine, self._began, self._heard, self._outcome = engine, time.monotonic(), False, "failed"
        self._span = begin_span("chat", {"gen_ai.operation.name": "chat", "gen_ai.request.model": engine})

    def hear(self) -> None:
        """Record the first token; later calls are ignored."""
        if not self._heard:
            self._heard = True
            metrics.FIRST_TOKEN_SECONDS.observe(time.monotonic() - self._began, self._engine)

    def spend(self, read: int, written: int) -> None:
        """Add the call's tokens to its span; `bot.engines.spending` counts them."""
        self._span.note({"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": written})

    def succeed(self) -> None:
        """Mark the call as complete."""
        self._outcome = "answered"

    def end(self) -> None:
        """End the call, as failed unless it succeeded."""
        metrics.CALL_SECONDS.observe(time.monotonic() - self._began, self._engine, self._outcome)
        self._span.note({"quillmate.outcome": self._outcome}, failed=self._outcome == "failed")
        self._span.end()
