"""What code takes for a fault of a capable model's text is put before the model once, with the brief: patterns misread briefs.

What the model says is none is no more measured for that text, neither written anew nor trimmed, and named as not measured. What a place
takes, where a text leads, and sizes that are nobody's wish are not put before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.checks import Check
from bot.content import Assignment
from bot.engines import Ask
from bot.errors import Phrase
from bot.generation.findings import finding, for_model
from bot.generation.mistaken import things_of
from bot.generation.rank import Candidate

from .base import Desk
from .capable_prompt import appeal_messages
from .handed_on import candidate_of

# What no model is asked about: where a text leads, as a lent text may want it to lead somewhere.
_SETTLED = frozenset({"links from you"})
# Faults that are put before a model at most, and tokens of its answer.
_MOST, _TOKENS = 12, 200


@dataclass(frozen=True, slots=True)
class Doubt:
    """One thing that a failed check found or missed, or the figure that it is about."""

    check: Check
    thing: str

    @property
    def told(self) -> str:
        """The fault as a model is told of it."""
        return for_model(self.check) if not self.thing else f"{self.check.id}: “{self.thing}” is {self._is}."

    @property
    def _is(self) -> str:
        return "missing" if self.check.sort == "missing" else "in it"


async def appealed(candidate: Candidate, assignment: Assignment, desk: Desk) -> tuple[Candidate, Assignment]:
    """The candidate without the faults that its model says are none, and the assignment by which they are not measured again."""
    known, unmeasured = await excused(candidate, assignment, desk)
    if known is assignment:
        return candidate, assignment
    candidate = await asyncio.to_thread(candidate_of, candidate.data, known)
    return replace(candidate, unmeasured=unmeasured), known


async def excused(candidate: Candidate, assignment: Assignment, desk: Desk) -> tuple[Assignment, tuple[Phrase, ...]]:
    """The assignment by which faults that the model says are none are not measured, and what that is in words for readers."""
    doubts = doubts_in(candidate.checks) if desk.critique else []
    if not doubts:
        return assignment, ()
    mistaken = mistaken_in(await desk.noted("appeal", _ask(doubts, candidate, assignment, desk)), doubts)
    if not mistaken:
        return assignment, ()
    known = replace(assignment, mistaken=frozenset((one.check.name, one.thing) for one in mistaken))
    return known, tuple(_unmeasured(mistaken))


def doubts_in(checks: Sequence[Check]) -> list[Doubt]:
    """What may be no fault among the checks that failed."""
    failed = [one for one in checks if not one.passed and one.asked_by != "place" and one.id not in _SETTLED]
    failed = [one for one in failed if one.asked_by == "brief" or one.sort != "size"]
    return [Doubt(one, thing) for one in failed for thing in things_of(one)][:_MOST]


def mistaken_in(answer: Mapping[str, Any], doubts: Sequence[Doubt]) -> list[Doubt]:
    """The doubts that an answer names by their numbers, from 1."""
    numbers = answer.get("mistaken")
    named = (
        {one for one in numbers if isinstance(one, int) and not isinstance(one, bool)}
        if isinstance(numbers, list)
        else set()
    )
    return [one for number, one in enumerate(doubts, 1) if number in named]


def _unmeasured(mistaken: Sequence[Doubt]) -> Iterator[Phrase]:
    """What is not measured, as readers are told of it: one phrase a check."""
    things: dict[str, list[Doubt]] = {}
    for one in mistaken:
        things.setdefault(one.check.name, []).append(one)
    for doubts in things.values():
        check = doubts[0].check
        yield finding(replace(check, value=tuple(one.thing for one in doubts)) if doubts[0].thing else check)


def _ask(doubts: Sequence[Doubt], candidate: Candidate, assignment: Assignment, desk: Desk) -> Ask:
    number = {"type": "integer", "minimum": 1, "maximum": len(doubts)}
    mistaken = {"type": "array", "items": number, "maxItems": len(doubts)}
    tokens = desk.engine.traits.context - _TOKENS
    return Ask(
        messages=appeal_messages(candidate.content.text, [one.told for one in doubts], assignment, tokens=tokens),
        schema={
            "type": "object",
            "properties": {"mistaken": mistaken},
            "required": ["mistaken"],
            "additionalProperties": False,
        },
        characters=20 + 4 * len(doubts),
        max_tokens=_TOKENS,
        seed=assignment.request.seed,
        temperature=0.0,
    )
