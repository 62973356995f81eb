"""Records actions in the audit log of a workspace, in the same transaction as the action, and notifies listeners."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol

from bot.errors import Phrase
from bot.markup import shorten
from bot.store import Store
from storage.audit import AuditEntry
from storage.owners import workspace

log = logging.getLogger(__name__)

EventListener = Callable[[AuditEntry], Awaitable[None]]
# Called inside the entry's transaction, to store what follows from the entry.
TransactionHook = Callable[[AuditEntry], Awaitable[None]]

# The text of an entry by its act; `person` and `to` are mentions.
ACT_TEXTS: Mapping[str, str] = {
    "keep": "{person} gave this to the team",
    "submit": "{person} submitted version {version}",
    "withdraw": "{person} withdrew version {version} from review",
    "approve": "{person} approved version {version} ({count} of {needed})",
    "unapprove": "{person} took back an approval of version {version}",
    "lack": "version {version} did not have enough approvals, so it did not go out",
    "ask": "{person} requested changes to version {version}",
    "comment": "{person} commented on version {version}",
    "assign": "{person} assigned it to {to}",
    "edit": "{person} made version {version}",
    "archive": "{person} archived it",
    "restore": "{person} moved it back to the drafts",
    "schedule": "{person} scheduled it for {channel}",
    "unschedule": "{person} removed it from the calendar",
    "publish": "it was posted in {channel}, as scheduled by {person}",
    "plan": "{person} scheduled a post in {channel}",
    "move": "{person} changed a scheduled post in {channel}",
    "cancel": "{person} cancelled a scheduled post in {channel}",
    "posted": "a post scheduled by {person} went out in {channel}",
    "campaign": "{person} started a campaign",
    "brief": "{person} changed the brief of a campaign to version {version}",
    "stale": "{person} changed the brief this was based on",
    "amiss": "{person} had all texts of a campaign checked, and this one has a problem",
    "redone": "{person} had this rewritten, and it came out the same",
    "webhook": "{person} set up a webhook",
    "unhook": "{person} removed a webhook",
    "settings": "{person} changed the settings: {changed}",
    "roles": "{person} changed the roles",
    "limits": "{person} changed the quotas",
    "brand": "{person} changed the brand “{brand}”: {changed}",
}
_UNASSIGNED = "{person} removed the assignment"
_CHANGES_REQUESTED = "{person} requested changes to version {version}: {words}"
# Maximum characters of the requested changes in the text of an entry; the history of the reviewed text has all of them.
_MAX_FEEDBACK_CHARACTERS = 300
_UNKNOWN_PERSON = "someone I no longer know"
_BOT_NAME = "Quillmate"


class EntryWriter(Protocol):
    """Adds an entry to a server's audit log; `people` are further details, whose values are user ids, which are stored as aliases."""

    async def __call__(
        self,
        guild_id: str,
        act: str,
        user_id: str,
        about: str = "",
        details: Mapping[str, Any] | None = None,
        people: Mapping[str, str] | None = None,
    ) -> None:
        """Add the entry."""


class Recorder:
    """Opens the transactions in which actions in workspaces are stored and recorded."""

    def __init__(self, store: Store) -> None:
        self._store, self._listeners, self._hooks = store, list[EventListener](), list[TransactionHook]()

    def add_listener(self, listener: EventListener) -> None:
        """Call a listener with each entry once its transaction is committed. Its exceptions are only logged."""
        self._listeners.append(listener)

    def add_transaction_hook(self, hook: TransactionHook) -> None:
        """Call a hook with each entry inside its transaction, which is rolled back if the hook fails."""
        self._hooks.append(hook)

    @asynccontextmanager
    async def transaction(self, claim: str = "") -> AsyncIterator[EntryWriter]:
        """Open a transaction that stores an action and its audit entries together. The caller shields it from cancellation."""
        events: list[AuditEntry] = []

        async def record(
            guild_id: str,
            act: str,
            user_id: str,
            about: str = "",
            details: Mapping[str, Any] | None = None,
            people: Mapping[str, str] | None = None,
        ) -> None:
            event = await self._store.audit.add(workspace(guild_id), act, user_id, about, details, people)
            events.append(event)
            for hook in self._hooks:
                await hook(event)

        async with self._store.database.share_write(claim):
            yield record
        for event in events:
            await self._notify(event)

    async def _notify(self, event: AuditEntry) -> None:
        for listener in self._listeners:
            try:
                await listener(event)
            except Exception:  # A failing listener must not affect the others.
                log.exception("an audit listener failed")


def describe_event(event: AuditEntry) -> Phrase:
    """Return the text of an entry as a phrase."""
    details = event.details
    if event.act == "assign" and not details.get("to"):
        return Phrase(_UNASSIGNED, person=_format_person(event, event.who))
    words = shorten(" ".join(str(details.get("words", "")).split()), _MAX_FEEDBACK_CHARACTERS)
    return Phrase(
        _CHANGES_REQUESTED if event.act == "ask" and words else ACT_TEXTS.get(event.act, "{person}: {act}"),
        person=_format_person(event, event.who),
        act=event.act,
        to=_format_person(event, str(details.get("to", ""))),
        version=details.get("version", 1),
        count=details.get("count", 0),
        needed=details.get("needed", 1),
        channel=f"<#{details.get('channel', 0)}>",
        changed=", ".join(details.get("changed", ())),
        brand=details.get("brand", ""),
        words=words,
    )


def _format_person(event: AuditEntry, alias: str) -> str | Phrase:
    if not alias:
        return _BOT_NAME
    user_id = event.user_ids.get(alias)
    return f"<@{user_id}>" if user_id else Phrase(_UNKNOWN_PERSON)
