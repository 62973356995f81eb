"""Relations between the columns of a table that hold in every row: formulas, comparisons, combinations of values, and
which rows belong to the same entity. They are detected in the real table or stated by its owner, and hold in the
generated rows. A column with a formula is computed instead of learnt; of two ordered columns the later is learnt as
the gap from the earlier; values that belong together are learnt as one feature. So these hold by construction.
Other relations are checked, and rows that violate them are discarded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations, permutations
from typing import Any

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, ColumnType, Values
from .formulas import ColumnComparison, Expression, FixedCombination, Formula, Rule, parse_rule
from .personal_data import PersonalKind

# With fewer rows any relation may hold by chance.
_MIN_ROWS = 30
# Two columns are ordered only if at least this share of randomly paired rows would not be.
_MAX_CHANCE_SHARE = 0.05
_MAX_ORDERED_COLUMNS, _MAX_FACTORS = 40, 25
# Minimum distinct values of a column with a formula; others may match by chance.
_MIN_DISTINCT_VALUES = 12
# A pair of values is excluded if it never occurs, although this many rows are expected by chance.
_MIN_EXPECTED_ROWS = 7.0
_MAX_LEVELS, _MAX_SMALL_DOMAIN, _MAX_PAIRED_COLUMNS = 60, 12, 40
# A column is determined by another only if chance would give at least this many exceptions.
_MIN_EXCEPTIONS_BY_CHANCE = 10
_DAY = 86_400
# Number of rows checked before all are.
_HEAD_ROWS = 2_000
# Tolerates typing errors in keys.
_MAX_EXCEPTION_SHARE = 0.01
# Kinds that identify an entity poorly, as several people may share a value.
_SHARED_KINDS = (
    PersonalKind.GIVEN,
    PersonalKind.FAMILY,
    PersonalKind.ADDRESS,
    PersonalKind.PHONE,
    PersonalKind.ACCOUNT,
)
_MAX_SIZES = 1_000


@dataclass(frozen=True, slots=True)
class ColumnOrder:
    """Two columns of which the second is never below the first."""

    first: str
    second: str

    def __str__(self) -> str:
        """Format the order as users write it."""
        return f"{self.second} >= {self.first}"


@dataclass(frozen=True, slots=True)
class ExcludedPairs:
    """Two columns and the pairs of their values that never occur, as tab-separated texts."""

    first: str
    second: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys that together identify the entity of a row: the number of rows of each entity (`sizes`, a sample), and the
    other columns that are constant in all rows of one. Rows without a value in `alone` are the only ones of their
    entity.
    """

    names: tuple[str, ...]
    still: tuple[str, ...]
    sizes: tuple[int, ...]
    alone: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """All relations of a table; formulas in the order in which they can be computed."""

    formulas: tuple[Formula, ...] = ()
    orders: tuple[ColumnOrder, ...] = ()
    fixed: tuple[FixedCombination, ...] = ()
    bounds: tuple[ColumnComparison, ...] = ()
    apart: tuple[ExcludedPairs, ...] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def rules(self) -> list[str]:
        """The relations that can be written as rules, as users write them."""
        return [str(one) for one in (*self.formulas, *self.orders, *self.bounds, *self.fixed)]

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Relations:
        """Rebuild relations from `to_json`."""

        def expression(one: dict[str, Any]) -> Expression:
            return Expression(one["text"], tuple(one["parts"]))

        return cls(
            tuple(Formula(one["name"], expression(one["expression"])) for one in data["formulas"]),
            tuple(ColumnOrder(**one) for one in data["orders"]),
            tuple(FixedCombination(tuple(one["names"])) for one in data["fixed"]),
            tuple(
                ColumnComparison(expression(one["left"]), one["sign"], expression(one["right"]))
                for one in data["bounds"]
            ),
            tuple(ExcludedPairs(one["first"], one["second"], tuple(one["pairs"])) for one in data["apart"]),
            tuple(
                Identity(tuple(one["names"]), tuple(one["still"]), tuple(one["sizes"]), one["alone"])
                for one in data["identities"]
            ),
        )


