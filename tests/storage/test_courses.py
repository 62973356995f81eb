"""Courses: sealed with their person's key, the first answer counts, shown to others only where shared, and gone with their person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import courses as module
from storage import tables
from storage.courses import Courses
from storage.database import Database
from storage.errors import PausedError, StorageError
from storage.games import Games
from storage.people import People
from storage.retention import LEFT_RETENTION, Retention
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", "1"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def add_answers(known: Any, new: Any) -> dict[str, list[int]]:
    return {**known, **{name: [*known.get(name, ()), one] for name, one in new}}


async def test_a_course_is_encrypted_restored_and_visible_only_to_its_owner(database: Database) -> None:
    courses = Courses(database)
    kept = await courses.add(ADA, {"title": "zebra"}, MOMENT)
    assert await courses.get(kept.id, ADA) == kept
    assert await courses.get(kept.id, BEN) is None
    async with database.read() as connection:
        assert "zebra" not in repr((await connection.execute(sa.select(tables.courses))).all())
    assert (await People(database).export(ADA))["courses"][0]["title"] == "zebra"
    newer = await courses.add(ADA, {"title": "quagga"}, MOMENT + timedelta(hours=1))
    assert [one.id for one in await courses.list_all(ADA)] == [newer.id, kept.id]
    assert not await courses.delete(kept.id, BEN)
    assert await courses.delete(kept.id, ADA)
    await People(database).forget(ADA)
    assert await courses.list_all(ADA) == []


async def test_the_first_of_two_concurrent_answers_counts_once(database: Database) -> None:
    courses = Courses(database)
    kept = await courses.add(ADA, {"asked": 0})
    done = await asyncio.gather(
        *(
            courses.change(replace(kept, value={"asked": number}), [("poles", number)], add_answers)
            for number in (25, 50)
        )
    )
    [won] = [one for one in done if one is not None]
    assert await courses.get(kept.id, ADA) == won
    assert await Games(database).load_mastery(ADA) == {ADA: {"poles": [won.value["asked"]]}}
    assert await courses.change(kept) is None, "it was changed since it was read"


async def test_shared_courses_are_listed_by_server_until_their_owner_leaves(database: Database) -> None:
    courses, retention = Courses(database), Retention(database)
    hers, his = await courses.add(ADA, {"title": "zebra"}), await courses.add(BEN, {"title": "quagga"})
    assert await courses.list_shared(SERVER) == []
    shared = await courses.change(replace(hers, guild_id=SERVER))
    assert await courses.change(replace(his, guild_id=SERVER))
    assert {one.user_id for one in await courses.list_shared(SERVER)} == {ADA, BEN}
    assert await courses.list_shared("2") == []
    assert await courses.list_shared("") == []
    assert set(await retention.list_inactive_members(SERVER, datetime.now(UTC) + timedelta(days=1))) == {ADA, BEN}, (
        "it is looked whether they left"
    )
    await retention.record_membership(
        SERVER, ADA, is_member=False, now=datetime.now(UTC) - LEFT_RETENTION - timedelta(days=1)
    )
    await retention.delete_expired()
    assert [one.user_id for one in await courses.list_shared(SERVER)] == [BEN]
    again = await courses.get(hers.id, ADA)
    assert again is not None
    assert (again.value, again.guild_id) == ({"title": "zebra"}, ""), "it stays hers"
    assert shared is not None
    await Workspaces(database).forget(SERVER)
    assert await courses.list_shared(SERVER) == []
    assert len(await courses.list_all(BEN)) == 1
    assert await courses.change(shared) is None, "what was read before is not kept over it"


async def test_courses_of_paused_users_are_refused_and_courses_are_limited(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    courses = Courses(database)
    monkeypatch.setattr(module, "MAX_COURSES", 1)
    await courses.add(ADA, {})
    with pytest.raises(StorageError, match="up to 1 courses for you"):
        await courses.add(ADA, {})
    await People(database).pause(BEN)
    with pytest.raises(PausedError):
        await courses.add(BEN, {})
