"""A table for Excel and similar programs. Cells are text even if they look like formulas."""

from __future__ import annotations

import io
from typing import Any

from bot.checks.cells import is_formula
from bot.content import Content

from ._parts import build_table

LABEL = "Table (Excel)"
SIGN = "📊"
_MAX_COLUMN_WIDTH = 60


def fits(content: Content) -> bool:
    """Whether it has uniform entries."""
    return bool(build_table(content))


def export(title: str, content: Content) -> bytes:
    """Return one sheet with a heading row that stays in sight."""
    from openpyxl import Workbook, load_workbook
    from openpyxl.styles import Alignment, Font

    rows = build_table(content)
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "Table"
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = write_cell(sheet, row, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    for column, cells_below in zip(sheet.columns, zip(*rows, strict=True), strict=True):
        widest = max(len(str(cell)) for cell in cells_below)
        sheet.column_dimensions[column[0].column_letter].width = min(_MAX_COLUMN_WIDTH, widest + 2)
    sheet.freeze_panes = "A2"
    body = save_workbook(book)
    read = load_workbook(io.BytesIO(body)).active
    assert [[cell if cell is not None else "" for cell in row] for row in read.iter_rows(values_only=True)] == rows
    assert all(cell.data_type != "f" for row in read.iter_rows() for cell in row)
    return body


def write_cell(sheet: Any, row: int, column: int, value: str | int | float) -> Any:
    """Write a cell; a text stays text, whatever it begins with."""
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
