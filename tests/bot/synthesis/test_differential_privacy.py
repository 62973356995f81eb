"""Empirical audits of differential privacy: tables that differ by one row are learnt many times, and the outcomes may
not differ more than epsilon allows. Each audit fails with half the noise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bot.errors import Phrase, RefusedError
from bot.synthesis import differential_privacy, worker
from bot.synthesis.columns import Column, ColumnType
from bot.synthesis.differential_privacy import (
    _add_count_noise,
    _estimate_bounds,
    _fit_categories,
    _sum_products,
    find_span,
)
from bot.synthesis.engine import LearningOptions, learn
from bot.synthesis.holdout import split_holdout
from bot.synthesis.learning import Method
from bot.synthesis.noise import add_geometric_noise, add_normal_noise
from bot.synthesis.sampling import sample
from bot.synthesis.table import Table, render_csv

RUN_COUNT = 2_000
# Error probability of a bound: low enough that the suite rarely fails by chance.
MISS_PROBABILITY = 1e-5


def compute_tail_probability(hits: int, chance: float, runs: int) -> float:
    """Return the probability of at least this many hits."""
    if hits <= 0:
        return 1.0
    n, k = runs, np.arange(hits, runs + 1)
    logs = [math.lgamma(n + 1) - math.lgamma(one + 1) - math.lgamma(n - one + 1) for one in k]
    return float(np.exp(np.array(logs) + k * math.log(chance) + (n - k) * math.log1p(-chance)).sum())


def compute_lower_bound(hits: int, runs: int = RUN_COUNT) -> float:
    """Return the lower end of the Clopper-Pearson interval of a probability."""
    low, high = 0.0, hits / runs
    for _ in range(40 if hits else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if compute_tail_probability(hits, middle, runs) > MISS_PROBABILITY else (middle, high)
    return low


def estimate_epsilon(event: Callable[[bool], bool], delta: float = 0.0) -> float:
    """Estimate a lower bound on a mechanism's epsilon from an event's frequencies for a table and its neighbour."""
    fewer, more = (sum(event(which) for _ in range(RUN_COUNT)) for which in (False, True))
    bounds = []
    for one, other in (
        (more, fewer),
        (fewer, more),
        (RUN_COUNT - more, RUN_COUNT - fewer),
        (RUN_COUNT - fewer, RUN_COUNT - more),
    ):
        above, below = compute_lower_bound(one) - delta, 1 - compute_lower_bound(RUN_COUNT - other)
        bounds.append(math.log(above / below) if above > 0 else 0.0)
    return max(bounds)


def assert_epsilon(epsilon: float, event: Callable[[bool], bool]) -> None:
    lower_bound = estimate_epsilon(event)
    assert lower_bound <= epsilon, "more is told than was promised"
    assert lower_bound > epsilon / 2, "the audit could not tell"


def test_count_is_epsilon_private() -> None:
    assert_epsilon(1.0, lambda more: _add_count_noise(np.array([6 if more else 5]), 1.0)[0] >= 6)


def test_number_bounds_are_epsilon_private(monkeypatch: pytest.MonkeyPatch) -> None:
    # Fewer powers of two, for speed. Without noise a count of 7 makes a bin certain.
    monkeypatch.setattr(differential_privacy, "_BOUND_POWERS", np.arange(8, 13))
    few, many_rows = np.full(6, 1000.0), np.full(7, 1000.0)

    def exceeds_bound(more: bool) -> bool:
        try:
            return _estimate_bounds("n", many_rows if more else few, 1.0)[1] > 1000
        except RefusedError:
            return False

    assert_epsilon(1.0, exceeds_bound)


def test_single_row_category_is_revealed_at_most_with_delta() -> None:
    column, delta = Column("c", ColumnType.CATEGORY), 0.05
    # Three categories: with one, 2,000 runs were sometimes too few for the audit.
    cells = np.array(["often"] * 60 + ["one", "another", "a third"], dtype=object)
    revealed_count = sum(len(_fit_categories(column, cells, 1.0, delta)[0].categories) - 1 for _ in range(RUN_COUNT))
    assert compute_lower_bound(revealed_count, 3 * RUN_COUNT) <= delta
    assert compute_lower_bound(revealed_count, 3 * RUN_COUNT) > delta / 4, "the audit could not tell"


def test_product_noise_matches_sensitivity() -> None:
    epsilon, delta = 1.0, 1e-3
    none, worst = np.zeros((1, 2)), np.array([[0.0, 0.0], [1.5 * math.sqrt(2), 0.0]])
    drawn = [
        np.array([_sum_products(counts, epsilon, delta)[0, 0] for _ in range(RUN_COUNT)]) for counts in (none, worst)
    ]
    rho = (math.sqrt(math.log(1 / delta) + epsilon) - math.sqrt(math.log(1 / delta))) ** 2
    separation = 1.5**2 * 2 / float(np.concatenate([value - value.mean() for value in drawn]).std())
    assert 0.95 < separation / math.sqrt(2 * rho) < 1.05


def test_row_contribution_to_products_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    sensitivities: list[int] = []

    def return_sums(sums: list[int], sensitivity: int, _rho: float) -> list[int]:
        sensitivities.append(sensitivity)
        return sums

    monkeypatch.setattr(differential_privacy, "add_normal_noise", return_sums)
    rng = np.random.default_rng(1)
    above = np.triu_indices(5)
    for size in (0.1, 1.0, 3.0, 1e6):
        rows = rng.normal(size=(30, 5)) * size
        more, fewer = (_sum_products(scores, 1.0, 1e-6)[above] for scores in (rows, rows[:-1]))
        assert float(np.linalg.norm(more - fewer)) * differential_privacy._SCORE_PRECISION**2 <= sensitivities[-1]
    assert len(set(sensitivities)) == 1


def test_noise_follows_its_distribution() -> None:
    noise = np.array(add_geometric_noise([0] * 8_000, 0.7))
    share = math.exp(-0.7)
    for number in (-3, -1, 0, 1, 2):
        chance = (1 - share) / (1 + share) * share ** abs(number)
        assert abs(float((noise == number).mean()) - chance) < 5 * math.sqrt(chance / 8_000)
    normal = np.array(add_normal_noise([0] * 8_000, 3, 0.5))
    weights = np.exp(-(np.arange(-40, 41) ** 2) / 18.0)
    for number in (-4, 0, 3):
        chance = float(weights[number + 40] / weights.sum())
        assert abs(float((normal == number).mean()) - chance) < 5 * math.sqrt(chance / 8_000)


@pytest.fixture(scope="module")
def many_rows() -> Table:
    """A table with enough rows for an epsilon of 20."""
    rng = np.random.default_rng(2)
    ages = rng.integers(20, 90, 400)
    return Table(
        {
            "id": [f"P{at:04d}" for at in range(400)],
            "age": [str(age) for age in ages],
            "weight": [f"{weight:.1f}" for weight in rng.normal(70, 9, 400)],
            "sex": ["FM"[code] for code in rng.integers(0, 2, 400)],
        }
    )


def test_outlier_row_leaves_no_trace(many_rows: Table) -> None:
    strange = ("?-Zz/77", "1000000000", "70.1234567", "third")
    more = Table({name: [*cells, cell] for (name, cells), cell in zip(many_rows.columns.items(), strange, strict=True)})
    options = LearningOptions(Method.COPULA, epsilon=20.0)
    models = [learn(table, options) for table in (many_rows, more, more, more)]
    columns_by_model = [
        [replace(column, low=0.0, high=0.0, categories=()) for column in model.plan.columns] for model in models
    ]
    assert all(description == columns_by_model[0] for description in columns_by_model)
    stored = json.dumps([model.plan.to_json() for model in models])
    assert "third" not in stored
    assert max(model.plan.get_column("age").high for model in models) < 1e6
    # In two of three runs the noise is rounded away.
    assert len({learn(more, options).row_count for _ in range(40)}) > 1, "how many rows there are is told with noise"
    assert all(abs(model.row_count - 400) < 40 for model in models)
    generated = sample(models[1], 60)
    # By its noise some of them may be missing.
    assert set(generated.columns["sex"]) - {""} == {"F", "M"}
    assert len(set(generated.columns["id"])) == 60
    assert all(len(cell.partition(".")[2]) <= 1 for cell in generated.columns["weight"])
    with pytest.raises(RefusedError, match='"age" ranges from'):
        sample(models[1], 5, condition="age > 900000000")


def test_private_split_is_independent_of_other_rows(many_rows: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbits", lambda _: 7)
    fewer = Table({name: cells[:-1] for name, cells in many_rows.columns.items()})
    (learnt, held), (fewer_learnt, fewer_held) = (
        split_holdout(table, 1, privately=True) for table in (many_rows, fewer)
    )
    moved = set(learnt.columns["id"]) ^ set(fewer_learnt.columns["id"])
    moved |= set(held.columns["id"]) ^ set(fewer_held.columns["id"])
    assert moved == {"P0399"}
    assert 20 < held.row_count < 60


def test_public_report_has_no_comparison_and_restart_reuses_model(
    many_rows: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints: list[bytes] = []

    def send(what: str, _about: object, bodies: dict[str, bytes]) -> None:
        assert what == "checkpoint"
        checkpoints.append(bodies["checkpoint"])

    monkeypatch.setattr("bot.synthesis.page.render_pdf", lambda *_: b"paper")
    order = worker.TableOrder("many.csv", epsilon=20.0, condition="age > 30", locale="de")
    about, files = worker._learn_table(order, {"source": render_csv(many_rows)}, send, 30.0)
    assert {"copied", "overall", "told_apart"} & about.keys() == set()
    promised, proves = (str(Phrase.from_json(sentence)) for sentence in about["sentences"])
    assert promised.startswith("Learnt with differential privacy (epsilon 20")
    assert proves.startswith("It proves nothing")
    assert about["rows"] == round(about["learnt"] / 0.9)
    assert any(
        "The figures in this report compare with the real rows and are not" in sentence["text"]
        for sentence in about["compared"]["sentences"]
    )
    again, same = worker._learn_table(
        order, {"source": render_csv(many_rows), "checkpoint": checkpoints[0]}, send, 30.0
    )
    assert (same["table"], again["learnt"]) == (files["table"], about["learnt"])


def test_short_tables_are_rejected_by_noise() -> None:
    short = Table({"n": ["1", "2", "3"], "c": ["a", "a", "b"]})
    with pytest.raises(RefusedError, match='With such a small epsilon, only noise is left of "'):
        learn(short, LearningOptions(epsilon=1.0))


def test_distant_noise_does_not_widen_bounds() -> None:
    edges = np.concatenate(
        [-(2.0 ** differential_privacy._BOUND_POWERS[::-1]), [0.0], 2.0**differential_privacy._BOUND_POWERS]
    )

    def compute_span(values: np.ndarray, *stray: float) -> tuple[float, float] | None:
        counts = np.histogram(values, edges)[0]
        counts[np.searchsorted(edges, stray, side="right") - 1] += 80
        return find_span(edges, counts, 0.125)

    rng = np.random.default_rng(3)
    assert compute_span(rng.uniform(20, 90, 2400), -3e9, 5e8) == (16, 128)
    # Values on both sides of 0 belong to a column, and so does a large distant cluster.
    assert compute_span(rng.normal(size=2400)) == (-2, 2)
    assert compute_span(np.concatenate([np.zeros(400), rng.uniform(1000, 2000, 2000)]))[0] == 0
    assert compute_span(np.array([3.0])) is None
