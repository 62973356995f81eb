"""Word: headings, lists and bold as real styles."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.content import Content

from .txt import plain

LABEL = "Word"
_BOLD = re.compile(r"\*\*(.+?)\*\*")


def export(title: str, content: Content) -> bytes:
    """A .docx, opened again to see that it can be read."""
    from docx import Document

    document = Document()
    document.core_properties.title = title
    lines = content.text.replace("||", "").splitlines()
    if not lines or not lines[0].startswith("#"):
        document.add_heading(title, level=1)
    for line in lines:
        _add_line(document, line)
    file = io.BytesIO()
    document.save(file)
    body = file.getvalue()
    read = _words("\n".join(paragraph.text for paragraph in Document(io.BytesIO(body)).paragraphs))
    assert set(_words(plain(content.text))) <= set(read)
    return body


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _add_line(document: Any, line: str) -> None:
    text = line.strip()
    if not text or text.startswith("```"):
        return
    if heading := re.match(r"(#{1,3}) (.+)", text):
        document.add_heading(heading[2], level=min(len(heading[1]), 3))
        return
    style = None
    if text.startswith("- "):
        text, style = text[2:], "List Bullet"
    paragraph = document.add_paragraph(style=style)
    position = 0
    for bold in _BOLD.finditer(text):
        paragraph.add_run(text[position : bold.start()])
        paragraph.add_run(bold[1]).bold = True
        position = bold.end()
    paragraph.add_run(text[position:])
