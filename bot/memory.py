"""What is known of whoever asks, in the place where they ask: gathered once a request, before anything is drafted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from bot.content import Remembered, Request
from bot.knowledge import Knowledge
from bot.store import Store
from personas.persona import known as is_known
from storage.owned import OwnedThings

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Memory:
    """Recall from the store. Reads only what belongs to the person who asks."""

    store: Store
    knowledge: Knowledge

    async def recall(self, request: Request) -> Remembered:
        """What is known for a request. A persona that is not there any more is left out."""
        held, choices = await self.store.profiles.known(request.user_id, request.scopes)
        chosen = choices.persona if choices.persona and is_known(choices.persona) else None
        own = await self._lent(self.store.personas, None if chosen else choices.persona, request)
        brand = await self._lent(self.store.brands, choices.brand, request)
        passages = await self.knowledge.find(request)
        return Remembered(held.profile, chosen, held.sources, own_persona=own, brand=brand, passages=passages)

    async def _lent(self, things: OwnedThings[Value], thing_id: str | None, request: Request) -> Value | None:
        """What was chosen by its id, where it is still there and may be used in this place."""
        found = await things.get(request.user_id, thing_id, request.scopes) if thing_id else None
        return found.value if found else None
