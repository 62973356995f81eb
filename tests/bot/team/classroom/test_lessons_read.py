"""Lessons of quizzes, decks, tables of cards, Anki decks, and what `generate --json` prints."""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing

import pytest
from quizzing import ITEMS

from bot.content import Content
from bot.errors import FileError
from bot.exports import export_content, find_fitting_formats
from bot.team.classroom.lessons import build_lesson, read_lesson

CARDS = [
    {"front": name, "back": back}
    for name, back in (("petal", "leaf"), ("stem", "stalk"), ("pollen", "dust"), ("_____ is blue", "Sky"))
]
TABLE = "Front;Back;Topic;After\n2+2;4;adding;\n3·3;9;times;adding\n5·5;25;times;\n;nothing;times;\n"


def test_a_quiz_keeps_its_options_and_a_card_offers_the_backs_of_others():
    quiz = build_lesson(Content("", {"items": ITEMS}), "Magnets", "a/1")
    assert [one.objective for one in quiz.items] == [one["objective"] for one in ITEMS]
    assert (quiz.are_cards, quiz.source) == (False, "a/1")
    deck = build_lesson(Content("", {"title": "Flower", "cards": CARDS}), "Flower")
    assert deck.are_cards
    for one, card in zip(deck.items, CARDS, strict=True):
        assert one.question.right_answers == [card["back"]]
        assert sorted(one.question.options) == ["Sky", "dust", "leaf", "stalk"]
    lonely = build_lesson(Content("", {"cards": CARDS[:1]}), "One")
    assert lonely.items[0].is_written
    assert build_lesson(Content("no parts", {}), "Text").items == ()


def test_a_table_has_topics_and_their_prerequisites():
    lesson = read_lesson("sums.csv", TABLE.encode())
    assert [(one.question.text, one.question.right_answers, one.objective) for one in lesson.items] == [
        ("2+2", ["4"], "adding"),
        ("3·3", ["9"], "times"),
        ("5·5", ["25"], "times"),
    ]
    assert lesson.prerequisites == {"times": ("adding",)}
    bare = read_lesson("words.csv", "dog,Hund\ncat,Katze\n".encode("utf-16"))
    assert [(one.question.text, one.objective) for one in bare.items] == [("dog", "words"), ("cat", "words")]


@pytest.mark.parametrize("parts", [{"title": "Flower", "cards": CARDS}, {"title": "Magnets", "items": ITEMS[:2]}])
def test_exported_decks_can_be_imported(parts):
    content = Content("", parts)
    deck = read_lesson("deck.apkg", export_content("apkg", "deck", content, "en"))
    asked = build_lesson(content, "deck")
    assert [set(one.question.options) for one in deck.items] == [set(one.question.options) for one in asked.items]
    assert [one.question.right_answers for one in deck.items] == [one.question.right_answers for one in asked.items]
    assert [one.question.feedback for one in deck.items] == [one.question.feedback for one in asked.items]


def test_the_output_of_generate_is_read_with_or_without_its_text(tmp_path):
    row = json.dumps({"kind": "quiz", "text": "## Magnets", "parts": {"title": "Magnets", "items": ITEMS}})
    for text in (row, f"## Magnets\n1. What?\n{row}\n", json.dumps({"cards": CARDS}, indent=1)):
        assert len(read_lesson("quiz.json", text.encode()).items) in (4, 5)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("a.txt", b"x", "I can read lessons from .csv, .apkg, .json."),
        ("a.csv", b"only\none", "no cards"),
        ("a.apkg", b"PK", "damaged"),
        ("a.json", b"[1]", "no cards"),
        ("a.json", b"{", "not valid JSON"),
        ("a.json", b'{"parts": {"items": [{"question": 1, "options": [1, 2], "correct": [7]}]}}', "no cards"),
    ],
)
def test_an_invalid_lesson_is_reported(name, body, said):
    with pytest.raises(FileError, match=said.replace(".", r"\.")):
        read_lesson(name, body)


@pytest.mark.parametrize(
    "fields",
    [
        {"correct": ["Paris"]},
        {"correct": 5},
        {"correct": [1.0]},
        {"options": 5},
        {"lefts": 5, "type": "matching"},
        {"question": None},
    ],
)
def test_an_edited_question_that_cannot_be_asked_is_left_out(fields):
    item = {"question": "Which?", "options": ["Paris", "Rome"], "correct": [0], "objective": "capitals"}
    parts = {"title": "Quiz \ud800", "items": [item, item | fields, {"answer": "no question"}]}
    lesson = read_lesson("quiz.json", json.dumps({"parts": parts}).encode())
    assert [one.question.right_answers for one in lesson.items] == [["Paris"]]
    assert lesson.title == "Quiz \ufffd"
    assert find_fitting_formats(Content("x", parts)), "the formats that files are offered in are found"


