"""Tests of relations: formulas, orders, combinations of values, and two joined tables; detected or stated as rules."""

from __future__ import annotations

import datetime
import random
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from bot.errors import FileError, RefusedError
from bot.synthesis.columns import detect_columns, format_table, parse_values
from bot.synthesis.engine import LearningOptions, learn
from bot.synthesis.formulas import ColumnComparison, FixedCombination, Formula, parse_rule
from bot.synthesis.frame import Feature, Frame
from bot.synthesis.joins import join_tables, split_table
from bot.synthesis.learning import Method
from bot.synthesis.modes import build_layout
from bot.synthesis.networks import Correction, fit_correction
from bot.synthesis.pseudonymizer import Pseudonymizer
from bot.synthesis.report import build_report
from bot.synthesis.sampling import sample, sample_values
from bot.synthesis.table import Table
from bot.synthesis.table_model import TableModel

CITIES = {
    "Berlin": ("10115", "Germany"),
    "Hamburg": ("20095", "Germany"),
    "Paris": ("75001", "France"),
    "Lyon": ("69001", "France"),
    "Rome": ("00184", "Italy"),
    "Milan": ("20121", "Italy"),
    "Madrid": ("28001", "Spain"),
}
PRICES = {"chair": "49.9", "table": "199.0", "lamp": "25.5", "shelf": "89.0", "rug": "120.0"}


def format_date(day: datetime.date) -> str:
    return f"{day:%b} {day.day} {day.year}"


def parse_date(cell: str) -> datetime.datetime:
    return datetime.datetime.strptime(cell, "%b %d %Y")


@pytest.fixture(scope="module")
def orders() -> Table:
    """Orders with an address, a price, taxes, and two dates in words."""
    rng, rows = random.Random(4), list[Sequence[object]]()
    for _ in range(344):
        city, product, count = rng.choice([*CITIES]), rng.choice([*PRICES]), rng.randint(1, 6)
        net = round(float(PRICES[product]) * count, 2)
        tax = round(net * 0.19, 2)
        start = datetime.date(2000, 1, 1) + datetime.timedelta(days=rng.randint(0, 1500))
        days, sex = rng.randint(0, 40), rng.choice("FM")
        sick = rng.choice(["flu", "asthma", "prostate cancer" if sex == "M" else "ovarian cyst"])
        end = start + datetime.timedelta(days=days)
        rows.append(
            [
                city,
                *CITIES[city],
                product,
                PRICES[product],
                count,
                net,
                tax,
                round(net + tax, 2),
                format_date(start),
                format_date(end),
                days,
                sex,
                sick,
            ]
        )
    names = [
        "city",
        "zip",
        "country",
        "product",
        "price",
        "count",
        "net",
        "tax",
        "gross",
        "start",
        "end",
        "days",
        "sex",
        "diagnosis",
    ]
    return Table({name: [str(row[at]) for row in rows] for at, name in enumerate(names)})


@pytest.mark.parametrize("method", [Method.COPULA, Method.VAE])
def test_combinations_orders_and_formulas_hold(orders: Table, method: Method) -> None:
    table_model = learn(orders, LearningOptions(method, epochs=2))
    generated = sample(TableModel.unpack(table_model.pack()), 200).columns

    def list_rows(*names: str, of: dict[str, list[str]] = generated) -> list[tuple[str, ...]]:
        return [*zip(*(of[name] for name in names), strict=True)]

    for names in (("city", "zip", "country"), ("product", "price"), ("sex", "diagnosis")):
        assert set(list_rows(*names)) <= set(list_rows(*names, of=orders.columns)), names
    for net, tax, gross in list_rows("net", "tax", "gross"):
        assert abs(float(tax) - 0.19 * float(net)) < 0.0051
        assert abs(float(gross) - float(net) - float(tax)) < 0.0051
    assert all(
        abs(float(price) * int(count) - float(net)) < 0.0051 for price, count, net in list_rows("price", "count", "net")
    )
    for start, end, days in list_rows("start", "end", "days"):
        assert (parse_date(end) - parse_date(start)).days == int(days) >= 0
    assert {"tax = net * 0.19", "gross = net + tax", "net = price * count", "days = (end - start) / 1 day"} <= set(
        table_model.plan.relations.rules
    )


@pytest.mark.parametrize(
    "cells",
    [
        ["Jan 1 2000", "Dec 24 2001", "Mar 3 2002"],
        ["1. Januar 2000", "24. Dezember 2001", "3. März 2002"],
        ["1/5/2000", "12/25/2001"],
        ["5/1/2000 3:04 PM", "12/30/2000 11:15 AM"],
        ["3 de marzo de 2001", "12 de abril de 2020"],
        ["12 mars 2001", "1 août 2002"],
        ["01/05/2000", "11/12/2000"],
        ["2 февраля 2001", "13 мая 2002"],
        ["January 5, 2001", "May 12, 2001"],
        ["12-Jan-2001", "01-Feb-2001"],
    ],
)
def test_date_formats_round_trip(cells: list[str]) -> None:
    table = Table({"day": cells})
    columns = detect_columns(table)
    assert columns[0].type.value == "date"
    assert format_table(parse_values(table, columns), columns) == table


