"""From an assignment to a result: draft, mend, check, repair, rank. The same for every kind."""

from __future__ import annotations

import asyncio
import re
import time
from dataclasses import dataclass, field, replace
from typing import Any

from bot.checks.language import NAMES
from bot.checks.terms import norm
from bot.content import Assignment, Checkpoint, Content, Result, directly
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError, Phrase
from bot.moderation.seam import Moderation, Watched, unfit

from .check import run_checks
from .draft import CHARACTERS_A_TOKEN, Nobody, Watcher, draw, draw_more, read, unwrapped
from .known import with_known
from .mend import distinct, mend
from .pieces import in_pieces
from .possible import note as told_beyond
from .prompt import mend_messages
from .rank import Candidate, Nearness, ranked, word_nearness
from .shape import Entries, changed, entries_wanted, key_of, shape_of, texts
from .turns import in_turn

# A capable model is asked at most so often to mend a field; what still fails is mended by code or said in the reply.
MAX_REPAIRS = 3
# How far the seed of what is made anew lies from the first one's.
_ANEW = 7919
_SAID = re.compile(r"[^\W_]+")


# What pieces are made from before there is a text.
_NOTHING = Content("", {})


def numbered(checkpoint: Checkpoint, number: int) -> Checkpoint:
    """A checkpoint whose names are those of a further draft."""
    return lambda name, step: checkpoint(f"{number} {name}", step)


