"""What became other between two versions of a text, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.checks.compare import compared
from bot.checks.sentences import sentences_of
from bot.content import Assignment, DiffSegment

# A number, a word or a sign, and the gap behind it.
_TOKEN = re.compile(r"(\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|\w|[^\w\s])(\s*)")
# What code lays a text out with, which is no part of what it says.
_LAYOUT = re.compile(r"\*\*|\|\||^#{1,6} ", re.MULTILINE)
# Words that stay between two changes and are too few to be worth showing apart.
_ISLAND = 2
# Characters of either text that are compared, which is linear; hardly a result is longer.
MAX_READ = 20_000
# Characters of changes that are shown whole; of longer ones only the sentences that changed, and no more than these.
MAX_SHOWN = 1_200

_Run = tuple[str, list[str], list[str]]


def changes(before: str, after: str) -> tuple[DiffSegment, ...]:
    """How one text became another: what stayed, went and came, in the order of reading; empty where nothing changed.

    Of a very long text the beginning is compared.
    """
    old, new = _tokens(before[:MAX_READ]), _tokens(after[:MAX_READ])
    runs: list[_Run] = []
    for tag, a, b, c, d in compared([word for word, _ in old], [word for word, _ in new]).opcodes():
        runs.append((tag, ["".join(one) for one in old[a:b]], ["".join(one) for one in new[c:d]]))
    if all(tag == "equal" for tag, _, _ in runs):
        return ()
    found = tuple(_told(_without_islands(runs)))
    return found if sum(len(text) for _, text in found) <= MAX_SHOWN else _within(_near(found), MAX_SHOWN)


def difference(assignment: Assignment, after: str) -> tuple[DiffSegment, ...]:
    """What became other in a version that an assignment changes; empty for a new text."""
    before = assignment.request.before
    return changes(before.text, after) if before is not None and before.text else ()


def _tokens(text: str) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in _TOKEN.finditer(_LAYOUT.sub("", text))]


def _without_islands(runs: Sequence[_Run]) -> list[_Run]:
    """The runs with what changed joined over a word or a sign that stayed in between."""
    made: list[_Run] = []
    for at, (tag, old, new) in enumerate(runs):
        inner = tag == "equal" and 0 < at < len(runs) - 1
        island = inner and sum(token[0].isalnum() for token in new) < _ISLAND and "\n" not in "".join(new)
        tag = "replace" if island or tag != "equal" else tag
        if made and made[-1][0] == tag == "replace":
            made[-1] = (tag, made[-1][1] + old, made[-1][2] + new)
        else:
            made.append((tag, old, new))
    return made


def _told(runs: Sequence[_Run]) -> Iterator[DiffSegment]:
    for tag, old, new in runs:
        if tag == "equal":
            yield "same", "".join(new)
            continue
        if old and new:  # What comes stands in the line of what goes.
            gone = "".join(old)
            yield "out", gone.rstrip() + " " * (gone != gone.rstrip())
        elif old:
            yield "out", "".join(old)
        if new:
            yield "in", "".join(new)


def _near(found: Sequence[DiffSegment]) -> tuple[DiffSegment, ...]:
    """The changes with no more around them than the sentences that they stand in."""
    made: list[DiffSegment] = []
    for at, (tag, text) in enumerate(found):
        parts = sentences_of(text) if tag == "same" else []
        first, last = at == 0, at == len(found) - 1
        if len(parts) < (2 if first or last else 3):
            made.append((tag, text))
            continue
        if not first:
            made.append(("same", parts[0]))
        made.append(("gap", ""))
        if not last:
            made.append(("same", parts[-1]))
    return tuple(made)


def _within(found: Sequence[DiffSegment], most: int) -> tuple[DiffSegment, ...]:
    """As many of the changes as have room, the last one in part."""
    made: list[DiffSegment] = []
    for tag, text in found:
        if len(text) > most:
            return (*made, (tag, text[:most].rstrip()), ("gap", ""))
        made.append((tag, text))
        most -= len(text)
    return tuple(made)
