"""Reads what teachers' texts have in common: labels in many languages, titled sections, terms with what they mean, tables. Pure."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any

from bot.markup import Document, Line, document

# A label has no more characters than this, and a title.
_MOST_LABEL, _MOST_TITLE = 60, 120
_TAG = re.compile(r"</?[a-zA-Z]{1,10}>")
_BREAK = re.compile(r"\s*<br\s?/?>\s*", re.IGNORECASE)
_AT_START, _AT_END = re.compile(r"^[\W_]+"), re.compile(r"[\W_]+$")
_IN_BRACKETS = re.compile(r"[(\[（][^()\[\]（）]{0,80}[)\]）]")
_COLON = re.compile(r"\s*[:：](?!//)\s*")
_DASH = re.compile(r"\s+[–—-]{1,2}>?\s+|\s*(?:→|⟶|=>|::)\s*|\s*[:：]\s+")
_DIGIT = re.compile(r"\d")
_BULLET = re.compile(r"^\s{0,12}(?:[-*+•]|\d{1,3}[.)])\s+")


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads((files("bot.kinds") / "education.toml").read_text(encoding="utf-8"))


@cache
def words(name: str) -> frozenset[str]:
    """What texts call a part, in all languages."""
    return frozenset(filter(None, map(without_marks, _data()[name])))


@cache
def truths() -> tuple[tuple[str, str, str], ...]:
    """A language with its words for what is true and what is not, for each pair of them."""
    return tuple((language, true, false) for language, true, false in _data()["true_false"])


def without_marks(text: str) -> str:
    """A text without the signs, such as emoji, that stand around it, in small letters."""
    text = _TAG.sub("", text[: 2 * _MOST_TITLE])
    return " ".join(_AT_END.sub("", _AT_START.sub("", text)).casefold().split())


def called(text: str, name: str) -> bool:
    """Whether a text is one of the words for a part, also with a number or something in brackets: "Roles (2 players)"."""
    if len(text) > _MOST_TITLE:
        return False
    known = words(name)
    told = without_marks(text)
    if told in known:
        return True
    told = without_marks(_IN_BRACKETS.sub(" ", text))
    told = without_marks(re.sub(r"^\d{1,2}[.)]?\s|\s\d{1,3}$", "", told))
    if told in known:
        return True
    # "Part 2: Materials", "Materials / resources", "Materials and handouts".
    pieces = re.split(r"[:：–—|/&,-]\s|\s(?:and|und|y|et|e)\s", told)
    return len(pieces) < 4 and any(without_marks(piece) in known for piece in pieces)


def labelled(line: Line) -> tuple[str, str]:
    """What a line is labelled and what follows, by a colon or else a bold lead; ("", text) without a label."""
    text = _TAG.sub("", line.text.replace("||", " ")).strip()
    head, colon, rest = _parted(text)
    if colon and len(head) <= _MOST_LABEL:
        return without_marks(head), rest
    if line.lead and len(line.lead) <= _MOST_LABEL and (line.rest or line.lead == text):
        return without_marks(line.lead), line.rest
    return "", text


def _parted(text: str) -> tuple[str, str, str]:
    found = _COLON.search(text[: _MOST_LABEL + 4])
    return (text[: found.start()], ":", text[found.end() :].strip()) if found else (text, "", "")


def under(line: Line, name: str) -> str | None:
    """What follows a label that is one of the words for a part; None where the line has no such label."""
    label, rest = labelled(line)
    if not label:
        return None
    if label in words(name):
        return rest
    bare = re.sub(r"\s*\d{1,3}$", "", without_marks(_IN_BRACKETS.sub(" ", label)))
    return rest if bare in words(name) else None


def opened(found: Document) -> Document:
    """A text that stands in a fence of code as a whole without that; others as they are."""
    code = [line for line in found.lines if line.sort == "code"]
    outside = [line for line in found.lines if line.sort not in ("code", "heading", "rule") and line.text.strip()]
    if code and len(outside) <= 2 and len(code) > 2:
        lines = (line for line in found.text.split("\n") if not line.lstrip().startswith("```"))
        return document("\n".join(lines))
    return found


def is_bold(line: Line) -> bool:
    """Whether a line is bold all through."""
    return bool(line.lead) and line.lead == line.text.strip().rstrip(":：").strip()


def title_of(read: Document, *names: str) -> str:
    """The title that a text begins with: a heading, else a short first line of its own; empty where it is that of such a part."""
    first = next((line for line in read.lines if line.sort != "rule" and line.text.strip()), None)
    if first is None or len(first.text) > _MOST_TITLE or any(called(first.text, name) for name in names):
        return ""
    if read.is_heading(first):
        return first.text.strip().rstrip(":")
    alone = first.sort == "text" and sum(line.block == first.block for line in read.lines) == 1
    label, rest = labelled(first)
    if label in ("title", "titel", "título", "titre", "titolo") and rest:
        return rest
    return first.text if alone and first.text[-1:] not in ".!?:…,;|" and "|" not in first.text else ""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a text with a title, which stands at a line; `rest` is what stands there of its own lines, behind a colon."""

    title: str
    lines: tuple[Line, ...]
    level: int = 0
    rest: str = ""
    at: int = 0

    def is_called(self, name: str) -> bool:
        """Whether its title is one of the words for a part."""
        return called(self.title, name)


