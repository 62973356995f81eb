"""What is at fault in a draft of a model that goes by example is drawn afresh, and the best of all drafts is kept.

Shown its own text, such a model writes it again word for word; told what was wrong with it, it writes that into the next. A
further draft of the same request is a text of one piece, and costs little: what was read of the prompt is kept.
"""

from __future__ import annotations

import asyncio

from bot.checks.terms import norm
from bot.checks.units import words
from bot.content import Assignment
from bot.engines import Ask
from bot.errors import EngineError
from bot.generation.check import excess
from bot.generation.copied import run_of
from bot.generation.draft import read
from bot.generation.rank import Candidate
from bot.generation.shape import (
    shape_of,
    texts,
)
from bot.generation.worked import worked_for

from .alphabet import kept_to_signs
from .base import Desk
from .capable_form import most_characters, schema_for, slack_of, tokens_for
from .example_prompt import messages_for
from .handed_on import candidate_of
from .paragraphs import in_paragraphs

# Further drafts of the whole, at most, and characters of a text from which on one alone is worth the wait.
MOST_DRAFTS, _LONG = 2, 800
# More at chance than a first draft, so that it is another.
_TEMPERATURE = 0.7
# With fewer of the words that a text of one piece should have, about, it says too little; with so many of the brief's, nothing new.
_TOO_LITTLE, _ECHO = 1 / 3, 0.85
# So many words in a row that the example has are taken from it, and fewer where they are of its facts.
_TAKEN, _TAKEN_OF_FACTS = 6, 3


async def redrafted(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The best of the draft and of those written after it."""
    for number in range(MOST_DRAFTS if len(candidate.content.text) <= _LONG else 1):
        if not _is_at_fault(candidate, assignment):
            break
        ask = _ask(assignment, desk, number)
        written = await _written(ask, f"draft {number}", desk)
        if not written:
            break
        anew = await asyncio.to_thread(candidate_of, read(written, assignment.kind), assignment)
        anew = await asyncio.to_thread(in_paragraphs, anew, assignment)
        candidate = anew if _rank(anew, assignment) < _rank(candidate, assignment) else candidate
    return candidate


def _is_at_fault(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether a further draft is worth its time: for more than a habit of the kind."""
    failed = any(not check.passed and check.repairable and check.asked_by != "kind" for check in candidate.checks)
    return failed or bool(_own_faults(candidate, assignment))


def _own_faults(candidate: Candidate, assignment: Assignment) -> int:
    """How many faults it has that no check finds, as they are none of a good writer's."""
    return _is_taken(candidate, assignment) + _says_little(candidate, assignment)


def _is_taken(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether words, facts or the link of the worked example stand in it."""
    shown, shape = worked_for(assignment.kind, assignment.language), shape_of(assignment.kind.output)
    text = " ".join(one for _, _, one in texts(shape, candidate.data))
    example = " ".join(one for _, _, one in texts(shape, shown.written))
    profile, sources = shown.assignment.profile, assignment.sources
    return bool(
        run_of(text, [example], sources, _TAKEN)
        or run_of(text, profile.facts, sources, _TAKEN_OF_FACTS)
        or run_of(text, [profile.link], sources, 1)
    )


def _says_little(candidate: Candidate, assignment: Assignment) -> bool:
    """Whether a text is hardly there, or is the brief once more, or the text that was to be rewritten."""
    kind, own = assignment.kind, norm(str(candidate.data.get("text", ""))).split()
    if kind.plain and kind.needs_text:
        return " ".join(own) in " ".join(norm(f"{assignment.brief} {assignment.request.material}").split())
    if not kind.plain or kind.family not in ("marketing", "education"):
        return False
    given = set(norm(assignment.brief).split())
    echoed = sum(word in given for word in own) >= _ECHO * len(own)
    return echoed or words(str(candidate.data["text"])) < assignment.words * _TOO_LITTLE


def _rank(candidate: Candidate, assignment: Assignment) -> tuple[int, float]:
    """How much is wrong with it: as many checks failed, by so much."""
    faults = candidate.faults + _own_faults(candidate, assignment)
    return faults, excess(candidate.data, candidate.content, assignment)


async def _written(ask: Ask, name: str, desk: Desk) -> str:
    async def write() -> str:
        try:
            return await desk.engine.complete(ask)
        except EngineError:
            return ""  # The draft is good enough to hand over, with the check that it failed.

    written: str = await desk.checkpoint(f"repair {name}", write)
    return written


def _ask(assignment: Assignment, desk: Desk, number: int) -> Ask:
    """The call for a draft, once more: what it had wrong would stand in the text, were it told."""
    context, characters = desk.engine.traits.context, most_characters(assignment)
    max_tokens = tokens_for(characters, assignment, context)
    schema = None if assignment.kind.plain else schema_for(assignment, slack=slack_of(desk.engine))
    messages = messages_for(assignment, tokens=context - max_tokens)
    seed = (assignment.request.seed * 1009 + 7919 * (number + 1)) % 2**31
    ask = Ask(messages, schema, characters, max_tokens, seed=seed)
    return kept_to_signs(ask, assignment, temperature=_TEMPERATURE)
