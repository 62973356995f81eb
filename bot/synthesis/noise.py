"""Noise of whole numbers, drawn exactly: by integers alone, from the operating system's own source.

Samplers are those of Canonne, Kamath and Steinke (2020, "The discrete Gaussian for differential privacy"). Floating-point numbers
would leave gaps between what can come of two neighbours (Mironov 2012), and whoever knows a generator's state takes the noise away.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from secrets import randbelow, randbits

# Epsilons are rounded down to so many parts of 1.
_PARTS = 1 << 40


def with_geometric_noise(counts: Sequence[int], epsilon: float) -> list[int]:
    """Counts of which one row changes one, by one: each with noise n that comes as often as exp(-epsilon |n|) says."""
    steps = int(epsilon * _PARTS)
    if steps < 1:
        raise ValueError("epsilon is too small to draw noise for it")
    return [int(count) + _geometric(steps, _PARTS) for count in counts]


def with_normal_noise(sums: Sequence[int], sensitivity: int, rho: float) -> list[int]:
    """Sums that one row changes by no more than `sensitivity` in all, as the length of a vector: under rho-zCDP."""
    steps = int(rho * _PARTS)
    if steps < 1:
        raise ValueError("rho is too small to draw noise for it")
    # Rounded up, so that the noise is no smaller.
    variance = -(-(sensitivity**2) * _PARTS // (2 * steps))
    return [int(one) + _normal(variance) for one in sums]


def _geometric(steps: int, parts: int) -> int:
    """A whole number n as often as exp(-|n| steps / parts) says."""
    while True:
        rest = randbelow(parts)
        if not _as_often_as_exp(rest, parts):
            continue
        whole = 0
        while _as_often_as_exp(1, 1):
            whole += 1
        size, negative = (rest + parts * whole) // steps, bool(randbits(1))
        if size or not negative:
            return -size if negative else size


def _normal(variance: int) -> int:
    """A whole number n as often as exp(-n² / (2 variance)) says."""
    width = isqrt(variance) + 1
    while True:
        found = _geometric(1, width)
        if _as_often_as_exp((abs(found) * width - variance) ** 2, 2 * variance * width**2):
            return found


def _as_often_as_exp(over: int, under: int) -> bool:
    """True with a chance of exp(-over / under)."""
    while over > under:
        if not _as_often_as_exp(1, 1):
            return False
        over -= under
    turns = 1
    while randbelow(under * turns) < over:
        turns += 1
    return turns % 2 == 1
