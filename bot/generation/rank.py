"""Similarity of texts to a query, by their words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.terms import normalise

# Characters of a text that are compared: more than any kind produces.
MAX_COMPARED = 30_000


def score_word_overlap(query: str, texts: Sequence[str]) -> list[float]:
    """Return the share of the query's longer words that each text contains: the measure that needs no model."""
    wanted = {word for word in normalise(query[:MAX_COMPARED]).split() if len(word) > 3}
    return [
        len(wanted & set(normalise(text[:MAX_COMPARED]).split())) / len(wanted) if wanted else 0.0 for text in texts
    ]
