"""Finds the answer keys in a text and parses their entries."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby, takewhile

from bot.markup import Document, Line
from bot.reading.labels import collect_tables, find_column, load_part_words, normalise_label, parse_label
from bot.reading.options import (
    CHECKBOX,
    LETTER,
    NUMBERED_TEXT,
    ONLY_LETTERS,
    QuestionStart,
    get_labelled_answer,
    get_labelled_feedback,
    is_key_heading,
    parse_question_start,
    split_options,
)

_INLINE_NUMBER = re.compile(
    rf"(?:^|(?<=[\s,;|·/(]))(?:Q|#)?(\d{{1,3}})(?=\s?[.):=–—→-]|\s+\(?[^\W\d_]|{LETTER}(?![^\W_]))", re.IGNORECASE
)
_NUMBER_WITH_LETTER = re.compile(rf"^[(]?(\d{{1,3}})\s?[-–→=>]{{0,2}}\s?([(]?{LETTER}[)]?(?![^\W_]).*)$", re.DOTALL)


@dataclass(slots=True)
class KeyEntry:
    """The part of a key for one question: the text after its number, its bold beginning (`lead`), and further lines."""

    number: int | None
    text: str
    lead: str = ""
    lines: list[Line] = field(default_factory=list)


def find_key_regions(document: Document) -> list[tuple[int, int, list[Line]]]:
    """Return the start and end of each key among the lines of a text, and the key's lines without its label."""
    lines, regions = document.lines, list[tuple[int, int, list[Line]]]()
    index, precedes_questions = 0, True
    while index < len(lines):
        line = lines[index]
        if row_count := _count_key_rows(lines[index:]) if line.head else 0:
            regions.append((index, index + row_count, list(lines[index : index + row_count])))
            index += row_count
            continue
        first_lines = _parse_key_start(line, document)
        if first_lines is None:
            begins_question = parse_question_start(line, document) or split_options(line.text, line.source)[1]
            precedes_questions = precedes_questions and not begins_question
            index += 1
            continue
        end = _find_key_end(lines, index, document, precedes_questions=precedes_questions)
        key_lines = [*first_lines, *lines[index + 1 : end]]
        # "Answers: A, C" followed by options is the answer to one of several questions.
        has_only_letters = bool(first_lines) and ONLY_LETTERS.fullmatch(first_lines[0].text)
        is_answer = has_only_letters and any(split_options(line.text, line.source)[1] for line in key_lines[1:])
        if not is_answer and _is_key_content(key_lines, document):
            regions.append((index, end, key_lines))
            index = end
        else:
            precedes_questions = False
            index += 1
    return regions


def _count_key_rows(lines: Sequence[Line]) -> int:
    """Return the number of rows of a table at the beginning of some lines if it is a key: numbers and answers; else 0."""
    rows = list(takewhile(lambda line: line.sort == "row", lines))
    headings, *cells = collect_tables(rows)[0]
    is_key = (
        find_column(headings, "question") is None
        and find_column(headings, "answer", "right", "key") == 1
        and bool(cells)
        and all(row[0].strip(" .)#").isdecimal() for row in cells)
    )
    return len(rows) if is_key else 0


def _parse_key_start(line: Line, document: Document) -> list[Line] | None:
    """Return the line of answers next to a key's label, if there are any; None if the line does not begin a key."""
    if line.sort in ("row", "code", "rule"):
        return None
    text = line.text.replace("||", "").strip()
    # A key may be numbered as if it were the last question.
    if line.entry is not None and not document.is_heading(line) and not is_key_heading(text.rstrip(":： ")):
        return None
    label, rest = parse_label(line)
    key_words = tuple(word for word in load_part_words("key") if len(word) > 3)
    has_several_answers = len(find_number_sequence(rest)) > 1 and (
        label.startswith(key_words) or label.endswith(key_words)
    )
    if label and rest and (has_several_answers or is_key_heading(label)):
        has_answers = find_number_sequence(rest) or ONLY_LETTERS.fullmatch(rest)
        if not has_answers and (label in load_part_words("answer") or not document.is_heading(line)):
            return None  # "Solution: b) …" below its question is the answer to it.
        answer_line = replace(line, sort="text", text=rest, source=rest, lead="", rest="", level=0)
        return [answer_line] if has_answers else []
    return [] if is_key_heading(text.rstrip(":： ")) else None


