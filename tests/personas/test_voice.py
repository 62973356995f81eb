"""The instructions that make a text somebody's."""

from __future__ import annotations

import pytest

from personas.persona import NOBODY, Persona
from personas.profile import Profile
from personas.voice import MAX_FACTS, describe_reader, describe_style, describe_voice, instructions

PLAIN = Persona(name="p", title="P", summary="s", voice="You write.")
STRICT = PLAIN.model_copy(update={"dont": ("shouting", "jargon")})


def test_an_empty_profile_adds_nothing() -> None:
    assert instructions(Profile(), describe_voice(PLAIN)) == "You write."


@pytest.mark.parametrize(
    ("profile", "line"),
    [
        (Profile(role="owner", organisation="Fern"), "Writer: owner at Fern."),
        (Profile(role="owner"), "Writer: owner."),
        (Profile(organisation="Fern"), "Writer: Fern."),
        (Profile(audience="parents"), "Readers: parents."),
        (Profile(facts=("a", "b")), "True facts: a; b."),
    ],
)
def test_the_reader_is_described(profile: Profile, line: str) -> None:
    assert describe_reader(profile) == [line]


def test_only_so_many_facts_are_told() -> None:
    profile = Profile(facts=tuple(f"fact{n}" for n in range(MAX_FACTS + 1)))
    (line,) = describe_reader(profile)
    assert f"fact{MAX_FACTS - 1}" in line
    assert f"fact{MAX_FACTS}" not in line


@pytest.mark.parametrize(
    ("profile", "tone", "line"),
    [
        (Profile(tone=("warm", "dry")), "", "Tone: warm, dry."),
        (Profile(tone=("warm",)), "angry", "Tone: angry."),
        (Profile(prefer_terms=("scones",)), "", "Words they like: scones."),
        (Profile(reading_level="CEFR B1"), "", "Use short words and short sentences."),
    ],
)
def test_the_style_is_described(profile: Profile, tone: str, line: str) -> None:
    assert line in describe_style(profile, tone)


def test_a_persona_is_described() -> None:
    assert describe_voice(STRICT) == ["You write.", "Never: shouting, jargon."]


@pytest.mark.parametrize("level", ["CEFR B2", "US grade 9", "CEFR C2", ""])
def test_able_readers_need_no_short_words(level: str) -> None:
    assert describe_style(Profile(reading_level=level)) == []


def test_avoided_words_are_never_named() -> None:
    assert "artisan" not in instructions(Profile(avoid_words=("artisan",), organisation="Fern"), describe_voice(STRICT))


def test_nobody_has_no_voice() -> None:
    assert describe_voice(NOBODY) == []
    assert instructions(Profile(), describe_voice(NOBODY)) == ""
