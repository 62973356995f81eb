"""What a check found, as people read it, and as a model is told of it. Pure: phrases that `bot.locales.said` says in a language."""

from __future__ import annotations

from collections.abc import Sequence

from bot.checks import AskedBy, Check, figure
from bot.checks.language import NAMES
from bot.errors import Phrase

from .rendered import COUNTED, MODELS, PLACES, UNITS

# What each check says, where it passes and where it fails; one sentence where it is the same or the check is made of failures alone.
# `things` are what was found or is missing, `wanted` what was to be there.
_SAID: dict[str, str | tuple[str, str]] = {
    "a whole line each": "lines of a single word: {things}",
    "addresses from you": "addresses that you did not give: {things}",
    "answer key": "tasks with an answer: {value:,} of {high:,}",
    "answer not given away": ("no question gives its answer away", "questions that give their answer away: {value:,}"),
    "approved claims": ("only approved claims", "claims that the brand has not approved: {things}"),
    "arithmetic": ("figures that are worked out right: {value:,}", "worked out wrong: {things}"),
    "asks": ("ends with its question", "does not end with a question"),
    "avoided words": ("no words to avoid", "words to avoid: {things}"),
    "backs explain": ("no card repeats its term", "cards that repeat their term: {value:,}"),
    "bars asked for": "bars: {value:,}, {low:,} wanted",
    "bars with a melody": ("with the melody that you wanted", "without the melody that you wanted"),
    "brand voice": ("sounds like your brand", "sounds unlike your brand"),
    "brief's days": ("all days of the week of your brief", "days of your brief that are missing: {things}"),
    "brief's figures": ("all figures of your brief", "figures of your brief that are missing: {things}"),
    "budget": "budget: {value:,} of {high:,}",
    "chords of the key": ("chords that are of the key or have a name", "chords that are not of the key: {value:,}"),
    "claims from you": "claims that you did not make: {things}",
    "clip length": ("long enough for what you want", "{value:,} seconds: {wanted} makes no longer clips"),
    "contractions": "contractions: {things}",
    "contrast": "stands out from its ground {value:.1f} to 1, at least {low:,} wanted",
    "different options": ("no option twice in a question", "questions with the same option twice: {value:,}"),
    "explained terms": "terms explained: {value:,} of {high:,}",
    "figures and names kept": ("all your figures and names", "figures and names that are gone: {things}"),
    "figures from you": ("only figures that you gave", "figures that you did not give: {things}"),
    "first words": ("begins as you wanted", "does not begin with: {wanted}"),
    "fits the model": ("fits what {wanted} reads", "longer than what {wanted} reads"),
    "form of address": ("speaks to readers as you wanted", "speaks to readers otherwise than you wanted: {things}"),
    "full bars": ("every bar is full", "bars that are not full: {value:,}"),
    "gives a hint": ("gives a hint", "gives no hint"),
    "glossary": ("the glossary's words stand in the text", "words of the glossary that the text lacks: {things}"),
    "in other words": ("in other words than before", "in the same words as before"),
    "keeps the answer": ("keeps the answer to itself", "gives the answer away"),
    "kept out": ("without what is to be left out", "should have been left out: {things}"),
    "kept out of a part": ("nothing stands where it is not to be", "stands where it is not to be: {things}"),
    "key asked for": ("in the key that you wanted: {wanted}", "in {things} instead of {wanted}"),
    "key worked out again": "answers that came out the same a second time: {value:,} of {high:,}",
    "keyword": ("“{wanted}” in title and description", "“{wanted}” is missing in: {things}"),
    "language": ("in {wanted}", "in {things} instead of {wanted}"),
    "language of a part": "a part in {things} instead of {wanted}",
    "last words": ("ends as you wanted", "does not end with: {wanted}"),
    "legal lines": ("with its legal lines", "legal lines that do not stand in it: {things}"),
    "levels for all": ("as many levels for each criterion", "not as many levels for each criterion"),
    "links from you": "links that you did not give: {things}",
    "metre asked for": ("in the metre that you wanted: {wanted}", "in {things} instead of {wanted}"),
    "moved days": (
        "no day that has moved is named as if it held",
        "days that have moved, named as if they held: {things}",
    ),
    "names from you": "names that you did not give: {things}",
    "objectives' verbs": ("objectives that one can see", "objectives that one cannot see: {value:,}"),
    "one key": ("one right answer a question", "questions without one right answer: {value:,}"),
    "options stand alone": ("each option stands by itself", "options that speak of the others: {value:,}"),
    "other script": "in another script: {things}",
    "own question": ("asks a question of its own", "asks a question that fits anything"),
    "own topic": "taken from an example: {things}",
    "own words": "copied from an example: {things}",
    "placeholders": "still to fill in: {things}",
    "questions answered": "questions that have an answer: {value:,} of {high:,}",
    "quotation": ("somebody is quoted", "no quotation that is long enough"),
    "reading ease": "easy to read: {value:,} of 100, at least {low:,} wanted",
    "reading grade": "reads like school year {value:.1f}, at most {high:,} wanted",
    "regions asked for": ("all the parts that you named", "parts that you named and that are missing: {things}"),
    "rhyme scheme": ("rhymes {wanted}", "is to rhyme {wanted} and does not: {things}"),
    "simpler": ("easier to read than before", "no easier to read than before"),
    "slug": ("a web address that works", "a web address that does not work: {things}"),
    "strong beats": ("the melody stands on its chords", "notes on strong beats that are not of their chord: {value:,}"),
    "sums": "wrong answers: {value:,}",
    "syllables": ("lines of about {wanted} syllables", "lines without {wanted} syllables: {things}"),
    "title signs": ("no signs that a title may not have", "signs that a title may not have: {things}"),
    "title without claims": ("no claims in the title", "a claim in the title: {things}"),
    "title words": ("no word too often in the title", "too often in the title: {things}"),
    "weekday asked for": "a day of your brief does not fit its date: {things}",
    "weekdays": "a day does not fit its date: {things}",
    "within the page": ("all within the page", "beyond the page: {things}"),
    "without the name": ("no line with the name", "lines with the name: {things}"),
    "word in each": ("“{wanted}” in each of them", "“{wanted}” is missing in number {things}"),
    "words": "has words for {things}, at most {wanted} wanted",
    "words a minute": ("{value:,} words a minute", "{value:,} words a minute; listeners follow {high:,}"),
    "words that must stand in it": ("all the words that you wanted", "words that are missing: {things}"),
    "words you like": ("with words you like: {things}", "without the words you like"),
    "your words": ("{value:,} % as you wrote it", "only {value:,} % as you wrote it"),
}
# Units that are called otherwise for people, and those that a place counts in its own way.
_UNITS = {"graphemes": "characters", "CLIP tokens": "parts of words"}
_COUNTED_BY = {"weighted characters": "X", "columns": "Google Ads"}
# Parts whose names say nothing to people.
_ENTRIES = {
    "wrong": "wrong options", "also right": "further right options", "why wrong": "notes on wrong options",
    "palette": "colours", "telling": "words of the answer", "source text": "texts to read", "sentence": "sentences with a gap",
    "glossary": "words in the glossary", "chorus": "lines of the chorus", "bpm": "beats a minute", "kpis": "key figures",
    "body": "main text", "cells": "table cells", "faq": "questions and answers", "items": "entries", "left": "left halves",
    "lead": "opening paragraph", "debrief": "talk afterwards", "hides": "what they hide", "holds": "what it holds",
    "wants": "what they want", "turns": "turns of the story", "h1": "main heading", "hero": "opening",
    "right": "right option", "preheader": "preview text",
}  # fmt: skip
_ONE = {several: one for one, several in (*COUNTED.values(), *UNITS.values(), ("SMS part", "SMS parts"))}
_ASKERS: dict[AskedBy, str] = {
    "brief": "asked by your brief",
    "profile": "asked by your profile",
    "server": "set for this server",
    "brand": "set for the brand",
    "place": "a limit of the place",
    "kind": "part of its form",
    "house": "a rule of mine",
}
# Places with limits of their own.
_TAKING = {
    **PLACES, **MODELS, "x_ads": "X", "amazon": "Amazon", "etsy": "Etsy", "search_result": "Google", "sora": "Sora", "runway": "Runway",
    "veo": "Veo", "suno": "Suno", "udio": "Udio",
}  # fmt: skip
# Checks that find languages and parts, which have a name in each language.
_OURS = frozenset({"language", "language of a part", "keyword"})
_WORDS = frozenset({*NAMES.values(), "title", "description"})
# What was found is told by so many things of each.
_NAMED = 5


