"""Long texts: once the outline stands its entries are written one after another, each knowing the outline and the last one."""

from __future__ import annotations

import functools
import re
from typing import Any

from bot.checks.terms import norm
from bot.checks.units import words
from bot.content import Assignment, Checkpoint, Size
from bot.engines import Ask, Engine, Engines

from .check import strays, topics_in
from .draft import CHARACTERS_A_TOKEN, Watcher, unwrapped
from .mend import MOST_MENDED, fit, mend_text, sentences_of
from .prompt import turn_messages
from .rank import Nearness, longer_words, shared
from .shape import CHARACTERS_A_WORD, Entries, Group, Text, outline, pattern_for, shape_of, turn_list

# So many texts a small model draws for each entry, to choose from.
DRAWN = 3
# An entry is long enough with this share of the words that are left for it, and goes on at most so often until it is.
ENOUGH, ROOM = 0.8, 1.15
MOST_CALLS = 3
# Sentences that have this share of their longer words in common say the same.
_SAME = 0.8
# A sentence has about so many words; what is missing less than that is not missed.
_SENTENCE_WORDS = 12
# Sentences of a text, and of those before it, that are looked at: three times those of the longest article.
MOST_SENTENCES = 400
# Readers are told the matter, not that an article tells it.
_ABOUT_ITSELF = re.compile(
    r"\b(?:this|the) (?:article|blog posts?|section|essay)\b|\bas (?:i|we) (?:have )?(?:mentioned|said)\b|\bin conclusion\b",
    re.I,
)


async def in_turn(
    data: dict[str, Any],
    assignment: Assignment,
    engines: Engines,
    nearness: Nearness,
    checkpoint: Checkpoint,
    watcher: Watcher,
) -> dict[str, Any]:
    """The draft with the texts written that are written in turn; as it is for kinds without such a list.

    What earlier entries fell short of is made up for by those that follow.

    Raises:
        EngineError: every engine failed.
    """
    turn = turn_list(assignment)
    if turn is None:
        return data
    name, field = turn
    entries = [dict(entry) for entry in data[name]]
    for number, entry in enumerate(entries):
        left = assignment.words - words(_running(data | {name: entries}, assignment))
        wanted = max(_SENTENCE_WORDS, round(left / (len(entries) - number)))
        for call in range(MOST_CALLS):
            missing = wanted - words(entry[field])
            if missing < max(_SENTENCE_WORDS, wanted * (1 - ENOUGH)):
                break
            write = functools.partial(
                _write, data | {name: entries}, (name, number, field), assignment, watcher, missing=missing, call=call
            )
            drawn = await checkpoint(f"{name} {number} {call}", functools.partial(engines.attempt, write))
            said = [sentence for one in entries for sentence in map(str.strip, sentences_of(one[field]))]
            # Topic words that are harmless one by one may give a worked example away together, and the entry would go.
            clean = [_straight(text, entry, assignment) for text in drawn]
            entry[field] = f"{entry[field]} {_best(clean, said, missing, assignment, nearness)}".strip()
    return data | {name: entries}


async def _write(
    data: dict[str, Any],
    at: tuple[str, int, str],
    assignment: Assignment,
    watcher: Watcher,
    engine: Engine,
    *,
    missing: int,
    call: int,
) -> list[str]:
    """What the engine writes for an entry, watched where it writes a single text."""
    ask = _ask(data[at[0]], at[1], data, assignment, engine=engine, missing=missing, call=call)
    if not engine.traits.capable:
        written = await engine.several(ask, DRAWN)
        if watcher.watching:
            await watcher.draft(functools.partial(_so_far, data, at, written[0], assignment))
        return written
    if not watcher.watching:
        return [unwrapped(await engine.complete(ask))]
    text = ""
    async for text in engine.growing(ask):
        await watcher.draft(functools.partial(_so_far, data, at, text, assignment))
    return [unwrapped(text)]


def _so_far(data: dict[str, Any], at: tuple[str, int, str], text: str, assignment: Assignment) -> str:
    return outline(_put(data, at, text), assignment.kind.hidden)


def _ask(
    entries: list[dict[str, Any]],
    number: int,
    data: dict[str, Any],
    assignment: Assignment,
    *,
    engine: Engine,
    missing: int,
    call: int,
) -> Ask:
    characters = round(missing * CHARACTERS_A_WORD * ROOM)
    capable = engine.traits.capable
    return Ask(
        messages=turn_messages(data, entries, number, assignment, capable=capable, words=missing),
        schema=None,
        characters=characters,
        max_tokens=min(characters // CHARACTERS_A_TOKEN + 60, engine.traits.context // 2),
        seed=(assignment.request.seed * 1009 + 131 * number + 17 * call) % 2**31,
        pattern=pattern_for("sentences", characters, least=missing * (CHARACTERS_A_WORD - 1)),
    )


def _put(data: dict[str, Any], at: tuple[str, int, str], text: str) -> dict[str, Any]:
    name, number, field = at
    entries = [dict(entry) for entry in data[name]]
    entries[number][field] = f"{entries[number][field]} {text}".strip()
    return data | {name: entries}


def _running(data: dict[str, Any], assignment: Assignment) -> str:
    """The text so far, as it is composed."""
    return assignment.kind.compose(assignment.kind.output.model_validate(data), assignment).text


def _best(drawn: list[str], said: list[str], missing: int, assignment: Assignment, nearness: Nearness) -> str:
    """The one that is long enough and nearest to the brief, mended and without what was said before."""
    node = _turn_node(assignment)
    made = [
        fit(mend_text(fresh(text, said), node, assignment), Size(round(missing * ROOM), unit="words")) for text in drawn
    ]
    near = nearness(assignment.wishes.message, made)
    order = sorted(range(len(made)), key=lambda at: (-min(words(made[at]), round(missing * ENOUGH)), -float(near[at])))
    return made[order[0]]


def _straight(text: str, entry: dict[str, Any], assignment: Assignment) -> str:
    """The sentences of a text that bring no topic of a worked example into an entry, where they do so together."""
    if not strays(" ".join([*map(str, entry.values()), text]), assignment):
        return text
    return " ".join(part.strip() for part in sentences_of(text) if not topics_in(part, assignment))


def fresh(text: str, said: list[str]) -> str:
    """The sentences of a text that say something new, beside those said before it and each other; whole ones only."""
    kept: list[str] = []
    text = text[:MOST_MENDED]
    words = [longer_words(one) for one in said[-MOST_SENTENCES:]]
    known = set(map(norm, said[-MOST_SENTENCES:]))
    for part in map(str.strip, sentences_of(text)[:MOST_SENTENCES]):
        if part[-1:] not in '.!?。！？।؟"”»' or _ABOUT_ITSELF.search(part) or norm(part) in known:
            continue
        own = longer_words(part)
        if not any(shared(own, other) >= _SAME for other in words):
            kept.append(part)
            known.add(norm(part))
            words.append(own)
    return " ".join(kept)


def _turn_node(assignment: Assignment) -> Text:
    turn = turn_list(assignment)
    assert turn is not None
    node = dict(shape_of(assignment.kind.output).fields)[turn[0]]
    assert isinstance(node, Entries)
    assert isinstance(node.entry, Group)
    found = dict(node.entry.fields)[turn[1]]
    assert isinstance(found, Text)
    return found
