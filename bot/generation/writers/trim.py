"""The last resort for what a place takes or a brief allows: last sentences and last entries go, and readers are told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from bot.checks.links import links
from bot.checks.units import HASHTAG, SIGNS, UNITS, emoji_spans, without_spans, words
from bot.content import Assignment, Size
from bot.errors import Phrase
from bot.generation.beside import composed
from bot.generation.mistaken import things_of
from bot.generation.rank import Candidate
from bot.generation.sentences import MOST_FITTED, sentences_of
from bot.generation.shape import Text, changed, entries_wanted, hard_sizes, lists, shape_of, texts, whole_text_sizes
from bot.generation.styled import emoji_bounds, most_exclamations

from .handed_on import candidate_of
from .repair import at, is_better, replaced

# Sentences of a whole that are left out at most, one at a time.
_MOST_LEFT_OUT = 200
# Exclamation marks and what stands in their place, unless another sign ends the sentence.
_LOUD, _ENDS = {"!": ".", "！": "。"}, frozenset("!.?！。？")
SHORTENED = Phrase("It was longer than fits, and no shorter version was better: its last sentences are left out.")
QUIETER = Phrase("Emoji and exclamation marks beyond what you want are left out.")
UNLED = Phrase("A last sentence is left out, as it leads to an address that nobody gave.")
FEWER = Phrase("There were more than you asked for: the last ones are left out.")


def trimmed(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The candidate within the limits of its place and brief, where whole sentences or entries at its end can go for that.

    Nothing goes where another check would fail without it. What goes is told in its notes.
    """
    if assignment.kind.any_form:  # Where a part of it ends nobody knows.
        return candidate
    for shorter, note in (
        (_unled, UNLED),
        (_entries, FEWER),
        (_hashtags, FEWER),
        (_quieter, QUIETER),
        (_parts, SHORTENED),
        (_whole, SHORTENED),
    ):
        if all(check.passed for check in candidate.checks):
            break
        data = shorter(candidate, assignment)
        if data != candidate.data:
            cut = candidate_of(data, assignment)
            if is_better(cut, candidate, assignment):
                candidate = replace(cut, notes=tuple(dict.fromkeys((*candidate.notes, note))))
    return candidate