@dataclass(frozen=True, slots=True)
class Pipeline:
    """What generation needs: engines, a measure of nearness for ranking, and who looks at what goes in and comes out."""

    engines: Engines
    nearness: Nearness = field(default=word_nearness)
    moderation: Moderation = field(default=Moderation())

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
        if not assignment.kind.series and not assignment.kind.pieces(assignment, _NOTHING):
            return await self._alone(assignment, checkpoint, watcher)
        if assignment.kind.series and len(assignment.kind.pieces(assignment, None)) < 2:
            return await self._alone(assignment, checkpoint, watcher)
        wholes = []
        for variant in range(assignment.request.variants):
            request = replace(assignment.request, variants=1, seed=assignment.request.seed + 101 * variant)
            named = checkpoint if not variant else numbered(checkpoint, variant)
            wholes.append(await in_pieces(self._first, replace(assignment, request=request), named, watcher))
        return sorted(wholes, key=lambda one: sum(not check.passed for check in one.checks))

    async def _first(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> Result:
        return (await self._alone(assignment, checkpoint, watcher))[0]

    async def _alone(self, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher) -> list[Result]:
        started = time.monotonic()
        drawn = await checkpoint("draft", lambda: self._draw(assignment, watcher))
        engine = next((one for one in self.engines.all if one.name == drawn["engine"]), self.engines.first)
        # In a thread: measuring many drafts takes tens of milliseconds, and a first look at a language a second.
        candidates = await asyncio.to_thread(_candidates, drawn["drafts"], assignment, engine)
        if engine.traits.capable:
            candidates = [
                await self._in_turn(one, assignment, numbered(checkpoint, at) if at else checkpoint, watcher)
                for at, one in enumerate(candidates)
            ]
            candidates[0] = await self._repaired(candidates[0], assignment, engine, checkpoint)
        order = candidates
        said = assignment.within.said if assignment.within else ()
        if len(candidates) > 1:
            order = await asyncio.to_thread(ranked, candidates, assignment, self.nearness, said)
        best = await asyncio.to_thread(pooled, order, assignment)
        if not engine.traits.capable and missing(whole(best, assignment).data, assignment):
            # Of what is written apart much may have been alike; once more, with other seeds.
            more = await checkpoint("more", lambda: draw_more(assignment, engine, len(drawn["drafts"])))
            order = [*order, *await asyncio.to_thread(_candidates, more, assignment, engine)]
            best = await asyncio.to_thread(pooled, order, assignment)
        chosen = _unlike([best, *order[1:]])[: assignment.request.variants]
        if not engine.traits.capable:
            chosen = [
                await self._in_turn(one, assignment, numbered(checkpoint, at) if at else checkpoint, watcher)
                for at, one in enumerate(chosen)
            ]
        seconds = time.monotonic() - started
        wholes = [await asyncio.to_thread(whole, one, assignment) for one in chosen]
        return [_result(one, assignment, engine, seconds) for one in wholes]

    async def _in_turn(
        self, candidate: Candidate, assignment: Assignment, checkpoint: Checkpoint, watcher: Watcher
    ) -> Candidate:
        """The candidate with the texts that are written in turn, if its kind has such."""
        data = await in_turn(candidate.data, assignment, self.engines, self.nearness, checkpoint, watcher)
        return candidate if data is candidate.data else await asyncio.to_thread(candidate_of, data, assignment)

    async def _draw(self, assignment: Assignment, watcher: Watcher) -> dict[str, Any]:
        async def use(engine: Engine) -> dict[str, Any]:
            return {"engine": engine.name, "drafts": await draw(assignment, engine, watcher)}

        return await self.engines.attempt(use)

    async def _repaired(
        self, candidate: Candidate, assignment: Assignment, engine: Engine, checkpoint: Checkpoint
    ) -> Candidate:
        """The candidate with failed fields written anew, one by one, each told what failed by how much."""
        tried: set[str] = set()
        for number in range(MAX_REPAIRS):
            can_be_written = {path for path, _, _ in texts(shape_of(assignment.kind.output), candidate.data)} - tried
            failed = [check for check in candidate.checks if not check.passed]
            fault = next((check for check in failed if _path(check.path, assignment) in can_be_written), None)
            if fault is None:
                break
            path = _path(fault.path, assignment)
            tried.add(path)
            said = fault.hint or f"{fault.name}: {fault.measured}; allowed: {fault.limit}."
            text = _at(candidate.data, path)
            messages = mend_messages(assignment, path, text, said)
            seed = assignment.request.seed + number
            ask = Ask(messages, None, 2 * len(text), len(text) // CHARACTERS_A_TOKEN + 200, seed)

            async def rewrite(ask: Ask = ask) -> str:
                try:
                    return await engine.complete(ask)
                except EngineError:
                    return ""  # The draft is good enough to hand over, with the check that it failed.

            written = unwrapped(await checkpoint(f"mend {number}", rewrite))
            if written:
                put = _put(candidate.data, path, written, assignment)
                better = await asyncio.to_thread(candidate_of, put, assignment)
                candidate = better if better.faults < candidate.faults else candidate
        return candidate


def _candidates(drafts: list[str], assignment: Assignment, engine: Engine) -> list[Candidate]:
    data = [read(written, assignment.kind) for written in drafts]
    if not engine.traits.capable:
        data = [with_known(one, assignment) for one in data]
    return [candidate_of(one, assignment) for one in data]


def candidate_of(data: dict[str, Any], assignment: Assignment) -> Candidate:
    """A draft, mended by code, with its content and checks."""
    mended = mend(data, assignment)
    content = assignment.kind.compose(assignment.kind.output.model_validate(mended), assignment)
    return Candidate(mended, content, run_checks(mended, content, assignment))


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


def _unlike(candidates: list[Candidate]) -> list[Candidate]:
    """The candidates without those that differ from an earlier one in signs and capitals alone."""
    found: dict[str, Candidate] = {}
    for one in candidates:
        found.setdefault(" ".join(_SAID.findall(norm(one.content.text))) or one.content.text, one)
    return list(found.values())


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


def _result(candidate: Candidate, assignment: Assignment, engine: Engine, seconds: float) -> Result:
    spoken = engine.traits.languages
    note = told_beyond(assignment)
    if (
        spoken is not None
        and assignment.language not in spoken
        and assignment.kind.family != "image"
        and not assignment.kind.for_machines
    ):
        spoken_note = Phrase(
            "{engine} writes {known} only. For {wanted}, set QUILLMATE_ENGINE to a model that speaks it.",
            engine=engine.label,
            known=[Phrase(NAMES[code]) for code in sorted(spoken)],
            wanted=Phrase(NAMES.get(assignment.language, assignment.language)),
        )
        note = Phrase("{first} {second}", first=note, second=spoken_note) if note else spoken_note
    return Result(
        kind=assignment.kind.name,
        content=candidate.content,
        checks=candidate.checks,
        persona=assignment.persona.title,
        engine=engine.label,
        seed=assignment.request.seed,
        seconds=seconds,
        note=note,
        written=candidate.data,
    )


def _path(path: str, assignment: Assignment) -> str:
    """The path of a text that can be rewritten, empty when the check names none."""
    if not path and assignment.kind.plain:
        return "text"
    return path


def _at(data: Any, path: str) -> str:
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return str(data)


def _put(data: dict[str, Any], path: str, text: str, assignment: Assignment) -> dict[str, Any]:
    put: dict[str, Any] = changed(
        shape_of(assignment.kind.output), data, lambda where, _field, old: text if where == path else old
    )
    return put
