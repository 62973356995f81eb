"""Classify which kind of content a free text asks for.

A classifier over character and word n-grams, extended by sentence embeddings once they are loaded: ridge regression on the
kinds' utterances, solved in closed form when it is first needed.
"""

from __future__ import annotations

import math
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.checks.terms import normalise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# n-grams are hashed into this many columns; fewer cost accuracy through collisions, more cost memory while training.
COLUMNS = 1 << 13
# Tuned by five-fold cross-validation over the utterances (benchmarks/routing.py).
RIDGE = 0.6
EMBEDDING_WEIGHT = 1.4
SHARPNESS = 9.0
# A less certain text is written as a plain text: that harms an article less than being taken for a quiz harms a sign. Only the first
# characters of a text are classified; nobody names a kind after 2,000.
THRESHOLD = 0.2
# Below this confidence a capable model is asked instead: by words alone 86 of 239 texts are below it, and 23 of the 25 that are
# misclassified.
ASK_BELOW = 0.4
_MAX_CHARACTERS = 2000
# In a command for one family, a text asks for another kind if the family's share is at most the first and the other kind's at
# least the second, or the third if the text names it (measured by benchmarks/routing.py).
OWN_SHARE, OTHER_SHARE, OTHER_NAMED_SHARE = 0.1, 0.5, 0.35
# The number of other kinds offered, and the minimum share of a second one.
_MAX_OTHERS, _MIN_OFFERED_SHARE = 2, 0.1
_NO_LETTERS = re.compile(r"^[\W\d_]*$")

Embedder = Callable[[Sequence[str]], "Matrix"]


@dataclass(frozen=True, slots=True)
class Route:
    """The classification of a text: `kind` is None if the user should be asked; `candidates` are the likely kinds, best first.

    `shares` holds the probability of each kind, best first.
    """

    kind: str | None
    confidence: float
    candidates: tuple[str, ...]
    shares: tuple[tuple[str, float], ...] = ()

    def find_other_kinds(self, within: Collection[str], named: Collection[str] = ()) -> tuple[str, ...]:
        """Return the likely kinds outside of `within` if the text clearly asks for one of those, else nothing.

        Kinds that the text has `named` need less confidence.
        """
        own_share = sum(share for kind, share in self.shares if kind in within)
        others = [(kind, share) for kind, share in self.shares if kind not in within]
        if not others:
            return ()
        best, best_share = others[0]
        if own_share > OWN_SHARE or best_share < (OTHER_NAMED_SHARE if best in named else OTHER_SHARE):
            return ()
        return (best, *(kind for kind, share in others[1:_MAX_OTHERS] if share >= _MIN_OFFERED_SHARE))


class Router:
    """A classifier of texts into kinds. `embed` returns unit vectors of texts; without it only words decide.

    Construction trains it on utterances, which takes numpy and some seconds; restoring from weights needs neither.
    """

    def __init__(self, utterances: Mapping[str, Sequence[str]], embed: Embedder | None = None) -> None:
        self._kinds = list(utterances)
        self._embed = embed
        self.weights = array("f", _solve(utterances, embed).tobytes())

    @classmethod
    def restore(cls, kinds: Sequence[str], weights: bytes, embed: Embedder | None = None) -> Router:
        """Restore the classifier from stored `weights`: a row of 32-bit floats per column, one float per kind.

        Raises:
            ValueError: The weights do not match the number of kinds.
        """
        router = cls.__new__(cls)
        router._kinds, router._embed = list(kinds), embed
        router.weights = array("f", weights)
        if len(router.weights) % len(router._kinds) or len(router.weights) < COLUMNS * len(router._kinds):
            raise ValueError("weights of another training")
        return router

    @property
    def has_embeddings(self) -> bool:
        """Whether it uses an embedding model."""
        return self._embed is not None

    def route(self, text: str, without: str = "") -> Route:
        """Return the kind that a text asks for, with a confidence from 0 to 1, among all but one of them."""
        text = text[:_MAX_CHARACTERS]
        if _NO_LETTERS.match(normalise(text)) or is_noise(text):
            return Route(None, 0.0, ())
        scores = {kind: score for kind, score in zip(self._kinds, self._score(text), strict=True) if kind != without}
        highest = max(scores.values())
        weights = {kind: math.exp(SHARPNESS * (score - highest)) for kind, score in scores.items()}
        total = sum(weights.values())
        ranked = sorted(weights.items(), key=lambda pair: -pair[1])
        shares = tuple((kind, weight / total) for kind, weight in ranked)
        best, confidence = shares[0]
        candidates = tuple(kind for kind, _ in shares[:3])
        return Route(best if confidence >= THRESHOLD else None, round(confidence, 3), candidates, shares)

    def _score(self, text: str) -> list[float]:
        """Return the score of each kind, in their order."""
        grams = ngrams(text)
        length = math.sqrt(sum(value * value for value in grams.values())) or 1.0
        features = [(column, value / length) for column, value in grams.items()]
        if self._embed is not None:
            vector = self._embed([text])[0]
            features += [(COLUMNS + index, EMBEDDING_WEIGHT * float(value)) for index, value in enumerate(vector)]
        count = len(self._kinds)
        scores = [0.0] * count
        for column, value in features:
            row = self.weights[column * count : (column + 1) * count]
            scores = [score + value * weight for score, weight in zip(scores, row, strict=True)]
        return scores


