"""Tests of learning tables and sampling rows: relations hold, and no row is copied."""

from __future__ import annotations

import datetime
import io
import zipfile

import numpy as np
import pytest
from catalogues import WHOLE
from openpyxl import Workbook

from bot.errors import FileError, RefusedError
from bot.synthesis import page
from bot.synthesis.columns import ColumnType, detect_columns, parse_values
from bot.synthesis.conditions import parse_conditions
from bot.synthesis.engine import LearningOptions, learn
from bot.synthesis.holdout import split_holdout
from bot.synthesis.learning import Method, TrainingProgress
from bot.synthesis.report import build_report
from bot.synthesis.sampling import sample, sample_values
from bot.synthesis.table import Table, read_table, render_csv
from bot.synthesis.table_model import TableModel

EPOCHS = 2


def list_rows(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*table.columns.values(), strict=True))


@pytest.fixture(scope="module")
def visits_model(clinic: Table) -> TableModel:
    """A copula of the clinic's visits."""
    return learn(clinic, LearningOptions(Method.COPULA))


@pytest.mark.parametrize(
    "method", [Method.COPULA, *(pytest.param(one, marks=pytest.mark.nightly) for one in (Method.VAE, Method.GAN))]
)
def test_sampled_rows_keep_relations_and_are_not_copies(
    clinic: Table, visits_model: TableModel, method: Method
) -> None:
    table_model = visits_model if method is Method.COPULA else learn(clinic, LearningOptions(method, epochs=EPOCHS))
    generated = sample(table_model, 300, seed=3)
    assert list(generated.columns) == list(clinic.columns)
    assert generated.row_count == 300
    assert set(generated.columns["sex"]) == {"F", "M"}
    assert all(came <= went for came, went in zip(generated.columns["came"], generated.columns["went"], strict=True))
    parts = zip(generated.columns["drugs"], generated.columns["care"], generated.columns["cost"], strict=True)
    assert all(int(drugs) + int(care) == int(cost) for drugs, care, cost in parts)
    assert all(20 <= int(age) <= 90 for age in generated.columns["age"])
    assert 0.1 < generated.columns["HbA1c"].count("") / 300 < 0.32
    keys = generated.columns["patient id"]
    assert len(set(keys)) == 300
    assert not set(keys) & set(clinic.columns["patient id"])
    assert not {row[1:] for row in list_rows(generated)} & {row[1:] for row in list_rows(clinic)}


def test_same_seed_gives_same_rows(clinic: Table) -> None:
    few = Table({name: clinic.columns[name] for name in ("came", "sex", "age")})
    first, again = (learn(few, LearningOptions(Method.COPULA, seed=4)) for _ in range(2))
    assert sample(first, 60, seed=9) == sample(again, 60, seed=9) == sample(TableModel.unpack(first.pack()), 60, seed=9)
    assert sample(first, 60, seed=9) != sample(first, 60, seed=8)


