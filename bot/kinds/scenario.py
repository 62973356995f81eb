"""A scenario: a case that people act out, with roles, a start, turns and questions for afterwards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind
from bot.kinds._reading_labels import column, label_of, tables_in, words
from bot.kinds._reading_lines import unquoted
from bot.kinds._reading_lists import entries_of, parted
from bot.kinds._reading_sections import Part, inside, parts_of, source_in, title_of
from bot.markup import Document, Line, plain

_NAMES = ("situation", "roles", "opening", "turns", "debrief")
_SECRET = re.compile(r"\|\|(.{1,600}?)\|\|", re.DOTALL)
_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[A-H][.)]|[-*•])\s+")


class Role(BaseModel):
    """Somebody to play: what they want, and what they do not say unasked."""

    name: str = ""
    wants: str = ""
    hides: str = ""


class Sections(BaseModel):
    """The texts of a scenario; of turns and debrief each line is one of them."""

    situation: str = ""
    roles: str = ""
    opening: str = ""
    turns: Annotated[str, Count(nouns=("turn", "twist", "complication", "event", "inject"))] = ""
    debrief: Annotated[str, Count(nouns=("question", "debrief question"))] = ""


class Scenario(BaseModel):
    """The parts of a scenario."""

    title: str = ""
    sections: Sections = Sections()
    roles: Annotated[list[Role], Count(nouns=("role", "character", "player", "part"))] = []


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """The sections by what they are, others by their titles, and the roles with what each wants and hides."""
    parts = parts_of(document, *_NAMES)
    sections: dict[str, str] = {}
    roles: list[dict[str, str]] = []
    at = 0
    while at < len(parts):
        name = next((one for one in _NAMES if parts[at].is_called(one) and one not in sections), "")
        below = inside(parts, at)
        ends = (n for n, one in enumerate(below) if n and _is_own(one, within_roles=name == "roles"))
        below = below[: next(ends, len(below))]
        text = _text(document, below, name)
        if name == "roles":
            roles = _roles(document, below)
        if text:
            sections.setdefault(name or parts[at].title, text)
            at += len(below)
        else:
            at += 1
    if not roles:  # Roles as headings of their own: "Role A: the manager".
        roles = [one for part in parts if (one := _role_of_part(part))]
    found = {"title": title_of(document, *_NAMES), "sections": sections, "roles": roles}
    return {name: value for name, value in found.items() if value}


def _is_own(part: Part, *, within_roles: bool) -> bool:
    """Whether a part is no part of the one above it, however deep its heading stands."""
    named = any(part.is_called(one) for one in _NAMES)
    return named or (not within_roles and any(_is_side(line) for line in part.lines))


def _text(document: Document, below: Sequence[Part], name: str) -> str:
    if name in ("turns", "debrief"):
        listed = [" ".join(one.split()) for one in entries_of(line for one in below for line in one.lines)]
        titles = [f"{one.title}: {' '.join(entries_of(one.lines))}" for one in below[1:]]
        entries = titles if titles and not below[0].lines else listed
        return "\n".join(f"{n}. {one}" if name == "turns" else f"- {one}" for n, one in enumerate(entries, 1))
    text = source_in(document, below)
    return unquoted(plain(text)) if name == "opening" else text


def _roles(document: Document, below: Sequence[Part]) -> list[dict[str, str]]:
    if len(below) > 1:
        return [one for part in below[1:] if (one := _role(part.title, part.lines))]
    lines = below[0].lines
    if found := list(_roles_of_table(lines)):
        return found
    groups: list[list[Line]] = []
    items = [line for line in lines if line.sort == "item"]
    top = min((line.level for line in items), default=0)
    for line in lines:
        begins = line.sort == "item" and line.level == top if top else bool(line.lead) and not _is_side(line)
        if begins:
            groups.append([line])
        elif groups:
            groups[-1].append(line)
    if not groups:
        groups = [[line] for line in lines if line.text.strip()]
    found = []
    for first, *rest in groups:
        name, said = parted(first)
        if not said and first.lead:
            name, said = first.lead, first.text[len(first.lead) :].strip(" :–—-")
        if not said and not rest:
            continue
        begun = Line(first.at, "text", said, first.source[first.source.find(said) :] if said in first.source else said)
        if one := _role(name, [begun, *rest] if said else rest):
            found.append(one)
    return found


def _is_side(line: Line) -> bool:
    return label_of(line)[0] in words("wants") | words("hides")


def _role_of_part(part: Part) -> dict[str, str] | None:
    return _role(part.title, part.lines) if any(_is_side(line) for line in part.lines) else None


def _role(name: str, lines: Sequence[Line]) -> dict[str, str] | None:
    """A role with what it wants and hides: labelled, or behind a spoiler; else all that is said of it is what it wants."""
    name = re.sub(
        r"^(?:role|rolle|rol|rôle|papel|ruolo)\s?(?:\d{1,2}|[A-H])?\s?[:.–—-]\s*",
        "",
        _NUMBER.sub("", name),
        flags=re.IGNORECASE,
    )
    sides: dict[str, list[str]] = {"wants": [], "hides": [], "": []}
    side = ""
    for line in lines:
        text = line.text.strip()
        if not text:
            continue
        for secret in _SECRET.findall(text):
            inner = secret.strip()
            head, colon, rest = inner.partition(":")
            sides["hides"].append(rest.strip() if colon and head.strip().casefold() in words("hides") else inner)
        text = _SECRET.sub("", text).strip()
        if not text:
            continue
        for piece, own in _sides(text):
            side = own if own is not None else side if line.sort == "text" and not own else ""
            if piece:
                sides[side if own is not None or side else ""].append(piece)
    if not name or not any(sides.values()):
        return None
    wants = " ".join(sides["wants"] or sides[""])
    return {"name": name.strip(" :*"), "wants": wants.strip(" ."), "hides": " ".join(sides["hides"]).strip(" .")}


def _sides(text: str) -> Iterator[tuple[str, str | None]]:
    """The pieces of a line, each with the side that its label names; None without a label."""
    ends = [0]
    labels: list[str | None] = [None]
    for found in re.finditer(
        r"(?:^|(?<=[.;!?|–—]\s)|(?<=[.;|(]))\s{0,2}\**([^\W\d_][^:.;!?\n]{0,40}?)\**\s?[:：]\s*", text
    ):
        told = found[1].strip().casefold()
        name = next((one for one in ("wants", "hides") if told in words(one)), None)
        if name:
            ends += [found.start(), found.end()]
            labels += [name]
    if len(labels) == 1:
        yield text, None
        return
    starts = [0, *ends[2::2]]
    stops = [*ends[1::2], len(text)]
    for label, start, stop in zip(labels, starts, stops, strict=True):
        if piece := text[start:stop].strip(" |(–—"):
            yield piece.removesuffix(")") if piece.count(")") > piece.count("(") else piece, label if label else ""


def _roles_of_table(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for head, *rows in tables_in(lines):
        wants, hides = column(head, "wants"), column(head, "hides")
        for row in rows:
            if len(row) < 2 or not row[0]:
                continue
            at = wants if wants is not None else 1
            hidden = row[hides] if hides is not None and hides < len(row) else ""
            yield {"name": row[0], "wants": row[at] if at < len(row) else "", "hides": hidden.replace("||", "").strip()}


KIND = Kind(
    name="scenario",
    family="data",
    title="Scenario",
    description="A case to act out: situation, roles with secrets, turns and questions for afterwards.",
    task="A case that people act out and learn from: the situation, roles that each want something and hide something, how it opens, what "
    "happens on the way, and questions for afterwards.",
    layout="# Title\n\n## Situation\n…\n\n## Roles\n- **Name**: what they want. ||Secret: what they hide||\n\n## Opening\nThe first words\n\n"
    "## Turns\n1. …\n\n## Debrief\n- …?",
    read=read,
    parts=Scenario,
    form=Form("scene", lasts=True),
    likeliest=("docx", "pdf", "copy"),
)
