"""What a made-up table is good for, in figures and in a plain sentence: likeness, use and privacy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any

import numpy as np

from bot.errors import Phrase

from . import trees
from .columns import Array, Column, Sort, Values
from .engine import MIN_HELD, Learnt, marks_of
from .learning import Way
from .privacy import Nearness, Singling, nearness_of, singling_of
from .private import statement
from .quality import Quality, mean, quality_of, shape
from .relations import broken

# By chance two columns of steps, both around nothing, are alike by half.
_MAX_ROWS, _MOVES_ALIKE = 4_000, 0.9
# A pair that goes together counts as lost below this likeness; an order that nearly holds, where so many more rows break it.
_LOST, _NEARLY, _MORE_BROKEN, _MAX_ORDERED = 0.75, 0.95, 0.05, 40
_PROVES_NOTHING = Phrase("It proves nothing about real people: check anything you find in it with real data.")


@dataclass(frozen=True, slots=True)
class Use:
    """How well a column is foreseen in held-out real rows: by who learnt from real rows, from made-up ones, and by who
    always says the same.
    """

    target: str
    measure: str
    real: float
    made: float
    least: float


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of a made-up table."""

    way: str
    rows: int
    learnt_rows: int
    held_rows: int
    seed: int
    quality: Quality
    told_apart: float
    use: Use | None
    nearness: Nearness | None
    singling: Singling | None
    copied: int
    broken: int
    missing: dict[str, tuple[float, float]]
    epsilon: float
    notes: Sequence[Phrase]
    # What columns hold of people, all of it made up; and columns that hold real values because somebody said so.
    personal: dict[str, str] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    # What holds in every row, and which dependences are weaker than in the real rows.
    rules: Sequence[str] = ()
    lost: Sequence[str] = ()
    # Of sequences: whose rows they are, and how near the steps of each column from row to row come.
    entity: str = ""
    along: dict[str, float] = field(default_factory=dict)
    # And steps in time that no real entity takes; rows of one time and entity, where no real ones are.
    new_steps: int = 0
    repeated: int = 0

    @property
    def row_to_row(self) -> float:
        """How near the steps of all columns come."""
        return mean(list(self.along.values()))

    @property
    def sentences(self) -> list[Phrase]:
        """What the table is good for and what not."""
        return list(_sentences(self))

    @property
    def sentences_for_all(self) -> list[Phrase]:
        """Those of them that may go where the made-up rows go: under epsilon none that compares with the real rows."""
        return [statement(self.epsilon), _PROVES_NOTHING] if self.epsilon else self.sentences

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "model": self.way, "rows": self.rows, "rows_learnt": self.learnt_rows, "rows_held_out": self.held_rows, "seed": self.seed,
            "quality": {
                "overall": _short(self.quality.overall), "column_shapes": _short(self.quality.shape),
                "pair_trends": _short(self.quality.trend),
            },
            "column_shapes": {name: _short(figure) for name, figure in self.quality.shapes.items()},
            "pair_trends": [{"columns": list(pair), "score": _short(figure)} for pair, figure in self.quality.trends.items()],
            "two_sample": {"auc": _short(self.told_apart), "score": _short(1 - max(0.0, 2 * self.told_apart - 1))},
            "train_on_synthetic": self.use and {
                "target": self.use.target, "measure": self.use.measure, "train_real": _short(self.use.real),
                "train_synthetic": _short(self.use.made), "always_the_same": _short(self.use.least),
            },
            "privacy": {
                "rows_copied": self.copied,
                "nearest_learnt_row": self.nearness and {
                    "median_made_up": _short(self.nearness.made), "median_held_out": _short(self.nearness.held),
                    "fifth_percentile_made_up": _short(self.nearness.nearest_made),
                    "fifth_percentile_held_out": _short(self.nearness.nearest_held),
                    "share_closer_than_held_out": _short(self.nearness.closer),
                },
                "singling_out": self.singling and {
                    "attacks": self.singling.attacks, "learnt": _short(self.singling.learnt), "held_out": _short(self.singling.held),
                    "risk": _short(self.singling.risk),
                },
                "epsilon": self.epsilon or None,
            },
            "personal": {name: {"holds": kind, "made_up": True} for name, kind in self.personal.items()}, "kept": list(self.kept),
            "row_to_row": {name: _short(figure) for name, figure in self.along.items()} or None,
            "steps_in_time": {"new": self.new_steps, "repeated": self.repeated} if self.entity else None,
            "constraints_broken": self.broken, "rules": list(self.rules), "weaker": list(self.lost),
            "missing": {name: {"real": _short(one), "synthetic": _short(two)} for name, (one, two) in self.missing.items()},
            "good_for": list(map(str, self.sentences)), "notes": list(map(str, self.notes)),
        }  # fmt: skip


