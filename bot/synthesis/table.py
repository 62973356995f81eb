"""Tables of text cells: reads .csv and .xlsx, and renders .csv, .xlsx, .json and .parquet."""

from __future__ import annotations

import csv
import datetime
import importlib.util
import io
import json
import re
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.checks.cells import is_formula, remove_unwritable
from bot.documents.encodings import decode_text
from bot.documents.sheets import SheetLimits, find_delimiter, parse_csv, parse_xlsx
from bot.errors import FileError

from .numerals import is_number

EXTENSIONS = ("csv", "xlsx")
LIMITS = SheetLimits(rows=200_000, columns=200)
MAX_BYTES = 50 * 1024 * 1024
# Numbers that a workbook stores unchanged: no leading zero, and no more integer digits than its precision.
_PLAIN_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,20})?")
_ZERO_CODE = re.compile(r"0\d+")
# The format that `parse_xlsx` gives to dates.
_WORKBOOK_DATE = re.compile(r"(19|2\d)\d\d-\d\d-\d\d( \d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """A column with personal data: its `PersonalKind`, and the number of the person in a row that it is about. Columns
    about the same person have the same `slot`; numbers and addresses have none (-1).
    """

    kind: str
    slot: int = -1


@dataclass(frozen=True, slots=True)
class Table:
    """A table by column: the cells of each heading, from the first row to the last. `delimiter` and `has_bom` describe
    its file: the separator of cells, and whether it begins with a byte order mark, by which spreadsheets recognise
    UTF-8. `personal_columns` hold fictional people instead of real ones, of whom `real_fingerprints` are hashes;
    `kept_columns` keep their real values because a user asked for it.
    """

    columns: dict[str, list[str]]
    delimiter: str = ","
    has_bom: bool = False
    personal_columns: dict[str, PersonalColumn] = field(default_factory=dict)
    real_fingerprints: frozenset[bytes] = frozenset()
    kept_columns: tuple[str, ...] = ()

    @property
    def row_count(self) -> int:
        """The number of rows."""
        return len(next(iter(self.columns.values()), []))

    def drop_columns(self, names: Sequence[str]) -> Table:
        """Return the table without some of its columns.

        Raises:
            FileError: the table has no such column, or no other columns.
        """
        excluded_headings = {find_heading(self.columns, name) for name in names}
        columns = {name: cells for name, cells in self.columns.items() if name not in excluded_headings}
        if not columns:
            raise FileError("There are no columns left. Leave out fewer.")
        return replace(self, columns=columns)


MISSING_CELLS = frozenset({"", "na", "n/a", "nan", "null", "#n/a", "<na>"})


def is_missing(cell: str) -> bool:
    """Whether a cell represents a missing value."""
    return cell.casefold() in MISSING_CELLS


def find_heading(columns: Sequence[str] | dict[str, list[str]], name: str) -> str:
    """Find a heading case-insensitively.

    Raises:
        FileError: there is no such column.
    """
    match = {heading.casefold(): heading for heading in columns}.get(name.strip().casefold())
    if match is None:
        raise FileError(
            'There is no column called "{name}". The columns are: {columns}.',
            name=name.strip(),
            columns=list(columns)[:30],
        )
    return match


def read_table(name: str, body: bytes) -> Table:
    """Read a .csv or .xlsx file.

    Raises:
        FileError: the file has another format, is damaged or too large, or has no rows below its headings.
    """
    extension = name.rpartition(".")[2].casefold()
    if extension not in EXTENSIONS:
        raise FileError("I learn from .csv and .xlsx files.")
    if len(body) > MAX_BYTES:
        template = "That file is {size:.0f} MB; I can learn from at most {most} MB. Send only some of its rows."
        raise FileError(template, size=len(body) / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
    decoded = decode_text(body) if extension == "csv" else None
    rows = parse_csv(decoded.text, LIMITS) if decoded else parse_xlsx(body, LIMITS)
    if not rows:
        raise FileError("That file is empty, so there is no table in it.")
    headings, *rows_of_cells = rows
    if not rows_of_cells:
        raise FileError("That table has column headings but no rows.")
    columns = {
        heading: list(column) for heading, column in zip(headings, zip(*rows_of_cells, strict=True), strict=True)
    }
    if decoded is None:
        return Table(columns)
    # A file in a legacy encoding comes from a spreadsheet program, which needs the byte order mark.
    return Table(
        columns, find_delimiter(decoded.text), has_bom=bool(decoded.guessed_encoding) or body.startswith(BOM_UTF8)
    )


def render_csv(table: Table) -> bytes:
    """Render a table as .csv in UTF-8, with its own delimiter. Cells that a spreadsheet program would execute as a
    formula get an apostrophe in front.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=table.delimiter)
    writer.writerow([_escape_formula(name) for name in table.columns])
    writer.writerows(zip(*([_escape_formula(cell) for cell in cells] for cells in table.columns.values()), strict=True))
    return file.getvalue().encode("utf-8-sig" if table.has_bom else "utf-8")


