"""A table whose process is killed while it is learnt: the next goes on from what was kept, and it is given once."""

from __future__ import annotations

import os
from pathlib import Path

import process_fork
from process_fork import ForkedProcess

from bot.settings import Settings
from bot.store import open_store


async def start(folder: Path, *words: str) -> ForkedProcess:
    return await process_fork.start("tables.py", str(folder), *words, environment=os.environ)


async def test_a_killed_training_resumes_at_its_last_epoch(tmp_path: Path) -> None:
    begun = 1
    for words in (["new"], []):
        # It goes on for a while: a busy machine sees late what it says, and all may be through by then.
        process = await start(tmp_path, str(begun + 15), *words)
        for epoch in range(begun, begun + 5):
            assert await process.stdout.readline() == f"epoch {epoch}\n".encode()
        process.kill()
        await process.wait()
        async with open_store(Settings(data=tmp_path)) as store:
            [job] = await store.made_tables.list_learning()
            begun = int(await store.made_tables.load_part(job, "checkpoint")) + 1
    process = await start(tmp_path)
    said, _ = await process.communicate()
    lines = said.decode().splitlines()
    assert lines[0] == f"epoch {begun}", "what was through is learnt no second time"
    assert lines[-2:] == ["given 20", "done"]
    async with open_store(Settings(data=tmp_path)) as store:
        kept = await store.made_tables.get("1", "7")
        assert kept is not None
        assert kept.state == "done"
        assert await store.made_tables.load_part(kept, "source") == b"", "nothing of the table is kept"
