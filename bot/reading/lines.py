"""Parses single lines: headings, links, and texts without decoration. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from bot.markup import Document, Line

# The maximum number of characters of a heading; longer bold lines are statements.
MAX_HEADING_CHARACTERS = 100
# A text's length, as writers note it after the text.
SIZE_REMARK = re.compile(
    r"\s{0,3}[–—|·-]{0,2}\s{0,3}[(\[]?~?(\d{1,4})\s?(/\s?\d{1,4})?\s?"
    r"(characters|character|chars|char|zeichen|caracteres|caractères|signes|words|wörter|palabras|mots|palavras)?\.?[)\]]?\Z",
    re.IGNORECASE,
)
MAX_SIZE_REMARK_CHARACTERS = 40
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'", "»": "«", "「": "」"}
_LINK = re.compile(r"\W{0,8}\[([^\[\]\n]{1,80})\]\(([^()\s]{1,300})\)\W{0,8}")


def parse_names(names: str) -> frozenset[str]:
    """Return the names in a list separated by |."""
    return frozenset(names.split("|"))


@lru_cache(maxsize=4)
def _find_headings(document: Document) -> frozenset[int]:
    """Return the numbers of the lines that are headings, including bold lines followed by text."""
    found, before = set[int](), 0
    for line, following in pairwise([*document.lines, None]):
        assert line is not None
        begins, before = line.block != before, line.block
        bold = begins and line.sort == "text" and bool(line.lead) and line.entry is None
        bold = (
            bold
            and not any(map(str.isalnum, line.rest))
            and len(line.text) <= MAX_HEADING_CHARACTERS
            and not parse_link(line)
        )
        goes_on = following is not None and following.block == line.block and following.lead == following.text
        if line.text and (line.sort == "heading" or (bold and not goes_on)):
            found.add(line.at)
    return frozenset(found)


def is_heading_line(document: Document, line: Line) -> bool:
    """Whether a line is the heading of the lines below it."""
    return line.at in _find_headings(document)


def is_bold(line: Line) -> bool:
    """Whether a line is entirely bold."""
    return bool(line.lead) and line.lead == line.text.strip().rstrip(":：").strip()


def parse_link(line: Line) -> tuple[str, str] | None:
    """Return the words and the address of a line that is only a link, as a button is."""
    found = _LINK.fullmatch(line.source.strip())
    return (found[1].strip(" *→➜>"), found[2]) if found else None


def keep_outer_entries(items: Sequence[Line]) -> list[Line]:
    """Return the list entries that are not nested in another."""
    level = min((line.level for line in items), default=0)
    return [line for line in items if line.level == level]


def strip_decoration(text: str) -> str:
    """Return a text without the decoration writers add: quotation marks, a leading number, a trailing length."""
    text = text.strip()
    start = max(0, len(text) - MAX_SIZE_REMARK_CHARACTERS)
    if (found := SIZE_REMARK.search(text, start)) and _is_size_remark(found, text[: found.start()].strip()):
        text = text[: found.start()]
    return strip_quotes(text.strip("` "))


def _is_size_remark(found: re.Match[str], before: str) -> bool:
    """Whether the match is set apart as a length, and not a number that ends the text."""
    apart = found[0].strip()[:1]
    if not before or not apart or apart not in "([|–—·-":
        return False
    return bool(found[2] or found[3]) or (apart in "([|" and abs(int(found[1]) - len(before)) <= 5)


def strip_quotes(text: str) -> str:
    """Return a text without the quotation marks that enclose all of it."""
    text = text.strip()
    ends = _QUOTES.get(text[:1], "")
    whole = len(text) > 2 and ends and text[-1] in ends and text[0] not in text[1:-1] and text[-1] not in text[1:-1]
    return text[1:-1].strip() if whole else text


def flatten_lines(lines: Iterable[Line]) -> str:
    """Return lines as one text without marks, with paragraphs and lists kept apart."""
    blocks = (
        "\n".join(f"- {line.text}" if line.sort == "item" else line.text for line in block)
        for _, block in groupby(lines, key=lambda line: line.block if line.entry is None else -1)
    )
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def unwrap_text(text: str) -> str:
    """Return a text without the quotation or code fence that encloses all of it."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip()
    if all(line.lstrip().startswith(">") or not line.strip() for line in lines):
        return "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in lines).strip()
    return text.strip()
