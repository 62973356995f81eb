"""The Markdown that kinds write, as blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

_BOLD = re.compile(r"\*\*(.+?)\*\*")
_RULE = re.compile(r"\|[\s:|-]+\|?")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level, an entry of a list, a line of text, or the rows of a table."""

    sort: Literal["heading", "bullet", "text", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in their order. Spoilers are opened, fences of code dropped."""
    found: list[Block] = []
    tables: list[list[tuple[str, ...]]] = []
    in_table = False
    for line in text.replace("||", "").splitlines():
        line = line.strip()
        if not line or line.startswith("```"):
            continue
        if len(line) > 2 and line.startswith("|") and line.endswith("|"):
            if _RULE.fullmatch(line):
                continue
            row = tuple(cell.strip() for cell in line.strip("|").split("|"))
            if not in_table:
                tables.append([])
                found.append(Block("table"))
            tables[-1].append(row)
            in_table = True
            continue
        in_table = False
        if line.startswith("#") and (heading := re.match(r"(#{1,3}) (.+)", line)):
            found.append(Block("heading", heading[2], len(heading[1])))
        elif line.startswith("- "):
            found.append(Block("bullet", line[2:]))
        else:
            found.append(Block("text", line))
    rows = iter(tables)
    return [replace(block, rows=tuple(next(rows))) if block.sort == "table" else block for block in found]


def runs(text: str) -> list[tuple[str, bool]]:
    """The pieces of a line, and which of them are bold."""
    pieces, position = [], 0
    for bold in _BOLD.finditer(text):
        pieces += [(text[position : bold.start()], False), (bold[1], True)]
        position = bold.end()
    return [(piece, bold) for piece, bold in [*pieces, (text[position:], False)] if piece]


def bare(text: str) -> str:
    """A line without its bold marks."""
    return "".join(piece for piece, _bold in runs(text))
