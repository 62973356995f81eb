"""Messages that are kept true: shown again soon after something of them has changed."""

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


class Show(Protocol):
    """Shows something of a server, by the ids of both, as it stands; with a note where there is one."""

    def __call__(self, guild_id: str, shown_id: str, note: Phrase | None, /) -> Awaitable[None]:
        """Shows it."""


class Refreshing:
    """Shows things as they stand soon after they change, each at most once in so many seconds; `name` is for logs."""

    def __init__(self, name: str, show: Show, seconds: Callable[[], float] = float) -> None:
        self._name, self._show, self._seconds = name, show, seconds
        self._waiting: dict[tuple[str, str], Phrase | None] = {}
        self._at: dict[tuple[str, str], float] = {}
        self._locks: dict[tuple[str, str], asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def soon(self, guild_id: str, shown_id: str, note: Phrase | None = None) -> None:
        """Shows something soon; of many changes at once what has come of all of them."""
        key = guild_id, shown_id
        begun = key in self._waiting
        self._waiting[key] = note
        if not begun:
            task = asyncio.create_task(self._refresh(key), name=self._name)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def end(self) -> None:
        """Lets go of what was not shown yet: it is shown at its next change."""
        for task in self._tasks:
            task.cancel()

    async def _refresh(self, key: tuple[str, str]) -> None:
        lock = self._locks.setdefault(key, asyncio.Lock())
        try:
            async with lock:
                wait = self._at.get(key, 0.0) - time.monotonic()
                if wait > 0:
                    await asyncio.sleep(wait)
                note = self._waiting.pop(key, None)  # What changes from here on is shown once more.
                await self._show(*key, note)
                if seconds := self._seconds():
                    self._at[key] = time.monotonic() + seconds
        except (QuillmateError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            log.info("a %s could not be shown: %s", self._name, type(error).__name__)
        except Exception:
            log.exception("a %s could not be shown", self._name)
        finally:
            if key not in self._waiting and not lock.locked():
                self._locks.pop(key, None)
