"""What is at fault in a draft of a model that goes by example: single texts are written anew alone, else the whole.

Shown its own draft, such a model writes it again word for word; a further draft, told what to look to, is another.
"""

from __future__ import annotations

import asyncio

from bot.content import Assignment
from bot.engines import Ask
from bot.errors import EngineError
from bot.generation.check import excess
from bot.generation.draft import read
from bot.generation.rank import Candidate
from bot.generation.shape import Text, shape_of, texts

from .alphabet import kept_to_signs
from .base import Desk
from .capable_form import most_characters, node_at, schema_for, schema_of_parts, schema_of_text, slack_of, tokens_for
from .example_prompt import anew_messages, rewrite_messages
from .handed_on import candidate_of
from .paragraphs import in_paragraphs
from .repair import at, better_parts, is_text, parts_of, repairable, room_for

# Further drafts of the whole, and rounds in which single texts are written anew, at most.
MOST_DRAFTS, MOST_ROUNDS = 2, 2
# More at chance than a first draft, so that it is another.
_TEMPERATURE = 0.7


async def redrafted(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The best of the draft and of those written after it, with its single texts written anew where they failed."""
    for number in range(MOST_DRAFTS):
        faults = repairable(candidate, assignment)
        told = [fault for path, of_part in faults.items() if not _alone(path, assignment) for fault in of_part]
        if not told:
            break
        written = await _written(_draft_ask(told, assignment, desk, number), f"draft {number}", desk)
        anew = (
            await asyncio.to_thread(candidate_of, read(written, assignment.kind), assignment) if written else candidate
        )
        anew = await asyncio.to_thread(in_paragraphs, anew, assignment)
        candidate = anew if _rank(anew, assignment) < _rank(candidate, assignment) else candidate
    for number in range(MOST_ROUNDS):
        faults = {path: told for path, told in repairable(candidate, assignment).items() if _alone(path, assignment)}
        group = [path for path, _, _ in texts(shape_of(assignment.kind.output), candidate.data) if path in faults]
        if not group:
            break
        ask = _texts_ask({path: faults[path] for path in group}, candidate, assignment, desk, number)
        written = await _written(ask, f"texts {number}", desk)
        anew = await asyncio.to_thread(better_parts, candidate, parts_of(written, group), assignment)
        if anew is candidate:
            break
        candidate = anew
    return candidate


def _alone(path: str, assignment: Assignment) -> bool:
    """Whether a part can be written anew without the others."""
    return not assignment.kind.plain and is_text(path, assignment)


def _rank(candidate: Candidate, assignment: Assignment) -> tuple[int, float]:
    """How much is wrong with it: as many checks failed, by so much."""
    return candidate.faults, excess(candidate.data, candidate.content, assignment)


async def _written(ask: Ask, name: str, desk: Desk) -> str:
    async def write() -> str:
        try:
            return await desk.engine.complete(ask)
        except EngineError:
            return ""  # The draft is good enough to hand over, with the check that it failed.

    written: str = await desk.checkpoint(f"mend {name}", write)
    return written


def _draft_ask(faults: list[str], assignment: Assignment, desk: Desk, number: int) -> Ask:
    context, characters = desk.engine.traits.context, most_characters(assignment)
    max_tokens = tokens_for(characters, assignment, context)
    schema = None if assignment.kind.plain else schema_for(assignment, slack=slack_of(desk.engine))
    messages = anew_messages(assignment, faults, tokens=context - max_tokens)
    seed = (assignment.request.seed * 1009 + 7919 * (number + 1)) % 2**31
    return kept_to_signs(Ask(messages, schema, characters, max_tokens, seed=seed), assignment, temperature=_TEMPERATURE)


def _texts_ask(
    faults: dict[str, list[str]], candidate: Candidate, assignment: Assignment, desk: Desk, number: int
) -> Ask:
    parts = [(path, str(at(candidate.data, path)), told) for path, told in faults.items()]
    characters = sum(room_for(path, text, assignment) for path, text, _ in parts)
    max_tokens = tokens_for(characters, assignment, desk.engine.traits.context)
    schema = schema_of_parts(len(parts))
    for name, (path, _, _) in zip(schema["properties"], parts, strict=True):
        node = node_at(path, assignment)
        assert isinstance(node, Text)
        schema["properties"][name] = schema_of_text(node, assignment, slack=slack_of(desk.engine))
    messages = rewrite_messages(assignment, parts)
    seed = (assignment.request.seed * 1009 + 104729 * (number + 1)) % 2**31
    return kept_to_signs(Ask(messages, schema, characters, max_tokens, seed=seed), assignment, temperature=_TEMPERATURE)
