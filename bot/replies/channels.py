"""How a view gets to its place: into a deferred interaction, a reply to a message, or a direct message."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import discord
from discord.http import handle_message_parameters
from discord.webhook.async_ import async_context

from .address import Address
from .delivery import add_elsewhere_note, is_temporary
from .pacer import DiscordCall, Pacer, Window
from .traffic import use_call
from .views import note_view

_SILENT = discord.AllowedMentions.none()
# Error codes of a reply that can no longer be edited: deleted, another's, or edited too often for its age.
_UNEDITABLE = (10008, 50005, 30046)
# Replying requires the permission to read the history; sending without a reference does not.
_NO_HISTORY = 160002
# The error code of a deleted message: an answer that was withdrawn, or deleted by a user.
_DELETED = 10008
# The error code of an interaction that is not acknowledged yet, or whose token has expired.
_UNKNOWN_WEBHOOK = 10015
_ACKNOWLEDGED_SECONDS, _RETRY_SECONDS = 3.0, 0.2
# The id of the first component of every finished view, which Discord returns: a process that resumes a request
# recognises by it that its predecessor had finished.
FINISHED = 17_171_717

Attachments = Sequence[discord.File]


class Channel(Protocol):
    """How a view gets to its place."""

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Show the view in place of what was shown before."""

    def can_show_draft(self) -> bool:
        """Take a call for a draft if one is spare."""

    def can_begin(self) -> bool:
        """Take a call to show that the request was seen, where nothing else does and the channel is quiet."""

    async def turn(self) -> None:
        """Wait for a call for a finished view."""

    async def is_done(self) -> bool:
        """Return whether a finished view is shown, or was deleted."""

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Show a view privately to the requester where possible, in place of what was shown before."""

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Show a view privately to the requester, next to the answer; False where that is impossible."""

    async def withdraw(self) -> None:
        """Delete what is shown, because the answer came elsewhere."""


