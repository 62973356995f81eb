"""What begins in the database ends there, also where whoever asked for it is cancelled half-way."""

from __future__ import annotations

import asyncio
import inspect

import pytest

from bot.store import Store
from storage.database import Database
from storage.errors import StorageError
from storage.owner_keys import OwnerKeys
from storage.shielding import shield

# What hands out a connection of a transaction that is open, or runs inside of one.
INSIDE = {"find_key", "require_key", "ensure_key", "lock", "retire_key", "move_under_parents", "read", "write", "close"}


async def test_a_cancelled_task_leaves_no_transaction_open(tmp_path):
    async with Store(f"sqlite:///{tmp_path}/quillmate.db") as store:

        async def write_repeatedly(number: int) -> None:
            while True:
                await store.profiles.update("7", lambda known: known.model_copy(update={"role": f"baker {number}"}))
                await store.profiles.list_entries("7")

        for moment in range(30):
            tasks = [asyncio.create_task(write_repeatedly(number)) for number in range(4)]
            await asyncio.sleep(moment / 2000)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            # A transaction left open would hold this up until the database gives up waiting, after 30 s.
            await asyncio.wait_for(store.people.forget("7"), 25)
            assert not sum((await store.people.count_rows("7")).values())


async def test_a_checkpoint_interrupted_by_shutdown_ends_as_if_cancelled(tmp_path):
    """The end of a program cancels what is shielded as well."""
    async with Store(f"sqlite:///{tmp_path}/quillmate.db") as store:
        at_once = inspect.unwrap(Database.checkpoint)
        ended = []
        for moment in range(80):
            await store.profiles.update("7", lambda known: known.model_copy(update={"role": "baker"}))
            task = asyncio.create_task(at_once(store.database))
            await asyncio.sleep(0.001 + moment / 20_000)
            task.cancel()
            ended += await asyncio.gather(task, return_exceptions=True)
        assert {type(one) for one in ended} <= {asyncio.CancelledError, bool}
        assert await store.database.checkpoint()


async def test_a_cancellation_takes_effect_after_the_call_completes():
    steps = []

    @shield
    async def call() -> None:
        steps.append("begun")
        await asyncio.sleep(0.01)
        steps.append("ended")

    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    for _ in range(3):
        task.cancel("forgotten")
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert steps == ["begun", "ended"]


async def test_an_error_that_nobody_awaits_is_not_logged(caplog):
    @shield
    async def call() -> None:
        await asyncio.sleep(0.01)
        raise StorageError("The database is closed.")

    with pytest.raises(StorageError):
        await call()
    task = asyncio.create_task(call())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not caplog.records


def test_every_store_call_is_shielded():
    parts = [OwnerKeys, *(type(part) for part in vars(Store("sqlite:///:memory:")).values())]
    calls = [
        member
        for part in parts
        for name, member in inspect.getmembers(part, inspect.isfunction)
        if not name.startswith("_") and not (part in (Database, OwnerKeys) and name in INSIDE)
        if inspect.iscoroutinefunction(inspect.unwrap(member))
    ]
    assert len(calls) > 40
    assert all(member.__code__ is not inspect.unwrap(member).__code__ for member in calls)
