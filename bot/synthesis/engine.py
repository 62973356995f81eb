"""Learning of tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bot.errors import FileError, Phrase, RefusedError
from bot.runtime.extras import has_torch, require_torch

from . import copula, gan, rnn, vae
from .columns import (
    Column,
    ColumnType,
    Values,
    detect_columns,
    parse_values,
    require_min_rows,
    take_rows,
)
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
# From this many rows on a network learns more than a copula does.
_MIN_NETWORK_ROWS = 1_500
_NETWORK_NOTE = (
    "A network would learn more of this table, but needs PyTorch. My operator can install it: "
    "pip install 'quillmate[torch]'"
)
# This note comes first.
_KEPT_NOTE = "These columns are kept as they are, with their real values: {names}."
_PERSONAL_NOTE = "Personal data, all of it made up: {names}."
_SAME_FORMAT_NOTE = "Generated again, in their original format: {names}."
_NEW_FORMAT_NOTE = "Generated again, in a new format: {names}."


@dataclass(frozen=True, slots=True)
class LearningOptions:
    """The options for learning a table: `entity` and `time` name columns of sequences, `epsilon` limits what is
    revealed about any row.
    """

    method: Method = Method.AUTO
    seed: int = 1
    without: Sequence[str] = ()
    entity: str = ""
    time: str = ""
    epochs: int = 0
    epsilon: float = 0.0
    seconds: float = float("inf")
    # The key column of two joined tables.
    key: str = ""
    # A column that is missing in rows that are the only ones of their key.
    alone: str = ""
    # Rules for every row, in the notation of `formulas.parse_rule`.
    rules: tuple[str, ...] = ()
    # The condition for sampling, checked before learning.
    condition: str = ""


@dataclass(frozen=True, slots=True)
class _Preparation:
    """A table that is ready to be learnt, and how it is learnt."""

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
    save: Any = None,
    checkpoint: bytes = b"",
    held_out: Table | None = None,
) -> TableModel:
    """Learn a table. Rows in `held_out` are not learnt, but not copied either.

    Raises:
        FileError: the table is too small, or nothing can be learnt from it.
        RefusedError: the options do not fit the table.
        EngineError: the method is a network, and PyTorch is not installed.
    """
    prepared = _prepare(table, held_out, options)
    table, plan = prepared.table, prepared.plan
    if options.epsilon:
        return _learn_privately(prepared, options)
    frame = build_frame(plan, prepared.values, np.random.default_rng(options.seed))
    settings = TrainingSettings(1, options.seed, on_progress, save, checkpoint, options.seconds)
    sampler = _train(prepared, frame, options, settings)
    fingerprints, keys = _fingerprint(prepared)
    return _build_model(prepared, options, sampler, fingerprints, keys | table.real)


def _prepare(table: Table, held_out: Table | None, options: LearningOptions) -> _Preparation:
    """Find the columns, their relations and the method."""
    # Under epsilon only the noisy counts decide whether there are enough rows.
    require_min_rows(table, 1 if options.epsilon else MIN_TABLE_ROWS)
    if options.without:
        table, held_out = table.drop_columns(options.without), held_out and held_out.drop_columns(options.without)
    entity, time = (find_heading(table.columns, name) if name else "" for name in (options.entity, options.time))
    # Under epsilon no names are learnt, not even fictional ones.
    named = list(table.personal) if options.epsilon else []
    columns = detect_columns(table, keys=[*named, *(name for name in (entity, options.key) if name)])
    if not options.epsilon:
        parse_conditions(options.condition, columns)
    values = parse_values(table, columns)
    if options.epsilon and options.rules:
        raise RefusedError(
            "With epsilon only the correlation between columns is preserved. Leave out the rules, or epsilon."
        )
    relations = Relations() if options.epsilon else find_relations(columns, values, options.rules, options.alone)
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
    """Return the columns and the plan of a table of sequences, which learn time by themselves: it is no gap from a column."""
    orders = tuple(order for order in relations.orders if order.second != time)
    fixed = tuple(combination for combination in relations.fixed if time not in combination.names)
    columns = [
        replace(column, type=ColumnType.KEY, unique=False) if column.name == entity else column for column in columns
    ]
    return columns, build_plan(columns, replace(relations, orders=orders, fixed=fixed), values)


def _learn_privately(prepared: _Preparation, options: LearningOptions) -> TableModel:
    """Learn within epsilon. Nothing of any real row is in the model, not even a fingerprint."""
    if prepared.method is not Method.COPULA:
        raise RefusedError(
            "Only the copula model can limit what is revealed about each row (epsilon). Choose the model "
            "copula, or leave out epsilon."
        )
    plan, sampler, rows = fit_private_copula(prepared.plan, prepared.values, options.epsilon)
    model = _build_model(replace(prepared, plan=plan), options, sampler, frozenset(), frozenset())
    return replace(model, rows=rows)


def _fingerprint(prepared: _Preparation) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Return the fingerprints of all real rows, and of the cells of their keys."""
    columns = prepared.columns
    held_out = prepared.held_out.columns if prepared.held_out else {}
    all_rows = Table({name: [*cells, *held_out.get(name, [])] for name, cells in prepared.table.columns.items()})
    known = parse_values(all_rows, columns)
    if prepared.method is Method.RNN:
        # In sequences, rows with only common values, such as a month, are not copies; dropping them would leave gaps.
        informative = [
            ~np.isnan(known[feature.name])
            for feature in prepared.plan.features
            if feature.name in known and not feature.size
        ]
        known = take_rows(known, np.any(informative, axis=0)) if informative else known
    keys = frozenset(
        compute_fingerprint(f"{column.name}\t{cell}")
        for column in columns
        if column.type in (ColumnType.KEY, ColumnType.TEXT) and not column.kind
        for cell in all_rows.columns[column.name]
    )
    return frozenset(fingerprint_rows(known, columns)), keys


