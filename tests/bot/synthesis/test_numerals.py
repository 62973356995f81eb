"""Tests of number formats of several countries."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from bot.errors import RefusedError
from bot.locales import localize
from bot.synthesis.columns import ColumnType, detect_columns, parse_values
from bot.synthesis.conditions import parse_conditions
from bot.synthesis.engine import LearningOptions, learn
from bot.synthesis.numerals import detect_numeral
from bot.synthesis.sampling import sample
from bot.synthesis.schema import build_schema
from bot.synthesis.table import read_table, render_csv
from bot.synthesis.table_model import TableModel


@pytest.mark.parametrize(
    ("cells", "plain"),
    [
        (["1.062,85", "130,68", "-17,00", "2.345.678,10"], ["1062.85", "130.68", "-17.00", "2345678.10"]),
        (["1,234.50", "17.00"], ["1234.50", "17.00"]),
        (["$1,200", "$15.50"], ["1200", "15.50"]),
        (["950", "1,200", "3,400", "880", "2,100"], ["950", "1200", "3400", "880", "2100"]),
        (["1 234,5", "17,2"], ["1234.5", "17.2"]),
        (["1\u202f234 €", "17 €"], ["1234", "17"]),
        (["1'234.50", "12.30"], ["1234.50", "12.30"]),
        (["5 %", "10 %", "0 %"], ["5", "10", "0"]),
        (["12 kg", "3,5 kg"], ["12", "3.5"]),
        (["1.234", "2.5", "3"], ["1.234", "2.5", "3"]),
        (["1e5", "2.5e3"], ["1e5", "2.5e3"]),
        # Not numbers: phone numbers, codes, dates, and mixed units.
        (["555 123 456", "171 234 567"], [None, None]),
        (["12.345.678", "98.765.432"], [None, None]),
        (["A12", "B13"], [None, None]),
        (["01.02.2024", "03.04.2024"], [None, None]),
        (["3 kg", "4 kg", "500 g"], ["3", "4", None]),
    ],
)
def test_number_format_round_trips(cells: list[str], plain: list[str | None]) -> None:
    numeral = detect_numeral(Counter(cells))
    assert [numeral.parse(cell) for cell in cells] == plain
    for cell, number in zip(cells, plain, strict=True):
        assert number is None or "e" in number or numeral.format(number) == cell


def test_german_sheet_round_trips() -> None:
    rng, lines = random.Random(4), ["Größe (cm);Umsatz (€);Rabatt;Eintritt;Ort"]
    for _ in range(90):
        euros = f"{rng.lognormvariate(7, 1) - 200:,.2f}".translate(str.maketrans(",.", ".,"))
        high = f"{rng.gauss(172, 9):.1f}".replace(".", ",") if rng.random() > 0.1 else ""
        day = f"{rng.randrange(1, 29):02}.{rng.randrange(1, 13):02}.20{rng.randrange(10, 24)}"
        lines.append(f"{high};{euros};{rng.choice(['5 %', '10 %', ''])};{day};{rng.choice(['Köln', 'Bonn'])}")
    table = read_table("Kunden.csv", "\r\n".join(lines).encode("cp1252"))
    columns = {column.name: column for column in detect_columns(table)}
    assert [column.type for column in columns.values()] == [
        ColumnType.NUMBER,
        ColumnType.NUMBER,
        ColumnType.NUMBER,
        ColumnType.DATE,
        ColumnType.CATEGORY,
    ]
    assert parse_values(table, list(columns.values()))["Umsatz (€)"].max() > 1000
    table_model = learn(table, LearningOptions(seed=1))
    for model in (table_model, TableModel.unpack(table_model.pack())):
        body = render_csv(sample(model, 60, seed=2))
        assert body.startswith("\ufeffGröße (cm);Umsatz (€);Rabatt;Eintritt;Ort\r\n".encode()), "as Excel opens it"
        generated = read_table("again.csv", body)
        assert any("." in cell and "," in cell for cell in generated.columns["Umsatz (€)"])
        assert any(cell.startswith("-") for cell in generated.columns["Umsatz (€)"]), "no apostrophe before a number"
        assert {cell.removesuffix(" %").isdigit() for cell in generated.columns["Rabatt"] if cell} == {True}
    [condition] = parse_conditions("Umsatz (€) > 1.000,50 €", list(columns.values()))
    assert condition.values == (1000.5,)
    with pytest.raises(
        RefusedError, match=r"Write it like Größe \(cm\) > \d+,\d and Ort = (Köln|Bonn)\. The columns are"
    ):
        parse_conditions("nur Kölner", list(columns.values()))
    assert parse_conditions("Umsatz (€) > 1000", list(columns.values()))[0].values == (1000.0,)


def test_notes_on_invented_columns_are_translated() -> None:
    notes = build_schema("150 Patienten: Alter, Geschlecht, HbA1c").notes
    assert [localize(note, "de") for note in notes] == [
        "Alter: in Jahren.",
        "Geschlecht: F oder M.",
        "HbA1c: LOINC 4548-4, in %.",
    ]


@pytest.mark.parametrize("words", ["some people", "ein paar Leute"])
def test_description_without_columns_is_rejected_with_example(words: str) -> None:
    with pytest.raises(RefusedError, match="Tell me which columns you want, for example: 200 patients:"):
        build_schema(words)
