"""What each column of a table holds, found from its cells: numbers, dates, categories, keys, texts; and how such cells
are written.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import islice, pairwise
from typing import Any, Literal

import numpy as np
from babel.dates import get_month_names
from numpy.typing import NDArray

from bot.errors import FileError

from .numerals import Numeral, is_coded, numeral_of
from .people import shapes_of_personal
from .personal import Kind
from .shapes import shapes_of
from .table import Personal, Table, is_missing

Array = NDArray[Any]
# A column as it is reckoned with: floats for numbers and dates (seconds), NaN where a cell is missing; else texts, "" where missing.
Values = dict[str, Array]

MAX_CATEGORIES = 500
# Names that many people have.
_SHORT = (Kind.GIVEN, Kind.FAMILY)
# Somebody who has fewer rows is not told apart from others: nothing is learnt of them alone.
_ROWS_OF_ONE = 10
_KEYED = re.compile(r"(^|[^a-z])(id|key|nr|no|number|nummer|code|uuid|guid|index|mrn)([^a-z]|$)|id$", re.IGNORECASE)
# What names whoever a row is about, also where they have several rows.
_REPEATED = re.compile(r"(^|[^a-z])(id|key|uuid|guid|mrn)([^a-z]|$)|[a-z]I[Dd]$", re.IGNORECASE)
NAMED = re.compile(r"name|patient$|customer$|author", re.IGNORECASE)
_DAYS = ("%Y-%m-%d", "%d.%m.%Y", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d", "%d.%m.%y")
_IN_WORDS = (
    "%b %d %Y", "%B %d %Y", "%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%d. %b %Y", "%d. %B %Y", "%d de %B de %Y",
)  # fmt: skip
_TIMES = (
    "",
    " %H:%M",
    " %H:%M:%S",
    "T%H:%M:%S",
    "T%H:%M",
    " %H:%M:%S.%f",
    "T%H:%M:%S.%f",
    "T%H:%M:%SZ",
    " %I:%M %p",
    " %I:%M:%S %p",
)
FORMATS = tuple(day + time for day in _DAYS for time in _TIMES)
# Those with a month in words, in English or behind the language that it is in.
WORDED = tuple(day + time for day in _IN_WORDS for time in _TIMES)
_MONTHS_IN = ("de", "es", "fr", "pt", "it", "nl", "pl", "tr", "ru")
_LETTERS = re.compile(r"[^\W\d_]{3,}\.?")
# Dates that tell how a column writes them.
_MAX_WRITTEN = 200
# Cells that are none of a column's numbers or dates: so many of a hundred are taken as missing.
_STRAY = 0.02
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_EPOCH = datetime.datetime(1970, 1, 1)
# The days between which dates are written as they are read.
FIRST_DAY, LAST_DAY = (
    (datetime.datetime(year, month, month) - _EPOCH).total_seconds() for year, month in ((1000, 1), (9999, 12))
)
# A category is a word or a few; what has more letters is a text.
_MAX_LETTERS = 200
# Numbers with more decimals than the second are written as shortly as gives the same number again.
_MAX_DECIMALS, _MAX_ROUNDED = 20, 12


class Sort(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    DATE = "date"
    CATEGORY = "category"
    KEY = "key"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Column:
    """What is known of a column. `low` and `high` bound it; `decimals`, `comma`, `group`, `before` and `after` say how its
    numbers are written.
    """

    name: str
    sort: Sort
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
    # Where a key or text is made anew: shapes of its cells, as `shapes.shape_of` gives them, with how often each is seen.
    shapes: tuple[tuple[str, int], ...] = ()
    strays: int = 0
    # What it holds of people, as in `table.Personal`.
    kind: str = ""
    slot: int = -1

    @property
    def measured(self) -> bool:
        """Whether its values are numbers, those of dates too."""
        return self.sort in (Sort.NUMBER, Sort.DATE)

    @property
    def numeral(self) -> Numeral:
        """How its numbers are written."""
        return Numeral(self.comma, self.group, self.before, self.after)

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self) | {"sort": self.sort.value}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Column:
        """The column that `to_json` gave."""
        lists = {"categories": tuple(data["categories"]), "shapes": tuple((a, int(b)) for a, b in data["shapes"])}
        return cls(**{**data, "sort": Sort(data["sort"]), **lists})


def columns_of(table: Table, *, keys: Sequence[str] = ()) -> list[Column]:
    """What each column holds; those named in `keys` are keys, however often a value comes."""
    found = list[Column]()
    for name, cells in table.columns.items():
        if name in table.personal:
            found.append(_personal(name, cells, table.personal[name], keyed=name in keys))
        elif name in keys:
            found.append(_keyed(name, cells))
        else:
            found.append(_kept(name, cells) if name in table.kept else _column(name, cells))
    return found


def values_of(table: Table, columns: Sequence[Column]) -> Values:
    """A table's cells as they are reckoned with."""
    return {one.name: _parsed(one, table.columns[one.name]) for one in columns}


