"""Finds out which kind of content a free text asks for.

A classifier over character and word n-grams, joined by sentence embeddings when they are loaded: ridge regression on the
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
# Below this the user is asked: of held-out utterances that are so unsure, two of three go to a wrong kind. Texts are judged
# by their first characters; nobody says what they want after 2,000.
THRESHOLD = 0.2
_MAX_CHARACTERS = 2000
# Where a command makes the kinds of one family, a text asks for another thing when the family is no likelier than this and
# some other kind at least as likely as that, or, where the text names that kind, as these (measured by benchmarks/routing.py).
OWN_SHARE, OTHER_SHARE = 0.1, 0.5
OWN_NAMED, OTHER_NAMED = 0.05, 0.35
# So many other kinds are offered, a second one where it is so likely.
_MAX_OTHERS, _WORTH_OFFERING = 2, 0.1
_SMALL = re.compile(r"^[\W\d_]*$")

Embed = Callable[[Sequence[str]], "Matrix"]


@dataclass(frozen=True, slots=True)
class Route:
    """Where a text goes: `kind` is None when the user should be asked; `candidates` are the likely kinds, best first.

    `shares` says how likely each kind is, from 0 to 1, best first.
    """

    kind: str | None
    confidence: float
    candidates: tuple[str, ...]
    shares: tuple[tuple[str, float], ...] = ()

    def elsewhere(self, within: Collection[str], named: Collection[str] = ()) -> tuple[str, ...]:
        """The likely kinds outside of some, where the text clearly asks for one of those; empty where it may be of these.

        Of a kind that the text has `named` it need not be as sure.
        """
        own = sum(share for kind, share in self.shares if kind in within)
        others = [(kind, share) for kind, share in self.shares if kind not in within]
        if not others:
            return ()
        best, share = others[0]
        sure = own <= OWN_SHARE and share >= OTHER_SHARE
        if not sure and not (best in named and own <= OWN_NAMED and share >= OTHER_NAMED):
            return ()
        return (best, *(kind for kind, share in others[1:_MAX_OTHERS] if share >= _WORTH_OFFERING))


class Router:
    """A classifier of texts into kinds. `embed` gives unit vectors of texts; without it words alone decide.

    Made from utterances it is trained, which takes numpy and about a second; restored from weights it needs neither.
    """

    def __init__(self, utterances: Mapping[str, Sequence[str]], embed: Embed | None = None) -> None:
        self._kinds = list(utterances)
        self._embed = embed
        self.weights = array("f", _solved(utterances, embed).tobytes())

    @classmethod
    def restored(cls, kinds: Sequence[str], weights: bytes, embed: Embed | None = None) -> Router:
        """The classifier whose `weights` were kept: a row of 32-bit numbers a column, one a kind.

        Raises:
            ValueError: the weights are not of so many kinds.
        """
        router = cls.__new__(cls)
        router._kinds, router._embed = list(kinds), embed
        router.weights = array("f", weights)
        if len(router.weights) % len(router._kinds) or len(router.weights) < COLUMNS * len(router._kinds):
            raise ValueError("weights of another training")
        return router

    @property
    def embeds(self) -> bool:
        """Whether it asks a model for the meaning of a text."""
        return self._embed is not None

    def route(self, text: str) -> Route:
        """The kind a text asks for, with how sure that is, from 0 to 1."""
        text = text[:_MAX_CHARACTERS]
        if _SMALL.match(norm(text)) or is_noise(text):
            return Route(None, 0.0, ())
        scores = self._scores(text)
        highest = max(scores)
        shares = [math.exp(SHARPNESS * (score - highest)) for score in scores]
        order = sorted(range(len(shares)), key=lambda at: -shares[at])
        confidence = shares[order[0]] / sum(shares)
        candidates = tuple(self._kinds[at] for at in order[:3])
        total = sum(shares)
        likely = tuple((self._kinds[at], shares[at] / total) for at in order)
        return Route(candidates[0] if confidence >= THRESHOLD else None, round(confidence, 3), candidates, likely)

    def _scores(self, text: str) -> list[float]:
        grams = ngrams(text)
        length = math.sqrt(sum(value * value for value in grams.values())) or 1.0
        features = [(column, value / length) for column, value in grams.items()]
        if self._embed is not None:
            vector = self._embed([text])[0]
            features += [(COLUMNS + at, EMBEDDING_WEIGHT * float(value)) for at, value in enumerate(vector)]
        count = len(self._kinds)
        scores = [0.0] * count
        for column, value in features:
            row = self.weights[column * count : (column + 1) * count]
            scores = [score + value * weight for score, weight in zip(scores, row, strict=True)]
        return scores


def _solved(utterances: Mapping[str, Sequence[str]], embed: Embed | None) -> Matrix:
    """Ridge regression of kinds on features, shape (columns, kinds)."""
    import numpy as np

    texts = [text for phrases in utterances.values() for text in phrases]
    labels = np.repeat(np.arange(len(utterances)), [len(phrases) for phrases in utterances.values()])
    features = _features(texts, embed)
    targets = np.full((len(texts), len(utterances)), -1.0 / max(1, len(utterances) - 1), dtype=np.float32)
    targets[np.arange(len(texts)), labels] = 1.0
    # Kinds with fewer utterances weigh as much as those with many.
    weight = np.sqrt(len(texts) / (len(utterances) * np.bincount(labels)))[labels][:, None].astype(np.float32)
    features, targets = features * weight, targets * weight
    kernel = features @ features.T + RIDGE * np.eye(len(texts), dtype=np.float32)
    solved: Matrix = (features.T @ np.linalg.solve(kernel, targets)).astype(np.float32)
    return solved


def _features(texts: Sequence[str], embed: Embed | None) -> Matrix:
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
    """Weights by column: words, pairs of words, and 2 to 5 characters within a word, each damped by its logarithm."""
    tokens = re.findall(r"[^\W_]+|[?!:]", norm(text[:_MAX_CHARACTERS]))
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
    letters = [c for c in norm(text[:_MAX_CHARACTERS]) if c.isalnum()]
    return len(letters) < 2 or (len(letters) >= 12 and len(set(letters)) <= 2)
