"""The page: one simcord Preview per channel behind one port, republished while the bot writes."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiohttp import web
from simcord._dpy_internals import real_monotonic
from simcord.backend.errors import BackendError, SetupError
from simcord.builders import ChannelHandle
from simcord.enums import AppCommandType
from simcord.preview import Preview
from simcord.preview import _server as preview_server
from simcord.results import ResponseMessage

from bot.errors import Phrase, RefusedError, SettingsError
from bot.locales import localize, translate_error

from .dress import render_text_page, translate_file, translate_index
from .marked import cache_parsers
from .typed import COMMAND, read_command, takes_no_text
from .world import LiveEnv, choose_discord_locale, get_translation

# Open browser tabs per channel; the least recently used one is closed.
MAX_OPEN_PAGES = 12
STATIC = Path(__file__).parent
_KINDS = {
    "playground.js": "application/javascript",
    "typing.js": "application/javascript",
    "playground.css": "text/css",
    "quillmate.svg": "image/svg+xml",
}
AGAIN = {"Refresh": "1"}
NOT_RUN = "/{command} was not run. Send it again, or type “/” and pick it from the list."
_ENTER = "/enter/"
# Titles and paragraphs of text-only pages.
LOADING = ("One moment", "Quillmate is loading. This page refreshes by itself.")
UNINVITED = (
    "This is Quillmate’s playground",
    "It is running, but this browser does not have access yet.",
    "Go to the terminal where you started it and find the address that begins with http://127.0.0.1 and contains "
    "/enter/. Open that full address here, once.",
    "If it was already used in another browser, continue there, or end the playground with Ctrl-C and start it again.",
)
USED = (
    "This address has been used",
    "It works once. After that it only opens in the browser where it was first used.",
    "If that was not you, end the playground with Ctrl-C and start it again to get a new address.",
)


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
                    bot = self.env.backend.bot_user
                    body["content"] = re.sub(rf"@{re.escape(bot.name)}\b", f"<@{bot.id}>", content, flags=re.IGNORECASE)
            return await super()._action(context_id, body)

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


class PreviewHub:
    """One port for several Previews: the capability in each request names the room."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.lock = asyncio.Lock()
        self.rooms: dict[str, tuple[PreviewRoom, LivePreview]] = {}
        self.facade = PreviewDispatcher(self)
        # The cookie grants access to the page; a code exchanges once for it.
        self._session = secrets.token_urlsafe(24)
        self._codes: set[str] = set()
        # Posts the welcome in the language of the first visitor.
        self.greet: Callable[[str], Awaitable[None]] | None = None
        # Describes the writing model, in the language of a locale.
        self.writer: Callable[[str], str] = lambda _locale: ""
        # Opens rooms for threads created since.
        self.look: Callable[[], Awaitable[None]] | None = None
        self._last = ""  # The most recently opened room, for visitors who name none.
        self._runner: web.AppRunner | None = None

    def invitation(self) -> str:
        """Return an address that opens the page once, and again in the browser that has opened it.

        A browser's command line is readable by every user of the machine, so the address must be worthless later.
        """
        code = secrets.token_urlsafe(16)
        self._codes.add(code)
        return f"http://127.0.0.1:{self.port}{_ENTER}{code}"

    async def start(self) -> None:
        """Open the port.

        Raises:
            SettingsError: it is taken.
        """
        preview_server.web = web  # type: ignore[attr-defined]  # what PreviewServer.start() does
        cache_parsers()
        app = web.Application(handler_args={"handler_cancellation": False})
        app.router.add_get("/", self._index)
        app.router.add_get(f"{_ENTER}{{code}}", self._enter, allow_head=False)
        for name in _KINDS:
            app.router.add_get(f"/{name}", self._static)
        for path in preview_server.PreviewServer._STATIC_FILES:
            if path != "/":
                app.router.add_get(path, self._simcords)
        app.router.add_post("/api/pages", self._room("_pages"))
        app.router.add_delete("/api/pages/{context_id}", self._room("_delete_page"))
        app.router.add_get("/api/state", self._room("_state"))
        app.router.add_get("/api/commands", self._room("_commands"))
        app.router.add_get("/api/action-result", self._room("_action_result"))
        app.router.add_post("/api/action", self._room("_action"))
        app.router.add_get("/api/assets/{asset_id}", self._room("_asset"))
        app.router.add_get("/api/playground", self._describe)
        app.router.add_post("/api/playground/apps", self._run_app)
        app.router.add_post("/api/playground/model", self._choose_model)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsError(f"Port {self.port} is already in use; choose another one with --port.") from error
        self.port = self._runner.addresses[0][1]

    async def close(self) -> None:
        """Close the port."""
        if self._runner is not None:
            await self._runner.cleanup()

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        """Exchange a code for the cookie, and redirect to the last room or the first; with the cookie no code is needed."""
        if not self.rooms:
            raise _build_loading_response(request)
        headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
        if not self._is_known(request):
            code = request.match_info["code"]
            if code not in self._codes:
                text = render_text_page(_get_locale(request), *USED)
                raise web.HTTPForbidden(text=text, content_type="text/html", headers=headers)
            self._codes.discard(code)
        if self.greet is not None:
            greet, self.greet = self.greet, None
            async with self.lock:
                await greet(_get_locale(request))
        room = self._last or next(iter(self.rooms))
        response = web.Response(status=303, headers={"Location": f"/#{room}", **headers})
        response.set_cookie(self._cookie, self._session, httponly=True, samesite="Strict", path="/")
        return response

    @property
    def _cookie(self) -> str:
        return f"quillmate-preview-{self.port}"  # Cookies of a host are shared by all its ports.

    def _is_known(self, request: web.Request) -> bool:
        return secrets.compare_digest(request.cookies.get(self._cookie, "").encode(), self._session.encode())

    def _find(self, request: web.Request) -> tuple[PreviewRoom, LivePreview]:
        if not self._is_known(request):
            raise web.HTTPUnauthorized
        found = self.rooms.get(request.headers.get("X-Simcord-Capability", ""))
        if found is None or not found[1]._server._authorized(request):
            raise web.HTTPUnauthorized
        found[1].speak(_get_locale(request))
        return found

    def _room(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            response: web.StreamResponse = await getattr(self._find(request)[1]._server, name)(request)
            return response

        return handle

    def _any(self, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.StreamResponse:
            if not self.rooms:  # The port is open from the start; the model may take a while.
                raise _build_loading_response(request)
            _, preview = next(iter(self.rooms.values()))
            response: web.StreamResponse = await getattr(preview._server, name)(request)
            return response

        return handle

    async def _simcords(self, request: web.Request) -> web.StreamResponse:
        """Serve one of simcord's own files in the reader's language."""
        response = await self._any("_static")(request)
        if isinstance(response, web.Response) and response.content_type == "application/javascript":
            response.text = translate_file(request.path.lstrip("/"), response.text or "", _get_locale(request))
        return response

    async def _index(self, request: web.Request) -> web.StreamResponse:
        """Serve the page to the invited browser; others get instructions, with no secret in them."""
        response = await self._any("_static")(request)
        assert isinstance(response, web.Response)
        assert response.text is not None
        if not self._is_known(request):
            headers = preview_server.PreviewServer._SECURITY_HEADERS
            text = render_text_page(_get_locale(request), *UNINVITED)
            raise web.HTTPForbidden(text=text, content_type="text/html", headers=headers)
        response.text = translate_index(response.text, _get_locale(request))
        return response

    async def _static(self, request: web.Request) -> web.StreamResponse:
        name = request.path.lstrip("/")
        return web.Response(
            text=translate_file(name, (STATIC / name).read_text("utf-8"), _get_locale(request)),
            content_type=_KINDS[name],
            headers=preview_server.PreviewServer._SECURITY_HEADERS,
        )

    async def _describe(self, request: web.Request) -> web.StreamResponse:
        room, preview = self._find(request)
        if self.look is not None:
            async with self.lock:
                await self.look()
        self._last = room.capability
        rooms = [{"title": room.title, "hash": room.capability} for room, _ in self.rooms.values()]
        return web.json_response(
            {
                "rooms": rooms,
                "apps": preview.apps(),
                "alone": preview.alone(),
                "bot": preview.env.backend.bot_user.name,
                "writer": self.writer(_get_locale(request)),
            }
        )

    async def _choose_model(self, request: web.Request) -> web.StreamResponse:
        """Run /model for the viewer of a room."""
        _, preview = self._find(request)
        try:
            await preview.run_command(request.headers.get("X-Simcord-Context"), "model")
        except (SetupError, BackendError, KeyError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True})

    async def _run_app(self, request: web.Request) -> web.StreamResponse:
        _, preview = self._find(request)
        try:
            body = await request.json()
            await preview.run_app(
                request.headers.get("X-Simcord-Context"), str(body["command"]), int(body["message_id"])
            )
        except (SetupError, BackendError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({"ok": True})


def _get_locale(request: web.Request) -> str:
    """Return Discord's name for the language that a browser requests."""
    return choose_discord_locale(request.headers.get("Accept-Language", ""))


def _build_loading_response(request: web.Request) -> web.HTTPServiceUnavailable:
    text = render_text_page(_get_locale(request), *LOADING)
    return web.HTTPServiceUnavailable(text=text, content_type="text/html", headers=AGAIN)


class PreviewDispatcher:
    """Stands in for ``env._preview``, which has room for one Preview only."""

    def __init__(self, hub: PreviewHub) -> None:
        self._hub = hub
        self._closed = True  # lets the next Preview enter

    def _mark_action_dispatched(self) -> None:
        for _, preview in self._hub.rooms.values():
            preview._mark_action_dispatched()
