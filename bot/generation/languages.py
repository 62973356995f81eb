"""The language of a text where none was chosen, and whether a model writes it. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from bot.checks.language import identify_language
from bot.content import Assignment


def choose_language(assignment: Assignment) -> str:
    """Return the language that a text should be in: the chosen one, else that of the brief."""
    if assignment.has_chosen_language:
        return assignment.language
    return identify_language(assignment.request.brief) or assignment.language


def apply_brief_language(assignment: Assignment, spoken: Collection[str] | None) -> Assignment:
    """Return the assignment in the language of its brief if none was chosen and a model that writes `spoken` supports it.

    A text to be rewritten keeps its own language, and prompts and data have none.
    """
    kind, wanted = assignment.kind, choose_language(assignment)
    if wanted == assignment.language or kind.form.own_text or kind.is_for_machines:
        return assignment
    if not can_write(assignment, spoken, wanted):
        return assignment
    return replace(assignment, requirements=replace(assignment.requirements, language=wanted))


def can_write(assignment: Assignment, spoken: Collection[str] | None, language: str = "") -> bool:
    """Whether a model that writes the `spoken` languages, None for any, supports an assignment's; prompts and data have none."""
    if spoken is None or assignment.kind.is_for_machines:
        return True
    return (language or assignment.language) in spoken
