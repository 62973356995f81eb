"""Puts together what is known for a request: kind, profile, persona, and what the brief says about form."""

from __future__ import annotations

from bot.content import Assignment, Remembered, Request
from bot.errors import RefusedError
from bot.kinds import kind_named
from personas.persona import default_for, persona

from .contradiction import question_about
from .wishes import read_wishes


def assign(request: Request, memory: Remembered) -> Assignment:
    """The assignment for a request whose kind is known.

    The persona is the request's, else the one the user has chosen, else the default of the kind's family.

    Raises:
        RefusedError: no kind has that name, or the brief's limits contradict each other; then it asks which one holds.
        UnknownPersonaError: no persona has that name.
    """
    brief = "\n".join([request.brief, *request.notes])
    kind = kind_named(request.kind or "").for_brief(brief)
    name = request.persona or memory.persona
    wishes = read_wishes(brief, kind, memory.profile)
    own = memory.own_persona if not request.persona else None
    voice = own or (persona(name) if name else default_for(kind.family))
    assignment = Assignment(request, kind, voice, wishes, memory)
    if question := question_about(assignment):
        raise RefusedError(question)
    return assignment
