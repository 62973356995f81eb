"""Where an answer appears while it is made and when it is done: a deferred interaction, or a reply to a message.

A draft is shown when there is room for it and dropped otherwise; the finished view always arrives, and arriving twice is
the same as once. What is refused is put another way by bot/replies/delivery.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, Protocol

import aiohttp
import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from bot.errors import Phrase
from bot.locales import localize

from .address import Address
from .delivery import is_temporary, told_elsewhere
from .pacer import Call, Pacer, Window
from .traffic import paced
from .views import draft_view, line_view, note_view

log = logging.getLogger(__name__)

# An interaction's token lives for 15 minutes; a little earlier we no longer count on it.
TOKEN_SECONDS = 14.5 * 60
_SILENT = discord.AllowedMentions.none()
# Codes of a reply that cannot be edited any more: deleted, another's, or too old to be edited so often.
_UNEDITABLE = (10008, 50005, 30046)
# A reply needs the right to read what was said before; a message without a reference does not.
_NO_HISTORY = 160002
# Of a message that was deleted: an answer that was withdrawn, as another one came elsewhere, or that nobody wants to see.
_DELETED = 10008
# What it says of an interaction that was not acknowledged yet, or whose token has died.
_UNKNOWN_WEBHOOK = 10015
_ACKNOWLEDGED_SECONDS, _LOOK_AGAIN_SECONDS = 3.0, 0.2
_FIRST_PAUSE, _MAX_PAUSE = 1.0, 60.0
# The id of the first component of whatever is shown for good, which Discord gives back: a process that takes a request up
# again knows by it that its forerunner had come to the end.
FINISHED = 17_171_717

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

    async def is_done(self) -> bool:
        """Whether a finished view stands there, or was taken away again."""

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Shows a view to the person who asked alone, where the place has a way to, in place of what was shown before."""

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Shows a view to the person who asked alone, beside what stands there; False where the place has no way to."""

    async def withdraw(self) -> None:
        """Takes back what stands there, as the answer came elsewhere."""


class Surface:
    """One answer's place. Drafts are shown by a task of their own, so that reading a model never waits for Discord."""

    def __init__(self, channel: Channel, pacer: Pacer, *, kind: str | None = None, locale: str = "en") -> None:
        self._channel, self._pacer, self._locale = channel, pacer, locale
        self._showing: asyncio.Task[None] | None = None
        self._last = float("-inf")
        self._hushed = False
        # Whether a place in line stands there.
        self._in_line = False
        self.kind = kind

    @property
    def is_watching(self) -> bool:
        """Whether drafts are worth making."""
        return self._pacer.watchable

    async def is_done(self) -> bool:
        """Whether an earlier process has shown a finished view here. Tries until Discord can be reached again."""
        done = False

        async def look() -> None:
            nonlocal done
            done = await self._channel.is_done()

        await self._until_shown(look, paced=False)
        return done

    def begin(self) -> None:
        """Shows at once that the request was seen, where Discord does not show it already and calls are spare.

        In a burst it does more: a channel's budget begins anew some seconds after its first message, so that the earlier
        that comes, the earlier the last answers go out.
        """
        if self._channel.may_begin():
            self._showing = asyncio.create_task(self._put_draft(draft_view(self.kind, "", self._locale)), name="begin")

    async def show_waiting(self, why: Phrase) -> None:
        """Shows why nothing grows yet."""
        self._show(lambda: note_view(localize(why, self._locale)))

    def in_line(self, where: Phrase, job_id: str) -> bool:
        """Shows which place in line a request has, with a button that takes it back; tells whether its turn to be shown had come."""
        shown = self._show(lambda: line_view(localize(where, self._locale), job_id, self._locale))
        self._in_line |= shown
        return shown

    def let_in(self) -> None:
        """Takes away the place in line, if one is shown: the text begins."""
        if self._in_line and not self._hushed:
            self._in_line, self._last = False, time.monotonic()
            self._showing = asyncio.create_task(self._begun(self._showing), name="let in")

    async def _begun(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._channel.may_show_draft():  # Else the first words take its place.
            await self._put_draft(draft_view(self.kind, "", self._locale))

    async def show_draft(self, render: Callable[[], str]) -> None:
        """Shows the draft as it is now, if its turn has come."""
        self._show(lambda: draft_view(self.kind, render(), self._locale))

    async def finish(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Shows the finished view, after a draft that is still on its way. Tries until Discord can be reached again.

        Raises:
            discord.HTTPException: Discord refused it, which trying again would not change.
        """
        _mark(view)
        await self._until_shown(lambda: self._channel.put(view, files), files)

    async def refuse(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Tells the person who asked what went wrong, alone where the place has a way to. Tries and raises as `finish`."""
        _mark(view)
        await self._until_shown(lambda: self._channel.whisper(view, files), files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Tells the person who asked something beside the answer, alone; False where the place has no way to.

        Raises:
            discord.HTTPException: Discord refused it.
        """
        return await self._channel.aside(view)

    async def withdraw(self) -> None:
        """Takes back a draft or "thinking…" that nothing will follow here, as the answer came elsewhere; fails in silence."""
        if self._showing is not None:
            await asyncio.wait([self._showing])
        with contextlib.suppress(discord.HTTPException, aiohttp.ClientError, OSError):
            await self._channel.withdraw()

    async def _until_shown(
        self, show: Callable[[], Awaitable[None]], files: Attachments = (), *, paced: bool = True
    ) -> None:
        if self._showing is not None:
            await asyncio.wait([self._showing])
        pause = _FIRST_PAUSE
        while True:
            if paced:
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
            pause = min(2 * pause, _MAX_PAUSE)
            for file in files:
                file.reset()

    def _show(self, view: Callable[[], discord.ui.LayoutView]) -> bool:
        now = time.monotonic()
        if self._hushed or (self._showing is not None and not self._showing.done()):
            return False
        if now - self._last < self._pacer.draft_interval or not self._channel.may_show_draft():
            return False
        self._last = now
        self._showing = asyncio.create_task(self._put_draft(view()), name="draft")
        return True

    async def _put_draft(self, view: discord.ui.LayoutView) -> None:
        # A draft that fails is no loss: the finished view comes by itself.
        with contextlib.suppress(aiohttp.ClientError, OSError):
            try:
                await self._channel.put(view, ())
            except discord.HTTPException as error:
                # Where one is refused others would be, and Discord shuts out bots that go on asking.
                self._hushed = not is_temporary(error.status)


class InteractionChannel:
    """The answer to a deferred interaction: its original response is edited. Exempt from the global limit."""

    def __init__(self, bot: discord.Client, address: Address, ready: asyncio.Event | None) -> None:
        self._ready = ready
        self._bot, self._address = bot, address
        self._begun = time.monotonic()
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

    async def is_done(self) -> bool:
        """Whether the original response shows a finished view, or was deleted. One that was never acknowledged is not done."""
        try:
            shown = await async_context.get().get_original_interaction_response(**self._original())
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            return error.code == _DELETED
        return _is_finished(shown.get("components", ()))

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Edits the original response, once there is one."""
        if self._ready is not None:
            await self._ready.wait()
        while True:
            with handle_message_parameters(
                content=None, view=view, attachments=list(files), allowed_mentions=_SILENT
            ) as parameters:
                try:
                    await async_context.get().edit_original_interaction_response(
                        **self._original(),
                        payload=parameters.payload,
                        multipart=parameters.multipart,
                        files=parameters.files,
                    )
                    return
                except discord.NotFound as error:
                    # Another process is acknowledging it; Discord takes that for so long.
                    if error.code != _UNKNOWN_WEBHOOK or time.monotonic() > self._begun + _ACKNOWLEDGED_SECONDS:
                        raise
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
            for file in files:
                file.reset()

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Follows up privately and takes the public "thinking…" back.

        A first follow-up would take its place, as public as it was, so it is edited before.
        """
        with contextlib.suppress(discord.NotFound):  # A forerunner of this process has taken it back.
            await self.put(note_view("…"), ())
        await self._follow_up(view, files)
        with contextlib.suppress(discord.HTTPException):
            await self.withdraw()

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Follows up privately: the answer stands, so that it takes no other's place."""
        await self._follow_up(view, ())
        return True

    async def _follow_up(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        hook = discord.Webhook.from_state(
            {"id": self._address.application_id, "type": 3, "token": self._address.token}, state=self._bot._connection
        )
        await hook.send(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)

    async def withdraw(self) -> None:
        """Deletes the original response."""
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
    """A reply to a message: posted once, by the first thing that is shown, and edited from then on.

    A `note` is a message of its own beside the answer.
    """

    def __init__(
        self, bot: discord.Client, address: Address, pacer: Pacer, *, again: bool = False, note: bool = False
    ) -> None:
        self._bot, self._address, self._pacer = bot, address, pacer
        self._place = bot.get_partial_messageable(address.channel_id)
        self._reply: discord.PartialMessage | discord.Message | None = None
        # A forerunner of this process may have posted the reply already.
        self._look_first = again
        self._call: Call | None = None
        self._refers = bool(address.message_id)
        # Discord keeps one message a nonce for some minutes, so a post whose answer was lost is not made twice.
        self._nonce = str(address.message_id) if address.message_id else address.token[-25:]
        if note:
            self._nonce = f"n{self._nonce}"[:25]

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
        self._call = await self._pacer.turn(window(channel_id), self._address.user_id)

    async def is_done(self) -> bool:
        """Whether a reply with a finished view stands there."""
        if self._look_first:
            self._reply = await self._earlier_reply()
            self._look_first = False
        if not isinstance(self._reply, discord.Message):
            return False
        return _is_finished([one.to_dict() for one in self._reply.components])

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Posts the reply, or edits the one that is there, with the call that was taken for it."""
        call, self._call = self._call, None
        with _open(self._pacer, call):
            await self._put(view, files)

    async def _put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        channel_id = self._address.channel_id
        if self._look_first:
            self._reply = await self._earlier_reply()
            self._look_first = False
        if self._reply is not None:
            try:
                await self._reply.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
                return
            except discord.HTTPException as error:
                if error.code not in _UNEDITABLE:
                    raise
            self._reply, self._nonce = None, f"{self._nonce[:24]}+"  # Else Discord gives the same one back.
            for file in files:
                file.reset()
            with _open(self._pacer, await self._pacer.turn(self._pacer.post_window(channel_id), self._address.user_id)):
                posted = await self._post(view, files)
        else:
            posted = await self._post(view, files)
        self._reply = posted
        if _is_shown(posted, view, files):
            return
        # An earlier post of the same nonce, whose answer was lost, was given back in place of this one.
        for file in files:
            file.reset()
        with _open(self._pacer, await self._pacer.turn(self._pacer.edit_window(channel_id), self._address.user_id)):
            await posted.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)

    async def _post(self, view: discord.ui.LayoutView, files: Attachments) -> discord.Message:
        options: dict[str, Any] = {}
        if self._refers:  # Else it stands for an interaction whose token has died, and there is nothing to reply to.
            options["reference"] = discord.MessageReference(
                message_id=self._address.message_id, channel_id=self._address.channel_id, fail_if_not_exists=False
            )
            options["mention_author"] = False
        try:
            return await self._place.send(
                view=view, files=list(files), nonce=self._nonce, allowed_mentions=_SILENT, **options
            )
        except discord.HTTPException as error:
            if error.code != _NO_HISTORY or not self._refers:
                raise
        self._refers = False
        for file in files:
            file.reset()
        return await self._post(view, files)

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Replies: Discord has no private answer to a message, and what the bot says repeats nothing of it."""
        await self.put(view, files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """No way to: whoever asked is written to."""
        return False

    async def withdraw(self) -> None:
        """Deletes the reply, if one was posted."""
        if self._reply is not None:
            await self._reply.delete()

    async def _earlier_reply(self) -> discord.Message | None:
        if not self._address.message_id:
            return None
        me = self._bot.user.id if self._bot.user else 0
        after = discord.Object(self._address.message_id)
        try:
            async for message in self._place.history(after=after, limit=100):
                reference = message.reference
                if message.author.id == me and reference and reference.message_id == self._address.message_id:
                    return message
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
        return None


class DirectChannel:
    """A private message to the person who asked, where the place that they asked in takes no answer."""

    def __init__(self, bot: discord.Client, address: Address, pacer: Pacer) -> None:
        self._bot, self._address, self._pacer = bot, address, pacer
        self._call: Call | None = None

    def may_show_draft(self) -> bool:
        """No drafts."""
        return False

    def may_begin(self) -> bool:
        """No drafts."""
        return False

    async def turn(self) -> None:
        """Waits for the bot's budget."""
        self._call = await self._pacer.turn(self._pacer.post_window(self._address.user_id))

    async def is_done(self) -> bool:
        """Nobody looks here."""
        return False

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Sends it, with a line that tells why it is here."""
        call, self._call = self._call, None
        view = told_elsewhere(view, self._address.locale)
        with _open(self._pacer, call):
            channel = await self._bot.create_dm(discord.Object(self._address.user_id))
            await channel.send(view=view, files=list(files), nonce=self._nonce, allowed_mentions=_SILENT)

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Sends it."""
        await self.put(view, files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """It is private already."""
        await self.put(view, ())
        return True

    async def withdraw(self) -> None:
        """Nothing else stands there."""

    @property
    def _nonce(self) -> str:
        return f"d{self._address.message_id or self._address.token[-24:]}"[:25]


@contextlib.contextmanager
def _open(pacer: Pacer, call: Call | None) -> Iterator[None]:
    """What is sent inside is a call that the pacer has given; afterwards it was answered."""
    try:
        with paced(call):
            yield
    finally:
        if call is not None:
            pacer.answered(call)


def direct_surface(bot: discord.Client, address: Address, pacer: Pacer) -> Surface:
    """The private messages of whoever an address belongs to."""
    return Surface(DirectChannel(bot, address, pacer), pacer, locale=address.locale)


def note_surface(bot: discord.Client, address: Address, pacer: Pacer) -> Surface:
    """A note in reply to a message, beside the answer."""
    return Surface(MessageChannel(bot, address, pacer, note=True), pacer, locale=address.locale)


def _mark(view: discord.ui.LayoutView) -> None:
    """Marks a view as one that is shown for good."""
    if view.children:
        view.children[0].id = FINISHED


def _is_finished(components: Sequence[Any]) -> bool:
    return bool(components) and components[0].get("id") == FINISHED


def _is_shown(posted: discord.Message, view: discord.ui.LayoutView, files: Attachments) -> bool:
    """Whether a message shows a view and its files: the same texts, components and names of files."""
    if sorted(file.filename for file in posted.attachments) != sorted(file.filename for file in files):
        return False
    return _outline([one.to_dict() for one in posted.components]) == _outline(view.to_components())  # type: ignore[no-untyped-call]


def _outline(components: Any) -> list[tuple[Any, ...]]:
    """What is the same of components that were sent and of those that Discord gives back: it adds ids, links and defaults."""
    found = list[tuple[Any, ...]]()
    for one in components:
        texts = (" ".join(str(one.get(name) or "").split()) for name in ("content", "custom_id", "label"))
        found.append((int(one["type"]), *texts))
        inner = [*one.get("components", ()), *filter(None, [one.get("accessory"), one.get("component")])]
        found += _outline(inner)
    return found


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
