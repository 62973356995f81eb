"""Tests of `quillmate data`."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from bot.cli.data import TableRequest, generate_more, invent, make
from bot.cli.data_files import load_or_create_people_secret
from bot.errors import FileError, RefusedError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    lines = [f"{rng.normal(50, 9):.1f},{'FM'[rng.integers(2)]},{rng.integers(20, 90)}" for _ in range(200)]
    file = tmp_path / "in.csv"
    file.write_text("value,sex,age\n" + "\n".join(lines) + "\n")
    return file


def test_table_is_learnt_reported_saved_and_sampled_again(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report, model_file = tmp_path / "out.csv", tmp_path / "report.json", tmp_path / "kept.model"
    request = TableRequest("copula", 50, 1, report=report, save=model_file, condition="women over 60")
    assert make(source, out, request) == 0
    rows = [line.split(",") for line in out.read_text().splitlines()]
    assert rows[0] == ["value", "sex", "age"]
    assert len(rows) == 51
    assert all(sex == "F" and int(age) > 60 for _, sex, age in rows[1:])
    figures = json.loads(report.read_text())
    assert figures["rows"] == 50
    assert figures["privacy"]["rows_copied"] == 0
    assert {"quality", "two_sample", "train_on_synthetic", "column_shapes", "pair_trends", "good_for"} <= figures.keys()
    assert report.with_suffix(".pdf").read_bytes().startswith(b"%PDF")
    assert report.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    assert model_file.stat().st_mode & 0o077 == 0
    assert "50 rows, made by copula" in capsys.readouterr().err
    assert generate_more(model_file, tmp_path / "more.csv", 30, 5, "sex = M") == 0
    assert len((tmp_path / "more.csv").read_text().splitlines()) == 31
    with pytest.raises(FileError, match="That is not one of my models, or it is damaged. Learn from the table again."):
        generate_more(source, tmp_path / "no.csv", 3, 1, "")
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []


def test_report_is_translated(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.json"
    make(source, tmp_path / "out.csv", TableRequest("copula", 50, 1, report=report, language="de"))
    paper = "".join(page.extract_text() for page in PdfReader(report.with_suffix(".pdf")).pages)
    assert "Erfundene Daten nach in.csv" in paper
    assert "Verteilung der Spalten" in paper
    assert "Sie beweist nichts über echte Menschen" in capsys.readouterr().err


@pytest.mark.nightly
def test_interrupted_training_resumes_only_with_same_table(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.synthesis.training.MIN_CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("bot.cli.data.sample_values", lambda *_, **__: 1 / 0)
    request, out = TableRequest("vae", 20, 1, epochs=2), tmp_path / "out.csv"
    with pytest.raises(ZeroDivisionError):
        make(source, out, request)
    checkpoint = tmp_path / ".out.csv.training"
    assert checkpoint.stat().st_mode & 0o077 == 0
    monkeypatch.undo()
    assert make(source, out, request) == 0
    assert "Continuing the interrupted training" in capsys.readouterr().err
    assert not checkpoint.exists()


def test_table_is_invented_from_words(tmp_path: Path) -> None:
    assert invent("20 patients: age, sex, HbA1c", tmp_path / "out.csv", 0, 1) == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 21
    with pytest.raises(RefusedError, match="frobnicity"):
        invent("20 patients: frobnicity", tmp_path / "out.csv", 0, 1)


@pytest.fixture
def patients(tmp_path: Path) -> Path:
    """Visits of 40 patients with names, e-mail addresses and phone numbers."""
    rng = np.random.default_rng(3)
    names = [
        f"{one} {other}"
        for one in ("Anna", "Paul", "Lena", "Jonas", "Clara")
        for other in ("Schmidt", "Weber", "Wolf", "Koch", "Bauer", "Klein", "Richter", "Vogel")
    ]
    lines = [
        f"{name},{name.lower().replace(' ', '.')}@real.de,0171 {1000000 + at},{rng.integers(20, 90)},{rng.integers(9999)}"
        for at, name in [(int(at), names[at]) for at in rng.integers(0, 40, 300)]
    ]
    file = tmp_path / "patients.csv"
    file.write_text("patient,e-mail,phone,age,cost\n" + "\n".join(lines) + "\n")
    return file


def split_cells(body: str) -> set[str]:
    return {cell for line in body.splitlines()[1:] for cell in line.split(",")}


def test_personal_data_is_replaced_and_kept_columns_are_announced(
    patients: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report = tmp_path / "out.csv", tmp_path / "report.json"
    make(patients, out, TableRequest("copula", 300, 1, report=report))
    real = {cell for cell in split_cells(patients.read_text()) if not cell.isdigit()}
    assert not split_cells(out.read_text()) & real
    assert "Personal data, all of it made up: patient, e-mail, phone." in capsys.readouterr().err
    figures = json.loads(report.read_text())
    assert figures["personal"]["e-mail"] == {"holds": "e-mail address", "made_up": True}
    assert (
        make(
            patients,
            out,
            TableRequest("copula", 300, 1, real_columns=("Phone",), personal_columns=("age=personal number",)),
        )
        == 0
    )
    first, *rest = capsys.readouterr().err.splitlines()
    assert first == "These columns are kept as they are, with their real values: phone."
    assert first not in rest
    assert split_cells(out.read_text()) & real <= {cell for cell in real if cell.startswith("0171")}
    with pytest.raises(RefusedError, match="I do not know “shoe size”"):
        make(patients, out, TableRequest("copula", 9, 1, personal_columns=("age=shoe size",)))


def test_replacements_are_stable_on_one_machine(patients: Path, tmp_path: Path) -> None:
    secret = load_or_create_people_secret(tmp_path / "data")
    assert load_or_create_people_secret(tmp_path / "data") == secret
    assert (tmp_path / "data" / "people.secret").stat().st_mode & 0o077 == 0
    assert len(secret) == 32
    assert load_or_create_people_secret(Path("/proc/nowhere")) == b""


@pytest.mark.parametrize("ending", ["xlsx", "json", "csv", "-"])
def test_output_format_follows_extension(
    source: Path, tmp_path: Path, ending: str, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    out = Path("-") if ending == "-" else tmp_path / f"out.{ending}"
    make(source, out, TableRequest("copula", 20, 1))
    printed = capfdbinary.readouterr().out
    if ending == "xlsx":
        rows = [[cell.value for cell in row] for row in load_workbook(out).active.iter_rows()]
        assert isinstance(rows[1][0], (int, float))
    elif ending == "json":
        found = json.loads(out.read_text())
        rows = [[*found[0]], *([*one.values()] for one in found)]
        assert isinstance(rows[1][2], int)
    else:
        rows = [line.split(",") for line in (printed if ending == "-" else out.read_bytes()).decode().splitlines()]
    assert (rows[0], len(rows)) == (["value", "sex", "age"], 21)
    assert (ending == "-") == bool(printed)
    assert not Path("-").exists()


def test_unwritable_outputs_are_rejected_before_learning(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.cli.data.learn", lambda *_, **__: 1 / 0)
    monkeypatch.setattr("bot.cli.data.read_table", lambda *_: 1 / 0)
    request = TableRequest("copula", 5, 1)
    for out, said in (
        (tmp_path / "out.doc", r"out.doc cannot be written: name a file that ends in .csv, .xlsx, .json, .parquet"),
        (tmp_path / "out", "name a file that ends in"),
        (tmp_path / "nowhere" / "out.csv", "cannot be written: No such file or directory."),
        (source / "out.csv", "cannot be written: Not a directory"),
        (tmp_path, "name a file that ends in"),
    ):
        with pytest.raises(FileError, match=said):
            make(source, out, request)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(FileError, match="is a folder. Name a file."):
        make(source, tmp_path / "folder.csv", request)
    with pytest.raises(FileError, match="cannot be written: No such file"):
        make(source, tmp_path / "out.csv", replace(request, report=tmp_path / "nowhere" / "report.json"))
    for twice in (request, replace(request, report=source)):
        with pytest.raises(FileError, match="is named twice. Write to another file."):
            make(source, source if twice is request else tmp_path / "out.csv", twice)
    for write in (
        lambda: make(source, tmp_path / "out.csv", replace(request, rows=10**7)),
        lambda: generate_more(source, tmp_path / "o.csv", 10**7, 1, ""),
    ):
        with pytest.raises(RefusedError, match="I can make 1 to 1,000,000 rows, not 10,000,000."):
            write()
    with pytest.raises(FileError, match="name a file that ends in"):
        invent("20 patients: age, sex", tmp_path / "out.txt", 0, 1)
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(FileError, match=r"To write .parquet I need the library pyarrow: install quillmate\[parquet\]"):
        make(source, tmp_path / "out.parquet", request)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["folder.csv", "in.csv"]


def test_two_tables_are_generated_with_one_key(tmp_path: Path) -> None:
    """With dates, so the rows of a patient are learnt as a sequence."""
    rng = np.random.default_rng(4)
    first = ["id,patient,born"] + [
        f"{at + 1},Anna Meier{chr(97 + at % 26)}{chr(97 + at // 26)},{rng.integers(1930, 2000)}" for at in range(50)
    ]
    second = ["id,day,ward"]
    for at in range(40):
        second += [
            f"{at + 1},2024-{month + 1:02}-{rng.integers(1, 28):02},{'AB'[rng.integers(2)]}"
            for month in range(rng.integers(1, 5))
        ]
    files = [tmp_path / name for name in ("patients.csv", "visits.csv", "out.csv", "visits.json")]
    for file, lines in zip(files, (first, second), strict=False):
        file.write_text("\n".join(lines))
    with pytest.raises(RefusedError, match="Name a column that both tables have"):
        make(files[0], files[2], TableRequest("auto", 0, 1, second_source=files[1], second_out=files[3]))
    make(
        files[0],
        files[2],
        TableRequest(
            "auto", 0, 1, second_source=files[1], second_out=files[3], key="id", epochs=3, report=tmp_path / "r.json"
        ),
    )
    rows = [line.split(",") for line in files[2].read_text().splitlines()]
    assert rows[0] == ["id", "patient", "born"]
    keys = [row[0] for row in rows[1:]]
    assert len(set(keys)) == len(keys) == 50
    visits = json.loads(files[3].read_text())
    assert set(visits[0]) == {"id", "day", "ward"}
    assert {str(one["id"]) for one in visits} <= set(keys)
    assert all(one["day"] for one in visits)
    assert not {row[1] for row in rows[1:]} & {line.split(",")[1] for line in first}


def test_rule_option_holds_in_every_row(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    assert make(source, out, TableRequest("copula", 50, 1, rules=("value >= age",))) == 0
    rows = [line.split(",") for line in out.read_text().splitlines()[1:]]
    assert all(float(value) >= int(age) for value, _, age in rows)


def test_parquet_columns_are_typed(source: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="comes with quillmate[parquet]")
    make(source, tmp_path / "out.parquet", TableRequest("copula", 20, 1))
    table = parquet.read_table(tmp_path / "out.parquet")
    assert [(one.name, str(one.type)) for one in table.schema] == [
        ("value", "double"),
        ("sex", "string"),
        ("age", "int64"),
    ]


def test_short_list_of_people_is_generated(tmp_path: Path) -> None:
    """All people are fictional, so no row is a copy."""
    file, out = tmp_path / "in.csv", tmp_path / "out.csv"
    file.write_text(
        "name,mail\n" + "".join(f"{name},{at}@real.de\n" for at in range(20) for name in ("Anna Schmidt", "Paul Weber"))
    )
    make(file, out, TableRequest("copula", 30, 1))
    assert not split_cells(out.read_text()) & split_cells(file.read_text())
    assert len(out.read_text().splitlines()) == 31
