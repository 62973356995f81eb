"""Puts together what is known for a request: kind, profile, persona, and what the brief says about form."""

from __future__ import annotations

from bot.content import Assignment, Request
from bot.errors import RefusedError
from bot.kinds import kind_named
from personas.persona import default_for, persona
from personas.profile import Profile

from .contradiction import question_about
from .wishes import read_wishes


def assign(request: Request, profile: Profile, chosen_persona: str | None = None) -> Assignment:
    """The assignment for a request whose kind is known.

    The persona is the request's, else the one the user has chosen, else the default of the kind's family.

    Raises:
        RefusedError: no kind has that name, or the brief's limits contradict each other; then it asks which one holds.
        UnknownPersonaError: no persona has that name.
    """
    brief = "\n".join([request.brief, *request.notes])
    kind = kind_named(request.kind or "").for_brief(brief)
    name = request.persona or chosen_persona
    wishes = read_wishes(brief, kind, profile)
    assignment = Assignment(request, kind, profile, persona(name) if name else default_for(kind.family), wishes)
    if question := question_about(assignment):
        raise RefusedError(question)
    return assignment
