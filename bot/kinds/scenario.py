"""A scenario: a case to act out, with roles, a start, turns and questions for afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind
from bot.markup import Document, Line, strip_marks
from bot.reading.labels import collect_tables, find_column, load_part_words, normalise_label, parse_label
from bot.reading.lines import keep_outer_entries, strip_quotes
from bot.reading.lists import parse_entries, split_term
from bot.reading.sections import (
    TitledPart,
    collect_nested_parts,
    get_parts_source,
    parse_title,
    split_parts,
    split_sections,
)

_NAMES = ("situation", "roles", "opening", "turns", "debrief")
_SECRET = re.compile(r"\|\|(.{1,600}?)\|\|", re.DOTALL)
_ROLE = re.compile(r"^(?:role|rolle|rol|rôle|papel|ruolo)\s?(?:\d{1,2}|[A-H])?\s?[:.–—-]\s*", re.IGNORECASE)
_LABEL = re.compile(r"(?:^|(?<=[.;!?|–—]\s)|(?<=[.;|(]))\s{0,2}\**([^\W\d_][^:.;!?\n]{0,40}?)\**\s?[:：]\s*")
_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[A-H][.)]|[-*•])\s+")


class ScenarioRole(BaseModel):
    """A role to play: what they want, and what they do not say unasked."""

    name: str = ""
    wants: str = ""
    hides: str = ""


class ScenarioSections(BaseModel):
    """The texts of a scenario; turns and debrief have one per line."""

    situation: str = ""
    roles: str = ""
    opening: str = ""
    turns: Annotated[str, Count(nouns=("turn", "twist", "complication", "event", "inject"))] = ""
    debrief: Annotated[str, Count(nouns=("question", "debrief question"))] = ""


class Scenario(BaseModel):
    """The parts of a scenario."""

    title: str = ""
    sections: ScenarioSections = ScenarioSections()
    roles: Annotated[list[ScenarioRole], Count(nouns=("role", "character", "player", "part"))] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the sections by type, others by title, and the roles with what each wants and hides."""
    parts = split_parts(document, *_NAMES)
    sections: dict[str, str] = {}
    roles: list[dict[str, str]] = []
    index = 0
    while index < len(parts):
        name = next((name for name in _NAMES if parts[index].is_called(name) and name not in sections), "")
        section_parts = _collect_section(parts, index, within_roles=name == "roles")
        text = _get_section_text(document, section_parts, name)
        if name == "roles":
            roles = _read_roles(section_parts)
        if text:
            sections.setdefault(name or parts[index].title, text)
        index += len(section_parts) if text else 1
    if not roles:  # Roles as headings of their own: "Role A: the manager".
        role_parts = [part for part in parts if any(map(_is_side, part.lines))]
        roles = _build_roles((part.title, [line.text for line in part.lines]) for part in role_parts)
    values = {"title": parse_title(document, *_NAMES), "sections": sections, "roles": roles}
    return {name: value for name, value in values.items() if value}


def _collect_section(parts: Sequence[TitledPart], index: int, *, within_roles: bool) -> Sequence[TitledPart]:
    """Return a part with those nested in it, up to one that is a section of its own."""
    nested = collect_nested_parts(parts, index)
    ends = (end for end, part in enumerate(nested) if end and _is_separate(part, within_roles=within_roles))
    return nested[: next(ends, len(nested))]


def _is_separate(part: TitledPart, *, within_roles: bool) -> bool:
    """Return whether a part does not belong to the one above it, however deep its heading is."""
    is_named = any(map(part.is_called, _NAMES))
    return is_named or (not within_roles and any(map(_is_side, part.lines)))


def _get_section_text(document: Document, section_parts: Sequence[TitledPart], name: str) -> str:
    """Return the text of a section: turns and debrief as lists, others as they are written."""
    if name in ("turns", "debrief"):
        heading_part, *nested_parts = section_parts
        entries = [f"{part.title}: {' '.join(parse_entries(part.lines))}" for part in nested_parts]
        if not entries or heading_part.lines:
            lines = [line for part in section_parts for line in part.lines]
            entries = [" ".join(entry.split()) for entry in parse_entries(lines)]
        marks = (f"{number}." if name == "turns" else "-" for number in range(1, len(entries) + 1))
        return "\n".join(f"{mark} {entry}" for mark, entry in zip(marks, entries, strict=True))
    text = get_parts_source(document, section_parts)
    return strip_quotes(strip_marks(text)) if name == "opening" else text


