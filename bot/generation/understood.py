"""Turns a reading of a brief into what generation goes by: one set of bounds for prompt, schema and checks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from bot.briefs import CountBound, Reading, SizeBound, meaning_of
from bot.checks.language import NAMES
from bot.checks.units import UNITS
from bot.content import MOST_WORDS, Bounds, Count, Kind, Size, Wishes

from .marks import marks

# How far from "about 300 words" a text may be and still be about as long.
ABOUT = 0.15
# Beside the fields of an output, what briefs give a number of.
_ALWAYS = (("hashtag", 30), ("option", 8), ("channel", 12))
# The field that holds the text of a kind which has other parts beside it.
_BODY = "body"
# Nouns that mean the entries of a kind that is a list of short lines.
_ENTRIES = ("variant", "option")


def with_reading(wishes: Wishes, reading: Reading, kind: Kind) -> Wishes:
    """The wishes with what the reading says of counts, sizes, place, shape and language.

    Numbers that nobody can have (fractions, fewer than none) stay as they were said, so that they are told.
    """
    counts, said = dict(wishes.counts), dict(wishes.said)
    for nouns, least, most in _groups(kind):
        name, meanings = nouns[0], {meaning_of(noun) for noun in nouns} - {""}
        if not meanings or name in wishes.fractions or counts.get(name, (0, 0))[0] < 0:
            continue
        found = _count_of(reading, meanings, kind)
        if found is not None:
            low, high = found
            if low == 0 < (high or 0) and counts.get(name, (1, 1))[0] != 0:
                low = min(least, high or 0)  # "At most four" of what there is at least two of.
            counts[name] = (low, high if high is not None else max(low, most))
            said[name] = said.get(name) or " ".join(map(str, (_span(low, high), f"{name}s")))
    paragraphs = next((size for size in reading.size if _counts_paragraphs(size, kind)), None)
    known = counts.get("paragraph", (0, 0))[0]
    if paragraphs is not None and known >= 0 and (many := paragraphs.high or paragraphs.about):
        few = paragraphs.low or paragraphs.about or 1
        counts["paragraph"] = (few, many)
        said.setdefault("paragraph", f"{_span(few, many)} paragraphs")
    sizes = {
        key: bounds
        for size in reading.size
        for key, bounds in [_size_of(size, kind)]
        if key is not None and size is not paragraphs
    }
    if "hashtags" in reading.avoid:
        counts["hashtag"] = (0, 0)
    language = reading.language if reading.language in NAMES else ""
    return replace(
        wishes,
        counts=counts,
        said=said,
        sizes=sizes,
        reading=reading,
        figures=() if "numbers" in reading.avoid else wishes.figures,
        words=wishes.words if wishes.words is not None and wishes.words <= 0 else _words(reading) or wishes.words,
        place=reading.place if reading.place in kind.places else wishes.place,
        ratio=wishes.ratio or _ratio(reading.shape),
        language=language or wishes.language,
    )


def _counts_paragraphs(size: SizeBound, kind: Kind) -> bool:
    """Whether a number of paragraphs of the whole is that of a list's entries, beside which the kind has other parts."""
    return (size.of, size.unit) == ("all", "paragraphs") and any(
        "paragraph" in nouns and least > 0 for nouns, least, _ in _groups(kind)
    )


def _words(reading: Reading) -> int | None:
    """About how many words the whole text is to have; None where the brief says nothing, or only how many at most."""
    size = next((one for one in reading.size if (one.of, one.unit) == ("all", "words")), None)
    if size is None:
        return None
    if size.low is not None and size.high is not None:
        return (size.low + size.high) // 2
    return size.about or (round(size.low * (1 + ABOUT)) if size.low else None)


def counted_by(count: CountBound, kind: Kind) -> bool:
    """Whether a kind has that of which a brief gives a number, or of which it wants none."""
    named = {meaning_of(noun) for nouns, _, _ in _groups(kind) for noun in nouns}
    return count.what in named or count.what in ("emoji", "link") or (kind.name == "slogan" and count.what in _ENTRIES)


