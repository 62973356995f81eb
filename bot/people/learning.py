"""Learning from what users do with results: stores signals, and writes to the ledger what two of them agree on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.generation.contrast import DEFAULT_WORD_COUNTS, infer_from_contrast
from bot.generation.tastes import (
    Baseline,
    Sign,
    build_signals,
    infer_from_choice,
    infer_from_edit,
    infer_from_instruction,
    infer_from_vote,
)
from bot.kinds import load_kinds
from bot.store import Store
from personas.learning import LearningStatus, Signal, Source, derive_entries, find_status, is_based_on
from personas.ledger import ME, Entry, KnownProfile, with_brand
from personas.profile import Profile
from storage.generations import Generation, Vote
from storage.profiles import Choices

# The newest votes of each sort that are read, and the texts without a reason that are compared: tastes change.
_MAX_VOTES, _MAX_COMPARED_TEXTS = 20, 6


@dataclass(frozen=True, slots=True)
class Learning:
    """Learns for the owner of a result, from the owner's own actions only. Stores nothing while learning is off."""

    store: Store

    async def learn_from_vote(self, result: Generation, vote: str, reasons: Sequence[str]) -> list[Entry]:
        """Learn from the owner's reasons for a vote, "up" or "down"; the reasons are stored with the vote."""
        await self.store.generations.set_vote_reasons(result.id, result.user_id, reasons)
        return await self._learn(
            result, "vote", result.id, lambda was: infer_from_vote(vote, reasons, result.text, was)
        )

    async def learn_from_bare_vote(self, result: Generation) -> list[Entry]:
        """Learn from the owner's votes without reasons on results of the same kind, including this one."""
        kind = load_kinds().get(result.kind)
        if kind is None or kind.is_for_machines:
            return []
        most = {1: _MAX_VOTES, -1: _MAX_VOTES}
        votes = await self.store.generations.list_votes(result.user_id, result.kind, most, result.profile)
        liked, disliked = (_select_texts(votes[sign], result.brand) for sign in (1, -1))
        return await self._learn(
            result, "contrast", result.id, lambda was: infer_from_contrast(liked, disliked, was, DEFAULT_WORD_COUNTS)
        )

    async def find_vote_entries(self, result: Generation) -> list[Entry]:
        """Return the active entries that rest on the owner's vote on a result, with or without reasons."""
        held = [one for one in await self.store.profiles.list_entries(result.user_id) if not one.ended_at]
        return [one for one in held if is_based_on(one, _build_refs(result))]

    async def find_action_entries(self, result: Generation) -> list[Entry]:
        """Return the active entries that rest on an instruction, choice or edit that led to a result, oldest first."""
        refs = [f"{source}:{result.id}" for source in ("wish", "variant", "edit")]
        history = await self.store.profiles.list_entries(result.user_id)
        return [one for one in history[::-1] if not one.ended_at and is_based_on(one, refs)]

    async def explain_status(self, result: Generation) -> LearningStatus:
        """Return why nothing was learnt from the owner's reasons about a result."""
        held, _, _ = await self._load_held(result)
        return find_status(await self.store.signals.list_all(result.user_id), f"vote:{result.id}", collect_values(held))

    async def learn_from_word(self, result: Generation, word: str) -> list[Entry]:
        """Learn from a word that the owner disliked in a result."""
        return await self._learn(result, "vote", result.id, lambda _was: [("avoid_words", word)])

    async def learn_from_instruction(
        self, result: Generation, wish: str, request_id: str, habit: str = ""
    ) -> list[Entry]:
        """Learn from an instruction about a result, such as "less formal"; `habit` is what the model read that code
        cannot.
        """
        if habit:
            signals = await self.store.signals.list_all(result.user_id)
            earlier = (str(one.value) for one in signals if one.field == "notes" and one.profile == result.profile)
            habit = next((one for one in earlier if one.casefold() == habit.casefold()), habit)
        signs: list[Sign] = [("notes", habit)] if habit else []
        return await self._learn(result, "wish", request_id, lambda was: infer_from_instruction(wish, was) or signs)

    async def learn_from_choice(self, chosen: Generation, others: Sequence[str]) -> list[Entry]:
        """Learn from a variant being picked over others."""
        return await self._learn(chosen, "variant", chosen.id, lambda was: infer_from_choice(chosen.text, others, was))

    async def learn_from_edit(self, original: Generation, text: str, edit_id: str) -> list[Entry]:
        """Learn from a result being edited by hand."""
        return await self._learn(original, "edit", edit_id, lambda was: infer_from_edit(original.text, text, was))

    async def retract_vote(self, result: Generation) -> list[Entry]:
        """Retract what the owner's vote on a result said; return the entries that ended with it."""
        return await self.store.profiles.retract_signals(result.user_id, _build_refs(result))

    async def undo(self, user_id: str, entry_id: str) -> Entry | None:
        """Retract a learnt entry and its signals; None when no such entry is active."""
        return await self.store.profiles.undo(user_id, entry_id)

    async def _learn(
        self, result: Generation, source: Source, about: str, read: Callable[[Baseline], list[Sign]]
    ) -> list[Entry]:
        user_id = result.user_id
        held, choices, brand = await self._load_held(result)
        if not choices.learning:
            return []
        signs = await asyncio.to_thread(read, restore_setting(result, held.profile))
        if source == "contrast":
            # What users state themselves outranks what is only inferred.
            stated = {name for name, entry in held.sources.items() if entry.origin != "learnt"}
            signs = [sign for sign in signs if sign[0] not in stated]
        if not signs:
            return []
        signed_fields = {name for name, _ in signs}

        def derive(held: KnownProfile, kept: Sequence[Signal]) -> list[Entry]:
            scopes = {name: entry.scope for name, entry in held.sources.items()}
            return [
                one
                for one in derive_entries(kept, collect_values(held), result.profile, brand, scopes)
                if one.field in signed_fields
            ]

        new = build_signals(signs, source, about, result.profile, brand)
        return await self.store.profiles.learn(user_id, new, derive, with_brand((ME,), brand), profile=result.profile)

    async def _load_held(self, result: Generation) -> tuple[KnownProfile, Choices, str]:
        """Return what holds for the profile and brand of a result, the choices, and the brand if it still exists."""
        user_id, brand = result.user_id, result.brand
        here = Request.from_json(result.request).scopes
        if brand and await self.store.brands.get(user_id, brand, here) is None:
            brand = ""
        scopes = with_brand((ME,), brand)
        held, choices = await self.store.profiles.load_known(user_id, scopes, exactly=True, profile=result.profile)
        return held, choices, brand


