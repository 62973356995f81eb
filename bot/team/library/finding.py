"""Finds the entries of a library by words and by meaning: puts what was made since on shelves, then opens what a search needs."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.engines.embeddings import Embeddings
from bot.errors import EngineError
from bot.store import Store
from storage.entries import ALL, EntryFilter, LibraryEntry, Place
from storage.shelves import Shelf

from .shelf import MEANING, ROOM, Books, asked_pieces, near, shared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# More than these are hardly looked through: pages show no others.
MAX_FOUND = 200
# Entries that are looked at, the best first, until so many are found that are wanted.
_MAX_RANKED, _BATCH = 10_000, 500
# So few that are wanted are picked out of what was ranked, in place of looking at each of that.
_FEW = 10_000
# From 0 to 1: which nearness in meaning makes an entry one that was found; any of the words does, but for those in every text.
_NEAR = 0.15
# Entries put up in one go, and of those how many whose meaning is worked out while somebody waits: each takes 5 to 10 ms.
_PUT_UP, _MEANT = 500, 32
# Characters of a text that its meaning is worked out from: no model here reads more.
_MAX_READ = 1_200


@dataclass(frozen=True, slots=True)
class Finding:
    """Searches a library. `embeddings` None searches by words alone, and so does a process that has not loaded them yet."""

    store: Store
    embeddings: Embeddings | None = None

    async def search(
        self, owner_ids: Sequence[str], words: str, wanted: EntryFilter, spoken: str = "en"
    ) -> list[Place]:
        """The wanted entries of some owners that bear on the words, at most 200, the best first.

        `spoken` is the language of whoever asks (ISO 639-1), by which words weigh.
        """
        for owner_id in owner_ids:
            await self.put_up(owner_id)
        # Which are wanted the database says while the shelves are opened and looked through.
        ranked, few = await asyncio.gather(self._bearing(owner_ids, words, spoken), self._few(owner_ids, wanted))
        places = list(ranked) if few is None else [one for one in ranked if one in few]
        found: list[Place] = []
        for start in range(0, len(places), _BATCH):
            batch = {place: ranked[place] for place in places[start : start + _BATCH]}
            found += await self.store.entries.fitting(owner_ids, wanted, batch)
            if len(found) >= MAX_FOUND:
                break
        return found[:MAX_FOUND]

    async def _bearing(self, owner_ids: Sequence[str], words: str, spoken: str) -> Mapping[Place, str]:
        meaning = self.embeddings is not None and self.embeddings.loaded
        shelves = await self.store.shelves.opened(owner_ids, asked_pieces(words, meaning=meaning))
        return await asyncio.to_thread(self._ranked, shelves, words, spoken) if shelves else {}

    async def _few(self, owner_ids: Sequence[str], wanted: EntryFilter) -> Collection[Place] | None:
        """The wanted ones where they are few; None where they are many, or all."""
        return await self.store.entries.few(owner_ids, wanted, _FEW) if wanted != ALL else None

    def _ranked(self, shelves: Sequence[Shelf], words: str, spoken: str) -> Mapping[Place, str]:
        """The places that bear on the words, the best first, each with the shelf that it stands on."""
        import numpy as np

        books = [Books.read(one.pieces) for one in shelves]
        held = shared(words, books, spoken)
        asked = self._vectors([words]) if MEANING in shelves[0].pieces else None
        meant = np.zeros(len(held), np.float32) if asked is None else near(asked[0], books)
        scores = held + np.maximum(meant, 0)
        hits = np.flatnonzero((held > 0) | (meant >= _NEAR))
        best = hits[np.argsort(-scores[hits], kind="stable")][:_MAX_RANKED]
        ends = np.cumsum([len(one.ids) for one in books])
        ranked: dict[Place, str] = {}
        for at, number in zip(best.tolist(), np.searchsorted(ends, best, side="right").tolist(), strict=True):
            shelf, ids = shelves[number], books[number].ids
            ranked.setdefault((shelf.owner_id, ids[at - int(ends[number]) + len(ids)].decode()), shelf.id)
        return ranked

    async def put_up(self, owner_id: str) -> None:
        """Puts on an owner's shelves what they lack. What is gone is not found any more, and taken off when the bot tidies."""
        while loose := await self.store.entries.loose(owner_id, _PUT_UP):
            old = await self.store.shelves.open_one(owner_id, ROOM)
            fresh = await asyncio.to_thread(self._books, loose)
            books = (await asyncio.to_thread(Books.read, old.pieces)).with_more(fresh) if old else fresh
            brands = {one.id: one.brand for one in loose}
            if not await self.store.shelves.put(owner_id, brands, books.packed(), len(books.ids), old):
                break  # Another was quicker, and has put them up.

    def _books(self, entries: Sequence[LibraryEntry]) -> Books:
        ids, texts = [one.id for one in entries], [_text(one) for one in entries]
        books = Books.of(ids, texts)
        newest = range(max(0, len(entries) - _MEANT), len(entries))
        if self.embeddings is None or not self.embeddings.loaded:
            return books
        vectors = self._vectors([texts[at][:_MAX_READ] for at in newest])
        return books if vectors is None else books.meant(vectors, newest)

    def _vectors(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        try:
            return self.embeddings.embed(texts) if self.embeddings else None
        except EngineError:
            return None


def _text(entry: LibraryEntry) -> str:
    """What an entry is found by: what it is called, what it was asked for, and itself."""
    return "\n".join(filter(None, (entry.title, str(entry.request.get("brief", "")), entry.text)))
