"""The tutor asks, and keeps the answer to itself."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.tutor import FALLBACK, Turn

Assigned = Callable[..., Assignment]
TUTOR = kind_named("tutor")
BRIEF = "A pupil writes: a plant gets its food from the soil, right?"


def turn(**change: object) -> Turn:
    usual = {
        "answer": "plants make sugar from light, air and water", "telling": ["photosynthesis"],
        "hint": "Think of a bean that grows on wet cotton.", "question": "Where is the soil there?",
    }  # fmt: skip
    return Turn.model_validate(usual | change)


@pytest.mark.parametrize(
    ("change", "shown"),
    [
        ({}, "Think of a bean that grows on wet cotton. Where is the soil there?"),
        ({"hint": "It is called photosynthesis."}, "Where is the soil there?"),
        ({"hint": "It makes sugar from light and air."}, "Where is the soil there?"),
        ({"question": "Did you know photosynthesis?"}, f"Think of a bean that grows on wet cotton. {FALLBACK}"),
        ({"question": "Look there."}, f"Think of a bean that grows on wet cotton. {FALLBACK}"),
        ({"hint": "What about beans?"}, "What about beans. Where is the soil there?"),
    ],
)
def test_it_ends_with_one_question_and_does_not_tell(change: dict[str, object], shown: str, assigned: Assigned) -> None:
    output, assignment = turn(**change), assigned("tutor", BRIEF)
    content = TUTOR.compose(output, assignment)
    assert content.text == shown
    assert content.text.count("?") == 1
    checks = {check.name: check.passed for check in TUTOR.examine(output, content, assignment)}
    assert checks["asks"]
    assert checks["keeps the answer"]


def test_a_short_answer_is_kept_too(assigned: Assigned) -> None:
    output = turn(answer="15", telling=["15"], hint="It is 15 in all.", question="How many are 3 of 4 parts?")
    assert TUTOR.compose(output, assigned("tutor", "3/4 of 20")).text == "How many are 3 of 4 parts?"


def test_what_a_learner_has_said_need_not_stand_in_the_answer(assigned: Assigned) -> None:
    reading = assigned(
        "tutor", 'Student: "there are two b\'s so it is 50 percent." One step, do not tell him the number'
    ).reading
    assert reading.include == ()
    assert [(one.what, one.high) for one in reading.count] == [("step", 1)]
