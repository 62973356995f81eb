"""Reads a brief by patterns: one pass over its items, no model. Pure, and quick on any text."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.amounts import convert_to_digits

from .durations import minutes_of
from .forms import Form
from .grammar import statements_of
from .items import Brief, items_of
from .labels import language_of_result, level_of, model_of, place_of, shape_of, venue_of
from .literals import avoided, included
from .reading import CountBound, Reading, SizeBound
from .wording import MAX_READ

# Words that no sentence is to have at least or at most.
_LONGER_THAN_SENTENCES = 40


@lru_cache(maxsize=256)
def read_by_patterns(text: str, form: Form) -> Reading:
    """What a brief for a kind of some form says about it.

    Its numbers count in whatever way they are written ("2½ dozen", "1e3"); literals stay as they stand there.
    """
    reading, numbered = _read(text, form), convert_to_digits(text)
    if numbered == text:
        return reading
    plain = _read(numbered, form)
    numbers = ("count", "size", "minutes", "lasting")
    return reading.model_copy(update={name: getattr(plain, name) for name in numbers})


def _read(text: str, form: Form) -> Reading:
    text = text[:MAX_READ]
    brief = items_of(text, form)
    end = _end_of_order(brief, form)
    items = brief.items[:end]
    # What is forbidden or quoted is no number of anything, so it goes first.
    unwanted = avoided(brief, items, form)
    include = included(brief, items)
    level = level_of(brief, items, form)
    shape = shape_of(items, form)
    found, _ = statements_of(brief, form, end)
    counted = {one.what for one in found.counts}
    none = (CountBound(what=what, low=0, high=0) for what in unwanted.parts if what not in counted)
    return Reading(
        count=(*found.counts, *none),
        size=tuple(dict.fromkeys(map(_sensible, found.sizes))),
        minutes=minutes_of(found.lasting),
        place=place_of(items, form),
        shape=shape,
        model=model_of(items) if form.shaped else "",
        language=language_of_result(brief, items),
        level=level,
        include=tuple(dict.fromkeys(include)),
        avoid=tuple(dict.fromkeys(unwanted.things)),
        lasting=found.lasting,
        venue=venue_of(items),
    )


def _sensible(size: SizeBound) -> SizeBound:
    """A bound that no sentence has is that of the whole: "short sentences, 120 words max"."""
    longest = max(size.low or 0, size.high or 0, size.about or 0)
    whole = size.of == "sentence" and size.unit == "words" and longest >= _LONGER_THAN_SENTENCES
    return size.model_copy(update={"of": "all"}) if whole else size


def _end_of_order(brief: Brief, form: Form) -> int:
    """Where the order ends and somebody's own text begins."""
    if form.own_text:
        for at, item in enumerate(brief.items):
            if at >= 2 and (item.text in (":", "：") or (item.sort == "stop" and not item.text)):
                return at
    return len(brief.items)
