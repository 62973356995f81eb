"""Edits a version that is there: the model names the lines that change, code takes all others from the old draft."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.briefs import changes_number, is_about_form
from bot.checks import Check
from bot.checks.figures import names_said, numbers_said, says_numbers
from bot.checks.links import links
from bot.checks.terms import contains
from bot.checks.units import words
from bot.content import Assignment, Content
from bot.engines import Ask, Engine
from bot.errors import EngineError, Phrase
from bot.generation.changes import changes
from bot.generation.check import run_checks
from bot.generation.draft import CHARACTERS_A_TOKEN, MOST_WRITTEN, Watcher, partial, told_while_loading, unwrapped
from bot.generation.edits import draft_of, edit_of, edited, is_edit, lines_of
from bot.generation.findings import for_model
from bot.generation.rank import Candidate
from bot.generation.shape import changed, outline, shape_of

from .base import Desk
from .capable_form import edit_schema, tokens_for
from .capable_prompt import anew_messages, edit_messages, length_step
from .handed_on import tidied

# An edit that breaks what held before is sent back so often.
MAX_RETURNS = 2
# What is asked to be shorter or longer is so at least by this share.
_LEAST_STEP = 0.1
# Characters beside twice those of the draft that an answer may have.
_ROOM = 1_500
# Tokens that the instructions of an edit take at most.
_INSTRUCTIONS = 1_500
# Things that are named where they got lost.
_NAMED = 5
BROKEN = Phrase("With this change a check fails that passed before, and asking again did not help.")
UNCHANGED = Phrase("I found nothing to change for that, so the text is as it was.")


@dataclass(frozen=True, slots=True)
class _Start:
    """The version that is to be edited, and the names of the checks that an edit may fail, as it fails them itself."""

    assignment: Assignment
    data: dict[str, Any]
    text: str
    failing: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Try:
    """One answer and what was made of it: the checks that it breaks, what it lost, and all its faults in words for the model."""

    answer: str
    candidate: Candidate
    broken: tuple[Check, ...]
    lost: tuple[str, ...]
    faults: tuple[str, ...]


def can_edit(assignment: Assignment, engine: Engine) -> bool:
    """Whether a version is to be edited, and half of the engine's context has room for it; a longer one is written anew."""
    if not is_edit(assignment):
        return False
    size = len(json.dumps(draft_of(assignment), ensure_ascii=False))
    return size // CHARACTERS_A_TOKEN + _INSTRUCTIONS <= engine.traits.context // 2


def edit_ask(assignment: Assignment, engine: Engine, seed: int) -> Ask:
    """The call that asks what is to change; the seed decides what a local model writes."""
    data = draft_of(assignment)
    schema = edit_schema(data, assignment)
    characters = 2 * len(json.dumps(data, ensure_ascii=False)) + _ROOM
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
    data = _with(written, assignment)
    return str(data["text"]) if assignment.kind.plain else outline(data, assignment.kind.hidden)


def _with(written: str, assignment: Assignment) -> dict[str, Any]:
    """The draft with what an answer says is to change, tidied there."""
    old = draft_of(assignment)
    answer = partial(unwrapped(written))
    made = edited(old, edit_of(answer, lines_of(old, assignment), assignment), assignment)
    if not any(text.strip() for text in _texts(made)):
        return old  # No wish is for nothing at all.
    kept = set(_texts(old))
    tidy: dict[str, Any] = changed(
        shape_of(assignment.kind.output),
        made,
        lambda _path, field, text: text if text in kept else tidied(text, field, assignment),
    )
    return tidy


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    else:
        for one in data.values() if isinstance(data, dict) else data:
            yield from _texts(one)


async def edited_candidate(written: str, assignment: Assignment, desk: Desk) -> Candidate:
    """The version with its change; what breaks a check that passed before is sent back, and told where that does not help."""
    start = await asyncio.to_thread(_start, assignment)
    asked = edit_ask(assignment, desk.engine, assignment.request.seed)
    tries = [await asyncio.to_thread(_tried, written, start)]
    for number in range(MAX_RETURNS):
        last = tries[-1]
        if not last.faults:
            break
        messages = anew_messages(asked.messages, last.answer, last.faults)
        ask = replace(asked, messages=messages, seed=asked.seed + number + 1)

        async def again(ask: Ask = ask) -> str:
            try:
                return await desk.engine.complete(ask)
            except EngineError:
                return ""  # What is there is good enough to hand over, with the check that it failed.

        answer = await desk.checkpoint(f"edit {number}", again)
        if answer:
            tries.append(await asyncio.to_thread(_tried, answer, start))
    best = min(reversed(tries), key=lambda one: len(one.faults))
    return replace(best.candidate, notes=tuple(_notes(best, start)))


