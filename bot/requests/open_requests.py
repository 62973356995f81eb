"""Saves requests that have no result yet, so that the buttons of the bot's reply to them work after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.content import Request
from bot.errors import EngineError
from bot.locales import translate_error
from bot.replies.views import Layout, note_view, retry_row
from storage.errors import PausedError, StorageError
from storage.generations import Generation, Generations


@dataclass(frozen=True, slots=True)
class OpenRequestStore:
    """Saves requests that wait for their user: to answer a question, choose among findings, or try again."""

    generations: Generations

    async def save(self, request: Request, button_data: Mapping[str, Any] | None = None) -> None:
        """Save a request, with the data that its buttons need.

        Raises:
            PausedError: its user has paused the bot.
            StorageError: it could not be saved.
        """
        placeholder = Generation(
            id=request.id,
            user_id=request.user_id,
            kind="",
            request=request.to_json(),
            text="",
            parts={},
            checks=[],
            persona="",
            engine="",
            seed=request.seed,
            seconds=0.0,
            guild_id=request.guild_id or None,
            channel_id=request.channel_id or None,
            why=dict(button_data or {}),
        )
        await self.generations.add(placeholder)

    async def build_failure_note(self, request: Request, error: Exception, locale: str) -> Layout:
        """Build the note about a failed request; if a model failed, save the request and add a button that retries it."""
        view = note_view(translate_error(error, locale), wrong=True)
        can_retry = isinstance(error, EngineError) and await self._save_for_retry(request)
        if can_retry:
            view.add_item(retry_row(request.id, locale))
        return view

    async def _save_for_retry(self, request: Request) -> bool:
        """Save a failed request if it is for a text; return whether it was saved."""
        is_for_text = not (request.sound or request.readers or request.sees or request.checks or request.alters)
        if not is_for_text:
            return False
        try:
            await self.save(request)
        except (PausedError, StorageError):
            return False
        return True
