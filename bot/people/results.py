"""What was made for people, as they look at it again: their own, and what was posted where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import RefusedError
from bot.store import Store
from storage.generations import Generation

_GONE = "That result is no longer kept."
_NOT_KEPT = "You have paused me, so I did not keep that result. Use /privacy resume to change that."
_NOT_YOURS = "Only the person who asked for it can change it. You can copy and download it, or ask for your own."
_NOTHING = "I have not made anything for you yet. Try /copy."
_ITS_OWNERS = "Only the person who asked for it can see its versions."


@dataclass(frozen=True, slots=True)
class Results:
    """Every call names who looks."""

    store: Store

    async def seen(self, generation_id: str, user_id: str, channel_id: str = "") -> Generation | None:
        """A result of somebody's own, or one that was posted in the channel they are in; None for any other."""
        return await self.store.generations.get(generation_id, user_id, channel_id)

    async def kept(self, generation_id: str, user_id: str, channel_id: str) -> Generation:
        """The same.

        Raises:
            RefusedError: it is not kept, or not for them.
        """
        found = await self.seen(generation_id, user_id, channel_id)
        if found is None:
            raise RefusedError(_NOT_KEPT if await self.store.people.paused(user_id) else _GONE)
        return found

    async def own(self, generation_id: str, user_id: str, channel_id: str) -> Generation:
        """A result of somebody's own.

        Raises:
            RefusedError: it is not kept, or another's.
        """
        found = await self.kept(generation_id, user_id, channel_id)
        if found.user_id != user_id:
            raise RefusedError(_NOT_YOURS)
        return found

    async def variants(self, result: Generation) -> list[Generation]:
        """Those of the variants that a result was made among which are still kept, in their order."""
        async with self.store.database.reading():
            found = [await self.store.generations.get(one, result.user_id) for one in result.why.get("variants", ())]
        return [one for one in found if one is not None]

    async def newest(self, user_id: str, most: int = 1, *, questions: bool = False) -> list[Generation]:
        """The newest results of somebody, newest first; with `questions` requests that are kept without a text as well."""
        return await self.store.generations.latest(user_id, most, questions=questions)

    async def last(self, user_id: str) -> Generation:
        """The newest one.

        Raises:
            RefusedError: there is none.
        """
        found = await self.newest(user_id)
        if not found:
            raise RefusedError(_NOTHING)
        return found[0]

    async def versions(self, generation_id: str, user_id: str) -> Sequence[Generation]:
        """The versions of a result, the newest first.

        Raises:
            RefusedError: it is another's, or not kept.
        """
        found = await self.store.generations.versions(user_id, generation_id)
        if not found:
            raise RefusedError(_ITS_OWNERS)
        return found

    async def counts(self, user_id: str) -> tuple[int, int]:
        """How many results and votes are kept of somebody."""
        return await self.store.generations.counts(user_id)