def _find_key_end(lines: Sequence[Line], start: int, document: Document, *, precedes_questions: bool) -> int:
    """Return the index after a key's last line.

    A key ends at a heading not nested below its own, and one that precedes the questions also where they begin.
    """
    key_line = lines[start]
    key_level = key_line.level if key_line.sort == "heading" else 0
    highest = int(bool(find_number_sequence(parse_label(key_line)[1])))
    for index in range(start + 1, len(lines)):
        line = lines[index]
        question_start = parse_question_start(line, document)
        is_nested = key_level and line.level > key_level
        if line.sort == "heading" and question_start is None and not is_nested:
            return index
        if precedes_questions and highest and line.head:
            return index
        if question_start and question_start.number is not None:
            if precedes_questions and (highest or not key_level):
                following = next((line for line in lines[index + 1 : index + 4] if line.text.strip()), None)
                is_question = following is not None and bool(
                    split_options(following.text, following.source)[1] or CHECKBOX.match(following.text)
                )
                if (question_start.number == 1 and highest) or is_question:
                    return index
            highest = max(highest, question_start.number)
        if precedes_questions and line.sort == "rule" and highest:
            return index
    return len(lines)


def _is_key_content(lines: Sequence[Line], document: Document) -> bool:
    """Whether lines contain a key: an entry with a number, or several entries."""
    entries = parse_key_entries(lines, document)
    return len(entries) > 1 or any(entry.number is not None for entry in entries)


def find_number_sequence(text: str) -> list[tuple[int, int, int]]:
    """Return (number, start, end) for the consecutive numbers in a line such as "1 B, 2 D, 3 A"."""
    numbers: list[tuple[int, int, int]] = []
    for match in _INLINE_NUMBER.finditer(text):
        number = int(match[1])
        if not numbers and match.start() > 40:
            break
        if not numbers or number == numbers[-1][0] + 1:
            numbers.append((number, match.start(), match.end()))
    return numbers


def parse_key_entries(lines: Sequence[Line], document: Document) -> list[KeyEntry]:
    """Parse the lines of a key into its entries, one a question."""
    starts = [parse_question_start(line, document) for line in lines]
    numbers = {start.number for start in starts if start and start.number is not None}
    top_level = min((line.level for line in lines if line.sort == "item"), default=0)
    entries: list[KeyEntry] = []
    current: KeyEntry | None = None
    for is_row, group in groupby(zip(lines, starts, strict=True), key=lambda pair: pair[0].sort == "row"):
        if is_row:
            entries += _parse_key_rows([line for line, _ in group])
            current = None
            continue
        for line, start in group:
            text = line.text.replace("||", "").strip()
            if not text or line.sort == "rule":
                continue
            is_nested = bool(start and line.ordinal == start.number and line.level > top_level and current)
            start = start or _parse_entry_start(line, text)
            precedes_next = start is not None and (start.number or 0) + 1 in numbers
            if not is_nested and not precedes_next and (sequence := _parse_sequence(line, text)):
                entries += sequence
                current = None
            elif start and not is_nested and start.number is not None:
                current = KeyEntry(
                    start.number, start.rest.strip(), line.lead if start.rest.startswith(line.lead) else ""
                )
                entries.append(current)
            elif current is not None and current.number is not None:
                if _ends_entry(line, document):
                    current = None
                else:
                    current.lines.append(line)
            elif line.sort == "item" and line.level == top_level and not numbers:
                current = KeyEntry(None, text, line.lead)
                entries.append(current)
            elif ONLY_LETTERS.fullmatch(text):
                entries += [KeyEntry(None, letter) for letter in re.findall(LETTER, text)]
    return entries


