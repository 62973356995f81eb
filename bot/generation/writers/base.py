"""What a strategy of writing has to offer, and what it is given to work with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.content import Assignment, Checkpoint
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError
from bot.generation.draft import Watcher, partial, unwrapped
from bot.generation.rank import Candidate, Nearness


def numbered(checkpoint: Checkpoint, number: int) -> Checkpoint:
    """A checkpoint whose names are those of a further draft."""
    return lambda name, step: checkpoint(f"{number} {name}", step)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a draft is finished with: the engine that drew it, others that may step in, and who looks on.

    `writer_for` gives the strategy of whichever engine writes a part; with `critique` a capable model reads its text over.
    """

    engine: Engine
    engines: Engines
    nearness: Nearness
    checkpoint: Checkpoint
    watcher: Watcher
    writer_for: Callable[[Engine], Writer]
    critique: bool = False

    async def asked(self, name: str, ask: Ask) -> str:
        """What the engine answers in a step of its own; empty where it fails, as what is there is good enough to hand over."""

        async def answer() -> str:
            try:
                return await self.engine.complete(ask)
            except EngineError:
                return ""

        written: str = await self.checkpoint(name, answer)
        return written

    async def noted(self, name: str, ask: Ask) -> dict[str, Any]:
        """The object that the engine answers with in a step of its own; nothing where it fails or answers with another thing."""
        found = partial(unwrapped(await self.asked(name, ask)))
        return found if isinstance(found, dict) else {}

    def numbered(self, number: int) -> Desk:
        """The desk of a further draft, whose checkpoints have names of their own; of the first one the desk itself."""
        return replace(self, checkpoint=numbered(self.checkpoint, number)) if number else self


@dataclass(frozen=True, slots=True)
class Spot:
    """A text that is written in turn: the draft it stands in, the list, the entry's number, and the entry's field.

    `missing` is how many words it is short of, `call` how many calls were made for it before.
    """

    data: dict[str, Any]
    name: str
    number: int
    field: str
    missing: int
    call: int

    @property
    def entries(self) -> list[dict[str, Any]]:
        """The list that it stands in."""
        entries: list[dict[str, Any]] = self.data[self.name]
        return entries

    def filled(self, text: str) -> dict[str, Any]:
        """The draft with a text added at this spot."""
        entries = [dict(entry) for entry in self.entries]
        entries[self.number][self.field] = f"{entries[self.number][self.field]} {text}".strip()
        return self.data | {self.name: entries}


class Writer(Protocol):
    """A strategy: what a model is asked, what is drawn of it, and what is made of what it wrote."""

    def assigned(self, assignment: Assignment) -> Assignment:
        """The assignment as kinds and checks are to see it."""

    def ask(self, assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
        """The call for draft `number` of an assignment; the seed and the number decide what a local model writes."""

    def drafts_worth(self, assignment: Assignment, engine: Engine, ask: Ask) -> int:
        """How many drafts to draw."""

    async def draw(self, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """The drafts as the model wrote them, the watched one first.

        Raises:
            EngineError: the first draft failed; others that fail are left out.
        """

    async def finish(self, drawn: list[str], assignment: Assignment, desk: Desk) -> list[Candidate]:
        """What is handed on of some drafts, best first: as many as the request wants variants, fewer where they are alike.

        Raises:
            EngineError: a part that is written in turn could not be written by any engine.
        """

    async def part(self, spot: Spot, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """What an engine writes for a spot, to choose from.

        Raises:
            EngineError: the engine failed.
        """

    def picked(self, drawn: list[str], spot: Spot, said: list[str], assignment: Assignment, nearness: Nearness) -> str:
        """What is put at a spot of what was drawn for it; `said` are the sentences that stand there already."""