@dataclass(slots=True)
class _FormulaSet:
    """Formulas collected one after another."""

    formulas: list[Formula] = field(default_factory=list)

    def add(self, formula: Formula) -> bool:
        """Add a formula unless its column is already computed, or needed for its own parts."""
        known = {one.name: one.expression.parts for one in self.formulas}
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
            names = {one.name for one in pending}
            ready = [one for one in pending if not names.intersection(one.expression.parts)]
            ordered += ready
            pending = [one for one in pending if one not in ready]
        return tuple(ordered)


def find_relations(columns: Sequence[Column], values: Values, rules: Sequence[str] = (), alone: str = "") -> Relations:
    """Find the relations that hold in every row, and add the stated rules. Rows without a value in `alone` are the
    only ones of their key.

    Raises:
        RefusedError: a rule cannot be parsed, or two rules contradict each other.
    """
    parsed_rules = [parse_rule(text, columns) for text in rules]
    formula_set, orders, bounds, fixed = (
        _FormulaSet(),
        list[ColumnOrder](),
        list[ColumnComparison](),
        [one for one in parsed_rules if isinstance(one, FixedCombination)],
    )
    for rule in parsed_rules:
        if isinstance(rule, Formula) and not formula_set.add(rule):
            raise RefusedError(
                "The rule “{rule}” goes round in a circle with another one. Leave one of them out.", rule=str(rule)
            )
        if isinstance(rule, ColumnComparison):
            bounds.append(rule)
            orders += _convert_to_orders(rule)
    combined_names = {name for one in fixed for name in one.names}
    numeric_columns = [
        one for one in columns if one.is_numeric and one.high > one.low and one.name not in combined_names
    ]
    numeric_columns = numeric_columns[:_MAX_ORDERED_COLUMNS]
    _find_formulas(numeric_columns, values, formula_set)
    computed = {one.name for one in formula_set.formulas}
    learnt_columns = [one for one in numeric_columns if one.name not in computed]
    # Stated orders take precedence: each column is second in at most one.
    orders = [one for one in orders if one.second not in computed | combined_names]
    orders += [
        one for one in _find_orders(learnt_columns, values) if one.second not in {known.second for known in orders}
    ]
    orders = _sort_orders(orders)
    used_names = computed | combined_names | {name for one in orders for name in (one.first, one.second)}
    discrete = {
        one.name: _list_levels(values[one.name])
        for one in columns
        if one.name not in used_names and _is_discrete(one, values)
    }
    follows = _find_dependent_columns(
        {name: codes for name, (_, codes) in discrete.items()}, len(next(iter(values.values())))
    )
    fixed += [FixedCombination((one, *others)) for one, others in follows.items()]
    return Relations(
        formula_set.sort(),
        tuple(orders),
        tuple(fixed),
        tuple(bounds),
        tuple(_find_excluded_pairs(discrete, fixed)),
        tuple(_find_identities(columns, values, alone)),
    )


def _convert_to_orders(rule: ColumnComparison) -> list[ColumnOrder]:
    """Convert a comparison of two columns to an order."""
    ends = [one.parts[0] if one.text == "c0" else "" for one in (rule.left, rule.right)]
    if not all(ends) or rule.sign not in (">=", ">", "<=", "<"):
        return []
    return [ColumnOrder(ends[1], ends[0])] if rule.sign in (">=", ">") else [ColumnOrder(ends[0], ends[1])]


