"""Turns a profile and a persona into instructions for a model. Pure functions."""

from __future__ import annotations

from collections.abc import Sequence

from .persona import Persona
from .profile import Profile

# Short on purpose: a small model follows five lines better than twenty, and facts are picked by the brief.
MAX_FACTS = 8


def describe_reader(profile: Profile) -> list[str]:
    """Lines that say whom a text is for and what is true there; empty for an empty profile."""
    lines = []
    if profile.organisation or profile.role:
        lines.append(f"Writer: {' at '.join(filter(None, (profile.role, profile.organisation)))}.")
    if profile.audience:
        lines.append(f"Readers: {profile.audience}.")
    if profile.facts:
        lines.append(f"True facts: {'; '.join(profile.facts[:MAX_FACTS])}.")
    return lines


def describe_voice(persona: Persona, *, samples: bool = True) -> list[str]:
    """Lines that say how a persona writes, with what they once wrote or without."""
    lines = [persona.voice] if persona.voice else []
    for label, told in (("Habits", persona.habits), ("Always", persona.do), ("Never", persona.dont)):
        if told:
            lines.append(f"{label}: {'; '.join(told) if label == 'Habits' else ', '.join(told)}.")
    return [*lines, *(f"So you wrote once: {example.text}" for example in persona.examples[:samples])]


def describe_style(profile: Profile, tone: str = "") -> list[str]:
    """Lines that say how this person's texts sound; a tone named in the request goes before the profile's."""
    lines = []
    wanted = tone or ", ".join(profile.tone)
    if wanted:
        lines.append(f"Tone: {wanted}.")
    if profile.grade_limit is not None and profile.grade_limit <= 8:
        lines.append("Use short words and short sentences.")
    if profile.prefer_terms:
        lines.append(f"Words they like: {', '.join(profile.prefer_terms)}.")
    return lines


def instructions(profile: Profile, voice: Sequence[str], tone: str = "") -> str:
    """The part of a system prompt that makes a text this person's, after the lines that describe a persona's voice.

    Avoided words are left out on purpose: naming a word to a small model makes it appear. They are checked and repaired
    after drafting instead.
    """
    return "\n".join([*voice, *describe_style(profile, tone), *describe_reader(profile)])
