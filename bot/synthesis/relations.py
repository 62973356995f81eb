"""Finds relations between the columns of a table that hold in every row: formulas, comparisons, combinations of
values, and which rows belong to the same entity. They are detected in the real rows, or stated as rules by a user, and
also hold in the generated rows. Some hold by construction: a column with a formula is computed instead of learnt; of
two ordered columns the later is learnt as the gap from the earlier; values that belong together are learnt as one
feature. For the other relations, generated rows that violate them are discarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, Values, count_rows
from .dependences import (
    ExcludedPairs,
    Identity,
    find_dependent_columns,
    find_excluded_pairs,
    find_identities,
    format_cells,
    is_discrete,
    list_levels,
)
from .formula_search import FormulaSet, differ, find_formulas
from .formulas import MIN_ROWS, ColumnComparison, Expression, FixedCombination, Formula, Rule, parse_rule

# Two columns are ordered only if at least this share of randomly paired values would not be.
_MIN_UNORDERED_SHARE = 0.05
_MAX_ORDERED_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """Two columns of which the second is never below the first."""

    first: str
    second: str

    def __str__(self) -> str:
        """Format the order as users write it."""
        return f"{self.second} >= {self.first}"


@dataclass(frozen=True, slots=True)
class Relations:
    """All relations of a table; formulas are in an order in which they can be computed."""

    formulas: tuple[Formula, ...] = ()
    orders: tuple[ColumnOrder, ...] = ()
    combinations: tuple[FixedCombination, ...] = ()
    comparisons: tuple[ColumnComparison, ...] = ()
    excluded_pairs: tuple[ExcludedPairs, ...] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def rules(self) -> list[str]:
        """The relations that have a notation as rules, in the notation of users."""
        return [str(rule) for rule in (*self.formulas, *self.orders, *self.comparisons, *self.combinations)]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data, with the keys of stored models."""
        return {
            "formulas": [asdict(formula) for formula in self.formulas],
            "orders": [asdict(order) for order in self.orders],
            "fixed": [asdict(combination) for combination in self.combinations],
            "bounds": [asdict(comparison) for comparison in self.comparisons],
            "apart": [asdict(pairs) for pairs in self.excluded_pairs],
            "identities": [
                {
                    "names": identity.names,
                    "still": identity.constant_columns,
                    "sizes": identity.sizes,
                    "alone": identity.row_marker,
                }
                for identity in self.identities
            ],
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Relations:
        """Rebuild relations from `to_json`."""

        def parse_expression(expression: dict[str, Any]) -> Expression:
            return Expression(expression["text"], tuple(expression["parts"]))

        return cls(
            tuple(Formula(formula["name"], parse_expression(formula["expression"])) for formula in data["formulas"]),
            tuple(ColumnOrder(**order) for order in data["orders"]),
            tuple(FixedCombination(tuple(combination["names"])) for combination in data["fixed"]),
            tuple(
                ColumnComparison(
                    parse_expression(comparison["left"]), comparison["sign"], parse_expression(comparison["right"])
                )
                for comparison in data["bounds"]
            ),
            tuple(ExcludedPairs(pairs["first"], pairs["second"], tuple(pairs["pairs"])) for pairs in data["apart"]),
            tuple(
                Identity(
                    tuple(identity["names"]), tuple(identity["still"]), tuple(identity["sizes"]), identity["alone"]
                )
                for identity in data["identities"]
            ),
        )


def find_relations(
    columns: Sequence[Column], values: Values, rules: Sequence[str] = (), row_marker: str = ""
) -> Relations:
    """Find the relations that hold in every row, and add the stated rules. Rows without a value in `row_marker` are
    the only ones of their entity.

    Raises:
        RefusedError: a rule cannot be parsed, or two rules contradict each other.
    """
    formula_set, comparisons, combinations = _parse_rules(rules, columns)
    combined_names = {name for combination in combinations for name in combination.names}
    numeric_columns = [
        column
        for column in columns
        if column.is_numeric and column.high > column.low and column.name not in combined_names
    ]
    numeric_columns = numeric_columns[:_MAX_ORDERED_COLUMNS]
    find_formulas(numeric_columns, values, formula_set)
    computed_names = {formula.name for formula in formula_set.formulas}
    learnt_columns = [column for column in numeric_columns if column.name not in computed_names]
    # Stated orders take precedence: each column is second in at most one.
    orders = [
        order
        for order in map(_convert_to_order, comparisons)
        if order is not None and order.second not in computed_names | combined_names
    ]
    seconds = {order.second for order in orders}
    orders = _sort_orders(
        [*orders, *(order for order in _find_orders(learnt_columns, values) if order.second not in seconds)]
    )
    used_names = computed_names | combined_names | {name for order in orders for name in (order.first, order.second)}
    discrete_columns = {
        column.name: list_levels(values[column.name])
        for column in columns
        if column.name not in used_names and is_discrete(column, values)
    }
    row_count = count_rows(values)
    dependent_columns = find_dependent_columns(
        {name: codes for name, (_, codes) in discrete_columns.items()}, row_count
    )
    combinations += [FixedCombination((leader, *dependents)) for leader, dependents in dependent_columns.items()]
    return Relations(
        formula_set.sort(),
        tuple(orders),
        tuple(combinations),
        tuple(comparisons),
        tuple(find_excluded_pairs(discrete_columns, combinations)),
        tuple(find_identities(columns, values, row_marker)),
    )


def _parse_rules(
    rules: Sequence[str], columns: Sequence[Column]
) -> tuple[FormulaSet, list[ColumnComparison], list[FixedCombination]]:
    """Parse rules into formulas, comparisons and combinations."""
    formula_set, comparisons, combinations = FormulaSet(), list[ColumnComparison](), list[FixedCombination]()
    for rule in [parse_rule(text, columns) for text in rules]:
        if isinstance(rule, FixedCombination):
            combinations.append(rule)
        elif isinstance(rule, ColumnComparison):
            comparisons.append(rule)
        elif not formula_set.add(rule):
            raise RefusedError(
                "The rule “{rule}” forms a circle with another one. Leave one of them out.", rule=str(rule)
            )
    return formula_set, comparisons, combinations


def _convert_to_order(rule: ColumnComparison) -> ColumnOrder | None:
    """Convert a comparison of two columns to an order; return None if it is no such comparison."""
    names = [side.parts[0] if side.text == "c0" else "" for side in (rule.left, rule.right)]
    if not all(names) or rule.sign not in (">=", ">", "<=", "<"):
        return None
    return ColumnOrder(names[1], names[0]) if rule.sign in (">=", ">") else ColumnOrder(names[0], names[1])


def describe_broken_rules(rules: Sequence[str], columns: Sequence[Column], values: Values) -> list[Phrase]:
    """Return a note on each stated rule that real rows violate."""
    template = "The rule {rule} does not hold in {count:,} of your {rows:,} rows. It holds in all made-up rows."
    notes, row_count = list[Phrase](), count_rows(values)
    by_name = {column.name: column for column in columns}
    for text in rules:
        rule: Rule = parse_rule(text, columns)
        if isinstance(rule, ColumnComparison):
            count = int(rule.find_violations(values).sum())
        elif isinstance(rule, Formula):
            count = int(differ(values[rule.name], rule.expression.evaluate(values), by_name[rule.name]).sum())
        else:
            continue
        if count:
            notes.append(Phrase(template, rule=str(rule), count=count, rows=row_count))
    return notes


def _find_orders(columns: Sequence[Column], values: Values) -> list[ColumnOrder]:
    """Find orders. Each column is second in at most one: the order with the smallest mean gap."""
    best_orders: dict[str, tuple[float, ColumnOrder]] = {}
    for first, second in permutations(columns, 2):
        if first.type is not second.type:
            continue
        earlier, later = values[first.name], values[second.name]
        if (earlier[:60] > later[:60]).any():
            continue
        has_both = ~np.isnan(earlier) & ~np.isnan(later)
        if (
            int(has_both.sum()) < MIN_ROWS
            or (earlier[has_both] > later[has_both]).any()
            or (earlier == later)[has_both].all()
        ):
            continue
        if (
            np.searchsorted(np.sort(earlier[has_both]), later[has_both]).mean()
            > (1 - _MIN_UNORDERED_SHARE) * has_both.sum()
        ):
            continue
        gap = float((later[has_both] - earlier[has_both]).mean())
        if second.name not in best_orders or gap < best_orders[second.name][0]:
            best_orders[second.name] = gap, ColumnOrder(first.name, second.name)
    return [order for _, order in best_orders.values()]


def _sort_orders(orders: list[ColumnOrder]) -> list[ColumnOrder]:
    """Sort orders so that the first column of each is decoded before its second; drop cyclic orders."""
    sorted_orders, pending, used_seconds = list[ColumnOrder](), list[ColumnOrder](), set[str]()
    for order in orders:
        if order.second not in used_seconds and order.first != order.second:
            used_seconds.add(order.second)
            pending.append(order)
    while pending:
        pending_seconds = {order.second for order in pending}
        next_orders = [order for order in pending if order.first not in pending_seconds]
        if not next_orders:
            break
        sorted_orders += next_orders
        pending = [order for order in pending if order not in next_orders]
    return sorted_orders


def find_violations(relations: Relations, columns: Sequence[Column], values: Values) -> Array:
    """Return a mask of the rows that violate a relation, or the bounds of a computed column."""
    violates = np.zeros(count_rows(values), dtype=bool)
    by_name = {column.name: column for column in columns}
    for formula in relations.formulas:
        column, actual = by_name[formula.name], values[formula.name]
        violates |= differ(actual, formula.expression.evaluate(values), column)
        violates |= (actual < column.low) | (actual > column.high)
    for order in relations.orders:
        violates |= values[order.first] > values[order.second]
    for comparison in relations.comparisons:
        violates |= comparison.find_violations(values)
    for excluded in relations.excluded_pairs:
        row_pairs = np.char.add(
            np.char.add(format_cells(values[excluded.first]), "\t"), format_cells(values[excluded.second])
        )
        violates |= np.isin(row_pairs, np.array(excluded.pairs))
    return violates
