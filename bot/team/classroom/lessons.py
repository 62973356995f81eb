"""Lessons of what there is: a quiz, a deck of flashcards, a table of cards, an Anki deck. Pure, but for reading the last."""

from __future__ import annotations

import html
import json
import random
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.content import Content
from bot.documents.encodings import decoded
from bot.documents.sheets import rows_of_csv
from bot.errors import FileError
from bot.exports._parts import Question, cards, entries

from .course import MAX_ITEMS, Lesson, bounded
from .quiz_game import Item, items_of

ENDINGS = ("csv", "apkg", "json")
# Options that a card has where there are enough backs, its own among them.
_OPTIONS, _MAX_OPTION = 4, 200
_MAX_UNPACKED = 64 * 1024 * 1024
# Of SQLite's own instructions: some hundred times what the largest deck that is unpacked takes, and a few seconds.
_STEP, _MAX_STEPS = 100_000, 2_000
_FRONT = ("front", "term", "question", "word", "vorderseite", "begriff", "frage")
_BACK = ("back", "meaning", "answer", "definition", "rückseite", "bedeutung", "antwort")
_ABOUT, _BEFORE = ("objective", "topic", "lernziel", "thema"), ("after", "prerequisite", "needs", "nach")
_TAG, _LETTERED = re.compile(r"<[^<>]{0,500}>"), re.compile(r"^([A-H])\) (.+)$")
_BREAK, _SMALL = (
    re.compile(r"<(?:br|div|p|li|hr)\b[^<>]{0,200}>", re.IGNORECASE),
    re.compile(r"<small>(.{0,2000}?)</small>", re.DOTALL),
)
_CLOZE = re.compile(r"\{\{c\d+::(.{1,300}?)(?:::[^{}]{0,200})?\}\}")
_GAP = "_____"
_NOTHING = "I found no cards and no questions in {name}."
_NEWER = "That deck is in Anki's newer format. In Anki, export it with “Support older Anki versions” ticked."

Card = tuple[str, str, str]


def lesson_of(content: Content, title: str, source: str = "") -> Lesson:
    """The lesson that a quiz or a deck is; without questions where it is neither."""
    items, skipped = items_of(content, title)
    if items or entries(content, "items"):
        return bounded(Lesson(title, tuple(items), source=source, skipped=skipped))
    return deck_of([(front, back, title) for front, back in cards(content)], title, source=source)


def deck_of(
    listed: Sequence[Card], title: str, *, before: Mapping[str, tuple[str, ...]] | None = None, source: str = ""
) -> Lesson:
    """A lesson of cards, each a front, a back and what it is about. A back stands among those of other cards to choose from."""
    # Each is compared with the backs of all.
    listed, skipped = listed[:MAX_ITEMS], max(0, len(listed) - MAX_ITEMS)
    backs = list(dict.fromkeys(back for _, back, _ in listed))
    items = tuple(_asked(card, backs) for card in listed)
    return bounded(Lesson(title, items, cards=True, before=before or {}, source=source, skipped=skipped))


def _asked(card: Card, backs: Sequence[str]) -> Item:
    front, back, about = card
    rng = random.Random(front)
    others = [one for one in backs if one.casefold() != back.casefold() and len(one) <= _MAX_OPTION]
    options = [back, *rng.sample(others, min(_OPTIONS - 1, len(others)))]
    if len(options) < 2:
        return Item(Question(front, (back,), (0,), form="short_answer"), about)
    return Item(Question(front, tuple(options), (0,)), about)


def read_lesson(name: str, body: bytes) -> Lesson:
    """The lesson of a file: a table of cards, an Anki deck, or what `quillmate generate --json` prints.

    Raises:
        FileError: it is of another type, damaged, or holds neither cards nor questions.
    """
    title, ending = Path(name).stem, Path(name).suffix.lower().removeprefix(".")
    match ending:
        case "csv":
            lesson = _of_table(rows_of_csv(decoded(body).text), title)
        case "apkg":
            lesson = _of_anki(body, title)
        case "json":
            lesson = _of_json(decoded(body).text, title)
        case _:
            raise FileError("I can read lessons from {endings}.", endings=", ".join(f".{one}" for one in ENDINGS))
    if not lesson.items:
        raise FileError(_NOTHING, name=name)
    return lesson


def _of_table(rows: Sequence[Sequence[str]], title: str) -> Lesson:
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = [_place(heading, names) for names in (_FRONT, _BACK, _ABOUT, _BEFORE)]
    if places[0] is None or places[1] is None:
        places, cells = [0, 1, None, None], rows
    else:
        cells = rows[1:]
    listed, before = [], dict[str, tuple[str, ...]]()
    for row in cells:
        front, back, about, first = (row[at].strip() if at is not None and at < len(row) else "" for at in places)
        if front and back:
            listed.append((front, back, about or title))
            if about and first:
                before[about] = tuple(
                    dict.fromkeys((*before.get(about, ()), *(one.strip() for one in first.split(";"))))
                )
    return deck_of(listed, title, before=before)


