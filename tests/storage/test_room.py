"""What an attachment leaves behind goes, and no owner's part of the database grows without end."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from bot.store import Store
from storage.assets import DRAFT, Asset
from storage.byte_limits import ByteLimits
from storage.crypto import Keyring
from storage.documents import Document, StoredPassage
from storage.errors import StorageError
from storage.generations import MATERIAL_RETENTION_DAYS, MAX_RESULTS_WITH_MATERIAL, Generation
from storage.owners import workspace
from storage.table_jobs import TableJob

ADA, SERVER = "7", workspace("1")
NOW = datetime.now(UTC)
KEYS = Keyring((b"k" * 32,))


@pytest_asyncio.fixture
async def store(file_url: str) -> AsyncIterator[Store]:
    async with Store(file_url, KEYS, byte_limits=ByteLimits(400_000, 100_000)) as store:
        yield store


def build_result(number: int, characters: int = 62_000, at: datetime = NOW) -> Generation:
    drawn = random.Random(number)
    material = "".join(drawn.choices("abcdefghij ", k=characters))
    return Generation(
        id=f"r{number}",
        user_id=ADA,
        kind="ad",
        request={"brief": "b", "material": material},
        text="t" * 500,
        parts={},
        checks=[],
        persona="",
        engine="e",
        seed=1,
        seconds=1.0,
        created_at=at + timedelta(seconds=number),
    )


async def measure_size(store: Store, file: Path) -> int:
    await store.database.checkpoint()
    return file.stat().st_size


async def test_expired_attachments_of_fifty_requests_leave_only_their_texts(tmp_path: Path) -> None:
    file = tmp_path / "q.db"
    async with Store(f"sqlite:///{file}", KEYS) as store:
        await store.people.resume(ADA)
        empty = await store.retention.count_bytes(ADA)
        for number in range(50):
            await store.generations.add(build_result(number, at=NOW - timedelta(days=MATERIAL_RETENTION_DAYS + 1)))
        fresh = await store.retention.count_bytes(ADA) - empty
        assert MAX_RESULTS_WITH_MATERIAL * 62_000 < fresh < (MAX_RESULTS_WITH_MATERIAL + 1) * 63_000 + 30 * 1200, (
            "the newest can be made again"
        )
        grown = await measure_size(store, file)
        assert (
            await store.generations.drop_old_material(NOW - timedelta(days=MATERIAL_RETENTION_DAYS))
            == MAX_RESULTS_WITH_MATERIAL
        )
        assert await store.generations.drop_old_material(NOW) == 0, "once"
        assert await store.retention.count_bytes(ADA) - empty < 50 * 1200
        for number in range(50, 70):
            await store.generations.add(build_result(number))
        assert await measure_size(store, file) <= grown * 1.05, "what was freed is used again"
        found = await store.generations.get("r3", ADA)
        assert found is not None
        assert (found.text, found.request["brief"], found.request["material"]) == ("t" * 500, "b", None)


async def test_starred_and_liked_results_are_deleted_last(store: Store) -> None:
    await store.generations.add(build_result(0))
    await store.generations.add(build_result(1))
    assert await store.entries.mark(ADA, "r0", {"star": True}, {"star": False})
    for number in range(2, 10):
        await store.generations.add(build_result(number))
    assert await store.retention.count_bytes(ADA) <= 400_000
    assert await store.generations.get("r0", ADA) is not None
    assert await store.generations.get("r1", ADA) is None


async def test_a_document_without_room_is_refused_and_leaves_nothing(store: Store) -> None:
    parts = [StoredPassage("words " * 5000)] * 10
    await store.documents.add_with_passages(ADA, Document("a.md"), parts, index=b"i")
    before = await store.retention.count_bytes(ADA)
    assert 300_000 < before < 400_000
    with pytest.raises(StorageError, match=r"There is no room for that: 0.3 MB of 0.4 MB are in use"):
        await store.documents.add_with_passages(ADA, Document("b.md"), parts, index=b"i")
    assert await store.retention.count_bytes(ADA) == before
    await store.documents.add_with_passages(ADA, Document("a.md"), parts, index=b"i")
    assert await store.retention.count_bytes(ADA) == before, "one of the same name takes the other's place"


async def test_a_server_cannot_exceed_its_storage_limit(store: Store) -> None:
    async def give_asset(number: int) -> bool:
        asset = Asset("ad", "t", "w" * 30_000, {}, {}, [], source_id=f"r{number}", given_by=ADA)
        return await store.assets.add(SERVER, asset)

    assert [await give_asset(number) for number in range(3)] == [True] * 3
    with pytest.raises(StorageError, match="There is no room"):
        await give_asset(3)


async def test_versions_of_a_text_count_against_a_servers_storage(store: Store) -> None:
    asset = Asset("ad", "t", "w" * 30_000, {}, {}, [], source_id="r1", given_by=ADA)
    await store.assets.add(SERVER, asset)

    async def change(version: int) -> bool:
        fields = {"text": str(version) * 30_000}
        return await store.reviews.add_version(SERVER, asset.id, (DRAFT, version), ADA, fields, ())

    assert await change(1)
    with pytest.raises(StorageError, match="There is no room"):
        await change(2)


async def test_the_first_change_of_a_text_needs_room_for_both_versions(store: Store) -> None:
    asset = Asset("ad", "T", "".join(random.Random(1).choices("abcdefghij ", k=40_000)), {}, {}, [], "r1", ADA)
    await store.assets.add(SERVER, asset)
    stored_bytes = await store.retention.count_bytes(SERVER)
    fields = {
        "text": "".join(random.Random(2).choices("abcdefghij ", k=40_000)),
        "title": "T",
        "parts": {},
        "checks": [],
    }
    with pytest.raises(StorageError, match="There is no room"):
        await store.reviews.add_version(SERVER, asset.id, (DRAFT, 1), ADA, fields, ())
    assert await store.retention.count_bytes(SERVER) == stored_bytes < 100_000


async def test_learnt_tables_count_against_storage_and_waiting_ones_reserve_it(store: Store) -> None:
    def build_table(number: int) -> TableJob:
        return TableJob(f"t{number}", ADA, "5", "clinic.csv", {}, state="learning")

    await store.made_tables.add(build_table(1), bytes(250_000))
    assert await store.retention.count_bytes(ADA) == 0, "a table that goes by itself pushes out no results"
    with pytest.raises(StorageError, match=r"of 0.4 MB are in use. Delete documents, results or learnt tables"):
        await store.made_tables.add(build_table(2), bytes(250_000))
    await store.made_tables.change(build_table(1), ("learning",), state="kept", model=bytes(150_000))
    assert 150_000 < await store.retention.count_bytes(ADA) < 151_000
    with pytest.raises(StorageError, match="There is no room"):
        await store.made_tables.require_room(ADA, 300_000)
    await store.made_tables.add(build_table(3), bytes(200_000))
