"""A shelf of a library: a search index of up to `MAX_SHELF_ENTRIES` entries, packed in pieces of which a search needs only a few.

One piece lists the entries, one has their embeddings, and each of the others has the words whose hashes are in one range. No I/O.
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
# The number of entries on a full shelf.
MAX_SHELF_ENTRIES = 1000
# Minimum letters of an indexed word.
_MIN_WORD_LETTERS = 2
# The numbers of the pieces: the entries, then one for each range of hashes, then the embeddings.
ENTRIES, _RANGES = 0, 32
MEANING = _RANGES + 1
_RANGE_BITS = 32 - int(math.log2(_RANGES))
# Only the signs of a vector's numbers are stored, 8 in a byte: 48 bytes instead of 1,536.
_BITS_PER_BYTE = 8
# Maximum nearest entries for which the cosine is computed more precisely.
_MAX_REFINED_ENTRIES = 1000
# For normally distributed numbers: the ratio of a dot product with a vector's signs to one with the vector itself, divided by the
# square root of its length.
_SIGN_DOT_SCALE = math.sqrt(2 / math.pi)


def list_query_pieces(query: str, *, by_meaning: bool) -> list[int]:
    """Return the numbers of the pieces that a search needs."""
    ranges = {1 + (word_hash >> _RANGE_BITS) for word_hash in hash_words(query, _MIN_WORD_LETTERS)}
    return [ENTRIES, *sorted(ranges), *([MEANING] if by_meaning else [])]


@dataclass(frozen=True, slots=True)
class ShelfIndex:
    """The index of a shelf: the ids of its entries in order, and their words, all or only those of the loaded ranges.

    `signs` has a row of packed bits for each entry, all zeros if it has no embedding; it is empty if that piece was not loaded.
    """

    ids: NDArray[np.bytes_]
    words: Index
    signs: NDArray[np.uint8]

    @classmethod
    def build(cls, ids: Sequence[str], texts: Sequence[str], vectors: NDArray[np.float32] | None = None) -> Self:
        """Build the index of entries from their ids, texts and embeddings (one row each)."""
        import numpy as np

        signs = _empty_signs(len(ids)) if vectors is None else np.packbits(vectors > 0, axis=1)
        return cls(np.array(ids, np.bytes_), Index.build(texts, shortest=_MIN_WORD_LETTERS), signs)

    def merge_with(self, other: ShelfIndex) -> ShelfIndex:
        """Return an index of these entries followed by those of another one."""
        import numpy as np

        old, new = self.words, other.words
        concatenated = (
            np.concatenate(pair)
            for pair in (
                (old.terms, new.terms),
                (old.places, new.places + np.uint32(len(self.ids))),
                (old.counts, new.counts),
            )
        )
        terms, places, counts = concatenated
        order = np.lexsort((places, terms))
        lengths = np.concatenate((old.lengths, new.lengths))
        words = Index(terms[order], places[order], counts[order], lengths, old.vectors[:0])
        signs = np.concatenate(_align_signs(self.signs, other.signs))
        return ShelfIndex(np.concatenate((self.ids, other.ids)), words, signs)

    def pack(self) -> dict[int, bytes]:
        """Return the pieces by number, which `unpack` reads."""
        import numpy as np

        words = self.words
        width = self.ids.dtype.itemsize
        head = np.array([len(self.ids), width], "<u4").tobytes() + words.lengths.astype("<u4").tobytes()
        pieces = {ENTRIES: head + self.ids.tobytes(), MEANING: self.signs.tobytes()}
        ends = np.searchsorted(words.terms, np.arange(1, _RANGES, dtype=np.uint64) << np.uint64(_RANGE_BITS))
        for number, rows in enumerate(np.split(np.arange(len(words.terms)), ends), 1):
            arrays = words.terms[rows].astype("<u4"), words.places[rows].astype("<u2"), words.counts[rows].astype("<u2")
            pieces[number] = b"".join(array.tobytes() for array in arrays)
        return pieces

    @classmethod
    def unpack(cls, pieces: Mapping[int, bytes]) -> Self:
        """Build an index from pieces by number: all of them, or those that a search needs."""
        import numpy as np

        head = pieces[ENTRIES]
        count, width = (int(number) for number in np.frombuffer(head, "<u4", 2))
        lengths = np.frombuffer(head, "<u4", count, 8)
        ids = np.frombuffer(head, f"S{width}", count, 8 + lengths.nbytes) if count else np.array([], "S1")
        # Eight bytes for each word of an entry: term, place and count.
        word_pieces = [pieces[number] for number in sorted(pieces) if 0 < number <= _RANGES]
        sizes = [len(piece) // 8 for piece in word_pieces]
        terms = _concatenate(
            [np.frombuffer(piece, "<u4", size) for piece, size in zip(word_pieces, sizes, strict=True)], np.uint32
        )
        places, counts = (
            _concatenate(
                [
                    np.frombuffer(piece, "<u2", size, offset * size)
                    for piece, size in zip(word_pieces, sizes, strict=True)
                ],
                np.uint16,
            )
            for offset in (4, 6)
        )
        words = Index(terms, places.astype(np.uint32), counts, lengths, np.zeros((count, 0), np.float16))
        signs = pieces.get(MEANING)
        sign_rows = (
            np.zeros((0, 0), np.uint8)
            if signs is None
            else np.frombuffer(signs, np.uint8).reshape(count, len(signs) // max(1, count))
        )
        return cls(ids, words, sign_rows)

    def with_vectors(self, vectors: NDArray[np.float32], rows: Sequence[int]) -> ShelfIndex:
        """Return a copy with the embeddings of the entries with some indexes."""
        import numpy as np

        signs = _signs_of_width(self, vectors.shape[1]).copy()
        signs[list(rows)] = np.packbits(vectors > 0, axis=1)
        return replace(self, signs=signs)


def score_words(query: str, shelves: Sequence[ShelfIndex], language: str) -> NDArray[np.float32]:
    """Return the word score (0 to 1) of each entry for a query, one shelf after another. `language` (ISO 639-1) is the user's."""
    import numpy as np

    return _concatenate(
        score_overlap(query, [shelf.words for shelf in shelves], language, _MIN_WORD_LETTERS), np.float32
    )