class InteractionChannel:
    """The answer to a deferred interaction: its original response is edited. Exempt from the global limit."""

    def __init__(self, bot: discord.Client, address: Address, ready: asyncio.Event | None) -> None:
        self._ready = ready
        self._bot, self._address = bot, address
        self._show_start = time.monotonic()
        # Discord allows 5 calls in 2 s for each token; drafts leave two of them for the finished view.
        self._window = Window(5, 2.1)

    def can_show_draft(self) -> bool:
        """Return whether a call is spare."""
        if self._window.calls_left(time.monotonic()) <= 2:
            return False
        self._window.take(time.monotonic())
        return True

    def can_begin(self) -> bool:
        """Return False: Discord already shows "thinking…"."""
        return False

    async def turn(self) -> None:
        """Return at once: drafts have left calls free."""

    async def is_done(self) -> bool:
        """Return whether the original response is a finished view, or was deleted. An unacknowledged one is not done."""
        try:
            response = await async_context.get().get_original_interaction_response(**self._build_original_params())
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
            return error.code == _DELETED
        return _read_mark(response.get("components", ())) == FINISHED

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Edit the original response, once it exists."""
        if self._ready is not None:
            await self._ready.wait()
        while True:
            with handle_message_parameters(
                content=None, view=view, attachments=list(files), allowed_mentions=_SILENT
            ) as parameters:
                try:
                    await async_context.get().edit_original_interaction_response(
                        **self._build_original_params(),
                        payload=parameters.payload,
                        multipart=parameters.multipart,
                        files=parameters.files,
                    )
                    return
                except discord.NotFound as error:
                    # Another process is acknowledging it, for which Discord allows this long.
                    if error.code != _UNKNOWN_WEBHOOK or time.monotonic() > self._show_start + _ACKNOWLEDGED_SECONDS:
                        raise
            await asyncio.sleep(_RETRY_SECONDS)
            for file in files:
                file.reset()

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Follow up privately and delete the public "thinking…".

        The first follow-up would replace it publicly, so it is edited before.
        """
        with contextlib.suppress(discord.NotFound):  # A predecessor has deleted it.
            await self.put(note_view("…"), ())
        await self._follow_up(view, files)
        with contextlib.suppress(discord.HTTPException):
            await self.withdraw()

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Follow up privately, after the answer is shown."""
        await self._follow_up(view, ())
        return True

    async def _follow_up(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        hook = discord.Webhook.from_state(
            {"id": self._address.application_id, "type": 3, "token": self._address.token}, state=self._bot._connection
        )
        await hook.send(view=view, files=list(files), ephemeral=True, allowed_mentions=_SILENT)

    async def withdraw(self) -> None:
        """Delete the original response."""
        await async_context.get().delete_original_interaction_response(**self._build_original_params())

    def _build_original_params(self) -> dict[str, Any]:
        """Return the parameters of the original response; discord.py only offers its calls on an Interaction, which is
        lost after a restart.
        """
        http = self._bot.http
        return {
            "application_id": self._address.application_id,
            "token": self._address.token,
            "session": http._HTTPClient__session,  # type: ignore[attr-defined]  # private by its name
            "proxy": http.proxy,
            "proxy_auth": http.proxy_auth,
        }


class MessageChannel:
    """A reply to a message: posted once, by the first view shown, and edited afterwards.

    A `note` is a separate message next to the answer.
    """

    def __init__(
        self, bot: discord.Client, address: Address, pacer: Pacer, *, again: bool = False, note: bool = False
    ) -> None:
        self._bot, self._address, self._pacer = bot, address, pacer
        self._place = bot.get_partial_messageable(address.channel_id)
        self._reply: discord.PartialMessage | discord.Message | None = None
        # A predecessor may have posted the reply already.
        self._must_find_reply = again
        self._call: DiscordCall | None = None
        self._has_reference = bool(address.message_id)
        # Discord deduplicates by nonce for some minutes, so a post whose response was lost is not repeated.
        self._nonce = str(address.message_id) if address.message_id else address.token[-25:]
        if note or address.part:
            self._nonce = f"{address.part or 'n'}{self._nonce}"[:25]

    def can_show_draft(self) -> bool:
        """Return whether a call is spare. An early post costs an edit later, so edits must be spare too."""
        if not self._address.message_id or self._address.part:
            return False
        if self._reply is None:
            edits = self._pacer.edit_window(self._address.channel_id)
            has_spare_edits = edits.calls_left(time.monotonic()) > 2
            return has_spare_edits and self._take_spare(self._pacer.post_window(self._address.channel_id))
        return self._take_spare(self._pacer.edit_window(self._address.channel_id))

    def can_begin(self) -> bool:
        """Return whether the bot has posted nothing there lately, and no predecessor has begun."""
        if self._must_find_reply or not self._address.message_id:
            return False
        window = self._pacer.post_window(self._address.channel_id)
        return window.calls_left(time.monotonic()) == window.calls and self._take_spare(window)

    def _take_spare(self, window: Window) -> bool:
        self._call = self._pacer.take_spare(window)
        return self._call is not None

    async def turn(self) -> None:
        """Wait for the limits of the channel and the bot."""
        channel_id = self._address.channel_id
        window = self._pacer.edit_window if self._reply else self._pacer.post_window
        self._call = await self._pacer.turn(window(channel_id), self._address.user_id)

    async def is_done(self) -> bool:
        """Return whether a reply with a finished view exists."""
        if self._must_find_reply:
            self._reply = await self._earlier_reply()
            self._must_find_reply = False
        if not isinstance(self._reply, discord.Message):
            return False
        return _read_mark([one.to_dict() for one in self._reply.components]) == FINISHED + self._address.part

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Post the reply, or edit the existing one, with the call taken for it."""
        call, self._call = self._call, None
        with _track_call(self._pacer, call):
            await self._put(view, files)

    async def _put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        channel_id = self._address.channel_id
        if self._must_find_reply:
            self._reply = await self._earlier_reply()
            self._must_find_reply = False
        if self._reply is not None:
            try:
                await self._reply.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)
                return
            except discord.HTTPException as error:
                if error.code not in _UNEDITABLE:
                    raise
            self._reply, self._nonce = None, f"{self._nonce[:24]}+"  # Otherwise Discord returns the same message.
            for file in files:
                file.reset()
            with _track_call(
                self._pacer, await self._pacer.turn(self._pacer.post_window(channel_id), self._address.user_id)
            ):
                posted = await self._post(view, files)
        else:
            posted = await self._post(view, files)
        self._reply = posted
        if _is_shown(posted, view, files):
            return
        # Discord returned an earlier post of the same nonce, whose response was lost.
        for file in files:
            file.reset()
        with _track_call(
            self._pacer, await self._pacer.turn(self._pacer.edit_window(channel_id), self._address.user_id)
        ):
            await posted.edit(view=view, attachments=list(files), allowed_mentions=_SILENT)

    async def _post(self, view: discord.ui.LayoutView, files: Attachments) -> discord.Message:
        options: dict[str, Any] = {}
        if self._has_reference:  # Otherwise it replaces an interaction whose token has expired.
            options["reference"] = discord.MessageReference(
                message_id=self._address.message_id, channel_id=self._address.channel_id, fail_if_not_exists=False
            )
            options["mention_author"] = False
        try:
            return await self._place.send(
                view=view, files=list(files), nonce=self._nonce, allowed_mentions=_SILENT, **options
            )
        except discord.HTTPException as error:
            if error.code != _NO_HISTORY or not self._has_reference:
                raise
        self._has_reference = False
        for file in files:
            file.reset()
        return await self._post(view, files)

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Reply publicly: Discord has no private reply to a message, and the note repeats nothing of it."""
        await self.put(view, files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Return False: a message has no private reply."""
        return False

    async def withdraw(self) -> None:
        """Delete the reply, if one was posted."""
        if self._reply is not None:
            await self._reply.delete()

    async def _earlier_reply(self) -> discord.Message | None:
        """Return the reply that a predecessor has posted, of an answer's further messages the one with its mark."""
        if not self._address.message_id:
            return None
        me = self._bot.user.id if self._bot.user else 0
        after = discord.Object(self._address.message_id)
        try:
            async for message in self._place.history(after=after, limit=100):
                reference = message.reference
                if message.author.id != me or not reference or reference.message_id != self._address.message_id:
                    continue
                if _find_part(message) == self._address.part:
                    return message
        except discord.HTTPException as error:
            if is_temporary(error.status):
                raise
        return None


