"""Quizzes: where the right option stands, and what is shown of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.quiz import Item, Quiz, positions

Assigned = Callable[..., Assignment]
QUIZ = kind_named("quiz")


def quiz(count: int, wrong: int = 3) -> Quiz:
    items = [
        Item(
            question=f"Question {n}?",
            right=f"right {n}",
            wrong=[f"wrong {n} {w}" for w in range(wrong)],
            feedback=f"Why {n}.",
        )
        for n in range(count)
    ]
    return Quiz(title="Things", items=items)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("options", [2, 3, 4, 6])
@pytest.mark.parametrize("count", [0, 1, 5, 20])
def test_every_place_is_as_likely(count: int, options: int, seed: int) -> None:
    places = positions(count, options, seed)
    assert len(places) == count
    counts = Counter(places)
    assert set(counts) <= set(range(options))
    if count:
        assert max(counts.values()) - min(counts[place] for place in range(options)) <= 1


def test_seeds_give_other_orders() -> None:
    assert positions(12, 4, 1) == positions(12, 4, 1)
    assert len({tuple(positions(12, 4, seed)) for seed in range(10)}) > 5


@pytest.mark.parametrize(("brief", "options"), [("quiz", 4), ("quiz, 3 options each", 3), ("quiz with 2 options", 2)])
def test_the_key_names_the_right_option(brief: str, options: int, assigned: Assigned) -> None:
    content = QUIZ.compose(quiz(8), assigned("quiz", brief, seed=3))
    for number, item in enumerate(content.parts["items"]):
        assert len(item["options"]) == options
        (at,) = item["correct"]
        assert item["options"][at] == f"right {number}"
        letter = "ABCDEF"[at]
        assert f"{letter}) right {number}" in content.parts["player_text"]
        assert f"{number + 1}. {letter}) right {number}. Why {number}." in content.parts["host_text"]
    assert len({item["correct"][0] for item in content.parts["items"]}) == options


def test_more_options_than_written_ones_is_no_harm(assigned: Assigned) -> None:
    content = QUIZ.compose(quiz(6, wrong=1), assigned("quiz", "quiz with 6 options"))
    assert all(item["options"][item["correct"][0]].startswith("right") for item in content.parts["items"])


def test_answers_hide_behind_spoilers(assigned: Assigned) -> None:
    output = quiz(1).model_copy(update={"items": [quiz(1).items[0].model_copy(update={"feedback": "a || b"})]})
    content = QUIZ.compose(output, assigned("quiz", "quiz"))
    questions, _, key = content.text.partition("**Answer key**")
    assert "Why" not in questions
    assert key.strip().startswith("||1. ")
    assert key.count("||") == 2


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        ({}, []),
        ({"wrong": ["Right 0", "b", "c"]}, ["different options"]),
        ({"wrong": ["b", "B ", "c"]}, []),
        ({"question": "Question 1?"}, ["different questions"]),
    ],
)
def test_repetitions_are_caught(change: dict[str, object], failed: list[str], assigned: Assigned) -> None:
    items = [quiz(2).items[0].model_copy(update=change), quiz(2).items[1]]
    output = Quiz(title="Things", items=items)
    assignment = assigned("quiz", "quiz")
    checks = QUIZ.examine(output, QUIZ.compose(output, assignment), assignment)
    assert [check.name for check in checks if not check.passed] == failed
