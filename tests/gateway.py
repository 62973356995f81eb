"""A stand-in for Discord with a gateway, for one bot in any number of processes, and for the model that it asks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, TypeVar

from aiohttp import WSMsgType, web

ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "global_name": None, "bot": True}
ADA = {"id": "7", "username": "ada", "discriminator": "0", "avatar": None, "global_name": None}
APPLICATION = {
    "id": "3", "name": "Quillmate", "description": "", "icon": None, "bot_public": True, "bot_require_code_grant": False,
    "verify_key": "", "flags": 0, "owner": ADA,
}  # fmt: skip


There = TypeVar("There", bound="Discord")


class Discord:
    """Keeps what the bot does. The model writes once `writes` is set.

    `status` answers every call of REST, `ahead` is how far its clock is before ours. As Discord does, it sends each event to all
    connections of its shard, takes one acknowledgement of an interaction and no answer before it. `recommended` is the number of
    shards.
    """

    def __init__(self) -> None:
        self.url, self.status, self.ahead = "", 200, timedelta()
        self.identified: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        # How each interaction was answered first, and what its answer shows now, by its token.
        self.callbacks: dict[str, dict[str, Any]] = {}
        self.shown: dict[str, str] = {}
        self.being_written = 0
        # What the model answers in place of a text, None where it writes.
        self.model_fails: Callable[[web.Request], Awaitable[web.StreamResponse | None]] | None = None
        # What was told privately beside, by its token.
        self.told: dict[str, str] = {}
        # Acknowledgements of what was acknowledged already, and whole answers, by their tokens, oldest first.
        self.twice: list[str] = []
        self.finished: list[tuple[str, float]] = []
        # How long an acknowledgement takes to arrive.
        self.slowly, self.recommended = 0.0, 1
        # What the model was asked, and how long it takes.
        self.prompts: list[str] = []
        self.takes = 0.0
        self._interactions = 0
        self.asked, self.writes = asyncio.Event(), asyncio.Event()
        self._sockets: list[web.WebSocketResponse] = []
        # A path that is not answered; the event tells that it was asked for.
        self.closed = False  # The gateway takes nobody any more.
        self.hold_at, self.holds = "nothing", asyncio.Event()
        # So many answers that are shown are refused as too many at once.
        self.limits = 0

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """What REST answers."""
        body, path = await request.read(), request.path
        if request.method == "HEAD":
            return web.Response(headers={"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)})
        if path.endswith(self.hold_at):
            self.holds.set()
            await asyncio.sleep(20)
        if self.status != 200:
            return as_json({"message": "no"}, self.status)
        match path.removeprefix("/api").split("/")[1:]:
            case ["users", "@me"]:
                return as_json(ME)
            case ["oauth2", "applications", "@me"]:
                return as_json(APPLICATION)
            case ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 1}
                return as_json({"url": f"{self.url}/gateway", "shards": self.recommended, "session_start_limit": limit})
            case ["applications", "3", "commands"]:
                self.commands = json.loads(body)
                return as_json([])
            case ["interactions", number, token, "callback"]:
                await asyncio.sleep(self.slowly)
                if token in self.callbacks:
                    self.twice.append(token)
                    return as_json({"code": 40060, "message": "Interaction has already been acknowledged."}, 400)
                self.callbacks[token] = json.loads(body)
                return as_json({"interaction": {"id": number, "type": 2}})
            case ["webhooks", "3", token, "messages", "@original"] if self.limits:
                self.limits -= 1
                headers = {"X-RateLimit-Scope": "shared", "Retry-After": "0.01", "Via": "1.1"}
                return as_json(
                    {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}, 429, headers
                )
            case ["webhooks", "3", token, "messages", "@original"]:
                if token not in self.callbacks:
                    return as_json({"code": 10015, "message": "Unknown Webhook"}, 404)
                self.shown[token] = body.decode(errors="replace")
                if "quill:again:" in self.shown[token]:
                    self.finished.append((token, time.monotonic()))
                return as_json({"id": "9"})
            case ["webhooks", "3", token]:
                self.told[token] = body.decode(errors="replace")
                return as_json(_message(body))
        return as_json({"message": f"unknown: {path}"}, 404)

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        """The gateway: a hello, a ready for whoever identifies, and an echo of heartbeats."""
        if self.closed:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}, "s": None, "t": None})
        async for message in socket:
            if message.type is not WSMsgType.TEXT:
                continue
            said = json.loads(message.data)
            if said["op"] == 1:
                await socket.send_json({"op": 11, "d": None})
            if said["op"] == 2:
                self.identified.append(said["d"])
                self._sockets.append(socket)
                ready = {
                    "v": 10,
                    "user": ME,
                    "guilds": [],
                    "session_id": "s",
                    "resume_gateway_url": f"{self.url}/gateway",
                }
                ready |= {"application": {"id": "3", "flags": 0}, "shard": said["d"]["shard"]}
                await socket.send_json({"op": 0, "t": "READY", "s": 1, "d": ready})
        if socket in self._sockets:
            self._sockets.remove(socket)
        return socket

    async def model(self, request: web.Request) -> web.StreamResponse:
        """A model behind an OpenAI-compatible API."""
        asked = await request.json()
        self.prompts.append(str(asked["messages"]))
        self.being_written += 1
        self.asked.set()
        await self.writes.wait()
        if self.model_fails is not None and (failure := await self.model_fails(request)) is not None:
            return failure
        await asyncio.sleep(self.takes)
        text = "We are closed on Monday and back on Tuesday."
        if not asked.get("stream"):
            return web.json_response({"choices": [{"index": 0, "message": {"role": "assistant", "content": text}}]})
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        said = {"choices": [{"index": 0, "delta": {"content": text}}]}
        await answer.write(f"data: {json.dumps(said)}\n\ndata: [DONE]\n\n".encode())
        return answer

    async def copy(self, token: str) -> str:
        """Ada uses /copy, as somebody who has installed the bot for herself, and somewhere where it is no member; gives its id."""
        options = [
            {"name": "brief", "type": 3, "value": "tweet: we close on Monday"},
            {"name": "kind", "type": 3, "value": "social_post"},
        ]
        self._interactions += 1
        await self._dispatch("INTERACTION_CREATE", {
            "id": str(4999 + self._interactions), "application_id": "3", "type": 2, "token": token, "version": 1,
            "channel_id": "2", "channel": {"id": "2", "type": 3}, "user": ADA, "locale": "en-US", "entitlements": [],
            "data": {"id": "1", "name": "copy", "type": 1, "options": options}, "context": 2,
            "authorizing_integration_owners": {"1": "7"}, "attachment_size_limit": 10_000_000,
        })  # fmt: skip
        return str(4999 + self._interactions)

    async def press(self, token: str, custom_id: str) -> None:
        """Ada presses a button of a message of the bot's."""
        self._interactions += 1
        message = {
            "id": "90", "channel_id": "2", "type": 0, "content": "", "author": ME, "attachments": [], "embeds": [], "mentions": [],
            "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False, "flags": 32768,
            "timestamp": "2026-01-05T09:00:00+00:00", "edited_timestamp": None,
            "components": [{"type": 1, "id": 1, "components": [
                {"type": 2, "id": 2, "style": 2, "label": "That", "custom_id": custom_id}
            ]}],
        }  # fmt: skip
        await self._dispatch("INTERACTION_CREATE", {
            "id": str(4999 + self._interactions), "application_id": "3", "type": 3, "token": token, "version": 1,
            "channel_id": "2", "channel": {"id": "2", "type": 3}, "user": ADA, "locale": "en-US", "entitlements": [],
            "data": {"component_type": 2, "custom_id": custom_id}, "context": 2, "message": message,
            "authorizing_integration_owners": {"1": "7"}, "attachment_size_limit": 10_000_000,
        })  # fmt: skip

    async def hang_up(self, code: int) -> None:
        """Ends the connection as Discord does."""
        for socket in [*self._sockets]:
            await socket.close(code=code)

    async def _dispatch(self, event: str, data: dict[str, Any]) -> None:
        assert self._sockets
        for socket in [*self._sockets]:
            with contextlib.suppress(ConnectionError):  # Of a process that was killed just now.
                await socket.send_json({"op": 0, "t": event, "s": 1, "d": data})


def _message(body: bytes) -> dict[str, Any]:
    """A message as Discord gives back what was sent."""
    return {
        "id": "91", "channel_id": "2", "type": 0, "content": "", "author": ME, "attachments": [], "embeds": [], "mentions": [],
        "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False, "flags": 0,
        "timestamp": "2026-01-05T09:00:00+00:00", "edited_timestamp": None,
        "components": json.loads(body).get("components", []) if body.startswith(b"{") else [],
    }  # fmt: skip


def as_json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """JSON with the content type that discord.py compares with, which has no charset."""
    told = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(value).encode(), status=status, headers=told)


@asynccontextmanager
async def standing_in() -> AsyncIterator[Discord]:
    """The stand-in on a port of loopback."""
    async with served(Discord()) as discord:
        yield discord


@asynccontextmanager
async def served(discord: There) -> AsyncIterator[There]:
    """A stand-in on a port of loopback."""
    app = web.Application()
    app.router.add_get("/gateway", discord.gateway)
    app.router.add_post("/v1/chat/completions", discord.model)
    app.router.add_route("*", "/{path:.*}", discord.rest)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    discord.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield discord
    await runner.cleanup()
