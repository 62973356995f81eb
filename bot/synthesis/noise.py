"""Integer noise, drawn exactly: with integers only, from the operating system's random source. The samplers are those
of Canonne, Kamath and Steinke (2020, "The discrete Gaussian for differential privacy"). Floating-point noise would
leave gaps between the outcomes of two neighbours (Mironov 2012), and anyone who knows a generator's state could
subtract its noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from secrets import randbelow, randbits

# Epsilons are rounded down to multiples of 1 / _PARTS.
_PARTS = 1 << 40


def add_geometric_noise(counts: Sequence[int], epsilon: float) -> list[int]:
    """Add noise n, with probability proportional to exp(-epsilon |n|), to counts of which one row changes one by 1."""
    steps = int(epsilon * _PARTS)
    if steps < 1:
        raise ValueError("epsilon is too small to draw noise for it")
    return [int(count) + _draw_geometric(steps, _PARTS) for count in counts]


def add_normal_noise(sums: Sequence[int], sensitivity: int, rho: float) -> list[int]:
    """Add noise under rho-zCDP to sums that one row changes by at most `sensitivity` in total (L2 norm)."""
    steps = int(rho * _PARTS)
    if steps < 1:
        raise ValueError("rho is too small to draw noise for it")
    # Round up so that the noise is not too small.
    variance = -(-(sensitivity**2) * _PARTS // (2 * steps))
    return [int(total) + _draw_normal(variance) for total in sums]


def _draw_geometric(steps: int, parts: int) -> int:
    """Draw an integer n with probability proportional to exp(-|n| steps / parts)."""
    while True:
        rest = randbelow(parts)
        if not _draw_bernoulli_exp(rest, parts):
            continue
        whole = 0
        while _draw_bernoulli_exp(1, 1):
            whole += 1
        size, negative = (rest + parts * whole) // steps, bool(randbits(1))
        if size or not negative:
            return -size if negative else size


def _draw_normal(variance: int) -> int:
    """Draw an integer n with probability proportional to exp(-n² / (2 variance))."""
    width = isqrt(variance) + 1
    while True:
        found = _draw_geometric(1, width)
        if _draw_bernoulli_exp((abs(found) * width - variance) ** 2, 2 * variance * width**2):
            return found


def _draw_bernoulli_exp(over: int, under: int) -> bool:
    """Return True with a probability of exp(-over / under)."""
    while over > under:
        if not _draw_bernoulli_exp(1, 1):
            return False
        over -= under
    turns = 1
    while randbelow(under * turns) < over:
        turns += 1
    return turns % 2 == 1
