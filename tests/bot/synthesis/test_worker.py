"""Tests of the learning subprocess."""

from __future__ import annotations

import asyncio
import csv
import io
import os
import resource
import sys
import time
from collections.abc import Mapping
from typing import NoReturn

import pytest
from openpyxl import load_workbook

from bot.errors import FileError, Phrase
from bot.synthesis import worker
from bot.synthesis.table import Table, render_csv
from bot.synthesis.worker import TableOrder, WorkerMessage, run_worker


async def collect_messages(order: TableOrder, **bodies: bytes) -> list[WorkerMessage]:
    return [message async for message in run_worker(order, bodies, checkpoint_seconds=0.0)]


def read_rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


@pytest.mark.nightly
async def test_worker_returns_table_report_and_reusable_model(clinic: Table) -> None:
    source = render_csv(Table({name: clinic.columns[name] for name in ("sex", "age", "drugs")}))
    *_, last = await collect_messages(TableOrder("clinic.csv", rows=20, model="copula", keep=True), source=source)
    assert len(read_rows(last.bodies["table"])) == 21
    assert (last.data["rows"], last.data["model"], last.data["copied"]) == (20, "copula", 0)
    assert "It proves nothing about real people" in str(Phrase.from_json(last.data["sentences"][-1]))
    assert last.bodies["png"].startswith(b"\x89PNG")
    assert last.bodies["pdf"].startswith(b"%PDF")
    order = TableOrder("clinic.xlsx", rows=7, condition="women over 30")
    [more] = await collect_messages(order, model=last.bodies["model"])
    _, *found = load_workbook(io.BytesIO(more.bodies["table"])).active.iter_rows(values_only=True)
    assert len(found) == 7
    assert all(sex == "F" and age > 30 for sex, age, _ in found)


async def test_worker_uses_one_blas_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second thread would cost as much CPU as the first without any gain, next to a bot that answers."""
    environments = list[Mapping[str, str]]()

    async def fail_to_start(*_: object, environment: Mapping[str, str], **__: object) -> NoReturn:
        environments.append(environment)
        raise FileError("enough")

    monkeypatch.setattr(worker, "start_subprocess", fail_to_start)
    with pytest.raises(FileError, match="enough"):
        await collect_messages(TableOrder("x.csv"), source=b"a,b\n1,2\n")
    code = (
        "import numpy, os; numpy.ones((900, 900)) @ numpy.ones((900, 900)); print(len(os.listdir('/proc/self/task')))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env={**os.environ, **environments[0]}, stdout=asyncio.subprocess.PIPE
    )
    assert (await process.communicate())[0].strip() == b"1"


async def test_worker_rejects_unlearnable_table() -> None:
    with pytest.raises(FileError, match="Rows in that table: 1"):
        await collect_messages(TableOrder("x.csv"), source=b"a,b\n1,2\n")


def test_reading_limits_are_restored() -> None:
    names = ("RLIMIT_AS", "RLIMIT_CPU")
    before = [resource.getrlimit(getattr(resource, name)) for name in names]
    with worker._limit_reading():
        within = [resource.getrlimit(getattr(resource, name))[0] for name in names]
        assert within[0] == worker._MAX_READING_BYTES
        assert 0 < within[1] - time.process_time() < worker._MAX_READING_SECONDS + 2
    assert [resource.getrlimit(getattr(resource, name)) for name in names] == before
