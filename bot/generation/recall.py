"""Puts together what is known for a request: kind, profile, persona, and what the brief says about form."""

from __future__ import annotations

from dataclasses import replace

from bot.content import Assignment, Remembered, Request
from bot.errors import RefusedError
from bot.kinds import kind_named
from personas.persona import default_for, persona
from personas.profile import Profile

from .contradiction import question_about
from .tastes import Setting, from_wish
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
    memory = _overruled(memory, request, brief)
    wishes = read_wishes(brief, kind, memory.profile)
    own = memory.own_persona if not request.persona else None
    voice = own or (persona(name) if name else default_for(kind.family))
    assignment = Assignment(request, kind, voice, wishes, memory)
    if question := question_about(assignment):
        raise RefusedError(question)
    return assignment


def _overruled(memory: Remembered, request: Request, brief: str) -> Remembered:
    """What is known, with that in place which the request itself says: it goes before everything that is remembered."""
    given = {
        "preferred_length": request.length,
        "output_language": request.language,
        "audience": request.audience,
        "tone": request.tone,
    }
    said = [name for name, value in given.items() if value]
    signs = dict(from_wish(brief, Setting(emoji=memory.profile.emoji)))
    profile, habits = memory.profile, memory.habits
    if "emoji" in signs:
        profile = Profile.of({**profile.model_dump(mode="json"), "emoji": signs["emoji"]})
        said.append("emoji")
    if "exclamation_marks" in signs:
        habits = habits.model_copy(update={"exclamation_marks": signs["exclamation_marks"]})
        said.append("exclamation_marks")
    return replace(memory, profile=profile, habits=habits, said=tuple(said))
