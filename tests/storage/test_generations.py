"""Results, what they were made from, and votes."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import text

from storage.database import Database
from storage.errors import StorageError
from storage.generations import MAX_RESULTS_WITH_MATERIAL, Generation, Generations


def build_result(name: str, user: str = "7", **more: Any) -> Generation:
    return Generation(
        id=name,
        user_id=user,
        kind="ad",
        request={"brief": "é 😀"},
        text="Hello\n\nworld",
        parts={"a": [1, {"b": None}]},
        checks=[{"name": "length", "passed": True}],
        persona="Host",
        engine="scripted",
        seed=2**40,
        seconds=1.25,
        **more,
    )


@pytest.fixture
def generations(database: Database) -> Generations:
    return Generations(database)


async def test_a_stored_result_is_loaded_unchanged(generations: Generations) -> None:
    result = build_result("a")
    await generations.add(result)
    found = await generations.get("a", "7")
    assert found is not None
    assert dataclasses.replace(found, created_at=found.created_at.replace(tzinfo=UTC)) == result
    assert await generations.get("b", "7") is None


async def test_the_creation_time_is_timezone_aware(generations: Generations) -> None:
    await generations.add(build_result("a"))
    found = await generations.get("a", "7")
    assert found is not None
    assert found.created_at <= datetime.now(UTC)


async def test_adding_a_result_again_replaces_it(generations: Generations) -> None:
    await generations.add(build_result("a"))
    await generations.record_vote("a", "7", 1)
    await generations.add(dataclasses.replace(build_result("a"), text="newer"))
    found = await generations.get("a", "7")
    assert found is not None
    assert found.text == "newer"
    assert (await generations.count_results_and_votes("7"))[0] == 1
    assert await generations.get_vote("a", "7") == 1


async def test_deleting_a_parent_leaves_its_child(database: Database, generations: Generations) -> None:
    await generations.add(build_result("a"))
    await generations.add(build_result("b", parent_id="a"))
    async with database.write() as connection:
        await connection.execute(text("DELETE FROM generations WHERE id = 'a'"))
    await generations.add(build_result("c", parent_id="a"))
    for name in ("b", "c"):
        found = await generations.get(name, "7")
        assert found is not None
        assert found.parent_id is None


@pytest.mark.parametrize(("votes", "kept"), [([1], 1), ([1, -1], -1), ([1, 0], 0), ([0], 0), ([-1, -1], -1)])
async def test_the_last_vote_counts(generations: Generations, votes: list[int], kept: int) -> None:
    await generations.add(build_result("a"))
    for vote in votes:
        await generations.record_vote("a", "7", vote)
    assert await generations.get_vote("a", "7") == kept


async def test_every_user_who_sees_a_result_can_vote(generations: Generations) -> None:
    await generations.add(build_result("a", channel_id="c"))
    await generations.record_vote("a", "7", 1)
    await generations.record_vote("a", "8", -1, "c")
    with pytest.raises(StorageError, match="no longer have"):
        await generations.record_vote("a", "9", -1, "d")
    assert [await generations.get_vote("a", user) for user in "789"] == [1, -1, 0]


async def test_a_result_is_visible_to_its_owner_and_where_it_was_posted(generations: Generations) -> None:
    await generations.add(build_result("a", channel_id="c"))
    await generations.add(build_result("b"))
    for name, user, channel, seen in (
        ("a", "7", "", True),
        ("a", "8", "c", True),
        ("a", "8", "d", False),
        ("a", "8", "", False),
        ("b", "8", "", False),
    ):
        assert bool(await generations.get(name, user, channel)) == seen, (name, user, channel)


async def test_a_user_cannot_replace_anothers_result(generations: Generations) -> None:
    await generations.add(build_result("a"))
    with pytest.raises(StorageError, match="A result with that ID already exists and belongs to somebody else."):
        await generations.add(build_result("a", user="8"))
    found = await generations.get("a", "7")
    assert found is not None
    assert found.user_id == "7"


async def test_a_vote_on_a_missing_result_is_an_error(generations: Generations) -> None:
    with pytest.raises(StorageError, match="no longer have"):
        await generations.record_vote("gone", "7", 1)


async def test_results_are_counted_by_owner(generations: Generations) -> None:
    for name in "abc":
        await generations.add(build_result(name))
    await generations.add(build_result("d", user="8"))
    assert [(await generations.count_results_and_votes(user))[0] for user in ("7", "8", "9")] == [3, 1, 0]


def build_result_of_size(name: str, size: int, second: int, **more: Any) -> Generation:
    """Build a result of about this many bytes, created at a second."""
    return dataclasses.replace(
        build_result(name, created_at=datetime(2026, 1, 1, 9, 0, second, tzinfo=UTC), **more), text="x" * size
    )


async def test_the_oldest_results_are_deleted_first_and_those_with_votes_last(database: Database) -> None:
    generations = Generations(database, 10_000)
    for second, name in enumerate("abcd"):
        await generations.add(build_result_of_size(name, 2000, second))
    await generations.record_vote("a", "7", 1)
    await generations.add(build_result_of_size("other", 9000, 9, user="9"))
    for second, name in enumerate("efg", 10):
        await generations.add(build_result_of_size(name, 2000, second))
    assert [name for name in "abcdefg" if await generations.get(name, "7")] == ["a", "e", "f", "g"]
    assert await generations.get("other", "9")
    await generations.add(build_result_of_size("huge", 20_000, 30))
    assert [name for name in ("a", "g", "huge") if await generations.get(name, "7")] == ["huge"], "the newest stays"


async def test_only_the_newest_results_keep_their_material(generations: Generations) -> None:
    for second in range(MAX_RESULTS_WITH_MATERIAL + 5):
        result = build_result(f"r{second}", created_at=datetime(2026, 1, 1, 9, 0, second, tzinfo=UTC))
        await generations.add(dataclasses.replace(result, request={"brief": "b", "material": "m" * 20_000}))
    found = [await generations.get(f"r{second}", "7") for second in range(MAX_RESULTS_WITH_MATERIAL + 5)]
    materials = [one.request["material"] for one in found if one is not None]
    assert materials[:5] == [None] * 5
    assert all(materials[5:])
    assert all(one is not None and one.text == "Hello\n\nworld" for one in found)
