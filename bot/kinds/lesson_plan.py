"""A lesson plan: objectives, materials, timed activities, assessment, differentiation."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind
from bot.markup import Document, Line, shorten
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

_MINUTE_WORDS = r"(?:minutes?|minutos?|minuten|minuti|minuut|minuter|mins?|mn|мин\w{0,3}|dakika|dk|menit|분|分钟?|मिनट|دقائق|دقيقة|['’′])"
_DURATION = re.compile(
    rf"(?<![\d:.])(\d{{1,3}})(?:\s?(?:–|—|-|to|bis|a|à|至|~)\s?(\d{{1,3}}))?[\s-]?{_MINUTE_WORDS}(?!\w)", re.IGNORECASE
)
_HOURS = re.compile(r"(?<![\d:.])(\d(?:[.,]5)?)\s?(?:h|hours?|stunden?|horas?|heures?|std\.?)(?![\w:])", re.IGNORECASE)
_CLOCK = re.compile(r"(?<!\d)(\d{1,2})[:.h](\d{2})\s?(?:–|—|-|to|bis|a|à)\s?(\d{1,2})[:.h](\d{2})(?!\d)")
_RANGE = re.compile(r"(?<![\d:.])(\d{1,3})\s?(?:–|—|-|to|bis)\s?(\d{1,3})(?![\d:])")
_BARE_NUMBER = re.compile(r"\D{0,3}(\d{1,3})\D{0,3}")
_LIST_PREFIX = re.compile(r"^\(?\d{1,2}\s?[.):]\s{0,4}")
_EDGES = " \t\n:–—-|·•,;()[]*_⏱️⏰🕒→"
_PART_NAMES = ("objectives", "materials", "activities", "assessment", "differentiation")
_MAX_NAME_CHARACTERS, _MAX_MINUTES = 90, 600
# A line's text is searched for a step this far; a line of prose is one if a time is this near its beginning.
_MAX_STEP_CHARACTERS, _MAX_TIME_CHARACTERS = 160, 40


class Activity(BaseModel):
    """A step of a lesson and its duration."""

    name: str = ""
    minutes: int = 0


class LessonPlan(BaseModel):
    """The parts of a lesson plan; `sections` maps the title of each section to its text."""

    title: str = ""
    sections: dict[str, str] = {}
    objectives: Annotated[list[str], Count(nouns=("objective", "goal"))] = []
    materials: Annotated[list[str], Count(nouns=("material",))] = []
    activities: Annotated[list[Activity], Count(nouns=("activity", "activities", "step", "phase", "part"))] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the sections by title, objectives and materials, and the activities with their minutes."""
    titled_parts = split_parts(document, *_PART_NAMES)
    parts: dict[str, Any] = {
        "title": parse_title(document, *_PART_NAMES),
        "sections": collect_parts_by_title(document, titled_parts),
    }
    for name in ("objectives", "materials"):
        if (lines := find_part_lines(titled_parts, name)) is not None:
            entries = parse_entries(lines)
            if len(entries) == 1 and name == "materials" and "," in entries[0]:
                entries = [entry.strip(" .") for entry in re.split(r"[,;]\s", entries[0])]
            # A line such as "Students will be able to:" introduces the list.
            parts[name] = [entry for entry in entries if not entry.rstrip().endswith(":")] or entries
    parts["activities"] = _read_activities(document, titled_parts)
    return {name: part for name, part in parts.items() if part}


class _Time(NamedTuple):
    """The start and end of an activity in minutes, and the text without them: clock times count from midnight, durations from 0."""

    start: int
    end: int
    rest: str


class _Step(NamedTuple):
    """An activity with its start and end in minutes."""

    name: str
    start: int
    end: int


def _extract_time(text: str) -> _Time | None:
    """Extract the time or duration that a text gives; None without any."""
    if match := _CLOCK.search(text):
        start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
        if 0 < end - start <= _MAX_MINUTES:
            return _Time(start, end, _remove_match(text, match))
    if match := _DURATION.search(text):
        start, end = int(match[1]), int(match[2] or match[1])
        return _Time(start if start < end else 0, end, _remove_match(text, match))
    if match := _HOURS.search(text):
        return _Time(0, round(float(match[1].replace(",", ".")) * 60), _remove_match(text, match))
    return None


def _remove_match(text: str, match: re.Match[str]) -> str:
    before, after = text[: match.start()].rstrip(_EDGES + "~≈"), text[match.end() :].lstrip(_EDGES + ".")
    return f"{before} {after}".strip(_EDGES)


def _build_activities(steps: Sequence[_Step]) -> list[dict[str, Any]]:
    """Return activities with their minutes: ranges that follow each other are start and end, others durations of which the
    upper end counts.
    """
    consecutive_count = sum(step.end == next_step.start for step, next_step in itertools.pairwise(steps))
    are_consecutive = len(steps) > 1 and consecutive_count * 2 >= len(steps) - 1
    return [
        # Later than an hour, a range is hardly a duration.
        {"name": name, "minutes": end - start if are_consecutive or start >= 60 else end}
        for name, start, end in steps
        if 0 < end - start <= _MAX_MINUTES
    ]


