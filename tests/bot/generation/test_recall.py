"""What is put together for a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.content import Bounds, Remembered, Request
from bot.errors import RefusedError
from bot.generation.recall import SHORTER, assign
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


def test_a_place_is_one_that_the_brief_names() -> None:
    assert assign(request(brief="a post"), Remembered(Profile())).place == ""
    assert assign(request(brief="a post for instagram"), Remembered(Profile())).place == "instagram"
    assert assign(request(kind="quiz"), Remembered(Profile())).place == ""


@pytest.mark.parametrize(
    ("brief", "note", "counts", "sizes"),
    [
        ("quiz on knots, 5 questions, 3 options", "7 questions instead", {"question": (7, 7), "option": (3, 3)}, {}),
        ("quiz on knots, 5 questions, 3 options", "one more question on reefs", {"option": (3, 3)}, {}),
        ("quiz on knots, 5 questions, 80 words", "at most 60 words", {"question": (5, 5)}, {("", "words"): Bounds(0, 60)}),
    ],
)  # fmt: skip
def test_what_a_note_says_goes_before_the_brief(brief: str, note: str, counts: Any, sizes: Any) -> None:
    wishes = assign(request(kind="quiz", brief=brief, notes=(note,)), Remembered(Profile())).wishes
    assert (dict(wishes.counts), dict(wishes.sizes)) == (counts, sizes)


def test_a_button_that_changes_the_length_lifts_the_briefs() -> None:
    asked = request(brief="tweet on knots, 30 words")
    assert assign(asked, Remembered()).wishes.sizes
    assert not assign(replace(asked, wish=SHORTER), Remembered()).wishes.sizes


def test_options_go_before_what_is_known() -> None:
    memory = Remembered(Profile(tone=("dry",), audience="pupils", preferred_length="long"))
    known = assign(request(tone="solemn", audience="parents", length="short"), memory).memory
    assert (known.profile.tone, known.profile.audience, known.profile.preferred_length) == (
        ("solemn",),
        "parents",
        "short",
    )
    assert set(known.said) == {"tone", "audience", "preferred_length"}


def test_a_request_survives_json() -> None:
    import json

    whole = request(notes=("a", "b"), variants=3, persona="host", material="m", parent_id="0", earlier="e", profile="p")
    assert Request.from_json(json.loads(json.dumps(whole.as_json()))) == whole
    older = {**whole.as_json(), "scale": 0.6, "outdated": ["3"], "warned": True}
    assert Request.from_json(older) == whole, "what an earlier release kept"
