"""Links of a draft that nobody gave: those that material or a voice brings along, and those that a model makes up. Pure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from bot.checks.links import Link, addresses, links, without
from bot.content import Assignment

from .copied import own_words
from .shape import (
    completed,
    shape_of,
    texts,
)


def foreign_links(text: str, assignment: Assignment) -> list[Link]:
    """Addresses of a text that are neither in the request nor the profile: what material or a card says is no reason to lead anywhere.

    Links, mailboxes, and what is only said of an address or telephone number that material has. A text that is somebody's
    own, rewritten, keeps its own.
    """
    if not _is_guarded(assignment):
        return []
    own = _addresses(_own(assignment))
    return [one for one in links(text, _brought(assignment)) if own.isdisjoint((one.key, one.site))]


def made_up_links(data: dict[str, Any], assignment: Assignment) -> list[Link]:
    """Addresses in what a model advertises that nobody gave it, such as those of an example; a version that is edited keeps its own."""
    kind = assignment.kind
    if not assignment.as_written or kind.needs_text or kind.family != "marketing":
        return []
    before = assignment.request.before
    shape, kept = shape_of(kind.output), list[str]()
    if before is not None:
        kept = [before.text, *(text for _, _, text in texts(shape, completed(shape, dict(before.written))))]
    own = _addresses((*_own(assignment), *kept))
    return [one for one in links(own_words(data, assignment)) if own.isdisjoint((one.key, one.site))]


def without_links(text: str, assignment: Assignment) -> str:
    """The text without its `foreign_links`."""
    foreign = {(one.start, one.end) for one in foreign_links(text, assignment)}
    return without(text, lambda one: (one.start, one.end) in foreign, _brought(assignment)) if foreign else text


def _is_guarded(assignment: Assignment) -> bool:
    voice = assignment.persona is assignment.memory.own_persona
    return not assignment.kind.needs_text and bool(assignment.request.material or assignment.memory.passages or voice)


def _own(assignment: Assignment) -> tuple[str, ...]:
    """What whoever asks has said themselves."""
    profile, habits = assignment.profile, assignment.habits
    told = (
        *profile.facts, *profile.accessibility, *profile.prefer_terms, profile.organisation, profile.display_name, profile.role,
    )  # fmt: skip
    whole = (assignment.parent.brief,) if assignment.parent else ()
    return (
        assignment.brief,
        *whole,
        profile.link,
        *assignment.book.statements,
        *told,
        habits.greeting,
        habits.closing,
        *habits.notes,
    )


def _brought(assignment: Assignment) -> frozenset[str]:
    """The addresses that material and a voice bring along."""
    voice = list[str]()
    if assignment.persona is assignment.memory.own_persona:
        one = assignment.persona
        voice = [one.title, one.voice, *one.habits, *one.do, *one.dont, *(example.text for example in one.examples)]
    passages = (text for one in assignment.memory.passages for text in (one.text, one.document, one.section))
    return _addresses((assignment.request.material, *passages, *voice))


@lru_cache(maxsize=32)
def _addresses(texts: tuple[str, ...]) -> frozenset[str]:
    return addresses(texts)
