"""The requests in progress in this process and the stage of each, for operators, metrics, traces and logs alike.

Everywhere a request has the id of its durable row.
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

# The stage of a request that is in no other.
PREPARING = "prepare"
_FAILED_OUTCOMES = ("failed", "broken")
# Outcomes by the reason for cancellation; without a reason the request is handed back, for another process to resume.
_CANCELLATION_OUTCOMES = {FORGOTTEN: "cancelled", TAKEN_BACK: "cancelled", UNHEARD: "cancelled", ENDED: "ended"}


@dataclass(slots=True, eq=False)
class TrackedRequest:
    """A request in progress. `kind` and `outcome` may become known later; `stage` is what it is doing, since `stage_began`.

    Times are in seconds of the monotonic clock; `waited_seconds` is the time spent waiting for its turn.
    """

    id: str
    kind: str
    began_at: float = field(default_factory=time.monotonic)
    stage: str = PREPARING
    stage_began: float = field(default_factory=time.monotonic)
    waited_seconds: float = 0.0
    outcome: str = ""
    span: Span = field(default_factory=Span)

    @property
    def seconds(self) -> float:
        """How long it has run, without the wait for its turn."""
        now = time.monotonic()
        return now - self.began_at - self.waited_seconds - (now - self.stage_began if self.stage == "wait" else 0.0)


_active: dict[str, TrackedRequest] = {}
# Acknowledgements of requests that had not begun yet: their duration in seconds and time in nanoseconds, for the traces.
_early_acknowledgements: OrderedDict[str, tuple[float, int]] = OrderedDict()
_MAX_EARLY_ACKNOWLEDGEMENTS = 1000
_current: ContextVar[TrackedRequest | None] = ContextVar("current_request", default=None)


def list_active() -> list[TrackedRequest]:
    """Return the requests in progress in this process, longest running first."""
    return sorted(_active.values(), key=lambda request: -request.seconds)


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
def track_request(job_id: str, kind: str, *, asked_at: float | None = None) -> Iterator[TrackedRequest]:
    """Track a request while the block runs, then count its outcome.

    That is the one set during the block, else the one that the error implies, else "answered". `asked_at` is when the user
    asked, in seconds since the epoch.
    """
    delay_seconds = max(time.time() - asked_at, 0.0) if asked_at is not None else 0.0
    request = TrackedRequest(job_id, kind)
    id_token, request_token = request_id.set(job_id), _current.set(request)
    _active[job_id] = request
    try:
        with span("request", {"quillmate.request.id": job_id}, root=True) as request.span:
            if (acknowledgement := _early_acknowledgements.pop(job_id, None)) is not None:
                request.span.child("acknowledge", *acknowledgement)
            try:
                yield request
                request.outcome = request.outcome or "answered"
            except BaseException as error:
                request.outcome = request.outcome or find_outcome(error)
                raise
            finally:
                attributes = {"quillmate.kind": request.kind or "other", "quillmate.outcome": request.outcome}
                request.span.note(attributes, failed=request.outcome in _FAILED_OUTCOMES)
    finally:
        if _active.get(job_id) is request:
            del _active[job_id]
        metrics.REQUESTS.add(request.kind, request.outcome)
        metrics.REQUEST_SECONDS.observe(time.monotonic() - request.began_at + delay_seconds, request.outcome)
        request_id.reset(id_token)
        _current.reset(request_token)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """Run the block as a stage of the current request, if there is one."""
    request, previous_stage, began_at = _current.get(), PREPARING, time.monotonic()
    if request is not None:
        previous_stage, request.stage, request.stage_began = request.stage, name, began_at
    try:
        with span(name):
            yield
    finally:
        now = time.monotonic()
        metrics.STAGE_SECONDS.observe(now - began_at, name)
        if request is not None:
            request.waited_seconds += now - began_at if name == "wait" else 0.0
            request.stage, request.stage_began = previous_stage, now


def record_acknowledgement(job_id: str, seconds: float) -> None:
    """Record how long Discord waited for the acknowledgement of a request, which may or may not have begun."""
    metrics.STAGE_SECONDS.observe(seconds, "acknowledge")
    if (request := _active.get(job_id)) is not None:
        request.span.child("acknowledge", seconds, time.time_ns())
    else:
        _early_acknowledgements[job_id] = seconds, time.time_ns()
        if len(_early_acknowledgements) > _MAX_EARLY_ACKNOWLEDGEMENTS:  # Some begin in another process.
            _early_acknowledgements.popitem(last=False)


class ModelCall:
    """A model call, timed from when this object is created."""

    __slots__ = ("_began_at", "_engine", "_has_first_token", "_outcome", "_span")

    def __init__(self, engine: str) -> None:
        self._engine, self._began_at, self._has_first_token, self._outcome = engine, time.monotonic(), False, "failed"
        self._span = begin_span("chat", {"gen_ai.operation.name": "chat", "gen_ai.request.model": engine})

    def record_first_token(self) -> None:
        """Record the first token; later calls are ignored."""
        if not self._has_first_token:
            self._has_first_token = True
            metrics.FIRST_TOKEN_SECONDS.observe(time.monotonic() - self._began_at, self._engine)

    def record_tokens(self, input_tokens: int, output_tokens: int) -> None:
        """Add the call's tokens to its span; `bot.engines.spending` counts them."""
        self._span.note({"gen_ai.usage.input_tokens": input_tokens, "gen_ai.usage.output_tokens": output_tokens})

    def succeed(self) -> None:
        """Mark the call as complete."""
        self._outcome = "answered"

    def end(self) -> None:
        """End the call, as failed unless it succeeded."""
        metrics.CALL_SECONDS.observe(time.monotonic() - self._began_at, self._engine, self._outcome)
        self._span.note({"quillmate.outcome": self._outcome}, failed=self._outcome == "failed")
        self._span.end()
