"""The normal distribution and its inverse, for arrays, from a table: as exact as ranks of rows need it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from .columns import Array

_WIDEST, _STEPS = 8.0, 16_001


@cache
def _curve() -> tuple[Array, Array]:
    places = np.linspace(-_WIDEST, _WIDEST, _STEPS)
    return places, np.array([0.5 * math.erfc(-place / math.sqrt(2)) for place in places])


def share_below(places: Array) -> Array:
    """How much of a normal distribution lies below each place."""
    return np.interp(places, *_curve())


def place_of(shares: Array) -> Array:
    """The place below which each share of a normal distribution lies."""
    places, below = _curve()
    return np.interp(shares, below, places)
