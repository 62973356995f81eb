"""Links of a text that nobody gave: those that material or a voice brings along, and those that a model makes up. Pure."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.links import Link, addresses, links, without
from bot.content import Assignment


def foreign_links(text: str, assignment: Assignment) -> list[Link]:
    """Addresses of a text that are neither in the request nor the profile: what material or a card says is no reason to lead anywhere.

    Links, mailboxes, and what is only said of an address or telephone number that material has; where it was written from nothing
    but the request, those alone that no honest text makes up (`Link.is_risky`). A rewritten text keeps its own.
    """
    if not _is_guarded(assignment):
        return [one for one in unknown_links(text, assignment) if one.is_risky]
    own = _addresses(_own(assignment))
    return [one for one in links(text, _brought(assignment)) if own.isdisjoint((one.key, one.site))]


def unknown_links(text: str, assignment: Assignment) -> list[Link]:
    """Addresses in a text that nobody gave it; a version that is edited keeps its own."""
    if assignment.kind.needs_text or assignment.kind.family == "data":
        return []
    before = assignment.request.before
    known = _addresses((*_own(assignment), *_sources(assignment), *([before.text] if before else [])))
    return [one for one in links(text) if known.isdisjoint((one.key, one.site))]


def without_links(text: str, assignment: Assignment) -> str:
    """The text without its `foreign_links`: an order in somebody else's words must not lead readers anywhere."""
    foreign = {(one.start, one.end) for one in foreign_links(text, assignment)}
    return without(text, lambda one: (one.start, one.end) in foreign, _brought(assignment)) if foreign else text


def _is_guarded(assignment: Assignment) -> bool:
    voice = assignment.persona is assignment.memory.own_persona
    return not assignment.kind.needs_text and bool(assignment.request.material or assignment.memory.passages or voice)


def _own(assignment: Assignment) -> tuple[str, ...]:
    """What the asker has given themselves."""
    profile, habits = assignment.profile, assignment.habits
    return (
        assignment.brief, assignment.request.instruction, assignment.plan, profile.link, *assignment.book.statements, *profile.facts,
        *profile.accessibility, *profile.prefer_terms, profile.organisation, profile.display_name, profile.role, habits.greeting,
        habits.closing, *habits.notes,
    )  # fmt: skip


def _sources(assignment: Assignment) -> tuple[str, ...]:
    """What others give that it is written from."""
    return (assignment.request.earlier, *(one.text for one in assignment.memory.passages))


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
