"""Picks what somebody liked before as worked examples, and says what they did not like. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.checks.terms import norm
from bot.content import RatedResult

from .rank import word_nearness
from .tastes import REASONS

MAX = 3
# What was liked so many days ago counts half as much as what was liked today.
HALF_LIFE_DAYS = 60.0
# The share of nearness in what decides; the rest is recency.
_NEARNESS = 0.75
# Characters of a disliked text that are enough to know it by.
_BEGINNING = 120


def chosen(liked: Sequence[RatedResult], brief: str, vector: bytes, now: datetime) -> tuple[RatedResult, ...]:
    """The liked results that are nearest to a brief and newest, best first, no two for the same brief.

    Nearness is that of the embeddings where `vector` is the brief's, and that of words for whatever has none.
    """
    if not liked:
        return ()
    near = _nearness(liked, brief, vector)
    score = {
        id(one): _NEARNESS * near[at]
        + (1 - _NEARNESS) * 0.5 ** ((now - one.at).total_seconds() / 86400 / HALF_LIFE_DAYS)
        for at, one in enumerate(liked)
    }
    found: dict[str, RatedResult] = {}
    for one in sorted(liked, key=lambda one: -score[id(one)]):
        found.setdefault(norm(one.brief), one)
        if len(found) == MAX:
            break
    return tuple(found.values())


def _nearness(liked: Sequence[RatedResult], brief: str, vector: bytes) -> list[float]:
    near = list(word_nearness(brief, [one.brief for one in liked]))
    known = [at for at, one in enumerate(liked) if vector and len(one.vector) == len(vector)]
    if known:
        import numpy as np

        rows = np.frombuffer(b"".join(liked[at].vector for at in known), dtype=np.float16).astype(np.float32)
        cosines = rows.reshape(len(known), -1) @ np.frombuffer(vector, dtype=np.float16).astype(np.float32)
        for at, cosine in zip(known, cosines, strict=True):
            near[at] = float(cosine)
    return near


def avoid_notes(disliked: Sequence[RatedResult]) -> tuple[str, ...]:
    """What was disliked lately, in a line each: why, where that was said, and how the text began."""
    lines = []
    for one in disliked[:MAX]:
        why = ", ".join(REASONS["down"][reason][0].lower() for reason in one.reasons if reason in REASONS["down"])
        begun = " ".join(one.text.split())[:_BEGINNING].rsplit(" ", 1)[0]
        lines.append(f"Not like this ({why or 'they did not like it'}): “{begun}…”")
    return tuple(lines)
