"""A copula under differential privacy: the presence of any single row changes what is learnt by no more than `epsilon`
allows. Half of epsilon is spent on the distributions, equally for each column, by counts with geometric noise; a
category is only known if its noisy count is so high that a single row would cause it with a probability of at most
delta. The other half is spent on the correlation, by discrete normal noise (zCDP, Bun and Steinke 2016). Two tables
are neighbours if one has one more row, so the number of rows is not public. Column names and types, date formats
and the usual number of decimals count as public. The noise is made of integers (`noise.py`) and is independent of
the seed, as anyone who knows the seed could subtract it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import NAME_HEADING, Array, Column, ColumnType, Values
from .copula import Copula, project_correlation
from .dates import FIRST_DAY, LAST_DAY
from .frame import Feature, FramePlan
from .noise import add_geometric_noise, add_normal_noise
from .normal import compute_quantiles
from .personal_data import NAME_KINDS, PersonalKind
from .relations import Relations
from .shapes import EMAIL_TEMPLATE, NAME_TEMPLATE

DELTA = 1e-6
_BIN_COUNT, _MAX_SCORE = 24, 3.0
# Candidate bounds of a number are powers of two.
_BOUND_POWERS = np.arange(-20, 41)
# The probability that noise alone widens a column's bounds a little, or many times.
_NEAR_NOISE_PROBABILITY, _FAR_NOISE_PROBABILITY, _MAX_WIDENING_FACTOR = 0.02, 1e-6, 4.0
# Scores are rounded to multiples of 1 / _SCORE_PRECISION, so that the contribution of a row is known exactly.
_SCORE_PRECISION = 1 << 10
# Minimum share of a column's numbers that are exact; a few with more decimals are rounded.
_MIN_EXACT_SHARE = 0.95
# The shape of all keys, independent of the table.
_KEY_SHAPE = "A000000"


def fit_private_copula(plan: FramePlan, values: Values, epsilon: float) -> tuple[FramePlan, Copula, int]:
    """Fit the plan and the copula of a table, and estimate its number of rows: all with differential privacy.

    Raises:
        RefusedError: epsilon is invalid, or so small for so few rows that only noise is left.
    """
    if not 0 < epsilon <= 100:
        raise RefusedError("epsilon must be between 0 and 100: the smaller, the more private. 1 is typical.")
    parts = [
        column for column in plan.columns if column.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
    ]
    # Two queries a column: values, and missing cells.
    column_epsilon = epsilon / 2 / (2 * len(parts))
    columns, features, rows = list[Column](), list[Feature](), list[int]()
    margins, scores, levels, masks = dict[str, Array](), list[Array](), dict[str, list[object]](), dict[str, str]()
    for column in map(_strip_column, plan.columns):
        if column.type in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY):
            columns.append(column)
            continue
        found = values[column.name]
        gone = np.isnan(found) if column.is_numeric else found == ""
        if column.is_numeric:
            known, margin, score = _fit_numbers(column, found, gone, column_epsilon)
        else:
            known, margin, score = _fit_categories(column, found, column_epsilon, DELTA / 2 / len(parts))
        columns.append(known)
        features.append(Feature(column.name, len(known.categories)))
        margins[column.name] = margin
        scores.append(score)
        if not column.is_numeric:
            levels[column.name] = list(known.categories)
        mask = f"{column.name}\tmissing"
        noisy = _add_count_noise(np.array([(~gone).sum(), gone.sum()]), column_epsilon)
        rows.append(int(noisy.sum()))
        counts = np.maximum(noisy, 0)
        share = float(counts[1] / max(counts.sum(), 1))
        if share > 0.001:
            features.append(Feature(mask, 2))
            masks[column.name], levels[mask] = mask, [False, True]
            margins[mask] = np.array([[0.0, 1.0], [1 - share, 1.0]])
            scores.append(_compute_mean_scores(np.array([1 - share, share]))[gone.astype(np.int64)])
    matrix = _estimate_correlation(np.stack(scores, axis=1), epsilon / 2)
    private = FramePlan(tuple(columns), Relations(), tuple(features), levels, {}, masks)
    return private, Copula(tuple(features), margins, matrix), max(1, round(sum(rows) / len(rows)))


def describe_guarantee(epsilon: float) -> Phrase:
    """Describe the privacy guarantee in a sentence."""
    return Phrase(
        "Learnt with differential privacy (epsilon {epsilon:g}, delta {delta:g}), which protects whether a "
        "single row is in the table. Half of epsilon goes to the distributions of the columns, half to their "
        "correlation. Names and types of columns and their usual decimals count as public. If you learn from the "
        "same table again, the epsilons add up. Copies of real rows are not removed, because what is missing "
        "would reveal them.",
        epsilon=epsilon,
        delta=DELTA,
    )


def _strip_column(column: Column) -> Column:
    """Return a column without any property that a single row could have changed."""
    shapes: tuple[tuple[str, int], ...] = ()
    if column.type is ColumnType.KEY or (column.type is ColumnType.TEXT and NAME_HEADING.search(column.name)):
        is_named = column.kind in NAME_KINDS or column.type is ColumnType.TEXT
        shape = EMAIL_TEMPLATE if column.kind == PersonalKind.MAIL else NAME_TEMPLATE if is_named else _KEY_SHAPE
        shapes = ((shape, 1),)
    return replace(
        column,
        missing=0.0,
        low=0.0,
        high=0.0,
        fixed=True,
        categories=(),
        unique=column.type is ColumnType.KEY,
        shapes=shapes,
        strays=0,
    )


def _count_decimals(column: Column, known: Array) -> int:
    """Return the number of decimals that represents nearly all of a column's numbers exactly."""
    for places in range(column.decimals):
        if (np.round(known, places) == known).sum() >= _MIN_EXACT_SHARE * len(known):
            return places
    return column.decimals


