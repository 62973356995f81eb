"""A table for Excel and similar programs. Text that looks like a formula stays text."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.checks.cells import is_formula, remove_unwritable
from bot.content import Content

from ._parts import build_table

LABEL = "Table (Excel)"
NAMES = ("Excel", "xlsx")
SIGN = "📊"
# In characters.
_MAX_COLUMN_WIDTH = 60


def fits(content: Content) -> bool:
    """Whether a content can be written as a table."""
    return bool(build_table(content))


def export(title: str, content: Content) -> bytes:
    """Return a workbook of one sheet, whose heading row stays in sight."""
    from openpyxl import Workbook, load_workbook
    from openpyxl.styles import Alignment, Font

    rows = [
        [remove_unwritable(value) if isinstance(value, str) else value for value in row] for row in build_table(content)
    ]
    book = Workbook()
    sheet = book.active
    sheet.title = re.sub(r"[\[\]:*?/\\]", "", title)[:31] or "Table"
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = write_cell(sheet, row, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    for column, values in zip(sheet.columns, zip(*rows, strict=True), strict=True):
        longest = max(len(str(value)) for value in values)
        sheet.column_dimensions[column[0].column_letter].width = min(_MAX_COLUMN_WIDTH, longest + 2)
    sheet.freeze_panes = "A2"
    body = save_workbook(book)
    written = load_workbook(io.BytesIO(body)).active
    assert [["" if value is None else value for value in row] for row in written.iter_rows(values_only=True)] == rows
    assert all(cell.data_type != "f" for row in written.iter_rows() for cell in row)
    return body


def write_cell(sheet: Any, row: int, column: int, value: str | int | float) -> Any:
    """Write a cell and return it; text stays text even if it looks like a formula, and loses what no workbook can hold."""
    value = remove_unwritable(value) if isinstance(value, str) else value
    cell = sheet.cell(row, column, value if value != "" else None)
    if isinstance(value, str) and value:
        cell.data_type = "s"
        cell.quotePrefix = is_formula(value)
    return cell


def save_workbook(book: Any) -> bytes:
    """Return a workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
