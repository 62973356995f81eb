"""Reads the texts of which one consists, such as posts or mails: between rules, below labels, numbered, or as paragraphs. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from textwrap import dedent

from bot.kinds._reading_labels import Labels, behind_label
from bot.kinds._reading_lines import MAX_HEADING, MAX_SIZE, SIZE, unwrapped
from bot.markup import Document, Line, parse_document, split_paragraphs

_BETWEEN = re.compile(r"\s[–—-]+\s|[:：|]")
_PLACE_IN_THREAD = re.compile(r"\W{0,4}\(?(\d{1,2})\s?/\s?(\d{1,2}|n|x)?\)?(?![\d/])")
_NUMBER_ALONE = re.compile(r"\W{0,4}\d{1,2}(?:\s?/\s?\d{1,2}|\.)?\W{0,4}")
_BEHIND = re.compile(r"\(?(\d{1,2})\s?/\s?\d{1,2}\)?\s?$")


def separate(
    whole: Document, labels: Labels, several: int = 0, *, ruled: bool = True, headed: bool = False
) -> list[str]:
    """The texts of which one consists, as they were written: between rules, below labels, numbered, or as many paragraphs, entries
    or lines as there are to be.

    Labels named `text` count wherever a paragraph begins, those named `heading` only as one. Where texts have no headings of their
    own, any one stands over a text (`headed`).
    """
    rules = ruled and any(line.sort == "rule" for line in whole.lines)
    pieces = [parse_document(piece) for piece in whole.split_at_rules()] if rules else [whole]
    parted = [one for piece in pieces for one in _below_labels(piece, labels)]
    if len(parted) < 2 and headed:
        parted = _below_headings(whole) or parted
    if len(parted) < 2 and ruled:
        parted = _fenced(whole) or _in_thread(whole) or _numbered(whole) or _as_many(whole, several) or parted
    return [one for piece in parted if (one := _without_size(unwrapped(piece)))]


def _below_labels(whole: Document, labels: Labels) -> list[str]:
    """What stands below each label; a text without any is kept, one that is a heading alone is not."""
    standing = {(line.at, line.block) for line in whole.lines}
    begins = {line.at for line in whole.lines if (line.at - 1, line.block) not in standing}
    starts = [line for line in whole.lines if _opens(whole, line, labels, begins=line.at in begins)]
    if not starts or (len(starts) == 1 and any(line.at < starts[0].at for line in whole.lines)):
        rest = [line for line in whole.lines if line.sort != "heading"]
        return [whole.text] if rest else []
    found = []
    for line, following in pairwise([*starts, None]):
        assert line is not None
        end = following.at if following else len(whole.text)
        # Of a heading all words are one; behind a label its text may begin.
        value = "" if whole.is_heading(line) else behind_label(line) if line.label[0] else ""
        below = whole.slice_source(line.at + 1, end)
        same = (line.at + 1, line.block) in standing
        found.append(("\n" if same else "\n\n").join(filter(None, (value, unwrapped(below)))))
    return found


def _opens(whole: Document, line: Line, labels: Labels, *, begins: bool) -> bool:
    if line.sort in ("row", "code", "rule") or line.entry is not None:
        return False
    head = whole.is_heading(line) or (line.lead == line.text and bool(line.lead))
    if head and _NUMBER_ALONE.fullmatch(line.text):
        return True
    known = labels.of(line)
    if head and not known:
        return any(labels.find(piece) for piece in _BETWEEN.split(line.text))
    return known is not None and (head or (known[0] == "text" and begins))


def _below_headings(whole: Document) -> list[str]:
    """What stands below each heading of the highest level that several have; nothing where a text begins without one."""
    marked = [line for line in whole.lines if line.sort == "heading" and line.text]
    levels = sorted({line.level for line in marked if sum(one.level == line.level for one in marked[:50]) > 1})
    if not levels or not marked or marked[0] is not whole.lines[0]:
        return []
    tops = [line for line in marked if line.level == levels[0]]
    ends = [*(line.at for line in tops[1:]), len(whole.text)]
    return [whole.slice_source(line.at + 1, end) for line, end in zip(tops, ends, strict=True)]


def _fenced(whole: Document) -> list[str]:
    code = [line for line in whole.lines if line.sort == "code"]
    around = [len(line.text) for line in whole.lines if line.sort not in ("code", "rule")]
    # A command in a fence is a part of the post around it.
    if any(one > MAX_HEADING for one in around) or sum(around) > sum(len(line.source) for line in code):
        return []
    return ["\n".join(line.source for line in block) for _, block in groupby(code, key=lambda line: line.block)]


def _in_thread(whole: Document) -> list[str]:
    """The posts of a thread that are numbered as such, each with its number as it was written."""
    blocks = split_paragraphs(whole.text)
    starts = [bool(_PLACE_IN_THREAD.match(one)) or (one[:1].isdigit() and "\u20e3" in one[:3]) for one in blocks]
    if sum(starts) < 2 or not starts[0]:
        behind = [bool(_BEHIND.search(one[-12:])) for one in blocks]
        if sum(behind) < 2 or not behind[-1]:
            return []
        starts = [True, *behind[:-1]]
    begins = [at for at, one in enumerate(starts) if one]
    return ["\n\n".join(blocks[at:end]) for at, end in zip(begins, [*begins[1:], len(blocks)], strict=True)]


def _numbered(whole: Document) -> list[str]:
    """The entries of a numbered list that is the whole text."""
    lines = [line for line in whole.lines if not whole.is_heading(line)]
    heads = [line for line in lines if line.sort == "item" and line.ordinal is not None and line.level == 1]
    if len(heads) < 2 or lines[0] is not heads[0] or any(line.entry is None for line in lines):
        return []
    return _entries(whole, heads)


def _entries(whole: Document, heads: Sequence[Line]) -> list[str]:
    source = whole.text.split("\n")
    ends = [*(line.at for line in heads[1:]), whole.lines[-1].at + 1]
    return [
        f"{head.source}\n{dedent(chr(10).join(source[head.at + 1 : end]))}".strip()
        for head, end in zip(heads, ends, strict=True)
    ]


def _as_many(whole: Document, several: int) -> list[str]:
    """Paragraphs, entries or lines, where they are as many as there are to be."""
    if several < 2:
        return []
    heads = {line.source.strip() for line in whole.headings}
    blocks = [block for block in split_paragraphs(whole.text) if block.lstrip("# ") not in heads]
    items = [line for line in whole.lines if line.sort == "item" and line.level == 1]
    lines = [line for line in whole.lines if line.sort in ("text", "item") and not whole.is_heading(line)]
    if len(items) == several:
        return _entries(whole, items)
    if len(blocks) == several:
        return blocks
    return [line.source for line in lines] if len(lines) == several else []


def _without_size(text: str) -> str:
    """A text without a last line that says how long it is."""
    head, _, last = text.rpartition("\n")
    if head and len(last) <= MAX_SIZE and (found := SIZE.fullmatch(last.strip(" *_"))) and (found[3] or found[2]):
        return head.strip()
    return text


def wanted(counts: Mapping[str, tuple[int, int]], noun: str) -> int:
    """How many of something a brief wants, 0 where it names no single number."""
    low, high = counts.get(noun, (0, 0))
    return low if low == high else 0
