"""Draws drafts from a model: one that can be watched as it grows, and more to choose from where that pays."""

from __future__ import annotations

import asyncio
import functools
import re
from collections.abc import Callable
from typing import Any, Protocol

import pydantic_core

from bot.content import Assignment, Kind
from bot.engines import Ask, Engine
from bot.errors import EngineError, Phrase
from bot.kinds._labels import field_label
from personas.profile import storable

from .addresses import without_links
from .shape import completed, outline, shape_of
from .sources import FIELD, used_in, used_in_text, without_mark

# English text has about four characters a token; three leaves room for other scripts and for JSON's own signs.
CHARACTERS_A_TOKEN = 3
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


def ask_of(assignment: Assignment, number: int, schema: dict[str, Any] | None, characters: int, max_tokens: int) -> Ask:
    """The call for draft `number` of an assignment, without its messages; seed and number decide what a local model writes."""
    seed = (assignment.request.seed * 1009 + number) % 2**31
    return Ask(messages=(), schema=schema, characters=characters, max_tokens=max_tokens, seed=seed)


def schema_characters(schema: dict[str, Any]) -> int:
    """Characters that an answer of a schema takes at most."""
    match schema["type"]:
        case "object":
            return sum(schema_characters(child) + len(name) + 6 for name, child in schema["properties"].items())
        case "array":
            return int(schema["maxItems"]) * (schema_characters(schema["items"]) + 4)
        case _ if "enum" in schema:
            return max(map(len, schema["enum"]))
        case _:
            return int(schema["maxLength"])


async def drawn_with(
    engine: Engine, first: Ask, second: Callable[[], Ask], count: int, assignment: Assignment, watcher: Watcher
) -> list[str]:
    """So many drafts, the first one watched; the others are asked for with the call that `second` gives.

    Raises:
        EngineError: the first draft failed; others that fail are left out.
    """
    if not watcher.watching:
        return await engine.several(first, count)
    written = await _watched(engine, first, assignment, watcher)
    if count == 1:
        return [written]
    try:
        # After the watched one, whose reading of the prompt they share.
        return [written, *await engine.several(second(), count - 1)]
    except EngineError:
        return [written]


async def _watched(engine: Engine, ask: Ask, assignment: Assignment, watcher: Watcher) -> str:
    written = ""
    async for written in engine.growing(ask):
        if len(written) > MOST_WRITTEN:
            break
        await watcher.draft(functools.partial(draft_so_far, written, assignment))
    return written


def draft_so_far(written: str, assignment: Assignment) -> str:
    """A draft so far as a document, never as JSON, and without links that only material leads to."""
    kind, written = assignment.kind, storable(written[:MOST_WRITTEN])
    text = without_mark(written) if kind.plain else outlined(partial(written), assignment)
    return without_links(text, assignment)


def outlined(data: Any, assignment: Assignment) -> str:
    """What is there of a draft, as whoever watches it grow reads it."""
    called = functools.partial(field_label, assignment=assignment)
    return outline(data, (*assignment.kind.hidden, FIELD), called)


async def told_while_loading(engine: Engine, watcher: Watcher) -> None:
    """Loads the engine, and tells who watches where that takes a while."""
    loading = engine.load()
    done, _ = await asyncio.wait([loading], timeout=_QUICK_SECONDS)
    if not done:
        seconds = engine.loading_seconds or 0
        said = "{engine} is loading ({seconds} s so far). Your text begins as soon as it is ready."
        await watcher.waiting(Phrase(said, engine=engine.label, seconds=round(seconds)))


def objects(given: Any) -> list[dict[str, Any]]:
    """The objects of what is to be a list of them."""
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []


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
        return {"text": without_mark(unwrapped(written))}
    found = partial(unwrapped(written))
    if not found:
        cut = written.rfind("}")
        found = partial(written[: cut + 1]) if cut > 0 else {}
    data: dict[str, Any] = completed(shape, found)
    return data


def used_of(written: str, kind: Kind) -> tuple[int, ...] | None:
    """The numbers of the passages that a draft names as those it was written from; None where it says nothing of that."""
    text = unwrapped(written)
    if kind.plain:
        return used_in_text(text)
    found = partial(text)
    return used_in(found) if isinstance(found, dict) else None


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
