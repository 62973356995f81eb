"""Reads the file attached to a request, as a checkpoint of its durable job."""

from __future__ import annotations

from typing import Any

import discord

from bot.content import AttachedFile, Checkpoint, Request
from bot.documents.materials import read_material
from bot.errors import FileError, Phrase, RefusedError
from bot.moderation import DespairError, HarmError, build_error, refuse
from bot.replies.surface import Surface


async def read_attachment(
    bot: discord.Client, request: Request, file: AttachedFile, surface: Surface, checkpoint: Checkpoint
) -> tuple[str, list[Phrase]]:
    """Return the text of an attached file and notes for its owner about how it was read.

    Raises:
        FileError: it cannot be read.
        RefusedError: it holds a key or asks for harm.
    """
    name = discord.utils.escape_markdown(file.name)[:100]
    await surface.show_waiting(Phrase("Reading {name}…", name=name))

    async def read() -> dict[str, Any]:
        try:
            body = await bot.http.get_from_cdn(file.url)
        except discord.HTTPException:
            return {"refused": Phrase("Discord no longer has that file. Attach it again.").to_json()}
        try:
            material = await read_material(file.name, body, file.content_type, user_id=request.user_id)
            # Inside the checkpoint, so that nothing of a refused file is stored.
            refuse(f"{file.name}\n{material.text}", source="file")
            return {"text": material.text, "notes": [note.to_json() for note in material.notes]}
        except HarmError as error:
            return {"harm": error.category, "language": ""}
        except DespairError as error:
            return {"harm": error.category, "language": error.language}
        except RefusedError as error:
            return {"refused": error.phrase.to_json()}

    outcome = await checkpoint("material", read)
    if "refused" in outcome:
        raise FileError(Phrase.from_json(outcome["refused"]))
    if "harm" in outcome:
        raise build_error(outcome["harm"], outcome["language"])
    return str(outcome["text"]), [Phrase.from_json(note) for note in outcome.get("notes", ())]