def _solve(utterances: Mapping[str, Sequence[str]], embed: Embedder | None) -> Matrix:
    """Solve the ridge regression of kinds on features; shape (columns, kinds)."""
    import numpy as np

    texts = [text for phrases in utterances.values() for text in phrases]
    labels = np.repeat(np.arange(len(utterances)), [len(phrases) for phrases in utterances.values()])
    features = _build_features(texts, embed)
    targets = np.full((len(texts), len(utterances)), -1.0 / max(1, len(utterances) - 1), dtype=np.float32)
    targets[np.arange(len(texts)), labels] = 1.0
    # Kinds with fewer utterances weigh as much as those with many.
    weight = np.sqrt(len(texts) / (len(utterances) * np.bincount(labels)))[labels][:, None].astype(np.float32)
    features, targets = features * weight, targets * weight
    kernel = features @ features.T + RIDGE * np.eye(len(texts), dtype=np.float32)
    solution: Matrix = (features.T @ np.linalg.solve(kernel, targets)).astype(np.float32)
    return solution


def _build_features(texts: Sequence[str], embed: Embedder | None) -> Matrix:
    import numpy as np

    words = np.zeros((len(texts), COLUMNS), dtype=np.float32)
    for row, text in enumerate(texts):
        for column, value in ngrams(text).items():
            words[row, column] += value
    words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-6)
    if embed is None:
        return words
    return np.concatenate([words, EMBEDDING_WEIGHT * embed(list(texts))], axis=1)


def ngrams(text: str) -> dict[int, float]:
    """Return weights by column: words, word pairs, and 2 to 5 characters within a word, logarithmically damped."""
    tokens = re.findall(r"[^\W_]+|[?!:]", normalise(text[:_MAX_CHARACTERS]))
    counts: Counter[str] = Counter()
    for index, token in enumerate(tokens):
        counts[f"w {token}"] += 2
        if index:
            counts[f"p {tokens[index - 1]} {token}"] += 1
        padded = f" {token} "
        for size in (2, 3, 4, 5):
            counts.update(f"c {padded[start : start + size]}" for start in range(len(padded) - size + 1))
    if tokens:
        counts[f"first {tokens[0]}"] += 2
    weights: dict[int, float] = {}
    for gram, count in counts.items():
        column = zlib.crc32(gram.encode()) % COLUMNS
        weights[column] = weights.get(column, 0.0) + 1 + math.log(count)
    return weights


def is_noise(text: str) -> bool:
    """Return whether a text asks for nothing: empty, only signs, or one letter or syllable repeated. Fast on any input."""
    letters = [character for character in normalise(text[:_MAX_CHARACTERS]) if character.isalnum()]
    return len(letters) < 2 or (len(letters) >= 12 and len(set(letters)) <= 2)
