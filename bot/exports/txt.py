"""Plain text: the content without the marks of Markdown."""

from __future__ import annotations

import re

from bot.content import Content

from ._blocks import without_slanting

LABEL = "Plain text"


def export(_title: str, content: Content) -> bytes:
    """The text alone, to be pasted; UTF-8 with a byte order mark, which Windows' editors need to read other scripts."""
    text = plain(content.text)
    body = f"{text}\n".encode("utf-8-sig")
    assert body.decode("utf-8-sig").strip() == text
    return body


def plain(markdown: str) -> str:
    """The text without marks of bold, slanted and headings, spoilers and code fences."""
    text = re.sub(r"^```\w*$\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"^#{1,3} ", "", text, flags=re.MULTILINE)
    return without_slanting(text.replace("**", "")).replace("||", "").strip()
