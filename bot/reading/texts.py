"""Splits a document into the separate texts in it, such as posts or mails."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import groupby, pairwise
from textwrap import dedent

from bot.markup import Document, Line, parse_document, split_paragraphs
from bot.reading.labels import Labels, get_text_after_label
from bot.reading.lines import MAX_HEADING_CHARACTERS, MAX_SIZE_REMARK_CHARACTERS, SIZE_REMARK, unwrap_text

_LABEL_SEPARATOR = re.compile(r"\s[–—-]+\s|[:：|]")
_LEADING_POSITION = re.compile(r"\W{0,4}\(?(\d{1,2})\s?/\s?(\d{1,2}|n|x)?\)?(?![\d/])")
_ONLY_NUMBER = re.compile(r"\W{0,4}\d{1,2}(?:\s?/\s?\d{1,2}|\.)?\W{0,4}")
_TRAILING_POSITION = re.compile(r"\(?(\d{1,2})\s?/\s?\d{1,2}\)?\s?$")


def split_texts(
    document: Document, labels: Labels, count: int = 0, *, allow_rules: bool = True, allow_any_heading: bool = False
) -> list[str]:
    """Return the verbatim texts in a document: between rules, below labels, numbered, or `count` paragraphs or entries.

    A label of the part "text" begins a text wherever it begins a paragraph, other labels only as headings. With
    `allow_any_heading`, for kinds whose texts have no headings of their own, any heading begins a text.
    """
    has_rules = allow_rules and any(line.sort == "rule" for line in document.lines)
    pieces = [parse_document(piece) for piece in document.split_at_rules()] if has_rules else [document]
    texts = [text for piece in pieces for text in _split_at_labels(piece, labels)]
    if len(texts) < 2 and allow_any_heading:
        texts = _split_at_headings(document) or texts
    if len(texts) < 2 and allow_rules:
        texts = (
            _split_fences(document)
            or _split_thread(document)
            or _split_numbered_list(document)
            or _split_by_count(document, count)
            or texts
        )
    return [text for piece in texts if (text := _remove_size_remark(unwrap_text(piece)))]


def _split_at_labels(document: Document, labels: Labels) -> list[str]:
    """Return the text below each label. A document without labels is one text, and none if it consists of headings."""
    positions = {(line.at, line.block) for line in document.lines}
    paragraph_starts = {line.at for line in document.lines if (line.at - 1, line.block) not in positions}
    starts = [
        line
        for line in document.lines
        if _opens_text(document, line, labels, begins_paragraph=line.at in paragraph_starts)
    ]
    if not starts or (len(starts) == 1 and any(line.at < starts[0].at for line in document.lines)):
        rest = [line for line in document.lines if line.sort != "heading"]
        return [document.text] if rest else []
    texts = []
    for line, following in pairwise([*starts, None]):
        assert line is not None
        end = following.at if following else len(document.text)
        # Unlike a heading, other labels may have text on their line.
        value = get_text_after_label(line) if line.label[0] and not document.is_heading(line) else ""
        below = document.slice_source(line.at + 1, end)
        is_same_paragraph = (line.at + 1, line.block) in positions
        texts.append(("\n" if is_same_paragraph else "\n\n").join(filter(None, (value, unwrap_text(below)))))
    return texts


def _opens_text(document: Document, line: Line, labels: Labels, *, begins_paragraph: bool) -> bool:
    """Whether a line is a label or a number above a text, in bold or as a heading, or a label at its beginning."""
    if line.sort in ("row", "code", "rule") or line.entry is not None:
        return False
    is_heading = document.is_heading(line) or (line.lead == line.text and bool(line.lead))
    if is_heading and _ONLY_NUMBER.fullmatch(line.text):
        return True
    labelled = labels.match_line(line)
    if is_heading and not labelled:
        return any(labels.find(piece) for piece in _LABEL_SEPARATOR.split(line.text))
    return labelled is not None and (is_heading or (labelled[0] == "text" and begins_paragraph))


def _split_at_headings(document: Document) -> list[str]:
    """Return the text below each heading of the highest level used twice; empty unless the document begins with one."""
    headings = [line for line in document.lines if line.sort == "heading" and line.text]
    levels = sorted(
        {line.level for line in headings if sum(heading.level == line.level for heading in headings[:50]) > 1}
    )
    if not levels or not headings or headings[0] is not document.lines[0]:
        return []
    top_headings = [line for line in headings if line.level == levels[0]]
    ends = [*(line.at for line in top_headings[1:]), len(document.text)]
    return [document.slice_source(line.at + 1, end) for line, end in zip(top_headings, ends, strict=True)]


def _split_fences(document: Document) -> list[str]:
    """Return the contents of the code fences if most of the text is in them."""
    code_lines = [line for line in document.lines if line.sort == "code"]
    outside_lengths = [len(line.text) for line in document.lines if line.sort not in ("code", "rule")]
    has_paragraph = any(length > MAX_HEADING_CHARACTERS for length in outside_lengths)
    if has_paragraph or sum(outside_lengths) > sum(len(line.source) for line in code_lines):
        return []  # A short fence in a long text, such as a command in a post, belongs to that text.
    return ["\n".join(line.source for line in block) for _, block in groupby(code_lines, key=lambda line: line.block)]


def _split_thread(document: Document) -> list[str]:
    """Return the posts of a thread with a number such as 2/5 at the beginning or end of each."""
    paragraphs = split_paragraphs(document.text)
    starts = [
        bool(_LEADING_POSITION.match(paragraph)) or (paragraph[:1].isdigit() and "\u20e3" in paragraph[:3])
        for paragraph in paragraphs
    ]
    if sum(starts) < 2 or not starts[0]:
        ends = [bool(_TRAILING_POSITION.search(paragraph[-12:])) for paragraph in paragraphs]
        if sum(ends) < 2 or not ends[-1]:
            return []
        starts = [True, *ends[:-1]]
    start_indexes = [index for index, is_start in enumerate(starts) if is_start]
    return [
        "\n\n".join(paragraphs[index:end])
        for index, end in zip(start_indexes, [*start_indexes[1:], len(paragraphs)], strict=True)
    ]


def _split_numbered_list(document: Document) -> list[str]:
    """Return the entries of a numbered list that is all of the text, apart from headings."""
    lines = [line for line in document.lines if not document.is_heading(line)]
    entries = [line for line in lines if line.sort == "item" and line.ordinal is not None and line.level == 1]
    if len(entries) < 2 or lines[0] is not entries[0] or any(line.entry is None for line in lines):
        return []
    return _get_entry_sources(document, entries)


def _get_entry_sources(document: Document, entries: Sequence[Line]) -> list[str]:
    """Return the source of each entry up to the next one, with its further lines unindented."""
    source = document.text.split("\n")
    ends = [*(line.at for line in entries[1:]), document.lines[-1].at + 1]
    return [
        f"{entry.source}\n{dedent(chr(10).join(source[entry.at + 1 : end]))}".strip()
        for entry, end in zip(entries, ends, strict=True)
    ]


def _split_by_count(document: Document, count: int) -> list[str]:
    """Return the paragraphs, entries or lines if there are exactly `count` of them."""
    if count < 2:
        return []
    headings = {line.source.strip() for line in document.headings}
    paragraphs = [paragraph for paragraph in split_paragraphs(document.text) if paragraph.lstrip("# ") not in headings]
    entries = [line for line in document.lines if line.sort == "item" and line.level == 1]
    lines = [line for line in document.lines if line.sort in ("text", "item") and not document.is_heading(line)]
    if len(entries) == count:
        return _get_entry_sources(document, entries)
    if len(paragraphs) == count:
        return paragraphs
    return [line.source for line in lines] if len(lines) == count else []


def _remove_size_remark(text: str) -> str:
    """Return a text without a first or last line that consists of a remark on its length."""
    first_line, _, text_below = text.partition("\n")
    text_above, _, last_line = text.rpartition("\n")
    if text_below and _is_size_remark(first_line):
        return text_below.strip()
    return text_above.strip() if text_above and _is_size_remark(last_line) else text


def _is_size_remark(line: str) -> bool:
    match = SIZE_REMARK.fullmatch(line.strip(" *_")) if len(line) <= MAX_SIZE_REMARK_CHARACTERS else None
    return bool(match and (match[3] or match[2]))


def get_wanted_count(counts: Mapping[str, tuple[int, int]], noun: str) -> int:
    """Return how many of a noun a brief asks for, from (fewest, most) by noun; 0 if it gives no single number."""
    fewest, most = counts.get(noun, (0, 0))
    return fewest if fewest == most else 0
