"""A copula under differential privacy: whether any one row is in the table changes what is learnt by no more than
`epsilon` allows.

Half of epsilon goes to the distributions, alike to each column, by counts with geometric noise; a category is known only where
its noisy count is so high that one row alone does not bring it there but with a chance of delta. The other half goes to
the correlation, by discrete normal noise (zCDP, Bun and Steinke 2016). Two tables are neighbours where one has a row more, so
how many rows there are is not public. What columns are called and hold (numbers, dates, categories), how dates are written and how
many decimals most numbers have counts as public. The noise is made of whole numbers (`noise.py`) and does not come from the seed,
as who knows the seed could take it away again.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from bot.errors import Phrase, RefusedError

from .columns import FIRST_DAY, LAST_DAY, NAMED, Array, Column, Sort, Values
from .copula import Copula, possible
from .frame import Feature, Plan
from .noise import with_geometric_noise, with_normal_noise
from .normal import place_of
from .personal import NAMES, Kind
from .relations import Relations
from .shapes import MAIL, WORD

DELTA = 1e-6
_BINS, _FURTHEST = 24, 3.0
# Powers of two between which a number's bounds are looked for.
_POWERS = np.arange(-20, 41)
# The chance that noise alone widens a column's bounds a little, and many times.
_STRAY_NEAR, _STRAY_FAR, _MAX_WIDENED = 0.02, 1e-6, 4.0
# Scores are counted in whole parts of 1, so that what one row adds is known exactly.
_PARTS = 1 << 10
# So many of a column's numbers are written in full; a few with more decimals tell of nobody.
_MAX_IN_FULL = 0.95
# What keys look like, whatever those of the table do.
_KEYS = "A000000"


def learnt_privately(plan: Plan, values: Values, epsilon: float) -> tuple[Plan, Copula, int]:
    """The plan and the copula of a table, and about how many rows it has: all as private as `epsilon` says.

    Raises:
        RefusedError: epsilon is none, or so small for so few rows that nothing but noise is left.
    """
    if not 0 < epsilon <= 100:
        raise RefusedError("epsilon must be between 0 and 100: the smaller, the more private. 1 is usual.")
    parts = [one for one in plan.columns if one.sort not in (Sort.KEY, Sort.TEXT, Sort.EMPTY)]
    # Of each column its values, and which are missing.
    each = epsilon / 2 / (2 * len(parts))
    columns, features, rows = list[Column](), list[Feature](), list[int]()
    margins, scores, levels, masks = dict[str, Array](), list[Array](), dict[str, list[object]](), dict[str, str]()
    for column in map(_described, plan.columns):
        if column.sort in (Sort.KEY, Sort.TEXT, Sort.EMPTY):
            columns.append(column)
            continue
        found = values[column.name]
        gone = np.isnan(found) if column.measured else found == ""
        if column.measured:
            known, margin, score = _measured(column, found, gone, each)
        else:
            known, margin, score = _categories(column, found, each, DELTA / 2 / len(parts))
        columns.append(known)
        features.append(Feature(column.name, len(known.categories)))
        margins[column.name] = margin
        scores.append(score)
        if not column.measured:
            levels[column.name] = list(known.categories)
        mask = f"{column.name}\tmissing"
        noisy = _noisy(np.array([(~gone).sum(), gone.sum()]), each)
        rows.append(int(noisy.sum()))
        counts = np.maximum(noisy, 0)
        share = float(counts[1] / max(counts.sum(), 1))
        if share > 0.001:
            features.append(Feature(mask, 2))
            masks[column.name], levels[mask] = mask, [False, True]
            margins[mask] = np.array([[0.0, 1.0], [1 - share, 1.0]])
            scores.append(_means(np.array([1 - share, share]))[gone.astype(np.int64)])
    matrix = _correlation(np.stack(scores, axis=1), epsilon / 2)
    private = Plan(tuple(columns), Relations(), tuple(features), levels, {}, masks)
    return private, Copula(tuple(features), margins, matrix), max(1, round(sum(rows) / len(rows)))


def statement(epsilon: float) -> Phrase:
    """What is promised, in a sentence."""
    return Phrase(
        "Learnt with differential privacy (epsilon {epsilon:g}, delta {delta:g}), which protects whether a "
        "single row is in the table. Half of epsilon goes to the distributions of the columns, half to their "
        "correlation. Names and types of columns and their usual decimals count as public. If you learn from the "
        "same table again, the epsilons add up. Copies of real rows are not removed, because what is missing "
        "would reveal them.",
        epsilon=epsilon,
        delta=DELTA,
    )


def _described(column: Column) -> Column:
    """A column without anything that one row could have changed."""
    shapes: tuple[tuple[str, int], ...] = ()
    if column.sort is Sort.KEY or (column.sort is Sort.TEXT and NAMED.search(column.name)):
        is_named = column.kind in NAMES or column.sort is Sort.TEXT
        shape = MAIL if column.kind == Kind.MAIL else WORD if is_named else _KEYS
        shapes = ((shape, 1),)
    return replace(
        column, missing=0.0, low=0.0, high=0.0, fixed=True, categories=(), unique=column.sort is Sort.KEY, shapes=shapes, strays=0
    )  # fmt: skip


def _decimals(column: Column, known: Array) -> int:
    """With how many decimals nearly all of a column's numbers are written in full."""
    for places in range(column.decimals):
        if (np.round(known, places) == known).sum() >= _MAX_IN_FULL * len(known):
            return places
    return column.decimals


