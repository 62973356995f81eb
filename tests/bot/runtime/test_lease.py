"""A process and its slot: no two work under one name, and what a lost one left is taken over once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import discord
import pytest
from acting import wait_until
from owner_keys import load_key

from bot.app import App
from bot.errors import SettingsError
from bot.requests.answers import Answers
from bot.requests.jobs import Jobs
from bot.runtime.lease import LEASE_SECONDS, STOP_SECONDS, Lease, load_place_id
from bot.settings import Settings
from bot.store import Store
from storage.database import Database
from storage.errors import StorageError
from storage.leases import HeldLease, Leases


class Clock:
    """Seconds that pass when a test says so, for the process and for the database."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class MemoryLeases(Leases):
    """Leases in memory: holder and end by slot; `away` is a database that does not answer."""

    def __init__(self, clock: Clock) -> None:
        self.clock, self.away, self.rows = clock, False, dict[str, tuple[str, float]]()

    def _check_connection(self) -> None:
        if self.away:
            raise StorageError("The database does not answer.")

    async def acquire(self, names: Any, holder: str, seconds: float, *, conflict_prefix: str = "") -> Any:
        self._check_connection()
        for name in names:
            holds, ends = self.rows.get(name, ("", 0.0))
            if ends > self.clock.now and holds.partition("/")[0] != holder.partition("/")[0]:
                return HeldLease(holds, ends)  # type: ignore[arg-type]  # by the test's clock
        self.rows |= dict.fromkeys(names, (holder, self.clock.now + seconds))
        return None

    async def renew(self, names: Any, holder: str, seconds: float) -> bool:
        self._check_connection()
        mine = [name for name in names if self.rows.get(name, ("", 0))[0] == holder]
        self.rows |= dict.fromkeys(mine, (holder, self.clock.now + seconds))
        return len(mine) == len(names)

    async def release(self, names: Any, holder: str) -> None:
        await self.renew(names, holder, 0)

    async def delete(self, names: Any, holder: str) -> None:
        for name in names:
            if self.rows[name][0] == holder:
                del self.rows[name]

    async def holds(self, name: str, holder: str) -> bool:
        self._check_connection()
        return self.rows[name][0] == holder and self.rows[name][1] > self.clock.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> MemoryLeases:
    monkeypatch.setattr("bot.runtime.lease.BEAT_SECONDS", 0.01)
    return MemoryLeases(clock)


async def test_a_second_process_fails_once_the_first_renews(leases: MemoryLeases, clock: Clock) -> None:
    async with Lease(leases, "0", "a", clock=clock) as first:
        second = asyncio.create_task(Lease(leases, "0", "b", clock=clock).__aenter__())
        await asyncio.sleep(0.02)
        clock.now += 1
        with pytest.raises(SettingsError, match='Another process runs with QUILLMATE_SLOT="0" on this database'):
            await asyncio.wait_for(second, 30)
        assert await first.is_held()
    async with Lease(leases, "0", "b", clock=clock) as second:
        assert await second.is_held()


async def test_after_a_crash_the_next_process_waits_for_the_lease_to_expire(leases: MemoryLeases, clock: Clock) -> None:
    await leases.acquire(["0"], "crashed/1", LEASE_SECONDS)
    second = Lease(leases, "0", "b", clock=clock)
    entering = asyncio.create_task(second.__aenter__())
    await asyncio.sleep(0.02)
    assert not entering.done()
    clock.now += LEASE_SECONDS
    await asyncio.wait_for(entering, 30)
    assert await second.is_held()
    await second.__aexit__()


async def test_a_process_that_cannot_renew_stops_in_time(leases: MemoryLeases, clock: Clock) -> None:
    async with Lease(leases, "0", "a", clock=clock) as lease:
        leases.away = True
        clock.now += LEASE_SECONDS - STOP_SECONDS - 1
        await asyncio.sleep(0.05)
        assert not lease.lost.is_set()
        assert await lease.is_held(), "its own clock says so, while the database is away"
        clock.now += 2
        await asyncio.wait_for(lease.lost.wait(), 30)
        assert clock.now < LEASE_SECONDS
        assert not await lease.is_held()


async def test_a_suspended_process_does_not_hold_its_lease(leases: MemoryLeases, clock: Clock) -> None:
    async with Lease(leases, "0", "a", clock=clock) as lease:
        clock.now += LEASE_SECONDS
        assert not await lease.is_held()
    async with Lease(leases, "0", "a", clock=clock) as lease:
        leases.rows["0"] = ("b/1", clock.now + LEASE_SECONDS)  # Its own clock stood still.
        assert not await lease.is_held()
        await asyncio.wait_for(lease.lost.wait(), 30)


