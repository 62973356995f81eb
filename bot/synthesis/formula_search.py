"""Finds formulas that compute a column in every row: sums, time spans, products and shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np

from .columns import Array, Column, ColumnType, Values
from .formulas import MIN_ROWS, Expression, Formula

# The number of columns of which products of two, and of three factors are formed.
_MAX_FACTORS, _MAX_THREE_FACTORS = 25, 12
# A column with fewer distinct values may match a formula by chance.
_MIN_DISTINCT_VALUES = 12
_DAY_SECONDS = 86_400
# The number of rows checked first, to reject most formulas quickly.
_HEAD_ROWS = 60


@dataclass(slots=True)
class FormulaSet:
    """Formulas for different columns, none of which depends on itself."""

    formulas: list[Formula] = field(default_factory=list)

    def add(self, formula: Formula) -> bool:
        """Add a formula, unless its column already has one or is needed to compute its own parts; return whether it
        was added.
        """
        parts_by_name = {formula.name: formula.expression.parts for formula in self.formulas}
        pending, needed = list(formula.expression.parts), set[str]()
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending += parts_by_name.get(name, ())
        if formula.name in parts_by_name or formula.name in needed:
            return False
        self.formulas.append(formula)
        return True

    def sort(self) -> tuple[Formula, ...]:
        """Return the formulas in an order in which each follows those of its parts."""
        sorted_formulas, pending = list[Formula](), list(self.formulas)
        while pending:
            names = {formula.name for formula in pending}
            next_formulas = [formula for formula in pending if not names.intersection(formula.expression.parts)]
            sorted_formulas += next_formulas
            pending = [formula for formula in pending if formula not in next_formulas]
        return tuple(sorted_formulas)


def find_formulas(columns: Sequence[Column], values: Values, formula_set: FormulaSet) -> None:
    """Add the formulas of columns to a set: sums first, as they are exact; shares of one column last, as they say less
    if that column is computed itself.
    """
    numbers = [column for column in columns if column.type is ColumnType.NUMBER]
    names = [column.name for column in numbers]
    varied_columns = [
        column
        for column in numbers
        if len(np.unique(values[column.name][~np.isnan(values[column.name])])) >= _MIN_DISTINCT_VALUES
    ]
    proposers: tuple[Callable[[Column], Iterable[Expression]], ...] = (
        lambda number: _propose_sums(number, names, values),
        lambda _: _propose_spans(columns),
        lambda number: _propose_products(number, names, values),
        lambda number: _propose_shares(number, numbers, values),
    )
    for propose in proposers:
        for number in varied_columns:
            if number.name in {formula.name for formula in formula_set.formulas}:
                continue
            for expression in propose(number):
                if _is_exact(expression, number, values) and formula_set.add(Formula(number.name, expression)):
                    break


def _propose_sums(number: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """Yield the sums of two columns, and of 3 to 12 columns right before or after the total."""
    index = names.index(number.name)
    others = [name for name in names if name != number.name]
    runs = [names[index - size : index] for size in range(3, min(index, 12) + 1)]
    runs += [names[index + 1 : index + 1 + size] for size in range(3, 13) if index + 1 + size <= len(names)]
    for parts in [*map(list, combinations(others, 2)), *runs]:
        if all(np.nanstd(values[name]) > 0 for name in parts):
            yield Expression(" + ".join(f"c{part_index}" for part_index in range(len(parts))), tuple(parts))


def _propose_spans(columns: Sequence[Column]) -> Iterable[Expression]:
    """Yield the days between two dates, with and without the last day."""
    dates = [column.name for column in columns if column.type is ColumnType.DATE]
    for first, second in permutations(dates, 2):
        yield Expression(f"(c0 - c1) / (1 * {_DAY_SECONDS})", (second, first))
        yield Expression(f"(c0 - c1) / (1 * {_DAY_SECONDS}) + 1", (second, first))


def _propose_shares(number: Column, numbers: Sequence[Column], values: Values) -> Iterable[Expression]:
    """Yield a share of another column, unless the inverse share is simpler."""
    for other in numbers:
        if other.name == number.name or (share := _find_share(number, other, values)) is None:
            continue
        inverse_share = _find_share(other, number, values)
        if inverse_share is None or len(f"{share:g}") <= len(f"{inverse_share:g}"):
            yield Expression(f"c0 * {share:g}", (other.name,))


def _find_share(number: Column, other: Column, values: Values) -> float | None:
    """Return the factor between another column and this one, with as few decimals as possible; None if there is none."""
    with np.errstate(all="ignore"):
        ratios = values[number.name] / values[other.name]
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < MIN_ROWS:
        return None
    share = float(np.median(ratios))
    candidates = (rounded for decimals in range(5) if (rounded := round(share, decimals)) not in (0.0, 1.0))
    return next(
        (
            candidate
            for candidate in candidates
            if _is_exact(Expression(f"c0 * {candidate:g}", (other.name,)), number, values)
        ),
        None,
    )


def _propose_products(number: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """Yield the products of two columns, and of two or three of which the last is an added or subtracted share."""
    names = [name for name in names if name != number.name][:_MAX_FACTORS]
    actual = values[number.name]
    if not names:
        return
    head = np.stack([values[name][:_HEAD_ROWS] for name in names], axis=1)
    first, second = head[:, :, None], head[:, None, :]
    for text, product in (
        ("c0 * c1", first * second),
        ("c0 * c1 / 100", first * second / 100),
        ("c0 * (1 - c1)", first * (1 - second)),
        ("c0 * (1 - c1 / 100)", first * (1 - second / 100)),
        ("c0 * (1 + c1)", first * (1 + second)),
        ("c0 * (1 + c1 / 100)", first * (1 + second / 100)),
    ):
        is_match = ~differ(actual[:_HEAD_ROWS, None, None], product, number).any(axis=0)
        for i, j in np.argwhere(is_match):
            is_commutative = text.startswith("c0 * c1")
            if i != j and not (is_commutative and i > j):
                yield Expression(text, (names[i], names[j]))
    if len(names) <= _MAX_THREE_FACTORS:
        for factors in permutations(names, 3):
            if factors[0] < factors[1]:
                yield Expression("c0 * c1 * (1 - c2)", factors)
                yield Expression("c0 * c1 * (1 - c2 / 100)", factors)


def _is_exact(expression: Expression, number: Column, values: Values) -> bool:
    """Whether an expression gives the values of a column in every row, and in enough rows not to be by chance."""
    head = {name: values[name][:_HEAD_ROWS] for name in (number.name, *expression.parts)}
    if differ(head[number.name], expression.evaluate(head), number).any():
        return False
    if any(np.nanstd(values[name]) == 0 for name in expression.parts):
        return False
    result, actual = expression.evaluate(values), values[number.name]
    is_known = ~np.isnan(result) & ~np.isnan(actual)
    return int(is_known.sum()) >= MIN_ROWS and not differ(actual, result, number).any()


def compute_slack(column: Column) -> float:
    """Return the maximum difference between a computed value and the cell, in which it is rounded."""
    return 0.51 * 10.0**-column.decimals if column.decimals else 0.51


def differ(actual: Array, result: Array, column: Column) -> Array:
    """Return a mask of the rows in which a result differs from the cell by more than rounding; missing values never
    differ.
    """
    slack = compute_slack(column) * (1 + 1e-9) + 1e-9
    return np.asarray(np.nan_to_num(np.abs(actual - result)) > slack)
