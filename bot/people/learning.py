"""Learning from what people do with results: keeps the signals, writes what two of them agree on into the ledger."""

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
from bot.kinds import all_kinds
from bot.store import Store
from personas.learning import Signal, Source, Standing, lessons, rests_on, standing
from personas.ledger import ME, Entry, Known, with_brand
from personas.profile import Profile
from storage.generations import Generation, Vote
from storage.profiles import Choices

# So many of the newest votes of each sort are looked at, and so many of those without a reason compared: tastes change.
_LOOKED_AT, _COMPARED = 20, 6


@dataclass(frozen=True, slots=True)
class Learning:
    """Learns for the owner of a result, from that person's own acts alone. While learning is paused nothing is kept."""

    store: Store

    async def from_vote(self, result: Generation, vote: str, reasons: Sequence[str]) -> list[Entry]:
        """What the owner's reasons for a vote, "up" or "down", have taught; the reasons stay with the vote."""
        await self.store.generations.explain(result.id, result.user_id, reasons)
        return await self._learn(
            result, "vote", result.id, lambda was: infer_from_vote(vote, reasons, result.text, was)
        )

    async def from_bare_vote(self, result: Generation) -> list[Entry]:
        """What the owner's vote on a result has taught together with earlier ones on the same kind, all without reasons."""
        kind = all_kinds().get(result.kind)
        if kind is None or kind.is_for_machines:
            return []
        most = {1: _LOOKED_AT, -1: _LOOKED_AT}
        votes = await self.store.generations.voted(result.user_id, result.kind, most, result.profile)
        liked, disliked = (_bare(votes[sign], result.brand) for sign in (1, -1))
        return await self._learn(
            result, "contrast", result.id, lambda was: infer_from_contrast(liked, disliked, was, DEFAULT_WORD_COUNTS)
        )

    async def seen_in(self, result: Generation) -> list[Entry]:
        """The entries that hold and rest on the owner's vote on a result: on its reasons, and what it showed without any."""
        held = [one for one in await self.store.profiles.history(result.user_id) if not one.ended_at]
        return [one for one in held if rests_on(one, _refs(result))]

    async def learnt_from(self, result: Generation) -> list[Entry]:
        """The entries that hold and rest on what the owner did with a result, oldest first: a wish, choice or edit that led to it."""
        refs = [f"{source}:{result.id}" for source in ("wish", "variant", "edit")]
        history = await self.store.profiles.history(result.user_id)
        return [one for one in history[::-1] if not one.ended_at and rests_on(one, refs)]

    async def standing(self, result: Generation) -> Standing:
        """How what the owner's reasons say about a result stands where nothing was learnt from them."""
        held, _, _ = await self._held(result)
        return standing(await self.store.signals.of(result.user_id), f"vote:{result.id}", values(held))

    async def from_word(self, result: Generation, word: str) -> list[Entry]:
        """What a word that the owner did not like in a result has taught."""
        return await self._learn(result, "vote", result.id, lambda _was: [("avoid_words", word)])

    async def from_wish(self, result: Generation, wish: str, request_id: str, habit: str = "") -> list[Entry]:
        """What a wish about a result, such as "less formal", has taught; `habit` is what its writer read that code cannot."""
        if habit:
            kept = await self.store.signals.of(result.user_id)
            earlier = (str(one.value) for one in kept if one.field == "notes" and one.profile == result.profile)
            habit = next((one for one in earlier if one.casefold() == habit.casefold()), habit)
        signs: list[Sign] = [("notes", habit)] if habit else []
        return await self._learn(result, "wish", request_id, lambda was: infer_from_instruction(wish, was) or signs)

    async def from_choice(self, chosen: Generation, others: Sequence[str]) -> list[Entry]:
        """What it has taught that one variant was picked before others."""
        return await self._learn(chosen, "variant", chosen.id, lambda was: infer_from_choice(chosen.text, others, was))

    async def from_edit(self, original: Generation, text: str, edit_id: str) -> list[Entry]:
        """What it has taught that a result was changed by hand."""
        return await self._learn(original, "edit", edit_id, lambda was: infer_from_edit(original.text, text, was))

    async def take_back(self, result: Generation) -> list[Entry]:
        """Takes back what the owner's vote on a result said; gives the entries that went with it."""
        return await self.store.profiles.take_back(result.user_id, _refs(result))

    async def undo(self, user_id: str, entry_id: str) -> Entry | None:
        """Takes a learnt entry back, and the signals it was learnt from; None when there is no such entry that holds."""
        return await self.store.profiles.undo(user_id, entry_id)

    async def _learn(
        self, result: Generation, source: Source, about: str, read: Callable[[Baseline], list[Sign]]
    ) -> list[Entry]:
        user_id = result.user_id
        held, choices, brand = await self._held(result)
        if not choices.learning:
            return []
        signs = await asyncio.to_thread(read, setting(result, held.profile))
        if source == "contrast":
            # What somebody said themselves is not overruled by what only seems so.
            said = {name for name, entry in held.sources.items() if entry.origin != "learnt"}
            signs = [sign for sign in signs if sign[0] not in said]
        if not signs:
            return []
        told = {name for name, _ in signs}

        def teach(held: Known, kept: Sequence[Signal]) -> list[Entry]:
            scopes = {name: entry.scope for name, entry in held.sources.items()}
            return [one for one in lessons(kept, values(held), result.profile, brand, scopes) if one.field in told]

        new = build_signals(signs, source, about, result.profile, brand)
        return await self.store.profiles.learn(user_id, new, teach, with_brand((ME,), brand), profile=result.profile)

    async def _held(self, result: Generation) -> tuple[Known, Choices, str]:
        """What holds as the profile and the brand that a result was made as; and the brand, where it is still there."""
        user_id, brand = result.user_id, result.brand
        here = Request.from_json(result.request).scopes
        if brand and await self.store.brands.get(user_id, brand, here) is None:
            brand = ""
        scopes = with_brand((ME,), brand)
        held, choices = await self.store.profiles.known(user_id, scopes, exactly=True, profile=result.profile)
        return held, choices, brand


def _bare(votes: Sequence[Vote], brand: str) -> list[str]:
    """The texts of the newest votes without a reason on what was made as a brand."""
    kept = [one.about for one in votes if not one.about.get("reasons") and one.about.get("brand", "") == brand]
    return [str(about.get("text", "")) for about in kept][:_COMPARED]


def _refs(result: Generation) -> list[str]:
    """What signals of a vote on a result are named by."""
    return [f"vote:{result.id}", f"contrast:{result.id}"]


def setting(result: Generation, profile: Profile) -> Baseline:
    """What held when a result was made: said again of the same result, "shorter" comes to the same.

    Of what the request itself said, and of results that do not tell, it is what holds now.
    """
    was, now = Profile().model_dump(mode="json"), profile.model_dump(mode="json")
    was |= {entry["field"]: entry["value"] for entry in result.why.get("entries", ())}
    said = result.why["said"] if "entries" in result.why else list(now)
    was |= {name: now[name] for name in said if name in now}
    return Baseline(
        Request.from_json(result.request).length or was["preferred_length"], was["emoji"], was["reading_level"]
    )


def values(held: Known) -> dict[str, Any]:
    """All values that hold, of the profile's fields and of habits, as JSON."""
    return {**held.profile.model_dump(mode="json"), **{name: entry.value for name, entry in held.sources.items()}}