def test_cards_with_lone_surrogates_can_be_asked():
    cards = [{"front": "a \ud800", "back": "b"}, {"front": "c", "back": "d \udfff \U0001f600"}]
    lesson = read_lesson("cards.json", json.dumps({"cards": cards}).encode())
    assert [one.question.text for one in lesson.items] == ["a \ufffd", "c"]
    assert lesson.items[1].question.right_answers == ["d \ufffd \U0001f600"]


@pytest.mark.parametrize("damage", ["stream", "encrypted", "compression", "lzma", "name"])
def test_a_damaged_deck_is_reported(damage):
    body = io.BytesIO()
    method = zipfile.ZIP_LZMA if damage == "lzma" else zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(body, "w", method) as archive:
        archive.writestr("collection.anki2", b"SQLite format 3\0" * 500)
    data = bytearray(body.getvalue())
    stream = 30 + len("collection.anki2")
    entry = data.rindex(b"PK\x01\x02")
    if damage in ("stream", "lzma"):
        data[stream : stream + 20] = b"\xff" * 20
    elif damage == "encrypted":
        data[entry + 8] |= 1
        data[6] |= 1
    elif damage == "compression":
        data[entry + 10] = data[8] = 99
    else:
        data[entry + 9] |= 8  # The name is said to be UTF-8, which it is not.
        data[entry + 46] = 0xFF
    with pytest.raises(FileError, match="damaged"):
        read_lesson("deck.apkg", bytes(data))


def build_anki_deck(path, words):
    """Build a deck whose database is created by these statements."""
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(words)
        connection.commit()
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        archive.write(path, "collection.anki2")
    return body.getvalue()


_ENDLESS = "WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n{})"


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize(
    "words",
    [
        f"CREATE VIEW notes AS {_ENDLESS.format('')} SELECT id, 'a' AS flds, '' AS tags FROM n",
        "CREATE VIRTUAL TABLE notes USING fts5(id, flds, tags)",
        "CREATE TABLE cards(id)",
    ],
)
def test_only_a_table_of_notes_is_read_from_a_deck(tmp_path, words):
    with pytest.raises(FileError, match="damaged"):
        read_lesson("trap.apkg", build_anki_deck(tmp_path / "trap", words))


def test_computed_columns_in_a_deck_are_bounded(tmp_path, monkeypatch):
    """As in a column that SQLite computes whenever it is read."""
    monkeypatch.setattr("bot.team.classroom.lessons._MAX_STEPS", 1)
    words = f"""CREATE TABLE notes(id INTEGER PRIMARY KEY, flds, tags);
        {_ENDLESS.format(" LIMIT 50000")} INSERT INTO notes SELECT id, 'a' || char(31) || 'b', '' FROM n"""
    with pytest.raises(FileError, match="damaged"):
        read_lesson("long.apkg", build_anki_deck(tmp_path / "long", words))


@pytest.mark.usefixtures("hurried")
def test_a_deck_of_thousands_is_cut_to_the_size_of_a_course(tmp_path):
    words = f"""CREATE TABLE notes(id INTEGER PRIMARY KEY, flds, tags);
        {_ENDLESS.format(" LIMIT 8000")} INSERT INTO notes SELECT id, 'front ' || id || char(31) || 'back ' || id, '' FROM n"""
    lesson = read_lesson("large.apkg", build_anki_deck(tmp_path / "large", words))
    assert (len(lesson.items), lesson.skipped) == (500, 7500)


def test_anki_syntax_in_card_text_is_plain_text_in_its_decks(tmp_path):
    cards = [
        {"front": "[sound:alarm.mp3] [latex]x[/latex] {{c1::dog}}", "back": "[$]y[/$]"},
        {"front": "In C++ it is _____", "back": "std::vector<{int}>"},
        {"front": "plain", "back": "too"},
    ]
    body = export_content("apkg", "deck", Content("", {"title": "Words", "cards": cards}), "en")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extract("collection.anki2", tmp_path)
    with closing(sqlite3.connect(tmp_path / "collection.anki2")) as connection:
        first, gap, _ = [row[0] for row in connection.execute("SELECT flds FROM notes ORDER BY id")]
    assert not [one for one in ("[", "{{", "}}") if one in first]
    assert gap == "In C++ it is {{c1::std&#58;&#58;vector&lt;{int&#125;&gt;}}\x1f"
    read = {one.question.text: one.question.right_answers for one in read_lesson("deck.apkg", body).items}
    assert read["[sound:alarm.mp3] [latex]x[/latex] {{c1::dog}}"] == ["[$]y[/$]"]
    assert read["In C++ it is _____"] == ["std::vector<{int}>"]