def _read_activities(document: Document, parts: Sequence[TitledPart]) -> list[dict[str, Any]]:
    """Return the activities from the first source with at least two timed steps (tables, the parts of activities, headings,
    lines), else from the one with the most.
    """
    part_groups = [
        collect_nested_parts(parts, index) for index, part in enumerate(parts) if part.is_called("activities")
    ]
    readings: list[list[_Step]] = [
        list(_read_tables(document.lines)),
        *(list(_read_lines([line for part in group for line in part.lines])) for group in part_groups),
        list(_read_headings(document)),
        list(_read_lines(document.lines)),
    ]
    steps = next((reading for reading in readings if len(reading) > 1), max(readings, key=len))
    if activities := _build_activities(steps):
        return activities
    if not part_groups:
        return []
    part, *nested_parts = part_groups[0]  # Steps without minutes only have names.
    names = [nested.title for nested in nested_parts] or [_clean_name(entry) for entry in parse_entries(part.lines)]
    return [{"name": name, "minutes": 0} for name in names if name]


def _read_tables(lines: Sequence[Line]) -> Iterator[_Step]:
    """Yield the steps of tables with a column of times."""
    for head, *rows in collect_tables(lines):
        time_column = find_column(head, "time")
        if time_column is None:
            counts = [sum(_extract_time(row[column]) is not None for row in rows) for column in range(len(head))]
            time_column = next((column for column, count in enumerate(counts) if count * 2 > len(rows)), None)
        if time_column is None:
            continue
        name_column = find_column(head, "phase", "activities")
        if name_column is None or name_column == time_column:
            name_column = next((column for column in range(len(head)) if column != time_column), time_column)
        for row in rows:
            time = _extract_time(row[time_column]) or _parse_bare_time(row[time_column])
            name = row[name_column].split("\n")[0].strip()
            if time and name and not is_part_title(name, "total"):
                yield _Step(_clean_name(name), time.start, time.end)


def _parse_bare_time(cell: str) -> _Time | None:
    """Return the minutes of a cell that has a range of numbers, or only a number."""
    if match := _RANGE.search(cell):
        return _Time(int(match[1]), int(match[2]), "") if int(match[2]) > int(match[1]) else None
    match = _BARE_NUMBER.fullmatch(cell.strip())
    return _Time(0, int(match[1]), "") if match else None


def _read_headings(document: Document) -> Iterator[_Step]:
    """Yield the steps of headings with minutes, only the innermost of nested ones."""
    title = parse_title(document)
    headings = [line for line in document.lines if line.sort != "row" and document.is_heading(line)]
    timed_headings = [line for line in headings if _extract_time(line.text) and line.text.strip() != title]
    for line, next_line in zip(timed_headings, [*timed_headings[1:], None], strict=False):
        # A bold line, of level 0, is below any heading.
        has_nested = next_line is not None and line.level and (next_line.level > line.level or next_line.level == 0)
        if not has_nested and (step := _parse_step(line.text, line.text)):
            yield step


def _read_lines(lines: Sequence[Line]) -> Iterator[_Step]:
    """Yield the steps of list entries, bold leads and labelled lines; only the outer ones of nested entries."""
    timed_entries = [line for line in lines if line.sort == "item" and _extract_time(line.text[:_MAX_STEP_CHARACTERS])]
    top_level = min((line.level for line in timed_entries), default=0)
    for line in lines:
        beginning = line.text[:_MAX_NAME_CHARACTERS]
        if line.sort in ("row", "code", "rule") or (line.sort == "item" and line.level != top_level):
            continue
        has_time_first = bool(_extract_time(beginning[:_MAX_TIME_CHARACTERS]))
        if line.sort == "text" and not (line.lead or has_time_first or ":" in beginning):
            continue
        if is_part_title(line.label[0], "time") or is_part_title(line.label[0], "total"):
            continue
        if step := _parse_step(line.text[:_MAX_STEP_CHARACTERS], line.lead):
            yield step


def _parse_step(text: str, lead: str) -> _Step | None:
    """Return the step of a line with minutes, named by its bold lead, else by its text; None without minutes or name."""
    time, lead_time = _extract_time(text), _extract_time(lead)
    if time is None:
        return None
    lead_name = lead_time.rest if lead_time else lead
    name = _clean_name(lead_name) or _clean_name(time.rest)
    return _Step(name, time.start, time.end) if name else None


def _clean_name(text: str) -> str:
    """Return the short name of a step: without number, remark or further sentences, and cut to `_MAX_NAME_CHARACTERS`."""
    name = _LIST_PREFIX.sub("", text.split("\n")[0].strip(_EDGES)).strip(_EDGES)
    for separator in (": ", "：", " – ", " — ", ". "):
        beginning = name.split(separator)[0]
        if beginning != name and len(beginning) > 2:
            name = beginning
            break
    return shorten(name.rstrip(". "), _MAX_NAME_CHARACTERS)


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