def report_of(learnt: Learnt, real: Values, held: Values, made: Values, *, seed: int = 1) -> Report:
    """The report of made-up rows, beside the rows that were learnt and those that were held out."""
    columns = [one for one in learnt.plan.columns if one.sort not in (Sort.KEY, Sort.TEXT, Sort.EMPTY)]
    steps = along(learnt, real, made) if learnt.entity and learnt.time else {}
    new = new_steps(learnt, [real, held], made) if learnt.entity and learnt.time else (0, 0)
    real, held, made = (_of(columns, one) for one in (real, held, made))
    whole, quality = _rows(held) >= MIN_HELD, quality_of(real, made)
    known = set(marks_of(real, columns)) | (set(marks_of(held, columns)) if whole else set())
    if learnt.way is Way.RNN:
        known &= learnt.marks
    return Report(
        learnt.way.value, _rows(made), _rows(real), _rows(held), seed, quality, told_apart(real, made, seed),
        use_of(columns, real, held, made, seed) if whole else None,
        nearness_of(real, held, made, seed) if whole else None,
        singling_of(real, held, made, seed) if whole else None,
        sum(mark in known for mark in marks_of(made, columns)),
        int(broken(learnt.plan.relations, learnt.plan.columns, made).sum()),
        {one.name: (_gone(real[one.name]), _gone(made[one.name])) for one in columns if _gone(real[one.name]) > 0},
        learnt.epsilon,
        learnt.notes,
        {one.name: one.kind for one in learnt.plan.columns if one.kind},
        learnt.kept,
        learnt.plan.relations.rules,
        lost_of(columns, quality, real, made),
        learnt.entity,
        steps,
        *new,
    )  # fmt: skip


def lost_of(columns: Sequence[Column], quality: Quality, real: Values, made: Values) -> list[str]:
    """Dependences that are weaker in made-up rows: pairs of columns, and orders that nearly all real rows are in."""
    lost = [" – ".join(pair) for pair in sorted(quality.together) if quality.trends[pair] < _LOST]
    measured = [one for one in columns if one.measured][:_MAX_ORDERED]
    for first, second in permutations(measured, 2):
        if first.sort is not second.sort:
            continue
        both = [_known(values[first.name], values[second.name]) for values in (real, made)]
        if not all(len(early) for early, _ in both):
            continue
        shares = [float(np.mean(early <= late)) for early, late in both]
        early, late = both[0]
        # Columns that lie far apart are in order whatever they have to do with each other.
        by_chance = float(np.searchsorted(np.sort(early), late, side="right").mean()) / len(early)
        if shares[0] >= _NEARLY > by_chance and shares[1] < shares[0] - _MORE_BROKEN:
            lost.append(f"{second.name} >= {first.name}")
    return lost


def _known(first: Array, second: Array) -> tuple[Array, Array]:
    known = ~np.isnan(first) & ~np.isnan(second)
    return first[known], second[known]


def along(learnt: Learnt, real: Values, made: Values) -> dict[str, float]:
    """How near columns' steps come from a row to the next of the same entity: numbers by how far they move, categories by what
    comes after what.
    """
    both = [_in_turn(one, learnt.entity, learnt.time) for one in (real, made)]
    found = dict[str, float]()
    for column in learnt.plan.columns:
        if column.sort in (Sort.KEY, Sort.TEXT, Sort.EMPTY) or not (
            column.name == learnt.time or _moves(both[0], column.name)
        ):
            continue
        found[column.name] = shape(
            *(_steps(one[column.name], same) for one, same in ((rows, rows[""]) for rows in both))
        )
    return found


def new_steps(learnt: Learnt, real: Sequence[Values], made: Values) -> tuple[int, int]:
    """How many steps in time no real entity takes, and how many of none, where no real entity has one."""
    names = (learnt.entity, learnt.time)
    found = list[Array]()
    for values in (*real, made):
        rows = _in_turn({name: values[name] for name in names}, *names)
        found.append(_steps(rows[learnt.time], rows[""]))
    known = np.unique(np.concatenate(found[:-1]))
    new = ~np.isin(found[-1], known)
    return int(new.sum()), int((new & (found[-1] == 0)).sum())


def _in_turn(values: Values, entity: str, time: str) -> Values:
    """Rows by whose they are and when they were; under no name, whether each is of the same entity as the one before."""
    owner = np.unique(values[entity].astype(str), return_inverse=True)[1]
    order = np.lexsort((values[time], owner))
    owner = owner[order]
    return {name: found[order] for name, found in values.items()} | {"": owner[1:] == owner[:-1]}


def _moves(rows: Values, name: str) -> bool:
    found = rows[name]
    return bool((found[1:] != found[:-1])[rows[""]].any())