def _noisy(counts: Array, epsilon: float) -> Array:
    """Counts with two-sided geometric noise, which one row more or less hides in."""
    return np.array(with_geometric_noise(counts.tolist(), epsilon))


def _categories(column: Column, found: Array, epsilon: float, delta: float) -> tuple[Column, Array, Array]:
    cells, counts = np.unique(found[found != ""].astype(str), return_counts=True)
    noisy = _noisy(counts, epsilon)
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


def _measured(column: Column, found: Array, gone: Array, epsilon: float) -> tuple[Column, Array, Array]:
    scale = 86_400.0 if column.sort is Sort.DATE else 1.0
    low, high = _bounds(column.name, found[~gone] / scale, epsilon / 2)
    low, high = low * scale, high * scale
    if column.sort is Sort.DATE:
        low, high = max(low, FIRST_DAY), min(high, LAST_DAY)
    within = found[~gone].clip(low, high)
    edges = np.linspace(low, high, _BINS + 1)
    counts = np.maximum(_noisy(np.histogram(within, edges)[0], epsilon / 2), 0).astype(float)
    if counts.sum() <= 0:
        raise _too_small(column.name)
    shares = counts / counts.sum()
    margin = np.interp(np.linspace(0, 1, 501), np.concatenate([[0.0], shares.cumsum()]), edges)
    means = _means(shares)
    score = np.where(gone, 0.0, means[np.searchsorted(edges[1:-1], np.where(gone, low, found), side="right")])
    first, last = np.flatnonzero(shares)[[0, -1]]
    low, high, decimals = float(edges[first]), float(edges[last + 1]), _decimals(column, found[~gone])
    return replace(column, low=low, high=high, decimals=decimals), margin, score


def _bounds(name: str, values: Array, epsilon: float) -> tuple[float, float]:
    """Powers of two between which nearly all values lie, found from noisy counts."""
    sizes = np.concatenate([-(2.0 ** _POWERS[::-1]), [0.0], 2.0**_POWERS])
    found = spanned(sizes, _noisy(np.histogram(values, sizes)[0], epsilon), epsilon)
    if found is None:
        raise _too_small(name)
    return found


def spanned(edges: Array, counts: Array, epsilon: float) -> tuple[float, float] | None:
    """What the full ones among noisy counts span; None where noise alone may be in all of them.

    The fullest counts first. What lies so far off that it would make the span several times as wide has to be beyond doubt: noise
    in one of a hundred empty counts would leave a column of ages between minus and plus a thousand million.
    """
    likely, certain = (math.log(len(counts) / chance) / epsilon for chance in (_STRAY_NEAR, _STRAY_FAR))
    full = [int(at) for at in np.argsort(-counts, kind="stable") if counts[at] >= likely]
    if not full:
        return None
    low, high = float(edges[full[0]]), float(edges[full[0] + 1])
    waiting = full[1:]
    while waiting:
        near = [
            at
            for at in waiting
            if counts[at] >= certain or max(high, edges[at + 1]) - min(low, edges[at]) <= _MAX_WIDENED * (high - low)
        ]
        if not near:
            break
        low, high = min(low, *(float(edges[at]) for at in near)), max(high, *(float(edges[at + 1]) for at in near))
        waiting = [at for at in waiting if at not in near]
    return low, high


def _means(shares: Array) -> Array:
    """The mean normal score of each level whose shares these are."""
    ends = place_of(np.concatenate([[0.0], shares.cumsum()]).clip(1e-9, 1 - 1e-9))
    heights = np.exp(-(ends**2) / 2) / math.sqrt(2 * math.pi)
    return np.asarray(((heights[:-1] - heights[1:]) / np.maximum(shares, 1e-9)).clip(-_FURTHEST, _FURTHEST))


def _correlation(scores: Array, epsilon: float) -> Array:
    """The correlation of scores, each row of which counts up to a bound."""
    width = scores.shape[1]
    if width < 2:
        return np.eye(width)
    products = _products(scores, epsilon, DELTA / 2)
    apart = np.diag(products)
    spread = np.sqrt(np.maximum(apart, max(0.05 * apart.max(), 1.0)))
    found = products / np.outer(spread, spread)
    return possible(found.clip(-0.95, 0.95))


def _products(scores: Array, epsilon: float, delta: float) -> Array:
    """The sums of products of each two scores, with noise."""
    width = scores.shape[1]
    bound = math.ceil(1.5 * math.sqrt(width) * _PARTS)
    rows = np.trunc(scores * _PARTS)
    size = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    # Cut off by a hair more than it has to be: no row is longer than the bound, whatever was rounded.
    rows = np.where(size > bound, np.trunc(rows * (bound / np.maximum(size, 1.0) * (1 - 1e-9))), rows)
    log = math.log(1 / delta)
    rho = (math.sqrt(log + epsilon) - math.sqrt(log)) ** 2
    # Whole numbers far below 2^53: their sums are exact in whatever order. The products of one row add up, squared, to the
    # fourth power of its size at most.
    exact = rows.T @ rows
    above = np.triu_indices(width)
    products = np.zeros((width, width))
    products[above] = with_normal_noise(exact[above].astype(np.int64).tolist(), bound**2, rho)
    return np.asarray((products + np.triu(products, 1).T) / _PARTS**2)


def _too_small(name: str) -> RefusedError:
    return RefusedError(
        'With such a small epsilon, only noise is left of "{name}". Raise epsilon, or use more rows.', name=name
    )
