"""Logs: JSON lines with the request's id, and no keys."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from bot.errors import RefusedError, describe_error
from bot.runtime.credentials import mask_credentials
from bot.runtime.logs import request_id, setup

log = logging.getLogger("bot.test")
KEYS = [
    "sk-abcdefghijklmnop1234",
    "sk-proj-abc_DEF-123456789",
    "ghp_abcdefghijklmnopqrst123456",
    "hf_abcdefghijklmnopqrst",
    "AKIAABCDEFGHIJKLMNOP",
    "xoxb-123456789012-abcdef",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.GabcdE.abcdefghijklmnopqrstuvwxyz012345",
    "Bearer abcdefghijklmnop.qrst",
]


@pytest.fixture
def lines() -> Iterator[Any]:
    """Set up logging into a text, yield a function that reads its lines, and restore all loggers afterwards."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    levels = {name: one.level for name, one in root.manager.loggerDict.items() if isinstance(one, logging.Logger)}
    level, file = root.level, io.StringIO()
    setup("INFO", file=file)
    yield lambda: [json.loads(line) for line in file.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def test_a_log_line_is_json(lines: Any) -> None:
    log.info("made %s in %d s", "ad ☕", 2, extra={"kind": "ad", "secret": "no"})
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "made ad ☕ in 2 s", "level": "info", "logger": "bot.test", "kind": "ad"}


def test_a_log_line_has_the_request_id(lines: Any) -> None:
    token = request_id.set("42")
    log.info("one")
    request_id.reset(token)
    log.info("two")
    assert [line.get("request") for line in lines()] == ["42", None]


@pytest.mark.parametrize("key", KEYS)
def test_keys_are_masked(key: str, lines: Any) -> None:
    assert mask_credentials(f"before {key} after") == "before ••• after"
    log.warning("key %s", key)
    try:
        raise ValueError(key)
    except ValueError:
        log.exception("failed")
    text = json.dumps(lines(), ensure_ascii=False)
    assert key not in text
    assert "•••" in text
    assert "ValueError" in text


@pytest.mark.parametrize(
    "text",
    ["", "a task-force of skilled people", "sk-short", "risk-assessment-for-everybody", "1.2.3", "bearer of news"],
)
def test_ordinary_text_is_not_masked(text: str) -> None:
    assert mask_credentials(text) == text


def test_loggers_of_libraries_are_quiet(lines: Any) -> None:
    for name in ("httpx", "openai", "discord.http", "aiosqlite", "dbos"):
        logging.getLogger(name).info("sent: a brief")
    logging.getLogger("discord.client").warning("no voice")
    logging.getLogger("discord.client").error("real")
    log.debug("details")
    assert [line["event"] for line in lines()] == ["real"]


def test_terminals_get_human_readable_lines(lines: Any) -> None:
    file = io.StringIO()
    setup("DEBUG", file=file, colours=True)
    log.debug("hello sk-abcdefghijklmnop1234")
    assert "hello •••" in file.getvalue()
    assert not file.getvalue().startswith("{")


def test_the_bots_own_errors_are_described_verbatim(lines: Any) -> None:
    assert describe_error(RefusedError("Too long.")) == "Too long."
    assert lines() == []


def test_an_unexpected_error_is_described_by_a_reference(lines: Any) -> None:
    told = describe_error(ZeroDivisionError("secret words"))
    (line,) = lines()
    assert (
        told == f"Something went wrong on my side. Try again, or give my operator this reference: {line['reference']}"
    )
    assert len(line["reference"]) == 8
    assert "ZeroDivisionError" in line["exception"]
    assert describe_error(ZeroDivisionError()) != told
