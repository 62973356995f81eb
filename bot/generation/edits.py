"""A draft as numbered lines that a model can name, and the draft again with what it changed of them. Pure.

What is not named comes from the old draft, word for word: the model never gives it back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from bot.content import Assignment, Kind

from .beside import FIELD, SHAPE, joined
from .draft import objects
from .sentences import MOST_FITTED, sentences_of
from .shape import Entries, Group, Node, Text, completed, shape_of

How = Literal["replace", "remove", "before", "after", "entry before", "entry after"]
HOWS: tuple[str, ...] = get_args(How)
# A list that new entries are put into has this before its name in an answer.
NEW = "new_"
# A row of a table or an entry of a list in Markdown.
_ROW = re.compile(r"^[ \t]{0,8}(?:\||\d{1,2}[.)][ \t]|[-*•☐□][ \t])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """A part of a draft that can be named: a text, one of its sentences, or a whole entry of a list, which has no text.

    `path` is where it stands, `at` the number of the sentence there.
    """

    number: int
    path: str
    text: str = ""
    at: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One change: the number of a line, what is done there, and the words for it."""

    line: int
    how: str
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """All that a model wants to be other: steps, and new entries by the name of their list, each before a line or at the end (0)."""

    steps: tuple[Step, ...] = ()
    entries: Mapping[str, tuple[tuple[int, Any], ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.steps or self.entries)


def is_edit(assignment: Assignment) -> bool:
    """Whether a version that is there is to be changed: one whose parts are known and have the form of the kind."""
    request = assignment.request
    return (
        request.before is not None
        and request.variants == 1
        and assignment.parent is None
        and fits(assignment.kind, request.before.written)
    )


def fits(kind: Kind, written: Mapping[str, Any]) -> bool:
    """Whether what was written has the form that a kind has now."""
    shape = shape_of(kind.output)
    return bool(written) and completed(shape, dict(written)) == dict(written)


def draft_of(assignment: Assignment) -> dict[str, Any]:
    """The draft that is to be edited, with what stands beside it; empty where there is none."""
    before = assignment.request.before
    return joined(before.written, before.beside) if before is not None else {}


def fields_of(draft: Mapping[str, Any], assignment: Assignment) -> Group:
    """The tree of a draft: that of its kind, and what stands beside it where it has that."""
    shape = shape_of(assignment.kind.output)
    return Group((*shape.fields, (FIELD, SHAPE))) if FIELD in draft else shape


def lines_of(data: Mapping[str, Any], assignment: Assignment) -> list[Line]:
    """The lines of a draft, numbered from 1: each sentence of a text, and before the fields of an entry the entry itself."""
    found: list[Line] = []
    for path, text in _parts(fields_of(data, assignment), data, ""):
        if text is None:
            found.append(Line(len(found) + 1, path))
            continue
        for at, sentence in enumerate(pieces(text)):
            found.append(Line(len(found) + 1, path, sentence, at))
    return found


def pieces(text: str) -> list[str]:
    """The sentences of a text, each with the space behind it, and the rows of its tables and lists whole; a very long text is one."""
    if len(text) > MOST_FITTED:
        return [text]
    if not _ROW.search(text):
        return sentences_of(text) or [text]
    found: list[str] = []
    for line in text.splitlines(keepends=True):
        if not line.strip() and found:
            found[-1] += line
        else:
            found += [line] if _ROW.match(line) else sentences_of(line) or [line]
    return found


def _parts(node: Node, data: Any, path: str) -> Iterator[tuple[str, str | None]]:
    if isinstance(node, Group):
        for name, child in node.fields:
            yield from _parts(child, data[name], f"{path}.{name}".lstrip("."))
    elif isinstance(node, Entries):
        for index, entry in enumerate(data):
            if isinstance(node.entry, Group):
                yield f"{path}.{index}", None
            yield from _parts(node.entry, entry, f"{path}.{index}")
    else:
        yield path, data


def numbered_text(lines: Sequence[Line]) -> str:
    """The lines as a model reads them: number, where it stands, and the text."""
    return "\n".join(
        " | ".join(filter(None, [str(line.number), _label(line.path), line.text.strip()])) for line in lines
    )


def _label(path: str) -> str:
    return " ".join(str(int(step) + 1) if step.isdigit() else step.replace("_", " ") for step in path.split("."))


def lists_to_fill(data: Mapping[str, Any], assignment: Assignment) -> list[tuple[str, Entries]]:
    """The lists of a draft that new entries can be put into."""
    return [(name, node) for name, node in fields_of(data, assignment).fields if isinstance(node, Entries)]


def edit_of(answer: Any, data: Mapping[str, Any], assignment: Assignment) -> Edit:
    """What an answer wants to be other in a draft, without what it cannot mean."""
    if not isinstance(answer, dict):
        return Edit()
    last = len(lines_of(data, assignment))
    steps = [
        Step(one["line"], one["how"], one["text"] if isinstance(one.get("text"), str) else "")
        for one in objects(answer.get("changes"))
        if is_line(one.get("line"), last) and one.get("how") in HOWS
    ]
    steps = [one for one in steps if one.how == "remove" or one.text.strip()]
    entries: dict[str, tuple[tuple[int, Any], ...]] = {}
    for name, node in lists_to_fill(data, assignment):
        given = [
            (one["before"] if is_line(one.get("before"), last) else 0, completed(node.entry, one.get("entry")))
            for one in objects(answer.get(NEW + name))
        ]
        if kept := tuple(one for one in given if _says(one[1])):
            entries[name] = kept
    return Edit(tuple(steps), entries)


def is_line(value: Any, last: int) -> bool:
    """Whether a value is the number of one of so many lines."""
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= last


def _says(entry: Any) -> bool:
    """Whether there is a word in an entry."""
    if isinstance(entry, dict):
        return any(map(_says, entry.values()))
    return any(map(_says, entry)) if isinstance(entry, list) else bool(str(entry).strip())


def edited(data: Mapping[str, Any], edit: Edit, assignment: Assignment) -> dict[str, Any]:
    """The draft with what was changed; all else is as it was."""
    lines = lines_of(data, assignment)
    known = {line.number: line for line in lines}
    places: dict[str, list[tuple[Line, Step]]] = {}
    for step in edit.steps:
        line = known[step.line]
        places.setdefault(line.path, []).append((line, step))
    added = {
        name: [(_index(known.get(before), name), entry) for before, entry in entries]
        for name, entries in edit.entries.items()
    }
    made: dict[str, Any] = _rebuilt(fields_of(data, assignment), dict(data), "", places, added)
    return made


def _index(line: Line | None, name: str) -> int | None:
    """Before which entry of a list a line stands; None for its end."""
    steps = line.path.split(".") if line else []
    return int(steps[1]) if len(steps) > 1 and steps[0] == name else None


_Places = Mapping[str, Sequence[tuple[Line, Step]]]


def _rebuilt(
    node: Node, data: Any, path: str, places: _Places, added: Mapping[str, list[tuple[int | None, Any]]]
) -> Any:
    if isinstance(node, Group):
        return {
            name: _rebuilt(child, data[name], f"{path}.{name}".lstrip("."), places, added)
            for name, child in node.fields
        }
    if isinstance(node, Text):
        return _text(data, places[path]) if path in places else data
    new, entries = added.get(path, []), list[Any]()
    for index, entry in enumerate(data):
        here = f"{path}.{index}"
        entries += [one for before, one in new if before == index]
        entries += [step.text.strip() for _, step in places.get(here, ()) if _puts(step, "before", node)]
        if not any(step.how == "remove" for line, step in places.get(here, ()) if not line.text):
            kept = _rebuilt(node.entry, entry, here, places, added)
            entries += [kept] if kept != "" or entry == "" else []
        entries += [step.text.strip() for _, step in places.get(here, ()) if _puts(step, "after", node)]
    return [*entries, *(one for before, one in new if before is None)]


def _puts(step: Step, where: str, node: Entries) -> bool:
    return step.how == f"entry {where}" and isinstance(node.entry, Text)


def _text(text: str, steps: Sequence[tuple[Line, Step]]) -> str:
    """A text with some of its sentences changed."""
    found = pieces(text)
    for line, step in steps:
        old = found[line.at]
        gap = old[len(old.rstrip()) :]
        match step.how:
            case "replace":
                found[line.at] = step.text.strip() + gap
            case "remove":
                found[line.at] = ""
            case "before":
                found[line.at] = f"{step.text.strip()} {old}"
            case "after":
                found[line.at] = f"{old.rstrip()} {step.text.strip()}{gap}"
    made = "".join(found)
    # Where nothing was taken from its ends, they are as they were.
    return made if made.strip() == made or text.strip() != text else made.strip()
