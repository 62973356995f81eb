"""A stand-in for Discord with a gateway, for one bot in several processes, and for its model."""

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


ServerType = TypeVar("There", bound="DiscordServer")


class DiscordServer:
    """Records what the bot does. The model answers once `writes` is set. `status` is the status of every REST
    response, `ahead` the lead of its clock. Like Discord, it sends each event to all connections of its shard,
    accepts one acknowledgement of an interaction and no answer before it. `recommended` is the number of shards.
    """

    def __init__(self) -> None:
        self.url, self.status, self.ahead = "", 200, timedelta()
        self.identified: list[dict[str, Any]] = []
        self.commands: list[dict[str, Any]] = []
        # First response and current content of each interaction, by token.
        self.callbacks: dict[str, dict[str, Any]] = {}
        self.shown: dict[str, str] = {}
        self.being_written = 0
        # Called for the model's response; None lets it write.
        self.model_fails: Callable[[web.Request], Awaitable[web.StreamResponse | None]] | None = None
        # Additional private messages, by token.
        self.told: dict[str, str] = {}
        # Duplicate acknowledgements, and complete answers, by token, oldest first.
        self.twice: list[str] = []
        self.finished: list[tuple[str, float]] = []
        # Delay of acknowledgements in seconds.
        self.slowly, self.recommended = 0.0, 1
        # The model's prompts, and its delay in seconds.
        self.prompts: list[str] = []
        self.takes = 0.0
        self._interactions = 0
        self.asked, self.writes = asyncio.Event(), asyncio.Event()
        self._sockets: list[web.WebSocketResponse] = []
        # A path that is not answered; the event is set when it is requested.
        self.closed = False  # The gateway accepts no more connections.
        self.hold_at, self.holds = "nothing", asyncio.Event()
        # This many answers are rejected by a rate limit.
        self.limits = 0

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Handle a REST call."""
        body, path = await request.read(), request.path
        if request.method == "HEAD":
            return web.Response(headers={"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)})
        if path.endswith(self.hold_at):
            self.holds.set()
            await asyncio.sleep(20)
        if self.status != 200:
            return build_json_response({"message": "no"}, self.status)
        match path.removeprefix("/api").split("/")[1:]:
            case ["users", "@me"]:
                return build_json_response(ME)
            case ["oauth2", "applications", "@me"]:
                return build_json_response(APPLICATION)
            case ["gateway", "bot"]:
                limit = {"total": 1000, "remaining": 999, "reset_after": 1000, "max_concurrency": 1}
                return build_json_response(
                    {"url": f"{self.url}/gateway", "shards": self.recommended, "session_start_limit": limit}
                )
            case ["applications", "3", "commands"]:
                self.commands = json.loads(body)
                return build_json_response([])
            case ["interactions", number, token, "callback"]:
                await asyncio.sleep(self.slowly)
                if token in self.callbacks:
                    self.twice.append(token)
                    return build_json_response(
                        {"code": 40060, "message": "Interaction has already been acknowledged."}, 400
                    )
                self.callbacks[token] = json.loads(body)
                return build_json_response({"interaction": {"id": number, "type": 2}})
            case ["webhooks", "3", token, "messages", "@original"] if self.limits:
                self.limits -= 1
                headers = {"X-RateLimit-Scope": "shared", "Retry-After": "0.01", "Via": "1.1"}
                return build_json_response(
                    {"message": "You are being rate limited.", "retry_after": 0.01, "global": False}, 429, headers
                )
            case ["webhooks", "3", token, "messages", "@original"]:
                if token not in self.callbacks:
                    return build_json_response({"code": 10015, "message": "Unknown Webhook"}, 404)
                self.shown[token] = body.decode(errors="replace")
                if "quill:again:" in self.shown[token]:
                    self.finished.append((token, time.monotonic()))
                return build_json_response({"id": "9"})
            case ["webhooks", "3", token]:
                self.told[token] = body.decode(errors="replace")
                return build_json_response(_build_message(body))
        return build_json_response({"message": f"unknown: {path}"}, 404)

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        """Run the gateway: hello, ready after identifying, and heartbeat acknowledgements."""
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
        """Handle a call of the model's OpenAI-compatible API."""
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
        """Let Ada use /copy as a user install, where the bot is no member; return the interaction's id."""
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
        """Let Ada press a button of a message by the bot."""
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
        """Close the connections with a code of Discord."""
        for socket in [*self._sockets]:
            await socket.close(code=code)

    async def _dispatch(self, event: str, data: dict[str, Any]) -> None:
        assert self._sockets
        for socket in [*self._sockets]:
            with contextlib.suppress(ConnectionError):  # The process was killed.
                await socket.send_json({"op": 0, "t": event, "s": 1, "d": data})


def _build_message(body: bytes) -> dict[str, Any]:
    """Build the message that Discord returns for a request."""
    return {
        "id": "91", "channel_id": "2", "type": 0, "content": "", "author": ME, "attachments": [], "embeds": [], "mentions": [],
        "mention_roles": [], "mention_everyone": False, "pinned": False, "tts": False, "flags": 0,
        "timestamp": "2026-01-05T09:00:00+00:00", "edited_timestamp": None,
        "components": json.loads(body).get("components", []) if body.startswith(b"{") else [],
    }  # fmt: skip


def build_json_response(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """Build a JSON response with the content type that discord.py expects, without a charset."""
    told = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(value).encode(), status=status, headers=told)


@asynccontextmanager
async def serve_discord() -> AsyncIterator[DiscordServer]:
    """Serve the stand-in on a loopback port."""
    async with serve_stand_in(DiscordServer()) as discord:
        yield discord


@asynccontextmanager
async def serve_stand_in(discord: ServerType) -> AsyncIterator[ServerType]:
    """Serve a given stand-in on a loopback port."""
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
