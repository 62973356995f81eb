"""A local server for webhooks, and a resolver of names that point to it."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Callable
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult

LOCAL = ipaddress.IPv4Network("127.0.0.1/32")


class StaticResolver(AbstractResolver):
    """A resolver with given answers, one a call; the last one repeats."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers, self.asked = list(answers), 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [
            {
                "hostname": host,
                "host": one,
                "port": port,
                "family": socket.AF_INET6 if ":" in one else socket.AF_INET,
                "proto": 0,
                "flags": socket.AI_NUMERICHOST,
            }
            for one in found
        ]

    async def close(self) -> None:
        """Nothing to close."""


class WebhookServer:
    """Records requests as path, headers and body, and answers them with `answer`."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answer: Callable[[web.Request], Any] = lambda _request: web.Response(text="ok")

    async def handle(self, request: web.Request) -> web.Response:
        self.requests.append((request.path, dict(request.headers), await request.read()))
        answer = self.answer(request)
        found: web.Response = await answer if asyncio.iscoroutine(answer) else answer
        return found

    async def start(self) -> WebhookServer:
        app = web.Application()
        app.router.add_route("*", "/{tail:.*}", self.handle)
        self.runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self.runner.setup()
        socket_ = socket.socket()
        socket_.bind(("127.0.0.1", 0))
        self.port = socket_.getsockname()[1]
        await web.SockSite(self.runner, socket_).start()
        return self

    @property
    def host(self) -> str:
        """The host as an operator allows it."""
        return f"http://hooks.example:{self.port}"
