"""Checks of how long the texts of a draft are, and of how many there are in its lists. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.briefs import OPENING
from bot.checks import AskedBy, Check, bounded, differing
from bot.checks.limits import limits_of
from bot.checks.terms import norm
from bot.checks.units import UNITS
from bot.content import Assignment, Bounds, Content, Size, marks

from .branded import IN_FIELD, without_lines
from .mistaken import is_mistaken
from .possible import beyond
from .rendered import COUNTED
from .shape import (
    Entries,
    Group,
    Node,
    Text,
    entries_wanted,
    lists,
    shape_of,
    sizes_for,
    texts,
    whole_text_sizes,
)


def sizes_of_whole(content: Content, assignment: Assignment) -> Iterator[Check]:
    """A check of the length of the whole in each unit that it is bounded in."""
    # What is shown may hold marks that are no part of the text, and settings beside a prompt.
    text = str(content.parts.get("text", content.parts.get("prompt", content.text)))
    for size in whole_text_sizes(assignment):
        yield _size(f"length in {size.unit}", text, size, "text" if assignment.kind.plain else "", None, assignment)


def size_of_opening(content: Content, assignment: Assignment) -> Iterator[Check]:
    """A check of how long the line is that a text begins with, where the brief says it."""
    lines = str(content.parts.get("text", content.text)).strip().split("\n")
    for (noun, unit), bounds in assignment.wishes.sizes.items():
        if noun == OPENING:
            yield bounded(
                "opening line length", UNITS[unit](lines[0]), bounds.least or None, bounds.most, unit, sort="size",
                path="text", asked_by="brief", of="opening line",
            )  # fmt: skip


def sizes_of_fields(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """One check a field name and unit: the entry that is nearest to breaking it, so that the reply stays short."""
    worst: dict[tuple[str, str], tuple[float, Check]] = {}
    for path, field, text in _measured(data, assignment):
        for size in sizes_for(field, assignment):
            label = field.name.replace("_", " ")
            found = _size(f"{label} length", text, size, path, field, assignment)
            value = UNITS[size.unit](text)
            pressure = value / size.most if found.passed else 1 + max(value / size.most, size.least / max(value, 1))
            known = worst.get((field.name, size.unit))
            if known is None or pressure > known[0]:
                worst[(field.name, size.unit)] = (pressure, found)
    yield from (check for _, check in worst.values())


def misfits(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A failed check for each text that is too long or too short."""
    for path, field, text in _measured(data, assignment):
        for size in sizes_for(field, assignment):
            found = _size(f"{field.name.replace('_', ' ')} length", text, size, path, field, assignment)
            if not found.passed and not is_mistaken(found, assignment):
                yield found


def excess(data: dict[str, Any], content: Content, assignment: Assignment) -> float:
    """By how much a draft is beyond its bounds in all, as shares of them; 0 where all are kept."""
    whole = str(content.parts.get("text", content.parts.get("prompt", content.text)))
    sized = [(whole, size) for size in whole_text_sizes(assignment)]
    sized += [(text, size) for _, field, text in _measured(data, assignment) for size in sizes_for(field, assignment)]
    beyond_sizes = sum(_beyond(UNITS[size.unit](text), size.least, size.most) for text, size in sized)
    counts = (
        (entries, entries_wanted(field, assignment))
        for _, field, entries in lists(shape_of(assignment.kind.output), data)
    )
    return beyond_sizes + sum(_beyond(len(entries), low, high) for entries, (low, high, _) in counts)


