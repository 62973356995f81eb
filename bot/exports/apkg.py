"""A deck for Anki. Importing it again updates its cards, as decks and notes keep their ids."""

from __future__ import annotations

import hashlib
import html
import io
import re
import sqlite3
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

from bot.content import Content

from ._parts import QuizQuestion, collect_cards, collect_questions

LABEL = "Anki"
SIGN = "🃏"
_MODEL, _CLOZE_MODEL = 1607392319, 1607392320
_CSS = ".card {font-family: sans-serif; font-size: 20px; text-align: center;} small {color: #666;}"
_FIELD_END = "\x1f"
GAP = "_____"
# Anki plays files, runs LaTeX and hides words by these, which are plain text here.
_ANKI_MARKUP = {"[": "&#91;", "{{": "&#123;&#123;", "}}": "&#125;&#125;"}
_GAP = re.compile(r"\{\{c1::")


def fits(content: Content) -> bool:
    """Whether it has cards, or questions with answers."""
    return bool(collect_cards(content))


def export(title: str, content: Content) -> bytes:
    """Return the deck; a question's options are on its front, its feedback on the back."""
    import genanki

    sides = {"qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}
    model = genanki.Model(
        _MODEL,
        "Quillmate: two sides",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card", **sides}],
        css=_CSS,
    )
    gaps = genanki.Model(
        _CLOZE_MODEL,
        "Quillmate: gap",
        model_type=genanki.Model.CLOZE,
        fields=[{"name": "Text"}, {"name": "Back Extra"}],
        templates=[{"name": "Cloze", "qfmt": "{{cloze:Text}}", "afmt": "{{cloze:Text}}<br>{{Back Extra}}"}],
        css=_CSS + " .cloze {font-weight: bold;}",
    )
    name = str(content.parts.get("title") or title)
    deck = genanki.Deck(int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big") + 2**31, name)
    written = _collect_sides(content)
    for front, back in written:
        used = gaps if _GAP.search(front) else model
        deck.add_note(genanki.Note(model=used, fields=[front, back], guid=genanki.guid_for(name, front)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deck.apkg")
        genanki.Package(deck).write_to_file(file)
        body = file.read_bytes()
        assert read(body, Path(folder)) == [list(card) for card in written]
    return body


def read(body: bytes, folder: Path) -> list[list[str]]:
    """Return the fields of each note of a deck; the database is unpacked into a folder."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extract("collection.anki2", folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as connection:
        return [row[0].split(_FIELD_END) for row in connection.execute("SELECT flds FROM notes ORDER BY id")]


def _collect_sides(content: Content) -> list[tuple[str, str]]:
    asked = collect_questions(content)
    if asked:
        return [_format_question(one) for one in asked]
    return [_build_card(front, back) for front, back in collect_cards(content)]


def _build_card(front: str, back: str) -> tuple[str, str]:
    """Return the sides of a card; one whose front has a gap becomes an Anki cloze, filled by its back."""
    if front.count(GAP) != 1:
        return _escape_field(front), _escape_field(back)
    before, after = (_escape_field(part) for part in front.split(GAP))
    # A brace could end the gap, and text after two colons would be its hint.
    filling = _escape_field(back).replace("}", "&#125;").replace("::", "&#58;&#58;")
    return f"{before}{{{{c1::{filling}}}}}{after}", ""


def _format_question(one: QuizQuestion) -> tuple[str, str]:
    lettered = one.form in ("choice", "true_false")
    options = "<br>".join(f"{chr(65 + at)}) {_escape_field(option)}" for at, option in enumerate(one.options))
    if one.form == "matching":
        options = "<br>".join([*map(_escape_field, one.lefts), "", options])
    asked = f"{_escape_field(one.text)}<br><br>{options}" if lettered or one.lefts else _escape_field(one.text)
    right = "<br>".join(f"{chr(65 + at)}) {_escape_field(one.options[at])}" for at in one.correct)
    right = right if lettered else "<br>".join(map(_escape_field, one.right_answers))
    told = [one.feedback, *(f"{chr(65 + at)}) {said}" for at, said in enumerate(one.feedbacks) if said)]
    feedback = "<br>".join(map(_escape_field, filter(None, told)))
    return asked, f"{right}<br><small>{feedback}</small>" if feedback else right


def _escape_field(text: str) -> str:
    """Return a text as a field shows it, without [sound:], [latex] or cloze marks of Anki's."""
    shown = html.escape(text, quote=False)
    for marks, spelt in _ANKI_MARKUP.items():
        shown = shown.replace(marks, spelt)
    return shown.replace("\n", "<br>")
