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
_NEARNESS = 0.75
# Characters of a disliked text that identify it.
_BEGINNING = 120


def choose_examples(liked: Sequence[RatedResult], brief: str, vector: bytes, now: datetime) -> tuple[RatedResult, ...]:
    """Return the liked results nearest to a brief and newest, best first, no two for the same brief.

    Nearness compares embeddings if `vector` is the brief's, and words for results without one.
    """
    if not liked:
        return ()
    near = _score_nearness(liked, brief, vector)
    score = {
        id(one): _NEARNESS * near[at]
        + (1 - _NEARNESS) * 0.5 ** ((now - one.at).total_seconds() / 86400 / HALF_LIFE_DAYS)
        for at, one in enumerate(liked)
    }
    examples: dict[str, RatedResult] = {}
    for one in sorted(liked, key=lambda one: -score[id(one)]):
        examples.setdefault(normalise(one.brief), one)
        if len(examples) == MAX_EXAMPLES:
            break
    return tuple(examples.values())


def _score_nearness(liked: Sequence[RatedResult], brief: str, vector: bytes) -> list[float]:
    near = list(score_word_overlap(brief, [one.brief for one in liked]))
    known = [at for at, one in enumerate(liked) if vector and len(one.vector) == len(vector)]
    if known:
        import numpy as np

        rows = np.frombuffer(b"".join(liked[at].vector for at in known), dtype=np.float16).astype(np.float32)
        cosines = rows.reshape(len(known), -1) @ np.frombuffer(vector, dtype=np.float16).astype(np.float32)
        for at, cosine in zip(known, cosines, strict=True):
            near[at] = float(cosine)
    return near


def describe_disliked(disliked: Sequence[RatedResult]) -> tuple[str, ...]:
    """Return a line for each recently disliked result: the reasons given and how the text began."""
    lines = []
    for one in disliked[:MAX_EXAMPLES]:
        why = ", ".join(REASONS["down"][reason][0].lower() for reason in one.reasons if reason in REASONS["down"])
        begun = " ".join(one.text.split())[:_BEGINNING].rsplit(" ", 1)[0]
        lines.append(f"Not like this ({why or 'they did not like it'}): “{begun}…”")
    return tuple(lines)
