"""What may come of a campaign's budget: its assumptions are drawn from many times, and what follows is counted. Pure.

A range is drawn from a PERT distribution where nothing else is said, which is a beta distribution between its ends that is highest
at its likeliest value, with the usual weight of 4 (Malcolm et al. 1959, Vose 2008); else from a triangular or a uniform one. What
matters most is told by Spearman's rank correlation with the profit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from bot.errors import Phrase, RefusedError

from .assumptions import DISTRIBUTIONS, TITLES, Assumed, Assumption, Distribution

ROUNDS = 20_000
PERCENTILES = (5, 25, 50, 75, 95)
# How much more the likeliest value weighs than the ends.
_WEIGHT = 4.0
_GRID = 20_001

_NEEDS = (
    "To estimate the outcome of a campaign, I also need: {missing}. For example: budget 2000, cost per click "
    "0.40 to 0.90, conversion 1 to 3 %, order value about 45, margin 40 %."
)
_NO_COST = "With a cost per click of 0 I cannot work out the number of clicks. Use a higher cost."

Draws: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is reckoned: its values in all rounds, and which money they are or not."""

    name: str
    draws: Draws
    is_money: bool

    def at(self, percentile: float) -> float:
        """The value that so many per cent of the rounds do not exceed."""
        return float(np.percentile(self.draws, percentile))


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What came of assumptions: the outcomes by name, the share of rounds with a profit, and each range's rank correlation with it."""

    assumed: Assumed
    inputs: Mapping[str, Draws]
    outcomes: Mapping[str, Outcome]
    profitable: float
    drivers: tuple[tuple[str, float], ...]
    seed: int


def reckoned(assumed: Assumed, seed: int, rounds: int = ROUNDS) -> Reckoned:
    """Draws the assumptions so many times; the same seed gives the same.

    Raises:
        RefusedError: something that is needed is not assumed.
    """
    known = assumed.assumptions
    missing = missing_of(known)
    if missing:
        raise RefusedError(_NEEDS, missing=[Phrase(TITLES[name]) for name in missing])
    drawn = np.random.default_rng(seed)
    # Each by itself and in one order, so that one more assumption does not change what the others draw.
    inputs = {name: _drawn(known[name], drawn.spawn(1)[0], rounds) for name in sorted(known)}
    one = np.ones(rounds)
    budget = inputs["budget"]
    if "cost_per_click" in inputs:
        if not inputs["cost_per_click"].all():
            raise RefusedError(_NO_COST)
        clicks = budget / inputs["cost_per_click"]
    else:
        if not inputs["cost_per_thousand"].all():
            raise RefusedError(_NO_COST)
        clicks = 1000 * budget / inputs["cost_per_thousand"] * inputs["click_rate"]
    orders = clicks * inputs["conversion"]
    revenue = orders * inputs["order_value"]
    spent = budget + inputs.get("fixed_costs", 0 * one)
    profit = revenue * inputs.get("margin", one) - spent
    outcomes = {
        "clicks": (clicks, False),
        "orders": (orders, False),
        "revenue": (revenue, True),
        "profit": (profit, True),
    }
    if orders.all():
        outcomes["cost_per_order"] = (spent / orders, True)
    drivers = [(name, _rank_correlation(draws, profit)) for name, draws in inputs.items() if not known[name].known]
    return Reckoned(
        assumed,
        inputs,
        {name: Outcome(name, draws, money) for name, (draws, money) in outcomes.items()},
        float(np.mean(profit > 0)),
        tuple(sorted(drivers, key=lambda row: (-abs(row[1]), row[0]))),
        seed,
    )


def missing_of(known: Mapping[str, Assumption]) -> tuple[str, ...]:
    """The names of what is not assumed and is needed."""
    needed = ["budget", "conversion", "order_value"]
    if "cost_per_thousand" in known and "cost_per_click" not in known:
        needed.append("click_rate")
    elif "cost_per_click" not in known:
        needed.append("cost_per_click")
    return tuple(name for name in needed if name not in known)


def even_edges(draws: Draws, most: int) -> list[float]:
    """The edges of at most so many spans that hold all draws, each 1, 2 or 5 of a power of ten wide.

    0 is an edge where it is within.
    """
    low, high = float(draws.min()), float(draws.max())
    if low == high:
        return [low, float(np.nextafter(high, np.inf))]
    # Of draws that are nearly alike a part of their distance may be 0.
    power = 10.0 ** math.floor(math.log10(max((high - low) / most, np.finfo(float).tiny)))
    for step in (one * power for one in (1, 2, 5, 10, 20)):
        first, last = math.floor(low / step), math.floor(high / step) + 1
        if last - first <= most:
            break
    return [step * one for one in range(first, last + 1)]


def _drawn(one: Assumption, drawn: np.random.Generator, rounds: int) -> Draws:
    if one.known:
        return np.full(rounds, one.likely)
    match one.distribution:
        case "uniform":
            return drawn.uniform(one.low, one.high, rounds)
        case "triangular":
            return drawn.triangular(one.low, one.likely, one.high, rounds)
        case _:
            return one.low + (one.high - one.low) * drawn.beta(*pert_shape(one), rounds)


def pert_shape(one: Assumption) -> tuple[float, float]:
    """Alpha and beta of a range's PERT distribution."""
    width = one.high - one.low
    return 1 + _WEIGHT * (one.likely - one.low) / width, 1 + _WEIGHT * (one.high - one.likely) / width


def shares_below(one: Assumption, draws: Draws) -> Draws:
    """How much of a range's distribution lies below each draw, from 0 to 1."""
    place = (draws - one.low) / (one.high - one.low)
    match one.distribution:
        case "uniform":
            return place
        case "triangular":
            top = (one.likely - one.low) / (one.high - one.low)
            with np.errstate(all="ignore"):
                return np.where(place <= top, place**2 / top, 1 - (1 - place) ** 2 / (1 - top))
        case _:
            first, second = pert_shape(one)
            grid = np.linspace(0, 1, _GRID)
            # Neither end has less than the exponent 0, so the density is finite.
            density = grid ** (first - 1) * (1 - grid) ** (second - 1)
            below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
            return np.asarray(np.interp(place, grid, below / below[-1]), dtype=np.float64)


def profitable_by(assumed: Assumed, seed: int) -> dict[Distribution, float]:
    """The share of rounds with a profit if all ranges were drawn from each distribution."""
    found = dict[Distribution, float]()
    for shape in DISTRIBUTIONS:
        known = {name: replace(one, distribution=shape) for name, one in assumed.assumptions.items()}
        found[shape] = reckoned(Assumed(known, assumed.currency), seed).profitable
    return found


def _rank_correlation(one: Draws, other: Draws) -> float:
    first, second = (np.argsort(np.argsort(draws)).astype(float) for draws in (one, other))
    return float(np.corrcoef(first, second)[0, 1])
