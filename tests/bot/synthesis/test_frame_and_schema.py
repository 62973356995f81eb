"""Tests of frames and their decoding, relations, quality, invented tables, and file formats."""

from __future__ import annotations

import datetime
import io
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from bot.synthesis.columns import detect_columns, format_table, parse_values
from bot.synthesis.copula import project_correlation
from bot.synthesis.frame import build_frame, build_plan, decode_frame
from bot.synthesis.modes import build_layout
from bot.synthesis.normal import compute_cdf, compute_quantiles
from bot.synthesis.quality import measure_quality
from bot.synthesis.relations import find_relations, find_violations
from bot.synthesis.schema import build_schema, generate_table
from bot.synthesis.shop import _load_shop
from bot.synthesis.table import Table, read_table, render_csv, render_xlsx

NUMBERS = st.one_of(
    st.integers(-10_000, 10_000).map(str), st.decimals(-1000, 1000, places=3, allow_nan=False).map(str), st.just("")
)
DAYS = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)).map(str)
TABLES = st.integers(20, 60).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "n": st.lists(NUMBERS, min_size=rows, max_size=rows),
            "day": st.lists(DAYS, min_size=rows, max_size=rows),
            "word": st.lists(st.sampled_from(["a", "b", "c c", ""]), min_size=rows, max_size=rows),
        }
    )
)


@settings(max_examples=8, deadline=None)
@given(TABLES)
def test_frame_and_matrix_round_trip(cells: dict[str, list[str]]) -> None:
    table = Table(cells)
    columns = detect_columns(table)
    values = parse_values(table, columns)
    again = parse_values(format_table(values, columns), columns)
    for name, array in values.items():
        assert np.array_equal(array, again[name], equal_nan=array.dtype != object)
    relations = find_relations(columns, values)
    plan = build_plan(columns, relations, values)
    if not plan.features:
        return
    rng = np.random.default_rng(0)
    frame = build_frame(plan, values, rng)
    back = decode_frame(plan, frame, rng)
    for column in columns:
        if column.name in {feature.name for feature in plan.features}:
            array = values[column.name]
            assert np.array_equal(array, back[column.name], equal_nan=array.dtype != object)
    layout = build_layout(frame, 0)
    decoded = layout.decode(layout.encode(frame, rng))
    for feature in plan.features:
        data, near = frame.data[feature.name], decoded.data[feature.name]
        if feature.size:
            assert np.array_equal(data, near)
        else:
            slack = 0.35 * max(float(np.ptp(data)), 1e-9)
            assert float(np.abs(data - near).max()) <= slack


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10_000), st.integers(40, 120))
def test_sums_and_orders_are_detected_and_hold(seed: int, rows: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 1000, rows), rng.integers(0, 1000, rows)
    early = rng.normal(100, 30, rows).round(1)
    late = (early + rng.exponential(10, rows)).round(1)
    cells = {"a": first, "b": second, "both": first + second, "early": early, "late": late}
    table = Table({name: [str(cell) for cell in column] for name, column in cells.items()})
    columns = detect_columns(table)
    values = parse_values(table, columns)
    relations = find_relations(columns, values)
    assert [(formula.name, set(formula.expression.parts)) for formula in relations.formulas] == [("both", {"a", "b"})]
    assert ("early", "late") in [(order.first, order.second) for order in relations.orders]
    assert not find_violations(relations, columns, values).any()
    plan = build_plan(columns, relations, values)
    frame = build_frame(plan, values, rng)
    shuffled = {name: rng.permutation(column) for name, column in frame.data.items()}
    generated = decode_frame(plan, type(frame)(frame.features, shuffled), rng)
    differences = np.abs(generated["both"] - generated["a"] - generated["b"])
    assert float(differences.max()) < 1e-6
    wrong = find_violations(relations, columns, generated)
    assert (generated["early"] <= generated["late"] + 1e-9)[~wrong].all()
    assert wrong.mean() < 0.7


def test_normal_quantiles_invert_cdf() -> None:
    places = np.linspace(-5, 5, 1001)
    assert np.abs(compute_quantiles(compute_cdf(places)) - places).max() < 1e-3
    assert abs(float(compute_cdf(np.array([1.959964]))[0]) - 0.975) < 1e-6


@given(st.integers(0, 1000))
def test_any_matrix_is_projected_to_correlation(seed: int) -> None:
    matrix = project_correlation(np.random.default_rng(seed).uniform(-1, 1, (5, 5)))
    assert np.allclose(np.diag(matrix), 1)
    assert np.linalg.eigvalsh(matrix)[0] > -1e-9


