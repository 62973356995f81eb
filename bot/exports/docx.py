"""Word documents, with headings, lists and tables in Word's own styles; the answer key of a quiz begins a new page."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.content import Content

from ._blocks import TextBlock, parse_blocks, parse_runs, strip_marks
from ._paper import format_for_paper, is_answer_key, is_writing_line
from ._properties import set_core_properties
from .txt import to_plain_text

LABEL = "Word"
NAMES = ("Word", "docx")
_EMU_PER_MILLIMETRE = 36_000
# The space above a line to write on, and the indentation per list level.
_WRITING_SPACE, _INDENT = 6 * _EMU_PER_MILLIMETRE, 6 * _EMU_PER_MILLIMETRE
# Word has styles for bullets up to this list level.
_MAX_BULLET_LEVEL = 3
# A line that is entirely bold, such as a quiz's question, which stays with the options below it.
_BOLD_LINE = re.compile(r"\*\*[^*]+\*\*")
_CODE_FONT = "Courier New"


def export(title: str, content: Content) -> bytes:
    """Return a .docx with the title as its heading, unless the text begins with one."""
    from docx import Document

    document = Document()
    set_core_properties(document.core_properties, title)
    text = format_for_paper(content)
    blocks = parse_blocks(text)
    if not blocks or blocks[0].type != "heading":
        document.add_heading(title, level=1)
    for block in blocks:
        _add_block(document, block)
    file = io.BytesIO()
    document.save(file)
    body = file.getvalue()
    assert set(_split_words(to_plain_text(text))) <= set(_split_words(read(body)))
    return body


def read(body: bytes) -> str:
    """Return the text of a document, with that of its tables at the end."""
    from docx import Document

    document = Document(io.BytesIO(body))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def _split_words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


def _add_block(document: Any, block: TextBlock) -> None:
    match block.type:
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
            level = min(block.level, _MAX_BULLET_LEVEL)
            style = "List Bullet" if level < 2 else f"List Bullet {level}"
            _add_runs(document.add_paragraph(style=style), block.text)
        case _:
            paragraph = document.add_paragraph()
            _add_runs(paragraph, block.text)
            paragraph.paragraph_format.left_indent = _INDENT * (block.level - 1) if block.level > 1 else None
            if is_writing_line(block.text):
                paragraph.paragraph_format.space_before = _WRITING_SPACE
            paragraph.paragraph_format.keep_with_next = bool(_BOLD_LINE.fullmatch(block.text)) or None


def _add_table(document: Any, block: TextBlock) -> None:
    columns = max(map(len, block.rows))
    table = document.add_table(rows=0, cols=columns, style="Table Grid")
    for number, row in enumerate(block.rows):
        for cell, text in zip(table.add_row().cells, row, strict=False):
            _add_runs(cell.paragraphs[0], text, bold=number == 0)


def _add_runs(paragraph: Any, text: str, *, bold: bool = False) -> None:
    """Add a line with its formatting; None leaves a property to the paragraph's style."""
    for text_run in parse_runs(text):
        run = paragraph.add_run(text_run.text)
        run.bold = bold or text_run.bold or None
        run.italic = text_run.italic or None
        run.font.strike = text_run.strikethrough or None
