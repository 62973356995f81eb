"""The personas that ship, and how one is found."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.content import Family
from personas.errors import QuillmateError
from personas.persona import Persona, UnknownPersonaError, builtin, default_for, known, persona


def test_they_are_in_the_order_of_their_names() -> None:
    assert list(builtin()) == sorted(builtin())
    assert len(builtin()) >= 5


@pytest.mark.parametrize("one", builtin().values(), ids=lambda one: one.name)
def test_each_says_how_it_sounds(one: Persona) -> None:
    assert one.title
    assert one.voice
    assert one.do
    assert one.dont
    assert 10 <= len(one.summary) <= 100, "Discord shows at most 100 characters of a choice's description"
    assert set(one.families) <= set(get_args(Family))


def test_no_family_has_two_defaults() -> None:
    families = [family for one in builtin().values() for family in one.families]
    assert len(families) == len(set(families))


@pytest.mark.parametrize("said", ["teacher", "Teacher", " TEACHER\n"])
def test_case_and_space_do_not_matter(said: str) -> None:
    assert persona(said).name == "teacher"


@pytest.mark.parametrize("one", builtin().values(), ids=lambda one: one.name)
def test_titles_find_as_names_do(one: Persona) -> None:
    assert persona(one.title) is persona(one.name) is one


@pytest.mark.parametrize("said", ["", "pirate", "x" * 5000])
def test_an_unknown_one_is_answered_with_those_there_are(said: str) -> None:
    with pytest.raises(UnknownPersonaError) as told:
        persona(said)
    assert isinstance(told.value, QuillmateError)
    assert "choose one of art_director, copywriter," in str(told.value)
    assert len(str(told.value)) < 250


@pytest.mark.parametrize(
    ("family", "name"),
    [
        ("education", "teacher"),
        ("image", "art_director"),
        ("chat", "host"),
        ("text", "copywriter"),
        ("data", "copywriter"),
    ],
)
def test_families_have_a_default(family: str, name: str) -> None:
    assert default_for(family).name == name


@pytest.mark.parametrize(("name", "there"), [("host", True), ("Host", False), ("pirate", False), ("", False)])
def test_whether_one_is_still_there(name: str, there: bool) -> None:
    assert known(name) is there
