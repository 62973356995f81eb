"""Requests that are saved without a result, so that the buttons below their answers work after a restart."""

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
class OpenRequests:
    """Requests with an open question, with findings, or to be retried."""

    generations: Generations

    async def save(self, request: Request, why: Mapping[str, Any] | None = None) -> None:
        """Save a request; `why` is the data that its buttons need.

        Raises:
            PausedError: its user has paused the bot.
            StorageError: it could not be saved.
        """
        blank = Generation(
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
            why=dict(why or {}),
        )
        await self.generations.add(blank)

    async def build_failure_note(self, request: Request, error: Exception, locale: str) -> Layout:
        """Build the note about a failed request, with a button that retries it where its model failed."""
        view = note_view(translate_error(error, locale), wrong=True)
        if isinstance(error, EngineError) and await self._save_for_retry(request):
            view.add_item(retry_row(request.id, locale))
        return view

    async def _save_for_retry(self, request: Request) -> bool:
        """Save a failed request that writes a text; return whether it could be saved."""
        if request.sound or request.readers or request.sees or request.checks or request.alters:
            return False
        try:
            await self.save(request)
        except (PausedError, StorageError):
            return False
        return True
