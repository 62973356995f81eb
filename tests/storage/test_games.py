"""Games and answers: sealed, the first click counts, the first change wins, and all goes with whom it is of."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from personas.ledger import guild
from storage import games as module
from storage import tables
from storage.database import Database
from storage.errors import PausedError, StorageError
from storage.games import GameAnswer, Games, StoredGame
from storage.people import People
from storage.retention import LEFT_RETENTION, Retention
from storage.workspaces import Workspaces

ADA, BEN, SERVER = "7", "8", "1"
HERE = guild(SERVER)
MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def build_game(name: str = "g", **values: Any) -> StoredGame:
    known = {"owner_id": HERE, "user_id": ADA, "kind": "live", "value": {"title": "zebra"}, "channel_id": "11"}
    return StoredGame(**{**known, "id": name, "created_at": MOMENT, **values})


def build_answer(user_id: str = BEN, number: int = 0, click_id: int = 100, choice: str = "quagga") -> GameAnswer:
    return GameAnswer(user_id, number, str(click_id), choice, 1.5)


def add_answers(known: Any, new: Any) -> dict[str, list[int]]:
    """Add answers to mastery as the teacher's side does, in short."""
    found = {name: list(bits) for name, bits in known.items()}
    for objective, right in new:
        found.setdefault(objective, []).append(int(right))
    return found


async def open_game(database: Database, **values: Any) -> tuple[Games, StoredGame]:
    games = Games(database)
    assert await games.add(build_game(state="open", **values))
    kept = await games.get("g")
    assert kept is not None
    return games, kept


async def test_a_game_and_its_answers_are_encrypted_and_restored(database: Database) -> None:
    games, kept = await open_game(database, due_at=MOMENT)
    assert kept == build_game(state="open", due_at=MOMENT)
    assert await games.record_answer("g", build_answer())
    assert await games.list_answers("g") == [build_answer()]
    async with database.read() as connection:
        rows = [repr((await connection.execute(sa.select(one))).all()) for one in (tables.games, tables.game_answers)]
    assert not any(word in " ".join(rows) for word in ("zebra", "quagga"))
    exported = await People(database).export(BEN)
    assert exported["game_answers"][0]["choice"] == "quagga"
    assert (await People(database).export(ADA))["games"][0]["title"] == "zebra"
    assert (await Workspaces(database).export(SERVER))["games"][0]["title"] == "zebra"


async def test_a_channel_has_one_game_at_a_time(database: Database) -> None:
    games, kept = await open_game(database)
    assert not await games.add(build_game("h"))
    assert await games.add(build_game("i", channel_id="12"))
    assert [one.id for one in await games.list_live()] == ["g", "i"]
    assert await games.change(StoredGame(**{**to_dict(kept), "state": "finished"}))
    assert await games.add(build_game("h"))


def to_dict(kept: StoredGame) -> dict[str, Any]:
    return {name: getattr(kept, name) for name in kept.__dataclass_fields__}


async def test_the_first_click_of_a_user_by_discords_time_counts(database: Database) -> None:
    games, _ = await open_game(database)
    assert await games.record_answer("g", build_answer(click_id=300, choice="late")) is True
    assert await games.record_answer("g", build_answer(click_id=200, choice="early")) is True, "it was handled later"
    assert await games.record_answer("g", build_answer(click_id=400, choice="later")) is False
    assert [one.choice for one in await games.list_answers("g")] == ["early"]
    assert await games.count_answers("g", 0) == 1
    assert await games.record_answer("g", build_answer(number=1)) is None, "that question is not open"


async def test_concurrent_clicks_count_once_per_player(database: Database) -> None:
    games, _ = await open_game(database)
    done = await asyncio.gather(
        *(games.record_answer("g", build_answer(str(1000 + n % 15), click_id=n + 1, choice=str(n))) for n in range(30))
    )
    assert sorted(done).count(True) >= 15
    assert sorted(one.choice for one in await games.list_answers("g")) == sorted(str(n) for n in range(15))