def table_of(values: Values, columns: Sequence[Column]) -> Table:
    """Values as cells, each written as its column is."""
    return Table({one.name: _written(one, values[one.name]) for one in columns})


def seconds(cell: str, form: str) -> float:
    """A date as seconds since 1970.

    Raises:
        ValueError: it is none of that form.
    """
    return (_read(cell, form) - _EPOCH).total_seconds()


def _read(cell: str, form: str) -> datetime.datetime:
    language, _, plain = form.rpartition("|")
    if language:
        months = _months(language)
        cell = _LETTERS.sub(lambda hit: months.get(hit[0].casefold().rstrip("."), hit[0]), cell)
    return datetime.datetime.strptime(cell, plain.replace("%-", "%"))


_WIDTHS: tuple[tuple[Literal["abbreviated", "wide"], int], ...] = (("abbreviated", 3), ("wide", 99))
_CONTEXTS: tuple[Literal["format", "stand-alone"], ...] = ("format", "stand-alone")


@cache
def _months(language: str) -> dict[str, str]:
    """What months are called in a language, folded, with what they are in English: short where they are."""
    return {
        name.casefold().rstrip("."): _MONTHS[number - 1][:length]
        for width, length in _WIDTHS
        for context in _CONTEXTS
        for number, name in get_month_names(width, context, language).items()
    }


def _column(name: str, cells: Sequence[str]) -> Column:
    counts = Counter(cell for cell in cells if not is_missing(cell))
    filled = sum(counts.values())
    missing = 1 - filled / max(len(cells), 1)
    if not filled:
        return Column(name, Sort.EMPTY, 1.0)
    different = len(counts)
    if different > 20 and _REPEATED.search(name) and _is_code(counts) and not any("." in cell for cell in counts):
        return _keyed(name, cells)
    if (number := _number(name, counts, filled, missing)) is not None:
        whole = not number.decimals and different == filled == len(cells)
        if whole and filled >= 2 and (_KEYED.search(name) or _counts_up(cells)):
            return _keyed(name, cells)
        return number
    if (date := _date(name, counts, filled, missing)) is not None:
        return date
    if different == filled and filled >= 10:
        return _keyed(name, cells) if _is_code(counts) else _texts(name, cells, missing)
    if different > MAX_CATEGORIES * 4 or (different > 0.3 * filled and filled >= 20 and different > 10):
        return _texts(name, cells, missing)
    if max(map(len, counts)) > _MAX_LETTERS:
        return _texts(name, cells, missing)
    return _categories(name, counts, missing)


def _personal(name: str, cells: Sequence[str], about: Personal, *, keyed: bool) -> Column:
    """A column of made-up people: those who come in many rows each are categories, others are made anew for each row."""
    filled = [cell for cell in cells if not is_missing(cell)]
    if not filled:
        return Column(name, Sort.EMPTY, 1.0)
    counts, missing = Counter(filled), 1 - len(filled) / len(cells)
    if not keyed and len(counts) * _ROWS_OF_ONE <= len(filled) and len(counts) <= MAX_CATEGORIES:
        column = _categories(name, counts, missing)
    else:
        shapes = shapes_of_personal(filled, about.kind)
        column = Column(
            name, Sort.KEY, missing, shapes=shapes, unique=len(counts) == len(filled) and about.kind not in _SHORT
        )
    return replace(column, kind=about.kind, slot=about.slot)


