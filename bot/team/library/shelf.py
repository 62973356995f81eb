"""A shelf of a library: the search index of its entries, packed in pieces, so that a search opens only a few of them. No I/O.

One piece lists the entries, one holds their embeddings, and each of the others the words of a range of hashes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self, TypeVar

from bot.documents.index import Index, hash_words, score_overlap

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T", bound="np.generic")
# Entries of a full shelf.
MAX_SHELF_ENTRIES = 1000
# Letters of the shortest indexed words, so that "SEO" can be found.
_MIN_WORD_LETTERS = 2
# The pieces: the entries, the ranges of words, and the embeddings.
HEAD, _RANGES = 0, 32
MEANING = _RANGES + 1
_RANGE_BITS = 32 - int(math.log2(_RANGES))
# Of a vector only the sign of each number is stored, 8 per byte: 48 bytes instead of 1,536.
_BITS_PER_BYTE = 8
# Nearest entries whose cosine is refined.
_MAX_REFINED_ENTRIES = 1000
# The ratio of a dot product with signs to one with the numbers, per square root of their count, for a normal distribution.
_SIGN_DOT_SCALE = math.sqrt(2 / math.pi)


def list_query_pieces(query: str, *, meaning: bool) -> list[int]:
    """Return the pieces that a search for some words opens."""
    ranges = {1 + (one >> _RANGE_BITS) for one in hash_words(query, _MIN_WORD_LETTERS)}
    return [HEAD, *sorted(ranges), *([MEANING] if meaning else [])]


@dataclass(frozen=True, slots=True)
class ShelfIndex:
    """The index of a shelf: the ids of its entries in order, and their words, all or only those of some ranges.

    `signs` has a row per entry, of zeros if its embedding is unknown; it is empty if that piece was not opened.
    """

    ids: NDArray[np.bytes_]
    words: Index
    signs: NDArray[np.uint8]

    @classmethod
    def build(cls, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> Self:
        """Build the index of entries with these texts."""
        import numpy as np

        signs = _empty_signs(len(ids)) if vectors is None else np.packbits(vectors > 0, axis=1)
        return cls(np.array(ids, np.bytes_), Index.build(texts, shortest=_MIN_WORD_LETTERS), signs)

    def merge_with(self, more: ShelfIndex) -> ShelfIndex:
        """Return an index of these entries followed by others."""
        import numpy as np

        old, new = self.words, more.words
        concatenated = (
            np.concatenate(both)
            for both in (
                (old.terms, new.terms),
                (old.places, new.places + np.uint32(len(self.ids))),
                (old.counts, new.counts),
            )
        )
        terms, places, counts = concatenated
        order = np.lexsort((places, terms))
        lengths = np.concatenate((old.lengths, new.lengths))
        words = Index(terms[order], places[order], counts[order], lengths, old.vectors[:0])
        signs = np.concatenate(_align_signs(self.signs, more.signs))
        return ShelfIndex(np.concatenate((self.ids, more.ids)), words, signs)

    def pack(self) -> dict[int, bytes]:
        """Return the pieces, which `unpack` reads."""
        import numpy as np

        words = self.words
        width = self.ids.dtype.itemsize
        head = np.array([len(self.ids), width], "<u4").tobytes() + words.lengths.astype("<u4").tobytes()
        pieces = {HEAD: head + self.ids.tobytes(), MEANING: self.signs.tobytes()}
        ends = np.searchsorted(words.terms, np.arange(1, _RANGES, dtype=np.uint64) << np.uint64(_RANGE_BITS))
        for number, at in enumerate(np.split(np.arange(len(words.terms)), ends), 1):
            arrays = words.terms[at].astype("<u4"), words.places[at].astype("<u2"), words.counts[at].astype("<u2")
            pieces[number] = b"".join(array.tobytes() for array in arrays)
        return pieces

    @classmethod
    def unpack(cls, pieces: Mapping[int, bytes]) -> Self:
        """Build an index from packed pieces, with the words and embeddings among them."""
        import numpy as np

        head = pieces[HEAD]
        count, width = (int(one) for one in np.frombuffer(head, "<u4", 2))
        lengths = np.frombuffer(head, "<u4", count, 8)
        ids = np.frombuffer(head, f"S{width}", count, 8 + lengths.nbytes) if count else np.array([], "S1")
        # Eight bytes per word of an entry.
        word_pieces = [pieces[number] for number in sorted(pieces) if 0 < number <= _RANGES]
        sizes = [len(piece) // 8 for piece in word_pieces]
        terms = _concatenate(
            [np.frombuffer(one, "<u4", n) for one, n in zip(word_pieces, sizes, strict=True)], np.uint32
        )
        places, counts = (
            _concatenate(
                [np.frombuffer(one, "<u2", n, first * n) for one, n in zip(word_pieces, sizes, strict=True)], np.uint16
            )
            for first in (4, 6)
        )
        words = Index(terms, places.astype(np.uint32), counts, lengths, np.zeros((count, 0), np.float16))
        signs = pieces.get(MEANING)
        sign_rows = (
            np.zeros((0, 0), np.uint8)
            if signs is None
            else np.frombuffer(signs, np.uint8).reshape(count, len(signs) // max(1, count))
        )
        return cls(ids, words, sign_rows)

    def with_vectors(self, vectors: NDArray[np.float32], at: Sequence[int]) -> ShelfIndex:
        """Return a copy with the embeddings of the entries at some positions."""
        import numpy as np

        signs = _signs_of_width(self, vectors.shape[1]).copy()
        signs[list(at)] = np.packbits(vectors > 0, axis=1)
        return replace(self, signs=signs)


def score_words(query: str, shelves: Sequence[ShelfIndex], spoken: str) -> NDArray[np.float32]:
    """Return the word score of each entry for a query, from 0 to 1, one shelf after another."""
    import numpy as np

    return _concatenate(score_overlap(query, [shelf.words for shelf in shelves], spoken, _MIN_WORD_LETTERS), np.float32)


def score_meaning(query_vector: NDArray[np.float32], shelves: Iterable[ShelfIndex]) -> NDArray[np.float32]:
    """Return the approximate cosine of a query vector with each entry of the shelves; 0 if an entry has no embedding.

    A quick pass compares signs; the nearest entries are refined with the query's own numbers.
    """
    import numpy as np

    signs = np.concatenate([_signs_of_width(shelf, len(query_vector)) for shelf in shelves])
    other = np.bitwise_count(signs.view(np.uint64) ^ np.packbits(query_vector > 0).view(np.uint64)).sum(axis=1)
    cosines = np.cos(np.pi / len(query_vector) * other).astype(np.float32)
    nearest = (
        np.argpartition(-cosines, _MAX_REFINED_ENTRIES)[:_MAX_REFINED_ENTRIES]
        if len(cosines) > _MAX_REFINED_ENTRIES
        else np.arange(len(cosines))
    )
    # The sum of the numbers with a positive sign minus those with a negative one.
    dots = (np.unpackbits(signs[nearest], axis=1).astype(np.float32) * 2 - 1) @ query_vector
    cosines[nearest] = dots / (_SIGN_DOT_SCALE * math.sqrt(len(query_vector)))
    return np.where(signs.any(axis=1), cosines, 0).astype(np.float32)


def _signs_of_width(shelf: ShelfIndex, numbers: int) -> NDArray[np.uint8]:
    """Return the signs of a shelf's entries, all zeros if another model made them."""
    return (
        shelf.signs
        if shelf.signs.shape == (len(shelf.ids), numbers // _BITS_PER_BYTE)
        else _empty_signs(len(shelf.ids), numbers)
    )


def _align_signs(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Align the signs of two indexes: of two models' signs only the newer ones are kept, unless those are unknown."""
    if old.shape[1] == new.shape[1]:
        return old, new
    if new.any():
        return _empty_signs(len(old), new.shape[1] * _BITS_PER_BYTE), new
    return old, _empty_signs(len(new), old.shape[1] * _BITS_PER_BYTE)


def _empty_signs(count: int, numbers: int = 512) -> NDArray[np.uint8]:
    import numpy as np

    return np.zeros((count, numbers // _BITS_PER_BYTE), np.uint8)


def _concatenate(arrays: Sequence[NDArray[T]], kind: type[T]) -> NDArray[T]:
    import numpy as np

    return np.concatenate(arrays) if arrays else np.array([], kind)