def _add_count_noise(counts: Array, epsilon: float) -> Array:
    """Add two-sided geometric noise to counts, which hides a single row."""
    return np.array(add_geometric_noise(counts.tolist(), epsilon))


def _fit_categories(column: Column, found: Array, epsilon: float, delta: float) -> tuple[Column, Array, Array]:
    cells, counts = np.unique(found[found != ""].astype(str), return_counts=True)
    noisy = _add_count_noise(counts, epsilon)
    least = 1 + math.log(1 / delta) / epsilon
    kept = sorted(
        ((int(count), str(cell)) for count, cell in zip(noisy, cells, strict=True) if count >= least), reverse=True
    )
    if not kept:
        raise _build_epsilon_error(column.name)
    shares = np.array([count for count, _ in kept], dtype=float)
    shares /= shares.sum()
    names = tuple(cell for _, cell in kept)
    at = {name: index for index, name in enumerate(names)}
    means = _compute_mean_scores(shares)
    score = np.array([means[at[cell]] if cell in at else 0.0 for cell in found])
    return replace(column, categories=names), np.stack([np.arange(len(names), dtype=float), shares.cumsum()]), score


def _fit_numbers(column: Column, found: Array, gone: Array, epsilon: float) -> tuple[Column, Array, Array]:
    scale = 86_400.0 if column.type is ColumnType.DATE else 1.0
    low, high = _estimate_bounds(column.name, found[~gone] / scale, epsilon / 2)
    low, high = low * scale, high * scale
    if column.type is ColumnType.DATE:
        low, high = max(low, FIRST_DAY), min(high, LAST_DAY)
    within = found[~gone].clip(low, high)
    edges = np.linspace(low, high, _BIN_COUNT + 1)
    counts = np.maximum(_add_count_noise(np.histogram(within, edges)[0], epsilon / 2), 0).astype(float)
    if counts.sum() <= 0:
        raise _build_epsilon_error(column.name)
    shares = counts / counts.sum()
    margin = np.interp(np.linspace(0, 1, 501), np.concatenate([[0.0], shares.cumsum()]), edges)
    means = _compute_mean_scores(shares)
    score = np.where(gone, 0.0, means[np.searchsorted(edges[1:-1], np.where(gone, low, found), side="right")])
    first, last = np.flatnonzero(shares)[[0, -1]]
    low, high, decimals = float(edges[first]), float(edges[last + 1]), _count_decimals(column, found[~gone])
    return replace(column, low=low, high=high, decimals=decimals), margin, score


