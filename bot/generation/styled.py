"""Checks of how a text sounds: its language, level, emoji, marks and likeness to the brand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.checks import AskedBy, Check, bounded, free_of
from bot.checks.language import NAMES, foreign_script, language, languages_named, other_language
from bot.checks.readability import LEVELS, cefr, ease, ease_for, grade
from bot.checks.units import emoji, exclamations
from bot.content import Assignment, Content
from personas.profile import Profile
from personas.style import LIMIT, description, distance

from .copied import own_words
from .shape import (
    shape_of,
    texts,
)
from .tastes import CONTRACTION

# What people find loud. Not a platform's limit but the house's style.
MAX_EXCLAMATIONS = 2
EMOJI_BOUNDS = {"none": (0, 0), "few": (0, 3), "many": (2, 12)}
_USUAL = Profile()
# A reading level is measured no finer than this, in US grades.
_GRADE_FINENESS = 0.5
# A part has so many letters at least where its language is looked at.
_TELLING_LETTERS = 60
# What code has put over a part of a text.
_LABEL = re.compile(r"(?m)^\*\*[^*\n]+\*\*$")


def style_of(content: Content, assignment: Assignment) -> Iterator[Check]:
    """What can be said of a text as a whole only: emoji, exclamation marks, reading level, language."""
    text, kind, profile = content.text, assignment.kind, assignment.profile
    if found := emoji_bounds(assignment):
        low, high = found
        value = emoji(text)
        if kind.emoji or value > high:
            liked: AskedBy = "brief" if _emoji_said(assignment) else "house"
            if liked == "house" and kind.emoji and (profile.emoji != _USUAL.emoji or _are_chosen(assignment)):
                liked = _asked_in("emoji", assignment)
            yield bounded("emoji", value, low or None, high, "emoji", asked_by=liked)
        marks = exclamations(text)
        most = most_exclamations(assignment)
        if marks > most:
            unwanted = _asked_in("exclamation_marks", assignment) if not most else "house"
            yield bounded("exclamation marks", marks, high=most, unit="exclamation marks", asked_by=unwanted)
        contracted = CONTRACTION.findall(text) if assignment.habits.formality == "formal" else []
        if contracted and assignment.language == "en" and not kind.needs_text:
            yield free_of("contractions", contracted[:3], asked_by=_asked_in("formality", assignment))
    if kind.levelled:
        yield from _level(content, assignment)
    if kind.family != "image" and not kind.for_machines:
        spoken, wanted = language(text), assignment.language
        if assignment.keeps_language:
            wanted = language(assignment.request.material or assignment.request.brief) or spoken or wanted
        if spoken is not None and (spoken != wanted or wanted != "en"):
            yield _language("language", spoken, wanted, assignment)


def emoji_bounds(assignment: Assignment) -> tuple[int, int] | None:
    """The fewest and most emoji that a text may have; None for kinds where they are not counted."""
    kind = assignment.kind
    if kind.family not in ("marketing", "text", "education"):
        return None
    if said := _emoji_said(assignment):
        return said
    if kind.emoji:
        low, high = EMOJI_BOUNDS[assignment.profile.emoji]
        return (1 if _are_chosen(assignment) else low), high
    return 0, 0 if kind.family == "marketing" else 3


def most_exclamations(assignment: Assignment) -> int:
    """The most exclamation marks that a text may have."""
    return 0 if assignment.habits.exclamation_marks == "none" else MAX_EXCLAMATIONS


def languages_of_parts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A long part in another language than the whole and than those that the brief names, which it may teach; or than English, where
    an image model is to read it.
    """
    kind, wanted = assignment.kind, assignment.language
    in_any = kind.plain or kind.family == "image" or kind.for_machines or assignment.keeps_language
    if not assignment.as_written or in_any:
        return
    allowed = {wanted, *languages_named(assignment.brief)}
    for path, field, text in texts(shape_of(kind.output), data):
        if field.choice or sum(map(str.isalpha, text)) < _TELLING_LETTERS:
            continue
        own, fine = ("en", {"en"}) if field.name in kind.in_english else (wanted, allowed)
        spoken = other_language(text, own)
        if spoken is not None and spoken not in fine:
            yield _language("language of a part", spoken, own, assignment, path)
            return


