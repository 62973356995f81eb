"""An audit is only added to, tells what was changed in it, and stands when somebody in it is forgotten."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from personas.ledger import guild
from storage import tables
from storage.audit import GENESIS, Audit, compute_hash
from storage.database import Database
from storage.errors import StorageError
from storage.people import People
from storage.retention import Retention
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", guild("1")


async def fill_audit(database: Database, count: int = 4) -> Audit:
    """Return an audit log with entries by Ada and Ben in turn."""
    audit = Audit(database)
    for number in range(count):
        by = (ADA, BEN)[number % 2]
        await audit.add(SERVER, "approve", by, f"asset-{number % 2}", {"version": number}, {"to": BEN})
    return audit


async def run(database: Database, words: str, **values: Any) -> None:
    """Run statements at the database's own prompt, after removing the guards of the audit log."""
    guards = (
        ["DROP TRIGGER IF EXISTS audit_not_changed", "DROP TRIGGER IF EXISTS audit_not_deleted"]
        if database.is_embedded
        else ["DROP TRIGGER IF EXISTS audit_kept ON audit"]
    )
    async with database.write() as connection:
        for statement in guards:
            await connection.execute(sa.text(statement))
        await connection.execute(sa.text(words), values)


async def test_each_entry_is_hashed_with_the_previous_one(database: Database) -> None:
    audit = await fill_audit(database)
    events, before = await audit.list_after(SERVER, 0), GENESIS
    assert [one.number for one in events] == [1, 2, 3, 4]
    for event in events:
        assert event.hash == compute_hash(before, event.hash_input)
        before = event.hash
    assert [one.actor_id for one in events] == [ADA, BEN, ADA, BEN]
    assert events[0].user_ids[events[0].details["to"]] == BEN
    verdict = await audit.verify(SERVER)
    assert (verdict.entries, verdict.broken, verdict.hash) == (4, None, before)
    named = {value for one in events for value in (one.who, one.details["to"])}
    assert {len(one) for one in named} == {32}, "it names nobody by an id"


async def test_entries_are_listed_by_page_subject_and_actor(database: Database) -> None:
    audit = await fill_audit(database, 6)
    assert [one.number for one in await audit.list_page(SERVER, limit=2)] == [6, 5]
    assert [one.number for one in await audit.list_page(SERVER, before=5, limit=2)] == [4, 3]
    assert [one.number for one in await audit.list_page(SERVER, about="asset-0")] == [5, 3, 1]
    assert [one.number for one in await audit.list_page(SERVER, user_id=BEN)] == [6, 4, 2]
    assert await audit.list_page(SERVER, user_id="9") == []
    assert await audit.list_page(guild("2")) == []
    with pytest.raises(StorageError, match="The audit log only covers what is done in a server."):
        await audit.add(ADA, "approve", ADA)


async def test_concurrent_entries_form_one_chain(database: Database) -> None:
    audit = Audit(database)
    await asyncio.gather(*(audit.add(SERVER, "star", ADA, details={"n": one}) for one in range(20)))
    events = await audit.list_after(SERVER, 0)
    assert [one.number for one in events] == list(range(1, 21))
    assert {one.details["n"] for one in events} == set(range(20))
    assert (await audit.verify(SERVER)).broken is None


@pytest.mark.parametrize("words", ["UPDATE audit SET hash = 'x'", "DELETE FROM audit", "UPDATE audit SET number = 9"])
async def test_the_database_itself_refuses_changes_to_entries(database: Database, words: str) -> None:
    audit = await fill_audit(database, 1)
    with pytest.raises((StorageError, DBAPIError)):
        async with database.write() as connection:
            await connection.execute(sa.text(words))
    assert (await audit.verify(SERVER)).broken is None