def parts_of(read: Document, *names: str) -> list[Part]:
    """A text cut where its sections begin: at headings, and at lines that begin with a label of one of these names.

    What a heading of a higher level holds goes on in those below it; what stands before the first is left out.
    """
    found: list[tuple[str, list[Line], int, str, int]] = []
    title, block = title_of(read, *names), -1
    for line in read.lines:
        if line.sort == "rule":
            continue
        # A bold line is a title too where its text follows in the same paragraph.
        begins, block = line.block != block, line.block
        heading = read.is_heading(line) or (begins and line.sort == "text" and line.entry is None and is_bold(line))
        label, rest = labelled(line) if line.sort in ("text", "heading") and line.entry is None else ("", "")
        # "Role 1: the nurse" is one of the roles, and not what they are called.
        own = bool(label) and not _DIGIT.search(label) and any(called(label, name) for name in names)
        if heading and not own:
            if not found and line.text.strip().rstrip(":") == title:
                continue
            found.append((line.text.strip().rstrip(":：").strip(), [], line.level or 7, "", line.at))
        elif own:
            shown = line.text.replace("||", "")
            head = (shown.split(":")[0] if ":" in shown else line.lead or shown).strip()
            begun = _rest(line, rest)
            found.append((head, [begun] if rest else [], line.level or 7, begun.source if rest else "", line.at))
        elif found and found[-1][3] and line.sort == "row" and line.head:
            # A table is no part of what a label has said on its line.
            found.append((" / ".join(line.cells[:2]), [line], line.level or 7, "", line.at))
        elif found:
            found[-1][1].append(line)
    return [Part(head, tuple(lines), level, rest, at) for head, lines, level, rest, at in found]


def _rest(line: Line, rest: str) -> Line:
    source = line.source
    if rest and rest in source:
        source = source[source.rindex(rest) :]
    return replace(line, sort="text", text=rest, source=source, lead="", rest="", ordinal=None, level=0)


def inside(parts: Sequence[Part], at: int) -> list[Part]:
    """A part of a row of parts with those below it, of lower levels."""
    found = [parts[at]]
    for one in parts[at + 1 :]:
        if one.level <= parts[at].level:
            break
        found.append(one)
    return found


def source_in(read: Document, part: Part) -> str:
    """What a part holds, as it was written."""
    if not part.lines:
        return ""
    first = read.between(part.lines[0].at, part.lines[0].at + 1)
    whole = read.between(part.lines[0].at, part.lines[-1].at + 1)
    return whole[len(first) - len(part.rest) :] if part.rest and first.endswith(part.rest) else whole


def sections_of(read: Document, parts: Sequence[Part]) -> dict[str, str]:
    """The sections by their titles, as they were written; one that has none of its own holds those below it."""
    found: dict[str, str] = {}
    at = 0
    while at < len(parts):
        below = inside(parts, at)
        text = "\n\n".join(
            filter(
                None, [source_in(read, below[0]), *(f"**{one.title}**\n{source_in(read, one)}" for one in below[1:])]
            )
        )
        if text and parts[at].title not in found:
            found[parts[at].title] = text
        at += len(below)
    return found


