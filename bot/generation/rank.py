"""How near texts are to a query and to each other, by their words. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from bot.checks.terms import norm

# How near each of some texts is to a query, from -1 to 1.
Nearness = Callable[[str, Sequence[str]], Sequence[float]]
# Characters of a text that are compared with others: more than any kind writes.
MOST_COMPARED = 30_000


def likeness(first: str, second: str) -> float:
    """Share of their longer words that two texts have in common, from 0 to 1."""
    return shared(longer_words(first), longer_words(second))


def shared(one: set[str], other: set[str]) -> float:
    """The share of words that two sets have in common, of the smaller."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def word_nearness(query: str, texts: Sequence[str]) -> list[float]:
    """Share of the query's longer words that each text holds: the measure that needs no model."""
    wanted = {word for word in norm(query[:MOST_COMPARED]).split() if len(word) > 3}
    return [len(wanted & set(norm(text[:MOST_COMPARED]).split())) / len(wanted) if wanted else 0.0 for text in texts]


def longer_words(text: str) -> set[str]:
    """The words of four letters or more."""
    return {word for word in re.findall(r"[^\W_]+", norm(text[:MOST_COMPARED])) if len(word) > 3}
