"""Reports every call to Discord to the pacer, when it is sent and when it is answered, whoever makes it.

discord.py returns from a call later than Discord answers it: a call that exhausts its bucket waits until that is full
again, up to 5 s for a channel's messages. Counted until then it would block a call of the bot's global limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http import HTTPStatus
from types import SimpleNamespace
from typing import Any

import aiohttp

from bot.runtime import metrics

from .pacer import DiscordCall, Pacer

# Interactions and webhooks are exempt from the global limit: https://docs.discord.com/developers/topics/rate-limits
_EXEMPT = ("interactions", "webhooks")

_paced: ContextVar[DiscordCall | None] = ContextVar("paced", default=None)


@contextmanager
def use_call(call: DiscordCall | None) -> Iterator[None]:
    """Attribute the request sent in the block to a call taken from the pacer."""
    token = _paced.set(call)
    try:
        yield
    finally:
        _paced.reset(token)


def build_trace(pacer: Pacer) -> aiohttp.TraceConfig:
    """Build the `http_trace` of discord.py's client."""

    async def on_sent(
        session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        if not _is_rate_limited(request.url.path):
            return
        call = _paced.get()
        if call is None or call.sent:  # A retry by discord.py itself.
            call = pacer.count_unpaced()
        call.sent = True
        context.call = call

    async def on_answered(session: aiohttp.ClientSession, context: SimpleNamespace, end: Any) -> None:
        if hasattr(context, "call"):
            pacer.mark_answered(context.call)
        if isinstance(end, aiohttp.TraceRequestEndParams):
            _record_metrics(end)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(on_sent)
    trace.on_request_end.append(on_answered)
    trace.on_request_exception.append(on_answered)
    return trace


def _record_metrics(end: aiohttp.TraceRequestEndParams) -> None:
    """Record the operator's metrics for an answered call."""
    if end.response.status == HTTPStatus.TOO_MANY_REQUESTS:
        metrics.count_rate_limit(end.response.headers.get("X-RateLimit-Scope", ""))
    elif end.method == "PATCH" and "/messages/" in end.url.path:
        metrics.EDITS.add()


def _is_rate_limited(path: str) -> bool:
    """Return whether a path counts for the bot's global limit: `/api/v10/channels/...` does, a CDN file does not."""
    parts = path.split("/")
    return len(parts) > 3 and parts[1] == "api" and parts[3] not in _EXEMPT
