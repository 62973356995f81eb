"""Signals of tastes, and votes that are found again by kind."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from personas.learning import Signal
from personas.ledger import Entry
from storage import signals as module
from storage.database import Database
from storage.generations import Generation, Generations
from storage.people import People
from storage.profiles import Profiles
from storage.signals import Signals


@pytest.fixture
def profiles(database: Database) -> Profiles:
    return Profiles(database)


@pytest.fixture
def signals(database: Database) -> Signals:
    return Signals(database)


def build_signal(field: str = "emoji", value: object = "none", result: str = "g1", source: str = "vote") -> Signal:
    return Signal(field, value, source, result)  # type: ignore[arg-type]


async def keep(profiles: Profiles, user_id: str, *signs: Signal) -> list[Signal]:
    """Store signals that teach nothing yet; return all signals that can then be learnt from."""
    seen: list[Signal] = []

    def teach(_held: object, kept: Sequence[Signal]) -> list[Entry]:
        seen.extend(kept)
        return []

    assert await profiles.learn(user_id, signs, teach) == []
    return seen


async def test_signals_are_stored_by_owner_in_order(profiles: Profiles, signals: Signals) -> None:
    await keep(profiles, "7", build_signal(), build_signal("formality", "casual", "g2"))
    await keep(profiles, "8", build_signal())
    kept = await keep(profiles, "7", build_signal("avoid_words", "bespoke", "g3"))
    assert [(one.field, one.value, one.result) for one in kept] == [
        ("emoji", "none", "g1"),
        ("formality", "casual", "g2"),
        ("avoid_words", "bespoke", "g3"),
    ]
    assert kept == await signals.list_all("7")
    assert len(await signals.list_all("8")) == 1
    assert await signals.list_all("9") == []


async def test_the_same_signal_is_stored_once(profiles: Profiles) -> None:
    await keep(profiles, "7", build_signal())
    assert len(await keep(profiles, "7", build_signal())) == 1


async def test_signals_are_retracted_by_their_source(profiles: Profiles, signals: Signals) -> None:
    await keep(profiles, "7", build_signal(), build_signal("formality", "casual"), build_signal("emoji", "none", "g2"))
    await keep(profiles, "8", build_signal())
    for somebody, ref in (("7", "vote:g1"), ("7", "edit:g2"), ("9", "vote:g2")):
        assert await profiles.retract_signals(somebody, [ref]) == [], "nothing was learnt from them"
    assert [one.result for one in await signals.list_all("7")] == ["g2"]
    assert len(await signals.list_all("8")) == 1


async def test_only_the_newest_signals_are_kept(
    profiles: Profiles, signals: Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SIGNALS", 3)
    for number in range(5):
        kept = await keep(profiles, "7", build_signal(result=f"g{number}"))
    assert [one.result for one in kept] == ["g2", "g3", "g4"]
    assert kept == await signals.list_all("7")


async def test_forgetting_a_user_deletes_their_signals(
    database: Database, profiles: Profiles, signals: Signals
) -> None:
    await keep(profiles, "7", build_signal())
    await People(database).forget("7")
    assert await signals.list_all("7") == []


async def test_votes_are_found_by_kind_newest_first_with_their_context(database: Database) -> None:
    generations = Generations(database)
    for number, kind in enumerate(("ad", "ad", "email", "ad")):
        await generations.add(Generation(f"g{number}", "7", kind, {}, "t", {}, [], "Host", "e", 1, 0.5, channel_id="c"))
    for number in range(4):
        await generations.record_vote(f"g{number}", "7", 1, details={"brief": f"b{number}"})
    await generations.record_vote("g3", "7", -1, details={"brief": "b3"})
    await generations.record_vote("g0", "8", 1, "c")
    found = (await generations.list_votes("7", "ad", {1: 10}))[1]
    assert [(vote.generation_id, vote.details) for vote in found] == [("g1", {"brief": "b1"}), ("g0", {"brief": "b0"})]
    assert len((await generations.list_votes("7", "ad", {1: 1, -1: 5}))[1]) == 1
    assert await generations.list_votes("8", "ad", {1: 10}) == {1: []}
    assert await generations.list_votes("7", "ad", {1: 10}, "class") == {1: []}, "made as another profile"
    assert await generations.list_votes("9", "ad", {1: 10}) == {1: []}
    await generations.set_vote_reasons("g3", "7", ["long"])
    [disliked] = (await generations.list_votes("7", "ad", {-1: 10}))[-1]
    assert disliked.details == {"brief": "b3", "reasons": ["long"]}
    await generations.record_vote("g3", "7", 1)
    assert await generations.list_votes("7", "ad", {-1: 10}) == {-1: []}
