"""What fails a check goes back to the model that wrote it, part by part, with what was measured."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from bot.checks import Check
from bot.checks.units import UNITS
from bot.content import Assignment, Size
from bot.engines import Ask
from bot.generation.draft import partial, read, unwrapped
from bot.generation.findings import for_model, is_short
from bot.generation.possible import beyond
from bot.generation.rank import Candidate
from bot.generation.shape import (
    Entries,
    Group,
    Text,
    changed,
    completed,
    lists,
    shape_of,
    sizes_for,
    texts,
    turn_list,
)
from bot.generation.sized import excess, misfits

from .base import Desk
from .capable_form import (
    lengthened,
    most_characters,
    node_at,
    part_name,
    schema_at,
    schema_of_parts,
    slack_of,
    tokens_for,
)
from .capable_prompt import repair_messages
from .handed_on import candidate_of

# A model is asked at most so often to repair a draft; what still fails then is trimmed, or said in the reply.
MAX_REPAIRS = 3


async def repaired(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The candidate with what failed written anew, as far as that made it better; the best is kept.

    A round is one call: for the whole, for a list, or for all texts that are at fault.
    """
    tries: Counter[str] = Counter()
    together = True
    for number in range(MAX_REPAIRS):
        faults = repairable(candidate, assignment)
        # The whole is written anew once; a part again where it failed again, after the others.
        paths = [path for path in faults if tries[path] < (MAX_REPAIRS if path else 1)]
        if not paths:
            break
        first = min(paths, key=tries.__getitem__)
        group = [first]
        if together and is_text(first, assignment):  # In the order of the draft.
            group = [path for path, _, _ in texts(shape_of(assignment.kind.output), candidate.data) if path in paths]
        tries.update(group)
        ask = _ask({path: faults[path] for path in group}, candidate, assignment, desk, number)

        written = await desk.asked(f"repair {number}", ask)
        given = {first: written} if len(group) == 1 else _parts_of(written, group)
        anew = await asyncio.to_thread(_better, candidate, given, assignment)
        # A model that cannot write several at once may write one.
        together, candidate = together and anew is not candidate, anew
    return candidate


def is_text(path: str, assignment: Assignment) -> bool:
    """Whether a single text stands at a path, no list and not the whole."""
    return bool(path) and isinstance(node_at(path, assignment), Text)


def _better(candidate: Candidate, given: Mapping[str, str], assignment: Assignment) -> Candidate:
    """The candidate with those parts that were written anew, by their paths, by which it is better."""
    for path, part in given.items():
        data = _with(candidate.data, path, part, assignment)
        if data is not None:
            anew = candidate_of(data, assignment)
            candidate = anew if is_better(anew, candidate, assignment, path) else candidate
    return candidate


def _parts_of(written: str, group: list[str]) -> dict[str, str]:
    """The texts of an answer by their paths; those that it lacks are left out."""
    found = partial(unwrapped(written))
    answers = {path: found.get(part_name(number)) for number, path in enumerate(group)}
    return {path: answer for path, answer in answers.items() if isinstance(answer, str)}


def is_better(anew: Candidate, old: Candidate, assignment: Assignment, path: str = "") -> bool:
    """No check that passed fails now, and one that failed passes, fails no longer at this path, or fails by less."""
    failed, failed_before = _failed(anew), _failed(old)
    if {name for name, _ in failed} - {name for name, _ in failed_before}:
        return False
    if len(failed) < len(failed_before):
        return True
    moved = path and any(at == path and (name, at) not in failed for name, at in failed_before)
    return bool(moved) or excess(anew.data, anew.content, assignment) < excess(old.data, old.content, assignment)


def _failed(candidate: Candidate) -> set[tuple[str, str]]:
    """The names of the checks that failed, each with where."""
    return {(check.name, check.path) for check in candidate.checks if not check.passed}


def repairable(candidate: Candidate, assignment: Assignment) -> dict[str, list[str]]:
    """What is wrong, in words, by the path of the part that can be written anew: a text, a list, or the whole."""
    shape = shape_of(assignment.kind.output)
    parts = {path for path, _, _ in texts(shape, candidate.data)} | {
        path for path, _, _ in lists(shape, candidate.data)
    }
    impossible = {one.name for one in beyond(assignment)}
    found: dict[str, list[str]] = {}
    # Of texts of one name, the checks tell the one that is farthest off.
    for check in dict.fromkeys((*candidate.checks, *misfits(candidate.data, assignment))):
        path = _path(check, candidate, assignment)
        if check.passed or not check.repairable or (path and path not in parts):
            continue
        node = node_at(path, assignment) if path else None
        if isinstance(node, Entries) and impossible.intersection(node.count.nouns[:1]):
            continue
        found.setdefault(path, []).append(for_model(check))
    return found


