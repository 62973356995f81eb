"""Searches a library by words and by meaning. New entries are indexed on shelves first; then only the needed pieces are loaded."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.engines.embeddings import Embeddings
from bot.errors import EngineError
from bot.store import Store
from storage.entries import ALL, EntryFilter, EntryPlace, LibraryEntry
from storage.shelves import Shelf

from .shelf import MAX_SHELF_ENTRIES, MEANING, ShelfIndex, list_query_pieces, score_meaning, score_words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Maximum results of a search.
MAX_RESULTS = 200
# Maximum ranked entries that are filtered, best first, and how many of them in one batch, until there are enough results.
_MAX_RANKED_ENTRIES, _BATCH_SIZE = 10_000, 500
# A filter that matches at most this many entries is applied before the ranking.
_MAX_PRESELECTED = 10_000
# From this cosine similarity (0 to 1) on, an entry is a result even without a shared word.
_MIN_SIMILARITY = 0.15
# Maximum entries indexed at once, and embedded while the user waits, which takes 5 to 10 ms each.
_MAX_INDEXED, _MAX_EMBEDDED = 500, 32
# Maximum characters of a text that are embedded; the embedding models here read no more.
_MAX_EMBEDDED_CHARACTERS = 1_200


@dataclass(frozen=True, slots=True)
class LibrarySearch:
    """Searches a library; by words only if there are no `embeddings`, or until they are loaded."""

    store: Store
    embeddings: Embeddings | None = None

    async def search(
        self, owner_ids: Sequence[str], words: str, entry_filter: EntryFilter, language: str = "en"
    ) -> list[EntryPlace]:
        """Return up to `MAX_RESULTS` filtered entries of some owners that match the words, best first.

        `language` (ISO 639-1) is the user's; words are weighted by their frequency in it.
        """
        for owner_id in owner_ids:
            await self.index_pending(owner_id)
        # The database filters while the shelves are opened and ranked.
        ranked, preselected = await asyncio.gather(
            self._rank_matches(owner_ids, words, language), self._preselect(owner_ids, entry_filter)
        )
        places = list(ranked) if preselected is None else [place for place in ranked if place in preselected]
        matches: list[EntryPlace] = []
        for start in range(0, len(places), _BATCH_SIZE):
            batch = {place: ranked[place] for place in places[start : start + _BATCH_SIZE]}
            matches += await self.store.entries.filter_places(owner_ids, entry_filter, batch)
            if len(matches) >= MAX_RESULTS:
                break
        return matches[:MAX_RESULTS]

    async def _rank_matches(self, owner_ids: Sequence[str], words: str, language: str) -> Mapping[EntryPlace, str]:
        by_meaning = self.embeddings is not None and self.embeddings.is_loaded
        shelves = await self.store.shelves.load(owner_ids, list_query_pieces(words, by_meaning=by_meaning))
        return await asyncio.to_thread(self._rank, shelves, words, language) if shelves else {}

    async def _preselect(self, owner_ids: Sequence[str], entry_filter: EntryFilter) -> Collection[EntryPlace] | None:
        """Return the places of the filtered entries; None if there are too many, or no filter."""
        return (
            await self.store.entries.list_places(owner_ids, entry_filter, _MAX_PRESELECTED)
            if entry_filter != ALL
            else None
        )

    def _rank(self, shelves: Sequence[Shelf], words: str, language: str) -> Mapping[EntryPlace, str]:
        """Return the ids of shelves by the places of matching entries, best match first."""
        import numpy as np

        indexes = [ShelfIndex.unpack(shelf.pieces) for shelf in shelves]
        word_scores = score_words(words, indexes, language)
        query_vectors = self._embed([words]) if MEANING in shelves[0].pieces else None
        meaning_scores = (
            np.zeros(len(word_scores), np.float32)
            if query_vectors is None
            else score_meaning(query_vectors[0], indexes)
        )
        scores = word_scores + np.maximum(meaning_scores, 0)
        hits = np.flatnonzero((word_scores > 0) | (meaning_scores >= _MIN_SIMILARITY))
        best = hits[np.argsort(-scores[hits], kind="stable")][:_MAX_RANKED_ENTRIES]
        ends = np.cumsum([len(index.ids) for index in indexes])
        ranked: dict[EntryPlace, str] = {}
        for row, shelf_number in zip(best.tolist(), np.searchsorted(ends, best, side="right").tolist(), strict=True):
            shelf, ids = shelves[shelf_number], indexes[shelf_number].ids
            ranked.setdefault((shelf.owner_id, ids[row - int(ends[shelf_number]) + len(ids)].decode()), shelf.id)
        return ranked

    async def index_pending(self, owner_id: str) -> None:
        """Index an owner's new entries. Deleted ones stay in the index until the cleanup, but are no results."""
        while pending := await self.store.entries.list_unshelved(owner_id, _MAX_INDEXED):
            old_shelf = await self.store.shelves.load_with_room(owner_id, MAX_SHELF_ENTRIES)
            new_index = await asyncio.to_thread(self._build_index, pending)
            index = (
                (await asyncio.to_thread(ShelfIndex.unpack, old_shelf.pieces)).merge_with(new_index)
                if old_shelf
                else new_index
            )
            brands = {entry.id: entry.brand for entry in pending}
            if not await self.store.shelves.put(owner_id, brands, index.pack(), len(index.ids), old_shelf):
                break  # Another process has indexed them in the meantime.

    def _build_index(self, entries: Sequence[LibraryEntry]) -> ShelfIndex:
        """Return the index of some entries, the newest ones with embeddings if possible."""
        ids, texts = [entry.id for entry in entries], [_build_search_text(entry) for entry in entries]
        index = ShelfIndex.build(ids, texts)
        newest_rows = range(max(0, len(entries) - _MAX_EMBEDDED), len(entries))
        if self.embeddings is None or not self.embeddings.is_loaded:
            return index
        vectors = self._embed([texts[row][:_MAX_EMBEDDED_CHARACTERS] for row in newest_rows])
        return index if vectors is None else index.with_vectors(vectors, newest_rows)

    def _embed(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        try:
            return self.embeddings.embed(texts) if self.embeddings else None
        except EngineError:
            return None


def _build_search_text(entry: LibraryEntry) -> str:
    """Return the text by which an entry is found: its title, brief and text."""
    return "\n".join(filter(None, (entry.title, str(entry.request.get("brief", "")), entry.text)))
