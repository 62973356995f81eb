"""A library in the database: entries of people and workspaces as one list, and the shelves that they are found on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest_asyncio
import sqlalchemy as sa

from bot.store import Store
from bot.team.library.search import LibrarySearch
from storage import tables
from storage.assets import Asset
from storage.crypto import Keyring
from storage.entries import ALL, EntryFilter
from storage.generations import Generation
from storage.owners import workspace

ADA, BEN, HERE = "7", "8", workspace("1")
MOMENT = datetime.now(UTC) - timedelta(days=30)


def build_result(name: str, text: str, user: str = ADA, days: int = 0, brand: str = "") -> Generation:
    return Generation(
        id=name,
        user_id=user,
        kind="ad",
        request={"brief": "an ad"},
        text=text,
        parts={},
        checks=[],
        persona="Host",
        engine="scripted",
        seed=1,
        seconds=0.5,
        brand=brand,
        created_at=MOMENT + timedelta(days=days),
    )


def build_asset(name: str, text: str, days: int = 0) -> Asset:
    return Asset("ad", text, text, {}, {}, [], source_id=name, given_by=BEN, created_at=MOMENT + timedelta(days=days))


@pytest_asyncio.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """A store on each kind of database in turn."""
    async with Store(url, Keyring((b"k" * 32,))) as store:
        yield store


async def search(store: Store, words: str, *owners: str, wanted: EntryFilter = ALL) -> list[str]:
    """List the ids that a search finds, best first."""
    return [one for _, one in await LibrarySearch(store).search(owners or (ADA,), words, wanted)]


async def count_shelves(store: Store) -> int:
    async with store.database.read() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).where(tables.shelves.c.piece == 0)) or 0)


async def test_results_and_assets_are_listed_together_for_those_who_may_see_them(store: Store) -> None:
    await store.generations.add(build_result("a", "tulips"))
    await store.generations.add(build_result("b", "roses", BEN, days=1))
    await store.generations.add(build_result("c", "lilies", days=3))
    assert await store.assets.add(HERE, build_asset("b", "roses", days=2))
    listed = [await store.entries.list_newest([one, HERE], ALL, 0, 9) for one in (ADA, BEN)]
    assert [[one.text for one in those] for those in listed] == [["lilies", "roses", "tulips"], ["roses"]]
    second = await store.entries.list_newest([ADA, HERE], ALL, 1, 1)
    assert [one.text for one in second] == ["roses"]
    assert await search(store, "tulips roses lilies", BEN) == ["b"]
    assert len(await search(store, "tulips roses lilies", ADA, HERE)) == 3


async def test_one_of_several_concurrent_identical_assets_is_added(store: Store) -> None:
    gave = await asyncio.gather(*(store.assets.add(HERE, build_asset("b", "roses")) for _ in range(3)))
    assert sorted(gave) == [False, False, True]
    assert len(await store.entries.list_newest([HERE], ALL, 0, 9)) == 1


async def test_the_first_of_two_concurrent_marks_wins(store: Store) -> None:
    await store.generations.add(build_result("a", "tulips"))
    marks = (store.entries.mark(ADA, "a", {"status": "archived"}, {"status": "draft"}) for _ in range(3))
    assert sorted(await asyncio.gather(*marks)) == [False, False, True]
    collected = (store.entries.set_collection(ADA, "a", name, None) for name in ("Spring", "Autumn"))
    assert sorted(await asyncio.gather(*collected)) == [False, True]
    assert len(await store.entries.list_collections([ADA])) == 1, "what came too late leaves nothing"


async def test_concurrent_searches_index_every_entry_once(store: Store) -> None:
    for number in range(20):
        await store.generations.add(build_result(f"r{number}", f"tulips number {number}", days=number))
    both = await asyncio.gather(*(search(store, "tulips") for _ in range(3)))
    assert max(map(len, both)) == 20
    assert len(await search(store, "tulips")) == 20
    assert await count_shelves(store) == 1


async def test_later_entries_are_found_and_a_full_shelf_is_followed_by_another(store: Store, monkeypatch) -> None:
    monkeypatch.setattr("bot.team.library.search.MAX_SHELF_ENTRIES", 5)
    for number in range(12):
        await store.generations.add(build_result(f"r{number}", f"tulips and word{number}", days=number))
        if number % 3 == 0:
            assert f"r{number}" in await search(store, f"word{number}")
    assert await count_shelves(store) > 1
    assert len(await search(store, "tulips")) == 12
    assert await search(store, "word4 word5") in (["r4", "r5"], ["r5", "r4"])


async def test_filters_apply_to_search_results(store: Store) -> None:
    await store.generations.add(build_result("old", "tulips"))
    await store.generations.add(build_result("new", "tulips", days=20, brand="b1"))
    since = MOMENT + timedelta(days=10)
    for wanted in (EntryFilter(since=since), EntryFilter(brand="b1")):
        assert await search(store, "tulips", wanted=wanted) == ["new"]
        assert [one.id for one in await store.entries.list_newest([ADA], wanted, 0, 9)] == ["new"]
    assert await search(store, "tulips", wanted=EntryFilter(kind="email")) == []
    assert await search(store, "tulips", ADA, HERE, wanted=EntryFilter(author=BEN)) == []
    await store.entries.mark(ADA, "old", {"status": "archived", "star": True}, {})
    assert await search(store, "tulips") == ["new"]
    assert await search(store, "tulips", wanted=EntryFilter(status="archived", starred=True)) == ["old"]


async def test_deleted_entries_are_not_found_and_cleanup_removes_their_words(store: Store) -> None:
    await store.generations.add(build_result("old", "tulips"))
    await store.generations.add(build_result("new", "tulips", days=20))
    assert len(await search(store, "tulips")) == 2
    now = MOMENT + timedelta(days=40)
    await store.retention.delete_expired(results=timedelta(days=30), now=now)
    assert await count_shelves(store) == 0, "it had the words of what is gone"
    assert await search(store, "tulips") == ["new"]
    assert await count_shelves(store) == 1
    await store.retention.delete_expired(results=timedelta(days=30), now=now)
    assert await count_shelves(store) == 1, "nothing is gone from this one"


async def test_a_changed_entry_is_not_found_by_its_former_text(store: Store) -> None:
    await store.generations.add(build_result("a", "tulips"))
    assert await search(store, "tulips") == ["a"]
    await store.generations.add(build_result("a", "roses"))
    assert await search(store, "roses") == ["a"]
    await store.retention.delete_expired()
    assert await search(store, "tulips") == []
    assert await search(store, "roses") == ["a"]


async def test_shelves_are_encrypted_and_a_tampered_one_is_skipped(store: Store) -> None:
    await store.generations.add(build_result("a", "zebratulips"))
    assert await search(store, "zebratulips") == ["a"]
    table = tables.shelves
    async with store.database.write() as connection:
        packed = list(await connection.scalars(sa.select(table.c.packed)))
        assert not any(b"zebratulips" in one for one in packed)
        await connection.execute(sa.update(table).values(packed=packed[0]))
    assert await search(store, "zebratulips") == []


async def test_forgetting_deletes_the_shelf_and_moved_assets_are_unreadable(store: Store) -> None:
    await store.generations.add(build_result("a", "tulips"))
    await store.assets.add(HERE, build_asset("b", "roses"))
    await search(store, "tulips", ADA, HERE)
    assert await count_shelves(store) == 2
    await store.people.forget(ADA)
    assert await count_shelves(store) == 1
    await store.people.forget(BEN)
    [left] = await store.entries.list_newest([HERE], ALL, 0, 9)
    assert (left.text, left.author) == ("roses", None)
    async with store.database.write() as connection:
        await connection.execute(sa.update(tables.assets).values(owner_id=workspace("2"), scope=workspace("2")))
        await connection.execute(
            sa.update(tables.owners).where(tables.owners.c.owner_id == ADA).values(owner_id=workspace("2"))
        )
    assert await store.entries.list_newest([workspace("2")], ALL, 0, 9) == []
    await store.workspaces.forget("1")
    assert await count_shelves(store) == 0


async def test_versions_include_every_descendant_of_the_first(store: Store) -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": "a", "x": None}
    for days, (name, parent) in enumerate(parents.items()):
        await store.generations.add(
            Generation(**{**_list_values(build_result(name, name, days=days)), "parent_id": parent})
        )
    for name in ("a", "b", "c", "d"):
        assert [one.id for one in await store.generations.list_versions(ADA, name)] == ["a", "b", "c", "d"]
    assert await store.generations.list_versions(BEN, "a") == []


def _list_values(made: Generation) -> dict[str, object]:
    return {name: getattr(made, name) for name in made.__slots__}
