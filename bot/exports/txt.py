"""Plain text: the content without the marks of Markdown."""

from __future__ import annotations

import re

from bot.content import Content

from ._blocks import open_spoilers, strip_marks

LABEL = "Plain text"
_BEFORE = re.compile(r"#{1,6} |(?:> ?)+")
_FENCES = ("```", "~~~")
# A possible mark within a line.
_INLINE_MARK = re.compile(r"[*_`\\\[~&<]")


def export(_title: str, content: Content) -> bytes:
    """Return only the text, ready to paste; UTF-8 with a byte order mark, which Windows' editors need to read other scripts."""
    text = to_plain_text(content.text)
    body = f"{text}\n".encode("utf-8-sig")
    assert body.decode("utf-8-sig").strip() == text
    return body


# The maximum number of characters of a line whose marks are removed: the slowest step takes quadratic time.
_MAX_LINE_CHARACTERS = 8_000


def to_plain_text(markdown: str) -> str:
    """Return the text without the marks of bold, italics, headings, quotes and links, spoilers and code fences; its lines
    stay.
    """
    lines, code = list[str](), ""
    for line in open_spoilers(markdown).split("\n"):
        mark = line.lstrip()[:3]
        # Nothing follows a closing fence.
        if mark in _FENCES and (not code or (mark == code and not line.strip().strip(mark))):
            code = "" if code else mark
            continue
        lines.append(line if code else _strip_line_marks(line))
    return "\n".join(lines).strip()


def _strip_line_marks(line: str) -> str:
    line = line[found.end() :] if (found := _BEFORE.match(line)) else line
    if len(line) > _MAX_LINE_CHARACTERS or not _INLINE_MARK.search(line):
        return line
    start = len(line) - len(line.lstrip(" \t*-+"))
    # A list's mark does not mark italics.
    start = start if line[:start].strip() in ("", "-", "*", "+") and line[start - 1 : start] in ("", " ", "\t") else 0
    line = line[:start] + strip_marks(line[start:])
    return line.replace("\n", " ") if line.startswith("|") else line
