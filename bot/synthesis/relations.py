"""Relations between the columns of a table that hold in every row: formulas, comparisons, combinations of values, and
which rows belong to the same entity. They are detected in the real table or stated by its owner, and hold in the
generated rows. A column with a formula is computed instead of learnt; of two ordered columns the later is learnt as
the gap from the earlier; values that belong together are learnt as one feature. So these hold by construction.
Other relations are checked, and rows that violate them are discarded.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, Values
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

# Two columns are ordered only if at least this share of randomly paired rows would not be.
_MAX_CHANCE_SHARE = 0.05
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
    """All relations of a table; formulas in the order in which they can be computed."""

    formulas: tuple[Formula, ...] = ()
    orders: tuple[ColumnOrder, ...] = ()
    combinations: tuple[FixedCombination, ...] = ()
    comparisons: tuple[ColumnComparison, ...] = ()
    excluded_pairs: tuple[ExcludedPairs, ...] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def rules(self) -> list[str]:
        """The relations that can be written as rules, as users write them."""
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

        def expression(one: dict[str, Any]) -> Expression:
            return Expression(one["text"], tuple(one["parts"]))

        return cls(
            tuple(Formula(formula["name"], expression(formula["expression"])) for formula in data["formulas"]),
            tuple(ColumnOrder(**order) for order in data["orders"]),
            tuple(FixedCombination(tuple(combination["names"])) for combination in data["fixed"]),
            tuple(
                ColumnComparison(expression(comparison["left"]), comparison["sign"], expression(comparison["right"]))
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


def find_relations(columns: Sequence[Column], values: Values, rules: Sequence[str] = (), alone: str = "") -> Relations:
    """Find the relations that hold in every row, and add the stated rules. Rows without a value in `alone` are the
    only ones of their key.

    Raises:
        RefusedError: a rule cannot be parsed, or two rules contradict each other.
    """
    formula_set, bounds, fixed = _parse_rules(rules, columns)
    combined_names = {name for combination in fixed for name in combination.names}
    numeric_columns = [
        column
        for column in columns
        if column.is_numeric and column.high > column.low and column.name not in combined_names
    ]
    numeric_columns = numeric_columns[:_MAX_ORDERED_COLUMNS]
    find_formulas(numeric_columns, values, formula_set)
    computed = {formula.name for formula in formula_set.formulas}
    learnt_columns = [column for column in numeric_columns if column.name not in computed]
    # Stated orders take precedence: each column is second in at most one.
    orders = [
        order for rule in bounds for order in _convert_to_orders(rule) if order.second not in computed | combined_names
    ]
    seconds = {order.second for order in orders}
    orders = _sort_orders(
        [*orders, *(order for order in _find_orders(learnt_columns, values) if order.second not in seconds)]
    )
    used_names = computed | combined_names | {name for order in orders for name in (order.first, order.second)}
    discrete = {
        column.name: list_levels(values[column.name])
        for column in columns
        if column.name not in used_names and is_discrete(column, values)
    }
    rows = len(next(iter(values.values())))
    follows = find_dependent_columns({name: codes for name, (_, codes) in discrete.items()}, rows)
    fixed += [FixedCombination((name, *others)) for name, others in follows.items()]
    return Relations(
        formula_set.sort(),
        tuple(orders),
        tuple(fixed),
        tuple(bounds),
        tuple(find_excluded_pairs(discrete, fixed)),
        tuple(find_identities(columns, values, alone)),
    )


def _parse_rules(
    rules: Sequence[str], columns: Sequence[Column]
) -> tuple[FormulaSet, list[ColumnComparison], list[FixedCombination]]:
    """Return the formulas, comparisons and combinations that rules state."""
    formula_set, bounds, fixed = FormulaSet(), list[ColumnComparison](), list[FixedCombination]()
    for rule in [parse_rule(text, columns) for text in rules]:
        if isinstance(rule, FixedCombination):
            fixed.append(rule)
        elif isinstance(rule, ColumnComparison):
            bounds.append(rule)
        elif not formula_set.add(rule):
            raise RefusedError(
                "The rule “{rule}” forms a circle with another one. Leave one of them out.", rule=str(rule)
            )
    return formula_set, bounds, fixed


def _convert_to_orders(rule: ColumnComparison) -> list[ColumnOrder]:
    """Convert a comparison of two columns to an order."""
    ends = [side.parts[0] if side.text == "c0" else "" for side in (rule.left, rule.right)]
    if not all(ends) or rule.sign not in (">=", ">", "<=", "<"):
        return []
    return [ColumnOrder(ends[1], ends[0])] if rule.sign in (">=", ">") else [ColumnOrder(ends[0], ends[1])]


def describe_broken_rules(rules: Sequence[str], columns: Sequence[Column], values: Values) -> list[Phrase]:
    """Describe the stated rules that the real rows themselves violate."""
    template = "The rule {rule} does not hold in {count:,} of your {rows:,} rows. It holds in all made-up rows."
    notes, rows = list[Phrase](), len(next(iter(values.values())))
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
            notes.append(Phrase(template, rule=str(rule), count=count, rows=rows))
    return notes


def _find_orders(columns: Sequence[Column], values: Values) -> list[ColumnOrder]:
    """Find orders; each column is second in at most one, that with the smallest gap."""
    nearest_orders: dict[str, tuple[float, ColumnOrder]] = {}
    for first, second in permutations(columns, 2):
        if first.type is not second.type:
            continue
        early, late = values[first.name], values[second.name]
        if (early[:60] > late[:60]).any():
            continue
        known = ~np.isnan(early) & ~np.isnan(late)
        if int(known.sum()) < MIN_ROWS or (early[known] > late[known]).any() or (early == late)[known].all():
            continue
        if np.searchsorted(np.sort(early[known]), late[known]).mean() > (1 - _MAX_CHANCE_SHARE) * known.sum():
            continue
        gap = float((late[known] - early[known]).mean())
        if second.name not in nearest_orders or gap < nearest_orders[second.name][0]:
            nearest_orders[second.name] = gap, ColumnOrder(first.name, second.name)
    return [order for _, order in nearest_orders.values()]


def _sort_orders(orders: list[ColumnOrder]) -> list[ColumnOrder]:
    """Sort orders so that the first column of each is known before its second; cyclic ones are dropped."""
    ordered, pending, seconds_seen = list[ColumnOrder](), list[ColumnOrder](), set[str]()
    for order in orders:
        if order.second not in seconds_seen and order.first != order.second:
            seconds_seen.add(order.second)
            pending.append(order)
    while pending:
        seconds = {order.second for order in pending}
        ready = [order for order in pending if order.first not in seconds]
        if not ready:
            break
        ordered += ready
        pending = [order for order in pending if order not in ready]
    return ordered


def find_violations(relations: Relations, columns: Sequence[Column], values: Values) -> Array:
    """Return a boolean for each row: whether it violates a relation, or the bounds of a computed column."""
    wrong = np.zeros(len(next(iter(values.values()))), dtype=bool)
    by_name = {column.name: column for column in columns}
    for formula in relations.formulas:
        column, actual = by_name[formula.name], values[formula.name]
        wrong |= differ(actual, formula.expression.evaluate(values), column)
        wrong |= (actual < column.low) | (actual > column.high)
    for order in relations.orders:
        wrong |= values[order.first] > values[order.second]
    for bound in relations.comparisons:
        wrong |= bound.find_violations(values)
    for apart in relations.excluded_pairs:
        pairs = np.char.add(np.char.add(format_cells(values[apart.first]), "\t"), format_cells(values[apart.second]))
        wrong |= np.isin(pairs, np.array(apart.pairs))
    return wrong
