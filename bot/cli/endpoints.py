"""HTTP endpoints of a running bot for its operator: metrics, liveness and readiness. They contain no user data and
require no password, so bind them to an address that only the operator's network reaches.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Self

from aiohttp import web

from bot import __version__
from bot.client import QuillmateBot
from bot.extensions import list_extensions
from bot.requests.job_errors import JobsError
from bot.runtime import metrics, tracing
from bot.runtime.active_requests import list_active
from bot.runtime.lease import Lease
from bot.runtime.watchdog import Watchdog
from storage.alerts import listeners
from storage.errors import StorageError

log = logging.getLogger(__name__)

# The content type of Prometheus's text format.
_CONTENT_TYPE = "text/plain; version=0.0.4"
# A database that does not answer within this time counts as unwritable.
_DATABASE_SECONDS = 3.0


def is_connected(bot: QuillmateBot) -> bool:
    """Whether all shards that the bot serves are connected to Discord; one without shards works for others."""
    return bot.at_work.is_set() and not any(shard.is_closed() for shard in bot.shards.values())


class Endpoints:
    """`/metrics`, `/healthz` and `/readyz` at QUILLMATE_WATCH_LISTEN, and traces to OTEL_EXPORTER_OTLP_ENDPOINT, if
    these are set. Use as `async with`. If the port is taken, the bot runs without them.
    """

    def __init__(self, bot: QuillmateBot, lease: Lease, watch: Watchdog) -> None:
        self._bot, self._lease, self._watch = bot, lease, watch
        self._stack = AsyncExitStack()
        self._recorder: metrics.MetricsRecorder | None = None

    async def __aenter__(self) -> Self:
        settings = self._bot.app.settings
        if settings.otlp:
            end_tracing = tracing.start(settings.otlp, settings.slot, __version__)
            # In a thread, as it waits for a collector that may not respond.
            self._stack.push_async_callback(asyncio.to_thread, end_tracing)
        if settings.watch_listen:
            host, _, port = settings.watch_listen.rpartition(":")
            try:
                await self._serve(host.strip("[]"), int(port))
            except OSError as error:
                log.error("metrics are not served: %s", type(error).__name__)
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    async def _serve(self, host: str, port: int) -> None:
        prices = self._bot.app.settings.token_prices
        app = web.Application()
        app.router.add_get("/metrics", self._handle_metrics)
        app.router.add_get("/healthz", self._handle_health)
        app.router.add_get("/readyz", self._handle_readiness)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, host, port).start()
        self._recorder = metrics.listen(prices.cost, prices.currency, __version__)
        self._stack.callback(metrics.end)
        listeners.append(metrics.UNWRITABLE.add)
        self._stack.callback(listeners.remove, metrics.UNWRITABLE.add)

    def _collect_gauges(self) -> Iterator[tuple[metrics.Metric, float]]:
        active_requests = list_active()
        waiting_count = sum(one.stage == "wait" for one in active_requests)
        yield metrics.WAITING, waiting_count
        yield metrics.RUNNING, len(active_requests) - waiting_count
        yield metrics.LONGEST_SECONDS, max((one.seconds for one in active_requests), default=0.0)
        yield metrics.CONNECTED, is_connected(self._bot)
        yield metrics.PAUSED, self._bot.app.pause.on
        yield metrics.LEASE_SECONDS, max(self._lease.seconds_left, 0.0)

    async def _handle_metrics(self, _request: web.Request) -> web.Response:
        assert self._recorder is not None
        gauges = [*self._collect_gauges()]
        with contextlib.suppress(JobsError, TimeoutError):
            async with asyncio.timeout(_DATABASE_SECONDS):
                gauges.append((metrics.QUEUED, await self._bot.desk.jobs.count_queued()))
        body = self._recorder.render(iter(gauges))
        return web.Response(body=body, headers={"Content-Type": f"{_CONTENT_TYPE}; charset=utf-8"})

    async def _handle_health(self, _request: web.Request) -> web.Response:
        """The response itself shows that the event loop runs; the rest is judged like the watchdog that ends the
        process.
        """
        fault = self._watch.find_fault()
        status = HTTPStatus.OK if fault is None else HTTPStatus.SERVICE_UNAVAILABLE
        return web.Response(text="ok\n" if fault is None else f"{fault[0]}\n", status=status)

    async def _handle_readiness(self, _request: web.Request) -> web.Response:
        checks: dict[str, Callable[[], Awaitable[bool]]] = {
            "connected": self._is_connected,
            "commands": self._has_all_commands,
            "database": self._is_database_writable,
            "lease": self._lease.is_held,
        }
        results = {name: await check() for name, check in checks.items()}
        status = HTTPStatus.OK if all(results.values()) else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"ready": all(results.values()), **results}, status=status)

    async def _is_connected(self) -> bool:
        return is_connected(self._bot)

    async def _has_all_commands(self) -> bool:
        return set(list_extensions()) <= set(self._bot.extensions)

    async def _is_database_writable(self) -> bool:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                await self._bot.app.store.database.check_writable()
        except (StorageError, TimeoutError):
            return False
        return True
