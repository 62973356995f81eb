"""Adds exact integer noise for differential privacy, drawn with integer arithmetic from the operating system's random
source. The samplers are those of Canonne, Kamath and Steinke (2020, "The discrete Gaussian for differential privacy").
Floating-point noise would not protect: some results are only possible for one of two neighbouring tables (Mironov 2012),
and anyone who knows the state of a seeded generator can subtract its noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isqrt
from secrets import randbelow, randbits

# Epsilon and rho are rounded down to multiples of 1 / _PARTS.
_PARTS = 1 << 40


def add_geometric_noise(counts: Sequence[int], epsilon: float) -> list[int]:
    """Add noise n, with a probability proportional to exp(-epsilon |n|), to counts, one of which a row changes by 1.

    Raises:
        ValueError: epsilon is too small.
    """
    steps = int(epsilon * _PARTS)
    if steps < 1:
        raise ValueError("epsilon is too small to draw noise for it")
    return [int(count) + _draw_geometric(steps, _PARTS) for count in counts]


def add_normal_noise(sums: Sequence[int], sensitivity: int, rho: float) -> list[int]:
    """Add discrete normal noise for rho-zCDP to sums, which a row changes by at most `sensitivity` (L2 norm).

    Raises:
        ValueError: rho is too small.
    """
    steps = int(rho * _PARTS)
    if steps < 1:
        raise ValueError("rho is too small to draw noise for it")
    # Round up so that the noise is not too small.
    variance = -(-(sensitivity**2) * _PARTS // (2 * steps))
    return [int(total) + _draw_normal(variance) for total in sums]


def _draw_geometric(steps: int, parts: int) -> int:
    """Draw an integer n with a probability proportional to exp(-|n| steps / parts)."""
    while True:
        remainder = randbelow(parts)
        if not _draw_bernoulli_exp(remainder, parts):
            continue
        quotient = 0
        while _draw_bernoulli_exp(1, 1):
            quotient += 1
        size, is_negative = (remainder + parts * quotient) // steps, bool(randbits(1))
        if size or not is_negative:
            return -size if is_negative else size


def _draw_normal(variance: int) -> int:
    """Draw an integer n with a probability proportional to exp(-n² / (2 variance))."""
    width = isqrt(variance) + 1
    while True:
        candidate = _draw_geometric(1, width)
        if _draw_bernoulli_exp((abs(candidate) * width - variance) ** 2, 2 * variance * width**2):
            return candidate


def _draw_bernoulli_exp(numerator: int, denominator: int) -> bool:
    """Return True with a probability of exp(-over / under)."""
    while numerator > denominator:
        if not _draw_bernoulli_exp(1, 1):
            return False
        numerator -= denominator
    draw_count = 1
    while randbelow(denominator * draw_count) < numerator:
        draw_count += 1
    return draw_count % 2 == 1