def test_quality_is_one_for_same_rows_and_low_for_others() -> None:
    rng = np.random.default_rng(1)
    word = np.array(["x", "y"], dtype=object)
    real = {"n": rng.normal(size=300), "w": word[rng.integers(0, 2, 300)]}
    assert measure_quality(real, real).overall == 1
    other = {"n": rng.normal(5, 1, 300), "w": word[np.zeros(300, dtype=int)]}
    assert measure_quality(real, other).overall < 0.45


def test_a_description_that_names_both_sexes_makes_both() -> None:
    people = generate_table(build_schema("40 men and women over 60: age, sex"), 40, 1).columns
    assert set(people["sex"]) == {"F", "M"}
    assert all(int(age) > 60 for age in people["age"])


def test_emails_without_names_are_addresses() -> None:
    emails = generate_table(build_schema("5 members: age, email"), 5, 1).columns["email"]
    assert all(re.fullmatch(r"[a-z.]+\d+@example\.org", email) for email in emails), emails


def test_invented_table_follows_its_description() -> None:
    schema = build_schema("200 patients of a made-up clinic: age, sex, ICD-10 code, HbA1c, visits")
    generated = generate_table(schema, schema.row_count, 3)
    assert generated == generate_table(schema, schema.row_count, 3)
    assert list(generated.columns) == ["age", "sex", "ICD-10 code", "HbA1c", "visits"]
    assert generated.row_count == 200
    rows = list(zip(*generated.columns.values(), strict=True))
    assert not any(sex == "F" and code in ("N40", "C61") for _, sex, code, *_ in rows)
    assert not any(sex == "M" and code in ("O80", "M81.9", "C50.9") for _, sex, code, *_ in rows)
    sugar = {
        ill: np.mean([float(value) for *_, code, value, _ in rows if (code == "E11.9") == ill]) for ill in (True, False)
    }
    assert sugar[True] > sugar[False] + 1
    notes = [str(note) for note in schema.notes]
    assert "ICD-10 code: ICD-10 (WHO, 2019)." in notes
    assert "HbA1c: LOINC 4548-4, in %." in notes
    women = generate_table(build_schema("20 women over 60: name, age, sex, triage (red, green), score 0-10"), 20, 1)
    assert set(women.columns["sex"]) == {"F"}
    assert min(map(int, women.columns["age"])) > 60
    assert set(women.columns["triage"]) <= {"red", "green"}
    assert all(0 <= int(cell) <= 10 for cell in women.columns["score"])


ORDERS = {
    "en": "300 orders of a web shop: customer, email, date, product, price, quantity, total, delivery date",
    "de": "300 Bestellungen: Kunde, E-Mail, Datum, Produkt, Preis, Menge, Summe und Lieferdatum",
    "es": "300 pedidos: cliente, correo, fecha, producto, precio, cantidad, total y fecha de entrega",
    "fr": "300 commandes : client, courriel, date, produit, prix (€), quantité, total et date de livraison",
    "pt": "300 pedidos: cliente, email, data, produto, preço, quantidade, total e data de entrega",
}


@pytest.mark.parametrize("language", ORDERS)
def test_orders_are_computed_in_every_language(language: str) -> None:
    schema = build_schema(ORDERS[language])
    generated = generate_table(schema, schema.row_count, 4)
    assert generated == generate_table(schema, schema.row_count, 4)
    customers, mails, days, products, prices, quantities, totals, delivered = generated.columns.values()
    assert generated.row_count == 300
    figures = list(zip(prices, quantities, totals, strict=True))
    assert all(round(float(price) * int(many), 2) == float(total) for price, many, total in figures)
    assert len({*zip(products, prices, strict=True)}) == len({*products}) == 12, "a product has one price"
    assert len({*zip(customers, mails, strict=True)}) == len({*customers}) < 200, "customers come again as who they are"
    assert days == sorted(days)
    assert all(day < later for day, later in zip(days, delivered, strict=True))
    assert 1 < np.mean([int(quantity) for quantity in quantities]) < 4
    headings = list(generated.columns)
    assert f"{headings[6]}: {headings[4]} × {headings[5]}." in [str(note) for note in schema.notes]
    [goods] = {column for column in _load_shop()["products"][0] if _load_shop()["products"][0][column] in products}
    assert goods == language


