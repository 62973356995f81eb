"""Which draft is the best."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from bot.checks import Check
from bot.content import Assignment, Content
from bot.generation.rank import Candidate, ranked, word_nearness
from personas.profile import Profile

Assigned = Callable[..., Assignment]


def candidate(text: str, faults: int = 0) -> Candidate:
    return Candidate(
        {"text": text}, Content(text, {}), (Check("a", True, "", ""), *[Check("b", False, "", "")] * faults)
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