def finding(check: Check) -> Phrase:
    """What a check found: "238 of 280 characters as X counts them", "no emoji", "still to fill in: [Name]"."""
    found = _finding(check)
    return Phrase("{part}: {size}", part=Phrase(check.within), size=found) if check.within else found


def named(check_id: str) -> Phrase:
    """What fails where a check does, whatever the text: "figures of your brief that are missing: {things}".

    What can only be said of one text is named by its check. `shortly` takes off what would follow.
    """
    said = _SAID.get(check_id, check_id)
    failing = said if isinstance(said, str) else said[1]
    return Phrase(check_id if "{" in failing.partition(": {")[0] else failing)


def shortly(words: str) -> str:
    """What `named` gives in somebody's language, without what would follow of one text."""
    return words.partition("{")[0].rstrip(" :") or words


def asker(check: Check) -> Phrase:
    """Who wants it so: "asked by your brief", "X's limit"."""
    if check.asked_by == "place" and check.place in _TAKING:
        return Phrase("{place}'s limit", place=_TAKING[check.place])
    return Phrase(_ASKERS[check.asked_by])


def for_model(check: Check) -> str:
    """What is wrong, for the model that is to put it right."""
    if check.hint:
        return check.hint
    if isinstance(check.value, tuple) or check.id in _SAID or check.sort == "different":
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
    if check.sort == "words":
        return _as_kept(check)
    if check.id in _SAID:
        said = _SAID[check.id]
        return _filled(said if isinstance(said, str) else said[0 if check.passed else 1], check)
    if isinstance(check.value, tuple):
        return _of_things(check)
    if check.sort == "different":
        return Phrase(
            "{things} that differ: {value:,} of {high:,}", things=_of(check), value=check.value, high=check.high
        )
    size = _amount(check, check.value)
    return Phrase("{part}: {size}", part=_of(check), size=size) if check.of else size


