"""Loads what is known for a request: the requester's preferences, the defaults, passages of documents, and examples."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.content import Defaults, MemorySnapshot, RatedResult, Request
from bot.documents.knowledge import Knowledge
from bot.engines.embeddings import Embeddings
from bot.generation.examples import MAX_EXAMPLES, choose_examples, describe_disliked
from bot.generation.prompt_privacy import keep_one_side
from bot.store import Store
from personas.habits import Habits
from personas.persona import is_known
from personas.style import Brand
from storage.documents import SearchableDocument
from storage.generations import Generation, Vote
from storage.shielding import shield

# Maximum liked results of a kind that are considered as examples, the newest first.
MAX_VOTES = 100
_NO_VOTES: dict[int, list[Vote]] = {1: [], -1: []}


async def get_no_defaults(_request: Request) -> Defaults:
    """Return empty workspace defaults."""
    return Defaults()


@dataclass(frozen=True, slots=True)
class Memory:
    """Builds the memory snapshot of a request from the store; `find_defaults` finds the defaults of the channel and server.

    Without `embeddings`, or before they are loaded, briefs are compared by their words.
    """

    store: Store
    knowledge: Knowledge
    embeddings: Embeddings | None = None
    find_defaults: Callable[[Request], Awaitable[Defaults]] = get_no_defaults

    async def recall(self, request: Request) -> MemorySnapshot:
        """Return the memory snapshot of a request. A persona that no longer exists is left out."""
        snapshot, votes, documents = await self._load(request)
        # Outside the transaction, because this embeds the brief.
        if documents:
            passages = await self.knowledge.find(request, documents)
            shared_voice = snapshot.shared_voice or snapshot.shared_brand
            snapshot = replace(snapshot, passages=keep_one_side(passages, shared_voice=shared_voice))
        # A result that is changed is not an example for its own next version.
        liked = [_build_rated_result(vote) for vote in votes[1] if vote.generation_id != request.parent_id]
        disliked = [_build_rated_result(vote) for vote in votes[-1]]
        vector = await self._embed(request.brief) if any(result.vector for result in liked) else b""
        examples = choose_examples(liked, request.brief, vector, datetime.now(UTC))
        return replace(snapshot, liked_results=examples, avoid=describe_disliked(disliked))

    @shield
    async def _load(
        self, request: Request
    ) -> tuple[MemorySnapshot, dict[int, list[Vote]], Sequence[SearchableDocument]]:
        """Load the snapshot, votes on results of the request's kind by sign, and searchable documents, in one transaction."""
        async with self.store.database.share_read():
            snapshot = await self._load_snapshot(request)
            documents = await self.knowledge.list_searchable(request)
            if request.kind is None:
                return snapshot, _NO_VOTES, documents
            vote_limits = {1: MAX_VOTES, -1: MAX_EXAMPLES}
            votes = await self.store.generations.list_votes(
                request.user_id, request.kind, vote_limits, snapshot.profile_id
            )
            return snapshot, votes, documents

    async def _load_snapshot(self, request: Request) -> MemorySnapshot:
        """Load the preferences, persona, brand and defaults for a request."""
        user_id, profiles, defaults = request.user_id, self.store.profiles, await self.find_defaults(request)
        known_profile, choices = await profiles.load_known(
            user_id, request.scopes, profile=request.profile, default_brand=defaults.brand
        )
        if request.profile is not None:
            choices = choices.with_profile(request.profile)
        brand_id = choices.resolve_brand(defaults.brand)
        brand, shared_brand = await self._find_brand(brand_id, request)
        if brand_id and brand is None:
            # The brand is deleted or not shared here, so its entries do not apply.
            known_profile, _ = await profiles.load_known(
                user_id, request.scopes, ignores_brand=True, profile=choices.profile
            )
        persona_id = choices.persona or defaults.persona
        persona = persona_id if persona_id and is_known(persona_id) else None
        custom_persona = None
        if persona_id and not persona:
            custom_persona = await self.store.personas.get(user_id, persona_id, request.scopes)
        default_values = {"output_language": defaults.choose_language(request.brief), "timezone": defaults.timezone}
        used_values = {
            name: value for name, value in default_values.items() if value and name not in known_profile.sources
        }
        default_voices = {
            "persona": not choices.persona and (persona or custom_persona),
            "brand": not choices.brand and brand,
        }
        instructions = None
        if request.before is not None and choices.learning:
            signals = await self.store.signals.list_all(user_id)
            learnt_notes = [
                str(signal.value) for signal in signals if signal.field == "notes" and signal.profile == choices.profile
            ]
            stated_notes = known_profile.sources["notes"].value if "notes" in known_profile.sources else ()
            instructions = tuple(dict.fromkeys((*stated_notes, *learnt_notes)))
        return MemorySnapshot(
            known_profile.profile.model_copy(update=used_values),
            persona,
            known_profile.sources,
            Habits.parse({name: entry.value for name, entry in known_profile.sources.items()}),
            own_persona=custom_persona.value if custom_persona else None,
            shared_voice=custom_persona is not None and custom_persona.owner_id != user_id,
            brand=brand,
            shared_brand=shared_brand,
            profile_id=choices.profile,
            brand_id=brand_id if brand else "",
            standing_instructions=instructions,
            defaults={
                name: defaults.find_origin(name)
                for name in (*used_values, *(name for name, is_used in default_voices.items() if is_used))
            },
        )

    async def _find_brand(self, brand_id: str | None, request: Request) -> tuple[Brand | None, bool]:
        """Return the brand with an id, and whether it contains other users' text. Another owner's brand comes without its samples."""
        brand_item = await self.store.brands.get(request.user_id, brand_id, request.scopes) if brand_id else None
        if brand_item is None or brand_item.owner_id == request.user_id:
            return (brand_item.value if brand_item else None), False
        return brand_item.value.model_copy(update={"samples": ()}), brand_item.value.book.has_content

    async def describe_result(self, result: Generation) -> dict[str, Any]:
        """Return the data about a result that is stored with its owner's vote, for later requests."""
        brief = str(result.request.get("brief", ""))
        return {
            "brief": brief,
            "text": result.text,
            "written": result.written,
            "brand": result.brand,
            "vector": base64.b64encode(await self._embed(brief)).decode("ascii"),
        }

    async def _embed(self, text: str) -> bytes:
        """Return the embedding of a text as half-precision floats, which suffice for comparison; empty without embeddings."""
        if self.embeddings is None or not self.embeddings.is_loaded or not text:
            return b""
        rows = await asyncio.to_thread(self.embeddings.embed, [text])
        return bytes(rows[0].astype("float16").tobytes())


def _build_rated_result(vote: Vote) -> RatedResult:
    details = vote.details
    return RatedResult(
        vote.generation_id,
        brief=str(details.get("brief", "")),
        text=str(details.get("text", "")),
        at=vote.voted_at,
        written=details.get("written") or {},
        vector=base64.b64decode(details.get("vector") or ""),
        reasons=tuple(details.get("reasons") or ()),
    )
