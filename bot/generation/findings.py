"""What a check found, as people read it, and as a model is told of it. Pure: phrases that `bot.locales.localize` says in a language."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks import AskedBy, Check, figure
from bot.checks.language import NAMES
from bot.errors import Phrase
from bot.kinds._colours import COLOURS

from .rendered import COUNTED, MODELS, PLACES, UNITS

# What each check says, where it passes and where it fails; one sentence where it is the same or the check is made of failures alone.
# `things` are what was found or is missing, `wanted` what was to be there.
_SAID: dict[str, str | tuple[str, str]] = {
    "avoided words": ("none of the words to avoid", "words to avoid: {things}"),
    "bars without a tune": "bars without a tune: {value:,}",
    "bars asked for": "bars: {value:,}; you asked for {low:,}",
    "colours in it": ("in the colours that you named", "colours that it has no room for: {things}"),
    "chords of the key": ("all chords are in the key or have a name", "chords outside the key: {value:,}"),
    "contrast": "contrast with the background: {value:.1f} to 1; the minimum is {low:,} to 1",
    "full bars": ("every bar is complete", "incomplete bars: {value:,}"),
    "language": ("in {wanted}", "in {things} instead of {wanted}"),
    "legal lines": ("all its legal lines", "missing legal lines: {things}"),
    "links from you": "links you did not give me: {things}",
    "sections asked for": ("all the sections you wanted", "missing sections: {things}"),
    "strong beats": ("the melody fits its chords", "notes on strong beats outside their chord: {value:,}"),
    "within the page": ("all within the page", "off the page: {things}"),
    "words that must stand in it": ("all the words you wanted", "missing words: {things}"),
}
# Units that are called otherwise for people, and those that a place counts in its own way.
_UNITS = {"graphemes": "characters", "CLIP tokens": "word pieces"}
_COUNTED_BY = {"weighted characters": "X", "columns": "Google Ads"}
# Parts whose names say nothing to people.
_ENTRIES = {
    "body": "main text", "cells": "table cells", "debrief": "follow-up discussion", "faq": "questions and answers",
    "h1": "main heading", "hero": "opening", "items": "entries", "kpis": "key figures", "lead": "opening paragraph",
    "messages": "text messages", "preheader": "preview text", "source text": "texts to read", "turns": "plot twists",
}  # fmt: skip
# What only the parts of one kind are called, with an "s" where there are several.
_OWN = (
    "bar", "benefit", "chapter", "glossary word", "instrument", "key idea", "line", "material", "mistake", "prompt", "role", "shape",
    "shot", "text message",
)  # fmt: skip
_ONE = {several: one for one, several in (*COUNTED.values(), *UNITS.values(), ("SMS part", "SMS parts"))}
_ONE |= {f"{one}s": one for one in _OWN}
_ASKERS: dict[AskedBy, str] = {
    "brief": "from your brief",
    "profile": "from your profile",
    "server": "set for this server",
    "brand": "set for the brand",
    "place": "a limit of the platform",
    "kind": "required for this kind of text",
    "house": "one of my rules",
}
# Places with limits of their own.
_TAKING = {
    **PLACES, **MODELS, "x_ads": "X", "amazon": "Amazon", "etsy": "Etsy", "search_result": "Google", "sora": "Sora", "runway": "Runway",
    "veo": "Veo", "suno": "Suno", "udio": "Udio",
}  # fmt: skip
# What was found is told by so many things of each.
_NAMED = 5


def finding(check: Check) -> Phrase:
    """What a check found: "238 of 280 characters as X counts them", "no emoji", "words to avoid: artisan"."""
    found = _finding(check)
    return Phrase("{part}: {size}", part=Phrase(check.within), size=found) if check.within else found


def named(check_id: str) -> Phrase:
    """What fails where a check does, whatever the text: "words that are missing: {things}".

    What can only be said of one text is named by its check. `shortly` takes off what would follow.
    """
    said = _SAID.get(check_id, check_id)
    failing = said if isinstance(said, str) else said[1]
    return Phrase(check_id if "{" in failing.partition(": {")[0] else failing)


def shortly(words: str) -> str:
    """What `named` gives in somebody's language, without what would follow of one text."""
    return words.partition("{")[0].rstrip(" \u00a0\u202f:") or words


def asker(check: Check) -> Phrase:
    """Who wants it so: "asked by your brief", "X's limit"."""
    if check.asked_by == "place" and check.place in _TAKING:
        return Phrase("{place}'s limit", place=_TAKING[check.place])
    return Phrase(_ASKERS[check.asked_by])


def for_model(check: Check) -> str:
    """What is wrong, for the model that is to put it right."""
    if check.hint:
        return check.hint
    if isinstance(check.value, tuple) or check.id in _SAID:
        told = str(finding(check))
        return f"{told[:1].upper()}{told[1:]}."
    several = _plain_unit(check.unit)
    has = f"It has {figure(check.value)} {_ONE.get(several, several) if check.value == 1 else several}"
    if is_short(check):
        return f"{has}; it needs at least {figure(check.low or 0)}."
    return f"{has}; at most {figure(check.high or 0)} fit."


