"""The evaluation of a generated table, in figures and sentences: similarity, usefulness and privacy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from bot.errors import Phrase

from . import trees
from .columns import Array, Column, ColumnType, Values
from .differential_privacy import describe_guarantee
from .disclosure import Nearness, SinglingOut, measure_nearness, measure_singling_out
from .holdout import MIN_HOLDOUT_ROWS
from .learning import Method
from .quality import Quality, compare_shapes, compute_mean, measure_quality
from .relations import find_violations
from .table_model import TableModel, fingerprint_rows

# By chance two columns of steps, both around 0, have a similarity of 0.5.
_MAX_TREE_ROWS, _MIN_STEP_SIMILARITY = 4_000, 0.9
# A dependent pair is weaker below this similarity; a nearly valid order, if at least this share of rows more violate it.
_MIN_TREND, _MIN_ORDERED_SHARE, _MAX_BROKEN_INCREASE, _MAX_ORDERED_COLUMNS = 0.75, 0.95, 0.05, 40
_PROOF_NOTE = Phrase("It proves nothing about real people: check anything you find in it with real data.")


@dataclass(frozen=True, slots=True)
class Usefulness:
    """How well a column is predicted in held-out real rows: after learning from real rows, from generated ones, and by
    a constant answer (`baseline`).
    """

    target: str
    measure: str
    real: float
    generated: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a generated table."""

    method: str
    rows: int
    learnt_rows: int
    held_rows: int
    seed: int
    quality: Quality
    separability: float
    usefulness: Usefulness | None
    nearness: Nearness | None
    singling: SinglingOut | None
    copied: int
    violations: int
    missing: dict[str, tuple[float, float]]
    epsilon: float
    notes: Sequence[Phrase]
    # Kinds of personal data by column, all fictional; and columns with real values at a user's request.
    personal: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    # Rules that hold in every row, and dependences that are weaker than in the real rows.
    rules: Sequence[str] = ()
    weaker_dependences: Sequence[str] = ()
    # For sequences: the entity column, and the similarity of each column's steps from row to row.
    entity: str = ""
    step_similarity: dict[str, float] = field(default_factory=dict)
    # Steps in time that no real entity takes; rows that repeat a time of their entity, unlike real ones.
    new_steps: int = 0
    repeated: int = 0

    @property
    def row_to_row(self) -> float:
        """The mean similarity of the steps of all columns."""
        return compute_mean(list(self.step_similarity.values()))

    @property
    def sentences(self) -> list[Phrase]:
        """Sentences on what the table is good for."""
        return list(_build_sentences(self))

    @property
    def public_sentences(self) -> list[Phrase]:
        """The sentences that may accompany the generated rows: under epsilon, none that compares them with the real
        ones.
        """
        return [describe_guarantee(self.epsilon), _PROOF_NOTE] if self.epsilon else self.sentences

    def to_json(self) -> dict[str, Any]:
        """Return JSON-compatible data."""
        return {
            "model": self.method,
            "rows": self.rows,
            "rows_learnt": self.learnt_rows,
            "rows_held_out": self.held_rows,
            "seed": self.seed,
            "quality": {
                "overall": _round(self.quality.overall),
                "column_shapes": _round(self.quality.shape),
                "pair_trends": _round(self.quality.trend),
            },
            "column_shapes": {name: _round(figure) for name, figure in self.quality.shapes.items()},
            "pair_trends": [
                {"columns": list(pair), "score": _round(figure)} for pair, figure in self.quality.trends.items()
            ],
            "two_sample": {"auc": _round(self.separability), "score": _round(1 - max(0.0, 2 * self.separability - 1))},
            "train_on_synthetic": self.usefulness
            and {
                "target": self.usefulness.target,
                "measure": self.usefulness.measure,
                "train_real": _round(self.usefulness.real),
                "train_synthetic": _round(self.usefulness.generated),
                "always_the_same": _round(self.usefulness.baseline),
            },
            "privacy": {
                "rows_copied": self.copied,
                "nearest_learnt_row": self.nearness
                and {
                    "median_made_up": _round(self.nearness.generated),
                    "median_held_out": _round(self.nearness.held),
                    "fifth_percentile_made_up": _round(self.nearness.nearest_generated),
                    "fifth_percentile_held_out": _round(self.nearness.nearest_held),
                    "share_closer_than_held_out": _round(self.nearness.closer),
                },
                "singling_out": self.singling
                and {
                    "attacks": self.singling.attacks,
                    "learnt": _round(self.singling.learnt),
                    "held_out": _round(self.singling.held),
                    "risk": _round(self.singling.risk),
                },
                "epsilon": self.epsilon or None,
            },
            "personal": {name: {"holds": kind, "made_up": True} for name, kind in self.personal.items()},
            "kept": list(self.kept),
            "row_to_row": {name: _round(figure) for name, figure in self.step_similarity.items()} or None,
            "steps_in_time": {"new": self.new_steps, "repeated": self.repeated} if self.entity else None,
            "constraints_broken": self.violations,
            "rules": list(self.rules),
            "weaker": list(self.weaker_dependences),
            "missing": {
                name: {"real": _round(one), "synthetic": _round(two)} for name, (one, two) in self.missing.items()
            },
            "good_for": list(map(str, self.sentences)),
            "notes": list(map(str, self.notes)),
        }


