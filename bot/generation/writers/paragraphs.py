"""A paragraph that is longer than its kind's are becomes two, between sentences: layout, which takes nothing from a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.briefs import OPENING
from bot.checks.units import UNITS
from bot.content import Assignment
from bot.generation.rank import Candidate
from bot.generation.sentences import sentences_of
from bot.generation.shape import Entries, Text, entries_wanted, lists, shape_of, sizes_for

from .handed_on import candidate_of
from .repair import replaced

_NOUN = "paragraph"


def in_paragraphs(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The candidate with long paragraphs parted, as far as the number of paragraphs allows and it fails no more checks then.

    So is the opening line from what follows it, where the brief says how long that line may be.
    """
    if text := _opened(candidate, assignment):
        candidate = candidate_of({**candidate.data, "text": text}, assignment)
    for path, node, entries in lists(shape_of(assignment.kind.output), candidate.data):
        if _NOUN not in node.count.nouns or not isinstance(node.entry, Text):
            continue
        parted = list(_parted(entries, node, assignment))
        if parted == entries:
            continue
        anew = candidate_of(replaced(candidate.data, path, parted), assignment)
        candidate = anew if anew.faults < candidate.faults else candidate
    return candidate


def _opened(candidate: Candidate, assignment: Assignment) -> str:
    """The text with its first sentence as a line of its own, where only so it is as short as wanted; else empty."""
    sizes = {unit: size for (noun, unit), size in assignment.wishes.sizes.items() if noun == OPENING and size.most}
    first, _, rest = str(candidate.data.get("text", "")).strip().partition("\n")
    if all(UNITS[unit](first) <= (size.most or 0) for unit, size in sizes.items()):
        return ""
    sentence, *others = sentences_of(first)
    if not all(UNITS[unit](sentence) <= (size.most or 0) for unit, size in sizes.items()):
        return ""
    below = "\n".join([first[len(sentence) :].strip(), *([rest] if rest else [])])
    return f"{sentence.strip()}\n\n{below}" if others else ""


def _parted(entries: list[str], node: Entries, assignment: Assignment) -> Iterator[str]:
    """The paragraphs, each in two where it is too long and one more is allowed."""
    assert isinstance(node.entry, Text)
    sizes = sizes_for(node.entry, assignment)
    room = entries_wanted(node, assignment)[1] - len(entries)
    for text in entries:
        sentences = sentences_of(text)
        if room <= 0 or len(sentences) < 2 or all(UNITS[size.unit](text) <= size.most for size in sizes):
            yield text
            continue
        # Where the halves are nearest to each other in length.
        at = min(range(1, len(sentences)), key=lambda cut: abs(2 * len("".join(sentences[:cut])) - len(text)))
        yield "".join(sentences[:at]).strip()
        yield "".join(sentences[at:]).strip()
        room -= 1
