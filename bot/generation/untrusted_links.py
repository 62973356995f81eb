"""Find and remove links that the user did not provide: from material or a persona, or invented by a model."""

from __future__ import annotations

from functools import lru_cache

from bot.checks.links import Link, collect_link_keys, find_links, remove_links
from bot.content import Assignment

from .inputs import list_source_texts, list_trusted_texts


def find_untrusted_links(text: str, assignment: Assignment) -> list[Link]:
    """Return the addresses of a text that are in neither the request nor the profile: source material and custom personas
    must not inject links.

    Covers links, email addresses, and spelled-out addresses or telephone numbers from material. If the text was written
    from the request alone, only risky links (`Link.is_risky`) are returned; a model would not make those up by accident.
    Links in the text being rewritten are kept.
    """
    if not _has_untrusted_input(assignment):
        return [link for link in find_unknown_links(text, assignment) if link.is_risky]
    trusted = _find_addresses(list_trusted_texts(assignment))
    links = find_links(text, _find_material_addresses(assignment))
    return [link for link in links if trusted.isdisjoint((link.key, link.site))]


def find_unknown_links(text: str, assignment: Assignment) -> list[Link]:
    """Return the addresses in a text that no input contains, not even the text being rewritten."""
    if assignment.kind.form.own_text or assignment.kind.is_fictional or not (links := find_links(text)):
        return []
    earlier_version = assignment.request.before
    known_addresses = _find_addresses(
        (
            *list_trusted_texts(assignment),
            *list_source_texts(assignment),
            *([earlier_version.text] if earlier_version else []),
        )
    )
    return [link for link in links if known_addresses.isdisjoint((link.key, link.site))]


def remove_untrusted_links(text: str, assignment: Assignment) -> str:
    """Return the text without its untrusted links: injected instructions must not place links."""
    spans = {(link.start, link.end) for link in find_untrusted_links(text, assignment)}
    return (
        remove_links(text, lambda link: (link.start, link.end) in spans, _find_material_addresses(assignment))
        if spans
        else text
    )


def _has_untrusted_input(assignment: Assignment) -> bool:
    is_custom_persona = assignment.persona is assignment.memory.own_persona
    return not assignment.kind.form.own_text and bool(
        assignment.request.material or assignment.memory.passages or is_custom_persona
    )


def _find_material_addresses(assignment: Assignment) -> frozenset[str]:
    """Return the addresses that occur in material and in a custom persona."""
    persona_texts = list[str]()
    if assignment.persona is assignment.memory.own_persona:
        persona = assignment.persona
        persona_texts = [persona.title, persona.voice, *persona.habits, *persona.do, *persona.dont]
        persona_texts += [example.text for example in persona.examples]
    passage_texts = (
        text for passage in assignment.memory.passages for text in (passage.text, passage.document, passage.section)
    )
    return _find_addresses((assignment.request.material, *passage_texts, *persona_texts))


@lru_cache(maxsize=32)
def _find_addresses(texts: tuple[str, ...]) -> frozenset[str]:
    return collect_link_keys(texts)