def _steps(found: Array, same: Array) -> Array:
    if found.dtype != object:
        return np.asarray((found[1:] - found[:-1])[same])
    pairs = [f"{one}\t{other}" for one, other in zip(found[:-1][same], found[1:][same], strict=True)]
    return np.array(pairs, dtype=object)


def told_apart(real: Values, made: Values, seed: int) -> float:
    """The area under the curve of trees that tell made-up rows from real ones: 0.5 where they cannot, 1 where they
    always can.
    """
    rng = np.random.default_rng(seed)
    count = min(_rows(real), _rows(made), _MAX_ROWS)
    if count < 4:
        return 0.5
    parts = [_take(one, rng.permutation(_rows(one))[:count]) for one in (real, made)]
    binning, half = trees.binning_of(parts[0]), count // 2
    codes = [binning.codes(one) for one in parts]
    learnt, asked = (np.concatenate([one[:half] for one in codes]), np.concatenate([one[half:] for one in codes]))
    truth = np.repeat([0.0, 1.0], half), np.repeat([0.0, 1.0], count - half)
    return trees.area(truth[1], trees.foreseen(learnt, truth[0], asked, chance=True))


def use_of(columns: Sequence[Column], real: Values, held: Values, made: Values, seed: int) -> Use | None:
    """How well the last column that can be foreseen is: categories of at most ten, else a number."""
    if len(columns) < 2 or _rows(made) < 20:
        return None
    few = [one.name for one in columns if 2 <= len(np.unique(real[one.name].astype(str))) <= 10]
    target = few[-1] if few else next((one.name for one in reversed(columns) if one.measured), "")
    if not target:
        return None
    others = [one.name for one in columns if one.name != target]
    binning, rng = trees.binning_of({name: real[name] for name in others}), np.random.default_rng(seed)
    asked, figures = binning.codes(held), list[float]()
    for part in (real, made):
        rows = _take(part, rng.permutation(_rows(part))[:_MAX_ROWS])
        codes = binning.codes(rows)
        figures.append((_accuracy if few else _explained)(codes, rows[target], asked, held[target]))
    least = 0.0
    if few:
        cells, counts = np.unique(real[target].astype(str), return_counts=True)
        least = float((held[target].astype(str) == cells[counts.argmax()]).mean())
    return Use(target, "accuracy" if few else "R2", figures[0], figures[1], least)


def _accuracy(rows: Array, target: Array, asked: Array, truth: Array) -> float:
    target, truth = target.astype(str), truth.astype(str)
    levels = np.unique(target)
    chances = [trees.foreseen(rows, (target == level).astype(float), asked, chance=True) for level in levels]
    return float((levels[np.argmax(chances, axis=0)] == truth).mean())


def _explained(rows: Array, target: Array, asked: Array, truth: Array) -> float:
    known, asked_known = ~np.isnan(target), ~np.isnan(truth)
    if known.sum() < 2 or asked_known.sum() < 2:
        return 0.0
    said = trees.foreseen(rows[known], target[known], asked[asked_known], chance=False)
    off = ((truth[asked_known] - said) ** 2).sum()
    return float(1 - off / max(((truth[asked_known] - truth[asked_known].mean()) ** 2).sum(), 1e-12))


def _sentences(report: Report) -> Iterator[Phrase]:
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
    if report.along:
        worst = min(report.along, key=lambda name: report.along[name])
        near = "For the same {entity}, steps from row to row are distributed like the real ones: {share:.0%} alike or more."
        far = "For the same {entity}, steps from row to row differ from the real ones; most of all {worst}, only {share:.0%} alike."
        said = near if report.along[worst] >= _MOVES_ALIKE else far
        yield Phrase(said, entity=report.entity, worst=worst, share=report.along[worst])
        if report.new_steps or report.repeated:
            said = (
                "Of the steps in time {steps:,} are none that the real rows have, and {repeated:,} rows repeat a time of the "
                "same {entity}."
            )
            yield Phrase(said, steps=report.new_steps, repeated=report.repeated, entity=report.entity)
    if report.lost:
        said = "Weaker than in the real rows: {names}. On the command line, --rule states what has to hold."
        yield Phrase(said, names=list(report.lost)[:12])
    if report.use is not None:
        target = report.use.target
        gained, lost = report.use.real - report.use.least, report.use.real - report.use.made
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
        yield statement(report.epsilon)
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
    yield _PROVES_NOTHING


def _of(columns: Sequence[Column], values: Values) -> Values:
    return {one.name: values[one.name] for one in columns}


def _rows(values: Values) -> int:
    return len(next(iter(values.values()), []))


def _take(values: Values, which: Array) -> Values:
    return {name: found[which] for name, found in values.items()}


def _gone(found: Array) -> float:
    return float((found == "").mean() if found.dtype == object else np.isnan(found).mean()) if len(found) else 0.0


def _short(figure: float) -> float:
    return round(float(figure), 4)
