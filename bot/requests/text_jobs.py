"""Text jobs: what was asked is understood, written, and answered with its results or a question."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.content import Content, Defaults, Request
from bot.errors import EngineError, Phrase, QuestionError, QuillmateError
from bot.generation.next_steps import suggest_kinds
from bot.generation.pipeline import Pipeline
from bot.generation.small_talk import detect_small_talk
from bot.generation.sources import add_sources
from bot.images.studio import DRAWS_NOTHING, Studio, use_engine_dialect
from bot.kinds import find_kind
from bot.locales import localize, translate, translate_error
from bot.people.memory import Memory
from bot.replies.downloads import render_requested_files
from bot.replies.small_talk import answer_view
from bot.replies.surface import surface_for
from bot.replies.views import file_view, kind_question_view, note_view, writer_question_view
from personas.profile import Profile
from storage.errors import PausedError
from storage.generations import Generation

from .answer_context import Answer, AnswerContext
from .answer_delivery import AnswerDelivery
from .attachments import read_attachment
from .conversations import Conversations
from .intake import EMPTY
from .open_requests import OpenRequestStore
from .result_answers import ResultAnswers
from .routing import Routing
from .sound_jobs import SoundJobs

# The kind of an unclear brief when no question can be asked and routing has no candidate.
_FALLBACK_KIND = "chat"
# Offered when a brief is unclear, after routing's candidates.
_COMMON_KINDS = ("social_post", "email", "explanation", "image_prompt", "chat")
_MAX_CHOICES = 4
_WHICH = "What should I make from that?"
_NOT_OF_CHANNEL = "That does not sound like what this channel is for. What should I make from it?"
_ELSEWHERE = "That does not sound like a job for this command. What should I make from it?"
_AS_FILES = "Here it is."
_GUESSED = "I guessed what you meant, because I cannot ask you questions while you have paused me."


@dataclass(frozen=True, slots=True)
class TextJobs:
    """Texts in the jobs of a client."""

    memory: Memory
    pipeline: Pipeline
    routing: Routing
    studio: Studio
    conversations: Conversations
    sound_jobs: SoundJobs
    open_requests: OpenRequestStore
    results: ResultAnswers
    delivery: AnswerDelivery

    async def run(self, context: AnswerContext) -> Answer:
        """Return the answer to a request that asks for texts, spoken or written."""
        if context.request.file is not None and context.request.file.seconds:
            return await self._answer_speech(context)
        return await self._answer(context)

    async def _answer_speech(self, context: AnswerContext) -> Answer:
        """Transcribe a request and answer it. If the model fails, the transcript is shown all the same, so that the
        user need not record again.
        """
        context.speech = speech = await self.sound_jobs.transcribe(context.request, context.surface, context.checkpoint)
        context.request = speech.request
        context.address = replace(context.address, locale=speech.language or context.locale)
        try:
            if (talk := await asyncio.to_thread(detect_small_talk, speech.text)) is not None:
                return answer_view(talk.topic, suggest_kinds(Profile()), talk.choose_language(context.locale)), ()
            return await self._answer(context)
        except EngineError as error:
            context.work.outcome = "failed"
            return note_view(translate_error(error, context.locale), wrong=True), ()

    async def _answer(self, context: AnswerContext) -> Answer:
        await self._read_file(context)
        if context.request.kind is None and (answer := await self._find_kind(context)) is not None:
            return answer
        for number, other in enumerate(context.others, 1):
            await self._answer_beside(context, other, number)
        return await self._write(context)

    async def _read_file(self, context: AnswerContext) -> None:
        """Put the text of an attached file into its request."""
        request = context.request
        if request.file is not None:
            bot = self.delivery.bot
            text, notes = await read_attachment(bot, request, request.file, context.surface, context.checkpoint)
            context.request = replace(request, material=text, file=None)
            context.hints += [localize(note, context.locale) for note in notes]

    async def _find_kind(self, context: AnswerContext) -> Answer | None:
        """Route the request; return the answer if it is a question, as its kind is unclear, or files of earlier results."""
        request = context.request
        if request.about:
            resolution = await self.conversations.resolve(request, context.checkpoint)
            if resolution.as_files:
                return await _show_files(request.brief, resolution.as_files, context.locale)
            *context.others, request = resolution.requests
            context.request = request
        if request.kind is not None:
            context.surface.kind = context.work.kind = request.kind
            return None
        usual = Defaults() if request.family else await self.memory.find_defaults(request)
        family = request.family or usual.family
        route = await self.routing.find(request.brief, family, context.checkpoint, usual=usual.kind)
        kind, candidates = route["kind"], route["candidates"]
        if kind is None:
            try:
                await self.open_requests.save(request)
            except PausedError:
                # The answer buttons would find no saved request, so do not ask.
                kind = next(iter(candidates[::-1] if family else candidates), _FALLBACK_KIND)
                context.hints.append(translate(_GUESSED, context.locale))
            else:
                context.work.outcome = "asked"
                return _build_kind_question(request, candidates, family, context.locale), ()
        context.request = replace(request, kind=kind, of_channel=bool(usual.family))
        context.surface.kind = context.work.kind = kind
        return None

    async def _answer_beside(self, context: AnswerContext, request: Request, part: int) -> None:
        """Answer a further request of a message, in a message of its own; it fails on its own."""
        address = replace(context.address, token="", part=part)
        delivery = self.delivery
        surface = surface_for(
            delivery.bot, address, delivery.pacer, kind=request.kind, again=context.again, job_id=context.request.id
        )

        def checkpoint(name: str, step: Any) -> Any:
            return context.checkpoint(f"{request.id} {name}", step)

        beside = replace(context, request=request, address=address, surface=surface, checkpoint=checkpoint, hints=[])
        try:
            view, files = await self._write(beside)
        except QuillmateError as error:
            view, files = await self.open_requests.build_failure_note(request, error, address.locale), ()
        if not context.again or not await surface.is_done():
            await delivery.show(surface, address, view, files)

    async def _write(self, context: AnswerContext) -> Answer:
        """Write what a request of a known kind asks for."""
        memory = await self.memory.recall(context.request)
        assignment = use_engine_dialect(
            await self.pipeline.build_assignment(context.request, memory), self.studio.engine
        )
        if assignment.kind.is_visual and self.studio.engine is None and not assignment.reading.model:
            await context.surface.show_waiting(Phrase(DRAWS_NOTHING))
        try:
            results = await self.pipeline.run(assignment, checkpoint=context.checkpoint, watcher=context.surface)
        except QuestionError as error:
            context.work.outcome = "asked"
            return await self._ask_question(context, error), ()
        results = [add_sources(result, assignment) for result in results]
        context.request = replace(context.request, variants=assignment.request.variants)
        if context.request.variants > 1:
            return await self.results.show_variants(context, assignment, results)
        return await self.results.show_single(context, assignment, results[0])

    async def _ask_question(self, context: AnswerContext, error: QuestionError) -> discord.ui.LayoutView:
        """Return the writer's question as a view, and save its request so that an answer can continue it."""
        try:
            await self.open_requests.save(context.request, {"answers": list(error.answers)})
        except PausedError:
            return note_view(error.question)
        return writer_question_view(error.question, error.answers, context.request.id, context.locale)


async def _show_files(wish: str, results: Sequence[Generation], locale: str) -> Answer:
    """Show earlier results as the files that a message names."""
    files, problems = list[discord.File](), list[str]()
    for result in results:
        content = Content(result.text, result.parts)
        made, failed = await render_requested_files(wish, find_kind(result.kind), content, result.id, locale)
        files, problems = [*files, *made], [*problems, *failed]
    text = "\n".join([*([translate(_AS_FILES, locale)] if files else []), *problems])
    return file_view(text, *(file.filename for file in files)), files


def _build_kind_question(
    request: Request, candidates: Sequence[str], family: str, locale: str
) -> discord.ui.LayoutView:
    """Ask which kind is meant, among routing's candidates; outside of a family the most common kinds are offered too."""
    which = _ELSEWHERE if request.family else _NOT_OF_CHANNEL if family else _WHICH
    offered = list(candidates) if family else list(dict.fromkeys([*candidates, *_COMMON_KINDS]))[:_MAX_CHOICES]
    return kind_question_view(translate(which if candidates else EMPTY, locale), offered, request.id, locale)
