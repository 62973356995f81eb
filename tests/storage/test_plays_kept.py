"""Plays as they are kept: sealed, what people say with their own keys; found by their channel; gone with whom they are of."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage import tables
from storage.database import Database
from storage.errors import PausedError, StorageError
from storage.people import People
from storage.plays import MAX_PLAYS, Plays, StoredPlay
from storage.retention import LEFT_RETENTION, Retention

ADA, BEN, SERVER = "7", "8", "1"
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def build_play(channel: str = "c", **more: Any) -> StoredPlay:
    words = {(ADA, 0): {"role": "Seller"}, (ADA, 1): {"text": "zebra"}}
    return StoredPlay(ADA, SERVER, channel, "case", more.pop("state", "open"), {"title": "quagga"}, words, **more)


async def test_a_play_is_encrypted_and_found_by_its_channel_until_it_ends(database: Database) -> None:
    plays = Plays(database)
    kept = build_play()
    assert await plays.add(kept)
    assert not await plays.add(build_play()), "one goes on in that channel"
    assert await plays.get(kept.id) == await plays.find_active("c") == kept
    assert await plays.list_active_channels() == {"c"}
    async with database.read() as connection:
        rows = [repr((await connection.execute(sa.select(one))).all()) for one in (tables.plays, tables.play_words)]
    assert not any(word in row for word in ("zebra", "quagga", "Seller") for row in rows)
    ended = await plays.change(replace(kept, state="ended"))
    assert ended is not None
    assert await plays.find_active("c") is None
    assert await plays.list_active_channels() == set()
    assert await plays.add(build_play())


async def test_the_first_of_two_concurrent_changes_wins(database: Database) -> None:
    plays, kept = Plays(database), build_play()
    await plays.add(kept)
    done = await asyncio.gather(*(plays.change(kept, {(who, 2): {"text": who}}) for who in (ADA, BEN)))
    [won] = [one for one in done if one is not None]
    assert await plays.get(kept.id) == won
    taken_back = await plays.change(won, {(ADA, 1): None})
    assert taken_back is not None
    assert (ADA, 1) not in (await plays.get(kept.id)).utterances


async def test_waiting_and_overdue_plays_are_pending(database: Database) -> None:
    plays = Plays(database)
    states = {"a": "waiting", "b": "open", "c": "paused", "d": "ending", "e": "ended", "f": "open", "g": "lobby"}
    for channel, state in states.items():
        due = MOMENT if channel in "be" else MOMENT + timedelta(hours=2)
        await plays.add(build_play(channel, state=state, due_at=due))
    assert {one.channel_id for one in await plays.list_pending(MOMENT + timedelta(hours=1))} == {"a", "b", "d"}


async def test_utterances_are_erased_with_their_user_and_a_play_with_its_starter(database: Database) -> None:
    plays, people, kept = Plays(database), People(database), build_play()
    await plays.add(kept)
    await plays.change(kept, {(BEN, 2): {"text": "okapi"}})
    assert (await people.export(BEN))["play_words"][0]["text"] == "okapi"
    await people.forget(BEN)
    assert set((await plays.get(kept.id)).utterances) == {(ADA, 0), (ADA, 1)}
    await people.forget(ADA)
    assert await plays.get(kept.id) is None
    async with database.read() as connection:
        assert (await connection.execute(sa.select(tables.play_words))).all() == []


async def test_plays_are_erased_with_their_server_and_after_a_month(database: Database) -> None:
    plays, retention, now = Plays(database), Retention(database), datetime.now(UTC)
    await plays.add(build_play("old", updated_at=now - LEFT_RETENTION - timedelta(days=1)))
    await plays.add(build_play("new"))
    await retention.delete_expired()
    assert await plays.list_active_channels() == {"new"}
    await retention.record_removal(SERVER, now=now - LEFT_RETENTION - timedelta(days=1))
    await retention.delete_expired()
    assert await plays.list_active_channels() == set()


async def test_plays_of_paused_users_are_not_stored_and_plays_are_limited(database: Database) -> None:
    plays, people = Plays(database), People(database)
    kept = build_play()
    await plays.add(kept)
    await people.pause(BEN)
    with pytest.raises(PausedError):
        await plays.change(kept, {(BEN, 2): {"text": "okapi"}})
    assert await plays.get(kept.id) == kept, "nothing of it was kept"
    for number in range(MAX_PLAYS - 1):
        await plays.add(build_play(str(number)))
    with pytest.raises(StorageError, match="at a time"):
        await plays.add(build_play("one more"))
