"""What a running bot tells programs of its operator over HTTP: metrics, whether its process is well, and whether it can take requests.

There is no word of anybody's in it and no password before it, so the address is one that only the operator's network reaches.
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
from bot.client import QuillmateBot, list_extensions
from bot.requests.jobs import JobsError
from bot.runtime import metrics, tracing
from bot.runtime.lease import Lease
from bot.runtime.progress import list_active
from bot.runtime.watchdog import Watchdog
from storage.alerts import listeners
from storage.errors import StorageError

log = logging.getLogger(__name__)

# As Prometheus's text format says it is.
_TEXT = "text/plain; version=0.0.4"
# A database that does not answer within so long is one that cannot be written to.
_DATABASE_SECONDS = 3.0


def is_connected(bot: QuillmateBot) -> bool:
    """Whether a bot is connected to Discord by all the shards that it serves; one that serves none yet works for others."""
    return bot.at_work.is_set() and not any(shard.is_closed() for shard in bot.shards.values())


class Endpoints:
    """`/metrics`, `/healthz` and `/readyz` at QUILLMATE_WATCH_LISTEN, and traces to OTEL_EXPORTER_OTLP_ENDPOINT, where these are set.

    Use as `async with`. Where the port is taken, the bot runs without.
    """

    def __init__(self, bot: QuillmateBot, lease: Lease, watch: Watchdog) -> None:
        self._bot, self._lease, self._watch = bot, lease, watch
        self._stack = AsyncExitStack()
        self._recorder: metrics.MetricsRecorder | None = None

    async def __aenter__(self) -> Self:
        settings = self._bot.app.settings
        if settings.otlp:
            ended = tracing.start(settings.otlp, settings.slot, __version__)
            # In a thread, as it waits for a collector that may not answer.
            self._stack.push_async_callback(asyncio.to_thread, ended)
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
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._health)
        app.router.add_get("/readyz", self._readiness)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, host, port).start()
        self._recorder = metrics.listen(prices.cost, prices.currency, __version__)
        self._stack.callback(metrics.end)
        listeners.append(metrics.UNWRITABLE.add)
        self._stack.callback(listeners.remove, metrics.UNWRITABLE.add)

    def _now(self) -> Iterator[tuple[metrics.Metric, float]]:
        works = list_active()
        waiting = sum(one.stage == "wait" for one in works)
        yield metrics.WAITING, waiting
        yield metrics.RUNNING, len(works) - waiting
        yield metrics.LONGEST_SECONDS, max((one.seconds for one in works), default=0.0)
        yield metrics.CONNECTED, is_connected(self._bot)
        yield metrics.PAUSED, self._bot.app.pause.on
        yield metrics.LEASE_SECONDS, max(self._lease.seconds_left, 0.0)

    async def _metrics(self, _request: web.Request) -> web.Response:
        assert self._recorder is not None
        now = [*self._now()]
        with contextlib.suppress(JobsError, TimeoutError):
            async with asyncio.timeout(_DATABASE_SECONDS):
                now.append((metrics.QUEUED, await self._bot.desk.jobs.count_queued()))
        body = self._recorder.render(iter(now))
        return web.Response(body=body, headers={"Content-Type": f"{_TEXT}; charset=utf-8"})

    async def _health(self, _request: web.Request) -> web.Response:
        """That this answers shows that the loop runs; the rest is judged as by the watch that ends the process."""
        wrong = self._watch.find_fault()
        status = HTTPStatus.OK if wrong is None else HTTPStatus.SERVICE_UNAVAILABLE
        return web.Response(text="ok\n" if wrong is None else f"{wrong[0]}\n", status=status)

    async def _readiness(self, _request: web.Request) -> web.Response:
        looks: dict[str, Callable[[], Awaitable[bool]]] = {
            "connected": self._connected, "commands": self._commands, "database": self._database, "lease": self._lease.is_held,
        }  # fmt: skip
        found = {name: await look() for name, look in looks.items()}
        status = HTTPStatus.OK if all(found.values()) else HTTPStatus.SERVICE_UNAVAILABLE
        return web.json_response({"ready": all(found.values()), **found}, status=status)

    async def _connected(self) -> bool:
        return is_connected(self._bot)

    async def _commands(self) -> bool:
        return set(list_extensions()) <= set(self._bot.extensions)

    async def _database(self) -> bool:
        try:
            async with asyncio.timeout(_DATABASE_SECONDS):
                await self._bot.app.store.database.check_writable()
        except (StorageError, TimeoutError):
            return False
        return True
