"""Lessons from a quiz, flashcards, a table of cards or an Anki deck. No I/O, except that a deck is unpacked to a temporary folder."""

from __future__ import annotations

import html
import io
import json
import lzma
import random
import re
import sqlite3
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.content import Content
from bot.documents.encodings import decode_text
from bot.documents.sheets import parse_csv
from bot.errors import FileError
from bot.exports._parts import QuizQuestion, collect_cards, get_entries
from personas.profile import make_storable

from .course import MAX_ITEMS, Lesson, limit_size
from .quiz_items import QuizItem, parse_items

FILE_TYPES = ("csv", "apkg", "json")
# Maximum options of a card, including its own back, and characters of an option.
_MAX_OPTIONS, _MAX_OPTION_CHARACTERS = 4, 200
_MAX_UNPACKED_BYTES = 64 * 1024 * 1024
# SQLite instructions a step, and maximum steps: a few seconds, several hundred times what the largest allowed deck takes.
_STEP_INSTRUCTIONS, _MAX_STEPS = 100_000, 2_000
_FRONT_HEADINGS = ("front", "term", "question", "word", "vorderseite", "begriff", "frage")
_BACK_HEADINGS = ("back", "meaning", "answer", "definition", "rückseite", "bedeutung", "antwort")
_TOPIC_HEADINGS, _PREREQUISITE_HEADINGS = (
    ("objective", "topic", "lernziel", "thema"),
    ("after", "prerequisite", "needs", "nach"),
)
_HTML_TAG, _LETTERED_OPTION = re.compile(r"<[^<>]{0,500}>"), re.compile(r"^([A-H])\) (.+)$")
_LINE_BREAK_TAG, _SMALL_TAG = (
    re.compile(r"<(?:br|div|p|li|hr)\b[^<>]{0,200}>", re.IGNORECASE),
    re.compile(r"<small>(.{0,2000}?)</small>", re.DOTALL),
)
_CLOZE = re.compile(r"\{\{c\d+::(.{1,300}?)(?:::[^{}]{0,200})?\}\}")
_GAP = "_____"
# What the archive and the database of a damaged deck raise, an encrypted one and one in an unknown compression included.
_DAMAGED_DECK_ERRORS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    sqlite3.Error,
    OSError,
)
_EMPTY_FILE = "I found no cards and no questions in {name}."
_NEWER_FORMAT = "That deck is in Anki's newer format. In Anki, export it with “Support older Anki versions” ticked."

# Front, back and objective.
Card = tuple[str, str, str]


def build_lesson(content: Content, title: str, source: str = "") -> Lesson:
    """Build a lesson from a quiz or a deck of flashcards; it has no questions if the content is neither."""
    items, skipped = parse_items(content, title)
    if items or get_entries(content, "items"):
        return limit_size(Lesson(title, tuple(items), source=source, skipped=skipped))
    return build_deck([(front, back, title) for front, back in collect_cards(content)], title, source=source)


def build_deck(
    cards: Sequence[Card],
    title: str,
    *,
    prerequisites: Mapping[str, tuple[str, ...]] | None = None,
    source: str = "",
) -> Lesson:
    """Build a lesson of cards; the options of a card are its back and those of other cards."""
    # Limited first, as each card is compared with all backs.
    cards, skipped = cards[:MAX_ITEMS], max(0, len(cards) - MAX_ITEMS)
    backs = list(dict.fromkeys(back for _, back, _ in cards))
    items = tuple(_build_item(card, backs) for card in cards)
    lesson = Lesson(title, items, are_cards=True, prerequisites=prerequisites or {}, source=source, skipped=skipped)
    return limit_size(lesson)


def _build_item(card: Card, backs: Sequence[str]) -> QuizItem:
    front, back, topic = card
    rng = random.Random(front)
    other_backs = [
        other_back
        for other_back in backs
        if other_back.casefold() != back.casefold() and len(other_back) <= _MAX_OPTION_CHARACTERS
    ]
    options = [back, *rng.sample(other_backs, min(_MAX_OPTIONS - 1, len(other_backs)))]
    if len(options) < 2:
        return QuizItem(QuizQuestion(front, (back,), (0,), form="short_answer"), topic)
    return QuizItem(QuizQuestion(front, tuple(options), (0,)), topic)


def read_lesson(name: str, body: bytes) -> Lesson:
    """Parse the lesson of a file: a CSV table of cards, an Anki deck, or the output of `quillmate generate --json`.

    Raises:
        FileError: the file has another type, is damaged, or contains neither cards nor questions.
    """
    title, extension = Path(name).stem, Path(name).suffix.lower().removeprefix(".")
    match extension:
        case "csv":
            lesson = _parse_table(parse_csv(decode_text(body).text), title)
        case "apkg":
            lesson = _parse_anki(body, title)
        case "json":
            lesson = _parse_json(decode_text(body).text, title)
        case _:
            raise FileError(
                "I can read lessons from {endings}.", endings=", ".join(f".{file_type}" for file_type in FILE_TYPES)
            )
    if not lesson.items:
        raise FileError(_EMPTY_FILE, name=name)
    return lesson


def _parse_table(rows: Sequence[Sequence[str]], title: str) -> Lesson:
    headings = [cell.strip().casefold() for cell in rows[0]] if rows else []
    columns = [
        _find_column(headings, names)
        for names in (_FRONT_HEADINGS, _BACK_HEADINGS, _TOPIC_HEADINGS, _PREREQUISITE_HEADINGS)
    ]
    if columns[0] is None or columns[1] is None:
        columns, card_rows = [0, 1, None, None], rows
    else:
        card_rows = rows[1:]
    cards, prerequisites = [], dict[str, tuple[str, ...]]()
    for row in card_rows:
        front, back, topic, names = (
            row[column].strip() if column is not None and column < len(row) else "" for column in columns
        )
        if front and back:
            cards.append((front, back, topic or title))
            if topic and names:
                prerequisites[topic] = tuple(
                    dict.fromkeys((*prerequisites.get(topic, ()), *(name.strip() for name in names.split(";"))))
                )
    return build_deck(cards, title, prerequisites=prerequisites)


