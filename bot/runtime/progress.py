"""Which requests are under way in this process, and in which stage each is: for operators, metrics, traces and logs at once.

All of these know a request by one id, which its durable row has too.
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
from .tracing import Span, begin, span

# What a request is at between two stages.
PREPARING = "prepare"
_FAILED = ("failed", "broken")
# How a request ends whose task is cancelled with a word; without one this process lets go of it, and another takes it up.
_CANCELLED = {FORGOTTEN: "cancelled", TAKEN_BACK: "cancelled", UNHEARD: "cancelled", ENDED: "ended"}


@dataclass(slots=True, eq=False)
class Work:
    """A request that is under way. `kind` and `outcome` may be known only as it goes on; `stage` is where it is `since`.

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
        """How long it has run, without what it waited for its turn."""
        now = time.monotonic()
        return now - self.began - self.waited - (now - self.since if self.stage == "wait" else 0.0)


_under_way: dict[str, Work] = {}
# Requests that were acknowledged before they began: the seconds that took, and when it was, for their traces.
_acknowledged: OrderedDict[str, tuple[float, int]] = OrderedDict()
_MAX_ACKNOWLEDGED = 1000
_current: ContextVar[Work | None] = ContextVar("work", default=None)


def under_way() -> list[Work]:
    """What is under way in this process, the longest running first."""
    return sorted(_under_way.values(), key=lambda one: -one.seconds)


def outcome_of(error: BaseException) -> str:
    """How a request ends that an error ends."""
    match error:
        case asyncio.CancelledError():
            return _CANCELLED.get(str(*error.args[:1]), "handed_back")
        case EngineError():
            return "failed"
        case QuestionError():
            return "asked"
        case QuillmateError():
            return "refused"
    return "broken" if isinstance(error, Exception) else "handed_back"


@contextlib.contextmanager
def working(job_id: str, kind: str, *, asked: float | None = None) -> Iterator[Work]:
    """Notes that a request is worked on inside, and at the end how it ended: as was noted meanwhile, else by the error, if any.

    It was `asked` then, in seconds since the epoch.
    """
    waited = max(time.time() - asked, 0.0) if asked is not None else 0.0
    work = Work(job_id, kind)
    named, noted = request_id.set(job_id), _current.set(work)
    _under_way[job_id] = work
    try:
        with span("request", {"quillmate.request.id": job_id}, root=True) as work.span:
            if (before := _acknowledged.pop(job_id, None)) is not None:
                work.span.child("acknowledge", *before)
            try:
                yield work
                work.outcome = work.outcome or "answered"
            except BaseException as error:
                work.outcome = work.outcome or outcome_of(error)
                raise
            finally:
                about = {"quillmate.kind": work.kind or "other", "quillmate.outcome": work.outcome}
                work.span.note(about, failed=work.outcome in _FAILED)
    finally:
        if _under_way.get(job_id) is work:
            del _under_way[job_id]
        metrics.REQUESTS.add(work.kind, work.outcome)
        metrics.REQUEST_SECONDS.observe(time.monotonic() - work.began + waited, work.outcome)
        request_id.reset(named)
        _current.reset(noted)


@contextlib.contextmanager
def stage(name: str) -> Iterator[None]:
    """What is done inside is a stage of the current request, where there is one."""
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


def acknowledged(job_id: str, seconds: float) -> None:
    """Notes that Discord was told within so many seconds that a request was taken, which may have begun by then or not."""
    metrics.STAGE_SECONDS.observe(seconds, "acknowledge")
    if (work := _under_way.get(job_id)) is not None:
        work.span.child("acknowledge", seconds, time.time_ns())
    else:
        _acknowledged[job_id] = seconds, time.time_ns()
        if len(_acknowledged) > _MAX_ACKNOWLEDGED:  # Some begin in another process.
            _acknowledged.popitem(last=False)


class Call:
    """A call of a model that begins now."""

    __slots__ = ("_began", "_engine", "_heard", "_outcome", "_span")

    def __init__(self, engine: str) -> None:
        self._engine, self._began, self._heard, self._outcome = engine, time.monotonic(), False, "failed"
        self._span = begin("chat", {"gen_ai.operation.name": "chat", "gen_ai.request.model": engine})

    def hear(self) -> None:
        """Notes that it has begun to write; the first time counts."""
        if not self._heard:
            self._heard = True
            metrics.FIRST_TOKEN_SECONDS.observe(time.monotonic() - self._began, self._engine)

    def spend(self, read: int, written: int) -> None:
        """Notes the tokens that it took; `bot.engines.spending` counts them."""
        self._span.note({"gen_ai.usage.input_tokens": read, "gen_ai.usage.output_tokens": written})

    def succeed(self) -> None:
        """Notes that all of it came."""
        self._outcome = "answered"

    def end(self) -> None:
        """Ends it, as failed where nothing else was noted."""
        metrics.CALL_SECONDS.observe(time.monotonic() - self._began, self._engine, self._outcome)
        self._span.note({"quillmate.outcome": self._outcome}, failed=self._outcome == "failed")
        self._span.end()
