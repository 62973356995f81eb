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
_NO_MAXIMUM = 10_000


def read_requirements(brief: str, notes: Sequence[str], kind: Kind) -> Requirements:
    """Return the measurable requirements of a brief and its notes.

    What a note says about a part takes precedence over the brief; a note that only names a part ("one more question") makes
    its number uncertain.
    """
    requirements = _derive_requirements(extract_reading(brief, kind.brief_form), kind)
    for note in notes:
        later = _derive_requirements(read_correction(note, kind.brief_form), kind)
        named_parts = find_named_parts(note, kind.brief_form)
        counts = {
            noun: bounds
            for noun, bounds in requirements.counts.items()
            if (find_meaning(noun) or noun) not in named_parts
        }
        has_new_length = sets_length(note, kind.brief_form)
        if has_new_length:
            requirements = drop_length(requirements)
        requirements = replace(
            requirements,
            counts={**counts, **later.counts},
            sizes={**requirements.sizes, **later.sizes},
            place=later.place or requirements.place,
            ratio=later.ratio or requirements.ratio,
            minutes=later.minutes or requirements.minutes,
            language=later.language or requirements.language,
            reading=_overlay(requirements.reading, later.reading, named_parts, has_new_length=has_new_length),
        )
    return requirements


def _overlay(before: Reading, later: Reading, named_parts: Collection[str], *, has_new_length: bool) -> Reading:
    """Return a brief's reading with the counts, sizes, place and ruled-out things that a note overrides."""
    overridden_parts = {*named_parts, *(count.what for count in later.count)}
    overridden_sizes = {(size.of, size.unit) for size in later.size}
    counts = [count for count in before.count if count.what not in overridden_parts]
    things_to_avoid = [thing for thing in before.avoid if thing.removesuffix("s") not in overridden_parts]
    sizes = [
        size
        for size in before.size
        if not (has_new_length and size.of == "all") and (size.of, size.unit) not in overridden_sizes
    ]
    return before.model_copy(
        update={
            "count": (*counts, *later.count),
            "size": (*sizes, *later.size),
            "place": later.place or before.place,
            "avoid": tuple(dict.fromkeys([*things_to_avoid, *later.avoid])),
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
        ratio=parse_ratio(reading.shape),
        language=reading.language if reading.language in NAMES else "",
    )


def _derive_counts(reading: Reading, kind: Kind) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the required counts by the first noun of each `Count`."""
    for count in kind.counts:
        meanings = {find_meaning(noun) or noun for noun in count.nouns}
        required = next((required for required in reading.count if required.what in meanings), None)
        if required is not None:
            high = required.high if required.high is not None else max(required.low, count.high)
            yield count.nouns[0], (required.low, high)
    nouns_of_kind = {noun for count in kind.counts for noun in count.nouns}
    for required in reading.count:
        if required.what in _COUNTED_ANYWHERE and required.what not in nouns_of_kind:
            yield required.what, (required.low, required.high if required.high is not None else _NO_MAXIMUM)


def is_main_entry(noun: str, kind: Kind) -> bool:
    """Whether a noun names the main entries of a kind."""
    return (find_meaning(noun) or noun) == kind.form.main


def find_unmeasured_sizes(reading: Reading, kind: Kind) -> list[SizeBound]:
    """Return the sizes in a brief that match no part of the kind."""
    return [size for size in reading.size if not list(_derive_certain_sizes(size, reading, kind))]


def _derive_certain_sizes(size: SizeBound, reading: Reading, kind: Kind) -> Iterator[tuple[tuple[str, str], Bounds]]:
    """Yield the result of `_derive_sizes` if the reading is certain.

    A capable writer keeps to a number; failures were nearly always misread (docs/quality.md). Numbers of lines, sentences and
    paragraphs mostly belong to a piece ("a two-line bit about us"), and of several lengths ("15 words, 50 and 100") none is the
    text's. "About 200 words with 5 questions" is the length of the reading text above them.
    """
    rivals = [
        rival for rival in reading.size if rival.unit == size.unit and size.of in (rival.of, "all", kind.form.main)
    ]
    is_of_source_text = size.about is not None and any(count.what in _ITEMS for count in reading.count)
    is_of_part = size.of == "all" and (
        kind.family in _FAMILIES_MEASURED_IN_PART or (kind.is_educational and is_of_source_text)
    )
    if size.unit not in _PIECE_UNITS and len(rivals) == 1 and not is_of_part:
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
    parts = [*(part.nouns for part in kind.sizes), *(part.nouns for part in kind.counts)]
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


def parse_ratio(shape: str) -> tuple[int, int] | None:
    """Return width and height of a shape such as "4:5"; None for none."""
    width, _, height = shape.partition(":")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() and int(height) else None
