"""The normal distribution and its inverse for arrays, by table lookup: precise enough for ranks of rows."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from .columns import Array

_WIDEST, _STEPS = 8.0, 16_001


@cache
def _tabulate_cdf() -> tuple[Array, Array]:
    points = np.linspace(-_WIDEST, _WIDEST, _STEPS)
    return points, np.array([0.5 * math.erfc(-place / math.sqrt(2)) for place in points])


def compute_cdf(points: Array) -> Array:
    """Return the share of a normal distribution below each place."""
    return np.interp(points, *_tabulate_cdf())


def compute_quantiles(shares: Array) -> Array:
    """Return the quantile of a normal distribution for each share."""
    points, cdf = _tabulate_cdf()
    return np.interp(shares, cdf, points)
