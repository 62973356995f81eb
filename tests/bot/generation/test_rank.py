"""Which draft is the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.checks import Check
from bot.content import Assignment, Content, Liked
from bot.generation.examples import avoid_notes
from bot.generation.rank import Candidate, likeness, ranked, word_nearness
from personas.profile import Profile

Assigned = Callable[..., Assignment]


def candidate(text: str, faults: int = 0) -> Candidate:
    return Candidate(
        {"text": text}, Content(text, {}), (Check(id="a", passed=True), *[Check(id="b", passed=False)] * faults)
    )


def order(candidates: Sequence[Candidate], assignment: Assignment) -> list[str]:
    return [one.content.text for one in ranked(candidates, assignment, word_nearness)]


def test_fewer_faults_win_over_nearness(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones")
    assert order([candidate("fresh scones", 1), candidate("nothing")], assignment) == ["nothing", "fresh scones"]


def test_the_nearer_of_equals_wins(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones")
    assert order([candidate("bread"), candidate("fresh scones")], assignment) == ["fresh scones", "bread"]


def test_liked_words_count(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: come", Profile(prefer_terms=("neighbourhood",)))
    assert order([candidate("city"), candidate("our neighbourhood")], assignment) == ["our neighbourhood", "city"]


def test_the_first_wins_a_tie(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: come")
    assert order([candidate("b"), candidate("a"), candidate("c")], assignment) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("query", "texts", "near"),
    [
        ("fresh scones", ["Fresh scones", "fresh", "none"], [1.0, 0.5, 0.0]),
        ("a to of", ["a to of"], [0.0]),
        ("", ["x"], [0.0]),
        ("fresh", [], []),
    ],
)
def test_word_nearness(query: str, texts: list[str], near: list[float]) -> None:
    assert word_nearness(query, texts) == near


ALIKE = ["fresh scones every morning", "fresh scones every single morning", "warm butter meets fresh dough"]


@pytest.mark.parametrize(("variants", "second"), [(1, ALIKE[1]), (2, ALIKE[2])])
def test_variants_differ_from_each_other(variants: int, second: str, assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones every morning", variants=variants)
    found = order([candidate(text) for text in ALIKE], assignment)
    assert found[:2] == [ALIKE[0], second]
    assert sorted(found) == sorted(ALIKE)


def test_a_fault_weighs_more_than_a_difference(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones every morning", variants=3)
    found = order([candidate(ALIKE[0]), candidate(ALIKE[1]), candidate(ALIKE[2], 1)], assignment)
    assert found == ALIKE


def test_what_was_said_before_counts(assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones every morning")
    ranking = ranked([candidate(text) for text in ALIKE], assignment, word_nearness, [ALIKE[0]])
    assert ranking[0].content.text == ALIKE[2]


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [("warm bread", "Warm bread!", 1.0), ("warm bread", "cold bread", 0.5), ("", "x", 0.0)],
)
def test_likeness(first: str, second: str, alike: float) -> None:
    assert likeness(first, second) == alike


STALE = "Fresh scones are here again, and so are we."


@pytest.mark.parametrize(
    ("other", "faults", "first"),
    [("Warm dough rises at six.", 0, "other"), ("Warm dough rises at six.", 1, "stale")],
    ids=["another beginning", "another beginning with a fault"],
)
def test_what_begins_as_a_disliked_text_ranks_lower(other: str, faults: int, first: str, assigned: Assigned) -> None:
    assignment = assigned("social_post", "tweet: fresh scones are here")
    disliked = Liked(
        "1", "a brief", f"Fresh scones are here! {'They are as warm as they were. ' * 9}", datetime.now(UTC)
    )
    memory = replace(assignment.memory, avoid=avoid_notes([disliked]))
    candidates = [candidate(STALE), candidate(other, faults)]
    assert order(candidates, assignment)[0] == STALE, "it is the nearer one"
    found = order(candidates, replace(assignment, memory=memory))
    assert found[0] == {"other": other, "stale": STALE}[first]
