"""What was made and what it took is counted by day, with the result that it was spent on, and forgotten by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
import pytest_asyncio
from alembic import command
from sqlalchemy import select

from bot.store import Store
from storage import migrations, tables
from storage.assets import Asset
from storage.crypto import Keyring
from storage.errors import PausedError
from storage.generations import Generation
from storage.owners import workspace
from storage.usage import Amounts, EngineUsage, UsageSum

ADA, BEN, SERVER = "7", "8", "1"
TODAY, LONG_AGO = date(2026, 11, 17), date(2000, 1, 1)
KEYS = Keyring((b"k" * 32,))


class Noon(datetime):
    """Noon of a day that ends while no test runs."""

    day_of_it = TODAY

    @classmethod
    def now(cls, _zone: object = None) -> datetime:
        return datetime.combine(cls.day_of_it, time(12), UTC)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.usage.datetime", Noon)


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    async with Store(url, KEYS) as store:
        yield store


def build_result(
    name: str, user: str = ADA, guild_id: str | None = SERVER, kind: str = "ad", failed: int = 0
) -> Generation:
    checks = [{"id": "budget", "passed": False}] * failed + [{"id": "language", "passed": True}]
    return Generation(
        id=name,
        user_id=user,
        kind=kind,
        request={},
        text="words",
        parts={},
        checks=checks,
        persona="",
        engine="e",
        seed=1,
        seconds=2.0,
        guild_id=guild_id,
        channel_id="c",
        created_at=datetime.combine(TODAY, time(12), UTC),
    )


def build_usages(kind: str = "ad", **more: int) -> list[EngineUsage]:
    return [EngineUsage(kind, "e", requests=1, seconds=2.0, **{"tokens_in": 100, "tokens_out": 20, "cost": 7, **more})]


async def load_figures(store: Store, owner_id: str = workspace(SERVER)):
    return await store.usage.load_figures(owner_id, LONG_AGO, TODAY + timedelta(days=1))


async def test_a_result_is_counted_once_however_often_it_is_saved(store: Store) -> None:
    for _ in range(3):
        await store.generations.add(build_result("a", failed=2), build_usages(failed=2))
    await store.generations.add(build_result("b", kind="email"), build_usages("email"))
    await store.generations.add(build_result("c", user=BEN), build_usages())
    found = await load_figures(store)
    assert found.kinds == (UsageSum("ad", 2, 0, 200, 40, 0, 14), UsageSum("email", 1, 0, 100, 20, 0, 7))
    assert found.users == (UsageSum(ADA, 2, 0, 200, 40, 0, 14), UsageSum(BEN, 1, 0, 100, 20, 0, 7))
    assert found.failed == (("budget", 2),)
    assert found.seconds == 6.0
    assert (await load_figures(store, ADA)).kinds == (), "what was made in a server is counted there"


async def test_a_liked_starred_or_given_result_is_counted_as_accepted_once(store: Store) -> None:
    async def count_accepted() -> int:
        return sum(one.accepted for one in (await load_figures(store)).kinds)

    await store.generations.add(build_result("a"), build_usages())
    await store.generations.record_vote("a", ADA, 1)
    await store.generations.record_vote("a", BEN, 1, "c")
    assert await store.entries.mark(ADA, "a", {"star": True}, {"star": False})
    assert await count_accepted() == 1
    await store.generations.record_vote("a", ADA, -1)
    await store.generations.record_vote("a", BEN, 0, "c")
    assert await count_accepted() == 1, "it is starred"
    assert await store.entries.mark(ADA, "a", {"star": False}, {"star": True})
    assert await count_accepted() == 0
    await store.assets.add(workspace(SERVER), Asset("ad", "t", "w", {}, {}, [], source_id="a", given_by=ADA))
    assert await count_accepted() == 1
    assert [one.name for one in (await load_figures(store)).engines] == ["e"], "no engine of nothing is told"


@pytest.mark.parametrize(("today", "of_the_month"), [(TODAY, 3), (date(2026, 11, 1), 2)])
async def test_a_day_and_its_month_are_summed_for_one_user_and_for_all(
    store: Store, monkeypatch: pytest.MonkeyPatch, today: date, of_the_month: int
) -> None:
    monkeypatch.setattr(Noon, "day_of_it", today)
    await store.generations.add(build_result("a"), build_usages())
    await store.generations.add(build_result("b", user=BEN), build_usages(tokens_in=5))
    await store.generations.add(build_result("c", guild_id=None), build_usages())
    async with store.database.write() as connection:
        row = (await connection.execute(select(tables.usage).where(tables.usage.c.user_id == BEN))).one()
        for day in (today - timedelta(days=1), today - timedelta(days=40)):
            await connection.execute(tables.usage.insert().values(**{**row._mapping, "day": day}))
    found = await store.usage.load_amounts(SERVER, ADA, today)
    assert found["person", "day"] == found["person", "month"] == Amounts(1, 120, 7)
    assert found["server", "day"] == Amounts(2, 145, 14)
    assert found["server", "month"].requests == of_the_month, "yesterday, where it was of this month"


async def test_forgotten_users_stay_in_a_servers_totals_without_a_name(store: Store) -> None:
    for number in range(3):
        kind = ("ad", "email", "ad")[number]
        await store.generations.add(build_result(f"a{number}", kind=kind), build_usages(kind))
        await store.generations.add(build_result(f"b{number}", user=BEN), build_usages())
    await store.generations.add(build_result("own", guild_id=None, failed=1), build_usages())
    await store.usage.record_quota_note(ADA, SERVER, "requests/day/80")
    assert {row["kind"] for row in (await store.people.export(ADA))["usage"]} == {"ad", "email"}
    await store.people.forget(BEN)
    before = sum(one.requests for one in (await load_figures(store)).kinds)
    await store.people.forget(ADA)
    found = await load_figures(store)
    assert sum(one.requests for one in found.kinds) == before == 6
    assert found.users == (UsageSum("", 6, 0, 600, 120, 0, 42),)
    assert await load_figures(store, ADA) == type(found)()
    async with store.database.read() as connection:
        for table in (tables.usage, tables.failed_checks, tables.quota_notes):
            assert f"'{ADA}'" not in repr((await connection.execute(select(table))).all())


async def test_a_paused_user_is_not_counted(store: Store) -> None:
    await store.people.pause(ADA)
    with pytest.raises(PausedError):
        await store.generations.add(build_result("a"), build_usages())
    with pytest.raises(PausedError):
        await store.usage.count(ADA, SERVER, build_usages())
    assert (await load_figures(store)).kinds == ()


async def test_usage_is_exported_and_erased_with_its_server(store: Store) -> None:
    await store.generations.add(build_result("a", failed=1), build_usages())
    exported = await store.workspaces.export(SERVER)
    assert [row["requests"] for row in exported["usage"]] == [1]
    assert [row["name"] for row in exported["failed_checks"]] == ["budget"]
    await store.workspaces.forget(SERVER)
    assert await load_figures(store) == type(await load_figures(store))()


async def test_a_user_who_left_a_server_is_not_named_in_its_usage(store: Store) -> None:
    now = datetime.now(UTC)
    await store.generations.add(build_result("a"), build_usages())
    await store.retention.record_membership(SERVER, ADA, is_member=False, now=now - timedelta(days=40))
    await store.retention.delete_expired(now=now)
    assert [one.name for one in (await load_figures(store)).users] == [""]
    await store.retention.record_removal(SERVER, now=now - timedelta(days=40))
    await store.retention.delete_expired(now=now)
    assert (await load_figures(store)).kinds == ()


async def test_a_quota_note_is_given_once(store: Store) -> None:
    assert await store.usage.record_quota_note(ADA, SERVER, "requests/day/80")
    assert not await store.usage.record_quota_note(ADA, SERVER, "requests/day/80")
    assert await store.usage.record_quota_note(BEN, SERVER, "requests/day/80")
    assert await store.usage.record_quota_note(ADA, "2", "requests/day/80")


async def test_a_request_answered_with_a_question_is_not_counted_as_a_result(store: Store) -> None:
    await store.generations.add(replace(build_result("a"), kind=""))
    await store.generations.record_vote("a", ADA, 1)
    assert (await load_figures(store)).kinds == ()


async def test_an_upgrade_counts_results_made_before_counting_began(store: Store) -> None:
    for name, guild_id in (("a", SERVER), ("b", SERVER), ("own", None)):
        await store.generations.add(build_result(name, guild_id=guild_id))
    await store.generations.record_vote("a", ADA, 1)
    async with store.database.write() as connection:
        await connection.run_sync(lambda plain: command.downgrade(migrations.config(plain), "0009"))
        await connection.run_sync(lambda plain: command.upgrade(migrations.config(plain), "head"))
    assert (await load_figures(store)).kinds == (UsageSum("ad", 2, 1),)
    assert (await load_figures(store, ADA)).users == (UsageSum(ADA, 1),)
    await store.generations.record_vote("a", ADA, 0)
    assert (await load_figures(store)).kinds == (UsageSum("ad", 2, 0),)
