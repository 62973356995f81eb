"""A job that came to its end is over, also where the database could not be told of it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from acting import wait_until
from dbos._sys_db_sqlite import SQLiteSystemDatabase
from owner_keys import load_key
from sqlalchemy.exc import OperationalError

from bot.requests.job_errors import JobsError
from bot.requests.jobs import Jobs


class Disk:
    """A disk that may be too full to write the ends, or the beginnings, of jobs."""

    full = True


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """A disk that, once full, has no room for the ends of jobs."""
    disk, record = Disk(), SQLiteSystemDatabase._update_workflow_outcome_in_transaction

    def record_or_fail(*given: Any, **named: Any) -> bool:
        if disk.full:
            raise OperationalError("UPDATE", {}, sqlite3.OperationalError("database or disk is full"))
        return record(*given, **named)

    monkeypatch.setattr(SQLiteSystemDatabase, "_update_workflow_outcome_in_transaction", record_or_fail)
    monkeypatch.setattr("bot.requests.ended_jobs._RECORD_INTERVAL_SECONDS", 0.02)
    return disk


def read_states(folder: Path) -> list[str]:
    file = sqlite3.connect(folder / "jobs.db")
    found = [row[0] for row in file.execute("SELECT status FROM workflow_status")]
    file.close()
    return found


@pytest.mark.parametrize("restarts", [False, True])
async def test_jobs_ended_on_a_full_disk_are_not_repeated(tmp_path: Path, disk: Disk, restarts: bool) -> None:
    done: list[dict[str, Any]] = []

    async def work(job: dict[str, Any], _checkpoint: Any, *, again: bool) -> None:
        done.append(job)

    url, noted = f"sqlite:///{tmp_path / 'jobs.db'}", tmp_path / "ended-jobs"
    async with Jobs(url, work, load_key, ended=noted) as jobs:
        await jobs.submit("job", "a", {"brief": "x"})
        await wait_until(noted.exists)
        assert read_states(tmp_path) == ["PENDING"]
        if not restarts:
            disk.full = False
            await wait_until(lambda: not noted.exists())
    disk.full = False
    if restarts:
        assert noted.read_text() == "job\n"
        async with Jobs(url, work, load_key, ended=noted):
            await wait_until(lambda: read_states(tmp_path) != ["PENDING"] and not noted.exists())
    # Which of the writes comes first once there is room again is the disk's affair.
    assert read_states(tmp_path) in (["SUCCESS"], ["CANCELLED"], ["ERROR"])
    assert len(done) == 1


async def test_jobs_that_were_saved_but_reported_as_refused_are_not_run(
    tmp_path: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The confirmation that a job was saved is lost, so its user is told that it was not accepted."""
    disk.full, done, keep = False, list[str](), SQLiteSystemDatabase.init_workflow

    async def work(job: dict[str, Any], _checkpoint: Any, *, again: bool) -> None:
        done.append("done")

    def keep_and_fail(*given: Any, **named: Any) -> Any:
        keep(*given, **named)
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("disk I/O error"))

    url, noted = f"sqlite:///{tmp_path / 'jobs.db'}", tmp_path / "ended-jobs"
    async with Jobs(url, work, load_key, ended=noted) as jobs:
        with monkeypatch.context() as during:
            during.setattr(SQLiteSystemDatabase, "init_workflow", keep_and_fail)
            with pytest.raises(JobsError):
                await jobs.submit("job", "a", {})
        await wait_until(lambda: not noted.exists())
    assert read_states(tmp_path) == ["CANCELLED"]
    async with Jobs(url, work, load_key, ended=noted):
        pass
    assert done == []
