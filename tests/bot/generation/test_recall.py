"""What is put together for a request."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.content import Bounds, MemorySnapshot, Request
from bot.errors import RefusedError
from bot.generation.recall import SHORTER, assign
from personas.persona import UnknownPersonaError
from personas.profile import Profile


def build_request(**more: object) -> Request:
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
def test_the_persona_is_chosen_by_request_then_memory_then_default(
    asked: str | None, chosen: str | None, name: str
) -> None:
    assert assign(build_request(persona=asked), MemorySnapshot(Profile(), chosen)).persona.name == name


def test_notes_are_read_like_the_brief() -> None:
    assignment = assign(build_request(notes=("on Bluesky", "max 90 characters")), MemorySnapshot(Profile()))
    assert assignment.requirements.sizes == {("", "characters"): Bounds(0, 90)}
    assert assignment.brief == "tweet: we close on 5 March\non Bluesky\nmax 90 characters"


@pytest.mark.parametrize("kind", [None, "", "poem"])
def test_an_unknown_kind_is_refused(kind: str | None) -> None:
    with pytest.raises(RefusedError, match="choose one of ad, "):
        assign(build_request(kind=kind), MemorySnapshot(Profile()))


def test_an_unknown_persona_is_refused() -> None:
    with pytest.raises(UnknownPersonaError, match="pirate"):
        assign(build_request(persona="pirate"), MemorySnapshot(Profile()))


@pytest.mark.parametrize(
    ("asked", "brief", "profile", "language"),
    [
        ("fr", "in German", "es", "fr"),
        ("", "tweet in German", "es", "de"),
        ("", "tweet", "es", "es"),
        ("", "tweet", "", "en"),
    ],
)
def test_the_language_is_chosen_by_request_then_brief_then_profile(
    asked: str, brief: str, profile: str, language: str
) -> None:
    assignment = assign(build_request(language=asked, brief=brief), MemorySnapshot(Profile(output_language=profile)))
    assert assignment.language == language


def test_the_place_is_named_in_the_brief() -> None:
    assert assign(build_request(brief="a post"), MemorySnapshot(Profile())).place == ""
    assert assign(build_request(brief="a post for instagram"), MemorySnapshot(Profile())).place == "instagram"
    assert assign(build_request(kind="quiz"), MemorySnapshot(Profile())).place == ""


@pytest.mark.parametrize(
    ("brief", "note", "counts", "sizes"),
    [
        ("quiz on knots, 5 questions, 3 options", "7 questions instead", {"question": (7, 7), "option": (3, 3)}, {}),
        ("quiz on knots, 5 questions, 3 options", "one more question on reefs", {"option": (3, 3)}, {}),
        (
            "quiz on knots, 5 questions, 80 words",
            "at most 60 words",
            {"question": (5, 5)},
            {("", "words"): Bounds(0, 60)},
        ),
    ],
)
def test_notes_take_precedence_over_the_brief(brief: str, note: str, counts: Any, sizes: Any) -> None:
    requirements = assign(
        build_request(kind="quiz", brief=brief, notes=(note,)), MemorySnapshot(Profile())
    ).requirements
    assert (dict(requirements.counts), dict(requirements.sizes)) == (counts, sizes)


def test_a_length_button_overrides_the_briefs_length() -> None:
    asked = build_request(brief="tweet on knots, 30 words")
    assert assign(asked, MemorySnapshot()).requirements.sizes
    assert not assign(replace(asked, instruction=SHORTER), MemorySnapshot()).requirements.sizes


def test_options_take_precedence_over_memory() -> None:
    memory = MemorySnapshot(Profile(tone=("dry",), audience="pupils", preferred_length="long"))
    known = assign(build_request(tone="solemn", audience="parents", length="short"), memory).memory
    assert (known.profile.tone, known.profile.audience, known.profile.preferred_length) == (
        ("solemn",),
        "parents",
        "short",
    )
    assert set(known.request_fields) == {"tone", "audience", "preferred_length"}


def test_a_request_survives_json() -> None:
    import json

    whole = build_request(
        notes=("a", "b"), variants=3, persona="host", material="m", parent_id="0", earlier="e", profile="p"
    )
    assert Request.from_json(json.loads(json.dumps(whole.to_json()))) == whole
    older = {**whole.to_json(), "scale": 0.6, "outdated": ["3"], "warned": True}
    assert Request.from_json(older) == whole, "what an earlier release kept"
    assert Request.from_json({**older, "about": "7"}).about == ("7",), "it named one result"