def scripts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A word in a script that the language has no use for and nobody has brought: models slip into another language."""
    kind, wanted = assignment.kind, assignment.language
    if assignment.keeps_language or kind.for_machines or languages_named(assignment.brief) - {wanted}:
        return
    for path, field, text in texts(shape_of(kind.output), data):
        if field.choice or field.name in kind.in_english:
            continue
        if word := foreign_script(text, "en" if kind.family == "image" else wanted):
            if not any(foreign_script(source, wanted) for source in assignment.sources):
                hint = f"Write {word[:20]} in {NAMES.get(wanted, wanted)}."
                yield free_of(
                    "other script", [word[:20]], wanted=_named(wanted), path=path, hint=hint, asked_by="house"
                )
            return


def brand_voice(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """How far what the model wrote is from the brand in use; the longest text is the one to repair."""
    style = assignment.style
    found = distance(own_words(data, assignment), style) if style else None
    if style is None or found is None:
        return
    longest = max(texts(shape_of(assignment.kind.output), data), key=lambda one: len(one[2]), default=("", None, ""))[0]
    hint = f"It sounds unlike the brand: {'; '.join(found.farthest)}. {description(style)}"
    yield Check(
        id="brand voice", passed=found.near, value=round(found.points), high=round(LIMIT), unit="points of distance",
        path=longest, hint=hint, asked_by="profile",
    )  # fmt: skip


def _level(content: Content, assignment: Assignment) -> Iterator[Check]:
    text = content.text
    limit, wanted, spoken = assignment.profile.grade_limit, assignment.profile.cefr, assignment.language
    fine, known = 0.0, assignment.sources
    if assignment.as_written:
        fine, known = (
            _GRADE_FINENESS,
            [*known, *(str(one.get("term", "")) for one in content.parts.get("key_terms", ()))],
        )
        text = _LABEL.sub("", text)
    asked_by = _asked_in("reading_level", assignment)
    hint = "It is too hard to read. Use shorter sentences and easier words."
    if limit is not None and spoken == "en" and (level := grade(text)) is not None:
        yield Check(
            id="reading grade", passed=level <= limit + fine, value=round(level, 1), high=limit, unit="grade", hint=hint,
            asked_by=asked_by,
        )  # fmt: skip
    if limit is not None and (value := ease(text, spoken)) is not None:
        least = ease_for(limit + fine)
        yield Check(
            id="reading ease", passed=value >= least, value=round(value), low=round(least), unit="ease", hint=hint,
            asked_by=asked_by,
        )  # fmt: skip
    if wanted and (found := cefr(text, spoken, known, inflected=assignment.as_written and spoken != "en")) is not None:
        reached, hard = found
        rare = f"Use easier words than {', '.join(hard[-5:])}."
        passed = LEVELS.index(reached) <= LEVELS.index(wanted)
        yield Check(
            id="words",
            passed=passed,
            value=(reached,),
            wanted=(wanted,),
            unit="CEFR level",
            hint=rare,
            asked_by=asked_by,
        )


def _emoji_said(assignment: Assignment) -> tuple[int, int] | None:
    """How many emoji the brief says that a text may have: "max 2 emojis", "with 1 emoji"."""
    said = next((one for one in assignment.reading.count if one.what == "emoji"), None)
    return None if said is None else (said.low, said.low if said.high is None else said.high)


def _are_chosen(assignment: Assignment) -> bool:
    """Whether somebody said that a few emoji are to stand in their texts, where nobody's texts need any."""
    entry = assignment.memory.sources.get("emoji")
    return entry is not None and entry.value == assignment.profile.emoji == "few"


def _language(name: str, spoken: str, wanted: str, assignment: Assignment, path: str = "") -> Check:
    """A check of the language that a text or a part is in."""
    asked_by: AskedBy = "profile" if assignment.profile.output_language != _USUAL.output_language else "house"
    if "output_language" in assignment.memory.usual:
        asked_by = "server"
    if assignment.wishes.language or assignment.request.language:
        asked_by = "brief"
    return Check(
        id=name, passed=spoken == wanted, value=_named(spoken), wanted=_named(wanted), path=path, asked_by=asked_by
    )


def _named(language: str) -> tuple[str, ...]:
    return (NAMES.get(language, language),)


def _asked_in(field: str, assignment: Assignment) -> AskedBy:
    """Whether the brief decided a field of the profile or a habit, or these themselves."""
    return "brief" if field in assignment.memory.said else "profile"
