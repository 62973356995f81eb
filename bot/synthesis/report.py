"""Evaluates a generated table in figures and sentences: similarity, usefulness and privacy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.errors import Phrase

from .columns import Array, Column, ColumnType, Values, count_rows, find_missing
from .comparison import (
    Usefulness,
    compare_steps,
    count_new_steps,
    find_weaker_dependences,
    measure_separability,
    measure_usefulness,
)
from .differential_privacy import describe_guarantee
from .disclosure import Nearness, SinglingOut, measure_nearness, measure_singling_out
from .holdout import MIN_HOLDOUT_ROWS
from .learning import Method
from .quality import Quality, compute_mean, measure_quality
from .relations import find_violations
from .table_model import TableModel, fingerprint_rows

# Two unrelated columns of steps around 0 already have a similarity of 0.5.
_MIN_STEP_SIMILARITY = 0.9
_MAX_LISTED_NAMES = 12
_PROOF_NOTE = Phrase("It proves nothing about real people: check anything you find in it with real data.")


@dataclass(frozen=True, slots=True)
class Report:
    """All figures on a generated table, and notes from learning. `separability` is an AUC; `missing_shares` are the
    real and the generated share of missing cells by column, of columns that have any.
    """

    method: str
    row_count: int
    learnt_row_count: int
    held_out_row_count: int
    seed: int
    quality: Quality
    separability: float
    usefulness: Usefulness | None
    nearness: Nearness | None
    singling_out: SinglingOut | None
    copy_count: int
    violation_count: int
    missing_shares: dict[str, tuple[float, float]]
    epsilon: float
    notes: Sequence[Phrase]
    # The kinds of fictional personal data by column, and the columns that keep their real values.
    personal_kinds: dict[str, str] = field(default_factory=dict)
    kept_columns: tuple[str, ...] = ()
    # Rules that hold in every row, and dependences that are weaker than in the real rows.
    rules: Sequence[str] = ()
    weaker_dependences: Sequence[str] = ()
    # For sequences: the entity column, and the similarity of each column's steps from row to row.
    entity: str = ""
    step_similarity: dict[str, float] = field(default_factory=dict)
    # Steps in time that no real entity takes, and those among them that repeat a time.
    new_step_count: int = 0
    repeated_time_count: int = 0

    @property
    def mean_step_similarity(self) -> float:
        """The mean similarity of the steps of all columns."""
        return compute_mean(list(self.step_similarity.values()))

    @property
    def sentences(self) -> list[Phrase]:
        """Sentences on what the table is good for, and what it reveals."""
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
            "rows": self.row_count,
            "rows_learnt": self.learnt_row_count,
            "rows_held_out": self.held_out_row_count,
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
            "train_on_synthetic": self.usefulness and self.usefulness.to_json(),
            "privacy": {
                "rows_copied": self.copy_count,
                "nearest_learnt_row": self.nearness and self.nearness.to_json(),
                "singling_out": self.singling_out and self.singling_out.to_json(),
                "epsilon": self.epsilon or None,
            },
            "personal": {name: {"holds": kind, "made_up": True} for name, kind in self.personal_kinds.items()},
            "kept": list(self.kept_columns),
            "row_to_row": {name: _round(figure) for name, figure in self.step_similarity.items()} or None,
            "steps_in_time": {"new": self.new_step_count, "repeated": self.repeated_time_count}
            if self.entity
            else None,
            "constraints_broken": self.violation_count,
            "rules": list(self.rules),
            "weaker": list(self.weaker_dependences),
            "missing": {
                name: {"real": _round(real), "synthetic": _round(generated)}
                for name, (real, generated) in self.missing_shares.items()
            },
            "good_for": list(map(str, self.sentences)),
            "notes": list(map(str, self.notes)),
        }


def build_report(
    table_model: TableModel, real: Values, held_out: Values, generated: Values, *, seed: int = 1
) -> Report:
    """Build the report of generated rows, compared with learnt and held-out ones."""
    columns = [
        column
        for column in table_model.plan.columns
        if column.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)
    ]
    step_similarity, new_step_counts = dict[str, float](), (0, 0)
    if table_model.entity and table_model.time:
        step_similarity = compare_steps(table_model, real, generated)
        new_step_counts = count_new_steps(table_model, [real, held_out], generated)
    real, held_out, generated = (_select_columns(columns, values) for values in (real, held_out, generated))
    has_holdout, quality = count_rows(held_out) >= MIN_HOLDOUT_ROWS, measure_quality(real, generated)
    real_fingerprints = set(fingerprint_rows(real, columns)) | (
        set(fingerprint_rows(held_out, columns)) if has_holdout else set()
    )
    if table_model.method is Method.RNN:
        real_fingerprints &= table_model.row_fingerprints
    return Report(
        table_model.method.value,
        count_rows(generated),
        count_rows(real),
        count_rows(held_out),
        seed,
        quality,
        measure_separability(real, generated, seed),
        measure_usefulness(columns, real, held_out, generated, seed) if has_holdout else None,
        measure_nearness(real, held_out, generated, seed) if has_holdout else None,
        measure_singling_out(real, held_out, generated, seed) if has_holdout else None,
        sum(fingerprint in real_fingerprints for fingerprint in fingerprint_rows(generated, columns)),
        int(find_violations(table_model.plan.relations, table_model.plan.columns, generated).sum()),
        {
            column.name: (_compute_missing_share(real[column.name]), _compute_missing_share(generated[column.name]))
            for column in columns
            if _compute_missing_share(real[column.name]) > 0
        },
        table_model.epsilon,
        table_model.notes,
        {column.name: column.kind for column in table_model.plan.columns if column.kind},
        table_model.kept_columns,
        table_model.plan.relations.rules,
        find_weaker_dependences(columns, quality, real, generated),
        table_model.entity,
        step_similarity,
        *new_step_counts,
    )


def _build_sentences(report: Report) -> Iterator[Phrase]:
    """Yield sentences on the similarity, the usefulness for training models, and the privacy of a table."""
    yield _describe_quality(report.quality.overall)
    if report.step_similarity:
        yield from _describe_steps(report)
    if report.weaker_dependences:
        template = "Weaker than in the real rows: {names}. On the command line, use --rule to say what has to hold."
        yield Phrase(template, names=list(report.weaker_dependences)[:_MAX_LISTED_NAMES])
    if report.usefulness is not None:
        yield _describe_usefulness(report.usefulness)
    yield from _describe_privacy(report)
    yield _PROOF_NOTE


def _describe_quality(overall: float) -> Phrase:
    if overall >= 0.9:
        return Phrase(
            "Columns and pairs of columns are close to the real ones: good for demos, software tests and teaching."
        )
    if overall >= 0.8:
        return Phrase(
            "Columns and pairs of columns are roughly similar to the real ones: good for software tests and "
            "demos, not for statistics."
        )
    return Phrase(
        "The rows look like the real ones but keep few of the relations between columns: good for software tests only."
    )


def _describe_steps(report: Report) -> Iterator[Phrase]:
    """Yield sentences on the steps from row to row of the same entity."""
    worst = min(report.step_similarity, key=lambda name: report.step_similarity[name])
    similar = (
        "For the same {entity}, steps from row to row are distributed like the real ones: {share:.0%} alike or more."
    )
    dissimilar = "For the same {entity}, steps from row to row differ from the real ones; most of all {worst}, only {share:.0%} alike."
    template = similar if report.step_similarity[worst] >= _MIN_STEP_SIMILARITY else dissimilar
    yield Phrase(template, entity=report.entity, worst=worst, share=report.step_similarity[worst])
    if report.new_step_count or report.repeated_time_count:
        template = (
            "{steps:,} of the steps in time do not occur in the real rows, and {repeated:,} rows repeat a "
            "time of the same {entity}."
        )
        yield Phrase(template, steps=report.new_step_count, repeated=report.repeated_time_count, entity=report.entity)


def _describe_usefulness(usefulness: Usefulness) -> Phrase:
    target, gain = usefulness.target, usefulness.real_score - usefulness.baseline_score
    loss = usefulness.real_score - usefulness.generated_score
    if gain <= 0.02:
        return Phrase(
            "It is unclear whether models can be trained on it: {target} can hardly be predicted from the "
            "real rows either.",
            target=target,
        )
    if loss <= 0.1 * max(gain, 1e-9):
        return Phrase(
            "A model that predicts {target} learns from it about as well as from the real rows.", target=target
        )
    if loss <= 0.4 * gain:
        return Phrase("A model that predicts {target} learns less from it than from the real rows.", target=target)
    return Phrase("Do not train models on it: a model that predicts {target} learns little from it.", target=target)


def _describe_privacy(report: Report) -> Iterator[Phrase]:
    if report.epsilon:
        yield describe_guarantee(report.epsilon)
        yield Phrase("The figures in this report compare with the real rows and are not protected: do not share them.")
    if report.nearness is None:
        if not report.epsilon:
            yield Phrase(
                "The table is too short to hold rows out, so I could not measure how much it reveals about "
                "individual rows: do not publish it."
            )
    elif report.nearness.closer_share > 0.6 or (report.singling_out is not None and report.singling_out.risk > 0.1):
        yield Phrase(
            "It reveals individual rows that it learnt from: treat it like the real table and do not publish it."
        )
    else:
        yield Phrase(
            "I found no sign that it reveals individual rows. That is no proof: somebody has to decide before it "
            "is published."
        )


def _select_columns(columns: Sequence[Column], values: Values) -> Values:
    return {column.name: values[column.name] for column in columns}


def _compute_missing_share(array: Array) -> float:
    return float(find_missing(array).mean()) if len(array) else 0.0


def _round(figure: float) -> float:
    return round(float(figure), 4)
