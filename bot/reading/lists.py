"""Parses texts made of points: entries, terms with meanings, questions with answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.markup import Document, Line
from bot.reading.labels import MAX_TITLE_CHARACTERS, collect_tables, find_column
from bot.reading.lines import flatten_lines, is_heading_line, keep_outer_entries, parse_link, strip_decoration
from bot.reading.sections import TitledPart, collect_nested_parts, split_sections

_BULLETS = "•·►▪▸‣◦●✓✔✅☑→➜➤▶★❖–—"
_JOINED_BULLETS = "\ufe0e\ufe0f\u200d"
_BULLET = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s+")
_DASH = re.compile(r"\s+[–—-]{1,2}>?\s+|\s*(?:→|⟶|=>|::)\s*|\s*[:：]\s+")
_QUESTION_LABEL = re.compile(
    r"^\W{0,3}(?:Q|F|P|Question|Frage|Pregunta|Pergunta)\s?\d{0,2}\s?[.:)：–-]\s{0,3}", re.IGNORECASE
)
_ANSWER_LABEL = re.compile(
    r"^\W{0,3}(?:A|R|Answer|Antwort|Respuesta|Réponse|Resposta)\s?\d{0,2}\s?[.:：–-]\s{1,3}", re.IGNORECASE
)


def parse_points(lines: Iterable[Line]) -> list[str]:
    """Return the points of a list, marked as entries, or by a sign or an emoji before each line."""
    found: list[tuple[int, str]] = []
    for _, block in groupby(lines, key=lambda line: line.block):
        several = [*block]
        signed = [_strip_bullet(line.text) for line in several if line.sort == "text" and line.entry is None]
        found += [
            (line.level, strip_decoration(_strip_bullet(line.text)[0] or line.text))
            for line in several
            if line.sort == "item"
        ]
        sure = len(signed) > 1 or any(plain for _, plain in signed)
        if signed and sure and all(text for text, _ in signed):
            found += [(1, strip_decoration(text)) for text, _ in signed]
    level = min((one for one, _ in found), default=0)
    return [text for one, text in found if one == level and text]


def _strip_bullet(text: str) -> tuple[str, bool]:
    """Return the text after a bullet sign, and whether that sign is used only for lists; empty without one."""
    sign, _, rest = text.partition(" ")
    sign = sign.strip(_JOINED_BULLETS)
    is_sign = 0 < len(sign) <= 6 and all(one in _BULLETS or (ord(one) > 0x2000 and not one.isalnum()) for one in sign)
    is_sign = is_sign and sign[0] not in "“„‘«»…"
    return (rest.strip(), sign[0] in _BULLETS) if is_sign and rest.strip() else ("", False)


def parse_section_points(lines: Sequence[Line], document: Document) -> list[str]:
    """Return the points of a section: those of a list, else those with a heading each, else rows, else paragraphs."""
    lines = [line for line in lines if not parse_link(line)]
    if found := parse_points(lines):
        return found
    heads = [line for line in lines if is_heading_line(document, line) or line.lead]
    if len(heads) > 1:
        titled = ((one.heading, " ".join(flatten_lines(one.lines).split())) for one in split_sections(lines, heads))
        told = ((head.lead or head.text, head.rest, below) for head, below in titled if head)
        return [(" " if one[0][-1:] in ".!" else ": ").join(filter(None, one)) for one in told]
    rows = [line for line in lines if line.sort == "row" and not line.head]
    if rows:
        return [": ".join(filter(None, row.cells)) for row in rows]
    return [strip_decoration(line.numbered[1]) for line in lines if line.text and line.sort == "text"]


def parse_questions(lines: Sequence[Line], document: Document, *, known: bool) -> list[dict[str, str]]:
    """Return questions with their answers. If the lines are `known` to hold questions, everything marked as one counts."""
    asked: list[tuple[str, list[Line], str]] = []
    for line in lines:
        if line.sort == "rule" or parse_link(line):
            continue
        opened = _parse_question(line, known=known)
        answered = not asked or asked[-1][1] or asked[-1][2]
        if opened and (answered or line.sort != "text" or line.lead):
            asked.append((opened[0], [], opened[1]))
        elif asked and line.sort == "heading":
            asked.append(("", [], ""))
        elif asked:
            asked[-1][1].append(line)
    found = []
    for question, below, rest in asked:
        answer = "\n\n".join(filter(None, (_ANSWER_LABEL.sub("", rest), _ANSWER_LABEL.sub("", flatten_lines(below)))))
        if question and answer:
            found.append({"question": question, "answer": answer})
    return found


def _parse_question(line: Line, *, known: bool) -> tuple[str, str] | None:
    """Return the question that a line asks, and the text after it."""
    text = line.numbered[1]
    marked = _QUESTION_LABEL.match(text)
    if marked and (known or "?" in text):
        text = text[marked.end() :]
        mark = text.find("?") + 1 or len(text)
        return text[:mark].strip(), text[mark:].strip()
    if line.lead and (line.lead[-1:] in "?？؟" or (known and line.sort != "row")):
        return _QUESTION_LABEL.sub("", line.lead, count=1).lstrip("0123456789.) "), line.rest
    asks = text[-1:] in "?？؟"
    if (line.sort == "heading" and (known or asks)) or ((line.sort == "item" or known) and asks):
        return text, ""
    if line.sort == "item" and known and (at := text.find("? ") + 1):
        return text[:at], text[at:].strip()
    return None


def parse_entries(lines: Iterable[Line]) -> list[str]:
    """Return the entries of a list as one text each; without a list, the lines, with table rows as their cells."""
    lines = [line for line in lines if line.text.strip() and line.sort != "rule" and not line.head]
    tops = keep_outer_entries([line for line in lines if line.sort == "item"])
    if not tops:
        return [" – ".join(filter(None, line.cells)) if line.cells else _BULLET.sub("", line.text) for line in lines]
    starts, found = {line.at for line in tops}, list[str]()
    for line in lines:
        if line.at in starts:
            found.append(line.text)
        elif found and line.entry is not None:
            found[-1] += f"\n{line.text}"
    return found


def split_term(line: Line) -> tuple[str, str]:
    """Return the two sides of a line such as "term – meaning" or "**term**: meaning"; the second is empty without one."""
    text = line.text.replace("||", "").strip()
    if line.lead and line.rest and len(line.lead) <= MAX_TITLE_CHARACTERS:
        lead, rest = line.lead.rstrip(" :–—-"), line.rest.replace("||", "").strip()
        if found := re.match(r"\([^()]{1,30}\)(?=\s*[:–—-]\s)", rest):  # "**term** (noun): meaning"
            lead, rest = f"{lead} {found[0]}", rest[found.end() :]
        return lead, rest.lstrip(" :–—-=→")
    found = _DASH.search(text[: MAX_TITLE_CHARACTERS + 5])
    if found and found.start() and found.end() < len(text):
        return text[: found.start()].strip(), text[found.end() :].strip()
    return text, ""


def parse_terms(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Return the terms with their meanings from a table or a list."""
    if found := list(_parse_term_tables(lines)):
        return found
    tops = keep_outer_entries([line for line in lines if line.sort == "item"])
    for line in lines:
        begins = line.sort in ("item", "text") and (not tops or line in tops or line.lead)
        term, meaning = split_term(line) if begins else ("", "")
        if term and (meaning or line.lead == line.text.strip().rstrip(":")):
            found.append({"term": term.strip(), "explanation": meaning})
        elif found and not found[-1]["explanation"] and line.sort in ("item", "text"):
            # A meaning below its term.
            found[-1]["explanation"] = line.text.lstrip(": ").strip()
    return [one for one in found if one["explanation"]]


def _parse_term_tables(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for head, *rows in collect_tables(lines):
        at = find_column(head, "term", "front") or 0
        to = find_column(head, "back", "feedback")
        to = to if to is not None and to != at else at + 1 if at + 1 < len(head) else 0
        for row in rows:
            if at != to and len(row) > max(at, to) and row[at] and row[to]:
                yield {"term": row[at], "explanation": row[to]}


def parse_glossary(parts: Sequence[TitledPart]) -> list[dict[str, str]]:
    """Return the terms of the section titled as glossary or key terms; empty without such a section."""
    for at, part in enumerate(parts):
        if part.is_called("glossary"):
            below = collect_nested_parts(parts, at)
            # Each term may be a heading of its own.
            headed = ({"term": one.title, "explanation": " ".join(parse_entries(one.lines))} for one in below[1:])
            found = parse_terms([line for one in below for line in one.lines])
            if found or (found := [one for one in headed if one["explanation"]]):
                return found
    return []