def _read_roles(section_parts: Sequence[TitledPart]) -> list[dict[str, str]]:
    """Return the roles: parts of their own, rows of a table, or entries of a list."""
    heading_part, *nested_parts = section_parts
    if nested_parts:
        return _build_roles((part.title, [line.text for line in part.lines]) for part in nested_parts)
    lines = heading_part.lines
    if roles := list(_read_role_table(lines)):
        return roles
    first_lines = keep_outer_entries([line for line in lines if line.sort == "item"])
    first_lines = first_lines or [line for line in lines if line.lead and not _is_side(line)]
    return _build_roles(
        (name, [description, *(line.text for line in section.lines)])
        for section in split_sections(lines, first_lines)
        if section.heading
        for name, description in [split_term(section.heading)]
    )


def _is_side(line: Line) -> bool:
    """Return whether a line is labelled as what a role wants or hides."""
    return parse_label(line)[0] in load_part_words("wants") | load_part_words("hides")


def _build_roles(texts_by_name: Iterable[tuple[str, Sequence[str]]]) -> list[dict[str, str]]:
    return [role for name, texts in texts_by_name if (role := _build_role(name, texts))]


def _build_role(name: str, texts: Sequence[str]) -> dict[str, str] | None:
    """Return a role with what it wants and hides: labelled, or in a spoiler; else its full text is what it wants. None without
    a name or a text.
    """
    sides: dict[str, list[str]] = {"wants": [], "hides": [], "": []}
    for text in texts:
        for secret in _SECRET.findall(text):
            label, colon, rest = secret.partition(":")
            is_labelled = colon and normalise_label(label) in load_part_words("hides")
            sides["hides"].append((rest if is_labelled else secret).strip())
        for side, piece in _split_sides(_SECRET.sub("", text).strip()):
            sides[side].append(piece)
    name = _ROLE.sub("", _NUMBER.sub("", name)).strip(" :*")
    if not name or not any(sides.values()):
        return None
    wants = " ".join(sides["wants"] or sides[""])
    return {"name": name, "wants": wants.strip(" ."), "hides": " ".join(sides["hides"]).strip(" .")}


def _split_sides(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text, each with the side that its label names; empty without one."""
    labels = [(match, side) for match in _LABEL.finditer(text) if (side := _match_side(match[1]))]
    starts = [(0, ""), *((match.end(), side) for match, side in labels)]
    ends = [*(match.start() for match, _ in labels), len(text)]
    for (start, side), end in zip(starts, ends, strict=True):
        if piece := text[start:end].strip(" |(–—"):
            yield side, piece.removesuffix(")") if piece.count(")") > piece.count("(") else piece


def _match_side(label: str) -> str:
    return next((name for name in ("wants", "hides") if normalise_label(label) in load_part_words(name)), "")


def _read_role_table(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    """Yield the roles in tables, a row each."""
    for head, *rows in collect_tables(lines):
        wants_column, hides_column = find_column(head, "wants"), find_column(head, "hides")
        wants_column = 1 if wants_column is None else wants_column
        for row in rows:
            if len(row) < 2 or not row[0]:
                continue
            # What a role hides must not be shown as what it wants.
            wants = row[wants_column] if wants_column != hides_column else ""
            yield {"name": row[0], "wants": wants, "hides": row[hides_column] if hides_column is not None else ""}


KIND = Kind(
    name="scenario",
    family="data",
    title="Scenario",
    description="A case to role-play: situation, roles with secrets, twists and questions for afterwards.",
    task="A case that people act out and learn from: the situation, roles that each want something and hide something, how it opens, what "
    "happens on the way, and questions for afterwards.",
    layout="Use these headings: Situation, Roles, Opening, Turns, Debrief. Roles is a list: each name, what they want, and "
    "what they hide.",
    read=read,
    parts=Scenario,
    form=Form("scene", lasts=True),
    likely_exports=("docx", "pdf", "copy"),
)
