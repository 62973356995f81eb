"""Which language a text is to be in, where nobody has said it, and whether a model writes it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.checks.language import identify_language
from bot.content import Assignment


def language_wanted(assignment: Assignment) -> str:
    """The language that a text should be in: where nobody has said which, that of the brief."""
    if assignment.has_chosen_language:
        return assignment.language
    return identify_language(assignment.request.brief) or assignment.language


def in_language_wanted(assignment: Assignment, spoken: Collection[str] | None) -> Assignment:
    """The assignment in the language of its brief, where nobody has said which and a model that writes `spoken` writes it.

    A text that somebody gave keeps its own, and prompts and data are in none.
    """
    kind, wanted = assignment.kind, language_wanted(assignment)
    if wanted == assignment.language or kind.needs_text or kind.family == "image" or kind.is_for_machines:
        return assignment
    if not writes(assignment, spoken, wanted):
        return assignment
    return replace(assignment, requirements=replace(assignment.requirements, language=wanted))


def writes(assignment: Assignment, spoken: Collection[str] | None, language: str = "") -> bool:
    """Whether a model that writes some languages, None for any, writes an assignment's; prompts and data are in none."""
    if spoken is None or assignment.kind.family == "image" or assignment.kind.is_for_machines:
        return True
    return (language or assignment.language) in spoken
