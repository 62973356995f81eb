"""A capable model's draft as it is handed on: word for word, but for what is no text or would lead readers astray."""

from __future__ import annotations

from typing import Any

from bot.checks.links import unmasked
from bot.content import Assignment
from bot.generation.addresses import without_links
from bot.generation.beside import composed
from bot.generation.check import run_checks
from bot.generation.draft import unwrapped
from bot.generation.rank import Candidate
from bot.generation.repairs import GREETING, LINE_MARK
from bot.generation.shape import Text, changed, shape_of
from bot.generation.sources import without_mark


def candidate_of(data: dict[str, Any], assignment: Assignment) -> Candidate:
    """A draft with its content and checks."""
    kept: dict[str, Any] = changed(
        shape_of(assignment.kind.output), data, lambda _path, field, text: tidied(text, field, assignment)
    )
    content = composed(kept, assignment)
    return Candidate(kept, content, run_checks(kept, content, assignment))


def tidied(text: str, field: Text, assignment: Assignment) -> str:
    """One text of a draft without a fence around it, in full view where it leads, and leading nowhere that only material does.

    Of a field with a choice of values it is the one that is meant, of a greeting the one that the person has told to use.
    """
    if field.choice:
        return field.choice.nearest(text)
    if field.name == GREETING and assignment.habits.greeting and _speaks_as_usual(assignment):
        return assignment.habits.greeting
    text = without_mark(unwrapped(text)).replace("\r\n", "\n").replace("\r", "\n")
    if not assignment.kind.needs_text:  # Somebody's own text keeps its links as they are.
        text = unmasked(text)
    own_layout = assignment.kind.family in ("text", "chat") or assignment.kind.any_form
    if not own_layout:  # What makes a heading or small print of a line is the layout's.
        text = LINE_MARK.sub("", text)
    return without_links(text, assignment).strip()


def _speaks_as_usual(assignment: Assignment) -> bool:
    """Whether a text is in the language that the person's own lines are in."""
    return assignment.language == (assignment.profile.output_language or "en")
