"""Compares generated rows with real ones: how separable they are, how useful for training a model, and whether steps
between rows and dependences between columns are preserved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any

import numpy as np

from . import trees
from .columns import Array, Column, ColumnType, Values, count_rows, take_rows
from .quality import Quality, compare_shapes
from .table_model import TableModel

_MAX_TREE_ROWS, _MIN_TRAINING_ROWS = 4_000, 20
# A dependent pair with less similarity counts as weaker.
_MIN_TREND = 0.75
# An order that holds in this share of real rows counts as weaker if the share of exceptions grows by more than the second
# figure.
_MIN_ORDERED_SHARE, _MAX_EXCEPTION_INCREASE, _MAX_ORDERED_COLUMNS = 0.95, 0.05, 40


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How well a column is predicted in held-out real rows: after training on real rows, on generated rows, and by
    always predicting the same value. `measure` is "accuracy" for categories, "R2" for numbers.
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
    weaker = [" – ".join(pair) for pair in sorted(quality.dependent_pairs) if quality.trends[pair] < _MIN_TREND]
    numeric_columns = [column for column in columns if column.is_numeric][:_MAX_ORDERED_COLUMNS]
    for first, second in permutations(numeric_columns, 2):
        if first.type is not second.type:
            continue
        real_pair, generated_pair = (
            _drop_missing(values[first.name], values[second.name]) for values in (real, generated)
        )
        if not len(real_pair[0]) or not len(generated_pair[0]):
            continue
        real_share, generated_share = (
            float(np.mean(earlier <= later)) for earlier, later in (real_pair, generated_pair)
        )
        # Columns whose ranges hardly overlap are ordered even if they are independent.
        mean_rank = float(np.searchsorted(np.sort(real_pair[0]), real_pair[1], side="right").mean())
        is_ordered = real_share >= _MIN_ORDERED_SHARE > mean_rank / len(real_pair[0])
        if is_ordered and generated_share < real_share - _MAX_EXCEPTION_INCREASE:
            weaker.append(f"{second.name} >= {first.name}")
    return weaker


def _drop_missing(first: Array, second: Array) -> tuple[Array, Array]:
    has_both = ~np.isnan(first) & ~np.isnan(second)
    return first[has_both], second[has_both]


def compare_steps(table_model: TableModel, real: Values, generated: Values) -> dict[str, float]:
    """Compare the steps from row to row of the same entity, by column: changes of numbers, pairs of successive
    categories. Columns that are constant for each real entity have none.
    """
    real_rows, generated_rows = (
        _SortedRows.build(values, table_model.entity, table_model.time) for values in (real, generated)
    )
    return {
        column.name: compare_shapes(real_rows.list_steps(column.name), generated_rows.list_steps(column.name))
        for column in table_model.plan.columns
        if column.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
        and (column.name == table_model.time or real_rows.varies(column.name))
    }


def count_new_steps(table_model: TableModel, real: Sequence[Values], generated: Values) -> tuple[int, int]:
    """Count the steps in time that no real entity takes, and those among them that repeat a time."""
    names = (table_model.entity, table_model.time)
    *real_steps, generated_steps = (
        _SortedRows.build({name: values[name] for name in names}, *names).list_steps(table_model.time)
        for values in (*real, generated)
    )
    is_new = ~np.isin(generated_steps, np.unique(np.concatenate(real_steps)))
    return int(is_new.sum()), int((is_new & (generated_steps == 0)).sum())


@dataclass(frozen=True, slots=True)
class _SortedRows:
    """Rows sorted by entity and time; `is_step` marks the rows, from the second on, that follow one of the same
    entity.
    """

    values: Values
    is_step: Array

    @classmethod
    def build(cls, values: Values, entity: str, time: str) -> _SortedRows:
        """Sort rows by the columns `entity` and `time`."""
        entity_codes = np.unique(values[entity].astype(str), return_inverse=True)[1]
        order = np.lexsort((values[time], entity_codes))
        entity_codes = entity_codes[order]
        return cls({name: array[order] for name, array in values.items()}, entity_codes[1:] == entity_codes[:-1])

    def varies(self, name: str) -> bool:
        """Whether a column changes in any step."""
        array = self.values[name]
        return bool((array[1:] != array[:-1])[self.is_step].any())

    def list_steps(self, name: str) -> Array:
        """Return the steps of a column: differences of numbers, tab-separated pairs of categories."""
        array = self.values[name]
        before, after = array[:-1][self.is_step], array[1:][self.is_step]
        if array.dtype != object:
            return np.asarray(after - before)
        return np.array(
            [f"{previous}\t{following}" for previous, following in zip(before, after, strict=True)], dtype=object
        )


def measure_separability(real: Values, generated: Values, seed: int) -> float:
    """Return the AUC of trees that tell generated from real rows: 0.5 if they cannot, 1 if they always can."""
    rng = np.random.default_rng(seed)
    count = min(count_rows(real), count_rows(generated), _MAX_TREE_ROWS)
    if count < 4:
        return 0.5
    samples = [take_rows(values, rng.permutation(count_rows(values))[:count]) for values in (real, generated)]
    binning, half = trees.build_binning(samples[0]), count // 2
    sample_bins = [binning.encode(values) for values in samples]
    training_rows, test_rows = (
        np.concatenate([sample_codes[:half] for sample_codes in sample_bins]),
        np.concatenate([sample_codes[half:] for sample_codes in sample_bins]),
    )
    training_labels, test_labels = np.repeat([0.0, 1.0], half), np.repeat([0.0, 1.0], count - half)
    probabilities = trees.predict(training_rows, training_labels, test_rows, as_probability=True)
    return trees.compute_auc(test_labels, probabilities)


def measure_usefulness(
    columns: Sequence[Column], real: Values, held_out: Values, generated: Values, seed: int
) -> Usefulness | None:
    """Measure how well the last column with two to ten values is predicted, or else the last number; None if there is
    no such column, or too few rows or columns.
    """
    if len(columns) < 2 or count_rows(generated) < _MIN_TRAINING_ROWS:
        return None
    discrete_targets = [column.name for column in columns if 2 <= len(np.unique(real[column.name].astype(str))) <= 10]
    target = (
        discrete_targets[-1]
        if discrete_targets
        else next((column.name for column in reversed(columns) if column.is_numeric), "")
    )
    if not target:
        return None
    others = [column.name for column in columns if column.name != target]
    binning, rng = trees.build_binning({name: real[name] for name in others}), np.random.default_rng(seed)
    held_out_bins, scores = binning.encode(held_out), list[float]()
    for values in (real, generated):
        rows = take_rows(values, rng.permutation(count_rows(values))[:_MAX_TREE_ROWS])
        bins = binning.encode(rows)
        score = _score_accuracy if discrete_targets else _score_explained_variance
        scores.append(score(bins, rows[target], held_out_bins, held_out[target]))
    baseline = 0.0
    if discrete_targets:
        cells, counts = np.unique(real[target].astype(str), return_counts=True)
        baseline = float((held_out[target].astype(str) == cells[counts.argmax()]).mean())
    return Usefulness(target, "accuracy" if discrete_targets else "R2", scores[0], scores[1], baseline)


def _score_accuracy(rows: Array, target: Array, test_rows: Array, test_target: Array) -> float:
    target, test_target = target.astype(str), test_target.astype(str)
    levels = np.unique(target)
    probabilities = [
        trees.predict(rows, (target == level).astype(float), test_rows, as_probability=True) for level in levels
    ]
    return float((levels[np.argmax(probabilities, axis=0)] == test_target).mean())


def _score_explained_variance(rows: Array, target: Array, test_rows: Array, test_target: Array) -> float:
    is_known, is_test_known = ~np.isnan(target), ~np.isnan(test_target)
    if is_known.sum() < 2 or is_test_known.sum() < 2:
        return 0.0
    predicted = trees.predict(rows[is_known], target[is_known], test_rows[is_test_known], as_probability=False)
    squared_errors = ((test_target[is_test_known] - predicted) ** 2).sum()
    return float(
        1 - squared_errors / max(((test_target[is_test_known] - test_target[is_test_known].mean()) ** 2).sum(), 1e-12)
    )
