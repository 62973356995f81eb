"""Learns a table: detects its columns and their relations, chooses a method, and trains a model of the rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bot.errors import FileError, Phrase, RefusedError
from bot.runtime.extras import has_torch, require_torch

from . import copula, gan, rnn, vae
from .columns import Column, ColumnType, Values, detect_columns, parse_values, require_min_rows, take_rows
from .conditions import parse_conditions
from .differential_privacy import fit_private_copula
from .frame import Frame, FramePlan, build_frame, build_plan
from .holdout import find_entity_cells
from .learning import EpochCallback, Method, TrainingProgress
from .models import Sampler
from .people import compute_fingerprint
from .relations import Relations, describe_broken_rules, find_relations
from .table import Table, find_heading
from .table_model import NETWORK_METHODS, TableModel, fingerprint_rows
from .training import TrainingSettings

MIN_TABLE_ROWS = 20
# With fewer rows a copula is at least as good as a network.
_MIN_NETWORK_ROWS = 1_500
_NETWORK_NOTE = (
    "A network would learn more of this table, but needs PyTorch. My operator can install it: "
    "pip install 'quillmate[torch]'"
)
_KEPT_NOTE = "These columns are kept as they are, with their real values: {names}."
_PERSONAL_NOTE = "Personal data, all of it made up: {names}."
_SAME_FORMAT_NOTE = "Generated again, in their original format: {names}."
_NEW_FORMAT_NOTE = "Generated again, in a new format: {names}."


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """How to learn a table. `entity` and `time` name the columns of sequences; `epochs` of 0 are chosen by the number
    of rows; a positive `epsilon` limits what is revealed about any row.
    """

    method: Method = Method.AUTO
    seed: int = 1
    excluded_columns: Sequence[str] = ()
    entity: str = ""
    time: str = ""
    epochs: int = 0
    epsilon: float = 0.0
    max_seconds: float = float("inf")
    # For two joined tables: their key, and a column that is missing in rows without a row of the second table.
    join_key: str = ""
    row_marker: str = ""
    # Rules for every row, in the notation of `formulas.parse_rule`.
    rules: tuple[str, ...] = ()
    # The condition for sampling. It is checked before learning, unless there is an epsilon.
    condition: str = ""


@dataclass(frozen=True, slots=True)
class _Preparation:
    """A table that is ready to be learnt, with its analysis and the method to use."""

    table: Table
    held_out: Table | None
    columns: list[Column]
    values: Values
    plan: FramePlan
    method: Method
    entity: str = ""
    time: str = ""
    is_torch_missing: bool = False


def learn(
    table: Table,
    options: LearningOptions,
    *,
    on_progress: EpochCallback = lambda _: None,
    save_checkpoint: Callable[[bytes], None] | None = None,
    checkpoint: bytes = b"",
    held_out: Table | None = None,
) -> TableModel:
    """Learn a table. Rows in `held_out` are not learnt; generated rows copy neither them nor the learnt ones, except with epsilon.
    Training resumes from a `checkpoint` that an earlier call passed to `save_checkpoint`.

    Raises:
        FileError: the table is too small, or nothing can be learnt from it.
        RefusedError: the options do not fit the table.
        EngineError: PyTorch is not installed, and a network was asked for or the table needs one.
    """
    preparation = _prepare(table, held_out, options)
    table, plan = preparation.table, preparation.plan
    if options.epsilon:
        return _learn_privately(preparation, options)
    frame = build_frame(plan, preparation.values, np.random.default_rng(options.seed))
    settings = TrainingSettings(1, options.seed, on_progress, save_checkpoint, checkpoint, options.max_seconds)
    sampler = _train(preparation, frame, options, settings)
    fingerprints, keys = _fingerprint_real_rows(preparation)
    return _build_model(preparation, options, sampler, fingerprints, keys | table.real_fingerprints)


def _prepare(table: Table, held_out: Table | None, options: LearningOptions) -> _Preparation:
    """Detect the columns and their relations, and choose the method."""
    # Under epsilon only the noisy counts decide whether there are enough rows.
    require_min_rows(table, 1 if options.epsilon else MIN_TABLE_ROWS)
    if options.excluded_columns:
        table = table.drop_columns(options.excluded_columns)
        held_out = held_out and held_out.drop_columns(options.excluded_columns)
    entity, time = (find_heading(table.columns, name) if name else "" for name in (options.entity, options.time))
    keys = [name for name in (entity, options.join_key) if name]
    # Under epsilon no names are learnt, not even fictional ones.
    columns = detect_columns(table, keys=[*table.personal_columns, *keys] if options.epsilon else keys)
    if not options.epsilon:
        parse_conditions(options.condition, columns)
    values = parse_values(table, columns)
    if options.epsilon and options.rules:
        raise RefusedError(
            "With epsilon only the correlation between columns is preserved. Leave out the rules, or epsilon."
        )
    relations = Relations() if options.epsilon else find_relations(columns, values, options.rules, options.row_marker)
    plan = build_plan(columns, relations, values)
    if not plan.features:
        raise FileError(
            "There is nothing to learn from that table: its columns contain only keys, free text or nothing. It "
            "needs numbers, dates or categories."
        )
    method, is_torch_missing = _choose_method(options, plan, table, entity, time)
    if method is Method.RNN and not options.epsilon:
        entity, time = rnn.find_sequence_columns(plan, values, entity, time)
        columns, plan = _plan_sequences(columns, plan.relations, values, entity, time)
    return _Preparation(table, held_out, columns, values, plan, method, entity, time, is_torch_missing)


def _plan_sequences(
    columns: list[Column], relations: Relations, values: Values, entity: str, time: str
) -> tuple[list[Column], FramePlan]:
    """Return the columns and the plan of a table of sequences. As time is learnt as the gap from the previous row, it is
    neither the later of two ordered columns nor part of a combination.
    """
    orders = tuple(order for order in relations.orders if order.second != time)
    combinations = tuple(combination for combination in relations.combinations if time not in combination.names)
    columns = [
        replace(column, type=ColumnType.KEY, unique=False) if column.name == entity else column for column in columns
    ]
    return columns, build_plan(columns, replace(relations, orders=orders, combinations=combinations), values)


def _learn_privately(preparation: _Preparation, options: LearningOptions) -> TableModel:
    """Learn with differential privacy. The model contains no real cells, and no fingerprints of them."""
    if preparation.method is not Method.COPULA:
        raise RefusedError(
            "Only the copula model can limit what is revealed about each row (epsilon). Choose the model "
            "copula, or leave out epsilon."
        )
    plan, sampler, row_count = fit_private_copula(preparation.plan, preparation.values, options.epsilon)
    model = _build_model(replace(preparation, plan=plan), options, sampler, frozenset(), frozenset())
    return replace(model, row_count=row_count)


def _fingerprint_real_rows(preparation: _Preparation) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the fingerprints of the real rows that can be recognised as copied, and of the real cells of keys and texts."""
    columns = preparation.columns
    held_out_columns = preparation.held_out.columns if preparation.held_out else {}
    all_rows = Table(
        {name: [*cells, *held_out_columns.get(name, [])] for name, cells in preparation.table.columns.items()}
    )
    values = parse_values(all_rows, columns)
    if preparation.method is Method.RNN:
        # A row with only discrete values, such as a month, is no copy: dropping it would leave a gap in its sequence.
        is_known = [
            ~np.isnan(values[feature.name])
            for feature in preparation.plan.features
            if feature.name in values and not feature.size
        ]
        values = take_rows(values, np.any(is_known, axis=0)) if is_known else values
    keys = frozenset(
        compute_fingerprint(f"{column.name}\t{cell}")
        for column in columns
        if column.type in (ColumnType.KEY, ColumnType.TEXT) and not column.kind
        for cell in all_rows.columns[column.name]
    )
    return frozenset(fingerprint_rows(values, columns)), keys


