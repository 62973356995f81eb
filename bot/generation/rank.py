"""Which draft is the best: the one that passes most checks, and of those the one nearest to the brief."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.checks import Check
from bot.checks.terms import norm
from bot.content import Assignment, Content

# How near each of some texts is to a query, from -1 to 1.
Nearness = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A draft after mending, with what was made of it and what the checks say."""

    data: dict[str, Any]
    content: Content
    checks: tuple[Check, ...]

    @property
    def faults(self) -> int:
        """How many checks it failed."""
        return sum(not check.passed for check in self.checks)


def ranked(candidates: Sequence[Candidate], assignment: Assignment, nearness: Nearness) -> list[Candidate]:
    """The candidates, best first. The order of equals is kept, so the draft that was watched wins a tie."""
    wanted = " ".join([assignment.wishes.message, *assignment.profile.prefer_terms])
    near = nearness(wanted, [candidate.content.text for candidate in candidates])
    order = sorted(range(len(candidates)), key=lambda at: (candidates[at].faults, -round(float(near[at]), 3)))
    return [candidates[at] for at in order]


def word_nearness(query: str, texts: Sequence[str]) -> list[float]:
    """Share of the query's longer words that each text holds: the measure that needs no model."""
    wanted = {word for word in norm(query).split() if len(word) > 3}
    return [len(wanted & set(norm(text).split())) / len(wanted) if wanted else 0.0 for text in texts]
