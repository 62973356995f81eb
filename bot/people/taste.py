"""What somebody does with a result: a vote with its reason, a variant picked, a version of one's own; and what that has taught.

Each act is one call, and what it reads and writes one transaction: what was learnt from a vote never outlives it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.people.learning import Learning
from bot.people.memory import Memory
from bot.store import Store
from personas.learning import Standing
from personas.ledger import Entry
from personas.profile import Profile
from storage.errors import PausedError
from storage.generations import Generation
from storage.shielded import shielded


@dataclass(frozen=True, slots=True)
class Voted:
    """What became of a vote: the one that holds now, 0 where it was taken back; the entries of the ledger that rested on an earlier
    one and are `gone`, those that it has taught, and whether its reason teaches something.
    """

    vote: int
    gone: tuple[Entry, ...] = ()
    learnt: tuple[Entry, ...] = ()
    explains: bool = False


@dataclass(frozen=True, slots=True)
class Taught:
    """What an act has taught, or how it stands where that was nothing; `paused` where its owner lets nothing be learnt."""

    learnt: tuple[Entry, ...] = ()
    standing: Standing = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Taste:
    """Keeps what people do with results, and learns for their owners from their own acts."""

    store: Store
    memory: Memory
    learning: Learning

    @shielded
    async def vote(self, result: Generation, user_id: str, given: int, channel_id: str = "") -> Voted:
        """Keeps somebody's vote on a result, 1 or -1; the same once more takes it back.

        Raises:
            PausedError: this person wants nothing to be kept.
            StorageError: there is no such result for this person in this channel.
        """
        mine, votes = user_id == result.user_id, self.store.generations
        about = await self.memory.about(result) if mine else None
        async with self.store.database.writing(_claim(result, user_id)):
            before = await votes.vote_of(result.id, user_id)
            gone = tuple(await self.learning.take_back(result)) if mine and before else ()
            if before == given:
                await votes.vote(result.id, user_id, 0, channel_id)
                return Voted(0, gone)
            await votes.vote(result.id, user_id, given, channel_id, about=about)
            learnt = tuple(await self.learning.from_bare_vote(result)) if mine else ()
            explains = mine and (await self.store.profiles.choices(user_id)).learning
        return Voted(given, gone, learnt, explains)

    @shielded
    async def explain(self, result: Generation, vote: str, reasons: Sequence[str], channel_id: str = "") -> Taught:
        """Learns from the owner's reasons for a vote, "up" or "down"; said to a complaint, where there was no vote, they are one.

        Raises:
            PausedError: this person wants nothing to be kept.
        """
        user_id, votes = result.user_id, self.store.generations
        about = await self.memory.about(result)
        async with self.store.database.writing(_claim(result, user_id)):
            if not await votes.vote_of(result.id, user_id):
                await votes.vote(result.id, user_id, 1 if vote == "up" else -1, channel_id, about=about)
            await self.learning.from_vote(result, vote, reasons)
            return await self._taught(result)

    @shielded
    async def avoid(self, result: Generation, word: str) -> Taught:
        """Learns that the owner of a result does not like a word in it.

        Raises:
            PausedError: this person wants nothing to be kept.
        """
        async with self.store.database.writing(_claim(result, result.user_id)):
            if await self.store.people.paused(result.user_id):
                raise PausedError
            await self.learning.from_word(result, word)
            return await self._taught(result)

    @shielded
    async def choose(self, chosen: Generation) -> tuple[list[Entry], Profile]:
        """What it has taught that its owner picked a variant before the others, and their profile as it is then."""
        async with self.store.database.writing(_claim(chosen, chosen.user_id)):
            return await self._choose(chosen)

    @shielded
    async def chosen_by_others(self, chosen: Generation) -> tuple[list[Entry], Profile]:
        """What it has taught that those whom its owner asked chose a variant: it is picked, and liked by its owner.

        The same once more changes nothing. Of an owner who wants nothing to be kept nothing is.
        """
        about = await self.memory.about(chosen)
        async with self.store.database.writing(_claim(chosen, chosen.user_id)):
            learnt = []
            if not await self.store.people.paused(chosen.user_id):
                learnt += await self._like(chosen, about)
            picked, profile = await self._choose(chosen)
        return [*learnt, *picked], profile

    async def _like(self, chosen: Generation, about: Mapping[str, Any]) -> list[Entry]:
        """Keeps that its owner likes a result, unless that is kept already."""
        votes, user_id = self.store.generations, chosen.user_id
        before = await votes.vote_of(chosen.id, user_id)
        if before > 0:
            return []
        if before:
            await self.learning.take_back(chosen)
        await votes.vote(chosen.id, user_id, 1, about=about)
        return await self.learning.from_bare_vote(chosen)

    async def _choose(self, chosen: Generation) -> tuple[list[Entry], Profile]:
        names = [name for name in chosen.why.get("variants", ()) if name != chosen.id]
        scopes = Request.from_json(chosen.request).scopes
        found = [await self.store.generations.get(name, chosen.user_id) for name in names]
        learnt = await self.learning.from_choice(chosen, [one.text for one in found if one])
        held, _ = await self.store.profiles.known(chosen.user_id, scopes, profile=chosen.profile)
        return learnt, held.profile

    @shielded
    async def keep(self, original: Generation, edited: Generation) -> Taught:
        """Keeps somebody's own version of a result as one that they like, and learns from what they changed.

        Raises:
            PausedError: this person wants nothing to be kept.
        """
        about = await self.memory.about(edited)
        async with self.store.database.writing(_claim(original, edited.user_id)):
            await self.store.generations.add(edited)
            await self.store.generations.vote(edited.id, edited.user_id, 1, about=about)
            learnt = await self.learning.from_edit(original, edited.text, edited.id)
            choices = await self.store.profiles.choices(original.user_id)
        return Taught(tuple(learnt), paused=not choices.learning)

    async def _taught(self, result: Generation) -> Taught:
        """What the owner's vote on a result has taught by now, that without a reason too, as its message is replaced."""
        if not (await self.store.profiles.choices(result.user_id)).learning:
            return Taught(paused=True)
        if learnt := await self.learning.seen_in(result):
            return Taught(tuple(learnt))
        return Taught(standing=await self.learning.standing(result))


def _claim(result: Generation, user_id: str) -> str:
    return f"vote {result.id} {user_id}"
