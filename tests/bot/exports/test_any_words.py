"""Quizzes and cards of any words can be exported, and independent readers read the files."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from typing import Any

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from openpyxl import load_workbook

from bot.content import Content
from bot.exports import export_content, load_formats

# Letters, marks, numbers, symbols and emoji of all scripts, without control characters and surrogates.
WORDS = (
    st.text(
        st.characters(
            codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Cf", "Cn", "Co", "Zs"), include_characters=" "
        ),
        min_size=1,
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
QUESTIONS = st.fixed_dictionaries(
    {
        "question": WORDS,
        "options": st.lists(WORDS, min_size=2, max_size=4, unique=True),
        "correct": st.just([0]),
        "feedback": WORDS,
    }
)
CARDS = st.tuples(WORDS, WORDS).map(lambda sides: {"front": sides[0], "back": sides[1]})


def build_quiz(items: list[dict[str, Any]]) -> Content:
    text = "\n\n".join(
        "\n".join(
            [
                f"{number}. {item['question']}",
                *(f"{'ABCD'[at]}) {option}" for at, option in enumerate(item["options"])),
                "Answer: A",
            ]
        )
        for number, item in enumerate(items, 1)
    )
    return Content(text, {"title": "Quiz", "items": items})


def parse_gift(body: bytes) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pygiftparser.parser import parseFile
    return list(parseFile(io.StringIO(body.decode())))


def read_cells(body: bytes) -> str:
    """Return the text of all cells of a workbook."""
    book = load_workbook(io.BytesIO(body))
    return "\n".join(
        str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None
    )


@pytest.mark.parametrize("ending", ["md", "txt", "docx", "csv", "xlsx", "kahoot", "gift", "qti", "qti12", "quizlet"])
@settings(max_examples=12)
@given(items=st.lists(QUESTIONS, min_size=1, max_size=3))
def test_a_quiz_with_any_text_can_be_exported(ending: str, items: list[dict[str, Any]]) -> None:
    content = build_quiz(items)
    assert load_formats()[ending].fits(content)
    body = export_content(ending, "Quiz", content)
    match ending:
        case "docx":
            assert Document(io.BytesIO(body)).paragraphs
        case "csv":
            assert len(list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))) == len(items) + 1
        case "quizlet":
            assert [line.count("\t") for line in body.decode().strip("\n").split("\n")] == [1] * len(items)
        case "xlsx" | "kahoot":
            assert read_cells(body)
        case "gift":
            assert sum(question.valid for question in parse_gift(body)) == len(items)
        case "qti" | "qti12":
            with zipfile.ZipFile(io.BytesIO(body)) as archive:
                files = [etree.fromstring(archive.read(name)) for name in archive.namelist() if name.endswith(".xml")]
            assert len(files) > 1
        case _:
            assert body.decode()


@settings(max_examples=20)
@given(cards=st.lists(CARDS, min_size=1, max_size=4))
def test_cards_with_any_text_are_rows_of_two_cells(cards: list[dict[str, str]]) -> None:
    content = Content(
        "\n".join(f"{card['front']} | {card['back']}" for card in cards), {"title": "Cards", "cards": cards}
    )
    rows = list(csv.reader(io.StringIO(export_content("csv", "Cards", content).decode("utf-8-sig"))))
    # The marks of Markdown are removed; letters and digits stay.
    assert [["".join(filter(str.isalnum, cell)) for cell in row] for row in rows[-len(cards) :]] == [
        ["".join(filter(str.isalnum, side)) for side in card.values()] for card in cards
    ]
