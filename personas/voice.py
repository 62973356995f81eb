"""Turns a persona into instructions for a model. No I/O."""

from __future__ import annotations

from .persona import Persona


def describe_voice(persona: Persona, *, samples: bool = True) -> list[str]:
    """Return prompt lines that describe how a persona writes, optionally with one of its samples."""
    lines = [persona.voice] if persona.voice else []
    for label, entries in (("Habits", persona.habits), ("Always", persona.do), ("Never", persona.dont)):
        if entries:
            lines.append(f"{label}: {'; '.join(entries) if label == 'Habits' else ', '.join(entries)}.")
    return [*lines, *(f"You once wrote: {example.text}" for example in persona.examples[:samples])]
