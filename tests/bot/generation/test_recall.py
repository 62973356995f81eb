"""What is put together for a request."""

from __future__ import annotations

import pytest

from bot.content import Bounds, Remembered, Request
from bot.errors import RefusedError
from bot.generation.recall import assign
from personas.persona import UnknownPersonaError
from personas.profile import Profile


def request(**more: object) -> Request:
    return Request("1", "7", **{"brief": "tweet: we close on 5 March", "kind": "social_post", **more})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "chosen", "name"),
    [
        (None, None, "copywriter"),
        (None, "teacher", "teacher"),
        ("host", "teacher", "host"),
        ("Art director", None, "art_director"),
    ],
)
def test_whose_voice_it_is(asked: str | None, chosen: str | None, name: str) -> None:
    assert assign(request(persona=asked), Remembered(Profile(), chosen)).persona.name == name


def test_notes_are_read_like_the_brief() -> None:
    assignment = assign(request(notes=("on Bluesky", "max 90 characters")), Remembered(Profile()))
    assert assignment.wishes.sizes == {("", "characters"): Bounds(0, 90)}
    assert assignment.brief == "tweet: we close on 5 March\non Bluesky\nmax 90 characters"


@pytest.mark.parametrize("kind", [None, "", "poem"])
def test_an_unknown_kind_is_refused(kind: str | None) -> None:
    with pytest.raises(RefusedError, match="choose one of ad, "):
        assign(request(kind=kind), Remembered(Profile()))


def test_an_unknown_persona_is_refused() -> None:
    with pytest.raises(UnknownPersonaError, match="pirate"):
        assign(request(persona="pirate"), Remembered(Profile()))


@pytest.mark.parametrize(
    ("asked", "brief", "profile", "language"),
    [
        ("fr", "in German", "es", "fr"),
        ("", "tweet in German", "es", "de"),
        ("", "tweet", "es", "es"),
        ("", "tweet", "", "en"),
    ],
)
def test_which_language_it_is_in(asked: str, brief: str, profile: str, language: str) -> None:
    assignment = assign(request(language=asked, brief=brief), Remembered(Profile(output_language=profile)))
    assert assignment.language == language


def test_the_first_place_of_a_kind_is_meant() -> None:
    assert assign(request(brief="a post"), Remembered(Profile())).place == "x"
    assert assign(request(brief="a post for instagram"), Remembered(Profile())).place == "instagram"
    assert assign(request(kind="quiz"), Remembered(Profile())).place == ""


@pytest.mark.parametrize(
    ("asked", "scale", "words"), [(None, 1.0, 30), ("long", 1.0, 90), ("short", 2.0, 60), ("short", 0.1, 12)]
)
def test_how_long_it_is(asked: str | None, scale: float, words: int) -> None:
    assignment = assign(request(length=asked, scale=scale), Remembered(Profile(preferred_length="short")))
    assert assignment.words == words


def test_a_request_survives_json() -> None:
    import json

    whole = request(
        notes=("a", "b"), variants=3, persona="host", scale=0.6, material="m", parent_id="0", earlier="e", profile="p"
    )
    assert Request.from_json(json.loads(json.dumps(whole.as_json()))) == whole


def test_every_word_of_the_profile_is_a_source() -> None:
    profile = Profile(facts=("Open 8 to 17",), role="founded 1987", accessibility=("200 % zoom",), tone=("1920s",))
    sources = " ".join(assign(request(material="77", earlier="88", audience="99"), Remembered(profile)).sources)
    assert all(figure in sources for figure in ("17", "1987", "200", "1920", "77", "88", "99", "5 March"))


@pytest.mark.parametrize(
    ("kind", "brief", "variants"),
    [
        ("social_post", "three versions of a tweet on our new boat, 20 words each", 3),
        ("logo", "logo pour le groupe: une mouette, trois pistes, deux couleurs", 3),
        ("image_prompt", "midjourney, a fox in the snow, 9 variants", 4),
        ("quiz", "quiz on knots, two versions", 1),
        ("email", "mail on our boat", 1),
    ],
)
def test_a_brief_that_wants_several_of_a_text_gets_them(kind: str, brief: str, variants: int) -> None:
    assert assign(Request("1", "7", brief, kind=kind), Remembered()).request.variants == variants


def test_what_is_said_of_a_text_that_is_there_wants_no_several() -> None:
    request = Request("1", "7", "three versions of a tweet", kind="social_post", parent_id="0", notes=("shorter",))
    assert assign(request, Remembered()).request.variants == 1
