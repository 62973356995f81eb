"""A stand-in for Discord's REST API on loopback that stores messages, enforces nonces, rejects requests and loses
replies.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import discord
import pytest
from aiohttp import web
from gateway import build_json_response

ME = {"id": "3", "username": "Quillmate", "discriminator": "0", "avatar": None, "bot": True}
APPLICATION = {
    "id": "3",
    "name": "Quillmate",
    "description": "",
    "icon": None,
    "bot_public": True,
    "bot_require_code_grant": False,
    "verify_key": "",
    "flags": 0,
    "owner": {"id": "8", "username": "owner", "discriminator": "0", "avatar": None},
}
# The id of a private channel is this prefix and the user's id.
DIRECT = "77"

# Takes the method, the path and the body, whose "files" are the names of uploads; returns status and code of a refusal.
Rule = Callable[[str, str, dict[str, Any]], tuple[int, int] | None]


class RestServer:
    """`messages` by id, in Discord's format; `originals` are the responses of interactions by token, None once
    deleted.
    """

    def __init__(self) -> None:
        self.url = ""
        self.messages: dict[str, dict[str, Any]] = {}
        self.originals: dict[str, dict[str, Any] | None] = {}
        self.by_nonce: dict[tuple[str, str], str] = {}
        self.bodies: list[dict[str, Any]] = []
        self.refuses: Rule = lambda *_: None
        # This many replies to posts are lost after the call was carried out.
        self.lost = 0

    def list_messages(self, channel: str) -> list[dict[str, Any]]:
        """List the messages of a channel."""
        return [one for one in self.messages.values() if one["channel_id"] == channel]

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Handle a call."""
        path, method = re.sub(r"^/api(/v10)?", "", request.path), request.method
        body = await _read_body(request)
        if refusal := self.refuses(method, path, body):
            return build_json_response({"code": refusal[1], "message": "refused"}, refusal[0])
        if found := re.fullmatch(r"/channels/(\d+)/messages(?:/(\d+))?", path):
            return await self._handle_messages(request, found[1], found[2], body)
        if found := re.fullmatch(r"/webhooks/3/([\w-]+)/messages/@original", path):
            if method == "GET":
                shown = self.originals.get(found[1])
                code = 10008 if found[1] in self.originals else 10015
                return (
                    build_json_response(shown)
                    if shown
                    else build_json_response({"code": code, "message": "Unknown"}, 404)
                )
            self.originals[found[1]] = None if method == "DELETE" else self._build_message("1", body)
            return web.Response(status=204) if method == "DELETE" else build_json_response({"id": "9"})
        if found := re.fullmatch(r"/webhooks/3/([\w-]+)", path):
            return build_json_response(self._store(self._build_message(found[1], body)))
        if path == "/users/@me/channels":
            who = {**ME, "id": str(body["recipient_id"])}
            return build_json_response({"id": f"{DIRECT}{who['id']}", "type": 1, "recipients": [who]})
        known = {"/users/@me": ME, "/oauth2/applications/@me": APPLICATION}
        return (
            build_json_response(known[path])
            if path in known
            else build_json_response({"message": f"unknown: {path}"}, 404)
        )

    async def _handle_messages(
        self, request: web.Request, channel: str, message: str | None, body: dict[str, Any]
    ) -> web.StreamResponse:
        if request.method == "GET":
            after, most = int(request.query.get("after", 0)), int(request.query.get("limit", 50))
            found = sorted(
                (one for one in self.list_messages(channel) if int(one["id"]) > after), key=lambda one: int(one["id"])
            )
            return build_json_response((found[:most] if "after" in request.query else found[-most:])[::-1])
        if request.method == "DELETE":
            self.messages.pop(str(message), None)
            return web.Response(status=204)
        if request.method == "PATCH":
            if message not in self.messages:
                return build_json_response({"code": 10008, "message": "Unknown Message"}, 404)
            made = self._build_message(channel, body)
            self.messages[message] |= {name: made[name] for name in ("components", "attachments")}
            return build_json_response(self.messages[message])
        nonce = (channel, str(body.get("nonce")))
        if body.get("enforce_nonce") and nonce in self.by_nonce:
            answer = self.messages[self.by_nonce[nonce]]
        else:
            answer = self._store(self._build_message(channel, body))
            self.by_nonce[nonce] = answer["id"]
        if self.lost:
            self.lost -= 1
            assert request.transport is not None
            request.transport.close()
        return build_json_response(answer)

    def _build_message(self, channel: str, body: dict[str, Any]) -> dict[str, Any]:
        files = [
            {"id": str(at), "filename": name, "size": 1, "url": "http://127.0.0.1/", "proxy_url": "http://127.0.0.1/"}
            for at, name in enumerate(body["files"], 1)
        ]
        return {
            "id": str(2_000_000 + len(self.messages)),
            "channel_id": channel,
            "type": 0,
            "content": "",
            "author": ME,
            "components": _add_ids(body.get("components", [])),
            "attachments": files,
            "embeds": [],
            "mentions": [],
            "mention_roles": [],
            "mention_everyone": False,
            "pinned": False,
            "tts": False,
            "flags": 0,
            "timestamp": "2026-01-05T09:00:00+00:00",
            "edited_timestamp": None,
            **({"message_reference": body["message_reference"]} if "message_reference" in body else {}),
        }

    def _store(self, made: dict[str, Any]) -> dict[str, Any]:
        while made["id"] in self.messages:
            made["id"] = str(int(made["id"]) + 1)
        self.messages[made["id"]] = made
        return made


def _add_ids(components: list[Any]) -> list[Any]:
    """Return components as Discord does: with ids, and with links to uploads."""
    text = json.dumps(components).replace("attachment://", "http://127.0.0.1/")
    given = json.loads(text, object_hook=lambda found: {"id": 7, **found} if "type" in found else found)
    assert isinstance(given, list)
    return given


async def _read_body(request: web.Request) -> dict[str, Any]:
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return {**(json.loads(text) if text else {}), "files": []}
    body: dict[str, Any] = {}
    files: list[str] = []
    async for part in await request.multipart():
        if part.name == "payload_json":
            body = json.loads(await part.text())
        else:
            files.append(part.filename)
            await part.read()
    return {**body, "files": files}


@asynccontextmanager
async def serve_rest(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[RestServer, discord.Client]]:
    """Serve the stand-in; yield it with a logged-in client of discord.py."""
    rest = RestServer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", rest.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    rest.url = f"http://127.0.0.1:{runner.addresses[0][1]}/api/v10"
    monkeypatch.setattr(discord.http.Route, "BASE", rest.url)
    monkeypatch.setattr(discord.webhook.async_.Route, "BASE", rest.url)
    client = discord.Client(intents=discord.Intents.none(), max_messages=None)
    await client.login("token")
    try:
        yield rest, client
    finally:
        await client.close()
        await runner.cleanup()
