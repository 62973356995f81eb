"""The rows of a table that somebody made in a spreadsheet: headings, and below them cells as text. Read in a process of its own."""

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
# A .xlsx is a zip: what it says it unpacks to may be so large at most.
_MAX_UNPACKED = 128 * 1024 * 1024
# No sheet has more rows: one that says it stands far below is not waited for.
_LAST_ROW = 1_048_576
_DAMAGED = "That .{ending} file is damaged. Save the table again as .{ending}."
_UNCLOSED = (
    "A quotation mark in row {row} is not closed, so everything after it ends up in one cell. Close or remove it."
)
_Cells = list[str]


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a table may be. Where it is `cut`, a cell that is too long ends after one character more than fits."""

    rows: int = MAX_ROWS
    columns: int = MAX_COLUMNS
    cut: bool = False


_USUAL = Limits()


def rows_of_csv(text: str, limits: Limits = _USUAL) -> list[_Cells]:
    """The rows of a .csv, headings first; commas, semicolons, tabs or bars part its cells.

    Raises:
        FileError: it is damaged, or too large; or two headings are alike.
    """
    csv.field_size_limit(MAX_CELL * 100)
    _refuse_unclosed(text)
    try:
        return bounded(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text)), limits)
    except csv.Error as error:
        raise FileError(_DAMAGED, ending="csv") from error


def _refuse_unclosed(text: str) -> None:
    """Raises FileError where a quotation mark takes all that stands behind it into one cell."""
    if text.count('"') % 2 == 0:
        return
    reader, row = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True), 1
    try:
        for _ in reader:
            row += 1
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise FileError(_UNCLOSED, row=row) from error


def delimiter_of(text: str) -> str:
    """What parts the cells of a .csv, by its headings."""
    return max(",;\t|", key=text.lstrip().partition("\n")[0].count)


def rows_of_xlsx(body: bytes, limits: Limits = _USUAL) -> list[_Cells]:
    """The rows of the first sheet of a workbook that has any, headings first; of a formula the value that it had when it was saved.

    Raises:
        FileError: as `rows_of_csv`.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _MAX_UNPACKED:
            raise FileError(
                "That .xlsx unpacks to far more data than it should contain, so I did not open it. "
                "Save it again as a new file."
            )
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(body), read_only=True, data_only=True)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # What a sheet says of its own size may be wrong.
            cells = sheet.iter_rows(max_row=_LAST_ROW, values_only=True)
            if rows := bounded((map(_as_text, row) for row in cells), limits):
                return rows
    except FileError:
        raise
    except Exception as error:
        raise FileError(_DAMAGED, ending="xlsx") from error
    return []


def bounded(rows: Iterable[Iterable[str]], limits: Limits = _USUAL) -> list[_Cells]:
    """Rows that are not empty, each as long as the headings: the first of them.

    Raises:
        FileError: there are too many, a cell is too long, or two headings are alike.
    """
    found: list[_Cells] = []
    for row in _filled(rows):
        if not found:
            found.append(_headings(row, limits.columns))
            continue
        if len(found) > limits.rows:
            raise FileError("That table has more than {most:,} rows. Send it in parts.", most=limits.rows)
        if any(row[len(found[0]) :]):
            raise FileError(
                "Row {number} has more cells than there are headings. Give each column a heading, and put cells "
                'that contain a comma in quotes: "tea, hot and sweet".',
                number=len(found) + 1,
            )
        long = next((place for place, cell in enumerate(row) if len(cell) > MAX_CELL), None)
        if long is not None and not limits.cut:
            raise FileError(
                "Row {number}, column “{column}”: that cell has {count:,} characters; the limit is {most:,}. Shorten it.",
                number=len(found) + 1, column=found[0][long], count=len(row[long]), most=MAX_CELL,
            )  # fmt: skip
        found.append([*(cell[: MAX_CELL + 1] for cell in row), *[""] * len(found[0])][: len(found[0])])
    return found


def _filled(rows: Iterable[Iterable[str]]) -> Iterator[_Cells]:
    for row in rows:
        cells = [cell.strip() for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield cells


def _headings(row: Sequence[str], most: int) -> _Cells:
    if len(row) > most:
        raise FileError("That table has {count} columns; the maximum is {most}.", count=len(row), most=most)
    names = [" ".join(cell.split())[:100] or f"Column {number}" for number, cell in enumerate(row, 1)]
    folded = [name.casefold() for name in names]
    if twice := next((name for name in names if folded.count(name.casefold()) > 1), ""):
        raise FileError('Two columns are called "{name}". Rename one of them.', name=twice)
    return names


def _as_text(value: Any) -> str:
    """A cell as people read it: no ".0" behind whole numbers, no midnight behind days."""
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