@pytest.fixture(scope="module")
def noisy_table() -> Table:
    """Rows that violate relations here and there, or are too few to detect them."""
    rng = random.Random(3)
    rows = []
    for at in range(120):
        start, low = rng.randint(0, 900), rng.randint(1, 99)
        end = start + (rng.randint(0, 30) if at % 40 else -5)
        rows.append([start, end, low, low * 2 + (at % 50 == 0), rng.choice("abc"), rng.choice("xyz")])
    names = ["start", "end day", "low", "double", "one", "other"]
    return Table({name: [str(row[at]) for row in rows] for at, name in enumerate(names)})


def test_stated_rules_hold_in_every_row(noisy_table: Table) -> None:
    rules = ("end day >= start", "double = low * 2", "end day <= start + 25", "one, other")
    table_model = learn(noisy_table, LearningOptions(Method.COPULA, rules=rules))
    generated = sample(TableModel.unpack(table_model.pack()), 150).columns
    for start, end, low, double in zip(
        *(map(int, generated[name]) for name in ("start", "end day", "low", "double")), strict=True
    ):
        assert start <= end <= start + 25
        assert double == 2 * low
    pairs = [set(zip(columns["one"], columns["other"], strict=True)) for columns in (generated, noisy_table.columns)]
    assert pairs[0] <= pairs[1]
    assert [str(note) for note in table_model.notes[:2]] == [
        "The rule end day >= start does not hold in 3 of your 120 rows. It holds in all made-up rows.",
        "The rule double = low * 2 does not hold in 3 of your 120 rows. It holds in all made-up rows.",
    ]
    without = sample(learn(noisy_table, LearningOptions(Method.COPULA)), 150).columns
    assert any(int(end) < int(start) for start, end in zip(without["start"], without["end day"], strict=True))


def test_rules_are_parsed_or_rejected(orders: Table) -> None:
    columns = detect_columns(orders)
    assert isinstance(parse_rule("Tax = net * 19 %", columns), Formula)
    assert isinstance(parse_rule("city, zip", columns), FixedCombination)
    assert isinstance(parse_rule("gross < max(net, tax) * 2 + 1", columns), ColumnComparison)
    bound = parse_rule("end <= start + 6 weeks", columns)
    assert isinstance(bound, ColumnComparison)
    assert not bound.find_violations(parse_values(orders, columns)).any()
    assert str(bound) == "end <= start + 6 weeks"
    assert str(parse_rule("tax = net*19%", columns)) == "tax = net * 19 %"
    for text in (
        "nothing",
        "tax >= nobody",
        "tax > net > gross",
        "tax = __import__('os')",
        "tax = net ** 99",
        "tax >= (",
        "city, nowhere",
    ):
        with pytest.raises(RefusedError, match="I could not read the rule"):
            parse_rule(text, columns)
    with pytest.raises(RefusedError, match='"city" has no numbers or dates'):
        parse_rule("city >= tax", columns)
    with pytest.raises(RefusedError, match="forms a circle"):
        learn(
            orders, LearningOptions(Method.COPULA, rules=("net = gross - tax", "tax = net * 0.19", "gross = net + tax"))
        )


def test_weaker_dependences_are_reported(orders: Table) -> None:
    table_model = learn(orders, LearningOptions(Method.COPULA))
    values = sample_values(table_model, 200)
    real, none = (
        parse_values(orders, table_model.plan.columns),
        parse_values(Table({name: [] for name in orders.columns}), table_model.plan.columns),
    )
    assert build_report(table_model, real, none, values).weaker_dependences == []
    rng = np.random.default_rng(1)
    mixed = {name: rng.permutation(found) for name, found in values.items()}
    report = build_report(table_model, real, none, mixed)
    assert {"city – country", "end >= start", "net – tax"} <= set(report.weaker_dependences)
    assert any("Weaker than in the real rows" in str(sentence) for sentence in report.sentences)