def _select_texts(votes: Sequence[Vote], brand: str) -> list[str]:
    """Return the texts of the newest votes without reasons on results of a brand."""
    results = [one.about for one in votes if not one.about.get("reasons") and one.about.get("brand", "") == brand]
    return [str(about.get("text", "")) for about in results][:_MAX_COMPARED_TEXTS]


def _build_refs(result: Generation) -> list[str]:
    """Return the names of signals from a vote on a result."""
    return [f"vote:{result.id}", f"contrast:{result.id}"]


def restore_setting(result: Generation, profile: Profile) -> Baseline:
    """Return what held when a result was made, so that repeating "shorter" on it gives the same.

    Fields the request decided, and results without a record, use what holds now.
    """
    was, now = Profile().model_dump(mode="json"), profile.model_dump(mode="json")
    was |= {entry["field"]: entry["value"] for entry in result.why.get("entries", ())}
    stated = result.why["said"] if "entries" in result.why else list(now)
    was |= {name: now[name] for name in stated if name in now}
    return Baseline(
        Request.from_json(result.request).length or was["preferred_length"], was["emoji"], was["reading_level"]
    )


def collect_values(held: KnownProfile) -> dict[str, Any]:
    """Return all values that hold, of profile fields and habits, as JSON."""
    return {**held.profile.model_dump(mode="json"), **{name: entry.value for name, entry in held.sources.items()}}
