"""Comparisons of generated rows with learnt and held-out ones: separability, usefulness, steps and dependences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from . import trees
from .columns import Array, Column, ColumnType, Values, take_rows
from .quality import Quality, compare_shapes
from .table_model import TableModel

_MAX_TREE_ROWS = 4_000
# A dependent pair is weaker below this similarity; a nearly valid order, if at least this share of rows more violate it.
_MIN_TREND, _MIN_ORDERED_SHARE, _MAX_BROKEN_INCREASE, _MAX_ORDERED_COLUMNS = 0.75, 0.95, 0.05, 40


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How well a column is predicted in held-out real rows: after learning from real rows, from generated ones, and by
    a constant answer (`baseline`).
    """

    target: str
    measure: str
    real_score: float
    generated_score: float
    baseline_score: float

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data, figures to four decimals."""
        figures = {
            "train_real": self.real_score,
            "train_synthetic": self.generated_score,
            "always_the_same": self.baseline_score,
        }
        rounded = {name: round(float(figure), 4) for name, figure in figures.items()}
        return {"target": self.target, "measure": self.measure, **rounded}


def find_weaker_dependences(columns: Sequence[Column], quality: Quality, real: Values, generated: Values) -> list[str]:
    """Find dependences that are weaker in generated rows: pairs of columns, and orders that hold in nearly all real
    rows.
    """
    lost = [" – ".join(pair) for pair in sorted(quality.dependent_pairs) if quality.trends[pair] < _MIN_TREND]
    measured = [column for column in columns if column.is_numeric][:_MAX_ORDERED_COLUMNS]
    for first, second in permutations(measured, 2):
        if first.type is not second.type:
            continue
        both = [_drop_missing(values[first.name], values[second.name]) for values in (real, generated)]
        if not all(len(early) for early, _ in both):
            continue
        shares = [float(np.mean(early <= late)) for early, late in both]
        early, late = both[0]
        # Columns with distant ranges are ordered even if independent.
        by_chance = float(np.searchsorted(np.sort(early), late, side="right").mean()) / len(early)
        if shares[0] >= _MIN_ORDERED_SHARE > by_chance and shares[1] < shares[0] - _MAX_BROKEN_INCREASE:
            lost.append(f"{second.name} >= {first.name}")
    return lost


def _drop_missing(first: Array, second: Array) -> tuple[Array, Array]:
    known = ~np.isnan(first) & ~np.isnan(second)
    return first[known], second[known]


def compare_steps(table_model: TableModel, real: Values, generated: Values) -> dict[str, float]:
    """Compare the steps of columns from row to row of the same entity: changes of numbers, successions of categories."""
    both = [_sort_rows(values, table_model.entity, table_model.time) for values in (real, generated)]
    found = dict[str, float]()
    for column in table_model.plan.columns:
        if column.type in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY) or not (
            column.name == table_model.time or _changes(both[0], column.name)
        ):
            continue
        found[column.name] = compare_shapes(
            *(_list_steps(one[column.name], same) for one, same in ((rows, rows[""]) for rows in both))
        )
    return found


def count_new_steps(table_model: TableModel, real: Sequence[Values], generated: Values) -> tuple[int, int]:
    """Count the steps in time that no real entity takes, and those among them that repeat a time."""
    names = (table_model.entity, table_model.time)
    found = list[Array]()
    for values in (*real, generated):
        rows = _sort_rows({name: values[name] for name in names}, *names)
        found.append(_list_steps(rows[table_model.time], rows[""]))
    known = np.unique(np.concatenate(found[:-1]))
    new = ~np.isin(found[-1], known)
    return int(new.sum()), int((new & (found[-1] == 0)).sum())


def _sort_rows(values: Values, entity: str, time: str) -> Values:
    """Sort rows by entity and time; the unnamed column holds whether each row has the same entity as the previous one."""
    owner = np.unique(values[entity].astype(str), return_inverse=True)[1]
    order = np.lexsort((values[time], owner))
    owner = owner[order]
    return {name: found[order] for name, found in values.items()} | {"": owner[1:] == owner[:-1]}


def _changes(rows: Values, name: str) -> bool:
    found = rows[name]
    return bool((found[1:] != found[:-1])[rows[""]].any())


def _list_steps(found: Array, same: Array) -> Array:
    if found.dtype != object:
        return np.asarray((found[1:] - found[:-1])[same])
    pairs = [f"{previous}\t{following}" for previous, following in zip(found[:-1][same], found[1:][same], strict=True)]
    return np.array(pairs, dtype=object)


def measure_separability(real: Values, generated: Values, seed: int) -> float:
    """Return the AUC of trees that distinguish generated from real rows: 0.5 if they cannot, 1 if they always can."""
    rng = np.random.default_rng(seed)
    count = min(count_rows(real), count_rows(generated), _MAX_TREE_ROWS)
    if count < 4:
        return 0.5
    parts = [take_rows(values, rng.permutation(count_rows(values))[:count]) for values in (real, generated)]
    binning, half = trees.build_binning(parts[0]), count // 2
    codes = [binning.encode(values) for values in parts]
    table_model, asked = (
        np.concatenate([sample_codes[:half] for sample_codes in codes]),
        np.concatenate([sample_codes[half:] for sample_codes in codes]),
    )
    truth = np.repeat([0.0, 1.0], half), np.repeat([0.0, 1.0], count - half)
    return trees.compute_auc(truth[1], trees.predict(table_model, truth[0], asked, chance=True))


def measure_usefulness(
    columns: Sequence[Column], real: Values, held: Values, generated: Values, seed: int
) -> Usefulness | None:
    """Measure the predictability of the last suitable column: one with at most ten categories, else a number."""
    if len(columns) < 2 or count_rows(generated) < 20:
        return None
    few = [column.name for column in columns if 2 <= len(np.unique(real[column.name].astype(str))) <= 10]
    target = few[-1] if few else next((column.name for column in reversed(columns) if column.is_numeric), "")
    if not target:
        return None
    others = [column.name for column in columns if column.name != target]
    binning, rng = trees.build_binning({name: real[name] for name in others}), np.random.default_rng(seed)
    asked, figures = binning.encode(held), list[float]()
    for part in (real, generated):
        rows = take_rows(part, rng.permutation(count_rows(part))[:_MAX_TREE_ROWS])
        codes = binning.encode(rows)
        figures.append((_score_accuracy if few else _score_explained)(codes, rows[target], asked, held[target]))
    baseline = 0.0
    if few:
        cells, counts = np.unique(real[target].astype(str), return_counts=True)
        baseline = float((held[target].astype(str) == cells[counts.argmax()]).mean())
    return Usefulness(target, "accuracy" if few else "R2", figures[0], figures[1], baseline)


def _score_accuracy(rows: Array, target: Array, asked: Array, truth: Array) -> float:
    target, truth = target.astype(str), truth.astype(str)
    levels = np.unique(target)
    chances = [trees.predict(rows, (target == level).astype(float), asked, chance=True) for level in levels]
    return float((levels[np.argmax(chances, axis=0)] == truth).mean())


def _score_explained(rows: Array, target: Array, asked: Array, truth: Array) -> float:
    known, asked_known = ~np.isnan(target), ~np.isnan(truth)
    if known.sum() < 2 or asked_known.sum() < 2:
        return 0.0
    predicted = trees.predict(rows[known], target[known], asked[asked_known], chance=False)
    off = ((truth[asked_known] - predicted) ** 2).sum()
    return float(1 - off / max(((truth[asked_known] - truth[asked_known].mean()) ** 2).sum(), 1e-12))


def count_rows(values: Values) -> int:
    """Return the number of rows."""
    return len(next(iter(values.values()), []))
