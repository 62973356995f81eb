"""Fits a copula with (epsilon, delta)-differential privacy: whether any single row is in the table changes the probability
of any result by little. Half of epsilon is spent on the distributions, equally for each column, with geometric noise on
counts; a category is only included if its noisy count is so high that a single row would cause it with a probability of at
most delta. The other half is spent on the correlation, with discrete normal noise (zCDP, Bun and Steinke 2016).

Two tables are neighbours if one has one more row, so the number of rows is not public. Names and types of columns, the
formats of their cells and the usual number of decimals count as public. The noise consists of integers (`noise.py`) and is
independent of the seed, as anyone who knows the seed could subtract it.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import NAME_HEADING, Array, Column, ColumnType, Values, find_missing
from .copula import Copula, project_correlation
from .dates import FIRST_DAY, LAST_DAY
from .frame import Feature, FramePlan
from .noise import add_geometric_noise, add_normal_noise
from .normal import compute_quantiles
from .personal_data import NAME_KINDS, PersonalKind
from .relations import Relations
from .shapes import EMAIL_TEMPLATE, NAME_TEMPLATE

DELTA = 1e-6
_BIN_COUNT, _MAX_MEAN_SCORE = 24, 3.0
# Candidate bounds of a number are powers of two.
_BOUND_POWERS = np.arange(-20, 41)
# The probability that noise in an empty bin is taken for values: of a bin that widens the column's span up to the factor, and
# of other bins.
_NEAR_NOISE_PROBABILITY, _FAR_NOISE_PROBABILITY, _MAX_WIDENING_FACTOR = 0.02, 1e-6, 4.0
# Scores are rounded to multiples of 1 / _SCORE_PRECISION, so that the contribution of a row is known exactly.
_SCORE_PRECISION = 1 << 10
# So many decimals are used that this share of a column's numbers is exact; the others are rounded.
_MIN_EXACT_SHARE = 0.95
# The shape of all keys, independent of the table.
_KEY_SHAPE = "A000000"


def fit_private_copula(plan: FramePlan, values: Values, epsilon: float) -> tuple[FramePlan, Copula, int]:
    """Return the plan and the copula of a table and an estimate of its number of rows, all with differential privacy.

    Raises:
        RefusedError: epsilon is invalid, or so small for so few rows that only noise is left.
    """
    if not 0 < epsilon <= 100:
        raise RefusedError("epsilon must be between 0 and 100: the smaller, the more private. 1 is typical.")
    learnt_columns = [
        column for column in plan.columns if column.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
    ]
    # Two queries per column: its values, and its missing cells.
    column_epsilon = epsilon / 2 / (2 * len(learnt_columns))
    columns, features, row_counts = list[Column](), list[Feature](), list[int]()
    margins, scores, levels, masks = dict[str, Array](), list[Array](), dict[str, list[object]](), dict[str, str]()
    for column in map(_strip_column, plan.columns):
        if column.type in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY):
            columns.append(column)
            continue
        array = values[column.name]
        is_missing = find_missing(array)
        if column.is_numeric:
            private_column, margin, column_scores = _fit_numbers(column, array, is_missing, column_epsilon)
        else:
            private_column, margin, column_scores = _fit_categories(
                column, array, column_epsilon, DELTA / 2 / len(learnt_columns)
            )
        columns.append(private_column)
        features.append(Feature(column.name, len(private_column.categories)))
        margins[column.name] = margin
        scores.append(column_scores)
        if not column.is_numeric:
            levels[column.name] = list(private_column.categories)
        mask = f"{column.name}\tmissing"
        noisy = _add_count_noise(np.array([(~is_missing).sum(), is_missing.sum()]), column_epsilon)
        row_counts.append(int(noisy.sum()))
        counts = np.maximum(noisy, 0)
        missing_share = float(counts[1] / max(counts.sum(), 1))
        if missing_share > 0.001:
            features.append(Feature(mask, 2))
            masks[column.name], levels[mask] = mask, [False, True]
            margins[mask] = np.array([[0.0, 1.0], [1 - missing_share, 1.0]])
            scores.append(
                _compute_mean_scores(np.array([1 - missing_share, missing_share]))[is_missing.astype(np.int64)]
            )
    correlation = _estimate_correlation(np.stack(scores, axis=1), epsilon / 2)
    private_plan = FramePlan(tuple(columns), Relations(), tuple(features), levels, {}, masks)
    return private_plan, Copula(tuple(features), margins, correlation), max(1, round(sum(row_counts) / len(row_counts)))


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
    """Return a column without the properties that a single row could change."""
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


def _count_decimals(column: Column, numbers: Array) -> int:
    """Return the smallest number of decimals that represents nearly all numbers of a column exactly."""
    for decimals in range(column.decimals):
        if (np.round(numbers, decimals) == numbers).sum() >= _MIN_EXACT_SHARE * len(numbers):
            return decimals
    return column.decimals


def _add_count_noise(counts: Array, epsilon: float) -> Array:
    """Add two-sided geometric noise to counts, of which a row changes one by 1."""
    return np.array(add_geometric_noise(counts.tolist(), epsilon))


def _fit_categories(column: Column, array: Array, epsilon: float, delta: float) -> tuple[Column, Array, Array]:
    """Return the column with its frequent categories, their levels and cumulative shares as two rows, and the score of
    each row.
    """
    cells, counts = np.unique(array[array != ""].astype(str), return_counts=True)
    noisy = _add_count_noise(counts, epsilon)
    min_count = 1 + math.log(1 / delta) / epsilon
    known_categories = sorted(
        ((int(count), str(cell)) for count, cell in zip(noisy, cells, strict=True) if count >= min_count), reverse=True
    )
    if not known_categories:
        raise _build_epsilon_error(column.name)
    shares = np.array([count for count, _ in known_categories], dtype=float)
    shares /= shares.sum()
    names = tuple(cell for _, cell in known_categories)
    index_of_cell = {name: index for index, name in enumerate(names)}
    mean_scores = _compute_mean_scores(shares)
    scores = np.array([mean_scores[index_of_cell[cell]] if cell in index_of_cell else 0.0 for cell in array])
    return replace(column, categories=names), np.stack([np.arange(len(names), dtype=float), shares.cumsum()]), scores


def _fit_numbers(column: Column, array: Array, is_missing: Array, epsilon: float) -> tuple[Column, Array, Array]:
    """Return the column with its bounds and decimals, its quantiles, and the score of each row."""
    # The bounds of dates are powers of two in days.
    scale = 86_400.0 if column.type is ColumnType.DATE else 1.0
    low, high = _estimate_bounds(column.name, array[~is_missing] / scale, epsilon / 2)
    low, high = low * scale, high * scale
    if column.type is ColumnType.DATE:
        low, high = max(low, FIRST_DAY), min(high, LAST_DAY)
    clipped = array[~is_missing].clip(low, high)
    edges = np.linspace(low, high, _BIN_COUNT + 1)
    counts = np.maximum(_add_count_noise(np.histogram(clipped, edges)[0], epsilon / 2), 0).astype(float)
    if counts.sum() <= 0:
        raise _build_epsilon_error(column.name)
    shares = counts / counts.sum()
    margin = np.interp(np.linspace(0, 1, 501), np.concatenate([[0.0], shares.cumsum()]), edges)
    mean_scores = _compute_mean_scores(shares)
    scores = np.where(
        is_missing, 0.0, mean_scores[np.searchsorted(edges[1:-1], np.where(is_missing, low, array), side="right")]
    )
    first, last = np.flatnonzero(shares)[[0, -1]]
    low, high, decimals = float(edges[first]), float(edges[last + 1]), _count_decimals(column, array[~is_missing])
    return replace(column, low=low, high=high, decimals=decimals), margin, scores


def _estimate_bounds(name: str, values: Array, epsilon: float) -> tuple[float, float]:
    """Return powers of two (or zero) between which nearly all values lie, from noisy counts.

    Raises:
        RefusedError: all counts may be noise.
    """
    edges = np.concatenate([-(2.0 ** _BOUND_POWERS[::-1]), [0.0], 2.0**_BOUND_POWERS])
    span = find_span(edges, _add_count_noise(np.histogram(values, edges)[0], epsilon), epsilon)
    if span is None:
        raise _build_epsilon_error(name)
    return span


def find_span(edges: Array, counts: Array, epsilon: float) -> tuple[float, float] | None:
    """Return the span of the bins that are hardly empty by their noisy counts; None if all may be empty. It begins with the
    bin with the largest count. A bin that would widen it several times has to be beyond doubt: otherwise noise in one
    of a hundred empty bins would put a column of ages between minus and plus a billion.
    """
    likely_count, certain_count = (
        math.log(len(counts) / probability) / epsilon
        for probability in (_NEAR_NOISE_PROBABILITY, _FAR_NOISE_PROBABILITY)
    )
    full_bins = [
        int(bin_index) for bin_index in np.argsort(-counts, kind="stable") if counts[bin_index] >= likely_count
    ]
    if not full_bins:
        return None
    low, high = float(edges[full_bins[0]]), float(edges[full_bins[0] + 1])
    pending_bins = full_bins[1:]
    while pending_bins:
        added_bins = [
            bin_index
            for bin_index in pending_bins
            if counts[bin_index] >= certain_count
            or max(high, edges[bin_index + 1]) - min(low, edges[bin_index]) <= _MAX_WIDENING_FACTOR * (high - low)
        ]
        if not added_bins:
            break
        low = min(low, *(float(edges[bin_index]) for bin_index in added_bins))
        high = max(high, *(float(edges[bin_index + 1]) for bin_index in added_bins))
        pending_bins = [bin_index for bin_index in pending_bins if bin_index not in added_bins]
    return low, high


def _compute_mean_scores(shares: Array) -> Array:
    """Return the mean normal score of each level, given the levels' shares in order."""
    quantiles = compute_quantiles(np.concatenate([[0.0], shares.cumsum()]).clip(1e-9, 1 - 1e-9))
    densities = np.exp(-(quantiles**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(
        ((densities[:-1] - densities[1:]) / np.maximum(shares, 1e-9)).clip(-_MAX_MEAN_SCORE, _MAX_MEAN_SCORE)
    )


def _estimate_correlation(scores: Array, epsilon: float) -> Array:
    """Estimate the correlation of scores (rows × features), of which each row has a bounded influence."""
    width = scores.shape[1]
    if width < 2:
        return np.eye(width)
    products = _sum_products(scores, epsilon, DELTA / 2)
    variances = np.diag(products)
    deviations = np.sqrt(np.maximum(variances, max(0.05 * variances.max(), 1.0)))
    correlation = products / np.outer(deviations, deviations)
    return project_correlation(correlation.clip(-0.95, 0.95))


def _sum_products(scores: Array, epsilon: float, delta: float) -> Array:
    """Return the noisy sums over rows of the products of each two features (features × features)."""
    width = scores.shape[1]
    bound = math.ceil(1.5 * math.sqrt(width) * _SCORE_PRECISION)
    integer_scores = np.trunc(scores * _SCORE_PRECISION)
    norms = np.sqrt((integer_scores**2).sum(axis=1, keepdims=True))
    # Clip slightly more than necessary, so that no row exceeds the bound after rounding.
    integer_scores = np.where(
        norms > bound, np.trunc(integer_scores * (bound / np.maximum(norms, 1.0) * (1 - 1e-9))), integer_scores
    )
    log_inverse_delta = math.log(1 / delta)
    rho = (math.sqrt(log_inverse_delta + epsilon) - math.sqrt(log_inverse_delta)) ** 2
    # Integers far below 2^53 are added exactly in any order. The sum of a row's squared products is at most the fourth power
    # of its norm.
    exact_products = integer_scores.T @ integer_scores
    upper_triangle = np.triu_indices(width)
    products = np.zeros((width, width))
    products[upper_triangle] = add_normal_noise(exact_products[upper_triangle].astype(np.int64).tolist(), bound**2, rho)
    return np.asarray((products + np.triu(products, 1).T) / _SCORE_PRECISION**2)


def _build_epsilon_error(name: str) -> RefusedError:
    return RefusedError(
        'With such a small epsilon, only noise is left of "{name}". Raise epsilon, or use more rows.', name=name
    )
