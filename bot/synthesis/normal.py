"""The standard normal distribution and its inverse for arrays, by interpolation in a table, which is precise enough for ranks."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from .columns import Array

_MAX_POINT, _POINT_COUNT = 8.0, 16_001


@cache
def _tabulate_cdf() -> tuple[Array, Array]:
    points = np.linspace(-_MAX_POINT, _MAX_POINT, _POINT_COUNT)
    return points, np.array([0.5 * math.erfc(-point / math.sqrt(2)) for point in points])


def compute_cdf(points: Array) -> Array:
    """Return the cumulative probability at each point."""
    return np.interp(points, *_tabulate_cdf())


def compute_quantiles(probabilities: Array) -> Array:
    """Return the quantile of each cumulative probability."""
    points, cdf = _tabulate_cdf()
    return np.interp(probabilities, cdf, points)
