"""Tells the pacer of every call to Discord, when it is sent and when it is answered, whoever makes it.

discord.py gives a call back later than Discord answers it: one that has used up its bucket waits until the bucket is full
again, which for a channel's messages may take 5 s. Counted until then it would block a call of the bot's own second.
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

from .pacer import Call, Pacer

# Interactions and webhooks are exempt from the global limit: https://docs.discord.com/developers/topics/rate-limits
_EXEMPT = ("interactions", "webhooks")

_paced: ContextVar[Call | None] = ContextVar("paced", default=None)


@contextmanager
def paced(call: Call | None) -> Iterator[None]:
    """What is sent inside is the call that the pacer has given."""
    token = _paced.set(call)
    try:
        yield
    finally:
        _paced.reset(token)


def counted(pacer: Pacer) -> aiohttp.TraceConfig:
    """For discord.py's client, as its `http_trace`."""

    async def sent(
        session: aiohttp.ClientSession, context: SimpleNamespace, request: aiohttp.TraceRequestStartParams
    ) -> None:
        if not _limited(request.url.path):
            return
        call = _paced.get()
        if call is None or call.sent:  # discord.py tries again by itself what Discord could not answer.
            call = pacer.unasked()
        call.sent = True
        context.call = call

    async def answered(session: aiohttp.ClientSession, context: SimpleNamespace, end: Any) -> None:
        if hasattr(context, "call"):
            pacer.answered(context.call)
        if isinstance(end, aiohttp.TraceRequestEndParams):
            _note(end)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(sent)
    trace.on_request_end.append(answered)
    trace.on_request_exception.append(answered)
    return trace


def _note(end: aiohttp.TraceRequestEndParams) -> None:
    """Counts what operators watch of a call that was answered."""
    if end.response.status == HTTPStatus.TOO_MANY_REQUESTS:
        metrics.count_rate_limit(end.response.headers.get("X-RateLimit-Scope", ""))
    elif end.method == "PATCH" and "/messages/" in end.url.path:
        metrics.EDITS.add()


def _limited(path: str) -> bool:
    """Whether a call counts for the bot's global limit: `/api/v10/channels/...` does, a file of the content network does not."""
    parts = path.split("/")
    return len(parts) > 3 and parts[1] == "api" and parts[3] not in _EXEMPT
