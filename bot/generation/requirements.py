"""Derive measurable requirements from the reading of a brief, in the terms of its kind. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP

from bot.briefs import (
    Reading,
    SizeBound,
    extract_reading,
    find_meaning,
    find_named_parts,
    read_correction,
    sets_length,
)
from bot.checks.language import NAMES
from bot.checks.units import UNITS
from bot.content import MAX_MINUTES, Bounds, Kind, Requirements

# The tolerance of "about 300 words".
TOLERANCE = 0.15
# Sizes of up to this many characters are upper bounds, however they are worded: "a subject of 40 characters".
_MAX_EXACT_CHARACTERS = 300
# The part that the size of a text means if it has one: "an email of 80 words".
_BODY = "body"
_PIECE_UNITS = ("lines", "sentences", "paragraphs")
# Families where a size means a part: the spoken words without directions, a prompt without its format and alt text.
_FAMILIES_MEASURED_IN_PART = ("media", "image")
# What stands below a reading text.
_ITEMS = ("question", "task")
# What any text may have, besides the parts of its kind.
_COUNTED_ANYWHERE = ("emoji", "hashtag", "link")


def read_requirements(brief: str, notes: Sequence[str], kind: Kind) -> Requirements:
    """Return the measurable requirements of a brief and its notes.

    What a note says about a part takes precedence over the brief; a note that only names a part ("one more question") makes
    its number uncertain.
    """
    requirements = _derive_requirements(extract_reading(brief, kind.brief_form), kind)
    for note in notes:
        later = _derive_requirements(read_correction(note, kind.brief_form), kind)
        named = find_named_parts(note, kind.brief_form)
        counts = {
            noun: bound for noun, bound in requirements.counts.items() if (find_meaning(noun) or noun) not in named
        }
        resized = sets_length(note, kind.brief_form)
        sizes = {key: bound for key, bound in requirements.sizes.items() if not (resized and key[0] in ("", _BODY))}
        requirements = replace(
            requirements,
            counts={**counts, **later.counts},
            sizes={**sizes, **later.sizes},
            place=later.place or requirements.place,
            ratio=later.ratio or requirements.ratio,
            minutes=later.minutes or requirements.minutes,
            language=later.language or requirements.language,
            reading=_overlay(requirements.reading, later.reading, named, resized=resized),
        )
    return requirements


def _overlay(before: Reading, later: Reading, named: Collection[str], *, resized: bool) -> Reading:
    """Return a brief's reading with the counts, sizes, place and ruled-out things that a note overrides."""
    counted = {*named, *(one.what for one in later.count)}
    sized = {(one.of, one.unit) for one in later.size}
    counts = [one for one in before.count if one.what not in counted]
    kept = [one for one in before.avoid if one.removesuffix("s") not in counted]
    sizes = [one for one in before.size if not (resized and one.of == "all") and (one.of, one.unit) not in sized]
    return before.model_copy(
        update={
            "count": (*counts, *later.count),
            "size": (*sizes, *later.size),
            "place": later.place or before.place,
            "avoid": tuple(dict.fromkeys([*kept, *later.avoid])),
        }
    )


def drop_length(requirements: Requirements) -> Requirements:
    """Return the requirements without the length of the full text, which a later instruction changed."""
    return replace(
        requirements, sizes={key: bound for key, bound in requirements.sizes.items() if key[0] not in ("", _BODY)}
    )


def _derive_requirements(reading: Reading, kind: Kind) -> Requirements:
    return Requirements(
        counts=dict(_derive_counts(reading, kind)),
        sizes={key: bounds for size in reading.size for key, bounds in _derive_certain_sizes(size, reading, kind)},
        reading=reading,
        minutes=_derive_minutes(reading),
        place=reading.place if reading.place in kind.places else reading.venue,
        ratio=_parse_ratio(reading.shape),
        language=reading.language if reading.language in NAMES else "",
    )


def _derive_counts(reading: Reading, kind: Kind) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the required counts by the first noun of each `Count`."""
    for count in kind.counts:
        meanings = {find_meaning(noun) or noun for noun in count.nouns}
        found = next((one for one in reading.count if one.what in meanings), None)
        if found is not None:
            yield count.nouns[0], (found.low, found.high if found.high is not None else max(found.low, count.high))
    known = {noun for count in kind.counts for noun in count.nouns}
    for one in reading.count:
        if one.what in _COUNTED_ANYWHERE and one.what not in known:
            yield one.what, (one.low, one.high if one.high is not None else 10_000)


def is_counted(noun: str, kind: Kind) -> bool:
    """Whether the count of a noun is measured for a kind: of its main entries, and of what any text may have."""
    return (find_meaning(noun) or noun) == kind.form.main or noun in _COUNTED_ANYWHERE


def find_unmeasured_sizes(reading: Reading, kind: Kind) -> list[SizeBound]:
    """Return the sizes in a brief that match no part of the kind."""
    return [size for size in reading.size if not list(_derive_certain_sizes(size, reading, kind))]


def _derive_certain_sizes(size: SizeBound, reading: Reading, kind: Kind) -> Iterator[tuple[tuple[str, str], Bounds]]:
    """Yield the result of `_derive_sizes` if the reading is certain.

    A capable writer keeps to a number; failures were nearly always misread (docs/quality.md). Numbers of lines, sentences and
    paragraphs mostly belong to a piece ("a two-line bit about us"), and of several lengths ("15 words, 50 and 100") none is the
    text's. "About 200 words with 5 questions" is the length of the reading text above them.
    """
    rivals = [one for one in reading.size if one.unit == size.unit and size.of in (one.of, "all", kind.form.main)]
    is_of_reading = size.about is not None and any(one.what in _ITEMS for one in reading.count)
    in_part = size.of == "all" and (
        kind.family in _FAMILIES_MEASURED_IN_PART or (kind.family == "education" and is_of_reading)
    )
    if size.unit not in _PIECE_UNITS and len(rivals) == 1 and not in_part:
        yield from _derive_sizes(size, kind)


def _derive_sizes(size: SizeBound, kind: Kind) -> Iterator[tuple[tuple[str, str], Bounds]]:
    """Yield the first noun of the part that a size is for ("" for the full text) with its unit, and its bounds."""
    low, high = size.low or 0, size.high
    if size.about is not None:
        low, high = round(size.about * (1 - TOLERANCE)), round(size.about * (1 + TOLERANCE))
        if size.unit == "characters" and size.about <= _MAX_EXACT_CHARACTERS:
            low, high = 0, size.about
    if size.unit not in UNITS:
        return
    parts = [*(one.nouns for one in kind.sizes), *(one.nouns for one in kind.counts)]
    if size.of == "all":
        yield (_BODY if any(_BODY in nouns for nouns in parts) else "", size.unit), Bounds(low, high)
        return
    name = next((nouns[0] for nouns in parts if size.of in (*nouns, *map(find_meaning, nouns))), None)
    if name is not None:
        yield (name, size.unit), Bounds(low, high)


def _derive_minutes(reading: Reading) -> int | None:
    if reading.lasting is None:
        return reading.minutes
    minutes = int((reading.lasting.seconds / 60).to_integral_value(ROUND_HALF_UP))
    return minutes if 0 < minutes <= MAX_MINUTES else None


def _parse_ratio(shape: str) -> tuple[int, int] | None:
    width, _, height = shape.partition(":")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() and int(height) else None