def _build_model(
    preparation: _Preparation,
    options: LearningOptions,
    sampler: Sampler,
    fingerprints: frozenset[bytes],
    keys: frozenset[bytes],
) -> TableModel:
    table = preparation.table
    notes = [
        *build_kept_notes(table),
        *describe_broken_rules(options.rules, preparation.columns, preparation.values),
        *_describe_columns(preparation.plan.columns, has_new_format=bool(options.epsilon)),
        *([Phrase(_NETWORK_NOTE)] if preparation.is_torch_missing else []),
    ]
    return TableModel(
        preparation.method,
        preparation.plan,
        sampler,
        fingerprints,
        keys,
        options.seed,
        preparation.entity,
        preparation.time,
        options.epsilon,
        notes,
        table.row_count,
        table.kept_columns,
        table.delimiter,
        table.has_bom,
    )


def build_kept_notes(table: Table) -> list[Phrase]:
    """Return a note on the columns that keep their real values, as a list; empty if there are none."""
    return [Phrase(_KEPT_NOTE, names=list(table.kept_columns))] if table.kept_columns else []


def _choose_method(
    options: LearningOptions, plan: FramePlan, table: Table, entity: str, time: str
) -> tuple[Method, bool]:
    """Return the method, and whether it replaces a better one because PyTorch is missing."""
    method = _select_method(options, plan, table, entity, time)
    if method not in NETWORK_METHODS or has_torch():
        return method, False
    if options.method is not Method.AUTO or method is Method.RNN:
        require_torch()
    return Method.COPULA, True


