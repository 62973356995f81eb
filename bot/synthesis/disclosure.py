"""How much generated rows disclose about the learnt ones: their distance to them, compared with that of held-out rows;
and whether they single out individuals.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array, Values

_MAX_COMPARED_ROWS, _MAX_LEARNT_ROWS, _ATTACK_COUNT, _CHUNK = 1_000, 10_000, 600, 200


@dataclass(frozen=True, slots=True)
class Nearness:
    """Distances to the nearest learnt row, from 0 to 1: of generated rows, and of held-out real ones."""

    generated_median: float
    held_out_median: float
    generated_p5: float
    held_out_p5: float
    # Probability that a generated row is nearer than a held-out one: 0.5 if the model memorised no row.
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
    """How often a description taken from a generated row matches exactly one learnt row, and exactly one held-out row;
    and the risk beyond chance.
    """

    attack_count: int
    learnt_share: float
    held_out_share: float
    risk: float

    def to_json(self) -> dict[str, float]:
        """Return JSON-compatible data, figures to four decimals."""
        figures = {"learnt": self.learnt_share, "held_out": self.held_out_share, "risk": self.risk}
        return {"attacks": self.attack_count, **{name: round(float(figure), 4) for name, figure in figures.items()}}


def measure_nearness(learnt: Values, held: Values, generated: Values, seed: int) -> Nearness:
    """Measure the nearness of generated rows, compared with that of rows unknown to the model."""
    rng = np.random.default_rng(seed)
    real = _sample_rows(learnt, _MAX_LEARNT_ROWS, rng)
    scales = {name: _find_scale(found) for name, found in learnt.items() if found.dtype != object}
    near, far = (
        _find_nearest_distances(_sample_rows(values, _MAX_COMPARED_ROWS, rng), real, scales)
        for values in (generated, held)
    )
    ordered = np.sort(far)
    above = len(far) - (np.searchsorted(ordered, near, side="left") + np.searchsorted(ordered, near, side="right")) / 2
    generated_near, held_near = (float(np.quantile(distances, 0.05)) for distances in (near, far))
    closer = float(above.mean() / len(far))
    return Nearness(float(np.median(near)), float(np.median(far)), generated_near, held_near, closer)


def measure_singling_out(learnt: Values, held: Values, generated: Values, seed: int) -> SinglingOut:
    """Measure the risk of singling out as in Giomi et al. (2023, Anonymeter): with descriptions of up to three
    columns.
    """
    rng = np.random.default_rng(seed)
    count = min(_count_rows(held), _count_rows(learnt))
    real, held_sample = _sample_rows(learnt, count, rng), _sample_rows(held, count, rng)
    names, hits, chance = list(generated), 0, 0
    middles = {
        name: float(np.nanmedian(generated[name]))
        for name in names
        if generated[name].dtype != object and _has_values(generated[name])
    }
    for _ in range(_ATTACK_COUNT):
        row = int(rng.integers(_count_rows(generated)))
        chosen = rng.choice(len(names), size=min(len(names), int(rng.integers(1, 4))), replace=False)
        fits = [
            _count_matches(part, generated, row, [names[at] for at in chosen], middles) for part in (real, held_sample)
        ]
        hits += fits[0] == 1
        chance += fits[1] == 1
    shares = hits / _ATTACK_COUNT, chance / _ATTACK_COUNT
    return SinglingOut(_ATTACK_COUNT, *shares, max(0.0, (shares[0] - shares[1]) / max(1 - shares[1], 1e-9)))


def _count_matches(part: Values, generated: Values, row: int, names: list[str], middles: dict[str, float]) -> int:
    fits = np.ones(_count_rows(part), dtype=bool)
    for name in names:
        value = generated[name][row]
        if name not in middles:
            fits &= part[name] == value if generated[name].dtype == object else np.isnan(part[name])
        elif np.isnan(value):
            fits &= np.isnan(part[name])
        else:
            fits &= part[name] >= value if value >= middles[name] else part[name] <= value
    return int(fits.sum())


def _has_values(found: Array) -> bool:
    return not bool(np.isnan(found).all())


def _count_rows(values: Values) -> int:
    return len(next(iter(values.values())))


def _sample_rows(values: Values, count: int, rng: np.random.Generator) -> Values:
    which = rng.permutation(_count_rows(values))[:count]
    return {name: found[which] for name, found in values.items()}


def _find_scale(found: Array) -> float:
    known = found[~np.isnan(found)]
    return (
        float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) or float(np.ptp(known)) or 1.0 if len(known) else 1.0
    )


def _find_nearest_distances(rows: Values, others: Values, scales: dict[str, float]) -> Array:
    """Return the distance of each row to the nearest of `others`: the mean over columns of gaps, at most 1 each; 1 for
    different categories.
    """
    nearest = np.empty(_count_rows(rows))
    for start in range(0, len(nearest), _CHUNK):
        part = slice(start, start + _CHUNK)
        total = np.zeros((len(nearest[part]), _count_rows(others)), dtype=np.float32)
        for name, found in rows.items():
            part_values, others_part = found[part][:, None], others[name][None]
            if name in scales:
                gap = np.minimum(np.abs(part_values - others_part) / scales[name], 1.0)
                both = np.isnan(part_values) & np.isnan(others_part)
                total += np.where(both, 0.0, np.nan_to_num(gap, nan=1.0)).astype(np.float32)
            else:
                total += part_values != others_part
        nearest[part] = total.min(axis=1) / len(rows)
    return nearest
