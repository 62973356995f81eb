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

from ._parts import Question, cards, questions

LABEL = "Anki"
SIGN = "🃏"
_MODEL, _CLOZE_MODEL = 1607392319, 1607392320
_CSS = ".card {font-family: sans-serif; font-size: 20px; text-align: center;} small {color: #666;}"
_FIELD_END = "\x1f"
GAP = "_____"
# By these Anki plays files, runs LaTeX and hides words, which a text only says.
_ANKIS = {"[": "&#91;", "{{": "&#123;&#123;", "}}": "&#125;&#125;"}
_GAP = re.compile(r"\{\{c1::")


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
    written = _sides(content)
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
    """The fields of each note of a deck; the database is unpacked into a folder."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        archive.extract("collection.anki2", folder)
    with closing(sqlite3.connect(folder / "collection.anki2")) as connection:
        return [row[0].split(_FIELD_END) for row in connection.execute("SELECT flds FROM notes ORDER BY id")]


def _sides(content: Content) -> list[tuple[str, str]]:
    asked = questions(content)
    if asked:
        return [_question(one) for one in asked]
    return [_card(front, back) for front, back in cards(content)]


def _card(front: str, back: str) -> tuple[str, str]:
    """The sides of a card; one whose front has a gap becomes Anki's own kind of gap, filled by its back."""
    if front.count(GAP) != 1:
        return _html(front), _html(back)
    before, after = (_html(part) for part in front.split(GAP))
    # A brace could end the gap, and what follows two colons would be its hint.
    filling = _html(back).replace("}", "&#125;").replace("::", "&#58;&#58;")
    return f"{before}{{{{c1::{filling}}}}}{after}", ""


def _question(one: Question) -> tuple[str, str]:
    lettered = one.form in ("choice", "true_false")
    options = "<br>".join(f"{chr(65 + at)}) {_html(option)}" for at, option in enumerate(one.options))
    if one.form == "matching":
        options = "<br>".join([*map(_html, one.lefts), "", options])
    asked = f"{_html(one.text)}<br><br>{options}" if lettered or one.lefts else _html(one.text)
    right = "<br>".join(f"{chr(65 + at)}) {_html(one.options[at])}" for at in one.correct)
    right = right if lettered else "<br>".join(map(_html, one.right))
    told = [one.feedback, *(f"{chr(65 + at)}) {said}" for at, said in enumerate(one.feedbacks) if said)]
    feedback = "<br>".join(map(_html, filter(None, told)))
    return asked, f"{right}<br><small>{feedback}</small>" if feedback else right


def _html(text: str) -> str:
    """A text as a field shows it, without a [sound:], [latex] or gap of Anki's."""
    shown = html.escape(text, quote=False)
    for marks, spelt in _ANKIS.items():
        shown = shown.replace(marks, spelt)
    return shown.replace("\n", "<br>")
