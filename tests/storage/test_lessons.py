"""What is learnt word by word: two who teach at once lose nothing, and each word can be taken back on its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest_asyncio

from bot.people.learning import PreferenceLearner
from bot.store import Store
from personas.learning import Signal, derive_entries
from personas.ledger import Entry, brand
from personas.style import Brand
from storage.crypto import Keyring
from storage.database import Database
from storage.generations import Generation


@pytest_asyncio.fixture
async def store(url: str, database: Database) -> AsyncIterator[Store]:
    """A store on each kind of database in turn."""
    async with Store(url, Keyring((b"k" * 32,))) as opened:
        yield opened


async def store_results(store: Store, count: int) -> list[Generation]:
    made = [
        Generation(f"g{at}", "7", "ad", {"id": f"g{at}", "user_id": "7", "brief": "b"}, "t", {}, [], "p", "e", 1, 0.1)
        for at in range(count)
    ]
    for one in made:
        await store.generations.add(one)
    return made


async def teach_words(store: Store, *words: str) -> list[Entry]:
    """Dislike each word in two results of its own; return what each vote has taught."""
    made, found = await store_results(store, 2 * len(words)), []
    for at, word in enumerate(words):
        await PreferenceLearner(store).learn_disliked_word(made[2 * at], word)
        found += await PreferenceLearner(store).learn_disliked_word(made[2 * at + 1], word)
    return found


async def load_avoided_words(store: Store) -> tuple[str, ...]:
    return (await store.profiles.get("7")).avoid_words


async def test_words_disliked_concurrently_are_all_learnt(store: Store, url: str) -> None:
    made = await store_results(store, 4)
    async with Store(url, Keyring((b"k" * 32,))) as second:
        here, there = PreferenceLearner(store), PreferenceLearner(second)
        for number in range(5):
            words = [f"{name}{number}" for name in ("artisan", "curated", "vibrant")]
            for word in words:
                await here.learn_disliked_word(made[0], word)
            await asyncio.gather(
                here.learn_disliked_word(made[1], words[0]),
                here.learn_disliked_word(made[2], words[1]),
                there.learn_disliked_word(made[3], words[2]),
            )
    assert len(await load_avoided_words(store)) == 15


async def test_undoing_an_earlier_word_removes_only_that_word(store: Store) -> None:
    first, second, third = await teach_words(store, "artisan", "curated", "vibrant")
    gone = await PreferenceLearner(store).undo("7", first.id)
    assert gone is not None
    assert gone.value == ["artisan"]
    assert await load_avoided_words(store) == ("curated", "vibrant")
    assert await PreferenceLearner(store).undo("7", first.id) is None, "it is undone already"
    assert {one.value for one in await store.signals.list_all("7")} == {"curated", "vibrant"}
    last = await PreferenceLearner(store).undo("7", third.id)
    assert last is not None
    assert last.value == ["vibrant"]
    assert await load_avoided_words(store) == ("curated",)
    assert await PreferenceLearner(store).undo("7", second.id)
    assert await load_avoided_words(store) == ()


async def test_undoing_a_word_does_not_restore_an_earlier_undone_one(store: Store) -> None:
    await store.profiles.add_entries("7", {"avoid_words": ["synergy"]})
    first, second = await teach_words(store, "artisan", "curated")
    await PreferenceLearner(store).undo("7", first.id)
    await PreferenceLearner(store).undo("7", second.id)
    assert await load_avoided_words(store) == ("synergy",)


async def test_withdrawn_votes_remove_the_word_they_taught(store: Store) -> None:
    await teach_words(store, "artisan", "curated")
    first = await store.generations.get("g0", "7")
    assert first is not None
    assert [one.value for one in await PreferenceLearner(store).retract_vote(first)] == [["artisan"]]
    assert await load_avoided_words(store) == ("curated",)
    assert await PreferenceLearner(store).retract_vote(first) == []


async def test_a_withdrawn_vote_removes_both_of_its_words(store: Store) -> None:
    one, other = await store_results(store, 2)
    for result in (one, other):
        for word in ("artisan", "curated"):
            await PreferenceLearner(store).learn_disliked_word(result, word)
    assert await load_avoided_words(store) == ("artisan", "curated")
    assert len(await PreferenceLearner(store).retract_vote(other)) == 2
    assert await load_avoided_words(store) == ()


async def test_a_word_the_user_has_entered_since_survives_withdrawn_votes(store: Store) -> None:
    await teach_words(store, "artisan")
    await store.profiles.add_entries("7", {"avoid_words": ["artisan", "synergy"]})
    first = await store.generations.get("g0", "7")
    assert first is not None
    assert await PreferenceLearner(store).retract_vote(first) == []
    assert await load_avoided_words(store) == ("artisan", "synergy")


async def test_a_word_the_user_removed_is_not_undone_again(store: Store) -> None:
    [first] = await teach_words(store, "artisan")
    await store.profiles.add_entries("7", {"avoid_words": []})
    assert await PreferenceLearner(store).undo("7", first.id) is None


async def test_undoing_one_word_of_a_vote_keeps_the_signals_of_the_other(store: Store) -> None:
    one, other = await store_results(store, 2)
    for word in ("artisan", "curated"):
        await PreferenceLearner(store).learn_disliked_word(one, word)
    [entry] = await PreferenceLearner(store).learn_disliked_word(other, "artisan")
    await PreferenceLearner(store).undo("7", entry.id)
    assert await PreferenceLearner(store).learn_disliked_word(other, "curated"), "the first sign of it is still there"
    assert await load_avoided_words(store) == ("curated",)


async def test_preferences_for_a_brand_are_deleted_with_it(store: Store) -> None:
    kept, other = [await store.brands.add("7", Brand(name=name, samples=())) for name in ("Fern", "Fog")]
    await store.profiles.add_entries("7", {"role": "owner"})
    for one in (kept, other):
        await store.profiles.add_entries("7", {"emoji": "none"}, (brand(one.id),))
        await store.profiles.add_entries("8", {"emoji": "none"}, (brand(one.id),))
        sign = Signal("formality", "casual", "vote", f"r{one.id}", brand=one.id)
        await store.profiles.learn("7", [sign], lambda _held, _kept: [])
    assert not await store.brands.delete("8", kept.id)
    assert len(await store.profiles.list_entries("7")) == 3
    assert await store.brands.delete("7", kept.id)
    assert [one.scope for one in await store.profiles.list_entries("7")] == [brand(other.id), "me"]
    assert [one.scope for one in await store.profiles.list_entries("8")] == [brand(other.id)]
    assert [one.brand for one in await store.signals.list_all("7")] == [other.id]


async def test_nothing_is_learnt_for_a_brand_deleted_meanwhile(store: Store) -> None:
    fern = await store.brands.add("7", Brand(name="Fern", samples=()))

    async def learn(result: str) -> list[Entry]:
        sign = Signal("emoji", "none", "vote", result, brand=fern.id)
        return await store.profiles.learn("7", [sign], lambda _held, kept: derive_entries(kept, {}, brand=fern.id))

    assert await learn("a") == []
    assert [one.scope for one in await learn("b")] == [brand(fern.id)]
    await store.brands.delete("7", fern.id)
    assert await learn("c") == await learn("d") == []
    assert await store.signals.list_all("7") == await store.profiles.list_entries("7") == []
