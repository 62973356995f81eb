"""Edits a version that is there: the model names the lines that change, code takes all others from the old draft."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from bot.briefs import changes_number, is_about_form
from bot.checks import Check
from bot.checks.days_said import weekdays_said
from bot.checks.figures import names_said, numbers_said, says_figure
from bot.checks.links import links
from bot.checks.terms import contains
from bot.checks.units import words
from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine
from bot.errors import EngineError, Phrase
from bot.generation.addresses import without_links
from bot.generation.beside import FIELD, composed, parted
from bot.generation.changes import changes
from bot.generation.check import run_checks
from bot.generation.draft import (
    CHARACTERS_A_TOKEN,
    MOST_WRITTEN,
    Watcher,
    outlined,
    partial,
    told_while_loading,
    unwrapped,
)
from bot.generation.edits import draft_of, edit_of, edited, fields_of, is_edit
from bot.generation.findings import for_model
from bot.generation.rank import Candidate
from bot.generation.shape import Text, changed

from .appeal import excused
from .base import Desk
from .capable_form import edit_schema, tokens_for
from .capable_prompt import anew_messages, edit_messages, length_step
from .handed_on import tidied

T = TypeVar("T")

# An edit that breaks what held before is sent back so often.
MAX_RETURNS = 2
# What is asked to be shorter or longer is so at least by this share.
_LEAST_STEP = 0.1
# Characters beside twice those of the draft that an answer may have.
ROOM = 1_500
# Tokens that the instructions of an edit take at most.
INSTRUCTIONS = 1_500
# Things that are named where they got lost.
_NAMED = 5
BROKEN = Phrase("With this change a check fails that passed before, and asking again did not help.")
NOTHING = "Nothing was changed."
UNCHANGED = Phrase("I found nothing to change for that, so the text is as it was.")


@dataclass(frozen=True, slots=True)
class Start:
    """The version that is to be edited, and the names of the checks that an edit may fail, as it fails them itself."""

    assignment: Assignment
    data: dict[str, Any]
    text: str
    failing: frozenset[str]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was made of one answer: the checks that it breaks, what it lost, all its faults in words for the model, and whether
    it is the `same` as it was.
    """

    candidate: Candidate
    broken: tuple[Check, ...]
    lost: tuple[str, ...]
    faults: tuple[str, ...]
    same: bool


def can_edit(assignment: Assignment, engine: Engine) -> bool:
    """Whether a version is to be edited, and half of the engine's context has room for it; a longer one is written anew."""
    if not is_edit(assignment):
        return False
    size = len(json.dumps(draft_of(assignment), ensure_ascii=False))
    return size // CHARACTERS_A_TOKEN + INSTRUCTIONS <= engine.traits.context // 2


def edit_ask(assignment: Assignment, engine: Engine, seed: int) -> Ask:
    """The call that asks what is to change; the seed decides what a local model writes."""
    data = draft_of(assignment)
    schema = edit_schema(data, assignment)
    characters = 2 * len(json.dumps(data, ensure_ascii=False)) + ROOM
    max_tokens = tokens_for(characters, assignment, engine.traits.context)
    messages = edit_messages(data, assignment, tokens=engine.traits.context - max_tokens)
    return Ask(messages=messages, schema=schema, characters=characters, max_tokens=max_tokens, seed=seed % 2**31)


async def edit_drawn(assignment: Assignment, engine: Engine, watcher: Watcher, seed: int) -> list[str]:
    """The answer of a model that was asked what is to change; whoever watches sees the text with that in it.

    Raises:
        EngineError: the engine failed.
    """
    await told_while_loading(engine, watcher)
    ask = edit_ask(assignment, engine, seed)
    if not watcher.watching:
        return [await engine.complete(ask)]
    written = ""
    async for written in engine.growing(ask):
        if len(written) > MOST_WRITTEN:
            break
        await watcher.draft(functools.partial(_so_far, written, assignment))
    return [written]


def _so_far(written: str, assignment: Assignment) -> str:
    return seen(partial(unwrapped(written)), assignment)


def seen(answer: Any, assignment: Assignment) -> str:
    """A text as whoever watches sees it, with what an answer says so far."""
    data, assignment = parted(_with(answer, assignment), assignment)
    return str(data["text"]) if assignment.kind.plain else outlined(data, assignment)


def _with(answer: Any, assignment: Assignment) -> dict[str, Any]:
    """The draft with what an answer says is to change, tidied there."""
    old = draft_of(assignment)
    made = edited(old, edit_of(answer, old, assignment), assignment)
    if not any(text.strip() for text in _texts(made)):
        return old  # No wish is for nothing at all.
    kept = set(_texts(old))

    def tidy(path: str, field: Text, text: str) -> str:
        if text in kept:
            return text
        return without_links(text, assignment) if path.startswith(f"{FIELD}.") else tidied(text, field, assignment)

    tidied_there: dict[str, Any] = changed(fields_of(made, assignment), made, tidy)
    return tidied_there


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    else:
        for one in data.values() if isinstance(data, dict) else data:
            yield from _texts(one)


async def edited_candidate(written: str, assignment: Assignment, desk: Desk) -> Candidate:
    """The version with its change; what breaks a check that passed before is sent back, and told where that does not help."""
    start = await asyncio.to_thread(start_of, assignment)
    unmeasured: tuple[Phrase, ...] = ()
    asked = edit_ask(assignment, desk.engine, assignment.request.seed)

    def attempt(answer: str) -> Attempt:
        made = attempted(partial(unwrapped(answer)), start)
        return replace(made, faults=(NOTHING,)) if made.same else made

    if not desk.engine.traits.by_example:
        first = await asyncio.to_thread(attempt, written)
        known, unmeasured = await excused(first.candidate, assignment, desk)
        start = replace(start, assignment=known)
    best = await best_of_returns(written, asked, attempt, lambda one: one.faults, desk.engine, desk.checkpoint)
    notes = (UNCHANGED,) if best.same else notes_of(best.lost, best.broken)
    return replace(best.candidate, notes=notes, unmeasured=unmeasured)


