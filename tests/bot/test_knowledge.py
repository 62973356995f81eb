"""How documents are split, and which of their passages bear on a request."""

from __future__ import annotations

from typing import Any

import pytest

from bot.content import Assignment, Content, Passage, Result
from bot.engines.embeddings import Embeddings
from bot.generation.sources import credited, draws_on
from bot.knowledge import MOST_WORDS, NEAR, Knowledge, overlap, source_name, split
from storage.documents import Part

TEXTS = (
    "Workshop\nA brake check costs 35 euros and takes twenty minutes.",
    "Holidays\nThe shop is closed in August.",
    "The museum keeps 412 coins from the Roman harbour, found in 1987.",
    "Returns\nGoods can be returned within 30 days with the receipt; shoes must be unworn.",
)
ASKED = (
    ("a post: what does a brake check cost in our workshop?", 0),
    ("we are closed in august, tell people", 1),
    ("quiz on the roman coins in our museum", 2),
    ("a post: our new mugs are blue", None),
    ("slogan for a bakery", None),
)


def sentences(count: int) -> str:
    return " ".join(f"Sentence number {n} has exactly seven words." for n in range(count))


def test_headings_begin_passages_and_name_them() -> None:
    parts = split(["Before all.\n# Opening\nWe open at nine.\n\n## Prices\n\nTea is two euros."])
    assert [(part.section, part.text, part.page) for part in parts] == [
        ("", "Before all.", 0),
        ("Opening", "We open at nine.", 0),
        ("Prices", "Tea is two euros.", 0),
    ]


def test_pages_are_kept_apart_and_counted() -> None:
    parts = split(["# One\nFirst.", "", "Third."])
    assert [(part.page, part.section, part.text) for part in parts] == [(1, "One", "First."), (3, "One", "Third.")]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(sentences(6) for _ in range(40)),
        sentences(300),
        "word " * 3000,
        "\n".join(f"row: {n}; price: {n} euros" for n in range(500)),
        "# Head\n" * 300,
        "x" * 50_000,
    ],
    ids=["paragraphs", "one paragraph", "no sentences", "table", "headings", "one word"],
)
def test_passages_are_short_and_lose_no_word(text: str) -> None:
    parts = split([text])
    assert all(0 < len(part.text.split()) <= MOST_WORDS for part in parts)
    assert " ".join(" ".join(part.text for part in parts).split()) == " ".join(text.replace("# Head", "").split())


def test_an_empty_document_has_no_passages() -> None:
    assert split([]) == split(["", " \n"]) == []


@pytest.mark.parametrize(("query", "best"), ASKED)
def test_words_find_what_bears_on_a_request(query: str, best: int | None) -> None:
    found = Knowledge(None)._ranked([("d.md", Part(text)) for text in TEXTS], query)  # type: ignore[arg-type]
    assert [one.text for one in found] == ([TEXTS[best]] if best is not None else [])


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    made = Embeddings()
    made.load()
    return made


@pytest.mark.parametrize(("query", "best"), [*ASKED, ("a tweet about our return policy", 3), ("holiday shutdown", 1)])
def test_meaning_finds_it_too(embeddings: Embeddings, query: str, best: int | None) -> None:
    knowledge: Any = Knowledge(None, embeddings)  # type: ignore[arg-type]
    parts = knowledge._with_vectors([Part(text) for text in TEXTS])
    found = knowledge._ranked([("d.md", part) for part in parts], query)
    assert [one.text for one in found] == ([TEXTS[best]] if best is not None else [])
    assert NEAR == 0.25


def test_passages_without_vectors_are_found_by_words(embeddings: Embeddings) -> None:
    found = Knowledge(None, embeddings)._ranked([("d.md", Part(text)) for text in TEXTS], ASKED[0][0])  # type: ignore[arg-type]
    assert [one.text for one in found] == [TEXTS[0]]


def test_what_all_texts_hold_weighs_little() -> None:
    low, high = overlap("what about the brake", ["what about the bread", "the brake"])
    assert low < 0.1 < 0.8 < high
    assert overlap("", ["x"]) == overlap("a an", ["x"]) == [0.0]
    assert overlap("brake", []) == []


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("prices.md", "prices.md"),
        ("../../etc/passwd", "passwd"),
        ("C:\\docs\\a.pdf", "a.pdf"),
        ("**@everyone** <@1>.pdf", "everyone 1 .pdf"),
        ("", "document"),
        ("x" * 200 + ".pdf", "x" * 76 + ".pdf"),
    ],
)
def test_names_of_sources_are_plain(name: str, shown: str) -> None:
    assert source_name(name) == shown


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("It costs 35 euros.", True),
        ("The check is quick.", False),
        ("A brake check takes twenty minutes.", True),
        ("We close on Monday.", False),
    ],
)
def test_what_a_text_draws_on(text: str, drawn: bool) -> None:
    passage = Passage("A brake check costs 35 euros and takes twenty minutes.", "prices.md")
    assert draws_on(text, passage) is drawn
    assert not draws_on(text, passage, "a brake check costs 35 euros and takes twenty minutes")


def test_sources_are_named_once(assigned: Any) -> None:
    from dataclasses import replace

    passage = Passage("A brake check costs 35 euros.", "prices.md", 3)
    assignment: Assignment = assigned("social_post", "a post")
    assignment = replace(assignment, memory=replace(assignment.memory, passages=(passage, passage)))
    result = Result("social_post", Content("It costs 35 euros.", {}), (), "p", "e", 1, 0.1)
    assert credited(result, assignment).content.parts == {"sources": ["prices.md, p. 3"]}
