"""The labels that code adds to a file are in the language of its text, or of the user who exports it."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from writing import build_content

from bot.content import Content
from bot.exports import export_content
from bot.exports._parts import build_table
from bot.kinds import load_kinds
from bot.locales import LANGUAGES
from bot.reading.surrounding_labels import format_part_name, translate_to_all

QUIZ = {
    "title": "Wasser",
    "items": [
        {"question": "Was verdunstet?", "options": ["Wasser", "Sand"], "correct": [0], "feedback": "Durch Wärme."}
    ],
}
GERMAN = "1. Was verdunstet, wenn die Sonne auf das Wasser scheint, und was wird daraus?"


def read_heading(body: bytes) -> list[str]:
    return next(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def test_table_headings_are_in_the_language_of_the_text() -> None:
    english = "1. What is it that the sun does to the water of the lake?"
    german_heading = ["Frage", "Option 1", "Option 2", "Richtig", "Rückmeldung"]
    english_heading = ["Question", "Option 1", "Option 2", "Correct", "Feedback"]
    assert read_heading(export_content("csv", "Quiz", Content(GERMAN, QUIZ), "en-US")) == german_heading
    assert read_heading(export_content("csv", "Quiz", Content(english, QUIZ), "de")) == english_heading
    assert read_heading(export_content("csv", "Quiz", Content("Wasser", QUIZ), "de")) == german_heading
    assert read_heading(export_content("csv", "Quiz", Content("Wasser", QUIZ))) == english_heading


@pytest.mark.parametrize("name", ["qti", "qti12"])
def test_question_titles_are_in_the_language_of_the_text(name: str) -> None:
    with zipfile.ZipFile(io.BytesIO(export_content(name, "Quiz", Content(GERMAN, QUIZ)))) as archive:
        files_text = " ".join(archive.read(file_name).decode() for file_name in archive.namelist())
    assert 'title="Frage 1"' in files_text
    assert "Question 1" not in files_text


def test_the_label_of_sources_is_in_the_language_of_the_text() -> None:
    content = Content(GERMAN, {"sources": ["handbuch.pdf, S. 3"]})
    assert export_content("txt", "Text", content).decode("utf-8-sig").strip().endswith("Quellen: handbuch.pdf, S. 3")


def test_a_heading_written_by_a_user_is_not_translated() -> None:
    assert format_part_name("key_terms", "de") == "Begriffe"
    assert format_part_name("Contact", "de") == "Contact"
    assert format_part_name("option 2", "es") == "Opción 2"
    content = Content("x", {"columns": ["question", "loan_id"], "rows": [["a", "b"]]}, "de")
    assert build_table(content) == [["question", "loan_id"], ["a", "b"]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_of_every_kind_table_and_slide_are_translated(language: str, assigned: Any) -> None:
    """A label that is the same in English must be in the catalogue as such."""
    untranslated = set[str]()
    for name in load_kinds():
        content = build_content(assigned(name))
        # What was written by users or models stays: column names of a table, levels of a rubric.
        written = (
            {*content.parts.get("levels", ()), *content.parts.get("columns", ())}
            if "regions" not in content.parts
            else set()
        )
        english, other = (build_table(replace(content, language=code))[:1] or [[]] for code in ("en", language))
        pairs = list(zip(map(str, english[0]), map(str, other[0]), strict=True))
        sections = content.parts.get("sections")
        # Headings that were written have capitals.
        keys = [key for key in sections if key.islower()] if isinstance(sections, dict) else []
        pairs += [(format_part_name(key), format_part_name(key, language)) for key in keys]
        untranslated |= {
            label
            for label, translation in pairs
            if label == translation and label not in written and len(translate_to_all(re.sub(r" \d+$", "", label))) == 1
        }
    assert untranslated == set()
