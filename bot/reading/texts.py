"""Splits a text into those it consists of, such as posts or mails: between rules, below labels, numbered, or as paragraphs.
Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from textwrap import dedent

from bot.markup import Document, Line, parse_document, split_paragraphs
from bot.reading.labels import Labels, get_text_after_label
from bot.reading.lines import MAX_HEADING_CHARACTERS, MAX_SIZE_REMARK_CHARACTERS, SIZE_REMARK, unwrap_text

_LABEL_SEPARATOR = re.compile(r"\s[–—-]+\s|[:：|]")
_PLACE_IN_THREAD = re.compile(r"\W{0,4}\(?(\d{1,2})\s?/\s?(\d{1,2}|n|x)?\)?(?![\d/])")
_NUMBER_ALONE = re.compile(r"\W{0,4}\d{1,2}(?:\s?/\s?\d{1,2}|\.)?\W{0,4}")
_TRAILING_PLACE = re.compile(r"\(?(\d{1,2})\s?/\s?\d{1,2}\)?\s?$")


def split_texts(
    document: Document, labels: Labels, count: int = 0, *, allow_rules: bool = True, allow_any_heading: bool = False
) -> list[str]:
    """Return the texts that a document consists of, as they were written: between rules, below labels, numbered, or as `count`
    paragraphs, entries or lines.

    Labels named `text` count wherever a paragraph begins, those named `heading` only as headings. With `allow_any_heading`, for
    texts without headings of their own, any heading begins a text.
    """
    rules = allow_rules and any(line.sort == "rule" for line in document.lines)
    pieces = [parse_document(piece) for piece in document.split_at_rules()] if rules else [document]
    parted = [one for piece in pieces for one in _split_at_labels(piece, labels)]
    if len(parted) < 2 and allow_any_heading:
        parted = _split_at_headings(document) or parted
    if len(parted) < 2 and allow_rules:
        parted = (
            _split_fences(document)
            or _split_thread(document)
            or _split_numbered_list(document)
            or _split_by_count(document, count)
            or parted
        )
    return [one for piece in parted if (one := _remove_size_remark(unwrap_text(piece)))]


def _split_at_labels(document: Document, labels: Labels) -> list[str]:
    """Return the text below each label; a document without labels is one text, and one with only a heading is none."""
    standing = {(line.at, line.block) for line in document.lines}
    begins = {line.at for line in document.lines if (line.at - 1, line.block) not in standing}
    starts = [line for line in document.lines if _opens_text(document, line, labels, begins=line.at in begins)]
    if not starts or (len(starts) == 1 and any(line.at < starts[0].at for line in document.lines)):
        rest = [line for line in document.lines if line.sort != "heading"]
        return [document.text] if rest else []
    found = []
    for line, following in pairwise([*starts, None]):
        assert line is not None
        end = following.at if following else len(document.text)
        # A heading consists of one label; after an inline label, text may begin.
        value = "" if document.is_heading(line) else get_text_after_label(line) if line.label[0] else ""
        below = document.slice_source(line.at + 1, end)
        same = (line.at + 1, line.block) in standing
        found.append(("\n" if same else "\n\n").join(filter(None, (value, unwrap_text(below)))))
    return found


def _opens_text(document: Document, line: Line, labels: Labels, *, begins: bool) -> bool:
    if line.sort in ("row", "code", "rule") or line.entry is not None:
        return False
    head = document.is_heading(line) or (line.lead == line.text and bool(line.lead))
    if head and _NUMBER_ALONE.fullmatch(line.text):
        return True
    known = labels.match_line(line)
    if head and not known:
        return any(labels.find(piece) for piece in _LABEL_SEPARATOR.split(line.text))
    return known is not None and (head or (known[0] == "text" and begins))


def _split_at_headings(document: Document) -> list[str]:
    """Return the text below each heading of the highest level used more than once; empty if the document begins without one."""
    marked = [line for line in document.lines if line.sort == "heading" and line.text]
    levels = sorted({line.level for line in marked if sum(one.level == line.level for one in marked[:50]) > 1})
    if not levels or not marked or marked[0] is not document.lines[0]:
        return []
    tops = [line for line in marked if line.level == levels[0]]
    ends = [*(line.at for line in tops[1:]), len(document.text)]
    return [document.slice_source(line.at + 1, end) for line, end in zip(tops, ends, strict=True)]


def _split_fences(document: Document) -> list[str]:
    code = [line for line in document.lines if line.sort == "code"]
    around = [len(line.text) for line in document.lines if line.sort not in ("code", "rule")]
    # A command in a fence belongs to the post around it.
    if any(one > MAX_HEADING_CHARACTERS for one in around) or sum(around) > sum(len(line.source) for line in code):
        return []
    return ["\n".join(line.source for line in block) for _, block in groupby(code, key=lambda line: line.block)]


def _split_thread(document: Document) -> list[str]:
    """Return the posts of a numbered thread, each with its number as it was written."""
    blocks = split_paragraphs(document.text)
    starts = [bool(_PLACE_IN_THREAD.match(one)) or (one[:1].isdigit() and "\u20e3" in one[:3]) for one in blocks]
    if sum(starts) < 2 or not starts[0]:
        behind = [bool(_TRAILING_PLACE.search(one[-12:])) for one in blocks]
        if sum(behind) < 2 or not behind[-1]:
            return []
        starts = [True, *behind[:-1]]
    begins = [at for at, one in enumerate(starts) if one]
    return ["\n\n".join(blocks[at:end]) for at, end in zip(begins, [*begins[1:], len(blocks)], strict=True)]


def _split_numbered_list(document: Document) -> list[str]:
    """Return the entries of a numbered list that makes up the full text."""
    lines = [line for line in document.lines if not document.is_heading(line)]
    heads = [line for line in lines if line.sort == "item" and line.ordinal is not None and line.level == 1]
    if len(heads) < 2 or lines[0] is not heads[0] or any(line.entry is None for line in lines):
        return []
    return _get_entry_sources(document, heads)


def _get_entry_sources(document: Document, heads: Sequence[Line]) -> list[str]:
    source = document.text.split("\n")
    ends = [*(line.at for line in heads[1:]), document.lines[-1].at + 1]
    return [
        f"{head.source}\n{dedent(chr(10).join(source[head.at + 1 : end]))}".strip()
        for head, end in zip(heads, ends, strict=True)
    ]


def _split_by_count(document: Document, count: int) -> list[str]:
    """Return the paragraphs, entries or lines if there are exactly `count` of them."""
    if count < 2:
        return []
    heads = {line.source.strip() for line in document.headings}
    blocks = [block for block in split_paragraphs(document.text) if block.lstrip("# ") not in heads]
    items = [line for line in document.lines if line.sort == "item" and line.level == 1]
    lines = [line for line in document.lines if line.sort in ("text", "item") and not document.is_heading(line)]
    if len(items) == count:
        return _get_entry_sources(document, items)
    if len(blocks) == count:
        return blocks
    return [line.source for line in lines] if len(lines) == count else []


def _remove_size_remark(text: str) -> str:
    """Return a text without a last line that gives its length."""
    head, _, last = text.rpartition("\n")
    if (
        head
        and len(last) <= MAX_SIZE_REMARK_CHARACTERS
        and (found := SIZE_REMARK.fullmatch(last.strip(" *_")))
        and (found[3] or found[2])
    ):
        return head.strip()
    return text


def get_wanted_count(counts: Mapping[str, tuple[int, int]], noun: str) -> int:
    """Return how many of something a brief wants, 0 if it gives no single number."""
    low, high = counts.get(noun, (0, 0))
    return low if low == high else 0
