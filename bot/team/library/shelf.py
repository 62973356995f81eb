"""A shelf of a library: what its entries are found by, packed in pieces, so that a search opens the few that it needs. Pure.

One piece holds which entries stand there, one what they are about, and the others the words, each those of a range of hashes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

from bot.documents.index import Index, hashes, overlap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T", bound="np.generic")
# So many entries stand on a full shelf.
ROOM = 1000
# Letters of the shortest words: "SEO" is looked for.
_MIN = 2
# The pieces: the entries, ranges of words, and what the entries are about.
HEAD, _RANGES = 0, 32
MEANING = _RANGES + 1
_RANGE_BITS = 32 - int(math.log2(_RANGES))
# What is kept of a vector is the sign of each of its numbers, 8 a byte: 48 bytes in place of 1,536.
_BITS = 8
# So many of the nearest are looked at more closely.
_REFINED = 1000
# How much a dot product with signs is of that with the numbers, for each square root of their count: of a normal distribution.
_OF_SIGNS = math.sqrt(2 / math.pi)


def asked_pieces(query: str, *, meaning: bool) -> list[int]:
    """The pieces that a search for some words opens."""
    ranges = {1 + (one >> _RANGE_BITS) for one in hashes(query, _MIN)}
    return [HEAD, *sorted(ranges), *([MEANING] if meaning else [])]


@dataclass(frozen=True, slots=True)
class Books:
    """Entries by their places, from 0, as one shelf holds them: their ids, and their words, all or those of some ranges.

    `signs` has a row an entry, of zeros where its meaning is not known; none where that was not opened.
    """

    ids: NDArray[np.bytes_]
    words: Index
    signs: NDArray[np.uint8]

    @classmethod
    def of(cls, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> Self:
        """Entries with these texts."""
        import numpy as np

        signs = _no_signs(len(ids)) if vectors is None else np.packbits(vectors > 0, axis=1)
        return cls(np.array(ids, np.bytes_), Index.of(texts, shortest=_MIN), signs)

    def with_more(self, more: Books) -> Books:
        """These and then others."""
        import numpy as np

        old, new = self.words, more.words
        joined = (np.concatenate(both) for both in (
            (old.terms, new.terms), (old.places, new.places + np.uint32(len(self.ids))), (old.counts, new.counts)))  # fmt: skip
        terms, places, counts = joined
        order = np.lexsort((places, terms))
        lengths = np.concatenate((old.lengths, new.lengths))
        words = Index(terms[order], places[order], counts[order], lengths, old.vectors[:0])
        signs = np.concatenate(_of_one_width(self.signs, more.signs))
        return Books(np.concatenate((self.ids, more.ids)), words, signs)

    def packed(self) -> dict[int, bytes]:
        """The pieces, which `read` reads."""
        import numpy as np

        words = self.words
        width = self.ids.dtype.itemsize
        head = np.array([len(self.ids), width], "<u4").tobytes() + words.lengths.astype("<u4").tobytes()
        pieces = {HEAD: head + self.ids.tobytes(), MEANING: self.signs.tobytes()}
        ends = np.searchsorted(words.terms, np.arange(1, _RANGES, dtype=np.uint64) << np.uint64(_RANGE_BITS))
        for number, at in enumerate(np.split(np.arange(len(words.terms)), ends), 1):
            arrays = words.terms[at].astype("<u4"), words.places[at].astype("<u2"), words.counts[at].astype("<u2")
            pieces[number] = b"".join(one.tobytes() for one in arrays)
        return pieces

    @classmethod
    def read(cls, pieces: Mapping[int, bytes]) -> Self:
        """The entries of pieces that were packed, with the words and meanings that are among them."""
        import numpy as np

        head = pieces[HEAD]
        count, width = (int(one) for one in np.frombuffer(head, "<u4", 2))
        lengths = np.frombuffer(head, "<u4", count, 8)
        ids = np.frombuffer(head, f"S{width}", count, 8 + lengths.nbytes) if count else np.array([], "S1")
        # Eight bytes for each word that stands in an entry.
        held = [pieces[number] for number in sorted(pieces) if 0 < number <= _RANGES]
        sizes = [len(one) // 8 for one in held]
        terms = _joined([np.frombuffer(one, "<u4", n) for one, n in zip(held, sizes, strict=True)], np.uint32)
        places, counts = (
            _joined([np.frombuffer(one, "<u2", n, first * n) for one, n in zip(held, sizes, strict=True)], np.uint16)
            for first in (4, 6)
        )
        words = Index(terms, places.astype(np.uint32), counts, lengths, np.zeros((count, 0), np.float16))
        signs = pieces.get(MEANING)
        read = (
            np.zeros((0, 0), np.uint8)
            if signs is None
            else np.frombuffer(signs, np.uint8).reshape(count, len(signs) // max(1, count))
        )
        return cls(ids, words, read)

    def meant(self, vectors: NDArray[np.float32], at: Sequence[int]) -> Books:
        """The same with the meanings of the entries at some places."""
        import numpy as np

        signs = _fitting(self, vectors.shape[1]).copy()
        signs[list(at)] = np.packbits(vectors > 0, axis=1)
        return replace(self, signs=signs)


def shared(query: str, shelves: Sequence[Books], spoken: str) -> NDArray[np.float32]:
    """How much of what a query is about each entry of the shelves holds in words, from 0 to 1, one shelf after another."""
    import numpy as np

    return _joined(overlap(query, [one.words for one in shelves], spoken, _MIN), np.float32)


def near(asked: NDArray[np.float32], shelves: Iterable[Books]) -> NDArray[np.float32]:
    """About which cosine the vector of a query has with each entry of the shelves; 0 where an entry's is not known.

    First by how many signs are the same, which is quick; of the nearest then with the query's own numbers.
    """
    import numpy as np

    signs = np.concatenate([_fitting(one, len(asked)) for one in shelves])
    other = np.bitwise_count(signs.view(np.uint64) ^ np.packbits(asked > 0).view(np.uint64)).sum(axis=1)
    found = np.cos(np.pi / len(asked) * other).astype(np.float32)
    nearest = np.argpartition(-found, _REFINED)[:_REFINED] if len(found) > _REFINED else np.arange(len(found))
    # The numbers that are up less those that are down.
    dots = (np.unpackbits(signs[nearest], axis=1).astype(np.float32) * 2 - 1) @ asked
    found[nearest] = dots / (_OF_SIGNS * math.sqrt(len(asked)))
    return np.where(signs.any(axis=1), found, 0).astype(np.float32)


def _fitting(shelf: Books, numbers: int) -> NDArray[np.uint8]:
    """The signs of a shelf's entries; none of them where they are another model's."""
    return (
        shelf.signs if shelf.signs.shape == (len(shelf.ids), numbers // _BITS) else _no_signs(len(shelf.ids), numbers)
    )


def _of_one_width(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Signs side by side: where they are two models', only the newer ones tell something, unless those are not known."""
    if old.shape[1] == new.shape[1]:
        return old, new
    if new.any():
        return _no_signs(len(old), new.shape[1] * _BITS), new
    return old, _no_signs(len(new), old.shape[1] * _BITS)


def _no_signs(count: int, numbers: int = 512) -> NDArray[np.uint8]:
    import numpy as np

    return np.zeros((count, numbers // _BITS), np.uint8)


def _joined(arrays: Sequence[NDArray[T]], kind: type[T]) -> NDArray[T]:
    import numpy as np

    return np.concatenate(arrays) if arrays else np.array([], kind)
