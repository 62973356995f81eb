"""Jobs that describe a picture: a model that reads pictures is asked once, even over restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import discord

from bot.content import AttachedFile
from bot.documents.materials import read_picture
from bot.engines import Engine
from bot.errors import FileError, Phrase, RefusedError
from bot.images.description import NO_VISION, PictureDescription, describe_picture
from bot.replies.picture_text import find_language, picture_text
from bot.replies.views import note_view

from .answer_context import Answer, AnswerContext

# The kind it counts as.
KIND = "image_prompt"
_PROGRESS = "Looking at the picture…"
_GONE = "Discord no longer has that file. Attach it again."


@dataclass(frozen=True, slots=True)
class PictureJobs:
    """Pictures in the jobs of a client. `vision_engine` returns the model that reads pictures, None where there is none."""

    bot: discord.Client
    vision_engine: Callable[[], Engine | None]

    @property
    def engine(self) -> str:
        """The name of the model that reads pictures."""
        engine = self.vision_engine()
        return engine.name if engine is not None else ""

    async def run(self, context: AnswerContext) -> Answer:
        """Describe the picture of a request while the user can cancel. The picture is not saved.

        Raises:
            FileError: it cannot be read.
            RefusedError: the description may not be shown, or no model is available.
            EngineError: the model fails.
        """
        request, engine = context.request, self.vision_engine()
        file, locale = request.file, context.locale
        assert file is not None
        if engine is None:
            raise RefusedError(NO_VISION)
        context.surface.show_position(Phrase(_PROGRESS))
        outcome = await context.checkpoint(
            "seen", lambda: self._describe(engine, file, request.user_id, find_language(locale))
        )
        if "refused" in outcome:
            raise RefusedError(Phrase.from_json(outcome["refused"]))
        return note_view(picture_text(PictureDescription(**outcome), locale)), ()

    async def _describe(self, engine: Engine, file: AttachedFile, user_id: str, language: str) -> dict[str, Any]:
        try:
            body = await self.bot.http.get_from_cdn(file.url)
            small = await read_picture(file.name, body, file.content_type, user_id=user_id)
            return asdict(await describe_picture(engine, small, language))
        except discord.HTTPException:
            return {"refused": Phrase(_GONE).to_json()}
        except (FileError, RefusedError) as error:
            return {"refused": error.phrase.to_json()}
