"""What holds between columns in every row of a table: formulas, comparisons, values that come together, and whose rows are whose. Found
in what is brought or said by who brings it, and kept in what is made.

A column with a formula is not learnt but reckoned; of two in order the later is learnt as the gap behind the earlier; values that come
together are learnt as one. So these hold in every row. What else is to hold is looked for: rows that break it are thrown away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations, permutations
from typing import Any

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, Sort, Values
from .formulas import Bound, Expression, Fixed, Formula, Rule, rule_of
from .personal import Kind

# Below so many rows anything may hold by chance.
_MIN_ROWS = 30
# Two columns count as in order where, put together by chance, at least so many rows would not be.
_BY_CHANCE = 0.05
_MAX_MEASURED, _MAX_MULTIPLIED = 40, 25
# A column with a formula has so many different values at least; others may be met by chance.
_MIN_DIFFERENT = 12
# Pairs of values that never come, though by chance so many would, cannot.
_EXPECTED = 7.0
_MAX_LEVELS, _MAX_COUNTED, _MAX_PAIRED = 60, 12, 40
# One column follows from another where chance would have so many rows at least that say otherwise.
_MIN_OTHERWISE = 10
_DAY = 86_400
# Rows that are looked at before all are.
_HEAD = 2_000
# A slip of the pen makes nobody somebody else.
_MAX_OTHERWISE = 0.01
# Columns that say little of whose a row is, as several people may share what stands there.
_SHARED = (Kind.GIVEN, Kind.FAMILY, Kind.ADDRESS, Kind.PHONE, Kind.ACCOUNT)
_MAX_SIZES = 1_000


@dataclass(frozen=True, slots=True)
class Order:
    """Two columns, the second never below the first."""

    first: str
    second: str

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.second} >= {self.first}"


@dataclass(frozen=True, slots=True)
class Apart:
    """Two columns, and the values of them that never come together, as texts with a tab between."""

    first: str
    second: str
    pairs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys that say together whose a row is: how many rows there are of each (`sizes`, some of them), and which other columns stay
    the same in all rows of one. Rows that lack `alone` are the only ones of theirs.
    """

    names: tuple[str, ...]
    still: tuple[str, ...]
    sizes: tuple[int, ...]
    alone: str = ""


@dataclass(frozen=True, slots=True)
class Relations:
    """All that holds; formulas in the order in which they can be reckoned."""

    formulas: tuple[Formula, ...] = ()
    orders: tuple[Order, ...] = ()
    fixed: tuple[Fixed, ...] = ()
    bounds: tuple[Bound, ...] = ()
    apart: tuple[Apart, ...] = ()
    identities: tuple[Identity, ...] = ()

    @property
    def rules(self) -> list[str]:
        """Those of them that can be written as a rule, as people write them."""
        return [str(one) for one in (*self.formulas, *self.orders, *self.bounds, *self.fixed)]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Relations:
        """The relations that `to_json` gave."""

        def expression(one: dict[str, Any]) -> Expression:
            return Expression(one["text"], tuple(one["parts"]))

        return cls(
            tuple(Formula(one["name"], expression(one["expression"])) for one in data["formulas"]),
            tuple(Order(**one) for one in data["orders"]),
            tuple(Fixed(tuple(one["names"])) for one in data["fixed"]),
            tuple(Bound(expression(one["left"]), one["sign"], expression(one["right"])) for one in data["bounds"]),
            tuple(Apart(one["first"], one["second"], tuple(one["pairs"])) for one in data["apart"]),
            tuple(
                Identity(tuple(one["names"]), tuple(one["still"]), tuple(one["sizes"]), one["alone"])
                for one in data["identities"]
            ),
        )


@dataclass(slots=True)
class _Found:
    """What is found, one after the other."""

    formulas: list[Formula] = field(default_factory=list)

    def add(self, formula: Formula) -> bool:
        """Takes a formula unless its column is reckoned already, or itself needed for its parts."""
        known = {one.name: one.expression.parts for one in self.formulas}
        waiting, needed = list(formula.expression.parts), set[str]()
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += known.get(name, ())
        if formula.name in known or formula.name in needed:
            return False
        self.formulas.append(formula)
        return True

    def in_turn(self) -> tuple[Formula, ...]:
        """The formulas so that each comes behind those of its parts."""
        turn, waiting = list[Formula](), list(self.formulas)
        while waiting:
            names = {one.name for one in waiting}
            ready = [one for one in waiting if not names.intersection(one.expression.parts)]
            turn += ready
            waiting = [one for one in waiting if one not in ready]
        return tuple(turn)


