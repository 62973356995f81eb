"""The Markdown of a text, as the blocks and runs that files are set from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from bot.markup import document, parser

# A line to write on is no mark.
_RULED = re.compile(r"_{3,}")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level, an entry of a list, a line of text, or the rows of a table.

    `text` still has its marks, which `runs` reads. One that is `joined` stands right below the line before it, as the lines of a
    verse do.
    """

    sort: Literal["heading", "bullet", "text", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    joined: bool = False


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in their order. Spoilers are opened, fences of code and rules dropped."""
    found: list[Block] = []
    rows: list[tuple[str, ...]] = []
    last = None
    for line in document(text.replace("||", "")).lines:
        if line.sort != "row" and rows:
            found.append(Block("table", rows=tuple(rows)))
            rows = []
        match line.sort:
            case "row":
                if line.head and rows:
                    found.append(Block("table", rows=tuple(rows)))
                    rows = []
                rows.append(line.cells)
            case "heading":
                found.append(Block("heading", line.source, min(line.level, 3)))
            case "item" if line.ordinal is None:
                found.append(Block("bullet", line.source))
            case "item":
                found.append(Block("text", f"{line.ordinal}. {line.source}"))
            case "text" | "code" if line.source.strip():
                joined = last is not None and last.block == line.block and last.sort in ("text", "code", "item")
                found.append(Block("text", line.source.strip(), joined=joined))
        last = line
    return [*found, *([Block("table", rows=tuple(rows))] if rows else [])]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that looks the same all through."""

    text: str
    bold: bool = False
    slanted: bool = False


@lru_cache(maxsize=4096)
def runs(text: str) -> tuple[Run, ...]:
    """The pieces of a line; a link is its words with the address behind them, where that is not the same."""
    if _RULED.search(text):
        return (Run(text),)
    pieces, bold, slanted, address, words = list[Run](), 0, 0, "", ""
    for token in parser().parseInline(text)[0].children or ():
        match token.type:
            case "strong_open" | "strong_close":
                bold += 1 if token.nesting > 0 else -1
            case "em_open" | "em_close":
                slanted += 1 if token.nesting > 0 else -1
            case "link_open":
                address, words = str(token.attrGet("href") or ""), ""
            case "link_close":
                if address and address.split("://")[-1] not in words:
                    pieces.append(Run(f" ({address})", bool(bold), bool(slanted)))
                address = ""
            case "softbreak" | "hardbreak":
                pieces.append(Run("\n", bool(bold), bool(slanted)))
            case _ if token.content:
                words += token.content
                pieces.append(Run(token.content, bool(bold), bool(slanted)))
    return tuple(one for one in pieces if one.text)


def bare(text: str) -> str:
    """A line without its marks."""
    return "".join(one.text for one in runs(text))