def _filled(text: str, check: Check) -> Phrase:
    value = check.value
    number = 0 if isinstance(value, tuple) else value
    found = value[:_NAMED] if isinstance(value, tuple) else ()
    # What is not quoted from a text is a word of ours.
    ours = check.id in _OURS
    things, wanted = (
        [Phrase(one) if ours and one in _WORDS else one for one in these] for these in (found, check.wanted)
    )
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
    return Phrase("{part} that you did not want: {things}", part=_of(check), things=list(check.value[:_NAMED]))


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
        return Phrase("{value:,} {things}, none wanted", value=shown, things=_unit(check.unit, value))
    if high is None:
        return Phrase(
            "{value:,} {things}, at least {low:,} wanted", value=shown, things=_unit(check.unit, value), low=_whole(low)
        )
    if low == high or (not low and check.sort == "size"):
        return Phrase("{value:,} of {high:,} {things}", value=shown, high=_whole(high), things=_unit(check.unit, high))
    if not low:
        return Phrase(
            "{value:,} {things}, at most {high:,} wanted",
            value=shown,
            things=_unit(check.unit, value),
            high=_whole(high),
        )
    return Phrase(
        "{value:,} {things}, {low:,} to {high:,} wanted",
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
    """A check of an earlier version, which kept words of its own."""
    measured = ", ".join(check.value) if isinstance(check.value, tuple) else figure(check.value)
    told = Phrase("{part}: {size}", part=Phrase(check.id), size=measured)
    wanted = ", ".join(check.wanted)
    return told if check.passed or not wanted else Phrase("{told} (wanted: {wanted})", told=told, wanted=wanted)


def failed(checks: Sequence[Check]) -> list[tuple[Phrase, Phrase]]:
    """What failed, with who wants it so."""
    return [(finding(check), asker(check)) for check in checks if not check.passed]