def _place(heading: Sequence[str], names: Sequence[str]) -> int | None:
    return next((at for at, one in enumerate(heading) if one in names), None)


def _of_json(text: str, title: str) -> Lesson:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        data: Any = json.loads(text) if len(lines) != 1 else json.loads(lines[0])
    except (ValueError, RecursionError):
        data = _last_object(lines)
    if not isinstance(data, dict):
        return Lesson(title, ())
    parts = data.get("parts", data)
    parts = parts if isinstance(parts, dict) else {}
    return lesson_of(Content(str(data.get("text") or ""), parts), str(parts.get("title") or title))


def _last_object(lines: Sequence[str]) -> Any:
    """The object on the last line, as `generate --json` prints it below the text.

    Raises:
        FileError: it is no JSON.
    """
    try:
        return json.loads(lines[-1]) if lines else None
    except (ValueError, RecursionError) as error:
        raise FileError(
            "That file is not valid JSON. `quillmate generate quiz … --json` prints what I can read."
        ) from error


def _of_anki(body: bytes, title: str) -> Lesson:
    try:
        with tempfile.TemporaryDirectory() as folder:
            notes = _notes(body, Path(folder))
    except (zipfile.BadZipFile, sqlite3.Error, OSError) as error:
        raise FileError("That .apkg file is damaged. Export it from Anki again.") from error
    asked, listed = [], []
    for fields, tags in notes:
        about = tags.split()[0].replace("_", " ") if tags.split() else title
        if (item := _lettered(fields, about)) is not None:
            asked.append(item)
        elif (card := _card(fields, about)) is not None:
            listed.append(card)
    if asked and not listed:
        return bounded(Lesson(title, tuple(asked)))
    deck = deck_of(listed, title)
    return bounded(Lesson(title, (*asked, *deck.items), cards=True, skipped=deck.skipped))


def _notes(body: bytes, folder: Path) -> list[tuple[list[str], str]]:
    with zipfile.ZipFile(_stream(body)) as archive:
        names = archive.namelist()
        name = next((one for one in ("collection.anki21", "collection.anki2") if one in names), "")
        if "collection.anki21b" in names or not name:
            raise FileError(_NEWER)
        if archive.getinfo(name).file_size > _MAX_UNPACKED:
            raise FileError("That deck unpacks to far more data than it should, so I did not open it.")
        archive.extract(name, folder)
    with closing(sqlite3.connect(f"{(folder / name).as_uri()}?mode=ro", uri=True)) as connection:
        _limit(connection)
        # A view of that name could be computed without end.
        kind = "SELECT type FROM sqlite_schema WHERE name = 'notes' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        if connection.execute(kind).fetchone() != ("table",):
            raise sqlite3.DatabaseError("there is no table of notes")
        found = connection.execute("SELECT flds, tags FROM notes ORDER BY id")
        return [(str(fields).split("\x1f"), str(tags)) for fields, tags in found]


def _limit(connection: sqlite3.Connection) -> None:
    """Ends whatever a database made by somebody else has computed for long: it raises an sqlite3.Error then."""
    left = iter(range(_MAX_STEPS))
    connection.set_progress_handler(lambda: next(left, None) is None, _STEP)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_UNPACKED)
    connection.execute("PRAGMA trusted_schema = OFF")


def _stream(body: bytes) -> Any:
    import io

    return io.BytesIO(body)


def _bare(field: str) -> str:
    """A field without its HTML."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", field))).strip()


def _card(fields: Sequence[str], about: str) -> Card | None:
    if gaps := _CLOZE.findall(fields[0]):
        front, back = (
            _bare(_CLOZE.sub(lambda found: _GAP if found[1] == gaps[0] else found[1], fields[0])),
            _bare(gaps[0]),
        )
    else:
        front, back = _bare(fields[0]), _bare(fields[1]) if len(fields) > 1 else ""
    return (front, back, about) if front and back else None


def _lettered(fields: Sequence[str], about: str) -> Item | None:
    """A question with lettered options in front, as the bot's own decks of quizzes have them."""
    lines = _bare(fields[0]).splitlines()
    options = [found for line in lines if (found := _LETTERED.match(line))]
    asked = "\n".join(line for line in lines if not _LETTERED.match(line)).strip()
    told = _SMALL.search(fields[1]) if len(fields) > 1 else None
    rights = (
        [_LETTERED.match(line) for line in _bare(_SMALL.sub("", fields[1])).splitlines()] if len(fields) > 1 else []
    )
    letters = [one[1] for one in options]
    correct = tuple(letters.index(one[1]) for one in rights if one and one[1] in letters)
    if len(options) < 2 or not correct or not asked:
        return None
    return Item(Question(asked, tuple(one[2] for one in options), correct, _bare(told[1]) if told else ""), about)
