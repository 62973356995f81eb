"""Texts as Discord can show them: it renders no tables, and small print is the bot's own."""

from __future__ import annotations

import re
from collections.abc import Sequence

from markdown_it.token import Token

from bot.checks.links import unmask_links
from bot.markup import parse_tokens, render_formulas

_SEPARATOR = " · "
# Stands for a cell that is left for people to fill in.
_BLANK = "____"
_CODE_OR_SMALL_PRINT = re.compile(r"```.{0,4000}?```|^((?:[ \t>]|[-*+](?= )){0,12})-#(?=\s)", re.MULTILINE | re.DOTALL)
# Below the headings of a table there is a row of dashes.
_RULE = re.compile(r"^[ >]{0,9}\|?[ ]{0,9}:?-{1,200}:?[ ]{0,9}(?:\||$)", re.MULTILINE)
_LINE_END = re.compile(r"\r\n?|\n")


def render_text(text: str) -> str:
    """Return a text as it is shown: no LaTeX, link targets visible, tables as lists, no line that passes for small print."""
    return list_tables(escape_small_print(unmask_links(render_formulas(text))))


def list_tables(text: str) -> str:
    """Return a text with each Markdown table as a bold line of its headings and a bullet for each row; code stays as it is."""
    if "|" not in text or not _RULE.search(text):
        return text
    # The parser knows no other line ends, and its numbers of lines are used here.
    lines = _LINE_END.split(text)
    tokens = parse_tokens("\n".join(lines))
    tables = [at for at, token in enumerate(tokens) if token.type == "table_open" and token.level == 0]
    # From the end, so that the numbers of the lines before stay true.
    for at in reversed(tables):
        span = tokens[at].map
        assert span is not None
        lines[span[0] : span[1]] = _list_rows(tokens[at:])
    return "\n".join(lines) if tables else text


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
    ]
