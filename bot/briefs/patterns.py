"""Extracts a reading from a brief by patterns, without a model, in linear time."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.amounts import convert_to_digits

from .durations import compute_minutes
from .forms import Form
from .grammar import read_statements
from .items import Brief
from .labels import find_level, find_model, find_place, find_result_language, find_shape, find_venue
from .literals import find_included, find_unwanted
from .reading import CountBound, Reading, SizeBound
from .tokeniser import parse_brief
from .wording import MAX_BRIEF_CHARACTERS

# From this many words on, the size of a sentence is taken as that of the full text.
_MIN_TEXT_WORDS = 40


@lru_cache(maxsize=256)
def extract_reading(text: str, form: Form) -> Reading:
    """Extract the reading of a brief for a kind with a form.

    Numbers may be in any notation ("2½ dozen", "1e3"); literals are kept verbatim.
    """
    reading, text_in_digits = _read_text(text, form), convert_to_digits(text)
    if text_in_digits == text:
        return reading
    # Literals come from the text as written, numbers from the one in digits.
    reading_in_digits = _read_text(text_in_digits, form)
    fields = ("count", "size", "minutes", "lasting")
    return reading.model_copy(update={name: getattr(reading_in_digits, name) for name in fields})


def _read_text(text: str, form: Form) -> Reading:
    text = text[:MAX_BRIEF_CHARACTERS]
    brief = parse_brief(text, form)
    end = _find_request_end(brief, form)
    items = brief.items[:end]
    # These come first and mark their items as used, as numbers in words ruled out or quoted count nothing.
    unwanted = find_unwanted(brief, items, form)
    include = find_included(brief, items)
    level = find_level(brief, items, form)
    shape = find_shape(items, form)
    statements = read_statements(brief, form, end)
    counted_nouns = {count.what for count in statements.counts}
    unwanted_counts = (CountBound(what=noun, low=0, high=0) for noun in unwanted.parts if noun not in counted_nouns)
    return Reading(
        count=(*statements.counts, *unwanted_counts),
        size=tuple(dict.fromkeys(map(_correct_size, statements.sizes))),
        minutes=compute_minutes(statements.duration),
        place=find_place(items, form),
        shape=shape,
        model=find_model(items) if form.shaped else "",
        language=find_result_language(brief, items),
        level=level,
        include=tuple(dict.fromkeys(include)),
        avoid=tuple(dict.fromkeys(unwanted.things)),
        lasting=statements.duration,
        venue=find_venue(items),
    )


def _correct_size(size: SizeBound) -> SizeBound:
    """Apply a size that is too large for a sentence to the full text: "short sentences, 120 words max"."""
    largest = max(size.low or 0, size.high or 0, size.about or 0)
    is_text_size = size.of == "sentence" and size.unit == "words" and largest >= _MIN_TEXT_WORDS
    return size.model_copy(update={"of": "all"}) if is_text_size else size


def _find_request_end(brief: Brief, form: Form) -> int:
    """Return the index at which the request ends and the user's own text begins, if the kind's briefs include one."""
    if form.own_text:
        for index, item in enumerate(brief.items):
            if index >= 2 and (item.text in (":", "：") or (item.type == "stop" and not item.text)):
                return index
    return len(brief.items)
