"""What of a document is searched: which words each passage holds, and its vector. Packed, so that it is read in one piece."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Literal, Self, TypeVar

from bot.checks.terms import normalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# BM25's usual parameters (Robertson, Zaragoza 2009).
_K1, _B = 1.2, 0.75
# Zipf frequency (log10 of occurrences in a billion words) of words that are in every text.
_COMMON = 6.0
_MAX_COUNT = 65_535
# Letters of the shortest words that documents are searched by: shorter ones hardly tell what a passage is about.
MIN = 4
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")

_WORD = re.compile(r"[^\W_]+")
T = TypeVar("T", bound="np.generic")


@dataclass(frozen=True, slots=True)
class Index:
    """The passages of a document, by their numbers from 0.

    `terms` are hashes of the words, in order, each as often as there are passages with it; `places` and `counts` tell which
    passage that is and how often it stands there. `lengths` are the words of each passage. `vectors` has a row each, and no
    columns where there are none.
    """

    terms: NDArray[np.uint32]
    places: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    lengths: NDArray[np.uint32]
    vectors: NDArray[np.float16]

    @classmethod
    def of(cls, texts: Sequence[str], vectors: NDArray[np.float32] | None = None, shortest: int = MIN) -> Self:
        """The index of passages with these texts, by their words of so many letters or more."""
        import numpy as np

        counted = [Counter(_terms(text, shortest)) for text in texts]
        found = sorted((_hash(term), at, count) for at, words in enumerate(counted) for term, count in words.items())
        terms, places, counts = zip(*found, strict=True) if found else ((), (), ())
        # Half precision is exact enough to compare by.
        near = np.zeros((len(texts), 0), np.float16) if vectors is None else vectors.astype(np.float16)
        return cls(
            np.array(terms, np.uint32),
            np.array(places, np.uint32),
            np.minimum(np.array(counts, np.uint32), _MAX_COUNT).astype(np.uint16),
            np.array([words.total() for words in counted], np.uint32),
            near,
        )

    def packed(self) -> bytes:
        """All of it as bytes, which `read` reads: the sizes, then one array after another, little-endian."""
        import numpy as np

        sizes = np.array([len(self.terms), *self.vectors.shape], np.uint32)
        arrays = (sizes, self.terms, self.places, self.lengths, self.counts, self.vectors)
        return b"".join(one.astype(one.dtype.newbyteorder("<")).tobytes() for one in arrays)

    @classmethod
    def read(cls, packed: bytes) -> Self:
        """The index that was packed."""
        import numpy as np

        words, passages, numbers = (int(one) for one in np.frombuffer(packed, "<u4", 3))
        at = 12

        def taken(kind: type[T], count: int) -> NDArray[T]:
            nonlocal at
            array = np.frombuffer(packed, np.dtype(kind).newbyteorder("<"), count, at)
            at += array.nbytes
            return array

        terms, places, lengths = taken(np.uint32, words), taken(np.uint32, words), taken(np.uint32, passages)
        counts, vectors = taken(np.uint16, words), taken(np.float16, passages * numbers)
        return cls(terms, places, counts, lengths, vectors.reshape(passages, numbers))


def overlap(query: str, indexes: Sequence[Index], spoken: str = "en", shortest: int = MIN) -> list[NDArray[np.float32]]:
    """How much of what a query is about each passage holds, from 0 to 1: its BM25 score, of that of one that holds all.

    A word weighs by how rare it is in the language `spoken` (ISO 639-1), since a few passages tell nothing of that. Words of
    fewer letters than the `shortest` do not count unless they have a digit; a plural counts as its singular.
    """
    import numpy as np

    weights = {term: weight for term in set(_terms(query, shortest)) if (weight := _rarity(term, spoken))}
    most, passages = sum(weights.values()), sum(len(one.lengths) for one in indexes)
    usual = sum(int(one.lengths.sum()) for one in indexes) / (passages or 1) or 1.0
    scores = []
    for index in indexes:
        damping = _K1 * (1 - _B + _B * index.lengths / usual)
        score = np.zeros(len(index.lengths), np.float32)
        for term, weight in weights.items():
            wanted = np.uint32(_hash(term))
            here = slice(*(int(np.searchsorted(index.terms, wanted, side)) for side in _SIDES))
            places, counts = index.places[here], index.counts[here].astype(np.float32)
            score[places] += weight / most * counts * (_K1 + 1) / (counts + damping[places])
        scores.append(np.minimum(score, 1.0))
    return scores


def nearness(asked: NDArray[np.float32], index: Index) -> NDArray[np.float32] | None:
    """Cosines of a query's vector with the passages; None where they have no vectors, or those of another model."""
    import numpy as np

    return index.vectors.astype(np.float32) @ asked if index.vectors.shape[1] == len(asked) else None


def hashes(text: str, shortest: int = MIN) -> set[int]:
    """The words of a text as an index holds them."""
    return {_hash(term) for term in _terms(text, shortest)}


def _terms(text: str, shortest: int) -> list[str]:
    found = [
        word
        for word in _WORD.findall(normalise(text))
        if len(word) >= shortest or word.isdigit() or any(map(str.isdigit, word))
    ]
    return [re.sub(r"(?<=\w{3}[^s])s$", "", word) if word.endswith("s") else word for word in found]


def _hash(term: str) -> int:
    """A word in 32 bits: that a document of 10,000 words holds another with the hash of one asked for is 1 in 400,000."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "little")


def _rarity(word: str, spoken: str) -> float:
    """0 for the commonest words, such as "what", growing with the square of the orders of magnitude below them."""
    from wordfreq import zipf_frequency

    try:
        usual = zipf_frequency(word, spoken)
    except LookupError:
        usual = zipf_frequency(word, "en")
    return max(0.0, _COMMON - usual) ** 2