def render_xlsx(table: Table) -> bytes:
    """Render a table as .xlsx with typed numbers and dates; texts are never formulas, and lose the characters that no workbook
    can hold.
    """
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Made up")

    def build_cell(value: CellValue) -> object:
        if isinstance(value, str):
            cell = WriteOnlyCell(sheet, remove_unwritable(value))
            cell.data_type, cell.quotePrefix = "s", is_formula(value)
            return cell
        if isinstance(value, datetime.datetime):
            cell = WriteOnlyCell(sheet, value)
            cell.number_format = "yyyy-mm-dd" if value.time() == datetime.time() else "yyyy-mm-dd hh:mm"
            return cell
        return value

    sheet.append([build_cell(name) for name in table.columns])
    for row in zip(*(parse_cells(cells, allow_mixed=True) for cells in table.columns.values()), strict=True):
        sheet.append([build_cell(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def render_json(table: Table) -> bytes:
    """Render a table as a list of objects, one row a line: numbers, dates as ISO 8601, texts, and null for missing
    values.
    """

    def to_plain_value(value: CellValue) -> object:
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
        return value

    columns = [[to_plain_value(value) for value in parse_cells(cells)] for cells in table.columns.values()]
    rows = (dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True))
    return ("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n").encode()


def render_parquet(table: Table) -> bytes:
    """Render a table as .parquet: numbers, timestamps and texts, with null for missing values.

    Raises:
        FileError: pyarrow is not installed.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise FileError(_NO_PARQUET) from error
    arrays = {}
    for name, cells in table.columns.items():
        values = parse_cells(cells)
        are_all_integers = all(value is None or isinstance(value, int) for value in values)
        arrays[name] = pyarrow.array(
            [float(value) if isinstance(value, int) and not are_all_integers else value for value in values]
        )
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays), file)
    return file.getvalue()


_NO_PARQUET = (
    "To write .parquet I need the library pyarrow: install quillmate[parquet], or name a .csv, .xlsx or .json."
)
# Renderers by file extension.
RENDERERS: Mapping[str, Callable[[Table], bytes]] = {
    ".csv": render_csv,
    ".xlsx": render_xlsx,
    ".json": render_json,
    ".parquet": render_parquet,
}
CellValue = int | float | str | datetime.datetime | None


def refuse_format(name: str) -> None:
    """Check that a table can be written to a file of this name; "-" is standard output, as .csv.

    Raises:
        FileError: the extension is unknown, or the library for it is not installed.
    """
    extension = "." + name.rpartition(".")[2].casefold() if "." in name else ""
    if name != "-" and extension not in RENDERERS:
        raise FileError("{name} cannot be written: name a file that ends in {forms}.", name=name, forms=[*RENDERERS])
    if extension == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise FileError(_NO_PARQUET)


def parse_cells(cells: Sequence[str], *, allow_mixed: bool = False) -> list[CellValue]:
    """Parse a column's cells: as dates if all are dates, as numbers if all are plain numbers, else as texts; None if
    empty. If some cells have a leading zero, all are codes and stay texts. With `allow_mixed`, numbers among texts are
    parsed, too.
    """
    filled = [cell for cell in cells if cell]
    if filled and all(map(_is_date, filled)):
        return [datetime.datetime.fromisoformat(cell) if cell else None for cell in cells]
    is_plain_number = [bool(_PLAIN_NUMBER.fullmatch(cell)) for cell in cells]
    if any(map(_ZERO_CODE.fullmatch, filled)) or not (
        allow_mixed or all(is_plain or not cell for is_plain, cell in zip(is_plain_number, cells, strict=True))
    ):
        return [cell or None for cell in cells]
    return [
        (float(cell) if "." in cell else int(cell)) if is_plain else cell or None
        for is_plain, cell in zip(is_plain_number, cells, strict=True)
    ]


def _is_date(cell: str) -> bool:
    try:
        return bool(_WORKBOOK_DATE.fullmatch(cell) and datetime.datetime.fromisoformat(cell))
    except ValueError:
        return False


def _escape_formula(cell: str) -> str:
    return f"'{cell}" if is_formula(cell) and not is_number(cell) else cell
