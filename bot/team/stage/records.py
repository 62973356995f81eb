"""The stored plays and interviews of channels, and how they are changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from bot.errors import RefusedError
from bot.simulation.interview import Interview
from bot.simulation.play import Play, compute_deadline
from bot.store import Store
from bot.team.workspace.roles import Member, Permission
from bot.team.workspace.workspaces import Workspaces
from storage.errors import PausedError
from storage.plays import StoredPlay

# The kinds of stored records.
CASE, INTERVIEW = "case", "interview"
# Maximum characters of one speech or question of a user.
MAX_SPEECH_CHARACTERS = 1_500
# Attempts to save a change while others change the same record.
_MAX_TRIES = 5
GONE = "That is over, or I no longer have it."
NOT_HOST = "Only the person who started it can do that."
STILL_ANSWERING = "I am still answering. Wait for my answer, then continue."
_NOT_HERE = "Something is already running in this channel. End it first, or start somewhere else."
_TOO_LONG = "That has {count:,} characters; you can write at most {most:,} at a time. Shorten it."
_SOMEONE_WAS_QUICKER = "Someone else was quicker. See how things are now and try again."

_Talk = TypeVar("_Talk", Play, Interview)


@dataclass(frozen=True, slots=True)
class StageRecords:
    """The stored plays and interviews; each channel has at most one that is running."""

    store: Store
    workspaces: Workspaces
    clock: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))
    _locks: dict[str, asyncio.Lock] = field(default_factory=dict)
    # The ids of channels with a running play or interview, under the key "" once they are loaded.
    _active_channels: dict[str, set[str]] = field(default_factory=dict)

    async def check_can_start(self, guild_id: str, member: Member) -> None:
        """Check that a member may start something in a server, or in a direct message if `guild_id` is empty.

        Raises:
            PausedError: the member has paused storage.
            RefusedError: the member may not.
        """
        if guild_id:
            await self.workspaces.require(guild_id, member, Permission.MAKE)
        if await self.store.people.is_paused(member.user_id):
            raise PausedError

    async def add(self, user_id: str, guild_id: str, channel_id: str, kind: str, talk: Play | Interview) -> StoredPlay:
        """Store a new play or interview of a channel.

        Raises:
            RefusedError: another one is running there.
        """
        now = self.clock()
        record = StoredPlay(
            user_id,
            guild_id,
            channel_id,
            kind,
            talk.state,
            talk.to_json(),
            talk.texts_to_json(),
            created_at=now,
            updated_at=now,
        )
        if not await self.store.plays.add(record):
            raise RefusedError(_NOT_HERE)
        (await self._load_active_channels()).add(channel_id)
        return record

    async def load(self, record_id: str, guild_id: str, channel_id: str, kind: str) -> StoredPlay:
        """Return the record of a kind with an id in a channel.

        Raises:
            RefusedError: it does not exist.
        """
        record = await self.store.plays.get(record_id)
        if record is None or (record.guild_id, record.channel_id, record.kind) != (guild_id, channel_id, kind):
            raise RefusedError(GONE)
        return record

    async def find_running(self, channel_id: str) -> StoredPlay | None:
        """Return the running play or interview of a channel; None if there is none."""
        return (
            await self.store.plays.find_active(channel_id) if channel_id in await self._load_active_channels() else None
        )

    async def _load_active_channels(self) -> set[str]:
        """Return the channels with a running play or interview, loaded only once, so that messages elsewhere need no query."""
        if "" not in self._active_channels:
            self._active_channels[""] = await self.store.plays.list_active_channels()
        return self._active_channels[""]

    async def list_pending(self) -> list[StoredPlay]:
        """Return the rows of plays and interviews with a pending answer, and of plays whose time is over."""
        return await self.store.plays.list_pending(self.clock())

    async def discard(self, record: StoredPlay) -> None:
        """Delete a play or interview that could not be posted, or whose channel is deleted."""
        await self.store.plays.delete(record.id)
        self.release(record)

    def release(self, record: StoredPlay) -> None:
        """Free the channel of a record that is over."""
        self._locks.pop(record.id, None)
        self._active_channels.get("", set()).discard(record.channel_id)

    def get_lock(self, record: StoredPlay) -> asyncio.Lock:
        """Return the lock under which the answers of a record are written."""
        return self._locks.setdefault(record.id, asyncio.Lock())

    async def update(
        self,
        record: StoredPlay,
        talk: _Talk,
        change: Callable[[_Talk], _Talk],
        parse: Callable[[StoredPlay], _Talk],
    ) -> tuple[StoredPlay, _Talk]:
        """Apply a change and save it; if others have changed the record meanwhile, load it and try again.

        Raises:
            RefusedError: others were always quicker, or the record is gone.
        """
        for _ in range(_MAX_TRIES):
            changed_talk = change(talk)
            saved_record = await self._save(record, changed_talk)
            if saved_record is not None:
                return saved_record, changed_talk
            record = await self.load(record.id, record.guild_id, record.channel_id, record.kind)
            talk = parse(record)
        raise RefusedError(_SOMEONE_WAS_QUICKER)

    async def _save(self, record: StoredPlay, talk: Play | Interview) -> StoredPlay | None:
        texts = talk.texts_to_json()
        # As "waiting", it is found by `list_pending`.
        stored_state = "waiting" if has_unposted(talk) else talk.state
        due = compute_deadline(talk) if isinstance(talk, Play) and talk.state in ("open", "waiting") else None
        changed_texts = {key: text for key, text in texts.items() if record.utterances.get(key) != text}
        removed_texts: dict[tuple[str, int], None] = {key: None for key in record.utterances if key not in texts}
        updated = replace(record, value=talk.to_json(), state=stored_state, due_at=due, updated_at=self.clock())
        changes: dict[tuple[str, int], dict[str, Any] | None] = {**changed_texts, **removed_texts}
        return await self.store.plays.change(updated, changes)


def clean_speech(text: str) -> str:
    """Return a speech or a question with single spaces.

    Raises:
        RefusedError: it is too long.
    """
    speech = " ".join(text.split())
    if len(speech) > MAX_SPEECH_CHARACTERS:
        raise RefusedError(_TOO_LONG, count=len(speech), most=MAX_SPEECH_CHARACTERS)
    return speech


def has_unposted(play: Play | Interview) -> bool:
    """Return whether a line, an answer or a summary has not been posted yet."""
    if isinstance(play, Interview):
        answer_count = sum(bool(exchange.answer) for exchange in play.exchanges)
        return play.shown_count < answer_count if play.state != "ended" else not play.summary_posted
    return play.state == "open" and play.shown_count < len(play.lines)
