"""The service for webhooks, which notify other programs of approved and published texts. Messages are signed, and retried for a day.

Messages follow Standard Webhooks (https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
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
from storage.audit import AuditEntry
from storage.owners import get_guild_id
from storage.reviews import APPROVED_BY, ReviewedAsset
from storage.shielding import shield
from storage.webhooks import Webhook, WebhookMessage

from .sender import Sender, UnreachableError

log = logging.getLogger(__name__)

# The types of events.
APPROVED_EVENT, PUBLISHED_EVENT, TEST_EVENT = "asset.approved", "asset.published", "webhook.test"
SIGNING_PREFIX = "whsec_"
_SECRET_BYTES = 32
# The pause after the first attempt, the factor by which pauses grow, the longest one, and how long a message is retried.
_FIRST_PAUSE_SECONDS, _PAUSE_FACTOR, _MAX_PAUSE_SECONDS, MAX_RETRY_PERIOD = 5.0, 3.0, 6 * 3600.0, timedelta(hours=24)
# The share by which a pause is randomly shortened or lengthened.
_JITTER = 0.2
# How long a process has to send a message that it has claimed, before another process may claim it.
_SEND_LEASE = timedelta(minutes=2)
_MAX_CONCURRENT = 8
# Maximum bytes of a body; from a larger one, the parts and the end of the text are removed.
MAX_BODY_BYTES = 256_000
_GONE = 410
_NO_WEBHOOK = "There is no webhook with that address here."
_GIVEN_UP = "I stopped sending to your webhook {url}, because for a whole day {why}. Try it with /webhook test."
_IS_GONE = "Your webhook {url} answered that it is gone (410), so I will not send it the events that were waiting."
_STATUS = "it answered {status}"

Notify = Callable[[Webhook, Phrase], Awaitable[None]]


class Webhooks:
    """The service for the webhooks of servers. `random_share` returns a random number from 0 to 1."""

    def __init__(
        self,
        store: Store,
        workspaces: Workspaces,
        recorder: Recorder,
        sender: Sender,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random_share: Callable[[], float] = random.random,
    ) -> None:
        self._store, self._workspaces, self._recorder, self.sender = store, workspaces, recorder, sender
        self.now, self._random_share = clock, random_share
        self._delivery_lock = asyncio.Lock()
        recorder.add_transaction_hook(self.enqueue)

    @shield
    async def add(self, guild_id: str, member: Member, url: str) -> Webhook:
        """Add a webhook; return it with its new secret.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member is not an owner, or the URL is not allowed.
            StorageError: the server has the maximum number of webhooks.
        """
        await self._workspaces.require(guild_id, member, Permission.CONFIGURE)
        await self.sender.check_reachable(url)
        if any(webhook.url == url for webhook in await self._store.webhooks.list_all(guild_id)):
            raise RefusedError("That webhook is already set up. Remove it first to get a new secret.")
        webhook = Webhook(guild_id, url, create_secret(), member.user_id)
        async with self._recorder.transaction() as note:
            await self._store.webhooks.add(webhook)
            await note(guild_id, "webhook", member.user_id, webhook.id, {"host": urlsplit(url).hostname or ""})
        return webhook

    async def list_webhooks(self, guild_id: str, member: Member) -> list[tuple[Webhook, int]]:
        """Return the webhooks of a server, each with its number of pending messages.

        Raises:
            RefusedError: the member is not an owner.
        """
        await self._workspaces.require(guild_id, member, Permission.CONFIGURE)
        pending_counts = await self._store.webhooks.count_waiting(guild_id)
        return [
            (webhook, pending_counts.get(webhook.id, 0)) for webhook in await self._store.webhooks.list_all(guild_id)
        ]

    async def find_webhook(self, guild_id: str, member: Member, url: str) -> Webhook:
        """Return the webhook with a URL, with the first 100 characters of a URL, or with an id.

        Raises:
            RefusedError: the webhook does not exist, or the member is not an owner.
        """
        for webhook, _ in await self.list_webhooks(guild_id, member):
            if url.strip() in (webhook.id, webhook.url, webhook.url[:100]):
                return webhook
        raise RefusedError(_NO_WEBHOOK)

    @shield
    async def remove(self, guild_id: str, member: Member, url: str) -> Webhook:
        """Remove a webhook with its pending messages. Takes the same `url` and raises the same errors as `find_webhook`."""
        webhook = await self.find_webhook(guild_id, member, url)
        async with self._recorder.transaction() as note:
            if not await self._store.webhooks.delete(webhook):
                raise RefusedError(_NO_WEBHOOK)
            details = {"host": urlsplit(webhook.url).hostname or ""}
            await note(guild_id, "unhook", member.user_id, webhook.id, details)
        return webhook

    async def test(self, guild_id: str, member: Member, url: str) -> tuple[Webhook, Phrase | None]:
        """Send a test message; return the webhook and why the message was not accepted, None if it was.

        Takes the same `url` and raises the same errors as `find_webhook`.
        """
        webhook = await self.find_webhook(guild_id, member, url)
        body = _build_body(TEST_EVENT, self.now(), {"workspace": guild_id})
        now = self.now()
        failure, _ = await self._send(webhook, WebhookMessage(webhook.id, guild_id, body, now, now))
        if failure is None and webhook.failure:
            await self._store.webhooks.set_failure(webhook, None)
        return webhook, failure

    async def enqueue(self, event: AuditEntry) -> None:
        """Store a message about an audit entry for each webhook, in the entry's transaction."""
        event_type = _find_event_type(event)
        guild_id = get_guild_id(event.owner_id)
        webhooks = await self._store.webhooks.list_all(guild_id) if event_type else []
        asset = await self._store.reviews.get(event.owner_id, event.about) if webhooks else None
        if asset is None:
            return
        now = self.now()
        body = _build_body(event_type, datetime.fromisoformat(event.at), _build_asset_data(asset, event, guild_id))
        for webhook in webhooks:
            await self._store.webhooks.add_message(WebhookMessage(webhook.id, guild_id, body, now, now))

    async def deliver(self, notify: Notify) -> int:
        """Send the due messages; return the number accepted. Others are retried for a day; then the creator is notified."""
        async with self._delivery_lock:
            due_messages = await self._store.webhooks.list_due_messages(self.now())
            delivered_count = 0
            for start in range(0, len(due_messages), _MAX_CONCURRENT):
                batch = due_messages[start : start + _MAX_CONCURRENT]
                delivered_count += sum(await asyncio.gather(*(self._deliver(message, notify) for message in batch)))
            return delivered_count

    async def _deliver(self, message: WebhookMessage, notify: Notify) -> bool:
        store = self._store.webhooks
        leased_message = await store.postpone_message(message, self.now() + _SEND_LEASE, tries=message.tries)
        if leased_message is None:  # Another process has claimed it.
            return False
        webhook = await store.get(message.guild_id, message.webhook_id)
        if webhook is None:
            await store.delete_message(leased_message)
            return False
        failure, wait = await self._send(webhook, leased_message)
        if failure is None:
            await store.delete_message(leased_message)
            return True
        tries, now = leased_message.tries + 1, self.now()
        is_gone = wait < 0
        if not is_gone and now < leased_message.created_at + MAX_RETRY_PERIOD:
            pause = max(wait, compute_pause(tries, self._random_share()))
            await store.postpone_message(
                leased_message,
                min(now + timedelta(seconds=pause), leased_message.created_at + MAX_RETRY_PERIOD),
                tries=tries,
            )
            return False
        await store.delete_message(leased_message)
        await store.set_failure(webhook, {"at": now.isoformat(timespec="seconds"), "why": failure.to_json()})
        await notify(webhook, Phrase(_IS_GONE if is_gone else _GIVEN_UP, url=webhook.url, why=failure))
        return False

    async def _send(self, webhook: Webhook, message: WebhookMessage) -> tuple[Phrase | None, float]:
        """Send a message; return why it was not accepted (None if it was) and the minimum seconds to wait (negative: never retry)."""
        body, timestamp = message.body.encode(), int(self.now().timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Quillmate",
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(webhook.secret, message.id, timestamp, body),
        }
        try:
            response = await self.sender.post(webhook.url, headers, body)
        except UnreachableError as error:
            log.info("a webhook could not be sent: %s", error)
            return Phrase(_UNREACHABLE.get(str(error), _UNREACHABLE[""])), 0.0
        if response.is_accepted:
            return None, 0.0
        return Phrase(_STATUS, status=response.status), -1.0 if response.status == _GONE else response.retry_after


