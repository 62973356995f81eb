"""What a prompt holds of a person where others' words are in play: a lent text may order a model to tell it.

A lent document, brand or persona is a stranger's words, read for somebody else and answered in public; so are a reviewer's wish, a
team's text, and a brief that a colleague has changed. A model that obeys them can give
away only what the prompt holds, so it holds no more of the reader than the request needs. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.checks.terms import norm
from bot.content import Assignment, Passage
from personas.profile import Profile

# Letters that a word has at least to tell what a request is about, and how many of its first ones two forms of it share.
_MIN_LETTERS, _STEM = 4, 5
# Characters of a brief that are read for that; a longer one says in them what it is about.
_MAX_READ = 20_000
_OPENS = "<material>"
_WORD = re.compile(r"[^\W_]+")
# What of a profile is told in public with every result, or only says how to write.
_SHOWN = (
    "organisation", "audience", "tone", "reading_level", "locale", "output_language", "timezone", "preferred_length", "emoji",
)  # fmt: skip


def is_lent(assignment: Assignment) -> bool:
    """Whether words of others are in an assignment's prompt: in its request, passages of documents that they lent, their persona, or
    what their brand holds."""
    memory = assignment.memory
    voice = memory.lent_voice and assignment.persona is memory.own_persona
    brand = memory.lent_brand and assignment.book.has_content
    return assignment.request.of_others or voice or brand or any(one.lent for one in memory.passages)


def discreet(assignment: Assignment) -> Assignment:
    """The assignment as a prompt may hold it: whole, or where something lent is in play without what the request needs not.

    Private documents, results that were liked or not, notes, samples, and facts that the brief does not touch stay out; where words of
    the brief are others', all facts do. What of its brief came out of a table's cells stands there as material.
    """
    assignment = _with_cells_as_material(assignment)
    if not is_lent(assignment):
        return assignment
    memory, request = assignment.memory, assignment.request
    asked = "" if request.of_others else "\n".join([assignment.brief, request.audience])
    shown = {name: getattr(memory.profile, name) for name in _SHOWN if name in memory.profile.model_fields_set}
    profile = Profile().model_copy(update={**shown, "facts": needed(memory.profile.facts, asked)})
    habits = memory.habits.model_copy(update={"notes": ()})
    brand = memory.brand.model_copy(update={"samples": ()}) if memory.brand else None
    passages = tuple(one for one in memory.passages if one.lent)
    return replace(
        assignment,
        memory=replace(
            memory, profile=profile, habits=habits, brand=brand, passages=passages, liked=(), avoid=(), sources={}
        ),
    )


def holds_cells(assignment: Assignment) -> bool:
    """Whether material stands in the middle of its brief, as `discreet` puts cells of a table there."""
    return _OPENS in assignment.brief


def _with_cells_as_material(assignment: Assignment) -> Assignment:
    cells = sorted(assignment.request.cells, key=len, reverse=True)
    if not cells:
        return assignment
    pattern = re.compile("|".join(map(re.escape, cells)))

    def told(text: str) -> str:
        return pattern.sub(lambda found: f"{_OPENS}{found[0]}</material>", text)

    return replace(assignment, request=replace(assignment.request, brief=told(assignment.request.brief), cells=()))


def needed(facts: Sequence[str], asked: str) -> tuple[str, ...]:
    """The facts that share a longer word with what was asked for."""
    wanted = stems(asked)
    return tuple(fact for fact in facts if stems(fact) & wanted)


def one_side(passages: Sequence[Passage], *, lent_voice: bool) -> tuple[Passage, ...]:
    """The passages that may stand in one prompt: a person's own, or those that others lent, whichever bears on it most.

    Own ones never stand beside a voice that somebody else wrote.
    """
    if not passages:
        return ()
    lent = lent_voice or passages[0].lent
    return tuple(one for one in passages if one.lent == lent)


def stems(text: str) -> set[str]:
    """The longer words of a text by how they begin, as one is said in several forms."""
    return {word[:_STEM] for word in _WORD.findall(norm(text[:_MAX_READ])) if len(word) >= _MIN_LETTERS}
