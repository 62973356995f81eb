"""Detects the type of each column (number, date, category, key, text) and the format of its cells; converts cells to
arrays and back.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bot.errors import FileError

from .dates import format_date, is_date, list_date_formats, parse_date, remove_padding
from .numerals import Numeral, detect_numeral, has_leading_zero
from .people import collect_personal_shapes
from .personal_data import PersonalKind
from .shapes import collect_shapes
from .table import PersonalColumn, Table, is_missing

Array = NDArray[Any]
# Arrays by column: floats for numbers and dates (seconds), NaN if missing; otherwise strings, "" if missing.
Values = dict[str, Array]

MAX_CATEGORIES = 500
# Kinds of names that several people share.
_SHARED_NAME_KINDS = (PersonalKind.GIVEN, PersonalKind.FAMILY)
# A column about people is only categorical with at least this many rows per person on average: otherwise a model would
# learn about single people.
_MIN_ROWS_PER_PERSON = 10
_KEY_HEADING = re.compile(
    r"(^|[^a-z])(id|key|nr|no|number|nummer|code|uuid|guid|index|mrn)([^a-z]|$)|id$", re.IGNORECASE
)
# Headings of columns that identify the entity of a row, even if entities have several rows.
_ENTITY_HEADING = re.compile(r"(^|[^a-z])(id|key|uuid|guid|mrn)([^a-z]|$)|[a-z]I[Dd]$", re.IGNORECASE)
NAME_HEADING = re.compile(r"name|patient$|customer$|author", re.IGNORECASE)
# Maximum share of unparseable cells in a number or date column; they count as missing.
_MAX_STRAY_SHARE = 0.02
# Longer values are texts, not categories.
_MAX_CATEGORY_CHARACTERS = 200
# Numbers with more decimals than the second limit are not rounded: they get the shortest form that round-trips.
_MAX_DECIMALS, _MAX_ROUNDED_DECIMALS = 20, 12


class ColumnType(StrEnum):
    """The type of a column's values."""

    NUMBER = "number"
    DATE = "date"
    CATEGORY = "category"
    KEY = "key"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Column:
    """The properties of a column. `missing` is the share of missing cells; `low` and `high` bound the values;
    `decimals` is the maximum number of decimals, which all numbers have if `fixed`; `comma`, `group`, `before` and
    `after` are the format of numbers (`Numeral`), `form` is that of dates; `strays` counts cells that could not be
    parsed. The field names are keys of stored models.
    """

    name: str
    type: ColumnType
    missing: float = 0.0
    low: float = 0.0
    high: float = 0.0
    decimals: int = 0
    fixed: bool = False
    comma: bool = False
    group: str = ""
    before: str = ""
    after: str = ""
    form: str = ""
    categories: tuple[str, ...] = ()
    unique: bool = False
    # For keys and texts: the shapes of the cells (see `shapes.detect_shape`) with their counts.
    shapes: tuple[tuple[str, int], ...] = ()
    strays: int = 0
    # Personal data in the column, as in `table.PersonalColumn`.
    kind: str = ""
    slot: int = -1

    @property
    def is_numeric(self) -> bool:
        """Whether its values are floats: numbers, or dates in seconds."""
        return self.type in (ColumnType.NUMBER, ColumnType.DATE)

    @property
    def numeral(self) -> Numeral:
        """The format of its numbers."""
        return Numeral(self.comma, self.group, self.before, self.after)

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        data = asdict(self)
        data["sort"] = data.pop("type").value
        return data

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Column:
        """Rebuild a column from `to_json`."""
        properties = {name: value for name, value in data.items() if name != "sort"}
        properties |= {
            "type": ColumnType(data["sort"]),
            "categories": tuple(data["categories"]),
            "shapes": tuple((shape, int(count)) for shape, count in data["shapes"]),
        }
        return cls(**properties)


def detect_columns(table: Table, *, keys: Sequence[str] = ()) -> list[Column]:
    """Detect the type and format of each column; those named in `keys` are keys, even if their values repeat."""
    columns = list[Column]()
    for name, cells in table.columns.items():
        if name in table.personal_columns:
            columns.append(_build_personal_column(name, cells, table.personal_columns[name], is_key=name in keys))
        elif name in keys:
            columns.append(_build_key_column(name, cells))
        else:
            build_column = _build_kept_column if name in table.kept_columns else _detect_column
            columns.append(build_column(name, cells))
    return columns


def parse_values(table: Table, columns: Sequence[Column]) -> Values:
    """Parse a table's cells into arrays."""
    return {column.name: _parse_column(column, table.columns[column.name]) for column in columns}


def format_table(values: Values, columns: Sequence[Column]) -> Table:
    """Format values as cells, in the format of their columns."""
    return Table({column.name: _format_column(column, values[column.name]) for column in columns})


