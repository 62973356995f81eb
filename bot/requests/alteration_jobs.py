"""Alteration jobs: a picture is drawn from an earlier one, once, even over restarts."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bot.content import Content, Result
from bot.errors import RefusedError
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.images.studio import PICTURE_EXPIRED, Studio, describe_picture
from bot.locales import localize, translate
from bot.people.memory import Memory
from bot.replies.files import attachment
from bot.replies.result_views import result_view
from bot.store import Store

from .accounts import Accounts
from .answer_context import Answer, AnswerContext
from .illustrations import MAX_ALT
from .result_rows import build_generation, try_save


@dataclass(frozen=True, slots=True)
class AlterationJobs:
    """Altered pictures in the jobs of a client."""

    store: Store
    memory: Memory
    pipeline: Pipeline
    studio: Studio
    accounts: Accounts

    async def run(self, context: AnswerContext) -> Answer:
        """Draw a picture from an earlier one and save it as a result of its own, with the first one's prompt.

        Raises:
            RefusedError: the source picture is gone, or moderation refuses the instruction.
            EngineError: nothing was drawn.
        """
        started, locale = time.monotonic(), context.locale
        request, checkpoint = context.request, context.checkpoint
        assert request.alters is not None
        parent = await self.store.generations.get(str(request.parent_id), request.user_id)
        if parent is None:
            raise RefusedError(PICTURE_EXPIRED)
        assignment = await asyncio.to_thread(assign, request, await self.memory.recall(request))
        await self.pipeline.moderation.check(assignment, checkpoint)
        content = Content(parent.text, parent.parts)
        await context.surface.show_draft(lambda: f"{parent.text}\n-# {translate('Drawing…', locale)}")
        pictures, done = await self.studio.alter(
            request.alters, content, request.user_id, request.id, request.seed, checkpoint
        )
        note = localize(done, locale)
        engine = self.studio.engine.label if self.studio.engine else ""
        seconds = time.monotonic() - started
        result = Result(parent.kind, content, (), parent.persona, engine, request.seed, seconds, written=parent.written)

        async def save() -> None:
            used = self.accounts.take_usage(context.cost, result.kind, result)
            await self.store.generations.add(build_generation(request, result, assignment), used)
            self.accounts.release_reservation(request.id)

        save_problem = await try_save(save, locale)
        # The alt text leaves out earlier alterations.
        alt = describe_picture(parent.parts).rstrip(".")
        files = [
            attachment(f"{parent.kind}-{at}.png", body, f"{alt}{_format_position(at, len(pictures))}. {note}"[:MAX_ALT])
            for at, body in enumerate(pictures, 1)
        ]
        view, whole = result_view(
            result,
            assignment.profile,
            request.id,
            locale=locale,
            pictures=files,
            buttons=not save_problem,
            hint=" · ".join(filter(None, (note, save_problem))),
            in_server=bool(request.guild_id),
        )
        return view, [*files, *whole]


def _format_position(number: int, count: int) -> str:
    """Return " (2/3)" for one of several pictures."""
    return f" ({number}/{count})" if count > 1 else ""
