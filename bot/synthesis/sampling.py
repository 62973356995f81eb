"""Sampling of rows from a learnt table: none of them a copy of a real one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from bot.errors import RefusedError

from . import rnn
from .columns import Array, Column, ColumnType, Values, take_rows
from .conditions import Condition, find_sex_labels, find_wanted_levels, parse_conditions
from .dependences import Identity
from .frame import Frame, FramePlan, decode_frame
from .keys import generate_keys, generate_people
from .learning import Method
from .people import Person, build_name_key, compute_fingerprint
from .personal_data import NAME_KINDS, PersonalKind
from .relations import find_violations
from .table import Table
from .table_model import TableModel, fingerprint_rows

MAX_GENERATED_ROWS = 1_000_000
# Draws per wanted row before sampling is given up.
_MAX_DRAWS_PER_ROW, _MIN_BATCH_ROWS, _MAX_BATCH_ROWS = 40, 2_000, 20_000


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
    draws = _Draws(rows)
    while draws.accepted < rows:
        if draws.drawn and draws.drawn >= _MAX_DRAWS_PER_ROW * max(rows, _MIN_BATCH_ROWS):
            raise _build_shortage_error(conditions, draws)
        frame = table_model.sampler.sample(draws.next_batch, seed * 1_000_003 + len(draws.parts), wanted)
        draws.add(_select(table_model, decode_frame(plan, frame, rng), frame, conditions, draws))
    joined = {
        column.name: np.concatenate([part[column.name] for part in draws.parts])[:rows] for column in plan.columns
    }
    return _fill_keys(table_model, joined, conditions, rng)


@dataclass(slots=True)
class _Draws:
    """What was drawn for a number of rows: the accepted values, and the counts of rows drawn, copied and matching."""

    rows: int
    parts: list[Values] = field(default_factory=list)
    accepted: int = 0
    drawn: int = 0
    copied: int = 0
    matching: int = 0

    @property
    def next_batch(self) -> int:
        """The number of rows to draw next, by the share that was accepted."""
        left = self.rows - self.accepted
        expected = left * (self.drawn + 1) / (self.accepted + 1) if self.drawn else left * 1.1
        return int(min(max(expected * 1.05, _MIN_BATCH_ROWS), _MAX_BATCH_ROWS))

    @property
    def accepts_rare_combinations(self) -> bool:
        """Whether so many were drawn that rare combinations are accepted before giving up."""
        return self.drawn > _MAX_DRAWS_PER_ROW / 2 * max(self.rows, _MIN_BATCH_ROWS)

    def add(self, part: Values) -> None:
        """Add accepted values."""
        self.parts.append(part)
        self.accepted += len(next(iter(part.values())))


def _select(
    table_model: TableModel, found: Values, frame: Frame, conditions: Sequence[Condition], draws: _Draws
) -> Values:
    """Return the drawn rows that follow the rules, meet the conditions and are no copies, and count them."""
    plan, relations = table_model.plan, table_model.plan.relations
    if draws.accepts_rare_combinations:
        relations = replace(relations, excluded_pairs=())
    good = ~find_violations(relations, plan.columns, found)
    is_wanted = np.ones(len(good), dtype=bool)
    for condition in conditions:
        is_wanted &= condition.evaluate(found)
    is_copy = np.zeros(len(good), dtype=bool)
    if table_model.fingerprints:
        marks = fingerprint_rows(take_rows(found, good), plan.columns)
        is_copy[good] = [mark in table_model.fingerprints for mark in marks]
    draws.drawn += len(good)
    draws.matching += int((good & is_wanted).sum())
    draws.copied += int((is_copy & is_wanted).sum())
    good &= ~is_copy
    if table_model.method is Method.RNN:
        sequence = frame.data[rnn.SEQUENCE]
        # A sequence ends before an invalid row: skipping the row would create a false step.
        good = _precedes_first(~good, sequence)
        found[table_model.entity] = np.array([f"{len(draws.parts)} {number}" for number in sequence], dtype=object)
    return take_rows(found, good & is_wanted)


def _precedes_first(invalid: Array, sequence: Array) -> Array:
    """Return which rows of consecutive sequences precede the first invalid one."""
    count = np.cumsum(invalid)
    first = np.flatnonzero(np.diff(sequence, prepend=sequence[0] - 1))
    before = np.repeat((count - invalid)[first], np.diff([*first, len(sequence)]))
    return np.asarray(count == before)


def _build_shortage_error(conditions: Sequence[Condition], draws: _Draws) -> RefusedError:
    if draws.copied > 0.5 * max(draws.matching, 1):
        return RefusedError(
            "Nearly every possible row is already in your table, because its columns have too few different "
            "values. Only {have:,} of {rows:,} rows would not be copies. Ask for fewer rows, or send a table "
            "with more columns.",
            have=draws.accepted,
            rows=draws.rows,
        )
    if not conditions:
        return RefusedError(
            "Too few rows follow the rules between the columns of that table. Leave out a column that is the sum "
            "of others."
        )
    return RefusedError(
        "Too few rows meet {condition}: {have:,} of {drawn:,}. Use fewer conditions, or ask for fewer rows.",
        condition=" and ".join(map(str, conditions)),
        have=draws.accepted,
        drawn=draws.drawn,
    )


def _fill_keys(
    table_model: TableModel, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> Values:
    """Fill the columns of keys and of text, the same for all rows of one owner."""
    owners, identity_of_column = _find_owners(table_model, values, conditions, rng)
    count = len(next(iter(values.values())))
    people_by_slot = dict[tuple[int, int], list[Person]]()
    # People with only a first name have names that no real person has.
    slots_with_full_name = {
        column.slot for column in table_model.plan.columns if column.slot >= 0 and column.kind != PersonalKind.GIVEN
    }
    sexes = _list_sexes(table_model.plan, values)
    for column in table_model.plan.columns:
        if column.type not in (ColumnType.KEY, ColumnType.TEXT):
            continue

        def is_known(cell: str, name: str = column.name) -> bool:
            return compute_fingerprint(f"{name}\t{cell}") in table_model.keys

        owner = owners.get(column.name, np.arange(count))
        number = int(owner.max()) + 1
        people: list[Person] = []
        if column.slot in slots_with_full_name and column.kind in (*NAME_KINDS, PersonalKind.MAIL):
            at = column.slot, identity_of_column.get(column.name, -1)
            if at not in people_by_slot:
                languages = [shape.partition("\t")[0] for shape, _ in column.shapes]
                first = np.unique(owner, return_index=True)[1]
                is_real = partial(_is_real, table_model)
                people_by_slot[at] = generate_people(languages, sexes[first].tolist(), rng, is_real)
            people = people_by_slot[at]
        shared = _as_unique(column) if column.name in owners else column
        cells = generate_keys(shared, number, rng, is_known, people)
        if column.missing:
            cells[rng.random(number) < column.missing] = ""
        values[column.name] = cells[owner]
    return values


def _find_owners(
    table_model: TableModel, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> tuple[dict[str, Array], dict[str, int]]:
    """Return the owner of each row by column, and the number of the identity that a column belongs to."""
    owners, identity_of_column = dict[str, Array](), dict[str, int]()
    entity = table_model.entity if table_model.method is Method.RNN else ""
    for number, identity in enumerate(table_model.plan.relations.identities):
        if entity and entity in identity.names:
            owner = np.unique(values[entity].astype(str), return_inverse=True)[1]
        else:
            owner = _assign_owners(table_model, identity, values, conditions, rng)
        owners |= dict.fromkeys(identity.names, owner)
        identity_of_column |= dict.fromkeys(identity.names, number)
    if entity and entity not in owners:
        owners[entity] = np.unique(values[entity].astype(str), return_inverse=True)[1]
    return owners, identity_of_column


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
    gone = _find_missing(values[identity.row_marker]) if identity.row_marker else np.zeros(count, dtype=bool)
    # Entities with a single row come first.
    sizes[: gone.sum()] = 1
    owner_of_slot = np.repeat(np.arange(count), sizes)[:count]
    keys = [
        rng.random(count),
        *(np.unique(values[name], return_inverse=True)[1] for name in reversed(identity.constant_columns)),
        ~gone,
    ]
    order = np.lexsort(keys)
    owner = np.empty(count, dtype=np.int64)
    owner[order] = owner_of_slot
    if not identity.constant_columns:
        return owner
    first = order[np.unique(owner_of_slot, return_index=True)[1]][owner]
    harmonised = values | {name: values[name][first] for name in identity.constant_columns}
    columns = table_model.plan.columns
    invalid = find_violations(table_model.plan.relations, columns, harmonised)
    if table_model.fingerprints:
        invalid |= np.array(
            [fingerprint in table_model.fingerprints for fingerprint in fingerprint_rows(harmonised, columns)]
        )
    for condition in conditions:
        invalid |= ~condition.evaluate(harmonised)
    for name in identity.constant_columns:
        values[name] = np.where(invalid, values[name], harmonised[name])
    owner[invalid] = owner.max() + 1 + np.arange(int(invalid.sum()))
    return np.unique(owner, return_inverse=True)[1]


def _find_missing(found: Array) -> Array:
    return np.asarray(found == "" if found.dtype == object else np.isnan(found))


def _as_unique(column: Column) -> Column:
    return Column.from_json(column.to_json() | {"unique": True})
