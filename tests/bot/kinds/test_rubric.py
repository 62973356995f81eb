"""Rubrics: points that add up, and levels that build on each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.content import Assignment
from bot.kinds import kind_named
from bot.kinds.rubric import Rubric, is_ladder, level_points, shared_out

Assigned = Callable[..., Assignment]
RUBRIC = kind_named("rubric")
EMPTY = {"title": "T", "criteria": []}


@pytest.mark.parametrize(
    ("brief", "criteria", "levels", "total"),
    [
        ("rubric, 4 criteria, 4 levels, out of 16", 4, 4, 16),
        ("5 criteria x 3 levels, 100 points", 5, 3, 100),
        ("three criteria, two levels", 3, 2, 6),
        ("criteria: content, voice, slides; 3 levels, out of 25", 3, 3, 25),
        ("4 criteria, 5 points each", 4, 4, 20),
        ("rubric for a poem", 2, 4, 8),
    ],
)
def test_points_add_up_to_what_is_asked(brief: str, criteria: int, levels: int, total: int, assigned: Assigned) -> None:
    assignment = assigned("rubric", brief)
    output = Rubric.model_validate(RUBRIC.complete(EMPTY, assignment))
    content = RUBRIC.compose(output, assignment)
    assert len(content.parts["criteria"]) == criteria
    assert all(len(one["cells"]) == levels and all(one["cells"]) for one in content.parts["criteria"])
    assert sum(one["points"] for one in content.parts["criteria"]) == total
    assert f"**Total:** {total} points" in content.text
    assert all(check.passed for check in RUBRIC.examine(output, content, assignment))


def test_the_briefs_criteria_are_kept(assigned: Assigned) -> None:
    made = RUBRIC.complete(EMPTY, assigned("rubric", "criteria: content, eye contact and slides, 3 levels"))
    assert [one["name"] for one in made["criteria"]] == ["content", "eye contact", "slides"]
    assert made["criteria"][1]["cells"][0] == "clear, lively and well timed"


@pytest.mark.parametrize(
    ("cells", "ladder"),
    [
        (["names all parts", "names most parts", "names no parts"], True),
        (["wind power", "a green house", "names parts"], False),
        (["names parts", "names parts", "no"], False),
        (["needs parts", "names parts", "parts"], False),
        ([], False),
    ],
)
def test_cells_belong_together(cells: list[str], ladder: bool) -> None:
    assert is_ladder(cells) is ladder


@pytest.mark.parametrize(("total", "count"), [(16, 4), (10, 3), (2, 5), (0, 0)])
def test_shares(total: int, count: int) -> None:
    shares = shared_out(total, count)
    assert len(shares) == count
    assert sum(shares) == (total if count else 0)


def test_better_levels_give_more() -> None:
    assert level_points(4, 4) == [4, 3, 2, 1]
    assert level_points(25, 3) == [25, 17, 8]


@pytest.mark.parametrize(
    "brief", ["rubric, two levels: pass / not yet, no points please", "Raster, 2 Stufen, ohne Punkte"]
)
def test_no_points_stand_where_none_are_wanted(brief: str, assigned: Assigned) -> None:
    assignment = assigned("rubric", brief)
    output = Rubric.model_validate(RUBRIC.complete(EMPTY, assignment))
    content = RUBRIC.compose(output, assignment)
    assert [word for word in ("point", "Total", "(") if word in content.text] == []
    assert content.parts["points_total"] == 0
    assert all(check.passed for check in RUBRIC.examine(output, content, assignment))