def build_report(table_model: TableModel, real: Values, held: Values, generated: Values, *, seed: int = 1) -> Report:
    """Build the report of generated rows, compared with learnt and held-out ones."""
    columns = [
        one for one in table_model.plan.columns if one.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
    ]
    steps = compare_steps(table_model, real, generated) if table_model.entity and table_model.time else {}
    new = count_new_steps(table_model, [real, held], generated) if table_model.entity and table_model.time else (0, 0)
    real, held, generated = (_select_columns(columns, one) for one in (real, held, generated))
    has_holdout, quality = _count_rows(held) >= MIN_HOLDOUT_ROWS, measure_quality(real, generated)
    known = set(fingerprint_rows(real, columns)) | (set(fingerprint_rows(held, columns)) if has_holdout else set())
    if table_model.method is Method.RNN:
        known &= table_model.fingerprints
    return Report(
        table_model.method.value,
        _count_rows(generated),
        _count_rows(real),
        _count_rows(held),
        seed,
        quality,
        measure_separability(real, generated, seed),
        measure_usefulness(columns, real, held, generated, seed) if has_holdout else None,
        measure_nearness(real, held, generated, seed) if has_holdout else None,
        measure_singling_out(real, held, generated, seed) if has_holdout else None,
        sum(mark in known for mark in fingerprint_rows(generated, columns)),
        int(find_violations(table_model.plan.relations, table_model.plan.columns, generated).sum()),
        {
            one.name: (_compute_missing_share(real[one.name]), _compute_missing_share(generated[one.name]))
            for one in columns
            if _compute_missing_share(real[one.name]) > 0
        },
        table_model.epsilon,
        table_model.notes,
        {one.name: one.kind for one in table_model.plan.columns if one.kind},
        table_model.kept,
        table_model.plan.relations.rules,
        find_weaker_dependences(columns, quality, real, generated),
        table_model.entity,
        steps,
        *new,
    )


def find_weaker_dependences(columns: Sequence[Column], quality: Quality, real: Values, generated: Values) -> list[str]:
    """Find dependences that are weaker in generated rows: pairs of columns, and orders that hold in nearly all real
    rows.
    """
    lost = [" – ".join(pair) for pair in sorted(quality.dependent_pairs) if quality.trends[pair] < _MIN_TREND]
    measured = [one for one in columns if one.is_numeric][:_MAX_ORDERED_COLUMNS]
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
    both = [_sort_rows(one, table_model.entity, table_model.time) for one in (real, generated)]
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
    pairs = [f"{one}\t{other}" for one, other in zip(found[:-1][same], found[1:][same], strict=True)]
    return np.array(pairs, dtype=object)


def measure_separability(real: Values, generated: Values, seed: int) -> float:
    """Return the AUC of trees that distinguish generated from real rows: 0.5 if they cannot, 1 if they always can."""
    rng = np.random.default_rng(seed)
    count = min(_count_rows(real), _count_rows(generated), _MAX_TREE_ROWS)
    if count < 4:
        return 0.5
    parts = [_take_rows(one, rng.permutation(_count_rows(one))[:count]) for one in (real, generated)]
    binning, half = trees.build_binning(parts[0]), count // 2
    codes = [binning.encode(one) for one in parts]
    table_model, asked = (np.concatenate([one[:half] for one in codes]), np.concatenate([one[half:] for one in codes]))
    truth = np.repeat([0.0, 1.0], half), np.repeat([0.0, 1.0], count - half)
    return trees.compute_auc(truth[1], trees.predict(table_model, truth[0], asked, chance=True))


