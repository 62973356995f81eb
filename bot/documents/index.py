"""The search index of a document: the words and the vector of each passage, packed into one byte string."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Self, TypeVar

from bot.checks.terms import normalise
from personas.word_frequency import get_zipf_frequency

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# The common parameters of BM25 (Robertson, Zaragoza 2009).
_K1, _B = 1.2, 0.75
# Zipf frequency (log10 of occurrences in a billion words) of words that are in every text.
_COMMON_ZIPF = 6.0
_MAX_COUNT = 65_535
# Letters of the shortest indexed words: shorter ones say little about a passage.
MIN_WORD_LETTERS = 4

_WORD = re.compile(r"[^\W_]+")
T = TypeVar("T", bound="np.generic")


@dataclass(frozen=True, slots=True)
class Index:
    """The index of a document's passages, numbered from 0.

    `terms` are sorted hashes of words, one entry per passage that contains the word; `places` and `counts` are the passage and
    the number of occurrences of each entry. `lengths` counts the words of each passage. `vectors` has a row per passage, and no
    columns without embeddings.
    """

    terms: NDArray[np.uint32]
    places: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.uint32]
    vectors: NDArray[np.float16]

    @classmethod
    def build(
        cls, texts: Sequence[str], vectors: NDArray[np.float32] | None = None, shortest: int = MIN_WORD_LETTERS
    ) -> Self:
        """Build the index of passages with these texts; `shortest` is the letters of the shortest indexed words."""
        import numpy as np

        term_counts = [Counter(_extract_terms(text, shortest)) for text in texts]
        entries = sorted(
            (_hash(term), passage, count)
            for passage, passage_counts in enumerate(term_counts)
            for term, count in passage_counts.items()
        )
        terms, places, counts = zip(*entries, strict=True) if entries else ((), (), ())
        # Half precision is exact enough for comparisons.
        rows = np.zeros((len(texts), 0), np.float16) if vectors is None else vectors.astype(np.float16)
        return cls(
            np.array(terms, np.uint32),
            np.array(places, np.uint32),
            np.minimum(np.array(counts, np.uint32), _MAX_COUNT).astype(np.uint16),
            np.array([passage_counts.total() for passage_counts in term_counts], np.uint32),
            rows,
        )

    def pack(self) -> bytes:
        """Return the bytes that `unpack` reads: the sizes, then the arrays, little-endian."""
        import numpy as np

        sizes = np.array([len(self.terms), *self.vectors.shape], np.uint32)
        arrays = (sizes, self.terms, self.places, self.lengths, self.counts, self.vectors)
        return b"".join(array.astype(array.dtype.newbyteorder("<")).tobytes() for array in arrays)

    @classmethod
    def unpack(cls, pack: bytes) -> Self:
        """Read an index from the bytes of `pack`."""
        import numpy as np

        entry_count, passage_count, width = (int(size) for size in np.frombuffer(pack, "<u4", 3))
        at = 12  # After the three sizes of four bytes.

        def take(kind: type[T], count: int) -> NDArray[T]:
            nonlocal at
            array = np.frombuffer(pack, np.dtype(kind).newbyteorder("<"), count, at)
            at += array.nbytes
            return array

        terms, places, lengths = (
            take(np.uint32, entry_count),
            take(np.uint32, entry_count),
            take(np.uint32, passage_count),
        )
        counts, vectors = take(np.uint16, entry_count), take(np.float16, passage_count * width)
        return cls(terms, places, counts, lengths, vectors.reshape(passage_count, width))


def score_overlap(
    query: str, indexes: Sequence[Index], language: str = "en", shortest: int = MIN_WORD_LETTERS
) -> list[NDArray[np.float32]]:
    """Return the word score of each passage for a query, from 0 to 1: its BM25 score relative to a passage with all words.

    A word is weighted by its rarity in the `language` (ISO 639-1), as a few passages cannot show it. Words shorter than
    `shortest` are ignored unless they have a digit; a plural counts as its singular.
    """
    import numpy as np

    weights = {term: weight for term in set(_extract_terms(query, shortest)) if (weight := _weigh_word(term, language))}
    max_score, passage_count = sum(weights.values()), sum(len(index.lengths) for index in indexes)
    mean_length = sum(int(index.lengths.sum()) for index in indexes) / (passage_count or 1) or 1.0
    scores = []
    for index in indexes:
        damping = _K1 * (1 - _B + _B * index.lengths / mean_length)
        score = np.zeros(len(index.lengths), np.float32)
        for term, weight in weights.items():
            term_hash = np.uint32(_hash(term))
            start = int(np.searchsorted(index.terms, term_hash, "left"))
            end = int(np.searchsorted(index.terms, term_hash, "right"))
            places, counts = index.places[start:end], index.counts[start:end].astype(np.float32)
            score[places] += weight / max_score * counts * (_K1 + 1) / (counts + damping[places])
        scores.append(np.minimum(score, 1.0))
    return scores


def compute_similarity(query_vector: NDArray[np.float32], index: Index) -> NDArray[np.float32] | None:
    """Return the cosines of a query vector with the passages; None if they have no vectors, or another model's."""
    import numpy as np

    return index.vectors.astype(np.float32) @ query_vector if index.vectors.shape[1] == len(query_vector) else None


def hash_words(text: str, shortest: int = MIN_WORD_LETTERS) -> set[int]:
    """Return the hashes of the words of a text, as an index stores them."""
    return {_hash(term) for term in _extract_terms(text, shortest)}


def _extract_terms(text: str, shortest: int) -> list[str]:
    words = [word for word in _WORD.findall(normalise(text)) if len(word) >= shortest or any(map(str.isdigit, word))]
    return [re.sub(r"(?<=\w{3}[^s])s$", "", word) if word.endswith("s") else word for word in words]


def _hash(term: str) -> int:
    """Hash a word to 32 bits: the chance that a given word collides with one of 10,000 is 1 in 400,000."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")


def _weigh_word(word: str, language: str) -> float:
    """Return the weight of a word: 0 for the most common ones, growing with the square of the orders of magnitude below them."""
    return max(0.0, _COMMON_ZIPF - get_zipf_frequency(word, language)) ** 2
