"""A rubric: criteria by levels, each level described, with points if there are some."""

from __future__ import annotations

import re
from collections.abc import Sequence
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

_WORTH = re.compile(
    r"[(\[,–—:-]?\s*+(?:(?:max\.?|maximum|up to|worth|weight:?|bis zu|hasta|jusqu'à|até|/)\s*+)?(\d{1,3})(?:\s?[–-]\s?(\d{1,3}))?\s?"
    r"(?:points?|pts?\.?|marks?|punkte?n?|p\.|puntos?|pontos?|punti|баллов|балла|балл|%|点|分|점)\s*[)\]]?",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[]\s*(?:\d{1,3}\s?[–-]\s?)?(\d{1,3})\s*[)\]]")
_NUMBERS = re.compile(r"\d{1,3}")
_NUMBER = re.compile(r"^(?:[A-Z]|\d{1,2})\s?[.):]\s{1,4}")


class Criterion(BaseModel):
    """The criterion, what work of each level shows, and its points."""

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
    ways = (_read_tables, _read_criterion_tables, _read_sections)
    levels, criteria = next((one for way in ways if (one := way(document))[1]), ([], []))
    if not criteria:
        return {}
    _share_points(levels, criteria)
    total = _find_total(document) or sum(one["points"] for one in criteria)
    title = parse_title(document)
    found = {"title": title, "levels": levels, "criteria": criteria, "points_total": total}
    return {name: value for name, value in found.items() if value}


def _read_tables(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return the levels and criteria of the tables."""
    tables = [table for table in collect_tables(document.lines) if len(table) > 1]
    levels: list[str] = []
    criteria: list[dict[str, Any]] = []
    for head, *rows in tables:
        if len(head) < 3:
            continue
        if is_part_title(head[0], "level") and not is_part_title(head[0], "criterion"):
            # The levels are the rows: transpose the table.
            head, *rows = zip(*[head, *rows], strict=False)
        graded = find_column(head[1:], "points")
        points = graded + 1 if graded is not None and not _is_described(rows, graded + 1) else None
        others = [at for at in range(1, len(head)) if at != points and not is_part_title(head[at], "total")]
        places = [at for at in others if _is_described(rows, at)]
        if len(places) < 2:
            continue
        own = [head[at] for at in places]
        for row in rows:
            if row[0] and not is_part_title(row[0], "total") and not _is_level_row(row):
                one = _build_criterion(row[0], [row[at] for at in places])
                if points is not None and (number := _NUMBERS.findall(row[points])):
                    one["points"] = one["points"] or int(number[-1])
                criteria.append(one)
        levels = levels or own
    return levels, [one for one in criteria if any(one["cells"])]


def _read_criterion_tables(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return criteria that have a table of their own each, with what work of each level shows."""
    tables = [(part.title, table) for part in split_parts(document) for table in collect_tables(part.lines)]
    found = [(name, rows) for name, (head, *rows) in tables if len(head) == 2 and is_part_title(head[0], "level")]
    levels = [level for level, _ in found[0][1]] if found else []
    return levels, [_build_criterion(name, [cell for _, cell in rows]) for name, rows in found]


def _is_described(rows: Sequence[Sequence[str]], at: int) -> bool:
    """Whether a column describes work in words: a blank to be filled in, or a number, does not."""
    cells = [row[at] for row in rows if not is_part_title(row[0], "total")]
    return sum(len(re.findall(r"[^\W\d_]", cell)) > 2 for cell in cells) * 2 > len(cells)


def _is_level_row(row: Sequence[str]) -> bool:
    """Whether a row only gives the points of the levels."""
    return is_part_title(row[0], "points") and not any(len(re.findall(r"[^\W\d_]", cell)) > 12 for cell in row[1:])


def _build_criterion(name: str, cells: list[str]) -> dict[str, Any]:
    text = " ".join(name.split())
    found = _WORTH.search(text) or _IN_BRACKETS.search(text)
    points = int(found[2] if found.re is _WORTH and found[2] else found[1]) if found else 0
    bare = (text[: found.start()].strip(" –—-:,(") + text[found.end() :]).strip() if found else text
    return {"name": _NUMBER.sub("", bare or text).strip(" :–—-"), "cells": cells, "points": points}


def _read_sections(document: Document) -> tuple[list[str], list[dict[str, Any]]]:
    """Return a criterion per heading or list entry, its levels as labelled lines or entries below."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    for line in document.lines:
        if line.sort in ("row", "rule", "code") or not line.text.strip():
            continue
        label, text = _parse_level(line)
        if is_part_title(label, "total"):
            continue
        begins = document.is_heading(line) or (not text and (line.sort == "item" or bool(line.lead)))
        if begins:
            groups.append((line.text.strip().rstrip(":"), []))
        elif groups and text:
            groups[-1][1].append((label, text))
    groups = [one for one in groups if len(one[1]) > 1]
    if not groups:
        return [], []
    # The levels are those most criteria share.
    names = [tuple(normalise_label(_WORTH.sub("", label)) for label, _ in levels) for _, levels in groups]
    usual = max(set(names), key=names.count)
    kept = [one for one, own in zip(groups, names, strict=True) if own == usual]
    levels = [label for label, _ in kept[0][1]]
    criteria = [_build_criterion(name, [text for _, text in own]) for name, own in kept]
    for one, (_, own) in zip(criteria, kept, strict=True):
        graded = [int(number[-1]) for label, _ in own if (number := _NUMBERS.findall(label))]
        one["points"] = one["points"] or max(graded, default=0)
    if len({tuple(_NUMBERS.findall(" ".join(label for label, _ in own))) for _, own in kept}) > 1:
        # A level's points differ by criterion, and are not part of its name.
        levels = [_IN_BRACKETS.sub("", _WORTH.sub("", label)).strip(" –—-:") for label in levels]
    return levels, criteria


def _parse_level(line: Line) -> tuple[str, str]:
    """Return the level that a line names, and what work of it shows."""
    label, rest = parse_label(line)
    if not label or not rest:
        found = re.match(r"^([^–—:|]{1,50}?)\s[–—-]\s(.+)$", line.text)
        return (found[1].strip(), found[2].strip()) if found else ("", "")
    shown = line.lead if line.lead and line.rest else re.split(r"[:：]", line.text)[0]
    return shown.strip(" :"), rest


def _share_points(levels: Sequence[str], criteria: Sequence[dict[str, Any]]) -> None:
    """If no criterion has points, give each the highest points of a level."""
    if any(one["points"] for one in criteria):
        return
    numbers = [int(found[-1]) for level in levels if (found := _NUMBERS.findall(level))]
    if numbers and len(numbers) >= len(levels) - 1:
        for one in criteria:
            one["points"] = max(numbers)


def _find_total(document: Document) -> int:
    """Return the total points, if the text gives them."""
    for line in document.lines:
        cells = line.cells or parse_label(line)
        named = is_part_title(cells[0], "total") or (
            not line.cells and normalise_label(line.text.split(" ")[0]) in load_part_words("total")
        )
        if named and not line.head and (numbers := _NUMBERS.findall(" ".join(cells[1:]) or line.text)):
            return max(map(int, numbers))
    return 0


KIND = Kind(
    name="rubric",
    family="education",
    title="Rubric",
    description="Criteria with a description for each level, and points that add up.",
    layout="| Criterion | Best level (points) | … | Weakest level (points) |\n|---|---|---|---|\n| Name | what the work shows | … | … |",
    read=read,
    parts=Rubric,
    form=Form("criterion"),
    likely_exports=("docx", "pdf", "xlsx"),
)
