"""The personas that ship, and how one is found."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.content import Family
from personas.errors import QuillmateError
from personas.persona import Persona, UnknownPersonaError, builtin, default_for, persona


def test_they_are_in_the_order_of_their_names() -> None:
    assert list(builtin()) == sorted(builtin())
    assert len(builtin()) >= 5


@pytest.mark.parametrize("known", builtin().values(), ids=lambda known: known.name)
def test_each_says_how_it_sounds(known: Persona) -> None:
    assert known.title
    assert known.voice
    assert known.do
    assert known.dont
    assert 10 <= len(known.summary) <= 100, "Discord shows at most 100 characters of a choice's description"
    assert set(known.families) <= set(get_args(Family))


def test_no_family_has_two_defaults() -> None:
    families = [family for known in builtin().values() for family in known.families]
    assert len(families) == len(set(families))


@pytest.mark.parametrize("said", ["teacher", "Teacher", " TEACHER\n"])
def test_case_and_space_do_not_matter(said: str) -> None:
    assert persona(said).name == "teacher"


@pytest.mark.parametrize("known", builtin().values(), ids=lambda known: known.name)
def test_titles_find_as_names_do(known: Persona) -> None:
    assert persona(known.title) is persona(known.name) is known


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
