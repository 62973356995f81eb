"""Markdown tables as Discord can show them: it renders none, so each row becomes a line of a list."""

from __future__ import annotations

from collections.abc import Sequence

from markdown_it.token import Token

from bot.markup import build_parser

_SEPARATOR = " · "
# Stands for a cell that is left for people to fill in.
_BLANK = "____"


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