@pytest.mark.parametrize("method", [pytest.param(Method.GAN, marks=pytest.mark.nightly), Method.VAE, Method.RNN])
def test_resumed_training_and_stored_model_give_same_rows(
    clinic: Table, measurement_series: Table, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Table({name: clinic.columns[name] for name in ("sex", "age")})
    table, options = measurement_series if method is Method.RNN else few, LearningOptions(method, epochs=2)

    class KilledError(Exception):
        """Simulates the end of the process."""

    def raise_killed(progress: TrainingProgress) -> None:
        if progress.epoch == 2:
            raise KilledError

    checkpoints = list[bytes]()
    monkeypatch.setattr("bot.synthesis.training.MIN_CHECKPOINT_SECONDS", 0.0)
    with pytest.raises(KilledError):
        learn(table, options, save_checkpoint=checkpoints.append, on_progress=raise_killed)
    assert len(checkpoints) == 1
    progress_events = list[TrainingProgress]()
    resumed = learn(table, options, checkpoint=checkpoints[-1], on_progress=progress_events.append)
    assert progress_events[0].epoch == 2
    uninterrupted = learn(table, options)
    assert sample(resumed, 25) == sample(uninterrupted, 25) == sample(TableModel.unpack(uninterrupted.pack()), 25)


def test_sequences_keep_their_entity_and_time_order(measurement_series: Table) -> None:
    table_model = learn(measurement_series, LearningOptions(epochs=EPOCHS))
    assert table_model.method is Method.RNN
    generated = sample(table_model, 200)
    people: dict[str, list[tuple[str, ...]]] = {}
    for row in list_rows(generated):
        people.setdefault(row[0], []).append(row)
    assert len(people) > 20
    assert not set(people) & set(measurement_series.columns["person id"])
    assert max(map(len, people.values())) > 1
    for person_rows in people.values():
        assert len({sex for _, _, sex, _ in person_rows}) == 1
        assert [day for _, day, _, _ in person_rows] == sorted(day for _, day, _, _ in person_rows)


def test_sequences_have_realistic_steps() -> None:
    """Weights of 70 people who lose a little each month; some are missing. The report compares the steps with the real
    ones.
    """
    rng, cells = np.random.default_rng(8), list[list[str]]()
    for number in range(70):
        weight = float(rng.uniform(55, 120))
        for month in range(int(rng.integers(3, 8))):
            cells.append([f"K{number:03d}", f"2024-{month + 1:02}-01", f"{weight:.1f}" if rng.random() > 0.1 else ""])
            weight -= float(rng.uniform(-0.2, 0.8))
    names = ["person", "day", "weight"]
    table = Table({name: [row[at] for row in cells] for at, name in enumerate(names)})
    table_model = learn(table, LearningOptions(Method.RNN, entity="person", epochs=12))
    values = sample_values(table_model, 300)
    real = parse_values(table, table_model.plan.columns)
    report = build_report(table_model, real, {name: found[:0] for name, found in real.items()}, values)
    assert report.step_similarity["weight"] > 0.8
    assert report.to_json()["row_to_row"]["weight"] > 0.8
    assert report.missing_shares["weight"][1] > 0.02, "what was missing is missing"
    assert (
        f"differ from the real ones; most of all weight, only {report.step_similarity['weight']:.0%} alike."
        in page.format_text(report, "weights.csv")
    )
    shuffled = values | {"weight": rng.permutation(values["weight"])}
    shuffled_report = build_report(table_model, real, {name: found[:0] for name, found in real.items()}, shuffled)
    assert shuffled_report.step_similarity["weight"] < 0.6
    assert "differ from the real ones; most of all weight" in page.format_text(shuffled_report, "weights.csv")
    same = build_report(table_model, real, {name: found[:0] for name, found in real.items()}, real)
    assert "steps from row to row are distributed like the real ones: 100% alike or more." in page.format_text(
        same, "weights.csv"
    )
    assert (same.new_step_count, same.repeated_time_count) == (0, 0)
    stored_model = TableModel.unpack(table_model.pack())
    assert sample(stored_model, 40) == sample(table_model, 40)


@pytest.mark.parametrize("condition", ["age > 60 and sex = F", "only women over 60", "women above 60"])
def test_rows_meet_condition(visits_model: TableModel, condition: str) -> None:
    generated = sample(visits_model, 40, condition=condition)
    assert generated.row_count == 40
    assert set(generated.columns["sex"]) == {"F"}
    assert min(map(int, generated.columns["age"])) > 60


@pytest.mark.parametrize(
    ("heads", "sexes", "text", "expected"),
    [
        ("Geschlecht,Alter", "wm", "nur Frauen über 60", ["Alter > 60", "Geschlecht = w"]),
        ("Geschlecht,Alter", "wm", "Geschlecht = m und Alter >= 40", ["Geschlecht = m", "Alter >= 40"]),
        ("sexo,edad", "HM", "solo mujeres mayores de 60 años", ["edad > 60", "sexo = M"]),
        ("sexo,edad", "HM", "hombres entre 20 y 30", ["edad >= 20", "edad <= 30", "sexo = H"]),
        ("sexe,âge", "FH", "seulement les femmes de plus de 60 ans", ["âge > 60", "sexe = F"]),
        ("sexo,idade", "FM", "só mulheres acima de 60 anos", ["idade > 60", "sexo = F"]),
        ("sex,age", "FM", "spice = salt and pepper and age > 60", ["spice = salt and pepper", "age > 60"]),
    ],
)
def test_conditions_are_parsed_in_several_languages(heads: str, sexes: str, text: str, expected: list[str]) -> None:
    lines = [f"{sexes[at % 2]},{20 + at * 7 % 61},{('salt and pepper', 'sugar')[at % 3 == 0]}" for at in range(60)]
    table = read_table("x.csv", "\n".join([f"{heads},spice", *lines]).encode())
    assert [str(condition) for condition in parse_conditions(text, detect_columns(table))] == expected


def test_gan_is_conditioned_on_wanted_level(clinic: Table) -> None:
    few = Table({name: clinic.columns[name] for name in ("came", "sex", "age")})
    generated = sample(
        learn(few, LearningOptions(Method.GAN, epochs=1)), 40, condition="sex in (M) and came >= 2024-06-01"
    )
    assert set(generated.columns["sex"]) == {"M"}
    assert min(generated.columns["came"]) >= "2024-06-01"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("age > 200", 'No row can match age > 200: in your table "age" ranges from 20 to'),
        ("sex = X", '"sex" is never "X"'),
        ("only purple ones", "I do not know what"),
        ("patient id = P-0001", '"patient id" is generated for each row'),
        ("age > 88 and HbA1c < 5.2 and drugs > 890", "Too few rows meet age > 88 and HbA1c < 5.2 and drugs > 890"),
    ],
)
def test_impossible_condition_is_rejected(visits_model: TableModel, condition: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        sample(visits_model, 900, condition=condition)
    assert said in str(refused.value)


def test_uncomputed_formulas_are_noted() -> None:
    """A workbook written by a program has formulas without values."""
    book, file = Workbook(), io.BytesIO()
    book.active.append(["a", "b", "sum"])
    for at in range(40):
        book.active.append([at * 7 % 31, at % 5, f"=A{at + 2}+B{at + 2}"])
    book.save(file)
    table_model = learn(read_table("x.xlsx", file.getvalue()), LearningOptions(Method.COPULA))
    assert [str(note) for note in table_model.notes] == [
        "These columns are empty and stay empty: sum. "
        "Formulas only have values once a spreadsheet program has saved the file."
    ]
    with pytest.raises(FileError, match="That table has column headings but no rows."):
        read_table("x.csv", b"a,b\n" + b",\n" * 30)


def test_columns_are_left_out(clinic: Table) -> None:
    generated = sample(learn(clinic, LearningOptions(Method.COPULA, excluded_columns=["Cost", "patient id"])), 30)
    assert list(generated.columns) == ["came", "went", "sex", "age", "HbA1c", "drugs", "care"]
    with pytest.raises(FileError, match='There is no column called "nothing"'):
        learn(clinic, LearningOptions(excluded_columns=["nothing"]))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "That file is empty, so there is no table in it."),
        (b"a,b\n", "That table has column headings but no rows."),
        (b"a,b\n1,2\n", "Rows in that table: 1"),
        (b"a,b\n" + b"NA,NA\n" * 50, "nothing to learn"),
        (b"a,b\n" + b",\n" * 50, "That table has column headings but no rows."),
        (
            ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n" + b"1," * 9_999 + b"1\n",
            "10000 columns; the maximum is 200",
        ),
        (b"x\n" + b"1\n" * 40, "Nearly every possible row is already in your table, because its"),
        (
            b"a,b\n" + b"yes,no\nno,no\nno,yes\nyes,yes\n" * 40,
            "Nearly every possible row is already in your table, because its",
        ),
        (b"a\n" + b"1,2,3\n" * 30, "more cells than there are headings"),
        (b"PK\x03\x04" + bytes(range(256)) * 20, "is"),
    ],
)
def test_hostile_tables_are_rejected(body: bytes, said: str) -> None:
    with pytest.raises((FileError, RefusedError)) as refused:
        sample(learn(read_table("table.csv", body), LearningOptions(Method.COPULA)), 10)
    assert said in str(refused.value)


