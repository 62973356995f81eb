"""What differential privacy promises is measured: two tables that differ by a row are learnt often, and what comes of them
may not differ more than epsilon allows. Each audit fails where half the noise was drawn.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from bot.errors import Phrase, RefusedError
from bot.synthesis import apart, private
from bot.synthesis.columns import Column, Sort
from bot.synthesis.engine import Wish, learn, parted, sample
from bot.synthesis.learning import Way
from bot.synthesis.noise import with_geometric_noise, with_normal_noise
from bot.synthesis.private import _bounds, _categories, _noisy, _products, spanned
from bot.synthesis.table import Table, written

RUNS = 2_000
# How seldom a bound may miss, so that hardly any run of the suite fails by chance.
MISS = 1e-5


def tail(hits: int, chance: float, runs: int) -> float:
    """How likely at least so many hits are."""
    if hits <= 0:
        return 1.0
    n, k = runs, np.arange(hits, runs + 1)
    logs = [math.lgamma(n + 1) - math.lgamma(one + 1) - math.lgamma(n - one + 1) for one in k]
    return float(np.exp(np.array(logs) + k * math.log(chance) + (n - k) * math.log1p(-chance)).sum())


def at_least(hits: int, runs: int = RUNS) -> float:
    """The lower end of Clopper's and Pearson's interval of a chance."""
    low, high = 0.0, hits / runs
    for _ in range(40 if hits else 0):
        middle = (low + high) / 2
        low, high = (low, middle) if tail(hits, middle, runs) > MISS else (middle, high)
    return low


def least_epsilon(event: Callable[[bool], bool], delta: float = 0.0) -> float:
    """Which epsilon a mechanism has at least: the event is asked for with the one table, then with its neighbour."""
    fewer, more = (sum(event(which) for _ in range(RUNS)) for which in (False, True))
    bounds = []
    for one, other in ((more, fewer), (fewer, more), (RUNS - more, RUNS - fewer), (RUNS - fewer, RUNS - more)):
        above, below = at_least(one) - delta, 1 - at_least(RUNS - other)
        bounds.append(math.log(above / below) if above > 0 else 0.0)
    return max(bounds)


def held_to(epsilon: float, event: Callable[[bool], bool]) -> None:
    found = least_epsilon(event)
    assert found <= epsilon, "more is told than was promised"
    assert found > epsilon / 2, "the audit could not tell"


def test_a_count_tells_no_more_than_epsilon() -> None:
    held_to(1.0, lambda more: _noisy(np.array([6 if more else 5]), 1.0)[0] >= 6)


def test_bounds_of_a_number_tell_no_more_than_epsilon(monkeypatch: pytest.MonkeyPatch) -> None:
    # Fewer powers of two, whose noise is drawn faster. A count of 7 is enough for one of them to count as full, but for noise.
    monkeypatch.setattr(private, "_POWERS", np.arange(8, 13))
    few, many = np.full(6, 1000.0), np.full(7, 1000.0)

    def event(more: bool) -> bool:
        try:
            return _bounds("n", many if more else few, 1.0)[1] > 1000
        except RefusedError:
            return False

    held_to(1.0, event)


def test_a_category_of_one_row_is_known_no_more_often_than_delta() -> None:
    column, delta = Column("c", Sort.CATEGORY), 0.05
    # Three, so that the audit can tell: of one, 2,000 runs were too few now and then.
    found = np.array(["often"] * 60 + ["one", "another", "a third"], dtype=object)
    known = sum(len(_categories(column, found, 1.0, delta)[0].categories) - 1 for _ in range(RUNS))
    assert at_least(known, 3 * RUNS) <= delta
    assert at_least(known, 3 * RUNS) > delta / 4, "the audit could not tell"


def test_the_noise_of_products_is_as_wide_as_what_one_row_adds_asks() -> None:
    epsilon, delta = 1.0, 1e-3
    none, worst = np.zeros((1, 2)), np.array([[0.0, 0.0], [1.5 * math.sqrt(2), 0.0]])
    drawn = [np.array([_products(one, epsilon, delta)[0, 0] for _ in range(RUNS)]) for one in (none, worst)]
    rho = (math.sqrt(math.log(1 / delta) + epsilon) - math.sqrt(math.log(1 / delta))) ** 2
    apart = 1.5**2 * 2 / float(np.concatenate([one - one.mean() for one in drawn]).std())
    assert 0.95 < apart / math.sqrt(2 * rho) < 1.05


def test_one_row_adds_no_more_to_products_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def without_noise(sums: list[int], sensitivity: int, _rho: float) -> list[int]:
        asked.append(sensitivity)
        return sums

    monkeypatch.setattr(private, "with_normal_noise", without_noise)
    rng = np.random.default_rng(1)
    above = np.triu_indices(5)
    for size in (0.1, 1.0, 3.0, 1e6):
        rows = rng.normal(size=(30, 5)) * size
        more, fewer = (_products(one, 1.0, 1e-6)[above] for one in (rows, rows[:-1]))
        assert float(np.linalg.norm(more - fewer)) * private._PARTS**2 <= asked[-1]
    assert len(set(asked)) == 1


def test_noise_comes_as_often_as_it_should() -> None:
    found = np.array(with_geometric_noise([0] * 8_000, 0.7))
    share = math.exp(-0.7)
    for number in (-3, -1, 0, 1, 2):
        chance = (1 - share) / (1 + share) * share ** abs(number)
        assert abs(float((found == number).mean()) - chance) < 5 * math.sqrt(chance / 8_000)
    normal = np.array(with_normal_noise([0] * 8_000, 3, 0.5))
    weights = np.exp(-(np.arange(-40, 41) ** 2) / 18.0)
    for number in (-4, 0, 3):
        chance = float(weights[number + 40] / weights.sum())
        assert abs(float((normal == number).mean()) - chance) < 5 * math.sqrt(chance / 8_000)


@pytest.fixture(scope="module")
def many() -> Table:
    """Rows enough for an epsilon of 20."""
    rng = np.random.default_rng(2)
    ages = rng.integers(20, 90, 400)
    return Table({
        "id": [f"P{at:04d}" for at in range(400)],
        "age": [str(one) for one in ages],
        "weight": [f"{one:.1f}" for one in rng.normal(70, 9, 400)],
        "sex": ["FM"[one] for one in rng.integers(0, 2, 400)],
    })  # fmt: skip


def test_nothing_of_a_row_that_stands_out_is_kept(many: Table) -> None:
    strange = ("?-Zz/77", "1000000000", "70.1234567", "third")
    more = Table({name: [*cells, cell] for (name, cells), cell in zip(many.columns.items(), strange, strict=True)})
    wish = Wish(Way.COPULA, epsilon=20.0)
    learnt = [learn(one, wish) for one in (many, more, more, more)]
    described = [[replace(column, low=0.0, high=0.0, categories=()) for column in one.plan.columns] for one in learnt]
    assert all(one == described[0] for one in described)
    kept = json.dumps([one.plan.to_json() for one in learnt])
    assert "third" not in kept
    assert max(one.plan.column("age").high for one in learnt) < 1e6
    # Two of three times the noise is rounded away.
    assert len({learn(more, wish).rows for _ in range(40)}) > 1, "how many rows there are is told with noise"
    assert all(abs(one.rows - 400) < 40 for one in learnt)
    made = sample(learnt[1], 60)
    assert set(made.columns["sex"]) == {"F", "M"}
    assert len(set(made.columns["id"])) == 60
    assert all(len(cell.partition(".")[2]) <= 1 for cell in made.columns["weight"])
    with pytest.raises(RefusedError, match='"age" ranges from'):
        sample(learnt[1], 5, condition="age > 900000000")


def test_a_row_more_moves_no_other_between_what_is_learnt_and_what_is_held_out(
    many: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("secrets.randbits", lambda _: 7)
    fewer = Table({name: cells[:-1] for name, cells in many.columns.items()})
    (learnt, held), (less, least) = (parted(one, 1, privately=True) for one in (many, fewer))
    moved = set(learnt.columns["id"]) ^ set(less.columns["id"]) | set(held.columns["id"]) ^ set(least.columns["id"])
    assert moved == {"P0399"}
    assert 20 < held.rows < 60


def test_what_goes_where_the_rows_go_compares_nothing_and_a_second_start_learns_no_second_model(
    many: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[bytes] = []

    def tell(what: str, _about: object, bodies: dict[str, bytes]) -> None:
        assert what == "checkpoint"
        told.append(bodies["checkpoint"])

    monkeypatch.setattr("bot.synthesis.page.pdf", lambda *_: b"paper")
    order = apart.Order("many.csv", epsilon=20.0, condition="age > 30", locale="de")
    about, files = apart._learnt(order, {"source": written(many)}, tell, 30.0)
    assert {"copied", "overall", "told_apart"} & about.keys() == set()
    promised, proves = (str(Phrase.from_json(one)) for one in about["sentences"])
    assert promised.startswith("Learnt with differential privacy (epsilon 20")
    assert proves.startswith("It proves nothing")
    assert about["rows"] == round(about["learnt"] / 0.9)
    assert any(
        "The figures in this report compare with the real rows and are not" in one["text"]
        for one in about["compared"]["sentences"]
    )
    again, same = apart._learnt(order, {"source": written(many), "checkpoint": told[0]}, tell, 30.0)
    assert (same["table"], again["learnt"]) == (files["table"], about["learnt"])


def test_short_tables_are_refused_by_noise_alone() -> None:
    short = Table({"n": ["1", "2", "3"], "c": ["a", "a", "b"]})
    with pytest.raises(RefusedError, match='With such a small epsilon, only noise is left of "'):
        learn(short, Wish(epsilon=1.0))


def test_noise_far_from_a_column_does_not_stretch_its_bounds() -> None:
    edges = np.concatenate([-(2.0 ** private._POWERS[::-1]), [0.0], 2.0**private._POWERS])

    def span(values: np.ndarray, *stray: float) -> tuple[float, float] | None:
        counts = np.histogram(values, edges)[0]
        counts[np.searchsorted(edges, stray, side="right") - 1] += 80
        return spanned(edges, counts, 0.125)

    rng = np.random.default_rng(3)
    assert span(rng.uniform(20, 90, 2400), -3e9, 5e8) == (16, 128)
    # Both halves of a column around nothing belong to it, and so do many that are far from the others.
    assert span(rng.normal(size=2400)) == (-2, 2)
    assert span(np.concatenate([np.zeros(400), rng.uniform(1000, 2000, 2000)]))[0] == 0
    assert span(np.array([3.0])) is None