def _build_model(
    prepared: _Preparation,
    options: LearningOptions,
    sampler: Sampler,
    fingerprints: frozenset[bytes],
    keys: frozenset[bytes],
) -> TableModel:
    table = prepared.table
    notes = [
        *build_kept_notes(table),
        *describe_broken_rules(options.rules, prepared.columns, prepared.values),
        *_describe_columns(prepared.plan.columns, has_new_format=bool(options.epsilon)),
        *([Phrase(_NETWORK_NOTE)] if prepared.is_torch_missing else []),
    ]
    return TableModel(
        prepared.method,
        prepared.plan,
        sampler,
        fingerprints,
        keys,
        options.seed,
        prepared.entity,
        prepared.time,
        options.epsilon,
        notes,
        table.rows,
        table.kept,
        table.delimiter,
        table.has_bom,
    )


def build_kept_notes(table: Table) -> list[Phrase]:
    """Return a list with a note about the columns with real values, or an empty list if there are none."""
    return [Phrase(_KEPT_NOTE, names=list(table.kept))] if table.kept else []


def _choose_method(
    options: LearningOptions, plan: FramePlan, table: Table, entity: str, time: str
) -> tuple[Method, bool]:
    """Return the method, and whether it is the second best because PyTorch is missing."""
    method = _find_best_method(options, plan, table, entity, time)
    if method not in NETWORK_METHODS or has_torch():
        return method, False
    if options.method is not Method.AUTO or method is Method.RNN:
        require_torch()
    return Method.COPULA, True


def _find_best_method(options: LearningOptions, plan: FramePlan, table: Table, entity: str, time: str) -> Method:
    if options.method is not Method.AUTO:
        return options.method
    if options.epsilon:
        return Method.COPULA
    if entity or time or find_entity_cells(table):
        return Method.RNN
    return Method.VAE if table.rows >= _MIN_NETWORK_ROWS and len(plan.features) > 1 else Method.COPULA


def _train(prepared: _Preparation, frame: Frame, options: LearningOptions, settings: TrainingSettings) -> Sampler:
    def set_epochs(epochs: int) -> TrainingSettings:
        return replace(settings, epochs=options.epochs or epochs)

    match prepared.method:
        case Method.GAN:
            return gan.train_gan(frame, set_epochs(gan.choose_epochs(frame)))
        case Method.VAE:
            return vae.train_vae(frame, set_epochs(vae.choose_epochs(frame)))
        case Method.RNN:
            epochs = set_epochs(rnn.choose_epochs(frame))
            return rnn.train_rnn(prepared.plan, frame, prepared.values, prepared.entity, prepared.time, epochs)
        case _:
            model = copula.fit_copula(frame, options.seed)
            settings.on_progress(TrainingProgress(1, 1, 0.0, 1.0))
            return model


def _describe_columns(columns: Sequence[Column], *, has_new_format: bool) -> list[Phrase]:
    """Return notes for the table's owner about how its columns are generated."""
    notes = list[Phrase]()
    if names := [column.name for column in columns if column.kind]:
        notes.append(Phrase(_PERSONAL_NOTE, names=names))
    columns = [column for column in columns if not column.kind]
    if names := [column.name for column in columns if column.type is ColumnType.TEXT and not column.shapes]:
        said = "Free text cannot be made up without copying it, so these columns are empty: {names}."
        notes.append(Phrase(said, names=names))
    if names := [
        column.name
        for column in columns
        if column.type is ColumnType.KEY or (column.type is ColumnType.TEXT and column.shapes)
    ]:
        notes.append(Phrase(_NEW_FORMAT_NOTE if has_new_format else _SAME_FORMAT_NOTE, names=names))
    if names := [column.name for column in columns if column.type is ColumnType.EMPTY]:
        said = (
            "These columns are empty and stay empty: {names}. Formulas only have values once a spreadsheet "
            "program has saved the file."
        )
        notes.append(Phrase(said, names=names))
    for column in columns:
        if column.strays:
            numbers = "Cells in {name} that are not numbers and count as missing: {count}."
            dates = "Cells in {name} that are not dates and count as missing: {count}."
            said = numbers if column.type is ColumnType.NUMBER else dates
            notes.append(Phrase(said, name=column.name, count=column.strays))
    return notes
