"""What is counted for operators: how requests end, what was measured, which models failed; and never more series than that."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client.parser import text_string_to_metric_families

from bot.admission.limits import parse_limits
from bot.admission.prices import Prices
from bot.content import MemorySnapshot, Request
from bot.engines import Ask, Engine, Engines
from bot.engines.scripted import ScriptedProvider
from bot.errors import ENDED, FORGOTTEN, EngineError, QuestionError, RefusedError
from bot.generation.pipeline import Pipeline
from bot.runtime import metrics, tracing
from bot.runtime.active_requests import find_outcome, list_active, record_acknowledgement, stage, track_request
from bot.runtime.tracing import span

Count = Callable[..., float]


@pytest.fixture
def counted() -> Iterator[Count]:
    """Count everything; yield a function that reads a sample by its name and some of its labels."""
    recorder = metrics.listen(Prices().cost, "USD", "0")

    def read(name: str, **labels: str) -> float:
        families = text_string_to_metric_families(recorder.render([]).decode())
        samples = (one for family in families for one in family.samples)
        return sum(one.value for one in samples if one.name == name and labels.items() <= one.labels.items())

    yield read
    metrics.end()


def count_ended(counted: Count, outcome: str, kind: str = "social_post") -> float:
    return counted("quillmate_requests_total", kind=kind, outcome=outcome)


async def test_requests_are_counted_by_outcome(world, counted):
    await world.post()
    assert count_ended(counted, "answered") == 1
    world.script.says(EngineError("It is away."))
    await world.post()
    assert count_ended(counted, "failed") == 1
    assert counted("quillmate_model_failures_total", engine="scripted") == 1
    world.script.says("<ask>For whom is it?</ask>")
    await world.post()
    assert count_ended(counted, "asked") == 1
    world.app.rate_limiter.operator_limits = parse_limits("person 1/minute")
    await world.post()
    await world.post()
    assert count_ended(counted, "limited") == 1
    assert counted("quillmate_request_seconds_count") == 4, "what is refused at the door takes no time"


async def test_cancelled_and_broken_requests_are_distinguished(world, counted, monkeypatch):
    async def raise_bug(*_args, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr(Pipeline, "run", raise_bug)
    await world.post()
    assert count_ended(counted, "broken") == 1
    assert list_active() == []


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (EngineError("x"), "failed"),
        (QuestionError("x"), "asked"),
        (RefusedError("x"), "refused"),
        (ValueError(), "broken"),
        (KeyboardInterrupt(), "handed_back"),
    ],
)
def test_errors_map_to_outcomes(error: BaseException, outcome: str, counted: Count) -> None:
    with pytest.raises(type(error)), track_request("1", "ad"):
        raise error
    assert outcome in metrics.OUTCOMES
    assert count_ended(counted, outcome, "ad") == 1


def test_cancellation_reasons_map_to_outcomes() -> None:
    import asyncio

    words = ((FORGOTTEN,), (ENDED,), ())
    assert [find_outcome(asyncio.CancelledError(*one)) for one in words] == ["cancelled", "ended", "handed_back"]


def build_pipeline(*answers: str) -> Pipeline:
    left = iter(answers)
    return Pipeline(Engines([Engine(ScriptedProvider(lambda _: next(left)), name="writer")]))


async def test_failed_checks_and_revisions_are_counted_by_name(counted: Count) -> None:
    asked = Request("1", "7", "tweet about tea without emoji", kind="social_post")
    for answers in (("Tea ☕", "Tea."), ("Tea ☕", "Tea ☕"), ("Tea ☕", "")):
        pipeline = build_pipeline(*answers)
        await pipeline.run(await pipeline.build_assignment(asked, MemorySnapshot()))
    assert [counted("quillmate_revisions_total", outcome=one) for one in ("used", "dropped", "failed")] == [1, 1, 1]
    assert counted("quillmate_failed_measures_total", measure="emoji") == 2


async def test_a_fallback_is_counted(counted: Count) -> None:
    def build_engine(name: str, answer: object) -> Engine:
        return Engine(ScriptedProvider(lambda _: answer), name=name)

    async def use(one: Engine) -> str:
        return await one.complete(Ask([], None, 100, 100, 1))

    engines = Engines([build_engine("first", ValueError("x")), build_engine("second", "Hello.")])
    assert await engines.attempt(use) == "Hello."
    assert counted("quillmate_model_fallbacks_total", engine="first") == 1
    assert counted("quillmate_model_call_seconds_count", engine="first", outcome="failed") == 1
    assert counted("quillmate_model_call_seconds_count", engine="second", outcome="answered") == 1
    alone = Engines([build_engine("only", ValueError("x"))])
    with pytest.raises(EngineError):
        await alone.attempt(use)
    assert counted("quillmate_model_failures_total", engine="only") == 1
    assert counted("quillmate_model_fallbacks_total", engine="only") == 0


def test_the_number_of_series_is_limited(counted: Count) -> None:
    for number in range(1000):
        metrics.REQUESTS.add(f"kind {number}", "answered")
    metrics.FAILED_MEASURES.add('Words of "somebody\'s"\nand more: ' + "x" * 500)
    assert counted("quillmate_requests_total", kind="other", outcome="other") == 700
    assert counted("quillmate_requests_total") == 1000


def test_stages_are_tracked_without_a_listener() -> None:
    metrics.end()
    with track_request("5", "ad") as work, stage("write"), span("nothing"):
        assert (list_active(), work.stage) == ([work], "write")
        metrics.REQUESTS.add("ad", "answered")
    assert (list_active(), work.stage) == ([], "prepare")
    with track_request("6", "ad") as work, stage("wait"):
        assert work.seconds < 1


async def test_an_acknowledgement_is_in_its_trace_in_either_order(monkeypatch: pytest.MonkeyPatch) -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(tracing, "_tracer", provider.get_tracer("test"))
    record_acknowledgement("7", 0.5)
    with track_request("7", "ad"):
        pass
    with track_request("8", "ad"):
        record_acknowledgement("8", 0.5)
    spans = exporter.get_finished_spans()
    assert [one.name for one in spans] == ["acknowledge", "request"] * 2
    for child, root in (spans[:2], spans[2:]):
        assert child.parent is not None
        assert child.parent.span_id == root.context.span_id
        assert child.end_time is not None
        assert child.start_time is not None
        assert child.end_time - child.start_time == 500_000_000
