"""Keeps messages up to date by editing them soon after their contents change."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Protocol

import aiohttp
import discord

from bot.errors import Phrase, QuillmateError

log = logging.getLogger(__name__)


class ShowCallback(Protocol):
    """Shows an object of a server in its current state, with a note if there is one."""

    def __call__(self, guild_id: str, object_id: str, note: Phrase | None, /) -> Awaitable[None]:
        """Show the object."""


class Refresher:
    """Calls `show` soon after objects change, at most once per object in `seconds()`; `name` is for logs."""

    def __init__(self, name: str, show: ShowCallback, seconds: Callable[[], float] = float) -> None:
        self._name, self._show, self._seconds = name, show, seconds
        self._pending: dict[tuple[str, str], Phrase | None] = {}
        self._next_at: dict[tuple[str, str], float] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def refresh_soon(self, guild_id: str, object_id: str, note: Phrase | None = None) -> None:
        """Schedule an update; changes in quick succession share one."""
        key = guild_id, object_id
        is_pending = key in self._pending
        self._pending[key] = note
        if not is_pending:
            task = asyncio.create_task(self._refresh(key), name=self._name)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def cancel(self) -> None:
        """Drop pending updates; the next change of an object shows them."""
        for task in self._tasks:
            task.cancel()

    async def _refresh(self, key: tuple[str, str]) -> None:
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                delay = self._next_at.get(key, 0.0) - time.monotonic()
                if delay > 0:
                    await asyncio.sleep(delay)
                note = self._pending.pop(key, None)  # Later changes cause another update.
                await self._show(*key, note)
                if seconds := self._seconds():
                    self._next_at[key] = time.monotonic() + seconds
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a %s could not be shown: %s", self._name, type(error).__name__)
        except Exception:  # The edge of a task: the next change tries again.
            log.exception("a %s could not be shown", self._name)
        finally:
            if key not in self._pending and not lock.locked():
                self._locks.pop(key, None)
