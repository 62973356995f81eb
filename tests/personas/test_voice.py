"""How the voice of a persona is described to a model."""

from __future__ import annotations

from personas.persona import NOBODY, Persona
from personas.voice import describe_voice

PLAIN = Persona(name="p", title="P", summary="s", voice="You write.")


def test_a_persona_is_described() -> None:
    strict = PLAIN.model_copy(update={"dont": ("shouting", "jargon")})
    assert describe_voice(strict) == ["You write.", "Never: shouting, jargon."]


def test_no_persona_has_no_voice() -> None:
    assert describe_voice(NOBODY) == []
