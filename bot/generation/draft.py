"""Draws drafts from a model: one that can be watched as it grows, and more to choose from where that pays."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import pydantic_core

from bot.content import Assignment, Kind
from bot.engines import Ask, Engine
from bot.errors import EngineError, Phrase
from personas.profile import storable

from .check import without_links
from .prompt import messages_for
from .shape import apart_list, completed, is_headed, outline, plain_pattern, schema_for, shape_of, text_budget

# Tokens that all drafts of one request may take together on a small model: about six seconds of two cores.
DRAFT_TOKENS = 1100
# Of each piece of a larger text so many drafts are drawn at most.
DRAFTS_A_PIECE = 4
# English text has about four characters a token; three leaves room for other scripts and for JSON's own signs.
CHARACTERS_A_TOKEN = 3
# Initials of English terms, the most usual first.
INITIALS = "csperdmtfabwlghoinvk"
# The temperature of what is drawn when too much was alike.
_BOLD = 1.1
# Characters of a draft that are read, and no more: what the roomiest place takes (limits.toml, 63,206) and some more.
MOST_WRITTEN = 70_000
# Loading that takes no longer is not worth a word.
_QUICK_SECONDS = 0.4


class Watcher(Protocol):
    """Somebody who may be watching a draft grow."""

    @property
    def watching(self) -> bool:
        """Whether it is worth streaming; False when many requests run and edits would be dropped anyway."""

    async def waiting(self, why: Phrase) -> None:
        """Tells why nothing grows yet."""

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows the draft as it is now, rendered only when there is room. Returns at once when there is none."""


class Nobody:
    """A watcher for requests that nobody watches."""

    watching = False

    async def waiting(self, why: Phrase) -> None:
        """Tells nobody."""

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows nothing."""


def ask_for(assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
    """The call for draft `number` of an assignment; the seed and the number decide what a local model writes."""
    schema = None if assignment.kind.plain else schema_for(assignment, apart=not engine.traits.capable)
    characters = text_budget(assignment) if schema is None else _characters(schema)
    max_tokens = min(characters // CHARACTERS_A_TOKEN + 120, engine.traits.context // 2)
    room = engine.traits.context - max_tokens
    return Ask(
        messages=messages_for(assignment, capable=engine.traits.capable, tokens=room),
        schema=schema,
        characters=characters,
        max_tokens=max_tokens,
        seed=(assignment.request.seed * 1009 + number) % 2**31,
        temperature=0.7,
        pattern=plain_pattern(assignment) if schema is None and assignment.kind.family != "chat" else "",
    )


def _characters(schema: dict[str, Any]) -> int:
    match schema["type"]:
        case "object":
            return sum(_characters(child) + len(name) + 6 for name, child in schema["properties"].items())
        case "array":
            return int(schema["maxItems"]) * (_characters(schema["items"]) + 4)
        case _ if "enum" in schema:
            return max(map(len, schema["enum"]))
        case _:
            return int(schema["maxLength"])


def drafts_worth(assignment: Assignment, engine: Engine, ask: Ask) -> int:
    """How many drafts to draw: as many as the engine's traits say, fewer of long texts, at least the variants wanted.

    Of entries that are written apart there are half as many again as wanted, to choose from; fewer where none can repeat another.
    """
    if engine.traits.drafts == 1:
        return assignment.request.variants
    apart = apart_list(assignment)
    if apart is not None and not engine.traits.capable:
        spare = max(2, apart[1] // 4) if is_headed(assignment) else apart[1] // 2 + 1
        return max(engine.traits.drafts, apart[1] + spare)
    likely = max(40, ask.characters // 8)
    most = min(engine.traits.drafts, DRAFTS_A_PIECE) if assignment.within else engine.traits.drafts
    return max(min(most, max(2, DRAFT_TOKENS // likely)), assignment.request.variants)


async def draw(assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
    """The drafts as the model wrote them, the watched one first.

    Raises:
        EngineError: the first draft failed; others that fail are left out.
    """
    await _told_while_loading(engine, watcher)
    first = ask_for(assignment, engine)
    count = drafts_worth(assignment, engine, first)
    if not engine.traits.capable and is_headed(assignment):
        return await _headed(assignment, engine, first, count)
    if not watcher.watching:
        return await engine.several(first, count)
    written = await _watched(engine, first, assignment, watcher)
    if count == 1:
        return [written]
    try:
        # After the watched one, whose reading of the prompt they share.
        return [written, *await engine.several(ask_for(assignment, engine, 1), count - 1)]
    except EngineError:
        return [written]


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


async def draw_more(assignment: Assignment, engine: Engine, drawn: int) -> list[str]:
    """As many drafts again, with other seeds than those that are drawn; none when the engine fails."""
    ask = replace(ask_for(assignment, engine, drawn), temperature=_BOLD)
    try:
        if is_headed(assignment):
            return await _headed(assignment, engine, ask, drafts_worth(assignment, engine, ask), drawn)
        return await engine.several(ask, drafts_worth(assignment, engine, ask))
    except EngineError:
        return []


async def _watched(engine: Engine, ask: Ask, assignment: Assignment, watcher: Watcher) -> str:
    written = ""
    async for written in engine.growing(ask):
        if len(written) > MOST_WRITTEN:
            break
        await watcher.draft(functools.partial(shown, written, assignment))
    return written


def shown(written: str, assignment: Assignment) -> str:
    """A draft so far as a document, never as JSON, and without links that only material leads to."""
    kind, written = assignment.kind, storable(written[:MOST_WRITTEN])
    text = written if kind.plain else outline(partial(written), kind.hidden)
    return without_links(text, assignment)


async def _told_while_loading(engine: Engine, watcher: Watcher) -> None:
    loading = engine.load()
    done, _ = await asyncio.wait([loading], timeout=_QUICK_SECONDS)
    if not done:
        seconds = engine.loading_seconds or 0
        said = "{engine} is loading ({seconds} s so far). Your text begins as soon as it is ready."
        await watcher.waiting(Phrase(said, engine=engine.label, seconds=round(seconds)))


def partial(written: str) -> Any:
    """What can be read of JSON that is still being written; an empty object when nothing can."""
    start = written.find("{")
    if start < 0:
        return {}
    try:
        return pydantic_core.from_json(written[start:], allow_partial="trailing-strings")
    except ValueError:
        return {}


def read(written: str, kind: Kind) -> dict[str, Any]:
    """The draft as data with every field there; what is missing is empty and fails its check, it never raises."""
    shape, written = shape_of(kind.output), storable(written[:MOST_WRITTEN])
    if kind.plain:
        return {"text": unwrapped(written)}
    found = partial(unwrapped(written))
    if not found:
        cut = written.rfind("}")
        found = partial(written[: cut + 1]) if cut > 0 else {}
    data: dict[str, Any] = completed(shape, found)
    return data


def unwrapped(written: str) -> str:
    """The text without a code fence, a label or quotation marks around the whole of it."""
    text = _without_thoughts(storable(written[:MOST_WRITTEN])).strip()
    fenced = re.fullmatch(r"```\w*\n(.*?)\n?```", text, re.DOTALL)
    return fenced[1].strip() if fenced else text


def _without_thoughts(text: str) -> str:
    """The text without what stands between <think> and </think>; a thought that does not end stays."""
    kept, at = [], 0
    while (start := text.find("<think>", at)) >= 0 and (end := text.find("</think>", start)) >= 0:
        kept.append(text[at:start])
        at = end + len("</think>")
    return "".join(kept) + text[at:]
