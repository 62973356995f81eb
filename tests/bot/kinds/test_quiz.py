"""Quizzes: where the right option stands, and what is shown of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

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


def item(**parts: object) -> Item:
    given = {
        "question": "How many legs has a spider?",
        "right": "8",
        "wrong": ["6", "4", "10"],
        "feedback": "It has eight legs.",
    }
    return Item(**{**given, **parts})  # type: ignore[arg-type]


def one(brief: str, assigned: Assigned, language: str = "", **parts: object) -> dict[str, Any]:
    content = QUIZ.compose(
        Quiz(title="Legs", items=[item(**parts)]), assigned("quiz", brief, language=language, seed=1)
    )
    assert content.parts["player_text"] in content.text
    return dict(content.parts["items"][0])


PAIRS = [{"left": name, "right": sound} for name, sound in (("cow", "moo"), ("dog", "bark"), ("cat", "meow"))]


@pytest.mark.parametrize(
    ("brief", "parts", "form"),
    [
        ("quiz on legs", {}, "single"),
        ("multiple choice quiz", {}, "single"),
        ("numeric questions on legs", {"wrong": []}, "numeric"),
        ("short answer questions on legs", {"wrong": []}, "short_answer"),
        ("3 questions without options on legs", {"wrong": ["a", "b", "c"]}, "short_answer"),
        ("3 Fragen zu Beinen, ohne Antwortmöglichkeiten", {"wrong": []}, "short_answer"),
        ("3 preguntas sin opciones, sobre piernas", {"wrong": []}, "short_answer"),
        ("3 true or false questions on legs without options", {"wrong": ["a"]}, "true_false"),
        ("short answer questions on legs", {"question": "Which of these has 8 legs?"}, "single"),
        ("numeric questions", {"right": "a spider"}, "short_answer"),
        ("true/false on legs", {}, "true_false"),
        ("select all that apply, legs", {"also_right": ["eight"]}, "multiple"),
        ("matching exercise", {"pairs": PAIRS}, "matching"),
        ("matching exercise", {"pairs": []}, "single"),
    ],
)
def test_questions_have_the_form_that_the_brief_names(
    brief: str, parts: dict[str, Any], form: str, assigned: Assigned
) -> None:
    made = one(brief, assigned, **parts)
    assert made.get("type", "single") == form
    assert made["feedback"] == "It has eight legs."
    right = [made["options"][at] for at in made["correct"]]
    expected = {"multiple": ["8", "eight"], "matching": ["moo", "bark", "meow"], "true_false": right}
    assert sorted(right) == sorted(expected.get(form, [item(**parts).right]))


def test_a_statement_that_was_written_stays_one(assigned: Assigned) -> None:
    made = one("true/false, legs", assigned, question="A spider has six legs.", right="false", wrong=["true"])
    assert (made["question"], made["options"], made["correct"]) == ("A spider has six legs.", ["True", "False"], [1])


def test_statements_are_as_often_true_as_false_and_in_the_readers_language(assigned: Assigned) -> None:
    questions = [item(question=f"How many legs has beast {name}?") for name in "abcdef"]
    content = QUIZ.compose(Quiz(title="Legs", items=questions), assigned("quiz", "richtig oder falsch", language="de"))
    items = content.parts["items"]
    assert all(made["options"] == ["Richtig", "Falsch"] for made in items)
    assert sum(made["correct"] == [0] for made in items) == 3
    for made in items:
        assert made["question"].endswith("? 8." if made["correct"] == [0] else "? 6.")


def test_mixed_formats_take_turns(assigned: Assigned) -> None:
    content = QUIZ.compose(quiz(6), assigned("quiz", "6 questions, mixed formats"))
    assert [made.get("type", "single") for made in content.parts["items"]] == [
        "single",
        "true_false",
        "short_answer",
    ] * 2
    assert content.parts["player_text"].count("________") == 2


def test_feedback_for_each_option(assigned: Assigned) -> None:
    why = ["An ant has six.", "A dog has four.", "No animal here has ten."]
    made = one("feedback for each option", assigned, why_wrong=why)
    assert made["feedback"] == [
        dict(zip(["6", "4", "10"], why, strict=True)).get(o, "It has eight legs.") for o in made["options"]
    ]


@pytest.mark.parametrize(
    ("brief", "wrong", "pairs", "also", "why"),
    [
        ("quiz", 3, 0, 0, 0), ("true/false quiz", 1, 0, 0, 0), ("5 short answer questions", 0, 0, 0, 0),
        ("matching quiz", 0, 4, 0, 0), ("select all that apply", 3, 0, 1, 0), ("feedback for each option", 3, 0, 0, 3),
        ("true/false, 3 options: true, false, not given", 2, 0, 0, 0),
    ],
)  # fmt: skip
def test_a_model_is_asked_for_what_the_form_needs(
    brief: str, wrong: int, pairs: int, also: int, why: int, assigned: Assigned
) -> None:
    from bot.generation.shape import schema_for

    asked = schema_for(assigned("quiz", brief))["properties"]["items"]["items"]["properties"]
    counts = [asked.get(name, {"maxItems": 0})["maxItems"] for name in ("wrong", "pairs", "also_right", "why_wrong")]
    assert counts == [wrong, pairs, also, why]


@pytest.mark.parametrize(
    ("parts", "failed"),
    [
        ({}, []),
        ({"wrong": ["6", "4", "all of the above"]}, ["options stand alone"]),
        ({"right": "None of these"}, ["options stand alone"]),
        ({"right": "8, as all spiders and scorpions have"}, ["answer not given away"]),
        ({"question": "Has a spider or an ant eight legs?", "right": "spider", "wrong": ["ant"]}, []),
        ({"question": "What has a spider web for?", "right": "spider", "wrong": ["ant"]}, ["answer not given away"]),
        ({"right": " "}, ["one key"]),
    ],
)
def test_a_question_keeps_its_answer_and_has_one(parts: dict[str, Any], failed: list[str], assigned: Assigned) -> None:
    output, assignment = Quiz(title="Legs", items=[item(**parts)]), assigned("quiz", "quiz on beasts")
    checks = QUIZ.examine(output, QUIZ.compose(output, assignment), assignment)
    assert [check.name for check in checks if not check.passed] == failed
