"""What a sketch reads of the fields of a scene."""

from __future__ import annotations

from typing import Any

import pytest

from bot.images.sketch.plan import Place, Plan
from bot.images.sketch.reading import head_of, light_from, plan_of


def plan(subject: str = "a fox", **fields: Any) -> Plan:
    return plan_of({"subject": subject, **fields})


def things(made: Plan) -> dict[str, Place]:
    return {thing.name: thing.place for thing in made.things}


@pytest.mark.parametrize(
    ("composition", "across"),
    [
        ("subject on the left", "left"), ("the fox in the right third", "right"), ("centred", "centre"), ("eye level", ""),
        ("empty space on the right", ""), ("fox in the middle, church on the left", "centre"), ("wide shot, left of centre", "left"),
    ],
)  # fmt: skip
def test_the_subject_stands_where_the_composition_says(composition: str, across: str) -> None:
    assert plan(composition=composition).subject.place.across == across


@pytest.mark.parametrize(
    ("composition", "shot"),
    [("tight close-up", "close"), ("macro shot", "close"), ("wide shot", "wide"), ("panoramic view", "wide"), ("eye level", "medium")],
)  # fmt: skip
def test_how_near_the_subject_is(composition: str, shot: str) -> None:
    assert plan(composition=composition).shot == shot


def test_the_shot_in_the_subject_is_no_part_of_its_name() -> None:
    made = plan("a close-up of a pianist's hands")
    assert (made.subject.name, made.shot) == ("a pianist's hands", "close")


def test_what_is_listed_stands_apart_and_what_describes_does_not() -> None:
    made = plan(
        "a small, round teapot and two cups, steam rising",
        setting="a wooden table with a window on the left, a cat in the foreground, distant hills",
    )
    assert made.subject.name == "a small, round teapot"
    assert things(made) == {
        "two cups": Place(), "steam rising": Place(), "a window": Place("left", "background"), "a cat": Place("", "foreground"),
        "distant hills": Place("", "background"),
    }  # fmt: skip
    assert made.setting == "a wooden table"


@pytest.mark.parametrize(
    ("subject", "main", "other", "by"),
    [
        ("a cat on a bicycle", "a cat", "a bicycle", "over"), ("two hares under an umbrella", "two hares", "an umbrella", "under"),
        ("a boat next to a pier", "a boat", "a pier", "beside"),
    ],
)  # fmt: skip
def test_how_a_second_thing_stands_to_the_subject(subject: str, main: str, other: str, by: str) -> None:
    made = plan(subject)
    assert made.subject.name == main
    assert things(made)[other].by == by


@pytest.mark.parametrize(
    "subject", ["a parrot on his shoulder", "a man in a hat", "black and white stripes", "a bowl of soup"]
)
def test_what_belongs_to_the_subject_stays_with_it(subject: str) -> None:
    made = plan(subject)
    assert (made.subject.name, made.things) == (subject, ())


@pytest.mark.parametrize(
    ("light", "side"),
    [
        ("warm sun from the left", "left"), ("window light from the upper right", "right"), ("backlit", "behind"),
        ("overhead noon light", "above"), ("candles from below", "below"), ("soft light from a big window", ""), ("bright", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_light_comes_from_where_it_is_told(light: str, side: str) -> None:
    assert light_from(light) == side


@pytest.mark.parametrize(
    ("setting", "ground"),
    [("a snowy wood", "line"), ("a tidy workshop", "room"), ("plain white background", "none"), ("", "none"), ("underwater", "none")],
)  # fmt: skip
def test_a_floor_is_drawn_where_the_setting_has_one(setting: str, ground: str) -> None:
    assert plan(setting=setting).ground == ground


def test_space_that_is_kept_free_is_no_thing() -> None:
    made = plan(composition="low angle, negative space at the top")
    assert (made.free, made.things, made.angle) == (Place(up="top"), (), "low")


def test_a_thing_that_the_composition_places_is_placed() -> None:
    made = plan(setting="a village with a church", composition="the church on the right, a well in the foreground")
    assert things(made) == {"a church": Place("right", "background"), "a well": Place("", "foreground")}


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("a grumpy red fox in a scarf", "fox"), ("a baker lifting a round loaf", "baker"), ("an oak table", "table"),
        ("a bowl of ramen", "bowl"), ("an old brick building", "building"), ("", ""), ("12", ""),
    ],
)  # fmt: skip
def test_the_word_that_says_what_a_thing_is(name: str, head: str) -> None:
    assert head_of(name) == head


def test_nothing_is_made_up() -> None:
    made = plan("a fox")
    assert (made.things, made.setting, made.light, made.palette, made.text, made.keep_out, made.free) == (
        (),
        "",
        "",
        (),
        "",
        (),
        None,
    )


@pytest.mark.parametrize("subject", ["", "…", ",,,", "狐", "a " * 500, "(on the left)"])
def test_any_subject_is_a_subject(subject: str) -> None:
    assert plan(subject).subject.name or subject == ""