# Why a message could not be sent, in words for users.
_UNREACHABLE: Mapping[str, str] = {
    "": "it could not be reached",
    "it did not answer in time": "it did not answer in time",
    "its host is no longer allowed": "its host is no longer allowed",
    "its name leads to an address that is not of the open internet": "its address is not on the public internet",
    "that address is not of the open internet": "its address is not on the public internet",
}


def create_secret() -> str:
    """Create a signing secret in the format of Standard Webhooks."""
    return SIGNING_PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message: HMAC-SHA256 over its id, timestamp and body, joined by dots."""
    key = base64.b64decode(secret.removeprefix(SIGNING_PREFIX))
    digest = hmac.digest(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(digest).decode()}"


def compute_pause(tries: int, random_share: float) -> float:
    """Return the seconds until the next attempt: three times as long each time, up to six hours, with a jitter of a fifth.

    `random_share` is a random number from 0 to 1.
    """
    pause = min(_FIRST_PAUSE_SECONDS * _PAUSE_FACTOR ** (tries - 1), _MAX_PAUSE_SECONDS)
    return float(pause * (1 - _JITTER + 2 * _JITTER * random_share))


def _find_event_type(event: AuditEntry) -> str:
    """Return the event type of an audit entry; empty if webhooks are not notified of it."""
    if event.act == "approve" and event.details.get("status") == APPROVED:
        return APPROVED_EVENT
    return PUBLISHED_EVENT if event.act == "publish" else ""


def _build_asset_data(asset: ReviewedAsset, event: AuditEntry, guild_id: str) -> dict[str, Any]:
    """Build the data about a text, with the user ids of its approvers."""
    approver_ids = [mark.user_id for mark in asset.marks if mark.kind == APPROVED_BY and mark.version == asset.version]
    data: dict[str, Any] = {
        "workspace": guild_id,
        "asset": {
            "id": asset.id,
            "version": asset.version,
            "kind": asset.kind,
            "title": asset.title,
            "text": asset.text,
            "parts": asset.parts,
            "status": asset.status,
        },
        "approved_by": approver_ids,
    }
    post_data = {name: event.details[name] for name in ("channel", "message") if event.details.get(name)}
    return data | ({"posted": post_data} if post_data else {})


def _build_body(event_type: str, sent_at: datetime, data: Mapping[str, Any]) -> str:
    """Build the JSON body of a message; if it is too large, the parts and the end of the text are removed."""
    payload = {
        "type": event_type,
        "timestamp": sent_at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "data": dict(data),
    }
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":"))
    if len(body.encode("utf-8", "replace")) <= MAX_BODY_BYTES:
        return body.encode("utf-8", "replace").decode()
    asset = {**data["asset"], "parts": {}, "text": data["asset"]["text"][: MAX_BODY_BYTES // 8], "shortened": True}
    payload["data"] = {**data, "asset": asset}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()
