"""The port: one for several pages, which the invited browser alone may open, and what a page asks of the playground."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from simcord.backend.errors import BackendError, SetupError
from simcord.preview import _server as preview_server

from bot.errors import SettingsError

from .controls import key_by_custom_id
from .dress import render_text_page, translate_file, translate_index
from .marked import cache_parsers
from .page import LivePreview, PreviewRoom
from .world import choose_discord_locale

STATIC = Path(__file__).parent
_KINDS = {
    "playground.js": "application/javascript",
    "typing.js": "application/javascript",
    "playground.css": "text/css",
    "quillmate.svg": "image/svg+xml",
}
AGAIN = {"Refresh": "1"}
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
        key_by_custom_id()
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
