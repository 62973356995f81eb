"""Checks of what a brief wants to stand in a text or not, and what of it nobody can check. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.briefs import Reading, figures_written, things_to_avoid
from bot.checks import Check, free_of, holding
from bot.checks.links import links
from bot.checks.terms import contains
from bot.content import Assignment, Content, Kind

from .understood import counted_by, unchecked_sizes

# What is looked for where a brief wants none of it. Emoji, hashtags and the like are counted, words are avoided, elsewhere.
_FOUND: dict[str, Callable[[str], list[str]]] = {
    "links": lambda text: [one.address for one in links(text)],
    "questions": lambda text: [sign for sign in text if sign in "?？؟"],
    "numbers": lambda text: [sign for sign in text if sign.isdigit()],
    "prices": lambda text: figures_written(text, "money"),
    "dates": lambda text: figures_written(text, "date"),
}
_ELSEWHERE = frozenset({"emoji", "hashtags", "exclamation marks", "our name"})
# Kinds that ask for a living.
MUST = "words that must stand in it"
_ASKING = frozenset({"quiz", "worksheet", "tutor", "flashcards", "scenario"})
# Findings that are named in a check.
_NAMED = 3


def asked_checks(content: Content, assignment: Assignment) -> Iterator[Check]:
    """One check for all that must stand in the text, and one for each thing of which there is to be none."""
    reading, text = assignment.reading, content.text
    if reading.include:
        written = assignment.kind.written
        missing = [one for one in reading.include if not (contains(text, one) or contains(text, written(one)))]
        hint = f"It must hold, word for word: {', '.join(missing)}."
        total = len(reading.include)
        yield holding(MUST, missing, total, hint=hint, asked_by="brief")
    for thing in reading.avoid:
        if thing in _FOUND and _is_checked(thing, assignment.kind):
            found = _FOUND[thing](text)
            hint = f"There must be no {thing}."
            yield free_of(thing, found[:_NAMED], of=thing, hint=hint, asked_by="brief")


def unchecked(reading: Reading, kind: Kind) -> Reading:
    """What of a reading nothing checks, so that nobody takes it for checked."""
    return Reading(
        count=tuple(one for one in reading.count if not counted_by(one, kind)),
        size=tuple(unchecked_sizes(reading, kind)),
        avoid=tuple(thing for thing in reading.avoid if thing in things_to_avoid() and not _is_checked(thing, kind)),
        asides=reading.asides,
    )


def _is_checked(thing: str, kind: Kind) -> bool:
    if thing == "questions":
        return kind.name not in _ASKING
    if thing == "people":  # What a picture is to show none of is looked for in its prompt.
        return kind.name == "image_prompt"
    if thing in ("emoji", "hashtags"):
        return kind.family in ("marketing", "text", "education")
    return thing in _FOUND or thing in _ELSEWHERE
