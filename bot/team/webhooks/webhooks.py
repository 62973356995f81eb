"""Tells other programs what was approved and published in a server: signed, kept with what it tells of, tried again for a day.

Messages are those of Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from bot.errors import Phrase, RefusedError
from bot.store import Store
from bot.team.workspace.recorder import Recorder
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.assets import APPROVED
from storage.audit import Event
from storage.owners import guild_of
from storage.reviews import APPROVED_BY, Reviewed
from storage.shielded import shielded
from storage.webhooks import Message, Webhook

from .sending import Sender, UnreachableError

log = logging.getLogger(__name__)

# What is told of which acts.
APPROVED_EVENT, PUBLISHED_EVENT, TEST_EVENT = "asset.approved", "asset.published", "webhook.test"
PREFIX = "whsec_"
_SECRET_BYTES = 32
# The first pause between two tries, by what it grows, the longest one, and for how long it is tried.
_FIRST, _GROWS, _MAX, TRIED_FOR = 5.0, 3.0, 6 * 3600.0, timedelta(hours=24)
# By how much a pause is shorter or longer, so that not all come at once.
_JITTER = 0.2
# Somebody who has taken a message has as long to send it, before another process does.
_TAKEN = timedelta(minutes=2)
_AT_ONCE = 8
# Bytes of a body; parts of a larger one are left out, and then the end of its text.
MAX_BODY = 256_000
_GONE = 410
_NO_WEBHOOK = "There is no webhook with that address here."
_GIVEN_UP = "I stopped sending to your webhook {url}, because for a whole day {why}. Try it with /webhook test."
_TOLD_GONE = "Your webhook {url} answered that it is gone (410), so I will not send it the events that were waiting."
_STATUS = "it answered {status}"

Tell = Callable[[Webhook, Phrase], Awaitable[None]]


class Webhooks:
    """The webhooks of servers. `clock` tells the time, `chance` gives a number from 0 to 1."""

    def __init__(
        self, store: Store, workspaces: Workspaces, recorder: Recorder, sender: Sender,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC), chance: Callable[[], float] = random.random,
    ) -> None:  # fmt: skip
        self._store, self._workspaces, self._recorder, self.sender = store, workspaces, recorder, sender
        self.now, self._chance = clock, chance
        self._delivering = asyncio.Lock()
        recorder.add_transaction_hook(self.put)

    @shielded
    async def add(self, guild_id: str, member: Member, url: str) -> Webhook:
        """Sets one up; gives it with the secret, which is shown once.

        Raises:
            PausedError: they want nothing to be kept.
            RefusedError: they do not own the workspace, or the address is not allowed.
            StorageError: the server has as many as are kept.
        """
        await self._workspaces.require(guild_id, member, Permission.CONFIGURE)
        await self.sender.look_at(url)
        if any(one.url == url for one in await self._store.webhooks.all(guild_id)):
            raise RefusedError("That webhook is already set up. Remove it first to get a new secret.")
        made = Webhook(guild_id, url, new_secret(), member.user_id)
        async with self._recorder.transaction() as note:
            await self._store.webhooks.add(made)
            await note(guild_id, "webhook", member.user_id, made.id, {"host": urlsplit(url).hostname or ""})
        return made

    async def all(self, guild_id: str, member: Member) -> list[tuple[Webhook, int]]:
        """Those of a server, each with how many messages wait for it.

        Raises:
            RefusedError: they do not own the workspace.
        """
        await self._workspaces.require(guild_id, member, Permission.CONFIGURE)
        waiting = await self._store.webhooks.waiting(guild_id)
        return [(one, waiting.get(one.id, 0)) for one in await self._store.webhooks.all(guild_id)]

    async def named(self, guild_id: str, member: Member, url: str) -> Webhook:
        """The one of an address.

        Raises:
            RefusedError: there is none, or they do not own the workspace.
        """
        for one, _ in await self.all(guild_id, member):
            if url.strip() in (one.id, one.url, one.url[:100]):
                return one
        raise RefusedError(_NO_WEBHOOK)

    @shielded
    async def remove(self, guild_id: str, member: Member, url: str) -> Webhook:
        """Removes the one of an address, with what it was still to be told; raises as `named`."""
        found = await self.named(guild_id, member, url)
        async with self._recorder.transaction() as note:
            if not await self._store.webhooks.drop(found):
                raise RefusedError(_NO_WEBHOOK)
            details = {"host": urlsplit(found.url).hostname or ""}
            await note(guild_id, "unhook", member.user_id, found.id, details)
        return found

    async def test(self, guild_id: str, member: Member, url: str) -> tuple[Webhook, Phrase | None]:
        """Sends a test to the one of an address; gives why it was not taken, None where it was. Raises as `named`."""
        found = await self.named(guild_id, member, url)
        body = _body(TEST_EVENT, self.now(), {"workspace": guild_id})
        now = self.now()
        why, _ = await self._send(found, Message(found.id, guild_id, body, now, now))
        if why is None and found.failure:
            await self._store.webhooks.note(found, None)
        return found, why

    async def put(self, event: Event) -> None:
        """Keeps what is to be told of an entry of the audit for each webhook, in the entry's transaction."""
        told = _event_of(event)
        guild_id = guild_of(event.owner_id)
        hooks = await self._store.webhooks.all(guild_id) if told else []
        asset = await self._store.reviews.get(event.owner_id, event.about) if hooks else None
        if asset is None:
            return
        now = self.now()
        body = _body(told, datetime.fromisoformat(event.at), _of_asset(asset, event, guild_id))
        for one in hooks:
            await self._store.webhooks.put(Message(one.id, guild_id, body, now, now))

    async def deliver(self, tell: Tell) -> int:
        """Sends what is due; gives how much of it was taken. What fails is put off, and after a day given up and told."""
        async with self._delivering:
            due = await self._store.webhooks.due(self.now())
            taken = 0
            for first in range(0, len(due), _AT_ONCE):
                batch = due[first : first + _AT_ONCE]
                taken += sum(await asyncio.gather(*(self._deliver(one, tell) for one in batch)))
            return taken

    async def _deliver(self, message: Message, tell: Tell) -> bool:
        store = self._store.webhooks
        held = await store.put_off(message, self.now() + _TAKEN, tries=message.tries)
        if held is None:  # Another process has taken it.
            return False
        webhook = await store.get(message.guild_id, message.webhook_id)
        if webhook is None:
            await store.done(held)
            return False
        why, wait = await self._send(webhook, held)
        if why is None:
            await store.done(held)
            return True
        tries, now = held.tries + 1, self.now()
        gone = wait < 0
        if not gone and now < held.created_at + TRIED_FOR:
            pause = max(wait, paused(tries, self._chance()))
            await store.put_off(held, min(now + timedelta(seconds=pause), held.created_at + TRIED_FOR), tries=tries)
            return False
        await store.done(held)
        await store.note(webhook, {"at": now.isoformat(timespec="seconds"), "why": why.as_json()})
        await tell(webhook, Phrase(_TOLD_GONE if gone else _GIVEN_UP, url=webhook.url, why=why))
        return False

    async def _send(self, webhook: Webhook, message: Message) -> tuple[Phrase | None, float]:
        """Sends a message; gives why it was not taken, None where it was, and how long to wait then: less than 0 for ever."""
        body, at = message.body.encode(), int(self.now().timestamp())
        headers = {
            "Content-Type": "application/json", "User-Agent": "Quillmate", "webhook-id": message.id,
            "webhook-timestamp": str(at), "webhook-signature": signature(webhook.secret, message.id, at, body),
        }  # fmt: skip
        try:
            answer = await self.sender.post(webhook.url, headers, body)
        except UnreachableError as error:
            log.info("a webhook could not be sent: %s", error)
            return Phrase(_UNREACHABLE.get(str(error), _UNREACHABLE[""])), 0.0
        if answer.taken:
            return None, 0.0
        return Phrase(_STATUS, status=answer.status), -1.0 if answer.status == _GONE else answer.retry_after