class DirectChannel:
    """A direct message to the requester, where the original channel accepts no answer."""

    def __init__(self, bot: discord.Client, address: Address, pacer: Pacer) -> None:
        self._bot, self._address, self._pacer = bot, address, pacer
        self._call: DiscordCall | None = None

    def can_show_draft(self) -> bool:
        """Return False: there are no drafts."""
        return False

    def can_begin(self) -> bool:
        """Return False: there are no drafts."""
        return False

    async def turn(self) -> None:
        """Wait for the bot's limit."""
        self._call = await self._pacer.turn(self._pacer.post_window(self._address.user_id))

    async def is_done(self) -> bool:
        """Return False: direct messages are not checked."""
        return False

    async def put(self, view: discord.ui.LayoutView, files: Attachments) -> None:
        """Send the view, with a line that explains why it is here."""
        call, self._call = self._call, None
        view = add_elsewhere_note(view, self._address.locale)
        with _track_call(self._pacer, call):
            channel = await self._bot.create_dm(discord.Object(self._address.user_id))
            await channel.send(view=view, files=list(files), nonce=self._nonce, allowed_mentions=_SILENT)

    async def whisper(self, view: discord.ui.LayoutView, files: Attachments = ()) -> None:
        """Send the view."""
        await self.put(view, files)

    async def aside(self, view: discord.ui.LayoutView) -> bool:
        """Send the view, which is private anyway."""
        await self.put(view, ())
        return True

    async def withdraw(self) -> None:
        """Do nothing: nothing else is shown."""

    @property
    def _nonce(self) -> str:
        return f"d{self._address.part or ''}{self._address.message_id or self._address.token[-24:]}"[:25]


@contextlib.contextmanager
def _track_call(pacer: Pacer, call: DiscordCall | None) -> Iterator[None]:
    """Attribute the requests in the block to a call of the pacer, and mark it as answered afterwards."""
    try:
        with use_call(call):
            yield
    finally:
        if call is not None:
            pacer.mark_answered(call)


def _read_mark(components: Sequence[Any]) -> int:
    """Return the id of the first component, 0 without one."""
    return int(components[0].get("id") or 0) if components else 0


def _find_part(message: discord.Message) -> int:
    """Return which of an answer's messages this is: 0 for the first one, finished or not."""
    return max(_read_mark([one.to_dict() for one in message.components]) - FINISHED, 0)


def _is_shown(posted: discord.Message, view: discord.ui.LayoutView, files: Attachments) -> bool:
    """Return whether a message shows a view and its files: the same texts, components and file names."""
    if sorted(file.filename for file in posted.attachments) != sorted(file.filename for file in files):
        return False
    return _build_outline([one.to_dict() for one in posted.components]) == _build_outline(view.to_components())  # type: ignore[no-untyped-call]


def _build_outline(components: Any) -> list[tuple[Any, ...]]:
    """Return what sent and returned components have in common: Discord adds ids, links and defaults."""
    outline = list[tuple[Any, ...]]()
    for one in components:
        texts = (" ".join(str(one.get(name) or "").split()) for name in ("content", "custom_id", "label"))
        outline.append((int(one["type"]), *texts))
        inner = [*one.get("components", ()), *filter(None, [one.get("accessory"), one.get("component")])]
        outline += _build_outline(inner)
    return outline
