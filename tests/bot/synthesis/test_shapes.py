"""What made-up keys look like."""

from __future__ import annotations

import numpy as np

from bot.synthesis.columns import Column, Sort
from bot.synthesis.keys import made
from bot.synthesis.shapes import MAIL, shapes_of


def test_a_letter_that_all_keys_share_stays_and_digits_are_new() -> None:
    cells = [f"P{number:05d}" for number in range(100, 160)]
    [(shape, often)] = shapes_of(cells)
    assert (shape, often) == ("\\P00000", 60)
    column = Column("patient", Sort.KEY, 0.0, shapes=shapes_of(cells), unique=True)
    keys = made(column, 200, np.random.default_rng(1), set(cells).__contains__)
    assert len({*keys}) == 200
    assert all(key[0] == "P" and key[1:].isdigit() and len(key) == 6 for key in keys)
    assert not {*keys} & {*cells}


def test_a_letter_that_few_share_is_made_anew() -> None:
    assert shapes_of(["KX1", "KX2"]) == (("AA0", 2),)


def test_shapes_are_told_apart_and_the_commonest_come_first() -> None:
    found = shapes_of(["a-1", "a-2", "b-3", "ada@home.example", "Ada Lovelace"], most=2)
    assert found == (("a-0", 3), (MAIL, 1))


def test_a_code_with_a_zero_before_it_has_one_again() -> None:
    cells = [f"{number:05d}" for number in (*range(1067, 1127), *range(80331, 80391))]
    column = Column("post code", Sort.KEY, 0.0, shapes=shapes_of(cells), unique=True)
    codes = made(column, 200, np.random.default_rng(1), set(cells).__contains__)
    assert {len(code) for code in codes} == {5}
    assert 70 < sum(code[0] == "0" for code in codes) < 130
    assert not {*codes} & {*cells}
