"""Search for formulas that give a column in every row: sums, spans, products and shares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations, permutations

import numpy as np

from .columns import Array, Column, ColumnType, Values
from .formulas import MIN_ROWS, Expression, Formula

# Columns that products of two, and of three are formed of.
_MAX_FACTORS, _MAX_THREE_FACTORS = 25, 12
# Minimum distinct values of a column with a formula; others may match by chance.
_MIN_DISTINCT_VALUES = 12
_DAY = 86_400


@dataclass(slots=True)
class FormulaSet:
    """Formulas collected one after another."""

    formulas: list[Formula] = field(default_factory=list)

    def add(self, formula: Formula) -> bool:
        """Add a formula unless its column is already computed, or needed for its own parts."""
        known = {formula.name: formula.expression.parts for formula in self.formulas}
        pending, needed = list(formula.expression.parts), set[str]()
        while pending:
            name = pending.pop()
            if name not in needed:
                needed.add(name)
                pending += known.get(name, ())
        if formula.name in known or formula.name in needed:
            return False
        self.formulas.append(formula)
        return True

    def sort(self) -> tuple[Formula, ...]:
        """Return the formulas so that each follows those of its parts."""
        ordered, pending = list[Formula](), list(self.formulas)
        while pending:
            names = {formula.name for formula in pending}
            ready = [formula for formula in pending if not names.intersection(formula.expression.parts)]
            ordered += ready
            pending = [formula for formula in pending if formula not in ready]
        return tuple(ordered)


def find_formulas(columns: Sequence[Column], values: Values, formula_set: FormulaSet) -> None:
    """Find formulas: sums first, as they are exact; shares of one column last, as they say less if that column is
    computed itself.
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


def _propose_sums(total: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """Yield the sums of two columns, or of a run of adjacent ones."""
    at = names.index(total.name)
    others = [name for name in names if name != total.name]
    runs = [names[at - size : at] for size in range(3, min(at, 12) + 1)]
    runs += [names[at + 1 : at + 1 + size] for size in range(3, 13) if at + 1 + size <= len(names)]
    for parts in [*map(list, combinations(others, 2)), *runs]:
        if all(np.nanstd(values[name]) > 0 for name in parts):
            yield Expression(" + ".join(f"c{at}" for at in range(len(parts))), tuple(parts))


def _propose_spans(columns: Sequence[Column]) -> Iterable[Expression]:
    """Yield the days between two dates, excluding and including the last."""
    dates = [column.name for column in columns if column.type is ColumnType.DATE]
    for first, second in permutations(dates, 2):
        yield Expression(f"(c0 - c1) / (1 * {_DAY})", (second, first))
        yield Expression(f"(c0 - c1) / (1 * {_DAY}) + 1", (second, first))


def _propose_shares(number: Column, numbers: Sequence[Column], values: Values) -> Iterable[Expression]:
    """Yield a share of another column, unless the inverse share is simpler."""
    for other in numbers:
        if other.name == number.name or (share := _find_share(number, other, values)) is None:
            continue
        back = _find_share(other, number, values)
        if back is None or len(f"{share:g}") <= len(f"{back:g}"):
            yield Expression(f"c0 * {share:g}", (other.name,))


def _find_share(number: Column, other: Column, values: Values) -> float | None:
    """Return the factor from another column to this one, with as few decimals as possible."""
    with np.errstate(all="ignore"):
        ratios = values[number.name] / values[other.name]
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < MIN_ROWS:
        return None
    share = float(np.median(ratios))
    shorter = (short for places in range(5) if (short := round(share, places)) not in (0.0, 1.0))
    return next(
        (
            candidate
            for candidate in shorter
            if _is_exact(Expression(f"c0 * {candidate:g}", (other.name,)), number, values)
        ),
        None,
    )


def _propose_products(number: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """Yield products of two columns, also with a share added or subtracted."""
    names = [name for name in names if name != number.name][:_MAX_FACTORS]
    actual = values[number.name]
    if not names:
        return
    head = np.stack([values[name][:60] for name in names], axis=1)
    first, second = head[:, :, None], head[:, None, :]
    for text, result in (
        ("c0 * c1", first * second),
        ("c0 * c1 / 100", first * second / 100),
        ("c0 * (1 - c1)", first * (1 - second)),
        ("c0 * (1 - c1 / 100)", first * (1 - second / 100)),
        ("c0 * (1 + c1)", first * (1 + second)),
        ("c0 * (1 + c1 / 100)", first * (1 + second / 100)),
    ):
        near = ~differ(actual[:60, None, None], result, number).any(axis=0)
        for one, other in np.argwhere(near):
            if one != other and not (text.startswith("c0 * c1") and one > other):
                yield Expression(text, (names[one], names[other]))
    if len(names) <= _MAX_THREE_FACTORS:
        for one, other, third in permutations(names, 3):
            if one < other:
                yield Expression("c0 * c1 * (1 - c2)", (one, other, third))
                yield Expression("c0 * c1 * (1 - c2 / 100)", (one, other, third))


def _is_exact(expression: Expression, number: Column, values: Values) -> bool:
    """Whether an expression gives a column in every row, and not by chance."""
    head = {name: values[name][:60] for name in (number.name, *expression.parts)}
    if differ(head[number.name], expression.evaluate(head), number).any():
        return False
    if any(np.nanstd(values[name]) == 0 for name in expression.parts):
        return False
    result, actual = expression.evaluate(values), values[number.name]
    known = ~np.isnan(result) & ~np.isnan(actual)
    return int(known.sum()) >= MIN_ROWS and not differ(actual, result, number).any()


def compute_slack(column: Column) -> float:
    """Return the maximum difference between a computed value and the written one."""
    return 0.51 * 10.0**-column.decimals if column.decimals else 0.51


def differ(actual: Array, result: Array, column: Column) -> Array:
    """Return a boolean for each row: whether a result differs from the cell, which may have been rounded."""
    slack = compute_slack(column) * (1 + 1e-9) + 1e-9
    return np.asarray(np.nan_to_num(np.abs(actual - result)) > slack)
