"""Rows of a table that are held out of learning, to compare with."""

from __future__ import annotations

import secrets
from dataclasses import replace

import numpy as np

from . import rnn
from .columns import (
    Array,
    ColumnType,
    detect_columns,
)
from .dependences import find_finest_key
from .table import Table, find_heading

HOLDOUT_SHARE, _MAX_HOLDOUT_ROWS, MIN_HOLDOUT_ROWS = 0.1, 5_000, 10


def split_holdout(table: Table, seed: int, entity: str = "", *, privately: bool = False) -> tuple[Table, Table]:
    """Split a table into rows to learn and rows to hold out for comparison: complete entities if rows belong to some.
    Nothing is held out of a table that is too short. With `privately`, each row is assigned independently at
    random, so that one more row changes nothing about the others.
    """
    if privately:
        held = np.random.default_rng(secrets.randbits(128)).random(table.rows) < HOLDOUT_SHARE
        return _take_rows(table, ~held), _take_rows(table, held)
    cells = table.columns[find_heading(table.columns, entity)] if entity else find_entity_cells(table)
    numbers = {cell: number for number, cell in enumerate(sorted(set(cells)))}
    owners = np.array([numbers[cell] for cell in cells]) if cells else np.arange(table.rows)
    count = int(owners.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(count)
    held = np.zeros(count, dtype=bool)
    held[order[: min(round(count * HOLDOUT_SHARE), _MAX_HOLDOUT_ROWS)]] = True
    which = held[owners]
    if which.sum() < MIN_HOLDOUT_ROWS:
        which[:] = False
    return _take_rows(table, ~which), _take_rows(table, which)


def find_entity_cells(table: Table) -> list[str]:
    """Return the cells that identify the entity of each row, if rows of one entity form a time series; else an empty
    list.
    """
    columns = detect_columns(table)
    repeated = [column for column in columns if column.type is ColumnType.KEY and not column.unique]
    if not repeated or not any(column.type is ColumnType.DATE for column in columns):
        return []
    cells = table.columns[find_finest_key([column.name for column in repeated], table.columns)]
    return cells if len(set(cells)) <= rnn.MAX_SINGLE_ROW_SHARE * len(cells) else []


def _take_rows(table: Table, which: Array) -> Table:
    rows = np.flatnonzero(which).tolist()
    return replace(table, columns={name: [cells[at] for at in rows] for name, cells in table.columns.items()})
