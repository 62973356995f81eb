"""Entries of one draft's lists in place of another's that are too long, too short or there already. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.checks.terms import norm
from bot.content import Assignment
from bot.generation.rank import Candidate
from bot.generation.shape import Entries, key_of, lists, shape_of
from bot.generation.sized import misfits

from .handed_on import candidate_of
from .repair import replaced


def exchanged(candidate: Candidate, other: Candidate, assignment: Assignment) -> Candidate:
    """The draft with entries of another for those of its own lists that do not fit or say the same as one before them."""
    unfit, unfit_there = (_unfit(one.data, assignment) for one in (candidate, other))
    data = candidate.data
    for name, node, entries in lists(shape_of(assignment.kind.output), candidate.data):
        if "." in name or not entries:
            continue
        said = {_said(entry, node) for entry in entries}
        spare = [
            entry
            for at, entry in enumerate(other.data.get(name, []))
            if f"{name}.{at}" not in unfit_there and _said(entry, node) not in said
        ]
        for at in range(len(entries)):
            if spare and f"{name}.{at}" in unfit:
                data = replaced(data, f"{name}.{at}", spare.pop(0))
    return candidate if data is candidate.data else candidate_of(data, assignment)


def _unfit(data: dict[str, Any], assignment: Assignment) -> set[str]:
    """The paths of entries of lists that do not fit or come again."""
    found = {".".join(check.path.split(".")[:2]) for check in misfits(data, assignment)}
    return found | set(_again(data, assignment))


def _again(data: dict[str, Any], assignment: Assignment) -> Iterator[str]:
    for name, node, entries in lists(shape_of(assignment.kind.output), data):
        seen = set[str]()
        for at, entry in enumerate(entries):
            said = _said(entry, node)
            if said in seen:
                yield f"{name}.{at}"
            seen.add(said)


def _said(entry: str | dict[str, Any], node: Entries) -> str:
    """What tells an entry from the others, without the signs and capitals of its writing."""
    return norm(entry if isinstance(entry, str) else str(entry.get(key_of(node), ""))).strip(" .!?")
