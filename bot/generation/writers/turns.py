"""Long texts: once the outline stands its entries are written one after another, each knowing the outline and the last one."""

from __future__ import annotations

import functools
from typing import Any

from bot.checks.units import words
from bot.content import Assignment
from bot.engines import Engine
from bot.generation.beside import composed
from bot.generation.draft import outlined
from bot.generation.sentences import sentences_of
from bot.generation.shape import turn_list, words_asked

from .base import Desk, Spot

# An entry is long enough with this share of the words that are left for it, and goes on at most so often until it is.
ENOUGH, ROOM = 0.8, 1.15
MOST_CALLS = 3
# A sentence has about so many words; what is missing less than that is not missed.
_SENTENCE_WORDS = 12


async def in_turn(data: dict[str, Any], assignment: Assignment, desk: Desk) -> dict[str, Any]:
    """The draft with the texts written that are written in turn; as it is for kinds without such a list.

    What earlier entries fell short of is made up for by those that follow.

    Raises:
        EngineError: every engine failed.
    """
    turn = turn_list(assignment)
    if turn is None:
        return data
    name, field = turn
    writer = desk.writer_for(desk.engine)
    entries = [dict(entry) for entry in data[name]]
    each = words_asked(name, field, assignment)
    for number, entry in enumerate(entries):
        left = assignment.words - words(_running(data | {name: entries}, assignment))
        wanted = max(_SENTENCE_WORDS, round(left / (len(entries) - number)))
        if each:
            wanted = min(max(wanted, each.least), each.most or max(wanted, each.least))
        for call in range(MOST_CALLS):
            missing = wanted - words(entry[field])
            if missing < max(_SENTENCE_WORDS, wanted * (1 - ENOUGH)) or (
                each and entry[field] and missing <= wanted - each.least
            ):
                break
            spot = Spot(data | {name: entries}, name, number, field, missing, call)
            write = functools.partial(_write, spot, assignment, desk)
            drawn = await desk.checkpoint(f"{name} {number} {call}", functools.partial(desk.engines.attempt, write))
            said = [sentence for one in entries for sentence in map(str.strip, sentences_of(one[field]))]
            entry[field] = f"{entry[field]} {writer.picked(drawn, spot, said, assignment, desk.nearness)}".strip()
    return data | {name: entries}


async def _write(spot: Spot, assignment: Assignment, desk: Desk, engine: Engine) -> list[str]:
    return await desk.writer_for(engine).part(spot, assignment, engine, desk.watcher)


def so_far(spot: Spot, text: str, assignment: Assignment) -> str:
    """What somebody who watches sees while a text grows at its spot."""
    return outlined(spot.filled(text), assignment)


def _running(data: dict[str, Any], assignment: Assignment) -> str:
    """The text so far, as it is composed."""
    return composed(data, assignment).text