def test_totals_include_discount_and_shipping_and_staff_has_working_age() -> None:
    generated = generate_table(build_schema("200 Bestellungen: Preis, Menge, Rabatt, Versand, Summe"), 200, 2)
    for price, many, off, parcel, total in zip(*generated.columns.values(), strict=True):
        net = float(price) * int(many) * (1 - int(off) / 100)
        assert abs(net + float(parcel) - float(total)) < 0.0051
        assert (float(parcel) > 0) == (round(net + 1e-9, 2) < 50)
    assert {*generated.columns["Rabatt"]} > {"0", "10"}
    staff = generate_table(build_schema("200 Mitarbeiter: Name, Alter, Abteilung, Gehalt"), 200, 2)
    assert {*staff.columns["Abteilung"]} > {"Vertrieb", "Personal"}
    assert 18 <= min(map(int, staff.columns["Alter"])) <= max(map(int, staff.columns["Alter"])) <= 66


def test_numbers_with_many_decimals_round_trip() -> None:
    cells = ["0.0506801187398187", "-0.044641636506989", "0.00188201652779104"] * 10
    table = Table({"n": cells})
    columns = detect_columns(table)
    values = parse_values(table, columns)
    plan = build_plan(columns, find_relations(columns, values), values)
    rng = np.random.default_rng(0)
    assert format_table(decode_frame(plan, build_frame(plan, values, rng), rng), columns) == table


def test_csv_round_trips(clinic: Table) -> None:
    assert read_table("again.csv", render_csv(clinic)) == clinic


@pytest.mark.parametrize(
    ("words", "came", "went"),
    [
        (
            "80 patients: name, admission date, discharge date, e-mail, number of calls",
            "admission date",
            "discharge date",
        ),
        ("80 invoices: number, invoice date, due date, net, VAT, total", "invoice date", "due date"),
        (
            "80 Patienten: Vorname, Aufnahmedatum, Entlassungsdatum, Fehltage, Punkte",
            "Aufnahmedatum",
            "Entlassungsdatum",
        ),
    ],
)
def test_fields_are_recognised_by_word_and_depend_on_each_other(words: str, came: str, went: str) -> None:
    generated = generate_table(build_schema(words), 80, 3).columns
    assert all(one < other for one, other in zip(generated[came], generated[went], strict=True))
    if "e-mail" in generated:
        assert generated["e-mail"][0] == f"{generated['name'][0].casefold().replace(' ', '.')}@example.org"
        assert len(set(generated["e-mail"])) == 80
    if "VAT" in generated:
        hundredths = [[round(100 * float(cell)) for cell in generated[name]] for name in ("net", "VAT", "total")]
        assert all(net + tax == total and tax == round(net / 5) for net, tax, total in zip(*hundredths, strict=True))
    if "Punkte" in generated:
        assert all(0 <= int(points) <= 100 for points in generated["Punkte"])
        assert not any(" " in name for name in generated["Vorname"])


def test_length_of_stay_matches_dates() -> None:
    generated = generate_table(
        build_schema("40 patients: admission date, length of stay, discharge date"), 40, 1
    ).columns
    for came, days, went in zip(*generated.values(), strict=True):
        assert (datetime.date.fromisoformat(went) - datetime.date.fromisoformat(came)).days == int(days)


def test_a_workbook_leaves_out_what_no_workbook_can_hold() -> None:
    book = load_workbook(io.BytesIO(render_xlsx(Table({"na\x0bme": ["a\x01b\tc", "d\ufffee", "\x1f"]}))))
    assert [cell.value for (cell,) in book.active.iter_rows()] == ["name", "ab\tc", "de", None]


def test_workbook_cells_are_typed() -> None:
    cells = {
        "share": ["0.4958563522737146", "", "3"],
        "day": ["2024-05-06", "2024-12-31", ""],
        "at": ["2024-05-06 08:30", "2024-05-06", "2024-05-07 23:59"],
        "code": ["01067", "80331", "10115"],
        "no day": ["2024-02-30", "2024-01-01", ""],
        "=sum": ["=1+1", "-3", "1e5"],
    }
    book = load_workbook(io.BytesIO(render_xlsx(Table(cells))))
    heads, *rows = book.active.iter_rows()
    assert [head.value for head in heads] == [*cells]
    assert [[cell.value for cell in column] for column in zip(*rows, strict=True)] == [
        [0.4958563522737146, None, 3],
        [datetime.datetime(2024, 5, 6), datetime.datetime(2024, 12, 31), None],
        [datetime.datetime(2024, 5, 6, 8, 30), datetime.datetime(2024, 5, 6), datetime.datetime(2024, 5, 7, 23, 59)],
        ["01067", "80331", "10115"],
        ["2024-02-30", "2024-01-01", None],
        ["=1+1", -3, "1e5"],
    ]
    assert [cell.number_format for cell in rows[0]][1:3] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm"]
    assert (heads[5].data_type, rows[0][5].data_type) == ("s", "s"), "none of it is a formula"
