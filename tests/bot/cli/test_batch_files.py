"""Tests of `batch` with foreign files, full disks and concurrent batches; and of atomic writing."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from router_cache import install_router

from bot.cli.batch import open_results
from bot.errors import FileError
from bot.runtime.files import write_file

Run = Callable[..., Any]
JOB = {"id": "a", "kind": "explanation", "brief": "news"}
RESULT = {"id": "b", "kind": "ad", "text": "x", "parts": {}, "checks": [], "engine": "e", "seed": 0, "ms": 1}


@pytest.fixture
def jobs(tmp_path: Path) -> Path:
    file = tmp_path / "jobs.jsonl"
    file.write_text(json.dumps(JOB) + "\n")
    return file


def read_rows(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_bytes().decode("utf-8-sig").splitlines() if line.strip()]


@pytest.mark.parametrize(
    "body",
    [
        b"name,phone\nAnn,123\nBob,456",
        b'{"organisation": "Fern"}',
        b'{"organisation": "Fe',
        b"notes",
        b"{",
        b'{"id": "1", "kind": "ad", "brief": "tea"}\n{"id": "2", "kind": "ad", "brief": "ca',
        b'{"id": "1", "kind": "ad", "brief": "tea"}',
        b'{"id": "1", "brief": "te',
        b'{"id": "1", "error": "x", "level": "WARNING"}\n',
        b'{"id": "1"}\n',
        b'{"id": "1", "text": "My diary of many years',
        b'{"id": "1", "seed": 4, "ki',
        b"[1]\n[2",
        b'{"id": 1' + b"0" * 5000 + b"}\n",
        json.dumps(RESULT).encode() + b"\nmy note",
        "Привет".encode("cp1251"),
        b"\x00" * 40 + b"x",
        b"\xff\xfe{\x00",
    ],
)
def test_other_files_are_unchanged(run: Run, tmp_path: Path, jobs: Path, body: bytes) -> None:
    out = tmp_path / "notes"
    out.write_bytes(body)
    if body == b"{":  # Nothing says whose that is; it is set aside and not lost.
        assert run("batch", str(jobs), str(out)).exit_code == 0
        assert (tmp_path / "notes.torn").read_bytes() == body
        return
    result = run("batch", str(jobs), str(out))
    assert result.exit_code == 2
    assert "is not a batch result, so nothing was written. Name another file." in str(result.exception)
    assert out.read_bytes() == body
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == ["jobs.jsonl", "notes"]


@pytest.mark.parametrize(
    ("body", "aside"),
    [
        (json.dumps(RESULT) + '\n{"id": "c", "te', '{"id": "c", "te'),
        (json.dumps(RESULT) + "\r\n", ""),
        (json.dumps(RESULT), ""),
        ("\ufeff" + json.dumps(RESULT) + "\n\n", ""),
        ('{"id": "b", "error": "no"}\n{"id": "c", "kind": "ad", "text": "so', '{"id": "c", "kind": "ad", "text": "so'),
        ('{"i', '{"i'),
        ("", ""),
    ],
)
def test_own_file_is_continued(run: Run, tmp_path: Path, jobs: Path, body: str, aside: str) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(body.encode())
    (tmp_path / "out.jsonl.torn").write_text("mine")
    assert run("batch", str(jobs), str(out)).exit_code == 0
    assert [row["id"] for row in read_rows(out)][-1] == "a"
    assert len(read_rows(out)) == 1 + ('"b"' in body)
    assert (tmp_path / "out.jsonl.torn").read_text() == "mine"
    assert (tmp_path / "out.jsonl.torn-2").exists() == bool(aside)
    if aside:
        assert (tmp_path / "out.jsonl.torn-2").read_text() == aside


def test_partial_line_within_character_or_followed_by_zeros_is_recognised(run: Run, tmp_path: Path, jobs: Path) -> None:
    out = tmp_path / "out.jsonl"
    for torn in ('{"id": "c", "kind": "ad", "text": "ü'.encode()[:-1], b'{"id": "c", "err\0\0\0'):
        out.write_bytes(json.dumps(RESULT).encode() + b"\n" + torn)
        assert run("batch", str(jobs), str(out)).exit_code == 0
        assert [row["id"] for row in read_rows(out)] == ["b", "a"]


def test_row_cut_anywhere_is_recognised(run: Run, tmp_path: Path, jobs: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("batch", str(jobs), str(out)).exit_code == 0
    row = out.read_bytes().rstrip(b"\n")
    for at in [*range(1, len(row), 7), len(row) - 1]:
        out.write_bytes(row[:at])
        with open_results(out) as kept:
            assert kept.done == frozenset()


@pytest.mark.parametrize("body", [b"   ", b"\n\n  \n ", b"\t"])
def test_blank_files_are_continued(run: Run, tmp_path: Path, jobs: Path, body: bytes) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(body)
    assert run("batch", str(jobs), str(out)).exit_code == 0
    assert out.read_bytes().startswith(body + b"\n{")


@pytest.mark.parametrize("link", ["symlink_to", "hardlink_to"])
def test_jobs_file_by_another_name_is_rejected(run: Run, tmp_path: Path, jobs: Path, link: str) -> None:
    getattr(tmp_path / "out.jsonl", link)(jobs)
    before = jobs.read_bytes()
    result = run("batch", str(jobs), str(tmp_path / "out.jsonl"))
    assert (result.exit_code, jobs.read_bytes()) == (2, before)


def test_folder_is_rejected(run: Run, tmp_path: Path, jobs: Path) -> None:
    assert "cannot be written: Is a directory." in str(run("batch", str(jobs), str(tmp_path)).exception)


def test_second_batch_on_one_file_is_rejected(run: Run, tmp_path: Path, jobs: Path) -> None:
    out, other = tmp_path / "out.jsonl", tmp_path / "other.jsonl"
    other.symlink_to(out)
    with open_results(out):
        result = run("batch", str(jobs), str(other))
    assert result.exit_code == 2
    assert "Another batch writes to" in str(result.exception)
    assert run("batch", str(jobs), str(other)).exit_code == 0


def test_lone_surrogate_fails_only_its_job(run: Run, tmp_path: Path, jobs: Path) -> None:
    odd = [{**JOB, "id": "\ud800"}, {**JOB, "kind": "\udfff", "id": "k"}, {**JOB, "brief": "new\ud83ds", "id": "c"}]
    jobs.write_text("".join(json.dumps(row) + "\n" for row in [*odd, JOB]))
    out = tmp_path / "out.jsonl"
    for _ in range(2):
        assert run("batch", str(jobs), str(out)).exit_code == 1
    assert {row["id"]: "error" in row for row in read_rows(out)} == {"\ud800": True, "k": True, "c": False, "a": False}


FULL = """
import sys
from bot.cli import generate
from bot.engines import Engine
from bot.engines.scripted import ScriptedProvider
from tests.conftest import good_answer
generate.build_engines = lambda _: [Engine(ScriptedProvider(good_answer), name="s")]
from bot.cli import main
sys.argv = ["quillmate", *sys.argv[1:]]
main()
"""


@pytest.mark.nightly
def test_full_disk_is_reported_and_next_start_continues(tmp_path: Path, jobs: Path, trained: Path) -> None:
    """A limit on file sizes simulates the full disk."""
    install_router(trained, tmp_path / "data")
    jobs.write_text("".join(json.dumps({**JOB, "id": str(number)}) + "\n" for number in range(4)))
    out = tmp_path / "out.jsonl"
    given = {**os.environ, "QUILLMATE_DATA": str(tmp_path / "data"), "QUILLMATE_EMBEDDINGS": "none"}
    given["PYTHONPATH"] = os.pathsep.join([str(Path.cwd()), str(Path.cwd() / "tests")])
    given["PYTHONDONTWRITEBYTECODE"] = "1"  # Python keeps what it could not write whole, and fails at it from then on.
    typed = [sys.executable, "-c", FULL, "batch", str(jobs), str(out)]
    small = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1500, 1500))  # noqa: E731
    done = subprocess.run(typed, env=given, capture_output=True, text=True, timeout=60, preexec_fn=small)
    assert done.returncode == 2
    assert done.stderr.startswith(f"{out} cannot be written: ")
    assert len(done.stderr.splitlines()) == 1
    kept = read_rows(out)
    assert 1 <= len(kept) < 4, "the row that did not fit is taken back"
    done = subprocess.run(typed, env=given, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(row["id"] for row in read_rows(out)) == ["0", "1", "2", "3"]
    assert read_rows(out)[: len(kept)] == kept


def test_full_device_is_reported(run: Run, jobs: Path) -> None:
    result = run("batch", str(jobs), "/dev/full")
    assert (result.exit_code, "/dev/full cannot be written: No space left on device." in str(result.exception)) == (
        2,
        True,
    )


def test_surplus_cells_are_rejected(run: Run, tmp_path: Path) -> None:
    file, out = tmp_path / "jobs.csv", tmp_path / "out.jsonl"
    file.write_text("id,kind,brief\n1,explanation,news\n2,explanation,tea, hot and sweet\n")
    assert "Line 3 of" in str(run("batch", str(file), str(out)).exception)
    assert not out.exists()
    file.write_text("id,brief,brief\n1,a,b\n")
    assert "has two columns brief" in str(run("batch", str(file), str(out)).exception)
    file.write_text("id,kind,brief\n1,explanation,news,,\n")
    assert run("batch", str(file), str(out)).exit_code == 0


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_jobs_in_other_encodings_are_read_with_notice(run: Run, script: Any, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"jobs.{ending}"
    said = "Мы закрыты в понедельник"
    row = (
        f"id,kind,brief\n1,explanation,{said}\n"
        if ending == "csv"
        else json.dumps({**JOB, "brief": said}, ensure_ascii=False)
    )
    file.write_bytes(row.encode("cp1251"))
    result = run("batch", str(file), str(tmp_path / "out.jsonl"))
    assert "is not UTF-8; I read it as Windows-1251 (Cyrillic)." in result.stderr
    assert script.drafts[-1].endswith(said)


def test_too_many_digits_are_rejected(run: Run, tmp_path: Path, jobs: Path, trained: Path) -> None:
    install_router(trained, tmp_path / "data")
    digits = "1" * 5000
    jobs.write_text(f'{{"id": {digits}, "brief": "x"}}\n')
    assert "Line 1 of" in str(run("batch", str(jobs), str(tmp_path / "o")).exception)
    profile = tmp_path / "me.json"
    profile.write_text(digits)
    assert "far too many digits" in str(run("generate", "ad", "x", "--profile", str(profile)).exception)
    result = run("route", stdin=f'{digits}\n"write a quiz"\n')
    first, second = map(json.loads, result.stdout.splitlines())
    assert ("error" in first, second["kind"]) == (True, "quiz")


def test_files_are_written_atomically(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    file, link = tmp_path / "me.md", tmp_path / "link.md"
    file.write_text("old")
    file.chmod(0o640)
    link.symlink_to(file)
    write_file(link, b"new")
    assert (file.read_text(), link.is_symlink(), file.stat().st_mode & 0o777) == ("new", True, 0o640)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, before[1]))
    try:
        with pytest.raises(FileError, match="cannot be written"):
            write_file(file, b"x" * 100)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text() == "new"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["link.md", "me.md"]
    with pytest.raises(FileError, match="No space left on device"):
        write_file(Path("/dev/full"), b"x")
