"""Somebody is forgotten while something of theirs is being written: what is left opens, and nothing else is left."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from storage import profiles as module
from storage.database import Database
from storage.people import People
from storage.profiles import Profiles


@pytest.mark.parametrize("known", [True, False])
async def test_data_being_written_during_erasure_is_erased_too(
    database: Database, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    profiles, people = Profiles(database), People(database)
    if known:
        await profiles.add_entries("7", {"role": "baker"})
    record, writing, go_on = module.insert_entry, asyncio.Event(), asyncio.Event()

    async def wait_and_record(*given: Any) -> None:
        writing.set()
        await go_on.wait()
        await record(*given)

    monkeypatch.setattr(module, "insert_entry", wait_and_record)
    telling = asyncio.create_task(profiles.add_entries("7", {"organisation": "Fern and Fog"}))
    await writing.wait()
    forgetting = asyncio.create_task(people.forget("7"))
    await asyncio.sleep(0.3)
    go_on.set()
    await asyncio.gather(telling, forgetting)
    assert not any((await people.count_rows("7")).values())
    await profiles.add_entries("7", {"role": "owner"})
    assert [one.value for one in await profiles.list_entries("7")] == ["owner"]


async def test_concurrent_writes_and_erasures_leave_nothing_undecryptable(database: Database) -> None:
    profiles, people = Profiles(database), People(database)
    for number in range(15):
        await asyncio.gather(
            profiles.add_entries("7", {"role": f"baker {number}"}),
            people.forget("7"),
            profiles.add_entries("7", {"organisation": f"Fern {number}"}),
            people.forget("7"),
        )
        await profiles.list_entries("7")
    await profiles.add_entries("7", {"role": "owner"})
    assert (await profiles.get("7")).role == "owner"
