"""Read a brief by patterns: one pass over its items, no model. Pure, and fast on any text."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.amounts import convert_to_digits

from .durations import compute_minutes
from .forms import Form
from .grammar import read_statements
from .items import Brief, parse_brief
from .labels import find_level, find_model, find_place, find_result_language, find_shape, find_venue
from .literals import find_included, find_unwanted
from .reading import CountBound, Reading, SizeBound
from .wording import MAX_READ

# From this many words on, the size of a sentence is meant for the full text.
_MIN_TEXT_WORDS = 40


@lru_cache(maxsize=256)
def extract_reading(text: str, form: Form) -> Reading:
    """Extract the reading of a brief for a kind with some form.

    Numbers are read in any notation ("2½ dozen", "1e3"); literals are kept verbatim.
    """
    reading, numbered = _read_text(text, form), convert_to_digits(text)
    if numbered == text:
        return reading
    plain = _read_text(numbered, form)
    numbers = ("count", "size", "minutes", "lasting")
    return reading.model_copy(update={name: getattr(plain, name) for name in numbers})


def _read_text(text: str, form: Form) -> Reading:
    text = text[:MAX_READ]
    brief = parse_brief(text, form)
    end = _find_order_end(brief, form)
    items = brief.items[:end]
    # First, as numbers in ruled-out or quoted words count nothing.
    unwanted = find_unwanted(brief, items, form)
    include = find_included(brief, items)
    level = find_level(brief, items, form)
    shape = find_shape(items, form)
    found = read_statements(brief, form, end)
    counted = {one.what for one in found.counts}
    none = (CountBound(what=what, low=0, high=0) for what in unwanted.parts if what not in counted)
    return Reading(
        count=(*found.counts, *none),
        size=tuple(dict.fromkeys(map(_correct_size, found.sizes))),
        minutes=compute_minutes(found.lasting),
        place=find_place(items, form),
        shape=shape,
        model=find_model(items) if form.shaped else "",
        language=find_result_language(brief, items),
        level=level,
        include=tuple(dict.fromkeys(include)),
        avoid=tuple(dict.fromkeys(unwanted.things)),
        lasting=found.lasting,
        venue=find_venue(items),
    )


def _correct_size(size: SizeBound) -> SizeBound:
    """Apply a size too large for a sentence to the full text: "short sentences, 120 words max"."""
    longest = max(size.low or 0, size.high or 0, size.about or 0)
    whole = size.of == "sentence" and size.unit == "words" and longest >= _MIN_TEXT_WORDS
    return size.model_copy(update={"of": "all"}) if whole else size


def _find_order_end(brief: Brief, form: Form) -> int:
    """Return the place where the request ends and the user's own text begins."""
    if form.own_text:
        for at, item in enumerate(brief.items):
            if at >= 2 and (item.text in (":", "：") or (item.type == "stop" and not item.text)):
                return at
    return len(brief.items)
