"""`quillmate data` as it is typed: files in, files out."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pypdf import PdfReader

from bot.cli.data import Asked, invent, make, more
from bot.errors import FileError, RefusedError


@pytest.fixture
def source(tmp_path: Path) -> Path:
    rng = np.random.default_rng(2)
    lines = [f"{rng.normal(50, 9):.1f},{'FM'[rng.integers(2)]},{rng.integers(20, 90)}" for _ in range(200)]
    file = tmp_path / "in.csv"
    file.write_text("value,sex,age\n" + "\n".join(lines) + "\n")
    return file


def test_a_table_is_learnt_reported_kept_and_asked_for_more(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, report, kept = tmp_path / "out.csv", tmp_path / "report.json", tmp_path / "kept.model"
    asked = Asked("copula", 50, 1, report=report, keep=kept, condition="women over 60")
    assert make(source, out, asked) == 0
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
    assert kept.stat().st_mode & 0o077 == 0
    assert "50 rows, made by copula" in capsys.readouterr().err
    assert more(kept, tmp_path / "more.csv", 30, 5, "sex = M") == 0
    assert len((tmp_path / "more.csv").read_text().splitlines()) == 31
    with pytest.raises(FileError, match="That is not one of my models, or it is damaged. Learn from the table again."):
        more(source, tmp_path / "no.csv", 3, 1, "")
    assert sorted(one.name for one in tmp_path.iterdir() if one.name.startswith(".")) == []


def test_a_report_is_in_the_language_that_is_asked_for(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    make(source, tmp_path / "out.csv", Asked("copula", 50, 1, report=report, language="de"))
    paper = "".join(page.extract_text() for page in PdfReader(report.with_suffix(".pdf")).pages)
    assert "Erfundene Daten nach in.csv" in paper
    assert "Verteilung der Spalten" in paper
    assert "Sie beweist nichts über echte Menschen" in capsys.readouterr().err


def test_training_that_was_broken_off_goes_on_with_the_same_table_alone(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("bot.synthesis.training._BETWEEN", 0.0)
    monkeypatch.setattr("bot.cli.data.sample_values", lambda *_, **__: 1 / 0)
    asked, out = Asked("vae", 20, 1, epochs=2), tmp_path / "out.csv"
    with pytest.raises(ZeroDivisionError):
        make(source, out, asked)
    checkpoint = tmp_path / ".out.csv.training"
    assert checkpoint.stat().st_mode & 0o077 == 0
    monkeypatch.undo()
    assert make(source, out, asked) == 0
    assert "Going on with the training" in capsys.readouterr().err
    assert not checkpoint.exists()


def test_a_table_is_invented_from_words(tmp_path: Path) -> None:
    assert invent("20 patients: age, sex, HbA1c", tmp_path / "out.csv", 0, 1) == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 21
    with pytest.raises(RefusedError, match="frobnicity"):
        invent("20 patients: frobnicity", tmp_path / "out.csv", 0, 1)
