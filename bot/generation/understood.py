"""Turns the reading of a brief into what of it is measured, in the terms of its kind. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP

from bot.briefs import (
    Reading,
    SizeBound,
    correction_of,
    meaning_of,
    names_length,
    parts_named,
    read_by_patterns,
)
from bot.checks.language import NAMES
from bot.checks.units import UNITS
from bot.content import MAX_MINUTES, Bounds, Kind, Requirements

# How far from "about 300 words" a text may be and still be about as long.
ABOUT = 0.15
# So few characters are what there is room for, however they are asked for: "a subject of 40 characters".
_MAX_EXACT = 300
# What a text is that is told by its body alone: "an email of 80 words".
_BODY = "body"
_OF_PIECES = ("lines", "sentences", "paragraphs")
# Kinds of whose text a part is meant: of what is spoken without the directions, of a prompt without its format and alt text.
_IN_PART = ("media", "image")
# What stands in any text, beside the parts of its kind.
_ANYWHERE = ("emoji", "hashtag", "link")


def wishes_of(brief: str, notes: Sequence[str], kind: Kind) -> Requirements:
    """What is measured of a brief and of the notes that were added to it.

    What a note says of a part goes before what the brief says of it; where a note only names a part ("one more question"), nothing
    certain is known of its number any more.
    """
    wishes = _wishes(read_by_patterns(brief, kind.brief_form), kind)
    for note in notes:
        later = _wishes(correction_of(note, kind.brief_form), kind)
        named = parts_named(note, kind.brief_form)
        counts = {noun: bound for noun, bound in wishes.counts.items() if (meaning_of(noun) or noun) not in named}
        resized = names_length(note, kind.brief_form)
        sizes = {key: bound for key, bound in wishes.sizes.items() if not (resized and key[0] in ("", _BODY))}
        wishes = replace(
            wishes,
            counts={**counts, **later.counts},
            sizes={**sizes, **later.sizes},
            place=later.place or wishes.place,
            ratio=later.ratio or wishes.ratio,
            minutes=later.minutes or wishes.minutes,
            language=later.language or wishes.language,
            reading=_overlaid(wishes.reading, later.reading, named, resized=resized),
        )
    return wishes


def _overlaid(before: Reading, later: Reading, named: Collection[str], *, resized: bool) -> Reading:
    """A reading of a brief with the numbers, sizes, place and things ruled out that a note gives in place of its own."""
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


def without_length(wishes: Requirements) -> Requirements:
    """The wishes without what the brief says of the length of the whole, which a later wish has changed."""
    return replace(wishes, sizes={key: bound for key, bound in wishes.sizes.items() if key[0] not in ("", _BODY)})


def _wishes(reading: Reading, kind: Kind) -> Requirements:
    return Requirements(
        counts=dict(_counts(reading, kind)),
        sizes={key: bounds for size in reading.size for key, bounds in _measured_of(size, reading, kind)},
        reading=reading,
        minutes=_minutes(reading),
        place=reading.place if reading.place in kind.places else reading.venue,
        ratio=_ratio(reading.shape),
        language=reading.language if reading.language in NAMES else "",
    )


def _counts(reading: Reading, kind: Kind) -> Iterator[tuple[str, tuple[int, int]]]:
    """How many of what there is to be, by the first noun of each Count."""
    for count in kind.counts:
        meanings = {meaning_of(noun) or noun for noun in count.nouns}
        found = next((one for one in reading.count if one.what in meanings), None)
        if found is not None:
            yield count.nouns[0], (found.low, found.high if found.high is not None else max(found.low, count.high))
    known = {noun for count in kind.counts for noun in count.nouns}
    for one in reading.count:
        if one.what in _ANYWHERE and one.what not in known:
            yield one.what, (one.low, one.high if one.high is not None else 10_000)


def counted_by(noun: str, kind: Kind) -> bool:
    """Whether a number of something is measured for a kind: of what the kind is a list of, and of what any text may have."""
    return (meaning_of(noun) or noun) == kind.form.main or noun in _ANYWHERE


def unmeasured_sizes(reading: Reading, kind: Kind) -> list[SizeBound]:
    """The sizes that a brief asks for and that no part of the kind has."""
    return [size for size in reading.size if not list(_measured_of(size, reading, kind))]


def _measured_of(size: SizeBound, reading: Reading, kind: Kind) -> Iterator[tuple[tuple[str, str], Bounds]]:
    """As `_size_of`, where it is read without doubt.

    A capable writer keeps to a number; what fails was nearly always read wrongly (docs/quality.md). Few lines, sentences and paragraphs
    are those of some piece ("a two-line bit about us"), and of several lengths ("15 words, 50 and 100") none is that of the text.
    """
    rivals = [one for one in reading.size if one.unit == size.unit and size.of in (one.of, "all", kind.form.main)]
    in_part = size.of == "all" and kind.family in _IN_PART
    if size.unit not in _OF_PIECES and len(rivals) == 1 and not in_part:
        yield from _size_of(size, kind)


def _size_of(size: SizeBound, kind: Kind) -> Iterator[tuple[tuple[str, str], Bounds]]:
    """The first noun of the part that a size is of ("" for the whole text) with its unit, and its bounds; nothing for no known part."""
    least, most = size.low or 0, size.high
    if size.about is not None:
        least, most = round(size.about * (1 - ABOUT)), round(size.about * (1 + ABOUT))
        if size.unit == "characters" and size.about <= _MAX_EXACT:
            least, most = 0, size.about
    if size.unit not in UNITS:
        return
    parts = [*(one.nouns for one in kind.sizes), *(one.nouns for one in kind.counts)]
    if size.of == "all":
        yield (_BODY if any(_BODY in nouns for nouns in parts) else "", size.unit), Bounds(least, most)
        return
    name = next((nouns[0] for nouns in parts if size.of in (*nouns, *map(meaning_of, nouns))), None)
    if name is not None:
        yield (name, size.unit), Bounds(least, most)


def _minutes(reading: Reading) -> int | None:
    if reading.lasting is None:
        return reading.minutes
    minutes = int((reading.lasting.seconds / 60).to_integral_value(ROUND_HALF_UP))
    return minutes if 0 < minutes <= MAX_MINUTES else None


def _ratio(shape: str) -> tuple[int, int] | None:
    width, _, height = shape.partition(":")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() and int(height) else None
