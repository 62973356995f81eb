"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set: spans with names, times and figures, without anybody's words.

Errors are told by their outcome alone, as the texts of others' repeat what was sent. Nothing is loaded where nobody asks for traces.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

log = logging.getLogger(__name__)

Value = str | int | float
_tracer: Any = None
# What of a trace is not yet sent is waited for so long at the end.
_FLUSH_MS = 2000
_MISSING = "traces are not sent: OpenTelemetry is not installed. Run: pip install 'quillmate[otel]'"


def start(endpoint: str, slot: str, version: str) -> Callable[[], None]:
    """Sends traces to a collector's address from now on; gives what ends that. Where OpenTelemetry is not installed, says so."""
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(_MISSING)
        return lambda: None
    own = Resource({"service.name": "quillmate", "service.version": version, "service.instance.id": slot})
    # What the environment says (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) goes before.
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("quillmate")

    def end() -> None:
        global _tracer
        _tracer = None
        provider.force_flush(_FLUSH_MS)
        provider.shutdown()

    return end


class Span:
    """A span that is under way, or stands for none."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def note(self, attributes: Mapping[str, Value], *, failed: bool = False) -> None:
        """Adds attributes, and whether what it spans has failed."""
        if self._span is not None:
            self._span.set_attributes(attributes)
            if failed:
                from opentelemetry.trace import StatusCode

                self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """Ends it now."""
        if self._span is not None:
            self._span.end()

    def child(self, name: str, seconds: float, ended: int) -> None:
        """Adds a span below it of so many seconds, which ended then, in nanoseconds since the epoch."""
        if self._span is not None and _tracer is not None:
            from opentelemetry.trace import set_span_in_context

            begun = _tracer.start_span(name, set_span_in_context(self._span), start_time=ended - int(seconds * 1e9))
            begun.end(ended)


def begin(name: str, attributes: Mapping[str, Value]) -> Span:
    """A span below the current one, for whoever ends it; it is the current one for nobody."""
    return Span() if _tracer is None else Span(_tracer.start_span(name, attributes=attributes))


@contextlib.contextmanager
def span(name: str, attributes: Mapping[str, Value] | None = None, *, root: bool = False) -> Iterator[Span]:
    """A span around what is done inside, tasks and threads that are begun there too; `root` has it begin a trace."""
    if _tracer is None:
        yield Span()
        return
    from opentelemetry.context import Context

    with _tracer.start_as_current_span(
        name, Context() if root else None, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as found:
        yield Span(found)