def relations_of(columns: Sequence[Column], values: Values, rules: Sequence[str] = (), alone: str = "") -> Relations:
    """What holds in every row, and what is said to. Rows without `alone` are the only ones of their key.

    Raises:
        RefusedError: a rule cannot be read, or no two of them hold at once.
    """
    said = [rule_of(text, columns) for text in rules]
    found, orders, bounds, fixed = (
        _Found(),
        list[Order](),
        list[Bound](),
        [one for one in said if isinstance(one, Fixed)],
    )
    for rule in said:
        if isinstance(rule, Formula) and not found.add(rule):
            raise RefusedError(
                "The rule “{rule}” goes round in a circle with another one. Leave one of them out.", rule=str(rule)
            )
        if isinstance(rule, Bound):
            bounds.append(rule)
            orders += _order_of(rule)
    together = {name for one in fixed for name in one.names}
    measured = [one for one in columns if one.measured and one.high > one.low and one.name not in together]
    measured = measured[:_MAX_MEASURED]
    _find_formulas(measured, values, found)
    reckoned = {one.name for one in found.formulas}
    learnt = [one for one in measured if one.name not in reckoned]
    # What is said goes first: each column is behind one other at most.
    orders = [one for one in orders if one.second not in reckoned | together]
    orders += [one for one in _orders(learnt, values) if one.second not in {known.second for known in orders}]
    orders = _in_turn(orders)
    busy = reckoned | together | {name for one in orders for name in (one.first, one.second)}
    discrete = {
        one.name: _levels(values[one.name]) for one in columns if one.name not in busy and _is_discrete(one, values)
    }
    follows = _following({name: codes for name, (_, codes) in discrete.items()}, len(next(iter(values.values()))))
    fixed += [Fixed((one, *others)) for one, others in follows.items()]
    return Relations(
        found.in_turn(),
        tuple(orders),
        tuple(fixed),
        tuple(bounds),
        tuple(_apart(discrete, fixed)),
        tuple(_identities(columns, values, alone)),
    )


def _order_of(rule: Bound) -> list[Order]:
    """A comparison of two columns as an order of them."""
    ends = [one.parts[0] if one.text == "c0" else "" for one in (rule.left, rule.right)]
    if not all(ends) or rule.sign not in (">=", ">", "<=", "<"):
        return []
    return [Order(ends[1], ends[0])] if rule.sign in (">=", ">") else [Order(ends[0], ends[1])]


def unmet(rules: Sequence[str], columns: Sequence[Column], values: Values) -> list[Phrase]:
    """What is to be known of rules that the real rows do not meet themselves."""
    said = "The rule {rule} does not hold in {count:,} of your {rows:,} rows. It holds in all that are made up."
    notes, rows = list[Phrase](), len(next(iter(values.values())))
    by_name = {one.name: one for one in columns}
    for text in rules:
        rule: Rule = rule_of(text, columns)
        if isinstance(rule, Bound):
            count = int(rule.broken(values).sum())
        elif isinstance(rule, Formula):
            count = int(_differs(values[rule.name], rule.expression.of(values), by_name[rule.name]).sum())
        else:
            continue
        if count:
            notes.append(Phrase(said, rule=str(rule), count=count, rows=rows))
    return notes


# Formulas


def _find_formulas(columns: Sequence[Column], values: Values, found: _Found) -> None:
    """Sums first, which are exact; shares of one column last, as those of a column that is reckoned itself say less."""
    numbers = [one for one in columns if one.sort is Sort.NUMBER]
    names = [one.name for one in numbers]
    varied = [one for one in numbers if len(np.unique(values[one.name][~np.isnan(values[one.name])])) >= _MIN_DIFFERENT]
    ways: tuple[Callable[[Column], Iterable[Expression]], ...] = (
        lambda one: _sums(one, names, values), lambda _: _spans(columns), lambda one: _products(one, names, values),
        lambda one: _shares(one, numbers, values),
    )  # fmt: skip
    for way in ways:
        for number in varied:
            if number.name in {one.name for one in found.formulas}:
                continue
            for expression in way(number):
                if _holds(expression, number, values) and found.add(Formula(number.name, expression)):
                    break


