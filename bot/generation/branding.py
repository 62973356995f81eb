"""What the active brand contributes to a text: the entries of its book for the prompt, and its legal lines. No I/O.

We insert legal lines ourselves, verbatim, if the model left them out and the format has room.
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

# Maximum entries per list in the prompt; the most relevant are kept.
MAX_BOOK_ENTRIES = 12
# Groups of kinds that legal lines may be set for, keyed by the name that users type.
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
_FAMILIES_WITHOUT_LEGAL_LINES = frozenset({"image", "data", "chat"})
# Ads that consist only of lines of a few words.
_SHORT_AD_PLATFORMS = frozenset({"google_ads", "app_store", "google_play"})
# Parts that are lists of texts to be pasted unchanged.
_PASTED_LIST_PARTS = ("posts", "messages")
# The field that gets the legal lines instead of the end of the text if the content has it.
LEGAL_LINE_FIELD = "primary_text"
_HEADING = "About the brand {name}, to write by:"


@cache
def list_legal_line_scopes() -> frozenset[str]:
    """Return the scopes that a legal line can be given: kinds, groups of kinds, and platforms."""
    kinds = [
        kind
        for kind in load_kinds().values()
        if kind.family not in _FAMILIES_WITHOUT_LEGAL_LINES and not kind.is_for_machines
    ]
    platforms = (platform for kind in kinds if kind.name in _GROUPED_KINDS for platform in kind.places)
    return frozenset([*_GROUPS, *(kind.name for kind in kinds), *platforms])


def select_most_relevant(
    entries: Sequence[Any], assignment: Assignment, limit: int, *, fill_up: bool = True
) -> list[str]:
    """Return the texts of at most `limit` entries: those with the most words in common with the brief, in their original order.

    Entries without any are only returned if `fill_up`.
    """
    brief_stems = find_stems("\n".join([assignment.brief, assignment.request.audience]))
    texts = [str(entry) for entry in entries]
    shared_counts = [len(find_stems(text) & brief_stems) for text in texts]
    order = sorted(range(len(texts)), key=lambda index: -shared_counts[index])
    chosen = [index for index in order if fill_up or shared_counts[index]][:limit]
    return [texts[index] for index in sorted(chosen)]


def describe_book(assignment: Assignment) -> tuple[str, list[str]]:
    """Return the heading and lines of the brand's book for the prompt; no lines if nothing applies to the text."""
    book, brand, kind = assignment.book, assignment.memory.brand, assignment.kind
    if brand is None or not book.has_content:
        return "", []
    # Kinds that teach, rewrite or chat get only entries that are relevant to the brief.
    is_promotional = kind.family in ("marketing", "media")
    lines = [book.about] if book.about else []
    if kind.is_visual:
        lines += [f"Colours: {', '.join(map(str, book.palette))}"] if book.palette else []
        return _HEADING.format(name=brand.name), lines
    if not kind.form.own_text:
        lines += select_most_relevant(book.facts, assignment, MAX_BOOK_ENTRIES, fill_up=is_promotional)
        links = select_most_relevant(book.links, assignment, MAX_BOOK_ENTRIES, fill_up=is_promotional)
        lines += [f"Links to give where they fit: {'; '.join(links)}"] if links else []
    if book.claims and is_promotional:
        lines += [f"Approved: “{claim}”" for claim in select_most_relevant(book.claims, assignment, MAX_BOOK_ENTRIES)]
    lines += [f"Say: {', '.join(book.prefer)}"] if book.prefer else []
    replacements = [f"“{term.instead}” instead of “{term.word}”" for term in book.avoid if term.instead]
    ruled_out = [f"“{term.word}”" for term in book.avoid if not term.instead]
    lines += [f"Say {', '.join(replacements)}"] if replacements else []
    lines += [f"Never say {', '.join(ruled_out)}"] if ruled_out else []
    if book.boilerplate and is_promotional:
        lines += [f"Boilerplate, word for word where one is wanted: {book.boilerplate}"]
    lines += [f"Added below the text afterwards, so leave it out: {line.text}" for line in find_legal_lines(assignment)]
    return (_HEADING.format(name=brand.name), lines) if lines else ("", [])


