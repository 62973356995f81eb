"""Tests of terminal encodings, briefs from standard input, and unreadable files."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.runtime.streams import read_rows, replace_unencodable, write_row

Run = Callable[..., Any]
BUDGET = "budget 2000 €, CPC 0.40 to 0.90, conversion 1 to 3 %, order value 45"


def run_program(
    tmp_path: Path, *words: str, stdin: bytes = b"", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    given = {**os.environ, "QUILLMATE_DATA": str(tmp_path), "QUILLMATE_EMBEDDINGS": "none", **environment}
    return subprocess.run(
        [sys.executable, "-m", "bot", *words], env=given, input=stdin, capture_output=True, timeout=60
    )


@pytest.mark.parametrize(
    ("encoding", "words", "shown"),
    [
        ("cp1252", ("whatif", BUDGET), "order value: 45.00\N{NO-BREAK SPACE}€"),
        ("ascii", ("whatif", BUDGET), "order value: 45.00 EUR"),
        pytest.param("cp437", ("doctor", "--offline"), "+ Database:", marks=pytest.mark.nightly),
        pytest.param("ascii", ("model", "list"), "hears: voice messages", marks=pytest.mark.nightly),
        ("ascii", ("palette", "warm", "--language", "de"), "Akzent"),
    ],
)
def test_output_is_adapted_to_terminal_encoding(
    tmp_path: Path, encoding: str, words: tuple[str, ...], shown: str
) -> None:
    done = run_program(tmp_path, *words, PYTHONIOENCODING=encoding)
    assert shown in done.stdout.decode(encoding)
    assert b"Traceback" not in done.stderr
    assert b"Something went wrong" not in done.stderr


def test_errors_are_adapted_to_encoding(tmp_path: Path) -> None:
    done = run_program(tmp_path, "limits", "日本→", PYTHONIOENCODING="cp1252")
    assert done.stderr.startswith(b'There is no platform "??->"; choose one of ')
    assert done.returncode == 2


@pytest.mark.parametrize(
    ("text", "encoding", "shown"),
    [
        ("“Tee” – 5 € …", "cp1252", "“Tee” – 5 € …"),
        ("“Tee” – 5 € …", "ascii", '"Tee" - 5 EUR ...'),
        ("⚠️ ½ à Łódź ≥ 3 ≠ 4", "ascii", "! 1/2 a ?odz >= 3 != 4"),
        ("✓ 漢字", "cp1252", "+ ??"),
        ("e\u0301 \ud800", "utf-8", "e\u0301 ?"),
    ],
)
def test_unencodable_characters_are_replaced(
    monkeypatch: pytest.MonkeyPatch, text: str, encoding: str, shown: str
) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    replace_unencodable()
    print(text, end="", flush=True)
    assert stream.buffer.getvalue().decode(encoding) == shown  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("encoding", "line"), [("utf-8", '{"text": "“é”"}'), ("ascii", '{"text": "\\u201c\\u00e9\\u201d"}')]
)
def test_rows_are_json_in_every_encoding(encoding: str, line: str) -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    write_row({"text": "“é”"}, stream)
    assert stream.buffer.getvalue().decode(encoding) == f"{line}\n"  # type: ignore[attr-defined]


def test_rows_are_read_as_utf8() -> None:
    body = '\ufeff"für"\n'.encode() + '"für"\n'.encode("cp1252")
    assert list(read_rows(io.TextIOWrapper(io.BytesIO(body), "cp1252"))) == ['"für"\n', '"für"\n']
    given = io.TextIOWrapper(io.BytesIO('{"brief": "für 3 Tage"}\n'.encode()), "ascii")
    assert [json.loads(row) for row in read_rows(given)] == [{"brief": "für 3 Tage"}]


def test_brief_is_read_from_standard_input(run: Run, script: Any) -> None:
    script.says("We close.")
    assert run("generate", "explanation", "-", stdin="Wir schließen am Montag.\n").exit_code == 0
    assert "Wir schließen am Montag." in script.prompts[0]
    assert "The brief is empty" in str(run("generate", "explanation", "-").exception)
    assert "more than 60,000 characters" in str(run("generate", "explanation", "-", stdin="a" * 240_001).exception)


def test_failed_checks_are_one_line(run: Run, script: Any) -> None:
    script.says(" ".join(["We close on Monday."] * 20))
    missed = [
        one for one in run("generate", "social_post", "tweet: we close").stderr.splitlines() if "requested" in one
    ]
    assert missed == ["Not as requested: 399 of 280 characters as X counts them (X's limit)."]
    script.says("We close on Monday.")
    assert "Not as requested" not in run("generate", "social_post", "tweet: we close").stderr


@pytest.mark.parametrize(
    "words",
    [
        ("generate", "ad", "x", "--profile", "{}"),
        ("batch", "{}", "out.jsonl"),
        ("learn", "{}"),
        ("export", "{}", "docx"),
        ("data", "make", "{}", "out.csv"),
        ("data", "more", "{}", "out.csv"),
        ("brand-sheet", "{}", "out.md"),
        ("readers", "{}", "{}"),
        ("describe", "{}"),
    ],
)
def test_pipe_is_rejected(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    refused = run(*(word.format(pipe) for word in words))
    assert str(refused.exception) == f"{pipe} is a pipe or a device. Save its output to a file, and name that file."


def test_library_warnings_are_hidden(tmp_path: Path) -> None:
    code = (
        "import warnings; from bot.cli import app, main; "
        "app.command('warn')(lambda: warnings.warn('divide', RuntimeWarning)); main()"
    )
    given = {**os.environ, "QUILLMATE_DATA": str(tmp_path)}
    given.pop("PYTHONWARNINGS", None)
    for options, shown in (((), False), (("-W", "default"), True)):
        done = subprocess.run(
            [sys.executable, *options, "-c", code, "warn"], env=given, capture_output=True, text=True, timeout=60
        )
        assert ("RuntimeWarning" in done.stderr, done.returncode) == (shown, 0)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="it is a device of Linux")
@pytest.mark.parametrize("words", [("limits", "x"), ("--version",), ("whatif", BUDGET)])
def test_full_output_device_is_reported(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        given = {**os.environ, "QUILLMATE_DATA": str(tmp_path), "QUILLMATE_EMBEDDINGS": "none"}
        command = [sys.executable, "-m", "bot", *words]
        done = subprocess.run(command, env=given, stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.stderr.decode() == "The output cannot be written: No space left on device.\n"
    assert done.returncode == 1