def _detect_column(name: str, cells: Sequence[str]) -> Column:
    counts = Counter(cell for cell in cells if not is_missing(cell))
    filled_count = sum(counts.values())
    missing = 1 - filled_count / max(len(cells), 1)
    if not filled_count:
        return Column(name, ColumnType.EMPTY, 1.0)
    distinct_count = len(counts)
    if (
        distinct_count > 20
        and _ENTITY_HEADING.search(name)
        and _are_codes(counts)
        and not any("." in cell for cell in counts)
    ):
        return _build_key_column(name, cells)
    if (number := _detect_number_column(name, counts, filled_count, missing)) is not None:
        has_unique_integers = not number.decimals and distinct_count == filled_count == len(cells)
        if has_unique_integers and filled_count >= 2 and (_KEY_HEADING.search(name) or _is_sequence(cells)):
            return _build_key_column(name, cells)
        return number
    if (date := _detect_date_column(name, counts, filled_count, missing)) is not None:
        return date
    if distinct_count == filled_count and filled_count >= 10:
        return _build_key_column(name, cells) if _are_codes(counts) else _build_text_column(name, cells, missing)
    if distinct_count > MAX_CATEGORIES * 4 or (
        distinct_count > 0.3 * filled_count and filled_count >= 20 and distinct_count > 10
    ):
        return _build_text_column(name, cells, missing)
    if max(map(len, counts)) > _MAX_CATEGORY_CHARACTERS:
        return _build_text_column(name, cells, missing)
    return _build_category_column(name, counts, missing)


def _build_personal_column(name: str, cells: Sequence[str], personal: PersonalColumn, *, is_key: bool) -> Column:
    """Describe a column with fictional people: a category if each person has many rows, else a key."""
    filled_cells = [cell for cell in cells if not is_missing(cell)]
    if not filled_cells:
        return Column(name, ColumnType.EMPTY, 1.0)
    counts, missing = Counter(filled_cells), 1 - len(filled_cells) / len(cells)
    if not is_key and len(counts) * _MIN_ROWS_PER_PERSON <= len(filled_cells) and len(counts) <= MAX_CATEGORIES:
        column = _build_category_column(name, counts, missing)
    else:
        shapes = collect_personal_shapes(filled_cells, personal.kind)
        column = Column(
            name,
            ColumnType.KEY,
            missing,
            shapes=shapes,
            unique=len(counts) == len(filled_cells) and personal.kind not in _SHARED_NAME_KINDS,
        )
    return replace(column, kind=personal.kind, slot=personal.slot)


def _build_kept_column(name: str, cells: Sequence[str]) -> Column:
    """Describe a column that keeps its real values: it is never a key or text, as these get new values."""
    counts = Counter(cell for cell in cells if not is_missing(cell))
    filled_count = sum(counts.values())
    missing = 1 - filled_count / max(len(cells), 1)
    if not filled_count:
        return Column(name, ColumnType.EMPTY, 1.0)
    return (
        _detect_number_column(name, counts, filled_count, missing)
        or _detect_date_column(name, counts, filled_count, missing)
        or _build_category_column(name, counts, missing)
    )


def _build_category_column(name: str, counts: Counter[str], missing: float) -> Column:
    categories = tuple(cell for cell, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    return Column(name, ColumnType.CATEGORY, missing, categories=categories[:MAX_CATEGORIES])


def _detect_number_column(name: str, counts: Counter[str], filled_count: int, missing: float) -> Column | None:
    if not any(character.isdigit() for cell in counts for character in cell):
        return None
    numeral = detect_numeral(counts)
    plain_numbers = {
        cell: plain for cell in counts if not has_leading_zero(cell) and (plain := numeral.parse(cell)) is not None
    }
    strays = filled_count - sum(counts[cell] for cell in plain_numbers)
    if not plain_numbers or strays > _MAX_STRAY_SHARE * filled_count:
        return None
    if not numeral.group and any("," in cell for cell in plain_numbers) and any("." in cell for cell in plain_numbers):
        return None
    numbers = np.array([float(plain) for plain in plain_numbers.values()])
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e100:
        return None
    decimal_counts = {_count_decimals(plain) for plain in plain_numbers.values()}
    return Column(
        name,
        ColumnType.NUMBER,
        missing + strays / filled_count * (1 - missing),
        float(numbers.min()),
        float(numbers.max()),
        decimals=min(max(decimal_counts), _MAX_DECIMALS),
        fixed=len(decimal_counts) == 1,
        comma=numeral.comma,
        group=numeral.group,
        before=numeral.before,
        after=numeral.after,
        strays=strays,
        unique=len(plain_numbers) == filled_count and filled_count > 1 and bool(_KEY_HEADING.search(name)),
    )


def _count_decimals(plain: str) -> int:
    mantissa, _, power = plain.lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(power or 0))


