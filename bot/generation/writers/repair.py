"""What fails a check goes back to the model that wrote it, part by part, with what was measured."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import Any

from bot.checks import Check
from bot.content import Assignment, Size
from bot.engines import Ask
from bot.errors import EngineError
from bot.generation.check import excess
from bot.generation.draft import partial, read, unwrapped
from bot.generation.possible import beyond
from bot.generation.rank import Candidate
from bot.generation.shape import Entries, Group, changed, completed, lists, shape_of, sizes_for, texts, turn_list

from .base import Desk
from .capable_form import most_characters, node_at, schema_at, tokens_for
from .capable_prompt import repair_messages
from .handed_on import candidate_of

# A model is asked at most so often to repair a draft; what still fails then is trimmed, or said in the reply.
MAX_REPAIRS = 3


async def repaired(candidate: Candidate, assignment: Assignment, desk: Desk) -> Candidate:
    """The candidate with what failed written anew, as far as that made it better; the best is kept."""
    tries: Counter[str] = Counter()
    for number in range(MAX_REPAIRS):
        faults = repairable(candidate, assignment)
        # The whole is written anew once; a part again where it failed again, after the others.
        paths = [path for path in faults if tries[path] < (MAX_REPAIRS if path else 1)]
        if not paths:
            break
        path = min(paths, key=tries.__getitem__)
        tries[path] += 1
        ask = _ask(path, faults[path], candidate, assignment, desk, number)

        async def rewrite(ask: Ask = ask) -> str:
            try:
                return await desk.engine.complete(ask)
            except EngineError:
                return ""  # The draft is good enough to hand over, with the check that it failed.

        written = await desk.checkpoint(f"mend {number}", rewrite)
        data = _with(candidate.data, path, written, assignment)
        if data is not None:
            anew = await asyncio.to_thread(candidate_of, data, assignment)
            candidate = anew if is_better(anew, candidate, assignment, path) else candidate
    return candidate


def is_better(anew: Candidate, old: Candidate, assignment: Assignment, path: str = "") -> bool:
    """No check that passed fails now, and one that failed passes, fails no longer at this path, or fails by less."""
    failed, failed_before = _failed(anew), _failed(old)
    if set(failed) - set(failed_before):
        return False
    if len(failed) < len(failed_before):
        return True
    moved = path and any(at == path and failed.get(name) != path for name, at in failed_before.items())
    return bool(moved) or excess(anew.data, anew.content, assignment) < excess(old.data, old.content, assignment)


def _failed(candidate: Candidate) -> dict[str, str]:
    """Where each check failed, by its name."""
    return {check.name: check.path for check in candidate.checks if not check.passed}


def repairable(candidate: Candidate, assignment: Assignment) -> dict[str, list[str]]:
    """What is wrong, in words, by the path of the part that can be written anew: a text, a list, or the whole."""
    shape = shape_of(assignment.kind.output)
    parts = {path for path, _, _ in texts(shape, candidate.data)} | {
        path for path, _, _ in lists(shape, candidate.data)
    }
    impossible = {one.name for one in beyond(assignment)}
    found: dict[str, list[str]] = {}
    for check in candidate.checks:
        path = _path(check, candidate, assignment)
        if check.passed or check.name.endswith(" asked for") or (path and path not in parts):
            continue
        node = node_at(path, assignment) if path else None
        if isinstance(node, Entries) and impossible.intersection(node.count.nouns[:1]):
            continue
        found.setdefault(path, []).append(check.hint or f"{check.name}: {check.measured}; allowed: {check.limit}.")
    return found


def _path(check: Check, candidate: Candidate, assignment: Assignment) -> str:
    """The path of the part that a failed check is about; of a long text that is too long or short the part most so."""
    if check.path:
        return check.path
    if assignment.kind.plain:
        return "text"
    turn = turn_list(assignment)
    if turn is None or not check.name.startswith("length in") or not candidate.data[turn[0]]:
        return ""
    sizes = [len(entry[turn[1]]) for entry in candidate.data[turn[0]]]
    extreme = min(sizes) if "at least" in check.hint else max(sizes)
    return f"{turn[0]}.{sizes.index(extreme)}.{turn[1]}"


def _ask(path: str, faults: list[str], candidate: Candidate, assignment: Assignment, desk: Desk, number: int) -> Ask:
    schema = schema_at(path, assignment)
    if schema is None:
        text = str(at(candidate.data, path))
        most = [size.most * (6 if size.unit == "words" else 1) for size in _sizes(path, assignment)]
        characters = max([2 * len(text), *most])
    else:
        part = {path.rpartition(".")[2]: at(candidate.data, path)} if path else candidate.data
        text = json.dumps(part, ensure_ascii=False)
        characters = max(2 * len(text), most_characters(assignment))
    return Ask(
        messages=repair_messages(assignment, path, text, faults),
        schema=schema,
        characters=characters,
        max_tokens=tokens_for(characters, assignment, desk.engine.traits.context),
        seed=assignment.request.seed + number,
    )


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
