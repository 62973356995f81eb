"""Users' results with their requests, and the votes on them."""

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
    Select,
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
from .shielding import shield_methods
from .statements import insert_or_replace, insert_or_update, to_utc
from .usage import EngineUsage


@dataclass(frozen=True, slots=True)
class Generation:
    """A finished result with the request that led to it.

    `parent_id` is the generation that this one was regenerated or changed from. `profile` and `brand` are the ids of those
    that were in use, empty for the owner's first profile and for no brand. `request`, `parts`, `checks`,
    `written` (what the model wrote) and `why` (what shaped it) are JSON values whose form belongs to their makers.
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
    """A vote of a result's owner: when it was given, and what was kept with it, as JSON."""

    generation_id: str
    at: datetime
    about: dict[str, Any]


# The newest large results keep the material that they were made from for so long, so that they can be made again.
MAX_RESULTS_WITH_MATERIAL, MATERIAL_RETENTION_DAYS = 20, 7
# Results of fewer bytes are no larger for their material than others; so many are looked at when one is added.
_LIGHT, _LOOKED_AT = 8000, 3
_BATCH = 500
# Maximum versions of a result that are searched.
_MAX_VERSIONS = 60
_PLAIN = ("user_id", "parent_id", "guild_id", "channel_id", "profile", "kind", "created_at")
# What each request asks, built once, which costs more than asking it: whether an id is known, and how much there is of a
# person's results, and how many beside the newest.
_KNOWN_ID = select(tables.generations.c.id).where(tables.generations.c.id == bindparam("id"))
_KEPT = select(
    func.sum(func.length(tables.generations.c.sealed)).label("size"),
    func.sum(
        case(((tables.generations.c.id != bindparam("newest")) & (tables.generations.c.kind != ""), 1), else_=0)
    ).label("others"),
).where(tables.generations.c.user_id == bindparam("person"))
_SEALED = ("request", "text", "parts", "checks", "persona", "engine", "seed", "seconds", "brand", "written", "why")


