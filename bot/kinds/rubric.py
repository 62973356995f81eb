"""A rubric: a table of criteria and levels with a description in each cell, and optional points."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import (
    collect_tables,
    find_column,
    is_part_title,
    load_part_words,
    normalise_label,
    parse_label,
)
from bot.reading.sections import parse_title, split_parts

_POINTS = re.compile(
    r"[(\[,–—:-]?\s*+(?:(?:max\.?|maximum|up to|worth|weight:?|bis zu|hasta|jusqu'à|até|/)\s*+)?(?:\d{1,3}\s?[–-]\s?)?(?P<points>\d{1,3})\s?"
    r"(?:points?|pts?\.?|marks?|punkte?n?|p\.|puntos?|pontos?|punti|баллов|балла|балл|%|点|分|점)\s*[)\]]?",
    re.IGNORECASE,
)
_BRACKETED_POINTS = re.compile(r"[(\[]\s*(?:\d{1,3}\s?[–-]\s?)?(?P<points>\d{1,3})\s*[)\]]")
_NUMBER = re.compile(r"\d{1,3}")
_LIST_PREFIX = re.compile(r"^(?:[A-Z]|\d{1,2})\s?[.):]\s{1,4}")
# A cell with no more letters is a number with a unit, such as "5 pt"; a cell of points has a few words at most.
_MAX_UNIT_LETTERS, _MAX_POINTS_LETTERS = 2, 12


class Criterion(BaseModel):
    """A criterion, a description of the work at each level, and its points."""

    name: str = ""
    cells: Annotated[
        list[Annotated[str, Size(nouns=("cell", "descriptor"))]],
        Count(nouns=("level", "band", "column", "grade", "step")),
    ] = []
    points: int = 0


class Rubric(BaseModel):
    """The parts of a rubric: the cells of each criterion are in the order of the levels."""

    title: str = ""
    levels: list[str] = []
    criteria: Annotated[list[Criterion], Count(nouns=("criterion", "criteria", "row", "dimension", "trait"))] = []
    points_total: Annotated[
        int,
        Count(
            nouns=("point", "pt", "mark", "%"),
            before=(
                "out of",
                "total",
                "totals",
                "totalling",
                "total of",
                "max",
                "maximum",
                "max of",
                "maximum of",
                "add up to",
                "adds up to",
                "adding up to",
                "worth",
                "sum to",
                "sums to",
                "summing to",
                "/",
            ),
        ),
    ] = 0


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the title, levels, criteria and total points, from one table, a table for each criterion, or headings with lists."""
    levels: list[str] = []
    criteria: list[dict[str, Any]] = []
    for read_criteria in (_read_tables, _read_criterion_tables, _read_sections):
        levels, criteria = read_criteria(document)
        if criteria:
            break
    else:
        return {}
    _set_default_points(levels, criteria)
    total = _find_total(document) or sum(criterion["points"] for criterion in criteria)
    parts = {"title": parse_title(document), "levels": levels, "criteria": criteria, "points_total": total}
    return {name: part for name, part in parts.items() if part}


def _read_tables(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the levels and criteria of tables with a row for each criterion, or with a row for each level."""
    levels: list[str] = []
    criteria: list[dict[str, Any]] = []
    for table in collect_tables(document.lines):
        if len(table) < 2 or len(table[0]) < 3:
            continue
        has_level_rows = is_part_title(table[0][0], "level") and not is_part_title(table[0][0], "criterion")
        head, *rows = zip(*table, strict=False) if has_level_rows else table
        points_column = _find_points_column(head, rows)
        level_columns = [
            column
            for column in range(1, len(head))
            if column != points_column and not is_part_title(head[column], "total") and _has_descriptions(rows, column)
        ]
        if len(level_columns) < 2:
            continue
        for row in rows:
            if row[0] and not is_part_title(row[0], "total") and not _is_points_row(row):
                criterion = _build_criterion(row[0], [row[column] for column in level_columns])
                if not criterion["points"] and points_column is not None:
                    criterion["points"] = _parse_last_number(row[points_column])
                criteria.append(criterion)
        levels = levels or [head[column] for column in level_columns]
    return levels, [criterion for criterion in criteria if any(criterion["cells"])]


def _find_points_column(head: Sequence[str], rows: Sequence[Sequence[str]]) -> int | None:
    """Return the column with the points of criteria; None without one, or if it describes a level."""
    index = find_column(head[1:], "points")
    return None if index is None or _has_descriptions(rows, index + 1) else index + 1


def _read_criterion_tables(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the levels and criteria of sections that each hold a table with two columns: level and description."""
    tables = [(part.title, table) for part in split_parts(document) for table in collect_tables(part.lines)]
    level_tables = [
        (name, rows) for name, (head, *rows) in tables if len(head) == 2 and is_part_title(head[0], "level")
    ]
    levels = [level for level, _ in level_tables[0][1]] if level_tables else []
    return levels, [_build_criterion(name, [cell for _, cell in rows]) for name, rows in level_tables]


def _has_descriptions(rows: Sequence[Sequence[str]], column: int) -> bool:
    """Whether most cells of a column contain words, not blanks or numbers."""
    cells = [row[column] for row in rows if not is_part_title(row[0], "total")]
    return sum(_count_letters(cell) > _MAX_UNIT_LETTERS for cell in cells) * 2 > len(cells)


def _is_points_row(row: Sequence[str]) -> bool:
    """Whether a row only gives the points of the levels."""
    return is_part_title(row[0], "points") and all(_count_letters(cell) <= _MAX_POINTS_LETTERS for cell in row[1:])


def _count_letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _parse_last_number(text: str) -> int:
    """Return the last number of a text, 0 without any."""
    numbers = _NUMBER.findall(text)
    return int(numbers[-1]) if numbers else 0


def _build_criterion(name: str, cells: list[str]) -> dict[str, Any]:
    """Build a criterion whose points are taken from its name, such as "Style (5 points)"."""
    name, points = " ".join(name.split()), 0
    if match := _POINTS.search(name) or _BRACKETED_POINTS.search(name):
        points = int(match["points"])
        name = (name[: match.start()].strip(" –—-:,(") + name[match.end() :]).strip() or name
    return {"name": _LIST_PREFIX.sub("", name).strip(" :–—-"), "cells": cells, "points": points}


@dataclass(frozen=True, slots=True)
class _Section:
    """A criterion with labels and descriptions of its levels."""

    name: str
    labels: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)

    def normalise_levels(self) -> tuple[str, ...]:
        """Return the labels without points, for comparison."""
        return tuple(normalise_label(_POINTS.sub("", label)) for label in self.labels)


