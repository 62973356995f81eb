"""What code fills in: sums, gaps, times, tables."""

from __future__ import annotations

import csv
from collections.abc import Callable

import pytest
from bot.generation.asked import asked_checks

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.flashcards import Card, Deck
from bot.kinds.synthetic_data import Table
from bot.kinds.worksheet import reckoned

Assigned = Callable[..., Assignment]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("What is 12 x 7?", "84"), ("12 ÷ 4 =", "3"), ("Work out 1.5 + 2", "3.5"), ("10 - 12 =", "-2"), ("7 / 0", ""),
        ("2 + 3 + 4", ""), ("2 x 3 and 4 x 5", ""), ("10 / 3", ""), ("1/2 + 1/3", ""), ("Why do cats purr?", ""),
    ],
)  # fmt: skip
def test_sums_are_reckoned(question: str, answer: str) -> None:
    assert reckoned(question) == answer


@pytest.mark.parametrize(
    ("brief", "front", "back"), [("6 cards", "loan", "money"), ("6 cloze cards", "He got _____.", "loan")]
)
def test_a_card_is_a_term_or_a_gap(brief: str, front: str, back: str, assigned: Assigned) -> None:
    deck = Deck(title="Money", cards=[Card(term="loan", meaning="money", sentence=["He got loans."])])
    (card,) = kind_named("flashcards").compose(deck, assigned("flashcards", brief)).parts["cards"]
    assert card == {"front": front, "back": back}


@pytest.mark.parametrize(("brief", "seconds"), [("30 second spot", 30), ("2 minutes", 120), ("spot", 60)])
def test_scenes_fill_the_time(brief: str, seconds: int, assigned: Assigned) -> None:
    script = kind_named("script")
    parts = script.compose(script.examples[0].output, assigned("script", brief)).parts
    assert sum(scene["seconds"] for scene in parts["scenes"]) == parts["seconds"] == seconds


def test_a_table_has_the_columns_and_rows_of_the_brief(assigned: Assigned) -> None:
    kind = kind_named("synthetic_data")
    assignment = assigned("synthetic_data", "25 customers, columns: name, email, city, age", seed=4)
    output = Table.model_validate(kind.complete({"columns": []}, assignment))
    content = kind.compose(output, assignment)
    header, *rows = csv.reader(content.parts["csv"].splitlines())
    assert header == ["name", "email", "city", "age"]
    assert len(rows) == 25
    assert all(row[1].endswith("@example.com") and 18 <= int(row[3]) < 80 for row in rows)
    assert content.text.count("@") == 10
    assert kind.compose(output, assignment) == content


@pytest.mark.parametrize(
    ("brief", "names", "missing"),
    [
        ("boat hire, columns: boat id, boat type", ["boat id", "Boat Type"], ()),
        ("boat hire, columns: boat id, boat type", ["boat id", "hours"], ("boat type",)),
        ("12 Zeilen, Spalten: Boots-Nr, Typ des Bootes", ["Boots-Nr", "Typ des Bootes"], ()),
        ("12 filas, columnas: número de barco, tipo de barco", ["número de barco", "tipo de barco"], ()),
        ("12 lignes, colonnes : type de bateau, prix à l'heure", ["type de bateau", "prix à l'heure"], ()),
        ("12 linhas, colunas: tipo de barco, preço por hora", ["tipo de barco", "preço por hora"], ()),
        ("12 linhas, colunas: tipo de barco, preço por hora", ["tipo de barco", "cor"], ("preço por hora",)),
    ],
)
def test_a_column_that_is_wanted_stands_in_the_header(
    brief: str, names: list[str], missing: tuple[str, ...], assigned: Assigned
) -> None:
    kind, assignment = kind_named("synthetic_data"), assigned("synthetic_data", brief)
    columns = [{"name": name, "type": "choice", "values": ["a"]} for name in names]
    content = kind.compose(Table.model_validate({"columns": columns}), assignment)
    (check,) = asked_checks(content, assignment)
    assert check.value == missing


@pytest.mark.parametrize(
    ("brief", "bpm", "voices"), [("90 bpm loop", 90, "no vocals"), ("fast song with vocals", 124, "with vocals")]
)
def test_music_has_the_tempo_of_the_brief(brief: str, bpm: int, voices: str, assigned: Assigned) -> None:
    music = kind_named("music")
    parts = music.compose(music.examples[0].output, assigned("music", brief)).parts
    assert parts["bpm"] == bpm
    assert parts["prompt"].endswith(voices)
    assert parts["course"][-1]["end"] == parts["seconds"]
