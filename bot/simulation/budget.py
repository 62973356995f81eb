"""A Monte Carlo simulation of a campaign's budget from assumptions. Pure functions, no I/O.

By default, the values of a range have a PERT distribution: a beta distribution between its ends with its mode at the likeliest
value and the common weight of 4 (Malcolm et al. 1959, Vose 2008); alternatives are a triangular and a uniform distribution.
Drivers are ranked by Spearman's correlation with the profit.
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
    """A figure of the outcome, such as the profit: its values in all rounds, and whether they are amounts of money."""

    name: str
    draws: Draws
    is_money: bool

    def compute_percentile(self, percent: float) -> float:
        """Return a percentile of the values."""
        return float(np.percentile(self.draws, percent))


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """The result of a simulation: draws of assumptions and outcomes by name, the share of rounds with a profit, and the
    uncertain assumptions with their rank correlation with the profit (`drivers`), the strongest first.
    """

    assumption_set: AssumptionSet
    inputs: Mapping[str, Draws]
    outcomes: Mapping[str, Outcome]
    profit_share: float
    drivers: tuple[tuple[str, float], ...]
    seed: int


def simulate(assumption_set: AssumptionSet, seed: int, rounds: int = ROUNDS) -> SimulationResult:
    """Simulate a number of rounds, the same for the same seed.

    Raises:
        RefusedError: a required assumption is missing, or a cost is 0.
    """
    assumptions = assumption_set.assumptions
    missing = find_missing(assumptions)
    if missing:
        raise RefusedError(_NEEDS, missing=[Phrase(TITLES[name]) for name in missing])
    rng = np.random.default_rng(seed)
    # Independent generators, so that the distribution of one assumption does not change the draws of the others.
    inputs = {name: _draw(assumptions[name], rng.spawn(1)[0], rounds) for name in sorted(assumptions)}
    ones = np.ones(rounds)
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
    costs = budget + inputs.get("fixed_costs", 0 * ones)
    profit = revenue * inputs.get("margin", ones) - costs
    outcomes = {
        "clicks": (clicks, False),
        "orders": (orders, False),
        "revenue": (revenue, True),
        "profit": (profit, True),
    }
    if orders.all():
        outcomes["cost_per_order"] = (costs / orders, True)
    drivers = [
        (name, _compute_rank_correlation(draws, profit))
        for name, draws in inputs.items()
        if not assumptions[name].is_fixed
    ]
    return SimulationResult(
        assumption_set,
        inputs,
        {name: Outcome(name, draws, is_money) for name, (draws, is_money) in outcomes.items()},
        float(np.mean(profit > 0)),
        tuple(sorted(drivers, key=lambda row: (-abs(row[1]), row[0]))),
        seed,
    )


def find_missing(assumptions: Mapping[str, Assumption]) -> tuple[str, ...]:
    """Return the names of the required assumptions that are missing."""
    required = ["budget", "conversion", "order_value"]
    if "cost_per_thousand" in assumptions and "cost_per_click" not in assumptions:
        required.append("click_rate")
    elif "cost_per_click" not in assumptions:
        required.append("cost_per_click")
    return tuple(name for name in required if name not in assumptions)


def compute_even_edges(draws: Draws, max_bins: int) -> list[float]:
    """Return the edges of at most `max_bins` bins that contain all draws, each 1, 2 or 5 times a power of ten wide. 0 is an
    edge if it is within their range.
    """
    low, high = float(draws.min()), float(draws.max())
    if low == high:
        return [low, float(np.nextafter(high, np.inf))]
    # For nearly equal draws the quotient may underflow to 0.
    power = 10.0 ** math.floor(math.log10(max((high - low) / max_bins, np.finfo(float).tiny)))
    for step in (multiple * power for multiple in (1, 2, 5, 10, 20)):
        first, last = math.floor(low / step), math.floor(high / step) + 1
        if last - first <= max_bins:
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
    """Return the parameters alpha and beta of a range's PERT distribution."""
    width = assumption.high - assumption.low
    alpha = 1 + _PERT_WEIGHT * (assumption.likely - assumption.low) / width
    beta = 1 + _PERT_WEIGHT * (assumption.high - assumption.likely) / width
    return alpha, beta


def compute_cumulative_shares(assumption: Assumption, draws: Draws) -> Draws:
    """Return the cumulative probability of each draw in a range's distribution."""
    position = (draws - assumption.low) / (assumption.high - assumption.low)
    match assumption.distribution:
        case "uniform":
            return position
        case "triangular":
            mode = (assumption.likely - assumption.low) / (assumption.high - assumption.low)
            with np.errstate(all="ignore"):
                return np.where(position <= mode, position**2 / mode, 1 - (1 - position) ** 2 / (1 - mode))
        case _:
            alpha, beta = compute_pert_shape(assumption)
            grid = np.linspace(0, 1, _GRID_POINTS)
            # Both exponents are at least 0, so the density is finite.
            density = grid ** (alpha - 1) * (1 - grid) ** (beta - 1)
            cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
            return np.asarray(np.interp(position, grid, cumulative / cumulative[-1]), dtype=np.float64)


def estimate_profit_shares(assumption_set: AssumptionSet, seed: int) -> dict[Distribution, float]:
    """Return the share of rounds with a profit for each distribution, if all ranges have it."""
    profit_shares = dict[Distribution, float]()
    for distribution in DISTRIBUTIONS:
        assumptions = {
            name: replace(assumption, distribution=distribution)
            for name, assumption in assumption_set.assumptions.items()
        }
        profit_shares[distribution] = simulate(AssumptionSet(assumptions, assumption_set.currency), seed).profit_share
    return profit_shares


def _compute_rank_correlation(first: Draws, second: Draws) -> float:
    first_ranks, second_ranks = (np.argsort(np.argsort(draws)).astype(float) for draws in (first, second))
    return float(np.corrcoef(first_ranks, second_ranks)[0, 1])
