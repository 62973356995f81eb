"""Which draft is the best: the one that passes most checks, of those the nearest to the brief, and unlike what was said."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.checks import Check
from bot.checks.terms import norm
from bot.content import Assignment, Change, Content
from bot.errors import Phrase

# How near each of some texts is to a query, from -1 to 1.
Nearness = Callable[[str, Sequence[str]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A finished draft, with what was made of it, what the checks say, what readers are told of it, and the passages that it names.

    `unmeasured` are checks that do not hold for its brief.

    Of a version that was edited `changed` is what became other, and `outdated` are figures of the brief that gave way.
    """

    data: dict[str, Any]
    content: Content
    checks: tuple[Check, ...]
    notes: tuple[Phrase, ...] = ()
    changed: tuple[Change, ...] = ()
    outdated: tuple[str, ...] = ()
    used: tuple[int, ...] | None = None
    unmeasured: tuple[Phrase, ...] = ()

    @property
    def faults(self) -> int:
        """How many checks it failed."""
        return sum(not check.passed for check in self.checks)


# How much it counts that a text is like those before it, beside how near it is to the brief.
LIKENESS = 1.2
# Characters of a text that are compared with others: more than any kind writes.
MOST_COMPARED = 30_000
# So many words at the start of a text are enough to call it the same beginning.
_BEGINNING = 4
_WORDS = re.compile(r"[^\W_]+")


def ranked(
    candidates: Sequence[Candidate], assignment: Assignment, nearness: Nearness, said: Sequence[str] = ()
) -> list[Candidate]:
    """The candidates, best first. The order of equals is kept, so the draft that was watched wins a tie.

    Where several are wanted, or texts were said before, each next one is the nearest to brief and profile that is least
    like those (maximal marginal relevance). What begins as a disliked text did comes after others with as few faults: a
    small model is not told of those, as it would copy them.
    """
    wanted = " ".join([assignment.reading.message, *assignment.profile.prefer_terms])
    near = [round(float(value), 3) for value in nearness(wanted, [one.content.text for one in candidates])]
    apart = bool(said) or assignment.request.variants > 1
    # A note on what was disliked holds how that began: “Hello there…”.
    begun = (note.partition("“")[2].rpartition("…”")[0] for note in assignment.memory.avoid)
    disliked = [_begins(start) for start in begun if start]
    again = [_begins(one.content.text) in disliked for one in candidates]
    left, order, before = list(range(len(candidates))), [], list(said)
    like = [max((likeness(one.content.text, text) for text in before), default=0.0) for one in candidates]
    while left:
        at = min(
            left, key=lambda at: (candidates[at].faults, again[at], round(LIKENESS * like[at] * apart - near[at], 3))
        )
        left.remove(at)
        order.append(candidates[at])
        if apart:
            text = candidates[at].content.text
            like = [max(known, likeness(one.content.text, text)) for known, one in zip(like, candidates, strict=True)]
    return order


def likeness(first: str, second: str) -> float:
    """Share of their longer words that two texts have in common, from 0 to 1."""
    return shared(longer_words(first), longer_words(second))


def shared(one: set[str], other: set[str]) -> float:
    """The share of words that two sets have in common, of the smaller."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def _begins(text: str) -> list[str]:
    return _WORDS.findall(norm(text))[:_BEGINNING]


def word_nearness(query: str, texts: Sequence[str]) -> list[float]:
    """Share of the query's longer words that each text holds: the measure that needs no model."""
    wanted = {word for word in norm(query[:MOST_COMPARED]).split() if len(word) > 3}
    return [len(wanted & set(norm(text[:MOST_COMPARED]).split())) / len(wanted) if wanted else 0.0 for text in texts]


def longer_words(text: str) -> set[str]:
    """The words of four letters or more."""
    return {word for word in re.findall(r"[^\W_]+", norm(text[:MOST_COMPARED])) if len(word) > 3}


def unlike(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates without those that differ from an earlier one in signs and capitals alone."""
    found: dict[str, Candidate] = {}
    for one in candidates:
        found.setdefault(" ".join(_WORDS.findall(norm(one.content.text))) or one.content.text, one)
    return list(found.values())
