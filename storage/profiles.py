"""What users told about themselves, and the persona each has chosen."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import delete, select

from personas.profile import Profile

from . import tables
from .database import Database, insert_or_update


class Profiles:
    """Profiles by owner. Every call names the owner; there is no call that reads another's."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, user_id: str) -> Profile:
        """The owner's profile; an empty one for somebody who has told nothing."""
        return (await self.with_persona(user_id))[0]

    async def update(self, user_id: str, change: Callable[[Profile], Profile]) -> Profile:
        """Applies a change to the owner's newest profile and saves it, as one transaction.

        `change` may run while other processes wait, so it must be quick and pure.
        """
        table = tables.profiles
        async with self._database.write(f"profile {user_id}") as connection:
            row = select(table.c.data).where(table.c.user_id == user_id)
            data = await connection.scalar(row)
            profile = change(Profile.of(data) if data else Profile())
            values = {"data": profile.model_dump(mode="json"), "updated_at": datetime.now(UTC)}
            await connection.execute(insert_or_update(connection, table, {"user_id": user_id}, values))
        return profile

    async def persona(self, user_id: str) -> str | None:
        """The name of the persona the owner has chosen, None for the default of each family."""
        return (await self.with_persona(user_id))[1]

    async def with_persona(self, user_id: str) -> tuple[Profile, str | None]:
        """The owner's profile, and the name of the persona chosen; read at once, since every request needs both."""
        profile = select(tables.profiles.c.data).where(tables.profiles.c.user_id == user_id).scalar_subquery()
        persona = select(tables.personas.c.persona).where(tables.personas.c.user_id == user_id).scalar_subquery()
        async with self._database.read() as connection:
            row = (await connection.execute(select(profile.label("profile"), persona.label("persona")))).one()
        return Profile.of(row.profile) if row.profile else Profile(), row.persona

    async def use_persona(self, user_id: str, name: str | None) -> None:
        """Chooses a persona for all that follows; None goes back to the defaults."""
        table = tables.personas
        async with self._database.write() as connection:
            if name is None:
                await connection.execute(delete(table).where(table.c.user_id == user_id))
                return
            values = {"persona": name, "updated_at": datetime.now(UTC)}
            await connection.execute(insert_or_update(connection, table, {"user_id": user_id}, values))

    async def forget(self, user_id: str) -> None:
        """Deletes all that is kept of a user: profile, persona, results and votes."""
        async with self._database.write() as connection:
            for table in (tables.feedback, tables.generations, tables.personas, tables.profiles):
                await connection.execute(delete(table).where(table.c.user_id == user_id))