def _find_column(headings: Sequence[str], names: Sequence[str]) -> int | None:
    return next((index for index, cell in enumerate(headings) if cell in names), None)


def _parse_json(text: str, title: str) -> Lesson:
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        data = _load_json(text if len(lines) != 1 else lines[0])
    except (ValueError, RecursionError):
        data = _parse_last_line(lines)
    if not isinstance(data, dict):
        return Lesson(title, ())
    parts = data.get("parts", data)
    parts = parts if isinstance(parts, dict) else {}
    return build_lesson(Content(str(data.get("text") or ""), parts), str(parts.get("title") or title))


def _load_json(text: str) -> Any:
    """Parse JSON, without the lone surrogates that its escapes can stand for and that nothing can encode."""
    return json.loads(make_storable(json.dumps(json.loads(text), ensure_ascii=False)))


def _parse_last_line(lines: Sequence[str]) -> Any:
    """Parse the object on the last line, which `generate --json` prints below the text.

    Raises:
        FileError: the line is not JSON.
    """
    try:
        return _load_json(lines[-1]) if lines else None
    except (ValueError, RecursionError) as error:
        raise FileError(
            "That file is not valid JSON. `quillmate generate quiz … --json` prints what I can read."
        ) from error


def _parse_anki(body: bytes, title: str) -> Lesson:
    try:
        with tempfile.TemporaryDirectory() as folder:
            notes = _read_notes(body, Path(folder))
    except _DAMAGED_DECK_ERRORS as error:
        raise FileError("That .apkg file is damaged. Export it from Anki again.") from error
    quiz_items, cards = [], []
    for fields, tags in notes:
        topic = tags.split()[0].replace("_", " ") if tags.split() else title
        if (item := _parse_lettered_question(fields, topic)) is not None:
            quiz_items.append(item)
        elif (card := _parse_card(fields, topic)) is not None:
            cards.append(card)
    if quiz_items and not cards:
        return limit_size(Lesson(title, tuple(quiz_items)))
    deck = build_deck(cards, title)
    return limit_size(Lesson(title, (*quiz_items, *deck.items), are_cards=True, skipped=deck.skipped))


def _read_notes(body: bytes, folder: Path) -> list[tuple[list[str], str]]:
    """Return the fields and tags of the notes in an Anki deck, unpacking its database to a folder."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        names = archive.namelist()
        name = next((database for database in ("collection.anki21", "collection.anki2") if database in names), "")
        if "collection.anki21b" in names or not name:
            raise FileError(_NEWER_FORMAT)
        if archive.getinfo(name).file_size > _MAX_UNPACKED_BYTES:
            raise FileError("That deck unpacks to far more data than it should, so I did not open it.")
        archive.extract(name, folder)
    with closing(sqlite3.connect(f"{(folder / name).as_uri()}?mode=ro", uri=True)) as connection:
        _limit_queries(connection)
        # A view with that name could run an endless query.
        type_query = "SELECT type FROM sqlite_schema WHERE name = 'notes' AND sql NOT LIKE 'CREATE VIRTUAL%'"
        if connection.execute(type_query).fetchone() != ("table",):
            raise sqlite3.DatabaseError("there is no table of notes")
        note_rows = connection.execute("SELECT flds, tags FROM notes ORDER BY id")
        return [(str(fields).split("\x1f"), str(tags)) for fields, tags in note_rows]


def _limit_queries(connection: sqlite3.Connection) -> None:
    """Limit the time and memory of queries to an untrusted database; beyond the limits they raise `sqlite3.Error`."""
    steps_left = iter(range(_MAX_STEPS))
    connection.set_progress_handler(lambda: next(steps_left, None) is None, _STEP_INSTRUCTIONS)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MAX_UNPACKED_BYTES)
    connection.execute("PRAGMA trusted_schema = OFF")


def _strip_html(field: str) -> str:
    """Return the text of an HTML field."""
    return html.unescape(_HTML_TAG.sub("", _LINE_BREAK_TAG.sub("\n", field))).strip()


def _parse_card(fields: Sequence[str], topic: str) -> Card | None:
    if gaps := _CLOZE.findall(fields[0]):
        front, back = (
            _strip_html(_CLOZE.sub(lambda match: _GAP if match[1] == gaps[0] else match[1], fields[0])),
            _strip_html(gaps[0]),
        )
    else:
        front, back = _strip_html(fields[0]), _strip_html(fields[1]) if len(fields) > 1 else ""
    return (front, back, topic) if front and back else None


def _parse_lettered_question(fields: Sequence[str], topic: str) -> QuizItem | None:
    """Parse a question with lettered options, as in the bot's own exported quizzes."""
    lines = _strip_html(fields[0]).splitlines()
    options = [match for line in lines if (match := _LETTERED_OPTION.match(line))]
    question_text = "\n".join(line for line in lines if not _LETTERED_OPTION.match(line)).strip()
    explanation = _SMALL_TAG.search(fields[1]) if len(fields) > 1 else None
    right_lines = (
        [_LETTERED_OPTION.match(line) for line in _strip_html(_SMALL_TAG.sub("", fields[1])).splitlines()]
        if len(fields) > 1
        else []
    )
    letters = [option[1] for option in options]
    correct = tuple(letters.index(match[1]) for match in right_lines if match and match[1] in letters)
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