def _kept(name: str, cells: Sequence[str]) -> Column:
    """A column whose own values are to come again."""
    counts = Counter(cell for cell in cells if not is_missing(cell))
    filled = sum(counts.values())
    missing = 1 - filled / max(len(cells), 1)
    if not filled:
        return Column(name, Sort.EMPTY, 1.0)
    return (
        _number(name, counts, filled, missing)
        or _date(name, counts, filled, missing)
        or _categories(name, counts, missing)
    )


def _categories(name: str, counts: Counter[str], missing: float) -> Column:
    ordered = tuple(cell for cell, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0])))
    return Column(name, Sort.CATEGORY, missing, categories=ordered[:MAX_CATEGORIES])


def _number(name: str, counts: Counter[str], filled: int, missing: float) -> Column | None:
    if not any(mark.isdigit() for cell in counts for mark in cell):
        return None
    numeral = numeral_of(counts)
    found = {
        cell: plain for cell in counts if not is_coded(cell) and (plain := numeral.plain(cell)) is not None
    }  # fmt: skip
    strays = filled - sum(counts[cell] for cell in found)
    if not found or strays > _STRAY * filled:
        return None
    if not numeral.group and any("," in cell for cell in found) and any("." in cell for cell in found):
        return None
    numbers = np.array([float(plain) for plain in found.values()])
    if not np.isfinite(numbers).all() or np.abs(numbers).max() > 1e100:
        return None
    places = {_decimals(plain) for plain in found.values()}
    return Column(
        name, Sort.NUMBER, missing + strays / filled * (1 - missing), float(numbers.min()), float(numbers.max()),
        decimals=min(max(places), _MAX_DECIMALS), fixed=len(places) == 1, comma=numeral.comma, group=numeral.group,
        before=numeral.before, after=numeral.after, strays=strays,
        unique=len(found) == filled and filled > 1 and bool(_KEYED.search(name)),
    )  # fmt: skip


def _decimals(plain: str) -> int:
    mantissa, _, power = plain.lower().partition("e")
    return max(0, len(mantissa.partition(".")[2]) - int(power or 0))


def _date(name: str, counts: Counter[str], filled: int, missing: float) -> Column | None:
    cells = list(counts)
    if not any(mark.isdigit() for mark in cells[0]):
        return None
    for form in _forms(cells[:20]):
        if sum(_reads(cell, form) for cell in cells[:20]) < min(len(cells), 20) * 0.9:
            continue
        found = {cell: seconds(cell, form) for cell in cells if _reads(cell, form)}
        strays = filled - sum(counts[cell] for cell in found)
        if strays <= _STRAY * filled:
            share, when = missing + strays / filled * (1 - missing), found.values()
            return Column(name, Sort.DATE, share, min(when), max(when), form=_unpadded(form, found), strays=strays)
    return None


def _forms(cells: Sequence[str]) -> Iterable[str]:
    """The forms that dates such as these may have."""
    words = {word.casefold().rstrip(".") for cell in cells for word in _LETTERS.findall(cell)}
    yield from FORMATS
    if words:
        yield from WORDED
        for language in _MONTHS_IN:
            if words.intersection(_months(language)):
                yield from (f"{language}|{form}" for form in WORDED)


def _unpadded(form: str, cells: Iterable[str]) -> str:
    """The form with days, months and hours without the zero before them, where they have none."""
    some = [(cell, seconds(cell, form)) for cell in islice(cells, _MAX_WRITTEN)]
    forms = [form]
    for part in ("%d", "%m", "%I"):
        forms += [one.replace(part, f"%-{part[1]}") for one in forms if part in one]
    return max(forms, key=lambda one: sum(_as_date(value, one) == cell for cell, value in some))


def _reads(cell: str, form: str) -> bool:
    try:
        when = _read(cell, form)
    except ValueError:
        return False
    form = form.rpartition("|")[2]
    return when.year >= 1000 and (form[:2] != "%Y" or len(form) > 6 or 1900 <= when.year <= 2100)