# Why something could not be sent, in words for people.
_UNREACHABLE: Mapping[str, str] = {
    "": "it could not be reached",
    "it did not answer in time": "it did not answer in time",
    "its host is no longer allowed": "its host is no longer allowed",
    "its name leads to an address that is not of the open internet": "its address is not on the public internet",
    "that address is not of the open internet": "its address is not on the public internet",
}


def new_secret() -> str:
    """A secret to sign with, as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """What a message is signed with: HMAC-SHA256 over its id, the time and its body, with points between."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed).decode()}"


def paused(tries: int, chance: float) -> float:
    """Seconds until the next try after so many: each time three times as long, up to six hours, by chance a fifth more or less."""
    pause = min(_FIRST * _GROWS ** (tries - 1), _MAX)
    return float(pause * (1 - _JITTER + 2 * _JITTER * chance))


def _event_of(event: Event) -> str:
    """What an entry of the audit is told as, empty for what is not told."""
    if event.act == "approve" and event.details.get("status") == APPROVED:
        return APPROVED_EVENT
    return PUBLISHED_EVENT if event.act == "publish" else ""


def _of_asset(asset: Reviewed, event: Event, guild_id: str) -> dict[str, Any]:
    """What is told of a text: what it is, and by whose ids it was approved."""
    by = [one.user_id for one in asset.marks if one.act == APPROVED_BY and one.version == asset.version]
    data: dict[str, Any] = {
        "workspace": guild_id,
        "asset": {"id": asset.id, "version": asset.version, "kind": asset.kind, "title": asset.title, "text": asset.text,
                  "parts": asset.parts, "status": asset.status},
        "approved_by": by,
    }  # fmt: skip
    posted = {name: event.details[name] for name in ("channel", "message") if event.details.get(name)}
    return data | ({"posted": posted} if posted else {})


def _body(event: str, at: datetime, data: Mapping[str, Any]) -> str:
    """A message as JSON, no larger than is sent: without its parts where it would be, then without the end of its text."""
    whole = {"type": event, "timestamp": at.astimezone(UTC).isoformat(timespec="milliseconds"), "data": dict(data)}
    written = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    if len(written.encode("utf-8", "replace")) <= MAX_BODY:
        return written.encode("utf-8", "replace").decode()
    asset = {**data["asset"], "parts": {}, "text": data["asset"]["text"][: MAX_BODY // 8], "shortened": True}
    whole["data"] = {**data, "asset": asset}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
