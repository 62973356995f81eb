"""A sheet whose process is killed, over and over: each row is made once. BULK_ROWS and BULK_KILLS make it a longer one."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from pathlib import Path

import process_fork
import pytest
from process_fork import ForkedProcess

from bot.settings import Settings
from bot.store import open_store

ROWS, KILLS = int(os.environ.get("BULK_ROWS", "24")), int(os.environ.get("BULK_KILLS", "2"))
# Rows that are under way at once, each with one call of the model at most.
AT_ONCE = 4


async def start(folder: Path, rows: int) -> ForkedProcess:
    return await process_fork.start("bulk.py", str(folder), str(rows), environment=os.environ)


@pytest.mark.nightly
async def test_a_killed_and_restarted_sheet_makes_no_row_twice(tmp_path: Path) -> None:
    rng, rows = random.Random(7), ROWS
    for _ in range(KILLS):
        process = await start(tmp_path, rows)
        for _ in range(max(1, ROWS // (KILLS + 1) - rng.randrange(4))):
            assert await process.stdout.readline() == b"a row is through\n"
        await asyncio.sleep(rng.random() / 20)
        process.kill()
        await process.wait()
        rows = 0
    process = await start(tmp_path, 0)
    said, _ = await process.communicate()
    assert said.splitlines()[-1] == b"done"

    calls = Counter((tmp_path / "answered").read_text().split())
    each = min(calls.values())
    assert len(calls) == ROWS
    assert sum(calls.values()) <= each * ROWS + AT_ONCE * KILLS, "only what was under way at a kill is asked for again"
    async with open_store(Settings(data=tmp_path)) as store:
        [job] = [await store.bulk.get("1", "7")]
        assert job is not None
        assert job.state == "done"
        assert await store.bulk.count_rows("1") == {"done": ROWS}
        made = await store.generations.list_latest("7", ROWS + 1)
        assert {one.id for one in made} == {f"1-{number}" for number in range(1, ROWS + 1)}
        assert all(f"Tea number {one.id.removeprefix('1-')} " in one.text for one in made), "each its own"
