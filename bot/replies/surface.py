"""Where an answer appears: a deferred interaction, or a reply to a message.

Drafts are shown when calls are spare and dropped otherwise; the finished view always arrives, and showing it twice is
harmless. bot/replies/delivery.py handles refused views.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import discord

from bot.errors import Phrase
from bot.locales import localize

from .address import Address
from .channels import FINISHED, Attachments, Channel, DirectChannel, InteractionChannel, MessageChannel
from .delivery import is_temporary
from .pacer import Pacer
from .views import draft_view, note_view, position_view

log = logging.getLogger(__name__)

# An interaction's token is valid for 15 minutes; this leaves a margin.
TOKEN_SECONDS = 14.5 * 60
_MIN_RETRY_SECONDS, _MAX_RETRY_SECONDS = 1.0, 60.0


class Surface:
    """The place of one answer. A separate task shows drafts, so that reading from a model never waits for Discord."""

    def __init__(
        self,
        channel: Channel,
        pacer: Pacer,
        *,
        job_id: str = "",
        kind: str | None = None,
        locale: str = "en",
        part: int = 0,
    ) -> None:
        self._channel, self._pacer, self._job_id, self._locale = channel, pacer, job_id, locale
        self._mark = FINISHED + part
        self._show_task: asyncio.Task[None] | None = None
        self._last_shown = float("-inf")
        self._drafts_refused = False
        # Whether a queue position is shown.
        self._shows_position = False
        self.kind = kind

    @property
    def is_watching(self) -> bool:
        """Whether drafts are worth rendering."""
        return self._pacer.can_show_drafts

    async def is_done(self) -> bool:
        """Return whether an earlier process has shown a finished view here. Retries until Discord is reachable."""
        done = False

        async def look() -> None:
            nonlocal done
            done = await self._channel.is_done()

        await self._retry_until_shown(look, use_call=False)
        return done

    def begin(self) -> None:
        """Show at once that the request was seen, where Discord does not and calls are spare.

        In a burst this also starts the channel's rate limit window earlier, so that the last answers go out earlier.
        """
        if self._channel.can_begin():
            self._show_task = asyncio.create_task(self._put_draft(self._build_draft("")), name="begin")

    async def show_waiting(self, why: Phrase) -> None:
        """Show why no draft appears yet."""
        self._show_if_due(lambda: note_view(localize(why, self._locale)))

    def show_position(self, where: Phrase) -> bool:
        """Show a position in the queue, with a button that cancels the job; return whether it was shown."""
        is_shown = self._show_if_due(lambda: position_view(localize(where, self._locale), self._job_id, self._locale))
        self._shows_position |= is_shown
        return is_shown

    def clear_position(self) -> None:
        """Remove the queue position, if shown, as writing starts."""
        if self._shows_position and not self._drafts_refused:
            self._shows_position, self._last_shown = False, time.monotonic()
            self._show_task = asyncio.create_task(self._show_start(self._show_task), name="let in")

    async def _show_start(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._channel.can_show_draft():  # Otherwise the first draft replaces it.
            await self._put_draft(self._build_draft(""))

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Show the current draft, if it is due."""
        self._show_if_due(lambda: self._build_draft(render()))

    async def finish(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Show the finished view, after any pending draft. Retries until Discord is reachable.

        Raises:
            discord.HTTPException: Discord refused it permanently.
        """
        _mark_finished(view, self._mark)
        await self._retry_until_shown(lambda: self._channel.put(view, files), files)

    async def refuse(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Show the requester what went wrong, privately where possible. Retries and raises like `finish`."""
        _mark_finished(view, self._mark)
        await self._retry_until_shown(lambda: self._channel.whisper(view, files), files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Show the requester something next to the answer, privately; False where that is impossible.

        Raises:
            discord.HTTPException: Discord refused it.
        """
        return await self._channel.aside(view)

    async def withdraw(self) -> None:
        """Delete a draft or "thinking…" because the answer came elsewhere; errors are ignored."""
        if self._show_task is not None:
            await asyncio.wait([self._show_task])
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._channel.withdraw()

    async def _retry_until_shown(
        self, show: Callable[[], Awaitable[None]], files: Attachments = (), *, use_call: bool = True
    ) -> None:
        if self._show_task is not None:
            await asyncio.wait([self._show_task])
        pause = _MIN_RETRY_SECONDS
        while True:
            if use_call:
                await self._channel.turn()
            try:
                await show()
                return
            except discord.HTTPException as error:
                if not is_temporary(error.status):
                    raise
            except (aiohttp.ClientError, OSError) as error:
                log.warning("Discord cannot be reached: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _MAX_RETRY_SECONDS)
            for file in files:
                file.reset()

    def _build_draft(self, text: str) -> discord.ui.LayoutView:
        return draft_view(self.kind, text, self._locale, self._job_id)

    def _show_if_due(self, view: Callable[[], discord.ui.LayoutView]) -> bool:
        now = time.monotonic()
        if self._drafts_refused or (self._show_task is not None and not self._show_task.done()):
            return False
        if now - self._last_shown < self._pacer.draft_interval or not self._channel.can_show_draft():
            return False
        self._last_shown = now
        self._show_task = asyncio.create_task(self._put_draft(view()), name="draft")
        return True

    async def _put_draft(self, view: discord.ui.LayoutView) -> None:
        if not self._pacer.is_in_charge():
            return
        # A failed draft is no loss: the finished view follows anyway.
        with contextlib.suppress(aiohttp.ClientError, OSError):
            try:
                await self._channel.put(view, ())
            except discord.HTTPException as error:
                # Others would be refused too, and Discord blocks bots that keep trying.
                self._drafts_refused = not is_temporary(error.status)


def direct_surface(bot: discord.Client, address: Address, pacer: Pacer) -> Surface:
    """Return the direct messages of an address's user."""
    return Surface(DirectChannel(bot, address, pacer), pacer, locale=address.locale)


def note_surface(bot: discord.Client, address: Address, pacer: Pacer) -> Surface:
    """Return a note in reply to a message, next to the answer."""
    return Surface(MessageChannel(bot, address, pacer, note=True), pacer, locale=address.locale)


def _mark_finished(view: discord.ui.LayoutView, mark: int) -> None:
    """Mark a view as finished."""
    if view.children:
        view.children[0].id = mark


def surface_for(
    bot: discord.Client,
    address: Address,
    pacer: Pacer,
    *,
    kind: str | None,
    again: bool,
    job_id: str = "",
    ready: asyncio.Event | None = None,
) -> Surface:
    """Return the surface of an address. An interaction whose token has expired is answered with a message in its
    channel.

    Its drafts have a button that cancels the job `job_id`. `ready` is set once the interaction is acknowledged.
    """
    channel: Any
    if address.token and time.time() - address.created < TOKEN_SECONDS:
        channel = InteractionChannel(bot, address, ready)
    else:
        channel = MessageChannel(bot, address, pacer, again=again)
    return Surface(channel, pacer, job_id=job_id, kind=kind, locale=address.locale, part=address.part)
