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
# If fewer words than this are unchanged between two changes, the three become one change.
_MIN_ISLAND_WORDS = 2
# Maximum characters of either text that are compared; hardly any result is longer.
MAX_COMPARED_CHARACTERS = 20_000
# Maximum characters of a difference that is shown in full; a longer one shows only the sentences that changed, up to this.
MAX_VISIBLE_CHARACTERS = 1_200

# The tag of an edit operation, and the old and the new tokens.
_Run = tuple[str, list[str], list[str]]


def diff_texts(before: str, after: str) -> tuple[DiffSegment, ...]:
    """Return the segments kept, removed and added, in reading order; empty if nothing changed.

    Only the beginning of a very long text is compared.
    """
    old, new = _tokenize(before[:MAX_COMPARED_CHARACTERS]), _tokenize(after[:MAX_COMPARED_CHARACTERS])
    operations = compare_tokens([word for word, _ in old], [word for word, _ in new]).opcodes()
    runs: list[_Run] = [
        (tag, list(map("".join, old[old_start:old_end])), list(map("".join, new[new_start:new_end])))
        for tag, old_start, old_end, new_start, new_end in operations
    ]
    if all(tag == "equal" for tag, _, _ in runs):
        return ()
    segments = tuple(_build_segments(_merge_islands(runs)))
    if sum(len(text) for _, text in segments) <= MAX_VISIBLE_CHARACTERS:
        return segments
    return _truncate(_trim_context(segments), MAX_VISIBLE_CHARACTERS)


def diff_version(assignment: Assignment, after: str) -> tuple[DiffSegment, ...]:
    """Return the difference from the version that an assignment changes; empty for a new text."""
    before = assignment.request.before
    return diff_texts(before.text, after) if before is not None and before.text else ()


def _tokenize(text: str) -> list[tuple[str, str]]:
    """Return the tokens of a text without layout, each with the whitespace after it."""
    return [(match[1], match[2]) for match in _TOKEN.finditer(_LAYOUT.sub("", text))]


def _merge_islands(runs: Sequence[_Run]) -> list[_Run]:
    """Merge changed runs across a single word or sign that stayed between them."""
    merged: list[_Run] = []
    for index, (tag, old, new) in enumerate(runs):
        is_between = tag == "equal" and 0 < index < len(runs) - 1
        word_count = sum(token[0].isalnum() for token in new)
        is_island = is_between and word_count < _MIN_ISLAND_WORDS and "\n" not in "".join(new)
        tag = "replace" if is_island or tag != "equal" else tag
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
            removed = "".join(old)
            yield "out", removed.rstrip() + " " * (removed != removed.rstrip())
        elif old:
            yield "out", "".join(old)
        if new:
            yield "in", "".join(new)


def _trim_context(segments: Sequence[DiffSegment]) -> tuple[DiffSegment, ...]:
    """Reduce unchanged text to the sentences that contain changes."""
    trimmed: list[DiffSegment] = []
    for index, (tag, text) in enumerate(segments):
        sentences = split_sentences(text) if tag == "same" else []
        is_first, is_last = index == 0, index == len(segments) - 1
        if len(sentences) < (2 if is_first or is_last else 3):
            trimmed.append((tag, text))
            continue
        if not is_first:
            trimmed.append(("same", sentences[0]))
        trimmed.append(("gap", ""))
        if not is_last:
            trimmed.append(("same", sentences[-1]))
    return tuple(trimmed)


def _truncate(segments: Sequence[DiffSegment], limit: int) -> tuple[DiffSegment, ...]:
    """Return the segments that fit into the limit, the last one truncated."""
    fitting: list[DiffSegment] = []
    for tag, text in segments:
        if len(text) > limit:
            return (*fitting, (tag, text[:limit].rstrip()), ("gap", ""))
        fitting.append((tag, text))
        limit -= len(text)
    return tuple(fitting)