def _detect_date_column(name: str, counts: Counter[str], filled_count: int, missing: float) -> Column | None:
    cells = list(counts)
    if not any(character.isdigit() for character in cells[0]):
        return None
    for form in list_date_formats(cells[:20]):
        if sum(is_date(cell, form) for cell in cells[:20]) < min(len(cells), 20) * 0.9:
            continue
        seconds_by_cell = {cell: parse_date(cell, form) for cell in cells if is_date(cell, form)}
        strays = filled_count - sum(counts[cell] for cell in seconds_by_cell)
        if strays <= _MAX_STRAY_SHARE * filled_count:
            missing_share, seconds = missing + strays / filled_count * (1 - missing), seconds_by_cell.values()
            return Column(
                name,
                ColumnType.DATE,
                missing_share,
                min(seconds),
                max(seconds),
                form=remove_padding(form, seconds_by_cell),
                strays=strays,
            )
    return None


def _is_sequence(cells: Sequence[str]) -> bool:
    """Whether cells are consecutive integers, ascending or descending."""
    try:
        steps = {int(after) - int(before) for before, after in pairwise(cells)}
    except ValueError:
        return False
    return steps in ({1}, {-1})


def _are_codes(counts: Counter[str]) -> bool:
    """Whether nearly all distinct cells are short and have no spaces."""
    return sum(" " not in cell and len(cell) <= 64 for cell in counts) > 0.95 * len(counts)


def _build_key_column(name: str, cells: Sequence[str]) -> Column:
    filled_cells = [cell for cell in cells if not is_missing(cell)]
    unique = len(set(filled_cells)) == len(filled_cells)
    return Column(
        name, ColumnType.KEY, 1 - len(filled_cells) / len(cells), shapes=collect_shapes(filled_cells), unique=unique
    )


def _build_text_column(name: str, cells: Sequence[str], missing: float) -> Column:
    filled_cells = [cell for cell in cells if not is_missing(cell)]
    has_shapes = NAME_HEADING.search(name) or all(" " not in cell for cell in filled_cells)
    shapes = collect_shapes(filled_cells) if has_shapes else ()
    return Column(name, ColumnType.TEXT, missing, shapes=shapes, unique=len(set(filled_cells)) == len(filled_cells) > 1)


def _parse_column(column: Column, cells: Sequence[str]) -> Array:
    if not column.is_numeric:
        return np.array(["" if is_missing(cell) else cell for cell in cells], dtype=object)
    values: dict[str, float] = {}
    for cell in set(cells):
        values[cell] = float("nan")
        if column.type is ColumnType.NUMBER and (plain := column.numeral.parse(cell)) is not None:
            values[cell] = float(plain)
        elif column.type is ColumnType.DATE and is_date(cell, column.form):
            values[cell] = parse_date(cell, column.form)
    return np.array([values[cell] for cell in cells])


def _format_column(column: Column, values: Array) -> list[str]:
    if not column.is_numeric:
        return [str(value) for value in values]
    if column.type is ColumnType.DATE:
        return [format_date(value, column.form) for value in values]
    return [_format_number(value, column) for value in values]


def _format_number(value: float, column: Column) -> str:
    if np.isnan(value):
        return ""
    if column.decimals > _MAX_ROUNDED_DECIMALS:
        return column.numeral.format(str(np.format_float_positional(value, trim="-")))
    text = f"{value:.{column.decimals}f}"
    if column.decimals and not column.fixed:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    return column.numeral.format(text)


def count_rows(values: Values) -> int:
    """Return the number of rows; 0 without columns."""
    return len(next(iter(values.values()), []))


def find_missing(array: Array) -> Array:
    """Return a mask of the missing values of a column."""
    return np.asarray(array == "" if array.dtype == object else np.isnan(array))


def take_rows(values: Values, selection: Array) -> Values:
    """Return the selected rows; `selection` is a mask or an array of indices."""
    return {name: array[selection] for name, array in values.items()}


def round_values(column: Column, values: Array) -> Array:
    """Round values to the precision and bounds of their column."""
    if column.type is ColumnType.DATE:
        step = 1.0 if "%S" in column.form else 60.0 if "%M" in column.form else 86_400.0
        # Clip after rounding, which may leave the bounds.
        return np.clip(np.round(values / step) * step, column.low, column.high)
    rounded = values if column.decimals > _MAX_ROUNDED_DECIMALS else np.round(values, column.decimals)
    return np.clip(rounded, column.low, column.high)


def require_min_rows(table: Table, min_rows: int) -> None:
    """Require enough rows to learn from.

    Raises:
        FileError: the table has fewer rows than `min_rows`.
    """
    if table.row_count < min_rows:
        raise FileError(
            (
                "Rows in that table: {count}. I need at least {least} to learn from it. Describe the table in words "
                "instead."
            ),
            count=table.row_count,
            least=min_rows,
        )
