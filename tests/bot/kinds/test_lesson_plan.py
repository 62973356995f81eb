"""Minutes of a lesson add up."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.lesson_plan import Activity, lesson_minutes, shares
from personas.profile import Profile

Assigned = Callable[..., Assignment]
PLAN = kind_named("lesson_plan")


@pytest.mark.parametrize("count", range(1, 8))
def test_minutes_add_up(count: int, hurried: None) -> None:
    for total in range(count, 601):
        minutes = shares(total, count)
        assert sum(minutes) == total
        assert len(minutes) == count
        assert min(minutes) >= 1


@pytest.mark.parametrize(("total", "count"), [(1, 2), (2, 7), (5, 7), (0, 3)])
def test_too_few_minutes_give_each_one(total: int, count: int, hurried: None) -> None:
    assert shares(total, count) == [1] * count


def test_nothing_has_no_minutes(hurried: None) -> None:
    assert shares(45, 0) == []


@pytest.mark.parametrize(("total", "minutes"), [(45, [10, 15, 15, 5]), (60, [10, 20, 20, 10]), (40, [5, 15, 15, 5])])
def test_in_steps_of_five(total: int, minutes: list[int]) -> None:
    made = shares(total, 4)
    assert sum(made) == total
    assert all(value % 5 == 0 for value in made)
    assert made[1] >= made[0]
    assert made[2] >= made[3]


@pytest.mark.parametrize(
    ("brief", "facts", "minutes"),
    [
        ("a lesson on bread", (), 45),
        ("a 30 minute lesson on bread", (), 30),
        ("2 hours on bread", (), 120),
        ("bread", ("Lessons last 50 minutes",), 50),
        ("bread, begin with a 3 minute warm-up", (), 10),
    ],
)
def test_how_long_it_lasts(brief: str, facts: tuple[str, ...], minutes: int, assigned: Assigned) -> None:
    assignment = assigned("lesson_plan", brief, Profile(facts=facts))
    assert lesson_minutes(assignment) == minutes
    content = PLAN.compose(PLAN.examples[0].output, assignment)
    assert sum(one["minutes"] for one in content.parts["activities"]) == minutes
    assert f"{minutes} minutes" in content.text
    check, *_ = PLAN.examine(PLAN.examples[0].output, content, assignment)
    assert check.passed


def test_minutes_that_do_not_add_up_are_caught(assigned: Assigned) -> None:
    assignment = assigned("lesson_plan", "30 minutes")
    content = PLAN.compose(PLAN.examples[0].output, assignment)
    content.parts["activities"][0]["minutes"] += 1
    check, *_ = PLAN.examine(PLAN.examples[0].output, content, assignment)
    assert (check.passed, check.measured, check.limit) == (False, "31", "30 minutes")


def test_access_needs_stand_in_the_plan(assigned: Assigned) -> None:
    profile = Profile(accessibility=("large print", "no flashing lights"))
    content = PLAN.compose(PLAN.examples[0].output, assigned("lesson_plan", "bread", profile))
    assert "- Access: large print\n- Access: no flashing lights" in content.parts["sections"]["differentiation"]
    assert list(content.parts["sections"]) == ["objectives", "materials", "activities", "assessment", "differentiation"]


def test_activities_are_numbered(assigned: Assigned) -> None:
    output = PLAN.examples[0].output.model_copy(
        update={"activities": [Activity(name=f"Step {n}", description="Do.") for n in "abc"]}
    )
    text = PLAN.compose(output, assigned("lesson_plan", "bread")).text
    assert "1. **Step a** (10 min): Do.\n2. **Step b**" in text
