"""Recognises headings and links among lines, and strips quotation marks, fences and length remarks from texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise

from bot.markup import Document, Line

# The maximum number of characters of a heading; longer bold lines are statements.
MAX_HEADING_CHARACTERS = 100
# The length of a text as writers add it at its end: "(128 characters)", "| 57/60", "– 20 words".
SIZE_REMARK = re.compile(
    r"\s{0,3}[–—|·-]{0,2}\s{0,3}[(\[]?~?(\d{1,4})\s?(/\s?\d{1,4})?\s?"
    r"(characters|character|chars|char|zeichen|caracteres|caractères|signes|words|wörter|palabras|mots|palavras)?\.?[)\]]?\Z",
    re.IGNORECASE,
)
MAX_SIZE_REMARK_CHARACTERS = 40
_QUOTES = {'"': '"', "“": "”", "„": "“”", "«": "»", "‘": "’", "'": "'", "»": "«", "「": "」"}
# A line that introduces a text, set apart from it by a rule; a rule may end the text, too.
_INTRODUCTION = re.compile(r"\s{0,9}[^\n]{1,200}[:：][ *]{0,4}\n\s{0,4}\n(?P<text>.*)", re.DOTALL)
_RULED = re.compile(r"\s{0,4}-{3,}[ ]{0,4}\n(?P<text>.+?)(?:\n\s{0,4}-{3,}\s{0,4})?", re.DOTALL)
_LINK = re.compile(r"\W{0,8}\[([^\[\]\n]{1,80})\]\(([^()\s]{1,300})\)\W{0,8}")


def parse_names(names: str) -> frozenset[str]:
    """Return the names in a list separated by |."""
    return frozenset(names.split("|"))


@lru_cache(maxsize=4)
def _find_headings(document: Document) -> frozenset[int]:
    """Return the numbers (`Line.at`) of the lines that are headings."""
    heading_numbers, previous_block = set[int](), 0
    for line, following in pairwise([*document.lines, None]):
        assert line is not None
        begins_block, previous_block = line.block != previous_block, line.block
        is_bold_heading = (
            begins_block
            and line.sort == "text"
            and bool(line.lead)
            and line.entry is None
            and not any(map(str.isalnum, line.rest))
            and len(line.text) <= MAX_HEADING_CHARACTERS
            and not parse_link(line)
        )
        is_continued = following is not None and following.block == line.block and following.lead == following.text
        if line.text and (line.sort == "heading" or (is_bold_heading and not is_continued)):
            heading_numbers.add(line.at)
    return frozenset(heading_numbers)


def is_heading_line(document: Document, line: Line) -> bool:
    """Whether a line heads those below it: a marked heading, or a bold first line of a paragraph.

    `Document.is_heading` instead requires that a bold line is its own paragraph, and has no limit of length.
    """
    return line.at in _find_headings(document)


def is_bold(line: Line) -> bool:
    """Whether a line is entirely bold."""
    return bool(line.lead) and line.lead == line.text.strip().rstrip(":：").strip()


def parse_link(line: Line) -> tuple[str, str] | None:
    """Return the text and the URL of a line that consists of a link, such as a button; None for other lines."""
    match = _LINK.fullmatch(line.source.strip())
    return (match[1].strip(" *→➜>"), match[2]) if match else None


def keep_outer_entries(items: Sequence[Line]) -> list[Line]:
    """Return the list entries of the outermost level."""
    level = min((line.level for line in items), default=0)
    return [line for line in items if line.level == level]


def strip_decoration(text: str) -> str:
    """Return a text without enclosing quotation marks or backticks, and without a remark on its length at the end."""
    text = text.strip()
    start = max(0, len(text) - MAX_SIZE_REMARK_CHARACTERS)
    if (match := SIZE_REMARK.search(text, start)) and _is_size_remark(match, text[: match.start()].strip()):
        text = text[: match.start()]
    return strip_quotes(text.strip("` "))


def _is_size_remark(match: re.Match[str], text: str) -> bool:
    """Whether a match at the end of `text` is a remark on its length rather than the text's last number."""
    first_character = match[0].strip()[:1]
    if not text or not first_character or first_character not in "([|–—·-":
        return False
    return bool(match[2] or match[3]) or (first_character in "([|" and abs(int(match[1]) - len(text)) <= 5)


def strip_quotes(text: str) -> str:
    """Return a text without the quotation marks that enclose all of it."""
    text = text.strip()
    closing_marks = _QUOTES.get(text[:1], "")
    is_quoted = (
        len(text) > 2
        and closing_marks
        and text[-1] in closing_marks
        and text[0] not in text[1:-1]
        and text[-1] not in text[1:-1]
    )
    return text[1:-1].strip() if is_quoted else text


def strip_introduction(text: str) -> str:
    """Return a text without a line such as "Here is your text:" before it, if a rule sets it apart or what follows is quoted."""
    introduced = _INTRODUCTION.fullmatch(text)
    if introduced is None:
        return text
    if ruled := _RULED.fullmatch(introduced["text"]):
        return ruled["text"].strip()
    unquoted = strip_quotes(introduced["text"])
    return unquoted if unquoted != introduced["text"].strip() else text


def flatten_lines(lines: Iterable[Line]) -> str:
    """Join lines into one text without marks, with an empty line between paragraphs and lists."""
    blocks = (
        "\n".join(f"- {line.text}" if line.sort == "item" else line.text for line in block)
        for _, block in groupby(lines, key=lambda line: line.block if line.entry is None else -1)
    )
    return "\n\n".join(block.strip() for block in blocks if block.strip())


def unwrap_text(text: str) -> str:
    """Return a text without a Markdown quotation or code fence that encloses all of it."""
    lines = text.strip().split("\n")
    if len(lines) > 1 and lines[0].startswith("```") and lines[-1].strip() == "```":
        return "\n".join(lines[1:-1]).strip()
    if all(line.lstrip().startswith(">") or not line.strip() for line in lines):
        return "\n".join(line.lstrip().removeprefix(">").removeprefix(" ") for line in lines).strip()
    return text.strip()
