"""The Markdown of a text as the blocks and runs that files are typeset from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.markup import Document, Line, build_parser, parse_document

# A line to write on is not a mark.
_WRITING_LINE = re.compile(r"_{3,}")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# A fully bold line; and what a sentence, a numbered question or an inline label contains.
_BOLD = re.compile(r"\*\*[^\W\d_][^*\n]{1,80}\*\*:?|\*\*[^\W\d_][^*\n]{1,80}:\*\*")
_SENTENCE = re.compile(r"[.!?…。！？]\*|:\s|^\*\*[A-H]\)")
_DEEPEST = 6
# A spoiler, which only Discord supports: not an empty table cell, and not the "or" of a program.
_SPOILER = re.compile(r"\|\|(?=[^\s|])([^|]{1,4000}+)(?<=\S)\|\|")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A heading with its level, a list entry or a line of text, lines of code, or the rows of a table.

    `text` still has its marks, which `parse_runs` parses; that of code has none. The level of an entry and of its continuation
    is the depth of its list, from 1. A `joined` block follows the line before it directly, as the lines of a verse do.
    """

    sort: Literal["heading", "bullet", "text", "code", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    joined: bool = False


def open_spoilers(text: str) -> str:
    """Return a text with its spoilers opened."""
    return _SPOILER.sub(r"\1", text)


def parse_blocks(text: str) -> list[TextBlock]:
    """Return the blocks of a text in order. Spoilers are opened, and rules dropped unless they are lines to write on."""
    found: list[TextBlock] = []
    read = parse_document(open_spoilers(text))
    last = None
    for line in read.lines:
        match line.sort:
            case "row" if last is not None and last.sort == "row" and not line.head:
                found[-1] = TextBlock("table", rows=(*found[-1].rows, line.cell_sources))
            case "row":
                found.append(TextBlock("table", rows=(line.cell_sources,)))
            case "code" if last is not None and last.block == line.block:
                found[-1] = TextBlock("code", f"{found[-1].text}\n{line.source}")
            case "code":
                found.append(TextBlock("code", line.source))
            case "heading":
                found.append(TextBlock("heading", line.source, line.level))
            case "rule" if _WRITING_LINE.fullmatch(ruled := read.slice_source(line.at, line.at + 1)):
                found.append(TextBlock("text", ruled))
            case "item" if line.ordinal is None:
                found.append(TextBlock("bullet", _get_line_source(line, read), line.level))
            case "item":
                found.append(TextBlock("text", f"{line.ordinal}. {_get_line_source(line, read)}", line.level))
            case "text" if line.source.strip():
                joined = last is not None and last.block == line.block and last.sort in ("text", "item")
                found.append(TextBlock("text", _get_line_source(line, read), line.level, joined=joined))
        last = line
    return _mark_headings(found)


def _mark_headings(found: list[TextBlock]) -> list[TextBlock]:
    """Return the blocks with separate bold lines above others as headings: the title if it comes first."""
    level, read = 0, list[TextBlock]()
    for at, block in enumerate(found):
        following = found[at + 1] if at + 1 < len(found) else None
        if block.sort == "heading":
            level = block.level
        elif following is not None and not following.joined and _is_heading(block):
            block = TextBlock(
                "heading", block.text.strip("*: "), 1 if not at else min(level + 1, _DEEPEST) if level else 2
            )
        read.append(block)
    return read


def _is_heading(block: TextBlock) -> bool:
    is_alone = block.sort == "text" and not block.level and not block.joined
    return is_alone and bool(_BOLD.fullmatch(block.text)) and not _SENTENCE.search(block.text)


def _get_line_source(line: Line, read: Document) -> str:
    """Return a line's source without its line break mark."""
    source = line.source.strip()
    is_broken = source.endswith("\\") and not source.endswith("\\\\") and read.slice_source(line.at + 1, line.at + 2)
    return source[:-1].rstrip() if is_broken else source


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of a line with uniform formatting."""

    text: str
    bold: bool = False
    slanted: bool = False
    struck: bool = False


@lru_cache(maxsize=4096)
def parse_runs(text: str) -> tuple[TextRun, ...]:
    """Return the pieces of a line; a link becomes its words followed by the address if that differs."""
    if _WRITING_LINE.search(text):
        return (TextRun(text),)
    pieces, address, words = list[TextRun](), "", ""
    on = {"strong": 0, "em": 0, "s": 0}

    def add(piece: str) -> None:
        pieces.append(TextRun(piece, *map(bool, on.values())))

    for token in build_parser().parseInline(text)[0].children or ():
        match token.type.rpartition("_"):
            case ("strong" | "em" | "s") as mark, _, "open" | "close":
                on[mark] += token.nesting
            case "link", _, "open":
                address, words = str(token.attrGet("href") or ""), ""
            case "link", _, "close":
                if address and address.split("://")[-1] not in words:
                    add(f" ({address})")
                address = ""
            case _, _, "softbreak" | "hardbreak":
                add("\n")
            case _ if token.content:
                words += token.content
                add(_BREAK.sub("\n", token.content) if token.type == "text" else token.content)
    return tuple(one for one in pieces if one.text)


def strip_marks(text: str) -> str:
    """Return a line without its marks."""
    return "".join(one.text for one in parse_runs(text))
