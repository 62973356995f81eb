"""Parses the Markdown of a text into the blocks and runs that files are typeset from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.markup import Document, Line, build_parser, parse_document

# A line to write on, which would otherwise be parsed as marks.
_WRITING_LINE = re.compile(r"_{3,}")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# A line that is entirely bold, and what makes such a line no heading: the end of a sentence, a label, the letter of an option.
_BOLD_LINE = re.compile(r"\*\*[^\W\d_][^*\n]{1,80}\*\*:?|\*\*[^\W\d_][^*\n]{1,80}:\*\*")
_NOT_IN_HEADINGS = re.compile(r"[.!?…。！？]\*|:\s|^\*\*[A-H]\)")
_MAX_HEADING_LEVEL = 6
# A spoiler; neither an empty table cell nor the "or" of a program.
_SPOILER = re.compile(r"\|\|(?=[^\s|])([^|]{1,4000}+)(?<=\S)\|\|")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A heading, a list entry, a line of text, the lines of a code block, or the rows of a table.

    `text` has inline marks for `parse_runs`, except in code. `level` is that of a heading or, from 1, the depth of the list that
    an entry or its continuation is in. `joins_previous` is set for a line that follows the previous one without a gap, as in
    verse.
    """

    type: Literal["heading", "bullet", "text", "code", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    joins_previous: bool = False


def open_spoilers(text: str) -> str:
    """Return a text without the marks of spoilers, which only Discord supports."""
    return _SPOILER.sub(r"\1", text)


def parse_blocks(text: str) -> list[TextBlock]:
    """Return the blocks of a text in order. Spoilers are opened, and rules dropped unless they are lines to write on."""
    blocks: list[TextBlock] = []
    document = parse_document(open_spoilers(text))
    previous = None
    for line in document.lines:
        match line.sort:
            case "row" if previous is not None and previous.sort == "row" and not line.head:
                blocks[-1] = TextBlock("table", rows=(*blocks[-1].rows, line.cell_sources))
            case "row":
                blocks.append(TextBlock("table", rows=(line.cell_sources,)))
            case "code" if previous is not None and previous.block == line.block:
                blocks[-1] = TextBlock("code", f"{blocks[-1].text}\n{line.source}")
            case "code":
                blocks.append(TextBlock("code", line.source))
            case "heading":
                blocks.append(TextBlock("heading", line.source, line.level))
            case "rule" if _WRITING_LINE.fullmatch(rule := document.slice_source(line.at, line.at + 1)):
                blocks.append(TextBlock("text", rule))
            case "item" if line.ordinal is None:
                blocks.append(TextBlock("bullet", _strip_line_break(line, document), line.level))
            case "item":
                blocks.append(TextBlock("text", f"{line.ordinal}. {_strip_line_break(line, document)}", line.level))
            case "text" if line.source.strip():
                joins = previous is not None and previous.block == line.block and previous.sort in ("text", "item")
                blocks.append(TextBlock("text", _strip_line_break(line, document), line.level, joins_previous=joins))
        previous = line
    return _promote_bold_lines(blocks)


def _promote_bold_lines(blocks: list[TextBlock]) -> list[TextBlock]:
    """Return the blocks with bold lines that stand above others as headings: of level 1 at the beginning, elsewhere below the
    previous marked heading.
    """
    level, promoted = 0, list[TextBlock]()
    for index, block in enumerate(blocks):
        following = blocks[index + 1] if index + 1 < len(blocks) else None
        if block.type == "heading":
            level = block.level
        elif following is not None and not following.joins_previous and _is_bold_heading(block):
            own_level = min(level + 1, _MAX_HEADING_LEVEL) if level else 2
            block = TextBlock("heading", block.text.strip("*: "), own_level if index else 1)
        promoted.append(block)
    return promoted


def _is_bold_heading(block: TextBlock) -> bool:
    is_separate_line = block.type == "text" and not block.level and not block.joins_previous
    return is_separate_line and bool(_BOLD_LINE.fullmatch(block.text)) and not _NOT_IN_HEADINGS.search(block.text)


def _strip_line_break(line: Line, document: Document) -> str:
    """Return a line's source without the backslash of a hard line break."""
    source = line.source.strip()
    ends_in_break = source.endswith("\\") and not source.endswith("\\\\")
    has_next_line = bool(document.slice_source(line.at + 1, line.at + 2))
    return source[:-1].rstrip() if ends_in_break and has_next_line else source


@dataclass(frozen=True, slots=True)
class TextRun:
    """A piece of a line with uniform formatting."""

    text: str
    bold: bool = False
    italic: bool = False
    strikethrough: bool = False


@lru_cache(maxsize=4096)
def parse_runs(text: str) -> tuple[TextRun, ...]:
    """Return the runs of a line. A link becomes its text, followed by its address unless the text contains that."""
    if _WRITING_LINE.search(text):
        return (TextRun(text),)
    runs, link_address, link_text = list[TextRun](), "", ""
    nesting = {"strong": 0, "em": 0, "s": 0}

    def add_run(content: str) -> None:
        runs.append(TextRun(content, *map(bool, nesting.values())))

    for token in build_parser().parseInline(text)[0].children or ():
        match token.type.rpartition("_"):
            case ("strong" | "em" | "s") as mark, _, "open" | "close":
                nesting[mark] += token.nesting
            case "link", _, "open":
                link_address, link_text = str(token.attrGet("href") or ""), ""
            case "link", _, "close":
                if link_address and link_address.split("://")[-1] not in link_text:
                    add_run(f" ({link_address})")
                link_address = ""
            case _, _, "softbreak" | "hardbreak":
                add_run("\n")
            case _ if token.content:
                link_text += token.content
                add_run(_BREAK.sub("\n", token.content) if token.type == "text" else token.content)
    return tuple(run for run in runs if run.text)


def strip_marks(text: str) -> str:
    """Return a line without its marks; links keep their addresses as in `parse_runs`."""
    return "".join(run.text for run in parse_runs(text))
