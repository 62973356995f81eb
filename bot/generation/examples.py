"""Choose earlier liked results as examples, and describe the disliked ones. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.checks.terms import normalise
from bot.content import RatedResult

from .rank import score_word_overlap
from .tastes import REASONS

MAX_EXAMPLES = 3
# A result liked this many days ago counts half as much as one liked today.
HALF_LIFE_DAYS = 60.0
# The weight of nearness in the score; the rest is recency.
_NEARNESS_WEIGHT = 0.75
# Maximum characters of the beginning by which a disliked text is identified.
_MAX_BEGINNING_CHARACTERS = 120


def choose_examples(liked: Sequence[RatedResult], brief: str, vector: bytes, now: datetime) -> tuple[RatedResult, ...]:
    """Return the liked results nearest to a brief and newest, best first, no two for the same brief.

    Nearness compares embeddings if `vector` is the brief's, and words for results without one.
    """
    if not liked:
        return ()
    ages_in_days = ((now - result.at).total_seconds() / 86400 for result in liked)
    recencies = (0.5 ** (days / HALF_LIFE_DAYS) for days in ages_in_days)
    nearness = _score_nearness(liked, brief, vector)
    scores = [
        _NEARNESS_WEIGHT * near + (1 - _NEARNESS_WEIGHT) * recency
        for near, recency in zip(nearness, recencies, strict=True)
    ]
    examples: dict[str, RatedResult] = {}
    for index in sorted(range(len(liked)), key=lambda index: -scores[index]):
        examples.setdefault(normalise(liked[index].brief), liked[index])
    return tuple(examples.values())[:MAX_EXAMPLES]


def _score_nearness(liked: Sequence[RatedResult], brief: str, vector: bytes) -> list[float]:
    """Return how near each result's brief is, from 0 to 1: by embeddings where there are any, else by words."""
    nearness = list(score_word_overlap(brief, [result.brief for result in liked]))
    embedded = [index for index, result in enumerate(liked) if vector and len(result.vector) == len(vector)]
    if embedded:
        import numpy as np

        rows = np.frombuffer(b"".join(liked[index].vector for index in embedded), dtype=np.float16).astype(np.float32)
        cosines = rows.reshape(len(embedded), -1) @ np.frombuffer(vector, dtype=np.float16).astype(np.float32)
        for index, cosine in zip(embedded, cosines, strict=True):
            nearness[index] = float(cosine)
    return nearness


def describe_disliked(disliked: Sequence[RatedResult]) -> tuple[str, ...]:
    """Return a line for each recently disliked result: the reasons given and how the text began."""
    lines = []
    labels = REASONS["down"]
    for result in disliked[:MAX_EXAMPLES]:
        reasons = ", ".join(labels[reason][0].lower() for reason in result.reasons if reason in labels)
        beginning = " ".join(result.text.split())[:_MAX_BEGINNING_CHARACTERS].rsplit(" ", 1)[0]
        lines.append(f"Not like this ({reasons or 'they did not like it'}): “{beginning}…”")
    return tuple(lines)
