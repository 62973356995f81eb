"""Where an answer appears while it is made and when it is done: a deferred interaction, or a reply to a message.

A draft is shown when there is room for it and dropped otherwise; the finished view always arrives, and arriving twice is
the same as once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

import aiohttp
import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.errors import Phrase
from bot.locales import said

from .address import Address
from .pacer import Call, Pacer, Window
from .traffic import paced
from .views import draft_view, note_view

log = logging.getLogger(__name__)

# An interaction's token lives for 15 minutes; a little earlier we no longer count on it.
TOKEN_SECONDS = 14.5 * 60
_SILENT = discord.AllowedMentions.none()
# Statuses from here on are Discord's own trouble; what it refuses for good is below.
_SERVER_FAULTS = 500
_FIRST_PAUSE, _LONGEST_PAUSE = 1.0, 60.0

Attachments = Sequence[discord.File]


class Channel(Protocol):
    """How a view gets to its place."""

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Shows the view in place of what was shown there before."""

    def may_show_draft(self) -> bool:
        """Takes a call for a draft if one is spare."""

    def may_begin(self) -> bool:
        """Takes a call for a sign that the request was seen, where nothing else gives one and the place is quiet."""

    async def turn(self) -> None:
        """Waits for a call for a finished view."""

    async def whisper(self, view: discord.ui.LayoutView) -> None:
        """Shows a view to the person who asked alone, where the place has a way to, in place of what was shown before."""