def measure_usefulness(
    columns: Sequence[Column], real: Values, held: Values, generated: Values, seed: int
) -> Usefulness | None:
    """Measure the predictability of the last suitable column: one with at most ten categories, else a number."""
    if len(columns) < 2 or _count_rows(generated) < 20:
        return None
    few = [one.name for one in columns if 2 <= len(np.unique(real[one.name].astype(str))) <= 10]
    target = few[-1] if few else next((one.name for one in reversed(columns) if one.is_numeric), "")
    if not target:
        return None
    others = [one.name for one in columns if one.name != target]
    binning, rng = trees.build_binning({name: real[name] for name in others}), np.random.default_rng(seed)
    asked, figures = binning.encode(held), list[float]()
    for part in (real, generated):
        rows = _take_rows(part, rng.permutation(_count_rows(part))[:_MAX_TREE_ROWS])
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
    said = trees.predict(rows[known], target[known], asked[asked_known], chance=False)
    off = ((truth[asked_known] - said) ** 2).sum()
    return float(1 - off / max(((truth[asked_known] - truth[asked_known].mean()) ** 2).sum(), 1e-12))


def _build_sentences(report: Report) -> Iterator[Phrase]:
    overall = report.quality.overall
    if overall >= 0.9:
        yield Phrase(
            "Columns and pairs of columns are close to the real ones: good for demos, software tests and teaching."
        )
    elif overall >= 0.8:
        yield Phrase(
            "Columns and pairs of columns are roughly similar to the real ones: good for software tests and "
            "demos, not for statistics."
        )
    else:
        yield Phrase(
            "The rows look like the real ones but keep few of the relations between columns: good for software "
            "tests only."
        )
    if report.step_similarity:
        worst = min(report.step_similarity, key=lambda name: report.step_similarity[name])
        near = "For the same {entity}, steps from row to row are distributed like the real ones: {share:.0%} alike or more."
        far = "For the same {entity}, steps from row to row differ from the real ones; most of all {worst}, only {share:.0%} alike."
        said = near if report.step_similarity[worst] >= _MIN_STEP_SIMILARITY else far
        yield Phrase(said, entity=report.entity, worst=worst, share=report.step_similarity[worst])
        if report.new_steps or report.repeated:
            said = (
                "Of the steps in time {steps:,} are none that the real rows have, and {repeated:,} rows repeat a time of the "
                "same {entity}."
            )
            yield Phrase(said, steps=report.new_steps, repeated=report.repeated, entity=report.entity)
    if report.weaker_dependences:
        said = "Weaker than in the real rows: {names}. On the command line, --rule states what has to hold."
        yield Phrase(said, names=list(report.weaker_dependences)[:12])
    if report.usefulness is not None:
        target = report.usefulness.target
        gained, lost = (
            report.usefulness.real - report.usefulness.baseline,
            report.usefulness.real - report.usefulness.generated,
        )
        if gained <= 0.02:
            yield Phrase(
                (
                    "It is unclear whether models can be trained on it: {target} can hardly be predicted from the "
                    "real rows either."
                ),
                target=target,
            )
        elif lost <= 0.1 * max(gained, 1e-9):
            yield Phrase(
                "A model that predicts {target} learns from it about as well as from the real rows.", target=target
            )
        elif lost <= 0.4 * gained:
            yield Phrase("A model that predicts {target} learns less from it than from the real rows.", target=target)
        else:
            yield Phrase(
                "Do not train models on it: a model that predicts {target} learns little from it.", target=target
            )
    if report.epsilon:
        yield describe_guarantee(report.epsilon)
        yield Phrase("The figures in this report compare with the real rows and are not protected: do not share them.")
    if report.nearness is None:
        if not report.epsilon:
            yield Phrase(
                "The table is too short to hold rows out, so I could not measure how much it reveals about "
                "individual rows: do not publish it."
            )
    elif report.nearness.closer > 0.6 or (report.singling is not None and report.singling.risk > 0.1):
        yield Phrase(
            "It reveals individual rows that it learnt from: treat it like the real table and do not publish it."
        )
    else:
        yield Phrase(
            "I found no sign that it reveals individual rows. That is no proof: somebody has to decide before it "
            "is published."
        )
    yield _PROOF_NOTE


def _select_columns(columns: Sequence[Column], values: Values) -> Values:
    return {one.name: values[one.name] for one in columns}


def _count_rows(values: Values) -> int:
    return len(next(iter(values.values()), []))


def _take_rows(values: Values, which: Array) -> Values:
    return {name: found[which] for name, found in values.items()}


def _compute_missing_share(found: Array) -> float:
    return float((found == "").mean() if found.dtype == object else np.isnan(found).mean()) if len(found) else 0.0


def _round(figure: float) -> float:
    return round(float(figure), 4)
