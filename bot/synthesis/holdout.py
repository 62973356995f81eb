"""Holds out rows of a table that are not learnt, to compare generated rows with."""

from __future__ import annotations

import secrets
from dataclasses import replace

import numpy as np

from . import rnn
from .columns import Array, ColumnType, detect_columns
from .dependences import find_finest_key
from .table import Table, find_heading

# The share of entities, or of single rows, that is held out; their maximum number; and the minimum number of rows.
HOLDOUT_SHARE, _MAX_HELD_OUT_ENTITIES, MIN_HOLDOUT_ROWS = 0.1, 5_000, 10


def split_holdout(table: Table, seed: int, entity: str = "", *, privately: bool = False) -> tuple[Table, Table]:
    """Split a table into rows to learn and rows to hold out. If rows belong to entities (named by the column `entity`,
    else detected), entities are held out with all their rows. Nothing is held out of a table that is too short. With
    `privately`, each row is assigned independently at random, so that one more row does not affect the others.
    """
    if privately:
        is_held_out = np.random.default_rng(secrets.randbits(128)).random(table.row_count) < HOLDOUT_SHARE
        return _take_rows(table, ~is_held_out), _take_rows(table, is_held_out)
    cells = table.columns[find_heading(table.columns, entity)] if entity else find_entity_cells(table)
    entity_numbers = {cell: number for number, cell in enumerate(sorted(set(cells)))}
    entity_of_row = np.array([entity_numbers[cell] for cell in cells]) if cells else np.arange(table.row_count)
    entity_count = int(entity_of_row.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(entity_count)
    is_held_out = np.zeros(entity_count, dtype=bool)
    is_held_out[order[: min(round(entity_count * HOLDOUT_SHARE), _MAX_HELD_OUT_ENTITIES)]] = True
    is_row_held_out = is_held_out[entity_of_row]
    if is_row_held_out.sum() < MIN_HOLDOUT_ROWS:
        is_row_held_out[:] = False
    return _take_rows(table, ~is_row_held_out), _take_rows(table, is_row_held_out)


def find_entity_cells(table: Table) -> list[str]:
    """Return the cells that identify the entity of each row, if rows of one entity form a time series; else an empty
    list.
    """
    columns = detect_columns(table)
    keys = [column for column in columns if column.type is ColumnType.KEY and not column.unique]
    if not keys or not any(column.type is ColumnType.DATE for column in columns):
        return []
    cells = table.columns[find_finest_key([column.name for column in keys], table.columns)]
    return cells if len(set(cells)) <= rnn.MAX_SINGLE_ROW_SHARE * len(cells) else []


def _take_rows(table: Table, is_selected: Array) -> Table:
    rows = np.flatnonzero(is_selected).tolist()
    return replace(table, columns={name: [cells[row] for row in rows] for name, cells in table.columns.items()})
