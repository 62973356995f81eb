"""Learns from users' actions on results: stores them as signals, and adds a preference to the ledger once two signals agree."""

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
from storage.choices import Choices
from storage.generations import Generation, Vote

# Maximum votes of each sort (up and down) that are loaded, and texts of each that are compared: only the newest, as tastes change.
_MAX_VOTES, _MAX_COMPARED_TEXTS = 20, 6


@dataclass(frozen=True, slots=True)
class PreferenceLearner:
    """Learns the preferences of a result's owner, only from the owner's actions. Stores nothing while learning is off.

    Methods return the new ledger entries, unless they say otherwise.
    """

    store: Store

    async def learn_from_vote(self, result: Generation, vote: str, reasons: Sequence[str]) -> list[Entry]:
        """Learn from the owner's reasons for a vote, "up" or "down"; the reasons are stored with the vote."""
        await self.store.generations.set_vote_reasons(result.id, result.user_id, reasons)
        return await self._learn(
            result, "vote", result.id, lambda baseline: infer_from_vote(vote, reasons, result.text, baseline)
        )

    async def learn_from_bare_vote(self, result: Generation) -> list[Entry]:
        """Learn from the owner's votes without reasons on results of the same kind, this one included."""
        kind = load_kinds().get(result.kind)
        if kind is None or kind.is_for_machines:
            return []
        limits = {1: _MAX_VOTES, -1: _MAX_VOTES}
        votes = await self.store.generations.list_votes(result.user_id, result.kind, limits, result.profile)
        liked_texts, disliked_texts = (_select_texts(votes[vote], result.brand) for vote in (1, -1))
        return await self._learn(
            result,
            "contrast",
            result.id,
            lambda baseline: infer_from_contrast(liked_texts, disliked_texts, baseline, DEFAULT_WORD_COUNTS),
        )

    async def find_vote_entries(self, result: Generation) -> list[Entry]:
        """Return the active entries that are based on the owner's vote on a result, with or without reasons."""
        active_entries = [
            entry for entry in await self.store.profiles.list_entries(result.user_id) if not entry.ended_at
        ]
        return [entry for entry in active_entries if is_based_on(entry, _build_refs(result))]

    async def find_action_entries(self, result: Generation) -> list[Entry]:
        """Return the active entries that are based on an instruction, choice or edit that led to a result, oldest first."""
        refs = [f"{source}:{result.id}" for source in ("wish", "variant", "edit")]
        history = await self.store.profiles.list_entries(result.user_id)
        return [entry for entry in history[::-1] if not entry.ended_at and is_based_on(entry, refs)]

    async def find_vote_learning_status(self, result: Generation) -> LearningStatus:
        """Return why the owner's reasons for a vote on a result led to no new entry; empty if they did, or there are none."""
        profile, _, _ = await self._load_current_profile(result)
        signals = await self.store.signals.list_all(result.user_id)
        return find_status(signals, f"vote:{result.id}", collect_values(profile))

    async def learn_disliked_word(self, result: Generation, word: str) -> list[Entry]:
        """Learn to avoid a word that the owner disliked in a result."""
        return await self._learn(result, "vote", result.id, lambda _baseline: [("avoid_words", word)])

    async def learn_from_instruction(
        self, result: Generation, instruction: str, request_id: str, habit: str = ""
    ) -> list[Entry]:
        """Learn from an instruction about a result, such as "less formal".

        `habit` is a preference that a model extracted from the instruction; it is used if the patterns find none.
        """
        if habit:
            signals = await self.store.signals.list_all(result.user_id)
            earlier_habits = (
                str(signal.value) for signal in signals if signal.field == "notes" and signal.profile == result.profile
            )
            habit = next((value for value in earlier_habits if value.casefold() == habit.casefold()), habit)
        model_signs: list[Sign] = [("notes", habit)] if habit else []
        return await self._learn(
            result, "wish", request_id, lambda baseline: infer_from_instruction(instruction, baseline) or model_signs
        )

    async def learn_from_choice(self, generation: Generation, others: Sequence[str]) -> list[Entry]:
        """Learn from the owner choosing a variant over others, which are given as texts."""
        return await self._learn(
            generation, "variant", generation.id, lambda baseline: infer_from_choice(generation.text, others, baseline)
        )

    async def learn_from_edit(self, original: Generation, text: str, edit_id: str) -> list[Entry]:
        """Learn from the owner editing a result into a text; `edit_id` is the id of the edited result."""
        return await self._learn(
            original, "edit", edit_id, lambda baseline: infer_from_edit(original.text, text, baseline)
        )

    async def retract_vote(self, result: Generation) -> list[Entry]:
        """Retract the signals of the owner's vote on a result; return the entries that have ended, as they were based on them."""
        return await self.store.profiles.retract_signals(result.user_id, _build_refs(result))

    async def undo(self, user_id: str, entry_id: str) -> Entry | None:
        """Retract a learnt entry with its signals; return it, None if no such entry is active."""
        return await self.store.profiles.undo(user_id, entry_id)

    async def _learn(
        self, result: Generation, source: Source, subject_id: str, infer: Callable[[Baseline], list[Sign]]
    ) -> list[Entry]:
        """Infer preferences and store them as signals; return the new entries. `subject_id` is that of the result, request or edit."""
        user_id = result.user_id
        profile, choices, brand = await self._load_current_profile(result)
        if not choices.learning:
            return []
        inferred = await asyncio.to_thread(infer, reconstruct_baseline(result, profile.profile))
        if source == "contrast":
            # Preferences that users state themselves outrank inferred ones.
            stated_fields = {name for name, entry in profile.sources.items() if entry.origin != "learnt"}
            inferred = [sign for sign in inferred if sign[0] not in stated_fields]
        if not inferred:
            return []
        inferred_fields = {name for name, _ in inferred}

        def derive(profile: KnownProfile, signals: Sequence[Signal]) -> list[Entry]:
            scopes = {name: entry.scope for name, entry in profile.sources.items()}
            return [
                entry
                for entry in derive_entries(signals, collect_values(profile), result.profile, brand, scopes)
                if entry.field in inferred_fields
            ]

        new_signals = build_signals(inferred, source, subject_id, result.profile, brand)
        return await self.store.profiles.learn(
            user_id, new_signals, derive, with_brand((ME,), brand), profile=result.profile
        )

    async def _load_current_profile(self, result: Generation) -> tuple[KnownProfile, Choices, str]:
        """Return the current preferences for a result's profile and brand, the owner's choices, and the brand id (empty if deleted)."""
        user_id, brand = result.user_id, result.brand
        request_scopes = Request.from_json(result.request).scopes
        if brand and await self.store.brands.get(user_id, brand, request_scopes) is None:
            brand = ""
        scopes = with_brand((ME,), brand)
        profile, choices = await self.store.profiles.load_known(
            user_id, scopes, ignores_brand=True, profile=result.profile
        )
        return profile, choices, brand


