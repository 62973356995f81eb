"""Parse the rows of spreadsheets into cells of text, headings first. Runs in an isolated process."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import FileError

ENDINGS = ("csv", "xlsx")
MAX_ROWS, MAX_COLUMNS, MAX_CELL = 2_000, 40, 2_000
# The largest declared size of an unpacked .xlsx, which is a zip archive.
_MAX_UNPACKED_BYTES = 128 * 1024 * 1024
# The most rows that Excel has, so that a false row number in a file costs no time.
_MAX_SHEET_ROWS = 1_048_576
_DAMAGED = "That .{ending} file is damaged. Save the table again as .{ending}."
_UNCLOSED = (
    "A quotation mark in row {row} is not closed, so everything after it ends up in one cell. Close or remove it."
)
_Row = list[str]


@dataclass(frozen=True, slots=True)
class SheetLimits:
    """The largest size of a table. With `cut`, a cell that is too long is cut to one character more than the limit."""

    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS
    cut: bool = False


_DEFAULT_LIMITS = SheetLimits()


def parse_csv(text: str, limits: SheetLimits = _DEFAULT_LIMITS) -> list[_Row]:
    """Parse the rows of a .csv, headings first; the delimiter is a comma, semicolon, tab or bar.

    Raises:
        FileError: it is damaged or too large, or two headings are equal.
    """
    csv.field_size_limit(MAX_CELL * 100)
    _check_quotes(text)
    try:
        return limit_rows(csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text)), limits)
    except csv.Error as error:
        raise FileError(_DAMAGED, ending="csv") from error


def _check_quotes(text: str) -> None:
    """Raise FileError for an unclosed quotation mark, which would put the rest of the file into one cell."""
    if text.count('"') % 2 == 0:
        return
    reader, row = csv.reader(io.StringIO(text, newline=""), delimiter=find_delimiter(text), strict=True), 1
    try:
        for _ in reader:
            row += 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileError(_UNCLOSED, row=row) from error


def find_delimiter(text: str) -> str:
    """Return the delimiter of a .csv, judged by its headings."""
    return max(",;\t|", key=text.lstrip().partition("\n")[0].count)


def parse_xlsx(body: bytes, limits: SheetLimits = _DEFAULT_LIMITS) -> list[_Row]:
    """Parse the rows of the first non-empty sheet of a workbook, headings first; formulas have their saved values.

    Raises:
        FileError: as `parse_csv` does.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_UNPACKED_BYTES:
            raise FileError(
                "That .xlsx unpacks to far more data than it should contain, so I did not open it. "
                "Save it again as a new file."
            )
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # The declared dimensions may be wrong.
            cells = sheet.iter_rows(max_row=_MAX_SHEET_ROWS, values_only=True)
            if rows := limit_rows((map(_format_cell, row) for row in cells), limits):
                return rows
    except FileError:
        raise
    except Exception as error:  # openpyxl raises errors of many sorts on damaged files.
        raise FileError(_DAMAGED, ending="xlsx") from error
    return []


def limit_rows(rows: Iterable[Iterable[str]], limits: SheetLimits = _DEFAULT_LIMITS) -> list[_Row]:
    """Return the rows that are not empty, headings first, each padded to as many cells as there are headings.

    Raises:
        FileError: there are too many rows or columns, a row has more cells than there are headings, a cell is too long, or two
            headings are equal.
    """
    table: list[_Row] = []
    for row in _iter_filled_rows(rows):
        if not table:
            table.append(_parse_headings(row, limits.columns))
            continue
        if len(table) > limits.rows:
            raise FileError("That table has more than {most:,} rows. Send it in parts.", most=limits.rows)
        if any(row[len(table[0]) :]):
            raise FileError(
                "Row {number} has more cells than there are headings. Give each column a heading, and put cells "
                'that contain a comma in quotes: "tea, hot and sweet".',
                number=len(table) + 1,
            )
        long_cell = next((column for column, cell in enumerate(row) if len(cell) > MAX_CELL), None)
        if long_cell is not None and not limits.cut:
            raise FileError(
                "Row {number}, column “{column}”: that cell has {count:,} characters; the limit is {most:,}. Shorten it.",
                number=len(table) + 1,
                column=table[0][long_cell],
                count=len(row[long_cell]),
                most=MAX_CELL,
            )
        table.append([*(cell[: MAX_CELL + 1] for cell in row), *[""] * len(table[0])][: len(table[0])])
    return table


def _iter_filled_rows(rows: Iterable[Iterable[str]]) -> Iterator[_Row]:
    for row in rows:
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _parse_headings(row: Sequence[str], most: int) -> _Row:
    if len(row) > most:
        raise FileError("That table has {count} columns; the maximum is {most}.", count=len(row), most=most)
    names = [" ".join(cell.split())[:100] or f"Column {number}" for number, cell in enumerate(row, 1)]
    folded = [name.casefold() for name in names]
    if duplicate := next((name for name in names if folded.count(name.casefold()) > 1), ""):
        raise FileError('Two columns are called "{name}". Rename one of them.', name=duplicate)
    return names


def _format_cell(value: Any) -> str:
    """Format a cell as users read it: integers without ".0", days without midnight."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime.datetime():
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat(" ", "minutes")
        case _:
            return str(value)
