"""A copula under differential privacy: whether any one row is in the table changes what is learnt by no more than
`epsilon` allows.

Half of epsilon goes to the distributions, alike to each, by counts with geometric noise; a category is known only where
its noisy count is so high that one row alone does not bring it there but with a chance of delta. The other half goes to
the correlation, by normal noise (zCDP, Bun and Steinke 2016). Two tables are neighbours where one has a row more. What
columns are called and hold (numbers, dates, categories; decimals; forms of keys) counts as public. The noise does not
come from the seed, as who knows the seed could take it away again.
"""

from __future__ import annotations

import math
import secrets
from dataclasses import replace

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import Array, Column, Sort, Values
from .copula import Copula, possible
from .frame import Feature, Plan
from .normal import place_of
from .relations import Relations

DELTA = 1e-6
_BINS, _FURTHEST = 24, 3.0
# Powers of two between which a number's bounds are looked for.
_POWERS = np.arange(-20, 41)


def learnt_privately(plan: Plan, values: Values, epsilon: float) -> tuple[Plan, Copula]:
    """The plan and the copula of a table, both as private as `epsilon` says.

    Raises:
        RefusedError: epsilon is none, or so small for so few rows that nothing but noise is left.
    """
    if not 0 < epsilon <= 100:
        raise RefusedError("epsilon stands between 0 and 100: the smaller, the more private. 1 is usual.")
    rng = np.random.default_rng(secrets.randbits(128))
    parts = [one for one in plan.columns if one.sort not in (Sort.KEY, Sort.TEXT, Sort.EMPTY)]
    # Of each column its values, and which are missing.
    each = epsilon / 2 / (2 * len(parts))
    columns, features = list[Column](), list[Feature]()
    margins, scores, levels, masks = dict[str, Array](), list[Array](), dict[str, list[object]](), dict[str, str]()
    for column in plan.columns:
        if column not in parts:
            columns.append(replace(column, missing=0.0, shapes=column.shapes[:1], strays=0))
            continue
        found = values[column.name]
        gone = np.isnan(found) if column.measured else found == ""
        if column.measured:
            known, margin, score = _measured(column, found, gone, each, rng)
        else:
            known, margin, score = _categories(column, found, each, DELTA / 2 / len(parts), rng)
        columns.append(known)
        features.append(Feature(column.name, len(known.categories)))
        margins[column.name] = margin
        scores.append(score)
        if not column.measured:
            levels[column.name] = list(known.categories)
        mask = f"{column.name}\tmissing"
        counts = np.maximum(_noisy(np.array([(~gone).sum(), gone.sum()]), each, rng), 0)
        share = float(counts[1] / max(counts.sum(), 1))
        if share > 0.001:
            features.append(Feature(mask, 2))
            masks[column.name], levels[mask] = mask, [False, True]
            margins[mask] = np.array([[0.0, 1.0], [1 - share, 1.0]])
            scores.append(_means(np.array([1 - share, share]))[gone.astype(np.int64)])
    matrix = _correlation(np.stack(scores, axis=1), epsilon / 2, rng)
    private = Plan(tuple(columns), Relations(), tuple(features), levels, {}, masks)
    return private, Copula(tuple(features), margins, matrix)


def statement(epsilon: float) -> Phrase:
    """What is promised, in a sentence."""
    return Phrase(
        "Learnt with differential privacy: epsilon {epsilon:g}, delta {delta:g}, for each row; epsilon is halved between the "
        "distributions of columns and their correlation. Names and types of columns count as public. The figures of this report "
        "compare with the real rows and are not covered: keep them from others. Rows are not compared with real ones to leave "
        "out copies, as what is left out would tell of them.",
        epsilon=epsilon,
        delta=DELTA,
    )


def _noisy(counts: Array, epsilon: float, rng: np.random.Generator) -> Array:
    """Counts with two-sided geometric noise, which one row more or less hides in."""
    chance = 1 - math.exp(-epsilon)
    return np.asarray(counts + rng.geometric(chance, len(counts)) - rng.geometric(chance, len(counts)))


