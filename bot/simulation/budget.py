"""A Monte Carlo simulation of a campaign's budget from assumptions. Pure.

By default a range is drawn from a PERT distribution: a beta distribution between its ends with its mode at the likeliest value and
the common weight of 4 (Malcolm et al. 1959, Vose 2008); alternatives are a triangular and a uniform one. Drivers are ranked by
Spearman's correlation with the profit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from bot.errors import Phrase, RefusedError

from .assumptions import DISTRIBUTIONS, TITLES, Assumption, AssumptionSet, Distribution

ROUNDS = 20_000
PERCENTILES = (5, 25, 50, 75, 95)
# The weight of the likeliest value relative to the ends.
_PERT_WEIGHT = 4.0
_GRID_POINTS = 20_001

_NEEDS = (
    "To estimate the outcome of a campaign, I also need: {missing}. For example: budget 2000, cost per click "
    "0.40 to 0.90, conversion 1 to 3 %, order value about 45, margin 40 %."
)
_NO_COST = "With a cost per click of 0 I cannot work out the number of clicks. Use a higher cost."

Draws: TypeAlias = "np.ndarray[tuple[int, ...], np.dtype[np.float64]]"


@dataclass(frozen=True, slots=True)
class Outcome:
    """An outcome: its values in all rounds, and whether they are money."""

    name: str
    draws: Draws
    is_money: bool

    def percentile(self, percent: float) -> float:
        """Return a percentile of the values."""
        return float(np.percentile(self.draws, percent))


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The result of a simulation: draws and outcomes by name, the share of rounds with a profit, and the rank correlations with it."""

    assumption_set: AssumptionSet
    inputs: Mapping[str, Draws]
    outcomes: Mapping[str, Outcome]
    profit_share: float
    drivers: tuple[tuple[str, float], ...]
    seed: int


def simulate(assumption_set: AssumptionSet, seed: int, rounds: int = ROUNDS) -> SimulationResult:
    """Simulate `rounds` rounds, reproducibly by seed.

    Raises:
        RefusedError: a required assumption is missing, or a cost is 0.
    """
    known = assumption_set.assumptions
    missing = find_missing(known)
    if missing:
        raise RefusedError(_NEEDS, missing=[Phrase(TITLES[name]) for name in missing])
    rng = np.random.default_rng(seed)
    # Independent generators in a fixed order, so that another assumption does not change the other draws.
    inputs = {name: _draw(known[name], rng.spawn(1)[0], rounds) for name in sorted(known)}
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
    drivers = [
        (name, _compute_rank_correlation(draws, profit)) for name, draws in inputs.items() if not known[name].is_fixed
    ]
    return SimulationResult(
        assumption_set,
        inputs,
        {name: Outcome(name, draws, money) for name, (draws, money) in outcomes.items()},
        float(np.mean(profit > 0)),
        tuple(sorted(drivers, key=lambda row: (-abs(row[1]), row[0]))),
        seed,
    )


def find_missing(known: Mapping[str, Assumption]) -> tuple[str, ...]:
    """Return the names of the required assumptions that are missing."""
    needed = ["budget", "conversion", "order_value"]
    if "cost_per_thousand" in known and "cost_per_click" not in known:
        needed.append("click_rate")
    elif "cost_per_click" not in known:
        needed.append("cost_per_click")
    return tuple(name for name in needed if name not in known)


def compute_even_edges(draws: Draws, most: int) -> list[float]:
    """Return the edges of at most so many bins that contain all draws, each 1, 2 or 5 times a power of ten wide.

    0 is an edge if it is within the range.
    """
    low, high = float(draws.min()), float(draws.max())
    if low == high:
        return [low, float(np.nextafter(high, np.inf))]
    # For nearly equal draws the quotient may underflow to 0.
    power = 10.0 ** math.floor(math.log10(max((high - low) / most, np.finfo(float).tiny)))
    for step in (multiple * power for multiple in (1, 2, 5, 10, 20)):
        first, last = math.floor(low / step), math.floor(high / step) + 1
        if last - first <= most:
            break
    return [step * index for index in range(first, last + 1)]


def _draw(assumption: Assumption, rng: np.random.Generator, rounds: int) -> Draws:
    if assumption.is_fixed:
        return np.full(rounds, assumption.likely)
    match assumption.distribution:
        case "uniform":
            return rng.uniform(assumption.low, assumption.high, rounds)
        case "triangular":
            return rng.triangular(assumption.low, assumption.likely, assumption.high, rounds)
        case _:
            return assumption.low + (assumption.high - assumption.low) * rng.beta(
                *compute_pert_shape(assumption), rounds
            )


def compute_pert_shape(assumption: Assumption) -> tuple[float, float]:
    """Return alpha and beta of a range's PERT distribution."""
    width = assumption.high - assumption.low
    return 1 + _PERT_WEIGHT * (assumption.likely - assumption.low) / width, 1 + _PERT_WEIGHT * (
        assumption.high - assumption.likely
    ) / width


def compute_cumulative_shares(assumption: Assumption, draws: Draws) -> Draws:
    """Return the cumulative probability of each draw in a range's distribution."""
    place = (draws - assumption.low) / (assumption.high - assumption.low)
    match assumption.distribution:
        case "uniform":
            return place
        case "triangular":
            top = (assumption.likely - assumption.low) / (assumption.high - assumption.low)
            with np.errstate(all="ignore"):
                return np.where(place <= top, place**2 / top, 1 - (1 - place) ** 2 / (1 - top))
        case _:
            first, second = compute_pert_shape(assumption)
            grid = np.linspace(0, 1, _GRID_POINTS)
            # Both exponents are at least 0, so the density is finite.
            density = grid ** (first - 1) * (1 - grid) ** (second - 1)
            below = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
            return np.asarray(np.interp(place, grid, below / below[-1]), dtype=np.float64)


def estimate_profit_shares(assumption_set: AssumptionSet, seed: int) -> dict[Distribution, float]:
    """Return the share of rounds with a profit if all ranges had each distribution."""
    found = dict[Distribution, float]()
    for shape in DISTRIBUTIONS:
        known = {
            name: replace(assumption, distribution=shape) for name, assumption in assumption_set.assumptions.items()
        }
        found[shape] = simulate(AssumptionSet(known, assumption_set.currency), seed).profit_share
    return found


def _compute_rank_correlation(one: Draws, other: Draws) -> float:
    first, second = (np.argsort(np.argsort(draws)).astype(float) for draws in (one, other))
    return float(np.corrcoef(first, second)[0, 1])