@shield_methods
class Generations:
    """Results by id. Visible to their owner and to users in the channel they were posted in."""

    def __init__(self, database: Database, most_bytes: int = 0) -> None:
        """`most_bytes` is the maximum stored per user, 0 for unlimited."""
        self._database, self._most_bytes = database, most_bytes

    async def add(self, generation: Generation, used: Sequence[EngineUsage] = ()) -> bool:
        """Saves a result, and tells whether it is its owner's only one; a request whose kind is asked for is none.

        Saving the same id again replaces it, so a repeated step does no harm. Where there is more of its owner than is kept,
        the oldest results go, those that they have voted on, starred, given or put together last; the material of a file stays
        with the newest results alone. What it took is counted with it, when it is saved for the first time.

        Raises:
            PausedError: its owner has paused storage.
            StorageError: the id belongs to another user's result.
        """
        table = tables.generations
        values = {name: getattr(generation, name) for name in _PLAIN}
        fields = {name: getattr(generation, name) for name in _SEALED}
        async with self._database.write() as connection:
            key = await self._database.owners.require_key(connection, generation.user_id)
            values["sealed"] = key.seal(fields, tables.build_purpose(table, {"id": generation.id, **values}))
            values["material"] = bool(generation.request.get("material"))
            values["shelf"] = None  # Saved again, it may read otherwise than where it stands.
            parent = generation.parent_id
            # Held, so that it is not forgotten between the look and the row that names it.
            condition = table.c.user_id == generation.user_id
            known = select(table.c.id).where(table.c.id == parent, condition).with_for_update(read=True)
            if parent and not await connection.scalar(known):
                values["parent_id"] = None  # It has been deleted in the meantime.
            values["id"] = generation.id
            is_new = used and not await connection.scalar(_KNOWN_ID, {"id": generation.id})
            result = await connection.execute(insert_or_replace(connection, table, tuple(values), "user_id"), values)
            if not result.rowcount:
                raise StorageError("A result with that ID already exists and belongs to somebody else.")
            if is_new:
                failed = [str(check["id"]) for check in generation.checks if not check.get("passed", True)]
                await usage.add_usage(
                    self._database, connection, generation.guild_id or "", generation.user_id, used, failed
                )
            if values["material"]:
                await self._drop_material(connection, key, generation.user_id)
            kept = (await connection.execute(_KEPT, {"person": generation.user_id, "newest": generation.id})).one()
            if self._most_bytes and kept.size > self._most_bytes:
                await self._trim(connection, generation, kept.size)
            return not kept.others

    async def _trim(self, connection: AsyncConnection, newest: Generation, total: int) -> None:
        """Deletes results until those that are left, of `total` bytes, are no more than are kept of a person."""
        table, votes = tables.generations, tables.feedback
        condition = table.c.user_id == newest.user_id
        size = func.length(table.c.sealed)
        voted = exists().where(votes.c.generation_id == table.c.id, votes.c.user_id == newest.user_id)
        wanted = voted | table.c.star | table.c.accepted | table.c.collection_id.is_not(None)
        oldest = select(table.c.id, size.label("size")).where(condition, table.c.id != newest.id)
        deleted_ids: list[str] = []
        for row in await connection.execute(oldest.order_by(wanted, table.c.created_at, table.c.id)):
            if total <= self._most_bytes:
                break
            deleted_ids.append(row.id)
            total -= row.size
        for start in range(0, len(deleted_ids), _BATCH):
            await connection.execute(
                delete(table).where(condition, table.c.id.in_(deleted_ids[start : start + _BATCH]))
            )

    async def _drop_material(self, connection: AsyncConnection, key: OwnerKey, user_id: str) -> None:
        """Remove file material from results that are no longer among the newest; None marks its removal."""
        table = tables.generations
        large = func.length(table.c.sealed) > _LIGHT
        query = select(table).where(table.c.user_id == user_id, table.c.material, large)
        # Those that have just left the newest; those before them were looked at then.
        query = (
            query.order_by(table.c.created_at.desc(), table.c.id.desc())
            .offset(MAX_RESULTS_WITH_MATERIAL)
            .limit(_LOOKED_AT)
        )
        for row in (await connection.execute(query)).all():
            purpose = tables.build_purpose(table, row._mapping)
            try:
                whole = key.open(row.sealed, purpose)
            except DamagedError:
                continue  # The row was tampered with, and stays unreadable.
            if not whole["request"].get("material"):
                continue
            whole["request"]["material"] = None
            values = {"sealed": key.seal(whole, purpose), "material": False}
            await connection.execute(update(table).where(table.c.id == row.id).values(values))

    async def drop_old_material(self, before: datetime) -> int:
        """Remove file material from all results made before a moment; return the number of results changed."""
        table, dropped_count = tables.generations, 0
        query = _select_with_keys().where(table.c.material, table.c.created_at < before).limit(_BATCH)
        while True:
            async with self._database.write() as connection:
                rows = (await connection.execute(query)).all()
                for row in rows:
                    values: dict[str, Any] = {"material": False}
                    key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
                    purpose = tables.build_purpose(table, row._mapping)
                    whole = open_or_none(key, row.sealed, purpose)
                    if whole and whole["request"].get("material"):
                        whole["request"]["material"] = None
                        values["sealed"] = key.seal(whole, purpose)
                        dropped_count += 1
                    await connection.execute(update(table).where(table.c.id == row.id).values(values))
            if len(rows) < _BATCH:
                return dropped_count

    async def get(self, generation_id: str, user_id: str, channel_id: str = "") -> Generation | None:
        """Return the result of an id for a user in a channel.

        None if it does not exist (any more), or is another user's and was not posted in that channel.

        Raises:
            DamagedError: its row was tampered with.
        """
        query = _select_with_keys().where(tables.generations.c.id == generation_id, _is_visible(user_id, channel_id))
        async with self._database.read() as connection:
            row = (await connection.execute(query)).one_or_none()
        return self._open_row(row) if row else None

    def _open_row(self, row: Row[Any]) -> Generation:
        key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        values = {name: getattr(row, name) for name in _PLAIN}
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
        """Count a user's results and votes; unanswered questions and checks are not results."""
        made, given = tables.generations, tables.feedback
        of_made = select(func.count()).select_from(made).where(made.c.user_id == user_id, made.c.kind != "")
        of_given = select(func.count()).select_from(given).where(given.c.user_id == user_id)
        results, votes = of_made.scalar_subquery(), of_given.scalar_subquery()
        async with self._database.read() as connection:
            row = (await connection.execute(select(results.label("results"), votes.label("votes")))).one()
            return int(row.results), int(row.votes)

    async def record_vote(
        self,
        generation_id: str,
        user_id: str,
        vote: int,
        channel_id: str = "",
        *,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Store a user's vote on a result they can see: 1 liked, -1 disliked, 0 withdraws it. It replaces an earlier one.

        `about` is what is to be found again with the vote, as JSON; only for the person's own results.

        Raises:
            PausedError: this person wants nothing to be kept.
            StorageError: the user cannot see such a result in this channel.
        """
        table, kinds = tables.feedback, tables.generations
        async with self._database.write(f"vote {generation_id} {user_id}") as connection:
            if not vote:
                condition = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(condition))
                await usage.update_acceptance(connection, generation_id)
                return
            seen = kinds.c.id == generation_id, _is_visible(user_id, channel_id)
            about_it = select(kinds.c.kind, kinds.c.user_id, kinds.c.profile).where(*seen)
            result = (await connection.execute(about_it)).one_or_none()
            if result is None:
                raise StorageError("I no longer have that result.")
            await self._database.owners.require_key(connection, user_id)
            key = {"generation_id": generation_id, "user_id": user_id}
            # Other users' votes do not depend on the owner's profiles.
            profile = result.profile if result.user_id == user_id else ""
            values = {"vote": vote, "kind": result.kind, "profile": profile, "sealed": None}
            values["updated_at"] = datetime.now(UTC)
            if about is not None:
                owner = await self._database.owners.require_key(connection, user_id)
                values["sealed"] = owner.seal(dict(about), f"feedback/{generation_id}")
            await connection.execute(insert_or_update(connection, table, key, values))
            await usage.update_acceptance(connection, generation_id)

    async def list_votes(
        self, user_id: str, kind: str, most: Mapping[int, int], profile: str = ""
    ) -> dict[int, list[Vote]]:
        """The newest of a person's votes that say what they are about, so many of each vote.

        They are those on own results of a kind that were made as one of the person's profiles.
        """
        wanted = _build_votes_query(tuple(most.items()))
        votes_by_value: dict[int, list[Vote]] = {vote: [] for vote in most}
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted, {"person": user_id, "profile": profile, "kind": kind})).all()
            key = await self._database.owners.find_key(connection, user_id) if rows else None
        if key is None:
            return votes_by_value
        for row in rows:
            if (about := open_or_none(key, row.sealed, f"feedback/{row.generation_id}")) is None:
                continue
            votes_by_value[row.vote].append(Vote(row.generation_id, to_utc(row.updated_at), about))
        return {
            vote: sorted(votes, key=lambda stored_vote: stored_vote.at, reverse=True)
            for vote, votes in votes_by_value.items()
        }

    async def list_liked(self, user_id: str, limit: int) -> list[Generation]:
        """List a user's newest liked results, the most recently liked first."""
        table, votes = tables.generations, tables.feedback
        condition = (votes.c.generation_id == table.c.id) & (votes.c.user_id == user_id) & (votes.c.vote == 1)
        query = _select_with_keys().join(votes, condition).where(table.c.user_id == user_id, table.c.kind != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(votes.c.updated_at.desc()).limit(limit))).all()
        return [liked for row in rows if (liked := self._open_or_none(row)) is not None]

    async def list_latest(self, user_id: str, limit: int = 1, *, questions: bool = False) -> list[Generation]:
        """List a user's newest results, newest first; with `questions` including requests stored without a text."""
        table = tables.generations
        query = _select_with_keys().where(table.c.user_id == user_id)
        query = query if questions else query.where(table.c.kind != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(query.order_by(table.c.created_at.desc()).limit(limit))).all()
        return [generation for row in rows if (generation := self._open_or_none(row)) is not None]

    async def list_versions(self, user_id: str, generation_id: str) -> list[Generation]:
        """List all versions of a user's result, oldest first: its root and all descendants."""
        table = tables.generations
        condition = (table.c.user_id == user_id) & (table.c.kind != "")
        async with self._database.read() as connection:
            root_id: str | None = generation_id
            for _ in range(_MAX_VERSIONS):
                parent_id = await connection.scalar(select(table.c.parent_id).where(condition, table.c.id == root_id))
                if parent_id is None:
                    break
                root_id = parent_id
            known_ids, newest = {root_id}, [root_id]
            while newest and len(known_ids) < _MAX_VERSIONS:
                children = (
                    select(table.c.id).where(condition, table.c.parent_id.in_(newest)).order_by(table.c.created_at)
                )
                newest = [child_id for child_id in await connection.scalars(children) if child_id not in known_ids]
                newest = newest[: _MAX_VERSIONS - len(known_ids)]
                known_ids |= {*newest}
            query = (
                _select_with_keys().where(condition, table.c.id.in_(known_ids)).order_by(table.c.created_at, table.c.id)
            )
            rows = (await connection.execute(query)).all()
        return [version for row in rows if (version := self._open_or_none(row)) is not None]

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
            before = open_or_none(key, row.sealed, purpose) if row.sealed else None
            new_fields = {**(before or {}), "reasons": list(reasons)}
            await connection.execute(update(table).where(condition).values(sealed=key.seal(new_fields, purpose)))

    async def get_vote(self, generation_id: str, user_id: str) -> int:
        """Return a user's own vote on a result, 0 if there is none."""
        table = tables.feedback
        condition = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
        async with self._database.read() as connection:
            return await connection.scalar(select(table.c.vote).where(condition)) or 0


