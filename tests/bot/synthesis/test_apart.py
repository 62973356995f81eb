"""A process of its own learns a table: it tells how far it is, is killed and goes on, and refuses in a sentence."""

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
from bot.synthesis import apart
from bot.synthesis.apart import Order, Told, made
from bot.synthesis.table import Table, written


async def told(order: Order, **bodies: bytes) -> list[Told]:
    return [one async for one in made(order, bodies, between=0.0)]


def rows(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode(), newline="")))


@pytest.mark.nightly
async def test_a_process_gives_the_table_with_its_report_and_a_kept_model_makes_more(clinic: Table) -> None:
    source = written(Table({name: clinic.columns[name] for name in ("sex", "age", "drugs")}))
    *_, last = await told(Order("clinic.csv", rows=20, model="copula", keep=True), source=source)
    assert len(rows(last.bodies["table"])) == 21
    assert (last.about["rows"], last.about["model"], last.about["copied"]) == (20, "copula", 0)
    assert "It proves nothing about real people" in str(Phrase.from_json(last.about["sentences"][-1]))
    assert last.bodies["png"].startswith(b"\x89PNG")
    assert last.bodies["pdf"].startswith(b"%PDF")
    order = Order("clinic.xlsx", rows=7, condition="women over 30")
    [more] = await told(order, model=last.bodies["model"])
    _, *found = load_workbook(io.BytesIO(more.bodies["table"])).active.iter_rows(values_only=True)
    assert len(found) == 7
    assert all(sex == "F" and age > 30 for sex, age, _ in found)


async def test_the_algebra_of_a_process_has_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second one costs as much of the processor as the first and gains nothing, beside a bot that answers."""
    begun = list[Mapping[str, str]]()

    async def begin(*_: object, environment: Mapping[str, str], **__: object) -> NoReturn:
        begun.append(environment)
        raise FileError("enough")

    monkeypatch.setattr(apart, "start_subprocess", begin)
    with pytest.raises(FileError, match="enough"):
        await told(Order("x.csv"), source=b"a,b\n1,2\n")
    code = (
        "import numpy, os; numpy.ones((900, 900)) @ numpy.ones((900, 900)); print(len(os.listdir('/proc/self/task')))"
    )
    run = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, env={**os.environ, **begun[0]}, stdout=asyncio.subprocess.PIPE
    )
    assert (await run.communicate())[0].strip() == b"1"


async def test_what_cannot_be_learnt_is_refused_in_a_sentence() -> None:
    with pytest.raises(FileError, match="Rows in that table: 1"):
        await told(Order("x.csv"), source=b"a,b\n1,2\n")


def test_a_file_is_read_within_memory_and_time_that_are_given_back() -> None:
    names = ("RLIMIT_AS", "RLIMIT_CPU")
    before = [resource.getrlimit(getattr(resource, name)) for name in names]
    with apart._bounded_reading():
        within = [resource.getrlimit(getattr(resource, name))[0] for name in names]
        assert within[0] == apart._READING
        assert 0 < within[1] - time.process_time() < apart._READING_SECONDS + 2
    assert [resource.getrlimit(getattr(resource, name)) for name in names] == before
