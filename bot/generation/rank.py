"""How near texts are to a query, by their words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks.terms import norm

# Characters of a text that are compared: more than any kind writes.
MAX_COMPARED = 30_000


def word_nearness(query: str, texts: Sequence[str]) -> list[float]:
    """Share of the query's longer words that each text holds: the measure that needs no model."""
    wanted = {word for word in norm(query[:MAX_COMPARED]).split() if len(word) > 3}
    return [len(wanted & set(norm(text[:MAX_COMPARED]).split())) / len(wanted) if wanted else 0.0 for text in texts]
