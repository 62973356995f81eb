"""Checks of what a brief wants to stand in a text or not, and what of it nobody can check. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from bot.briefs import Reading, address_in, ends_in, figures_written, things_to_avoid
from bot.checks import Check, free_of, holding
from bot.checks.addressing import addressed
from bot.checks.links import links
from bot.checks.terms import norm, quotes
from bot.checks.units import HASHTAG, LINK
from bot.content import Assignment, Content, Kind

from .understood import counted_by, unchecked_sizes

# The number of an entry of a list, which is the form's.
_ENTRY = re.compile(r"^[^\w\n]{0,8}\d{1,3}[.)](?=\s)", re.MULTILINE)
# What is looked for where a brief wants none of it. Emoji, hashtags and the like are counted, words are avoided, elsewhere.
_FOUND: dict[str, Callable[[str], list[str]]] = {
    "links": lambda text: [one.address for one in links(text)],
    "questions": lambda text: [sign for sign in text if sign in "?？؟"],
    "numbers": lambda text: [sign for sign in _ENTRY.sub("", text) if sign.isdigit()],
    "prices": lambda text: figures_written(text, "money"),
    "dates": lambda text: figures_written(text, "date"),
}
_ELSEWHERE = frozenset({"emoji", "hashtags", "exclamation marks", "our name"})
# Kinds that ask for a living.
MUST = "words that must stand in it"
_ASKING = frozenset({"quiz", "worksheet", "tutor", "flashcards", "scenario"})
# Findings that are named in a check.
_NAMED = 3


def asked_checks(content: Content, assignment: Assignment) -> Iterator[Check]:
    """One check for all that must stand in the text, and one for each thing of which there is to be none."""
    reading, text = assignment.reading, content.text
    if reading.include:
        written = assignment.kind.written
        missing = [one for one in reading.include if not (quotes(text, one) or quotes(text, written(one)))]
        hint = f"It must hold, word for word: {', '.join(missing)}."
        total = len(reading.include)
        yield holding(MUST, missing, total, hint=hint, asked_by="brief")
    for thing in reading.avoid:
        if thing in _FOUND and _is_checked(thing, assignment.kind):
            found = _FOUND[thing](text)
            hint = f"There must be no {thing}."
            yield free_of(thing, found[:_NAMED], of=thing, hint=hint, asked_by="brief")


def ends_checks(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A check that a running text begins with the words that its brief quotes for that, and one that it ends with them.

    Behind the last ones may stand what readers are asked to do, hashtags and emoji.
    """
    texts = [] if assignment.parent or assignment.kind.needs_text else _running(data)
    if not texts:
        return
    ends = ends_in(assignment.brief)
    if ends.first:
        begun = any(_bare(text).startswith(_bare(ends.first)) for text in texts[:2])
        yield _held("first words", begun, ends.first, f"It must begin with: {ends.first}")
    if ends.last:
        _, found, behind = norm(texts[-1]).rpartition(_bare(ends.last))
        call = (word for word in re.findall(r"\w+", norm(" ".join(_signed(assignment)))))
        left = set(re.findall(r"[^\W_]+", LINK.sub(" ", HASHTAG.sub(" ", behind)))) - {*call}
        yield _held("last words", bool(found) and not left, ends.last, f"It must end with: {ends.last}")


def address_checks(content: Content, assignment: Assignment) -> Iterator[Check]:
    """A check that readers are spoken to as the brief says: "bitte duzen", "vouvoiement"."""
    if assignment.kind.family not in ("marketing", "text") or assignment.parent:
        return
    if form := address_in(assignment.brief):
        call = assignment.profile.call_to_action
        text = content.text.replace(call.text, " ") if call and call.text else content.text
        other = addressed(text, assignment.language, "polite" if form == "familiar" else "familiar")
        hint = f"Speak to readers otherwise than with {', '.join(dict.fromkeys(other[:_NAMED]))}."
        yield free_of("form of address", list(dict.fromkeys(other))[:_NAMED], hint=hint, asked_by="brief")


def _held(name: str, held: bool, words: str, hint: str) -> Check:
    return Check(id=name, passed=held, wanted=(words,), hint=hint, asked_by="brief")


def _signed(assignment: Assignment) -> tuple[str, ...]:
    """What may stand behind the last words of a text: who signs it, and what readers are asked to do."""
    profile = assignment.profile
    call = profile.call_to_action
    return (profile.organisation, profile.display_name, assignment.habits.closing, call.text if call else "")


def _bare(text: str) -> str:
    """The text as it is compared, without the signs around it."""
    return norm(text).strip(" \t\n\"'“”„«».,;:!?¡¿*_#")


def _running(data: dict[str, Any]) -> list[str]:
    """The texts of a draft in the order in which they are read or spoken; none for what is read in parts."""
    if isinstance(text := data.get("text"), str):
        return [text]
    if isinstance(body := data.get("body"), list) and body:
        return [str(data.get("greeting") or body[0]), *map(str, body)]
    return [str(scene.get("words", "")) for scene in data.get("scenes") or ()]


def unchecked(reading: Reading, kind: Kind) -> Reading:
    """What of a reading nothing checks, so that nobody takes it for checked."""
    return Reading(
        count=tuple(one for one in reading.count if not counted_by(one, kind)),
        size=tuple(unchecked_sizes(reading, kind)),
        avoid=tuple(thing for thing in reading.avoid if thing in things_to_avoid() and not _is_checked(thing, kind)),
        asides=reading.asides,
    )


def _is_checked(thing: str, kind: Kind) -> bool:
    if thing == "questions":
        return kind.name not in _ASKING
    if thing == "people":  # What a picture is to show none of is looked for in its prompt.
        return kind.name == "image_prompt"
    if thing in ("emoji", "hashtags"):
        return kind.family in ("marketing", "text", "education")
    return thing in _FOUND or thing in _ELSEWHERE