def describe_broken_rules(rules: Sequence[str], columns: Sequence[Column], values: Values) -> list[Phrase]:
    """Describe the stated rules that the real rows themselves violate."""
    template = "The rule {rule} does not hold in {count:,} of your {rows:,} rows. It holds in all that are made up."
    notes, rows = list[Phrase](), len(next(iter(values.values())))
    by_name = {one.name: one for one in columns}
    for text in rules:
        rule: Rule = parse_rule(text, columns)
        if isinstance(rule, ColumnComparison):
            count = int(rule.find_violations(values).sum())
        elif isinstance(rule, Formula):
            count = int(_differ(values[rule.name], rule.expression.evaluate(values), by_name[rule.name]).sum())
        else:
            continue
        if count:
            notes.append(Phrase(template, rule=str(rule), count=count, rows=rows))
    return notes


# Formulas


def _find_formulas(columns: Sequence[Column], values: Values, formula_set: _FormulaSet) -> None:
    """Find formulas: sums first, as they are exact; shares of one column last, as they say less if that column is
    computed itself.
    """
    numbers = [one for one in columns if one.type is ColumnType.NUMBER]
    names = [one.name for one in numbers]
    varied_columns = [
        one for one in numbers if len(np.unique(values[one.name][~np.isnan(values[one.name])])) >= _MIN_DISTINCT_VALUES
    ]
    proposers: tuple[Callable[[Column], Iterable[Expression]], ...] = (
        lambda one: _propose_sums(one, names, values),
        lambda _: _propose_spans(columns),
        lambda one: _propose_products(one, names, values),
        lambda one: _propose_shares(one, numbers, values),
    )
    for propose in proposers:
        for number in varied_columns:
            if number.name in {one.name for one in formula_set.formulas}:
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
    dates = [one.name for one in columns if one.type is ColumnType.DATE]
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
    if len(ratios) < _MIN_ROWS:
        return None
    share = float(np.median(ratios))
    shorter = (short for places in range(5) if (short := round(share, places)) not in (0.0, 1.0))
    return next((one for one in shorter if _is_exact(Expression(f"c0 * {one:g}", (other.name,)), number, values)), None)


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
        near = ~_differ(actual[:60, None, None], result, number).any(axis=0)
        for one, other in np.argwhere(near):
            if one != other and not (text.startswith("c0 * c1") and one > other):
                yield Expression(text, (names[one], names[other]))
    if len(names) <= _MAX_SMALL_DOMAIN:
        for one, other, third in permutations(names, 3):
            if one < other:
                yield Expression("c0 * c1 * (1 - c2)", (one, other, third))
                yield Expression("c0 * c1 * (1 - c2 / 100)", (one, other, third))


def _is_exact(expression: Expression, number: Column, values: Values) -> bool:
    """Whether an expression gives a column in every row, and not by chance."""
    head = {name: values[name][:60] for name in (number.name, *expression.parts)}
    if _differ(head[number.name], expression.evaluate(head), number).any():
        return False
    if any(np.nanstd(values[name]) == 0 for name in expression.parts):
        return False
    result, actual = expression.evaluate(values), values[number.name]
    known = ~np.isnan(result) & ~np.isnan(actual)
    return int(known.sum()) >= _MIN_ROWS and not _differ(actual, result, number).any()


def compute_slack(column: Column) -> float:
    """Return the maximum difference between a computed value and the written one."""
    return 0.51 * 10.0**-column.decimals if column.decimals else 0.51


def _differ(actual: Array, result: Array, column: Column) -> Array:
    # Sums of integers are exact; others may have been rounded.
    slack = compute_slack(column) * (1 + 1e-9) + 1e-9
    return np.asarray(np.nan_to_num(np.abs(actual - result)) > slack)


# Orders


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
        if int(known.sum()) < _MIN_ROWS or (early[known] > late[known]).any() or (early == late)[known].all():
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
    for one in orders:
        if one.second not in seconds_seen and one.first != one.second:
            seconds_seen.add(one.second)
            pending.append(one)
    while pending:
        seconds = {one.second for one in pending}
        ready = [one for one in pending if one.first not in seconds]
        if not ready:
            break
        ordered += ready
        pending = [one for one in pending if one not in ready]
    return ordered


