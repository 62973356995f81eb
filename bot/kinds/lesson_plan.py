"""A lesson plan: objectives, materials, timed activities, assessment, differentiation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind
from bot.markup import Document, Line
from bot.reading.labels import collect_tables, find_column, is_part_title
from bot.reading.lists import parse_entries
from bot.reading.sections import (
    TitledPart,
    collect_nested_parts,
    collect_parts_by_title,
    find_part_lines,
    parse_title,
    split_parts,
)

_MINUTE = r"(?:minutes?|minutos?|minuten|minuti|minuut|minuter|mins?|mn|мин\w{0,3}|dakika|dk|menit|분|分钟?|मिनट|دقائق|دقيقة|['’′])"
_MINUTES = re.compile(
    rf"(?<![\d:.])(\d{{1,3}})(?:\s?(?:–|—|-|to|bis|a|à|至|~)\s?(\d{{1,3}}))?[\s-]?{_MINUTE}(?!\w)", re.IGNORECASE
)
_HOURS = re.compile(r"(?<![\d:.])(\d(?:[.,]5)?)\s?(?:h|hours?|stunden?|horas?|heures?|std\.?)(?![\w:])", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d{2})\s?(?:–|—|-|to|bis|a|à)\s?(\d{1,2})[:.h](\d{2})(?!\d)")
_SPAN = re.compile(r"(?<![\d:.])(\d{1,3})\s?(?:–|—|-|to|bis)\s?(\d{1,3})(?![\d:])")
_BARE = re.compile(r"\D{0,3}(\d{1,3})\D{0,3}")
_NUMBER = re.compile(r"^\(?\d{1,2}\s?[.):]\s{0,4}")
_EDGES = " \t\n:–—-|·•,;()[]*_⏱️⏰🕒→"
_NAMES = ("objectives", "materials", "activities", "assessment", "differentiation")
_MAX_NAME, _MAX_MINUTES = 90, 600


class Activity(BaseModel):
    """A step of a lesson and its duration."""

    name: str = ""
    minutes: int = 0


class LessonPlan(BaseModel):
    """The parts of a lesson plan; `sections` are all of them by title."""

    title: str = ""
    sections: dict[str, str] = {}
    objectives: Annotated[list[str], Count(nouns=("objective", "goal"))] = []
    materials: Annotated[list[str], Count(nouns=("material",))] = []
    activities: Annotated[list[Activity], Count(nouns=("activity", "activities", "step", "phase", "part"))] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the sections by title, objectives and materials, and the activities with their minutes."""
    parts = split_parts(document, *_NAMES)
    found: dict[str, Any] = {
        "title": parse_title(document, *_NAMES),
        "sections": collect_parts_by_title(document, parts),
    }
    for name in ("objectives", "materials"):
        if (lines := find_part_lines(parts, name)) is not None:
            listed = parse_entries(lines)
            if len(listed) == 1 and name == "materials" and "," in listed[0]:
                listed = [one.strip(" .") for one in re.split(r"[,;]\s", listed[0])]
            found[name] = [one for one in listed if not one.rstrip().endswith(":")] or listed
    found["activities"] = _read_activities(document, parts)
    return {name: value for name, value in found.items() if value}


def extract_minutes(text: str) -> tuple[int, int, str] | None:
    """Return the span of minutes that a text gives, from 0 if it gives a duration, and the text without it; None without
    any.
    """
    if found := _CLOCK.search(text):
        start, end = int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])
        if 0 < end - start <= _MAX_MINUTES:
            return start, end, _remove_match(text, found)
    if found := _MINUTES.search(text):
        spans = found[2] is not None and int(found[2]) > int(found[1])
        return int(found[1]) if spans else 0, int(found[2] or found[1]), _remove_match(text, found)
    if found := _HOURS.search(text):
        return 0, round(float(found[1].replace(",", ".")) * 60), _remove_match(text, found)
    return None


def _remove_match(text: str, found: re.Match[str]) -> str:
    before, after = text[: found.start()].rstrip(_EDGES + "~≈"), text[found.end() :].lstrip(_EDGES + ".")
    return f"{before} {after}".strip(_EDGES)


Step = tuple[str, int, int]


