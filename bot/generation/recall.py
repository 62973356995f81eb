"""Assemble everything known for a request: kind, profile, persona, and the measurable requirements of its brief."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.content import Assignment, Kind, MemorySnapshot, Request, Requirements
from bot.kinds import find_kind
from bot.markup import parse_document
from personas.persona import find_default, get_chosen
from personas.profile import make_storable

from .branding import build_brand_word_changes
from .requirements import drop_length, read_requirements

# The instructions of the buttons, in words that a model reads and a user may write.
SHORTER, LONGER = "shorter", "longer"


def assign(request: Request, memory: MemorySnapshot) -> Assignment:
    """Assemble the assignment for a request whose kind is known.

    The persona is the request's, else the user's choice, else the neutral default of the kind's family.

    Raises:
        RefusedError: No kind has that name.
        UnknownPersonaError: No persona has that name.
    """
    request = replace(
        request,
        brief=make_storable(request.brief),
        notes=tuple(map(make_storable, request.notes)),
        material=make_storable(request.material),
        earlier=make_storable(request.earlier),
        audience=make_storable(request.audience),
        tone=make_storable(request.tone),
    )
    kind = find_kind(request.kind or "")
    requirements = read_requirements(request.brief, request.notes, kind)
    if request.instruction in (SHORTER, LONGER):
        requirements = drop_length(requirements)
    memory = _override(memory, request, kind, requirements)
    own_persona = memory.own_persona if not request.persona else None
    name = request.persona or memory.persona
    persona = own_persona or (get_chosen(name) if name else find_default(kind.family))
    return Assignment(request, kind, persona, requirements, memory)


def parse_own_text(text: str, request: Request, kind: str) -> dict[str, Any]:
    """Parse the parts of a text that a user wrote or edited themselves."""
    assignment = assign(replace(request, kind=kind), MemorySnapshot())
    return assignment.kind.read(parse_document(text), assignment)


def has_voice(assignment: Assignment) -> bool:
    """Whether the assignment's persona was chosen rather than a default."""
    memory = assignment.memory
    return bool(assignment.request.persona or memory.persona or assignment.persona is memory.own_persona)


def _override(memory: MemorySnapshot, request: Request, kind: Kind, requirements: Requirements) -> MemorySnapshot:
    """Return the memory, with the profile overridden by the request's own options."""
    profile = memory.profile
    if memory.brand and not kind.is_fictional:
        profile = profile.model_copy(
            update=build_brand_word_changes(profile, memory.brand.book, requirements.reading.include)
        )
    options: dict[str, Any] = {
        "preferred_length": request.length,
        "output_language": request.language or requirements.language,
        "audience": request.audience,
        "tone": (request.tone,) if request.tone else (),
    }
    options = {name: value for name, value in options.items() if value}
    overrides = {name: value for name, value in options.items() if name != "output_language"}
    return replace(memory, profile=profile.model_copy(update=overrides), request_fields=tuple(options))