def unchecked_sizes(reading: Reading, kind: Kind) -> Iterator[SizeBound]:
    """The sizes that a brief asks for and that no part of the kind has."""
    yield from (size for size in reading.size if _size_of(size, kind)[0] is None)


def same_part(kind: Kind) -> Callable[[str, str], bool]:
    """Tells whether two nouns of a reading mean the same part of a kind: of slogans an option is a tagline."""
    groups = [{meaning_of(noun) for noun in nouns} - {""} for nouns, _, _ in _groups(kind)]
    if kind.name == "slogan":
        groups.append({"tagline", *_ENTRIES})
    return lambda one, other: one == other or any({one, other} <= group for group in groups)


def without_counts(reading: Reading, parts: set[str], kind: Kind) -> Reading:
    """The reading without the numbers of some parts, in a reading's nouns; that there is to be none of one stays."""
    same = same_part(kind)
    kept = (one for one in reading.count if one.high == 0 or not any(same(one.what, part) for part in parts))
    return reading.model_copy(update={"count": tuple(kept)})


def names_one(noun: str, parts: set[str], kind: Kind) -> bool:
    """Whether what a kind calls the entries of a list means one of some parts, in a reading's nouns."""
    same = same_part(kind)
    group = next((nouns for nouns, _, _ in _groups(kind) if nouns[0] == noun), (noun,))
    return any(same(meaning_of(one), part) for one in group for part in parts)


def _groups(kind: Kind) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """What briefs call the entries of each list of a kind, and how many there are at least and at most."""
    counts = [mark for mark in marks(kind.output, Count) if mark.nouns]
    for count in (*counts, *([kind.series] if kind.series else []), *kind.counted):
        yield count.nouns, count.low, count.high
    named = {noun for count in counts for noun in count.nouns}
    yield from (((noun,), 0, most) for noun, most in _ALWAYS if noun not in named)


def _count_of(reading: Reading, meanings: set[str], kind: Kind) -> tuple[int, int | None] | None:
    exact = next((one for one in reading.count if one.what in meanings), None)
    if exact is None and "tagline" in meanings and kind.name == "slogan":
        exact = next((one for one in reading.count if one.what in _ENTRIES), None)
    return (exact.low, exact.high) if exact else None


def _span(low: int, high: int | None) -> str:
    return f"{low}" if low == high else f"at least {low}" if high is None else f"{low} to {high}"


def _size_of(size: SizeBound, kind: Kind) -> tuple[tuple[str, str] | None, Bounds]:
    """The name of the field that a size is of (empty for the whole text) with its unit, None where there is none; and its bounds."""
    least, most = size.low or 0, size.high
    if size.about is not None:
        least, most = round(size.about * (1 - ABOUT)), round(size.about * (1 + ABOUT))
    bounds = Bounds(least, min(most, 10 * MOST_WORDS) if most is not None else None)
    if size.unit not in UNITS:
        return None, bounds
    if size.of == "all":
        # Of a mail the length that is said is that of its body.
        body = any(_BODY in nouns for nouns in _parts(kind))
        return (_BODY if body else "", size.unit), bounds
    name = next((nouns[0] for nouns in _parts(kind) if size.of in map(meaning_of, nouns)), None)
    return ((name, size.unit) if name is not None else None), bounds


def _parts(kind: Kind) -> Iterator[tuple[str, ...]]:
    """What briefs call each field of a kind that has a size."""
    for mark in (*marks(kind.output, Size), *marks(kind.output, Count)):
        named = tuple(noun for noun in mark.nouns if noun)
        if named:
            yield named


def _ratio(shape: str) -> tuple[int, int] | None:
    width, _, height = shape.partition(":")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() and int(height) else None
