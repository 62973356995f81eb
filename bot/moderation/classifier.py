"""What a request asks for, judged by its meaning: kernel ridge regression over sentence embeddings, in sixteen languages.

`classifier.npz` holds what was learnt: `landmarks` (requests as int8 rows, shape (m, 512)), their `scale`, `weights` (shape
(m, 1 + categories): harm of any kind, then each category) and the names of the `categories`. It is learnt from the briefs in
`tests/data` by `python -m benchmarks.moderation learn`, and its thresholds are read off held-out fifths there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.engines.embeddings import Embeddings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# Of the Gaussian kernel exp(-GAMMA |x - y|²); found by five-fold cross-validation, as the thresholds were.
GAMMA = 0.7
# From here on a request is refused without asking anybody, and from here on somebody who can be asked is asked.
_SURE, _DOUBTFUL = 0.45, -0.2
# The gravest categories have thresholds of their own, over their own scores.
_GRAVE = {"minors": -0.25, "despair": 0.1}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The category of harm that a request comes nearest to, and whether that is `sure`; an empty category is none."""

    category: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Learnt:
    """What a classifier has learnt, as `classifier.npz` holds it."""

    landmarks: NDArray[np.int8]
    scale: float
    weights: Matrix
    categories: Sequence[str]


class Classifier:
    """Judges requests. Everything blocks, so call it in a thread; the first call reads the weights of the embeddings."""

    def __init__(self, embeddings: Embeddings, learnt: Learnt | None = None) -> None:
        self._embeddings, self._given = embeddings, learnt

    def judge(self, text: str) -> Judgement:
        """What a request asks for.

        Raises:
            EngineError: the embeddings are ended.
        """
        return self.judged(self._embeddings.embed([text]))

    def judged(self, vector: Matrix) -> Judgement:
        """What a request asks for whose embedding is `vector`, shape (1, 512)."""
        learnt, landmarks = self._learnt
        harm, *scores = (float(one) for one in kernel(vector, landmarks)[0] @ learnt.weights)
        for category, threshold in _GRAVE.items():
            if scores[learnt.categories.index(category)] > threshold:
                return Judgement(category, sure=True)
        if harm <= _DOUBTFUL:
            return Judgement()
        return Judgement(learnt.categories[max(range(len(scores)), key=scores.__getitem__)], sure=harm > _SURE)

    @cached_property
    def _learnt(self) -> tuple[Learnt, Matrix]:
        """What was learnt, and its landmarks as unit vectors."""
        import numpy as np

        learnt = self._given
        if learnt is None:
            with (files("bot.moderation") / "classifier.npz").open("rb") as file, np.load(file) as held:
                names = [str(name) for name in held["categories"]]
                learnt = Learnt(held["landmarks"], float(held["scale"]), held["weights"], names)
        return learnt, learnt.landmarks.astype(np.float32) * learnt.scale


def kernel(texts: Matrix, landmarks: Matrix) -> Matrix:
    """How near each text is to each landmark, both unit vectors: shape (texts, landmarks), from 0 to 1."""
    import numpy as np

    near: Matrix = np.exp(2 * GAMMA * (texts @ landmarks.T - 1), dtype=np.float32)
    return near