def _parse_entry_start(line: Line, text: str) -> QuestionStart | None:
    """Parse a line that begins an entry in a form that only keys have: "3B", "Answer 3: B"; return None for others."""
    if len(find_number_sequence(text)) < 2 and (match := _NUMBER_WITH_LETTER.match(text)):
        return QuestionStart(int(match[1]), match[2], "list")
    label, rest = parse_label(line)
    match = re.fullmatch(r"(.{2,40}?) ?(\d{1,3})", label)
    if match and match[1] in load_part_words("answer"):
        return QuestionStart(int(match[2]), rest, "word")
    return None


def _parse_sequence(line: Line, text: str) -> list[KeyEntry]:
    """Return the entries in a line that has several: "1 B, 2 D, 3 A"; none for other lines."""
    label, rest = parse_label(line)
    if label and (numbers := find_number_sequence(rest)) and not numbers[0][1]:
        text = rest  # "Round 1: 1 B, 2 D".
    full_text = f"{line.ordinal}. {text}" if line.ordinal is not None else text
    sequence = find_number_sequence(full_text)
    entries = _split_sequence(full_text, sequence) if len(sequence) > 1 else []
    return entries if _can_be_answers(entries) else []


def _ends_entry(line: Line, document: Document) -> bool:
    """Whether a line is a heading without an answer, feedback or options for the entry above it."""
    has_label = get_labelled_answer(line) is not None or get_labelled_feedback(line) is not None
    return document.is_heading(line) and not has_label and not split_options(line.text, line.source)[1]


def _split_sequence(text: str, sequence: Sequence[tuple[int, int, int]]) -> list[KeyEntry]:
    ends = [*(start for _, start, _ in sequence[1:]), len(text)]
    return [
        KeyEntry(number, text[start:end].strip(" .,;:|·/–—-=→)("))
        for (number, _, start), end in zip(sequence, ends, strict=True)
    ]


def split_entry(entry: KeyEntry) -> list[KeyEntry]:
    """Split an entry at its numbered answers: "Exercise 1: 1. went, 2. saw"; an empty entry becomes none."""
    sequence = find_number_sequence(entry.text)
    if sequence and not sequence[0][1] and (len(sequence) > 1 or NUMBERED_TEXT.match(entry.text)):
        return _split_sequence(entry.text, sequence)
    return [entry] if entry.text or entry.lines else []


def _can_be_answers(entries: Sequence[KeyEntry]) -> bool:
    """Whether the entries of a line can be answers: not empty, and short or beginning with a letter."""
    texts = [entry.text for entry in entries]
    are_short = all(len(text) < 40 for text in texts[:-1])
    return all(texts) and (are_short or all(re.match(rf"{LETTER}\b", text) for text in texts))


def _parse_key_rows(rows: Sequence[Line]) -> list[KeyEntry]:
    """Return the entries of tables with a row for each question, or with a row of numbers above a row of answers."""
    entries: list[KeyEntry] = []
    for headings, *cells in collect_tables(rows):
        labels = [normalise_label(heading) for heading in headings]
        if cells and sum(label.isdigit() for label in labels) > 1:
            entries += [
                KeyEntry(int(label), answer) for label, answer in zip(labels, cells[0], strict=False) if label.isdigit()
            ]
            continue
        answer_column = find_column(headings, "answer", "right", "key")
        feedback_column = find_column(headings, "feedback")
        question_column = find_column(headings, "question")
        if answer_column is None and not cells:
            continue
        has_header = answer_column is not None or question_column is not None
        for row in cells if has_header else [headings, *cells]:
            column = answer_column
            if column is None:
                others = (question_column, feedback_column)
                column = next((column for column in range(1, len(row)) if column not in others), None)
            if column is None or not row[column]:
                continue
            number = re.search(r"\d{1,3}", row[0][:12])
            reason = row[feedback_column] if feedback_column is not None else ""
            reason_lines = [Line(0, "text", f"explanation: {reason}", "")] if reason else []
            entries.append(KeyEntry(int(number[0]) if number else None, row[column], "", reason_lines))
    return entries