def _unled(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft without the last sentences of its texts that lead where nobody has said."""
    failed = (check for check in candidate.checks if check.id == "links from you" and not check.passed)
    made_up = {thing for check in failed for thing in things_of(check)}
    data = candidate.data
    for path, text in _several(data, assignment) if made_up else ():
        parts = sentences_of(text)
        while len(parts) > 1 and any(link.host in made_up for link in links(parts[-1])):
            parts = parts[:-1]
        data = replaced(data, path, "".join(parts).strip())
    return data


def _entries(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft without the last entries of lists that have more than the brief wants."""
    data = candidate.data
    for path, node, entries in lists(shape_of(assignment.kind.output), data):
        high = entries_wanted(node, assignment)[1]
        named = any(noun in assignment.wishes.counts for noun in node.count.nouns)
        if named and "." not in path and len(entries) > high:
            data = replaced(data, path, entries[:high])
    return data


def _hashtags(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft without the last hashtags of a text that ends with more than the brief wants."""
    most = assignment.wishes.counts.get("hashtag", (0, MOST_FITTED))[1]
    text = str(candidate.data.get("text", ""))
    over = len(HASHTAG.findall(candidate.content.text)) - most
    while over > 0 and (last := list(HASHTAG.finditer(text))[-1:]) and not text[last[0].end() :].strip():
        text, over = text[: last[0].start()].rstrip(), over - 1
    shorter: dict[str, Any] = replaced(candidate.data, "text", text)
    return shorter


def _quieter(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft with no more emoji than are wanted, and with full stops for the exclamation marks that are too many."""
    bounds = emoji_bounds(assignment)
    left = Counter({"emoji": bounds[1] if bounds else MOST_FITTED, "marks": most_exclamations(assignment)})
    if assignment.kind.family not in ("marketing", "text", "education") or assignment.kind.needs_text:
        return candidate.data

    def quiet(_path: str, field: Text, text: str) -> str:
        if field.choice or len(text) > MOST_FITTED:
            return text
        spans = [_with_space(text, span) for span in emoji_spans(text) if text[slice(*span)] not in SIGNS]
        text = without_spans(text, spans[left["emoji"] :])
        left["emoji"] -= min(len(spans), left["emoji"])
        marks = [place for place, sign in enumerate(text) if sign in _LOUD]
        for place in reversed(marks[left["marks"] :]):
            text = _hushed(text, place)
        left["marks"] -= min(len(marks), left["marks"])
        return text

    found: dict[str, Any] = changed(shape_of(assignment.kind.output), candidate.data, quiet)
    return found


def _hushed(text: str, place: int) -> str:
    """The text with a full stop for the exclamation mark at a place, and in Spanish without the one that opens it."""
    quieter = "" if {text[place - 1 : place], text[place + 1 : place + 2]} & _ENDS else _LOUD[text[place]]
    before, opening, cry = text[:place].rpartition("¡")
    begun = f"{before}{cry}" if opening and not _ENDS.intersection(cry) else text[:place]
    return f"{begun}{quieter}{text[place + 1 :]}"


def _with_space(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """A span with the space before it."""
    start, end = span
    return (start - (text[start - 1 : start] == " "), end)


def _parts(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft with each text within its limits, and each list of paragraphs."""
    data, shape = candidate.data, shape_of(assignment.kind.output)
    for path, field, text in texts(shape, data):
        for size in hard_sizes(field, assignment):
            text = _within(text, size)
        data = replaced(data, path, text)
    for path, node, _ in lists(shape, data):
        for size in hard_sizes(node, assignment):
            data = replaced(data, path, _list_within(at(data, path), size))
    return data


def _within(text: str, size: Size) -> str:
    """The first sentences of a text that are within a bound; the text itself where not even one is, or too few are left."""
    measure = UNITS[size.unit]
    if measure(text) <= size.most:
        return text
    parts = sentences_of(text[:MOST_FITTED])
    for count in range(len(parts) - 1, 0, -1):
        shorter = "".join(parts[:count]).strip()
        if measure(shorter) <= size.most:
            return shorter if measure(shorter) >= size.least else text
    return text


def _list_within(entries: list[Any], size: Size) -> list[Any]:
    """The paragraphs without the last sentences that are too much together."""
    while entries and all(isinstance(entry, str) for entry in entries):
        if UNITS[size.unit]("\n\n".join(entries)) <= size.most:
            break
        parts = sentences_of(entries[-1])
        if len(parts) > 1:
            entries = [*entries[:-1], "".join(parts[:-1]).strip()]
        elif len(entries) > 1:
            entries = entries[:-1]
        else:
            break
    return entries


def _whole(candidate: Candidate, assignment: Assignment) -> dict[str, Any]:
    """The draft without as many last sentences of its longest texts as the whole is too long by."""
    data = candidate.data
    for size in whole_text_sizes(assignment):
        for _ in range(_MOST_LEFT_OUT):
            text = _measured(data, assignment)
            over = UNITS[size.unit](text) - size.most
            shorter = _shorter(data, assignment) if over > 0 else None
            if shorter is None:
                break
            data = shorter
    return data


def _measured(data: dict[str, Any], assignment: Assignment) -> str:
    content = composed(data, assignment)
    return str(content.parts.get("text", content.parts.get("prompt", content.text)))


def _shorter(data: dict[str, Any], assignment: Assignment) -> dict[str, Any] | None:
    """The draft without the last sentence of the longest of its texts that have several; None where there is none."""
    long = max(_several(data, assignment), key=lambda found: words(found[1]), default=None)
    if long is None:
        return None
    path, text = long
    shorter: dict[str, Any] = replaced(data, path, "".join(sentences_of(text)[:-1]).strip())
    return shorter


def _several(data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, str]]:
    for path, field, text in texts(shape_of(assignment.kind.output), data):
        if not field.choice and len(text) <= MOST_FITTED and len(sentences_of(text)) > 1:
            yield path, text