def _is_visible(user_id: str, channel_id: str) -> ColumnElement[bool]:
    """Return the condition for a user's own results and those posted in the channel."""
    table = tables.generations
    condition = table.c.user_id == user_id
    return condition | (table.c.channel_id == channel_id) if channel_id else condition


@functools.cache
def _build_votes_query(most: tuple[tuple[int, int], ...]) -> CompoundSelect[Any]:
    """So many of each vote of a :person on results of a :kind as one :profile. Kept, as making it costs more than asking it."""
    table = tables.feedback
    of_person = (table.c.user_id == bindparam("person")) & (table.c.profile == bindparam("profile"))
    condition = of_person & (table.c.kind == bindparam("kind")) & table.c.sealed.is_not(None)
    query = select(table.c.vote, table.c.generation_id, table.c.updated_at, table.c.sealed).where(condition)
    newest = query.order_by(table.c.updated_at.desc())
    return union_all(*(select(newest.where(table.c.vote == vote).limit(count).subquery()) for vote, count in most))


def _select_with_keys() -> Select[Any]:
    """Select results with their owners' wrapped keys."""
    table, owners = tables.generations, tables.owners
    return select(table, owners.c.wrapped_key, owners.c.key_id).join(owners, owners.c.owner_id == table.c.user_id)
