"""Has a model play roles, answer as a persona, read as a reader, and judge how a play went; looks at all of it before it is shown."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from bot.content import Checkpoint, run_directly
from bot.engines import Engine, Engines
from bot.errors import QuillmateError
from bot.locales import translate
from bot.moderation import category_of, error_for, note, refuse
from bot.moderation.seam import Moderation
from bot.moderation.service import asked
from bot.simulation import interview as interviews
from bot.simulation.case import Case
from bot.simulation.interview import Interview
from bot.simulation.panel import Choice, Comparison, Reader, Tally, comparisons, tallied
from bot.simulation.play import NARRATOR, Judged, Play, answered, by_signs, moved, way_out

from . import acting, asking
from .acting import is_small

log = logging.getLogger(__name__)
# So often a role's words are asked for until they keep to the facts.
_TRIES = 3
# What is told where a role has nothing to say that may be shown, and where a card says nothing of what was asked.
SILENT = "…"
UNKNOWN = "I don't know. My card says nothing about that."


@dataclass(frozen=True, slots=True)
class Writing:
    """Writes what is said in plays and interviews. `clock` says what time it is."""

    engines: Engines
    moderation: Moderation
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def look(self, text: str, language: str = "en") -> None:
        """Looks at what somebody says, before anything is made of it.

        Raises:
            RefusedError: a key stands in it, or it asks for harm; somebody in despair is told where to find help.
        """
        refuse(text, kind="scenario")
        if category := await asked(self.moderation.service, text):
            note(category, "service", "scenario")
            raise error_for(category, language)

    async def fit(self, text: str, context: str) -> bool:
        """Whether something that was made may be shown."""
        category = category_of(text, context=context, result=True) or await asked(self.moderation.service, text)
        if category:
            note(category, "result", "scenario")
        return not category

    async def look_at_case(self, case: Case) -> None:
        """Looks at a case that is to be played. Raises as `look` does."""
        parts = [case.title, case.situation, case.opening, *(scene.told for scene in case.scenes)]
        parts += [f"{role.name}: {role.wants}. {role.hides}" for role in case.roles]
        await self.look("\n".join(parts), case.language)

    async def turn(self, play: Play, seed: int) -> Play:
        """The play after the bot's roles have answered what was said last, in the scene that it leads to.

        Raises:
            EngineError: no model could answer.
        """
        way = way_out(play)
        play = moved(play, way.to) if way else play
        if not play.acted or play.now_in.ends:
            return answered(play, NARRATOR, "", self.clock())
        to, role, text = await self.engines.attempt(lambda engine: self._said(engine, play, seed))
        play = moved(play, to) if to != acting.STAY else play
        return answered(play, role, text or SILENT, self.clock())

    async def _said(self, engine: Engine, play: Play, seed: int) -> tuple[str, str, str]:
        """What is said next: of some tries the first without a fault, else the last as far as it keeps to the facts."""
        faults = list[str]()
        context = f"{play.case.situation}\n{acting.transcript(play)}"
        to, role, text = acting.STAY, acting.speaker_of(play).name, ""
        for number in range(_TRIES):
            written = await engine.complete(acting.turn_ask(play, engine.traits, seed + number, faults))
            to, role, text = acting.read_turn(written, play, engine.traits)
            faults = acting.faults_of(text, play)
            if text and not await self.fit(text, context):
                faults, text = ["It cannot be shown: say it so that it hurts nobody."], ""
            if not faults:
                return to, role, text
        log.info("a role's words are cut", extra={"engine": engine.name})
        return to, role, acting.without_contradictions(text, play)

    async def answer(self, interview: Interview, seed: int) -> Interview:
        """The interview after its last question was answered, by a statement of the card; else by that nothing is known of it.

        Raises:
            EngineError: no model could answer.
        """
        answer, source = await self.engines.attempt(lambda engine: self._from_card(engine, interview, seed))
        return interviews.answered(interview, answer, source)

    async def _from_card(self, engine: Engine, interview: Interview, seed: int) -> tuple[str, str]:
        faults = list[str]()
        context = "\n".join([*interview.card.statements, interview.exchanges[-1].question])
        unknown = translate(UNKNOWN, interview.card.language)
        for number in range(_TRIES - 1):
            written = await engine.complete(asking.answer_ask(interview, engine.traits, seed + number, faults))
            source, answer = asking.read_answer(written, interview.card)
            if not source:
                return unknown, ""
            faults = asking.answer_faults(answer, interview)
            if not faults and await self.fit(answer, context):
                return answer, source
        return unknown, ""

    async def read(
        self,
        variants: Sequence[str],
        readers: Sequence[Reader],
        *,
        brief: str,
        language: str,
        seed: int,
        told: Callable[[int, int], object] = lambda *_: None,
        checkpoint: Checkpoint = run_directly,
    ) -> Tally:
        """How readers choose among variants, each answer a checkpoint; `told` is given how many there are, and how many there will be.

        Raises:
            EngineError: no model could answer.
        """
        asked_of, done = comparisons(readers, len(variants), seed), itertools.count()
        by_number = {reader.number: reader for reader in readers}
        places = asyncio.Semaphore(max(1, self.engines.first.at_once))

        async def choose(at: int, one: Comparison) -> tuple[int | None, str]:
            ask = asking.choice_ask(by_number[one.reader], one, variants, brief, language, seed + at)
            async with places:
                choice = asking.read_choice(await self.engines.attempt(lambda engine: engine.complete(ask)), one)
            return choice.chosen, choice.why if await self.fit(choice.why, brief) else ""

        async def chosen(at: int, one: Comparison) -> Choice:
            # All are begun at once, in their order, by which checkpoints are known; within they wait for their place.
            place, why = await checkpoint(f"comparison {at}", lambda: choose(at, one))
            told(next(done), len(asked_of))
            return Choice(one, place, why)

        told(next(done), len(asked_of))
        asking_all = [asyncio.create_task(chosen(at, one)) for at, one in enumerate(asked_of)]
        try:
            return tallied(await asyncio.gather(*asking_all), len(variants))
        finally:
            for task in asking_all:
                task.cancel()
            await asyncio.gather(*asking_all, return_exceptions=True)

    async def debrief(self, play: Play, seed: int) -> Play:
        """The play with how far each objective was reached: by a capable model, by signs of the case, or as a small model chooses."""
        judged, by_words = by_signs(play), True
        if play.said:
            try:
                judged, by_words = await self.engines.attempt(lambda engine: self._judged(engine, play, judged, seed))
            except QuillmateError as error:  # What was played is not lost for that.
                log.warning("not debriefed by a model: %s", type(error).__name__)
        missed = [Judged(one.text, "missed", next=one.next) for one in play.case.objectives]
        filled = tuple(one or other for one, other in zip(judged, missed, strict=True))
        return replace(play, judged=filled, by_words=by_words, state="ending")

    async def _judged(
        self, engine: Engine, play: Play, known: list[Judged | None], seed: int
    ) -> tuple[list[Judged | None], bool]:
        if not is_small(engine.traits):
            written = await engine.complete(acting.debrief_ask(play, engine.traits, seed))
            found = acting.read_debrief(written, play)
            context = acting.transcript(play)
            found = [one and (one if await self.fit(one.next, context) else replace(one, next="")) for one in found]
            return [one or other for one, other in zip(found, known, strict=True)], not any(found)
        judged = list(known)
        for at in range(len(judged)):
            if judged[at] is None:
                judged[at] = await self._chosen(engine, play, at, seed)
        return judged, True

    async def _chosen(self, engine: Engine, play: Play, at: int, seed: int) -> Judged:
        objective = play.case.objectives[at]
        written = await engine.complete(acting.evidence_ask(play, objective, seed))
        return acting.read_evidence(written, play, objective)