async def best_of_returns(
    written: str,
    asked: Ask,
    attempt: Callable[[str], T],
    faults_of: Callable[[T], Sequence[str]],
    engine: Engine,
    checkpoint: Checkpoint,
) -> T:
    """The attempt with the fewest faults, of one answer and those that it is sent back for, each with what was wrong."""
    answer, tries = written, [await asyncio.to_thread(attempt, written)]
    for number in range(MAX_RETURNS):
        if not (faults := faults_of(tries[-1])):
            break
        messages = anew_messages(asked.messages, answer, faults)
        ask = replace(asked, messages=messages, seed=asked.seed + number + 1)

        async def again(ask: Ask = ask) -> str:
            try:
                return await engine.complete(ask)
            except EngineError:
                return ""  # What is there is good enough to hand over, with the check that it failed.

        if found := await checkpoint(f"edit {number}", again):
            answer = found
            tries.append(await asyncio.to_thread(attempt, answer))
    return min(reversed(tries), key=lambda one: len(faults_of(one)))


def notes_of(lost: Sequence[str], broken: Sequence[Check]) -> tuple[Phrase, ...]:
    """What readers are told of an edit that is not as it should be."""
    gone = [Phrase("This is gone with the change: {things}.", things=list(lost[:_NAMED]))] if lost else []
    return (*gone, *([BROKEN] if broken else []))


def start_of(assignment: Assignment) -> Start:
    """The version that an assignment is to edit, and the checks that an edit may fail."""
    before, draft = assignment.request.before, draft_of(assignment)
    assert before is not None
    data, assignment = parted(draft, assignment)
    content = composed(data, assignment)
    failing = set(before.failed)
    # By the new reading too, unless that is what was changed: what is newly asked for the version that is there may well fail.
    if length_step(assignment.request) == 1.0 and not is_about_form(assignment.request.wish, assignment.kind.reader):
        failing |= {check.name for check in run_checks(data, content, assignment) if not check.passed}
    return Start(assignment, draft, content.text, frozenset(failing))


def attempted(answer: Any, start: Start) -> Attempt:
    """What an answer makes of a version; one that changes nothing has the faults of the version that it had not."""
    draft = _with(answer, start.assignment)
    data, assignment = parted(draft, start.assignment)
    content = composed(data, assignment)
    outdated = _outdated(content.text, start)
    checks = run_checks(data, content, without_figures(assignment, outdated))
    before = assignment.request.before.text if assignment.request.before else ""
    changed = changes(before or start.text, content.text)
    candidate = Candidate(data, content, checks, changed=changed, outdated=outdated)
    broken, lost = tuple(_broken(checks, start)), tuple(_lost(content.text, start))
    faults = tuple(_faults(candidate, broken, lost, start))
    return Attempt(candidate, broken, lost, faults, same=draft == start.data)


def without_figures(assignment: Assignment, outdated: Sequence[str]) -> Assignment:
    """The assignment without the figures that gave way."""
    left = tuple(figure for figure in assignment.wishes.figures if figure not in outdated)
    return replace(assignment, wishes=replace(assignment.wishes, figures=left))


def _outdated(text: str, start: Start) -> tuple[str, ...]:
    """The figures of the brief that the new words put others in place of: they are gone, and the new ones are there."""
    wish, wanted = start.assignment.request.wish, start.assignment.wishes.figures
    gone = [one for one in wanted if says_figure(start.text, one) and not says_figure(text, one)]
    gone = [one for one in gone if not contains(wish, one)]
    named = [*numbers_said(wish), *(word for word, _ in weekdays_said(wish))]
    given = [one for one in named if says_figure(text, one) and not says_figure(start.text, one)]
    return tuple(gone) if len(gone) <= len(given) else ()


def _faults(candidate: Candidate, broken: Sequence[Check], lost: Sequence[str], start: Start) -> Iterator[str]:
    """What is wrong with an edit, in words for the model."""
    for check in broken:
        yield for_model(check)
    if lost:
        yield f"These must stay: {', '.join(lost)}."
    step, before, after = length_step(start.assignment.request), words(start.text), words(candidate.content.text)
    if step < 1.0 and after > before * (1 - _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be shorter."
    if step > 1.0 and after < before * (1 + _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be longer."


def _broken(checks: Sequence[Check], start: Start) -> Iterator[Check]:
    """The checks that fail now and passed before; the number of what the wish itself has made more or fewer is none of them."""
    counted = changes_number(start.assignment.request.wish)
    for check in checks:
        is_number = bool(check.path) and check.sort == "number"
        if not check.passed and check.name not in start.failing and not (counted and is_number):
            yield check


def _lost(text: str, start: Start) -> list[str]:
    """Names, figures and links that are gone, where only the length was to change. German writes every noun as a name."""
    if length_step(start.assignment.request) == 1.0:
        return []
    names = names_said(start.text) if start.assignment.language != "de" else []
    gone = [one for one in names if not contains(text, one)]
    gone += [one for one in numbers_said(start.text) if not says_figure(text, one)]
    addresses = {one.key for one in links(text)}
    gone += [one.address for one in links(start.text) if one.key not in addresses]
    return list(dict.fromkeys(gone))
