"""What the rows of durable jobs hold: nothing in plain text, also when something fails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from acting import wait_until
from owner_keys import load_key

from bot.errors import EngineError, FileError, QuillmateError
from bot.requests.jobs import Jobs
from storage.crypto import OwnerKey


class Failing:
    """Work whose checkpoint fails; it continues to its end, or fails as well."""

    def __init__(self, error: Exception, *, whole: bool) -> None:
        self.error, self.whole = error, whole
        self.seen: list[Exception] = []
        self.steps = 0

    async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        async def step() -> str:
            self.steps += 1
            raise self.error

        try:
            await checkpoint("draft", step)
        except Exception as error:
            self.seen.append(error)
            if self.whole:
                raise


@pytest.mark.parametrize("whole", [False, True], ids=["in a checkpoint", "of the whole job"])
@pytest.mark.parametrize("error", [RuntimeError("refused: zebrabrief"), FileError("zebrabrief is no file")])
async def test_failures_keep_their_type_and_are_encrypted(error: Exception, whole: bool, tmp_path: Path) -> None:
    work = Failing(error, whole=whole)
    async with Jobs(f"sqlite:///{tmp_path / 'jobs.db'}", work, load_key) as jobs:
        await jobs.submit("job", "a", {"brief": "zebrabrief"})
        await wait_until(lambda: work.seen and not jobs.running_count)
        assert work.seen == [error]
        [kept] = await jobs.load_all("a")
        assert kept["job"] == {"brief": "zebrabrief"}
        assert kept["checkpoints"]["draft"]["failed"] == str(error)
        assert await jobs.count("b") == 0
        files = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
        assert "jobs.db" in files
        assert [name for name, body in files.items() if b"zebrabrief" in body] == []


class Stopped(Failing):
    """Work that is stopped after its checkpoint failed, as by a crash."""

    async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        await super().__call__(job, checkpoint, again=again)
        if not again:
            await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("error", "kind"), [(RuntimeError("refused"), RuntimeError), (FileError("It is no file."), EngineError)]
)
async def test_a_failure_is_reported_again_after_a_restart_without_a_retry(
    error: Exception, kind: type[Exception], tmp_path: Path
) -> None:
    work = Stopped(error, whole=False)
    url = f"sqlite:///{tmp_path / 'jobs.db'}"
    async with Jobs(url, work, load_key) as jobs:
        await jobs.submit("job", "a", {})
        await wait_until(lambda: work.seen)
    async with Jobs(url, work, load_key):
        await wait_until(lambda: len(work.seen) == 2)
    assert (type(work.seen[1]), str(work.seen[1]), work.steps) == (kind, str(error), 1)
    assert isinstance(work.seen[1], QuillmateError) is isinstance(error, QuillmateError)


async def test_a_cancelled_submission_does_not_block_erasure(tmp_path: Path) -> None:
    asked = asyncio.Event()

    async def load_never(_owner: str) -> OwnerKey:
        asked.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with Jobs(f"sqlite:///{tmp_path / 'jobs.db'}", Failing(RuntimeError(), whole=False), load_never) as jobs:
        taking = asyncio.create_task(jobs.submit("job", "a", {}))
        await asked.wait()
        assert jobs.is_running("job")
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        assert not jobs.is_running("job")
        assert await asyncio.wait_for(jobs.forget("a"), 30) == 0
