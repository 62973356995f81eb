"""Has a model play roles, answer interviews, choose as a simulated reader and judge plays; moderates what is posted."""

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
from bot.simulation.case import Case, Objective
from bot.simulation.interview import Interview
from bot.simulation.interview import add_answer as add_interview_answer
from bot.simulation.panel import Comparison, PanelTally, ReaderChoice, SimulatedReader, build_comparisons, count_votes
from bot.simulation.play import NARRATOR, Judgement, Play, add_answer, find_exit, judge_by_signs, move_to_scene

from . import interview_prompts, play_prompts
from .play_prompts import is_small_model

log = logging.getLogger(__name__)
# One call, and one more if moderation refuses the text, as in the text pipeline.
_MAX_CALLS = 2
# The speech of a role if no generated one may be posted, and the answer if the card does not contain one.
SILENT = "…"
UNKNOWN = "I don't know. My card says nothing about that."


@dataclass(frozen=True, slots=True)
class StageWriter:
    """Writes the bot's speeches, answers, choices and debriefs in plays, interviews and panels."""

    engines: Engines
    moderation: Moderation
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))

    async def check_text(self, text: str, language: str = "en") -> None:
        """Check a user's text before it is used.

        Raises:
            RefusedError: the text contains a credential, asks for something harmful, or suggests that the user is in despair, in
                which case the error names help lines.
        """
        refuse(text, kind="scenario")
        if category := await ask_service(self.moderation.service, text):
            log_refusal(category, "service", "scenario")
            raise build_error(category, language)

    async def is_showable(self, text: str, context: str) -> bool:
        """Return whether a generated text may be posted; `context` can excuse terms that would be refused otherwise."""
        category = find_category(text, excused=find_excuses(context), result=True) or await ask_service(
            self.moderation.service, text
        )
        if category:
            log_refusal(category, "result", "scenario")
        return not category

    async def check_case(self, case: Case) -> None:
        """Check the text of a case before it is played. Raises the same errors as `check_text`."""
        parts = [case.title, case.situation, case.opening, *(scene.told for scene in case.scenes)]
        parts += [f"{role.name}: {role.wants}. {role.hides}" for role in case.roles]
        await self.check_text("\n".join(parts), case.language)

    async def write_turn(self, play: Play, seed: int) -> Play:
        """Return the play with an answer of one of the bot's roles to the last line, in the next scene if an exit is reached.

        If the bot has no role or the scene ends the play, no line is added.

        Raises:
            EngineError: no model could answer.
        """
        scene_exit = find_exit(play)
        play = move_to_scene(play, scene_exit.to) if scene_exit else play
        if not play.bot_roles or play.current_scene.ends:
            return add_answer(play, NARRATOR, "", self.clock())
        target, role, text = await self.engines.attempt(lambda engine: self._write_speech(engine, play, seed))
        play = move_to_scene(play, target) if target != play_prompts.STAY else play
        return add_answer(play, role, text, self.clock())

    async def _write_speech(self, engine: Engine, play: Play, seed: int) -> tuple[str, str, str]:
        """Return the target of the exit reached (or `STAY`), the role and its speech, `SILENT` if none may be posted."""
        context = f"{play.case.situation}\n{play_prompts.render_transcript(play)}"
        for attempt in range(_MAX_CALLS):
            reply = await engine.complete(play_prompts.build_turn_ask(play, engine.traits, seed + attempt))
            target, role, text = play_prompts.parse_turn(reply, play, engine.traits)
            if await self.is_showable(text, context):
                break
        else:
            text = ""
        return target, role, text or SILENT

    async def write_answer(self, interview: Interview, seed: int) -> Interview:
        """Return the interview with its last question answered from the card, or with a reply that the card does not say.

        Raises:
            EngineError: no model could answer.
        """
        answer, source = await self.engines.attempt(lambda engine: self._answer_from_card(engine, interview, seed))
        return add_interview_answer(interview, answer, source)

    async def _answer_from_card(self, engine: Engine, interview: Interview, seed: int) -> tuple[str, str]:
        """Return the answer and the card statement that it is based on; empty if the reply is `UNKNOWN`."""
        context = "\n".join([*interview.card.statements, interview.exchanges[-1].question])
        for attempt in range(_MAX_CALLS):
            reply = await engine.complete(interview_prompts.build_answer_ask(interview, engine.traits, seed + attempt))
            source, answer = interview_prompts.parse_answer(reply, interview.card)
            if not source or not answer:
                break
            if await self.is_showable(answer, context):
                return answer, source
        return translate(UNKNOWN, interview.card.language), ""

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
        """Have simulated readers compare variants in pairs, saving each comparison with `checkpoint`.

        `on_progress` is called with the number of finished comparisons and the total.

        Raises:
            EngineError: no model could answer.
        """
        all_comparisons, finished_counter = build_comparisons(readers, len(variants), seed), itertools.count()
        readers_by_number = {reader.number: reader for reader in readers}
        slots = asyncio.Semaphore(max(1, self.engines.first.max_concurrent))

        async def choose(number: int, comparison: Comparison) -> tuple[int | None, str]:
            ask = interview_prompts.build_choice_ask(
                readers_by_number[comparison.reader], comparison, variants, brief, language, seed + number
            )
            async with slots:
                choice = interview_prompts.parse_choice(
                    await self.engines.attempt(lambda engine: engine.complete(ask)), comparison
                )
            return choice.variant, choice.reason if await self.is_showable(choice.reason, brief) else ""

        async def run_comparison(number: int, comparison: Comparison) -> ReaderChoice:
            # All tasks start in order, so that checkpoints are created in a fixed order; each waits for a slot in `choose`.
            variant, why = await checkpoint(f"comparison {number}", lambda: choose(number, comparison))
            on_progress(next(finished_counter), len(all_comparisons))
            return ReaderChoice(comparison, variant, why)

        on_progress(next(finished_counter), len(all_comparisons))
        tasks = [
            asyncio.create_task(run_comparison(number, comparison)) for number, comparison in enumerate(all_comparisons)
        ]
        try:
            return count_votes(await asyncio.gather(*tasks), len(variants))
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def write_debrief(self, play: Play, seed: int) -> Play:
        """Return the play with its objectives judged by a capable model, or by a small model and the case's signs.

        Signs are words in the players' lines that show that an objective is met.
        """
        judgements, lacks_capable_judge = judge_by_signs(play), True
        if play.player_lines:
            try:
                judgements, lacks_capable_judge = await self.engines.attempt(
                    lambda engine: self._judge(engine, play, judgements, seed)
                )
            except QuillmateError as error:  # The play ends even without a model's judgement.
                log.warning("no debrief by a model: %s", type(error).__name__)
        missed = [Judgement(objective.text, "missed", next=objective.next) for objective in play.case.objectives]
        complete = tuple(judgement or default for judgement, default in zip(judgements, missed, strict=True))
        return replace(play, judgements=complete, by_words=lacks_capable_judge, state="ending")

    async def _judge(
        self, engine: Engine, play: Play, sign_judgements: list[Judgement | None], seed: int
    ) -> tuple[list[Judgement | None], bool]:
        """Return the judgements, and whether none of them is by a capable model."""
        if not is_small_model(engine.traits):
            reply = await engine.complete(play_prompts.build_debrief_ask(play, engine.traits, seed))
            judgements = play_prompts.parse_debrief(reply, play)
            context = play_prompts.render_transcript(play)
            judgements = [
                judgement
                and (judgement if await self.is_showable(judgement.next, context) else replace(judgement, next=""))
                for judgement in judgements
            ]
            filled = [judgement or default for judgement, default in zip(judgements, sign_judgements, strict=True)]
            return filled, not any(judgements)
        return [
            judgement or await self._judge_objective(engine, play, objective, seed)
            for judgement, objective in zip(sign_judgements, play.case.objectives, strict=True)
        ], True

    async def _judge_objective(self, engine: Engine, play: Play, objective: Objective, seed: int) -> Judgement:
        reply = await engine.complete(play_prompts.build_evidence_ask(play, objective, seed))
        return play_prompts.parse_evidence(reply, play, objective)
