"""What jobs do with pictures that people send: a model that sees says what one shows, once, also over restarts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import discord

from bot.content import AttachedFile, Checkpoint, Request
from bot.documents.materials import read_picture
from bot.engines import Engine
from bot.errors import FileError, Phrase, RefusedError
from bot.images.description import NO_VISION, PictureDescription, describe_picture
from bot.replies.address import Address
from bot.replies.seen import language_of, seen_text
from bot.replies.surface import Surface
from bot.replies.views import Layout, note_view

# Whose figures it counts among.
KIND = "image_prompt"
_LOOKING = "Looking at the picture…"
_GONE = "Discord no longer has that file. Attach it again."


@dataclass(frozen=True, slots=True)
class Seeing:
    """Pictures in the jobs of a client. `sight` gives the model that sees, None where there is none."""

    bot: discord.Client
    sight: Callable[[], Engine | None]

    @property
    def engine(self) -> str:
        """The name of the model that sees."""
        engine = self.sight()
        return engine.name if engine is not None else ""

    async def made(self, request: Request, address: Address, surface: Surface, checkpoint: Checkpoint) -> Layout:
        """What the picture of a request shows; meanwhile whoever asks can cancel. The picture is not kept.

        Raises:
            FileError: it cannot be read.
            RefusedError: what the model says may not be shown, or there is none any more.
            EngineError: the model fails.
        """
        file, engine = request.file, self.sight()
        assert file is not None
        if engine is None:
            raise RefusedError(NO_VISION)
        surface.in_line(Phrase(_LOOKING), request.id)
        found = await checkpoint("seen", lambda: self._look(engine, file, request.user_id, language_of(address.locale)))
        if "refused" in found:
            raise RefusedError(Phrase.from_json(found["refused"]))
        return note_view(seen_text(PictureDescription(**found), address.locale))

    async def _look(self, engine: Engine, file: AttachedFile, user_id: str, language: str) -> dict[str, Any]:
        try:
            body = await self.bot.http.get_from_cdn(file.url)
            small = await read_picture(file.name, body, file.content_type, user_id=user_id)
            return asdict(await describe_picture(engine, small, language))
        except discord.HTTPException:
            return {"refused": Phrase(_GONE).to_json()}
        except (FileError, RefusedError) as error:
            return {"refused": error.phrase.to_json()}
