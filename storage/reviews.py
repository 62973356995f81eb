"""Versions of a workspace's assets and the state of their reviews.

A change applies only if the state is as the caller expects, so of two concurrent changes one fails.
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
from .byte_limits import UNLIMITED, ByteLimits, require_room
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .shielding import shield_methods
from .statements import to_utc

MAX_VERSIONS = 200
# The kinds of marks.
APPROVED_BY, ASKED_BY, ASSIGNED_TO = "approved", "asked", "assigned"
_SEALED_FIELDS = ("title", "text", "parts", "request", "checks", "to_check")


@dataclass(frozen=True, slots=True)
class ReviewMark:
    """A user's part in a review: they approved `version` (with `roles`), requested changes to it (in `words`), or are assigned
    to it.
    """

    user_id: str
    kind: str
    version: int
    roles: tuple[str, ...] = ()
    words: str = ""
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class ReviewedAsset:
    """An asset with its review.

    `given_by` added it to the workspace, `author_id` wrote the current version; None once their data is deleted. `to_check` is the
    writer's caveat about that version. The review's message is `message_id` in `channel_id`. If that is not the review channel,
    `second_message_id` in `second_channel_id` shows it there too.
    """

    id: str
    owner_id: str
    kind: str
    title: str
    text: str
    parts: dict[str, Any]
    request: dict[str, Any]
    checks: list[dict[str, Any]]
    to_check: str
    status: str
    version: int
    given_by: str | None
    author_id: str | None
    source_id: str | None
    channel_id: str | None
    message_id: str | None
    second_channel_id: str | None
    second_message_id: str | None
    created_at: datetime
    brand: str
    marks: tuple[ReviewMark, ...] = ()


@dataclass(frozen=True, slots=True)
class AssetVersion:
    """A version of an asset. `author_id` is None once that user's data is deleted."""

    number: int
    title: str
    text: str
    author_id: str | None
    created_at: datetime


# An asset's status and version when it was read.
AssetState = tuple[str, int]