def _select_texts(votes: Sequence[Vote], brand: str) -> list[str]:
    """Return the texts of the newest votes without reasons on results of a brand."""
    results = [
        vote.details for vote in votes if not vote.details.get("reasons") and vote.details.get("brand", "") == brand
    ]
    return [str(result.get("text", "")) for result in results][:_MAX_COMPARED_TEXTS]


def _build_refs(result: Generation) -> list[str]:
    """Return the references of the signals that a vote on a result produces."""
    return [f"vote:{result.id}", f"contrast:{result.id}"]


def reconstruct_baseline(result: Generation, profile: Profile) -> Baseline:
    """Return the preferences in effect when a result was made, so that repeating "shorter" on it yields the same value.

    Current values are used for fields set by the request, and for results without a record.
    """
    values, current_values = Profile().model_dump(mode="json"), profile.model_dump(mode="json")
    values |= {entry["field"]: entry["value"] for entry in result.why.get("entries", ())}
    request_fields = result.why["said"] if "entries" in result.why else list(current_values)
    values |= {name: current_values[name] for name in request_fields if name in current_values}
    length = Request.from_json(result.request).length or values["preferred_length"]
    return Baseline(length, values["emoji"], values["reading_level"])


def collect_values(profile: KnownProfile) -> dict[str, Any]:
    """Return the current values of all profile fields and known habits as JSON-compatible values."""
    return {**profile.profile.model_dump(mode="json"), **{name: entry.value for name, entry in profile.sources.items()}}
