"""Puts together what is known for a request: kind, profile, persona, and what the brief says about form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.briefs import (
    Reading,
    changes_number,
    corrected,
    correction_of,
    names_length,
    parts_named,
    read_by_patterns,
    resized,
    things_to_avoid,
)
from bot.content import Assignment, Kind, Remembered, Request, Wishes
from bot.errors import RefusedError
from bot.kinds import kind_named
from personas.habits import Habits
from personas.persona import chosen, default_for
from personas.profile import Length, Profile, storable

from .branded import in_its_words
from .contradiction import question_about
from .possible import refusal
from .preferences import preferences_in
from .tastes import Setting, from_wish
from .understand import merged
from .understood import same_part, wishes_from, without_counts

# What a number of words becomes when a wish added later wants fewer or more, as by the buttons.
SHORTER, LONGER = 0.6, 1.6


# Texts of one request to pick from, at most: each is written and looked over by itself.
MOST_VARIANTS = 4


def assign(
    request: Request, memory: Remembered, noted: Mapping[str, Any] | None = None, *, asking: bool = True
) -> Assignment:
    """The assignment for a request whose kind is known; `noted` is what a model noted of its brief beside the patterns.

    Without `asking` nothing is refused for what its brief says, as one that a model is to read first.

    What is refused or asked about goes by the patterns, as does what notes say. The persona is the request's, else the one the
    user has chosen, else the default of the kind's family.

    Raises:
        RefusedError: no kind has that name, or the brief's limits contradict each other; then it asks which one holds,
            or it asks for none of something or fewer.
        UnknownPersonaError: no persona has that name.
    """
    request = replace(
        request,
        brief=storable(request.brief), notes=tuple(map(storable, request.notes)), material=storable(request.material),
        earlier=storable(request.earlier), audience=storable(request.audience), tone=storable(request.tone),
    )  # fmt: skip
    brief = "\n".join([request.brief, *request.notes])
    kind = kind_named(request.kind or "").for_brief(brief)
    name = request.persona or memory.persona
    wishes = _wishes(request, kind, memory.profile, noted or {})
    if request.language and (said := _language_of_notes(request, kind)):
        request = replace(request, language=said)
    memory, length = _overruled(memory, request, kind, wishes)
    request = replace(request, length=length, variants=_variants(request, kind, wishes))
    own = memory.own_persona if not request.persona else None
    voice = own or (chosen(name) if name else default_for(kind.family))
    assignment = Assignment(request, kind, voice, wishes, memory)
    if asking and (question := question_about(assignment) or refusal(assignment)):
        raise RefusedError(question)
    return assignment


def _variants(request: Request, kind: Kind, wishes: Wishes) -> int:
    """How many texts to pick from: as many as the request wants, else its brief of what is one text: "three versions of it"."""
    again = request.parent_id or request.earlier or request.notes or request.before is not None
    if request.variants > 1 or again or kind.family in ("education", "data", "chat"):
        return request.variants
    wanted = next((one for one in wishes.reading.count if one.what == "variant"), None)
    if wanted is None or not (kind.plain or kind.is_prompt):
        return request.variants
    return max(1, min(wanted.low, MOST_VARIANTS))


def _wishes(request: Request, kind: Kind, profile: Profile, noted: Mapping[str, Any]) -> Wishes:
    """What brief and notes say about form; what a note says goes before what was said earlier."""
    reading, longer = _read(request, kind, noted), 1.0
    for note in request.notes:
        correction = correction_of(note, kind.reader)
        reading = _changed(reading, correction, note, kind)
        step = dict(from_wish(note, Setting())).get("preferred_length")
        if names_length(note, kind.reader):
            longer = 1.0
        elif step:
            longer *= SHORTER if step == "short" else LONGER
    wishes = wishes_from(reading, kind, profile)
    if wishes.words:
        wishes = replace(wishes, words=round(wishes.words * longer))
    scaled = resized(reading, request.scale)
    return replace(wishes, reading=scaled, sizes=wishes_from(scaled, kind, profile).sizes)


def _read(request: Request, kind: Kind, noted: Mapping[str, Any]) -> Reading:
    """The reading of the brief, with what notes tell of the matter beside it."""
    whole = read_by_patterns("\n".join([request.brief, *request.notes]), kind.reader)
    reading = read_by_patterns(request.brief, kind.reader)
    reading = merged(reading, noted) if noted else reading
    exact = tuple(one for one in whole.exact if one not in (*request.outdated, *reading.struck))
    told = {"message": whole.message, "keyword": whole.keyword, "exact": exact, "manner": whole.manner}
    return reading.model_copy(update=told)


def _changed(reading: Reading, correction: Reading, note: str, kind: Kind) -> Reading:
    """A reading with what a note says in place of the same item."""
    reading = corrected(reading, correction, same_part(kind))
    # There are not so many any more as there were to be.
    return without_counts(reading, parts_named(note, kind.reader), kind) if changes_number(note) else reading


def _language_of_notes(request: Request, kind: Kind) -> str:
    """The language that a wish added later wants, which goes before the one that was picked; empty for none."""
    found = [correction_of(note, kind.reader).language for note in request.notes]
    return next(filter(None, reversed(found)), "")


def _left_out(reading: Reading, profile: Profile, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What a profile is for a brief that wants something left out: its words to avoid, without what is not to be told."""
    # A part of the name that signs it is no word to avoid: "the Rovers bus broke down, leave that out".
    own = f"{profile.organisation} {profile.display_name}".casefold().split()
    words = [word for word in reading.avoid if word not in things_to_avoid() and word.casefold() not in own]
    found: dict[str, Any] = {}
    if "our name" in reading.avoid and profile.organisation:
        words.append(profile.organisation)
        found["organisation"] = ""
    if words:
        unwanted = {word.casefold() for word in words}
        found["avoid_words"] = tuple(dict.fromkeys([*changed.get("avoid_words", profile.avoid_words), *words]))
        terms = changed.get("prefer_terms", profile.prefer_terms)
        found["prefer_terms"] = tuple(term for term in terms if term.casefold() not in unwanted)
    if "emoji" in reading.avoid:
        found["emoji"] = "none"
    if "links" in reading.avoid:
        found["call_to_action"] = None
    return found


