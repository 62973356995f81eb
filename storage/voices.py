"""The voices that people made: their own personas, and the brands whose style was measured."""

from __future__ import annotations

from sqlalchemy import delete

from personas.ledger import brand as of_brand
from personas.persona import Persona
from personas.style import Brand

from . import tables
from .database import Database
from .owned_items import OwnedItemStore, select_with_keys
from .shielding import shield_methods
from .signals import delete_signals

MAX_PERSONAS = 20
MAX_BRANDS = 20


@shield_methods
class OwnPersonas(OwnedItemStore[Persona]):
    """Personas by owner."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            tables.own_personas,
            MAX_PERSONAS,
            to_json=lambda one: one.model_dump(mode="json"),
            from_json=Persona.model_validate,
        )


@shield_methods
class Brands(OwnedItemStore[Brand]):
    """Brands by owner, each with the samples it was measured on."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            tables.brands,
            MAX_BRANDS,
            to_json=lambda one: one.model_dump(mode="json"),
            from_json=Brand.model_validate,
        )

    async def forget_editor(self, user_id: str) -> int:
        """Takes a person out of those who may edit brands of workspaces; tells out of how many."""
        table = tables.brands
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(table.c.scope == table.c.owner_id))).all()
        known = [one for row in rows if (one := self._open_row(row)) is not None]
        named = [one for one in known if user_id in one.value.book.named]
        for one in named:
            await self.change(one.owner_id, one.id, lambda brand: _remove_editor(brand, user_id))
        return len(named)

    async def delete(self, owner_id: str, item_id: str) -> bool:
        """Deletes a brand of the owner's with what was told or learnt for it; tells whether there was such a brand.

        What others have told for a brand that was lent to them goes as well: it holds for nothing any more.
        """
        table, told = tables.brands, tables.preferences
        async with self._database.write(f"profile {owner_id}") as connection:
            result = await connection.execute(delete(table).where(self._owned_by(owner_id, item_id)))
            if result.rowcount:
                await connection.execute(delete(told).where(told.c.scope == of_brand(item_id)))
                key = await self._database.owners.find_key(connection, owner_id)
                if key:
                    await delete_signals(connection, key, lambda one: one.brand == item_id)
        await self._database.checkpoint()
        return bool(result.rowcount)


def _remove_editor(brand: Brand, user_id: str) -> Brand:
    named = tuple(one for one in brand.book.named if one != user_id)
    return brand.model_copy(update={"book": brand.book.model_copy(update={"named": named})})
