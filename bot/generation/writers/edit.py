"""Edits a version that is there: the model names the lines that change, code takes all others from the old draft."""

from __future__ import annotations

import asyncio
import functools
import json
from collections.abc import Iterator
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
from bot.generation.draft import MOST_WRITTEN, Watcher, partial, told_while_loading, unwrapped
from bot.generation.edits import draft_of, edit_of, edited, lines_of
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
# Things that are named where they got lost.
_NAMED = 5
BROKEN = Phrase("With this change a check fails that passed before, and asking again did not help.")
UNCHANGED = Phrase("I found nothing to change for that, so the text is as it was.")


@dataclass(frozen=True, slots=True)
class _Try:
    """One answer and what was made of it; `faults` say what is wrong with it."""

    answer: str
    candidate: Candidate
    faults: tuple[str, ...]


def edit_ask(assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
    """The call that asks what is to change."""
    data = draft_of(assignment)
    schema = edit_schema(data, assignment)
    characters = 2 * len(json.dumps(data, ensure_ascii=False)) + _ROOM
    max_tokens = tokens_for(characters, assignment, engine.traits.context)
    seed = (assignment.request.seed * 1009 + number) % 2**31
    messages = edit_messages(data, assignment, tokens=engine.traits.context - max_tokens)
    return Ask(messages=messages, schema=schema, characters=characters, max_tokens=max_tokens, seed=seed)


async def edit_drawn(assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
    """The answer of a model that was asked what is to change; whoever watches sees the text with that in it.

    Raises:
        EngineError: the engine failed.
    """
    await told_while_loading(engine, watcher)
    ask = edit_ask(assignment, engine)
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
    asked = edit_ask(assignment, desk.engine)
    tries = [await asyncio.to_thread(_tried, written, assignment)]
    for number in range(MAX_RETURNS):
        last = tries[-1]
        if not last.faults:
            break
        ask = replace(
            asked, messages=anew_messages(asked.messages, last.answer, last.faults), seed=asked.seed + number + 1
        )

        async def again(ask: Ask = ask) -> str:
            try:
                return await desk.engine.complete(ask)
            except EngineError:
                return ""  # What is there is good enough to hand over, with the check that it failed.

        answer = await desk.checkpoint(f"edit {number}", again)
        if answer:
            tries.append(await asyncio.to_thread(_tried, answer, assignment))
    best = min(reversed(tries), key=lambda one: len(one.faults))
    return replace(best.candidate, notes=tuple(_notes(best.candidate, assignment)))


def _notes(candidate: Candidate, assignment: Assignment) -> Iterator[Phrase]:
    """What readers are told of an edit that is not as it should be."""
    if candidate.data == draft_of(assignment):
        yield UNCHANGED
        return
    if lost := _lost(candidate, assignment):
        yield Phrase("This is gone with the change: {things}.", things=lost[:_NAMED])
    if _broken(candidate, assignment):
        yield BROKEN


def _tried(written: str, assignment: Assignment) -> _Try:
    data = _with(written, assignment)
    content = _composed(data, assignment)
    outdated = _outdated(content, assignment)
    left = tuple(figure for figure in assignment.wishes.figures if figure not in outdated)
    current = replace(assignment, wishes=replace(assignment.wishes, figures=left))
    candidate = Candidate(
        data,
        content,
        run_checks(data, content, current),
        changed=changes(_old(assignment).text, content.text),
        outdated=outdated,
    )
    return _Try(written, candidate, tuple(_faults(candidate, assignment)))


def _composed(data: dict[str, Any], assignment: Assignment) -> Content:
    return assignment.kind.compose(assignment.kind.output.model_validate(data), assignment)


def _old(assignment: Assignment) -> Content:
    return _composed(draft_of(assignment), assignment)


def _outdated(content: Content, assignment: Assignment) -> tuple[str, ...]:
    """The figures of the brief that the new words put others in place of: they are gone, and the new ones are there."""
    wish, old = assignment.request.wish, _old(assignment).text
    gone = [one for one in assignment.wishes.figures if says_numbers(old, one) and not says_numbers(content.text, one)]
    gone = [one for one in gone if not contains(wish, one)]
    given = [one for one in numbers_said(wish) if says_numbers(content.text, one) and not says_numbers(old, one)]
    return tuple(gone) if len(gone) <= len(given) else ()


def _faults(candidate: Candidate, assignment: Assignment) -> Iterator[str]:
    """What is wrong with an edit, in words for the model."""
    if candidate.data == draft_of(assignment):
        yield "Nothing was changed."
        return
    for check in _broken(candidate, assignment):
        yield check.hint or f"{check.name}: {check.measured}; allowed: {check.limit}."
    step = length_step(assignment.request)
    if step == 1.0:
        return
    if lost := _lost(candidate, assignment):
        yield f"These must stay: {', '.join(lost)}."
    before, after = words(_old(assignment).text), words(candidate.content.text)
    if step < 1.0 and after > before * (1 - _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be shorter."
    if step > 1.0 and after < before * (1 + _LEAST_STEP):
        yield f"It has {after} words, and had {before}: it must be longer."


def _broken(candidate: Candidate, assignment: Assignment) -> list[Check]:
    """The checks that fail now and passed before, by the new reading unless that is what the wish has changed."""
    assert assignment.request.before is not None
    old = draft_of(assignment)
    still = {check.name for check in run_checks(old, _old(assignment), assignment) if not check.passed}
    known = set(assignment.request.before.failed)
    # What is newly asked for the version that is there may well fail.
    newly = length_step(assignment.request) != 1.0 or is_about_form(assignment.request.wish, assignment.kind.name)
    failing = known if newly else known | still
    counted = changes_number(assignment.request.wish)
    return [
        check
        for check in candidate.checks
        if not check.passed and check.name not in failing and not (counted and _is_number(check))
    ]


def _is_number(check: Check) -> bool:
    """Whether a check is of how many entries a list has, which the wish itself has changed."""
    return check.limit.endswith(f" {check.name}") and bool(check.path)


def _lost(candidate: Candidate, assignment: Assignment) -> list[str]:
    """Names, figures and links of the old version that are gone, where only its length was to change."""
    if length_step(assignment.request) == 1.0:
        return []
    old, new = _old(assignment).text, candidate.content.text
    names = names_said(old) if assignment.language != "de" else []
    gone = [one for one in names if not contains(new, one)]
    gone += [one for one in numbers_said(old) if not says_numbers(new, one)]
    addresses = {one.key for one in links(new)}
    gone += [one.address for one in links(old) if one.key not in addresses]
    return list(dict.fromkeys(gone))
