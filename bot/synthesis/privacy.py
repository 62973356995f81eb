"""How much made-up rows tell of those that were learnt: how near they lie to them, next to rows that were held out; and
whether they single anybody out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .columns import Array, Values

_MAX, _MAX_LEARNT, _ATTACKS, _CHUNK = 1_000, 10_000, 600, 200


@dataclass(frozen=True, slots=True)
class Nearness:
    """Distances to the nearest row that was learnt, from 0 to 1: of made-up rows, and of real ones that were held out."""

    made: float
    held: float
    nearest_made: float
    nearest_held: float
    # How often a made-up row lies nearer than a held-out one, of two by chance: half where the model knows no row by heart.
    closer: float


@dataclass(frozen=True, slots=True)
class Singling:
    """How often a description taken from a made-up row fits exactly one learnt row, and exactly one held-out row; and
    the risk beyond chance.
    """

    attacks: int
    learnt: float
    held: float
    risk: float


def nearness_of(learnt: Values, held: Values, made: Values, seed: int) -> Nearness:
    """The nearness of made-up rows, beside that of rows which the model has not seen."""
    rng = np.random.default_rng(seed)
    real = _some(learnt, _MAX_LEARNT, rng)
    scales = {name: _scale(found) for name, found in learnt.items() if found.dtype != object}
    near, far = (_nearest(_some(one, _MAX, rng), real, scales) for one in (made, held))
    ordered = np.sort(far)
    above = len(far) - (np.searchsorted(ordered, near, side="left") + np.searchsorted(ordered, near, side="right")) / 2
    made_near, held_near = (float(np.quantile(one, 0.05)) for one in (near, far))
    closer = float(above.mean() / len(far))
    return Nearness(float(np.median(near)), float(np.median(far)), made_near, held_near, closer)


def singling_of(learnt: Values, held: Values, made: Values, seed: int) -> Singling:
    """The risk that somebody is singled out, as Giomi et al. (2023, Anonymeter) reckon it: with descriptions of up to
    three columns.
    """
    rng = np.random.default_rng(seed)
    count = min(_rows(held), _rows(learnt))
    real, apart = _some(learnt, count, rng), _some(held, count, rng)
    names, hits, chance = list(made), 0, 0
    middles = {
        name: float(np.nanmedian(made[name])) for name in names if made[name].dtype != object and _known(made[name])
    }
    for _ in range(_ATTACKS):
        row = int(rng.integers(_rows(made)))
        chosen = rng.choice(len(names), size=min(len(names), int(rng.integers(1, 4))), replace=False)
        fits = [_fitting(part, made, row, [names[at] for at in chosen], middles) for part in (real, apart)]
        hits += fits[0] == 1
        chance += fits[1] == 1
    shares = hits / _ATTACKS, chance / _ATTACKS
    return Singling(_ATTACKS, *shares, max(0.0, (shares[0] - shares[1]) / max(1 - shares[1], 1e-9)))


def _fitting(part: Values, made: Values, row: int, names: list[str], middles: dict[str, float]) -> int:
    fits = np.ones(_rows(part), dtype=bool)
    for name in names:
        value = made[name][row]
        if name not in middles:
            fits &= part[name] == value if made[name].dtype == object else np.isnan(part[name])
        elif np.isnan(value):
            fits &= np.isnan(part[name])
        else:
            fits &= part[name] >= value if value >= middles[name] else part[name] <= value
    return int(fits.sum())


def _known(found: Array) -> bool:
    return not bool(np.isnan(found).all())


def _rows(values: Values) -> int:
    return len(next(iter(values.values())))


def _some(values: Values, count: int, rng: np.random.Generator) -> Values:
    which = rng.permutation(_rows(values))[:count]
    return {name: found[which] for name, found in values.items()}


def _scale(found: Array) -> float:
    known = found[~np.isnan(found)]
    return (
        float(np.quantile(known, 0.95) - np.quantile(known, 0.05)) or float(np.ptp(known)) or 1.0 if len(known) else 1.0
    )


def _nearest(rows: Values, others: Values, scales: dict[str, float]) -> Array:
    """Of each row its distance to the nearest of others: the mean over columns of gaps, at most 1 each; 1 where
    categories differ.
    """
    nearest = np.empty(_rows(rows))
    for start in range(0, len(nearest), _CHUNK):
        part = slice(start, start + _CHUNK)
        total = np.zeros((len(nearest[part]), _rows(others)), dtype=np.float32)
        for name, found in rows.items():
            mine, theirs = found[part][:, None], others[name][None]
            if name in scales:
                gap = np.minimum(np.abs(mine - theirs) / scales[name], 1.0)
                both = np.isnan(mine) & np.isnan(theirs)
                total += np.where(both, 0.0, np.nan_to_num(gap, nan=1.0)).astype(np.float32)
            else:
                total += mine != theirs
        nearest[part] = total.min(axis=1) / len(rows)
    return nearest
