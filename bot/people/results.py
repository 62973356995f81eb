"""The service that finds stored results: users' own ones, and those posted in the channel where the user acts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import RefusedError
from bot.store import Store
from storage.generations import Generation

_GONE = "I no longer have that result."
_NOT_KEPT = "You have paused me, so I did not save that result. Use /privacy resume to change that."
_NOT_YOURS = "Only the person who asked for it can change it. You can copy and download it, or ask for your own."
_NOTHING = "I have not made anything for you yet. Try /copy."
_OWNER_ONLY = "Only the person who asked for it can see its versions."


@dataclass(frozen=True, slots=True)
class Results:
    """The service for stored results; every method takes the id of the user on whose behalf it acts."""

    store: Store

    async def find(self, generation_id: str, user_id: str, channel_id: str = "") -> Generation | None:
        """Return a user's own result, or one posted in a channel; None if it does not exist or is not visible to the user."""
        return await self.store.generations.get(generation_id, user_id, channel_id)

    async def get(self, generation_id: str, user_id: str, channel_id: str) -> Generation:
        """Return the same result as `find`.

        Raises:
            RefusedError: the result is not stored, or not visible to the user.
        """
        result = await self.find(generation_id, user_id, channel_id)
        if result is None:
            raise RefusedError(_NOT_KEPT if await self.store.people.is_paused(user_id) else _GONE)
        return result

    async def get_own(self, generation_id: str, user_id: str, channel_id: str) -> Generation:
        """Return a user's own result.

        Raises:
            RefusedError: the result is not stored, or another user's.
        """
        result = await self.get(generation_id, user_id, channel_id)
        if result.user_id != user_id:
            raise RefusedError(_NOT_YOURS)
        return result

    async def list_variants(self, result: Generation) -> list[Generation]:
        """Return the variants that were made together with a result, itself included, as far as they are stored, in order."""
        async with self.store.database.share_read():
            variants = [
                await self.store.generations.get(result_id, result.user_id)
                for result_id in result.why.get("variants", ())
            ]
        return [variant for variant in variants if variant is not None]

    async def list_newest(self, user_id: str, limit: int = 1, *, questions: bool = False) -> list[Generation]:
        """Return a user's newest results; `questions` includes requests stored without a text."""
        return await self.store.generations.list_latest(user_id, limit, includes_questions=questions)

    async def get_newest(self, user_id: str) -> Generation:
        """Return a user's newest result.

        Raises:
            RefusedError: the user has no results.
        """
        newest = await self.list_newest(user_id)
        if not newest:
            raise RefusedError(_NOTHING)
        return newest[0]

    async def list_versions(self, generation_id: str, user_id: str) -> Sequence[Generation]:
        """Return the versions of a result, newest first.

        Raises:
            RefusedError: the result is another user's, or not stored.
        """
        versions = await self.store.generations.list_versions(user_id, generation_id)
        if not versions:
            raise RefusedError(_OWNER_ONLY)
        return versions

    async def count(self, user_id: str) -> tuple[int, int]:
        """Return the numbers of a user's stored results and votes."""
        return await self.store.generations.count_results_and_votes(user_id)
