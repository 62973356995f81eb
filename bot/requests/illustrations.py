"""Pictures of a result: rendered from its parts or drawn by an engine. Part of a durable job."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

import discord

from bot.checks.language import identify_language
from bot.content import Assignment, Checkpoint, Result
from bot.errors import FileError
from bot.exports import export_content, load_formats
from bot.exports.contact import render_pages
from bot.images.studio import Studio, add_frames, describe_picture, needs_drawing
from bot.locales import localize, translate, translate_error
from bot.replies.files import attachment
from bot.replies.surface import Surface

# Discord's limit for a picture's description, in characters.
MAX_ALT = 1_000
# Discord's limit for the files of a message.
_MAX_FILES = 10


def _strip_markup(text: str) -> str:
    """Return a text without Markdown marks, which a screen reader would read aloud."""
    return "\n".join(line.removeprefix("## ").replace("**", "") for line in text.splitlines() if line != "```")


@dataclass(frozen=True, slots=True)
class Illustrations:
    """The pictures shown with results."""

    studio: Studio

    async def draw(
        self, result: Result, assignment: Assignment, surface: Surface, checkpoint: Checkpoint, locale: str
    ) -> tuple[list[discord.File], str]:
        """Return the pictures of a result, and a note about what could not be drawn."""
        content, name = result.content, assignment.kind.name
        if "svg" in content.parts:
            try:
                body = await asyncio.to_thread(export_content, "png", assignment.kind.title, content)
            except FileError as error:
                return [], translate_error(error, locale)
            return [attachment(f"{name}.png", body, str(content.parts.get("alt_text") or assignment.kind.title))], ""
        if "staves" in assignment.kind.likely_exports and load_formats()["staves"].fits(content):
            with contextlib.suppress(FileError):  # The song is there, and other files of it are offered.
                body = await asyncio.to_thread(export_content, "staves", assignment.kind.title, content)
                return [attachment(f"{name}.png", body, _strip_markup(content.text)[:MAX_ALT])], ""
            return [], ""
        if not needs_drawing(content):
            return [], ""
        is_board = bool(content.parts.get("shots"))
        if self.studio.engine is None:
            # A brief that names a model has a place for its prompt.
            return [], "" if assignment.reading.model else self.studio.describe_connection(locale)
        await surface.show_draft(lambda: f"{content.text}\n-# {translate('Drawing…', locale)}")
        drawn, failed = await self.studio.draw(content, assignment, checkpoint)
        note = localize(failed, locale) if failed else ""
        files = []
        for number, body in enumerate(drawn, 1):
            alt = content.parts["shots"][number - 1]["seen"] if is_board else describe_picture(content.parts, number)
            files.append(attachment(f"{name}-{number}.png", body, alt))
        if is_board and drawn:
            sheet, failure = await self._render_board(result, assignment, locale, drawn)
            files, note = [*sheet, *files][:_MAX_FILES], note or failure
        return files, note

    async def _render_board(
        self, result: Result, assignment: Assignment, locale: str, drawn: Sequence[bytes]
    ) -> tuple[list[discord.File], str]:
        """Return the contact sheet of a storyboard, or the reason there is none."""
        title, alt = translate(assignment.kind.title, locale), str(result.content.parts["alt_text"])
        spoken = identify_language(result.content.text) or assignment.language
        try:
            content = replace(add_frames(result.content, drawn), language=spoken)
            bodies = await asyncio.to_thread(render_pages, title, content)
        except FileError as error:
            return [], translate_error(error, locale)
        files = [attachment(f"{assignment.kind.name}-sheet-{at}.png", body, alt) for at, body in enumerate(bodies, 1)]
        return files, ""
