"""Lessons from a quiz, a deck of flashcards, a table of cards or an Anki deck. Pure, except for reading the last."""

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
from bot.documents.encodings import decode_text
from bot.documents.sheets import parse_csv
from bot.errors import FileError
from bot.exports._parts import QuizQuestion, collect_cards, get_entries

from .course import MAX_ITEMS, Lesson, limit_size
from .quiz_game import QuizItem, parse_items

FILE_TYPES = ("csv", "apkg", "json")
# Options of a card if there are enough backs, including its own, and characters of an option.
_MAX_OPTIONS, _MAX_OPTION_CHARACTERS = 4, 200
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
# SQLite instructions: some hundred times what the largest allowed deck takes, a few seconds.
_STEP, _MAX_STEPS = 100_000, 2_000
_FRONT_HEADINGS = ("front", "term", "question", "word", "vorderseite", "begriff", "frage")
_BACK_HEADINGS = ("back", "meaning", "answer", "definition", "rückseite", "bedeutung", "antwort")
_TOPIC_HEADINGS, _PREREQUISITE_HEADINGS = (
    ("objective", "topic", "lernziel", "thema"),
    ("after", "prerequisite", "needs", "nach"),
)
_TAG, _LETTERED_OPTION = re.compile(r"<[^<>]{0,500}>"), re.compile(r"^([A-H])\) (.+)$")
_BREAK, _SMALL = (
    re.compile(r"<(?:br|div|p|li|hr)\b[^<>]{0,200}>", re.IGNORECASE),
    re.compile(r"<small>(.{0,2000}?)</small>", re.DOTALL),
)
_CLOZE = re.compile(r"\{\{c\d+::(.{1,300}?)(?:::[^{}]{0,200})?\}\}")
_GAP = "_____"
_EMPTY_FILE = "I found no cards and no questions in {name}."
_NEWER_FORMAT = "That deck is in Anki's newer format. In Anki, export it with “Support older Anki versions” ticked."

Card = tuple[str, str, str]


def build_lesson(content: Content, title: str, source: str = "") -> Lesson:
    """Build the lesson of a quiz or a deck; it has no questions if the content is neither."""
    items, skipped = parse_items(content, title)
    if items or get_entries(content, "items"):
        return limit_size(Lesson(title, tuple(items), source=source, skipped=skipped))
    return build_deck([(front, back, title) for front, back in collect_cards(content)], title, source=source)


def build_deck(
    listed: Sequence[Card], title: str, *, before: Mapping[str, tuple[str, ...]] | None = None, source: str = ""
) -> Lesson:
    """Build a lesson of cards (front, back, objective); the options of a card are its back and those of other cards."""
    # Limited first, as each card is compared with all backs.
    listed, skipped = listed[:MAX_ITEMS], max(0, len(listed) - MAX_ITEMS)
    backs = list(dict.fromkeys(back for _, back, _ in listed))
    items = tuple(_build_item(card, backs) for card in listed)
    return limit_size(Lesson(title, items, cards=True, before=before or {}, source=source, skipped=skipped))


def _build_item(card: Card, backs: Sequence[str]) -> QuizItem:
    front, back, topic = card
    rng = random.Random(front)
    others = [
        other_back
        for other_back in backs
        if other_back.casefold() != back.casefold() and len(other_back) <= _MAX_OPTION_CHARACTERS
    ]
    options = [back, *rng.sample(others, min(_MAX_OPTIONS - 1, len(others)))]
    if len(options) < 2:
        return QuizItem(QuizQuestion(front, (back,), (0,), form="short_answer"), topic)
    return QuizItem(QuizQuestion(front, tuple(options), (0,)), topic)


def read_lesson(name: str, body: bytes) -> Lesson:
    """Read the lesson of a file: a table of cards, an Anki deck, or the output of `quillmate generate --json`.

    Raises:
        FileError: it has another type, is damaged, or contains neither cards nor questions.
    """
    title, ending = Path(name).stem, Path(name).suffix.lower().removeprefix(".")
    match ending:
        case "csv":
            lesson = _parse_table(parse_csv(decode_text(body).text), title)
        case "apkg":
            lesson = _parse_anki(body, title)
        case "json":
            lesson = _parse_json(decode_text(body).text, title)
        case _:
            raise FileError("I can read lessons from {endings}.", endings=", ".join(f".{one}" for one in FILE_TYPES))
    if not lesson.items:
        raise FileError(_EMPTY_FILE, name=name)
    return lesson


def _parse_table(rows: Sequence[Sequence[str]], title: str) -> Lesson:
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = [
        _find_column(heading, names)
        for names in (_FRONT_HEADINGS, _BACK_HEADINGS, _TOPIC_HEADINGS, _PREREQUISITE_HEADINGS)
    ]
    if places[0] is None or places[1] is None:
        places, cells = [0, 1, None, None], rows
    else:
        cells = rows[1:]
    listed, before = [], dict[str, tuple[str, ...]]()
    for row in cells:
        front, back, topic, prerequisites = (
            row[column].strip() if column is not None and column < len(row) else "" for column in places
        )
        if front and back:
            listed.append((front, back, topic or title))
            if topic and prerequisites:
                before[topic] = tuple(
                    dict.fromkeys((*before.get(topic, ()), *(one.strip() for one in prerequisites.split(";"))))
                )
    return build_deck(listed, title, before=before)


