"""Word: headings, lists, tables and bold as real styles; the answer key of a quiz has a page of its own."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.content import Content

from ._blocks import TextBlock, parse_blocks, parse_runs, strip_marks
from ._paper import format_for_paper, is_answer_key, is_writing_line
from .txt import to_plain_text

LABEL = "Word"
# Room above a line for handwriting, in English Metric Units: 6 mm.
_PEN = 6 * 36_000
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")
# Indentation per list level, in English Metric Units: 6 mm; and the number of levels Word has bullets for.
_INDENT, _BULLETS = 6 * 36_000, 3
_CODE_FONT = "Courier New"


def export(title: str, content: Content) -> bytes:
    """Return a .docx, opened again to verify that it can be read."""
    from docx import Document

    document = Document()
    document.core_properties.title = title
    parts = parse_blocks(format_for_paper(content))
    if not parts or parts[0].sort != "heading":
        document.add_heading(title, level=1)
    for block in parts:
        _add_block(document, block)
    file = io.BytesIO()
    document.save(file)
    body = file.getvalue()
    assert set(_split_words(to_plain_text(content.text))) <= set(_split_words(read(body)))
    return body


def read(body: bytes) -> str:
    """Return the text of a document, that of its tables last."""
    from docx import Document

    document = Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _split_words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _add_block(document: Any, block: TextBlock) -> None:
    match block.sort:
        case "heading":
            is_key = is_answer_key(block.text)
            heading = document.add_heading(strip_marks(block.text), level=2 if is_key else block.level)
            heading.paragraph_format.page_break_before = is_key or None
        case "table":
            _add_table(document, block)
        case "text" if is_answer_key(block.text):
            document.add_heading(strip_marks(block.text), level=2).paragraph_format.page_break_before = True
        case "code":
            document.add_paragraph().add_run(block.text).font.name = _CODE_FONT
        case "bullet":
            deep = min(block.level, _BULLETS)
            _fill_paragraph(
                document.add_paragraph(style="List Bullet" if deep < 2 else f"List Bullet {deep}"), block.text
            )
        case _:
            paragraph = document.add_paragraph()
            _fill_paragraph(paragraph, block.text)
            paragraph.paragraph_format.left_indent = _INDENT * (block.level - 1) if block.level > 1 else None
            if is_writing_line(block.text):
                paragraph.paragraph_format.space_before = _PEN
            # A question stays with its options.
            paragraph.paragraph_format.keep_with_next = bool(_BOLD_LINE.fullmatch(block.text)) or None


def _add_table(document: Any, block: TextBlock) -> None:
    columns = max(map(len, block.rows))
    table = document.add_table(rows=0, cols=columns, style="Table Grid")
    for number, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=False):
            _fill_paragraph(cell.paragraphs[0], text, bold=not number)


def _fill_paragraph(paragraph: Any, text: str, *, bold: bool = False) -> None:
    for one in parse_runs(text):
        run = paragraph.add_run(one.text)
        run.bold, run.italic, run.font.strike = bold or one.bold or None, one.slanted or None, one.struck or None
