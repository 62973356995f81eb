"""Finds out which kind of content a free text asks for.

A classifier over character and word n-grams, joined by sentence embeddings when they are loaded: ridge regression on the
kinds' utterances, solved in closed form when it is first needed.
"""

from __future__ import annotations

import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.checks.terms import norm

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# n-grams are hashed into so many columns; with fewer, collisions cost accuracy, with more, memory while training.
COLUMNS = 1 << 13
# Found by five-fold cross-validation over the utterances (benchmarks/routing.py).
RIDGE = 0.6
EMBEDDING_WEIGHT = 1.4
SHARPNESS = 9.0
# Below this the user is asked. Texts are judged by their first characters; nobody says what they want after 2,000.
THRESHOLD = 0.45
_MOST_CHARACTERS = 2000
_SMALL = re.compile(r"^[\W\d_]*$")

Embed = Callable[[Sequence[str]], "Matrix"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a text goes: `kind` is None when the user should be asked; `candidates` are the likely kinds, best first."""

    kind: str | None
    confidence: float
    candidates: tuple[str, ...]


class Router:
    """A classifier of texts into kinds. `embed` gives unit vectors of texts; without it words alone decide."""

    def __init__(self, utterances: Mapping[str, Sequence[str]], embed: Embed | None = None) -> None:
        import numpy as np

        self._kinds = list(utterances)
        self._embed = embed
        texts = [text for phrases in utterances.values() for text in phrases]
        labels = np.repeat(np.arange(len(self._kinds)), [len(phrases) for phrases in utterances.values()])
        features = self._features(texts)
        targets = np.full((len(texts), len(self._kinds)), -1.0 / max(1, len(self._kinds) - 1), dtype=np.float32)
        targets[np.arange(len(texts)), labels] = 1.0
        # Kinds with fewer utterances weigh as much as those with many.
        weight = np.sqrt(len(texts) / (len(self._kinds) * np.bincount(labels)))[labels][:, None].astype(np.float32)
        features, targets = features * weight, targets * weight
        kernel = features @ features.T + RIDGE * np.eye(len(texts), dtype=np.float32)
        self._weights = features.T @ np.linalg.solve(kernel, targets)

    def route(self, text: str) -> Route:
        """The kind a text asks for, with how sure that is, from 0 to 1."""
        import numpy as np

        text = text[:_MOST_CHARACTERS]
        if _SMALL.match(norm(text)) or is_noise(text):
            return Route(None, 0.0, ())
        scores = (self._features([text]) @ self._weights)[0]
        shares = np.exp(SHARPNESS * (scores - scores.max()))
        shares /= shares.sum()
        order = np.argsort(-shares)
        confidence = float(shares[order[0]])
        candidates = tuple(self._kinds[at] for at in order[:3])
        return Route(candidates[0] if confidence >= THRESHOLD else None, round(confidence, 3), candidates)

    def _features(self, texts: Sequence[str]) -> Matrix:
        import numpy as np

        words = np.zeros((len(texts), COLUMNS), dtype=np.float32)
        for row, text in enumerate(texts):
            for column, value in ngrams(text).items():
                words[row, column] += value
        words /= np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-6)
        if self._embed is None:
            return words
        return np.concatenate([words, EMBEDDING_WEIGHT * self._embed(list(texts))], axis=1)


def ngrams(text: str) -> dict[int, float]:
    """Weights by column: words, pairs of words, and 2 to 5 characters within a word, each damped by its logarithm."""
    tokens = re.findall(r"[^\W_]+|[?!:]", norm(text[:_MOST_CHARACTERS]))
    counts: Counter[str] = Counter()
    for at, token in enumerate(tokens):
        counts[f"w {token}"] += 2
        if at:
            counts[f"p {tokens[at - 1]} {token}"] += 1
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
    """Text that asks for nothing: empty, signs only, or one letter or syllable over and over. Quick on any input."""
    letters = [c for c in norm(text[:_MOST_CHARACTERS]) if c.isalnum()]
    return len(letters) < 2 or (len(letters) >= 12 and len(set(letters)) <= 2)
