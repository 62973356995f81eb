"""Joins two tables by a key, such as patients and their visits, to learn them as one, and splits generated rows again.
Each row of the second table is joined to its row of the first. As columns of the first are constant in all rows of a
key, each generated row of the second table belongs to one of the first, and both agree on shared columns and people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.errors import FileError

from .table import PersonalColumn, Table, find_heading, is_missing

# Columns with the same heading are the same column if at least this share of their cells is equal.
_MIN_EQUAL_SHARE = 0.99
_DUPLICATE_SUFFIX = " (2)"
_ROW_MARKER = "row of the second table"


@dataclass(frozen=True, slots=True)
class TableJoin:
    """How two tables were joined: the key, the headings of each table mapped to those of the joined table, and a column
    that is missing in rows without a row of the second table.
    """

    key: str
    first: dict[str, str]
    second: dict[str, str]
    row_marker: str


def join_tables(first: Table, second: Table, key: str) -> tuple[Table, TableJoin]:
    """Join two tables: return a row for each row of the second that has one in the first, and for each row of the first
    that has none in the second.

    Raises:
        FileError: a table has no such column, a key is repeated in the first, or none of the second's keys is in the
            first.
    """
    key_heading, second_key_heading = find_heading(first.columns, key), find_heading(second.columns, key)
    pairs = _pair_rows(first.columns[key_heading], second.columns[second_key_heading], key_heading)
    joined_names = dict[str, str]()
    for name, cells in second.columns.items():
        if name == second_key_heading:
            joined_names[name] = key_heading
        elif name in first.columns and _is_shared(first.columns[name], cells, pairs):
            joined_names[name] = name
        else:
            joined_names[name] = name if name not in first.columns else f"{name}{_DUPLICATE_SUFFIX}"
    columns = {name: [cells[row] for row, _ in pairs] for name, cells in first.columns.items()}
    added_names = {name: joined_name for name, joined_name in joined_names.items() if joined_name not in first.columns}
    for name, joined_name in added_names.items():
        columns[joined_name] = [second.columns[name][row] if row >= 0 else "" for _, row in pairs]
    complete_names = (
        joined_name for name, joined_name in added_names.items() if not any(map(is_missing, second.columns[name]))
    )
    row_marker = next(complete_names, _ROW_MARKER)
    if row_marker == _ROW_MARKER:
        columns[_ROW_MARKER] = ["yes" if row >= 0 else "" for _, row in pairs]
    personal = first.personal_columns | _shift_slots(first, second, added_names)
    kept_columns = (
        *first.kept_columns,
        *(joined_name for name, joined_name in added_names.items() if name in second.kept_columns),
    )
    table = Table(
        columns,
        first.delimiter,
        first.has_bom,
        personal,
        first.real_fingerprints | second.real_fingerprints,
        kept_columns,
    )
    return table, TableJoin(key_heading, {name: name for name in first.columns}, joined_names, row_marker)


def _pair_rows(first: Sequence[str], second: Sequence[str], key: str) -> list[tuple[int, int]]:
    """Pair the row numbers of two tables by the cells of their keys; -1 where the second table has no row.

    Raises:
        FileError: a key is repeated in the first table, or none of the second's keys is in the first.
    """
    first_rows = {cell: row for row, cell in enumerate(first) if not is_missing(cell)}
    if len(first_rows) < sum(not is_missing(cell) for cell in first):
        raise FileError(
            'In the first table "{key}" has to be different in every row, and some values come twice. Put the table with one row for '
            "each {key} first.",
            key=key,
        )
    second_rows: list[list[int]] = [[] for _ in first]
    for row, cell in enumerate(second):
        if cell in first_rows:
            second_rows[first_rows[cell]].append(row)
    if not any(second_rows):
        raise FileError(
            'No "{key}" of the second table occurs in the first one. Check that both use the same values.', key=key
        )
    return [
        (first_row, second_row) for first_row, matches in enumerate(second_rows) for second_row in (matches or [-1])
    ]


def _shift_slots(first: Table, second: Table, names: Mapping[str, str]) -> dict[str, PersonalColumn]:
    """Return the personal columns of the second table, with slots numbered after those of the first."""
    slot_count = 1 + max((column.slot for column in first.personal_columns.values()), default=-1)
    return {
        joined_name: replace(column, slot=column.slot + slot_count if column.slot >= 0 else -1)
        for name, joined_name in names.items()
        if (column := second.personal_columns.get(name)) is not None
    }


def _is_shared(cells: Sequence[str], others: Sequence[str], pairs: Sequence[tuple[int, int]]) -> bool:
    is_equal = [cells[row] == others[other_row] for row, other_row in pairs if other_row >= 0]
    return sum(is_equal) >= _MIN_EQUAL_SHARE * len(is_equal)


def split_table(table: Table, join: TableJoin, key_count: int) -> tuple[Table, Table]:
    """Split the rows of the first `key_count` keys of a joined table into the two tables."""
    first_row_of_key, selected_rows = dict[str, int](), list[int]()
    for row, cell in enumerate(table.columns[join.key]):
        if cell not in first_row_of_key:
            if len(first_row_of_key) == key_count:
                continue
            first_row_of_key[cell] = row
        selected_rows.append(row)
    # Columns of the first table get the cells of the first row of their key, so that they are constant.
    second_names = [joined_name for joined_name in join.second.values() if joined_name not in join.first.values()]
    rows_of_second = [row for row in selected_rows if table.columns[join.row_marker][row]]
    keys = table.columns[join.key]
    parts = list[Table]()
    for names, row_indices in ((join.first, list(first_row_of_key.values())), (join.second, rows_of_second)):
        columns = {
            name: [
                table.columns[joined_name][row if joined_name in second_names else first_row_of_key[keys[row]]]
                for row in row_indices
            ]
            for name, joined_name in names.items()
        }
        parts.append(replace(table, columns=columns))
    return parts[0], parts[1]
