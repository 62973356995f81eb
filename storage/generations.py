"""What was made for whom, from what, and how it was liked."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Row, Select, bindparam, delete, func, select, union_all, update

from . import tables
from .database import Database, in_utc, insert_or_update
from .errors import StorageError
from .whole import wholly


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


_PLAIN = ("user_id", "parent_id", "guild_id", "channel_id", "profile", "kind", "created_at")
_SEALED = ("request", "text", "parts", "checks", "persona", "engine", "seed", "seconds", "brand", "written", "why")


@wholly
class Generations:
    """Results by id. Every call names who looks: a result is its owner's, and of those who are where it was posted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, generation: Generation) -> bool:
        """Saves a result, and tells whether it is its owner's only one; a request whose kind is asked for is none.

        Saving the same id again replaces it, so a repeated step does no harm.

        Raises:
            PausedError: its owner wants nothing to be kept.
            StorageError: the id is that of somebody else's result.
        """
        table = tables.generations
        values = {name: getattr(generation, name) for name in _PLAIN}
        whole = {name: getattr(generation, name) for name in _SEALED}
        async with self._database.write() as connection:
            key = await self._database.person(connection, generation.user_id)
            values["sealed"] = key.seal(whole, tables.purpose(table, {"id": generation.id, **values}))
            parent = generation.parent_id
            # Held, so that it is not forgotten between the look and the row that names it.
            mine = table.c.user_id == generation.user_id
            known = select(table.c.id).where(table.c.id == parent, mine).with_for_update(read=True)
            if parent and not await connection.scalar(known):
                values["parent_id"] = None  # It has been deleted in the meantime.
            done = await connection.execute(insert_or_update(connection, table, {"id": generation.id}, values, mine))
            if not done.rowcount:
                raise StorageError("There is another person's result of that id already.")
            others = select(table.c.id).where(mine, table.c.id != generation.id, table.c.kind != "")
            return await connection.scalar(others.limit(1)) is None

    async def get(self, generation_id: str, user_id: str, channel_id: str = "") -> Generation | None:
        """The result of that id for a person who is in a channel.

        None when there is none (any more), or it is somebody else's and was not posted in that channel.
        """
        wanted = _with_key().where(tables.generations.c.id == generation_id, _seen_by(user_id, channel_id))
        async with self._database.read() as connection:
            row = (await connection.execute(wanted)).one_or_none()
        return self._generation(row) if row else None

    def _generation(self, row: Row[Any]) -> Generation:
        key = self._database.keys.unwrap(row.user_id, row.wrapped_key, row.key_id)
        values = {name: getattr(row, name) for name in _PLAIN}
        values["created_at"] = in_utc(row.created_at)
        return Generation(id=row.id, **values, **key.open(row.sealed, tables.purpose(tables.generations, row._mapping)))

    async def counts(self, user_id: str) -> tuple[int, int]:
        """How many results and how many votes are kept of a user."""
        results, votes = (
            select(func.count()).select_from(table).where(table.c.user_id == user_id).scalar_subquery()
            for table in (tables.generations, tables.feedback)
        )
        async with self._database.read() as connection:
            row = (await connection.execute(select(results.label("results"), votes.label("votes")))).one()
            return int(row.results), int(row.votes)

    async def vote(
        self,
        generation_id: str,
        user_id: str,
        vote: int,
        channel_id: str = "",
        *,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Keeps a person's vote on a result they can see: 1 liked, -1 disliked, 0 takes it back. A newer one replaces the older.

        `about` is what is to be found again with the vote, as JSON; only for the person's own results.

        Raises:
            PausedError: this person wants nothing to be kept.
            StorageError: there is no such result for this person in this channel.
        """
        table, kinds = tables.feedback, tables.generations
        async with self._database.write(f"vote {generation_id} {user_id}") as connection:
            if not vote:
                mine = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
                await connection.execute(delete(table).where(mine))
                return
            seen = kinds.c.id == generation_id, _seen_by(user_id, channel_id)
            about_it = select(kinds.c.kind, kinds.c.user_id, kinds.c.profile).where(*seen)
            result = (await connection.execute(about_it)).one_or_none()
            if result is None:
                raise StorageError("That result is not kept any more.")
            await self._database.person(connection, user_id)
            key = {"generation_id": generation_id, "user_id": user_id}
            # The owner's profiles are nobody else's matter.
            profile = result.profile if result.user_id == user_id else ""
            values = {"vote": vote, "kind": result.kind, "profile": profile, "sealed": None}
            values["updated_at"] = datetime.now(UTC)
            if about is not None:
                owner = await self._database.person(connection, user_id)
                values["sealed"] = owner.seal(dict(about), f"feedback/{generation_id}")
            await connection.execute(insert_or_update(connection, table, key, values))

    async def voted(self, user_id: str, kind: str, most: Mapping[int, int], profile: str = "") -> dict[int, list[Vote]]:
        """The newest of a person's votes that say what they are about, so many of each vote.

        They are those on own results of a kind that were made as one of the person's profiles.
        """
        wanted = _newest_votes(tuple(most.items()))
        found: dict[int, list[Vote]] = {vote: [] for vote in most}
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted, {"person": user_id, "profile": profile, "kind": kind})).all()
            key = await self._database.known_person(connection, user_id) if rows else None
        if key is None:
            return found
        for row in rows:
            about = key.open(row.sealed, f"feedback/{row.generation_id}")
            found[row.vote].append(Vote(row.generation_id, in_utc(row.updated_at), about))
        return {vote: sorted(votes, key=lambda one: one.at, reverse=True) for vote, votes in found.items()}

    async def latest(self, user_id: str, most: int = 1) -> list[Generation]:
        """The newest results of a person that hold a text, newest first."""
        table = tables.generations
        wanted = _with_key().where(table.c.user_id == user_id, table.c.kind != "")
        async with self._database.read() as connection:
            rows = (await connection.execute(wanted.order_by(table.c.created_at.desc()).limit(most))).all()
        return [self._generation(row) for row in rows]

    async def explain(self, generation_id: str, user_id: str, reasons: Sequence[str]) -> None:
        """Keeps with a person's vote why it was given, if there is one."""
        table = tables.feedback
        async with self._database.write(f"vote {generation_id} {user_id}") as connection:
            mine = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
            row = (await connection.execute(select(table.c.sealed).where(mine))).one_or_none()
            if row is None:
                return
            key = await self._database.person(connection, user_id)
            place = f"feedback/{generation_id}"
            kept = {**(key.open(row.sealed, place) if row.sealed else {}), "reasons": list(reasons)}
            await connection.execute(update(table).where(mine).values(sealed=key.seal(kept, place)))

    async def vote_of(self, generation_id: str, user_id: str) -> int:
        """A person's own vote on a result, 0 without one."""
        table = tables.feedback
        mine = (table.c.generation_id == generation_id) & (table.c.user_id == user_id)
        async with self._database.read() as connection:
            return await connection.scalar(select(table.c.vote).where(mine)) or 0


def _seen_by(user_id: str, channel_id: str) -> ColumnElement[bool]:
    """A result of the person's own, or one that was posted where the person is."""
    table = tables.generations
    mine = table.c.user_id == user_id
    return mine | (table.c.channel_id == channel_id) if channel_id else mine


@functools.cache
def _newest_votes(most: tuple[tuple[int, int], ...]) -> CompoundSelect[Any]:
    """So many of each vote of a :person on results of a :kind as one :profile. Kept, as making it costs more than asking it."""
    table = tables.feedback
    of_person = (table.c.user_id == bindparam("person")) & (table.c.profile == bindparam("profile"))
    mine = of_person & (table.c.kind == bindparam("kind")) & table.c.sealed.is_not(None)
    wanted = select(table.c.vote, table.c.generation_id, table.c.updated_at, table.c.sealed).where(mine)
    newest = wanted.order_by(table.c.updated_at.desc())
    return union_all(*(select(newest.where(table.c.vote == vote).limit(count).subquery()) for vote, count in most))


def _with_key() -> Select[Any]:
    """Results, each with its owner's wrapped key."""
    table, users = tables.generations, tables.users
    return select(table, users.c.wrapped_key, users.c.key_id).join(users, users.c.user_id == table.c.user_id)
