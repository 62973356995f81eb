"""Notes what is done in a workspace in its audit, in the transaction in which it is done, and tells those who want to know."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from textwrap import shorten
from typing import Any, Protocol

from bot.errors import Phrase
from bot.store import Store
from storage.audit import Event
from storage.owners import workspace

log = logging.getLogger(__name__)

Listener = Callable[[Event], Awaitable[None]]
# Keeps something that follows from an entry, in the entry's transaction.
Keeper = Callable[[Event], Awaitable[None]]

# What an entry says of who did what; `person` and `to` are mentions.
DONE: Mapping[str, str] = {
    "keep": "{person} gave this to the team",
    "submit": "{person} submitted version {version}",
    "withdraw": "{person} withdrew version {version} from review",
    "approve": "{person} approved version {version} ({count} of {needed})",
    "unapprove": "{person} took back an approval of version {version}",
    "lack": "version {version} needs more approvals than it has, so it did not go out",
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
    "amiss": "{person} had all texts of a campaign checked, and something is wrong with this one",
    "redone": "{person} had this rewritten, and it came out the same",
    "webhook": "{person} set up a webhook",
    "unhook": "{person} removed a webhook",
    "settings": "{person} changed the settings: {changed}",
    "roles": "{person} changed who may do what",
    "limits": "{person} changed the quotas",
    "brand": "{person} changed the brand “{brand}”: {changed}",
}
_NOBODY = "{person} removed the assignment"
_ASKED = "{person} requested changes to version {version}: {words}"
# Characters of what was asked for that an entry says; all of it stands in the text's history.
_MAX_WORDS = 300
_SOMEBODY = "someone I no longer know"
_ITSELF = "Quillmate"


class Note(Protocol):
    """Adds an entry to a server's audit; `people` are further details that name people by their ids."""

    async def __call__(
        self,
        guild_id: str,
        act: str,
        user_id: str,
        about: str = "",
        details: Mapping[str, Any] | None = None,
        people: Mapping[str, str] | None = None,
    ) -> None:
        """Adds it."""


class Recorder:
    """Everybody who does something in workspaces does it within `acting`; whoever wants to know of it calls `listen`."""

    def __init__(self, store: Store) -> None:
        self._store, self._listeners, self._keepers = store, list[Listener](), list[Keeper]()

    def listen(self, listener: Listener) -> None:
        """From now on tells a listener each entry, once what was done is kept. What it raises is logged and harms nobody."""
        self._listeners.append(listener)

    def keep_with(self, keeper: Keeper) -> None:
        """From now on has something kept with each entry, in its transaction: where that fails, nothing was done."""
        self._keepers.append(keeper)

    @asynccontextmanager
    async def acting(self, claim: str = "") -> AsyncIterator[Note]:
        """A transaction in which something is done and noted: both is kept, or nothing. To be carried through to its end."""
        events: list[Event] = []

        async def note(
            guild_id: str,
            act: str,
            user_id: str,
            about: str = "",
            details: Mapping[str, Any] | None = None,
            people: Mapping[str, str] | None = None,
        ) -> None:
            added = await self._store.audit.add(workspace(guild_id), act, user_id, about, details, people)
            events.append(added)
            for keeper in self._keepers:
                await keeper(added)

        async with self._store.database.writing(claim):
            yield note
        for event in events:
            await self._tell(event)

    async def _tell(self, event: Event) -> None:
        for listener in self._listeners:
            try:
                await listener(event)
            except Exception:  # A listener's failure is its own.
                log.exception("what was done could not be told")


def in_words(event: Event) -> Phrase:
    """What an entry says, as a phrase."""
    details = event.details
    if event.act == "assign" and not details.get("to"):
        return Phrase(_NOBODY, person=_person(event, event.who))
    words = shorten(str(details.get("words", "")), _MAX_WORDS, placeholder=" …")
    return Phrase(
        _ASKED if event.act == "ask" and words else DONE.get(event.act, "{person}: {act}"),
        person=_person(event, event.who),
        act=event.act,
        to=_person(event, str(details.get("to", ""))),
        version=details.get("version", 1),
        count=details.get("count", 0),
        needed=details.get("needed", 1),
        channel=f"<#{details.get('channel', 0)}>",
        changed=", ".join(details.get("changed", ())),
        brand=details.get("brand", ""),
        words=words,
    )


def _person(event: Event, alias: str) -> str | Phrase:
    if not alias:
        return _ITSELF
    known = event.people.get(alias)
    return f"<@{known}>" if known else Phrase(_SOMEBODY)