def test_two_tables_are_joined_by_key() -> None:
    rng = random.Random(5)
    patients = [
        [
            f"P{at:03d}",
            rng.choice(["Anna", "Paul", "Lena"]) + f" Meier{chr(97 + at % 26)}{chr(97 + at // 26)}",
            str(rng.randint(1930, 2005)),
        ]
        for at in range(80)
    ]
    visits = [
        [patient[0], patient[1], str(rng.randint(2006, 2024)), rng.choice("ABC"), str(rng.randint(1, 900))]
        for patient in patients[:60]
        for _ in range(rng.randint(1, 5))
    ]
    first = Table({name: [row[at] for row in patients] for at, name in enumerate(["patient id", "patient", "born"])})
    second = Table(
        {name: [row[at] for row in visits] for at, name in enumerate(["Patient ID", "patient", "year", "ward", "cost"])}
    )
    pseudonymizer = Pseudonymizer(b"s")
    table, join = join_tables(pseudonymizer.pseudonymize(first), pseudonymizer.pseudonymize(second), "patient id")
    table_model = learn(table, LearningOptions(Method.COPULA, join_key=join.key, row_marker=join.row_marker))
    generated, more = split_table(table_model.format_rows(sample_values(table_model, 260)), join, 70)
    assert list(generated.columns) == list(first.columns)
    assert list(more.columns) == list(second.columns)
    people = dict(zip(generated.columns["patient id"], generated.columns["patient"], strict=True))
    assert len(people) == generated.row_count == 70
    assert all(
        people[key] == name for key, name in zip(more.columns["Patient ID"], more.columns["patient"], strict=True)
    )
    assert not set(people.values()) & set(first.columns["patient"])
    alone = 70 - len(set(more.columns["Patient ID"]))
    assert 5 <= alone <= 35, "some have no row in the second table, as a quarter of the real ones"
    assert 1.5 <= more.row_count / (70 - alone) <= 4.5
    with pytest.raises(FileError, match="has to be different in every row"):
        join_tables(second, first, "patient id")
    with pytest.raises(FileError, match="of the second table occurs in the first one"):
        join_tables(first, Table({"patient id": ["X"], "a": ["1"]}), "patient id")


@pytest.fixture(scope="module")
def visit_series() -> Table:
    """Visits of 40 people, one, two or four weeks apart, with a score that moves by one, and a stage that only rises."""
    rng, rows = random.Random(2), list[Sequence[object]]()
    for number in range(40):
        day, score, stage = (
            datetime.date(2000, 1, 1) + datetime.timedelta(days=rng.randint(0, 200)),
            rng.randint(0, 10),
            0,
        )
        for _ in range(rng.randint(2, 7)):
            rows.append([f"P{number:03d}", format_date(day), score, "abcd"[stage], round(rng.uniform(1, 99), 2)])
            day += datetime.timedelta(days=rng.choice([7, 14, 14, 28]))
            score, stage = max(0, min(10, score + rng.choice([-1, 0, 0, 1]))), min(3, stage + rng.randint(0, 1))
    return Table(
        {
            name: [str(row[at]) for row in rows]
            for at, name in enumerate(["patient id", "visit", "score", "stage", "level"])
        }
    )


def test_sequences_only_take_real_steps(visit_series: Table) -> None:
    """Even after little training: dates never repeat, and scores move by one."""

    def list_steps(table: Table) -> tuple[Counter[int], Counter[int], Counter[str]]:
        rows = sorted(
            zip(
                table.columns["patient id"],
                map(parse_date, table.columns["visit"]),
                table.columns["score"],
                table.columns["stage"],
                strict=True,
            )
        )
        pairs = [(one, other) for one, other in pairwise(rows) if one[0] == other[0]]
        return (
            Counter((other[1] - one[1]).days for one, other in pairs),
            Counter(int(other[2]) - int(one[2]) for one, other in pairs),
            Counter(one[3] + other[3] for one, other in pairs),
        )

    table_model = learn(visit_series, LearningOptions(Method.RNN, epochs=3))
    values = sample_values(table_model, 300)
    for real, generated in zip(list_steps(visit_series), list_steps(table_model.format_rows(values)), strict=True):
        assert set(generated) <= set(real)
    real = parse_values(visit_series, table_model.plan.columns)
    report = build_report(table_model, real, {name: found[:0] for name, found in real.items()}, values)
    assert (report.new_step_count, report.repeated_time_count) == (0, 0)
    lengths = [
        Counter(Counter(table.columns["patient id"]).values()) for table in (visit_series, sample(table_model, 300))
    ]
    assert max(lengths[1]) <= max(lengths[0])


def test_correction_restores_dependences() -> None:
    """A network draws features independently: after the correction numbers depend on each other and on levels as real
    ones do.
    """
    rng, rows = np.random.default_rng(1), 500
    level = rng.integers(0, 2, rows)
    first = rng.normal(3 * level, 1)
    data = {"level": level, "first": first, "second": np.exp(first / 3 + rng.normal(0, 0.1, rows))}
    features = (Feature("level", 2), Feature("first"), Feature("second"))
    real = Frame(features, data)
    layout = build_layout(real, 1)

    def draw(count: int, seed: int, _bias: object) -> Frame:
        own = np.random.default_rng(seed)
        return Frame(features, {name: own.permutation(np.resize(found, count)) for name, found in data.items()})

    correction = fit_correction(layout, real, draw)
    restored = Correction.from_state(features, correction.to_state(features))
    for fitted in (correction, restored):
        generated = fitted.apply(draw(2_000, 99, None)).data
        assert np.corrcoef(generated["first"], np.log(generated["second"]))[0, 1] > 0.9
        assert generated["first"][generated["level"] == 1].mean() - generated["first"][
            generated["level"] == 0
        ].mean() == pytest.approx(3, abs=0.5)
        assert np.quantile(generated["second"], [0.1, 0.5, 0.9]) == pytest.approx(
            np.quantile(data["second"], [0.1, 0.5, 0.9]), rel=0.1
        )
