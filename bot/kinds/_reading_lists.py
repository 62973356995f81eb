"""Reads what texts say point by point: entries, terms with what they mean, questions with their answers. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bot.kinds._reading_labels import MAX_TITLE, column, tables_in
from bot.kinds._reading_lines import flat, is_head, link_in, outer, tidy
from bot.kinds._reading_sections import Part, cut, inside
from bot.markup import Document, Line

_BULLETS = "•·►▪▸‣◦●✓✔✅☑→➜➤▶★❖–—"
_JOINED = "\ufe0e\ufe0f\u200d"
_BULLET = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s+")
_DASH = re.compile(r"\s+[–—-]{1,2}>?\s+|\s*(?:→|⟶|=>|::)\s*|\s*[:：]\s+")
_ASKS = re.compile(r"^\W{0,3}(?:Q|F|P|Question|Frage|Pregunta|Pergunta)\s?\d{0,2}\s?[.:)：–-]\s{0,3}", re.IGNORECASE)
_ANSWER = re.compile(
    r"^\W{0,3}(?:A|R|Answer|Antwort|Respuesta|Réponse|Resposta)\s?\d{0,2}\s?[.:：–-]\s{1,3}", re.IGNORECASE
)


def points(lines: Iterable[Line]) -> list[str]:
    """The points of a list, however they are marked: as entries, or with a sign or an emoji before each line."""
    found: list[tuple[int, str]] = []
    for _, block in groupby(lines, key=lambda line: line.block):
        several = [*block]
        signed = [_behind_sign(line.text) for line in several if line.sort == "text" and line.entry is None]
        found += [
            (line.level, tidy(_behind_sign(line.text)[0] or line.text)) for line in several if line.sort == "item"
        ]
        sure = len(signed) > 1 or any(plain for _, plain in signed)
        if signed and sure and all(text for text, _ in signed):
            found += [(1, tidy(text)) for text, _ in signed]
    level = min((one for one, _ in found), default=0)
    return [text for one, text in found if one == level and text]


def _behind_sign(text: str) -> tuple[str, bool]:
    """What stands behind the sign of a point, and whether that is one of lists alone; empty without one."""
    sign, _, rest = text.partition(" ")
    sign = sign.strip(_JOINED)
    is_sign = 0 < len(sign) <= 6 and all(one in _BULLETS or (ord(one) > 0x2000 and not one.isalnum()) for one in sign)
    is_sign = is_sign and sign[0] not in "“„‘«»…"
    return (rest.strip(), sign[0] in _BULLETS) if is_sign and rest.strip() else ("", False)


def titled_points(lines: Sequence[Line], whole: Document) -> list[str]:
    """The points of a section: a list's, else those with a heading each, else its rows, else its paragraphs."""
    lines = [line for line in lines if not link_in(line)]
    if found := points(lines):
        return found
    heads = [line for line in lines if is_head(whole, line) or line.lead]
    if len(heads) > 1:
        titled = ((one.heading, " ".join(flat(one.lines).split())) for one in cut(lines, heads))
        told = ((head.lead or head.text, head.rest, below) for head, below in titled if head)
        return [(" " if one[0][-1:] in ".!" else ": ").join(filter(None, one)) for one in told]
    rows = [line for line in lines if line.sort == "row" and not line.head]
    if rows:
        return [": ".join(filter(None, row.cells)) for row in rows]
    return [tidy(line.numbered[1]) for line in lines if line.text and line.sort == "text"]


def questions(lines: Sequence[Line], whole: Document, *, known: bool) -> list[dict[str, str]]:
    """Questions with their answers. Where the lines are `known` to hold some, whatever is marked as one counts."""
    asked: list[tuple[str, list[Line], str]] = []
    for line in lines:
        if line.sort == "rule" or link_in(line):
            continue
        opened = _asked(line, known=known)
        answered = not asked or asked[-1][1] or asked[-1][2]
        if opened and (answered or line.sort != "text" or line.lead):
            asked.append((opened[0], [], opened[1]))
        elif asked and line.sort == "heading":
            asked.append(("", [], ""))
        elif asked:
            asked[-1][1].append(line)
    found = []
    for question, below, rest in asked:
        answer = "\n\n".join(filter(None, (_ANSWER.sub("", rest), _ANSWER.sub("", flat(below)))))
        if question and answer:
            found.append({"question": question, "answer": answer})
    return found


