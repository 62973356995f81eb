"""Learning of tables, and sampling of rows: none of them a copy of a real one."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from bot.errors import FileError, Phrase, RefusedError
from bot.runtime.extras import has_torch, require_torch

from . import copula, gan, rnn, vae
from .columns import (
    Array,
    Column,
    ColumnType,
    Values,
    detect_columns,
    format_table,
    parse_values,
    require_min_rows,
    round_values,
)
from .conditions import Condition, find_sex_labels, find_wanted_levels, parse_conditions
from .differential_privacy import fit_private_copula
from .frame import Frame, FramePlan, build_frame, build_plan, decode_frame
from .keys import generate_keys, generate_people
from .learning import EpochCallback, Method, TrainingProgress
from .models import Sampler, pack, unpack
from .people import Person, build_name_key, compute_fingerprint
from .personal_data import NAME_KINDS, PersonalKind
from .relations import Identity, Relations, describe_broken_rules, find_finest_key, find_relations, find_violations
from .table import Table, find_heading
from .training import TrainingSettings

MIN_TABLE_ROWS = 20
MAX_GENERATED_ROWS = 1_000_000
FORMAT_VERSION = 3
HOLDOUT_SHARE, _MAX_HOLDOUT_ROWS, MIN_HOLDOUT_ROWS = 0.1, 5_000, 10
# From this many rows on a network learns more than a copula does.
_MIN_NETWORK_ROWS = 1_500
_NETWORK_METHODS = (Method.GAN, Method.VAE, Method.RNN)
_NETWORK_NOTE = (
    "A network would learn more of this table, but needs PyTorch. My operator can install it: "
    "pip install 'quillmate[torch]'"
)
# This note comes first.
_KEPT_NOTE = "These columns are kept as they are, with their real values: {names}."
_PERSONAL_NOTE = "Personal data, all of it made up: {names}."
_SAME_FORMAT_NOTE = "Generated again, in their original format: {names}."
_NEW_FORMAT_NOTE = "Generated again, in a new format: {names}."
# Draws per wanted row before sampling is given up.
_MAX_DRAWS_PER_ROW, _MIN_BATCH_ROWS, _MAX_BATCH_ROWS = 40, 2_000, 20_000


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
class TableModel:
    """A learnt table: what is needed to generate rows, and of the real rows only fingerprints to recognise copies.
    `rows` is the number of learnt rows, approximate under epsilon.
    """

    method: Method
    plan: FramePlan
    sampler: Sampler
    fingerprints: frozenset[bytes]
    keys: frozenset[bytes]
    seed: int
    entity: str = ""
    time: str = ""
    epsilon: float = 0.0
    notes: list[Phrase] = field(default_factory=list)
    rows: int = 0
    kept: tuple[str, ...] = ()
    # The format of the table's file, for files with generated rows.
    delimiter: str = ","
    has_bom: bool = False

    def format_rows(self, values: Values) -> Table:
        """Format values as cells, in the format of their columns."""
        return replace(format_table(values, self.plan.columns), delimiter=self.delimiter, has_bom=self.has_bom)

    def pack(self) -> bytes:
        """Serialise the model."""
        data, arrays = self.sampler.state()
        fingerprints = {"marks": _join_fingerprints(self.fingerprints), "keys": _join_fingerprints(self.keys)}
        data = {
            "version": FORMAT_VERSION,
            "way": self.method.value,
            "plan": self.plan.to_json(),
            "seed": self.seed,
            "entity": self.entity,
            "time": self.time,
            "epsilon": self.epsilon,
            "rows": self.rows,
            "model": data,
            "kept": list(self.kept),
            "delimiter": self.delimiter,
            "marked": self.has_bom,
            "notes": [one.to_json() for one in self.notes],
        }
        return pack(data, {f"model.{name}": array for name, array in arrays.items()} | fingerprints)

    @classmethod
    def unpack(cls, body: bytes) -> TableModel:
        """Deserialise the output of `pack`.

        Raises:
            FileError: the body is damaged, or of another version.
            EngineError: the model is a network, and PyTorch is not installed.
        """
        data, arrays = unpack(body)
        if data.get("version") != FORMAT_VERSION:
            raise FileError("That model was made by another version of me. Learn from the table again.")
        plan, method = FramePlan.from_json(data["plan"]), Method(data["way"])
        if method in _NETWORK_METHODS:
            require_torch()
        own = {name.removeprefix("model."): array for name, array in arrays.items() if name.startswith("model.")}
        loaders: dict[Method, Any] = {
            Method.COPULA: copula.Copula.from_state,
            Method.GAN: gan.Gan.from_state,
            Method.VAE: vae.Vae.from_state,
            Method.RNN: partial(rnn.Rnn.from_state, data["model"]),
        }
        return cls(
            method,
            plan,
            loaders[method](plan.features, own),
            _split_fingerprints(arrays["marks"]),
            _split_fingerprints(arrays["keys"]),
            data["seed"],
            data["entity"],
            data["time"],
            data["epsilon"],
            [Phrase.from_json(one) for one in data["notes"]],
            data["rows"],
            tuple(data["kept"]),
            data["delimiter"],
            data["marked"],
        )


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
    # Under epsilon only the noisy counts decide whether there are enough rows.
    require_min_rows(table, 1 if options.epsilon else MIN_TABLE_ROWS)
    if options.without:
        table, held_out = table.drop_columns(options.without), held_out and held_out.drop_columns(options.without)
    entity, time = (find_heading(table.columns, one) if one else "" for one in (options.entity, options.time))
    # Under epsilon no names are learnt, not even fictional ones.
    named = list(table.personal) if options.epsilon else []
    columns = detect_columns(table, keys=[*named, *(one for one in (entity, options.key) if one)])
    if not options.epsilon:
        parse_conditions(options.condition, columns)
    values = parse_values(table, columns)
    if options.epsilon and options.rules:
        raise RefusedError(
            "With epsilon nothing is kept between columns but their correlation. Leave out the rules, or epsilon."
        )
    relations = Relations() if options.epsilon else find_relations(columns, values, options.rules, options.alone)
    plan = build_plan(columns, relations, values)
    if not plan.features:
        raise FileError(
            "There is nothing to learn from that table: its columns contain only keys, free text or nothing. It "
            "needs numbers, dates or categories."
        )
    method, is_torch_missing = _choose_method(options, plan, table, entity, time), False
    if method in _NETWORK_METHODS and not has_torch():
        if options.method is not Method.AUTO or method is Method.RNN:
            require_torch()
        method, is_torch_missing = Method.COPULA, True
    if method is Method.RNN and not options.epsilon:
        entity, time = rnn.find_sequence_columns(plan, values, entity, time)
        # Sequences learn time by itself: it is not a gap from another column.
        orders = tuple(one for one in relations.orders if one.second != time)
        fixed = tuple(one for one in relations.fixed if time not in one.names)
        columns = [replace(one, type=ColumnType.KEY, unique=False) if one.name == entity else one for one in columns]
        relations = replace(relations, orders=orders, fixed=fixed)
        plan = build_plan(columns, relations, values)
    model: Sampler
    rows = table.rows
    if options.epsilon:
        if method is not Method.COPULA:
            raise RefusedError(
                "Only the copula model can limit what is revealed about each row (epsilon). Choose the model "
                "copula, or leave out epsilon."
            )
        plan, model, rows = fit_private_copula(plan, values, options.epsilon)
    else:
        frame = build_frame(plan, values, np.random.default_rng(options.seed))
        model = _train(
            method,
            plan,
            frame,
            values,
            options,
            TrainingSettings(1, options.seed, on_progress, save, checkpoint, options.seconds),
            entity,
            time,
        )
    all_rows = Table(
        {name: [*cells, *(held_out.columns[name] if held_out else [])] for name, cells in table.columns.items()}
    )
    known = parse_values(all_rows, columns)
    if method is Method.RNN:
        # In sequences, rows with only common values, such as a month, are not copies; dropping them would leave gaps.
        informative = [~np.isnan(known[one.name]) for one in plan.features if one.name in known and not one.size]
        known = _take(known, np.any(informative, axis=0)) if informative else known
    fingerprints = frozenset[bytes]() if options.epsilon else frozenset(fingerprint_rows(known, columns))
    keys = frozenset(
        compute_fingerprint(f"{one.name}\t{cell}")
        for one in (() if options.epsilon else columns)
        if one.type in (ColumnType.KEY, ColumnType.TEXT) and not one.kind
        for cell in all_rows.columns[one.name]
    )
    real = frozenset[bytes]() if options.epsilon else table.real
    notes = [
        *build_kept_note(table),
        *describe_broken_rules(options.rules, columns, values),
        *_describe_columns(plan.columns, has_new_format=bool(options.epsilon)),
        *([Phrase(_NETWORK_NOTE)] if is_torch_missing else []),
    ]
    return TableModel(
        method,
        plan,
        model,
        fingerprints,
        keys | real,
        options.seed,
        entity,
        time,
        options.epsilon,
        notes,
        rows,
        table.kept,
        table.delimiter,
        table.has_bom,
    )


def build_kept_note(table: Table) -> list[Phrase]:
    """Return a note about the columns with real values, if any."""
    return [Phrase(_KEPT_NOTE, names=list(table.kept))] if table.kept else []


def split_holdout(table: Table, seed: int, entity: str = "", *, privately: bool = False) -> tuple[Table, Table]:
    """Split a table into rows to learn and rows to hold out for comparison: complete entities if rows belong to some.
    Nothing is held out of a table that is too short. With `privately`, each row is assigned independently at
    random, so that one more row changes nothing about the others.
    """
    if privately:
        held = np.random.default_rng(secrets.randbits(128)).random(table.rows) < HOLDOUT_SHARE
        return _take_rows(table, ~held), _take_rows(table, held)
    cells = table.columns[find_heading(table.columns, entity)] if entity else find_entity_cells(table)
    numbers = {cell: number for number, cell in enumerate(sorted(set(cells)))}
    owners = np.array([numbers[cell] for cell in cells]) if cells else np.arange(table.rows)
    count = int(owners.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(count)
    held = np.zeros(count, dtype=bool)
    held[order[: min(round(count * HOLDOUT_SHARE), _MAX_HOLDOUT_ROWS)]] = True
    which = held[owners]
    if which.sum() < MIN_HOLDOUT_ROWS:
        which[:] = False
    return _take_rows(table, ~which), _take_rows(table, which)


def find_entity_cells(table: Table) -> list[str]:
    """Return the cells that identify the entity of each row, if rows of one entity form a time series; else an empty
    list.
    """
    columns = detect_columns(table)
    repeated = [one for one in columns if one.type is ColumnType.KEY and not one.unique]
    if not repeated or not any(one.type is ColumnType.DATE for one in columns):
        return []
    cells = table.columns[find_finest_key([one.name for one in repeated], table.columns)]
    return cells if len(set(cells)) <= rnn.MAX_SINGLE_ROW_SHARE * len(cells) else []


def _take_rows(table: Table, which: Array) -> Table:
    rows = np.flatnonzero(which).tolist()
    return replace(table, columns={name: [cells[at] for at in rows] for name, cells in table.columns.items()})


def _choose_method(options: LearningOptions, plan: FramePlan, table: Table, entity: str, time: str) -> Method:
    if options.method is not Method.AUTO:
        return options.method
    if options.epsilon:
        return Method.COPULA
    if entity or time or find_entity_cells(table):
        return Method.RNN
    return Method.VAE if table.rows >= _MIN_NETWORK_ROWS and len(plan.features) > 1 else Method.COPULA


def _train(
    method: Method,
    plan: FramePlan,
    frame: Frame,
    values: Values,
    options: LearningOptions,
    settings: TrainingSettings,
    entity: str,
    time: str,
) -> Sampler:
    def set_epochs(epochs: int) -> TrainingSettings:
        return TrainingSettings(
            options.epochs or epochs,
            settings.seed,
            settings.on_progress,
            settings.save,
            settings.checkpoint,
            settings.seconds,
        )

    match method:
        case Method.GAN:
            return gan.train_gan(frame, set_epochs(gan.choose_epochs(frame)))
        case Method.VAE:
            return vae.train_vae(frame, set_epochs(vae.choose_epochs(frame)))
        case Method.RNN:
            return rnn.train_rnn(plan, frame, values, entity, time, set_epochs(rnn.choose_epochs(frame)))
        case _:
            model = copula.fit_copula(frame, options.seed)
            settings.on_progress(TrainingProgress(1, 1, 0.0, 1.0))
            return model


def _describe_columns(columns: Sequence[Column], *, has_new_format: bool) -> list[Phrase]:
    """Return notes for the table's owner about how its columns are generated."""
    notes = list[Phrase]()
    if names := [one.name for one in columns if one.kind]:
        notes.append(Phrase(_PERSONAL_NOTE, names=names))
    columns = [one for one in columns if not one.kind]
    if names := [one.name for one in columns if one.type is ColumnType.TEXT and not one.shapes]:
        said = "Free text cannot be made up without copying it, so these columns are empty: {names}."
        notes.append(Phrase(said, names=names))
    if names := [
        one.name for one in columns if one.type is ColumnType.KEY or (one.type is ColumnType.TEXT and one.shapes)
    ]:
        notes.append(Phrase(_NEW_FORMAT_NOTE if has_new_format else _SAME_FORMAT_NOTE, names=names))
    if names := [one.name for one in columns if one.type is ColumnType.EMPTY]:
        said = (
            "These columns are empty and stay empty: {names}. Formulas only have values once a spreadsheet "
            "program has saved the file."
        )
        notes.append(Phrase(said, names=names))
    for one in columns:
        if one.strays:
            numbers = "Cells in {name} that are not numbers and count as missing: {count}."
            dates = "Cells in {name} that are not dates and count as missing: {count}."
            said = numbers if one.type is ColumnType.NUMBER else dates
            notes.append(Phrase(said, name=one.name, count=one.strays))
    return notes


