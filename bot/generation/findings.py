"""Descriptions of checks for users and for models. Pure: phrases that `bot.locales.localize` translates."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks import AskedBy, Check, format_number
from bot.checks.language import NAMES
from bot.composition.colours import COLOURS
from bot.errors import Phrase

from .reading_phrases import COUNTED, MODELS, PLACES, UNITS

# The wording of each check when it passes and when it fails; one sentence if both are the same or the check only reports
# failures. `things` are values of the check, such as missing words, `wanted` the expected ones.
_CHECK_SENTENCES: dict[str, str | tuple[str, str]] = {
    "avoided words": ("none of the words to avoid", "words to avoid: {things}"),
    "bars without a tune": "bars without a tune: {value:,}",
    "bars asked for": "bars: {value:,}; you asked for {low:,}",
    "colours in it": ("in the colours you named", "colours it has no room for: {things}"),
    "chords of the key": ("all chords are in the key or have a name", "chords outside the key: {value:,}"),
    "contrast": "contrast with the background: {value:.1f} to 1; the minimum is {low:,} to 1",
    "full bars": ("every bar is complete", "incomplete bars: {value:,}"),
    "language": ("in {wanted}", "in {things} instead of {wanted}"),
    "legal lines": ("all its legal lines", "missing legal lines: {things}"),
    "links from you": "addresses you did not give me: {things}",
    "sections asked for": ("all the sections you wanted", "missing sections: {things}"),
    "strong beats": ("the melody fits its chords", "notes on strong beats outside their chord: {value:,}"),
    "within the page": ("all within the page", "off the page: {things}"),
    "words that must stand in it": ("all the words you wanted", "missing words: {things}"),
}
# Units with another name for users, and those that a place counts in its own way.
_UNITS = {"graphemes": "characters", "CLIP tokens": "word pieces"}
_COUNTED_BY = {"weighted characters": "X", "columns": "Google Ads"}
# Parts whose field names mean nothing to users.
_PART_NAMES = {
    "body": "main text",
    "cells": "table cells",
    "debrief": "follow-up discussion",
    "faq": "questions and answers",
    "h1": "main heading",
    "hero": "opening",
    "items": "entries",
    "kpis": "key figures",
    "lead": "opening paragraph",
    "messages": "text messages",
    "preheader": "preview text",
    "source text": "texts to read",
    "turns": "plot twists",
}
# Names of parts that only one kind has; the plural adds an "s".
_REGULAR_NAMES = (
    "bar",
    "benefit",
    "chapter",
    "glossary word",
    "instrument",
    "key idea",
    "line",
    "material",
    "mistake",
    "prompt",
    "role",
    "shape",
    "shot",
    "text message",
)
_SINGULARS = {plural: singular for singular, plural in (*COUNTED.values(), *UNITS.values(), ("SMS part", "SMS parts"))}
_SINGULARS |= {f"{name}s": name for name in _REGULAR_NAMES}
_CHECK_ORIGINS: dict[AskedBy, str] = {
    "brief": "from your brief",
    "profile": "from your profile",
    "server": "set for this server",
    "brand": "set for the brand",
    "place": "a limit of the platform",
    "kind": "required for this kind of text",
    "house": "one of my rules",
}
# Places with limits of their own.
_PLACES_WITH_LIMITS = {
    **PLACES,
    **MODELS,
    "x_ads": "X",
    "amazon": "Amazon",
    "etsy": "Etsy",
    "search_result": "Google",
    "sora": "Sora",
    "runway": "Runway",
    "veo": "Veo",
    "suno": "Suno",
    "udio": "Udio",
}
# Maximum things that a description lists.
_MAX_LISTED_THINGS = 5


def describe_check(check: Check) -> Phrase:
    """Describe the outcome of a check: "238 of 280 characters as X counts them", "no emoji", "words to avoid: artisan"."""
    outcome = _describe_outcome(check)
    return Phrase("{part}: {size}", part=Phrase(check.within), size=outcome) if check.within else outcome


def name_failure(check_id: str) -> Phrase:
    """Name the failure of a check, for any text: "missing words: {things}".

    It is the check's id if the sentence depends on the text. `shorten_name` removes the placeholders.
    """
    wording = _CHECK_SENTENCES.get(check_id, check_id)
    sentence = wording if isinstance(wording, str) else wording[1]
    return Phrase(check_id if "{" in sentence.partition(": {")[0] else sentence)


def shorten_name(name: str) -> str:
    """Return a localised name from `name_failure` without its placeholders."""
    return name.partition("{")[0].rstrip(" \u00a0\u202f:") or name


def describe_origin(check: Check) -> Phrase:
    """Describe who requires a check: "from your brief", "X's limit"."""
    if check.asked_by == "place" and check.place in _PLACES_WITH_LIMITS:
        return Phrase("{place}'s limit", place=_PLACES_WITH_LIMITS[check.place])
    return Phrase(_CHECK_ORIGINS[check.asked_by])


def describe_for_model(check: Check) -> str:
    """Describe a failed check for the model that revises the text."""
    if check.hint:
        return check.hint
    if isinstance(check.value, tuple) or check.id in _CHECK_SENTENCES:
        description = str(describe_check(check))
        return f"{description[:1].upper()}{description[1:]}."
    amount = f"It has {format_number(check.value)} {_inflect(_simplify_unit(check.unit), check.value)}"
    if is_short(check):
        return f"{amount}; it needs at least {format_number(check.low or 0)}."
    return f"{amount}; at most {format_number(check.high or 0)} fit."


def is_short(check: Check) -> bool:
    """Return whether a value is below its lower bound."""
    return not isinstance(check.value, tuple) and check.low is not None and check.value < check.low


def _describe_outcome(check: Check) -> Phrase:
    if check.id in _CHECK_SENTENCES and check.sort != "words":
        wording = _CHECK_SENTENCES[check.id]
        return _fill_sentence(wording if isinstance(wording, str) else wording[0 if check.passed else 1], check)
    if not _is_current(check):
        return _describe_earlier_check(check)
    if isinstance(check.value, tuple):
        return _describe_things(check)
    size = _describe_amount(check, check.value)
    return Phrase("{part}: {size}", part=_name_part(check), size=size) if check.of else size


def _is_current(check: Check) -> bool:
    """Return whether this release makes such checks; stored checks may be of earlier ones."""
    if isinstance(check.value, tuple):
        return check.sort == "found" and bool(check.of)
    return check.sort in ("size", "number") or (not check.sort and check.id == check.unit)


def _fill_sentence(text: str, check: Check) -> Phrase:
    number, values = (0, check.value[:_MAX_LISTED_THINGS]) if isinstance(check.value, tuple) else (check.value, ())
    # Names that are not quoted from the text are translated.
    translatable = {"language": NAMES.values(), "colours in it": COLOURS}.get(check.id, ())
    things, wanted = (
        [Phrase(name) if name in translatable else name for name in names] for names in (values, check.wanted)
    )
    return Phrase(
        text,
        things=things,
        wanted=wanted,
        value=_round_whole(number),
        low=_round_whole(check.low),
        high=_round_whole(check.high),
    )


def _round_whole(value: float | None) -> float:
    """Return a number for display: an integer if it is whole."""
    return int(value) if value is not None and value == int(value) else value or 0


def _describe_things(check: Check) -> Phrase:
    """Describe things that should not be there, such as links."""
    if check.passed:
        return Phrase("without {things}", things=_name_part(check))
    assert isinstance(check.value, tuple)
    return Phrase(
        "{part} you did not want: {things}", part=_name_part(check), things=list(check.value[:_MAX_LISTED_THINGS])
    )


def _name_part(check: Check) -> Phrase:
    """Return the name of the part that was measured."""
    return Phrase(_PART_NAMES.get(check.of, check.of))


def _describe_amount(check: Check, value: float) -> Phrase:
    """Describe a number with its bounds and unit."""
    low, high = check.low or 0, check.high
    shown = _round_whole(value)
    if not value and check.passed and check.sort != "size":
        return Phrase("no {things}", things=_name_unit(check.unit, 0))
    if high == 0:
        return Phrase("{value:,} {things}; there should be none", value=shown, things=_name_unit(check.unit, value))
    if high is None:
        return Phrase(
            "{value:,} {things}; the minimum is {low:,}",
            value=shown,
            things=_name_unit(check.unit, value),
            low=_round_whole(low),
        )
    is_excess = check.sort == "number" and high is not None and value > high
    if (low == high and not is_excess) or (not low and check.sort == "size"):
        return Phrase(
            "{value:,} of {high:,} {things}", value=shown, high=_round_whole(high), things=_name_unit(check.unit, high)
        )
    if not low or (low == high and is_excess):
        return Phrase(
            "{value:,} {things}; the maximum is {high:,}",
            value=shown,
            things=_name_unit(check.unit, value),
            high=_round_whole(high),
        )
    return Phrase(
        "{value:,} {things}; it should be {low:,} to {high:,}",
        value=shown,
        things=_name_unit(check.unit, value),
        low=_round_whole(low),
        high=_round_whole(high),
    )


def _name_unit(unit: str, count: float) -> Phrase:
    """Return the name of a unit in the singular or plural."""
    if unit in _COUNTED_BY:
        return Phrase("characters as {place} counts them", place=_COUNTED_BY[unit])
    return Phrase(_inflect(_simplify_unit(unit), count))


def _inflect(plural: str, count: float) -> str:
    return _SINGULARS.get(plural, plural) if count == 1 else plural


def _simplify_unit(unit: str) -> str:
    if unit in _COUNTED_BY:
        return "characters"
    return _UNITS.get(unit, _PART_NAMES.get(unit, unit))


def _describe_earlier_check(check: Check) -> Phrase:
    """Describe a check of an earlier release by its name: what was measured, and what was wanted if it failed."""
    values = check.value[:_MAX_LISTED_THINGS] if isinstance(check.value, tuple) else [format_number(check.value)]
    if not values:
        return Phrase(check.id)
    outcome = Phrase("{part}: {size}", part=Phrase(check.id), size=", ".join(values))
    wanted = ", ".join(check.wanted) or ("" if isinstance(check.value, tuple) else check.limit)
    if check.passed or wanted in ("", "none"):
        return outcome
    return Phrase("{told} (wanted: {wanted})", told=outcome, wanted=wanted)


def list_failures(checks: Sequence[Check]) -> list[tuple[Phrase, Phrase]]:
    """Return the descriptions of the failed checks, with their origins."""
    return [(describe_check(check), describe_origin(check)) for check in checks if not check.passed]
