"""The difference between two versions of a text, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.checks.compare import compare_tokens
from bot.checks.sentences import split_sentences
from bot.content import Assignment, DiffSegment

# A number, a word or a sign, and the whitespace after it.
_TOKEN = re.compile(r"(\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['’-][^\W\d_]+)*|\w|[^\w\s])(\s*)")
# Layout marks, which are not part of the wording.
_LAYOUT = re.compile(r"\*\*|\|\||^#{1,6} ", re.MULTILINE)
# Fewer unchanged words than this between two changes are merged into them.
_MIN_ISLAND_WORDS = 2
# Characters of either text that are compared; hardly any result is longer.
MAX_COMPARED_CHARACTERS = 20_000
# Characters of a difference that are shown in full; longer ones show only the sentences that changed, up to this limit.
MAX_VISIBLE_CHARACTERS = 1_200

_Run = tuple[str, list[str], list[str]]


def diff_texts(before: str, after: str) -> tuple[DiffSegment, ...]:
    """Return the segments kept, removed and added, in reading order; empty if nothing changed.

    Only the beginning of a very long text is compared.
    """
    old, new = _tokenize(before[:MAX_COMPARED_CHARACTERS]), _tokenize(after[:MAX_COMPARED_CHARACTERS])
    runs: list[_Run] = []
    for tag, a, b, c, d in compare_tokens([word for word, _ in old], [word for word, _ in new]).opcodes():
        runs.append((tag, ["".join(one) for one in old[a:b]], ["".join(one) for one in new[c:d]]))
    if all(tag == "equal" for tag, _, _ in runs):
        return ()
    segments = tuple(_build_segments(_merge_islands(runs)))
    return (
        segments
        if sum(len(text) for _, text in segments) <= MAX_VISIBLE_CHARACTERS
        else _truncate(_trim_context(segments), MAX_VISIBLE_CHARACTERS)
    )


def diff_version(assignment: Assignment, after: str) -> tuple[DiffSegment, ...]:
    """Return the difference from the version that an assignment changes; empty for a new text."""
    before = assignment.request.before
    return diff_texts(before.text, after) if before is not None and before.text else ()


def _tokenize(text: str) -> list[tuple[str, str]]:
    return [(token[1], token[2]) for token in _TOKEN.finditer(_LAYOUT.sub("", text))]


def _merge_islands(runs: Sequence[_Run]) -> list[_Run]:
    """Merge changed runs across a single word or sign that stayed between them."""
    merged: list[_Run] = []
    for at, (tag, old, new) in enumerate(runs):
        inner = tag == "equal" and 0 < at < len(runs) - 1
        island = inner and sum(token[0].isalnum() for token in new) < _MIN_ISLAND_WORDS and "\n" not in "".join(new)
        tag = "replace" if island or tag != "equal" else tag
        if merged and merged[-1][0] == tag == "replace":
            merged[-1] = (tag, merged[-1][1] + old, merged[-1][2] + new)
        else:
            merged.append((tag, old, new))
    return merged


def _build_segments(runs: Sequence[_Run]) -> Iterator[DiffSegment]:
    for tag, old, new in runs:
        if tag == "equal":
            yield "same", "".join(new)
            continue
        if old and new:  # The addition continues the line of the removal.
            gone = "".join(old)
            yield "out", gone.rstrip() + " " * (gone != gone.rstrip())
        elif old:
            yield "out", "".join(old)
        if new:
            yield "in", "".join(new)


def _trim_context(segments: Sequence[DiffSegment]) -> tuple[DiffSegment, ...]:
    """Reduce unchanged text to the sentences that contain changes."""
    merged: list[DiffSegment] = []
    for at, (tag, text) in enumerate(segments):
        parts = split_sentences(text) if tag == "same" else []
        first, last = at == 0, at == len(segments) - 1
        if len(parts) < (2 if first or last else 3):
            merged.append((tag, text))
            continue
        if not first:
            merged.append(("same", parts[0]))
        merged.append(("gap", ""))
        if not last:
            merged.append(("same", parts[-1]))
    return tuple(merged)


def _truncate(segments: Sequence[DiffSegment], limit: int) -> tuple[DiffSegment, ...]:
    """Return the segments that fit into the limit, the last one truncated."""
    merged: list[DiffSegment] = []
    for tag, text in segments:
        if len(text) > limit:
            return (*merged, (tag, text[:limit].rstrip()), ("gap", ""))
        merged.append((tag, text))
        limit -= len(text)
    return tuple(merged)
