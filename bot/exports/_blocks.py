"""The Markdown of a text, as the blocks and runs that files are set from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.markup import Document, Line, build_parser, parse_document

# A line to write on is no mark.
_RULED = re.compile(r"_{3,}")
_BREAK = re.compile(r"<br ?/?>", re.IGNORECASE)
# A line that is bold from end to end; and what a sentence, a question with its number, or a label before its text has.
_BOLD = re.compile(r"\*\*[^\W\d_][^*\n]{1,80}\*\*:?|\*\*[^\W\d_][^*\n]{1,80}:\*\*")
_SENTENCE = re.compile(r"[.!?…。！？]\*|:\s|^\*\*[A-H]\)")
_DEEPEST = 6
# A spoiler, which only Discord knows: no empty cell of a table, and no "or" of a program.
_SPOILER = re.compile(r"\|\|(?=[^\s|])([^|]{1,4000}+)(?<=\S)\|\|")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level, an entry of a list or a line of text, lines of code, or the rows of a table.

    `text` still has its marks, which `runs` reads; that of code has none. The level of an entry and of what goes on with it is how
    deep its list stands, from 1. One that is `joined` stands right below the line before it, as the lines of a verse do.
    """

    sort: Literal["heading", "bullet", "text", "code", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    joined: bool = False


def opened(text: str) -> str:
    """A text whose spoilers are opened."""
    return _SPOILER.sub(r"\1", text)


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in their order. Spoilers are opened, and rules dropped that are no lines to write on."""
    found: list[Block] = []
    read = parse_document(opened(text))
    last = None
    for line in read.lines:
        match line.sort:
            case "row" if last is not None and last.sort == "row" and not line.head:
                found[-1] = Block("table", rows=(*found[-1].rows, line.cell_sources))
            case "row":
                found.append(Block("table", rows=(line.cell_sources,)))
            case "code" if last is not None and last.block == line.block:
                found[-1] = Block("code", f"{found[-1].text}\n{line.source}")
            case "code":
                found.append(Block("code", line.source))
            case "heading":
                found.append(Block("heading", line.source, line.level))
            case "rule" if _RULED.fullmatch(ruled := read.slice_source(line.at, line.at + 1)):
                found.append(Block("text", ruled))
            case "item" if line.ordinal is None:
                found.append(Block("bullet", _whole(line, read), line.level))
            case "item":
                found.append(Block("text", f"{line.ordinal}. {_whole(line, read)}", line.level))
            case "text" if line.source.strip():
                joined = last is not None and last.block == line.block and last.sort in ("text", "item")
                found.append(Block("text", _whole(line, read), line.level, joined=joined))
        last = line
    return _with_headings(found)


def _with_headings(found: list[Block]) -> list[Block]:
    """The blocks, a bold line that stands alone above others as the heading it is meant for: the title where it is the first."""
    level, read = 0, list[Block]()
    for at, block in enumerate(found):
        following = found[at + 1] if at + 1 < len(found) else None
        if block.sort == "heading":
            level = block.level
        elif following is not None and not following.joined and _is_heading(block):
            block = Block("heading", block.text.strip("*: "), 1 if not at else min(level + 1, _DEEPEST) if level else 2)
        read.append(block)
    return read


def _is_heading(block: Block) -> bool:
    is_alone = block.sort == "text" and not block.level and not block.joined
    return is_alone and bool(_BOLD.fullmatch(block.text)) and not _SENTENCE.search(block.text)


def _whole(line: Line, read: Document) -> str:
    """A line's source, without the sign that breaks it from the next."""
    source = line.source.strip()
    is_broken = source.endswith("\\") and not source.endswith("\\\\") and read.slice_source(line.at + 1, line.at + 2)
    return source[:-1].rstrip() if is_broken else source


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that looks the same all through."""

    text: str
    bold: bool = False
    slanted: bool = False
    struck: bool = False


@lru_cache(maxsize=4096)
def runs(text: str) -> tuple[Run, ...]:
    """The pieces of a line; a link is its words with the address behind them, where that is not the same."""
    if _RULED.search(text):
        return (Run(text),)
    pieces, address, words = list[Run](), "", ""
    on = {"strong": 0, "em": 0, "s": 0}

    def add(piece: str) -> None:
        pieces.append(Run(piece, *map(bool, on.values())))

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


def bare(text: str) -> str:
    """A line without its marks."""
    return "".join(one.text for one in runs(text))