@pytest.mark.parametrize(
    ("words", "broken"),
    [
        ("UPDATE audit SET hash = 'x' WHERE number = 2", 2),
        ("UPDATE audit SET who = (SELECT who FROM audit WHERE number = 2) WHERE number = 3", 3),
        ("UPDATE audit SET about = 'other' WHERE number = 3", 3),
        ("UPDATE audit SET sealed = (SELECT sealed FROM audit WHERE number = 1) WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 2", 2),
        ("DELETE FROM audit WHERE number = 4", 4),
        ("DELETE FROM audit WHERE number = 1", 1),
        ("UPDATE aliases SET user_id = '9' WHERE user_id = '8'", 1),
        ("DELETE FROM audit_heads", 5),
    ],
)
async def test_a_changed_entry_is_detected(database: Database, words: str, broken: int) -> None:
    audit = await fill_audit(database)
    await run(database, words)
    assert (await audit.verify(SERVER)).broken == broken


async def test_an_entry_from_another_workspace_breaks_the_chain(database: Database) -> None:
    audit = await fill_audit(database, 2)
    await audit.add(guild("2"), "approve", ADA)
    await run(database, "UPDATE audit SET number = 3, of_owner = 'guild:1' WHERE of_owner = 'guild:2'")
    assert (await audit.verify(SERVER)).broken == 3


async def test_a_forgotten_user_is_not_named_and_the_chain_verifies(database: Database) -> None:
    audit = await fill_audit(database)
    before = await audit.verify(SERVER)
    await People(database).forget(ADA)
    assert await audit.verify(SERVER) == before
    events = await audit.list_after(SERVER, 0)
    assert [one.actor_id for one in events] == ["", BEN, "", BEN]
    async with database.read() as connection:
        kept = (await connection.execute(sa.select(tables.aliases.c.user_id))).scalars().all()
    assert kept == [BEN]
    await audit.add(SERVER, "approve", ADA)
    [fresh] = await audit.list_page(SERVER, limit=1)
    assert fresh.who != events[0].who, "who comes back is somebody new"
    assert fresh.actor_id == ADA


async def test_a_member_who_left_the_server_is_not_named(database: Database) -> None:
    audit, now = await fill_audit(database), datetime.now(UTC)
    await audit.add(guild("2"), "approve", ADA)
    async with database.write() as connection:
        left = {"guild_id": "1", "user_id": ADA, "left_at": now - timedelta(days=40)}
        await connection.execute(tables.departures.insert().values(**left))
    await Retention(database).delete_expired(results=None, now=now)
    assert {one.actor_id for one in await audit.list_after(SERVER, 0)} == {"", BEN}
    assert (await audit.verify(SERVER)).broken is None
    assert [one.actor_id for one in await audit.list_after(guild("2"), 0)] == [ADA], "elsewhere they are as before"


async def test_a_paused_users_actions_are_recorded_without_a_name(database: Database) -> None:
    audit = await fill_audit(database)
    await People(database).pause(ADA)
    await audit.add(SERVER, "settings", ADA)
    await audit.add(SERVER, "settings", ADA)
    one, two = await audit.list_page(SERVER, limit=2)
    assert one.who != two.who
    assert (one.actor_id, two.actor_id) == ("", "")
    assert (await audit.verify(SERVER)).broken is None


async def test_entries_are_erased_and_exported_with_their_workspace(database: Database) -> None:
    audit = await fill_audit(database)
    exported = await Workspaces(database).export("1")
    assert [one["act"] for one in exported["audit"]] == ["approve"] * 4
    assert {one["user_id"] for one in exported["aliases"]} == {ADA, BEN}
    assert [one["owner_id"] for one in (await People(database).export(ADA))["aliases"]] == [SERVER]
    assert "audit" not in await People(database).count_rows(ADA)
    await Workspaces(database).forget("1")
    assert await audit.list_after(SERVER, 0) == []
    async with database.read() as connection:
        for table in (tables.audit, tables.audit_heads, tables.aliases):
            assert (await connection.execute(sa.select(table))).all() == []
    await audit.add(SERVER, "keep", BEN)
    assert (await audit.verify(SERVER)).entries == 1, "what is done from then on begins anew"


async def test_a_failed_action_leaves_no_entry(database: Database) -> None:
    audit = await fill_audit(database, 1)

    async def fail() -> None:
        async with database.share_write():
            await audit.add(SERVER, "approve", ADA)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await fail()
    assert (await audit.verify(SERVER)).entries == 1
