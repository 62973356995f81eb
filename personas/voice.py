"""Turns a persona into instructions for a model. Pure functions."""

from __future__ import annotations

from .persona import Persona


def describe_voice(persona: Persona, *, samples: bool = True) -> list[str]:
    """Return lines that describe how a persona writes, with or without its samples."""
    lines = [persona.voice] if persona.voice else []
    for label, entries in (("Habits", persona.habits), ("Always", persona.do), ("Never", persona.dont)):
        if entries:
            lines.append(f"{label}: {'; '.join(entries) if label == 'Habits' else ', '.join(entries)}.")
    return [*lines, *(f"So you wrote once: {example.text}" for example in persona.examples[:samples])]
