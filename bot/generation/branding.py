"""What the active brand contributes to a text: the entries of its book for the prompt, and its legal lines. Pure.

A legal line is inserted by code, verbatim, where the text lacks it and its form has room for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from bot.checks.terms import normalise
from bot.content import Assignment, Content
from bot.kinds import load_kinds
from personas.book import Book, LegalLine

from .prompt_privacy import find_stems

# Entries of a list that are listed in the prompt, at most: the most relevant to the brief.
MAX_BOOK_ENTRIES = 12
# Groups of kinds that legal lines may be set for, by the word that users give.
_GROUPS: Mapping[str, tuple[str, ...]] = {
    "ads": ("ad",),
    "mails": ("email",),
    "posts": ("social_post",),
    "messages": ("sms",),
    "press": ("press_release",),
    "pages": ("landing_page",),
    "products": ("product_description",),
    "articles": ("article",),
}
_GROUPED_KINDS = frozenset(kind for kinds in _GROUPS.values() for kind in kinds)
# Families whose results are not published texts: a picture, a table, an answer.
_FAMILIES_WITHOUT_LINES = frozenset({"image", "data", "chat"})
# Ads that consist only of lines of a few words.
_SHORT_AD_PLACES = frozenset({"google_ads", "app_store", "google_play"})
# Parts of a content that hold a text which is pasted as it is.
_PASTED_PARTS = ("posts", "messages")
# The field that legal lines are inserted into where the form has it.
LEGAL_LINE_FIELD = "primary_text"
_HEADING = "About the brand {name}, to write by:"


@cache
def list_legal_places() -> frozenset[str]:
    """Return the words for where a legal line may apply: groups of kinds, kinds, and their places."""
    kinds = [
        kind
        for kind in load_kinds().values()
        if kind.family not in _FAMILIES_WITHOUT_LINES and not kind.is_for_machines
    ]
    places = (place for kind in kinds if kind.name in _GROUPED_KINDS for place in kind.places)
    return frozenset([*_GROUPS, *(kind.name for kind in kinds), *places])


def select_nearest(lines: Sequence[Any], assignment: Assignment, most: int, *, all_fit: bool = True) -> list[str]:
    """Return the entries that share most words with the brief, in order; the first others fill up if `all_fit`."""
    asked = find_stems("\n".join([assignment.brief, assignment.request.audience]))
    texts = [str(one) for one in lines]
    shared = [len(find_stems(text) & asked) for text in texts]
    order = sorted(range(len(texts)), key=lambda at: -shared[at])
    chosen = [at for at in order if all_fit or shared[at]][:most]
    return [texts[at] for at in sorted(chosen)]


def describe_book(assignment: Assignment) -> tuple[str, list[str]]:
    """Return the heading and lines of the brand's book for the prompt; no lines if nothing applies to the text."""
    book, brand, kind = assignment.book, assignment.memory.brand, assignment.kind
    if brand is None or not book.has_content:
        return "", []
    # Kinds that teach, rewrite or chat only get what is relevant to the brief.
    selling = kind.family in ("marketing", "media")
    lines = [book.about] if book.about else []
    if kind.family == "image":
        lines += [f"Colours: {', '.join(map(str, book.palette))}"] if book.palette else []
        return _HEADING.format(name=brand.name), lines
    if not kind.form.own_text:
        lines += select_nearest(book.facts, assignment, MAX_BOOK_ENTRIES, all_fit=selling)
        links = select_nearest(book.links, assignment, MAX_BOOK_ENTRIES, all_fit=selling)
        lines += [f"Links to give where they fit: {'; '.join(links)}"] if links else []
    if book.claims and selling:
        lines += [f"Approved: “{one}”" for one in select_nearest(book.claims, assignment, MAX_BOOK_ENTRIES)]
    lines += [f"Say: {', '.join(book.prefer)}"] if book.prefer else []
    avoided = [
        f"“{one.instead}” instead of “{one.word}”" if one.instead else f"never “{one.word}”" for one in book.avoid
    ]
    lines += [f"Say {', '.join(avoided)}"] if avoided else []
    if book.boilerplate and selling:
        lines += [f"Boilerplate, word for word where one is wanted: {book.boilerplate}"]
    lines += [f"Added below the text afterwards, so leave it out: {one.text}" for one in find_legal_lines(assignment)]
    return (_HEADING.format(name=brand.name), lines) if lines else ("", [])