def _read_sections(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the levels and criteria of sections: a heading or list entry names a criterion, the lines below describe its
    levels. Only criteria with the most common levels are returned.
    """
    sections = [section for section in _split_sections(document) if len(section.labels) > 1]
    if not sections:
        return [], []
    level_sets = [section.normalise_levels() for section in sections]
    common_levels = max(level_sets, key=level_sets.count)
    sections = [section for section in sections if section.normalise_levels() == common_levels]
    levels = sections[0].labels
    criteria = [_build_criterion(section.name, section.descriptions) for section in sections]
    for criterion, section in zip(criteria, sections, strict=True):
        criterion["points"] = criterion["points"] or max(map(_parse_last_number, section.labels))
    point_sets = {tuple(_NUMBER.findall(" ".join(section.labels))) for section in sections}
    if len(point_sets) > 1:
        # Points that differ between criteria are not part of the levels' names.
        levels = [_BRACKETED_POINTS.sub("", _POINTS.sub("", label)).strip(" –—-:") for label in levels]
    return levels, criteria


def _split_sections(document: Document) -> list[_Section]:
    sections: list[_Section] = []
    for line in document.lines:
        if line.sort in ("row", "rule", "code") or not line.text.strip():
            continue
        label, description = _parse_level(line)
        if is_part_title(label, "total"):
            continue
        if document.is_heading(line) or (not description and (line.sort == "item" or line.lead)):
            sections.append(_Section(line.text.strip().rstrip(":")))
        elif sections and description:
            sections[-1].labels.append(label)
            sections[-1].descriptions.append(description)
    return sections


def _parse_level(line: Line) -> tuple[str, str]:
    """Return the level that a line names, and its description; two empty strings without them."""
    label, description = parse_label(line)
    if not label or not description:
        match = re.match(r"^([^–—:|]{1,50}?)\s[–—-]\s(.+)$", line.text)
        return (match[1].strip(), match[2].strip()) if match else ("", "")
    level = line.lead if line.lead and line.rest else re.split(r"[:：]", line.text)[0]
    return level.strip(" :"), description


def _set_default_points(levels: Sequence[str], criteria: Sequence[dict[str, Any]]) -> None:
    """If no criterion has points, give each the highest points of a level. The numbers of "Level 1" to "Level 4" are none."""
    names = {normalise_label(_NUMBER.sub("", _POINTS.sub("", level))) for level in levels}
    if any(criterion["points"] for criterion in criteria) or (len(names) == 1 < len(levels) and names != {""}):
        return
    level_points = [_parse_last_number(level) for level in levels if _NUMBER.search(level)]
    # The weakest level often has no points.
    if level_points and len(level_points) >= len(levels) - 1:
        for criterion in criteria:
            criterion["points"] = max(level_points)


def _find_total(document: Document) -> int:
    """Return the total points, if the text gives them."""
    for line in document.lines:
        label, *values = line.cells or parse_label(line)
        is_total = is_part_title(label, "total") or (
            not line.cells and normalise_label(line.text.split(" ")[0]) in load_part_words("total")
        )
        if is_total and not line.head and (numbers := _NUMBER.findall(" ".join(values) or line.text)):
            return max(map(int, numbers))
    return 0


KIND = Kind(
    name="rubric",
    family="education",
    title="Rubric",
    description="Criteria with a description for each level, and points that add up.",
    layout="Make it one table: a row for each criterion, a column for each level with its points. Say in each cell, in a sentence, "
    "what the work at that level is like.",
    read=read,
    parts=Rubric,
    form=Form("criterion"),
    likely_exports=("docx", "pdf", "xlsx"),
)
