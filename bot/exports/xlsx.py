"""A table for Excel and its like. Cells are text even where they look like formulas."""

from __future__ import annotations

import io
from typing import Any

from bot.checks.cells import is_formula
from bot.content import Content

from ._parts import table

LABEL = "Table (Excel)"
SIGN = "📊"
_WIDEST = 60


def fits(content: Content) -> bool:
    """It has entries that are alike."""
    return bool(table(content))


def export(title: str, content: Content) -> bytes:
    """One sheet with a heading row that stays in sight."""
    from openpyxl import Workbook, load_workbook
    from openpyxl.styles import Alignment, Font

    rows = table(content)
    book = Workbook()
    sheet = book.active
    sheet.title = "".join(sign for sign in title if sign not in "[]:*?/\\")[:31] or "Table"
    for row, cells in enumerate(rows, 1):
        for column, value in enumerate(cells, 1):
            cell = put(sheet, row, column, value)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=row == 1)
    for column, cells_below in zip(sheet.columns, zip(*rows, strict=True), strict=True):
        widest = max(len(str(cell)) for cell in cells_below)
        sheet.column_dimensions[column[0].column_letter].width = min(_WIDEST, widest + 2)
    sheet.freeze_panes = "A2"
    body = saved(book)
    read = load_workbook(io.BytesIO(body)).active
    assert [[cell if cell is not None else "" for cell in row] for row in read.iter_rows(values_only=True)] == rows
    assert all(cell.data_type != "f" for row in read.iter_rows() for cell in row)
    return body


def put(sheet: Any, row: int, column: int, value: str | int | float) -> Any:
    """Writes a cell; a text stays one, whatever it begins with."""
    cell = sheet.cell(row, column, value if value != "" else None)
    if isinstance(value, str) and value:
        cell.data_type = "s"
        cell.quotePrefix = is_formula(value)
    return cell


def saved(book: Any) -> bytes:
    """A workbook's bytes."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()