def score_meaning(query_vector: NDArray[np.float32], shelves: Iterable[ShelfIndex]) -> NDArray[np.float32]:
    """Return the approximate cosine of a query vector with each entry of the shelves; 0 if an entry has no embedding.

    It is estimated from the signs of both vectors first, and for the nearest entries again with the query's numbers.
    """
    import numpy as np

    signs = np.concatenate([_signs_of_width(shelf, len(query_vector)) for shelf in shelves])
    differing_signs = np.bitwise_count(signs.view(np.uint64) ^ np.packbits(query_vector > 0).view(np.uint64)).sum(
        axis=1
    )
    cosines = np.cos(np.pi / len(query_vector) * differing_signs).astype(np.float32)
    nearest = (
        np.argpartition(-cosines, _MAX_REFINED_ENTRIES)[:_MAX_REFINED_ENTRIES]
        if len(cosines) > _MAX_REFINED_ENTRIES
        else np.arange(len(cosines))
    )
    # The dot products of the query vector with the signs as 1 and -1.
    dots = (np.unpackbits(signs[nearest], axis=1).astype(np.float32) * 2 - 1) @ query_vector
    cosines[nearest] = dots / (_SIGN_DOT_SCALE * math.sqrt(len(query_vector)))
    return np.where(signs.any(axis=1), cosines, 0).astype(np.float32)


def _signs_of_width(shelf: ShelfIndex, dimensions: int) -> NDArray[np.uint8]:
    """Return the signs of a shelf's entries; all zeros if they are missing or from a model with other dimensions."""
    return (
        shelf.signs
        if shelf.signs.shape == (len(shelf.ids), dimensions // _BITS_PER_BYTE)
        else _empty_signs(len(shelf.ids), dimensions)
    )


def _align_signs(old: NDArray[np.uint8], new: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the signs of two indexes with the same width. If they are from different models, the older ones become zeros, or the newer
    ones if they are all zeros.
    """
    if old.shape[1] == new.shape[1]:
        return old, new
    if new.any():
        return _empty_signs(len(old), new.shape[1] * _BITS_PER_BYTE), new
    return old, _empty_signs(len(new), old.shape[1] * _BITS_PER_BYTE)


def _empty_signs(count: int, dimensions: int = 512) -> NDArray[np.uint8]:
    import numpy as np

    return np.zeros((count, dimensions // _BITS_PER_BYTE), np.uint8)


def _concatenate(arrays: Sequence[NDArray[T]], dtype: type[T]) -> NDArray[T]:
    import numpy as np

    return np.concatenate(arrays) if arrays else np.array([], dtype)
