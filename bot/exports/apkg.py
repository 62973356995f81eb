"""Cards as an Anki deck. Importing it again updates its cards, as the ids of a deck and its notes stay the same."""

from __future__ import annotations

import hashlib
import html
import io
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from bot.content import Content

from ._parts import QuizQuestion, collect_cards, collect_questions

LABEL = "Anki"
NAMES = ("Anki", "apkg")
SIGN = "🃏"
# Anki recognises note types by these ids when a deck is imported again.
_BASIC_MODEL_ID, _CLOZE_MODEL_ID = 1607392319, 1607392320
_CSS = ".card {font-family: sans-serif; font-size: 20px; text-align: center;} small {color: #666;}"
# Separates the fields of a note in Anki's database.
_FIELD_SEPARATOR = "\x1f"
GAP = "_____"
# Anki's markup for sound, LaTeX and clozes, which is plain text here.
_ANKI_MARKUP = {"[": "&#91;", "{{": "&#123;&#123;", "}}": "&#125;&#125;"}
_CLOZE = "{{c1::"


def fits(content: Content) -> bool:
    """Whether a content has cards, or questions with answers."""
    return bool(collect_cards(content))


def export(title: str, content: Content) -> bytes:
    """Return the deck; a question's options are on its front, its feedback on the back."""
    import genanki

    basic = genanki.Model(
        _BASIC_MODEL_ID,
        "Quillmate: two sides",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card", "qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}],
        css=_CSS,
    )
    cloze = genanki.Model(
        _CLOZE_MODEL_ID,
        "Quillmate: gap",
        model_type=genanki.Model.CLOZE,
        fields=[{"name": "Text"}, {"name": "Back Extra"}],
        templates=[{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}<br>{{Back Extra}}"}],
        css=_CSS + " .cloze {font-weight: bold;}",
    )
    name = str(content.parts.get("title") or title)
    deck = genanki.Deck(int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big") + 2**31, name)
    cards = _build_cards(content)
    for front, back in cards:
        model = cloze if _CLOZE in front else basic
        deck.add_note(genanki.Note(model=model, fields=[front, back], guid=genanki.guid_for(name, front)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deck.apkg")
        genanki.Package(deck).write_to_file(file)
        body = file.read_bytes()
        assert read(body, Path(folder)) == [list(card) for card in cards]
    return body


def read(body: bytes, folder: Path) -> list[list[str]]:
    """Return the fields of each note of a deck; its database is extracted to a folder."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extract("collection.anki2", folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as connection:
        return [row[0].split(_FIELD_SEPARATOR) for row in connection.execute("SELECT flds FROM notes ORDER BY id")]


def _build_cards(content: Content) -> list[tuple[str, str]]:
    """Return the fields of each note: front and back, or for a cloze its text and an empty remark."""
    if questions := collect_questions(content):
        return [_build_question_card(question) for question in questions]
    return [_build_card(front, back) for front, back in collect_cards(content)]


def _build_card(front: str, back: str) -> tuple[str, str]:
    """Return the fields of a card; one whose front has a gap becomes a cloze, filled with its back."""
    if front.count(GAP) != 1:
        return _escape_field(front), _escape_field(back)
    before, after = (_escape_field(part) for part in front.split(GAP))
    # A brace could end the cloze, and text after two colons would be its hint.
    filling = _escape_field(back).replace("}", "&#125;").replace("::", "&#58;&#58;")
    return f"{before}{_CLOZE}{filling}}}}}{after}", ""


def _build_question_card(question: QuizQuestion) -> tuple[str, str]:
    """Return the question with its lettered options on the front, the right ones with feedback on the back."""
    options = [f"{chr(65 + index)}) {_escape_field(option)}" for index, option in enumerate(question.options)]
    front = _escape_field(question.text)
    match question.form:
        case "choice" | "true_false":
            front += "<br><br>" + "<br>".join(options)
            answers = [options[index] for index in question.correct]
        case "matching":
            front += "<br><br>" + "<br>".join([*map(_escape_field, question.lefts), "", *options])
            answers = [_escape_field(answer) for answer in question.right_answers]
        case _:
            answers = [_escape_field(answer) for answer in question.right_answers]
    option_feedback = (f"{chr(65 + index)}) {text}" for index, text in enumerate(question.feedbacks) if text)
    feedback = "<br>".join(map(_escape_field, filter(None, [question.feedback, *option_feedback])))
    back = "<br>".join(answers)
    return front, f"{back}<br><small>{feedback}</small>" if feedback else back


def _escape_field(text: str) -> str:
    """Return a text as HTML in which nothing is Anki's markup."""
    escaped = html.escape(text, quote=False)
    for mark, entities in _ANKI_MARKUP.items():
        escaped = escaped.replace(mark, entities)
    return escaped.replace("\n", "<br>")