def build_sparse_workbook() -> bytes:
    """Build a workbook whose last row claims to be row 99,999,999,999."""
    book, body = Workbook(), io.BytesIO()
    for row in [("a", "b"), *(("x", n / 7) for n in range(40))]:
        book.active.append(row)
    book.save(body)
    changed = io.BytesIO()
    with zipfile.ZipFile(body) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(
                name, part.replace(b"</sheetData>", b'<row r="99999999999"><c><v>1</v></c></row></sheetData>')
            )
    return changed.getvalue()


def test_hostile_headings_and_cells_are_harmless() -> None:
    assert read_table("far.xlsx", build_sparse_workbook()).row_count == 40
    rng = np.random.default_rng(3)
    names = ["=1+1", "\U00013000 \u202eabc\x07", '#import "x" $x$ {rows} **b** | <b>', "", "x" * 5_000]
    cells = [[f"{rng.normal():.3f}", "ab"[at % 2], f"9999-12-{at % 28 + 1:02}", "1e9", "z" * 900] for at in range(80)]
    body = "\n".join([",".join(f'"{name.replace(chr(34), chr(39))}"' for name in names), *map(",".join, cells)])
    table = read_table("odd.csv", body.encode())
    for epsilon in (0.0, 100.0):
        table_model = learn(table, LearningOptions(Method.COPULA, epsilon=epsilon))
        generated = sample_values(table_model, 60)
        real = parse_values(table, table_model.plan.columns)
        report = build_report(table_model, real, {name: found[:0] for name, found in real.items()}, generated)
        assert "<b>" not in page.draw_svg(report, "odd.csv")[0]
        assert b"'=1+1" in render_csv(sample(table_model, 30))
    assert page.render_pdf(report, "odd.csv").startswith(b"%PDF")
    assert [column.type for column in table_model.plan.columns if column.name in ("Column 4", "x" * 100)] == [
        ColumnType.NUMBER,
        ColumnType.TEXT,
    ]