def _asked(line: Line, *, known: bool) -> tuple[str, str] | None:
    """The question that a line asks, and what stands behind it."""
    text = line.numbered[1]
    marked = _ASKS.match(text)
    if marked and (known or "?" in text):
        text = text[marked.end() :]
        mark = text.find("?") + 1 or len(text)
        return text[:mark].strip(), text[mark:].strip()
    if line.lead and (line.lead[-1:] in "?？؟" or (known and line.sort != "row")):
        return _ASKS.sub("", line.lead, count=1).lstrip("0123456789.) "), line.rest
    asks = text[-1:] in "?？؟"
    if (line.sort == "heading" and (known or asks)) or ((line.sort == "item" or known) and asks):
        return text, ""
    if line.sort == "item" and known and (at := text.find("? ") + 1):
        return text[:at], text[at:].strip()
    return None


def entries_of(lines: Iterable[Line]) -> list[str]:
    """The entries of a list, each as one text; of lines without any the lines, rows of tables as their cells."""
    lines = [line for line in lines if line.text.strip() and line.sort != "rule" and not line.head]
    tops = outer([line for line in lines if line.sort == "item"])
    if not tops:
        return [" – ".join(filter(None, line.cells)) if line.cells else _BULLET.sub("", line.text) for line in lines]
    starts, found = {line.at for line in tops}, list[str]()
    for line in lines:
        if line.at in starts:
            found.append(line.text)
        elif found and line.entry is not None:
            found[-1] += f"\n{line.text}"
    return found


def parted(line: Line) -> tuple[str, str]:
    """The two sides of a line such as "term – meaning" or "**term**: meaning"; the second is empty without one."""
    text = line.text.replace("||", "").strip()
    if line.lead and line.rest and len(line.lead) <= MAX_TITLE:
        lead, rest = line.lead.rstrip(" :–—-"), line.rest.replace("||", "").strip()
        if found := re.match(r"\([^()]{1,30}\)(?=\s*[:–—-]\s)", rest):  # "**term** (noun): meaning"
            lead, rest = f"{lead} {found[0]}", rest[found.end() :]
        return lead, rest.lstrip(" :–—-=→")
    found = _DASH.search(text[: MAX_TITLE + 5])
    if found and found.start() and found.end() < len(text):
        return text[: found.start()].strip(), text[found.end() :].strip()
    return text, ""


def terms_of(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Terms with what they mean, of a table or a list."""
    if found := list(_terms_of_tables(lines)):
        return found
    tops = outer([line for line in lines if line.sort == "item"])
    for line in lines:
        begins = line.sort in ("item", "text") and (not tops or line in tops or line.lead)
        term, meaning = parted(line) if begins else ("", "")
        if term and (meaning or line.lead == line.text.strip().rstrip(":")):
            found.append({"term": term.strip(), "explanation": meaning})
        elif found and not found[-1]["explanation"] and line.sort in ("item", "text"):
            # A meaning that stands below its term.
            found[-1]["explanation"] = line.text.lstrip(": ").strip()
    return [one for one in found if one["explanation"]]


def _terms_of_tables(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for head, *rows in tables_in(lines):
        at = column(head, "term", "front") or 0
        to = column(head, "back", "feedback")
        to = to if to is not None and to != at else at + 1 if at + 1 < len(head) else 0
        for row in rows:
            if at != to and len(row) > max(at, to) and row[at] and row[to]:
                yield {"term": row[at], "explanation": row[to]}


def glossary_in(parts: Sequence[Part]) -> list[dict[str, str]]:
    """The terms of the section that is called a glossary or the key terms; empty without such a section."""
    for at, part in enumerate(parts):
        if part.is_called("glossary"):
            below = inside(parts, at)
            # Each term may be a heading of its own.
            headed = ({"term": one.title, "explanation": " ".join(entries_of(one.lines))} for one in below[1:])
            found = terms_of([line for one in below for line in one.lines])
            if found or (found := [one for one in headed if one["explanation"]]):
                return found
    return []