def find_legal_lines(assignment: Assignment) -> list[LegalLine]:
    """Return the legal lines that an assignment's text must contain."""
    return [one for one in assignment.book.legal if _applies_to(one, assignment)]


def _applies_to(line: LegalLine, assignment: Assignment) -> bool:
    kind = assignment.kind
    if kind.family in _FAMILIES_WITHOUT_LINES or kind.is_for_machines:
        return False
    kinds = {name for form in line.forms for name in _GROUPS.get(form, (form,))}
    if not (kind.name in kinds or assignment.place in kinds if kinds else kind.name in _GROUPED_KINDS):
        return False
    country = assignment.profile.locale.replace("_", "-").rpartition("-")[2]
    return not (line.countries and len(country) == 2 and country.isupper() and country not in line.countries)


def find_missing_legal_lines(text: str, assignment: Assignment) -> list[str]:
    """Return the legal lines that a text must contain verbatim and does not."""
    there = " ".join(text.split())
    return [one.text for one in find_legal_lines(assignment) if one.text not in there]


def has_room_for_legal_lines(assignment: Assignment) -> bool:
    """Whether the form of a text has room for a separate line."""
    return not (assignment.kind.name == "ad" and assignment.place in _SHORT_AD_PLACES)


def add_legal_lines(content: Content, assignment: Assignment) -> Content:
    """Return the content with its missing legal lines added verbatim."""
    lines = (
        find_missing_legal_lines(content.text, assignment)
        if has_room_for_legal_lines(assignment) and content.text
        else []
    )
    return _append_lines(content, lines, assignment) if lines else content


def _append_lines(content: Content, lines: Sequence[str], assignment: Assignment) -> Content:
    """Return the content with lines appended to the text and its pasted parts: inline in a text message, else below."""
    behind = " ".join(lines) if assignment.kind.name == "sms" else "\n".join(lines)
    gap = " " if assignment.kind.name == "sms" and content.text else "\n\n" if content.text else ""
    parts = dict(content.parts)
    for name in _PASTED_PARTS:
        if isinstance(parts.get(name), list) and len(parts[name]) == 1:
            parts[name] = [f"{parts[name][0]}{gap}{behind}"]
    if isinstance(parts.get("text"), str):
        parts["text"] = f"{parts['text']}{gap}{behind}"
    if isinstance(primary := parts.get(LEGAL_LINE_FIELD), str) and primary:
        parts[LEGAL_LINE_FIELD] = f"{primary}\n{behind}"
        text = content.text.replace(primary, parts[LEGAL_LINE_FIELD], 1)
        return replace(content, text=text, parts=parts)
    if mails := parts.get("emails"):
        parts["emails"] = [{**mail, "body": f"{mail['body']}{gap}{behind}"} for mail in mails]
    return replace(content, text=f"{content.text}{gap}{behind}", parts=parts)


def apply_brand_words(profile: Any, book: Book, exact: Sequence[str]) -> dict[str, Any]:
    """Return the profile fields that a brand's words change; words that the brief asks for verbatim are not avoided."""
    wanted = normalise("\n".join(exact))
    avoid = [one.word for one in book.avoid if normalise(one.word) not in wanted]
    if not (avoid or book.prefer):
        return {}
    unwanted = {word.casefold() for word in avoid}
    prefer = [word for word in (*book.prefer, *profile.prefer_terms) if word.casefold() not in unwanted]
    liked = {word.casefold() for word in book.prefer}
    kept = [word for word in profile.avoid_words if word.casefold() not in liked]
    return {"prefer_terms": tuple(dict.fromkeys(prefer)), "avoid_words": tuple(dict.fromkeys([*kept, *avoid]))}