@shield_methods
class Reviews:
    """Reviews of workspaces' assets. Callers check permissions in a transaction with the lock `build_asset_lock_name`."""

    def __init__(self, database: Database, byte_limits: ByteLimits = UNLIMITED) -> None:
        self._database, self._byte_limits = database, byte_limits

    async def get(self, owner_id: str, asset_id: str) -> ReviewedAsset | None:
        """Return an asset with its review; None if it does not exist or cannot be decrypted."""
        table, marks = tables.assets, tables.review_marks
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            query = select(table).where(table.c.id == asset_id, tables.belongs_to(table, owner_id))
            row = (await connection.execute(query)).one_or_none() if key else None
            if key is None or row is None:
                return None
            fields = open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping))
            if fields is None:
                return None
            marks_query = select(marks).where(marks.c.asset_id == asset_id)
            mark_rows = await connection.execute(marks_query.order_by(marks.c.created_at, marks.c.user_id))
            readable_marks = tuple(filter(None, [_open_mark(key, mark_row) for mark_row in mark_rows]))
            author_id = await self._find_author(connection, asset_id, row.version, row.given_by)
        columns = ("id", "owner_id", "kind", "status", "version", "given_by", "source_id", "brand")
        return ReviewedAsset(
            **{name: getattr(row, name) for name in columns},
            **{"to_check": "", "title": ""} | {name: fields[name] for name in _SEALED_FIELDS if name in fields},
            channel_id=row.shown_in,
            message_id=row.shown_as,
            second_channel_id=row.also_in,
            second_message_id=row.also_as,
            created_at=to_utc(row.created_at),
            author_id=author_id,
            marks=readable_marks,
        )

    async def set_status(
        self, owner_id: str, asset_id: str, expected: AssetState, status: str, marks: Sequence[ReviewMark]
    ) -> bool:
        """Set an asset's status and marks if its state is as `expected`; return whether it was changed.

        Raises:
            ForgottenError: the workspace or a user in `marks` was forgotten after the current work began.
        """
        async with self._database.write(build_asset_lock_name(asset_id)) as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            is_changed = await self._update_if_unchanged(connection, owner_id, asset_id, expected, {"status": status})
            if is_changed:
                await self._set_marks(connection, key, owner_id, asset_id, marks)
        return is_changed

    async def add_version(
        self,
        owner_id: str,
        asset_id: str,
        expected: AssetState,
        author_id: str,
        fields: Mapping[str, Any],
        marks: Sequence[ReviewMark],
    ) -> bool:
        """Add the next version of an asset, as a draft, if its state is as `expected`; return whether it was added.

        Raises:
            DamagedError: the current version cannot be decrypted.
            PausedError: the author of the version has paused storage.
            StorageError: the asset has the maximum number of versions, or the workspace the maximum number of bytes.
        """
        table = tables.assets
        async with self._database.write(build_asset_lock_name(asset_id)) as connection:
            await self._database.owners.require_key(connection, author_id)
            key = await self._database.owners.require_key(connection, owner_id)
            await _require_version_left(connection, asset_id)
            query = select(table).where(table.c.id == asset_id, tables.belongs_to(table, owner_id))
            row = (await connection.execute(query)).one_or_none()
            if row is None or (row.status, row.version) != expected:
                return False
            purpose = tables.build_purpose(table, row._mapping)
            old_fields = key.open(row.sealed, purpose)
            new_fields = {**old_fields, **{name: fields[name] for name in _SEALED_FIELDS if name in fields}}
            sealed = key.seal(new_fields, purpose)
            # The first version is stored as one only now.
            added_bytes = len(sealed) + (len(row.sealed) if row.version == 1 else 0)
            await require_room(connection, owner_id, added_bytes, self._byte_limits)
            values = {
                "sealed": sealed,
                "version": row.version + 1,
                "status": DRAFT,
                "kind": fields.get("kind", row.kind),
                "shelf": None,  # So that the search indexes the new text.
            }
            if not await self._update_if_unchanged(connection, owner_id, asset_id, expected, values):
                return False
            if row.version == 1:
                await _add_version(
                    connection, key, owner_id, asset_id, 1, row.given_by, to_utc(row.created_at), old_fields
                )
            await _add_version(
                connection, key, owner_id, asset_id, row.version + 1, author_id, datetime.now(UTC), new_fields
            )
            await self._set_marks(connection, key, owner_id, asset_id, marks)
        return True

    async def list_versions(self, owner_id: str, asset_id: str) -> list[AssetVersion]:
        """List all versions of an asset, oldest first; an asset that was never changed has none."""
        table = tables.asset_versions
        asset_versions = []
        async with self._database.read() as connection:
            key = await self._database.owners.find_key(connection, owner_id)
            condition = (table.c.asset_id == asset_id) & (table.c.owner_id == owner_id)
            for row in await connection.execute(select(table).where(condition).order_by(table.c.version)):
                fields = open_or_none(key, row.sealed, tables.build_purpose(table, row._mapping)) if key else None
                if fields is not None and row.id == _build_version_id(asset_id, row.version):
                    asset_versions.append(
                        AssetVersion(
                            row.version, fields.get("title", ""), fields["text"], row.given_by, to_utc(row.created_at)
                        )
                    )
        return asset_versions

    async def set_review_message(
        self, owner_id: str, asset_id: str, channel_id: str, message_id: str, *, is_additional: bool = False
    ) -> None:
        """Store the message that shows an asset's review; with `is_additional`, as its second message."""
        table = tables.assets
        channel_column, message_column = ("also_in", "also_as") if is_additional else ("shown_in", "shown_as")
        values = {channel_column: channel_id, message_column: message_id}
        async with self._database.write(build_asset_lock_name(asset_id)) as connection:
            condition = (table.c.id == asset_id) & tables.belongs_to(table, owner_id)
            await connection.execute(update(table).where(condition).values(values))

    async def list_open(self, owner_id: str, limit: int) -> list[str]:
        """Return the ids of up to `limit` assets that are under review, or are drafts with an assignee or a change request, least
        recently updated first.
        """
        table, marks = tables.assets, tables.review_marks
        marked_ids = select(marks.c.asset_id).where(
            marks.c.owner_id == owner_id, marks.c.act.in_((ASKED_BY, ASSIGNED_TO))
        )
        condition = (table.c.status == SUBMITTED) | ((table.c.status == DRAFT) & table.c.id.in_(marked_ids))
        query = (
            select(table.c.id).where(table.c.owner_id == owner_id, condition).order_by(table.c.updated_at).limit(limit)
        )
        async with self._database.read() as connection:
            return list(await connection.scalars(query))

    async def list_posted(self, owner_id: str, statuses: Sequence[str], limit: int) -> list[str]:
        """Return the ids of up to `limit` assets with one of the statuses and a review message, most recently updated first."""
        table = tables.assets
        condition = (table.c.owner_id == owner_id) & table.c.status.in_(statuses) & table.c.shown_as.is_not(None)
        async with self._database.read() as connection:
            query = select(table.c.id).where(condition).order_by(table.c.updated_at.desc()).limit(limit)
            return list(await connection.scalars(query))

    async def find_by_message(self, owner_id: str, message_ids: Sequence[str]) -> str | None:
        """Return the id of the asset whose review is shown in any of the messages, or None."""
        table = tables.assets
        condition = table.c.shown_as.in_(message_ids) | table.c.also_as.in_(message_ids)
        query = select(table.c.id).where(table.c.owner_id == owner_id, condition).limit(1)
        async with self._database.read() as connection:
            asset_id: str | None = await connection.scalar(query)
        return asset_id

    async def _update_if_unchanged(
        self, connection: AsyncConnection, owner_id: str, asset_id: str, expected: AssetState, values: Mapping[str, Any]
    ) -> bool:
        table, (expected_status, expected_version) = tables.assets, expected
        condition = (
            table.c.id == asset_id,
            tables.belongs_to(table, owner_id),
            table.c.status == expected_status,
            table.c.version == expected_version,
        )
        statement = update(table).where(*condition).values({**values, "updated_at": datetime.now(UTC)})
        return bool((await connection.execute(statement)).rowcount)

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
                "act": mark.kind,
                "owner_id": owner_id,
                "version": mark.version,
                "created_at": mark.created_at,
            }
            fields = {"roles": list(mark.roles), "words": mark.words}
            sealed = key.seal(fields, tables.build_purpose(table, row))
            await connection.execute(table.insert().values(**row, sealed=sealed))

    async def _find_author(
        self, connection: AsyncConnection, asset_id: str, version: int, given_by: str | None
    ) -> str | None:
        if version == 1:
            return given_by
        table = tables.asset_versions
        query = select(table.c.given_by).where(table.c.id == _build_version_id(asset_id, version))
        author_id: str | None = await connection.scalar(query)
        return author_id


