"""From an assignment to a result: draft, finish, look at it. The same for every kind."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from typing import Any

from bot.content import Assignment, Checkpoint, Content, Remembered, Request, Result, directly
from bot.engines import Engine, Engines
from bot.moderation.seam import Moderation, Watched, look, unfit

from .draft import Nobody, Watcher
from .edited_pieces import edited_in_pieces
from .kept_pieces import kept_pieces
from .languages import in_language_wanted
from .own_form import arrangement, in_own_form
from .pieces import in_pieces, whole_of
from .rank import Nearness, word_nearness
from .read_over import pieces_read_over
from .recall import assign
from .result import result_of
from .understand import Understanding, reader_of
from .writers import Desk, writer_for
from .writers.base import numbered

# How far the seed of what is made anew lies from the first one's.
_ANEW = 7919


# What pieces are made from before there is a text.
_NOTHING = Content("", {})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What generation needs: engines, a measure of nearness for ranking, and who looks at what goes in and comes out.

    With an `understanding` a capable model reads briefs beside the patterns, with `critique` it reads its texts over against them;
    one in this process, which may be slow, where that is `critique_local`.
    """

    engines: Engines
    nearness: Nearness = field(default=word_nearness)
    moderation: Moderation = field(default=Moderation())
    understanding: Understanding | None = None
    critique: bool = False
    critique_local: bool = True

    async def assigned(
        self, request: Request, memory: Remembered, *, checkpoint: Checkpoint = directly, own_form: bool = True
    ) -> Assignment:
        """The assignment for a request whose kind is known, with all that is understood of its brief; in a form that the brief lays
        down only where `own_form`.

        Raises:
            RefusedError: as `assign` does; and, before a model is shown the brief, where the rules of moderation refuse it.
            UnknownPersonaError: no persona has that name.
        """
        # In a thread, as a brief is read in several ways, which takes tens of milliseconds where it is long.
        understanding, noted = self.understanding, None
        if understanding is not None:
            unread = await asyncio.to_thread(assign, request, memory, asking=False)
            look(unread)
            brief, kind = unread.request.brief, unread.kind
            noted = await checkpoint(
                "reading",
                lambda: understanding.noted(brief, kind.reader, self.engines, arrangement(kind) if own_form else ""),
            )
        assignment = await asyncio.to_thread(assign, request, memory, noted)
        assignment = in_language_wanted(assignment, self.engines.first.traits.languages)
        return in_own_form(assignment) if own_form else assignment

    async def run(
        self, assignment: Assignment, *, checkpoint: Checkpoint = directly, watcher: Watcher | None = None
    ) -> list[Result]:
        """The results, best first; as many as the request wants variants, fewer when drafts repeat each other.

        What moderation refuses of them is made anew once.

        Raises:
            EngineError: every engine failed.
            RefusedError: moderation refuses what is asked, or what was made of it.
        """
        await self.moderation.before(assignment, checkpoint)
        watched = Watched(watcher or Nobody(), assignment)
        made = await self._made(assignment, checkpoint, watched)
        if fit := await self.moderation.fit(made, assignment, checkpoint):
            return fit
        request = replace(assignment.request, seed=assignment.request.seed + _ANEW)
        anew, named = replace(assignment, request=request), numbered(checkpoint, _ANEW)
        if fit := await self.moderation.fit(await self._made(anew, named, watched), anew, named):
            return fit
        raise unfit()

    async def _made(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        if kept := kept_pieces(assignment):
            edited = await edited_in_pieces(kept, self._first, assignment, self.engines, checkpoint, watcher)
            if edited:
                return [edited]
        if not assignment.kind.series and not assignment.kind.pieces(assignment, _NOTHING):
            return await self._solo(assignment, checkpoint, watcher)
        if assignment.kind.series and len(assignment.kind.pieces(assignment, None)) < 2:
            return await self._solo(assignment, checkpoint, watcher)
        wholes = []
        for variant in range(assignment.request.variants):
            request = replace(assignment.request, variants=1, seed=assignment.request.seed + 101 * variant)
            named = checkpoint if not variant else numbered(checkpoint, variant)
            wholes.append(await self._whole(replace(assignment, request=request), named, watcher))
        return sorted(wholes, key=lambda one: sum(not check.passed for check in one.checks))

    async def _whole(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> Result:
        own, made = await in_pieces(self._first, assignment, checkpoint, watcher)
        reader = reader_of(self.engines, local=self.critique_local) if self.critique else None
        if reader is not None:
            desk = Desk(reader, self.engines, self.nearness, checkpoint, watcher, writer_for, critique=True)
            own, made = await pieces_read_over(own, made, assignment, desk)
        return whole_of(own, made, assignment)

    async def _first(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> Result:
        return (await self._solo(assignment, checkpoint, watcher))[0]

    async def _solo(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        started = time.monotonic()
        drawn = await checkpoint("draft", lambda: self._draw(assignment, watcher))
        engine = next((one for one in self.engines.all if one.name == drawn["engine"]), self.engines.first)
        writer = writer_for(engine)
        assignment = writer.assigned(assignment)
        critique = self.critique and (self.critique_local or not engine.traits.local)
        desk = Desk(engine, self.engines, self.nearness, checkpoint, watcher, writer_for, critique)
        chosen = await writer.finish(drawn["drafts"], assignment, desk)
        seconds = time.monotonic() - started
        return [result_of(one, assignment, engine, seconds) for one in chosen]

    async def _draw(self, assignment: Assignment, watcher: Watcher) -> dict[str, Any]:
        async def use(engine: Engine) -> dict[str, Any]:
            return {"engine": engine.name, "drafts": await writer_for(engine).draw(assignment, engine, watcher)}

        return await self.engines.attempt(use)
