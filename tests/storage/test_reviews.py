"""Versions and reviews of a workspace's texts: changed from the state that was seen, sealed, forgotten with whom they are of."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from personas.ledger import guild
from storage import tables
from storage.assets import DRAFT, SUBMITTED, Asset, Assets
from storage.database import Database
from storage.errors import PausedError
from storage.people import People
from storage.reviews import APPROVED_BY, ASKED_BY, ReviewMark, Reviews
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", guild("1")


async def store_asset(database: Database) -> tuple[Reviews, str]:
    asset = Asset("ad", "First", "zebra one", {}, {"brief": "b"}, [], source_id="r", given_by=ADA)
    await Assets(database).add(SERVER, asset)
    return Reviews(database), asset.id


async def test_a_text_is_loaded_with_its_review(database: Database) -> None:
    reviews, name = await store_asset(database)
    asked = ReviewMark(BEN, ASKED_BY, 1, words="quagga: shorter")
    assert await reviews.set_status(SERVER, name, (DRAFT, 1), SUBMITTED, [asked])
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert (found.text, found.status, found.version, found.given_by, found.author_id) == (
        "zebra one",
        SUBMITTED,
        1,
        ADA,
        ADA,
    )
    assert found.marks == (asked,)
    await reviews.set_review_message(SERVER, name, "11", "12")
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert (found.channel_id, found.message_id) == ("11", "12")
    assert await reviews.get(guild("2"), name) is None
    async with database.read() as connection:
        plain = repr((await connection.execute(sa.select(tables.review_marks))).all())
    assert "quagga" not in plain


async def test_a_new_version_keeps_the_previous_one(database: Database) -> None:
    reviews, name = await store_asset(database)
    assert await reviews.list_versions(SERVER, name) == []
    assert await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": "zebra two", "title": "Second"}, [])
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert (found.text, found.version, found.status, found.given_by, found.author_id) == (
        "zebra two",
        2,
        DRAFT,
        ADA,
        BEN,
    )
    assert not await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": "zebra three"}, []), (
        "it stands otherwise"
    )
    assert [(one.number, one.text, one.author_id) for one in await reviews.list_versions(SERVER, name)] == [
        (1, "zebra one", ADA),
        (2, "zebra two", BEN),
    ]
    assert {one["text"] for one in (await Workspaces(database).export("1"))["asset_versions"]} == {
        "zebra one",
        "zebra two",
    }
    assert {one["table"] for one in await People(database).list_contributions(BEN)} == {"asset_versions"}


async def test_only_one_of_many_concurrent_changes_succeeds(database: Database) -> None:
    reviews, name = await store_asset(database)

    async def edit(number: int) -> bool:
        return await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": f"by {number}"}, [])

    done = await asyncio.gather(*map(edit, range(8)))
    assert sorted(done) == [False] * 7 + [True]
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert found.text == f"by {done.index(True)}"
    assert len(await reviews.list_versions(SERVER, name)) == 2


async def test_a_forgotten_user_leaves_the_text_without_their_name_or_words(database: Database) -> None:
    reviews, name = await store_asset(database)
    await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": "zebra two"}, [])
    marks = [ReviewMark(ADA, APPROVED_BY, 2, ("owner",)), ReviewMark(BEN, ASKED_BY, 2, words="quagga")]
    await reviews.set_status(SERVER, name, (DRAFT, 2), SUBMITTED, marks)
    assert [one["words"] for one in (await People(database).export(BEN))["review_marks"]] == ["quagga"]
    await People(database).forget(BEN)
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert (found.text, found.author_id, [one.user_id for one in found.marks]) == ("zebra two", None, [ADA])
    assert [one.author_id for one in await reviews.list_versions(SERVER, name)] == [ADA, None]
    await Workspaces(database).forget("1")
    async with database.read() as connection:
        for table in (tables.asset_versions, tables.review_marks):
            assert (await connection.execute(sa.select(table))).all() == []


async def test_a_paused_user_cannot_add_a_version(database: Database) -> None:
    reviews, name = await store_asset(database)
    await People(database).pause(BEN)
    with pytest.raises(PausedError):
        await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": "zebra two"}, [])


@pytest.mark.parametrize(
    "words",
    [
        "UPDATE review_marks SET user_id = '9'",
        "UPDATE review_marks SET version = 2",
        "UPDATE review_marks SET act = 'assigned'",
    ],
)
async def test_an_approval_moved_in_the_database_does_not_count(database: Database, words: str) -> None:
    reviews, name = await store_asset(database)
    await reviews.set_status(SERVER, name, (DRAFT, 1), SUBMITTED, [ReviewMark(BEN, APPROVED_BY, 1)])
    async with database.write() as connection:
        await connection.execute(sa.text(words))
    found = await reviews.get(SERVER, name)
    assert found is not None
    assert found.marks == ()


async def test_a_version_moved_to_another_text_is_skipped(database: Database) -> None:
    reviews, name = await store_asset(database)
    await reviews.add_version(SERVER, name, (DRAFT, 1), BEN, {"text": "zebra two"}, [])
    other = Asset("ad", "Other", "other", {}, {}, [], source_id="q", given_by=ADA)
    await Assets(database).add(SERVER, other)
    async with database.write() as connection:
        await connection.execute(sa.update(tables.asset_versions).values(asset_id=other.id))
    assert await reviews.list_versions(SERVER, other.id) == []