# Values that come together


def format_cells(values: Array) -> Array:
    """Format values as texts; "" if missing."""
    if values.dtype == object:
        return values.astype(str)
    return np.array(["" if np.isnan(one) else f"{one:.12g}" for one in values.tolist()])


def _is_discrete(column: Column, values: Values) -> bool:
    if column.type is ColumnType.CATEGORY:
        return True
    if not column.is_numeric:
        return False
    known = np.unique(values[column.name][~np.isnan(values[column.name])])
    # Postcodes look like numbers, and the price of a product repeats with it.
    return len(known) <= _MAX_SMALL_DOMAIN or (
        column.type is ColumnType.NUMBER and len(known) * 5 <= len(values[column.name])
    )


def _list_levels(values: Array) -> tuple[Array, Array]:
    """Return the distinct values as texts, and the level of each row."""
    levels, codes = np.unique(format_cells(values), return_inverse=True)
    return levels, codes


def _find_dependent_columns(discrete: dict[str, Array], rows: int) -> dict[str, list[str]]:
    """Map columns to those they determine; each column is determined by at most one, that with the fewest values."""
    if rows < _MIN_ROWS:
        return {}
    rng = np.random.default_rng(0)
    counts = {name: int(codes.max()) + 1 for name, codes in discrete.items()}
    names = sorted(
        (name for name in list(discrete)[:_MAX_PAIRED_COLUMNS] if counts[name] > 1), key=lambda name: -counts[name]
    )
    leader, follows = dict[str, str](), dict[str, list[str]]()
    for second in reversed(names):
        for first in reversed(names):
            if (
                first == second
                or counts[first] < counts[second]
                or leader.get(first) == second
                or rows - counts[first] < _MIN_ROWS
            ):
                continue
            if _count_exceptions(discrete[first][:_HEAD_ROWS], discrete[second][:_HEAD_ROWS]):
                continue
            if _count_exceptions(discrete[first], discrete[second]) == 0 and (
                _count_exceptions(discrete[first], rng.permutation(discrete[second])) >= _MIN_EXCEPTIONS_BY_CHANCE
            ):
                leader[second] = first
                break
    for second in leader:
        first, seen = leader[second], {second}
        while first in leader and first not in seen:
            seen.add(first)
            first = leader[first]
        if first != second:
            follows.setdefault(first, []).append(second)
    return follows


def _count_exceptions(first: Array, second: Array) -> int:
    """Count the rows whose second value is not the most frequent one for their first value."""
    _, pair, counts = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True, return_counts=True)
    most = np.zeros(int(first.max()) + 1, dtype=np.int64)
    np.maximum.at(most, first, counts[pair])
    return int(len(first) - most.sum())


def _find_excluded_pairs(
    discrete: dict[str, tuple[Array, Array]], fixed: Sequence[FixedCombination]
) -> Iterable[ExcludedPairs]:
    """Yield pairs of values that never occur, although many rows would have them by chance; for a column that is
    determined by another, all pairs that do not occur.
    """
    rng = np.random.default_rng(0)
    few = [name for name, (levels, _) in discrete.items() if 1 < len(levels) <= _MAX_LEVELS][:_MAX_PAIRED_COLUMNS]
    for first, second in permutations(few, 2):
        if any(first in one.names and second in one.names for one in fixed):
            continue
        (levels, codes), (others, other_codes) = discrete[first], discrete[second]
        rows = len(codes)
        counts = np.bincount(codes * len(others) + other_codes, minlength=len(levels) * len(others))
        counts = counts.reshape(len(levels), len(others))
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / rows
        never = (counts == 0) & (expected >= _MIN_EXPECTED_ROWS) & (first < second)
        follows = int((counts > 0).sum(axis=1).max()) == 1
        if follows and _count_exceptions(codes, rng.permutation(other_codes)) >= _MIN_EXCEPTIONS_BY_CHANCE:
            never |= counts == 0
        if never.any():
            yield ExcludedPairs(
                first, second, tuple(f"{levels[one]}\t{others[other]}" for one, other in np.argwhere(never))
            )


