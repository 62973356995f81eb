"""Quizzes and cards are exported for teaching programs, and the files opened again."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from openpyxl import load_workbook

from bot.content import Content
from bot.errors import FileError
from bot.exports import apkg, export_content, find_fitting_formats, gift, qti
from bot.exports._parts import QuizQuestion

ODD = "What = 2 {x}: ~a #b \\ <b> & 'c'\nand more?"
ITEMS = [
    {"question": ODD, "options": ["= 4 {", "~%50%no", "日本 \\n"], "correct": [2], "feedback": "It: is#so."},
    {"question": "Which two?", "options": ["a", "b", "c", "d"], "correct": [0, 3], "feedback": ""},
]
QUESTIONS = [
    QuizQuestion(item["question"], tuple(item["options"]), tuple(item["correct"]), item["feedback"]) for item in ITEMS
]  # type: ignore[arg-type]
CARDS = [{"front": "Hund\tder", "back": "dog <b>\nbig & small"}, {"front": "=1+1", "back": "two"}]


def build_quiz(*items: dict[str, Any], **parts: Any) -> Content:
    return Content("## Quiz", {"items": list(items or ITEMS), **parts})


def test_gift_escapes_special_characters_and_can_be_read_back() -> None:
    body = export_content("gift", "Water: {x}", build_quiz()).decode()
    assert gift.read(body) == QUESTIONS
    assert body.startswith(
        "$CATEGORY: Water x\n\n::Q1::[plain]What \\= 2 \\{x\\}\\: \\~a \\#b \\\\ <b> & 'c'\\nand more? {\n"
    )
    assert "\n~\\= 4 \\{\n~\\~%50%no\n=日本 \\\\n\n####It\\: is\\#so.\n}" in body
    assert "\n~%50%a\n~%-100%b\n~%-100%c\n~%50%d\n}" in body


def test_gift_accepts_arrows_and_questions_with_only_right_options() -> None:
    items = [
        {"question": "Which way?", "options": ["A -> B", "B -> A"], "correct": [0]},
        {"question": "Which are even?", "options": ["2", "4"], "correct": [0, 1]},
        {"question": "Say it", "type": "short_answer", "options": ["H2O -> ice"], "correct": [0]},
    ]
    questions = gift.read(export_content("gift", "Ways", build_quiz(*items)).decode())
    assert [(question.form, question.options, question.correct) for question in questions] == [
        ("choice", ("A → B", "B → A"), (0,)),
        ("choice", ("2", "4"), (0, 1)),
        ("short_answer", ("H2O → ice",), (0,)),
    ]


def test_ten_options_stay_in_order_in_a_table() -> None:
    item = {
        "question": "Which?",
        "options": [f"option {number}" for number in range(1, 12)],
        "correct": [0],
        "a b": "c",
    }
    heading, row = export_content("csv", "Ten", build_quiz(item)).decode("utf-8-sig").splitlines()[:2]
    assert heading.split(",")[1:12] == [f"Option {number}" for number in range(1, 12)]
    assert row.endswith(",c")


def test_a_question_with_an_answer_is_one_card() -> None:
    item = {"question": "Capital of Peru?", "options": ["Lima", "Cusco"], "correct": [0], "answer": "Lima"}
    assert export_content("quizlet", "Peru", build_quiz(item)).decode().strip().splitlines() == [
        "Capital of Peru?\tLima"
    ]


def test_qti_is_a_valid_package() -> None:
    body = export_content("qti", "Water", build_quiz(title="Water & <ice>"))
    assert qti.read(body) == QUESTIONS
    assert export_content("qti", "Water", build_quiz(title="Water & <ice>")) == body, "the same quiz is the same file"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.namelist() == ["imsmanifest.xml", "test.xml", "item1.xml", "item2.xml"]
        files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    namespaces = {"q": "http://www.imsglobal.org/xsd/imsqti_v2p1", "m": "http://www.imsglobal.org/xsd/imscp_v1p1"}
    assert files["imsmanifest.xml"].xpath("string(//m:schema)", namespaces=namespaces) == "QTIv2.1 Package"
    assert files["test.xml"].get("title") == "Water & <ice>"
    item = files["item2.xml"]
    assert [etree.QName(element).localname for element in item] == [
        "responseDeclaration",
        "outcomeDeclaration",
        "outcomeDeclaration",
        "itemBody",
        "responseProcessing",
    ]
    [interaction] = item.xpath("//q:choiceInteraction", namespaces=namespaces)
    assert (interaction.get("maxChoices"), interaction.get("responseIdentifier")) == ("4", "RESPONSE")
    assert item.xpath("//q:correctResponse/q:value/text()", namespaces=namespaces) == ["choice1", "choice4"]
    assert item[0].get("cardinality") == "multiple"


def test_kahoot_questions_fill_its_template() -> None:
    item = {"question": "=2+2?", "options": ["3", "4"], "correct": [1], "feedback": ""}
    sheet = load_workbook(io.BytesIO(export_content("kahoot", "Sums", build_quiz(item, ITEMS[1])))).active
    assert sheet["B8"].value == "Question - max 120 characters"
    assert [cell.value for cell in sheet[9]] == [1, "=2+2?", "3", "4", None, None, 30, "2"]
    assert [cell.value for cell in sheet[10]] == [2, "Which two?", "a", "b", "c", "d", 30, "1,4"]
    assert sheet["B9"].data_type == "s"


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (
            {"question": "x" * 121, "options": ["a", "b"], "correct": [0]},
            "question 1 \\(121 characters; the limit is 120\\)",
        ),
        (
            {"question": "x", "options": ["a", "b" * 76], "correct": [0]},
            "an answer of question 1 \\(76 characters; the limit is 75\\)",
        ),
    ],
)
def test_text_too_long_for_kahoot_is_reported(item: dict[str, Any], message: str) -> None:
    with pytest.raises(FileError, match=f"Too long for Kahoot: {message}.*Try .apkg instead."):
        export_content("kahoot", "T", build_quiz(item))


@pytest.mark.parametrize(
    ("items", "message"),
    [
        (
            [{"question": "Five?", "options": list("abcde"), "correct": [0]}, ITEMS[1]],
            "Kahoot only takes questions with 2 to 4 answers to choose from. These questions do not: question 1.",
        ),
        (
            [
                ITEMS[1],
                {"question": "Sum?", "type": "numeric", "options": ["3.5"], "correct": [0]},
                {"question": "Why?"},
            ],
            "Kahoot only takes questions with 2 to 4 answers to choose from. These questions do not: question 2, question 3.",
        ),
        ([], "This text has nothing that a .kahoot.xlsx file could contain."),
    ],
)
def test_a_quiz_unsuitable_for_kahoot_says_why(items: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(FileError) as refusal:
        export_content("kahoot", "T", Content("Text.", {"items": items}))
    assert str(refusal.value).startswith(message)


def test_anki_cards_show_options_and_keep_their_ids(tmp_path: Path) -> None:
    first, second = (export_content("apkg", "Water", build_quiz()) for _ in range(2))
    notes = apkg.read(first, tmp_path)
    assert notes[1] == ["Which two?<br><br>A) a<br>B) b<br>C) c<br>D) d", "A) a<br>D) d"]
    assert notes[0][0].startswith("What = 2 {x}: ~a #b \\ &lt;b&gt; &amp; 'c'<br>and more?<br><br>A) = 4 {<br>")
    assert notes[0][1] == "C) 日本 \\n<br><small>It: is#so.</small>"
    assert read_ids(first, tmp_path) == read_ids(second, tmp_path)
    assert read_ids(first, tmp_path) != read_ids(export_content("apkg", "Fire", build_quiz()), tmp_path)


def read_ids(body: bytes, folder: Path) -> list[Any]:
    """Return the ids by which Anki recognises notes and decks."""
    import json
    import sqlite3
    from contextlib import closing

    apkg.read(body, folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as connection:
        guids = [row[0] for row in connection.execute("SELECT guid FROM notes ORDER BY id")]
        [decks] = connection.execute("SELECT decks FROM col").fetchone()
    return [guids, sorted(json.loads(decks))]


def test_cards_are_exported_to_anki_and_quizlet(tmp_path: Path) -> None:
    content = Content("## Cards", {"cards": CARDS})
    assert apkg.read(export_content("apkg", "Cards", content), tmp_path) == [
        ["Hund\tder", "dog &lt;b&gt;<br>big &amp; small"],
        ["=1+1", "two"],
    ]
    assert export_content("quizlet", "Cards", content).decode() == "Hund der\tdog <b> big & small\n=1+1\ttwo\n"
    assert {"apkg", "quizlet", "csv", "xlsx"} <= {export_format.name for export_format in find_fitting_formats(content)}
    assert not {"gift", "qti", "kahoot"} & {export_format.name for export_format in find_fitting_formats(content)}


def test_a_quiz_is_exported_to_quizlet_as_questions_and_answers() -> None:
    assert export_content("quizlet", "Q", build_quiz(ITEMS[1])).decode() == "Which two?\ta d\n"
    assert export_content("quizlet", "Q", build_quiz({"question": "2+2?", "answer": "4"})).decode() == "2+2?\t4\n"


@pytest.mark.parametrize(
    "item",
    [
        {"question": "No right one", "options": ["a", "b"], "correct": []},
        {"question": "Beyond", "options": ["a", "b"], "correct": [2]},
        {"question": "One option", "options": ["a"], "correct": [0]},
        {"question": "Open", "answer": "b"},
        {},
    ],
)
def test_formats_that_would_lose_a_question_are_not_offered(item: dict[str, Any]) -> None:
    assert not {"gift", "qti", "kahoot"} & {
        export_format.name for export_format in find_fitting_formats(build_quiz(ITEMS[1], item))
    }
