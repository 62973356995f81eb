"""A capable model reads its text over against the brief, for what no check measures, and puts right what it finds by the line.

At most two calls: one that names the faults with what is to change, one that looks whether they are gone. A fault counts only with
words that stand in the brief or in the text; lines that no change names stay word for word.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.checks.terms import contains, norm
from bot.content import Assignment
from bot.engines import Ask
from bot.errors import Phrase
from bot.generation.draft import CHARACTERS_A_TOKEN
from bot.generation.edits import edit_of, edited, lines_of, objects
from bot.generation.rank import Candidate

from .base import Desk
from .capable_form import critique_schema, tokens_for
from .capable_prompt import critique_messages
from .edit import INSTRUCTIONS, ROOM
from .handed_on import candidate_of

# Faults that are named in one answer, and characters of the words that each is named by.
_MOST_FAULTS, _MOST_WORDS = 5, 200
# Letters and digits that those words have at least.
_LEAST_WORDS = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """What a text misses or states wrongly, by words of its brief or of itself."""

    words: str
    of_brief: bool

    @property
    def told(self) -> Phrase:
        """The fault as readers are told of it."""
        if self.of_brief:
            return Phrase(
                "“{words}”: reading it over, the model thinks that this is not done. Look at it before you use it.",
                words=self.words,
            )
        return Phrase(
            "“{words}”: reading it over, the model thinks that this is wrong. Look at it before you use it.",
            words=self.words,
        )


async def critiqued(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The candidate with what its model found amiss put right, and a note on what it still finds.

    A change by which a check fails that passed before, or after which the model finds as much as before, is not taken.
    """
    if not _is_read_over(candidate, assignment, desk):
        return candidate
    answer = await desk.noted("critique", _ask(candidate, assignment, desk))
    faults = faults_in(answer, candidate, assignment)
    if not faults:
        return candidate
    anew = await asyncio.to_thread(_changed, answer, candidate, assignment)
    if anew is not None:
        again = faults_in(await desk.noted("critique again", _ask(anew, assignment, desk)), anew, assignment)
        left = [one for one in again if any(_same(one, other) for other in faults)]
        if len(left) < len(faults):
            candidate, faults = anew, left
    return replace(candidate, notes=(*candidate.notes, *(one.told for one in faults)))


def _is_read_over(candidate: Candidate, assignment: Assignment, desk: Desk) -> bool:
    """Whether a text is looked at: it is whole, made for a brief, read by people, and half of the context has room for it."""
    kind = assignment.kind
    if not desk.critique or assignment.within is not None or kind.for_machines or kind.family == "chat":
        return False
    size = len(json.dumps(candidate.data, ensure_ascii=False))
    return size // CHARACTERS_A_TOKEN + INSTRUCTIONS <= desk.engine.traits.context // 2


def _ask(candidate: Candidate, assignment: Assignment, desk: Desk) -> Ask:
    context = desk.engine.traits.context
    characters = len(json.dumps(candidate.data, ensure_ascii=False)) + ROOM
    max_tokens = tokens_for(characters, assignment, context)
    return Ask(
        messages=critique_messages(candidate.data, assignment, tokens=context - max_tokens),
        schema=critique_schema(candidate.data, assignment, _MOST_FAULTS),
        characters=characters,
        max_tokens=max_tokens,
        seed=assignment.request.seed,
        temperature=0.0,
    )


def faults_in(answer: dict[str, Any], candidate: Candidate, assignment: Assignment) -> list[Fault]:
    """The faults of an answer whose words stand in the brief or in the text; each once."""
    found: dict[str, Fault] = {}
    for one in objects(answer.get("faults"))[:_MOST_FAULTS]:
        words = " ".join(str(one.get("words", "")).split()).strip("\"'“”„«».,;:… ")[:_MOST_WORDS]
        if sum(sign.isalnum() for sign in words) < _LEAST_WORDS:
            continue
        of_brief = contains(assignment.brief, words)
        if of_brief or contains(candidate.content.text, words):
            found.setdefault(norm(words), Fault(words, of_brief))
    return list(found.values())


def _same(one: Fault, other: Fault) -> bool:
    """Whether two faults are about the same words."""
    return contains(one.words, other.words) or contains(other.words, one.words)


def _changed(answer: dict[str, Any], candidate: Candidate, assignment: Assignment) -> Candidate | None:
    """The candidate with the changes of an answer; None where there are none, or a check fails by them that passed before."""
    lines = lines_of(candidate.data, assignment)
    anew = candidate_of(edited(candidate.data, edit_of(answer, lines, assignment), assignment), assignment)
    if anew.data == candidate.data or not anew.content.text.strip():
        return None
    if _failed(anew.checks) - _failed(candidate.checks):
        return None
    return replace(anew, notes=candidate.notes)


def _failed(checks: Sequence[Any]) -> set[str]:
    return {check.name for check in checks if not check.passed}