def build_asset_lock_name(asset_id: str) -> str:
    """Return the name of the lock for transactions that read and change an asset."""
    return f"asset {asset_id}"


def _build_version_id(asset_id: str, version: int) -> str:
    return f"{asset_id}-{version}"


async def _require_version_left(connection: AsyncConnection, asset_id: str) -> None:
    """Raise StorageError if an asset has the maximum number of versions."""
    query = select(func.count()).where(tables.asset_versions.c.asset_id == asset_id)
    if int(await connection.scalar(query) or 0) >= MAX_VERSIONS:
        raise StorageError("I keep up to {most} versions of a text. Save this one as a new text.", most=MAX_VERSIONS)


async def _add_version(
    connection: AsyncConnection,
    key: OwnerKey,
    owner_id: str,
    asset_id: str,
    version: int,
    author_id: str | None,
    created_at: datetime,
    fields: Mapping[str, Any],
) -> None:
    table = tables.asset_versions
    row = {
        "id": _build_version_id(asset_id, version),
        "owner_id": owner_id,
        "asset_id": asset_id,
        "version": version,
        "created_at": created_at,
        "given_by": author_id,
    }
    sealed = key.seal(dict(fields), tables.build_purpose(table, row))
    await connection.execute(table.insert().values(**row, sealed=sealed))


def _open_mark(key: OwnerKey, row: Any) -> ReviewMark | None:
    fields = open_or_none(key, row.sealed, tables.build_purpose(tables.review_marks, row._mapping))
    if fields is None:
        return None
    return ReviewMark(
        row.user_id, row.act, row.version, tuple(fields["roles"]), fields["words"], to_utc(row.created_at)
    )
