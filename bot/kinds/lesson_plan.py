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
    titled_parts = split_parts(document, *_NAMES)
    parts: dict[str, Any] = {
        "title": parse_title(document, *_NAMES),
        "sections": collect_parts_by_title(document, titled_parts),
    }
    for name in ("objectives", "materials"):
        if (lines := find_part_lines(titled_parts, name)) is not None:
            entries = parse_entries(lines)
            if len(entries) == 1 and name == "materials" and "," in entries[0]:
                entries = [entry.strip(" .") for entry in re.split(r"[,;]\s", entries[0])]
            parts[name] = [entry for entry in entries if not entry.rstrip().endswith(":")] or entries
    parts["activities"] = _read_activities(document, titled_parts)
    return {name: part for name, part in parts.items() if part}


def extract_minutes(text: str) -> tuple[int, int, str] | None:
    """Return the span of minutes that a text gives, from 0 if it gives a duration, and the text without it; None without
    any.
    """
    if match := _CLOCK.search(text):
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if 0 < end - start <= _MAX_MINUTES:
            return start, end, _remove_match(text, match)
    if match := _MINUTES.search(text):
        is_span = match[2] is not None and int(match[2]) > int(match[1])
        return int(match[1]) if is_span else 0, int(match[2] or match[1]), _remove_match(text, match)
    if match := _HOURS.search(text):
        return 0, round(float(match[1].replace(",", ".")) * 60), _remove_match(text, match)
    return None


def _remove_match(text: str, match: re.Match[str]) -> str:
    before, after = text[: match.start()].rstrip(_EDGES + "~≈"), text[match.end() :].lstrip(_EDGES + ".")
    return f"{before} {after}".strip(_EDGES)


# The name of a step, and its span of minutes.
Step = tuple[str, int, int]


def _build_activities(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return activities with their minutes: spans that follow each other are start and end, others are ranges of durations."""
    consecutive_count = sum(step[2] == next_step[1] for step, next_step in itertools.pairwise(steps))
    are_clock_times = len(steps) > 1 and consecutive_count * 2 >= len(steps) - 1
    return [
        {"name": name, "minutes": end - start if are_clock_times or start >= 60 else end}
        for name, start, end in steps
        if 0 < end - start <= _MAX_MINUTES
    ]


def _read_activities(document: Document, parts: Sequence[TitledPart]) -> list[dict[str, Any]]:
    """Return the timed steps: rows of a table, else the content of the part of that name, else all headings or lines with
    minutes.
    """
    activity_parts = [
        collect_nested_parts(parts, index) for index, part in enumerate(parts) if part.is_called("activities")
    ]
    readings: list[list[Step]] = [
        list(_read_tables(document.lines)),
        *(list(_read_lines([line for part in nested for line in part.lines])) for nested in activity_parts),
        list(_read_headings(document)),
        list(_read_lines(document.lines)),
    ]
    steps = next((steps for steps in readings if len(steps) > 1), max(readings, key=len))
    if activities := _build_activities(steps):
        return activities
    for part, *nested in activity_parts:  # Steps without minutes only have names.
        names = [inner.title for inner in nested] or [_clean_name(entry) for entry in parse_entries(part.lines)]
        return [{"name": name, "minutes": 0} for name in names if name]
    return []


def _read_tables(lines: Sequence[Line]) -> Iterator[Step]:
    """Yield the steps of tables with a column of times."""
    for head, *rows in collect_tables(lines):
        time_column = find_column(head, "time")
        if time_column is None:
            counts = [sum(extract_minutes(row[column]) is not None for row in rows) for column in range(len(head))]
            time_column = next((column for column, count in enumerate(counts) if count * 2 > len(rows)), None)
        if time_column is None:
            continue
        name_column = find_column(head, "phase", "activities")
        if name_column is None or name_column == time_column:
            name_column = next((column for column in range(len(head)) if column != time_column), time_column)
        for row in rows:
            span = extract_minutes(row[time_column]) or _parse_bare_span(row[time_column])
            name = row[name_column].split("\n")[0].strip()
            if span and name and not is_part_title(name, "total"):
                yield _clean_name(name), span[0], span[1]


def _parse_bare_span(text: str) -> tuple[int, int, str] | None:
    """Return the minutes of a cell that has a span of numbers, or is only a number."""
    if match := _SPAN.search(text):
        return (int(match[1]), int(match[2]), "") if int(match[2]) > int(match[1]) else None
    match = _BARE.fullmatch(text.strip())
    return (0, int(match[1]), "") if match else None


def _read_headings(document: Document) -> Iterator[Step]:
    """Yield the steps of headings with minutes, only the innermost of nested ones."""
    title = parse_title(document)
    headings = [line for line in document.lines if line.sort != "row" and document.is_heading(line)]
    timed = [line for line in headings if extract_minutes(line.text) and line.text.strip() != title]
    for line, following in zip(timed, [*timed[1:], None], strict=False):
        is_nested = following is not None and line.level and (following.level > line.level or following.level == 0)
        if not is_nested:
            yield from _parse_step(line.text, line.text)


def _read_lines(lines: Sequence[Line]) -> Iterator[Step]:
    """Yield the steps of list entries, bold leads and labelled lines; only the outer ones of nested entries."""
    timed_entries = [line for line in lines if line.sort == "item" and extract_minutes(line.text[:160])]
    top_level = min((line.level for line in timed_entries), default=0)
    for line in lines:
        beginning = line.text[:_MAX_NAME]
        if line.sort in ("row", "code", "rule") or (line.sort == "item" and line.level != top_level):
            continue
        if line.sort == "text" and not (line.lead or extract_minutes(beginning[:40]) or ":" in beginning):
            continue
        if not is_part_title(line.label[0], "time") and not is_part_title(line.label[0], "total"):
            yield from _parse_step(line.text[:160], line.lead)


def _parse_step(text: str, lead: str) -> Iterator[Step]:
    """Yield the step of a line with minutes, named by its bold lead, else by its text."""
    span = extract_minutes(text)
    if span is None:
        return
    start, end, rest = span
    lead_span = extract_minutes(lead)
    lead_name = lead_span[2] if lead_span else lead
    if name := _clean_name(lead_name or rest) or _clean_name(rest):
        yield name, start, end


def _clean_name(text: str) -> str:
    """Return the name of a step without its number, and without a remark after a colon or dash."""
    name = _NUMBER.sub("", text.split("\n")[0].strip(_EDGES)).strip(_EDGES)
    for separator in (": ", "：", " – ", " — ", ". "):
        head = name.split(separator)[0]
        if head != name and len(head) > 2:
            name = head
            break
    name = name.rstrip(". ")
    return name if len(name) <= _MAX_NAME else f"{name[:_MAX_NAME].rpartition(' ')[0]}…"


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
