"""Polls of a workspace: sealed with its key, closed once, gone with it and with whom they are of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from personas.ledger import guild
from storage import owner_rows, tables
from storage.database import Database
from storage.errors import PausedError
from storage.generations import Generation, Generations
from storage.people import People
from storage.polls import Poll, Polls
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", "1"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
LATER = MOMENT + timedelta(hours=1)


def build_poll(name: str = "p", **values: Any) -> Poll:
    known = {"guild_id": SERVER, "channel_id": "zebra", "user_id": ADA, "variants": ("v-1", "v-2"), "quorum": 2}
    return Poll(**{"id": name, "closes_at": LATER, **known, **values})


async def open_poll(database: Database) -> Polls:
    """Open a poll on two variants of Ada's."""
    for name in ("v-1", "v-2"):
        made = Generation(
            id=name,
            user_id=ADA,
            kind="ad",
            request={},
            text="",
            parts={},
            checks=[],
            persona="",
            engine="",
            seed=1,
            seconds=0.1,
        )
        await Generations(database).add(made)
    polls = Polls(database)
    assert await polls.add(build_poll(), MOMENT)
    return polls


async def test_a_poll_is_encrypted_and_found_by_its_ballot(database: Database) -> None:
    polls = await open_poll(database)
    assert not await polls.add(build_poll("q"), MOMENT), "there is one on these"
    await polls.set_messages("p", "11", "12")
    assert await polls.get("p") == await polls.find_by_ballot("12") == build_poll(message_id="11", ballot_id="12")
    assert await polls.find_by_ballot("11") is None
    async with database.read() as connection:
        kept = repr((await connection.execute(sa.select(tables.polls))).all())
    assert "zebra" not in kept
    assert "'7'" not in kept
    assert (await Workspaces(database).export(SERVER))["polls"][0]["channel_id"] == "zebra"
    assert "polls" not in await People(database).count_rows(ADA)


async def test_a_poll_is_due_at_its_deadline_and_unannounced_until_dropped(database: Database) -> None:
    polls = await open_poll(database)
    assert await polls.list_due(LATER - timedelta(seconds=1)) == []
    assert [one.id for one in await polls.list_due(LATER)] == ["p"]
    assert await polls.close("p", 1, (0, 3), LATER)
    assert await polls.list_due(LATER) == await polls.list_open() == []
    [found] = await polls.list_unannounced(LATER)
    assert (found.chosen, found.counts, found.closed_at) == (1, (0, 3), LATER)
    await polls.delete("p")
    assert await polls.list_unannounced(LATER) == []


async def test_one_of_many_concurrent_closings_succeeds(database: Database) -> None:
    polls = await open_poll(database)
    done = await asyncio.gather(*(polls.close("p", one % 2, (one, 0), LATER) for one in range(8)))
    assert sorted(done) == [False] * 7 + [True]
    [found] = await polls.list_unannounced(LATER)
    assert found.counts == (done.index(True), 0)


async def test_a_vote_can_be_changed_and_withdrawn_until_the_poll_closes(database: Database) -> None:
    polls = await open_poll(database)
    assert await polls.record_vote("p", ADA, 0) == (0, {0: 1})
    assert await polls.record_vote("p", BEN, 0) == (0, {0: 2})
    assert await polls.record_vote("p", BEN, 1) == (1, {0: 1, 1: 1})
    assert await polls.record_vote("p", BEN, 1) == (None, {0: 1})
    await People(database).pause(BEN)
    with pytest.raises(PausedError):
        await polls.record_vote("p", BEN, 1)
    assert await polls.count_votes("p") == {0: 1}
    await polls.close("p", 0, (1, 0), LATER)
    assert await polls.record_vote("p", ADA, 1) is None
    assert await polls.count_votes("p") == {}, "who voted for what is not kept any longer"


@pytest.mark.parametrize("way", ["workspace", "owner", "voter"])
async def test_a_poll_is_erased_with_its_owners_and_a_vote_with_its_voter(database: Database, way: str) -> None:
    polls = await open_poll(database)
    await polls.record_vote("p", BEN, 1)
    if way == "workspace":
        await Workspaces(database).forget(SERVER)
    else:
        await People(database).forget(ADA if way == "owner" else BEN)
    assert (await polls.get("p") is None) == (way != "voter")
    assert await polls.count_votes("p") == {}


async def test_a_poll_moved_to_another_workspace_is_skipped_and_reported(database: Database) -> None:
    polls = await open_poll(database)
    await Workspaces(database).count_rows("2")
    async with database.write() as connection:
        await database.owners.require_key(connection, guild("2"))
        await connection.execute(sa.update(tables.polls).values(owner_id=guild("2")))
    assert await polls.list_open() == []
    assert not await polls.close("p", 0, (1, 0), LATER)
    assert await owner_rows.count_damaged_by_table(database) == {"polls": 1}
