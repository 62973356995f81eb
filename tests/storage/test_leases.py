"""Leases of slots, on both databases, by a clock that tests move."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from storage.database import Database
from storage.leases import HeldLease, Leases


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def leases(database: Database, clock: Clock) -> Leases:
    return Leases(database, clock)


async def test_a_slot_belongs_to_one_holder_until_its_lease_ends(leases: Leases, clock: Clock) -> None:
    assert await leases.acquire(["0"], "a/1", 60) is None
    clock.advance(59)
    assert await leases.acquire(["0"], "b/1", 60) == HeldLease("a/1", clock.now + timedelta(seconds=1))
    assert await leases.acquire(["1"], "b/1", 60) is None
    assert await leases.holds("0", "a/1")
    clock.advance(2)
    assert not await leases.holds("0", "a/1")
    assert await leases.acquire(["0"], "b/1", 60) is None
    assert not await leases.renew(["0"], "a/1", 60)
    assert await leases.holds("0", "b/1")


async def test_a_renewed_lease_continues_and_a_released_one_ends(leases: Leases, clock: Clock) -> None:
    await leases.acquire(["0"], "a/1", 60)
    for _ in range(3):
        clock.advance(50)
        assert await leases.renew(["0"], "a/1", 60)
    assert await leases.acquire(["0"], "b/1", 60) is not None
    await leases.release(["0"], "b/1")
    assert await leases.holds("0", "a/1")
    await leases.release(["0"], "a/1")
    assert await leases.acquire(["0"], "b/1", 60) is None


async def test_the_next_process_at_the_same_place_takes_over_at_once(leases: Leases) -> None:
    await leases.acquire(["0"], "a/1", 60)
    assert await leases.acquire(["0"], "a/2", 60) is None
    assert not await leases.renew(["0"], "a/1", 60)
    assert not await leases.holds("0", "a/1")


async def test_one_of_many_concurrent_holders_gets_the_lease(leases: Leases) -> None:
    given = await asyncio.gather(*(leases.acquire(["0"], f"{number}/1", 60) for number in range(8)))
    assert given.count(None) == 1


async def test_several_leases_are_acquired_together_or_not_at_all(leases: Leases, clock: Clock) -> None:
    assert await leases.acquire(["shard 0/4", "shard 1/4"], "a/1", 60) is None
    assert await leases.acquire(["shard 1/4", "shard 2/4"], "b/1", 60) is not None
    assert await leases.acquire(["shard 2/4", "shard 3/4"], "b/1", 60) is None
    assert await leases.renew(["shard 0/4", "shard 1/4"], "a/1", 60)
    assert not await leases.renew(["shard 0/4", "shard 2/4"], "a/1", 60)


async def test_shards_of_another_count_conflict_while_their_lease_lasts(leases: Leases, clock: Clock) -> None:
    assert await leases.acquire(["shard 0/1"], "a/1", 60, conflict_prefix="shard ") is None
    assert await leases.acquire(["slot"], "b/1", 60) is None
    assert await leases.acquire(["shard 3/4"], "b/1", 60, conflict_prefix="shard ") == HeldLease(
        "a/1", clock.now + timedelta(seconds=60)
    )
    clock.advance(61)
    assert await leases.acquire(["shard 3/4"], "b/1", 60, conflict_prefix="shard ") is None


async def test_an_expired_lease_is_listed_until_its_holder_drops_it(leases: Leases, clock: Clock) -> None:
    await leases.acquire(["0"], "a/1", 60)
    await leases.acquire(["1"], "b/1", 60)
    clock.advance(59)
    await leases.renew(["1"], "b/1", 60)
    assert await leases.list_names() == (["0", "1"], [])
    clock.advance(2)
    assert await leases.list_names() == (["1"], ["0"])
    await leases.delete(["0"], "b/1")
    await leases.delete(["1"])
    assert await leases.list_names() == (["1"], ["0"]), "one is not b's, the other has not ended"
    assert await leases.acquire(["0"], "b/1", 60) is None
    await leases.delete(["0"], "b/1")
    assert await leases.list_names() == (["1"], [])


async def test_lease_times_default_to_the_database_clock(database: Database) -> None:
    leases = Leases(database)
    assert await leases.acquire(["0"], "a/1", 60) is None
    held = await leases.acquire(["0"], "b/1", 60)
    assert held is not None
    assert timedelta(0) < held.expires_at - datetime.now(UTC) < timedelta(seconds=61)
