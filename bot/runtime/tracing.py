"""Traces by OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT is set: spans with names, times and numbers, without user
text.

Errors are recorded as outcomes only, as third-party messages repeat what was sent. Nothing is imported unless traces
are enabled.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Mapping
from typing import Any

log = logging.getLogger(__name__)

Value = str | int | float
_tracer: Any = None
# How long the end waits for unsent spans.
_FLUSH_MS = 2000
_MISSING = "traces are not sent: OpenTelemetry is not installed. Run: pip install 'quillmate[otel]'"


def start(endpoint: str, slot: str, version: str) -> Callable[[], None]:
    """Send traces to a collector from now on; return a function that stops it. Logs a warning without OpenTelemetry."""
    global _tracer
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import OTELResourceDetector, Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning(_MISSING)
        return lambda: None
    resource = Resource({"service.name": "quillmate", "service.version": version, "service.instance.id": slot})
    # The environment (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) takes precedence.
    provider = TracerProvider(resource=resource.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
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
    """An active span, or a placeholder without tracing."""

    __slots__ = ("_span",)

    def __init__(self, span: Any = None) -> None:
        self._span = span

    def note(self, attributes: Mapping[str, Value], *, failed: bool = False) -> None:
        """Add attributes, and an error status where it has failed."""
        if self._span is not None:
            self._span.set_attributes(attributes)
            if failed:
                from opentelemetry.trace import StatusCode

                self._span.set_status(StatusCode.ERROR)

    def end(self) -> None:
        """End the span now."""
        if self._span is not None:
            self._span.end()

    def child(self, name: str, seconds: float, ended: int) -> None:
        """Add a child span of a duration in seconds that ended at a time in nanoseconds since the epoch."""
        if self._span is not None and _tracer is not None:
            from opentelemetry.trace import set_span_in_context

            child_span = _tracer.start_span(
                name, set_span_in_context(self._span), start_time=ended - int(seconds * 1e9)
            )
            child_span.end(ended)


def begin_span(name: str, attributes: Mapping[str, Value]) -> Span:
    """Start a child span that the caller ends; it never becomes the current span."""
    return Span() if _tracer is None else Span(_tracer.start_span(name, attributes=attributes))


@contextlib.contextmanager
def span(name: str, attributes: Mapping[str, Value] | None = None, *, root: bool = False) -> Iterator[Span]:
    """Run the block in a span, including tasks and threads started in it; `root` starts a new trace."""
    if _tracer is None:
        yield Span()
        return
    from opentelemetry.context import Context

    with _tracer.start_as_current_span(
        name, Context() if root else None, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as found:
        yield Span(found)
