"""Plain text, without the marks of Markdown."""

from __future__ import annotations

import re

from bot.content import Content

from ._blocks import open_spoilers, strip_marks

LABEL = "Plain text"
NAMES = ("plain text",)
_LINE_PREFIX = re.compile(r"#{1,6} |(?:> ?)+")
_FENCES = ("```", "~~~")
# What inline marks are made of; lines without any need not be parsed.
_INLINE_MARK = re.compile(r"[*_`\\\[~&<]")
# Longer lines keep their marks: parsing takes quadratic time.
_MAX_LINE_CHARACTERS = 8_000


def export(_title: str, content: Content) -> bytes:
    """Return UTF-8 with a byte order mark, which editors on Windows need for scripts other than Latin."""
    text = to_plain_text(content.text)
    body = f"{text}\n".encode("utf-8-sig")
    assert body.decode("utf-8-sig").strip() == text
    return body


def to_plain_text(markdown: str) -> str:
    """Return a text line by line without the marks of headings, quotes, code, spoilers, links and emphasis; lists and tables keep
    theirs.
    """
    lines, open_fence = list[str](), ""
    for line in open_spoilers(markdown).split("\n"):
        fence = line.lstrip()[:3]
        # A closing fence is alone on its line; an opening one may name a language.
        is_closing = fence == open_fence and not line.strip().strip(fence)
        if fence in _FENCES and (not open_fence or is_closing):
            open_fence = "" if open_fence else fence
            continue
        lines.append(line if open_fence else _strip_line_marks(line))
    return "\n".join(lines).strip()


def _strip_line_marks(line: str) -> str:
    if prefix := _LINE_PREFIX.match(line):
        line = line[prefix.end() :]
    if len(line) > _MAX_LINE_CHARACTERS or not _INLINE_MARK.search(line):
        return line
    # The "*" of a list is no emphasis.
    bullet = line[: len(line) - len(line.lstrip(" \t*-+"))]
    if bullet.strip() not in ("", "-", "*", "+") or bullet[-1:] not in ("", " ", "\t"):
        bullet = ""
    line = bullet + strip_marks(line[len(bullet) :])
    # A line break within a cell must not end the table's row.
    return line.replace("\n", " ") if line.startswith("|") else line
