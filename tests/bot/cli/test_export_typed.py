"""Tests of `quillmate export`."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document

Run = Callable[..., Any]
POST = {"kind": "article", "text": "## Tea\n\nWe **close** on Monday.", "parts": {}}


@pytest.fixture(autouse=True)
def _enter_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read_words(file: Path) -> list[str]:
    return [one.text for one in Document(io.BytesIO(file.read_bytes())).paragraphs]


def test_output_of_generate_is_exported(run: Run, script: Any, tmp_path: Path) -> None:
    script.says("## Tea\n\nWe **close** on Monday.")
    Path("tea.txt").write_text(run("generate", "article", "tea", "--json").stdout)
    asked = len(script.prompts)
    result = run("export", "tea.txt", "docx")
    assert (result.stdout, result.exit_code) == ("Written to tea.docx.\n", 0)
    assert read_words(tmp_path / "tea.docx") == ["Tea", "We close on Monday."]
    assert len(script.prompts) == asked, "no model is asked"
    assert "tea.docx already exists" in str(run("export", "tea.txt", ".DOCX").exception)
    assert run("export", "tea.txt", "docx", "tea.docx").exit_code == 0, "what is named is written over"


def test_batch_row_is_chosen_by_id(run: Run, tmp_path: Path) -> None:
    rows = [{"id": "a", **POST}, {"id": "b", "error": "x"}, {"id": "c", **POST, "text": "Coffee."}]
    Path("out.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    assert "out.jsonl contains 2 results. Choose one with --id: a, c." in str(
        run("export", "out.jsonl", "md").exception
    )
    assert "no result with the ID b" in str(run("export", "out.jsonl", "md", "--id", "b").exception)
    run("export", "out.jsonl", "md", "--id", "c")
    assert "Coffee." in Path("out-c.md").read_text()


def test_row_id_is_sanitised_and_invalid_parts_are_reported(run: Run, tmp_path: Path) -> None:
    Path("x.txt").write_text("mine")
    Path("e1.jsonl").write_text(json.dumps({"id": "../../x", **POST}) + "\n" + json.dumps({"id": "b", **POST}))
    run("export", "e1.jsonl", "txt", "--id", "../../x")
    assert (Path("x.txt").read_text(), Path("e1-x.txt").exists()) == ("mine", True)
    odd = {"kind": "quiz", "text": "q", "parts": {"items": [{"question": "q", "options": ["a", "b"], "correct": "b"}]}}
    Path("odd.json").write_text(json.dumps(odd))
    refused = run("export", "odd.json", "gift")
    assert ("nothing that a .gift file could contain" in str(refused.exception), refused.exit_code) == (True, 2)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("4712", "docx"), "4712 cannot be read: No such file or directory."),
        (("tea.json", "docx"), "tea.json cannot be read: No such file or directory."),
        (("none.json", "docx"), "none.json contains no result. `quillmate generate … --json`"),
        (("none.json", "wav"), "There is no format wav; choose one of abc, apkg,"),
    ],
)
def test_invalid_input_is_one_line(run: Run, tmp_path: Path, words: tuple[str, ...], sentence: str) -> None:
    Path("none.json").write_text("[1]")
    refused = run("export", *words)
    assert (sentence in str(refused.exception), refused.exit_code) == (True, 2)
    assert not (tmp_path / "data" / "quillmate.db").exists(), "nothing is made by looking"
