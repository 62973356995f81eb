"""A scenario: a case to act out, with roles, a start, turns and questions for afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
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
    at = 0
    while at < len(parts):
        name = next((one for one in _NAMES if parts[at].is_called(one) and one not in sections), "")
        below = collect_nested_parts(parts, at)
        ends = (n for n, one in enumerate(below) if n and _is_separate(one, within_roles=name == "roles"))
        below = below[: next(ends, len(below))]
        text = _get_section_text(document, below, name)
        if name == "roles":
            roles = _read_roles(below)
        if text:
            sections.setdefault(name or parts[at].title, text)
            at += len(below)
        else:
            at += 1
    if not roles:  # Roles as headings of their own: "Role A: the manager".
        own = [part for part in parts if any(map(_is_side, part.lines))]
        roles = [one for part in own if (one := _build_role(part.title, [line.text for line in part.lines]))]
    found = {"title": parse_title(document, *_NAMES), "sections": sections, "roles": roles}
    return {name: value for name, value in found.items() if value}


def _is_separate(part: TitledPart, *, within_roles: bool) -> bool:
    """Whether a part does not belong to the one above it, however deep its heading is."""
    named = any(part.is_called(one) for one in _NAMES)
    return named or (not within_roles and any(_is_side(line) for line in part.lines))


def _get_section_text(document: Document, below: Sequence[TitledPart], name: str) -> str:
    if name in ("turns", "debrief"):
        listed = [" ".join(one.split()) for one in parse_entries(line for one in below for line in one.lines)]
        titles = [f"{one.title}: {' '.join(parse_entries(one.lines))}" for one in below[1:]]
        entries = titles if titles and not below[0].lines else listed
        return "\n".join(f"{n}. {one}" if name == "turns" else f"- {one}" for n, one in enumerate(entries, 1))
    text = get_parts_source(document, below)
    return strip_quotes(strip_marks(text)) if name == "opening" else text


def _read_roles(below: Sequence[TitledPart]) -> list[dict[str, str]]:
    """Return the roles: parts of their own, rows of a table, or entries of a list."""
    if len(below) > 1:
        told = [(part.title, [line.text for line in part.lines]) for part in below[1:]]
        return [one for name, texts in told if (one := _build_role(name, texts))]
    lines = below[0].lines
    if found := list(_read_role_table(lines)):
        return found
    tops = keep_outer_entries([line for line in lines if line.sort == "item"])
    tops = tops or [line for line in lines if line.lead and not _is_side(line)]
    entries = [(*split_term(one.heading), one.lines) for one in split_sections(lines, tops) if one.heading]
    return [one for name, said, rest in entries if (one := _build_role(name, [said, *(line.text for line in rest)]))]


def _is_side(line: Line) -> bool:
    return parse_label(line)[0] in load_part_words("wants") | load_part_words("hides")


def _build_role(name: str, texts: Sequence[str]) -> dict[str, str] | None:
    """Return a role with what it wants and hides: labelled, or in a spoiler; else its full text is what it wants."""
    sides: dict[str, list[str]] = {"wants": [], "hides": [], "": []}
    for text in texts:
        for secret in _SECRET.findall(text):
            head, colon, rest = secret.partition(":")
            sides["hides"].append(
                (rest if colon and normalise_label(head) in load_part_words("hides") else secret).strip()
            )
        for side, piece in _split_sides(_SECRET.sub("", text).strip()):
            sides[side].append(piece)
    name = _ROLE.sub("", _NUMBER.sub("", name)).strip(" :*")
    if not name or not any(sides.values()):
        return None
    wants = " ".join(sides["wants"] or sides[""])
    return {"name": name, "wants": wants.strip(" ."), "hides": " ".join(sides["hides"]).strip(" .")}


def _split_sides(text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces of a text, each with the side that its label names; empty without one."""
    found = [(one.start(), one.end(), _match_side(one[1])) for one in _LABEL.finditer(text) if _match_side(one[1])]
    starts, stops = [(0, ""), *((end, side) for _, end, side in found)], [*(at for at, _, _ in found), len(text)]
    for (start, side), stop in zip(starts, stops, strict=True):
        if piece := text[start:stop].strip(" |(–—"):
            yield side, piece.removesuffix(")") if piece.count(")") > piece.count("(") else piece


def _match_side(label: str) -> str:
    return next((name for name in ("wants", "hides") if normalise_label(label) in load_part_words(name)), "")


def _read_role_table(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for head, *rows in collect_tables(lines):
        wants, hides = find_column(head, "wants"), find_column(head, "hides")
        for row in rows:
            if len(row) < 2 or not row[0]:
                continue
            at = 1 if wants is None else wants
            # Hidden information is for only one of them.
            wanted = row[at] if at != hides else ""
            yield {"name": row[0], "wants": wanted, "hides": row[hides] if hides is not None else ""}


KIND = Kind(
    name="scenario",
    family="data",
    title="Scenario",
    description="A case to role-play: situation, roles with secrets, twists and questions for afterwards.",
    task="A case that people act out and learn from: the situation, roles that each want something and hide something, how it opens, what "
    "happens on the way, and questions for afterwards.",
    layout="# Title\n\n## Situation\n…\n\n## Roles\n- **Name**: what they want. ||Secret: what they hide||\n\n## Opening\nThe first words\n\n"
    "## Turns\n1. …\n\n## Debrief\n- …?",
    read=read,
    parts=Scenario,
    form=Form("scene", lasts=True),
    likely_exports=("docx", "pdf", "copy"),
)
