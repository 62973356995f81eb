"""Tests of the measurable requirements of a brief."""

from __future__ import annotations

import pytest

from bot.content import Bounds
from bot.generation.requirements import drop_length, read_requirements
from bot.kinds import find_kind


@pytest.mark.parametrize(
    ("kind", "brief", "sizes"),
    [
        ("social_post", "a post of about 100 words", {("", "words"): Bounds(85, 115)}),
        ("social_post", "a post of at most 100 words", {("", "words"): Bounds(0, 100)}),
        ("social_post", "a post of about 400 characters", {("", "characters"): Bounds(340, 460)}),
        ("ad", "an ad of about 300 characters", {("", "characters"): Bounds(0, 300)}),
        ("email", "an email of 80 words", {("body", "words"): Bounds(68, 92)}),
        ("email", "a mail with a subject of at most 40 characters", {("subject", "characters"): Bounds(0, 40)}),
        ("social_post", "a text of 15 words, one of 50 words and one of 100 words", {}),
        ("script", "a script of 90 words", {}),
        ("worksheet", "why magpies swoop, about 200 words with 5 questions under", {}),
        ("worksheet", "10 questions, at most 300 words in total", {("", "words"): Bounds(0, 300)}),
        ("explanation", "the tides in about 200 words with 2 examples", {("", "words"): Bounds(170, 230)}),
    ],
)
def test_sizes_apply_to_their_part(kind: str, brief: str, sizes: dict[tuple[str, str], Bounds]) -> None:
    assert read_requirements(brief, (), find_kind(kind)).sizes == sizes


@pytest.mark.parametrize(
    ("brief", "minutes"),
    [
        ("a lesson of 45 minutes", 45),
        ("a lesson of 2 hours", 120),
        ("a lesson of 30 seconds", 1),
        ("a lesson of 20 seconds", None),
        ("a course of 900 hours", None),
        ("a lesson on tea", None),
    ],
)
def test_durations_are_parsed_as_minutes_within_limits(brief: str, minutes: int | None) -> None:
    assert read_requirements(brief, (), find_kind("lesson_plan")).minutes == minutes


@pytest.mark.parametrize(("note", "minutes"), [("make it 30 minutes", 30), ("for beginners", 45)])
def test_a_note_overrides_the_duration_only_if_it_names_one(note: str, minutes: int) -> None:
    assert read_requirements("a lesson of 45 minutes", (note,), find_kind("lesson_plan")).minutes == minutes


def test_a_note_on_the_length_leaves_the_sizes_of_parts() -> None:
    brief = "a mail of 80 words with a subject of at most 40 characters"
    found = read_requirements(brief, ("at most 50 words",), find_kind("email"))
    assert found.sizes == {("subject", "characters"): Bounds(0, 40), ("body", "words"): Bounds(0, 50)}
    assert [(one.of, one.unit, one.high) for one in found.reading.size] == [
        ("subject", "characters", 40),
        ("all", "words", 50),
    ]


def test_an_open_count_has_an_upper_bound() -> None:
    assert read_requirements("post with at least 2 hashtags", (), find_kind("social_post")).counts["hashtag"] == (
        2,
        100,
    )
    assert read_requirements("post with exactly 3 links", (), find_kind("social_post")).counts["link"] == (3, 3)


@pytest.mark.parametrize(
    ("brief", "ratio"), [("a harbour, 16:9", (16, 9)), ("a harbour", None), ("a harbour, square", None)]
)
def test_the_shape_of_a_picture_is_its_ratio(brief: str, ratio: tuple[int, int] | None) -> None:
    assert read_requirements(brief, (), find_kind("image_prompt")).ratio == ratio


@pytest.mark.parametrize(("note", "language"), [("in French please", "fr"), ("shorter", "de")])
def test_a_note_changes_the_language_only_if_it_names_one(note: str, language: str) -> None:
    assert read_requirements("a post in German", (note,), find_kind("social_post")).language == language


def test_a_note_about_the_length_replaces_it_in_the_reading_too() -> None:
    found = read_requirements("a post of 100 words", ("make it at most 50 words",), find_kind("social_post"))
    assert found.sizes == {("", "words"): Bounds(0, 50)}
    assert [(one.of, one.high) for one in found.reading.size] == [("all", 50)]
    found = read_requirements(
        "an email of 80 words with a subject of at most 6 words", ("at most 40 words",), find_kind("email")
    )
    assert found.sizes == {("subject", "words"): Bounds(0, 6), ("body", "words"): Bounds(0, 40)}
    assert drop_length(found).sizes == {("subject", "words"): Bounds(0, 6)}
