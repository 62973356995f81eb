"""Turns a profile and a persona into instructions for a model. Pure functions."""

from __future__ import annotations

from .persona import Persona


def describe_voice(persona: Persona, *, samples: bool = True) -> list[str]:
    """Lines that say how a persona writes, with what they once wrote or without."""
    lines = [persona.voice] if persona.voice else []
    for label, told in (("Habits", persona.habits), ("Always", persona.do), ("Never", persona.dont)):
        if told:
            lines.append(f"{label}: {'; '.join(told) if label == 'Habits' else ', '.join(told)}.")
    return [*lines, *(f"So you wrote once: {example.text}" for example in persona.examples[:samples])]
