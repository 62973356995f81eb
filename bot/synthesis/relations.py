"""What holds between columns in every row of a table: sums, and numbers or dates in order. Found in what is brought,
kept in what is made.

A sum is not learnt but reckoned; of two in order the later is learnt as the gap behind the earlier. So both hold in
every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

import numpy as np

from .columns import Array, Column, Sort, Values

# Below so many rows anything may hold by chance.
_LEAST_ROWS = 30
# Two columns count as in order where, put together by chance, at least so many rows would not be.
_BY_CHANCE = 0.05
_MOST_MEASURED = 40


@dataclass(frozen=True, slots=True)
class Total:
    """A column that is the sum of others."""

    name: str
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Order:
    """Two columns, the second never below the first."""

    first: str
    second: str


@dataclass(frozen=True, slots=True)
class Relations:
    """All that holds."""

    totals: tuple[Total, ...] = ()
    orders: tuple[Order, ...] = ()

    def as_json(self) -> dict[str, list[list[str]]]:
        """Plain data."""
        return {
            "totals": [[one.name, *one.parts] for one in self.totals],
            "orders": [[one.first, one.second] for one in self.orders],
        }

    @classmethod
    def from_json(cls, data: dict[str, list[list[str]]]) -> Relations:
        """The relations that `as_json` gave."""
        return cls(
            tuple(Total(name, tuple(parts)) for name, *parts in data["totals"]),
            tuple(Order(first, second) for first, second in data["orders"]),
        )


def relations_of(columns: Sequence[Column], values: Values) -> Relations:
    """What holds in every row."""
    measured = [one for one in columns if one.measured and one.high > one.low][:_MOST_MEASURED]
    totals = _totals([one for one in measured if one.sort is Sort.NUMBER], values)
    reckoned = {one.name for one in totals}
    return Relations(tuple(totals), tuple(_orders([one for one in measured if one.name not in reckoned], values)))


def _totals(columns: Sequence[Column], values: Values) -> list[Total]:
    found, taken = list[Total](), set[str]()
    names = [one.name for one in columns]
    for total in columns:
        if total.name in taken:
            continue
        others = [name for name in names if name != total.name and name not in {one.name for one in found}]
        at = names.index(total.name)
        runs = [names[at - size : at] for size in range(3, min(at, 12) + 1)]
        runs += [names[at + 1 : at + 1 + size] for size in range(3, 13) if at + 1 + size <= len(names)]
        for parts in [*map(list, combinations(others, 2)), *runs]:
            if _adds_up(values, total, parts) and all(name not in {one.name for one in found} for name in parts):
                found.append(Total(total.name, tuple(parts)))
                taken |= {total.name, *parts}
                break
    return found


def _adds_up(values: Values, total: Column, parts: Sequence[str]) -> bool:
    whole = values[total.name]
    slack = 0.51 * 10.0**-total.decimals if total.decimals else 1e-9
    if not _same(whole[:60], sum(values[name][:60] for name in parts), slack, least=1):
        return False
    varied = all(np.nanstd(values[name]) > 0 for name in parts)
    return varied and _same(whole, sum(values[name] for name in parts), slack, least=_LEAST_ROWS)


def _same(whole: Array, added: Array | int, slack: float, *, least: int) -> bool:
    known = ~np.isnan(whole) & ~np.isnan(added)
    return int(known.sum()) >= least and bool((np.abs(whole[known] - np.asarray(added)[known]) <= slack).all())


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
        if int(known.sum()) < _LEAST_ROWS or (early[known] > late[known]).any() or (early == late)[known].all():
            continue
        if np.searchsorted(np.sort(early[known]), late[known]).mean() > (1 - _BY_CHANCE) * known.sum():
            continue
        gap = float((late[known] - early[known]).mean())
        if second.name not in behind or gap < behind[second.name][0]:
            behind[second.name] = gap, Order(first.name, second.name)
    return _in_turn([order for _, order in behind.values()])


def _in_turn(orders: list[Order]) -> list[Order]:
    """Orders so that of each its first is known before its second; those in a circle are left out."""
    turn, waiting = list[Order](), list(orders)
    while waiting:
        seconds = {one.second for one in waiting}
        ready = [one for one in waiting if one.first not in seconds]
        if not ready:
            break
        turn += ready
        waiting = [one for one in waiting if one not in ready]
    return turn


def broken(relations: Relations, columns: Sequence[Column], values: Values) -> Array:
    """Which rows break any of them, or a sum's own bounds."""
    wrong = np.zeros(len(next(iter(values.values()))), dtype=bool)
    by_name = {one.name: one for one in columns}
    for total in relations.totals:
        column, whole = by_name[total.name], values[total.name]
        slack = 0.51 * 10.0**-column.decimals + 1e-9
        added = sum(values[name] for name in total.parts)
        wrong |= np.nan_to_num(np.abs(whole - added)) > slack
        wrong |= (whole < column.low) | (whole > column.high)
    for order in relations.orders:
        wrong |= values[order.first] > values[order.second]
    return wrong