def _find_column(heading: Sequence[str], names: Sequence[str]) -> int | None:
    return next((index for index, cell in enumerate(heading) if cell in names), None)


def _parse_json(text: str, title: str) -> Lesson:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        data: Any = json.loads(text) if len(lines) != 1 else json.loads(lines[0])
    except (ValueError, RecursionError):
        data = _parse_last_line(lines)
    if not isinstance(data, dict):
        return Lesson(title, ())
    parts = data.get("parts", data)
    parts = parts if isinstance(parts, dict) else {}
    return build_lesson(Content(str(data.get("text") or ""), parts), str(parts.get("title") or title))


def _parse_last_line(lines: Sequence[str]) -> Any:
    """Parse the object on the last line, which `generate --json` prints below the text.

    Raises:
        FileError: it is not JSON.
    """
    try:
        return json.loads(lines[-1]) if lines else None
    except (ValueError, RecursionError) as error:
        raise FileError(
            "That file is not valid JSON. `quillmate generate quiz … --json` prints what I can read."
        ) from error


def _parse_anki(body: bytes, title: str) -> Lesson:
    try:
        with tempfile.TemporaryDirectory() as folder:
            notes = _read_notes(body, Path(folder))
    except (zipfile.BadZipFile, sqlite3.Error, OSError) as error:
        raise FileError("That .apkg file is damaged. Export it from Anki again.") from error
    quiz_items, listed = [], []
    for fields, tags in notes:
        topic = tags.split()[0].replace("_", " ") if tags.split() else title
        if (item := _parse_lettered(fields, topic)) is not None:
            quiz_items.append(item)
        elif (card := _parse_card(fields, topic)) is not None:
            listed.append(card)
    if quiz_items and not listed:
        return limit_size(Lesson(title, tuple(quiz_items)))
    deck = build_deck(listed, title)
    return limit_size(Lesson(title, (*quiz_items, *deck.items), cards=True, skipped=deck.skipped))


def _read_notes(body: bytes, folder: Path) -> list[tuple[list[str], str]]:
    with zipfile.ZipFile(_stream(body)) as archive:
        names = archive.namelist()
        name = next((one for one in ("collection.anki21", "collection.anki2") if one in names), "")
        if "collection.anki21b" in names or not name:
            raise FileError(_NEWER_FORMAT)
        if archive.getinfo(name).file_size > _MAX_UNPACKED_BYTES:
            raise FileError("That deck unpacks to far more data than it should, so I did not open it.")
        archive.extract(name, folder)
    with closing(sqlite3.connect(f"{(folder / name).as_uri()}?mode=ro", uri=True)) as connection:
        _limit_queries(connection)
        # A view of that name could run an endless query.
        kind = "SELECT type FROM sqlite_schema WHERE name = 'notes' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        if connection.execute(kind).fetchone() != ("table",):
            raise sqlite3.DatabaseError("there is no table of notes")
        note_rows = connection.execute("SELECT flds, tags FROM notes ORDER BY id")
        return [(str(fields).split("\x1f"), str(tags)) for fields, tags in note_rows]


def _limit_queries(connection: sqlite3.Connection) -> None:
    """Limit the queries of an untrusted database; a long one raises an sqlite3.Error."""
    steps_left = iter(range(_MAX_STEPS))
    connection.set_progress_handler(lambda: next(steps_left, None) is None, _STEP)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_UNPACKED_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")


def _stream(body: bytes) -> Any:
    import io

    return io.BytesIO(body)


def _strip_html(field: str) -> str:
    """Return a field without its HTML."""
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", field))).strip()


def _parse_card(fields: Sequence[str], topic: str) -> Card | None:
    if gaps := _CLOZE.findall(fields[0]):
        front, back = (
            _strip_html(_CLOZE.sub(lambda found: _GAP if found[1] == gaps[0] else found[1], fields[0])),
            _strip_html(gaps[0]),
        )
    else:
        front, back = _strip_html(fields[0]), _strip_html(fields[1]) if len(fields) > 1 else ""
    return (front, back, topic) if front and back else None


def _parse_lettered(fields: Sequence[str], topic: str) -> QuizItem | None:
    """Parse a question with lettered options, as in the bot's own exported quizzes."""
    lines = _strip_html(fields[0]).splitlines()
    options = [match for line in lines if (match := _LETTERED_OPTION.match(line))]
    question_text = "\n".join(line for line in lines if not _LETTERED_OPTION.match(line)).strip()
    explanation = _SMALL.search(fields[1]) if len(fields) > 1 else None
    rights = (
        [_LETTERED_OPTION.match(line) for line in _strip_html(_SMALL.sub("", fields[1])).splitlines()]
        if len(fields) > 1
        else []
    )
    letters = [option[1] for option in options]
    correct = tuple(
        letters.index(right_answer[1]) for right_answer in rights if right_answer and right_answer[1] in letters
    )
    if len(options) < 2 or not correct or not question_text:
        return None
    return QuizItem(
        QuizQuestion(
            question_text,
            tuple(option[2] for option in options),
            correct,
            _strip_html(explanation[1]) if explanation else "",
        ),
        topic,
    )
