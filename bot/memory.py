"""What is known of whoever asks, in the place where they ask: gathered once a request, before anything is drafted."""

from __future__ import annotations

from dataclasses import dataclass

from bot.content import Remembered, Request
from bot.store import Store
from personas.persona import known as is_known


@dataclass(frozen=True, slots=True)
class Memory:
    """Recall from the store. Reads only what belongs to the person who asks."""

    store: Store

    async def recall(self, request: Request) -> Remembered:
        """What is known for a request. A persona that is not there any more is left out."""
        held, choices = await self.store.profiles.known(request.user_id, request.scopes)
        chosen = choices.persona if choices.persona and is_known(choices.persona) else None
        return Remembered(held.profile, chosen, held.sources)