def _notes(found: _Try, start: _Start) -> Iterator[Phrase]:
    """What readers are told of an edit that is not as it should be."""
    if found.candidate.data == start.data:
        yield UNCHANGED
        return
    if found.lost:
        yield Phrase("This is gone with the change: {things}.", things=list(found.lost[:_NAMED]))
    if found.broken:
        yield BROKEN


def _start(assignment: Assignment) -> _Start:
    before, data = assignment.request.before, draft_of(assignment)
    assert before is not None
    content = _composed(data, assignment)
    failing = set(before.failed)
    # By the new reading too, unless that is what was changed: what is newly asked for the version that is there may well fail.
    if length_step(assignment.request) == 1.0 and not is_about_form(assignment.request.wish, assignment.kind.reader):
        failing |= {check.name for check in run_checks(data, content, assignment) if not check.passed}
    return _Start(assignment, data, content.text, frozenset(failing))


def _composed(data: dict[str, Any], assignment: Assignment) -> Content:
    return assignment.kind.compose(assignment.kind.output.model_validate(data), assignment)


def _tried(written: str, start: _Start) -> _Try:
    assignment = start.assignment
    data = _with(written, assignment)
    content = _composed(data, assignment)
    outdated = _outdated(content.text, start)
    left = tuple(figure for figure in assignment.wishes.figures if figure not in outdated)
    current = replace(assignment, wishes=replace(assignment.wishes, figures=left))
    checks = run_checks(data, content, current)
    before = assignment.request.before.text if assignment.request.before else ""
    changed = changes(before or start.text, content.text)
    candidate = Candidate(data, content, checks, changed=changed, outdated=outdated)
    broken, lost = tuple(_broken(checks, start)), tuple(_lost(content.text, start))
    return _Try(written, candidate, broken, lost, tuple(_faults(candidate, broken, lost, start)))


def _outdated(text: str, start: _Start) -> tuple[str, ...]:
    """The figures of the brief that the new words put others in place of: they are gone, and the new ones are there."""
    wish, wanted = start.assignment.request.wish, start.assignment.wishes.figures
    gone = [one for one in wanted if says_numbers(start.text, one) and not says_numbers(text, one)]
    gone = [one for one in gone if not contains(wish, one)]
    given = [one for one in numbers_said(wish) if says_numbers(text, one) and not says_numbers(start.text, one)]
    return tuple(gone) if len(gone) <= len(given) else ()


def _faults(candidate: Candidate, broken: Sequence[Check], lost: Sequence[str], start: _Start) -> Iterator[str]:
    """What is wrong with an edit, in words for the model."""
    if candidate.data == start.data:
        yield "Nothing was changed."
        return
    for check in broken:
        yield for_model(check)
    if lost:
        yield f"These must stay: {', '.join(lost)}."
    step, before, after = length_step(start.assignment.request), words(start.text), words(candidate.content.text)
    if step < 1.0 and after > before * (1 - _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be shorter."
    if step > 1.0 and after < before * (1 + _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be longer."


def _broken(checks: Sequence[Check], start: _Start) -> Iterator[Check]:
    """The checks that fail now and passed before; the number of what the wish itself has made more or fewer is none of them."""
    counted = changes_number(start.assignment.request.wish)
    for check in checks:
        is_number = bool(check.path) and check.sort == "number"
        if not check.passed and check.name not in start.failing and not (counted and is_number):
            yield check


def _lost(text: str, start: _Start) -> list[str]:
    """Names, figures and links that are gone, where only the length was to change. German writes every noun as a name."""
    if length_step(start.assignment.request) == 1.0:
        return []
    names = names_said(start.text) if start.assignment.language != "de" else []
    gone = [one for one in names if not contains(text, one)]
    gone += [one for one in numbers_said(start.text) if not says_numbers(text, one)]
    addresses = {one.key for one in links(text)}
    gone += [one.address for one in links(start.text) if one.key not in addresses]
    return list(dict.fromkeys(gone))