def _find_identities(columns: Sequence[Column], values: Values, alone: str) -> Iterable[Identity]:
    """Yield keys that repeat, each with those that identify the same entity."""
    keys = [one for one in columns if one.type is ColumnType.KEY and not one.unique and one.shapes]
    units = dict[str, tuple[Array, list[Column]]]()
    for column in keys:
        unit = f"\t{column.slot}" if column.slot >= 0 else column.name
        codes, members = units.get(unit, (np.zeros(len(values[column.name]), dtype=np.int64), []))
        own = np.unique(values[column.name].astype(str), return_inverse=True)[1]
        # The names of a person identify them together.
        joined = (
            codes
            if column.kind == PersonalKind.MAIL and members
            else np.unique(codes * (int(own.max()) + 1) + own, return_inverse=True)[1]
        )
        units[unit] = joined, [*members, column]
    remaining_units = sorted(
        units, key=lambda unit: (-int(units[unit][0].max()), all(one.kind in _SHARED_KINDS for one in units[unit][1]))
    )
    while remaining_units:
        lead, *remaining_units = remaining_units
        codes, members = units[lead]
        count, rows = int(codes.max()) + 1, len(codes)
        if rows - count < max(10, 0.02 * rows):
            continue
        same = [
            unit for unit in remaining_units if _count_exceptions(codes, units[unit][0]) <= _MAX_EXCEPTION_SHARE * rows
        ]
        remaining_units = [unit for unit in remaining_units if unit not in same]
        names = [one.name for unit in (lead, *same) for one in units[unit][1]]
        still = tuple(
            one.name
            for one in columns
            if one.type in (ColumnType.NUMBER, ColumnType.DATE, ColumnType.CATEGORY)
            and len(set(format_cells(values[one.name]))) > 1
            and _count_exceptions(codes, np.unique(format_cells(values[one.name]), return_inverse=True)[1]) == 0
        )
        sizes = np.bincount(codes[format_cells(values[alone]) != ""] if alone else codes)
        sizes = sizes[sizes > 0]
        yield Identity(
            tuple(names), still, tuple(int(one) for one in np.sort(sizes)[:: max(1, len(sizes) // _MAX_SIZES)]), alone
        )


def find_finest_key(names: Sequence[str], cells: Mapping[str, Sequence[str] | Array]) -> str:
    """Of keys that identify the same entity as the first, return the one with the most distinct values: a number
    rather than a name, which several people may share.
    """
    codes = {name: np.unique(np.asarray(cells[name]).astype(str), return_inverse=True)[1] for name in names}
    same = [
        name
        for name in names
        if _count_exceptions(codes[name], codes[names[0]]) <= _MAX_EXCEPTION_SHARE * len(codes[name])
    ]
    return max(same, key=lambda name: int(codes[name].max()), default="")


def find_violations(relations: Relations, columns: Sequence[Column], values: Values) -> Array:
    """Return a boolean for each row: whether it violates a relation, or the bounds of a computed column."""
    wrong = np.zeros(len(next(iter(values.values()))), dtype=bool)
    by_name = {one.name: one for one in columns}
    for formula in relations.formulas:
        column, actual = by_name[formula.name], values[formula.name]
        wrong |= _differ(actual, formula.expression.evaluate(values), column)
        wrong |= (actual < column.low) | (actual > column.high)
    for order in relations.orders:
        wrong |= values[order.first] > values[order.second]
    for bound in relations.bounds:
        wrong |= bound.find_violations(values)
    for apart in relations.apart:
        pairs = np.char.add(np.char.add(format_cells(values[apart.first]), "\t"), format_cells(values[apart.second]))
        wrong |= np.isin(pairs, np.array(apart.pairs))
    return wrong
