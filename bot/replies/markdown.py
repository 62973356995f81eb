"""Texts as Discord can show them: it renders no tables, and small print is the bot's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from bot.markup import build_parser

_SEPARATOR = " · "
# Stands for a cell that is left for people to fill in.
_BLANK = "____"
_CODE_OR_SMALL_PRINT = re.compile(
    r"^ {0,3}```.*?(?:^ {0,3}```|\Z)|^(\s{0,9}(?:> {0,9})?)-#(?=\s)", re.MULTILINE | re.DOTALL
)


def list_tables(text: str) -> str:
    """Return a text with each Markdown table as a bold line of its headings and a bullet for each row; code stays as it is."""
    if "|" not in text:
        return text
    lines, tokens = text.splitlines(), build_parser().parse(text)
    # From the end, so that the numbers of the lines before stay true.
    for at in reversed([number for number, token in enumerate(tokens) if token.type == "table_open"]):
        span = tokens[at].map
        if span is not None and tokens[at].level == 0:
            lines[span[0] : span[1]] = _list_rows(tokens[at:])
    return "\n".join(lines)


def escape_small_print(text: str) -> str:
    """Return a text whose lines cannot pass for small print such as "To check"; code stays as it is."""
    return _CODE_OR_SMALL_PRINT.sub(lambda found: found[0] if found[1] is None else f"{found[1]}\\-#", text)


def _list_rows(tokens: Sequence[Token]) -> list[str]:
    rows: list[list[str]] = []
    for token in tokens:
        if token.type == "table_close":
            break
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(token.content.strip())
    headings, *body = rows
    named = _SEPARATOR.join(one.strip("*") for one in headings if one)
    return [
        *([f"**{named}**"] if named else []),
        *(f"- {_SEPARATOR.join(one or _BLANK for one in row)}" for row in body if any(row)),
        "",
    ]
