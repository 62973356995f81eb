"""Files for teaching programs are opened by independent readers."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from writing import TEXTS, build_content

from bot.content import Assignment, Content
from bot.exports import apkg, export_content, find_fitting_formats, gift, qti, qti12
from bot.exports._parts import collect_questions

Assigned = Callable[..., Assignment]
FORMS: list[dict[str, Any]] = [
    {"question": "What = 2 {x}: ~a #b?", "options": ["= 4 {", "no", "日本"], "correct": [2], "feedback": "It: is#so."},
    {"question": "Which two?", "options": ["a", "b", "c", "d"], "correct": [0, 3], "feedback": "", "type": "multiple"},
    {
        "question": "Ice is warm.",
        "options": ["Richtig", "Falsch"],
        "correct": [1],
        "feedback": "Cold.",
        "type": "true_false",
    },
    {
        "question": "Capital of France?",
        "options": ["Paris", "paris city"],
        "correct": [0, 1],
        "feedback": "",
        "type": "short_answer",
    },
    {"question": "Legs of a spider?", "options": ["8"], "correct": [0], "feedback": "Eight.", "type": "numeric"},
    {
        "question": "Says?",
        "options": ["moo", "bark"],
        "lefts": ["dog", "cow"],
        "correct": [1, 0],
        "feedback": "",
        "type": "matching",
    },
    {"question": "Which is hot?", "options": ["ice", "tea"], "correct": [1], "feedback": ["Frozen.", "Made hot."]},
]
QUIZ = Content("## Quiz", {"title": "Quiz", "items": FORMS})
CARDS = Content(
    "## Cards",
    {
        "title": "Farm",
        "cards": [{"front": "cow", "back": "says moo"}, {"front": "The _____ barks at 5 > 4.", "back": "dog"}],
    },
)


@pytest.fixture
def parse() -> Callable[[bytes], list[Any]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pygiftparser.parser import parseFile
    return lambda body: parseFile(io.StringIO(body.decode()))  # type: ignore[no-any-return]


def test_gift_is_accepted_by_an_independent_parser(parse: Callable[[bytes], list[Any]]) -> None:
    questions = parse(export_content("gift", "Water", QUIZ))
    assert [type(question.answers).__name__ for question in questions] == [
        "SelectSet",
        "MultipleChoicesSet",
        "TrueFalseSet",
        "ShortSet",
        "NumericAnswerSet",
        "MatchingSet",
        "SelectSet",
    ]
    assert all(question.valid and question.cat == "Water" for question in questions)
    single, several, truth, short, number, pairs, explained = (question.answers for question in questions)
    assert [answer.fraction for answer in single.answers] == [0, 0, 100]
    assert [answer.fraction for answer in several.answers] == [50, -100, -100, 50]
    assert not truth.answer
    assert [answer.answer.strip() for answer in short.answers] == ["Paris", "paris city"]
    assert float(number.answers[0].value) == 8
    assert [(pair.question.strip(), pair.answer.strip()) for pair in pairs.answers] == [("dog", "bark"), ("cow", "moo")]
    assert [answer.feedback for answer in explained.answers] == ["Frozen.", "Made hot."]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from anki.collection import Collection
    collection = Collection(str(tmp_path / "collection.anki2"))
    yield collection
    collection.close()


def import_deck(collection: Any, body: bytes, folder: Path) -> Any:
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    file = folder / "deck.apkg"
    file.write_bytes(body)
    request = ImportAnkiPackageRequest(package_path=str(file), options=ImportAnkiPackageOptions())
    return collection.import_anki_package(request).log


def test_anki_imports_a_deck_and_a_second_import_adds_nothing(collection: Any, tmp_path: Path) -> None:
    assert len(import_deck(collection, export_content("apkg", "Farm", CARDS), tmp_path).new) == 2
    assert len(import_deck(collection, export_content("apkg", "Farm", CARDS), tmp_path).new) == 0
    assert "Farm" in [deck.name for deck in collection.decks.all_names_and_ids()]
    notes = [collection.get_note(number) for number in collection.find_notes("")]
    cards = [(note.note_type()["name"], note.cards()[0].question(), note.cards()[0].answer()) for note in notes]
    assert [kind for kind, _, _ in cards] == ["Quillmate: two sides", "Quillmate: gap"]
    assert "[...]" in cards[1][1]
    assert "dog" not in re.sub(r"<[^>]*>", "", cards[1][1])
    assert "dog" in cards[1][2]
    assert "barks at 5 &gt; 4." in cards[1][2]


def test_anki_imports_every_question_type(collection: Any, tmp_path: Path) -> None:
    assert len(import_deck(collection, export_content("apkg", "Quiz", QUIZ), tmp_path).new) == len(FORMS)
    sides = [collection.get_note(number).fields for number in collection.find_notes("")]
    assert sides[3] == ["Capital of France?", "Paris<br>paris city"]
    assert sides[5][1] == "dog: bark<br>cow: moo"
    assert sides[6][1] == "B) tea<br><small>A) Frozen.<br>B) Made hot.</small>"


@pytest.mark.parametrize("name", ["qti", "qti12"])
def test_a_qti_package_passes_an_independent_check(name: str, tmp_path: Path) -> None:
    from qti_package_maker.common.package_integrity import check_package

    file = tmp_path / "quiz.zip"
    file.write_bytes(export_content(name, "Quiz", QUIZ))
    assert check_package(str(file)) == []
    with zipfile.ZipFile(file) as archive:
        files = {file_name: archive.read(file_name) for file_name in archive.namelist()}
    # The checker does find faults: a key without an option.
    for file_name, body in files.items():
        files[file_name] = body.replace(b">choice3<", b">choice9<")
    with zipfile.ZipFile(tmp_path / "broken.zip", "w") as archive:
        for file_name, body in files.items():
            archive.writestr(file_name, body)
    assert check_package(str(tmp_path / "broken.zip"))


@pytest.mark.parametrize("module", [gift, qti, qti12], ids=lambda module: module.__name__)
def test_every_question_type_can_be_read_back(module: Any) -> None:
    body = module.export("Quiz", QUIZ)
    read_questions = module.read(body.decode() if module is gift else body)
    questions = collect_questions(QUIZ)
    assert [question.form for question in read_questions] == [question.form for question in questions]
    assert [question.text for question in read_questions] == [question.text for question in questions]
    assert [question.feedbacks for question in read_questions] == [question.feedbacks for question in questions]
    assert [question.right_answers for question in read_questions if question.form != "true_false"] == [
        question.right_answers for question in questions if question.form != "true_false"
    ]


def test_kahoot_is_offered_only_for_question_types_it_supports() -> None:
    assert "kahoot" not in [export_format.name for export_format in find_fitting_formats(QUIZ)]
    assert "kahoot" in [
        export_format.name for export_format in find_fitting_formats(Content("", {"items": [*FORMS[:3], FORMS[6]]}))
    ]


@pytest.mark.parametrize("file", sorted(TEXTS.glob("quiz*.md")), ids=lambda file: file.stem)
def test_quizzes_of_every_question_type_can_be_exported(file: Path, assigned: Assigned, tmp_path: Path) -> None:
    content = build_content(assigned("quiz"), file.read_text(encoding="utf-8").partition("-->\n")[2])
    assert {"gift", "qti", "qti12", "apkg", "quizlet"} <= {
        export_format.name for export_format in find_fitting_formats(content)
    }
    for export_format in find_fitting_formats(content):
        assert export_content(export_format.name, "Quiz", content)
    assert len(apkg.read(export_content("apkg", "Quiz", content), tmp_path)) == len(content.parts["items"])
