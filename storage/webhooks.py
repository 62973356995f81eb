"""Webhooks of workspaces, sealed with the workspace's key, and the messages still to be sent to them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, func, select, tuple_, update

from . import tables
from .crypto import OwnerKey
from .damage import open_or_none
from .database import Database
from .errors import StorageError
from .owned_items import select_with_keys
from .owners import get_guild_id, is_workspace, workspace
from .shielding import shield_methods
from .statements import to_utc

MAX_WEBHOOKS = 10
_SEALED_FIELDS = ("url", "secret", "failure")


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL that receives messages, and the secret that signs them.

    `created_by` is a user id, None once their data is deleted. `failure` describes the last permanent failure as
    JSON-compatible data, None if the webhook works.
    """

    guild_id: str
    url: str
    secret: str = field(repr=False)
    created_by: str | None
    failure: Mapping[str, Any] | None = None
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    created_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def owner_id(self) -> str:
        """The owner id of the webhook's server."""
        return workspace(self.guild_id)


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """A message for a webhook: the body, the number of attempts so far (`tries`), and when the next is due."""

    webhook_id: str
    guild_id: str
    body: str
    created_at: datetime
    due_at: datetime
    tries: int = 0
    id: str = field(default_factory=lambda: f"msg_{secrets.token_hex(12)}")