def _overruled(memory: Remembered, request: Request, kind: Kind, wishes: Wishes) -> tuple[Remembered, Length | None]:
    """What is known, with that in place which the request itself says: it goes before everything that is remembered.

    Beside it the length that was picked, or that a wish added later has put in its place.
    """
    profile = memory.profile
    if memory.brand and kind.family != "data":
        profile = profile.model_copy(update=in_its_words(profile, memory.brand.book, wishes.reading.exact))
    given = {
        "preferred_length": request.length or wishes.words,
        "output_language": request.language or wishes.language,
        "audience": request.audience or wishes.reading.audience,
        "tone": request.tone or wishes.reading.tone,
    }
    was = Setting(request.length or profile.preferred_length, profile.emoji, profile.reading_level)
    found = preferences_in(request, kind, was)
    struck = wishes.reading.struck
    signs = {
        name: value
        for name, value in found.signs.items()
        if value not in struck and name.replace("_", " ") not in struck
    }
    changed: dict[str, Any] = {name: value for name, value in signs.items() if name in Profile.model_fields}
    habits = {name: value for name, value in signs.items() if name in Habits.model_fields}
    # From one part words may be barred and be fine in the others.
    fine = {words.casefold() for words in (*struck, *(words for _, words in wishes.reading.barred))}
    if words := [word for word in found.words if word.casefold() not in fine]:
        unwanted = {word.casefold() for word in words}
        changed["avoid_words"] = tuple(dict.fromkeys([*profile.avoid_words, *words]))
        changed["prefer_terms"] = tuple(term for term in profile.prefer_terms if term.casefold() not in unwanted)
    changed |= _left_out(wishes.reading, profile, changed)
    if "exclamation marks" in wishes.reading.avoid:
        habits["exclamation_marks"] = "none"
    known = replace(
        memory,
        profile=profile.model_copy(update=changed),
        habits=memory.habits.model_copy(update=habits),
        said=tuple(dict.fromkeys([*(name for name, value in given.items() if value), *found.signs])),
    )
    return known, found.signs.get("preferred_length", request.length) if request.length else None
