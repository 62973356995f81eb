"""The Markdown that kinds write, as blocks."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

_BOLD = re.compile(r"\*\*(.+?)\*\*")
# What stands between single marks, as a picture in a script does; "2 * 3 * 4" has none.
_SLANTED = re.compile(r"(?<![\w*])\*(?![\s*])([^*\n]+)(?<!\s)\*(?![\w*])")
_RULE = re.compile(r"\|[\s:|-]+\|?")


@dataclass(frozen=True, slots=True)
class Block:
    """A heading of a level, an entry of a list, a line of text, or the rows of a table.

    One that is `joined` stands right below the line before it, as the lines of a verse do.
    """

    sort: Literal["heading", "bullet", "text", "table"]
    text: str = ""
    level: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    joined: bool = False


def blocks(text: str) -> list[Block]:
    """The blocks of a text, in their order. Spoilers are opened, fences of code dropped."""
    found: list[Block] = []
    tables: list[list[tuple[str, ...]]] = []
    in_table = joined = False
    for line in text.replace("||", "").splitlines():
        line = line.strip()
        if not line or line.startswith("```"):
            joined = False
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
            found.append(Block("text", line, joined=joined))
        joined = True
    rows = iter(tables)
    return [replace(block, rows=tuple(next(rows))) if block.sort == "table" else block for block in found]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line that looks the same all through."""

    text: str
    bold: bool = False
    slanted: bool = False


def runs(text: str) -> list[Run]:
    """The pieces of a line."""
    pieces, position = list[Run](), 0
    for bold in _BOLD.finditer(text):
        pieces += [*_slanted(text[position : bold.start()]), Run(bold[1], bold=True)]
        position = bold.end()
    return [*pieces, *_slanted(text[position:])]


def _slanted(text: str) -> list[Run]:
    pieces, position = list[Run](), 0
    for found in _SLANTED.finditer(text):
        pieces += [Run(text[position : found.start()]), Run(found[1], slanted=True)]
        position = found.end()
    return [one for one in (*pieces, Run(text[position:])) if one.text]


def bare(text: str) -> str:
    """A line without its marks."""
    return "".join(one.text for one in runs(text))


def without_slanting(text: str) -> str:
    """A text without the marks of what is slanted in it."""
    return _SLANTED.sub(r"\1", text)
