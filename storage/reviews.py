"""Versions of a workspace's assets and the state of their reviews: changed only from the expected state, so that one
change wins.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables
from .assets import DRAFT, SUBMITTED
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .shielding import shield_methods
from .statements import to_utc

MAX_VERSIONS = 200
# The roles of a mark.
APPROVED_BY, ASKED_BY, ASSIGNED_TO = "approved", "asked", "assigned"
_SEALED = ("title", "text", "parts", "request", "checks")


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """What a person is to a review: they have approved a `version`, asked for changes of it in `words`, or are assigned."""

    user_id: str
    act: str
    version: int
    roles: tuple[str, ...] = ()
    words: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class ReviewedAsset:
    """An asset with its review. `given_by` gave it to the workspace, `made_by` the version that holds; both unless forgotten.

    Its review is shown in the channel `shown_in`, as the message `shown_as`, and where it stands elsewhere than reviews are shown
    in the channel `also_in` as the message `also_as` too.
    """

    id: str
    owner_id: str
    kind: str
    title: str
    text: str
    parts: dict[str, Any]
    request: dict[str, Any]
    checks: list[dict[str, Any]]
    status: str
    version: int
    given_by: str | None
    made_by: str | None
    source_id: str | None
    shown_in: str | None
    shown_as: str | None
    also_in: str | None
    also_as: str | None
    created_at: datetime
    brand: str
    marks: tuple[ReviewMark, ...] = ()


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """A version of an asset, with who made it unless they were forgotten."""

    number: int
    title: str
    text: str
    made_by: str | None
    at: datetime


# An asset's status and version when it was read.
AssetState = tuple[str, int]


@shield_methods
class Reviews:
    """Reviews of workspaces' assets. Callers check permissions while holding `claim`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, owner_id: str, asset_id: str) -> ReviewedAsset | None:
        """Return an asset with its review; None if there is none that can be read."""
        table, marks = tables.assets, tables.review_marks
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            query = select(table).where(table.c.id == asset_id, tables.belongs_to(table, owner_id))
            row = (await connection.execute(query)).one_or_none() if key else None
            if key is None or row is None:
                return None
            whole = open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping))
            if whole is None:
                return None
            of_it = select(marks).where(marks.c.asset_id == asset_id).order_by(marks.c.created_at, marks.c.user_id)
            found = [_open_mark(key, one) for one in await connection.execute(of_it)]
            made_by = await self._find_maker(connection, asset_id, row.version, row.given_by)
        same = (
            "id",
            "owner_id",
            "kind",
            "status",
            "version",
            "given_by",
            "source_id",
            "shown_in",
            "shown_as",
            "also_in",
            "also_as",
            "brand",
        )
        return ReviewedAsset(
            **{name: getattr(row, name) for name in same},
            **{name: whole[name] for name in _SEALED if name != "title"},
            created_at=to_utc(row.created_at),
            title=whole.get("title", ""),
            made_by=made_by,
            marks=tuple(filter(None, found)),
        )

    async def set_status(
        self, owner_id: str, asset_id: str, before: AssetState, status: str, marks: Sequence[ReviewMark]
    ) -> bool:
        """Set an asset's status and marks if its state is still `before`; return whether it was.

        Raises:
            PausedError: a named user has paused storage.
        """
        async with self._database.write(build_asset_claim(asset_id)) as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            result = await self._update_if_unchanged(connection, owner_id, asset_id, before, {"status": status})
            if result:
                await self._set_marks(connection, key, owner_id, asset_id, marks)
        return result

    async def add_version(
        self,
        owner_id: str,
        asset_id: str,
        before: AssetState,
        by: str,
        whole: Mapping[str, Any],
        marks: Sequence[ReviewMark],
    ) -> bool:
        """Add the next version of an asset, as a draft, if its state is still `before`; return whether it was.

        Raises:
            PausedError: the author of the version has paused storage.
            StorageError: the asset has the maximum number of versions.
        """
        table, versions = tables.assets, tables.asset_versions
        async with self._database.write(build_asset_claim(asset_id)) as connection:
            await self._database.owners.require_key(connection, by)
            key = await self._database.owners.require_key(connection, owner_id)
            condition = versions.c.asset_id == asset_id
            if int(await connection.scalar(select(func.count()).where(condition)) or 0) >= MAX_VERSIONS:
                raise StorageError(
                    "I keep up to {most} versions of a text. Save this one as a new text.", most=MAX_VERSIONS
                )
            query = select(table).where(table.c.id == asset_id, tables.belongs_to(table, owner_id))
            row = (await connection.execute(query)).one_or_none()
            if row is None or (row.status, row.version) != before:
                return False
            purpose = tables.build_purpose(table, row._mapping)
            known = key.open(row.sealed, purpose)
            fresh = {**known, **{name: whole[name] for name in _SEALED if name in whole}}
            values = {
                "sealed": key.seal(fresh, purpose),
                "version": row.version + 1,
                "status": DRAFT,
                "kind": whole.get("kind", row.kind),
                "shelf": None,  # It is found by other words now.
            }
            if not await self._update_if_unchanged(connection, owner_id, asset_id, before, values):
                return False
            if row.version == 1:
                await _add_version(connection, key, owner_id, asset_id, 1, row.given_by, to_utc(row.created_at), known)
            await _add_version(connection, key, owner_id, asset_id, row.version + 1, by, datetime.now(UTC), fresh)
            await self._set_marks(connection, key, owner_id, asset_id, marks)
        return True

    async def list_versions(self, owner_id: str, asset_id: str) -> list[AssetVersion]:
        """List all versions of a changed asset, the oldest first; none of an unchanged one."""
        table = tables.asset_versions
        found = []
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            condition = (table.c.asset_id == asset_id) & (table.c.owner_id == owner_id)
            for row in await connection.execute(select(table).where(condition).order_by(table.c.version)):
                whole = open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping)) if key else None
                if whole is not None and row.id == _build_version_id(asset_id, row.version):
                    found.append(
                        AssetVersion(
                            row.version, whole.get("title", ""), whole["text"], row.given_by, to_utc(row.created_at)
                        )
                    )
        return found

    async def set_review_message(
        self, owner_id: str, asset_id: str, channel: str, message: str, *, also: bool = False
    ) -> None:
        """Notes in which message an asset's review is shown, or shown `also`."""
        table = tables.assets
        values = {"also_in": channel, "also_as": message} if also else {"shown_in": channel, "shown_as": message}
        async with self._database.write(build_asset_claim(asset_id)) as connection:
            condition = (table.c.id == asset_id) & tables.belongs_to(table, owner_id)
            await connection.execute(update(table).where(condition).values(values))

    async def list_open(self, owner_id: str, limit: int) -> list[str]:
        """The ids of so many assets at most that are under review, or drafts that somebody was assigned or asked to change."""
        table, marks = tables.assets, tables.review_marks
        marked = select(marks.c.asset_id).where(marks.c.owner_id == owner_id, marks.c.act.in_((ASKED_BY, ASSIGNED_TO)))
        which = (table.c.status == SUBMITTED) | ((table.c.status == DRAFT) & table.c.id.in_(marked))
        query = select(table.c.id).where(table.c.owner_id == owner_id, which).order_by(table.c.updated_at).limit(limit)
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def list_shown(self, owner_id: str, statuses: Sequence[str], limit: int) -> list[str]:
        """The ids of so many assets at most of some statuses whose review a message shows, those changed last in front."""
        table = tables.assets
        which = (table.c.owner_id == owner_id) & table.c.status.in_(statuses) & table.c.shown_as.is_not(None)
        async with self._database.read() as connection:
            newest = select(table.c.id).where(which).order_by(table.c.updated_at.desc()).limit(limit)
            return list(await connection.scalars(newest))

    async def find_by_message(self, owner_id: str, message_ids: Sequence[str]) -> str | None:
        """Return the id of the asset whose review one of some messages shows; None if none does."""
        table = tables.assets
        shows = table.c.shown_as.in_(message_ids) | table.c.also_as.in_(message_ids)
        query = select(table.c.id).where(table.c.owner_id == owner_id, shows).limit(1)
        async with self._database.read() as connection:
            found: str | None = await connection.scalar(query)
        return found

    async def _update_if_unchanged(
        self, connection: AsyncConnection, owner_id: str, asset_id: str, before: AssetState, values: Mapping[str, Any]
    ) -> bool:
        table, (status, version) = tables.assets, before
        condition = (
            table.c.id == asset_id,
            tables.belongs_to(table, owner_id),
            table.c.status == status,
            table.c.version == version,
        )
        changed = {**values, "updated_at": datetime.now(UTC)}
        return bool((await connection.execute(update(table).where(*condition).values(changed))).rowcount)

    async def _set_marks(
        self, connection: AsyncConnection, key: OwnerKey, owner_id: str, asset_id: str, marks: Sequence[ReviewMark]
    ) -> None:
        table = tables.review_marks
        await connection.execute(delete(table).where(table.c.asset_id == asset_id))
        for mark in marks:
            await self._database.owners.ensure_key(connection, mark.user_id)
            row = {
                "asset_id": asset_id,
                "user_id": mark.user_id,
                "act": mark.act,
                "owner_id": owner_id,
                "version": mark.version,
                "created_at": mark.at,
            }
            fields = {"roles": list(mark.roles), "words": mark.words}
            sealed = key.seal(fields, tables.build_purpose(table, row))
            await connection.execute(table.insert().values(**row, sealed=sealed))

    async def _find_maker(
        self, connection: AsyncConnection, asset_id: str, version: int, given_by: str | None
    ) -> str | None:
        if version == 1:
            return given_by
        table = tables.asset_versions
        found: str | None = await connection.scalar(
            select(table.c.given_by).where(table.c.id == _build_version_id(asset_id, version))
        )
        return found


def build_asset_claim(asset_id: str) -> str:
    """Return the claim of a transaction that reads and changes the state of an asset."""
    return f"asset {asset_id}"


def _build_version_id(asset_id: str, version: int) -> str:
    return f"{asset_id}-{version}"


async def _add_version(
    connection: AsyncConnection,
    key: OwnerKey,
    owner_id: str,
    asset_id: str,
    version: int,
    by: str | None,
    at: datetime,
    whole: Mapping[str, Any],
) -> None:
    table = tables.asset_versions
    row = {
        "id": _build_version_id(asset_id, version),
        "owner_id": owner_id,
        "asset_id": asset_id,
        "version": version,
        "created_at": at,
        "given_by": by,
    }
    sealed = key.seal(dict(whole), tables.build_purpose(table, row))
    await connection.execute(table.insert().values(**row, sealed=sealed))


def _open_mark(key: OwnerKey, row: Any) -> ReviewMark | None:
    whole = open_or_none(key, row.sealed, tables.build_purpose(tables.review_marks, row._mapping))
    if whole is None:
        return None
    return ReviewMark(row.user_id, row.act, row.version, tuple(whole["roles"]), whole["words"], to_utc(row.created_at))