def _categories(
    column: Column, found: Array, epsilon: float, delta: float, rng: np.random.Generator
) -> tuple[Column, Array, Array]:
    cells, counts = np.unique(found[found != ""].astype(str), return_counts=True)
    noisy = _noisy(counts, epsilon, rng)
    least = 1 + math.log(1 / delta) / epsilon
    kept = sorted(
        ((int(count), str(one)) for count, one in zip(noisy, cells, strict=True) if count >= least), reverse=True
    )
    if not kept:
        raise _too_small(column.name)
    shares = np.array([count for count, _ in kept], dtype=float)
    shares /= shares.sum()
    names = tuple(one for _, one in kept)
    at = {name: index for index, name in enumerate(names)}
    means = _means(shares)
    score = np.array([means[at[cell]] if cell in at else 0.0 for cell in found])
    return replace(column, categories=names), np.stack([np.arange(len(names), dtype=float), shares.cumsum()]), score


def _measured(
    column: Column, found: Array, gone: Array, epsilon: float, rng: np.random.Generator
) -> tuple[Column, Array, Array]:
    scale = 86_400.0 if column.sort is Sort.DATE else 1.0
    low, high = _bounds(column.name, found[~gone] / scale, epsilon / 2, rng)
    low, high = low * scale, high * scale
    within = found[~gone].clip(low, high)
    edges = np.linspace(low, high, _BINS + 1)
    counts = np.maximum(_noisy(np.histogram(within, edges)[0], epsilon / 2, rng), 0).astype(float)
    if counts.sum() <= 0:
        raise _too_small(column.name)
    shares = counts / counts.sum()
    margin = np.interp(np.linspace(0, 1, 501), np.concatenate([[0.0], shares.cumsum()]), edges)
    means = _means(shares)
    score = np.where(gone, 0.0, means[np.searchsorted(edges[1:-1], np.where(gone, low, found), side="right")])
    first, last = np.flatnonzero(shares)[[0, -1]]
    return replace(column, low=float(edges[first]), high=float(edges[last + 1]), strays=0), margin, score


def _bounds(name: str, values: Array, epsilon: float, rng: np.random.Generator) -> tuple[float, float]:
    """Powers of two between which nearly all values lie, found from noisy counts."""
    sizes = np.concatenate([-(2.0 ** _POWERS[::-1]), [0.0], 2.0**_POWERS])
    counts = _noisy(np.histogram(values, sizes)[0], epsilon, rng)
    full = np.flatnonzero(counts >= math.log(len(counts) / 0.02) / epsilon)
    if not len(full):
        raise _too_small(name)
    return float(sizes[full[0]]), float(sizes[full[-1] + 1])


def _means(shares: Array) -> Array:
    """The mean normal score of each level whose shares these are."""
    ends = place_of(np.concatenate([[0.0], shares.cumsum()]).clip(1e-9, 1 - 1e-9))
    heights = np.exp(-(ends**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(((heights[:-1] - heights[1:]) / np.maximum(shares, 1e-9)).clip(-_FURTHEST, _FURTHEST))


def _correlation(scores: Array, epsilon: float, rng: np.random.Generator) -> Array:
    """The correlation of scores, each row of which counts up to a bound."""
    width = scores.shape[1]
    if width < 2:
        return np.eye(width)
    bound = 1.5 * math.sqrt(width)
    size = np.linalg.norm(scores, axis=1, keepdims=True)
    rows = scores * np.minimum(1.0, bound / np.maximum(size, 1e-9))
    # The products of one row add up, squared, to the fourth power of its size.
    log = math.log(1 / (DELTA / 2))
    rho = (math.sqrt(log + epsilon) - math.sqrt(log)) ** 2
    noise = rng.normal(0.0, bound**2 / math.sqrt(2 * rho), (width, width))
    products = rows.T @ rows + np.triu(noise) + np.triu(noise, 1).T
    apart = np.diag(products)
    spread = np.sqrt(np.maximum(apart, max(0.05 * apart.max(), 1.0)))
    found = products / np.outer(spread, spread)
    return possible(found.clip(-0.95, 0.95))


def _too_small(name: str) -> RefusedError:
    return RefusedError(
        'With so small an epsilon nothing is left of "{name}" but noise. Raise epsilon, or bring more rows.', name=name
    )