def _counts_up(cells: Sequence[str]) -> bool:
    try:
        steps = {int(after) - int(before) for before, after in pairwise(cells)}
    except ValueError:
        return False
    return steps in ({1}, {-1})


def _is_code(counts: Counter[str]) -> bool:
    return sum(" " not in cell and len(cell) <= 64 for cell in counts) > 0.95 * len(counts)


def _keyed(name: str, cells: Sequence[str]) -> Column:
    filled = [cell for cell in cells if not is_missing(cell)]
    unique = len(set(filled)) == len(filled)
    return Column(name, Sort.KEY, 1 - len(filled) / len(cells), shapes=shapes_of(filled), unique=unique)


def _texts(name: str, cells: Sequence[str], missing: float) -> Column:
    filled = [cell for cell in cells if not is_missing(cell)]
    shaped = NAMED.search(name) or all(" " not in cell for cell in filled)
    shapes = shapes_of(filled) if shaped else ()
    return Column(name, Sort.TEXT, missing, shapes=shapes, unique=len(set(filled)) == len(filled) > 1)


def _parsed(column: Column, cells: Sequence[str]) -> Array:
    if not column.measured:
        return np.array(["" if is_missing(cell) else cell for cell in cells], dtype=object)
    known: dict[str, float] = {}
    for cell in set(cells):
        known[cell] = float("nan")
        if column.sort is Sort.NUMBER and (plain := column.numeral.plain(cell)) is not None:
            known[cell] = float(plain)
        elif column.sort is Sort.DATE and _reads(cell, column.form):
            known[cell] = seconds(cell, column.form)
    return np.array([known[cell] for cell in cells])


def _written(column: Column, values: Array) -> list[str]:
    if not column.measured:
        return [str(value) for value in values]
    if column.sort is Sort.DATE:
        return [_as_date(value, column.form) for value in values]
    return [_as_number(value, column) for value in values]


def _as_date(value: float, form: str) -> str:
    if np.isnan(value):
        return ""
    when = _EPOCH + datetime.timedelta(seconds=float(value))
    language, _, plain = form.rpartition("|")
    # Neither strftime's months nor its days without zeros are the same on every machine.
    bare = {"%-d": when.day, "%-m": when.month, "%-I": when.hour % 12 or 12, "%p": "AM" if when.hour < 12 else "PM"}
    names = [name[:length] for name, length in ((_MONTHS[when.month - 1], 3), (_MONTHS[when.month - 1], 99))]
    if language:
        names = [get_month_names(width, "format", language)[when.month] for width, _ in _WIDTHS]
    for part, said in (*bare.items(), ("%b", names[0]), ("%B", names[1])):
        plain = plain.replace(part, str(said))
    return when.strftime(plain)


def _as_number(value: float, column: Column) -> str:
    if np.isnan(value):
        return ""
    if column.decimals > _MAX_ROUNDED:
        return column.numeral.written(str(np.format_float_positional(value, trim="-")))
    text = f"{value:.{column.decimals}f}"
    if column.decimals and not column.fixed:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("-") and not text.strip("-0."):
        text = text[1:]
    return column.numeral.written(text)


def rounded(column: Column, values: Array) -> Array:
    """Values as exactly as they are written, within the column's bounds."""
    if column.sort is Sort.DATE:
        step = 1.0 if "%S" in column.form else 60.0 if "%M" in column.form else 86_400.0
        # The first day of a column's own is the first that there is: half a day before it would be another.
        return np.clip(np.round(values / step) * step, column.low, column.high)
    near = values if column.decimals > _MAX_ROUNDED else np.round(values, column.decimals)
    return np.clip(near, column.low, column.high)


def refuse_small(table: Table, least: int) -> None:
    """Says why nothing can be learnt of a table that is too small.

    Raises:
        FileError: it is.
    """
    if table.rows < least:
        raise FileError(
            (
                "Rows in that table: {count}. I need at least {least} to learn from it. Describe the table in words "
                "instead."
            ),
            count=table.rows,
            least=least,
        )
