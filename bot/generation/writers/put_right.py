"""The last resort for what is known to be wrong: the one figure or day that is right takes its place, and readers are told."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from bot.content import Assignment
from bot.errors import Phrase
from bot.generation.rank import Candidate
from bot.generation.shape import shape_of, texts
from bot.generation.truth import Untrue, days_in, reckoned_in, untrue, wrong_answers

from .handed_on import candidate_of
from .repair import at, is_better, replaced

# What is put right of one draft at most.
_MOST = 20


def put_right(
    candidate: Candidate, assignment: Assignment, made: Callable[[dict[str, Any], Assignment], Candidate] = candidate_of
) -> Candidate:
    """The candidate with wrong figures and days put right where only one thing can be meant, and no other check fails then.

    `made` makes a candidate of a draft as its writer does.
    """
    for _ in range(_MOST):
        for one in _faults(candidate, assignment):
            text = at(candidate.data, one.path)
            data = replaced(candidate.data, one.path, f"{text[: one.start]}{one.right}{text[one.end :]}")
            repaired = made(data, assignment)
            if is_better(repaired, candidate, assignment, one.path) or _fewer(repaired, candidate, assignment):
                note = _note(one, assignment)
                candidate = replace(repaired, notes=(*candidate.notes, note))
                break
        else:
            return candidate
    return candidate


def _note(one: Untrue, assignment: Assignment) -> Phrase:
    """What readers are told of it; beside tasks without the answer, which may stand there for all to see."""
    if assignment.kind.solved is None:
        words = "“{stated}” was wrong in “{said}”: I put “{right}” there."
        return Phrase(words, stated=one.stated, said=one.said, right=one.right)
    return Phrase("The answer to “{said}” was wrong: I put the right one there.", said=one.said)


def _fewer(repaired: Candidate, candidate: Candidate, assignment: Assignment) -> bool:
    """Whether no check fails that passed, and less is wrong."""
    failed = {check.name for check in repaired.checks if not check.passed}
    before = {check.name for check in candidate.checks if not check.passed}
    return failed <= before and len(untrue(repaired.data, assignment)) < len(untrue(candidate.data, assignment))


def _faults(candidate: Candidate, assignment: Assignment) -> Iterator[Untrue]:
    """What can be put right: a day whose date stands, and a figure that stands nowhere else in its part."""
    for one in (*reckoned_in(candidate.data, assignment)[1], *wrong_answers(candidate.data, assignment)):
        part = _part(candidate.data, one.path, assignment)
        if one.right and len(re.findall(rf"(?<![\d.,]){re.escape(one.stated)}(?![\d]|[.,]\d)", part)) == 1:
            yield one
    yield from (one for one in days_in(candidate.data, assignment) if one.right and not one.given)


def _part(data: dict[str, Any], path: str, assignment: Assignment) -> str:
    """All texts of the entry that a text stands in; the text alone where it stands in none."""
    steps = path.split(".")
    number = next((place for place, step in enumerate(steps[:-1]) if step.isdigit()), None)
    if number is None:
        return str(at(data, path))
    entry = ".".join([*steps[: number + 1], ""])
    return "\n".join(
        text for where, _, text in texts(shape_of(assignment.kind.output), data) if where.startswith(entry)
    )