def sample(table_model: TableModel, rows: int, *, seed: int = 1, condition: str = "") -> Table:
    """Sample rows, the same for the same seed.

    Raises:
        RefusedError: no rows meet the condition without being copies, or the number is out of range.
    """
    return table_model.format_rows(sample_values(table_model, rows, seed=seed, condition=condition))


def sample_values(table_model: TableModel, rows: int, *, seed: int = 1, condition: str = "") -> Values:
    """Sample rows as values. Raises like `sample`."""
    if not 1 <= rows <= MAX_GENERATED_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_GENERATED_ROWS, count=rows)
    plan, rng = table_model.plan, np.random.default_rng(seed)
    conditions = parse_conditions(condition, plan.columns)
    wanted = find_wanted_levels(conditions, plan)
    parts, accepted, drawn, copied_rows, matching_rows = list[Values](), 0, 0, 0, 0
    while accepted < rows:
        if drawn and drawn >= max(_MAX_DRAWS_PER_ROW * rows, _MAX_DRAWS_PER_ROW * _MIN_BATCH_ROWS) and accepted < rows:
            raise _build_shortage_error(conditions, rows, accepted, drawn, copied_rows, matching_rows)
        expected = (rows - accepted) * (drawn + 1) / (accepted + 1) if drawn else (rows - accepted) * 1.1
        batch = int(min(max(expected * 1.05, _MIN_BATCH_ROWS), _MAX_BATCH_ROWS))
        frame = table_model.sampler.sample(batch, seed * 1_000_003 + len(parts), wanted)
        found = decode_frame(plan, frame, rng)
        # Accept rare combinations before giving up.
        relations = (
            replace(plan.relations, apart=())
            if drawn > _MAX_DRAWS_PER_ROW / 2 * max(rows, _MIN_BATCH_ROWS)
            else plan.relations
        )
        good = ~find_violations(relations, plan.columns, found)
        is_wanted = np.ones(len(good), dtype=bool)
        for one in conditions:
            is_wanted &= one.evaluate(found)
        matching_rows += int((good & is_wanted).sum())
        known = np.zeros(len(good), dtype=bool)
        if table_model.fingerprints:
            known[good] = [
                mark in table_model.fingerprints for mark in fingerprint_rows(_take(found, good), plan.columns)
            ]
        copied_rows += int((known & is_wanted).sum())
        good &= ~known
        if table_model.method is Method.RNN:
            # A sequence ends before an invalid row: skipping the row would create a false step.
            good = _precedes_first(~good, frame.data[rnn.SEQUENCE])
        good &= is_wanted
        if table_model.method is Method.RNN:
            found[table_model.entity] = np.array(
                [f"{len(parts)} {one}" for one in frame.data[rnn.SEQUENCE]], dtype=object
            )
        parts.append(_take(found, good))
        accepted += int(good.sum())
        drawn += len(good)
    joined = {one.name: np.concatenate([part[one.name] for part in parts])[:rows] for one in plan.columns}
    return _fill_keys(table_model, joined, conditions, rng)