def is_short(check: Check) -> bool:
    """Whether there is less of something than there is to be."""
    return not isinstance(check.value, tuple) and check.low is not None and check.value < check.low


def _finding(check: Check) -> Phrase:
    if check.id in _SAID and check.sort != "words":
        said = _SAID[check.id]
        return _filled(said if isinstance(said, str) else said[0 if check.passed else 1], check)
    if not _is_measured(check):
        return _as_kept(check)
    if isinstance(check.value, tuple):
        return _of_things(check)
    size = _amount(check, check.value)
    return Phrase("{part}: {size}", part=_of(check), size=size) if check.of else size


def _is_measured(check: Check) -> bool:
    """Whether it is a check that is made today; what is kept of earlier versions holds others."""
    if isinstance(check.value, tuple):
        return check.sort == "found" and bool(check.of)
    return check.sort in ("size", "number") or (not check.sort and check.id == check.unit)


def _filled(text: str, check: Check) -> Phrase:
    value = check.value
    number = 0 if isinstance(value, tuple) else value
    found = value[:_NAMED] if isinstance(value, tuple) else ()
    # What is not quoted from a text is a word of ours.
    ours = {"language": NAMES.values(), "colours in it": COLOURS}.get(check.id, ())
    things, wanted = ([Phrase(one) if one in ours else one for one in these] for these in (found, check.wanted))
    return Phrase(
        text, things=things, wanted=wanted, value=_whole(number), low=_whole(check.low), high=_whole(check.high)
    )


def _whole(value: float | None) -> float:
    """A number as it is to be shown: whole where it is."""
    return int(value) if value is not None and value == int(value) else value or 0


def _of_things(check: Check) -> Phrase:
    """What was looked for and is not to be there, such as links."""
    if check.passed:
        return Phrase("without {things}", things=_of(check))
    assert isinstance(check.value, tuple)
    return Phrase("{part} you did not want: {things}", part=_of(check), things=list(check.value[:_NAMED]))


def _of(check: Check) -> Phrase:
    """The part that was measured, by its name."""
    return Phrase(_ENTRIES.get(check.of, check.of))


def _amount(check: Check, value: float) -> Phrase:
    """A number beside its bounds, with what is counted."""
    low, high = check.low or 0, check.high
    shown = _whole(value)
    if not value and check.passed and check.sort != "size":
        return Phrase("no {things}", things=_unit(check.unit, 0))
    if high == 0:
        return Phrase("{value:,} {things}; there should be none", value=shown, things=_unit(check.unit, value))
    if high is None:
        return Phrase(
            "{value:,} {things}; the minimum is {low:,}", value=shown, things=_unit(check.unit, value), low=_whole(low)
        )
    if low == high or (not low and check.sort == "size"):
        return Phrase("{value:,} of {high:,} {things}", value=shown, high=_whole(high), things=_unit(check.unit, high))
    if not low:
        return Phrase(
            "{value:,} {things}; the maximum is {high:,}",
            value=shown,
            things=_unit(check.unit, value),
            high=_whole(high),
        )
    return Phrase(
        "{value:,} {things}; it should be {low:,} to {high:,}",
        value=shown, things=_unit(check.unit, value), low=_whole(low), high=_whole(high),
    )  # fmt: skip


def _unit(unit: str, count: float) -> Phrase:
    """What is counted, one or several of it."""
    if unit in _COUNTED_BY:
        return Phrase("characters as {place} counts them", place=_COUNTED_BY[unit])
    several = _plain_unit(unit)
    return Phrase(_ONE.get(several, several) if count == 1 else several)


def _plain_unit(unit: str) -> str:
    if unit in _COUNTED_BY:
        return "characters"
    return _UNITS.get(unit, _ENTRIES.get(unit, unit))


def _as_kept(check: Check) -> Phrase:
    """A check of an earlier version, by its name: with what was measured, and what was wanted where it failed."""
    found = check.value[:_NAMED] if isinstance(check.value, tuple) else [figure(check.value)]
    if not found:
        return Phrase(check.id)
    told = Phrase("{part}: {size}", part=Phrase(check.id), size=", ".join(found))
    bounds = "" if isinstance(check.value, tuple) else check.limit
    wanted = ", ".join(check.wanted) or bounds
    is_said = check.passed or wanted in ("", "none")
    return told if is_said else Phrase("{told} (wanted: {wanted})", told=told, wanted=wanted)


def failed(checks: Sequence[Check]) -> list[tuple[Phrase, Phrase]]:
    """What failed, with who wants it so."""
    return [(finding(check), asker(check)) for check in checks if not check.passed]
