"""Plain text: the content without the marks of Markdown."""

from __future__ import annotations

import re

from bot.content import Content

from ._blocks import bare, opened

LABEL = "Plain text"
_BEFORE = re.compile(r"#{1,6} |(?:> ?)+")
_FENCES = ("```", "~~~")
# What may be a mark within a line.
_MARKED = re.compile(r"[*_`\\\[~&<]")


def export(_title: str, content: Content) -> bytes:
    """The text alone, to be pasted; UTF-8 with a byte order mark, which Windows' editors need to read other scripts."""
    text = plain(content.text)
    body = f"{text}\n".encode("utf-8-sig")
    assert body.decode("utf-8-sig").strip() == text
    return body


# Characters of a line whose marks are taken off: what takes longest of it grows with the square.
_MAX_LINE = 8_000


def plain(markdown: str) -> str:
    """The text without the marks of bold, slanted, headings, quotes and links, spoilers and code fences; its lines stay."""
    lines, code = list[str](), ""
    for line in opened(markdown).split("\n"):
        mark = line.lstrip()[:3]
        # Behind a closing fence there is nothing.
        if mark in _FENCES and (not code or (mark == code and not line.strip().strip(mark))):
            code = "" if code else mark
            continue
        lines.append(line if code else _plain_line(line))
    return "\n".join(lines).strip()


def _plain_line(line: str) -> str:
    line = line[found.end() :] if (found := _BEFORE.match(line)) else line
    if len(line) > _MAX_LINE or not _MARKED.search(line):
        return line
    start = len(line) - len(line.lstrip(" \t*-+"))
    # The mark of a list is no mark of slanted words.
    start = start if line[:start].strip() in ("", "-", "*", "+") and line[start - 1 : start] in ("", " ", "\t") else 0
    line = line[:start] + bare(line[start:])
    return line.replace("\n", " ") if line.startswith("|") else line
