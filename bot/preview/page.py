"""The page of a channel: a simcord Preview that is republished while the bot writes."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from aiohttp import web
from simcord._dpy_internals import real_monotonic
from simcord.builders import ChannelHandle
from simcord.enums import AppCommandType
from simcord.preview import Preview
from simcord.preview import _server as preview_server
from simcord.results import ResponseMessage

from bot.errors import Phrase, RefusedError
from bot.locales import localize, translate_error

from .typed import COMMAND, read_command, takes_no_text
from .world import LiveEnv, get_translation

if TYPE_CHECKING:
    from .hub import PreviewHub

# Open browser tabs per channel; the least recently used one is closed.
MAX_OPEN_PAGES = 12
NOT_RUN = "/{command} was not run. Send it again, or type “/” and pick it from the list."
NOT_ADDRESSED = "In a channel, {bot} answers commands, replies to its messages, and messages that mention it: @{bot} …"


@dataclass(frozen=True)
class PreviewRoom:
    """A channel or a direct message: its title, its channel, and the secret that opens it."""

    title: str
    channel: ChannelHandle
    capability: str


class LivePreview(Preview):
    """A Preview of one channel that tolerates being republished while the viewer acts."""

    def __init__(
        self, env: LiveEnv, room: PreviewRoom, hub: PreviewHub, *, viewers: Sequence[Any], timezone: str
    ) -> None:
        super().__init__(
            env,
            room.channel,
            tuple(viewers),
            layout="channel",
            display="responsive",
            width=1280,
            height=900,
            locale="en-US",
            timezone=timezone,
            presentation_time=None,
            assets=None,
            port=hub.port,
        )
        self.capability = room.capability
        self.lock = hub.lock
        self.live = env
        self._seen: dict[str, int] = {}
        self._due = 0.0
        self._server = _RoomServer(self, hub.port)

    async def _action(self, context_id: str | None, body: Any) -> dict[str, Any]:
        # Revisions move on while the bot streams, so a click is always on a slightly older
        # one; what it refers to is resolved again in the backend anyway.
        async with self.lock:
            page = self._get_page(context_id)
            if isinstance(body, dict):
                if "published_revision" in body:
                    body["published_revision"] = page.revision
                content = body.get("content")
                if isinstance(content, str) and body.get("kind") == "send_message" and COMMAND.match(content):
                    return await self._run_typed(page, body, content)
                if isinstance(content, str):
                    return await self._write(page, body, content)
            return await super()._action(context_id, body)

    async def _write(self, page: Any, body: dict[str, Any], content: str) -> dict[str, Any]:
        """Send or edit a message; a `notice` in the receipt explains why the bot will not answer one that does not address it."""
        bot = self.env.backend.bot_user
        mention = f"<@{bot.id}>"
        content = re.sub(rf"@{re.escape(bot.name)}\b", mention, content, flags=re.IGNORECASE)
        receipt = await super()._action(page.id, {**body, "content": content})
        is_addressed = mention in content or body.get("reply_to_id") is not None or self.channel.guild is None
        if body.get("kind") == "send_message" and not receipt["rejected"] and not is_addressed:
            receipt["notice"] = localize(Phrase(NOT_ADDRESSED, bot=bot.name), self.locale)
        return receipt

    async def _run_typed(self, page: Any, body: dict[str, Any], content: str) -> dict[str, Any]:
        """Run a command that was sent as a message; a `notice` in the receipt gives the reason if it was not run."""
        envelope = {"request_id": body.get("request_id"), "sequence": body.get("sequence")}
        try:
            typed = read_command(content, page.command_catalog["entries"])
        except RefusedError as refusal:
            receipt = self._reject(page, "command-unavailable", **envelope)
            receipt["notice"] = translate_error(refusal, self.locale)
            return receipt
        command = {
            "kind": "run_command",
            "command_id": typed.entry["commandId"],
            "path": list(typed.entry["path"]),
            "schema_fingerprint": typed.entry["schemaFingerprint"],
            "options": dict(typed.options),
        }
        receipt = await super()._action(page.id, {**body, **command})
        if receipt["rejected"]:
            receipt["notice"] = localize(Phrase(NOT_RUN, command=typed.entry["invocation"]), self.locale)
        return receipt

    def _open_page(self, viewer_id: Any = None, target_id: Any = None) -> Any:
        pages = sorted(
            (page for page in self._pages.values() if page is not self._python),
            key=lambda page: page.last_activity,
        )
        for page in pages[: max(0, len(pages) - MAX_OPEN_PAGES + 1)]:
            self._close_page(page.id)
        assert self._python is not None
        newest = max(self.env.backend.messages.get(self.channel.id, ()), default=None)
        self._python.target_id = self._python.window_end_id = newest  # what the tab opens at
        # The viewer of the tab in the last room may not be in this one.
        known = str(viewer_id) in {str(viewer.id) for viewer in self.viewers}
        return super()._open_page(viewer_id if known else None, target_id)

    async def run_app(self, context_id: str | None, command: str, message_id: int) -> None:
        """Run a message context menu as the page's viewer (the page has no menu for it)."""
        async with self.lock:
            page = self._get_page(context_id)
            message = ResponseMessage(self.env, self._target_message(page, message_id))
            result = await page.viewer.context_menu(self.channel, command, message)
            if result.modal is not None:
                page.modal, page.modal_handle = result, "m_" + secrets.token_urlsafe(12)
            self._publish(page)

    async def run_command(self, context_id: str | None, name: str) -> None:
        """Run a command without options as the page's viewer."""
        async with self.lock:
            page = self._get_page(context_id)
            await page.viewer.slash(self.channel, name)
            self._publish(page)

    def speak(self, locale: str) -> None:
        """Use the browser's language as the Discord language, as the page has no setting for it."""
        self.locale = self.live.backend.locale = locale

    def apps(self) -> list[dict[str, str]]:
        """Return the message commands that the viewer may use here: their names, and their labels in the reader's language."""
        if self.channel.guild is None:  # a UserHandle has no context_menu verb
            return []
        commands = self.env.backend.visible_commands(
            user_id=self.viewers[0].id, channel_id=self.channel.id, type=AppCommandType.MESSAGE
        )
        return [{"name": one["name"], "label": get_translation(one, "name", self.locale)} for one in commands]

    def alone(self) -> list[str]:
        """Return the commands that take no text: Enter sends them as soon as they are typed."""
        assert self._python is not None
        return [entry["invocation"] for entry in self._python.command_catalog["entries"] if takes_no_text(entry)]

    def catch_up(self, context_id: str | None) -> None:
        """Republish a page whose browser asks for its state, if anything happened since."""
        page = self._pages.get(context_id or "")
        now = real_monotonic()
        if page is None or now < self._due or self._seen.get(page.id) == self.live.changes:
            return
        self._seen = {key: value for key, value in self._seen.items() if key in self._pages}
        self._seen[page.id] = self.live.changes
        self._advance_presentation_time()
        self._publish(page, reason="refresh")
        finished = real_monotonic()
        self._due = finished + 3 * (finished - now)  # a long history may take 0.2 s to project


class _RoomServer(preview_server.PreviewServer):
    """One room's request handlers; the listening socket belongs to the hub."""

    preview: LivePreview

    async def _state(self, request: web.Request) -> web.StreamResponse:
        # The page polls every 500 ms: the only moment when a new snapshot is useful.
        if self._authorized(request):
            self.preview.live.tidy()
            self.preview.catch_up(request.headers.get("X-Simcord-Context"))
        response: web.StreamResponse = await super()._state(request)
        return response

    async def start(self) -> None:
        self.port = self._requested_port

    async def close(self) -> None:
        self.port = None
