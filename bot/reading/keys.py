"""Parses answer keys: where they are in a text, and what they give for each question. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from bot.markup import Document, Line
from bot.reading.labels import collect_tables, find_column, load_part_words, normalise_label, parse_label
from bot.reading.options import (
    BOX,
    LETTER,
    NUMBERED,
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
    """What a key gives for one question."""

    number: int | None
    text: str
    lead: str = ""
    lines: list[Line] = field(default_factory=list)


def find_key_regions(document: Document) -> list[tuple[int, int, list[Line]]]:
    """Return where keys are among the lines of a text, each with its own lines."""
    lines, found = document.lines, list[tuple[int, int, list[Line]]]()
    at, in_front = 0, True
    while at < len(lines):
        line = lines[at]
        begun = _parse_key_start(line, document)
        if begun is None:
            in_front = (
                in_front
                and parse_question_start(line, document) is None
                and not split_options(line.text, line.source)[1]
            )
            at += 1
            continue
        end = _find_key_end(lines, at, document, in_front=in_front)
        own = [*begun, *lines[at + 1 : end]]
        # "Answers: A, C" below one of several questions is not the key of all.
        letters = bool(begun) and ONLY_LETTERS.fullmatch(begun[0].text)
        of_one = letters and any(split_options(one.text, one.source)[1] for one in own[1:])
        if not of_one and _is_key_content(own, document):
            found.append((at, end, own))
            at = end
        else:
            in_front = False
            at += 1
    return found


def _parse_key_start(line: Line, document: Document) -> list[Line] | None:
    if line.sort in ("row", "code", "rule"):
        return None
    if line.entry is not None and not document.is_heading(line):
        return None
    text = line.text.replace("||", "").strip()
    label, rest = parse_label(line)
    known = tuple(one for one in load_part_words("key") if len(one) > 3)
    several = len(find_number_sequence(rest)) > 1 and (label.startswith(known) or label.endswith(known))
    if label and rest and (several or is_key_heading(label)):
        answers = find_number_sequence(rest) or ONLY_LETTERS.fullmatch(rest)
        if not answers and (label in load_part_words("answer") or not document.is_heading(line)):
            return None  # "Solution: b) …" below its question.
        own = replace(line, sort="text", text=rest, source=rest, lead="", rest="", level=0)
        return [own] if answers else []
    return [] if is_key_heading(text.rstrip(":： ")) else None


def _find_key_end(lines: Sequence[Line], at: int, document: Document, *, in_front: bool) -> int:
    head = lines[at]
    marked = head.level if head.sort == "heading" else 0
    highest = int(bool(find_number_sequence(parse_label(head)[1])))
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if (
            line.sort == "heading"
            and parse_question_start(line, document) is None
            and (not marked or line.level <= marked)
        ):
            return end
        if in_front and highest and line.head:
            return end
        start = parse_question_start(line, document)
        if in_front and start and start.number is not None and (highest or not marked):
            after = next((one for one in lines[end + 1 : end + 4] if one.text.strip()), None)
            asks = after is not None and bool(split_options(after.text, after.source)[1] or BOX.match(after.text))
            if (start.number == 1 and highest) or asks:
                return end
        if start and start.number is not None:
            highest = max(highest, start.number)
        if in_front and line.sort == "rule" and highest:
            return end
    return len(lines)


def _is_key_content(lines: Sequence[Line], document: Document) -> bool:
    """Whether lines hold the content of a key: numbers, rows of a table, entries of a list, or only letters."""
    entries = parse_key_entries(lines, document)
    return bool(entries) and (any(one.number is not None for one in entries) or len(entries) > 1)


def find_number_sequence(text: str) -> list[tuple[int, int, int]]:
    """Return the consecutive numbers in a line such as "1 B, 2 D, 3 A", each with its start and end."""
    found: list[tuple[int, int, int]] = []
    for one in _INLINE_NUMBER.finditer(text):
        number = int(one[1])
        if not found and one.start() > 40:
            break
        if not found or number == found[-1][0] + 1:
            found.append((number, one.start(), one.end()))
    return found


def parse_key_entries(lines: Sequence[Line], document: Document) -> list[KeyEntry]:
    """Return the entries of a key, question by question."""
    starts = [parse_question_start(line, document) for line in lines]
    numbers = {one.number for one in starts if one and one.number is not None}
    top = min((line.level for line in lines if line.sort == "item"), default=0)
    found: list[KeyEntry] = []
    current: KeyEntry | None = None
    for is_row, group in groupby(zip(lines, starts, strict=True), key=lambda pair: pair[0].sort == "row"):
        if is_row:
            found += _parse_key_rows([line for line, _ in group])
            current = None
            continue
        for line, start in group:
            text = line.text.replace("||", "").strip()
            if not text or line.sort == "rule":
                continue
            nested = bool(start and line.ordinal == start.number and line.level > top and current)
            start = start or _parse_entry_start(line, text)
            follows = start is not None and (start.number or 0) + 1 in numbers
            if not nested and not follows and (several := _parse_sequence(line, text)):
                found += several
                current = None
            elif start and not nested and start.number is not None:
                current = KeyEntry(
                    start.number, start.rest.strip(), line.lead if start.rest.startswith(line.lead) else ""
                )
                found.append(current)
            elif current is not None and current.number is not None:
                if _ends_entry(line, document):
                    current = None
                else:
                    current.lines.append(line)
            elif line.sort == "item" and line.level == top and not numbers:
                current = KeyEntry(None, text, line.lead)
                found.append(current)
            elif ONLY_LETTERS.fullmatch(text):
                found += [KeyEntry(None, letter) for letter in re.findall(LETTER, text)]
    return found


def _parse_entry_start(line: Line, text: str) -> QuestionStart | None:
    """Return the start of an entry that only a key has: "3B", "Answer 3: B"."""
    if len(find_number_sequence(text)) < 2 and (joined := _NUMBER_WITH_LETTER.match(text)):
        return QuestionStart(int(joined[1]), joined[2], "list")
    label, rest = parse_label(line)
    numbered = re.fullmatch(r"(.{2,40}?) ?(\d{1,3})", label)
    if numbered and numbered[1] in load_part_words("answer"):
        return QuestionStart(int(numbered[2]), rest, "word")
    return None


def _parse_sequence(line: Line, text: str) -> list[KeyEntry]:
    """Return the entries of a line that holds several: "1 B, 2 D, 3 A"; none for other lines."""
    whole = f"{line.ordinal}. {text}" if line.ordinal is not None else text
    sequence = find_number_sequence(whole)
    entries = _split_sequence(whole, sequence) if len(sequence) > 1 else []
    return entries if _can_be_answers(entries) else []


def _ends_entry(line: Line, document: Document) -> bool:
    """Whether a line is a heading that gives nothing for the question above it."""
    labelled = get_labelled_answer(line) is not None or get_labelled_feedback(line) is not None
    return document.is_heading(line) and not labelled and not split_options(line.text, line.source)[1]


def _split_sequence(text: str, sequence: Sequence[tuple[int, int, int]]) -> list[KeyEntry]:
    ends = [*(start for _, start, _ in sequence[1:]), len(text)]
    return [
        KeyEntry(number, text[start:end].strip(" .,;:|·/–—-=→)("))
        for (number, _, start), end in zip(sequence, ends, strict=True)
    ]


def split_entry(entry: KeyEntry) -> list[KeyEntry]:
    """Return the entries within a key's text for one part: "Exercise 1: 1. went, 2. saw"; none if it is empty."""
    sequence = find_number_sequence(entry.text)
    if sequence and not sequence[0][1] and (len(sequence) > 1 or NUMBERED.match(entry.text)):
        return _split_sequence(entry.text, sequence)
    return [entry] if entry.text or entry.lines else []