def _precedes_first(invalid: Array, sequence: Array) -> Array:
    """Return which rows of consecutive sequences precede the first invalid one."""
    count = np.cumsum(invalid)
    first = np.flatnonzero(np.diff(sequence, prepend=sequence[0] - 1))
    before = np.repeat((count - invalid)[first], np.diff([*first, len(sequence)]))
    return np.asarray(count == before)


def _build_shortage_error(
    conditions: Sequence[Condition], rows: int, accepted: int, drawn: int, copied_rows: int, matching_rows: int
) -> RefusedError:
    if copied_rows > 0.5 * max(matching_rows, 1):
        return RefusedError(
            "Nearly every possible row is already in your table, because its columns have too few different "
            "values. Only {have:,} of {rows:,} rows would not be copies. Ask for fewer rows, or send a table "
            "with more columns.",
            have=accepted,
            rows=rows,
        )
    if not conditions:
        return RefusedError(
            "Too few rows follow the rules between the columns of that table. Leave out a column that is the sum "
            "of others."
        )
    return RefusedError(
        "Too few rows meet {condition}: {have:,} of {drawn:,}. Use fewer conditions, or ask for fewer rows.",
        condition=" and ".join(map(str, conditions)),
        have=accepted,
        drawn=drawn,
    )


def _fill_keys(
    table_model: TableModel, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> Values:
    count = len(next(iter(values.values())))
    owners, identity_of_column = dict[str, Array](), dict[str, int]()
    for number, identity in enumerate(table_model.plan.relations.identities):
        if table_model.method is Method.RNN and table_model.entity in identity.names:
            owner = np.unique(values[table_model.entity].astype(str), return_inverse=True)[1]
        else:
            owner = _assign_owners(table_model, identity, values, conditions, rng)
        owners |= dict.fromkeys(identity.names, owner)
        identity_of_column |= dict.fromkeys(identity.names, number)
    if table_model.method is Method.RNN and table_model.entity not in owners:
        owners[table_model.entity] = np.unique(values[table_model.entity].astype(str), return_inverse=True)[1]
    people_by_slot = dict[tuple[int, int], list[Person]]()
    # People with only a first name have names that no real person has.
    slots_with_full_name = {
        one.slot for one in table_model.plan.columns if one.slot >= 0 and one.kind != PersonalKind.GIVEN
    }
    sexes = _list_sexes(table_model.plan, values)
    for column in table_model.plan.columns:
        if column.type not in (ColumnType.KEY, ColumnType.TEXT):
            continue

        def is_known(cell: str, name: str = column.name) -> bool:
            return compute_fingerprint(f"{name}\t{cell}") in table_model.keys

        owner = owners.get(column.name, np.arange(count))
        number = int(owner.max()) + 1
        column_people: list[Person] = []
        if column.slot in slots_with_full_name and column.kind in (*NAME_KINDS, PersonalKind.MAIL):
            at = column.slot, identity_of_column.get(column.name, -1)
            if at not in people_by_slot:
                languages = [shape.partition("\t")[0] for shape, _ in column.shapes]
                first = np.unique(owner, return_index=True)[1]
                people_by_slot[at] = generate_people(
                    languages, sexes[first].tolist(), rng, partial(_is_real, table_model)
                )
            column_people = people_by_slot[at]
        cells = generate_keys(
            _as_unique(column) if column.name in owners else column, number, rng, is_known, column_people
        )
        if column.missing:
            cells[rng.random(number) < column.missing] = ""
        values[column.name] = cells[owner]
    return values


def _list_sexes(plan: FramePlan, values: Values) -> Array:
    """Return the sex of each row (f or m) if a column has it, else ""."""
    count = len(next(iter(values.values())))
    for column in plan.columns:
        if words := find_sex_labels(column):
            return np.array([words.get(cell, "") for cell in values[column.name]], dtype=object)
    return np.array([""] * count, dtype=object)


def _is_real(table_model: TableModel, one: Person) -> bool:
    return compute_fingerprint(f"\tperson\t{build_name_key(f'{one.given_name} {one.family_name}')}") in table_model.keys


def _assign_owners(
    table_model: TableModel,
    identity: Identity,
    values: Values,
    conditions: Sequence[Condition],
    rng: np.random.Generator,
) -> Array:
    """Assign rows to entities of realistic sizes. Columns that are constant for an entity are constant in all its
    rows: similar rows are assigned to the same entity, and rows that would become impossible to new ones.
    """
    count = len(next(iter(values.values())))
    sizes = rng.choice(identity.sizes, size=count)
    gone = _find_missing(values[identity.alone]) if identity.alone else np.zeros(count, dtype=bool)
    # Entities with a single row come first.
    sizes[: gone.sum()] = 1
    owner_of_slot = np.repeat(np.arange(count), sizes)[:count]
    keys = [
        rng.random(count),
        *(np.unique(values[name], return_inverse=True)[1] for name in reversed(identity.still)),
        ~gone,
    ]
    order = np.lexsort(keys)
    owner = np.empty(count, dtype=np.int64)
    owner[order] = owner_of_slot
    if not identity.still:
        return owner
    first = order[np.unique(owner_of_slot, return_index=True)[1]][owner]
    harmonised = values | {name: values[name][first] for name in identity.still}
    columns = table_model.plan.columns
    invalid = find_violations(table_model.plan.relations, columns, harmonised)
    if table_model.fingerprints:
        invalid |= np.array([one in table_model.fingerprints for one in fingerprint_rows(harmonised, columns)])
    for condition in conditions:
        invalid |= ~condition.evaluate(harmonised)
    for name in identity.still:
        values[name] = np.where(invalid, values[name], harmonised[name])
    owner[invalid] = owner.max() + 1 + np.arange(int(invalid.sum()))
    return np.unique(owner, return_inverse=True)[1]


def _find_missing(found: Array) -> Array:
    return np.asarray(found == "" if found.dtype == object else np.isnan(found))


def _as_unique(column: Column) -> Column:
    return Column.from_json(column.to_json() | {"unique": True})


def _take(values: Values, which: Array) -> Values:
    return {name: found[which] for name, found in values.items()}


def fingerprint_rows(values: Values, columns: Sequence[Column]) -> list[bytes]:
    """Return a fingerprint of each row to recognise copies, from all columns that are not generated anyway; empty if
    only fictional people remain.
    """
    compared = [one for one in columns if one.type not in (ColumnType.KEY, ColumnType.TEXT, ColumnType.EMPTY)]
    if all(one.kind for one in compared):
        return []
    fingerprints = list[bytes]()
    # In parts, as cells need more memory than values.
    for start in range(0, len(next(iter(values.values()))), _MAX_BATCH_ROWS):
        part = {one.name: _round(one, values[one.name][start : start + _MAX_BATCH_ROWS]) for one in compared}
        fingerprints += [
            compute_fingerprint(json.dumps(row))
            for row in zip(*format_table(part, compared).columns.values(), strict=True)
        ]
    return fingerprints


def _round(column: Column, values: Array) -> Array:
    return round_values(column, values) if column.is_numeric else values


def _join_fingerprints(fingerprints: frozenset[bytes]) -> Array:
    return np.frombuffer(b"".join(sorted(fingerprints)), dtype=np.uint8)


def _split_fingerprints(array: Array) -> frozenset[bytes]:
    body = array.tobytes()
    return frozenset(body[at : at + 8] for at in range(0, len(body), 8))
