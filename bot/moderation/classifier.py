"""Classify requests by their meaning: kernel ridge regression over sentence embeddings, in sixteen languages.

`classifier.npz` holds the model: `landmarks` (requests as int8 rows, shape (m, 512)), their `scale`, `weights` (shape
(m, 1 + categories): harm of any kind, then each category) and the names of the `categories`. It is trained on the briefs in
`tests/data` by `python -m benchmarks.moderation learn`, and its thresholds are chosen on held-out fifths there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from bot.engines.embeddings import Embeddings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

# The parameter of the Gaussian kernel exp(-GAMMA |x - y|²), found by five-fold cross-validation like the thresholds.
GAMMA = 0.7
# The scores from which a request is refused: its own, or that of a passage, so that harmless words around it hide nothing; and
# the score from which the arbiter is asked.
_SURE_THRESHOLD, _SURE_PASSAGE_THRESHOLD, _UNSURE_THRESHOLD = 0.45, 0.65, -0.2
# The score below which nothing comes near harm; the length of the passages that a text is read in, their distance, and how far they
# are extended to whole words (measured in docs/moderation.md).
_HARMLESS_THRESHOLD = -0.5
_PASSAGE_CHARACTERS, _STEP_CHARACTERS, _WORD_CHARACTERS = 90, 45, 20
# What models answer instead of a text: refusals and offers of help. An answer whose cosine similarity to one of them is above the
# threshold counts as one (docs/moderation.md); only short ones are compared.
_REFUSALS = (
    "I'm sorry, but I can't assist with that request.",
    "I can't help with that.",
    "I'm unable to write this.",
    "Es tut mir leid, aber ich kann dabei nicht helfen.",
    "Lo siento, pero no puedo ayudar con eso.",
    "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    "Desculpe, mas não posso ajudar com isso.",
    "Mi dispiace, ma non posso aiutarti con questa richiesta.",
    "Het spijt me, maar ik kan je hier niet mee helpen.",
    "Przykro mi, ale nie mogę w tym pomóc.",
    "Üzgünüm, bu konuda yardımcı olamam.",
    "申し訳ありませんが、そのリクエストにはお応えできません。",
    "Hello! How can I help you today?",
    "Olá! Estou aqui para ajudar. Como posso ajudar você hoje?",
)
_REFUSAL_THRESHOLD, _MAX_REFUSAL_CHARACTERS = 0.72, 200
# Thresholds of the gravest categories for their own scores.
_GRAVE_THRESHOLDS = {"minors": -0.25, "despair": 0.1}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The likeliest category of harm, empty for none, and whether it is `sure`."""

    category: str = ""
    sure: bool = False


@dataclass(frozen=True, slots=True)
class ClassifierModel:
    """The trained model of a classifier, as in `classifier.npz`."""

    landmarks: NDArray[np.int8]
    scale: float
    weights: Matrix
    categories: Sequence[str]


class Classifier:
    """Classifies requests. All methods block, so call them in a thread; the first call loads the embeddings."""

    def __init__(self, embeddings: Embeddings, model: ClassifierModel | None = None) -> None:
        self._embeddings, self._provided_model = embeddings, model

    def judge(self, text: str) -> Judgement:
        """Classify a request.

        Raises:
            EngineError: the embeddings have been shut down.
        """
        model, scores = self._model[0], self._score_passages(text)
        whole, worst, highest = scores[0], scores[scores[:, 0].argmax()], scores.max(axis=0)
        for category, threshold in _GRAVE_THRESHOLDS.items():
            if highest[1 + model.categories.index(category)] > threshold:
                return Judgement(category, sure=True)
        is_sure = bool(whole[0] > _SURE_THRESHOLD or worst[0] > _SURE_PASSAGE_THRESHOLD)
        if not is_sure and whole[0] <= _UNSURE_THRESHOLD:
            return Judgement()
        return Judgement(model.categories[int(worst[1:].argmax())], sure=is_sure)

    def is_harmless(self, text: str) -> bool:
        """Return whether neither a text nor any passage of it comes near harm, so that nothing is hidden by harmless words around it.

        Raises:
            EngineError: the embeddings have been shut down.
        """
        return bool(self._score_passages(text)[:, 0].max() < _HARMLESS_THRESHOLD)

    def _score_passages(self, text: str) -> Matrix:
        """Score a text and then its passages for harm and for each category; shape (1 + passages, 1 + categories)."""
        import numpy as np

        model, landmarks = self._model
        vectors = self._embeddings.embed([text])  # Alone, as routing embeds it, too.
        if len(text) > _PASSAGE_CHARACTERS:
            vectors = np.concatenate([vectors, self._embeddings.embed(list(_iter_passages(text)))])
        scores: Matrix = compute_kernel(vectors, landmarks) @ model.weights
        return scores

    def is_refusal(self, text: str) -> bool:
        """Return whether a model's answer is a stock refusal or an offer of help instead of a text.

        Raises:
            EngineError: the embeddings have been shut down.
        """
        if len(text) > _MAX_REFUSAL_CHARACTERS:
            return False
        return bool((self._embeddings.embed([text]) @ self._refusals.T).max() > _REFUSAL_THRESHOLD)

    @cached_property
    def _refusals(self) -> Matrix:
        return self._embeddings.embed(_REFUSALS)

    @cached_property
    def _model(self) -> tuple[ClassifierModel, Matrix]:
        """The model, and its landmarks as unit vectors."""
        import numpy as np

        model = self._provided_model
        if model is None:
            with (files("bot.moderation") / "classifier.npz").open("rb") as file, np.load(file) as arrays:
                names = [str(name) for name in arrays["categories"]]
                model = ClassifierModel(arrays["landmarks"], float(arrays["scale"]), arrays["weights"], names)
        return model, model.landmarks.astype(np.float32) * model.scale


def compute_kernel(texts: Matrix, landmarks: Matrix) -> Matrix:
    """Return the similarity of each text to each landmark, all unit vectors: shape (texts, landmarks), from 0 to 1."""
    import numpy as np

    similarity: Matrix = np.exp(2 * GAMMA * (texts @ landmarks.T - 1), dtype=np.float32)
    return similarity


def _iter_passages(text: str) -> Iterator[str]:
    """Yield overlapping passages of a text, which begin and end between words where those are short enough."""
    for start in range(0, max(1, len(text) - _STEP_CHARACTERS), _STEP_CHARACTERS):
        space_before = text.rfind(" ", max(0, start - _WORD_CHARACTERS), start)
        end = start + _PASSAGE_CHARACTERS
        space_after = text.find(" ", end, end + _WORD_CHARACTERS)
        yield text[
            space_before + 1 if space_before >= 0 else start : space_after
            if space_after >= 0
            else end + _WORD_CHARACTERS
        ]
