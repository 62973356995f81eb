"""Lessons of quizzes, decks, tables of cards, Anki decks, and what `generate --json` prints."""

from __future__ import annotations

import json

import pytest
from quizzing import ITEMS

from bot.content import Content
from bot.errors import FileError
from bot.exports import export
from bot.team.classroom.lessons import lesson_of, read_lesson

CARDS = [
    {"front": name, "back": back}
    for name, back in (("petal", "leaf"), ("stem", "stalk"), ("pollen", "dust"), ("_____ is blue", "Sky"))
]
TABLE = "Front;Back;Topic;After\n2+2;4;adding;\n3·3;9;times;adding\n5·5;25;times;\n;nothing;times;\n"


def test_a_quiz_keeps_its_questions_and_a_deck_lets_choose_among_the_backs_of_others():
    quiz = lesson_of(Content("", {"items": ITEMS}), "Magnets", "a/1")
    assert [one.objective for one in quiz.items] == [one["objective"] for one in ITEMS]
    assert (quiz.cards, quiz.source) == (False, "a/1")
    deck = lesson_of(Content("", {"title": "Flower", "cards": CARDS}), "Flower")
    assert deck.cards
    for one, card in zip(deck.items, CARDS, strict=True):
        assert one.question.right == [card["back"]]
        assert sorted(one.question.options) == ["Sky", "dust", "leaf", "stalk"]
    lonely = lesson_of(Content("", {"cards": CARDS[:1]}), "One")
    assert lonely.items[0].written
    assert lesson_of(Content("no parts", {}), "Text").items == ()


def test_a_table_has_topics_and_what_comes_before_them():
    lesson = read_lesson("sums.csv", TABLE.encode())
    assert [(one.question.text, one.question.right, one.objective) for one in lesson.items] == [
        ("2+2", ["4"], "adding"), ("3·3", ["9"], "times"), ("5·5", ["25"], "times"),
    ]  # fmt: skip
    assert lesson.before == {"times": ("adding",)}
    bare = read_lesson("words.csv", "dog,Hund\ncat,Katze\n".encode("utf-16"))
    assert [(one.question.text, one.objective) for one in bare.items] == [("dog", "words"), ("cat", "words")]


@pytest.mark.parametrize("parts", [{"title": "Flower", "cards": CARDS}, {"title": "Magnets", "items": ITEMS[:2]}])
def test_decks_as_the_bot_makes_them_are_read_again(parts):
    content = Content("", parts)
    deck = read_lesson("deck.apkg", export("apkg", "deck", content, "en"))
    asked = lesson_of(content, "deck")
    assert [set(one.question.options) for one in deck.items] == [set(one.question.options) for one in asked.items]
    assert [one.question.right for one in deck.items] == [one.question.right for one in asked.items]
    assert [one.question.feedback for one in deck.items] == [one.question.feedback for one in asked.items]


def test_what_generate_prints_is_read_whole_or_below_its_text(tmp_path):
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
def test_what_is_no_lesson_is_told(name, body, said):
    with pytest.raises(FileError, match=said.replace(".", r"\.")):
        read_lesson(name, body)
