"""From a table to a model that has learnt it, and from the model to rows that are wanted: none of them a copy of a real
one.
"""

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
from .columns import Array, Column, Sort, Values, columns_of, refuse_small, rounded, table_of, values_of
from .conditions import Condition, conditions_of, sexes_in, wanted_of
from .frame import Frame, Plan, frame_of, plan_of, values_from
from .keys import made, people
from .learning import Progress, Tell, Way
from .models import Model, packed, unpacked
from .people import Person, key_of, mark
from .personal import NAMES, Kind
from .private import learnt_privately
from .relations import Identity, Relations, broken, finest, relations_of, unmet
from .table import Table, name_in
from .training import Course

MIN_ROWS = 20
MAX_MADE = 1_000_000
VERSION = 3
HELD_OUT, _MAX_HELD, MIN_HELD = 0.1, 5_000, 10
# From so many rows on a network learns more than a copula does.
_ENOUGH_FOR_NETWORKS = 1_500
_NETWORKS = (Way.GAN, Way.VAE, Way.RNN)
_A_NETWORK_WOULD = (
    "A network would learn more of this table, but needs PyTorch. My operator can install it: "
    "pip install 'quillmate[torch]'"
)
# Columns that stand as they are, which is said first.
_KEPT = "These columns are kept as they are, with their real values: {names}."
_PERSONAL = "Personal data, all of it made up: {names}."
_AS_BEFORE = "Generated again, in their original format: {names}."
_IN_OWN_FORM = "Generated again, in a new format: {names}."
# So many times the rows that are wanted are drawn before it is said that there are no such rows.
_TRIES, _MIN_BATCH, _MAX_BATCH = 40, 2_000, 20_000


