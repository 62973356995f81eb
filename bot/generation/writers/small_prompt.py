"""The conversations that a small model is given. Pure.

It copies what it was shown last, so the worked examples stand first, and facts go with the brief.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from bot.briefs import brief_text
from bot.checks.terms import norm
from bot.content import Assignment, Kind
from bot.generation.branded import MOST_TOLD_BRIEFLY, nearest
from bot.generation.lent import discreet, holds_cells
from bot.generation.prompt import (
    BEFORE,
    GUARD,
    MATERIAL_LEAST,
    as_written,
    fenced,
    form,
    headed,
    liked_examples,
    persona_lines,
    room_for_material,
)
from bot.generation.shape import Entries, apart_list, shape_of, turn_list
from personas.style import in_brief

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage
    from pydantic import BaseModel

    from .base import Spot

# How many earlier results that were liked it is shown.
_LIKED = 1
# Characters of a document that it is shown: more and it copies instead of writing.
_PASSAGE = 300


def messages_for(assignment: Assignment, *, tokens: int = 8000) -> list[BaseMessage]:
    """The conversation that asks for a first draft: the voice, the task, worked examples, and the brief last.

    `tokens` is what the context has room for.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    kind = assignment.kind
    system = persona_lines(assignment, [assignment.persona.voice])
    if assignment.style:
        system.append(in_brief(assignment.style))
    system += [kind.prompt, form(kind), GUARD if _has_material(assignment) else ""]
    apart = apart_list(assignment) is not None
    conversation: list[BaseMessage] = [SystemMessage("\n".join(filter(None, system)))]
    for example in kind.examples:
        for written in apart_examples(example.output, kind) if apart else [as_written(example.output, kind)]:
            conversation += [HumanMessage(example.brief), AIMessage(written)]
    for brief, written in () if apart else liked_examples(assignment, most=_LIKED, tokens=tokens):
        conversation += [HumanMessage(brief), AIMessage(written)]
    conversation.append(HumanMessage(_order(assignment, tokens)))
    return conversation


def turn_messages(spot: Spot, assignment: Assignment) -> list[BaseMessage]:
    """The conversation that asks for one entry of a list that is written in turn, from what was said last.

    The entry's own text so far, if any, is what it goes on from.
    """
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    assignment = discreet(assignment)
    turn = turn_list(assignment)
    assert turn is not None
    kind, (name, field) = assignment.kind, turn
    system = f"{kind.prompt}\nWrite only the text of the part that is asked for, without its heading."
    conversation: list[BaseMessage] = [SystemMessage(system)]
    for example in kind.examples[:1]:
        for one in example.output.model_dump(mode="json")[name]:
            conversation += [HumanMessage(f"{example.brief}\n{headed(one, field)}"), AIMessage(one[field])]
    own = str(spot.entries[spot.number][field])
    before = own or (str(spot.entries[spot.number - 1][field]) if spot.number else "")
    parts = [*_facts(assignment), assignment.reading.message]
    if before:
        parts.append(f"{'This part so far' if own else 'The part before ended'}: …{before[-BEFORE:]}")
    conversation.append(HumanMessage("\n".join([*parts, headed(spot.entries[spot.number], field)])))
    return conversation


def apart_examples(output: BaseModel, kind: Kind) -> list[str]:
    """An example once for each entry that is written apart; as it is for kinds without such a list."""
    shape = shape_of(kind.output)
    name = next((name for name, node in shape.fields if isinstance(node, Entries) and node.count.apart), None)
    if name is None:
        return [as_written(output, kind)]
    entries = getattr(output, name)
    return [as_written(output.model_copy(update={name: [entry]}), kind) for entry in entries]


def _has_material(assignment: Assignment) -> bool:
    request = assignment.request
    said = assignment.parent and assignment.parent.said
    given = request.material or request.earlier or assignment.memory.passages or assignment.book.facts
    return bool(given or said or holds_cells(assignment))


def _order(assignment: Assignment, tokens: int) -> str:
    request, profile, kind = assignment.request, assignment.profile, assignment.kind
    parts = _facts(assignment) if kind.facts or kind.family == "image" else []
    if readers := assignment.readers or (profile.audience if kind.family != "chat" else ""):
        parts.append(f"Readers: {readers}.")
    limit = room_for_material(tokens)
    whole = kind.needs_text or holds_cells(assignment)  # Tags stay around what they hold where nothing is taken out.
    brief = (assignment.brief if whole else brief_text(assignment.brief, kind.reader, assignment.readers))[:limit]
    limit = max(MATERIAL_LEAST, limit - len(brief))
    if request.material:
        parts.append(fenced(request.material[:limit]))
    parts += _passages(assignment)
    if request.earlier and kind.needs_text:
        parts.append(fenced(request.earlier[:limit], "The version so far:"))
    return "\n".join([*parts, brief])


def _passages(assignment: Assignment) -> Iterator[str]:
    """The sentences that matter of the document that bears most on the brief."""
    for one in assignment.memory.passages[:1]:
        text = _to_the_point(one.text, assignment.reading.message or assignment.brief)
        yield fenced(text, f"From {one.source}:")


def _to_the_point(text: str, query: str) -> str:
    """The sentences of a passage that share most with a query, in their order, up to 300 characters."""
    sentences = re.split(r"(?<=[.!?])\s+|\n+", text)
    wanted = {word for word in norm(query).split() if len(word) > 3}
    order = sorted(range(len(sentences)), key=lambda at: -len(wanted & set(norm(sentences[at]).split())))
    kept: list[int] = []
    room = _PASSAGE
    for at in order:
        room -= len(sentences[at])
        if room < 0 and kept:
            break
        kept.append(at)
    return " ".join(sentences[at] for at in sorted(kept))[:_PASSAGE]


def _facts(assignment: Assignment) -> list[str]:
    profile = assignment.profile
    lines = []
    if profile.organisation:
        role = f" ({profile.role})" if profile.role else ""
        lines.append(f"We are {profile.organisation}{role}.")
    if profile.facts and assignment.kind.facts:
        lines.append(f"Facts: {'; '.join(profile.facts[:6])}.")
    book, brand = assignment.book, assignment.memory.brand
    if brand and book.facts and assignment.kind.facts:
        near = nearest(book.facts, assignment, MOST_TOLD_BRIEFLY, all_fit=assignment.kind.family == "marketing")
        lines += [fenced("; ".join(near), f"Facts of {brand.name}:")] if near else []
    if profile.prefer_terms:
        lines.append(f"Words we like: {', '.join(profile.prefer_terms[:5])}.")
    return lines
