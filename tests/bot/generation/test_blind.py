"""A quiz's key is worked out again without being seen: what differs is written anew once, and told where it still does."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from solving import is_solving, solved

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.errors import EngineError
from bot.generation.pipeline import Pipeline
from bot.generation.writers.blind import Question, agrees
from bot.locales import said

Assigned = Callable[..., Assignment]
BRIEF = "a quiz with 3 questions on the planets"


def item(question: str, right: str, *wrong: str, **more: Any) -> dict[str, Any]:
    return {
        "question": question,
        "right": right,
        "wrong": list(wrong),
        "feedback": "It is so, as far as we know.",
        **more,
    }


SOUND = [
    item("Which planet is nearest to the Sun?", "Mercury", "Venus", "Mars", "Earth"),
    item("Which planet has the largest rings?", "Saturn", "Mars", "Venus", "Earth"),
    item("Which planet do we live on?", "Earth", "Venus", "Mars", "Saturn"),
]
# The key of the first question is wrong.
WRONG = [item("Which planet is nearest to the Sun?", "Venus", "Mercury", "Mars", "Earth"), *SOUND[1:]]


def quiz(items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"title": "Round the Sun", "items": items}


class Model:
    """Writes a draft, solves quizzes as some items say, and writes anew what it is given for that."""

    def __init__(self, draft: list[dict[str, Any]], known: list[dict[str, Any]], anew: Any = "") -> None:
        self.draft, self.known, self.anew = draft, known, anew
        self.calls: list[str] = []
        self.shown: list[str] = []

    def __call__(self, messages: Any) -> Any:
        if is_solving(messages):
            self.calls.append("solve")
            self.shown.append(messages[-1].text)
            return self.solve(messages)
        if "\nFault: " in messages[-1].text:
            self.calls.append("anew")
            self.shown.append(messages[-1].text)
            return self.anew
        self.calls.append("draft")
        return quiz(self.draft)

    def solve(self, messages: Any) -> Any:
        return solved(messages, self.known)


async def result_of(assignment: Assignment, model: Callable[..., Any], *, capable: bool = True, **options: Any) -> Any:
    engine = Engine(Scripted(model, traits=Traits(capable=capable)), name="model")
    (result,) = await Pipeline(Engines([engine])).run(assignment, **options)
    return result


def check_of(result: Any) -> tuple[bool, str]:
    (found,) = [check for check in result.checks if check.name == "key worked out again"]
    return found.passed, f"{found.value}/{found.high}"


async def test_a_key_that_is_found_again_takes_one_call_and_is_told(assigned: Assigned) -> None:
    model = Model(SOUND, SOUND)
    result = await result_of(assigned("quiz", BRIEF), model)
    assert model.calls == ["draft", "solve"]
    assert check_of(result) == (True, "3/3")
    assert result.note is None
    for one in SOUND:
        assert one["question"] in model.shown[0]
        assert one["feedback"] not in model.shown[0]


async def test_a_question_on_which_they_differ_is_written_anew_and_solved_again(assigned: Assigned) -> None:
    anew = item("Which planet is the hottest?", "Venus", "Mercury", "Mars", "Earth")
    model = Model(WRONG, SOUND, quiz([anew]))

    def solve(messages: Any) -> Any:
        return solved(messages, SOUND if len(model.calls) == 2 else [anew, *SOUND[1:]])

    model.solve = solve  # type: ignore[method-assign]
    result = await result_of(assigned("quiz", BRIEF), model)
    assert model.calls == ["draft", "solve", "anew", "solve"]
    assert [one["question"] for one in result.written["items"]] == [
        anew["question"],
        *(one["question"] for one in SOUND[1:]),
    ]
    assert "has the key “Venus”; somebody who did not see it answered “Mercury”" in model.shown[1]
    assert SOUND[1]["question"] not in model.shown[2]
    assert check_of(result) == (True, "3/3")
    assert result.note is None


@pytest.mark.parametrize(
    "anew",
    [quiz(WRONG[:1]), "", quiz([item("Which planet has the largest rings?", "Mars", "Venus", "Earth", "Saturn")])],
)
async def test_a_question_on_which_they_still_differ_is_named_in_the_readers_language(
    anew: Any, assigned: Assigned
) -> None:
    model = Model(WRONG, SOUND, anew)
    result = await result_of(assigned("quiz", BRIEF), model)
    assert model.calls.count("anew") == 1
    assert model.calls.count("solve") <= 2
    assert result.written["items"] == [one | {"also_right": [], "why_wrong": [], "pairs": []} for one in WRONG]
    assert check_of(result) == (False, "2/3")
    assert str(result.note).startswith("Question 1, “Which planet is nearest to the Sun?”: worked out without its key")
    assert said(result.note, "pt-BR").startswith("Pergunta 1, “Which planet is nearest to the Sun?”")


async def test_what_code_reckons_is_not_asked(assigned: Assigned) -> None:
    sums = [item("What is 7 × 8?", "56", "54", "58", "63"), SOUND[0]]
    model = Model(sums, sums)
    result = await result_of(assigned("quiz", "a quiz with 2 questions"), model)
    assert "7 × 8" not in model.shown[0]
    assert check_of(result) == (True, "1/1")
    only = Model(sums[:1], sums[:1])
    result = await result_of(assigned("quiz", "a quiz with 1 question"), only)
    assert only.calls == ["draft"]


async def test_a_small_model_is_not_asked(assigned: Assigned) -> None:
    model = Model(SOUND, SOUND)
    await result_of(assigned("quiz", BRIEF), model, capable=False)
    assert "solve" not in model.calls


@pytest.mark.parametrize("answer", ["no idea", {"q9": "A"}, {"q1": 3}, EngineError("It is gone.")])
async def test_a_model_that_does_not_answer_changes_nothing(answer: Any, assigned: Assigned) -> None:
    model = Model(WRONG, SOUND)
    model.solve = lambda _messages: answer  # type: ignore[method-assign]
    result = await result_of(assigned("quiz", BRIEF), model)
    assert [check.name for check in result.checks if check.name == "key worked out again"] == []
    assert result.note is None


async def test_after_a_crash_no_call_is_made_twice(assigned: Assigned) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Callable[..., Any]) -> Any:
        if name not in kept:
            kept[name] = copy.deepcopy(await step())
        return kept[name]

    first = Model(WRONG, SOUND, quiz(WRONG[:1]))
    before = await result_of(assigned("quiz", BRIEF), first, checkpoint=checkpoint)
    assert {"draft", "key", "key anew", "key again"} <= set(kept)
    second = Model([], [])
    after = await result_of(assigned("quiz", BRIEF), second, checkpoint=checkpoint)
    assert second.calls == []
    assert (after.written, str(after.note)) == (before.written, str(before.note))


@pytest.mark.parametrize(
    ("form", "options", "key", "answer", "same"),
    [
        ("single", ("a", "b", "c"), (1,), "B", True), ("single", ("a", "b", "c"), (1,), "C", False),
        ("single", ("a", "b", "c"), (1,), "none", False), ("single", ("a", "b", "c"), (1,), "several", False),
        ("single", ("a", "b", "c"), (1,), "", None), ("multiple", ("a", "b", "c"), (0, 2), "C, A", True),
        ("multiple", ("a", "b", "c"), (0, 2), "A", False), ("matching", ("a", "b", "c"), (2, 0, 1), "C, A, B", True),
        ("matching", ("a", "b", "c"), (2, 0, 1), "A, B, C", False), ("numeric", ("1.5",), (0,), "1,50", True),
        ("numeric", ("12 km",), (0,), "13", False), ("numeric", ("12",), (0,), "twelve", None),
        ("true_false", ("True", "False"), (0,), "b", False),
    ],
)  # fmt: skip
def test_answers_are_compared_by_form(
    form: str, options: tuple[str, ...], key: tuple[int, ...], answer: str, same: bool | None
) -> None:
    assert agrees(Question(0, "?", form, options, key), answer) is same


async def test_a_quiz_on_material_is_solved_with_it(assigned: Assigned) -> None:
    model = Model(SOUND, SOUND)
    await result_of(assigned("quiz", BRIEF, material="Our handbook says that Mercury is nearest."), model)
    assert "Our handbook says that Mercury is nearest." in model.shown[0]
