"""Shelves: what is packed reads the same, a search needs few of its pieces, and meaning is near without a word in common."""

from __future__ import annotations

import numpy as np
import pytest

from bot.engines.embeddings import Embeddings
from bot.store import Store
from bot.team.library.finding import Finding
from bot.team.library.shelf import MEANING, Books, asked_pieces, near, shared
from storage.crypto import Keyring
from storage.entries import ALL
from storage.generations import Generation

TEXTS = {
    "swim": "The harbour swim begins at dawn and ends with soup.",
    "sale": "Winter sale on wool jumpers and scarves.",
    "bikes": "Our repair café mends bikes on Saturday.",
    "choir": "Join the choir: rehearsals every Thursday.",
    "seo": "SEO audit of a shop: titles, links, speed.",
}


def books() -> Books:
    return Books.of(list(TEXTS), list(TEXTS.values()))


def test_a_search_by_words_needs_the_pieces_of_its_words_alone():
    packed = books().packed()
    for query, best in (("wool scarves", "sale"), ("SEO", "seo"), ("the swim", "swim")):
        pieces = asked_pieces(query, meaning=False)
        assert len(pieces) <= 1 + len(query.split())
        opened = Books.read({number: packed[number] for number in pieces})
        scores = shared(query, [opened], "en")
        assert opened.ids[int(scores.argmax())].decode() == best
        assert scores.max() > 0


def test_shelves_that_grow_are_as_if_made_at_once():
    names, texts = list(TEXTS), list(TEXTS.values())
    grown = Books.read(Books.of(names[:2], texts[:2]).packed()).with_more(Books.of(names[2:], texts[2:]))
    assert grown.packed() == books().packed()


def test_a_shelf_of_nothing_and_one_of_another_model_are_no_trouble():
    empty = Books.read(Books.of([], []).packed())
    assert shared("wool", [empty], "en").tolist() == []
    drawn = np.random.default_rng(1).normal(size=(5, 64)).astype(np.float32)
    small = books().meant(drawn, range(5))
    asked = np.ones(384, np.float32) / 384**0.5
    assert near(asked, [small, books()]).tolist() == [0.0] * 10, "another model's meanings tell nothing"
    both = small.with_more(books())
    assert near(np.ones(64, np.float32) / 8, [both]).any()


def test_nearness_follows_the_cosine():
    drawn = np.random.default_rng(2)
    vectors = drawn.normal(size=(3000, 384)).astype(np.float32)
    asked = drawn.normal(size=384).astype(np.float32)
    vectors[::10] += asked * drawn.uniform(0, 2, (300, 1)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    asked /= np.linalg.norm(asked)
    many = Books.of([str(at) for at in range(3000)], [""] * 3000).meant(vectors, range(3000))
    guessed = near(asked, [many])
    assert np.abs(guessed - vectors @ asked)[::10].mean() < 0.04
    assert set(np.argsort(-guessed)[:100]) <= set(range(0, 3000, 10))


@pytest.mark.parametrize(("query", "best"), [("an early bath in the port", "swim"), ("knitwear discount", "sale"),
                                             ("fix bicycles", "bikes"), ("singing group", "choir")])  # fmt: skip
async def test_what_is_meant_is_found_without_its_words(tmp_path, query, best):
    embeddings = Embeddings()
    embeddings.load()
    async with Store(f"sqlite:///{tmp_path / 'q.db'}", Keyring((b"k" * 32,))) as store:
        for name, text in TEXTS.items():
            await store.generations.add(
                Generation(name, "7", "ad", {"brief": ""}, text, {}, [], "Host", "scripted", seed=1, seconds=0.1)
            )
        assert await Finding(store).search(["7"], query, ALL) == [], "no word is the same"
        async with store.database.write() as connection:  # As it is where the embeddings were there from the start.
            await connection.exec_driver_sql("DELETE FROM shelves")
            await connection.exec_driver_sql("UPDATE generations SET shelf = NULL")
        found = await Finding(store, embeddings).search(["7"], query, ALL)
        assert [one for _, one in found] == [best]
    assert MEANING in asked_pieces(query, meaning=True)
