"""Logs: one JSON object a line, with the request's id; tokens, briefs and results never stand in them."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo

from .credentials import masked

# The request that is being worked on; every line logged meanwhile carries it.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_ATTRIBUTES = (
    "reference", "engine", "kind", "seconds", "guilds", "waiting", "store", "reason", "category", "stage", "status", "code", "form",
    "slot", "count", "shards",
)  # fmt: skip


def setup(level: str = "INFO", *, file: TextIO | None = None, colours: bool | None = None) -> None:
    """Sends all logging through one handler: readable on a terminal, JSON elsewhere."""
    stream = file or sys.stderr
    terminal = stream.isatty() if colours is None else colours
    renderer: structlog.typing.Processor = (
        structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.stdlib.ExtraAdder(_ATTRIBUTES),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_without_words),
            _mask,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # discord.py warns that voice and some caches are off; the bot uses neither.
    for name in ("discord.client", "discord.state"):
        logging.getLogger(name).setLevel(max(logging.ERROR, logging.getLevelName(level)))
    # These log what was sent and received at INFO and below.
    for name in (
        "httpx",
        "httpcore",
        "openai",
        "langsmith",
        "discord.http",
        "discord.gateway",
        "aiosqlite",
        "asyncio",
        "dbos",
    ):
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelName(level)))


def _without_words(exc_info: ExcInfo) -> str:
    """Where an error and its causes were raised and what they are, without their texts: those of others repeat what was sent."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        status = getattr(error, "status_code", None)
        named = type(error).__name__ + (f" (status {status})" if isinstance(status, int) else "")
        lines[:0] = [*traceback.format_tb(error.__traceback__), f"{named}\n"]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(lines).rstrip()


def _add_request(_logger: object, _method: str, event: EventDict) -> EventDict:
    if current := request_id.get():
        event["request"] = current
    return event


def _mask(_logger: object, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = masked(value)
    return event
