"""The strategy for a small model: many drafts, held to a grammar, corrected by code, and the best of them put together."""

from __future__ import annotations

import asyncio
import functools
import re
from dataclasses import replace
from typing import Any

from bot.checks.terms import norm
from bot.checks.units import words
from bot.content import Assignment, Size
from bot.engines import Ask, Engine
from bot.errors import EngineError
from bot.generation.branded import composed_of
from bot.generation.check import run_checks
from bot.generation.copied import strays, topics_in
from bot.generation.draft import (
    CHARACTERS_A_TOKEN,
    Watcher,
    ask_of,
    drawn_with,
    read,
    schema_characters,
    told_while_loading,
)
from bot.generation.known import with_known
from bot.generation.rank import Candidate, Nearness, longer_words, ranked, shared, unlike
from bot.generation.repairs import MOST_REPAIRED, distinct, repair, repair_text
from bot.generation.sentences import fit, sentences_of
from bot.generation.shape import (
    CHARACTERS_A_WORD,
    Entries,
    Group,
    Text,
    apart_list,
    entries_wanted,
    is_headed,
    key_of,
    pattern_for,
    plain_pattern,
    schema_for,
    shape_of,
    text_budget,
    turn_list,
)

from .base import Desk, Spot
from .put_right import put_right
from .small_prompt import messages_for, turn_messages
from .turns import ENOUGH, ROOM, in_turn, so_far

# Tokens that all drafts of one request may take together: about six seconds of two cores.
DRAFT_TOKENS = 1100
# Of each piece of a larger text so many drafts are drawn at most.
DRAFTS_A_PIECE = 4
# Initials of English terms, the most usual first.
INITIALS = "csperdmtfabwlghoinvk"
# The temperature of what is drawn when too much was alike.
_BOLD = 1.1
# So many texts are drawn for each entry that is written in turn, to choose from.
DRAWN = 3
# Sentences that have this share of their longer words in common say the same.
_SAME = 0.8
# Sentences of a text, and of those before it, that are looked at: three times those of the longest article.
MOST_SENTENCES = 400
# Readers are told the matter, not that an article tells it.
_ABOUT_ITSELF = re.compile(
    r"\b(?:this|the) (?:article|blog posts?|section|essay)\b|\bas (?:i|we) (?:have )?(?:mentioned|said)\b|\bin conclusion\b",
    re.I,
)


