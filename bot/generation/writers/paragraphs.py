"""A paragraph that is longer than its kind's are becomes two, between sentences: layout, which takes nothing from a text. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bot.checks.units import UNITS
from bot.content import Assignment
from bot.generation.rank import Candidate
from bot.generation.sentences import sentences_of
from bot.generation.shape import Entries, Text, entries_wanted, lists, shape_of, sizes_for

from .handed_on import candidate_of
from .repair import replaced

_NOUN = "paragraph"


def in_paragraphs(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The candidate with long paragraphs parted, as far as the number of paragraphs allows and it fails no more checks then."""
    for path, node, entries in lists(shape_of(assignment.kind.output), candidate.data):
        if _NOUN not in node.count.nouns or not isinstance(node.entry, Text):
            continue
        parted = list(_parted(entries, node, assignment))
        if parted == entries:
            continue
        anew = candidate_of(replaced(candidate.data, path, parted), assignment)
        candidate = anew if anew.faults < candidate.faults else candidate
    return candidate


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
