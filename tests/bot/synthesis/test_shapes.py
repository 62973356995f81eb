"""Tests of the shapes of keys."""

from __future__ import annotations

import numpy as np

from bot.synthesis.columns import Column, ColumnType
from bot.synthesis.keys import generate_keys
from bot.synthesis.shapes import EMAIL_TEMPLATE, collect_shapes


def test_shared_letter_is_kept_and_digits_are_new() -> None:
    cells = [f"P{number:05d}" for number in range(100, 160)]
    [(shape, count)] = collect_shapes(cells)
    assert (shape, count) == ("\\P00000", 60)
    column = Column("patient", ColumnType.KEY, 0.0, shapes=collect_shapes(cells), unique=True)
    keys = generate_keys(column, 200, np.random.default_rng(1), set(cells).__contains__)
    assert len({*keys}) == 200
    assert all(key[0] == "P" and key[1:].isdigit() and len(key) == 6 for key in keys)
    assert not {*keys} & {*cells}


def test_letter_shared_by_few_cells_is_generated() -> None:
    assert collect_shapes(["KX1", "KX2"]) == (("AA0", 2),)


def test_most_frequent_shapes_come_first() -> None:
    shapes = collect_shapes(["a-1", "a-2", "b-3", "ada@home.example", "Ada Lovelace"], limit=2)
    assert shapes == (("a-0", 3), (EMAIL_TEMPLATE, 1))


def test_leading_zeros_are_kept() -> None:
    cells = [f"{number:05d}" for number in (*range(1067, 1127), *range(80331, 80391))]
    column = Column("post code", ColumnType.KEY, 0.0, shapes=collect_shapes(cells), unique=True)
    codes = generate_keys(column, 200, np.random.default_rng(1), set(cells).__contains__)
    assert {len(code) for code in codes} == {5}
    assert 70 < sum(code[0] == "0" for code in codes) < 130
    assert not {*codes} & {*cells}
