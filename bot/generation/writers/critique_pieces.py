"""A capable model reads a text of pieces over as one: what a brief wants may stand in any of them, or in their order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from bot.content import Assignment, Version
from bot.engines import Ask
from bot.errors import Phrase
from bot.generation.edits import draft_of
from bot.generation.piece_edits import Part, edits_of_parts, title_of

from .base import Desk
from .capable_form import critique_schema_of_parts, tokens_for
from .capable_prompt import critique_messages_of_parts
from .critique import MOST_FAULTS, Look, critique_ask, has_room, read_over
from .edit import ROOM, Attempt, attempted, start_of


@dataclass(frozen=True, slots=True)
class _Texts:
    """The parts as they are, and by name what became of those that are other than they were."""

    parts: Sequence[Part]
    other: Mapping[str, Attempt] = field(default_factory=dict)


async def critiqued_parts(
    parts: Sequence[Part], whole: Assignment, desk: Desk
) -> tuple[Mapping[str, Attempt], tuple[Phrase, ...]]:
    """By name the parts that are other once they were read over against the whole's brief, and what readers are told.

    A change by which a check fails that passed before is not taken.
    """
    if not has_room(_characters(parts), desk):
        return {}, ()
    look = Look(partial(_ask, whole=whole, desk=desk), _text_of, _changed)
    texts, told = await read_over(_Texts(parts), look, whole.brief, desk)
    return texts.other, told


def _characters(parts: Sequence[Part]) -> int:
    return sum(len(json.dumps(draft_of(part.assignment), ensure_ascii=False)) for part in parts)


def _ask(texts: _Texts, whole: Assignment, desk: Desk) -> Ask:
    characters = _characters(texts.parts) + ROOM
    tokens = tokens_for(characters, whole, desk.engine.traits.context)
    messages = critique_messages_of_parts(texts.parts, whole, tokens=desk.engine.traits.context - tokens)
    return critique_ask(messages, critique_schema_of_parts(texts.parts, MOST_FAULTS), characters, tokens, whole)


def _text_of(texts: _Texts) -> str:
    return "\n\n".join(f"{title_of(part.name)}\n{start_of(part.assignment).text}" for part in texts.parts)


def _changed(answer: Mapping[str, Any], texts: _Texts) -> _Texts | None:
    """The parts with the changes of an answer; None where there are none, or a check fails by them that passed before."""
    answers = edits_of_parts(answer, texts.parts).answers
    made = {part.name: attempted(answers.get(part.name, {}), start_of(part.assignment)) for part in texts.parts}
    other = {name: one for name, one in made.items() if not one.same}
    if not other or any(one.broken for one in other.values()):
        return None
    return _Texts([_with(part, other.get(part.name)) for part in texts.parts], other)


def _with(part: Part, made: Attempt | None) -> Part:
    """A part whose text is what was made of it."""
    request = part.assignment.request
    if made is None or request.before is None:
        return part
    before: Version = replace(request.before, written=made.candidate.data)
    return replace(part, assignment=replace(part.assignment, request=replace(request, before=before)))
