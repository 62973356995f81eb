"""Reads single lines: which of them are headings or links, and texts without what stands around them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from bot.markup import Document, Line

# Characters of a heading that is no statement in bold.
MAX_HEADING = 100
# How long a text is, as writers note it behind it.
SIZE = re.compile(
    r"\s{0,3}[–—|·-]{0,2}\s{0,3}[(\[]?~?(\d{1,4})\s?(/\s?\d{1,4})?\s?"
    r"(characters|character|chars|char|zeichen|caracteres|caractères|signes|words|wörter|palabras|mots|palavras)?\.?[)\]]?\Z",
    re.IGNORECASE,
)
MAX_SIZE = 40
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'", "»": "«", "「": "」"}
_LINK = re.compile(r"\W{0,8}\[([^\[\]\n]{1,80})\]\(([^()\s]{1,300})\)\W{0,8}")


def one_of(names: str) -> frozenset[str]:
    """The entries of a list that is parted by |."""
    return frozenset(names.split("|"))


@lru_cache(maxsize=4)
def _heads(whole: Document) -> frozenset[int]:
    """The numbers of the lines that are headings, also those in bold whose text goes on in the next line."""
    found, before = set[int](), 0
    for line, following in pairwise([*whole.lines, None]):
        assert line is not None
        begins, before = line.block != before, line.block
        bold = begins and line.sort == "text" and bool(line.lead) and line.entry is None
        bold = bold and not any(map(str.isalnum, line.rest)) and len(line.text) <= MAX_HEADING and not link_in(line)
        goes_on = following is not None and following.block == line.block and following.lead == following.text
        if line.text and (line.sort == "heading" or (bold and not goes_on)):
            found.add(line.at)
    return frozenset(found)


def is_head(whole: Document, line: Line) -> bool:
    """Whether a line is the heading of what stands below it."""
    return line.at in _heads(whole)


def is_bold(line: Line) -> bool:
    """Whether a line is bold all through."""
    return bool(line.lead) and line.lead == line.text.strip().rstrip(":：").strip()


def link_in(line: Line) -> tuple[str, str] | None:
    """The words and the address of a line that is nothing but a link, as a button is."""
    found = _LINK.fullmatch(line.source.strip())
    return (found[1].strip(" *→➜>"), found[2]) if found else None


def outer(items: Sequence[Line]) -> list[Line]:
    """Of the entries of lists those that stand in no other."""
    level = min((line.level for line in items), default=0)
    return [line for line in items if line.level == level]


def tidy(text: str) -> str:
    """A text without what writers put around it: quotation marks, a number before it, its length behind it."""
    text = text.strip()
    start = max(0, len(text) - MAX_SIZE)
    if (found := SIZE.search(text, start)) and _is_size(found, text[: found.start()].strip()):
        text = text[: found.start()]
    return unquoted(text.strip("` "))


def _is_size(found: re.Match[str], before: str) -> bool:
    """Whether it is set apart as a length, and not a number that the text ends with."""
    apart = found[0].strip()[:1]
    if not before or not apart or apart not in "([|–—·-":
        return False
    return bool(found[2] or found[3]) or (apart in "([|" and abs(int(found[1]) - len(before)) <= 5)


def unquoted(text: str) -> str:
    """A text without the quotation marks around the whole of it."""
    text = text.strip()
    ends = _QUOTES.get(text[:1], "")
    whole = len(text) > 2 and ends and text[-1] in ends and text[0] not in text[1:-1] and text[-1] not in text[1:-1]
    return text[1:-1].strip() if whole else text


def flat(lines: Iterable[Line]) -> str:
    """Some lines as one text without marks, its paragraphs and lists kept apart."""
    blocks = (
        "\n".join(f"- {line.text}" if line.sort == "item" else line.text for line in block)
        for _, block in groupby(lines, key=lambda line: line.block if line.entry is None else -1)
    )
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def unwrapped(text: str) -> str:
    """A text that is a quotation as a whole, or stands in a code fence, without the marks of that."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip()
    if all(line.lstrip().startswith(">") or not line.strip() for line in lines):
        return "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in lines).strip()
    return text.strip()
