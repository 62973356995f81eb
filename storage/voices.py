"""Users' and workspaces' own personas and brands."""

from __future__ import annotations

from sqlalchemy import delete

from personas.ledger import brand as build_brand_scope
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
            to_json=lambda value: value.model_dump(mode="json"),
            from_json=Persona.model_validate,
        )


@shield_methods
class Brands(OwnedItemStore[Brand]):
    """Brands by owner, each with the samples of its style."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            tables.brands,
            MAX_BRANDS,
            to_json=lambda value: value.model_dump(mode="json"),
            from_json=Brand.model_validate,
        )

    async def forget_editor(self, user_id: str) -> int:
        """Remove a user from the editors of workspaces' brands; return the number of brands changed."""
        table = tables.brands
        async with self._database.read() as connection:
            rows = (await connection.execute(select_with_keys(table).where(table.c.scope == table.c.owner_id))).all()
        items = [item for row in rows if (item := self._open_row(row)) is not None]
        edited_items = [item for item in items if user_id in item.value.book.named]
        for item in edited_items:
            await self.change(item.owner_id, item.id, lambda brand: _remove_editor(brand, user_id))
        return len(edited_items)

    async def delete(self, owner_id: str, item_id: str) -> bool:
        """Delete an owner's brand, its signals, and all users' preferences for it; return whether it existed."""
        table, preferences = tables.brands, tables.preferences
        async with self._database.write(f"profile {owner_id}") as connection:
            result = await connection.execute(delete(table).where(self._owned_by(owner_id, item_id)))
            if result.rowcount:
                await connection.execute(delete(preferences).where(preferences.c.scope == build_brand_scope(item_id)))
                key = await self._database.owners.find_key(connection, owner_id)
                if key:
                    await delete_signals(connection, key, lambda signal: signal.brand == item_id)
        await self._database.checkpoint()
        return bool(result.rowcount)


def _remove_editor(brand: Brand, user_id: str) -> Brand:
    editor_ids = tuple(editor_id for editor_id in brand.book.named if editor_id != user_id)
    return brand.model_copy(update={"book": brand.book.model_copy(update={"named": editor_ids})})
