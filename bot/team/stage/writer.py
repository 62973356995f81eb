"""Has a model play roles, answer as a persona, choose as a reader and judge a play; checks all of it before it is shown."""

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
from bot.moderation import build_error, find_category, find_excuses, log_refusal, refuse
from bot.moderation.seam import Moderation
from bot.moderation.service import ask_service
from bot.simulation import interview as interviews
from bot.simulation.case import Case
from bot.simulation.interview import Interview
from bot.simulation.panel import Comparison, PanelTally, ReaderChoice, SimulatedReader, build_comparisons, count_votes
from bot.simulation.play import NARRATOR, Judgement, Play, add_answer, find_exit, judge_by_signs, move_to_scene

from . import interview_prompts, play_prompts
from .play_prompts import is_small_model

log = logging.getLogger(__name__)
# Attempts at a speech that keeps to the facts.
_MAX_TRIES = 3
# Shown if no speech of a role can be shown, and if a card does not answer a question.
SILENT = "…"
UNKNOWN = "I don't know. My card says nothing about that."


@dataclass(frozen=True, slots=True)
class StageWriter:
    """Writes the bot's part of plays, interviews and panels."""

    engines: Engines
    moderation: Moderation
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def check_text(self, text: str, language: str = "en") -> None:
        """Check a user's text before it is used.

        Raises:
            RefusedError: it contains a credential or asks for harm; the message lists help lines for a user in despair.
        """
        refuse(text, kind="scenario")
        if category := await ask_service(self.moderation.service, text):
            log_refusal(category, "service", "scenario")
            raise build_error(category, language)

    async def is_showable(self, text: str, context: str) -> bool:
        """Return whether a generated text may be shown."""
        category = find_category(text, excused=find_excuses(context), result=True) or await ask_service(
            self.moderation.service, text
        )
        if category:
            log_refusal(category, "result", "scenario")
        return not category

    async def check_case(self, case: Case) -> None:
        """Check a case before it is played. Raises as `check_text` does."""
        parts = [case.title, case.situation, case.opening, *(scene.told for scene in case.scenes)]
        parts += [f"{role.name}: {role.wants}. {role.hides}" for role in case.roles]
        await self.check_text("\n".join(parts), case.language)

    async def write_turn(self, play: Play, seed: int) -> Play:
        """Return the play after a role of the bot has answered the last line, in the scene that it leads to.

        Raises:
            EngineError: no model could answer.
        """
        way = find_exit(play)
        play = move_to_scene(play, way.to) if way else play
        if not play.bot_roles or play.current_scene.ends:
            return add_answer(play, NARRATOR, "", self.clock())
        to, role, text = await self.engines.attempt(lambda engine: self._write_speech(engine, play, seed))
        play = move_to_scene(play, to) if to != play_prompts.STAY else play
        return add_answer(play, role, text or SILENT, self.clock())

    async def _write_speech(self, engine: Engine, play: Play, seed: int) -> tuple[str, str, str]:
        """Write the next speech: the first attempt without faults, else the last one without contradictions."""
        faults = list[str]()
        context = f"{play.case.situation}\n{play_prompts.render_transcript(play)}"
        to, role, text = play_prompts.STAY, play_prompts.find_speaker(play).name, ""
        for number in range(_MAX_TRIES):
            written = await engine.complete(play_prompts.build_turn_ask(play, engine.traits, seed + number, faults))
            to, role, text = play_prompts.parse_turn(written, play, engine.traits)
            faults = play_prompts.find_faults(text, play)
            if text and not await self.is_showable(text, context):
                faults, text = ["It cannot be shown: say it so that it hurts nobody."], ""
            if not faults:
                return to, role, text
        log.info("a role's speech was cut", extra={"engine": engine.name})
        return to, role, play_prompts.remove_contradictions(text, play)

    async def write_answer(self, interview: Interview, seed: int) -> Interview:
        """Return the interview with its last question answered from the card, or with the answer that it is unknown.

        Raises:
            EngineError: no model could answer.
        """
        answer, source = await self.engines.attempt(lambda engine: self._answer_from_card(engine, interview, seed))
        return interviews.add_answer(interview, answer, source)

    async def _answer_from_card(self, engine: Engine, interview: Interview, seed: int) -> tuple[str, str]:
        faults = list[str]()
        context = "\n".join([*interview.card.statements, interview.exchanges[-1].question])
        unknown = translate(UNKNOWN, interview.card.language)
        for number in range(_MAX_TRIES - 1):
            written = await engine.complete(
                interview_prompts.build_answer_ask(interview, engine.traits, seed + number, faults)
            )
            source, answer = interview_prompts.parse_answer(written, interview.card)
            if not source:
                return unknown, ""
            faults = interview_prompts.find_answer_faults(answer, interview)
            if not faults and await self.is_showable(answer, context):
                return answer, source
        return unknown, ""

    async def run_panel(
        self,
        variants: Sequence[str],
        readers: Sequence[SimulatedReader],
        *,
        brief: str,
        language: str,
        seed: int,
        on_progress: Callable[[int, int], object] = lambda *_: None,
        checkpoint: Checkpoint = run_directly,
    ) -> PanelTally:
        """Have readers choose among variants, each comparison a checkpoint; `on_progress` gets the done and total comparisons.

        Raises:
            EngineError: no model could answer.
        """
        all_comparisons, done = build_comparisons(readers, len(variants), seed), itertools.count()
        by_number = {reader.number: reader for reader in readers}
        places = asyncio.Semaphore(max(1, self.engines.first.at_once))

        async def choose(at: int, comparison: Comparison) -> tuple[int | None, str]:
            ask = interview_prompts.build_choice_ask(
                by_number[comparison.reader], comparison, variants, brief, language, seed + at
            )
            async with places:
                choice = interview_prompts.parse_choice(
                    await self.engines.attempt(lambda engine: engine.complete(ask)), comparison
                )
            return choice.chosen, choice.why if await self.is_showable(choice.why, brief) else ""

        async def chosen(at: int, comparison: Comparison) -> ReaderChoice:
            # All tasks start in order, which numbers the checkpoints, and wait for a slot within.
            place, why = await checkpoint(f"comparison {at}", lambda: choose(at, comparison))
            on_progress(next(done), len(all_comparisons))
            return ReaderChoice(comparison, place, why)

        on_progress(next(done), len(all_comparisons))
        tasks = [asyncio.create_task(chosen(at, comparison)) for at, comparison in enumerate(all_comparisons)]
        try:
            return count_votes(await asyncio.gather(*tasks), len(variants))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write_debrief(self, play: Play, seed: int) -> Play:
        """Return the play with judged objectives: by a capable model, by the signs of the case, or by a small model's choice."""
        judged, by_words = judge_by_signs(play), True
        if play.player_lines:
            try:
                judged, by_words = await self.engines.attempt(lambda engine: self._judge(engine, play, judged, seed))
            except QuillmateError as error:  # The play ends even without a model's judgement.
                log.warning("no debrief by a model: %s", type(error).__name__)
        missed = [Judgement(objective.text, "missed", next=objective.next) for objective in play.case.objectives]
        filled = tuple(one or other for one, other in zip(judged, missed, strict=True))
        return replace(play, judged=filled, by_words=by_words, state="ending")

    async def _judge(
        self, engine: Engine, play: Play, known: list[Judgement | None], seed: int
    ) -> tuple[list[Judgement | None], bool]:
        if not is_small_model(engine.traits):
            written = await engine.complete(play_prompts.build_debrief_ask(play, engine.traits, seed))
            found = play_prompts.parse_debrief(written, play)
            context = play_prompts.render_transcript(play)
            found = [
                one and (one if await self.is_showable(one.next, context) else replace(one, next="")) for one in found
            ]
            return [one or other for one, other in zip(found, known, strict=True)], not any(found)
        judged = list(known)
        for at in range(len(judged)):
            if judged[at] is None:
                judged[at] = await self._judge_small(engine, play, at, seed)
        return judged, True

    async def _judge_small(self, engine: Engine, play: Play, at: int, seed: int) -> Judgement:
        objective = play.case.objectives[at]
        written = await engine.complete(play_prompts.build_evidence_ask(play, objective, seed))
        return play_prompts.parse_evidence(written, play, objective)