class Surface:
    """One answer's place. Drafts are shown by a task of their own, so that reading a model never waits for Discord."""

    def __init__(self, channel: Channel, pacer: Pacer, *, kind: str | None = None, locale: str = "en") -> None:
        self._channel, self._pacer, self._locale = channel, pacer, locale
        self._showing: asyncio.Task[None] | None = None
        self._last = float("-inf")
        self.kind = kind

    @property
    def watching(self) -> bool:
        """Whether drafts are worth making."""
        return self._pacer.watchable

    def begin(self) -> None:
        """Shows at once that the request was seen, where Discord does not show it already and calls are spare.

        In a burst it does more: a channel's budget begins anew some seconds after its first message, so that the earlier
        that comes, the earlier the last answers go out.
        """
        if self._channel.may_begin():
            self._showing = asyncio.create_task(self._put_draft(draft_view(self.kind, "", self._locale)), name="begin")

    async def waiting(self, why: Phrase) -> None:
        """Shows why nothing grows yet."""
        self._show(lambda: note_view(said(why, self._locale)))

    async def draft(self, render: Callable[[], str]) -> None:
        """Shows the draft as it is now, if its turn has come."""
        self._show(lambda: draft_view(self.kind, render(), self._locale))

    async def finish(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Shows the finished view, after a draft that is still on its way. Tries until Discord can be reached again.

        Raises:
            discord.HTTPException: Discord refused it, which trying again would not change.
        """
        await self._until_shown(lambda: self._channel.put(view, files), files)

    async def refuse(self, view: discord.ui.LayoutView) -> None:
        """Tells the person who asked what went wrong, alone where the place has a way to. Tries and raises as `finish`."""
        await self._until_shown(lambda: self._channel.whisper(view))

    async def _until_shown(self, show: Callable[[], Awaitable[None]], files: Attachments = ()) -> None:
        if self._showing is not None:
            await asyncio.wait([self._showing])
        pause = _FIRST_PAUSE
        while True:
            await self._channel.turn()
            try:
                await show()
                return
            except discord.HTTPException as error:
                if error.status < _SERVER_FAULTS:
                    raise
            except (aiohttp.ClientError, OSError) as error:
                log.warning("Discord cannot be reached: %s", type(error).__name__)
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)
            for file in files:
                file.reset()

    def _show(self, view: Callable[[], discord.ui.LayoutView]) -> None:
        now = time.monotonic()
        if self._showing is not None and not self._showing.done():
            return
        if now - self._last < self._pacer.draft_interval or not self._channel.may_show_draft():
            return
        self._last = now
        self._showing = asyncio.create_task(self._put_draft(view()), name="draft")

    async def _put_draft(self, view: discord.ui.LayoutView) -> None:
        # A draft that fails is no loss: the finished view comes by itself.
        with contextlib.suppress(discord.HTTPException, OSError):
            await self._channel.put(view, ())


class InteractionChannel:
    """The answer to a deferred interaction: its original response is edited. Exempt from the global limit."""

    def __init__(self, bot: discord.Client, address: Address, ready: asyncio.Event | None) -> None:
        self._ready = ready
        self._bot, self._address = bot, address
        # Discord allows 5 calls in 2 s a token; drafts keep two of them free for the finished view.
        self._window = Window(5, 2.1)

    def may_show_draft(self) -> bool:
        """Whether a call is spare."""
        if self._window.left(time.monotonic()) <= 2:
            return False
        self._window.take(time.monotonic())
        return True

    def may_begin(self) -> bool:
        """Discord shows "thinking…" already."""
        return False

    async def turn(self) -> None:
        """Never waits: drafts have left room."""

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Edits the original response, once there is one."""
        if self._ready is not None:
            await self._ready.wait()
        with handle_message_parameters(
            content=None, view=view, attachments=list(files), allowed_mentions=_SILENT
        ) as parameters:
            await async_context.get().edit_original_interaction_response(
                **self._original(),
                payload=parameters.payload,
                multipart=parameters.multipart,
                files=parameters.files,
            )

    async def whisper(self, view: discord.ui.LayoutView) -> None:
        """Follows up privately and takes the public "thinking…" back.

        A first follow-up would take its place, as public as it was, so it is edited before.
        """
        with contextlib.suppress(discord.NotFound):  # A forerunner of this process has taken it back.
            await self.put(note_view("…"), ())
        hook = discord.Webhook.from_state(
            {"id": self._address.application_id, "type": 3, "token": self._address.token}, state=self._bot._connection
        )
        await hook.send(view=view, ephemeral=True, allowed_mentions=_SILENT)
        with contextlib.suppress(discord.NotFound):
            await async_context.get().delete_original_interaction_response(**self._original())

    def _original(self) -> dict[str, Any]:
        """Names the original response; discord.py has its calls only on an Interaction, which is gone after a restart."""
        http = self._bot.http
        return {
            "application_id": self._address.application_id,
            "token": self._address.token,
            "session": http._HTTPClient__session,  # type: ignore[attr-defined]  # private by its name
            "proxy": http.proxy,
            "proxy_auth": http.proxy_auth,
        }


class MessageChannel:
    """A reply to a message: posted once, by the first thing that is shown, and edited from then on."""

    def __init__(self, bot: discord.Client, address: Address, pacer: Pacer, *, again: bool) -> None:
        self._bot, self._address, self._pacer = bot, address, pacer
        self._place = bot.get_partial_messageable(address.channel_id)
        self._reply: discord.PartialMessage | discord.Message | None = None
        # A forerunner of this process may have posted the reply already.
        self._look_first = again
        self._call: Call | None = None

    def may_show_draft(self) -> bool:
        """Whether a call is spare. Posting early costs an edit later, so it happens only when edits are spare as well."""
        if not self._address.message_id:
            return False
        if self._reply is None:
            edits = self._pacer.edit_window(self._address.channel_id)
            roomy = edits.left(time.monotonic()) > 2
            return roomy and self._spare(self._pacer.post_window(self._address.channel_id))
        return self._spare(self._pacer.edit_window(self._address.channel_id))

    def may_begin(self) -> bool:
        """Whether the bot has posted nothing there lately, and a forerunner of this process has not begun."""
        if self._look_first or not self._address.message_id:
            return False
        window = self._pacer.post_window(self._address.channel_id)
        return window.left(time.monotonic()) == window.calls and self._spare(window)

    def _spare(self, window: Window) -> bool:
        self._call = self._pacer.spare(window)
        return self._call is not None

    async def turn(self) -> None:
        """Waits for the channel's and the bot's budget."""
        channel_id = self._address.channel_id
        window = self._pacer.edit_window if self._reply else self._pacer.post_window
        self._call = await self._pacer.turn(window(channel_id))

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Posts the reply, or edits the one that is there, with the call that was taken for it."""
        call, self._call = self._call, None
        try:
            with paced(call):
                await self._put(view, files)
        finally:
            if call is not None:
                self._pacer.answered(call)

    async def _put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        if self._look_first:
            self._look_first = False
            self._reply = await self._earlier_reply()
        if self._reply is not None:
            await self._reply.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
            return
        message_id = self._address.message_id
        options: dict[str, Any] = {}
        if message_id:  # Else it stands for an interaction whose token has died, and there is nothing to reply to.
            options["reference"] = discord.MessageReference(
                message_id=message_id, channel_id=self._address.channel_id, fail_if_not_exists=False
            )
            options["mention_author"] = False
        # Discord keeps one message a nonce for some minutes, so a post whose answer was lost is not made twice.
        nonce = str(message_id) if message_id else self._address.token[-25:]
        posted = await self._place.send(view=view, files=list(files), nonce=nonce, allowed_mentions=_SILENT, **options)
        self._reply = posted

    async def whisper(self, view: discord.ui.LayoutView) -> None:
        """Replies: Discord has no private answer to a message, and what the bot says repeats nothing of it."""
        await self.put(view, ())

    async def _earlier_reply(self) -> discord.Message | None:
        me = self._bot.user.id if self._bot.user else 0
        after = discord.Object(self._address.message_id)
        with contextlib.suppress(discord.HTTPException):
            async for message in self._place.history(after=after, limit=100):
                reference = message.reference
                if message.author.id == me and reference and reference.message_id == self._address.message_id:
                    return message
        return None


def surface_for(
    bot: discord.Client,
    address: Address,
    pacer: Pacer,
    *,
    kind: str | None,
    again: bool,
    ready: asyncio.Event | None = None,
) -> Surface:
    """The surface of an address. An interaction whose token has died is answered with a message in its channel.

    `ready` is set once an interaction has been acknowledged.
    """
    channel: Any
    if address.token and time.time() - address.created < TOKEN_SECONDS:
        channel = InteractionChannel(bot, address, ready)
    else:
        channel = MessageChannel(bot, address, pacer, again=again)
    return Surface(channel, pacer, kind=kind, locale=address.locale)