@shield_methods
class Webhooks:
    """Webhooks by workspace. Callers check permissions."""

    def __init__(self, database: Database, max_webhooks: int = MAX_WEBHOOKS) -> None:
        self._database, self._max_webhooks = database, max_webhooks

    async def add(self, webhook: Webhook) -> None:
        """Store a new webhook.

        Raises:
            PausedError: the user who creates it has paused storage.
            StorageError: the server has the maximum number of webhooks, or the owner is not a server.
        """
        table, owner_id = tables.webhooks, webhook.owner_id
        if not is_workspace(owner_id) or not webhook.guild_id:
            raise StorageError("Webhooks are only available in servers.")
        async with self._database.write(f"{table.name} {owner_id}") as connection:
            if webhook.created_by:
                await self._database.owners.require_key(connection, webhook.created_by)
            key = await self._database.owners.require_key(connection, owner_id)
            query = select(func.count()).select_from(table).where(table.c.owner_id == owner_id)
            if int(await connection.scalar(query) or 0) >= self._max_webhooks:
                raise StorageError(
                    "I can keep up to {most} of these for a server. Delete one that is no longer needed.",
                    most=self._max_webhooks,
                )
            await connection.execute(table.insert().values(**_build_values(webhook, key)))

    async def list_all(self, guild_id: str) -> list[Webhook]:
        """List the webhooks of a server, oldest first."""
        return await self._load_where(tables.webhooks.c.owner_id == workspace(guild_id))

    async def get(self, guild_id: str, webhook_id: str) -> Webhook | None:
        """Return a server's webhook; None if it does not exist or was tampered with in the database."""
        table = tables.webhooks
        condition = (table.c.id == webhook_id) & tables.belongs_to(table, workspace(guild_id))
        return next(iter(await self._load_where(condition)), None)

    async def set_failure(self, webhook: Webhook, failure: Mapping[str, Any] | None) -> None:
        """Store a webhook's permanent failure, None if it works again."""
        table = tables.webhooks
        async with self._database.write() as connection:
            key = await self._database.owners.find_key(connection, webhook.owner_id)
            if key is not None:
                sealed = _build_values(replace(webhook, failure=failure), key)["sealed"]
                await connection.execute(update(table).where(table.c.id == webhook.id).values(sealed=sealed))

    async def delete(self, webhook: Webhook) -> bool:
        """Delete a webhook with its pending messages; return whether it existed."""
        table = tables.webhooks
        async with self._database.write() as connection:
            result = await connection.execute(
                delete(table).where(table.c.id == webhook.id, tables.belongs_to(table, webhook.owner_id))
            )
        return bool(result.rowcount)

    async def add_message(self, message: WebhookMessage) -> None:
        """Store a message to send, in the caller's transaction."""
        table, owner_id = tables.webhook_messages, workspace(message.guild_id)
        async with self._database.write() as connection:
            key = await self._database.owners.require_key(connection, owner_id)
            await connection.execute(table.insert().values(**_build_message_values(message, key)))

    async def list_due_messages(self, now: datetime, limit: int = 20) -> list[WebhookMessage]:
        """List up to `limit` due messages, longest overdue first; those that cannot be opened hide no later ones."""
        table, messages = tables.webhook_messages, list[WebhookMessage]()
        position = (table.c.due_at, table.c.id)
        query = select_with_keys(table).where(table.c.due_at <= now).order_by(*position).limit(limit)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
            messages += filter(None, map(self._open_message, rows))
            while len(messages) < limit == len(rows):
                next_page = query.where(tuple_(*position) > tuple_(rows[-1].due_at, rows[-1].id))
                rows = (await connection.execute(next_page)).all()
                messages += filter(None, map(self._open_message, rows))
        return messages[:limit]

    async def postpone_message(self, message: WebhookMessage, due_at: datetime, *, tries: int) -> WebhookMessage | None:
        """Postpone a message to `due_at`; return the updated message, or None if another process has changed it in the meantime."""
        table = tables.webhook_messages
        condition = (table.c.id == message.id) & (table.c.tries == message.tries) & (table.c.due_at == message.due_at)
        async with self._database.write() as connection:
            result = await connection.execute(update(table).where(condition).values(due_at=due_at, tries=tries))
        return replace(message, due_at=due_at, tries=tries) if result.rowcount else None

    async def delete_message(self, message: WebhookMessage) -> None:
        """Delete a message that was delivered or given up on."""
        table = tables.webhook_messages
        async with self._database.write() as connection:
            await connection.execute(delete(table).where(table.c.id == message.id))

    async def count_waiting(self, guild_id: str) -> dict[str, int]:
        """Count the undelivered messages of a server, by webhook id."""
        table = tables.webhook_messages
        query = select(table.c.webhook_id, func.count()).where(table.c.owner_id == workspace(guild_id))
        async with self._database.read() as connection:
            rows = await connection.execute(query.group_by(table.c.webhook_id))
            return {str(row[0]): int(row[1]) for row in rows}

    async def _load_where(self, condition: ColumnElement[bool]) -> list[Webhook]:
        table = tables.webhooks
        query = select_with_keys(table).where(condition).order_by(table.c.created_at, table.c.id)
        async with self._database.read() as connection:
            rows = (await connection.execute(query)).all()
        return [webhook for row in rows if (webhook := self._open_webhook(row)) is not None]

    def _open_webhook(self, row: Row[Any]) -> Webhook | None:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        fields = open_or_none(key, row.sealed, tables.build_purpose(tables.webhooks, row._mapping))
        if fields is None:
            return None
        return Webhook(
            guild_id=get_guild_id(row.owner_id),
            id=row.id,
            created_by=row.given_by,
            created_at=to_utc(row.created_at),
            **fields,
        )

    def _open_message(self, row: Row[Any]) -> WebhookMessage | None:
        key = self._database.keys.unwrap(row.owner_id, row.wrapped_key, row.key_id)
        fields = open_or_none(key, row.sealed, tables.build_purpose(tables.webhook_messages, row._mapping))
        if fields is None:
            return None
        return WebhookMessage(
            id=row.id,
            webhook_id=row.webhook_id,
            guild_id=get_guild_id(row.owner_id),
            body=fields["body"],
            tries=row.tries,
            created_at=to_utc(row.created_at),
            due_at=to_utc(row.due_at),
        )


def _build_values(webhook: Webhook, key: OwnerKey) -> dict[str, Any]:
    row = {name: getattr(webhook, name) for name in ("id", "owner_id", "created_at")} | {"given_by": webhook.created_by}
    fields = {name: getattr(webhook, name) for name in _SEALED_FIELDS}
    return {**row, "sealed": key.seal(fields, tables.build_purpose(tables.webhooks, row))}


def _build_message_values(message: WebhookMessage, key: OwnerKey) -> dict[str, Any]:
    names = ("id", "webhook_id", "tries", "due_at", "created_at")
    row = {"owner_id": workspace(message.guild_id), **{name: getattr(message, name) for name in names}}
    sealed = key.seal({"body": message.body}, tables.build_purpose(tables.webhook_messages, row))
    return {**row, "sealed": sealed}
