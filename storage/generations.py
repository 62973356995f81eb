"""Users' results, with the requests that led to them, and the votes on results."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Row,
    bindparam,
    case,
    delete,
    exists,
    func,
    select,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from . import tables, usage
from .crypto import OwnerKey
from .damage import log_damaged_row, open_or_none
from .database import Database
from .errors import DamagedError, StorageError
from .owned_items import select_with_keys
from .shielding import shield_methods
from .statements import insert_or_replace, insert_or_update, to_utc
from .usage import EngineUsage


@dataclass(frozen=True, slots=True)
class Generation:
    """A result with its request; with an empty `kind`, a request that still waits for an answer of the user.

    `parent_id` is the result that this one is a version of. `profile` and `brand` are the ids of those in use, empty for the
    user's first profile and for no brand. `request`, `parts`, `checks`, `written` (what the model wrote) and `why` (what shaped
    the result) are JSON values whose schemas are the callers'.
    """

    id: str
    user_id: str
    kind: str
    request: dict[str, Any]
    text: str
    parts: dict[str, Any]
    checks: list[dict[str, Any]]
    persona: str
    engine: str
    seed: int
    seconds: float
    parent_id: str | None = None
    guild_id: str | None = None
    channel_id: str | None = None
    profile: str = ""
    brand: str = ""
    written: dict[str, Any] = field(default_factory=dict)
    why: dict[str, Any] = field(default_factory=dict)
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Vote:
    """A user's vote on one of their results; `details` are JSON whose schema is the caller's."""

    generation_id: str
    voted_at: datetime
    details: dict[str, Any]


# A file that a result was made from is stored with a user's newest results, for some days, so that they can be regenerated.
MAX_RESULTS_WITH_MATERIAL, MATERIAL_RETENTION_DAYS = 20, 7
# A smaller result is not worth removing its material.
_MIN_LARGE_BYTES = 8000
# How many results lose their material when one is added: those that have just ceased to be among the newest.
_MAX_DROPPED_MATERIALS = 3
_BATCH = 500
_MAX_VERSIONS = 60
_COLUMNS = ("user_id", "parent_id", "guild_id", "channel_id", "profile", "kind", "created_at")
# Built once, because building a query takes longer than running it.
_ID_QUERY = select(tables.generations.c.id).where(tables.generations.c.id == bindparam("id"))
# The bytes of all results of a :person, and the number of those besides the :newest.
_TOTALS_QUERY = select(
    func.sum(func.length(tables.generations.c.sealed)).label("size"),
    func.sum(
        case(((tables.generations.c.id != bindparam("newest")) & (tables.generations.c.kind != ""), 1), else_=0)
    ).label("others"),
).where(tables.generations.c.user_id == bindparam("person"))
_SEALED_FIELDS = (
    "request",
    "text",
    "parts",
    "checks",
    "persona",
    "engine",
    "seed",
    "seconds",
    "brand",
    "written",
    "why",
)


@shield_methods
class Generations:
    """Results by id. Visible to their owner and to users in the channel they were posted in."""

    def __init__(self, database: Database, max_bytes: int = 0) -> None:
        """`max_bytes` is the maximum stored per user, 0 for unlimited."""
        self._database, self._max_bytes = database, max_bytes

    async def add(self, generation: Generation, usages: Sequence[EngineUsage] = ()) -> bool:
        """Store a result, replacing one with the same id; return whether it is the user's only result.

        `usages` are counted the first time that the id is stored. If the user's results are larger than the
        maximum, the oldest are deleted: first those without a vote, star, acceptance or collection.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the id belongs to another user's result.
        """
        table = tables.generations
        values = {name: getattr(generation, name) for name in _COLUMNS}
        fields = {name: getattr(generation, name) for name in _SEALED_FIELDS}
        async with self._database.write() as connection:
            key = await self._database.owners.require_key(connection, generation.user_id)
            values["sealed"] = key.seal(fields, tables.build_purpose(table, {"id": generation.id, **values}))
            values["material"] = bool(generation.request.get("material"))
            values["shelf"] = None  # So that the search indexes the new text.
            if generation.parent_id:
                # Locked, so that the parent is not deleted before this row refers to it.
                is_parent = (table.c.id == generation.parent_id) & (table.c.user_id == generation.user_id)
                if not await connection.scalar(select(table.c.id).where(is_parent).with_for_update(read=True)):
                    values["parent_id"] = None  # It was deleted in the meantime.
            values["id"] = generation.id
            is_new = usages and not await connection.scalar(_ID_QUERY, {"id": generation.id})
            result = await connection.execute(insert_or_replace(connection, table, tuple(values), "user_id"), values)
            if not result.rowcount:
                raise StorageError("A result with that ID already exists and belongs to somebody else.")
            if is_new:
                failed = [str(check["id"]) for check in generation.checks if not check.get("passed", True)]
                await usage.add_usage(connection, generation.guild_id or "", generation.user_id, usages, failed)
            if values["material"]:
                await self._drop_material(connection, key, generation.user_id)
            parameters = {"person": generation.user_id, "newest": generation.id}
            totals = (await connection.execute(_TOTALS_QUERY, parameters)).one()
            if self._max_bytes and totals.size > self._max_bytes:
                await self._delete_oldest(connection, generation, totals.size)
            return not totals.others

    async def _delete_oldest(self, connection: AsyncConnection, newest: Generation, total_bytes: int) -> None:
        """Delete a user's oldest results, of `total_bytes`, until the others are no larger than the maximum."""
        table, votes = tables.generations, tables.feedback
        condition = table.c.user_id == newest.user_id
        size = func.length(table.c.sealed)
        has_vote = exists().where(votes.c.generation_id == table.c.id, votes.c.user_id == newest.user_id)
        is_valued = has_vote | table.c.star | table.c.accepted | table.c.collection_id.is_not(None)
        oldest = select(table.c.id, size.label("size")).where(condition, table.c.id != newest.id)
        deleted_ids: list[str] = []
        for row in await connection.execute(oldest.order_by(is_valued, table.c.created_at, table.c.id)):
            if total_bytes <= self._max_bytes:
                break
            deleted_ids.append(row.id)
            total_bytes -= row.size
        for start in range(0, len(deleted_ids), _BATCH):
            await connection.execute(
                delete(table).where(condition, table.c.id.in_(deleted_ids[start : start + _BATCH]))
            )

    async def _drop_material(self, connection: AsyncConnection, key: OwnerKey, user_id: str) -> None:
        """Remove the material of results that are no longer among the newest; None marks that there was some."""
        table = tables.generations
        is_large = func.length(table.c.sealed) > _MIN_LARGE_BYTES
        query = (
            select(table)
            .where(table.c.user_id == user_id, table.c.material, is_large)
            .order_by(table.c.created_at.desc(), table.c.id.desc())
            .offset(MAX_RESULTS_WITH_MATERIAL)
            .limit(_MAX_DROPPED_MATERIALS)
        )
        for row in (await connection.execute(query)).all():
            purpose = tables.build_purpose(table, row._mapping)
            try:
                fields = key.open(row.sealed, purpose)
            except DamagedError:
                continue  # It stays unreadable.
            if not fields["request"].get("material"):
                continue
            fields["request"]["material"] = None
            values = {"sealed": key.seal(fields, purpose), "material": False}
            await connection.execute(update(table).where(table.c.id == row.id).values(values))

    async def drop_old_material(self, before: datetime) -> int:
        """Remove the material of all results created before a time; return the number of results changed."""
        table, dropped_count = tables.generations, 0
        query = select_with_keys(tables.generations).where(table.c.material, table.c.created_at < before).limit(_BATCH)
        while True:
            async with self._database.write() as connection:
                rows = (await connection.execute(query)).all()
                for row in rows:
                    values: dict[str, Any] = {"material": False}
                    key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
                    purpose = tables.build_purpose(table, row._mapping)
                    fields = open_or_none(key, row.sealed, purpose)
                    if fields and fields["request"].get("material"):
                        fields["request"]["material"] = None
                        values["sealed"] = key.seal(fields, purpose)
                        dropped_count += 1
                    await connection.execute(update(table).where(table.c.id == row.id).values(values))
            if len(rows) < _BATCH:
                return dropped_count

    async def get(self, generation_id: str, user_id: str, channel_id: str = "") -> Generation | None:
        """Return a result that is the user's or was posted in the channel; otherwise None.

        Raises:
            DamagedError: the row cannot be decrypted.
        """
        query = select_with_keys(tables.generations).where(
            tables.generations.c.id == generation_id, _is_visible(user_id, channel_id)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return self._open_row(row) if row else None

    def _open_row(self, row: Row[Any]) -> Generation:
        key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        values = {name: getattr(row, name) for name in _COLUMNS}
        values["created_at"] = to_utc(row.created_at)
        return Generation(
            id=row.id, **values, **key.open(row.sealed, tables.build_purpose(tables.generations, row._mapping))
        )

    def _open_or_none(self, row: Row[Any]) -> Generation | None:
        try:
            return self._open_row(row)
        except DamagedError:
            log_damaged_row(tables.build_purpose(tables.generations, row._mapping))
            return None

    async def count_results_and_votes(self, user_id: str) -> tuple[int, int]:
        """Return the numbers of a user's results and votes."""
        results, votes = tables.generations, tables.feedback
        result_count = (
            select(func.count()).select_from(results).where(results.c.user_id == user_id, results.c.kind != "")
        )
        vote_count = select(func.count()).select_from(votes).where(votes.c.user_id == user_id)
        query = select(result_count.scalar_subquery().label("results"), vote_count.scalar_subquery().label("votes"))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one()
            return int(row.results), int(row.votes)

    async def record_vote(
        self,
        generation_id: str,
        user_id: str,
        vote: int,
        channel_id: str = "",
        *,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Store a user's vote on a result that is theirs or was posted in the channel; it replaces an earlier one.

        A vote is 1 for liked and -1 for disliked; 0 withdraws it. `details` are JSON that `list_votes` returns; only for votes
        on the user's own results.

        Raises:
            PausedError: the user has paused storage.
            StorageError: there is no such result.
        """
        table, results = tables.feedback, tables.generations
        async with self._database.write(f"vote {generation_id} {user_id}") as connection:
            if not vote:
                condition = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(condition))
                await usage.update_acceptance(connection, generation_id)
                return
            query = select(results.c.kind, results.c.user_id, results.c.profile)
            query = query.where(results.c.id == generation_id, _is_visible(user_id, channel_id))
            result = (await connection.execute(query)).one_or_none()
            if result is None:
                raise StorageError("I no longer have that result.")
            key = await self._database.owners.require_key(connection, user_id)
            # Other users' votes do not depend on the owner's profiles.
            profile = result.profile if result.user_id == user_id else ""
            values = {"vote": vote, "kind": result.kind, "profile": profile, "sealed": None}
            values["updated_at"] = datetime.now(UTC)
            if details is not None:
                values["sealed"] = key.seal(dict(details), f"feedback/{generation_id}")
            row_id = {"generation_id": generation_id, "user_id": user_id}
            await connection.execute(insert_or_update(connection, table, row_id, values))
            await usage.update_acceptance(connection, generation_id)

    async def list_votes(
        self, user_id: str, kind: str, limits: Mapping[int, int], profile: str = ""
    ) -> dict[int, list[Vote]]:
        """Return a user's newest votes with details by value, newest first; `limits` are the numbers of votes by value.

        Only votes on results of a kind that were made with a profile, by its id.
        """
        query = _build_votes_query(tuple(limits.items()))
        votes_by_value: dict[int, list[Vote]] = {value: [] for value in limits}
        async with self._database.read() as connection:
            rows = (await connection.execute(query, {"person": user_id, "profile": profile, "kind": kind})).all()
            key = await self._database.owners.find_key(connection, user_id) if rows else None
        if key is None:
            return votes_by_value
        for row in rows:
            if (details := open_or_none(key, row.sealed, f"feedback/{row.generation_id}")) is not None:
                votes_by_value[row.vote].append(Vote(row.generation_id, to_utc(row.updated_at), details))
        for votes in votes_by_value.values():
            votes.sort(key=lambda vote: vote.voted_at, reverse=True)
        return votes_by_value

    async def list_liked(self, user_id: str, limit: int) -> list[Generation]:
        """List a user's newest liked results, the most recently liked first."""
        table, votes = tables.generations, tables.feedback
        is_liked = (votes.c.generation_id == table.c.id) & (votes.c.user_id == user_id) & (votes.c.vote == 1)
        query = (
            select_with_keys(tables.generations)
            .join(votes, is_liked)
            .where(table.c.user_id == user_id, table.c.kind != "")
        )
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(votes.c.updated_at.desc()).limit(limit))).all()
        return [generation for row in rows if (generation := self._open_or_none(row)) is not None]

    async def list_latest(self, user_id: str, limit: int = 1, *, includes_questions: bool = False) -> list[Generation]:
        """List a user's newest results, newest first, optionally with requests that wait for an answer."""
        table = tables.generations
        query = select_with_keys(tables.generations).where(table.c.user_id == user_id)
        if not includes_questions:
            query = query.where(table.c.kind != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(table.c.created_at.desc()).limit(limit))).all()
        return [generation for row in rows if (generation := self._open_or_none(row)) is not None]

    async def list_versions(self, user_id: str, generation_id: str) -> list[Generation]:
        """List the versions of a user's result, oldest first: its earliest ancestor and all that descend from it.

        At most _MAX_VERSIONS, the ones nearest to that ancestor.
        """
        table = tables.generations
        condition = (table.c.user_id == user_id) & (table.c.kind != "")
        async with self._database.read() as connection:
            root_id: str | None = generation_id
            for _ in range(_MAX_VERSIONS):
                parent_id = await connection.scalar(select(table.c.parent_id).where(condition, table.c.id == root_id))
                if parent_id is None:
                    break
                root_id = parent_id
            version_ids, parent_ids = {root_id}, [root_id]
            while parent_ids and len(version_ids) < _MAX_VERSIONS:
                query = (
                    select(table.c.id).where(condition, table.c.parent_id.in_(parent_ids)).order_by(table.c.created_at)
                )
                child_ids = [child_id for child_id in await connection.scalars(query) if child_id not in version_ids]
                parent_ids = child_ids[: _MAX_VERSIONS - len(version_ids)]
                version_ids.update(parent_ids)
            versions = select_with_keys(tables.generations).where(condition, table.c.id.in_(version_ids))
            rows = (await connection.execute(versions.order_by(table.c.created_at, table.c.id))).all()
        return [generation for row in rows if (generation := self._open_or_none(row)) is not None]

    async def set_vote_reasons(self, generation_id: str, user_id: str, reasons: Sequence[str]) -> None:
        """Store the reasons of a user's vote, if there is one."""
        table = tables.feedback
        async with self._database.write(f"vote {generation_id} {user_id}") as connection:
            condition = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
            row = (await connection.execute(select(table.c.sealed).where(condition))).one_or_none()
            if row is None:
                return
            key = await self._database.owners.require_key(connection, user_id)
            purpose = f"feedback/{generation_id}"
            details = (open_or_none(key, row.sealed, purpose) if row.sealed else None) or {}
            sealed = key.seal({**details, "reasons": list(reasons)}, purpose)
            await connection.execute(update(table).where(condition).values(sealed=sealed))

    async def get_vote(self, generation_id: str, user_id: str) -> int:
        """Return a user's vote on a result, 0 if there is none."""
        table = tables.feedback
        condition = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
        async with self._database.read() as connection:
            return await connection.scalar(select(table.c.vote).where(condition)) or 0


def _is_visible(user_id: str, channel_id: str) -> ColumnElement[bool]:
    """Return the condition for a user's own results and those posted in the channel."""
    table = tables.generations
    is_owned = table.c.user_id == user_id
    return is_owned | (table.c.channel_id == channel_id) if channel_id else is_owned


@functools.cache
def _build_votes_query(limits: tuple[tuple[int, int], ...]) -> CompoundSelect[Any]:
    """Select the newest votes of a :person on results of a :kind with a :profile; `limits` are pairs of value and number.

    Cached, because building a query takes longer than running it.
    """
    table = tables.feedback
    is_of_profile = (table.c.user_id == bindparam("person")) & (table.c.profile == bindparam("profile"))
    condition = is_of_profile & (table.c.kind == bindparam("kind")) & table.c.sealed.is_not(None)
    query = select(table.c.vote, table.c.generation_id, table.c.updated_at, table.c.sealed).where(condition)
    newest = query.order_by(table.c.updated_at.desc())
    return union_all(*(select(newest.where(table.c.vote == value).limit(limit).subquery()) for value, limit in limits))
