"""Tables as they are brought and given: headings, and columns of cells as text."""

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

from bot.checks.cells import is_formula
from bot.documents.encodings import decode_text
from bot.documents.sheets import SheetLimits, find_delimiter, parse_csv, parse_xlsx
from bot.errors import FileError

from .numerals import is_number

ENDINGS = ("csv", "xlsx")
LIMITS = SheetLimits(rows=200_000, columns=200)
MAX_BYTES = 50 * 1024 * 1024
# What is a number in a workbook too: no code with a zero before it, and no more digits before its point than are kept there.
_PLAIN = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,20})?")
_CODE = re.compile(r"0\d+")
# What a workbook's dates are read as.
_DATE = re.compile(r"(19|2\d)\d\d-\d\d-\d\d( \d\d:\d\d)?")


@dataclass(frozen=True, slots=True)
class Personal:
    """What a column holds of people: a kind of `personal.py`, and which person of a row it is about; columns that are about the same
    one have the same `slot`, numbers and addresses none (-1).
    """

    kind: str
    slot: int = -1


@dataclass(frozen=True, slots=True)
class Table:
    """A table by its columns: for each name its cells, from the first row to the last.

    `delimiter` and `marked` say how its file is written: what parts cells, and whether it begins with the mark by which spreadsheets
    know UTF-8. `personal` columns hold made-up people in place of those who stood there, of whom `real` has marks that tell them from
    others; `kept` ones stand as they are because somebody said so.
    """

    columns: dict[str, list[str]]
    delimiter: str = ","
    marked: bool = False
    personal: dict[str, Personal] = field(default_factory=dict)
    real: frozenset[bytes] = frozenset()
    kept: tuple[str, ...] = ()

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


MISSING = frozenset({"", "na", "n/a", "nan", "null", "#n/a", "<na>"})


def is_missing(cell: str) -> bool:
    """Whether a cell says that there is nothing."""
    return cell.casefold() in MISSING


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
    if len(body) > MAX_BYTES:
        said = "That file is {size:.0f} MB; I can learn from at most {most} MB. Send only some of its rows."
        raise FileError(said, size=len(body) / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
    read = decode_text(body) if ending == "csv" else None
    rows = parse_csv(read.text, LIMITS) if read else parse_xlsx(body, LIMITS)
    if not rows:
        raise FileError("That file is empty, so there is no table in it.")
    headings, *cells = rows
    if not cells:
        raise FileError("That table has column headings but no rows.")
    columns = {heading: list(column) for heading, column in zip(headings, zip(*cells, strict=True), strict=True)}
    if read is None:
        return Table(columns)
    # A file in an older encoding comes from a spreadsheet too.
    return Table(columns, find_delimiter(read.text), marked=bool(read.guessed_encoding) or body.startswith(BOM_UTF8))


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

    def cell_of(value: Value) -> object:
        if isinstance(value, str):
            found = WriteOnlyCell(sheet, value)
            found.data_type, found.quotePrefix = "s", is_formula(value)
            return found
        if isinstance(value, datetime.datetime):
            found = WriteOnlyCell(sheet, value)
            found.number_format = "yyyy-mm-dd" if value.time() == datetime.time() else "yyyy-mm-dd hh:mm"
            return found
        return value

    sheet.append([cell_of(name) for name in table.columns])
    for row in zip(*(values_in(cells, mixed=True) for cells in table.columns.values()), strict=True):
        sheet.append([cell_of(value) for value in row])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def written_as_json(table: Table) -> bytes:
    """The table as a list of objects, a row each on a line: numbers, dates as ISO 8601, texts, and null for what is missing."""

    def plain(value: Value) -> object:
        if isinstance(value, datetime.datetime):
            return value.date().isoformat() if value.time() == datetime.time() else value.isoformat()
        return value

    columns = [[plain(value) for value in values_in(cells)] for cells in table.columns.values()]
    rows = (dict(zip(table.columns, row, strict=True)) for row in zip(*columns, strict=True))
    return ("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n").encode()


def written_as_parquet(table: Table) -> bytes:
    """The table as .parquet: numbers, timestamps and texts, with what is missing as null.

    Raises:
        FileError: the library that writes it is not there.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise FileError(_NO_PARQUET) from error
    arrays = {}
    for name, cells in table.columns.items():
        values = values_in(cells)
        whole = all(value is None or isinstance(value, int) for value in values)
        arrays[name] = pyarrow.array([float(one) if isinstance(one, int) and not whole else one for one in values])
    file = io.BytesIO()
    parquet.write_table(pyarrow.table(arrays), file)
    return file.getvalue()


_NO_PARQUET = (
    "To write .parquet I need the library pyarrow: install quillmate[parquet], or name a .csv, .xlsx or .json."
)
# What a table can be written as, by the ending of its file.
FORMS: Mapping[str, Callable[[Table], bytes]] = {
    ".csv": written, ".xlsx": written_as_workbook, ".json": written_as_json, ".parquet": written_as_parquet,
}  # fmt: skip
Value = int | float | str | datetime.datetime | None


def refuse_form(name: str) -> None:
    """Says why no table can be written to a file of that name; "-" is standard output, as .csv.

    Raises:
        FileError: its ending is unknown, or what writes it is not there.
    """
    ending = "." + name.rpartition(".")[2].casefold() if "." in name else ""
    if name != "-" and ending not in FORMS:
        raise FileError("{name} cannot be written: name a file that ends in {forms}.", name=name, forms=[*FORMS])
    if ending == ".parquet" and importlib.util.find_spec("pyarrow") is None:
        raise FileError(_NO_PARQUET)


def values_in(cells: Sequence[str], *, mixed: bool = False) -> list[Value]:
    """A column's cells as what they are: all of them dates, or numbers where they are written plainly, or texts; None where one
    is empty. Codes of which some have a zero before them are no numbers, the others neither. Numbers may be `mixed` with texts.
    """
    filled = [cell for cell in cells if cell]
    if filled and all(map(_is_date, filled)):
        return [datetime.datetime.fromisoformat(cell) if cell else None for cell in cells]
    plain = [bool(_PLAIN.fullmatch(cell)) for cell in cells]
    if any(map(_CODE.fullmatch, filled)) or not (
        mixed or all(is_plain or not cell for is_plain, cell in zip(plain, cells, strict=True))
    ):
        return [cell or None for cell in cells]
    return [
        (float(cell) if "." in cell else int(cell)) if is_plain else cell or None
        for is_plain, cell in zip(plain, cells, strict=True)
    ]


def _is_date(cell: str) -> bool:
    try:
        return bool(_DATE.fullmatch(cell) and datetime.datetime.fromisoformat(cell))
    except ValueError:
        return False


def _harmless(cell: str) -> str:
    return f"'{cell}" if is_formula(cell) and not is_number(cell) else cell