async def test_additional_names_are_renewed_and_released_with_the_slot(leases: MemoryLeases, clock: Clock) -> None:
    async with Lease(leases, "0", "a", clock=clock) as first, Lease(leases, "1", "b", clock=clock) as second:
        assert await first.claim(["shard 0/1"])
        assert not await second.claim(["shard 0/1"])
        for _ in range(3):
            clock.now += LEASE_SECONDS / 2
            await wait_until(lambda: all(end > clock.now + LEASE_SECONDS / 2 for _, end in leases.rows.values()))
        assert not await second.claim(["shard 0/1"])
        await first.release(["shard 0/1"])
        assert await second.claim(["shard 0/1"])
    assert all(end <= clock.now for _, end in leases.rows.values())


async def test_a_slot_being_taken_over_is_not_a_rival_process(leases: MemoryLeases, clock: Clock) -> None:
    await leases.acquire(["0"], "crashed/1", LEASE_SECONDS)
    entering = asyncio.create_task(Lease(leases, "0", "b", clock=clock).__aenter__())
    await asyncio.sleep(0.01)
    leases.rows["0"] = ("helper/1", clock.now + LEASE_SECONDS)  # It takes over what the first had begun.
    await asyncio.sleep(0.01)
    assert not entering.done()
    del leases.rows["0"]
    second = await asyncio.wait_for(entering, 30)
    await second.__aexit__()


def test_a_place_id_identifies_a_folder_on_one_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "other").mkdir()
    assert load_place_id(tmp_path) == load_place_id(tmp_path)
    assert load_place_id(tmp_path) != load_place_id(tmp_path / "other")
    here = load_place_id(tmp_path)
    monkeypatch.setattr("platform.node", lambda: "another")
    assert load_place_id(tmp_path) != here


class Waiting:
    """Work that waits where a test wants it to."""

    def __init__(self) -> None:
        self.began: list[str] = []
        self.done: list[str] = []
        self.gate = asyncio.Event()

    async def __call__(self, job: dict[str, Any], checkpoint: Any, *, again: bool) -> None:
        self.began.append(job["name"])
        await self.gate.wait()
        self.done.append(job["name"])


@pytest.mark.parametrize("sort", ["sqlite", "postgresql"])
async def test_jobs_of_a_lost_slot_are_taken_over_once(
    sort: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    named = {"database": request.getfixturevalue("postgres_url")} if sort == "postgresql" else {}
    settings = Settings(data=tmp_path, **named)
    database = Database(settings.database_url)
    await database.upgrade()
    await database.close()
    work = Waiting()
    async with Store(settings.database_url) as store:
        async with Lease(store.leases, "lost", "a"), Jobs(settings.jobs_url, work, load_key, slot="lost") as jobs:
            for name in "ab":
                await jobs.submit(f"job-{name}", name, {"name": name})
            await wait_until(lambda: len(work.began) == 2)
        work.gate.set()
        async with (
            Lease(store.leases, "well", "b") as lease,
            Jobs(settings.jobs_url, work, load_key, slot="well") as jobs,
        ):
            assert await lease.take_over_expired(jobs.take_over) == 2
            assert await lease.take_over_expired(jobs.take_over) == 0
            assert await jobs.take_over("lost") == 0
            await wait_until(lambda: len(work.done) == 2 and not jobs.running_count)
    assert sorted(work.done) == ["a", "b"]


async def test_a_process_that_lost_its_lease_posts_nothing(world: Any) -> None:
    answers: Answers = world.desk.answers

    async def deny() -> bool:
        return False

    answers.delivery.holds_lease = deny
    await world.ada.slash(world.channel, "copy", brief="We close on Monday.", kind="social_post")
    await wait_until(lambda: not world.desk.jobs.running_count)
    assert "closed on Monday" not in str(world.last)
    assert "quill:again:" not in str([getattr(one, "components", "") for one in [world.last]])


async def test_drafts_end_with_the_lease(app: App, leases: MemoryLeases, clock: Clock) -> None:
    async with Lease(leases, "0", "a", clock=clock) as lease:
        app.build_desk(discord.Client(intents=discord.Intents.none()), lease)
        assert app.pacer.is_in_charge()
        clock.now += LEASE_SECONDS
        assert not app.pacer.is_in_charge()