def _select_method(options: LearningOptions, plan: FramePlan, table: Table, entity: str, time: str) -> Method:
    if options.method is not Method.AUTO:
        return options.method
    if options.epsilon:
        return Method.COPULA
    if entity or time or find_entity_cells(table):
        return Method.RNN
    return Method.VAE if table.row_count >= _MIN_NETWORK_ROWS and len(plan.features) > 1 else Method.COPULA


def _train(preparation: _Preparation, frame: Frame, options: LearningOptions, settings: TrainingSettings) -> Sampler:
    def with_epochs(default: int) -> TrainingSettings:
        return replace(settings, epochs=options.epochs or default)

    match preparation.method:
        case Method.GAN:
            return gan.train_gan(frame, with_epochs(gan.choose_epochs(frame)))
        case Method.VAE:
            return vae.train_vae(frame, with_epochs(vae.choose_epochs(frame)))
        case Method.RNN:
            settings = with_epochs(rnn.choose_epochs(frame))
            return rnn.train_rnn(
                preparation.plan, frame, preparation.values, preparation.entity, preparation.time, settings
            )
        case _:
            model = copula.fit_copula(frame, options.seed)
            settings.on_progress(TrainingProgress(1, 1, 0.0, 1.0))
            return model


def _describe_columns(columns: Sequence[Column], *, has_new_format: bool) -> list[Phrase]:
    """Return notes on how the columns are generated."""
    notes = list[Phrase]()
    if names := [column.name for column in columns if column.kind]:
        notes.append(Phrase(_PERSONAL_NOTE, names=names))
    columns = [column for column in columns if not column.kind]
    if names := [column.name for column in columns if column.type is ColumnType.TEXT and not column.shapes]:
        template = "Free text cannot be made up without copying it, so these columns are empty: {names}."
        notes.append(Phrase(template, names=names))
    if names := [
        column.name
        for column in columns
        if column.type is ColumnType.KEY or (column.type is ColumnType.TEXT and column.shapes)
    ]:
        notes.append(Phrase(_NEW_FORMAT_NOTE if has_new_format else _SAME_FORMAT_NOTE, names=names))
    if names := [column.name for column in columns if column.type is ColumnType.EMPTY]:
        template = (
            "These columns are empty and stay empty: {names}. Formulas only have values once a spreadsheet "
            "program has saved the file."
        )
        notes.append(Phrase(template, names=names))
    for column in columns:
        if column.strays:
            stray_numbers = "Cells in {name} that are not numbers and count as missing: {count}."
            stray_dates = "Cells in {name} that are not dates and count as missing: {count}."
            template = stray_numbers if column.type is ColumnType.NUMBER else stray_dates
            notes.append(Phrase(template, name=column.name, count=column.strays))
    return notes