def entries_of(lines: Iterable[Line]) -> list[str]:
    """The entries of a list, each as one text; of lines without any the lines, rows of tables as their cells."""
    lines = [line for line in lines if line.text.strip() and line.sort != "rule" and not line.head]
    top = min((line.level for line in lines if line.sort == "item"), default=0)
    if not top:
        return [" – ".join(filter(None, line.cells)) if line.cells else _BULLET.sub("", line.text) for line in lines]
    found: list[str] = []
    for line in lines:
        if line.sort == "item" and line.level == top:
            found.append(line.text)
        elif found and line.entry is not None:
            found[-1] += f"\n{line.text}"
    return found


def tables_in(lines: Iterable[Line]) -> list[list[tuple[str, ...]]]:
    """The tables among some lines, each with its rows, that of the headings first."""
    found: list[list[tuple[str, ...]]] = []
    for line in lines:
        if line.sort == "row":
            if line.head or not found:
                found.append([])
            found[-1].append(tuple(_BREAK.sub("\n", cell).replace("||", "").strip() for cell in line.cells))
    return found


def column(head: Sequence[str], *names: str) -> int | None:
    """The first column whose heading is one of the words for a part, the names in their order."""
    for name in names:
        for at, cell in enumerate(head):
            if called(cell, name):
                return at
    return None


def parted(line: Line) -> tuple[str, str]:
    """The two sides of a line such as "term – meaning" or "**term**: meaning"; the second is empty without one."""
    text = line.text.replace("||", "").strip()
    if line.lead and line.rest and len(line.lead) <= _MOST_TITLE:
        lead, rest = line.lead, line.rest.replace("||", "").strip()
        # "**term** (noun): meaning"
        if rest.startswith("(") and (found := re.match(r"\(([^()]{1,30})\)\s*[:–—-]\s*", rest)):
            return f"{lead} ({found[1]})", rest[found.end() :]
        return lead.rstrip(" :–—-"), rest.lstrip(" :–—-=→")
    found = _DASH.search(text[: _MOST_TITLE + 5])
    if found and found.start() and found.end() < len(text):
        return text[: found.start()].strip(), text[found.end() :].strip()
    return text, ""


def terms_of(lines: Sequence[Line]) -> list[dict[str, str]]:
    """Terms with what they mean, of a table or a list."""
    found = list(_terms_of_tables(lines))
    if found:
        return found
    items = [line for line in lines if line.sort == "item"]
    top = min((line.level for line in items), default=0)
    for at, line in enumerate(lines):
        if line.sort not in ("item", "text") or (top and (line.sort != "item" or line.level != top) and not line.lead):
            # A meaning that stands below its term.
            if found and not found[-1]["explanation"] and line.text.strip() and line.sort in ("item", "text"):
                found[-1]["explanation"] = line.text.lstrip(": ").strip()
            continue
        term, meaning = parted(line)
        alone = line.lead == line.text.strip().rstrip(":") and at + 1 < len(lines) and not lines[at + 1].lead
        if term and (meaning or alone):
            found.append({"term": term.strip(), "explanation": meaning})
    return [one for one in found if one["explanation"]]


def _terms_of_tables(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for head, *rows in tables_in(lines):
        if len(head) < 2:
            continue
        at = column(head, "term", "front") or 0
        to = column(head, "back", "feedback")
        to = to if to is not None and to != at else at + 1 if at + 1 < len(head) else 0
        for row in rows:
            if len(row) > max(at, to) and row[at] and row[to]:
                yield {"term": row[at], "explanation": row[to]}


def glossary_in(read: Document, parts: Sequence[Part]) -> list[dict[str, str]]:
    """The terms of the section that is called a glossary or the key terms; empty without such a section."""
    for at, part in enumerate(parts):
        if part.is_called("glossary"):
            found = terms_of([line for one in inside(parts, at) for line in one.lines])
            if not found:  # Each term as a heading of its own.
                found = [
                    {"term": one.title, "explanation": " ".join(entries_of(one.lines))}
                    for one in inside(parts, at)[1:]
                    if one.lines
                ]
            if found:
                return found
    for table in read.tables():
        if len(table[0]) == 2 and called(table[0][0], "term") and called(table[0][1], "back"):
            return [{"term": row[0], "explanation": row[1]} for row in table[1:] if all(row)]
    return []
