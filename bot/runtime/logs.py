"""Logs: one JSON object a line, with the request id, and never with tokens, briefs or results."""

from __future__ import annotations

import logging
import sys
import traceback
from contextvars import ContextVar
from typing import TextIO

import structlog
from structlog.typing import EventDict, ExcInfo

from .credentials import mask_credentials

# The current request, added to every line.
request_id: ContextVar[str] = ContextVar("request_id", default="")

_ATTRIBUTES = (
    "reference",
    "engine",
    "kind",
    "seconds",
    "guilds",
    "waiting",
    "store",
    "reason",
    "category",
    "stage",
    "status",
    "code",
    "form",
    "slot",
    "count",
    "shards",
)


def setup(level: str = "INFO", *, file: TextIO | None = None, colours: bool | None = None) -> None:
    """Route all logging through one handler: readable on a terminal, JSON elsewhere."""
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
            _add_request_id,
        ],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.ExceptionRenderer(_format_exception),
            _mask_credentials,
            renderer,
        ],
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # discord.py warns about disabled voice and caches, which the bot does not use.
    for name in ("discord.client", "discord.state"):
        logging.getLogger(name).setLevel(max(logging.ERROR, logging.getLevelName(level)))
    # These log payloads at INFO and below.
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


def _format_exception(exc_info: ExcInfo) -> str:
    """Format where an error and its causes were raised and their types, without messages, which may repeat user text."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    while error is not None:
        status = getattr(error, "status_code", None)
        named = type(error).__name__ + (f" (status {status})" if isinstance(status, int) else "")
        lines[:0] = [*traceback.format_tb(error.__traceback__), f"{named}\n"]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "".join(lines).rstrip()


def _add_request_id(_logger: object, _method: str, event: EventDict) -> EventDict:
    if current := request_id.get():
        event["request"] = current
    return event


def _mask_credentials(_logger: object, _method: str, event: EventDict) -> EventDict:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = mask_credentials(value)
    return event
