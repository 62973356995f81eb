"""Puts together what is known for a request: kind, profile, persona, and what of its brief can be measured."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.content import Assignment, Kind, Remembered, Request, Wishes
from bot.kinds import kind_named
from bot.markup import document
from personas.persona import find_default, get_chosen
from personas.profile import make_storable

from .branded import in_its_words
from .understood import wishes_of, without_length

# What the buttons want, in words that a model reads and a person may write.
SHORTER, LONGER = "shorter", "longer"


def assign(request: Request, memory: Remembered) -> Assignment:
    """The assignment for a request whose kind is known.

    The persona is the request's, else the one the user has chosen, else the default of the kind's family, which says nothing.

    Raises:
        RefusedError: no kind has that name.
        UnknownPersonaError: no persona has that name.
    """
    request = replace(
        request,
        brief=make_storable(request.brief), notes=tuple(map(make_storable, request.notes)), material=make_storable(request.material),
        earlier=make_storable(request.earlier), audience=make_storable(request.audience), tone=make_storable(request.tone),
    )  # fmt: skip
    kind = kind_named(request.kind or "")
    wishes = wishes_of(request.brief, request.notes, kind)
    if request.wish in (SHORTER, LONGER):
        wishes = without_length(wishes)
    memory = _known(memory, request, kind, wishes)
    own = memory.own_persona if not request.persona else None
    name = request.persona or memory.persona
    voice = own or (get_chosen(name) if name else find_default(kind.family))
    return Assignment(request, kind, voice, wishes, memory)


def parts_of(text: str, request: Request, kind: str) -> dict[str, Any]:
    """The parts of a text that somebody wrote for a request themselves."""
    assignment = assign(replace(request, kind=kind), Remembered())
    return assignment.kind.read(document(text), assignment)


def has_voice(assignment: Assignment) -> bool:
    """Whether somebody has chosen the persona that an assignment is written in."""
    memory = assignment.memory
    return bool(assignment.request.persona or memory.persona or assignment.persona is memory.own_persona)


def _known(memory: Remembered, request: Request, kind: Kind, wishes: Wishes) -> Remembered:
    """What is known, with that in place which the request's own options say; they go before everything that is remembered."""
    profile = memory.profile
    if memory.brand and kind.family != "data":
        profile = profile.model_copy(update=in_its_words(profile, memory.brand.book, wishes.reading.include))
    given: dict[str, Any] = {
        "preferred_length": request.length,
        "output_language": request.language or wishes.language,
        "audience": request.audience,
        "tone": (request.tone,) if request.tone else (),
    }
    given = {name: value for name, value in given.items() if value}
    stands = {name: value for name, value in given.items() if name != "output_language"}
    return replace(memory, profile=profile.model_copy(update=stands), said=tuple(given))