def _sums(total: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """Two columns that add up to another, or a run of them beside it."""
    at = names.index(total.name)
    others = [name for name in names if name != total.name]
    runs = [names[at - size : at] for size in range(3, min(at, 12) + 1)]
    runs += [names[at + 1 : at + 1 + size] for size in range(3, 13) if at + 1 + size <= len(names)]
    for parts in [*map(list, combinations(others, 2)), *runs]:
        if all(np.nanstd(values[name]) > 0 for name in parts):
            yield Expression(" + ".join(f"c{at}" for at in range(len(parts))), tuple(parts))


def _spans(columns: Sequence[Column]) -> Iterable[Expression]:
    """Days between two dates, with and without the last of them."""
    dates = [one.name for one in columns if one.sort is Sort.DATE]
    for first, second in permutations(dates, 2):
        yield Expression(f"(c0 - c1) / (1 * {_DAY})", (second, first))
        yield Expression(f"(c0 - c1) / (1 * {_DAY}) + 1", (second, first))


def _shares(number: Column, numbers: Sequence[Column], values: Values) -> Iterable[Expression]:
    """A share of another column, unless that is a simpler one of this."""
    for other in numbers:
        if other.name == number.name or (share := _share_of(number, other, values)) is None:
            continue
        back = _share_of(other, number, values)
        if back is None or len(f"{share:g}") <= len(f"{back:g}"):
            yield Expression(f"c0 * {share:g}", (other.name,))


def _share_of(number: Column, other: Column, values: Values) -> float | None:
    """By what another column has to be multiplied to give this one, as shortly as does."""
    with np.errstate(all="ignore"):
        ratios = values[number.name] / values[other.name]
    ratios = ratios[np.isfinite(ratios)]
    if len(ratios) < _MIN_ROWS:
        return None
    share = float(np.median(ratios))
    shorter = (short for places in range(5) if (short := round(share, places)) not in (0.0, 1.0))
    return next((one for one in shorter if _holds(Expression(f"c0 * {one:g}", (other.name,)), number, values)), None)


def _products(number: Column, names: Sequence[str], values: Values) -> Iterable[Expression]:
    """The product of two columns, or one with a share of it more or less."""
    names = [name for name in names if name != number.name][:_MAX_MULTIPLIED]
    whole = values[number.name]
    if not names:
        return
    head = np.stack([values[name][:60] for name in names], axis=1)
    first, second = head[:, :, None], head[:, None, :]
    for text, made in (
        ("c0 * c1", first * second), ("c0 * c1 / 100", first * second / 100), ("c0 * (1 - c1)", first * (1 - second)),
        ("c0 * (1 - c1 / 100)", first * (1 - second / 100)), ("c0 * (1 + c1)", first * (1 + second)),
        ("c0 * (1 + c1 / 100)", first * (1 + second / 100)),
    ):  # fmt: skip
        near = ~_differs(whole[:60, None, None], made, number).any(axis=0)
        for one, other in np.argwhere(near):
            if one != other and not (text.startswith("c0 * c1") and one > other):
                yield Expression(text, (names[one], names[other]))
    if len(names) <= _MAX_COUNTED:
        for one, other, third in permutations(names, 3):
            if one < other:
                yield Expression("c0 * c1 * (1 - c2)", (one, other, third))
                yield Expression("c0 * c1 * (1 - c2 / 100)", (one, other, third))


def _holds(expression: Expression, number: Column, values: Values) -> bool:
    """Whether it gives a column in every row, and not by chance."""
    head = {name: values[name][:60] for name in (number.name, *expression.parts)}
    if _differs(head[number.name], expression.of(head), number).any():
        return False
    if any(np.nanstd(values[name]) == 0 for name in expression.parts):
        return False
    made, whole = expression.of(values), values[number.name]
    known = ~np.isnan(made) & ~np.isnan(whole)
    return int(known.sum()) >= _MIN_ROWS and not _differs(whole, made, number).any()


def slack_of(column: Column) -> float:
    """How far a value that is reckoned may lie from the one that is written."""
    return 0.51 * 10.0**-column.decimals if column.decimals else 0.51


def _differs(whole: Array, made: Array, column: Column) -> Array:
    # Of whole numbers sums are exact; others may have been rounded.
    slack = slack_of(column) * (1 + 1e-9) + 1e-9
    return np.asarray(np.nan_to_num(np.abs(whole - made)) > slack)


# Orders


def _orders(columns: Sequence[Column], values: Values) -> list[Order]:
    """Orders, each column second in one at most: that with the smallest gap."""
    behind: dict[str, tuple[float, Order]] = {}
    for first, second in permutations(columns, 2):
        if first.sort is not second.sort:
            continue
        early, late = values[first.name], values[second.name]
        if (early[:60] > late[:60]).any():
            continue
        known = ~np.isnan(early) & ~np.isnan(late)
        if int(known.sum()) < _MIN_ROWS or (early[known] > late[known]).any() or (early == late)[known].all():
            continue
        if np.searchsorted(np.sort(early[known]), late[known]).mean() > (1 - _BY_CHANCE) * known.sum():
            continue
        gap = float((late[known] - early[known]).mean())
        if second.name not in behind or gap < behind[second.name][0]:
            behind[second.name] = gap, Order(first.name, second.name)
    return [order for _, order in behind.values()]


def _in_turn(orders: list[Order]) -> list[Order]:
    """Orders so that of each its first is known before its second; those in a circle are left out."""
    turn, waiting, seconds_seen = list[Order](), list[Order](), set[str]()
    for one in orders:
        if one.second not in seconds_seen and one.first != one.second:
            seconds_seen.add(one.second)
            waiting.append(one)
    while waiting:
        seconds = {one.second for one in waiting}
        ready = [one for one in waiting if one.first not in seconds]
        if not ready:
            break
        turn += ready
        waiting = [one for one in waiting if one not in ready]
    return turn


# Values that come together


def texts_of(values: Array) -> Array:
    """Values as texts; "" where one is missing."""
    if values.dtype == object:
        return values.astype(str)
    return np.array(["" if np.isnan(one) else f"{one:.12g}" for one in values.tolist()])


def _is_discrete(column: Column, values: Values) -> bool:
    if column.sort is Sort.CATEGORY:
        return True
    if not column.measured:
        return False
    known = np.unique(values[column.name][~np.isnan(values[column.name])])
    # Postcodes are numbers to look at, and the price of a product comes again with it.
    return len(known) <= _MAX_COUNTED or (column.sort is Sort.NUMBER and len(known) * 5 <= len(values[column.name]))


def _levels(values: Array) -> tuple[Array, Array]:
    """The different values as texts, and which of them each row has."""
    levels, codes = np.unique(texts_of(values), return_inverse=True)
    return levels, codes


def _following(discrete: dict[str, Array], rows: int) -> dict[str, list[str]]:
    """Columns from which others follow, with these: each follows from one at most, that with the fewest values."""
    if rows < _MIN_ROWS:
        return {}
    rng = np.random.default_rng(0)
    counts = {name: int(codes.max()) + 1 for name, codes in discrete.items()}
    names = sorted((name for name in list(discrete)[:_MAX_PAIRED] if counts[name] > 1), key=lambda name: -counts[name])
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
            if _otherwise(discrete[first][:_HEAD], discrete[second][:_HEAD]):
                continue
            if _otherwise(discrete[first], discrete[second]) == 0 and (
                _otherwise(discrete[first], rng.permutation(discrete[second])) >= _MIN_OTHERWISE
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


def _otherwise(first: Array, second: Array) -> int:
    """In how many rows the second value is another one than that which is commonest beside the first."""
    _, pair, counts = np.unique(first * (int(second.max()) + 1) + second, return_inverse=True, return_counts=True)
    most = np.zeros(int(first.max()) + 1, dtype=np.int64)
    np.maximum.at(most, first, counts[pair])
    return int(len(first) - most.sum())


def _apart(discrete: dict[str, tuple[Array, Array]], fixed: Sequence[Fixed]) -> Iterable[Apart]:
    """Pairs of values that never come together, though many rows would have them by chance; of a column that follows from another all
    that do not.
    """
    rng = np.random.default_rng(0)
    few = [name for name, (levels, _) in discrete.items() if 1 < len(levels) <= _MAX_LEVELS][:_MAX_PAIRED]
    for first, second in permutations(few, 2):
        if any(first in one.names and second in one.names for one in fixed):
            continue
        (levels, codes), (others, other_codes) = discrete[first], discrete[second]
        rows = len(codes)
        counts = np.bincount(codes * len(others) + other_codes, minlength=len(levels) * len(others))
        counts = counts.reshape(len(levels), len(others))
        expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0, keepdims=True) / rows
        never = (counts == 0) & (expected >= _EXPECTED) & (first < second)
        follows = int((counts > 0).sum(axis=1).max()) == 1
        if follows and _otherwise(codes, rng.permutation(other_codes)) >= _MIN_OTHERWISE:
            never |= counts == 0
        if never.any():
            yield Apart(first, second, tuple(f"{levels[one]}\t{others[other]}" for one, other in np.argwhere(never)))


def _identities(columns: Sequence[Column], values: Values, alone: str) -> Iterable[Identity]:
    """Keys of which some come more than once, with those that say the same."""
    keys = [one for one in columns if one.sort is Sort.KEY and not one.unique and one.shapes]
    units = dict[str, tuple[Array, list[Column]]]()
    for column in keys:
        unit = f"\t{column.slot}" if column.slot >= 0 else column.name
        codes, members = units.get(unit, (np.zeros(len(values[column.name]), dtype=np.int64), []))
        own = np.unique(values[column.name].astype(str), return_inverse=True)[1]
        # The names of somebody say together who it is.
        joined = (
            codes
            if column.kind == Kind.MAIL and members
            else np.unique(codes * (int(own.max()) + 1) + own, return_inverse=True)[1]
        )
        units[unit] = joined, [*members, column]
    left = sorted(
        units, key=lambda unit: (-int(units[unit][0].max()), all(one.kind in _SHARED for one in units[unit][1]))
    )
    while left:
        lead, *left = left
        codes, members = units[lead]
        count, rows = int(codes.max()) + 1, len(codes)
        if rows - count < max(10, 0.02 * rows):
            continue
        same = [unit for unit in left if _otherwise(codes, units[unit][0]) <= _MAX_OTHERWISE * rows]
        left = [unit for unit in left if unit not in same]
        names = [one.name for unit in (lead, *same) for one in units[unit][1]]
        still = tuple(
            one.name for one in columns
            if one.sort in (Sort.NUMBER, Sort.DATE, Sort.CATEGORY)
            and len(set(texts_of(values[one.name]))) > 1
            and _otherwise(codes, np.unique(texts_of(values[one.name]), return_inverse=True)[1]) == 0
        )  # fmt: skip
        sizes = np.bincount(codes[texts_of(values[alone]) != ""] if alone else codes)
        sizes = sizes[sizes > 0]
        yield Identity(
            tuple(names), still, tuple(int(one) for one in np.sort(sizes)[:: max(1, len(sizes) // _MAX_SIZES)]), alone
        )


def finest(names: Sequence[str], cells: Mapping[str, Sequence[str] | Array]) -> str:
    """Of keys the one that tells most apart of whom the first is about: a number rather than a name, which several people may have."""
    codes = {name: np.unique(np.asarray(cells[name]).astype(str), return_inverse=True)[1] for name in names}
    same = [name for name in names if _otherwise(codes[name], codes[names[0]]) <= _MAX_OTHERWISE * len(codes[name])]
    return max(same, key=lambda name: int(codes[name].max()), default="")


def broken(relations: Relations, columns: Sequence[Column], values: Values) -> Array:
    """Which rows break any of them, or the bounds of a column that is reckoned."""
    wrong = np.zeros(len(next(iter(values.values()))), dtype=bool)
    by_name = {one.name: one for one in columns}
    for formula in relations.formulas:
        column, whole = by_name[formula.name], values[formula.name]
        wrong |= _differs(whole, formula.expression.of(values), column)
        wrong |= (whole < column.low) | (whole > column.high)
    for order in relations.orders:
        wrong |= values[order.first] > values[order.second]
    for bound in relations.bounds:
        wrong |= bound.broken(values)
    for apart in relations.apart:
        pairs = np.char.add(np.char.add(texts_of(values[apart.first]), "\t"), texts_of(values[apart.second]))
        wrong |= np.isin(pairs, np.array(apart.pairs))
    return wrong