def _can_be_answers(entries: Sequence[KeyEntry]) -> bool:
    """Whether the pieces of a line can be answers: none empty, and all short."""
    texts = [one.text for one in entries]
    return all(texts) and (
        all(len(one) < 40 for one in texts[:-1]) or all(re.match(rf"{LETTER}\b", one) for one in texts)
    )


def _parse_key_rows(rows: Sequence[Line]) -> list[KeyEntry]:
    found: list[KeyEntry] = []
    for head, *cells in collect_tables(rows):
        digits = [normalise_label(one) for one in head]
        if cells and sum(one.isdigit() for one in digits) > 1:
            # A row of numbers above a row of answers.
            found += [KeyEntry(int(one), row) for one, row in zip(digits, cells[0], strict=False) if one.isdigit()]
            continue
        to = find_column(head, "answer", "right", "key")
        why = find_column(head, "feedback")
        if to is None and not cells:
            continue
        asked = find_column(head, "question")
        for row in cells if to is not None or asked is not None else [head, *cells]:
            number = next((int(one[0]) for cell in row[:1] if (one := re.findall(r"\d{1,3}", cell[:12]))), None)
            at = to if to is not None else next((n for n in range(1, len(row)) if n not in (asked, why)), None)
            if at is not None and row[at]:
                reason = row[why] if why is not None else ""
                found.append(
                    KeyEntry(number, row[at], "", [Line(0, "text", f"explanation: {reason}", "")] if reason else [])
                )
    return found
