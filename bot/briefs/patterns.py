"""Reads a brief by patterns: one pass over its items, no model. Pure, and quick on any text."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.amounts import in_digits

from .figures import figures_of
from .forms import Form, form_of
from .grammar import statements_of
from .items import Brief, items_of
from .labels import language_of_result, level_of, model_of, place_of, shape_of
from .literals import avoided, included
from .quantities import quantities_of
from .reading import CountBound, Reading


@lru_cache(maxsize=256)
def read_by_patterns(text: str, kind: str) -> Reading:
    """What a brief for a kind says about form.

    Its numbers count in whatever way they are written ("2½ dozen", "1e3"); literals and figures stay as they stand there.
    """
    reading, numbered = _read(text, kind), in_digits(text)
    if numbered == text:
        return reading
    plain = _read(numbered, kind)
    figures = tuple(one for one in reading.figures if one in plain.figures or not one.isdigit())
    return reading.model_copy(
        update={"count": plain.count, "size": plain.size, "minutes": plain.minutes, "figures": figures}
    )


def _read(text: str, kind: str) -> Reading:
    brief, form = items_of(text), form_of(kind)
    end = _end_of_order(brief, form)
    items = brief.items[:end]
    # What is forbidden or quoted is no number of anything, so it goes first.
    avoid, none = avoided(items, pictured=form.shaped)
    include = included(brief, items)
    level = level_of(brief, items)
    shape = shape_of(items, form)
    found, left = statements_of(brief, form, end)
    counted = {one.what for one in found.counts}
    return Reading(
        count=(*found.counts, *(CountBound(what=what, low=0, high=0) for what in none if what not in counted)),
        size=tuple(dict.fromkeys(found.sizes)),
        minutes=found.minutes,
        place=place_of(items, form),
        shape=shape,
        model=model_of(items) if form.shaped else "",
        language=language_of_result(brief, items),
        level=level,
        include=tuple(dict.fromkeys(include)),
        avoid=tuple(dict.fromkeys(avoid)),
        figures=tuple(dict.fromkeys(figures_of(brief, left, end))),
    )


def numbers_in(text: str) -> set[int]:
    """Every whole number of a brief, in digits or words, alone or as an end of a range."""
    items = items_of(text).items
    found = {int(item.value) for item in items if item.sort == "number"}
    for one in quantities_of(items):
        found |= {one.low, one.high}
    return found


def _end_of_order(brief: Brief, form: Form) -> int:
    """Where the order ends and somebody's own text begins."""
    if form.own_text:
        for at, item in enumerate(brief.items):
            if at >= 2 and (item.text in (":", "：") or (item.sort == "stop" and not item.text)):
                return at
    return len(brief.items)
