"""A deck for Anki. Importing it again updates its cards, as decks and notes keep their ids."""

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

from ._parts import Question, cards, questions

LABEL = "Anki"
_MODEL = 1607392319
_CSS = ".card {font-family: sans-serif; font-size: 20px; text-align: center;} small {color: #666;}"
_FIELD_END = "\x1f"


def fits(content: Content) -> bool:
    """It has cards, or questions with answers."""
    return bool(cards(content))


def export(title: str, content: Content) -> bytes:
    """The deck; a question's options stand on its front, its feedback on the back."""
    import genanki

    sides = {"qfmt": "{{Front}}", "afmt": "{{FrontSide}}<hr id=answer>{{Back}}"}
    model = genanki.Model(
        _MODEL,
        "Quillmate: two sides",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card", **sides}],
        css=_CSS,
    )
    name = str(content.parts.get("title") or title)
    deck = genanki.Deck(int.from_bytes(hashlib.sha256(name.encode()).digest()[:5], "big") + 2**31, name)
    written = _sides(content)
    for front, back in written:
        deck.add_note(genanki.Note(model=model, fields=[front, back], guid=genanki.guid_for(name, front)))
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "deck.apkg")
        genanki.Package(deck).write_to_file(file)
        body = file.read_bytes()
        assert read(body, Path(folder)) == [list(card) for card in written]
    return body


def read(body: bytes, folder: Path) -> list[list[str]]:
    """The fields of each note of a deck; the database is unpacked into a folder."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extract("collection.anki2", folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as connection:
        return [row[0].split(_FIELD_END) for row in connection.execute("SELECT flds FROM notes ORDER BY id")]


def _sides(content: Content) -> list[tuple[str, str]]:
    asked = questions(content)
    if asked:
        return [_question(one) for one in asked]
    return [(_html(front), _html(back)) for front, back in cards(content)]


def _question(one: Question) -> tuple[str, str]:
    options = "<br>".join(f"{chr(65 + at)}) {_html(option)}" for at, option in enumerate(one.options))
    right = "<br>".join(f"{chr(65 + at)}) {_html(one.options[at])}" for at in one.correct)
    feedback = f"<br><small>{_html(one.feedback)}</small>" if one.feedback else ""
    return f"{_html(one.text)}<br><br>{options}", f"{right}{feedback}"


def _html(text: str) -> str:
    return html.escape(text, quote=False).replace("\n", "<br>")
