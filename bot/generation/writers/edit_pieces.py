"""Edits a text that consists of pieces: one call with the lines of all of them, or several where a context has not that much room."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine
from bot.errors import Phrase
from bot.generation.draft import CHARACTERS_A_TOKEN, MOST_WRITTEN, Watcher, partial, told_while_loading, unwrapped
from bot.generation.edits import draft_of
from bot.generation.piece_edits import New, Part, edits_of_parts, title_of

from .base import numbered
from .capable_form import edit_schema_of_parts, tokens_for
from .capable_prompt import edit_messages_of_parts, length_step
from .edit import (
    INSTRUCTIONS,
    NOTHING,
    ROOM,
    UNCHANGED,
    Attempt,
    Start,
    attempted,
    best_of_returns,
    notes_of,
    seen,
    start_of,
)

Batch = Sequence[Part]


@dataclass(frozen=True, slots=True)
class Whole:
    """A text of pieces that is to be edited: its parts, and the names of those `there` that may come and go, in their order.

    `most` new ones may come, of those that are chosen by name these `names`, empty for a series; `wanted` is how many there
    are to be where the wish tells.
    """

    assignment: Assignment
    parts: Sequence[Part]
    there: tuple[str, ...]
    most: int
    names: tuple[str, ...] = ()
    wanted: int | None = None

    @property
    def may_resize(self) -> bool:
        """Whether the wish may be for more or fewer texts; what is to be shorter is so text by text."""
        return length_step(self.assignment.request) == 1.0


@dataclass(frozen=True, slots=True)
class EditedPieces:
    """What became of the parts that stay, by name, which are gone, which are to come, and what readers are told of it."""

    attempts: Mapping[str, Attempt]
    gone: tuple[str, ...]
    new: tuple[New, ...]
    notes: tuple[Phrase, ...]


@dataclass(frozen=True, slots=True)
class _Try:
    attempts: Mapping[str, Attempt]
    gone: tuple[str, ...]
    new: tuple[New, ...]
    faults: tuple[str, ...]


def batches_for(whole: Whole, engine: Engine) -> list[Batch]:
    """The parts in as few calls as half of an engine's context has room for.

    There are none where the engine's model is not to edit, or not even one part has room.
    """
    if not engine.traits.capable or engine.traits.by_example:
        return []
    room = (engine.traits.context // 2 - INSTRUCTIONS) * CHARACTERS_A_TOKEN
    found: list[list[Part]] = []
    left = 0
    for part in whole.parts:
        size = _characters([part])
        if size > room:
            return []
        if size > left or not found:
            found.append([])
            left = room
        found[-1].append(part)
        left -= size
    return [tuple(batch) for batch in found]


def _characters(parts: Batch) -> int:
    return sum(len(json.dumps(draft_of(part.assignment), ensure_ascii=False)) for part in parts)


def _ask(whole: Whole, batches: Sequence[Batch], at: int, engine: Engine, seed: int) -> Ask:
    """The call that asks what is to change in a batch; the last one also says which pieces are to come."""
    parts, assignment, some = batches[at], whole.assignment, len(batches) > 1
    characters = 2 * _characters(parts) + ROOM
    max_tokens = tokens_for(characters, assignment, engine.traits.context)
    most = whole.most if whole.may_resize and at == len(batches) - 1 else 0
    schema = edit_schema_of_parts(parts, whole.names, most)
    messages = edit_messages_of_parts(
        parts, assignment, named=bool(whole.names), some=some, wanted=None if some else whole.wanted,
        tokens=engine.traits.context - max_tokens,
    )  # fmt: skip
    return Ask(messages=messages, schema=schema, characters=characters, max_tokens=max_tokens, seed=(seed + at) % 2**31)


async def drawn(whole: Whole, engine: Engine, watcher: Watcher, seed: int) -> list[str]:
    """The answers of a model that was asked what is to change, one a batch; none where it is not to edit.

    Raises:
        EngineError: the engine failed.
    """
    batches = batches_for(whole, engine)
    if batches:
        await told_while_loading(engine, watcher)
    answers: list[str] = []
    for at in range(len(batches)):
        ask, written = _ask(whole, batches, at, engine, seed), ""
        if watcher.watching:
            async for written in engine.growing(ask):
                if len(written) > MOST_WRITTEN:
                    break
                await watcher.draft(functools.partial(_so_far, [*answers, written], batches))
        else:
            written = await engine.complete(ask)
        answers.append(written)
    return answers


def _so_far(answers: Sequence[str], batches: Sequence[Batch]) -> str:
    """All texts that stay, with what the answers say so far."""
    texts = []
    for at, parts in enumerate(batches):
        edits = edits_of_parts(partial(unwrapped(answers[at])) if at < len(answers) else {}, parts)
        kept = (part for part in parts if part.name not in edits.gone)
        texts += [seen(edits.answers.get(part.name, {}), part.assignment) for part in kept]
    return "\n\n".join(texts)


async def edited_pieces(
    answers: Sequence[str], whole: Whole, engine: Engine, checkpoint: Checkpoint, seed: int
) -> EditedPieces:
    """The parts with their changes; what breaks a check that passed before is sent back, and told where that does not help."""
    batches = batches_for(whole, engine)
    starts = await asyncio.to_thread(lambda: {part.name: start_of(part.assignment) for part in whole.parts})
    found = []
    for at, (answer, parts) in enumerate(zip(answers, batches, strict=True)):
        attempt = functools.partial(_tried, parts=parts, starts=starts, whole=whole, some=len(batches) > 1)
        ask = _ask(whole, batches, at, engine, seed)
        named = numbered(checkpoint, at) if at else checkpoint
        found.append(await best_of_returns(answer, ask, attempt, _faults_of, engine, named))
    attempts = {name: attempt for one in found for name, attempt in one.attempts.items()}
    gone = tuple(name for one in found for name in one.gone)
    new = tuple(one for each in found for one in each.new)
    same = not (gone or new) and whole.wanted in (None, len(whole.there)) and not _any_changed(attempts)
    lost = list(dict.fromkeys(thing for one in attempts.values() for thing in one.lost))
    broken = [check for one in attempts.values() for check in one.broken]
    return EditedPieces(attempts, gone, new, (UNCHANGED,) if same else notes_of(lost, broken))


def _faults_of(one: _Try) -> tuple[str, ...]:
    return one.faults


def _any_changed(attempts: Mapping[str, Attempt]) -> bool:
    return any(not one.same for one in attempts.values())


def _tried(answer: str, *, parts: Batch, starts: Mapping[str, Start], whole: Whole, some: bool) -> _Try:
    edits = edits_of_parts(partial(unwrapped(answer)), parts)
    new = _fitting(edits.new, whole) if whole.may_resize else ()
    gone = edits.gone if whole.may_resize else ()
    if len(gone) == len(whole.there) and not new:
        gone = ()  # No wish is for nothing at all.
    stay = (part for part in parts if part.name not in gone)
    attempts = {part.name: attempted(edits.answers.get(part.name, {}), starts[part.name]) for part in stay}
    faults = [f"{title_of(name)}: {fault}" for name, one in attempts.items() for fault in one.faults]
    number = len(whole.there) - len(gone) + len(new)
    if not some and whole.wanted not in (None, number):
        faults.insert(0, f"With this there are {number} texts, and there are to be {whole.wanted}.")
    elif not (some or gone or new or _any_changed(attempts)):
        faults.insert(0, NOTHING)
    return _Try(attempts, gone, new, tuple(faults))


def _fitting(new: Sequence[New], whole: Whole) -> tuple[New, ...]:
    """The new pieces that may come: of those that are chosen by name each once, and none that nobody knows."""
    if whole.names:
        new = list({one.said: one for one in new if one.said in whole.names}.values())
    return tuple(new[: whole.most])