def find_legal_lines(assignment: Assignment) -> list[LegalLine]:
    """Return the legal lines that an assignment's text must contain."""
    return [line for line in assignment.book.legal if _applies_to(line, assignment)]


def _applies_to(line: LegalLine, assignment: Assignment) -> bool:
    kind = assignment.kind
    if kind.family in _FAMILIES_WITHOUT_LEGAL_LINES or kind.is_for_machines:
        return False
    scope_names = {name for scope in line.forms for name in _GROUPS.get(scope, (scope,))}
    if not (
        kind.name in scope_names or assignment.place in scope_names if scope_names else kind.name in _GROUPED_KINDS
    ):
        return False
    country = assignment.profile.locale.replace("_", "-").rpartition("-")[2]
    return not (line.countries and len(country) == 2 and country.isupper() and country not in line.countries)


def find_missing_legal_lines(text: str, assignment: Assignment) -> list[str]:
    """Return the required legal lines that a text does not contain verbatim."""
    single_spaced = " ".join(text.split())
    return [line.text for line in find_legal_lines(assignment) if line.text not in single_spaced]


def has_room_for_legal_lines(assignment: Assignment) -> bool:
    """Return whether the format of a text has room for a separate line."""
    return not (assignment.kind.name in _GROUPS["ads"] and assignment.place in _SHORT_AD_PLATFORMS)


def add_legal_lines(content: Content, assignment: Assignment) -> Content:
    """Return the content with its missing legal lines added verbatim."""
    lines = find_missing_legal_lines(content.text, assignment)
    if not lines or not content.text or not has_room_for_legal_lines(assignment):
        return content
    return _append_lines(content, lines, assignment)


def _append_lines(content: Content, lines: Sequence[str], assignment: Assignment) -> Content:
    """Return the content with lines appended to the text and its pasted parts: inline in a text message, else below."""
    is_message = "messages" in assignment.kind.pasted_parts
    suffix = (" " if is_message else "\n").join(lines)
    gap = "" if not content.text else " " if is_message else "\n\n"
    parts = dict(content.parts)
    for name in _PASTED_LIST_PARTS:
        if isinstance(parts.get(name), list) and len(parts[name]) == 1:
            parts[name] = [f"{parts[name][0]}{gap}{suffix}"]
    if isinstance(parts.get("text"), str):
        parts["text"] = f"{parts['text']}{gap}{suffix}"
    if isinstance(primary := parts.get(LEGAL_LINE_FIELD), str) and primary:
        parts[LEGAL_LINE_FIELD] = f"{primary}\n{suffix}"
        text = content.text.replace(primary, parts[LEGAL_LINE_FIELD], 1)
        return replace(content, text=text, parts=parts)
    if mails := parts.get("emails"):
        parts["emails"] = [{**mail, "body": f"{mail['body']}{gap}{suffix}"} for mail in mails]
    return replace(content, text=f"{content.text}{gap}{suffix}", parts=parts)


def build_brand_word_changes(profile: Any, book: Book, verbatim_phrases: Sequence[str]) -> dict[str, Any]:
    """Return the profile fields that a brand's words change; words that the brief asks for verbatim are not avoided."""
    verbatim_text = normalise("\n".join(verbatim_phrases))
    avoided_words = [term.word for term in book.avoid if normalise(term.word) not in verbatim_text]
    if not (avoided_words or book.prefer):
        return {}
    avoided_folded = {word.casefold() for word in avoided_words}
    preferred_words = [word for word in (*book.prefer, *profile.prefer_terms) if word.casefold() not in avoided_folded]
    preferred_folded = {word.casefold() for word in book.prefer}
    profile_avoided_words = [word for word in profile.avoid_words if word.casefold() not in preferred_folded]
    return {
        "prefer_terms": tuple(dict.fromkeys(preferred_words)),
        "avoid_words": tuple(dict.fromkeys([*profile_avoided_words, *avoided_words])),
    }
