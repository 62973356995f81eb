"""The service for users' actions on results that teach their preferences: votes with reasons, choices of variants, and edits.

Each action is one call and one transaction, so what was learnt from a vote is always retracted together with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.people.learning import PreferenceLearner
from bot.people.memory import Memory
from bot.store import Store
from personas.learning import LearningStatus
from personas.ledger import Entry
from personas.profile import Profile
from storage.errors import PausedError
from storage.generations import Generation
from storage.shielding import shield


@dataclass(frozen=True, slots=True)
class VoteOutcome:
    """The outcome of a vote.

    `vote` is the current vote, 0 if it was retracted; `retracted` are the ledger entries that have ended with an earlier vote, and
    `learnt` the new ones. `can_explain` is whether the bot would learn from a reason.
    """

    vote: int
    retracted: tuple[Entry, ...] = ()
    learnt: tuple[Entry, ...] = ()
    can_explain: bool = False


@dataclass(frozen=True, slots=True)
class LearningOutcome:
    """The entries learnt from an action, or why there are none: `status`, or `paused` if the owner has turned learning off."""

    learnt: tuple[Entry, ...] = ()
    status: LearningStatus = ""
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Taste:
    """The service for actions on results; owners' preferences are learnt only from their own actions."""

    store: Store
    memory: Memory
    learning: PreferenceLearner

    @shield
    async def vote(self, result: Generation, user_id: str, vote: int, channel_id: str = "") -> VoteOutcome:
        """Store a vote on a result, 1 or -1; the same vote again retracts it.

        Raises:
            PausedError: the user has paused storage.
            StorageError: the user cannot see the result in this channel.
        """
        is_own, generations = user_id == result.user_id, self.store.generations
        about = await self.memory.describe_result(result) if is_own else None
        async with self.store.database.share_write(_format_lock(result, user_id)):
            previous_vote = await generations.get_vote(result.id, user_id)
            retracted = tuple(await self.learning.retract_vote(result)) if is_own and previous_vote else ()
            if previous_vote == vote:
                await generations.record_vote(result.id, user_id, 0, channel_id)
                return VoteOutcome(0, retracted)
            await generations.record_vote(result.id, user_id, vote, channel_id, details=about)
            entries = tuple(await self.learning.learn_from_bare_vote(result)) if is_own else ()
            can_explain = is_own and (await self.store.profiles.get_choices(user_id)).learning
        return VoteOutcome(vote, retracted, entries, can_explain)

    @shield
    async def explain(
        self, result: Generation, vote: str, reasons: Sequence[str], channel_id: str = ""
    ) -> LearningOutcome:
        """Learn from the owner's reasons for a vote, "up" or "down". If they have not voted, as after a complaint, store the vote.

        Raises:
            PausedError: the owner has paused storage.
        """
        user_id, generations = result.user_id, self.store.generations
        about = await self.memory.describe_result(result)
        async with self.store.database.share_write(_format_lock(result, user_id)):
            if not await generations.get_vote(result.id, user_id):
                await generations.record_vote(result.id, user_id, 1 if vote == "up" else -1, channel_id, details=about)
            await self.learning.learn_from_vote(result, vote, reasons)
            return await self._build_outcome(result)

    @shield
    async def avoid(self, result: Generation, word: str) -> LearningOutcome:
        """Learn that the owner of a result dislikes a word in it.

        Raises:
            PausedError: the owner has paused storage.
        """
        async with self.store.database.share_write(_format_lock(result, result.user_id)):
            if await self.store.people.is_paused(result.user_id):
                raise PausedError
            await self.learning.learn_disliked_word(result, word)
            return await self._build_outcome(result)

    @shield
    async def choose(self, generation: Generation) -> tuple[list[Entry], Profile]:
        """Learn from the owner choosing a variant; return the new entries and the updated profile."""
        async with self.store.database.share_write(_format_lock(generation, generation.user_id)):
            return await self._choose(generation)

    @shield
    async def record_poll_choice(self, generation: Generation) -> tuple[list[Entry], Profile]:
        """Learn from the outcome of the owner's poll: the winning variant counts as chosen and liked by the owner.

        Returns the new entries and the updated profile. Idempotent. Nothing is stored for an owner who has paused storage.
        """
        about = await self.memory.describe_result(generation)
        async with self.store.database.share_write(_format_lock(generation, generation.user_id)):
            entries = []
            if not await self.store.people.is_paused(generation.user_id):
                entries += await self._save_like(generation, about)
            choice_entries, profile = await self._choose(generation)
        return [*entries, *choice_entries], profile

    async def _save_like(self, generation: Generation, about: Mapping[str, Any]) -> list[Entry]:
        """Store the owner's like of a result unless it is stored already; return the new entries."""
        generations, user_id = self.store.generations, generation.user_id
        previous_vote = await generations.get_vote(generation.id, user_id)
        if previous_vote > 0:
            return []
        if previous_vote:
            await self.learning.retract_vote(generation)
        await generations.record_vote(generation.id, user_id, 1, details=about)
        return await self.learning.learn_from_bare_vote(generation)

    async def _choose(self, generation: Generation) -> tuple[list[Entry], Profile]:
        other_ids = [result_id for result_id in generation.why.get("variants", ()) if result_id != generation.id]
        scopes = Request.from_json(generation.request).scopes
        others = [await self.store.generations.get(result_id, generation.user_id) for result_id in other_ids]
        entries = await self.learning.learn_from_choice(generation, [other.text for other in others if other])
        known_profile, _ = await self.store.profiles.load_known(generation.user_id, scopes, profile=generation.profile)
        return entries, known_profile.profile

    @shield
    async def save_edit(self, original: Generation, edited: Generation) -> LearningOutcome:
        """Store a user's edited version of a result, with a like, and learn from the changes.

        Raises:
            PausedError: the user has paused storage.
        """
        about = await self.memory.describe_result(edited)
        async with self.store.database.share_write(_format_lock(original, edited.user_id)):
            await self.store.generations.add(edited)
            await self.store.generations.record_vote(edited.id, edited.user_id, 1, details=about)
            entries = await self.learning.learn_from_edit(original, edited.text, edited.id)
            choices = await self.store.profiles.get_choices(original.user_id)
        return LearningOutcome(tuple(entries), paused=not choices.learning)

    async def _build_outcome(self, result: Generation) -> LearningOutcome:
        """Return what has been learnt so far from the owner's vote on a result, with or without reasons."""
        if not (await self.store.profiles.get_choices(result.user_id)).learning:
            return LearningOutcome(paused=True)
        if entries := await self.learning.find_vote_entries(result):
            return LearningOutcome(tuple(entries))
        return LearningOutcome(status=await self.learning.find_vote_learning_status(result))


def _format_lock(result: Generation, user_id: str) -> str:
    return f"vote {result.id} {user_id}"
