"""Word: headings, lists, tables and bold as real styles; the answer key of a quiz has a page of its own."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.content import Content

from ._blocks import Block, bare, blocks, runs
from ._paper import is_answer_key, is_writing_line, on_paper
from .txt import plain

LABEL = "Word"
# Room above a line for handwriting, in English Metric Units: 6 mm.
_PEN = 6 * 36_000
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")
# How far each list within a list stands in, in English Metric Units: 6 mm; and how many of them Word has bullets for.
_IN, _BULLETS = 6 * 36_000, 3
_CODE_FONT = "Courier New"


def export(title: str, content: Content) -> bytes:
    """A .docx, opened again to see that it can be read."""
    from docx import Document

    document = Document()
    document.core_properties.title = title
    parts = blocks(on_paper(content))
    if not parts or parts[0].sort != "heading":
        document.add_heading(title, level=1)
    for block in parts:
        _add(document, block)
    file = io.BytesIO()
    document.save(file)
    body = file.getvalue()
    assert set(_words(plain(content.text))) <= set(_words(read(body)))
    return body


def read(body: bytes) -> str:
    """The text of a document, that of its tables last."""
    from docx import Document

    document = Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _add(document: Any, block: Block) -> None:
    match block.sort:
        case "heading":
            is_key = is_answer_key(block.text)
            heading = document.add_heading(bare(block.text), level=2 if is_key else block.level)
            heading.paragraph_format.page_break_before = is_key or None
        case "table":
            _add_table(document, block)
        case "text" if is_answer_key(block.text):
            document.add_heading(bare(block.text), level=2).paragraph_format.page_break_before = True
        case "code":
            document.add_paragraph().add_run(block.text).font.name = _CODE_FONT
        case "bullet":
            deep = min(block.level, _BULLETS)
            _fill(document.add_paragraph(style="List Bullet" if deep < 2 else f"List Bullet {deep}"), block.text)
        case _:
            paragraph = document.add_paragraph()
            _fill(paragraph, block.text)
            paragraph.paragraph_format.left_indent = _IN * (block.level - 1) if block.level > 1 else None
            if is_writing_line(block.text):
                paragraph.paragraph_format.space_before = _PEN
            # A question stays with its options.
            paragraph.paragraph_format.keep_with_next = bool(_BOLD_LINE.fullmatch(block.text)) or None


def _add_table(document: Any, block: Block) -> None:
    columns = max(map(len, block.rows))
    table = document.add_table(rows=0, cols=columns, style="Table Grid")
    for number, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=False):
            _fill(cell.paragraphs[0], text, bold=not number)


def _fill(paragraph: Any, text: str, *, bold: bool = False) -> None:
    for one in runs(text):
        run = paragraph.add_run(one.text)
        run.bold, run.italic, run.font.strike = bold or one.bold or None, one.slanted or None, one.struck or None