def _estimate_bounds(name: str, values: Array, epsilon: float) -> tuple[float, float]:
    """Find powers of two between which nearly all values lie, from noisy counts."""
    sizes = np.concatenate([-(2.0 ** _BOUND_POWERS[::-1]), [0.0], 2.0**_BOUND_POWERS])
    found = find_span(sizes, _add_count_noise(np.histogram(values, sizes)[0], epsilon), epsilon)
    if found is None:
        raise _build_epsilon_error(name)
    return found


def find_span(edges: Array, counts: Array, epsilon: float) -> tuple[float, float] | None:
    """Return the span of the bins that are certainly not empty among noisy counts; None if all may be noise. The
    largest counts come first. A bin that would widen the span several times has to be beyond doubt: noise in one of
    a hundred empty bins would otherwise put a column of ages between minus and plus a billion.
    """
    likely, certain = (
        math.log(len(counts) / chance) / epsilon for chance in (_NEAR_NOISE_PROBABILITY, _FAR_NOISE_PROBABILITY)
    )
    full = [int(at) for at in np.argsort(-counts, kind="stable") if counts[at] >= likely]
    if not full:
        return None
    low, high = float(edges[full[0]]), float(edges[full[0] + 1])
    waiting = full[1:]
    while waiting:
        near = [
            at
            for at in waiting
            if counts[at] >= certain
            or max(high, edges[at + 1]) - min(low, edges[at]) <= _MAX_WIDENING_FACTOR * (high - low)
        ]
        if not near:
            break
        low, high = min(low, *(float(edges[at]) for at in near)), max(high, *(float(edges[at + 1]) for at in near))
        waiting = [at for at in waiting if at not in near]
    return low, high


def _compute_mean_scores(shares: Array) -> Array:
    """Return the mean normal score of each level with these shares."""
    ends = compute_quantiles(np.concatenate([[0.0], shares.cumsum()]).clip(1e-9, 1 - 1e-9))
    heights = np.exp(-(ends**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(((heights[:-1] - heights[1:]) / np.maximum(shares, 1e-9)).clip(-_MAX_SCORE, _MAX_SCORE))


def _estimate_correlation(scores: Array, epsilon: float) -> Array:
    """Estimate the correlation of scores, each row of which counts up to a bound."""
    width = scores.shape[1]
    if width < 2:
        return np.eye(width)
    products = _sum_products(scores, epsilon, DELTA / 2)
    variances = np.diag(products)
    deviations = np.sqrt(np.maximum(variances, max(0.05 * variances.max(), 1.0)))
    found = products / np.outer(deviations, deviations)
    return project_correlation(found.clip(-0.95, 0.95))


def _sum_products(scores: Array, epsilon: float, delta: float) -> Array:
    """Return the noisy sums of products of each two scores."""
    width = scores.shape[1]
    bound = math.ceil(1.5 * math.sqrt(width) * _SCORE_PRECISION)
    rows = np.trunc(scores * _SCORE_PRECISION)
    size = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    # Clip slightly more than necessary, so that no row exceeds the bound after rounding.
    rows = np.where(size > bound, np.trunc(rows * (bound / np.maximum(size, 1.0) * (1 - 1e-9))), rows)
    log = math.log(1 / delta)
    rho = (math.sqrt(log + epsilon) - math.sqrt(log)) ** 2
    # Whole numbers far below 2^53: their sums are exact in whatever order. The products of one row add up, squared, to the
    # fourth power of its size at most.
    exact = rows.T @ rows
    above = np.triu_indices(width)
    products = np.zeros((width, width))
    products[above] = add_normal_noise(exact[above].astype(np.int64).tolist(), bound**2, rho)
    return np.asarray((products + np.triu(products, 1).T) / _SCORE_PRECISION**2)


def _build_epsilon_error(name: str) -> RefusedError:
    return RefusedError(
        'With such a small epsilon, only noise is left of "{name}". Raise epsilon, or use more rows.', name=name
    )
