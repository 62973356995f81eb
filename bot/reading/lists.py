"""Parses lists: their points or entries, terms with their meanings, and questions with their answers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.markup import Document, Line, Section
from bot.reading.labels import MAX_TITLE_CHARACTERS, collect_tables, find_column
from bot.reading.lines import flatten_lines, is_heading_line, keep_outer_entries, parse_link, strip_decoration
from bot.reading.sections import TitledPart, collect_nested_parts, split_sections

_BULLET_SIGNS = "•·►▪▸‣◦●✓✔✅☑→➜➤▶★❖–—"
_JOINERS = "\ufe0e\ufe0f\u200d"
_LIST_MARK = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s+")
_TERM_SEPARATOR = re.compile(r"\s+[–—-]{1,2}>?\s+|\s*(?:→|⟶|=>|::)\s*|\s*[:：]\s+")
_QUESTION_LABEL = re.compile(
    r"^\W{0,3}(?:Q|F|P|Question|Frage|Pregunta|Pergunta)\s?\d{0,2}\s?[.:)：–-]\s{0,3}", re.IGNORECASE
)
_ANSWER_LABEL = re.compile(
    r"^\W{0,3}(?:A|R|Answer|Antwort|Respuesta|Réponse|Resposta)\s?\d{0,2}\s?[.:：–-]\s{1,3}", re.IGNORECASE
)


def parse_points(lines: Iterable[Line]) -> list[str]:
    """Return the outermost points in some lines: list entries, or lines that begin with a bullet sign or an emoji."""
    points: list[tuple[int, str]] = []
    for _, block in groupby(lines, key=lambda line: line.block):
        block_lines = [*block]
        signed_texts = [_strip_bullet(line.text) for line in block_lines if line.sort == "text" and line.entry is None]
        points += [
            (line.level, strip_decoration(_strip_bullet(line.text)[0] or line.text))
            for line in block_lines
            if line.sort == "item"
        ]
        is_list = len(signed_texts) > 1 or any(is_bullet for _, is_bullet in signed_texts)
        if signed_texts and is_list and all(text for text, _ in signed_texts):
            points += [(1, strip_decoration(text)) for text, _ in signed_texts]
    level = min((level for level, _ in points), default=0)
    return [text for point_level, text in points if point_level == level and text]


def _strip_bullet(text: str) -> tuple[str, bool]:
    """Return the text after a bullet or emoji, and whether the sign is only used in lists; ("", False) without one."""
    sign, _, rest = text.partition(" ")
    sign = sign.strip(_JOINERS)
    is_sign = 0 < len(sign) <= 6 and all(
        character in _BULLET_SIGNS or (ord(character) > 0x2000 and not character.isalnum()) for character in sign
    )
    is_sign = is_sign and sign[0] not in "“„‘«»…"
    return (rest.strip(), sign[0] in _BULLET_SIGNS) if is_sign and rest.strip() else ("", False)


def parse_section_points(lines: Sequence[Line], document: Document) -> list[str]:
    """Return the points of a section: those of its lists, else its headed sections, else table rows, else lines."""
    lines = [line for line in lines if not parse_link(line)]
    if points := parse_points(lines):
        return points
    headings = [line for line in lines if is_heading_line(document, line) or line.lead]
    if len(headings) > 1:
        return [_format_section_point(section) for section in split_sections(lines, headings)]
    rows = [line for line in lines if line.sort == "row" and not line.head]
    if rows:
        return [": ".join(filter(None, row.cells)) for row in rows]
    return [strip_decoration(line.numbered[1]) for line in lines if line.text and line.sort == "text"]


def _format_section_point(section: Section) -> str:
    """Return a section as one line: its heading, a colon unless that is a sentence, and its text."""
    heading = section.heading
    assert heading is not None
    title = heading.lead or heading.text
    text = " ".join(flatten_lines(section.lines).split())
    return (" " if title[-1:] in ".!" else ": ").join(filter(None, (title, heading.rest, text)))


def parse_questions(lines: Sequence[Line], document: Document, *, expects_questions: bool) -> list[dict[str, str]]:
    """Return the questions that have an answer; those without "?" only in lines that are expected to be questions."""
    questions: list[tuple[str, list[Line], str]] = []
    for line in lines:
        if line.sort == "rule" or parse_link(line):
            continue
        start = _parse_question(line, expects_questions=expects_questions)
        has_answer = not questions or questions[-1][1] or questions[-1][2]
        if start and (has_answer or line.sort != "text" or line.lead):
            questions.append((start[0], [], start[1]))
        elif questions and line.sort == "heading":
            questions.append(("", [], ""))
        elif questions:
            questions[-1][1].append(line)
    answered_questions = []
    for question, answer_lines, rest in questions:
        texts = (_ANSWER_LABEL.sub("", text) for text in (rest, flatten_lines(answer_lines)))
        answer = "\n\n".join(filter(None, texts))
        if question and answer:
            answered_questions.append({"question": question, "answer": answer})
    return answered_questions


def _parse_question(line: Line, *, expects_questions: bool) -> tuple[str, str] | None:
    """Return the question in a line and the text after it; None if the line is no question."""
    text = line.numbered[1]
    label = _QUESTION_LABEL.match(text)
    if label and (expects_questions or "?" in text):
        text = text[label.end() :]
        end = text.find("?") + 1 or len(text)
        return text[:end].strip(), text[end:].strip()
    if line.lead and (line.lead[-1:] in "?？؟" or (expects_questions and line.sort != "row")):
        return _QUESTION_LABEL.sub("", line.lead, count=1).lstrip("0123456789.) "), line.rest
    is_asking = text[-1:] in "?？؟"
    if (line.sort == "heading" and (expects_questions or is_asking)) or (
        (line.sort == "item" or expects_questions) and is_asking
    ):
        return text, ""
    if line.sort == "item" and expects_questions and (end := text.find("? ") + 1):
        return text[:end], text[end:].strip()
    return None


def parse_entries(lines: Iterable[Line]) -> list[str]:
    """Return each outermost entry of a list with all its lines as one text; without a list, each line or table row."""
    lines = [line for line in lines if line.text.strip() and line.sort != "rule" and not line.head]
    top_entries = keep_outer_entries([line for line in lines if line.sort == "item"])
    if not top_entries:
        return [" – ".join(filter(None, line.cells)) if line.cells else _LIST_MARK.sub("", line.text) for line in lines]
    starts, entries = {line.at for line in top_entries}, list[str]()
    for line in lines:
        if line.at in starts:
            entries.append(line.text)
        elif entries and line.entry is not None:
            entries[-1] += f"\n{line.text}"
    return entries


def split_term(line: Line) -> tuple[str, str]:
    """Return the term in a line and its meaning, if any: "term – meaning", "**term**: meaning"."""
    text = line.text.replace("||", "").strip()
    if line.lead and line.rest and len(line.lead) <= MAX_TITLE_CHARACTERS:
        lead, rest = line.lead.rstrip(" :–—-"), line.rest.replace("||", "").strip()
        if match := re.match(r"\([^()]{1,30}\)(?=\s*[:–—-]\s)", rest):  # "**term** (noun): meaning"
            lead, rest = f"{lead} {match[0]}", rest[match.end() :]
        return lead, rest.lstrip(" :–—-=→")
    match = _TERM_SEPARATOR.search(text[: MAX_TITLE_CHARACTERS + 5])
    if match and match.start() and match.end() < len(text):
        return text[: match.start()].strip(), text[match.end() :].strip()
    return text, ""


def parse_terms(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Return the terms that have a meaning, from tables or, without those, from a list or lines."""
    if terms := list(_parse_term_tables(lines)):
        return terms
    top_entries = keep_outer_entries([line for line in lines if line.sort == "item"])
    for line in lines:
        begins_term = line.sort in ("item", "text") and (not top_entries or line in top_entries or line.lead)
        term, meaning = split_term(line) if begins_term else ("", "")
        if term and (meaning or line.lead == line.text.strip().rstrip(":")):
            terms.append({"term": term.strip(), "explanation": meaning})
        elif terms and not terms[-1]["explanation"] and line.sort in ("item", "text"):
            # The meaning is on the line below its term.
            terms[-1]["explanation"] = line.text.lstrip(": ").strip()
    return [entry for entry in terms if entry["explanation"]]


def _parse_term_tables(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for headings, *rows in collect_tables(lines):
        term_column = find_column(headings, "term", "front") or 0
        meaning_column = find_column(headings, "back", "feedback")
        if meaning_column is None or meaning_column == term_column:
            # The next column; the first one if the terms are in the last.
            meaning_column = (term_column + 1) % len(headings)
        for row in rows:
            is_complete = len(row) > max(term_column, meaning_column) and row[term_column] and row[meaning_column]
            if is_complete and term_column != meaning_column:
                yield {"term": row[term_column], "explanation": row[meaning_column]}


def parse_glossary(parts: Sequence[TitledPart]) -> list[dict[str, str]]:
    """Return the terms of the first glossary that has any; an empty list if there is none."""
    for index, part in enumerate(parts):
        if part.is_called("glossary"):
            glossary_parts = collect_nested_parts(parts, index)
            # Each term may be a heading of its own.
            titled_terms = (
                {"term": part.title, "explanation": " ".join(parse_entries(part.lines))} for part in glossary_parts[1:]
            )
            terms = parse_terms([line for part in glossary_parts for line in part.lines])
            if terms or (terms := [term for term in titled_terms if term["explanation"]]):
                return terms
    return []
