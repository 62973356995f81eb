"""Shelves: what is packed reads the same, a search needs few of its pieces, and meaning is near without a word in common."""

from __future__ import annotations

import numpy as np
import pytest

from bot.engines.embeddings import Embeddings
from bot.store import Store
from bot.team.library.search import LibrarySearch
from bot.team.library.shelf import MEANING, ShelfIndex, list_query_pieces, score_meaning, score_words
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


def build_index() -> ShelfIndex:
    return ShelfIndex.build(list(TEXTS), list(TEXTS.values()))


def test_a_word_search_reads_only_the_pieces_of_its_words():
    packed = build_index().pack()
    for query, best in (("wool scarves", "sale"), ("SEO", "seo"), ("the swim", "swim")):
        pieces = list_query_pieces(query, by_meaning=False)
        assert len(pieces) <= 1 + len(query.split())
        opened = ShelfIndex.unpack({number: packed[number] for number in pieces})
        scores = score_words(query, [opened], "en")
        assert opened.ids[int(scores.argmax())].decode() == best
        assert scores.max() > 0


def test_a_merged_shelf_equals_one_built_at_once():
    names, texts = list(TEXTS), list(TEXTS.values())
    grown = ShelfIndex.unpack(ShelfIndex.build(names[:2], texts[:2]).pack()).merge_with(
        ShelfIndex.build(names[2:], texts[2:])
    )
    assert grown.pack() == build_index().pack()


def test_empty_shelves_and_those_of_another_model_are_harmless():
    empty = ShelfIndex.unpack(ShelfIndex.build([], []).pack())
    assert score_words("wool", [empty], "en").tolist() == []
    drawn = np.random.default_rng(1).normal(size=(5, 64)).astype(np.float32)
    small = build_index().with_vectors(drawn, range(5))
    asked = np.ones(384, np.float32) / 384**0.5
    assert score_meaning(asked, [small, build_index()]).tolist() == [0.0] * 10, "another model's meanings tell nothing"
    both = small.merge_with(build_index())
    assert score_meaning(np.ones(64, np.float32) / 8, [both]).any()


def test_similarity_approximates_the_cosine():
    drawn = np.random.default_rng(2)
    vectors = drawn.normal(size=(3000, 384)).astype(np.float32)
    asked = drawn.normal(size=384).astype(np.float32)
    vectors[::10] += asked * drawn.uniform(0, 2, (300, 1)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    asked /= np.linalg.norm(asked)
    many = ShelfIndex.build([str(at) for at in range(3000)], [""] * 3000).with_vectors(vectors, range(3000))
    guessed = score_meaning(asked, [many])
    assert np.abs(guessed - vectors @ asked)[::10].mean() < 0.04
    assert set(np.argsort(-guessed)[:100]) <= set(range(0, 3000, 10))


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("an early bath in the port", "swim"),
        ("knitwear discount", "sale"),
        ("fix bicycles", "bikes"),
        ("singing group", "choir"),
    ],
)
async def test_a_search_by_meaning_needs_no_common_words(tmp_path, query, best):
    embeddings = Embeddings()
    embeddings.load()
    async with Store(f"sqlite:///{tmp_path / 'q.db'}", Keyring((b"k" * 32,))) as store:
        for name, text in TEXTS.items():
            await store.generations.add(
                Generation(name, "7", "ad", {"brief": ""}, text, {}, [], "Host", "scripted", seed=1, seconds=0.1)
            )
        assert await LibrarySearch(store).search(["7"], query, ALL) == [], "no word is the same"
        async with store.database.write() as connection:  # As it is where the embeddings were there from the start.
            await connection.exec_driver_sql("DELETE FROM shelves")
            await connection.exec_driver_sql("UPDATE generations SET shelf = NULL")
        found = await LibrarySearch(store, embeddings).search(["7"], query, ALL)
        assert [one for _, one in found] == [best]
    assert MEANING in list_query_pieces(query, by_meaning=True)
