"""What is planned, on both databases: the first who changes it wins, it is posted by one alone, and it goes with its owners."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from personas.ledger import guild
from storage import tables
from storage.database import Database
from storage.errors import PausedError, StorageError
from storage.people import People
from storage.retention import LEFT_RETENTION, Retention
from storage.schedule import CLAIM_TIMEOUT, Schedule, ScheduledPost, generate_id
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", "1"
NOW = datetime(2026, 10, 14, 10, 0, tzinfo=UTC)


def build_post(owner_id: str = guild(SERVER), user_id: str = ADA, **values: object) -> ScheduledPost:
    given = {"due_at": NOW, "text": "We open on Monday.", "start": "2026-10-14T12:00", "zone": "Europe/Berlin"}
    return replace(ScheduledPost(owner_id, user_id, "c", slot="2026-10-14T12:00", **given), **values)  # type: ignore[arg-type]


async def list_posts(schedule: Schedule, user_id: str = ADA, guild_id: str = SERVER) -> list[ScheduledPost]:
    return await schedule.list_between(user_id, guild_id, NOW - timedelta(days=1), NOW + timedelta(days=30))


async def list_due(
    schedule: Schedule, holder: str, now: datetime = NOW, **options: Callable[[str], bool]
) -> list[ScheduledPost]:
    return [post async for post in schedule.iter_due(holder, now, **options)]


async def test_the_first_of_two_concurrent_changes_wins(database: Database) -> None:
    schedule, entry = Schedule(database), build_post()
    await schedule.add(ADA, entry)
    later = [replace(entry, due_at=NOW + timedelta(hours=hours)) for hours in (1, 2)]
    done = await asyncio.gather(schedule.change(ADA, "", later[0]), schedule.change(BEN, SERVER, later[1]))
    assert sorted(one is None for one in done) == [False, True]
    assert [one.due_at for one in await list_posts(schedule)] == [one.due_at for one in done if one]
    assert not await schedule.cancel(ADA, "", entry), "she has not seen how it is now"
    [now] = await list_posts(schedule)
    assert await schedule.cancel(ADA, "", now)
    assert await list_posts(schedule) == []


async def test_only_the_author_and_managers_change_a_post(database: Database) -> None:
    schedule, entry = Schedule(database), build_post()
    await schedule.add(ADA, entry)
    for managed in ("", "2"):
        assert await schedule.change(BEN, managed, replace(entry, text="mine")) is None
        assert not await schedule.cancel(BEN, managed, entry)
    assert await schedule.get(entry.id, BEN, SERVER) == entry, "all in the server see it"
    assert await schedule.get(entry.id, BEN, "2") is None
    assert await list_posts(schedule, BEN, "") == []
    assert await schedule.cancel(BEN, SERVER, entry)
    with pytest.raises(StorageError):
        await schedule.add(BEN, build_post())


async def test_one_process_claims_a_post_and_its_next_occurrence_is_added_once(database: Database) -> None:
    schedule, entry = Schedule(database), build_post(rule="FREQ=DAILY")
    await schedule.add(ADA, entry)
    assert await list_due(schedule, "0", NOW - timedelta(seconds=1)) == []
    [waiting] = await list_due(schedule, "0", NOW)
    claims = await asyncio.gather(*(schedule.claim(waiting, holder, NOW) for holder in ("0", "1")))
    assert sorted(claims) == [False, True]
    winner, loser = ("0", "1") if claims[0] else ("1", "0")
    assert await list_due(schedule, loser, NOW) == []
    assert await schedule.change(ADA, "", replace(waiting, text="other")) is None, "it is being posted"
    assert not await schedule.cancel(ADA, "", waiting)
    [begun] = await list_due(schedule, winner, NOW)
    assert begun.state == "posting", "after a crash the same slot takes it up"
    [left] = await list_due(schedule, loser, NOW + CLAIM_TIMEOUT + timedelta(seconds=1))
    assert await schedule.claim(left, loser, NOW + CLAIM_TIMEOUT)
    assert not await schedule.claim(begun, winner, NOW + CLAIM_TIMEOUT), "it is another's now"
    done = replace(left, state="posted", message_id="5")
    follows = replace(entry, id=generate_id(), due_at=NOW + timedelta(days=1), slot="2026-10-15T12:00")
    assert [await schedule.finish(done, replace(follows, id=generate_id())) for _ in range(2)] == [True, False]
    assert [(one.state, one.message_id) for one in await list_posts(schedule)] == [("posted", "5"), ("planned", None)]
    assert (await list_posts(schedule))[0].link == f"https://discord.com/channels/{SERVER}/c/5"


async def test_skipped_posts_hide_no_later_ones(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not those of servers that another process serves, not those that stay due, not those that cannot be read."""
    monkeypatch.setattr("storage.schedule._PAGE_SIZE", 2)
    schedule = Schedule(database)
    for number in range(5):
        moment = NOW - timedelta(minutes=number // 2)  # Two at the same moment, by which pages alone cannot be parted.
        await schedule.add(ADA, build_post(text=f"{number}", due_at=moment, created_at=NOW))
        await schedule.add(ADA, build_post(guild("2"), text="elsewhere", due_at=moment, created_at=NOW))
        failed = {"state": "failed", "reason": "gone", "told": False}
        await schedule.add(ADA, build_post(text=f"failed {number}", due_at=moment, created_at=NOW, **failed))
    for _ in range(2):
        texts = [one.text for one in await list_due(schedule, "0", serves=SERVER.__eq__)]
        assert texts[0] == "4"
        assert sorted(texts) == list("01234")
    unnotified = [one.text async for one in schedule.iter_unnotified(SERVER.__eq__)]
    assert sorted(unnotified) == [f"failed {number}" for number in range(5)]
    async with database.write() as connection:
        table = tables.schedule
        await connection.execute(update(table).where(table.c.due_at < NOW).values(sealed=b"damaged"))
    assert sorted(one.text for one in await list_due(schedule, "0")) == ["0", "1", "elsewhere", "elsewhere"]


async def test_a_post_is_erased_with_its_author_or_server_and_in_both_exports(database: Database) -> None:
    schedule, people, spaces = Schedule(database), People(database), Workspaces(database)
    for owner_id in (guild(SERVER), ADA):
        await schedule.add(ADA, build_post(owner_id))
    await schedule.add(BEN, build_post(user_id=BEN, text="Bens"))
    assert (await people.count_rows(ADA))["schedule"] == 2
    exported = (await people.export(ADA))["schedule"]
    assert [(one["text"], one["user_id"]) for one in exported] == [("We open on Monday.", ADA)] * 2
    assert {one["text"] for one in (await spaces.export(SERVER))["schedule"]} == {"We open on Monday.", "Bens"}
    await people.forget(ADA)
    assert [one.text for one in await list_posts(schedule)] == ["Bens"]
    await spaces.forget(SERVER)
    assert (await people.count_rows(BEN))["schedule"] == 0


async def test_a_post_is_erased_after_its_author_leaves_or_results_expire(database: Database) -> None:
    schedule, retention = Schedule(database), Retention(database)
    await schedule.add(ADA, build_post())
    await schedule.add(BEN, build_post(user_id=BEN, text="Bens", state="posted", message_id="5"))
    await retention.record_membership(SERVER, ADA, is_member=False, now=NOW)
    await retention.delete_expired(now=NOW + LEFT_RETENTION + timedelta(days=1))
    assert [one.text for one in await list_posts(schedule)] == ["Bens"]
    await retention.delete_expired(results=timedelta(days=10), now=NOW + timedelta(days=11))
    assert await list_posts(schedule) == []


async def test_posts_of_paused_users_are_refused_and_posts_are_limited(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(database)
    monkeypatch.setattr("storage.schedule.MAX_POSTS_PER_WORKSPACE", 1)
    await schedule.add(ADA, build_post())
    with pytest.raises(StorageError, match="There are already 1 scheduled posts"):
        await schedule.add(BEN, build_post(user_id=BEN))
    await People(database).pause(ADA)
    with pytest.raises(PausedError):
        await schedule.add(ADA, build_post(ADA))


async def test_a_failed_post_is_not_planned_again_beyond_the_limit(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(database)
    failed_post = build_post(state="failed")
    await schedule.add(ADA, failed_post)
    await schedule.add(ADA, build_post())
    monkeypatch.setattr("storage.schedule.MAX_POSTS_PER_WORKSPACE", 1)
    with pytest.raises(StorageError, match="There are already 1 scheduled posts"):
        await schedule.change(ADA, SERVER, failed_post)
    monkeypatch.setattr("storage.schedule.MAX_POSTS_PER_WORKSPACE", 2)
    changed_post = await schedule.change(ADA, SERVER, failed_post)
    assert changed_post is not None
    assert changed_post.state == "planned"