def _build_activities(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return activities with their minutes: consecutive spans are clock times, others are ranges of durations."""
    following = sum(one[2] == other[1] for one, other in itertools.pairwise(steps))
    chained = len(steps) > 1 and following * 2 >= len(steps) - 1
    return [
        {"name": name, "minutes": end - start if chained or start >= 60 else end}
        for name, start, end in steps
        if 0 < end - start <= _MAX_MINUTES
    ]


def _read_activities(document: Document, parts: Sequence[TitledPart]) -> list[dict[str, Any]]:
    """Return the timed steps: rows of a table, else the content of the part of that name, else all headings or lines with
    minutes.
    """
    ways: list[list[Step]] = [list(_read_tables(document.lines))]
    for at, part in enumerate(parts):
        if part.is_called("activities"):
            ways.append(list(_read_lines([line for one in collect_nested_parts(parts, at) for line in one.lines])))
    ways += [list(_read_headings(document)), list(_read_lines(document.lines))]
    steps = next((one for one in ways if len(one) > 1), max(ways, key=len))
    found = _build_activities(steps)
    if found:
        return found
    for at, part in enumerate(parts):  # Steps without minutes only have names.
        if part.is_called("activities"):
            named = [one.title for one in collect_nested_parts(parts, at)[1:]] or [
                _clean_name(one) for one in parse_entries(part.lines)
            ]
            return [{"name": one, "minutes": 0} for one in named if one]
    return []


def _read_tables(lines: Sequence[Line]) -> Iterator[Step]:
    for head, *rows in collect_tables(lines):
        at = find_column(head, "time")
        if at is None:
            times = [sum(extract_minutes(row[n]) is not None for row in rows) for n in range(len(head))]
            at = next((n for n, count in enumerate(times) if count * 2 > len(rows)), None)
        if at is None:
            continue
        to = find_column(head, "phase", "activities")
        to = to if to is not None and to != at else next((n for n in range(len(head)) if n != at), at)
        for row in rows:
            found = extract_minutes(row[at]) or _parse_bare_span(row[at])
            name = row[to].split("\n")[0].strip()
            if found and name and not is_part_title(name, "total"):
                yield _clean_name(name), found[0], found[1]


def _parse_bare_span(text: str) -> tuple[int, int, str] | None:
    """Return the minutes of a cell that is only a number or a span of numbers."""
    if found := _SPAN.search(text):
        return (int(found[1]), int(found[2]), "") if int(found[2]) > int(found[1]) else None
    found = _BARE.fullmatch(text.strip())
    return (0, int(found[1]), "") if found else None


def _read_headings(document: Document) -> Iterator[Step]:
    title = parse_title(document)
    heads = [line for line in document.lines if line.sort != "row" and document.is_heading(line)]
    timed = [line for line in heads if extract_minutes(line.text) and line.text.strip() != title]
    for line, after in zip(timed, [*timed[1:], None], strict=False):
        if after is None or not line.level or not (after.level > line.level or (after.level == 0 and line.level)):
            yield from _parse_step(line.text, line.text)


def _read_lines(lines: Sequence[Line]) -> Iterator[Step]:
    """Yield the steps of list entries, bold leads and labelled lines; only the outer ones of nested entries."""
    timed = [line for line in lines if line.sort == "item" and extract_minutes(line.text[:160])]
    top = min((line.level for line in timed), default=0)
    for line in lines:
        head = line.text[:_MAX_NAME]
        if line.sort in ("row", "code", "rule") or (line.sort == "item" and line.level != top):
            continue
        if line.sort == "text" and not (line.lead or extract_minutes(head[:40]) or ":" in head):
            continue
        if not is_part_title(line.label[0], "time") and not is_part_title(line.label[0], "total"):
            yield from _parse_step(line.text[:160], line.lead)


def _parse_step(text: str, lead: str) -> Iterator[Step]:
    found = extract_minutes(text)
    if found is None:
        return
    start, end, rest = found
    own = extract_minutes(lead)
    if name := _clean_name((own[2] if own else lead) or rest) or _clean_name(rest):
        yield name, start, end


def _clean_name(text: str) -> str:
    """Return the name of a step without its number, and without a remark after a colon or dash."""
    text = _NUMBER.sub("", text.split("\n")[0].strip(_EDGES)).strip(_EDGES)
    for parting in (": ", "：", " – ", " — ", ". "):
        head = text.split(parting)[0]
        if head != text and len(head) > 2:
            text = head
            break
    text = text.rstrip(". ")
    return text if len(text) <= _MAX_NAME else f"{text[:_MAX_NAME].rpartition(' ')[0]}…"


KIND = Kind(
    name="lesson_plan",
    family="education",
    title="Lesson plan",
    description="Objectives, materials, timed activities, assessment and differentiation.",
    read=read,
    parts=LessonPlan,
    form=Form("activity", lasts=True, planned=True),
    likely_exports=("docx", "pdf", "pptx"),
)