@dataclass(frozen=True, slots=True)
class Wish:
    """How a table is to be learnt: `entity` and `time` name columns of sequences, `epsilon` bounds what is told of any
    row.
    """

    way: Way = Way.AUTO
    seed: int = 1
    without: Sequence[str] = ()
    entity: str = ""
    time: str = ""
    epochs: int = 0
    epsilon: float = 0.0
    seconds: float = float("inf")
    # A column that says whose a row is, whatever it looks like.
    key: str = ""
    # A column that is missing in rows that are the only ones of their key.
    alone: str = ""
    # What is said to hold in every row, as `formulas.rule_of` reads it.
    rules: tuple[str, ...] = ()
    # What rows will be asked for: said before anything is learnt, where none can be so.
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of a table: what is needed for more rows, and nothing of its rows but marks that tell copies. `rows` are
    those that it has learnt, about as many where epsilon bounds what is told of them.
    """

    way: Way
    plan: Plan
    model: Model
    marks: frozenset[bytes]
    keys: frozenset[bytes]
    seed: int
    entity: str = ""
    time: str = ""
    epsilon: float = 0.0
    notes: list[Phrase] = field(default_factory=list)
    rows: int = 0
    kept: tuple[str, ...] = ()
    # How the file of its table is written, which that of made-up rows is too.
    delimiter: str = ","
    marked: bool = False

    def written(self, values: Values) -> Table:
        """Values as cells, each written as its column is."""
        return replace(table_of(values, self.plan.columns), delimiter=self.delimiter, marked=self.marked)

    def packed(self) -> bytes:
        """All of it, to be kept sealed."""
        data, arrays = self.model.state()
        marks = {"marks": _joined(self.marks), "keys": _joined(self.keys)}
        about = {
            "version": VERSION, "way": self.way.value, "plan": self.plan.to_json(), "seed": self.seed, "entity": self.entity,
            "time": self.time, "epsilon": self.epsilon, "rows": self.rows, "model": data,
            "kept": list(self.kept), "delimiter": self.delimiter, "marked": self.marked,
            "notes": [one.to_json() for one in self.notes],
        }  # fmt: skip
        return packed(about, {f"model.{name}": array for name, array in arrays.items()} | marks)

    @classmethod
    def unpacked(cls, body: bytes) -> Learnt:
        """What `packed` gave.

        Raises:
            FileError: it is damaged, or of another version.
            EngineError: a network learnt it, and nothing computes networks here.
        """
        about, arrays = unpacked(body)
        if about.get("version") != VERSION:
            raise FileError("That model was made by another version of me. Learn from the table again.")
        plan, way = Plan.from_json(about["plan"]), Way(about["way"])
        if way in _NETWORKS:
            require_torch()
        own = {name.removeprefix("model."): array for name, array in arrays.items() if name.startswith("model.")}
        opened: dict[Way, Any] = {
            Way.COPULA: copula.Copula.from_state, Way.GAN: gan.Gan.from_state, Way.VAE: vae.Vae.from_state,
            Way.RNN: partial(rnn.Rnn.from_state, about["model"]),
        }  # fmt: skip
        return cls(
            way, plan, opened[way](plan.features, own), _parted(arrays["marks"]), _parted(arrays["keys"]), about["seed"],
            about["entity"], about["time"], about["epsilon"],
            [Phrase.from_json(one) for one in about["notes"]], about["rows"], tuple(about["kept"]), about["delimiter"], about["marked"],
        )  # fmt: skip


def learn(
    table: Table,
    wish: Wish,
    *,
    tell: Tell = lambda _: None,
    save: Any = None,
    last: bytes = b"",
    besides: Table | None = None,
) -> Learnt:
    """Learns a table. Of the rows `besides` it nothing is learnt, but they are not copied either.

    Raises:
        FileError: it is too small, or nothing can be learnt of it.
        RefusedError: it cannot be learnt so.
        EngineError: a network is to learn it, and nothing computes networks here.
    """
    # Under epsilon noise alone says whether there are enough rows.
    refuse_small(table, 1 if wish.epsilon else MIN_ROWS)
    if wish.without:
        table, besides = table.without(wish.without), besides and besides.without(wish.without)
    entity, time = (name_in(table.columns, one) if one else "" for one in (wish.entity, wish.time))
    # Under epsilon nobody's name is learnt, not even that of whoever stands for them.
    named = list(table.personal) if wish.epsilon else []
    columns = columns_of(table, keys=[*named, *(one for one in (entity, wish.key) if one)])
    if not wish.epsilon:
        conditions_of(wish.condition, columns)
    values = values_of(table, columns)
    if wish.epsilon and wish.rules:
        raise RefusedError(
            "With epsilon nothing is kept between columns but their correlation. Leave out the rules, or epsilon."
        )
    relations = Relations() if wish.epsilon else relations_of(columns, values, wish.rules, wish.alone)
    plan = plan_of(columns, relations, values)
    if not plan.features:
        raise FileError(
            "There is nothing to learn from that table: its columns contain only keys, free text or nothing. It "
            "needs numbers, dates or categories."
        )
    way, lacking = _way(wish, plan, table, entity, time), False
    if way in _NETWORKS and not has_torch():
        if wish.way is not Way.AUTO or way is Way.RNN:
            require_torch()
        way, lacking = Way.COPULA, True
    if way is Way.RNN and not wish.epsilon:
        entity, time = rnn.sequenced(plan, values, entity, time)
        # Rows stand in time's own order: it is no gap behind another column.
        orders = tuple(one for one in relations.orders if one.second != time)
        fixed = tuple(one for one in relations.fixed if time not in one.names)
        columns = [replace(one, sort=Sort.KEY, unique=False) if one.name == entity else one for one in columns]
        relations = replace(relations, orders=orders, fixed=fixed)
        plan = plan_of(columns, relations, values)
    model: Model
    rows = table.rows
    if wish.epsilon:
        if way is not Way.COPULA:
            raise RefusedError(
                "Only the copula model can limit what is revealed about each row (epsilon). Choose the model "
                "copula, or leave out epsilon."
            )
        plan, model, rows = learnt_privately(plan, values, wish.epsilon)
    else:
        frame = frame_of(plan, values, np.random.default_rng(wish.seed))
        model = _model(
            way, plan, frame, values, wish, Course(1, wish.seed, tell, save, last, wish.seconds), entity, time
        )
    every = Table(
        {name: [*cells, *(besides.columns[name] if besides else [])] for name, cells in table.columns.items()}
    )
    known = values_of(every, columns)
    if way is Way.RNN:
        # In a sequence a row of values that many have, such as a month and nothing else, is nobody's; without it there would be a gap.
        telling = [~np.isnan(known[one.name]) for one in plan.features if one.name in known and not one.size]
        known = _take(known, np.any(telling, axis=0)) if telling else known
    marks = frozenset[bytes]() if wish.epsilon else frozenset(marks_of(known, columns))
    keys = frozenset(
        mark(f"{one.name}\t{cell}")
        for one in (() if wish.epsilon else columns)
        if one.sort in (Sort.KEY, Sort.TEXT) and not one.kind
        for cell in every.columns[one.name]
    )
    real = frozenset[bytes]() if wish.epsilon else table.real
    notes = [
        *kept_note(table),
        *unmet(wish.rules, columns, values),
        *_notes(plan.columns, in_own_form=bool(wish.epsilon)),
        *([Phrase(_A_NETWORK_WOULD)] if lacking else []),
    ]
    return Learnt(
        way, plan, model, marks, keys | real, wish.seed, entity, time, wish.epsilon, notes, rows, table.kept,
        table.delimiter, table.marked,
    )  # fmt: skip


def kept_note(table: Table) -> list[Phrase]:
    """What is to be said of columns that stand as they are, where there are some."""
    return [Phrase(_KEPT, names=list(table.kept))] if table.kept else []


def parted(table: Table, seed: int, entity: str = "", *, privately: bool = False) -> tuple[Table, Table]:
    """A table in rows to learn and rows to hold out, to compare with: whole entities where rows belong to some. A table
    that is too short is learnt as a whole.

    Privately, chance alone says for each row by itself: with one row more all others stay where they are.
    """
    if privately:
        held = np.random.default_rng(secrets.randbits(128)).random(table.rows) < HELD_OUT
        return _rows_of(table, ~held), _rows_of(table, held)
    cells = table.columns[name_in(table.columns, entity)] if entity else entity_in(table)
    numbers = {cell: number for number, cell in enumerate(sorted(set(cells)))}
    owners = np.array([numbers[cell] for cell in cells]) if cells else np.arange(table.rows)
    count = int(owners.max(initial=-1)) + 1
    order = np.random.default_rng(seed).permutation(count)
    held = np.zeros(count, dtype=bool)
    held[order[: min(round(count * HELD_OUT), _MAX_HELD)]] = True
    which = held[owners]
    if which.sum() < MIN_HELD:
        which[:] = False
    return _rows_of(table, ~which), _rows_of(table, which)


def entity_in(table: Table) -> list[str]:
    """The cells that say whose each row is, where rows of one entity follow each other in time; none in other tables."""
    columns = columns_of(table)
    repeated = [one for one in columns if one.sort is Sort.KEY and not one.unique]
    if not repeated or not any(one.sort is Sort.DATE for one in columns):
        return []
    cells = table.columns[finest([one.name for one in repeated], table.columns)]
    return cells if len(set(cells)) <= rnn.MAX_ALONE * len(cells) else []


def _rows_of(table: Table, which: Array) -> Table:
    rows = np.flatnonzero(which).tolist()
    return replace(table, columns={name: [cells[at] for at in rows] for name, cells in table.columns.items()})


def _way(wish: Wish, plan: Plan, table: Table, entity: str, time: str) -> Way:
    if wish.way is not Way.AUTO:
        return wish.way
    if wish.epsilon:
        return Way.COPULA
    if entity or time or entity_in(table):
        return Way.RNN
    return Way.VAE if table.rows >= _ENOUGH_FOR_NETWORKS and len(plan.features) > 1 else Way.COPULA


def _model(
    way: Way, plan: Plan, frame: Frame, values: Values, wish: Wish, course: Course, entity: str, time: str
) -> Model:
    def of(epochs: int) -> Course:
        return Course(wish.epochs or epochs, course.seed, course.tell, course.save, course.last, course.seconds)

    match way:
        case Way.GAN:
            return gan.learnt(frame, of(gan.epochs(frame)))
        case Way.VAE:
            return vae.learnt(frame, of(vae.epochs(frame)))
        case Way.RNN:
            return rnn.learnt(plan, frame, values, entity, time, of(rnn.epochs(frame)))
        case _:
            model = copula.learnt(frame, wish.seed)
            course.tell(Progress(1, 1, 0.0, 1.0))
            return model


def _notes(columns: Sequence[Column], *, in_own_form: bool) -> list[Phrase]:
    """What whoever brought the table should know of how its columns are made."""
    notes = list[Phrase]()
    if names := [one.name for one in columns if one.kind]:
        notes.append(Phrase(_PERSONAL, names=names))
    columns = [one for one in columns if not one.kind]
    if names := [one.name for one in columns if one.sort is Sort.TEXT and not one.shapes]:
        said = "Free text cannot be made up without copying it, so these columns are empty: {names}."
        notes.append(Phrase(said, names=names))
    if names := [one.name for one in columns if one.sort is Sort.KEY or (one.sort is Sort.TEXT and one.shapes)]:
        notes.append(Phrase(_IN_OWN_FORM if in_own_form else _AS_BEFORE, names=names))
    if names := [one.name for one in columns if one.sort is Sort.EMPTY]:
        said = (
            "These columns are empty and stay empty: {names}. Formulas only have values once a spreadsheet "
            "program has saved the file."
        )
        notes.append(Phrase(said, names=names))
    for one in columns:
        if one.strays:
            numbers = "Cells in {name} that are not numbers and count as missing: {count}."
            dates = "Cells in {name} that are not dates and count as missing: {count}."
            said = numbers if one.sort is Sort.NUMBER else dates
            notes.append(Phrase(said, name=one.name, count=one.strays))
    return notes


def sample(learnt: Learnt, rows: int, *, seed: int = 1, condition: str = "") -> Table:
    """So many rows, the same for the same seed.

    Raises:
        RefusedError: there are no such rows, or none that are not copies; or there cannot be so many.
    """
    return learnt.written(sample_values(learnt, rows, seed=seed, condition=condition))


def sample_values(learnt: Learnt, rows: int, *, seed: int = 1, condition: str = "") -> Values:
    """The rows as they are reckoned with. Raises as `sample` does."""
    if not 1 <= rows <= MAX_MADE:
        raise RefusedError("I can make 1 to {most:,} rows, not {count:,}.", most=MAX_MADE, count=rows)
    plan, rng = learnt.plan, np.random.default_rng(seed)
    conditions = conditions_of(condition, plan.columns)
    wanted = wanted_of(conditions, plan)
    parts, have, drawn, copies, met = list[Values](), 0, 0, 0, 0
    while have < rows:
        if drawn and drawn >= max(_TRIES * rows, _TRIES * _MIN_BATCH) and have < rows:
            raise _unmet(conditions, rows, have, drawn, copies, met)
        expected = (rows - have) * (drawn + 1) / (have + 1) if drawn else (rows - have) * 1.1
        batch = int(min(max(expected * 1.05, _MIN_BATCH), _MAX_BATCH))
        frame = learnt.model.sample(batch, seed * 1_000_003 + len(parts), wanted)
        found = values_from(plan, frame, rng)
        # What only seldom comes together is let through before there are no rows at all.
        relations = replace(plan.relations, apart=()) if drawn > _TRIES / 2 * max(rows, _MIN_BATCH) else plan.relations
        good = ~broken(relations, plan.columns, found)
        asked = np.ones(len(good), dtype=bool)
        for one in conditions:
            asked &= one.holds(found)
        met += int((good & asked).sum())
        known = np.zeros(len(good), dtype=bool)
        if learnt.marks:
            known[good] = [mark in learnt.marks for mark in marks_of(_take(found, good), plan.columns)]
        copies += int((known & asked).sum())
        good &= ~known
        if learnt.way is Way.RNN:
            # A sequence ends before a row that cannot be: without it the next would be a step that nobody took.
            good = _before_first(~good, frame.data[rnn.SEQUENCE])
        good &= asked
        if learnt.way is Way.RNN:
            found[learnt.entity] = np.array([f"{len(parts)} {one}" for one in frame.data[rnn.SEQUENCE]], dtype=object)
        parts.append(_take(found, good))
        have += int(good.sum())
        drawn += len(good)
    joined = {one.name: np.concatenate([part[one.name] for part in parts])[:rows] for one in plan.columns}
    return _with_keys(learnt, joined, conditions, rng)


def _before_first(wrong: Array, sequence: Array) -> Array:
    """Which rows of sequences, one behind the other, stand before the first that is wrong."""
    count = np.cumsum(wrong)
    first = np.flatnonzero(np.diff(sequence, prepend=sequence[0] - 1))
    before = np.repeat((count - wrong)[first], np.diff([*first, len(sequence)]))
    return np.asarray(count == before)


def _unmet(conditions: Sequence[Condition], rows: int, have: int, drawn: int, copies: int, met: int) -> RefusedError:
    if copies > 0.5 * max(met, 1):
        return RefusedError(
            "Nearly every possible row is already in your table, because its columns have too few different "
            "values. Only {have:,} of {rows:,} rows would not be copies. Ask for fewer rows, or send a table "
            "with more columns.",
            have=have, rows=rows,
        )  # fmt: skip
    if not conditions:
        return RefusedError(
            "Too few rows follow the rules between the columns of that table. Leave out a column that is the sum "
            "of others."
        )
    return RefusedError(
        "Too few rows meet {condition}: {have:,} of {drawn:,}. Use fewer conditions, or ask for fewer rows.",
        condition=" and ".join(map(str, conditions)), have=have, drawn=drawn,
    )  # fmt: skip


def _with_keys(learnt: Learnt, values: Values, conditions: Sequence[Condition], rng: np.random.Generator) -> Values:
    count = len(next(iter(values.values())))
    owners, sharing = dict[str, Array](), dict[str, int]()
    for number, identity in enumerate(learnt.plan.relations.identities):
        if learnt.way is Way.RNN and learnt.entity in identity.names:
            owner = np.unique(values[learnt.entity].astype(str), return_inverse=True)[1]
        else:
            owner = _owners(learnt, identity, values, conditions, rng)
        owners |= dict.fromkeys(identity.names, owner)
        sharing |= dict.fromkeys(identity.names, number)
    if learnt.way is Way.RNN and learnt.entity not in owners:
        owners[learnt.entity] = np.unique(values[learnt.entity].astype(str), return_inverse=True)[1]
    called = dict[tuple[int, int], list[Person]]()
    # Who has no more than a first name is called otherwise than anybody real.
    whole = {one.slot for one in learnt.plan.columns if one.slot >= 0 and one.kind != Kind.GIVEN}
    sexes = _sexes(learnt.plan, values)
    for column in learnt.plan.columns:
        if column.sort not in (Sort.KEY, Sort.TEXT):
            continue

        def known(cell: str, name: str = column.name) -> bool:
            return mark(f"{name}\t{cell}") in learnt.keys

        owner = owners.get(column.name, np.arange(count))
        number = int(owner.max()) + 1
        somebody: list[Person] = []
        if column.slot in whole and column.kind in (*NAMES, Kind.MAIL):
            at = column.slot, sharing.get(column.name, -1)
            if at not in called:
                languages = [shape.partition("\t")[0] for shape, _ in column.shapes]
                first = np.unique(owner, return_index=True)[1]
                called[at] = people(languages, sexes[first].tolist(), rng, partial(_is_real, learnt))
            somebody = called[at]
        made_up = made(_as_unique(column) if column.name in owners else column, number, rng, known, somebody)
        if column.missing:
            made_up[rng.random(number) < column.missing] = ""
        values[column.name] = made_up[owner]
    return values


def _sexes(plan: Plan, values: Values) -> Array:
    """For each row f or m where a column says so, else nothing."""
    count = len(next(iter(values.values())))
    for column in plan.columns:
        if words := sexes_in(column):
            return np.array([words.get(cell, "") for cell in values[column.name]], dtype=object)
    return np.array([""] * count, dtype=object)


def _is_real(learnt: Learnt, one: Person) -> bool:
    return mark(f"\tperson\t{key_of(f'{one.given} {one.family}')}") in learnt.keys


def _owners(
    learnt: Learnt, identity: Identity, values: Values, conditions: Sequence[Condition], rng: np.random.Generator
) -> Array:
    """Whose each row is, of as many rows each as real ones have. What stays the same of somebody does in all their rows: those that lie
    near each other are theirs, and those that cannot be as the first one is are somebody else's.
    """
    count = len(next(iter(values.values())))
    sizes = rng.choice(identity.sizes, size=count)
    gone = _missing(values[identity.alone]) if identity.alone else np.zeros(count, dtype=bool)
    # Those who are alone come first.
    sizes[: gone.sum()] = 1
    whose = np.repeat(np.arange(count), sizes)[:count]
    keys = [
        rng.random(count),
        *(np.unique(values[name], return_inverse=True)[1] for name in reversed(identity.still)),
        ~gone,
    ]
    order = np.lexsort(keys)
    owner = np.empty(count, dtype=np.int64)
    owner[order] = whose
    if not identity.still:
        return owner
    first = order[np.unique(whose, return_index=True)[1]][owner]
    alike = values | {name: values[name][first] for name in identity.still}
    columns = learnt.plan.columns
    wrong = broken(learnt.plan.relations, columns, alike)
    if learnt.marks:
        wrong |= np.array([one in learnt.marks for one in marks_of(alike, columns)])
    for condition in conditions:
        wrong |= ~condition.holds(alike)
    for name in identity.still:
        values[name] = np.where(wrong, values[name], alike[name])
    owner[wrong] = owner.max() + 1 + np.arange(int(wrong.sum()))
    return np.unique(owner, return_inverse=True)[1]


def _missing(found: Array) -> Array:
    return np.asarray(found == "" if found.dtype == object else np.isnan(found))


def _as_unique(column: Column) -> Column:
    return Column.from_json(column.to_json() | {"unique": True})


def _take(values: Values, which: Array) -> Values:
    return {name: found[which] for name, found in values.items()}


def marks_of(values: Values, columns: Sequence[Column]) -> list[bytes]:
    """A mark of each row by which a copy is known: of all that is not made anew anyway; none where there are people alone, who are all
    made up.
    """
    compared = [one for one in columns if one.sort not in (Sort.KEY, Sort.TEXT, Sort.EMPTY)]
    if all(one.kind for one in compared):
        return []
    marks = list[bytes]()
    # In parts, as cells take more room than values.
    for start in range(0, len(next(iter(values.values()))), _MAX_BATCH):
        part = {one.name: _plain(one, values[one.name][start : start + _MAX_BATCH]) for one in compared}
        marks += [mark(json.dumps(row)) for row in zip(*table_of(part, compared).columns.values(), strict=True)]
    return marks


def _plain(column: Column, values: Array) -> Array:
    return rounded(column, values) if column.measured else values


def _joined(marks: frozenset[bytes]) -> Array:
    return np.frombuffer(b"".join(sorted(marks)), dtype=np.uint8)


def _parted(array: Array) -> frozenset[bytes]:
    body = array.tobytes()
    return frozenset(body[at : at + 8] for at in range(0, len(body), 8))
