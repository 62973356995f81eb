"""The voices that people made: their own personas, and the brands whose style was measured."""

from __future__ import annotations

from personas.persona import Persona
from personas.style import Brand

from . import tables
from .database import Database
from .owned import OwnedThings
from .whole import wholly

MOST_PERSONAS = 20
MOST_BRANDS = 20


@wholly
class OwnPersonas(OwnedThings[Persona]):
    """Personas by owner."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            tables.own_personas,
            MOST_PERSONAS,
            to_json=lambda one: one.model_dump(mode="json"),
            from_json=Persona.model_validate,
        )


@wholly
class Brands(OwnedThings[Brand]):
    """Brands by owner, each with the samples it was measured on."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            tables.brands,
            MOST_BRANDS,
            to_json=lambda one: one.model_dump(mode="json"),
            from_json=Brand.model_validate,
        )