def counts(data: dict[str, Any], assignment: Assignment) -> Iterator[Check]:
    """A check of how many entries each list has, and that no two of them are the same."""
    impossible = {one.name: one for one in beyond(assignment)}
    for path, field, entries in lists(shape_of(assignment.kind.output), data):
        low, high, _ = entries_wanted(field, assignment)
        label = field.name.replace("_", " ")
        # Of lists within lists only what is amiss is worth a line.
        if too_many := impossible.get(next(iter(field.count.nouns), "")):
            wanted = float(too_many.wanted)
            yield Check(
                id=label, passed=False, value=len(entries), low=wanted, high=wanted, unit=_entries_named(field), sort="number",
                path=path, asked_by="brief",
            )  # fmt: skip
        elif "." not in path or not low <= len(entries) <= high:
            asked_by: AskedBy = "brief" if not assignment.wishes.counts.keys().isdisjoint(field.count.nouns) else "kind"
            yield bounded(
                label, len(entries), low, high, _entries_named(field), sort="number", path=path, asked_by=asked_by
            )
        if entries and isinstance(entries[0], str):
            different = len({norm(entry) for entry in entries})
            if different < len(entries):
                yield differing(label, different, len(entries), path=path)


def _size(name: str, text: str, size: Size, path: str, field: Text | Entries | None, assignment: Assignment) -> Check:
    """A check of how long a text is: a field's, or the whole without one."""
    value = UNITS[size.unit](text)
    asked_by, place = _asked_size(value, size, field, assignment)
    return bounded(
        name, value, size.least or None, size.most, size.unit, sort="size", path=path, asked_by=asked_by, place=place,
        of=_called(field) if field else "",
    )  # fmt: skip


def _called(field: Text | Entries) -> str:
    """What people are told that a field is."""
    return next((size.called for size in field.sizes if size.called), field.name.replace("_", " "))


def _asked_size(value: float, size: Size, field: Text | Entries | None, assignment: Assignment) -> tuple[AskedBy, str]:
    """Who wants a text no longer than it may be, or no shorter where it is: the brief, a place with its name, or the kind."""
    asked = _wished(size.unit, field, assignment)
    if value < size.least:
        return ("brief" if asked and asked.least else "kind"), ""
    if asked and asked.most == size.most:
        return "brief", ""
    name, place = field.name if field else "text", assignment.place
    limits = (one for one in limits_of(place, assignment.language) if not one.advice)
    if any((one.field, one.unit, one.max) == (name, size.unit, size.most) for one in limits):
        return "place", place
    return ("brief" if asked else "kind"), ""


def _wished(unit: str, field: Text | Entries | None, assignment: Assignment) -> Bounds | None:
    """The size that the brief gives a field, or the whole without one, in a unit; None where it gives none."""
    kind, nouns = assignment.kind, {""}
    if field:
        nouns = {noun for size in field.sizes for noun in size.nouns}
    elif kind.plain:
        nouns |= {noun for mark in marks(kind.output, Size) for noun in mark.nouns}
    same = (unit, "characters") if unit == "columns" else (unit,)
    return next(
        (one for (noun, in_unit), one in assignment.wishes.sizes.items() if noun in nouns and in_unit in same), None
    )


def _measured(data: dict[str, Any], assignment: Assignment) -> Iterator[tuple[str, Text | Entries, str]]:
    shape = shape_of(assignment.kind.output)
    if not assignment.kind.plain:
        for path, node, text in texts(shape, data):
            yield path, node, without_lines(text, assignment) if node.name == IN_FIELD else text
    for path, field, entries in lists(shape, data):
        if field.sizes:  # Bounds of a list of paragraphs hold for all of them together.
            yield path, field, "\n\n".join(str(entry) for entry in entries)


def _beyond(value: float, least: float, most: float) -> float:
    return max(0.0, (value - most) / max(most, 1), (least - value) / max(least, 1))


def _entries_named(field: Entries) -> str:
    """What the entries of a list are called, as briefs call them: "questions"; else the name of the list."""
    noun = next(iter(field.count.nouns), "")
    return COUNTED[noun][1] if noun in COUNTED else field.name.replace("_", " ")


def counted_in(assignment: Assignment) -> set[str]:
    """What the lists of a kind are called whose number has a check."""
    return {node.count.nouns[0] for node in _lists_of(shape_of(assignment.kind.output)) if node.count.nouns}


def _lists_of(node: Node) -> Iterator[Entries]:
    if isinstance(node, Group):
        for _, child in node.fields:
            yield from _lists_of(child)
    elif isinstance(node, Entries):
        yield node
        yield from _lists_of(node.entry)
