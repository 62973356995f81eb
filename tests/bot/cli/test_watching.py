"""Tests of metrics, health, readiness and traces, and of `quillmate status`."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import io
import json
import re
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from acting import wait_until
from aiohttp import web
from gateway import DiscordServer, serve_discord
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families
from rich.console import Console
from router_cache import install_router
from test_run import PATIENCE, start, wait_for_exit, wait_for_exit_lines, wait_until_ready
from typer.testing import CliRunner

from bot import cli
from bot.cli import status
from bot.cli.status import StatusFigures, StatusSample
from bot.errors import SettingsError
from bot.runtime import metrics


def find_free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


@pytest_asyncio.fixture
async def there() -> AsyncIterator[DiscordServer]:
    async with serve_discord() as discord:
        yield discord


@pytest.fixture
def tmp_path(tmp_path: Path, trained: Path) -> Path:
    install_router(trained, tmp_path)
    return tmp_path


async def get(address: str, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(f"http://{address}{path}") as answer:
        return answer.status, await answer.text()


async def read_samples(address: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Read all samples of a bot, by name and labels."""
    _, text = await get(address, "/metrics")
    return {
        (one.name, frozenset(one.labels.items())): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


async def read_counted_samples(address: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Read all samples of a bot once it has counted the answer."""
    async with asyncio.timeout(PATIENCE):
        while ANSWERED not in (after := await read_samples(address)):
            await asyncio.sleep(0.02)
    return after


def build_key(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


ANSWERED = build_key("quillmate_requests_total", kind="social_post", outcome="answered")


async def test_running_and_finished_request_are_counted(tmp_path: Path, there: DiscordServer) -> None:
    address = f"127.0.0.1:{find_free_port()}"
    process = await start(
        tmp_path, there, QUILLMATE_WATCH_LISTEN=address, QUILLMATE_PRICES="openai:any=1000/2000", QUILLMATE_LOG="INFO"
    )
    await wait_until_ready(process)
    there.limits = 2
    assert await get(address, "/healthz") == (200, "ok\n")
    status, body = await get(address, "/readyz")
    assert (status, json.loads(body)) == (
        200,
        {"ready": True, "connected": True, "commands": True, "database": True, "lease": True},
    )
    before = await read_samples(address)
    assert before[build_key("quillmate_connected")] == 1
    assert 0 < before[build_key("quillmate_lease_seconds")] <= 60
    await there.copy("first")
    await asyncio.wait_for(there.asked.wait(), PATIENCE)
    during = await read_samples(address)
    assert during[build_key("quillmate_requests_running")] == 1
    assert during[build_key("quillmate_requests_waiting")] == 0
    assert during[build_key("quillmate_requests_queued")] == 0
    assert during[build_key("quillmate_requests_longest_seconds")] > 0
    there.writes.set()
    await wait_until(lambda: "quill:again:" in there.shown.get("first", ""))
    after = await read_counted_samples(address)
    assert after[ANSWERED] == 1
    assert after[build_key("quillmate_requests_running")] == 0
    for stage in metrics.STAGES:
        assert after[build_key("quillmate_stage_seconds_count", stage=stage)] >= 1, stage
    assert after[build_key("quillmate_first_token_seconds_count", engine="openai:any")] == 1
    read_, written = (
        after[build_key("quillmate_tokens_total", engine="openai:any", direction=one)] for one in ("read", "written")
    )
    cost = after[build_key("quillmate_cost_total", engine="openai:any", currency="USD")]
    assert cost == pytest.approx((read_ * 1000 + written * 2000) / 1e6)
    assert written > 0
    assert after[build_key("quillmate_discord_rate_limited_total", scope="shared")] == 2
    assert after[build_key("quillmate_discord_edits_total")] >= 1
    values = {value for _, labels in after for _, value in labels}
    assert not {one for one in values if re.search(r"monday|closed|first|5000|ada|^[27]$", one.casefold())}, (
        "nobody's words or ids"
    )
    process.send_signal(signal.SIGTERM)
    code, said = await wait_for_exit_lines(process)
    assert code == 0
    lines = [json.loads(line) for line in said if line.startswith("{")]
    assert [line["request"] for line in lines if line["event"] == "answered"] == ["5000"]


async def test_not_ready_without_discord_or_lease(tmp_path: Path, there: DiscordServer) -> None:
    address = f"127.0.0.1:{find_free_port()}"
    there.closed = True
    process = await start(tmp_path, there, QUILLMATE_WATCH_LISTEN=address)
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                status, body = await get(address, "/readyz")
                break
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.05)
    found = json.loads(body)
    assert (status, found["ready"], found["connected"], found["lease"]) == (503, False, False, True)
    assert await get(address, "/healthz") == (200, "ok\n"), "starting is no fault"
    assert (await read_samples(address))[build_key("quillmate_connected")] == 0
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0


async def test_endpoints_are_optional(tmp_path: Path, there: DiscordServer) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        held.listen()
        process = await start(tmp_path, there, QUILLMATE_WATCH_LISTEN=f"127.0.0.1:{held.getsockname()[1]}")
        await wait_until_ready(process)
        process.send_signal(signal.SIGTERM)
        code, said = await wait_for_exit_lines(process)
    assert code == 0
    assert any("metrics are not served" in line for line in said)


async def test_status_is_shown_on_terminal_and_as_json(tmp_path: Path, there: DiscordServer) -> None:
    address = f"127.0.0.1:{find_free_port()}"
    there.writes.set()
    process = await start(tmp_path, there, QUILLMATE_WATCH_LISTEN=address, QUILLMATE_PRICES="openai:any=1000/2000")
    await wait_until_ready(process)
    await there.copy("first")
    await wait_until(lambda: "quill:again:" in there.shown.get("first", ""))
    await read_counted_samples(address)
    looked = await run_command("status", "--json", "--url", f"http://{address}")
    assert looked.exit_code == 0, looked.stderr
    found = json.loads(looked.stdout)
    assert found["ready"] == {"ready": True, "connected": True, "commands": True, "database": True, "lease": True}
    assert found["tokens"]["written"] > 0
    assert found["cost"]["USD"] > 0
    assert (found["rate_limited"], found["paused"]) == (0, False)
    assert 0 < found["lease_seconds"] <= 60
    shown = (await run_command("status", "--once", "--url", f"http://{address}")).stdout
    for words in ("since its start", "ready", "answered", "seconds, p50 / p95", "USD", "s left"):
        assert words in shown
    process.send_signal(signal.SIGTERM)
    assert (await wait_for_exit(process))[0] == 0
    gone = await run_command("status", "--url", f"http://{address}")
    assert isinstance(gone.exception, SettingsError)
    assert str(gone.exception) == (
        f"Nothing answers at http://{address}. Start the bot with QUILLMATE_WATCH_LISTEN set to that address, or pass another "
        "with --url."
    )


async def run_command(*words: str) -> Any:
    """Run a command in a thread, as it needs its own event loop."""
    return await asyncio.to_thread(CliRunner().invoke, cli.app, list(words))


async def test_other_server_is_reported(tmp_path: Path, there: DiscordServer) -> None:
    looked = await run_command("status", "--url", there.url)
    assert str(looked.exception).startswith(f"The server at {there.url} is not Quillmate.")


def build_sample(at: float, answered: float, buckets: dict[str, float]) -> StatusSample:
    name = metrics.REQUEST_SECONDS.name
    samples = {(f"{name}_bucket", (("le", bound), ("outcome", "answered"))): count for bound, count in buckets.items()}
    samples[metrics.REQUESTS.name, (("kind", "ad"), ("outcome", "answered"))] = answered
    return StatusSample(at, samples, {})


def test_figures_cover_time_between_samples_across_restarts() -> None:
    first = build_sample(0, 100, {"1.0": 100, "2.0": 100, "+Inf": 100})
    later = build_sample(60, 110, {"1.0": 100, "2.0": 110, "+Inf": 110})
    figures = StatusFigures(later, first)
    assert figures.count_since(metrics.REQUESTS.name, "outcome") == {"answered": 10}
    assert (figures.estimate_quantile(0.5), figures.estimate_quantile(0.95)) == (1.5, 1.95)
    anew = build_sample(90, 3, {"1.0": 3, "2.0": 3, "+Inf": 3})
    assert StatusFigures(anew, later).count_since(metrics.REQUESTS.name, "outcome") == {"answered": 3}
    assert StatusFigures(build_sample(1, 0, {}), None).estimate_quantile(0.5) is None


@asynccontextmanager
async def serve_collector() -> AsyncIterator[tuple[str, list[bytes]]]:
    """Run a stand-in for a trace collector; yield the requests that it received."""
    taken: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        taken.append(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}", taken
    await runner.cleanup()


def parse_spans(bodies: list[bytes]) -> list[Any]:
    found = []
    for body in bodies:
        told = ExportTraceServiceRequest()
        told.ParseFromString(body)
        found += [span for one in told.resource_spans for scope in one.scope_spans for span in scope.spans]
    return found


def read_attributes(span: Any) -> dict[str, str | int]:
    return {one.key: one.value.string_value or one.value.int_value for one in span.attributes}


async def test_request_is_one_trace_with_its_id(tmp_path: Path, there: DiscordServer) -> None:
    there.writes.set()
    async with serve_collector() as (address, taken):
        process = await start(tmp_path, there, OTEL_EXPORTER_OTLP_ENDPOINT=address, QUILLMATE_LOG="INFO")
        await wait_until_ready(process)
        await there.copy("first")
        await wait_until(lambda: "quill:again:" in there.shown.get("first", ""))
        process.send_signal(signal.SIGTERM)
        code, said = await wait_for_exit_lines(process)
        assert code == 0
        spans = parse_spans(taken)
    assert len({span.trace_id for span in spans}) == 1
    named = {span.name: span for span in spans}
    root, chat = named["request"], named["chat"]
    assert root.parent_span_id == b""
    assert {span.name for span in spans if span.parent_span_id == root.span_id} >= {*metrics.STAGES}
    assert chat.parent_span_id == named["write"].span_id
    told = read_attributes(chat)
    assert (told["gen_ai.request.model"], told["quillmate.outcome"]) == ("openai:any", "answered")
    assert int(told["gen_ai.usage.output_tokens"]) > 0
    assert read_attributes(root)["quillmate.kind"] == "social_post"
    request_id = read_attributes(root)["quillmate.request.id"]
    lines = [json.loads(line) for line in said if line.startswith("{")]
    assert [line["request"] for line in lines if line["event"] == "answered"] == [request_id]
    with contextlib.closing(sqlite3.connect(tmp_path / "jobs.db")) as jobs:
        assert jobs.execute("SELECT workflow_uuid FROM workflow_status").fetchall() == [(request_id,)]
    sent = b"".join(taken)
    for words in (b"Monday", b"closed", b"tweet", b"first"):
        assert words not in sent


@pytest.mark.nightly
async def test_unresponsive_collector_is_tolerated(tmp_path: Path, there: DiscordServer) -> None:
    there.writes.set()
    process = await start(tmp_path, there, OTEL_EXPORTER_OTLP_ENDPOINT=f"http://127.0.0.1:{find_free_port()}")
    await wait_until_ready(process)
    await there.copy("first")
    await wait_until(lambda: "quill:again:" in there.shown.get("first", ""))
    process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(15):
        code, said = await wait_for_exit_lines(process)
    assert code == 0
    assert not any("Monday" in line for line in said)


async def test_live_status_follows_the_bot(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = io.StringIO()
    monkeypatch.setattr(status, "_REFRESH_SECONDS", 0.01)
    monkeypatch.setattr(status, "Console", lambda: Console(file=screen, force_terminal=True, width=120))
    recorder, up = metrics.listen(lambda *_: 0, "USD", "1.2"), True

    async def serve_metrics(_request: web.Request) -> web.Response:
        if not up:
            raise web.HTTPServiceUnavailable
        return web.Response(body=recorder.render([(metrics.PAUSED, 1), (metrics.WAITING, 3)]))

    async def serve_readiness(_request: web.Request) -> web.Response:
        return web.json_response({"ready": False, "connected": True, "database": False}, status=503)

    app = web.Application()
    app.router.add_get("/metrics", serve_metrics)
    app.router.add_get("/readyz", serve_readiness)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"

    def read_screen() -> str:
        return re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())

    watching = asyncio.create_task(status.show_status(url, live=True, as_json=False))
    try:
        await wait_until(lambda: "since its start" in read_screen())
        assert "not ready: database; paused, accepts no requests" in read_screen()
        assert "Quillmate 1.2" in read_screen()
        for _ in range(3):
            metrics.REQUESTS.add("ad", "answered")
        await wait_until(lambda: " answered" in read_screen())
        assert ", last " in read_screen()
        up = False
        await wait_until(lambda: "is not Quillmate" in read_screen())
        await runner.cleanup()
        await wait_until(lambda: f"Nothing answers at {url}." in read_screen())
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        metrics.end()
        await runner.cleanup()
