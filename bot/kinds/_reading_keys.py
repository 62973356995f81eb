"""Reads the key of questions: where it stands in a text, and what it says of each. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.kinds._reading_labels import bare, column, label_of, tables_in, words
from bot.kinds._reading_options import (
    BOX,
    LETTER,
    LETTERS_ALONE,
    NUMBERED,
    Start,
    answer_in,
    feedback_in,
    is_key,
    options_in,
    started,
)
from bot.markup import Document, Line

_IN_LINE = re.compile(
    rf"(?:^|(?<=[\s,;|·/(]))(?:Q|#)?(\d{{1,3}})(?=\s?[.):=–—→-]|\s+\(?[^\W\d_]|{LETTER}(?![^\W_]))", re.IGNORECASE
)
_JOINED = re.compile(rf"^[(]?(\d{{1,3}})\s?[-–→=>]{{0,2}}\s?([(]?{LETTER}[)]?(?![^\W_]).*)$", re.DOTALL)


@dataclass(slots=True)
class Entry:
    """What a key says of a question."""

    number: int | None
    text: str
    lead: str = ""
    lines: list[Line] = field(default_factory=list)


def key_regions(read: Document) -> list[tuple[int, int, list[Line]]]:
    """Where keys stand among the lines of a text, each with its own lines."""
    lines, found = read.lines, list[tuple[int, int, list[Line]]]()
    at, in_front = 0, True
    while at < len(lines):
        line = lines[at]
        begun = _key_begins(line, read)
        if begun is None:
            in_front = in_front and started(line, read) is None and not options_in(line.text, line.source)[1]
            at += 1
            continue
        end = _key_ends(lines, at, read, in_front=in_front)
        own = [*begun, *lines[at + 1 : end]]
        # "Answers: A, C" below one of several questions is not the key of all.
        letters = bool(begun) and LETTERS_ALONE.fullmatch(begun[0].text)
        of_one = letters and any(options_in(one.text, one.source)[1] for one in own[1:])
        if not of_one and _is_of_key(own, read):
            found.append((at, end, own))
            at = end
        else:
            in_front = False
            at += 1
    return found


def _key_begins(line: Line, read: Document) -> list[Line] | None:
    if line.sort in ("row", "code", "rule"):
        return None
    if line.entry is not None and not read.is_heading(line):
        return None
    text = line.text.replace("||", "").strip()
    label, rest = label_of(line)
    known = tuple(one for one in words("key") if len(one) > 3)
    several = len(sequence_in(rest)) > 1 and (label.startswith(known) or label.endswith(known))
    if label and rest and (several or is_key(label)):
        answers = sequence_in(rest) or LETTERS_ALONE.fullmatch(rest)
        if not answers and (label in words("answer") or not read.is_heading(line)):
            return None  # "Solution: b) …" below its question.
        own = replace(line, sort="text", text=rest, source=rest, lead="", rest="", level=0)
        return [own] if answers else []
    return [] if is_key(text.rstrip(":： ")) else None


def _key_ends(lines: Sequence[Line], at: int, read: Document, *, in_front: bool) -> int:
    head = lines[at]
    marked = head.level if head.sort == "heading" else 0
    highest = int(bool(sequence_in(label_of(head)[1])))
    for end in range(at + 1, len(lines)):
        line = lines[end]
        if line.sort == "heading" and started(line, read) is None and (not marked or line.level <= marked):
            return end
        if in_front and highest and line.head:
            return end
        start = started(line, read)
        if in_front and start and start.number is not None and (highest or not marked):
            after = next((one for one in lines[end + 1 : end + 4] if one.text.strip()), None)
            asks = after is not None and bool(options_in(after.text, after.source)[1] or BOX.match(after.text))
            if (start.number == 1 and highest) or asks:
                return end
        if start and start.number is not None:
            highest = max(highest, start.number)
        if in_front and line.sort == "rule" and highest:
            return end
    return len(lines)


def _is_of_key(lines: Sequence[Line], read: Document) -> bool:
    """Whether lines hold what a key holds: numbers, rows of a table, entries of a list, or letters alone."""
    entries = key_entries(lines, read)
    return bool(entries) and (any(one.number is not None for one in entries) or len(entries) > 1)


def sequence_in(text: str) -> list[tuple[int, int, int]]:
    """Numbers that follow one another in a line, as in "1 B, 2 D, 3 A": each with where it begins and ends."""
    found: list[tuple[int, int, int]] = []
    for one in _IN_LINE.finditer(text):
        number = int(one[1])
        if not found and one.start() > 40:
            break
        if not found or number == found[-1][0] + 1:
            found.append((number, one.start(), one.end()))
    return found


def key_entries(lines: Sequence[Line], read: Document) -> list[Entry]:
    """What a key says, question by question."""
    starts = [started(line, read) for line in lines]
    numbers = {one.number for one in starts if one and one.number is not None}
    found: list[Entry] = []
    rows: list[Line] = []
    current: Entry | None = None
    top = min((line.level for line in lines if line.sort == "item"), default=0)
    for line, start in zip(lines, starts, strict=True):
        if line.sort == "row":
            rows.append(line)
            continue
        if rows:
            found += _entries_of_rows(rows)
            rows, current = [], None
        text = line.text.replace("||", "").strip()
        if not text or line.sort == "rule":
            continue
        nested = bool(start and line.ordinal == start.number and line.level > top and current)
        if start is None and len(sequence_in(text)) < 2 and (joined := _JOINED.match(text)):
            start = Start(int(joined[1]), joined[2], "list")
        elif (
            start is None
            and (of := re.fullmatch(r"(.{2,40}?) ?(\d{1,3})", label_of(line)[0]))
            and of[1] in words("answer")
        ):
            start = Start(int(of[2]), label_of(line)[1], "word")  # "Answer 3: B"
        whole = f"{line.ordinal}. {text}" if line.ordinal is not None else text
        sequence = sequence_in(whole)
        if len(sequence) > 1 and not nested and (start is None or (start.number or 0) + 1 not in numbers):
            several = _entries_of_sequence(whole, sequence)
            if _alike(several):
                found += several
                current = None
                continue
        if start and not nested and start.number is not None:
            current = Entry(start.number, start.rest.strip(), line.lead if start.rest.startswith(line.lead) else "")
            found.append(current)
        elif current is not None and current.number is not None:
            said = answer_in(line) is not None or feedback_in(line) is not None
            if read.is_heading(line) and not said and not options_in(line.text, line.source)[1]:
                current = None
            else:
                current.lines.append(line)
        elif line.sort == "item" and line.level == top and not numbers:
            current = Entry(None, text, line.lead)
            found.append(current)
        elif LETTERS_ALONE.fullmatch(text):
            found += [Entry(None, letter) for letter in re.findall(LETTER, text)]
    if rows:
        found += _entries_of_rows(rows)
    return found


def _entries_of_sequence(text: str, sequence: Sequence[tuple[int, int, int]]) -> list[Entry]:
    ends = [*(start for _, start, _ in sequence[1:]), len(text)]
    return [
        Entry(number, text[start:end].strip(" .,;:|·/–—-=→)("))
        for (number, _, start), end in zip(sequence, ends, strict=True)
    ]


def within(entry: Entry) -> list[Entry]:
    """The entries in what a key says of a part: "Exercise 1: 1. went, 2. saw"; of nothing none."""
    sequence = sequence_in(entry.text)
    if sequence and not sequence[0][1] and (len(sequence) > 1 or NUMBERED.match(entry.text)):
        return _entries_of_sequence(entry.text, sequence)
    return [entry] if entry.text or entry.lines else []


def _alike(entries: Sequence[Entry]) -> bool:
    """Whether the pieces of a line can be answers: none is empty, and they are short."""
    texts = [one.text for one in entries]
    return all(texts) and (
        all(len(one) < 40 for one in texts[:-1]) or all(re.match(rf"{LETTER}\b", one) for one in texts)
    )


def _entries_of_rows(rows: Sequence[Line]) -> list[Entry]:
    found: list[Entry] = []
    for head, *cells in tables_in(rows):
        digits = [bare(one) for one in head]
        if cells and sum(one.isdigit() for one in digits) > 1:
            # A row of numbers above a row of answers.
            found += [Entry(int(one), row) for one, row in zip(digits, cells[0], strict=False) if one.isdigit()]
            continue
        to = column(head, "answer", "right", "key")
        why = column(head, "feedback")
        if to is None and not cells:
            continue
        asked = column(head, "question")
        for row in cells if to is not None or asked is not None else [head, *cells]:
            number = next((int(one[0]) for cell in row[:1] if (one := re.findall(r"\d{1,3}", cell[:12]))), None)
            at = to if to is not None else next((n for n in range(1, len(row)) if n not in (asked, why)), None)
            if at is not None and row[at]:
                said = why is not None and row[why]
                found.append(Entry(number, row[at], "", [Line(0, "text", f"explanation: {said}", "")] if said else []))
    return found