async def test_the_first_of_two_concurrent_changes_wins(database: Database) -> None:
    games, kept = await open_game(database)
    tried = [StoredGame(**{**to_dict(kept), "state": state}) for state in ("closed", "finished")]
    done = await asyncio.gather(*map(games.change, tried))
    assert [one is None for one in done].count(True) == 1
    now = await games.get("g")
    assert now is not None
    assert now.version == 2
    assert await games.record_answer("g", build_answer()) is None, "nothing is taken any more"


async def test_mastery_is_updated_once_when_the_game_ends(database: Database) -> None:
    games, kept = await open_game(database)
    await games.record_answer("g", build_answer())
    over, results = StoredGame(**{**to_dict(kept), "state": "finished"}), {BEN: [("adding", True), ("halves", False)]}
    assert await games.change(over, results, add_answers)
    assert await games.change(over, results, add_answers) is None
    assert await games.load_mastery(HERE) == {BEN: {"adding": [1], "halves": [0]}}
    assert await games.load_mastery(HERE, ADA) == {}
    assert await games.load_mastery(BEN) == {}, "what a server knows is not what an exercise of their own says"


async def test_no_answers_of_paused_users_are_stored(database: Database) -> None:
    games, kept = await open_game(database)
    await People(database).pause(BEN)
    with pytest.raises(PausedError):
        await games.record_answer("g", build_answer())
    with pytest.raises(PausedError):
        await games.add(build_game("p", owner_id=BEN, user_id=BEN, kind="practice"))
    await games.change(StoredGame(**{**to_dict(kept), "state": "finished"}), {BEN: [("adding", True)]}, add_answers)
    assert await games.load_mastery(HERE) == {}


async def test_games_and_answers_are_erased_with_their_owners(database: Database) -> None:
    games, kept = await open_game(database)
    await games.record_answer("g", build_answer())
    await games.record_answer("g", build_answer("9"))
    await games.add(build_game("homework", kind="homework"))
    await games.add(build_game("bens", kind="pupil", user_id=BEN, parent_id="homework"))
    results = {BEN: [("adding", True)], "9": [("adding", True)]}
    await games.change(StoredGame(**{**to_dict(kept), "state": "closed"}), results, add_answers)
    await People(database).forget(BEN)
    assert [one.user_id for one in await games.list_answers("g")] == ["9"]
    assert set(await games.load_mastery(HERE)) == {"9"}
    assert await games.list_by_kind("pupil", parent_id="homework") == []
    assert [one.id for one in await games.list_by_kind("homework", owner_id=HERE)] == ["homework"]
    await People(database).forget(ADA)
    assert await games.list_live() == await games.list_answers("g") == []


async def test_a_member_who_leaves_a_server_leaves_no_game_data(database: Database) -> None:
    games, kept = await open_game(database)
    await games.record_answer("g", build_answer())
    await games.change(StoredGame(**{**to_dict(kept), "state": "closed"}), {BEN: [("adding", True)]}, add_answers)
    retention, now = Retention(database), datetime.now(UTC)
    await retention.record_membership(SERVER, BEN, is_member=False, now=now)
    await retention.delete_expired(now=now + LEFT_RETENTION + timedelta(hours=1))
    assert await games.list_answers("g") == []
    assert await games.load_mastery(HERE) == {}
    assert await games.get("g") is not None
    await Workspaces(database).forget(SERVER)
    assert await games.get("g") is None


async def test_old_games_expire_and_their_number_is_limited(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    games, _ = await open_game(database)
    await games.add(build_game("later", channel_id="12", created_at=MOMENT + timedelta(days=9)))
    await games.add(build_game("homework", kind="homework", due_at=MOMENT + timedelta(days=60)))
    await games.delete_expired(MOMENT + timedelta(days=1))
    assert await games.get("g") is None
    assert await games.get("later")
    assert await games.get("homework")
    monkeypatch.setattr(module, "MAX_GAMES", 2)
    with pytest.raises(StorageError, match="2 quizzes"):
        await games.add(build_game("third", channel_id="13"))


async def test_a_game_tampered_with_in_the_database_is_not_loaded(database: Database) -> None:
    games, _ = await open_game(database)
    async with database.write() as connection:
        await connection.execute(sa.update(tables.games).values(channel_id="99"))
    assert await games.get("g") is None
