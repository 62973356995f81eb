"""A course in the terminal: questions in the order that teaches most, hints, and progress. The due dates of questions
are stored in the data folder, keyed by a hash of each question, so none of their text is stored.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.runtime.files import read_file, restrict_umask, write_file
from bot.team.classroom import mastery
from bot.team.classroom.bkt import MASTERY_THRESHOLD
from bot.team.classroom.course import (
    Course,
    Lesson,
    RecordedAnswers,
    begin_session,
    end_session,
    find_next_due,
    give_hint,
    list_objective_progress,
    record_answer,
    record_claim,
)
from bot.team.classroom.hints import find_struck_options
from bot.team.classroom.lessons import read_lesson
from bot.team.classroom.quiz_items import QuizItem
from bot.team.classroom.spacing import CardMemory

# The folder within the data folder.
FOLDER_NAME = "learnt"
_LETTERS = "abcdefgh"
_INSTRUCTIONS = (
    "Answer with a letter, several letters such as “a c”, the answer's words or a number. ? for a hint, ! if you know "
    "it, q to stop."
)
_BAR_WIDTH = 20


@dataclass(frozen=True, slots=True)
class CourseTerminal:
    """The terminal of a course: functions for reading and writing lines; `ask` returns None at the end of input."""

    ask: Callable[[str], str | None]
    say: Callable[[str], None]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class StoredProgress:
    """The due dates and answer history of a lesson, stored in a file of the data folder.

    The file is named after the title, so cards that survive a change of the deck keep their due dates.
    """

    file: Path

    @classmethod
    def for_lesson(cls, lesson: Lesson, data_folder: Path) -> StoredProgress:
        """Return the stored progress of a lesson, by its title."""
        return cls(data_folder / FOLDER_NAME / f"{_hash_text(lesson.title)}.json")

    def load_course(self, lesson: Lesson) -> tuple[Course, mastery.Record]:
        """Load the course, and the last answers for each objective; both are new if nothing is stored."""
        stored_data = self._read()
        numbers_by_hash = {_hash_item(item): number for number, item in enumerate(lesson.items)}
        objectives_by_hash = {_hash_text(item.objective): item.objective for item in lesson.items}
        memories = {
            numbers_by_hash[digest]: CardMemory.from_json(memory)
            for digest, memory in stored_data["due"].items()
            if digest in numbers_by_hash
        }
        answer_history = {
            objectives_by_hash[digest]: history
            for digest, history in stored_data["answers"].items()
            if digest in objectives_by_hash
        }
        return Course(lesson, memories), answer_history

    def save(self, course: Course, answer_history: mastery.Record) -> None:
        """Store the progress of a course.

        Raises:
            FileError: the file cannot be written.
        """
        stored_data, items = self._read(), course.lesson.items
        stored_data["due"] |= {
            _hash_item(items[number]): memory.to_json() for number, memory in course.memories.items()
        }
        stored_data["answers"] |= {_hash_text(name): list(history) for name, history in answer_history.items()}
        restrict_umask()
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_file(self.file, json.dumps(stored_data).encode())

    def forget(self) -> None:
        """Delete the stored progress."""
        self.file.unlink(missing_ok=True)

    def _read(self) -> dict[str, dict[str, Any]]:
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
            stored_data = json.loads(self.file.read_bytes())
            for memory in stored_data["due"].values():
                CardMemory.from_json(memory)
            return {"due": dict(stored_data["due"]), "answers": dict(stored_data["answers"])}
        return {"due": {}, "answers": {}}


def _hash_text(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _hash_item(item: QuizItem) -> str:
    return _hash_text(json.dumps([item.question.text, sorted(item.question.right_answers)]))


def run_study_session(
    file: Path,
    terminal: CourseTerminal,
    data_folder: Path,
    *,
    max_questions: int = 0,
    ahead: bool = False,
    restart: bool = False,
) -> int:
    """Ask the due questions of a file, at most `max_questions` of them (0 for all); return the exit code. With
    `ahead`, questions are asked even if none is due; `restart` deletes earlier progress.

    Raises:
        FileError: the file cannot be read, or contains no questions.
    """
    lesson = read_lesson(file.name, read_file(file))
    progress = StoredProgress.for_lesson(lesson, data_folder)
    if restart:
        progress.forget()
    course, answer_history = progress.load_course(lesson)
    course = begin_session(course, answer_history, terminal.clock(), ahead=ahead)
    if course.open_number is None:
        terminal.say(f"{lesson.title}: nothing is due now. Use --ahead to study anyway, or --anew to start over.")
        for line in _format_summary(course, answer_history, terminal.clock())[1:]:
            terminal.say(line)
        return 0
    terminal.say(f"{lesson.title}: {len(lesson.items)} questions. {_INSTRUCTIONS}\n")
    while course.open_number is not None and (not max_questions or course.answer_count < max_questions):
        entry = terminal.ask(_format_question(course))
        if entry is None or entry.strip().casefold() == "q":
            course = end_session(course)
            break
        course, answers = _process_line(course, entry.strip(), answer_history, terminal)
        answer_history = mastery.add_answers(answer_history, answers)
        if answers:
            progress.save(course, answer_history)
    for line in _format_summary(course, answer_history, terminal.clock()):
        terminal.say(line)
    return 0


def _format_question(course: Course) -> str:
    """Format the question with its options and the hints so far."""
    item, struck_options = course.item, find_struck_options(course.given_hints)
    lines = [item.question.text, *(f"  {number}. {prompt}" for number, prompt in enumerate(item.question.lefts, 1))]
    if not item.is_written:
        lettered_options = zip(_LETTERS, item.question.options, strict=False)
        lines += [
            f"  {letter}) {option}"
            for index, (letter, option) in enumerate(lettered_options)
            if index not in struck_options
        ]
    lines += [f"  hint: {hint.text}" for hint in course.given_hints if hint.text]
    return "\n".join([*lines, "> "])


def _process_line(
    course: Course, entry: str, answer_history: mastery.Record, terminal: CourseTerminal
) -> tuple[Course, RecordedAnswers]:
    """Process a typed line; return the course and the recorded answers. For an invalid answer, print the instructions."""
    now, item = terminal.clock(), course.item
    if entry == "?":
        next_course, answers = give_hint(course, answer_history, now)
    elif entry == "!":
        next_course, answers = record_claim(course, answer_history, now)
    elif (choice := _parse_choice(item, entry)) is not None:
        next_course, answers = record_answer(course, choice, answer_history, now)
    else:
        terminal.say(_INSTRUCTIONS)
        return course, []
    if next_course.last_answer is not None and next_course.answer_count > course.answer_count:
        right = " / ".join(item.question.right_answers)
        outcome_texts = {"right": f"Right: {right}", "claimed": f"It is: {right}", "told": f"It is: {right}"}
        feedback = f" ({item.question.feedback})" if item.question.feedback else ""
        terminal.say(
            f"{outcome_texts.get(next_course.last_answer.outcome, f'Not right. The answer is: {right}')}{feedback}\n"
        )
    return next_course, answers


def _parse_choice(item: QuizItem, entry: str) -> str | None:
    """Parse an answer from letters or the words of an option; None if invalid."""
    if item.is_written:
        return entry or None
    normalised_options = [" ".join(option.casefold().split()) for option in item.question.options]
    if (
        not item.is_matching
        and len(entry) > 1
        and (normalised_entry := " ".join(entry.casefold().split())) in normalised_options
    ):
        return str(normalised_options.index(normalised_entry))
    option_numbers = [_LETTERS.find(letter) for letter in entry.casefold().replace(",", " ").split()]
    if not option_numbers or not all(0 <= number < len(item.question.options) for number in option_numbers):
        return None
    if (
        len(option_numbers) != len(item.question.lefts)
        if item.is_matching
        else len(option_numbers) > 1 and not item.has_several_answers
    ):
        return None
    return ",".join(map(str, option_numbers))


def _format_summary(course: Course, answer_history: mastery.Record, now: datetime) -> list[str]:
    lines = [f"{course.right_count} of {course.answer_count} right."]
    for progress in list_objective_progress(course, answer_history, now):
        filled = round(progress.probability * _BAR_WIDTH)
        label = "known" if progress.probability >= MASTERY_THRESHOLD else "open"
        bar = "#" * filled + "." * (_BAR_WIDTH - filled)
        lines.append(
            f"{bar} {progress.probability:4.0%} {label:5}  {progress.objective} ({progress.seen_count} of {progress.item_count} asked)"
        )
    due = find_next_due(course)
    return [*lines, f"The next question is due {due.astimezone():%d %B %Y, %H:%M}."] if due else lines
