"""A stand-in for Discord's gateway and REST API, with users who make requests while everything fails."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

import discord
from aiohttp import WSMsgType, web
from gateway import ADA, ME, DiscordServer, build_json_response
from rest import RestServer

from bot.replies.channels import FINISHED

GUILD, CHANNELS = "1", 6
# Ada's private channel with the bot, as numbered by rest.py.
DIRECT = "777"
# Interaction tokens are numbers, as private answers are stored in a channel of that name (rest.py).
_FIRST_TOKEN = 9_000_000
BRIEF = "tweet: we close on Monday"


class FaultyDiscord(DiscordServer):
    """Records what users have requested, by message id or token, and everything shown to them. While `offline`, events
    are not delivered to the bot. `resumes` is whether a session may be resumed.
    """

    def __init__(self) -> None:
        super().__init__()
        self.shelf = RestServer()
        self.shelf._build_message = self._stamp(self.shelf._build_message)  # type: ignore[method-assign]
        self.asked_for: list[str] = []
        self.acknowledged: set[str] = set()
        # Immediate answers of interactions, by token.
        self.told: dict[str, list[Any]] = {}
        self.resumes, self.resumed = True, 0
        self._socket: web.WebSocketResponse | None = None
        self.reads = Counter[str]()
        # Called before a call that shows something; its result replaces the response.
        self.fails: Callable[[web.Request], Awaitable[web.StreamResponse | None]] = _never_fail
        self._numbers, self._sequence = itertools.count(1), itertools.count(1)
        self._undelivered: list[tuple[str, dict[str, Any]]] = []

    # User actions

    async def mention(self, text: str = BRIEF, channel: str = "", *, told: bool = True) -> str:
        """Let Ada mention the bot, or write to it privately; return the message's id. Unless `told`, the gateway does
        not deliver it.
        """
        number = next(self._numbers)
        channel = channel or str(100 + number % CHANNELS)
        said = text if channel == DIRECT else f"<@3> {text}"
        message = {
            "id": self._build_snowflake(), "channel_id": channel, "author": ADA, "type": 0, "content": said, "tts": False,
            "timestamp": discord.utils.utcnow().isoformat(), "edited_timestamp": None, "mention_everyone": False,
            "mentions": [] if channel == DIRECT else [ME], "mention_roles": [], "attachments": [], "embeds": [],
            "pinned": False, "flags": 0, "components": [],
        }  # fmt: skip
        self.shelf.messages[message["id"]] = message
        self.asked_for.append(message["id"])
        place = {} if channel == DIRECT else {"guild_id": GUILD, "member": self._build_member(ADA)}
        if told:
            await self._deliver("MESSAGE_CREATE", message | place)
        return str(message["id"])

    async def say(self, text: str) -> None:
        """Let Ada write something that is not for the bot, in the next channel."""
        message = await self.mention(text, told=False)
        self.shelf.messages[message] |= {"content": text, "mentions": []}
        self.asked_for.remove(message)

    async def command(self) -> str:
        """Let Ada use /copy; return the interaction's token."""
        number = next(self._numbers)
        token, channel = str(_FIRST_TOKEN + number), str(100 + number % CHANNELS)
        options = [{"name": "brief", "type": 3, "value": BRIEF}, {"name": "kind", "type": 3, "value": "social_post"}]
        self.asked_for.append(token)
        await self._deliver("INTERACTION_CREATE", {
            "id": self._build_snowflake(), "application_id": "3", "type": 2, "token": token, "version": 1,
            "channel_id": channel, "channel": {"id": channel, "type": 0}, "guild_id": GUILD,
            "guild": {"id": GUILD, "locale": "en-US", "features": []}, "member": self._build_member(ADA), "locale": "en-US",
            "data": {"id": "1", "name": "copy", "type": 1, "options": options}, "entitlements": [], "context": 0,
            "authorizing_integration_owners": {"0": GUILD}, "attachment_size_limit": 10_000_000,
            "app_permissions": str(discord.Permissions.all().value),
        })  # fmt: skip
        return token

    # Outcomes

    def answers(self, asked: str) -> list[str]:
        """Return all final answers to a request as text, private or in its channel."""
        if _is_token(asked):
            whispers = [one for one in self.shelf.messages.values() if one["channel_id"] == asked]
            shown = [self.shelf.originals.get(asked), *whispers]
        else:
            shown = [one for one in self.shelf.messages.values() if _get_reference(one) == asked]
        final = [one["components"] for one in shown if one and one["components"] and _is_final(one["components"])]
        return [json.dumps(one, ensure_ascii=False) for one in [*final, *self.told.get(asked, [])]]

    def posts(self) -> list[dict[str, Any]]:
        """Return the bot's posts in channels that answer no message."""
        return [
            one
            for one in self.shelf.messages.values()
            if one["author"]["id"] == "3" and _get_reference(one) is None and not _is_token(one["channel_id"])
        ]

    def whole(self, asked: str) -> bool:
        """Return whether a request has a complete answer."""
        return any("quill:again:" in one for one in self.answers(asked))

    # Discord

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Handle a REST call."""
        path = re.sub(r"^/api(/v10)?", "", request.path)
        shows = path.startswith(("/channels/", "/webhooks/", "/interactions/")) and request.method != "GET"
        if shows and (failure := await self.fails(request)) is not None:
            return failure
        if request.method == "GET" and path.endswith("/messages"):
            self.reads[path.split("/")[2]] += 1
        if self.status != 200 or request.method == "HEAD" or path.endswith(self.hold_at):
            return await super().rest(request)
        if found := re.fullmatch(r"/interactions/\d+/([\w-]+)/callback", path):
            body = json.loads(await request.text())
            if refusal := self.shelf.refuses("POST", path, {**body, "files": []}):
                return build_json_response({"code": refusal[1], "message": "refused"}, refusal[0])
            self.acknowledged.add(found[1])
            if said := body.get("data", {}).get("components"):
                self.told[found[1]] = [said]
            self.shelf.originals[found[1]] = self.shelf._build_message("1", {"files": []})
            return build_json_response({"interaction": {"id": path.split("/")[2], "type": 2}})
        if path == f"/guilds/{GUILD}/members/{ADA['id']}":
            return build_json_response(self._build_member(ADA))
        if "/messages" in path or path.startswith("/webhooks/") or path == "/users/@me/channels":
            return await self.shelf.handle(request)
        return await super().rest(request)

    async def gateway(self, request: web.Request) -> web.StreamResponse:
        """Run the gateway: resume sessions if allowed, and deliver missed events then."""
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
            elif said["op"] == 2:
                self.identified.append(said["d"])
                self._socket = socket
                self._undelivered.clear()
                await self._dispatch("READY", {
                    "v": 10, "user": ME, "guilds": [{"id": GUILD, "unavailable": True}], "session_id": "s",
                    "resume_gateway_url": f"{self.url}/gateway", "application": {"id": "3", "flags": 0}, "shard": [0, 1],
                })  # fmt: skip
                await self._dispatch("GUILD_CREATE", self._build_guild())
            elif said["op"] == 6 and not self.resumes:
                await socket.send_json({"op": 9, "d": False, "s": None, "t": None})
            elif said["op"] == 6:
                self.resumed += 1
                self._socket = socket
                undelivered, self._undelivered = self._undelivered, []
                for event, data in undelivered:
                    await self._dispatch(event, data)
                await self._dispatch("RESUMED", {})
        if self._socket is socket:
            self._socket = None
        return socket

    async def _deliver(self, event: str, data: dict[str, Any]) -> None:
        """Deliver an event to the bot, or store it for a resumed session."""
        if self._socket is None or self._socket.closed:
            self._undelivered.append((event, data))
            return
        with contextlib.suppress(ConnectionError, RuntimeError):
            await self._dispatch(event, data)

    async def hang_up(self, code: int) -> None:
        """Close the connection with a code of Discord."""
        assert self._socket is not None
        await self._socket.close(code=code)

    async def _dispatch(self, event: str, data: dict[str, Any]) -> None:
        assert self._socket is not None
        await self._socket.send_json({"op": 0, "t": event, "s": next(self._sequence), "d": data})

    def _build_guild(self) -> dict[str, Any]:
        everybody = {
            "id": GUILD, "name": "@everyone", "permissions": str(discord.Permissions.all().value), "position": 0, "color": 0,
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        }  # fmt: skip
        return {
            "id": GUILD, "name": "Studio", "roles": [everybody], "emojis": [], "features": [], "owner_id": "8",
            "channels": [self._build_channel(str(100 + number), number) for number in range(CHANNELS)], "threads": [],
            "members": [self._build_member(ME)], "member_count": 2, "preferred_locale": "en-US", "presences": [], "stickers": [],
            "unavailable": False, "joined_at": "2026-01-05T09:00:00+00:00", "large": False, "voice_states": [],
            "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
        }  # fmt: skip

    def _build_channel(self, channel: str, number: int) -> dict[str, Any]:
        last = max((int(one["id"]) for one in self.shelf.list_messages(channel)), default=None)
        return {
            "id": channel, "type": 0, "name": f"c{number}", "position": number, "permission_overwrites": [], "nsfw": False,
            "last_message_id": str(last) if last else None,
        }  # fmt: skip

    def _build_member(self, user: dict[str, Any]) -> dict[str, Any]:
        return {
            "user": user, "roles": [], "joined_at": "2026-01-05T09:00:00+00:00", "deaf": False, "mute": False, "flags": 0,
            "permissions": str(discord.Permissions.text().value),
        }  # fmt: skip

    def _build_snowflake(self) -> str:
        return str(discord.utils.time_snowflake(discord.utils.utcnow()) + next(self._sequence) % 4_000_000)

    def _stamp(self, made: Any) -> Any:
        def stamp_message(channel: str, body: dict[str, Any]) -> dict[str, Any]:
            return {
                **made(channel, body),
                "id": self._build_snowflake(),
                "timestamp": discord.utils.utcnow().isoformat(),
            }

        return stamp_message


async def _never_fail(_request: web.Request) -> None:
    """Let no call fail."""


def _is_token(name: str) -> bool:
    return _FIRST_TOKEN < int(name) < 2 * _FIRST_TOKEN


def _is_final(components: list[Any]) -> bool:
    return bool(components[0].get("id") == FINISHED)


def _get_reference(message: dict[str, Any]) -> str | None:
    reference = message.get("message_reference")
    return str(reference["message_id"]) if reference else None


async def wait_until_answered(there: FaultyDiscord, asked: list[str], seconds: float) -> bool:
    """Wait until all requests have a final answer, or the timeout passes."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if all(there.answers(one) for one in asked):
            return True
        await asyncio.sleep(0.05)
    return False