def test_oversized_file_is_rejected() -> None:
    with pytest.raises(FileError, match="100 MB; I can learn from at most 50 MB"):
        read_table("table.csv", bytes(100 * 1024 * 1024))


def test_mixed_cells_formulas_and_single_column_are_learnt() -> None:
    rng = np.random.default_rng(1)
    mixed = (
        "n,word\n" + "".join(f"{rng.normal():.4f},{'=1+1' if at % 3 else '@x'}\n" for at in range(97)) + "oops,=1+1\n"
    )
    table_model = learn(read_table("mixed.csv", mixed.encode()), LearningOptions(Method.COPULA))
    assert list(map(str, table_model.notes)) == ["Cells in n that are not numbers and count as missing: 1."]
    assert b",'=1+1" in render_csv(sample(table_model, 50))
    alone = learn(
        read_table("one.csv", ("n\n" + "".join(f"{rng.normal():.3f}\n" for _ in range(60))).encode()),
        LearningOptions(Method.VAE, epochs=1),
    )
    assert sample(alone, 25).row_count == 25


def test_epsilon_is_limited_to_copula(clinic: Table) -> None:
    long_table = Table({name: cells * 10 for name, cells in clinic.columns.items()})
    table_model = learn(long_table, LearningOptions(Method.COPULA, epsilon=8.0))
    generated = sample_values(table_model, 500)
    assert abs(float((generated["sex"] == "F").mean()) - clinic.columns["sex"].count("F") / clinic.row_count) < 0.15
    assert 20 < float(np.nanmedian(generated["age"])) < 90
    assert not table_model.row_fingerprints
    with pytest.raises(RefusedError, match="Only the copula"):
        learn(clinic, LearningOptions(Method.GAN, epsilon=1.0))
    with pytest.raises(RefusedError, match='With such a small epsilon, only noise is left of "'):
        learn(clinic, LearningOptions(Method.COPULA, epsilon=0.01))


def test_report_distinguishes_good_bad_and_copied_rows(clinic: Table) -> None:
    table, held_out = split_holdout(clinic, 1)
    assert (table.row_count, held_out.row_count) == (216, 24)
    table_model = learn(table, LearningOptions(Method.COPULA), held_out=held_out)
    real, held_out_values = (parse_values(part, table_model.plan.columns) for part in (table, held_out))
    generated = sample_values(table_model, 216)
    good_report = build_report(table_model, real, held_out_values, generated)
    figures = good_report.to_json()
    assert figures["privacy"]["rows_copied"] == 0
    assert figures["constraints_broken"] == 0
    assert figures["quality"]["overall"] > 0.85
    assert figures["missing"].keys() == {"HbA1c"}
    english = set(page.format_text(good_report, "clinic.csv").splitlines())
    assert "- Generated again, in their original format: patient id." in english
    for language in WHOLE:
        spoken = set(page.format_text(good_report, "clinic.csv", language).splitlines())
        assert english & spoken == {"|---|---|"}, "a line is English"
        assert len(english) == len(spoken)
        assert "<text" in page.draw_svg(good_report, "clinic.csv", language)[0]
    assert "Nutzen für sex" in page.format_alt_text(good_report, "clinic.csv", "de")
    mixed = dict(generated)
    mixed["age"] = mixed["age"] * 0 + 20
    mixed["cost"] = np.random.default_rng(1).permutation(mixed["cost"])
    bad_report = build_report(table_model, real, held_out_values, mixed).to_json()
    assert bad_report["quality"]["overall"] < figures["quality"]["overall"]
    assert bad_report["two_sample"]["auc"] > 0.95
    assert bad_report["constraints_broken"] > 100
    copied = build_report(table_model, real, held_out_values, real).to_json()
    assert copied["privacy"]["rows_copied"] == 216
    assert copied["privacy"]["nearest_learnt_row"]["share_closer_than_held_out"] > 0.95
    assert copied["privacy"]["singling_out"]["risk"] > figures["privacy"]["singling_out"]["risk"]
    assert any("do not publish it" in sentence for sentence in copied["good_for"])


def test_column_types_are_detected(visits_model: TableModel) -> None:
    sorts = {column.name: column.type for column in visits_model.plan.columns}
    assert [name for name, sort in sorts.items() if sort is ColumnType.DATE] == ["came", "went"]
    assert [name for name, sort in sorts.items() if sort is ColumnType.KEY] == ["patient id"]
    assert [name for name, sort in sorts.items() if sort is ColumnType.CATEGORY] == ["sex"]
    generated = sample(visits_model, 20)
    assert all(datetime.date.fromisoformat(day) for day in generated.columns["came"])
