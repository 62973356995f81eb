"""How documents are split, and which of their passages bear on a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bot.content import Assignment, Content, Passage, Result
from bot.documents.index import Index, score_overlap
from bot.documents.knowledge import (
    MAX_WORDS,
    MIN_SIMILARITY,
    build_index,
    clean_source_name,
    rank_passages,
    split_passages,
)
from bot.engines.embeddings import Embeddings
from bot.generation.sources import add_sources, is_drawn_from, parse_used_passages, remove_passage_mark
from storage.documents import StoredPassage

TEXTS = (
    "Workshop\nA brake check costs 35 euros and takes twenty minutes.",
    "Holidays\nThe shop is closed in August.",
    "The museum keeps 412 coins from the Roman harbour, found in 1987.",
    "Returns\nGoods can be returned within 30 days with the receipt; shoes must be unworn.",
)
PARTS = [StoredPassage(text) for text in TEXTS]
ASKED = (
    ("a post: what does a brake check cost in our workshop?", 0),
    ("we are closed in august, tell people", 1),
    ("quiz on the roman coins in our museum", 2),
    ("a post: our new mugs are blue", None),
    ("slogan for a bakery", None),
)


def write_sentences(count: int) -> str:
    return " ".join(f"Sentence number {n} has exactly seven words." for n in range(count))


def test_headings_start_and_name_passages() -> None:
    parts = split_passages(["Before all.\n# Opening\nWe open at nine.\n\n## Prices\n\nTea is two euros."])
    assert [(part.section, part.text, part.page) for part in parts] == [
        ("", "Before all.", 0),
        ("Opening", "We open at nine.", 0),
        ("Prices", "Tea is two euros.", 0),
    ]


def test_pages_are_separated_and_numbered() -> None:
    parts = split_passages(["# One\nFirst.", "", "Third."])
    assert [(part.page, part.section, part.text) for part in parts] == [(1, "One", "First."), (3, "One", "Third.")]


@pytest.mark.parametrize(
    "text",
    [
        "\n\n".join(write_sentences(6) for _ in range(40)),
        write_sentences(300),
        "word " * 3000,
        "\n".join(f"row: {n}; price: {n} euros" for n in range(500)),
        "# Head\n" * 300,
        "x" * 50_000,
    ],
    ids=["paragraphs", "one paragraph", "no sentences", "table", "headings", "one word"],
)
def test_passages_are_short_and_drop_no_word(text: str) -> None:
    parts = split_passages([text])
    assert all(0 < len(part.text.split()) <= MAX_WORDS for part in parts)
    assert " ".join(" ".join(part.text for part in parts).split()) == " ".join(text.replace("# Head", "").split())


def test_an_empty_document_has_no_passages() -> None:
    assert split_passages([]) == split_passages(["", " \n"]) == []


@pytest.mark.parametrize(("query", "best"), ASKED)
def test_passages_are_found_by_words(query: str, best: int | None) -> None:
    assert rank_passages([build_index(PARTS)], query) == ([(0, best)] if best is not None else [])


@pytest.fixture(scope="module")
def embeddings() -> Embeddings:
    made = Embeddings()
    made.load()
    return made


@pytest.mark.parametrize(("query", "best"), [*ASKED, ("a tweet about our return policy", 3), ("holiday shutdown", 1)])
def test_passages_are_found_by_meaning(embeddings: Embeddings, query: str, best: int | None) -> None:
    found = rank_passages([build_index(PARTS, embeddings)], query, embeddings)
    assert found == ([(0, best)] if best is not None else [])
    assert MIN_SIMILARITY == 0.25


def test_passages_with_and_without_vectors_are_found_together(embeddings: Embeddings) -> None:
    both = [build_index(PARTS), build_index(PARTS, embeddings)]
    assert rank_passages(both[:1], ASKED[0][0], embeddings) == [(0, 0)]
    assert rank_passages(both, ASKED[0][0], embeddings) == [(1, 0), (0, 0)]
    assert rank_passages(both, "summer vacation", embeddings) == [(1, 1)], "what words do not find, vectors still do"
    assert rank_passages(both, ASKED[0][0]) == [(0, 0), (1, 0)], "without embeddings words find all"


def test_vectors_of_another_model_are_ignored(embeddings: Embeddings) -> None:
    other = Index.build(TEXTS, np.ones((len(TEXTS), 3), np.float32))
    assert rank_passages([other], ASKED[0][0], embeddings) == [(0, 0)]


def compute_scores(query: str, texts: Sequence[str]) -> list[float]:
    return [float(one) for one in score_overlap(query, [Index.build(texts)])[0]]


def test_words_common_to_all_texts_have_little_weight() -> None:
    low, high = compute_scores("what about the brake", ["what about the bread", "the brake"])
    assert low < 0.1 < 0.8 < high
    assert compute_scores("", ["x"]) == compute_scores("a an", ["x"]) == [0.0]
    assert compute_scores("brake", []) == []
    assert score_overlap("brake", []) == []


@pytest.mark.parametrize(
    ("language", "query", "right", "other"),
    [
        ("de", "und wie ist die Bremse", "Die Bremse quietscht.", "Und wie ist die Suppe?"),
        ("ja", "返品期限 を 教えて", "返品期限 は 三十日", "営業時間 は 九時"),
        ("cs", "brzda kola", "Brzda je nová.", "Otevřeno denně."),
    ],
)
def test_rare_words_decide_in_every_language(language: str, query: str, right: str, other: str) -> None:
    found, passed = (float(one) for one in score_overlap(query, [Index.build([right, other])], language)[0])
    assert found > 2 * passed


def test_the_score_of_a_passage_does_not_depend_on_its_document() -> None:
    for query, _ in ASKED:
        together = compute_scores(query, TEXTS)
        apart = [float(one[0]) for one in score_overlap(query, [Index.build([text]) for text in TEXTS])]
        assert apart == together


@pytest.mark.parametrize("texts", [TEXTS, ["word " * 70_000, ""], [""], []], ids=["some", "long", "empty", "none"])
def test_an_index_survives_packing(texts: Sequence[str]) -> None:
    for vectors in (None, np.linspace(-1, 1, 5 * len(texts), dtype=np.float32).reshape(-1, 5)):
        index = Index.build(texts, vectors)
        again = Index.unpack(index.pack())
        for name in ("terms", "places", "counts", "lengths", "vectors"):
            kept, read = getattr(index, name), getattr(again, name)
            assert (kept.dtype, kept.shape, kept.tolist()) == (read.dtype, read.shape, read.tolist())


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
def test_source_names_are_cleaned(name: str, shown: str) -> None:
    assert clean_source_name(name) == shown


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("It costs 35 euros.", True),
        ("The check is quick.", False),
        ("A brake check takes twenty minutes.", True),
        ("We close on Monday.", False),
    ],
)
def test_use_of_a_passage_is_detected_in_a_text(text: str, drawn: bool) -> None:
    passage = Passage("A brake check costs 35 euros and takes twenty minutes.", "prices.md")
    assert is_drawn_from(text, passage) is drawn
    assert not is_drawn_from(text, passage, "a brake check costs 35 euros and takes twenty minutes")


def test_sources_are_named_once(assigned: Any) -> None:
    passage = Passage("A brake check costs 35 euros.", "prices.md", 3)
    assignment: Assignment = assigned("social_post", "a post")
    assignment = replace(assignment, memory=replace(assignment.memory, passages=(passage, passage)))
    result = Result("social_post", Content("It costs 35 euros.", {}), (), "p", "e", 1, 0.1)
    assert add_sources(result, assignment).content.parts == {"sources": ["prices.md, p. 3"]}


PASSAGES = (
    Passage("A brake check costs 35 euros.", "prices.md", 3),
    Passage("The walnut brake was carved by our founder.", "story.md", 1, shared=False),
)


@pytest.mark.parametrize(
    ("text", "used", "sources"),
    [
        ("It costs 35 euros.", (0, 1), ["prices.md, p. 3"]),
        ("It costs 35 euros.", (1,), []),
        ("It costs 35 euros.", (), []),
        ("It costs 35 euros.", None, ["prices.md, p. 3"]),
        ("Our founder carved walnut.", (1,), ["story.md, p. 1"]),
        ("We close on Monday.", (0, 1, 7), []),
    ],
)
def test_only_passages_that_were_named_and_match_are_cited(
    text: str, used: tuple[int, ...] | None, sources: list[str], assigned: Any
) -> None:
    assignment: Assignment = assigned("social_post", "a post")
    assignment = replace(assignment, memory=replace(assignment.memory, passages=PASSAGES))
    result = Result("social_post", Content(text, {}), (), "p", "e", 1, 0.1, used=used)
    assert add_sources(result, assignment).content.parts.get("sources", []) == sources


@pytest.mark.parametrize(
    ("written", "text", "used"),
    [
        ("It costs 35.\n[used: P1, P3]", "It costs 35.", (0, 2)),
        ("It costs 35.\n\n[Used: none]", "It costs 35.", ()),
        ("It costs 35.\n[used: P", "It costs 35.", ()),
        ("It costs 35.", "It costs 35.", None),
        ("For 35 you get a [used bike]", "For 35 you get a [used bike]", None),
        ("[used: P0, P2, P2]", "", (1,)),
    ],
)
def test_the_line_naming_used_passages_is_parsed_and_removed(
    written: str, text: str, used: tuple[int, ...] | None
) -> None:
    assert remove_passage_mark(written) == text
    assert parse_used_passages(written) == used
