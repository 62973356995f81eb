"""Samples rows from a learnt table; without differential privacy, none is a copy of a real row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from bot.errors import RefusedError

from . import rnn
from .columns import Array, ColumnType, Values, count_rows, find_missing, take_rows
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
# The number of rows drawn per wanted row before sampling is given up.
_MAX_DRAWS_PER_ROW = 40
_MIN_BATCH_ROWS, _MAX_BATCH_ROWS = 2_000, 20_000


def sample(table_model: TableModel, count: int, *, seed: int = 1, condition: str = "") -> Table:
    """Sample rows, the same for the same seed.

    Raises:
        RefusedError: the condition cannot be parsed, too few rows meet it without being copies, or the number is out of
            range.
    """
    return table_model.format_rows(sample_values(table_model, count, seed=seed, condition=condition))


def sample_values(table_model: TableModel, count: int, *, seed: int = 1, condition: str = "") -> Values:
    """Sample rows as values. Raises like `sample`."""
    if not 1 <= count <= MAX_GENERATED_ROWS:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_GENERATED_ROWS, count=count)
    plan, rng = table_model.plan, np.random.default_rng(seed)
    conditions = parse_conditions(condition, plan.columns)
    wanted = find_wanted_levels(conditions, plan)
    draws = _Draws(count)
    while draws.accepted_count < count:
        if draws.drawn_count and draws.drawn_count >= _MAX_DRAWS_PER_ROW * max(count, _MIN_BATCH_ROWS):
            raise _build_shortage_error(conditions, draws)
        frame = table_model.sampler.sample(draws.next_batch_size, seed * 1_000_003 + len(draws.batches), wanted)
        draws.add(_select(table_model, decode_frame(plan, frame, rng), frame, conditions, draws))
    values = {
        column.name: np.concatenate([batch[column.name] for batch in draws.batches])[:count] for column in plan.columns
    }
    return _fill_keys(table_model, values, conditions, rng)


@dataclass(slots=True)
class _Draws:
    """The rows drawn so far for a wanted number of rows: the batches of accepted rows, and the numbers of all rows drawn,
    of those that meet rules and conditions, and of copies among these.
    """

    wanted_count: int
    batches: list[Values] = field(default_factory=list)
    accepted_count: int = 0
    drawn_count: int = 0
    matching_count: int = 0
    copy_count: int = 0

    @property
    def next_batch_size(self) -> int:
        """The number of rows to draw next, estimated from the share accepted so far."""
        missing_count = self.wanted_count - self.accepted_count
        expected = (
            missing_count * (self.drawn_count + 1) / (self.accepted_count + 1)
            if self.drawn_count
            else missing_count * 1.1
        )
        return int(min(max(expected * 1.05, _MIN_BATCH_ROWS), _MAX_BATCH_ROWS))

    @property
    def accepts_excluded_pairs(self) -> bool:
        """Whether so many rows were drawn that pairs of values that never occur in real rows are accepted, too."""
        return self.drawn_count > _MAX_DRAWS_PER_ROW / 2 * max(self.wanted_count, _MIN_BATCH_ROWS)

    def add(self, batch: Values) -> None:
        """Add a batch of accepted rows."""
        self.batches.append(batch)
        self.accepted_count += count_rows(batch)


def _select(
    table_model: TableModel, values: Values, frame: Frame, conditions: Sequence[Condition], draws: _Draws
) -> Values:
    """Return the drawn rows that violate no relation, meet the conditions and are no copies; update the counts."""
    plan, relations = table_model.plan, table_model.plan.relations
    if draws.accepts_excluded_pairs:
        relations = replace(relations, excluded_pairs=())
    is_accepted = ~find_violations(relations, plan.columns, values)
    is_wanted = np.ones(len(is_accepted), dtype=bool)
    for condition in conditions:
        is_wanted &= condition.evaluate(values)
    is_copy = np.zeros(len(is_accepted), dtype=bool)
    if table_model.row_fingerprints:
        fingerprints = fingerprint_rows(take_rows(values, is_accepted), plan.columns)
        is_copy[is_accepted] = [fingerprint in table_model.row_fingerprints for fingerprint in fingerprints]
    draws.drawn_count += len(is_accepted)
    draws.matching_count += int((is_accepted & is_wanted).sum())
    draws.copy_count += int((is_copy & is_wanted).sum())
    is_accepted &= ~is_copy
    if table_model.method is Method.RNN:
        sequence = frame.data[rnn.SEQUENCE]
        # End a sequence before its first invalid row: leaving out the row would create a false step.
        is_accepted = _mask_rows_before_invalid(~is_accepted, sequence)
        values[table_model.entity] = np.array([f"{len(draws.batches)} {number}" for number in sequence], dtype=object)
    return take_rows(values, is_accepted & is_wanted)


def _mask_rows_before_invalid(is_invalid: Array, sequence: Array) -> Array:
    """Return a mask of the rows before the first invalid one of their sequence; rows of a sequence are adjacent."""
    invalid_count = np.cumsum(is_invalid)
    sequence_starts = np.flatnonzero(np.diff(sequence, prepend=sequence[0] - 1))
    invalid_before_sequence = np.repeat(
        (invalid_count - is_invalid)[sequence_starts], np.diff([*sequence_starts, len(sequence)])
    )
    return np.asarray(invalid_count == invalid_before_sequence)


def _build_shortage_error(conditions: Sequence[Condition], draws: _Draws) -> RefusedError:
    if draws.copy_count > 0.5 * max(draws.matching_count, 1):
        return RefusedError(
            "Nearly every possible row is already in your table, because its columns have too few different "
            "values. Only {have:,} of {rows:,} rows would not be copies. Ask for fewer rows, or send a table "
            "with more columns.",
            have=draws.accepted_count,
            rows=draws.wanted_count,
        )
    if not conditions:
        return RefusedError(
            "Too few rows follow the rules between the columns of that table. Leave out a column that is the sum "
            "of others."
        )
    return RefusedError(
        "Too few rows meet {condition}: {have:,} of {drawn:,}. Use fewer conditions, or ask for fewer rows.",
        condition=" and ".join(map(str, conditions)),
        have=draws.accepted_count,
        drawn=draws.drawn_count,
    )


def _fill_keys(
    table_model: TableModel, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> Values:
    """Fill the columns of keys and texts, with the same value in all rows of an entity."""
    entities_by_column, identity_of_column = _find_entities(table_model, values, conditions, rng)
    count = count_rows(values)
    people_by_slot = dict[tuple[int, int], list[Person]]()
    # All columns of such a slot are about the same generated people; a lone given name is generated like a key.
    slots_with_full_name = {
        column.slot for column in table_model.plan.columns if column.slot >= 0 and column.kind != PersonalKind.GIVEN
    }
    sexes = _list_sexes(table_model.plan, values)
    for column in table_model.plan.columns:
        if column.type not in (ColumnType.KEY, ColumnType.TEXT):
            continue

        def is_known(cell: str, name: str = column.name) -> bool:
            return compute_fingerprint(f"{name}\t{cell}") in table_model.key_fingerprints

        entity_of_row = entities_by_column.get(column.name, np.arange(count))
        entity_count = int(entity_of_row.max()) + 1
        people: list[Person] = []
        if column.slot in slots_with_full_name and column.kind in (*NAME_KINDS, PersonalKind.MAIL):
            person_key = column.slot, identity_of_column.get(column.name, -1)
            if person_key not in people_by_slot:
                languages = [shape.partition("\t")[0] for shape, _ in column.shapes]
                first_rows = np.unique(entity_of_row, return_index=True)[1]
                is_real = partial(_has_real_name, table_model)
                people_by_slot[person_key] = generate_people(languages, sexes[first_rows].tolist(), rng, is_real)
            people = people_by_slot[person_key]
        key_column = replace(column, unique=True) if column.name in entities_by_column else column
        cells = generate_keys(key_column, entity_count, rng, is_known, people)
        if column.missing:
            cells[rng.random(entity_count) < column.missing] = ""
        values[column.name] = cells[entity_of_row]
    return values


def _find_entities(
    table_model: TableModel, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> tuple[dict[str, Array], dict[str, int]]:
    """Return for each key column the number of each row's entity, and the number of the identity that the column belongs
    to.
    """
    entities_by_column, identity_of_column = dict[str, Array](), dict[str, int]()
    entity_column = table_model.entity if table_model.method is Method.RNN else ""
    for number, identity in enumerate(table_model.plan.relations.identities):
        if entity_column and entity_column in identity.names:
            entity_of_row = np.unique(values[entity_column].astype(str), return_inverse=True)[1]
        else:
            entity_of_row = _assign_entities(table_model, identity, values, conditions, rng)
        entities_by_column |= dict.fromkeys(identity.names, entity_of_row)
        identity_of_column |= dict.fromkeys(identity.names, number)
    if entity_column and entity_column not in entities_by_column:
        entities_by_column[entity_column] = np.unique(values[entity_column].astype(str), return_inverse=True)[1]
    return entities_by_column, identity_of_column


def _list_sexes(plan: FramePlan, values: Values) -> Array:
    """Return the sex of each row: "f", "m", or "" if no column says it."""
    count = count_rows(values)
    for column in plan.columns:
        if sex_by_category := find_sex_labels(column):
            return np.array([sex_by_category.get(cell, "") for cell in values[column.name]], dtype=object)
    return np.array([""] * count, dtype=object)


def _has_real_name(table_model: TableModel, person: Person) -> bool:
    return (
        compute_fingerprint(f"\tperson\t{build_name_key(f'{person.given_name} {person.family_name}')}")
        in table_model.key_fingerprints
    )


def _assign_entities(
    table_model: TableModel,
    identity: Identity,
    values: Values,
    conditions: Sequence[Condition],
    rng: np.random.Generator,
) -> Array:
    """Assign rows to entities with real numbers of rows; return the number of each row's entity. Similar rows are
    assigned to the same entity, and get the values of its first row in columns that are constant for an entity. A row
    that would violate a relation or condition or be a copy then becomes an entity of its own.
    """
    count = count_rows(values)
    sizes = rng.choice(identity.sizes, size=count)
    is_single = find_missing(values[identity.row_marker]) if identity.row_marker else np.zeros(count, dtype=bool)
    # Rows without a value in the row marker come first; each is the only row of its entity.
    sizes[: is_single.sum()] = 1
    entity_of_position = np.repeat(np.arange(count), sizes)[:count]
    sort_keys = [
        rng.random(count),
        *(np.unique(values[name], return_inverse=True)[1] for name in reversed(identity.constant_columns)),
        ~is_single,
    ]
    order = np.lexsort(sort_keys)
    entity_of_row = np.empty(count, dtype=np.int64)
    entity_of_row[order] = entity_of_position
    if not identity.constant_columns:
        return entity_of_row
    first_row = order[np.unique(entity_of_position, return_index=True)[1]][entity_of_row]
    harmonised = values | {name: values[name][first_row] for name in identity.constant_columns}
    columns = table_model.plan.columns
    is_invalid = find_violations(table_model.plan.relations, columns, harmonised)
    if table_model.row_fingerprints:
        is_invalid |= np.array(
            [fingerprint in table_model.row_fingerprints for fingerprint in fingerprint_rows(harmonised, columns)]
        )
    for condition in conditions:
        is_invalid |= ~condition.evaluate(harmonised)
    for name in identity.constant_columns:
        values[name] = np.where(is_invalid, values[name], harmonised[name])
    entity_of_row[is_invalid] = entity_of_row.max() + 1 + np.arange(int(is_invalid.sum()))
    return np.unique(entity_of_row, return_inverse=True)[1]