class Small:
    """Draws several drafts, repairs each by code, and puts the best together."""

    def assigned(self, assignment: Assignment) -> Assignment:
        """The assignment as it is."""
        return assignment

    def ask(self, assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
        """The call for a draft, held to a pattern of well-formed English; entries that stand apart one at a time."""
        schema = None if assignment.kind.plain else schema_for(assignment, apart=True)
        characters = text_budget(assignment) if schema is None else schema_characters(schema)
        max_tokens = min(characters // CHARACTERS_A_TOKEN + 120, engine.traits.context // 2)
        ask = ask_of(assignment, number, schema, characters, max_tokens)
        form = plain_pattern(assignment) if schema is None and assignment.kind.family != "chat" else ""
        room = engine.traits.context - max_tokens
        return replace(ask, messages=messages_for(assignment, tokens=room), pattern=form)

    def drafts_worth(self, assignment: Assignment, engine: Engine, ask: Ask) -> int:
        """As many drafts as the engine's traits say, fewer of long texts, at least the variants wanted.

        Of entries that are written apart there are half as many again as wanted, to choose from; fewer where none can
        repeat another.
        """
        if engine.traits.drafts == 1:
            return assignment.request.variants
        if apart := apart_list(assignment):
            spare = max(2, apart[1] // 4) if is_headed(assignment) else apart[1] // 2 + 1
            return max(engine.traits.drafts, apart[1] + spare)
        return drafts_worth(assignment, engine, ask)

    async def draw(self, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """The drafts as the model wrote them, the watched one first.

        Raises:
            EngineError: the first draft failed; others that fail are left out.
        """
        await told_while_loading(engine, watcher)
        first = self.ask(assignment, engine)
        count = self.drafts_worth(assignment, engine, first)
        if is_headed(assignment):
            return await _headed(assignment, engine, first, count)
        second = functools.partial(self.ask, assignment, engine, 1)
        return await drawn_with(engine, first, second, count, assignment, watcher)

    async def finish(self, drawn: list[str], assignment: Assignment, desk: Desk) -> list[Candidate]:
        """The best drafts, their lists pooled, with what code knows and the model left out."""
        # In a thread: measuring many drafts takes tens of milliseconds, and a first look at a language a second.
        order = await asyncio.to_thread(_candidates, drawn, assignment)
        said = assignment.parent.said if assignment.parent else ()
        if len(order) > 1:
            order = await asyncio.to_thread(ranked, order, assignment, desk.nearness, said)
        best = await asyncio.to_thread(pooled, order, assignment)
        if missing(whole(best, assignment).data, assignment):
            # Of what is written apart much may have been alike; once more, with other seeds.
            more = await desk.checkpoint("more", lambda: self.draw_more(assignment, desk.engine, len(drawn)))
            order = [*order, *await asyncio.to_thread(_candidates, more, assignment)]
            best = await asyncio.to_thread(pooled, order, assignment)
        found = []
        for at, one in enumerate(unlike([best, *order[1:]])[: assignment.request.variants]):
            data = await in_turn(one.data, assignment, desk.numbered(at))
            done = one if data is one.data else await asyncio.to_thread(candidate_of, data, assignment)
            done = await asyncio.to_thread(whole, done, assignment)
            found.append(await asyncio.to_thread(put_right, done, assignment, candidate_of))
        return found

    async def draw_more(self, assignment: Assignment, engine: Engine, drawn: int) -> list[str]:
        """As many drafts again, with other seeds than those that are drawn; none when the engine fails."""
        ask = replace(self.ask(assignment, engine, drawn), temperature=_BOLD)
        count = self.drafts_worth(assignment, engine, ask)
        try:
            if is_headed(assignment):
                return await _headed(assignment, engine, ask, count, drawn)
            return await engine.several(ask, count)
        except EngineError:
            return []

    async def part(self, spot: Spot, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """Several texts for an entry that is written in turn.

        Raises:
            EngineError: the engine failed.
        """
        characters = round(spot.missing * CHARACTERS_A_WORD * ROOM)
        ask = Ask(
            messages=turn_messages(spot, assignment),
            schema=None,
            characters=characters,
            max_tokens=min(characters // CHARACTERS_A_TOKEN + 60, engine.traits.context // 2),
            seed=(assignment.request.seed * 1009 + 131 * spot.number + 17 * spot.call) % 2**31,
            pattern=pattern_for("sentences", characters, least=spot.missing * (CHARACTERS_A_WORD - 1)),
        )
        written = await engine.several(ask, DRAWN)
        if watcher.watching:
            await watcher.draft(functools.partial(so_far, spot, written[0], assignment))
        return written

    def picked(self, drawn: list[str], spot: Spot, said: list[str], assignment: Assignment, nearness: Nearness) -> str:
        """The one that is long enough and nearest to the brief, repaired and without what was said before."""
        # Topic words that are harmless one by one may give a worked example away together, and the entry would go.
        clean = [_straight(text, spot.entries[spot.number], assignment) for text in drawn]
        node, most = _turn_node(assignment), Size(round(spot.missing * ROOM), unit="words")
        made = [fit(repair_text(fresh(text, said), node, assignment), most) for text in clean]
        near = nearness(assignment.reading.message, made)
        enough = round(spot.missing * ENOUGH)
        order = sorted(range(len(made)), key=lambda at: (-min(words(made[at]), enough), -float(near[at])))
        return made[order[0]]


SMALL = Small()


def drafts_worth(assignment: Assignment, engine: Engine, ask: Ask) -> int:
    """How many drafts fit into the time there is, at least the variants wanted."""
    likely = max(40, ask.characters // 8)
    most = min(engine.traits.drafts, DRAFTS_A_PIECE) if assignment.parent else engine.traits.drafts
    return max(min(most, max(2, DRAFT_TOKENS // likely)), assignment.request.variants)


async def _headed(assignment: Assignment, engine: Engine, ask: Ask, count: int, start: int = 0) -> list[str]:
    """As many drafts, the term of each with another initial.

    Raises:
        EngineError: none could be drawn.
    """
    initials = [INITIALS[number % len(INITIALS)] for number in range(start, start + count)]
    asks = [
        replace(ask, schema=schema_for(assignment, apart=True, initial=initial), seed=(ask.seed + number) % 2**31)
        for number, initial in enumerate(initials)
    ]
    found = await asyncio.gather(*map(engine.complete, asks), return_exceptions=True)
    written = [one for one in found if isinstance(one, str)]
    if not written:
        raise next(one for one in found if isinstance(one, BaseException))
    return written


def _candidates(drafts: list[str], assignment: Assignment) -> list[Candidate]:
    data = [with_known(read(written, assignment.kind), assignment) for written in drafts]
    return [candidate_of(one, assignment) for one in data]


def candidate_of(data: dict[str, Any], assignment: Assignment) -> Candidate:
    """A draft, repaired by code, with its content and checks."""
    repaired = repair(data, assignment)
    content = composed_of(assignment.kind.output.model_validate(repaired), assignment)
    return Candidate(repaired, content, run_checks(repaired, content, assignment))


def pooled(order: list[Candidate], assignment: Assignment) -> Candidate:
    """The best candidate, its short lists filled up with entries of the others when that makes it better."""
    best = order[0]
    data = dict(best.data)
    for name, node in shape_of(assignment.kind.output).fields:
        if not isinstance(node, Entries):
            continue
        low, high, wanted = entries_wanted(node, assignment)
        if len(data[name]) < max(low, min(wanted, high)):
            everything = [entry for candidate in order for entry in candidate.data[name]]
            data[name] = distinct(everything, key_of(node))[: max(low, min(wanted, high))]
    if data == best.data:
        return best
    filled = candidate_of(data, assignment)
    # Entries that are not there are the worst fault: a short list may well have fewer of the others.
    fuller = missing(data, assignment) < missing(best.data, assignment)
    return filled if fuller or filled.faults <= best.faults else best


def whole(candidate: Candidate, assignment: Assignment) -> Candidate:
    """The candidate with what code knows and the model left out."""
    data = assignment.kind.complete(candidate.data, assignment)
    return candidate if data == candidate.data else candidate_of(data, assignment)


def missing(data: dict[str, Any], assignment: Assignment) -> int:
    """How many entries the lists of a draft have fewer than the brief wants."""
    return sum(
        max(0, entries_wanted(node, assignment)[0] - len(data[name]))
        for name, node in shape_of(assignment.kind.output).fields
        if isinstance(node, Entries)
    )


def _straight(text: str, entry: dict[str, Any], assignment: Assignment) -> str:
    """The sentences of a text that bring no topic of a worked example into an entry, where they do so together."""
    if not strays(" ".join([*map(str, entry.values()), text]), assignment):
        return text
    return " ".join(part.strip() for part in sentences_of(text) if not topics_in(part, assignment))


def fresh(text: str, said: list[str]) -> str:
    """The sentences of a text that say something new, beside those said before it and each other; whole ones only."""
    kept: list[str] = []
    text = text[:MOST_REPAIRED]
    known_words = [longer_words(one) for one in said[-MOST_SENTENCES:]]
    known = set(map(norm, said[-MOST_SENTENCES:]))
    for part in map(str.strip, sentences_of(text)[:MOST_SENTENCES]):
        if part[-1:] not in '.!?。！？।؟"”»' or _ABOUT_ITSELF.search(part) or norm(part) in known:
            continue
        own = longer_words(part)
        if not any(shared(own, other) >= _SAME for other in known_words):
            kept.append(part)
            known.add(norm(part))
            known_words.append(own)
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
