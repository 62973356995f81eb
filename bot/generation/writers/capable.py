"""The strategy for a model that can write: told all that matters, checked, asked again, and handed on word for word."""

from __future__ import annotations

import asyncio
import functools
from dataclasses import replace

from bot.content import Assignment
from bot.engines import Ask, Engine
from bot.generation.beside import FIELD, beside_in, schema_beside, takes_beside
from bot.generation.draft import Watcher, ask_of, drawn_with, read, told_while_loading, unwrapped, used_of
from bot.generation.edits import is_edit
from bot.generation.languages import in_language_of_draft
from bot.generation.rank import Candidate, Nearness, ranked, unlike
from bot.generation.sentences import without_repeated
from bot.generation.shape import CHARACTERS_A_WORD

from . import example_prompt
from .alphabet import kept_to_signs
from .appeal import appealed
from .base import Desk, Spot
from .blind import worked_out
from .capable_form import fits_at_once, most_characters, schema_for, slack_of, tokens_for
from .capable_prompt import messages_for, turn_messages
from .critique import critiqued
from .edit import can_edit, edit_ask, edit_drawn, edited_candidate
from .handed_on import candidate_of
from .paragraphs import in_paragraphs
from .put_right import put_right
from .redraft import redrafted
from .repair import repaired
from .trim import trimmed
from .turns import in_turn, so_far


class Capable:
    """Draws one draft a variant, sends back what fails a check, and changes nothing itself but as the last resort."""

    def assigned(self, assignment: Assignment) -> Assignment:
        """The assignment as one whose draft stands as it was written.

        That of an edit is made with the seed of the old version, whose text is no source of figures.
        """
        request, before = assignment.request, assignment.request.before
        if before is not None and is_edit(assignment):
            request = replace(request, earlier="", seed=before.seed)
            assignment = replace(assignment, beside=before.beside)
        return replace(assignment, as_written=True, request=request)

    def ask(self, assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
        """The call for a draft, in a schema as wide as the checks."""
        if can_edit(assignment, engine):
            return edit_ask(self.assigned(assignment), engine, assignment.request.seed + number)
        assignment = _at_once(self.assigned(assignment), engine)
        if engine.traits.by_example:
            assignment = in_language_of_draft(assignment)
        schema = None if assignment.kind.plain else schema_for(assignment, slack=slack_of(engine))
        characters = most_characters(assignment)
        max_tokens = tokens_for(characters, assignment, engine.traits.context)
        if schema and takes_beside(assignment) and not engine.traits.by_example:
            fields = {**schema["properties"], FIELD: schema_beside()}
            schema = {**schema, "properties": fields, "required": list(fields)}
        ask = ask_of(assignment, number, schema, characters, max_tokens)
        told_for = example_prompt.messages_for if engine.traits.by_example else messages_for
        ask = replace(ask, messages=told_for(assignment, tokens=engine.traits.context - max_tokens))
        return kept_to_signs(ask, assignment) if engine.traits.by_example else ask

    def drafts_worth(self, assignment: Assignment, engine: Engine, ask: Ask) -> int:
        """As many drafts as variants are wanted: what is not good enough in one is written anew."""
        return assignment.request.variants

    async def draw(self, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """The drafts as the model wrote them, the watched one first.

        Raises:
            EngineError: the first draft failed; others that fail are left out.
        """
        if can_edit(assignment, engine):
            return await edit_drawn(self.assigned(assignment), engine, watcher, assignment.request.seed)
        await told_while_loading(engine, watcher)
        first = self.ask(assignment, engine)
        count = self.drafts_worth(assignment, engine, first)
        second = functools.partial(self.ask, assignment, engine, 1)
        return await drawn_with(engine, first, second, count, assignment, watcher)

    async def finish(self, drawn: list[str], assignment: Assignment, desk: Desk) -> list[Candidate]:
        """Each draft as it was written, its faults written anew by the model, and what is too long then without its end."""
        made = [await self._finished(one, assignment, desk.numbered(at)) for at, one in enumerate(drawn)]
        said = assignment.parent.said if assignment.parent else ()
        if len(made) > 1:
            made = await asyncio.to_thread(ranked, made, assignment, desk.nearness, said)
        return unlike(made)[: assignment.request.variants]

    async def _finished(self, written: str, assignment: Assignment, desk: Desk) -> Candidate:
        if can_edit(assignment, desk.engine):
            return await edited_candidate(written, assignment, desk)
        by_example = desk.engine.traits.by_example
        if not by_example:
            assignment = replace(_at_once(assignment, desk.engine), beside=beside_in(written, assignment))
        data = await in_turn(read(written, assignment.kind), assignment, desk)
        # In a thread: a first look at a language takes a second.
        candidate = await asyncio.to_thread(candidate_of, data, assignment)
        candidate = await asyncio.to_thread(in_paragraphs, candidate, assignment)
        if not by_example:
            candidate, assignment = await appealed(candidate, assignment, desk)
        unmeasured = candidate.unmeasured
        candidate = await (redrafted if by_example else repaired)(candidate, assignment, desk)
        candidate = await asyncio.to_thread(put_right, candidate, assignment)
        candidate = await asyncio.to_thread(trimmed, candidate, assignment)
        if not by_example:  # It finds nothing that is so.
            candidate, assignment = await critiqued(candidate, assignment, desk)
        if assignment.kind.keyed and not by_example:  # Its own answers are wrong as often as its keys.
            candidate = await worked_out(candidate, assignment, desk)
        return replace(candidate, used=used_of(written, assignment.kind), unmeasured=unmeasured)

    async def part(self, spot: Spot, assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
        """One text for an entry that is written in turn.

        Raises:
            EngineError: the engine failed.
        """
        characters = spot.missing * CHARACTERS_A_WORD
        told_for = example_prompt.turn_messages if engine.traits.by_example else turn_messages
        ask = Ask(
            messages=told_for(spot, assignment),
            schema=None,
            characters=characters,
            max_tokens=tokens_for(characters, assignment, engine.traits.context),
            seed=(assignment.request.seed * 1009 + 131 * spot.number + 17 * spot.call) % 2**31,
        )
        ask = kept_to_signs(ask, assignment) if engine.traits.by_example else ask
        if not watcher.watching:
            return [unwrapped(await engine.complete(ask))]
        text = ""
        async for text in engine.growing(ask):
            await watcher.draft(functools.partial(so_far, spot, text, assignment))
        return [unwrapped(text)]

    def picked(self, drawn: list[str], spot: Spot, said: list[str], assignment: Assignment, nearness: Nearness) -> str:
        """What was written, without sentences that stand in the text already."""
        return without_repeated(unwrapped(drawn[0]), said)


def _at_once(assignment: Assignment, engine: Engine) -> Assignment:
    """The assignment as one whose text is written in one go, where the engine needs no examples and has the room."""
    fits = not engine.traits.by_example and fits_at_once(assignment, engine.traits.context)
    return replace(assignment, at_once=fits)


CAPABLE = Capable()
