"""The personas that ship, and how one is found."""

from __future__ import annotations

from typing import get_args

import pytest

from bot.content import Family
from personas.errors import QuillmateError
from personas.persona import (
    Persona,
    PersonaError,
    UnknownPersonaError,
    build_persona,
    find_default,
    find_persona,
    format_toml,
    is_known,
    load_builtin,
    parse_toml,
)


def test_built_in_personas_are_sorted_by_name() -> None:
    assert list(load_builtin()) == sorted(load_builtin())
    assert len(load_builtin()) >= 10


@pytest.mark.parametrize("one", load_builtin().values(), ids=lambda one: one.name)
def test_each_persona_describes_its_voice(one: Persona) -> None:
    assert one.title
    assert one.voice
    assert one.do
    assert one.dont
    assert one.habits
    assert one.examples
    assert len(one.voice.split()) <= 30, "a small model follows one or two sentences"
    assert 10 <= len(one.summary) <= 100, "Discord shows at most 100 characters of a choice's description"
    assert set(one.families) <= set(get_args(Family))


def test_no_family_has_two_defaults() -> None:
    families = [family for one in load_builtin().values() for family in one.families]
    assert len(families) == len(set(families))


@pytest.mark.parametrize("said", ["teacher", "Teacher", " TEACHER\n"])
def test_names_match_regardless_of_case_and_spaces(said: str) -> None:
    assert find_persona(said).name == "teacher"


@pytest.mark.parametrize("one", load_builtin().values(), ids=lambda one: one.name)
def test_a_persona_is_found_by_title_or_name(one: Persona) -> None:
    assert find_persona(one.title) == find_persona(one.name) == one


@pytest.mark.parametrize("said", ["", "pirate", "x" * 5000])
def test_an_unknown_name_lists_the_known_ones(said: str) -> None:
    with pytest.raises(UnknownPersonaError) as told:
        find_persona(said)
    assert isinstance(told.value, QuillmateError)
    assert "Choose one of these: art_director, brand_strategist," in str(told.value)
    assert len(str(told.value)) < 320


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
def test_each_family_has_a_default(family: str, name: str) -> None:
    assert find_default(family).name == name


@pytest.mark.parametrize(("name", "there"), [("host", True), ("Host", False), ("pirate", False), ("", False)])
def test_known_personas_are_recognised(name: str, there: bool) -> None:
    assert is_known(name) is there


@pytest.mark.parametrize("one", load_builtin().values(), ids=lambda one: one.name)
def test_personas_survive_toml(one: Persona) -> None:
    read = parse_toml(format_toml(one))
    assert read.model_dump(exclude={"name", "families"}) == one.model_dump(exclude={"name", "families"})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"voice": "You write."}, "The persona's title is missing."),
        ({"title": "Owl"}, "The persona's voice is missing."),
        (
            {"title": "Owl", "voice": "x" * 601},
            "The persona's voice is too long: the limit is 600 characters, and it has 601.",
        ),
        ({"title": "Owl", "voice": "v", "do": ["x"] * 11}, "The persona's do has 11 entries; the limit is 10."),
        (
            {"title": "Owl", "voice": "v", "script": "x"},
            "The persona's script is not a known field; a persona has title, summary, voice, habits, do, dont, examples.",
        ),
        ({"title": "Owl", "voice": 7}, "The persona's voice should be a text in quotes, not the number 7."),
    ],
)
def test_invalid_values_are_described(values: dict[str, object], said: str) -> None:
    with pytest.raises(PersonaError) as told:
        build_persona(values)
    assert str(told.value) == said


@pytest.mark.parametrize("text", ["", "title = ", "[" * 5000, "<html>"])
def test_invalid_toml_is_described(text: str) -> None:
    with pytest.raises(PersonaError):
        parse_toml(text)


def test_titles_in_any_script_yield_a_name() -> None:
    assert build_persona({"title": "Nacht-Eule Größe", "voice": "v"}).name == "nacht_eule_groe"
    assert build_persona({"title": "夜", "voice": "v"}).name == "persona"
