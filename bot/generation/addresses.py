"""Links in a text that the user did not provide: from material or a persona, or invented by a model. Pure."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.links import Link, collect_addresses, find_links, remove_links
from bot.content import Assignment


def find_foreign_links(text: str, assignment: Assignment) -> list[Link]:
    """Return the addresses of a text that are in neither the request nor the profile: material or a card may not place links.

    Covers links, mailboxes, and spelled-out addresses or telephone numbers from material. A text written from nothing but the
    request returns only those that no honest text invents (`Link.is_risky`). A rewritten text keeps its own.
    """
    if not _is_guarded(assignment):
        return [one for one in find_unknown_links(text, assignment) if one.is_risky]
    own = _find_addresses(_list_own_texts(assignment))
    return [
        one for one in find_links(text, _find_material_addresses(assignment)) if own.isdisjoint((one.key, one.site))
    ]


def find_unknown_links(text: str, assignment: Assignment) -> list[Link]:
    """Return the addresses in a text that no input contains; an edited version keeps its own."""
    if assignment.kind.form.own_text or assignment.kind.family == "data":
        return []
    before = assignment.request.before
    known = _find_addresses(
        (*_list_own_texts(assignment), *_list_source_texts(assignment), *([before.text] if before else []))
    )
    return [one for one in find_links(text) if known.isdisjoint((one.key, one.site))]


def remove_foreign_links(text: str, assignment: Assignment) -> str:
    """Return the text without its foreign links: injected instructions must not place links."""
    foreign = {(one.start, one.end) for one in find_foreign_links(text, assignment)}
    return (
        remove_links(text, lambda one: (one.start, one.end) in foreign, _find_material_addresses(assignment))
        if foreign
        else text
    )


def _is_guarded(assignment: Assignment) -> bool:
    voice = assignment.persona is assignment.memory.own_persona
    return not assignment.kind.form.own_text and bool(
        assignment.request.material or assignment.memory.passages or voice
    )


def _list_own_texts(assignment: Assignment) -> tuple[str, ...]:
    """Return the texts that the requester provided."""
    profile, habits = assignment.profile, assignment.habits
    return (
        assignment.brief,
        assignment.request.instruction,
        assignment.plan,
        profile.link,
        *assignment.book.statements,
        *profile.facts,
        *profile.accessibility,
        *profile.prefer_terms,
        profile.organisation,
        profile.display_name,
        profile.role,
        habits.greeting,
        habits.closing,
        *habits.notes,
    )


def _list_source_texts(assignment: Assignment) -> tuple[str, ...]:
    """Return the texts of others that it is written from."""
    return (assignment.request.earlier, *(one.text for one in assignment.memory.passages))


def _find_material_addresses(assignment: Assignment) -> frozenset[str]:
    """Return the addresses that occur in material and in a custom persona."""
    voice = list[str]()
    if assignment.persona is assignment.memory.own_persona:
        one = assignment.persona
        voice = [one.title, one.voice, *one.habits, *one.do, *one.dont, *(example.text for example in one.examples)]
    passages = (text for one in assignment.memory.passages for text in (one.text, one.document, one.section))
    return _find_addresses((assignment.request.material, *passages, *voice))


@lru_cache(maxsize=32)
def _find_addresses(texts: tuple[str, ...]) -> frozenset[str]:
    return collect_addresses(texts)
