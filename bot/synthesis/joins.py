"""Two tables joined by a key, such as patients and their visits: learnt as one, and split again. Each row of the
second table is joined to its row of the first. Columns of the first are constant in all rows of a key, so both
tables keep their relation, a person in both is the same, and each row of the second has one in the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import FileError

from .table import Table, find_heading, is_missing

# Minimum share of equal cells for a column that both tables have to be the same one.
_MIN_SHARED_CELLS = 0.99
_DUPLICATE_SUFFIX = " (2)"
_ROW_MARKER = "row of the second table"


@dataclass(frozen=True, slots=True)
class TableJoin:
    """How two tables form one: the key, the columns of each table mapped to their joined names, and a column that is
    missing where the second table has no row.
    """

    key: str
    first: dict[str, str]
    second: dict[str, str]
    row_marker: str


def join_tables(first: Table, second: Table, key: str) -> tuple[Table, TableJoin]:
    """Join two tables: a row for each row of the second, and for each of the first without any.

    Raises:
        FileError: a table has no such column, a key is repeated in the first, or none of the second's keys is in the first.
    """
    own, other = find_heading(first.columns, key), find_heading(second.columns, key)
    rows = {cell: at for at, cell in enumerate(first.columns[own]) if not is_missing(cell)}
    if len(rows) < sum(not is_missing(cell) for cell in first.columns[own]):
        raise FileError(
            'In the first table "{key}" has to be different in every row, and some values come twice. Put the table with one row for '
            "each {key} first.",
            key=own,
        )
    behind: list[list[int]] = [[] for _ in range(first.rows)]
    for at, cell in enumerate(second.columns[other]):
        if cell in rows:
            behind[rows[cell]].append(at)
    if not any(behind):
        raise FileError(
            'No "{key}" of the second table stands in the first one. Check that both use the same values.', key=own
        )
    pairs = [(at, row) for at, those in enumerate(behind) for row in (those or [-1])]
    names = dict[str, str]()
    for name, cells in second.columns.items():
        if name == other:
            names[name] = own
        elif name in first.columns and _is_shared(first.columns[name], cells, pairs):
            names[name] = name
        else:
            names[name] = name if name not in first.columns else f"{name}{_DUPLICATE_SUFFIX}"
    columns = {name: [cells[at] for at, _ in pairs] for name, cells in first.columns.items()}
    mine = {name: joined_name for name, joined_name in names.items() if joined_name not in first.columns}
    for name, joined_name in mine.items():
        columns[joined_name] = [second.columns[name][row] if row >= 0 else "" for _, row in pairs]
    row_marker = next(
        (joined_name for name, joined_name in mine.items() if not any(map(is_missing, second.columns[name]))),
        _ROW_MARKER,
    )
    if row_marker == _ROW_MARKER:
        columns[_ROW_MARKER] = ["yes" if row >= 0 else "" for _, row in pairs]
    slots = 1 + max((one.slot for one in first.personal.values()), default=-1)
    personal = first.personal | {
        joined_name: replace(
            second.personal[name], slot=second.personal[name].slot + slots if second.personal[name].slot >= 0 else -1
        )
        for name, joined_name in mine.items()
        if name in second.personal
    }
    kept = (*first.kept, *(joined_name for name, joined_name in mine.items() if name in second.kept))
    table = Table(columns, first.delimiter, first.has_bom, personal, first.real | second.real, kept)
    return table, TableJoin(own, {name: name for name in first.columns}, names, row_marker)


def _is_shared(cells: Sequence[str], others: Sequence[str], pairs: Sequence[tuple[int, int]]) -> bool:
    shared_cells = [cells[at] == others[row] for at, row in pairs if row >= 0]
    return sum(shared_cells) >= _MIN_SHARED_CELLS * len(shared_cells)


def split_table(table: Table, join: TableJoin, rows: int) -> tuple[Table, Table]:
    """Split the first `rows` keys of a joined table."""
    first_of, taken = dict[str, int](), list[int]()
    for at, cell in enumerate(table.columns[join.key]):
        if cell not in first_of:
            if len(first_of) == rows:
                continue
            first_of[cell] = at
        taken.append(at)
    mine = [joined_name for joined_name in join.second.values() if joined_name not in join.first.values()]
    rows_of_second = [at for at in taken if table.columns[join.row_marker][at]]
    home = table.columns[join.key]
    parts = list[Table]()
    for names, which in ((join.first, list(first_of.values())), (join.second, rows_of_second)):
        columns = {
            name: [table.columns[joined_name][at if joined_name in mine else first_of[home[at]]] for at in which]
            for name, joined_name in names.items()
        }
        parts.append(replace(table, columns=columns))
    return parts[0], parts[1]
