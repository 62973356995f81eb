"""What a prompt may contain about a user when it includes others' words, which may order a model to disclose it.

A shared document, brand or persona contains another member's words, and the result is public; so do a reviewer's instruction, a
team's text, and a brief that a colleague edited. A model that obeys them can only give away what the prompt contains, so
it contains no more about the requester than the request needs. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.checks.terms import normalise
from bot.content import Assignment, Passage
from personas.profile import Profile

# The minimum letters of a significant word, and the number of first letters that its forms share.
_MIN_LETTERS, _STEM_LETTERS = 4, 5
# Maximum characters of a text whose words are compared.
_MAX_COMPARED_CHARACTERS = 20_000
_OPENING_TAG = "<material>"
_WORD = re.compile(r"[^\W_]+")
# Fields of a profile that are public with every result, or only say how to write.
_PUBLIC_FIELDS = (
    "organisation",
    "audience",
    "tone",
    "reading_level",
    "locale",
    "output_language",
    "timezone",
    "preferred_length",
    "emoji",
)


def has_shared_content(assignment: Assignment) -> bool:
    """Return whether an assignment's prompt contains others' words: in its request, passages of shared documents, a shared
    persona, or a shared brand.
    """
    memory = assignment.memory
    has_shared_voice = memory.shared_voice and assignment.persona is memory.own_persona
    has_shared_brand = memory.shared_brand and assignment.book.has_content
    has_shared_passage = any(passage.shared for passage in memory.passages)
    return assignment.request.of_others or has_shared_voice or has_shared_brand or has_shared_passage


def redact_for_prompt(assignment: Assignment) -> Assignment:
    """Return the assignment as a prompt may contain it: complete, or reduced to what the request needs if content is shared.

    Private documents, rated results, notes, samples, and facts irrelevant to the brief are left out; if the brief contains others'
    words, so are all facts. Cells of a table in the brief are marked as material.
    """
    assignment = _mark_cells(assignment)
    if not has_shared_content(assignment):
        return assignment
    memory, request = assignment.memory, assignment.request
    request_text = "" if request.of_others else "\n".join([assignment.brief, request.audience])
    facts = select_relevant_facts(memory.profile.facts, request_text)
    public = {name: getattr(memory.profile, name) for name in _PUBLIC_FIELDS if name in memory.profile.model_fields_set}
    profile = Profile().model_copy(update={**public, "facts": facts})
    habits = memory.habits.model_copy(update={"notes": ()})
    brand = memory.brand.model_copy(update={"samples": ()}) if memory.brand else None
    passages = tuple(passage for passage in memory.passages if passage.shared)
    return replace(
        assignment,
        memory=replace(
            memory,
            profile=profile,
            habits=habits,
            brand=brand,
            passages=passages,
            liked_results=(),
            avoid=(),
            sources={},
        ),
    )


def has_cells(assignment: Assignment) -> bool:
    """Return whether the brief contains table cells that `redact_for_prompt` has marked as material."""
    return _OPENING_TAG in assignment.brief


def _mark_cells(assignment: Assignment) -> Assignment:
    """Return the assignment with the cells of a table in its brief marked as material."""
    cells = sorted(assignment.request.cells, key=len, reverse=True)
    if not cells:
        return assignment
    pattern = re.compile("|".join(map(re.escape, cells)))
    brief = pattern.sub(lambda match: f"{_OPENING_TAG}{match[0]}</material>", assignment.request.brief)
    return replace(assignment, request=replace(assignment.request, brief=brief, cells=()))


def select_relevant_facts(facts: Sequence[str], request_text: str) -> tuple[str, ...]:
    """Return the facts that share a significant word with the request."""
    request_stems = find_stems(request_text)
    return tuple(fact for fact in facts if find_stems(fact) & request_stems)


def keep_one_side(passages: Sequence[Passage], *, shared_voice: bool) -> tuple[Passage, ...]:
    """Return the passages that may share a prompt: the user's own or the shared ones, whichever are more relevant.

    Own passages never share a prompt with another member's persona.
    """
    if not passages:
        return ()
    is_shared_side = shared_voice or passages[0].shared
    return tuple(passage for passage in passages if passage.shared == is_shared_side)


def find_stems(text: str) -> set[str]:
    """Return the stems of a text's longer words."""
    words = _WORD.findall(normalise(text[:_MAX_COMPARED_CHARACTERS]))
    return {word[:_STEM_LETTERS] for word in words if len(word) >= _MIN_LETTERS}
