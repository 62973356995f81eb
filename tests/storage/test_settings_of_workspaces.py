"""What is set for a workspace: sealed with its key, changed by several at once, gone with it, and never shown where it was moved."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from personas.ledger import guild
from storage import owner_rows, tables
from storage.database import Database
from storage.errors import ForgottenError
from storage.owner_keys import begin_work, begun_at
from storage.people import People
from storage.retention import LEFT_RETENTION, Retention
from storage.workspace_settings import WorkspaceSettings
from storage.workspaces import Workspaces

ADA, SERVER, OTHER = "7", "1", "2"


async def load_values(database: Database) -> list[object]:
    async with database.read() as connection:
        return [value for row in await connection.execute(sa.select(tables.workspace_settings)) for value in row]


async def test_settings_are_encrypted_for_their_server_only(database: Database) -> None:
    settings = WorkspaceSettings(database)
    assert await settings.get(SERVER) == {}
    assert await settings.change(SERVER, lambda known: {**known, "timezone": "Asia/Tokyo"}) == {
        "timezone": "Asia/Tokyo"
    }
    await settings.change(SERVER, lambda known: {**known, "brand": "zebra"})
    assert await settings.get(SERVER) == {"timezone": "Asia/Tokyo", "brand": "zebra"}
    assert await settings.get(OTHER) == {}
    kept = repr(await load_values(database))
    assert [word for word in ("Tokyo", "zebra") if word in kept] == []
    assert (await Workspaces(database).count_rows(SERVER))["workspace_settings"] == 1
    [exported] = (await Workspaces(database).export(SERVER))["workspace_settings"]
    assert (exported["owner_id"], exported["timezone"], exported["brand"]) == (guild(SERVER), "Asia/Tokyo", "zebra")
    assert "workspace_settings" not in {**await People(database).count_rows(ADA), **await People(database).export(ADA)}


async def test_concurrent_changes_are_all_kept(database: Database) -> None:
    settings = WorkspaceSettings(database)
    await asyncio.gather(
        *(settings.change(SERVER, lambda known, one=number: {**known, str(one): one}) for number in range(12))
    )
    assert await settings.get(SERVER) == {str(number): number for number in range(12)}


@pytest.mark.parametrize("way", ["said", "left"])
async def test_settings_are_erased_with_their_server(database: Database, way: str) -> None:
    settings, now = WorkspaceSettings(database), datetime.now(UTC)
    await settings.change(SERVER, lambda _: {"brand": "zebra"})
    await settings.change(OTHER, lambda _: {"brand": "okapi"})
    if way == "said":
        await Workspaces(database).forget(SERVER)
    else:
        await Retention(database).record_removal(SERVER, now=now)
        await Retention(database).delete_expired(now=now + LEFT_RETENTION - timedelta(hours=1))
        assert await settings.get(SERVER) == {"brand": "zebra"}, "not before"
        await Retention(database).delete_expired(now=now + LEFT_RETENTION + timedelta(hours=1))
    assert await settings.get(SERVER) == {}
    assert await settings.get(OTHER) == {"brand": "okapi"}
    assert guild(SERVER) not in await load_values(database)
    begin_work(now)
    with pytest.raises(ForgottenError):
        await settings.change(SERVER, lambda _: {"brand": "zebra"})
    begun_at.set(None)
    await settings.change(SERVER, lambda _: {"brand": "quagga"})
    assert await settings.get(SERVER) == {"brand": "quagga"}, "what is begun anew is kept"


async def test_settings_moved_to_another_server_are_unreadable_and_reported(database: Database) -> None:
    settings, table = WorkspaceSettings(database), tables.workspace_settings
    await settings.change(SERVER, lambda _: {"brand": "zebra"})
    await settings.change(OTHER, lambda _: {})
    assert not await settings.is_damaged(OTHER)
    async with database.write() as connection:
        sealed = await connection.scalar(sa.select(table.c.sealed).where(table.c.owner_id == guild(SERVER)))
        await connection.execute(sa.update(table).where(table.c.owner_id == guild(OTHER)).values(sealed=sealed))
    assert await settings.get(OTHER) == {}
    assert await settings.is_damaged(OTHER)
    assert not await settings.is_damaged(SERVER)
    assert await owner_rows.count_damaged_by_table(database) == {"workspace_settings": 1}
    seen: list[object] = []
    await settings.change(OTHER, lambda known: (seen.append(known), {**known, "step": "roles"})[1])
    assert seen == [{}], "nobody makes a moved row readable by changing it"
    assert await settings.get(OTHER) == {"step": "roles"}
    assert not await settings.is_damaged(OTHER)
