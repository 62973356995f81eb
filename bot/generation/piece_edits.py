"""A text that consists of pieces as one list of numbered lines, and what a model changed of them as an edit of each. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.content import Assignment

from .draft import objects
from .edits import NEW, Line, draft_of, is_line, lines_of, lists_to_fill

# What an answer calls the pieces that are to come, and what it says of each: what it is about, or its name.
NEW_TEXTS, ABOUT, NAME = "new_texts", "about", "name"


@dataclass(frozen=True, slots=True)
class Part:
    """A text of the whole: its name, which stands before its lines, its assignment, and whether it is `loose`: it may go."""

    name: str
    assignment: Assignment
    loose: bool = True


@dataclass(frozen=True, slots=True)
class New:
    """A piece that is to come: what it is about or what it is called, and the name of the part that it stands before."""

    said: str
    before: str = ""


@dataclass(frozen=True, slots=True)
class PieceEdits:
    """What an answer wants to be other: of each part by its name, as an answer about that alone, which go and which come."""

    answers: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    gone: tuple[str, ...] = ()
    new: tuple[New, ...] = ()


def title_of(name: str) -> str:
    """The name of a part as it stands before its lines."""
    return name.replace("_", " ")


def lines_of_parts(parts: Sequence[Part]) -> list[Line]:
    """The lines of all parts, numbered through; a part that may go has a line without text before its own."""
    return [line for line, _, _ in _lines(parts)]


def _lines(parts: Sequence[Part]) -> list[tuple[Line, Part, int]]:
    """The lines of all parts, each with its part and its number there, which is 0 for the line of the part itself."""
    found: list[tuple[Line, Part, int]] = []
    for part in parts:
        if part.loose:
            found.append((Line(len(found) + 1, part.name), part, 0))
        for line in lines_of(draft_of(part.assignment), part.assignment):
            path = f"{part.name}.{line.path}"
            found.append((Line(len(found) + 1, path, line.text, line.at), part, line.number))
    return found


def list_key(part: Part, name: str) -> str:
    """What an answer calls the new entries of a part's list."""
    return f"{NEW}{part.name.replace(' ', '_')}_{name}"


def edits_of_parts(answer: Any, parts: Sequence[Part]) -> PieceEdits:
    """What an answer about all parts says of each, without what names no line."""
    if not isinstance(answer, dict):
        return PieceEdits()
    lines = _lines(parts)
    found: dict[str, dict[str, Any]] = {part.name: {"changes": []} for part in parts}
    gone = []
    for step in objects(answer.get("changes")):
        if not is_line(step.get("line"), len(lines)):
            continue
        _, part, number = lines[step["line"] - 1]
        if number:
            found[part.name]["changes"].append({**step, "line": number})
        elif step.get("how") == "remove":
            gone.append(part.name)
    for part in parts:
        for name, _ in lists_to_fill(draft_of(part.assignment), part.assignment):
            given = objects(answer.get(list_key(part, name)))
            found[part.name][NEW + name] = [{**one, "before": _before(one, lines, part)} for one in given]
    return PieceEdits(found, tuple(dict.fromkeys(gone)), tuple(_new(answer, lines)))


def _before(one: Mapping[str, Any], lines: Sequence[tuple[Line, Part, int]], part: Part) -> int:
    """The number, within a part, of the line that an entry stands before; 0 for the end."""
    if not is_line(one.get("before"), len(lines)):
        return 0
    _, its, number = lines[one["before"] - 1]
    return number if its is part else 0


def _new(answer: Mapping[str, Any], lines: Sequence[tuple[Line, Part, int]]) -> list[New]:
    found = []
    for one in objects(answer.get(NEW_TEXTS)):
        said = one.get(ABOUT, one.get(NAME))
        before = lines[one["before"] - 1][1].name if is_line(one.get("before"), len(lines)) else ""
        if isinstance(said, str) and said.strip():
            found.append(New(said.strip(), before))
    return found
