"""Two tables joined by a key, such as patients and their visits: learnt as one, and split again. Each row of the
second table is joined to its row of the first. Columns of the first are constant in all rows of a key, so both
tables keep their relation, a person in both is the same, and each row of the second has one in the first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import FileError

from .table import PersonalColumn, Table, find_heading, is_missing

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
    pairs = _pair_rows(first.columns[own], second.columns[other], own)
    names = dict[str, str]()
    for name, cells in second.columns.items():
        if name == other:
            names[name] = own
        elif name in first.columns and _is_shared(first.columns[name], cells, pairs):
            names[name] = name
        else:
            names[name] = name if name not in first.columns else f"{name}{_DUPLICATE_SUFFIX}"
    columns = {name: [cells[at] for at, _ in pairs] for name, cells in first.columns.items()}
    own_names = {name: joined_name for name, joined_name in names.items() if joined_name not in first.columns}
    for name, joined_name in own_names.items():
        columns[joined_name] = [second.columns[name][row] if row >= 0 else "" for _, row in pairs]
    complete = (joined for name, joined in own_names.items() if not any(map(is_missing, second.columns[name])))
    row_marker = next(complete, _ROW_MARKER)
    if row_marker == _ROW_MARKER:
        columns[_ROW_MARKER] = ["yes" if row >= 0 else "" for _, row in pairs]
    personal = first.personal_columns | _shift_slots(first, second, own_names)
    kept = (
        *first.kept_columns,
        *(joined_name for name, joined_name in own_names.items() if name in second.kept_columns),
    )
    table = Table(
        columns, first.delimiter, first.has_bom, personal, first.real_fingerprints | second.real_fingerprints, kept
    )
    return table, TableJoin(own, {name: name for name in first.columns}, names, row_marker)


def _pair_rows(first: Sequence[str], second: Sequence[str], key: str) -> list[tuple[int, int]]:
    """Pair the rows of two tables by the cells of their key; -1 where the second table has no row.

    Raises:
        FileError: a key is repeated in the first table, or none of the second's keys is in the first.
    """
    rows = {cell: at for at, cell in enumerate(first) if not is_missing(cell)}
    if len(rows) < sum(not is_missing(cell) for cell in first):
        raise FileError(
            'In the first table "{key}" has to be different in every row, and some values come twice. Put the table with one row for '
            "each {key} first.",
            key=key,
        )
    rows_behind: list[list[int]] = [[] for _ in first]
    for at, cell in enumerate(second):
        if cell in rows:
            rows_behind[rows[cell]].append(at)
    if not any(rows_behind):
        raise FileError(
            'No "{key}" of the second table occurs in the first one. Check that both use the same values.', key=key
        )
    return [(at, row) for at, behind in enumerate(rows_behind) for row in (behind or [-1])]


def _shift_slots(first: Table, second: Table, names: Mapping[str, str]) -> dict[str, PersonalColumn]:
    """Return the personal columns of the second table, whose persons are numbered after those of the first."""
    slots = 1 + max((column.slot for column in first.personal_columns.values()), default=-1)
    return {
        joined_name: replace(column, slot=column.slot + slots if column.slot >= 0 else -1)
        for name, joined_name in names.items()
        if (column := second.personal_columns.get(name)) is not None
    }


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
