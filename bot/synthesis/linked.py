"""Two tables that a key joins, such as patients and their visits: learnt as one, and taken apart again.

Each row of the second stands beside its row of the first. What is of the first is the same in all rows of a key, so both tables
keep how they go together, whoever is in both is the same person, and no row of the second is without one in the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import FileError

from .table import Table, is_missing, name_in

# A column that both have is one where so many cells are the same.
_SAME = 0.99
_SECOND = " (2)"
_HERE = "row of the second table"


@dataclass(frozen=True, slots=True)
class Join:
    """How two tables stand in one: the key and the columns of each, by what they are called there and in one; and a column that is
    missing where the second has no row.
    """

    key: str
    first: dict[str, str]
    second: dict[str, str]
    here: str


def joined(first: Table, second: Table, key: str) -> tuple[Table, Join]:
    """Two tables as one, a row for each row of the second and for each of the first that has none there.

    Raises:
        FileError: one of them has no such column, a key comes twice in the first, or none of the second's stands there.
    """
    own, other = name_in(first.columns, key), name_in(second.columns, key)
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
    pairs = [(at, then) for at, those in enumerate(behind) for then in (those or [-1])]
    names = dict[str, str]()
    for name, cells in second.columns.items():
        if name == other:
            names[name] = own
        elif name in first.columns and _same(first.columns[name], cells, pairs):
            names[name] = name
        else:
            names[name] = name if name not in first.columns else f"{name}{_SECOND}"
    columns = {name: [cells[at] for at, _ in pairs] for name, cells in first.columns.items()}
    mine = {name: called for name, called in names.items() if called not in first.columns}
    for name, called in mine.items():
        columns[called] = [second.columns[name][then] if then >= 0 else "" for _, then in pairs]
    here = next((called for name, called in mine.items() if not any(map(is_missing, second.columns[name]))), _HERE)
    if here == _HERE:
        columns[_HERE] = ["yes" if then >= 0 else "" for _, then in pairs]
    slots = 1 + max((one.slot for one in first.personal.values()), default=-1)
    personal = first.personal | {
        called: replace(second.personal[name], slot=second.personal[name].slot + slots if second.personal[name].slot >= 0 else -1)
        for name, called in mine.items() if name in second.personal
    }  # fmt: skip
    kept = (*first.kept, *(called for name, called in mine.items() if name in second.kept))
    table = Table(columns, first.delimiter, first.marked, personal, first.real | second.real, kept)
    return table, Join(own, {name: name for name in first.columns}, names, here)


def _same(cells: Sequence[str], others: Sequence[str], pairs: Sequence[tuple[int, int]]) -> bool:
    there = [cells[at] == others[then] for at, then in pairs if then >= 0]
    return sum(there) >= _SAME * len(there)


def apart(table: Table, join: Join, rows: int) -> tuple[Table, Table]:
    """The first `rows` keys of one table as two."""
    first_of, taken = dict[str, int](), list[int]()
    for at, cell in enumerate(table.columns[join.key]):
        if cell not in first_of:
            if len(first_of) == rows:
                continue
            first_of[cell] = at
        taken.append(at)
    mine = [called for called in join.second.values() if called not in join.first.values()]
    there = [at for at in taken if table.columns[join.here][at]]
    home = table.columns[join.key]
    parts = list[Table]()
    for names, which in ((join.first, list(first_of.values())), (join.second, there)):
        columns = {
            name: [table.columns[called][at if called in mine else first_of[home[at]]] for at in which]
            for name, called in names.items()
        }
        parts.append(replace(table, columns=columns))
    return parts[0], parts[1]
