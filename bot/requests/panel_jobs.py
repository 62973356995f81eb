"""Panel jobs: simulated readers choose among the variants of a result, each asked once, even over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import discord

from bot.errors import Phrase, RefusedError
from bot.people.results import Results
from bot.replies.files import attachment
from bot.replies.panel_results import panel_picture, panel_text
from bot.replies.views import COLOURS, Layout
from bot.simulation.panel import MAX_VARIANTS, PanelTally, SimulatedReader, draw_readers
from bot.team.stage.writer import StageWriter
from storage.generations import Generation

from .answer_context import Answer, AnswerContext

_ONE_VARIANT = "There is only one variant left, so there is nothing to choose from."
_PROGRESS = "Comparisons by readers: {done} of {all}."
# Maximum length of a message above a picture, in characters.
_MAX_TEXT = 3_900


@dataclass(frozen=True, slots=True)
class PanelJobs:
    """Simulated readers in the jobs of a client."""

    results: Results
    writing: StageWriter

    async def list_variants(self, generation_id: str, user_id: str, channel_id: str) -> list[Generation]:
        """Return the variants of a user's result that readers can choose among, including the result itself.

        Raises:
            RefusedError: they are another user's, no longer stored, or there is only one.
        """
        result = await self.results.get_own(generation_id, user_id, channel_id)
        variants = await self.results.list_variants(result)
        if len(variants) < 2:
            raise RefusedError(_ONE_VARIANT)
        return variants[:MAX_VARIANTS]

    async def run(self, context: AnswerContext) -> Answer:
        """Return the readers' choice; meanwhile the user sees the progress and can cancel.

        Raises:
            EngineError: no model could answer.
            RefusedError: fewer than two variants are left.
        """
        request = context.request
        variants = await self.list_variants(request.parent_id or "", request.user_id, request.channel_id)
        first, texts, locale = variants[0], [one.text for one in variants], context.locale
        readers = draw_readers(request.audience, request.readers, first.seed)

        def report_progress(done: int, of: int) -> None:
            context.surface.show_position(Phrase(_PROGRESS, done=done, all=of))

        tally = await self.writing.run_panel(
            texts,
            readers,
            brief=str(first.request.get("brief", "")),
            language=locale.partition("-")[0],
            seed=first.seed,
            on_progress=report_progress,
            checkpoint=context.checkpoint,
        )
        return await _build_view(tally, texts, readers, locale)


async def _build_view(
    tally: PanelTally, texts: Sequence[str], readers: Sequence[SimulatedReader], locale: str
) -> tuple[Layout, list[discord.File]]:
    """Show how readers chose: in words with the limits first, and as a picture."""
    body, alt = await asyncio.to_thread(panel_picture, tally, texts, locale)
    picture = attachment("readers.png", body, alt)
    view, frame = Layout(), discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["data"])
    frame.add_item(discord.ui.TextDisplay(panel_text(tally, texts, readers, locale)[:_MAX_TEXT]))
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(picture.uri, description=picture.description)))
    view.add_item(frame)
    return view, [picture]
