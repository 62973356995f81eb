"""Measures how much generated rows disclose about the learnt rows: whether they are nearer to them than held-out rows are,
and whether they single out individual rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array, Values, count_rows, take_rows

_MAX_COMPARED_ROWS, _MAX_LEARNT_ROWS, _ATTACK_COUNT = 1_000, 10_000, 600
# The number of rows whose distances are computed at once, which limits memory.
_CHUNK_ROWS = 200


@dataclass(frozen=True, slots=True)
class Nearness:
    """Distances to the nearest learnt row, from 0 to 1: the median and the 5th percentile of generated and of held-out
    rows.
    """

    generated_median: float
    held_out_median: float
    generated_p5: float
    held_out_p5: float
    # The probability that a generated row is nearer than a held-out row: about 0.5 if the model memorised no rows.
    closer_share: float

    def to_json(self) -> dict[str, float]:
        """Return JSON-compatible data, figures to four decimals."""
        figures = {
            "median_made_up": self.generated_median,
            "median_held_out": self.held_out_median,
            "fifth_percentile_made_up": self.generated_p5,
            "fifth_percentile_held_out": self.held_out_p5,
            "share_closer_than_held_out": self.closer_share,
        }
        return {name: round(float(figure), 4) for name, figure in figures.items()}


@dataclass(frozen=True, slots=True)
class SinglingOut:
    """The shares of attacks, each with a description taken from a generated row, in which the description matches exactly
    one learnt row, or exactly one held-out row; and the risk that is not by chance, from 0 to 1.
    """

    attack_count: int
    learnt_share: float
    held_out_share: float
    risk: float

    def to_json(self) -> dict[str, float]:
        """Return JSON-compatible data, figures to four decimals."""
        figures = {"learnt": self.learnt_share, "held_out": self.held_out_share, "risk": self.risk}
        return {"attacks": self.attack_count, **{name: round(float(figure), 4) for name, figure in figures.items()}}


def measure_nearness(learnt: Values, held_out: Values, generated: Values, seed: int) -> Nearness:
    """Measure the distances of generated and of held-out rows to the nearest learnt row."""
    rng = np.random.default_rng(seed)
    learnt_sample = _sample_rows(learnt, _MAX_LEARNT_ROWS, rng)
    scales = {name: _find_scale(array) for name, array in learnt.items() if array.dtype != object}
    generated_distances, held_out_distances = (
        _find_nearest_distances(_sample_rows(values, _MAX_COMPARED_ROWS, rng), learnt_sample, scales)
        for values in (generated, held_out)
    )
    sorted_distances = np.sort(held_out_distances)
    first, end = (np.searchsorted(sorted_distances, generated_distances, side=side) for side in ("left", "right"))
    # Equal distances count half.
    farther_counts = len(held_out_distances) - (first + end) / 2
    return Nearness(
        float(np.median(generated_distances)),
        float(np.median(held_out_distances)),
        float(np.quantile(generated_distances, 0.05)),
        float(np.quantile(held_out_distances, 0.05)),
        float(farther_counts.mean() / len(held_out_distances)),
    )


def measure_singling_out(learnt: Values, held_out: Values, generated: Values, seed: int) -> SinglingOut:
    """Measure the risk of being singled out after Giomi et al. (2023, Anonymeter), with descriptions by one to three
    columns.
    """
    rng = np.random.default_rng(seed)
    count = min(count_rows(held_out), count_rows(learnt))
    learnt_sample, held_out_sample = _sample_rows(learnt, count, rng), _sample_rows(held_out, count, rng)
    names, learnt_hits, held_out_hits = list(generated), 0, 0
    medians = {
        name: float(np.nanmedian(generated[name]))
        for name in names
        if generated[name].dtype != object and _has_values(generated[name])
    }
    for _ in range(_ATTACK_COUNT):
        row = int(rng.integers(count_rows(generated)))
        column_indices = rng.choice(len(names), size=min(len(names), int(rng.integers(1, 4))), replace=False)
        match_counts = [
            _count_matches(part, generated, row, [names[index] for index in column_indices], medians)
            for part in (learnt_sample, held_out_sample)
        ]
        learnt_hits += match_counts[0] == 1
        held_out_hits += match_counts[1] == 1
    shares = learnt_hits / _ATTACK_COUNT, held_out_hits / _ATTACK_COUNT
    return SinglingOut(_ATTACK_COUNT, *shares, max(0.0, (shares[0] - shares[1]) / max(1 - shares[1], 1e-9)))


def _count_matches(values: Values, generated: Values, row: int, names: list[str], medians: dict[str, float]) -> int:
    is_match = np.ones(count_rows(values), dtype=bool)
    for name in names:
        value = generated[name][row]
        if name not in medians:
            is_match &= values[name] == value if generated[name].dtype == object else np.isnan(values[name])
        elif np.isnan(value):
            is_match &= np.isnan(values[name])
        else:
            is_match &= values[name] >= value if value >= medians[name] else values[name] <= value
    return int(is_match.sum())


def _has_values(array: Array) -> bool:
    return not bool(np.isnan(array).all())


def _sample_rows(values: Values, count: int, rng: np.random.Generator) -> Values:
    indices = rng.permutation(count_rows(values))[:count]
    return take_rows(values, indices)


def _find_scale(array: Array) -> float:
    """Return the span between the 5th and the 95th percentile, or else the full span, or else 1."""
    known_values = array[~np.isnan(array)]
    return (
        float(np.quantile(known_values, 0.95) - np.quantile(known_values, 0.05)) or float(np.ptp(known_values)) or 1.0
        if len(known_values)
        else 1.0
    )


def _find_nearest_distances(rows: Values, others: Values, scales: dict[str, float]) -> Array:
    """Return the distance of each row to the nearest of `others`: the mean over columns of the differences, for numbers
    relative to the column's scale and at most 1, for categories 0 or 1.
    """
    nearest = np.empty(count_rows(rows))
    for start in range(0, len(nearest), _CHUNK_ROWS):
        part = slice(start, start + _CHUNK_ROWS)
        total = np.zeros((len(nearest[part]), count_rows(others)), dtype=np.float32)
        for name, array in rows.items():
            part_values, others_part = array[part][:, None], others[name][None]
            if name in scales:
                gap = np.minimum(np.abs(part_values - others_part) / scales[name], 1.0)
                both_missing = np.isnan(part_values) & np.isnan(others_part)
                total += np.where(both_missing, 0.0, np.nan_to_num(gap, nan=1.0)).astype(np.float32)
            else:
                total += part_values != others_part
        nearest[part] = total.min(axis=1) / len(rows)
    return nearest
