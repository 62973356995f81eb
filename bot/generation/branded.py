"""What the brand in use brings to a text: what of it is told, the lines that must stand in it, and the room these take. Pure.

A legal line is put in by code, word for word, where the text lacks it and its form has a place for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from bot.checks.terms import norm
from bot.content import Assignment, Content
from bot.kinds import all_kinds
from personas.book import Book, LegalLine

from .lent import stems

# Entries of a list that are told, at most, those that bear most on the brief.
MAX_TOLD = 12
# Where legal lines may stand, by the words that people say it with.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "ads": ("ad",), "mails": ("email",), "posts": ("social_post",), "messages": ("sms",), "press": ("press_release",),
    "pages": ("landing_page",), "products": ("product_description",), "articles": ("article",),
}  # fmt: skip
_USUAL = frozenset(kind for kinds in _GROUPS.values() for kind in kinds)
# Families whose texts are no texts for readers to rely on: a picture, a table, an answer.
_WITHOUT = frozenset({"image", "data", "chat"})
# Ads that consist of lines of a few words alone.
_LINES_ALONE = frozenset({"google_ads", "app_store", "google_play"})
# Parts of a content that hold one text which is pasted as it is.
_PASTED = ("posts", "messages")
# The field that legal lines are put into where its form has it.
IN_FIELD = "primary_text"
_HEADING = "About the brand {name}, to write by:"


@cache
def places_known() -> frozenset[str]:
    """The words for where a legal line may stand: groups of kinds, kinds, and the places of those that have some."""
    kinds = [kind for kind in all_kinds().values() if kind.family not in _WITHOUT and not kind.for_machines]
    places = (place for kind in kinds if kind.name in _USUAL for place in kind.places)
    return frozenset([*_GROUPS, *(kind.name for kind in kinds), *places])


def nearest(lines: Sequence[Any], assignment: Assignment, most: int, *, all_fit: bool = True) -> list[str]:
    """The entries that share most words with the brief, in their order; the first others fill up, unless only those bear on it."""
    asked = stems("\n".join([assignment.brief, assignment.request.audience]))
    texts = [str(one) for one in lines]
    shared = [len(stems(text) & asked) for text in texts]
    order = sorted(range(len(texts)), key=lambda at: -shared[at])
    chosen = [at for at in order if all_fit or shared[at]][:most]
    return [texts[at] for at in sorted(chosen)]


def book_lines(assignment: Assignment) -> tuple[str, list[str]]:
    """What a writer is told of the brand's book: a heading, and its lines; none where it says nothing to such a text."""
    book, brand, kind = assignment.book, assignment.memory.brand, assignment.kind
    if brand is None or not book.has_content:
        return "", []
    # What teaches, rewrites or chats is told what touches the brief alone.
    selling = kind.family in ("marketing", "media")
    lines = [book.about] if book.about else []
    if kind.family == "image":
        lines += [f"Colours: {', '.join(map(str, book.palette))}"] if book.palette else []
        return _HEADING.format(name=brand.name), lines
    if not kind.needs_text:
        lines += nearest(book.facts, assignment, MAX_TOLD, all_fit=selling)
        links = nearest(book.links, assignment, MAX_TOLD, all_fit=selling)
        lines += [f"Links to give where they fit: {'; '.join(links)}"] if links else []
    if book.claims and selling:
        lines += [f"Approved: “{one}”" for one in nearest(book.claims, assignment, MAX_TOLD)]
    lines += [f"Say: {', '.join(book.prefer)}"] if book.prefer else []
    avoided = [
        f"“{one.instead}” instead of “{one.word}”" if one.instead else f"never “{one.word}”" for one in book.avoid
    ]
    lines += [f"Say {', '.join(avoided)}"] if avoided else []
    if book.boilerplate and selling:
        lines += [f"Boilerplate, word for word where one is wanted: {book.boilerplate}"]
    lines += [f"Added below the text afterwards, so leave it out: {one.text}" for one in legal_for(assignment)]
    return (_HEADING.format(name=brand.name), lines) if lines else ("", [])


def legal_for(assignment: Assignment) -> list[LegalLine]:
    """The legal lines that an assignment's text must have."""
    return [one for one in assignment.book.legal if _is_for(one, assignment)]


def _is_for(line: LegalLine, assignment: Assignment) -> bool:
    kind = assignment.kind
    if kind.family in _WITHOUT or kind.for_machines:
        return False
    kinds = {name for form in line.forms for name in _GROUPS.get(form, (form,))}
    if not (kind.name in kinds or assignment.place in kinds if kinds else kind.name in _USUAL):
        return False
    country = assignment.profile.locale.replace("_", "-").rpartition("-")[2]
    return not (line.countries and len(country) == 2 and country.isupper() and country not in line.countries)


def lacking(text: str, assignment: Assignment) -> list[str]:
    """The legal lines that a text must have and has not, word for word."""
    there = " ".join(text.split())
    return [one.text for one in legal_for(assignment) if one.text not in there]


def has_room(assignment: Assignment) -> bool:
    """Whether the form of a text has a place for a line of its own."""
    return not (assignment.kind.name == "ad" and assignment.place in _LINES_ALONE)


def with_legal_lines(content: Content, assignment: Assignment) -> Content:
    """The content with the legal lines that it lacks, word for word."""
    lines = lacking(content.text, assignment) if has_room(assignment) and content.text else []
    return _with_lines(content, lines, assignment) if lines else content


def _with_lines(content: Content, lines: Sequence[str], assignment: Assignment) -> Content:
    """The content with lines at the end of what is read and of what is pasted: in a message behind it, elsewhere below."""
    behind = " ".join(lines) if assignment.kind.name == "sms" else "\n".join(lines)
    gap = " " if assignment.kind.name == "sms" and content.text else "\n\n" if content.text else ""
    parts = dict(content.parts)
    for name in _PASTED:
        if isinstance(parts.get(name), list) and len(parts[name]) == 1:
            parts[name] = [f"{parts[name][0]}{gap}{behind}"]
    if isinstance(parts.get("text"), str):
        parts["text"] = f"{parts['text']}{gap}{behind}"
    if isinstance(primary := parts.get(IN_FIELD), str) and primary:
        parts[IN_FIELD] = f"{primary}\n{behind}"
        text = content.text.replace(primary, parts[IN_FIELD], 1)
        return replace(content, text=text, parts=parts)
    if mails := parts.get("emails"):
        parts["emails"] = [{**mail, "body": f"{mail['body']}{gap}{behind}"} for mail in mails]
    return replace(content, text=f"{content.text}{gap}{behind}", parts=parts)


def in_its_words(memory_profile: Any, book: Book, exact: Sequence[str]) -> dict[str, Any]:
    """What of a profile is otherwise where a brand's words hold too; what the brief wants word for word is not avoided."""
    wanted = norm("\n".join(exact))
    avoid = [one.word for one in book.avoid if norm(one.word) not in wanted]
    if not (avoid or book.prefer):
        return {}
    unwanted = {word.casefold() for word in avoid}
    prefer = [word for word in (*book.prefer, *memory_profile.prefer_terms) if word.casefold() not in unwanted]
    liked = {word.casefold() for word in book.prefer}
    kept = [word for word in memory_profile.avoid_words if word.casefold() not in liked]
    return {"prefer_terms": tuple(dict.fromkeys(prefer)), "avoid_words": tuple(dict.fromkeys([*kept, *avoid]))}
