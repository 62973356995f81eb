"""Reads a brief by patterns: one pass over its items, no model. Pure, and quick on any text."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.checks.amounts import in_digits
from bot.checks.language import languages_named

from .audience import audience_of, tone_of
from .clauses import clauses_in, qualities_unwanted
from .durations import days_between, days_listed, minutes_of
from .figures import figures_of, is_exact, numbers_told, weekdays_told
from .forms import Form
from .grammar import statements_of
from .items import Brief, Item, items_of
from .labels import language_of_result, level_of, model_of, place_of, shape_of, venue_of
from .lists import listed
from .literals import avoided, included, is_ruled_out, keyword_of, wanted_everywhere
from .manner import manner_of
from .names import own_name_in
from .phrases import named
from .quantities import quantities_of
from .reading import CountBound, Reading, SizeBound
from .subject import message_from
from .untold import Untold, untold_in
from .wants import wants_in
from .wording import MOST_READ

# Characters that numbers are looked for in: more than a model is shown of a brief.
_MOST_NUMBERED = 3_000

# Words that no sentence is to have at least or at most.
_LONGER_THAN_SENTENCES = 40


@lru_cache(maxsize=256)
def read_by_patterns(text: str, form: Form) -> Reading:
    """What a brief for a kind of some form says about it.

    Its numbers count in whatever way they are written ("2½ dozen", "1e3"); literals and figures stay as they stand there.
    """
    reading, numbered = _read(text, form), in_digits(text)
    if numbered == text:
        return reading
    plain = _read(numbered, form)
    figures = tuple(one for one in reading.figures if one in plain.figures or not one.isdigit())
    return reading.model_copy(
        update={
            "count": plain.count,
            "size": plain.size,
            "minutes": plain.minutes,
            "lasting": plain.lasting,
            "impossible": plain.impossible,
            "figures": figures,
        }
    )


def _read(text: str, form: Form) -> Reading:
    text = text[:MOST_READ]
    brief = items_of(text, form)
    end = _end_of_order(brief, form)
    items = brief.items[:end]
    # What is forbidden or quoted is no number of anything, so it goes first.
    unwanted = avoided(brief, items, form)
    avoid = unwanted.things
    everywhere = wanted_everywhere(items)
    include = included(brief, items)
    if "our name" not in avoid and (name := own_name_in(text)):
        include.append(name)
    untold = untold_in(text[: items[-1].end] if items else "")
    level = level_of(brief, items, form)
    shape = shape_of(items, form)
    found, left = statements_of(brief, form, end)
    figures, told = (
        [one for one in several if not _is_untold(one[0], text, untold)]
        for several in (figures_of(brief, form, left, end), [*weekdays_told(brief), *numbers_told(brief, form)])
    )
    counted = {one.what for one in found.counts}
    clauses = clauses_in(brief, text, form)
    avoid += qualities_unwanted(clauses, brief.language).values()
    language = language_of_result(brief, items)
    portions = (text[start:end] for start, end in found.portions)
    asides = [one for one in portions if not (language and language in languages_named(one))]
    asides += [one.text.strip() for one in clauses if one.aside]
    audience, tone = audience_of(text, form), tone_of(text, form)
    said = {"audience": audience, "tone": tone}
    counts = (
        *found.counts,
        *(CountBound(what=what, low=0, high=0) for what in unwanted.parts if what not in counted),
    )
    return Reading(
        count=counts,
        size=tuple(dict.fromkeys(map(_sensible, found.sizes))),
        minutes=minutes_of(found.lasting),
        place=place_of(items, form),
        shape=shape,
        model=model_of(items) if form.shaped else "",
        language=language,
        level=level,
        include=() if form.answering else tuple(dict.fromkeys(include)),
        avoid=tuple(dict.fromkeys([*avoid, *untold.words])),
        barred=tuple(dict.fromkeys(unwanted.barred)),
        figures=tuple(dict.fromkeys(figure for figure, _ in figures)),
        keyword=keyword_of(brief, items) or next(iter(everywhere), ""),
        lasting=found.lasting,
        impossible=tuple(found.impossible),
        mentioned=tuple(dict.fromkeys(item.noun for item in items if item.has("own"))),
        everywhere=tuple(dict.fromkeys(one for one in everywhere if one in include)),
        exact=tuple(dict.fromkeys(figure for figure, kind in (*figures, *told) if is_exact(kind, form))),
        named=_choices(text, brief.items, form, {one.what for one in counts if one.high == 0}),
        lists={name: tuple(listed(text, nouns)) for name, nouns in form.lists.items()},
        message=message_from(clauses, text),
        quoted=tuple(item.text for item in items if item.sort == "literal" and not item.used),
        wants=wants_in(text),
        every=days_between(text),
        days=days_listed(text),
        venue=venue_of(items),
        manner=manner_of(text, form, level),
        audience=audience.text,
        tone=tone.text,
        spans={name: one.span for name, one in said.items() if one.text},
        asides=tuple(dict.fromkeys(asides)),
    )


def numbers_in(text: str) -> set[int]:
    """Every whole number of a brief, in digits or words, alone or as an end of a range."""
    items = items_of(text[:_MOST_NUMBERED]).items
    found = {int(item.value) for item in items if item.sort == "number"}
    for one in quantities_of(items):
        found |= {one.low, one.high}
    return found


def _choices(text: str, items: list[Item], form: Form, without: set[str]) -> dict[str, tuple[str, ...]]:
    """What a brief chooses of each of its kind's choices, also by what it wants none of."""
    found = {name: named(text, values, lambda at: not is_ruled_out(items, at)) for name, values in form.choices.items()}
    meant = {choice: (value,) for what, (choice, value) in form.without.items() if what in without}
    return {name: chosen or meant.get(name, ()) for name, chosen in found.items()}


def _is_untold(figure: str, text: str, untold: Untold) -> bool:
    """Whether a figure stands in what is not to be told alone."""
    places = [found.start() for found in re.finditer(re.escape(figure), text)] if untold.spans else []
    return bool(places) and all(any(start <= at < end for start, end in untold.spans) for at in places)


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
