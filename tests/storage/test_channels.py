"""Where something was made lately: found of what is kept, and gone with whoever is forgotten."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from storage.crypto import Keyring
from storage.database import Database
from storage.errors import PausedError
from storage.generations import Generation, Generations
from storage.people import People
from storage.retention import Retention

ADA, BEN = "7", "8"
NOW = datetime.now(UTC)


def build_result(number: int, user_id: str, channel_id: str, guild_id: str | None, ago: timedelta) -> Generation:
    return Generation(
        f"g{number}",
        user_id,
        "chat",
        {},
        "Hello.",
        {},
        [],
        "",
        "",
        1,
        0.1,
        guild_id=guild_id,
        channel_id=channel_id,
        created_at=NOW - ago,
    )


async def test_channels_are_those_of_stored_rows(url: str) -> None:
    database = Database(url, Keyring((b"k" * 32,)))
    generations, people, retention = Generations(database), People(database), Retention(database)
    hour, day = timedelta(hours=1), timedelta(days=1)
    for number, one in enumerate(
        [
            (ADA, "70", None, hour),
            (BEN, "80", None, 2 * hour),
            (BEN, "5", "1", day),
            (ADA, "5", "1", 60 * day),
            (ADA, "6", "1", 60 * day),
        ]
    ):
        await generations.add(build_result(number, *one))
    since = NOW - 30 * day
    assert await retention.list_channels(since) == [("70", None), ("80", None), ("5", "1")]
    assert await retention.list_channels(since, 1) == [("70", None)]
    await people.pause(BEN)
    with pytest.raises(PausedError):
        await generations.add(build_result(9, BEN, "81", None, hour))
    await people.forget(ADA)
    assert await retention.list_channels(since) == [("80", None), ("5", "1")]
    await database.close()
