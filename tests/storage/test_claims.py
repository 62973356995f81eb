"""What is looked at before it is written is not changed by another in between."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import retention as module
from storage.database import Database
from storage.generations import Generation, Generations
from storage.retention import Retention

LONG_AGO = datetime.now(UTC) - timedelta(days=31)


@pytest.mark.parametrize("gone", ["the bot", "a person"])
async def test_a_return_during_expiry_is_recorded_after_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    """Nothing is ended of what is noted to be there again."""
    retention = Retention(database)
    if gone == "the bot":
        await retention.record_removal("77", ["5"], now=LONG_AGO)
    else:
        await retention.record_membership("77", "1", is_member=False, now=LONG_AGO)
    end, ending, go_on = module._delete_server_rows, asyncio.Event(), asyncio.Event()

    async def wait_and_call(*given: Any) -> int:
        ending.set()
        await go_on.wait()
        return await end(*given)

    monkeypatch.setattr(module, "_delete_server_rows", wait_and_call)
    expiring = asyncio.create_task(retention.delete_expired())
    await ending.wait()
    back = retention.record_join("77") if gone == "the bot" else retention.record_membership("77", "1", is_member=True)
    returning = asyncio.create_task(back)
    await asyncio.sleep(0.3)
    assert not returning.done()
    go_on.set()
    await asyncio.gather(expiring, returning)


async def test_a_vote_changed_while_its_reasons_are_saved_keeps_its_context(database: Database) -> None:
    generations = Generations(database)
    await generations.add(Generation("a", "7", "ad", {}, "t", {}, [], "p", "e", 1, 0.1))
    await generations.record_vote("a", "7", -1, details={"text": "old"})
    owner, reading, go_on = database.owners.require_key, asyncio.Event(), asyncio.Event()

    async def wait_and_call(*given: Any) -> Any:
        reading.set()
        await go_on.wait()
        return await owner(*given)

    database.owners.require_key = wait_and_call  # type: ignore[method-assign]
    explaining = asyncio.create_task(generations.set_vote_reasons("a", "7", ["long"]))
    await reading.wait()
    del database.owners.require_key
    voting = asyncio.create_task(generations.record_vote("a", "7", 1, details={"text": "new"}))
    await asyncio.sleep(0.3)
    go_on.set()
    await asyncio.gather(explaining, voting)
    [vote] = (await generations.list_votes("7", "ad", {1: 5}))[1]
    assert vote.details == {"text": "new"}