def _path(check: Check, candidate: Candidate, assignment: Assignment) -> str:
    """The path of the part that a failed check is about; of a long text that is too long or short the part most so."""
    if check.path:
        return check.path
    if assignment.kind.plain:
        return "text"
    turn = turn_list(assignment)
    if turn is None or check.sort != "size" or not candidate.data[turn[0]]:
        return ""
    sizes = [len(entry[turn[1]]) for entry in candidate.data[turn[0]]]
    extreme = min(sizes) if is_short(check) else max(sizes)
    return f"{turn[0]}.{sizes.index(extreme)}.{turn[1]}"


def _ask(faults: dict[str, list[str]], candidate: Candidate, assignment: Assignment, desk: Desk, number: int) -> Ask:
    path = next(iter(faults))
    if is_text(path, assignment):
        parts = [(one, str(at(candidate.data, one)), told) for one, told in faults.items()]
        characters = sum(_room(one, text, assignment) for one, text, _ in parts)
        schema = schema_of_parts(len(parts)) if len(parts) > 1 else None
    else:
        part = {path.rpartition(".")[2]: at(candidate.data, path)} if path else candidate.data
        parts = [(path, json.dumps(part, ensure_ascii=False), faults[path])]
        characters = max(2 * len(parts[0][1]), most_characters(assignment))
        schema = schema_at(path, assignment, slack=slack_of(desk.engine))
        if schema and (short := _too_short(path, candidate, assignment)):
            schema = lengthened(schema, path.rpartition(".")[2], len(at(candidate.data, path)), short)
        if assignment.kind.plain:
            parts, schema = [("", str(candidate.data["text"]), faults[path])], None
    return Ask(
        messages=repair_messages(assignment, parts),
        schema=schema,
        characters=characters,
        max_tokens=tokens_for(characters, assignment, desk.engine.traits.context),
        seed=assignment.request.seed + number,
    )


def _too_short(path: str, candidate: Candidate, assignment: Assignment) -> Size | None:
    """The bound that the paragraphs of a list fall short of together, None where they do not."""
    if not path or not isinstance(node := node_at(path, assignment), Entries) or not node.sizes:
        return None
    text = "\n\n".join(map(str, at(candidate.data, path)))
    return next((size for size in sizes_for(node, assignment) if UNITS[size.unit](text) < size.least), None)


def _room(path: str, text: str, assignment: Assignment) -> int:
    """Characters that a text may need when it is written anew."""
    most = [size.most * (6 if size.unit == "words" else 1) for size in _sizes(path, assignment)]
    return max([2 * len(text), *most])


def _sizes(path: str, assignment: Assignment) -> tuple[Size, ...]:
    node = node_at(path, assignment)
    return () if isinstance(node, Group) else sizes_for(node, assignment)


def _with(data: dict[str, Any], path: str, written: str, assignment: Assignment) -> dict[str, Any] | None:
    """The draft with a part as it was written anew; None where nothing was."""
    written = unwrapped(written)
    if not written:
        return None
    node = node_at(path, assignment) if path else None
    if isinstance(node, Entries):
        entries = completed(node, partial(written).get(path.rpartition(".")[2]))
        return replaced(data, path, entries) if entries else None
    if not path:
        whole = read(written, assignment.kind)
        return whole if any(whole.values()) else None
    put: dict[str, Any] = changed(
        shape_of(assignment.kind.output), data, lambda where, _field, old: written if where == path else old
    )
    return put


def at(data: Any, path: str) -> Any:
    """What stands at a path of a draft."""
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def replaced(data: Any, path: str, part: Any) -> Any:
    """The draft with another part at a path; the draft itself stays as it is."""
    step, _, rest = path.partition(".")
    if isinstance(data, list):
        number = int(step)
        return [*data[:number], replaced(data[number], rest, part) if rest else part, *data[number + 1 :]]
    return data | {step: replaced(data[step], rest, part) if rest else part}
