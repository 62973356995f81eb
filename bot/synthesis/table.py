"""Tables as they are brought and given: headings, and columns of cells as text."""

from __future__ import annotations

import csv
import datetime
import io
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.checks.cells import is_formula
from bot.documents.encodings import decoded
from bot.documents.sheets import Limits, delimiter_of, rows_of_csv, rows_of_xlsx
from bot.errors import FileError

from .numerals import is_number

ENDINGS = ("csv", "xlsx")
LIMITS = Limits(rows=200_000, columns=200)
MOST_BYTES = 50 * 1024 * 1024
# What is a number in a workbook too: no code with a zero before it, and no more digits before its point than are kept there.
_PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,20})?")
_CODE = re.compile(r"0\d+")
# What a workbook's dates are read as.
_DATE = re.compile(r"(19|2\d)\d\d-\d\d-\d\d( \d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its columns: for each name its cells, from the first row to the last.

    `delimiter` and `marked` say how its file is written: what parts cells, and whether it begins with the mark by which spreadsheets
    know UTF-8.
    """

    columns: dict[str, list[str]]
    delimiter: str = ","
    marked: bool = False

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values()), []))

    def without(self, names: Sequence[str]) -> Table:
        """The table without some of its columns.

        Raises:
            FileError: it has no such column, or no other ones.
        """
        left_out = {name_in(self.columns, name) for name in names}
        kept = {name: cells for name, cells in self.columns.items() if name not in left_out}
        if not kept:
            raise FileError("There are no columns left. Leave out fewer.")
        return replace(self, columns=kept)


def name_in(columns: Sequence[str] | dict[str, list[str]], name: str) -> str:
    """The heading that somebody means, whatever its case.

    Raises:
        FileError: there is none.
    """
    found = {one.casefold(): one for one in columns}.get(name.strip().casefold())
    if found is None:
        raise FileError(
            'There is no column called "{name}". The columns are: {columns}.',
            name=name.strip(),
            columns=list(columns)[:30],
        )
    return found


def read_table(name: str, body: bytes) -> Table:
    """The table of a .csv or .xlsx.

    Raises:
        FileError: it is neither, damaged or too large, or has no rows below its headings.
    """
    ending = name.rpartition(".")[2].casefold()
    if ending not in ENDINGS:
        raise FileError("I learn from .csv and .xlsx files.")
    if len(body) > MOST_BYTES:
        said = "That file is {size:.0f} MB; I can learn from at most {most} MB. Send only some of its rows."
        raise FileError(said, size=len(body) / 1024 / 1024, most=MOST_BYTES // 1024 // 1024)
    read = decoded(body) if ending == "csv" else None
    rows = rows_of_csv(read.text, LIMITS) if read else rows_of_xlsx(body, LIMITS)
    if not rows:
        raise FileError("That file is empty, so there is no table in it.")
    headings, *cells = rows
    if not cells:
        raise FileError("That table has column headings but no rows.")
    columns = {heading: list(column) for heading, column in zip(headings, zip(*cells, strict=True), strict=True)}
    if read is None:
        return Table(columns)
    # A file in an older encoding comes from a spreadsheet too.
    return Table(columns, delimiter_of(read.text), marked=bool(read.guessed) or body.startswith(BOM_UTF8))


def written(table: Table) -> bytes:
    """The table as .csv in UTF-8, its cells parted as they came. What a spreadsheet would take for a formula begins with an
    apostrophe.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=table.delimiter)
    writer.writerow([_harmless(name) for name in table.columns])
    writer.writerows(zip(*([_harmless(cell) for cell in cells] for cells in table.columns.values()), strict=True))
    return file.getvalue().encode("utf-8-sig" if table.marked else "utf-8")


def written_as_workbook(table: Table) -> bytes:
    """The table as .xlsx: numbers are numbers, dates dates, and no text is a formula."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Made up")

    def text(cell: str) -> object:
        found = WriteOnlyCell(sheet, cell)
        found.data_type, found.quotePrefix = "s", is_formula(cell)
        return found

    def date(cell: str) -> object:
        found = WriteOnlyCell(sheet, datetime.datetime.fromisoformat(cell))
        found.number_format = "yyyy-mm-dd hh:mm" if " " in cell else "yyyy-mm-dd"
        return found

    def number(cell: str) -> object:
        return (float(cell) if "." in cell else int(cell)) if _PLAIN.fullmatch(cell) else text(cell)

    def ways(cells: Sequence[str]) -> Callable[[str], object]:
        filled = [cell for cell in cells if cell]
        if all(map(_is_date, filled)):
            return date
        # Codes of which some have a zero before them are no numbers, the others neither.
        return text if any(map(_CODE.fullmatch, filled)) else number

    sheet.append([text(name) for name in table.columns])
    columns = [(ways(cells), cells) for cells in table.columns.values()]
    for at in range(table.rows):
        sheet.append([way(cells[at]) if cells[at] else None for way, cells in columns])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _is_date(cell: str) -> bool:
    try:
        return bool(_DATE.fullmatch(cell) and datetime.datetime.fromisoformat(cell))
    except ValueError:
        return False


def _harmless(cell: str) -> str:
    return f"'{cell}" if is_formula(cell) and not is_number(cell) else cell
