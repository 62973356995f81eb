"""The tree of an output model, and what is derived from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from bot.content import Assignment, OneOf
from bot.generation.shape import (
    Entries,
    Group,
    Text,
    apart_list,
    changed,
    completed,
    lists,
    outline,
    pattern_for,
    plain_pattern,
    room_for_text,
    schema_for,
    shape_of,
    sizes_for,
    text_budget,
    texts,
    whole_text_sizes,
)
from bot.kinds import all_kinds, kind_named

Assigned = Callable[..., Assignment]
NONE: dict[str, list[str]] = {"also_right": [], "why_wrong": [], "pairs": []}
QUIZ = {"title": "T", "items": [{"question": "Q", "right": "R", "wrong": ["W", "V"], "feedback": "F", **NONE}]}


def field(kind: str, name: str) -> Any:
    return dict(shape_of(kind_named(kind).output).fields)[name]


def bounds_of(kind: str, name: str, assignment: Assignment) -> dict[str, tuple[int, int]]:
    return {size.unit: (size.least, size.most) for size in sizes_for(field(kind, name), assignment)}


def test_the_tree_of_a_quiz() -> None:
    shape = shape_of(kind_named("quiz").output)
    assert [name for name, _ in shape.fields] == ["title", "items"]
    items = field("quiz", "items")
    assert isinstance(items, Entries)
    assert isinstance(items.entry, Group)
    assert isinstance(dict(items.entry.fields)["question"], Text)
    assert items.count.high == 20


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_schemas_are_valid_and_ordered(kind: Any, assigned: Assigned) -> None:
    schema = schema_for(assigned(kind.name))
    jsonschema.Draft202012Validator.check_schema(schema)
    unasked = {
        name for name, node in shape_of(kind.output).fields if isinstance(node, Entries) and not node.count.default
    }
    assert schema["required"] == [name for name in kind.output.model_fields if name not in unasked]
    for at in walk(schema):
        if "enum" in at:
            assert at["enum"]
        elif at["type"] == "string":
            assert 0 <= at["minLength"] < at["maxLength"]
            re.compile(at["pattern"])
        if at["type"] == "array":
            assert 0 <= at["minItems"] == at["maxItems"]


def walk(schema: dict[str, Any]) -> list[dict[str, Any]]:
    below = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(found for child in below for found in walk(child))]


@pytest.mark.parametrize(("apart", "count"), [(False, 7), (True, 1)])
def test_entries_may_be_asked_for_one_at_a_time(apart: bool, count: int, assigned: Assigned) -> None:
    assignment = assigned("quiz", "7 questions with 3 options")
    items = schema_for(assignment, apart=apart)["properties"]["items"]
    assert items["minItems"] == items["maxItems"] == count
    assert items["items"]["properties"]["wrong"]["minItems"] == 2


def test_only_some_lists_stand_apart(assigned: Assigned) -> None:
    assert apart_list(assigned("quiz", "7 questions")) == ("items", 7)
    assert apart_list(assigned("email")) is None


def test_a_words_bound_becomes_characters(assigned: Assigned) -> None:
    schema = schema_for(assigned("email", "subject max 5 words"))
    assert schema["properties"]["subject"]["maxLength"] == 30 + 10 + 8


@pytest.mark.parametrize(
    ("kind", "name", "brief", "bounds"),
    [
        ("email", "subject", "", {"characters": (8, 60)}),
        ("email", "subject", "subject max 40 characters", {"characters": (8, 40)}),
        ("email", "subject", "subject max 100 characters", {"characters": (8, 100)}),
        ("email", "subject", "subject max 10 characters", {"characters": (5, 10)}),
        ("email", "subject", "subject max 4 words", {"characters": (0, 64), "words": (0, 4)}),
        ("email", "subject", "subject of 14 to 16 words", {"characters": (0, 256), "words": (14, 16)}),
        ("email", "body", "", {"words": (0, 180)}),
        ("email", "body", "body max 50 words", {"words": (0, 50)}),
        ("email", "body", "body max 500 words", {"words": (0, 500)}),
        ("email", "greeting", "subject max 4 words", {"characters": (3, 40)}),
    ],
)
def test_the_brief_s_bound_goes_before_the_kind_s(
    kind: str, name: str, brief: str, bounds: dict[str, tuple[int, int]], assigned: Assigned
) -> None:
    assert bounds_of(kind, name, assigned(kind, brief)) == bounds


@pytest.mark.parametrize(("brief", "most"), [("google ads", 30), ("facebook ad", 40), ("linkedin ad", 40)])
def test_a_places_limit_holds_for_entries(brief: str, most: int, assigned: Assigned) -> None:
    assignment = assigned("ad", brief)
    assert [size.most for size in sizes_for(field("ad", "headlines").entry, assignment)] == [most]


@pytest.mark.parametrize(
    ("kind", "brief", "sizes"),
    [
        ("social_post", "tweet", {"weighted characters": 280}),
        ("social_post", "instagram caption", {"characters": 2200, "hashtags": 5}),
        ("social_post", "tweet, max 100 characters", {"weighted characters": 280, "characters": 100}),
        ("social_post", "tweet max 20 words", {"weighted characters": 280, "words": 20}),
        ("email", "at most 90 words", {}),
        ("email", "subject at most 90 characters", {}),
        ("chat", "hi", {}),
    ],
)
def test_bounds_of_the_whole(kind: str, brief: str, sizes: dict[str, int], assigned: Assigned) -> None:
    assert {size.unit: size.most for size in whole_text_sizes(assigned(kind, brief))} == sizes


@pytest.mark.parametrize(
    ("kind", "brief", "room"),
    [
        ("social_post", "tweet", 280),
        ("social_post", "tweet, max 100 characters", 100),
        ("social_post", "tweet max 20 words", 120),
        ("social_post", "youtube community post", 2500),
        ("social_post", "tweet max 10 characters", 40),
        ("explanation", "echo", None),
    ],
)
def test_room(kind: str, brief: str, room: int | None, assigned: Assigned) -> None:
    assert room_for_text(assigned(kind, brief)) == room


def test_what_code_adds_takes_room(assigned: Assigned) -> None:
    from personas.profile import CallToAction, Profile

    profile = Profile(call_to_action=CallToAction(text="Book", link="https://a.example"))
    assert room_for_text(assigned("social_post", "tweet", profile)) == 280 - (len("Book: ") + 23) - 2


def test_the_budget_is_the_usual_length_within_the_room(assigned: Assigned) -> None:
    assert text_budget(assigned("social_post", "tweet")) < 280 * 1.2
    assert text_budget(assigned("social_post", "tweet max 60 characters")) == 60
    longer = text_budget(assigned("explanation", "echo", length="long"))
    assert longer > text_budget(assigned("explanation", "echo", length="short"))


@pytest.mark.parametrize(
    ("form", "most", "text", "fits"),
    [
        ("phrase", 40, "Fixed before lunch", True),
        ("phrase", 40, "Fixed\nbefore", False),
        ("phrase", 40, "[Name] comes", False),
        ("sentences", 90, "The bread is fresh today.", True),
        ("sentences", 90, "The bread is fresh today. Come and get some now!", True),
        ("sentences", 90, "the bread is fresh today.", False),
        ("sentences", 90, "The bread is fresh today", False),
    ],
)
def test_patterns(form: str, most: int, text: str, fits: bool) -> None:
    assert bool(re.search(pattern_for(form, most), text)) is fits


@pytest.mark.parametrize(("length", "fits"), [("short", False), ("long", True)])
def test_long_plain_texts_have_paragraphs(length: str, fits: bool, assigned: Assigned) -> None:
    pattern = plain_pattern(assigned("explanation", "echo", length=length))
    assert re.search(pattern, "An echo is a sound. It comes back.")
    assert bool(re.search(pattern, "An echo is a sound.\n\nIt comes back to you.")) is fits


def test_walks_name_every_place() -> None:
    shape = shape_of(kind_named("quiz").output)
    assert [path for path, _, _ in texts(shape, QUIZ)] == [
        "title", "items.0.question", "items.0.right", "items.0.wrong.0", "items.0.wrong.1", "items.0.feedback",
    ]  # fmt: skip
    assert [path for path, _, _ in lists(shape, QUIZ)] == [
        "items",
        "items.0.wrong",
        *(f"items.0.{name}" for name in NONE),
    ]


def test_a_change_leaves_the_draft_alone() -> None:
    shape = shape_of(kind_named("quiz").output)
    made = changed(shape, QUIZ, lambda path, _field, text: text.lower() if path == "items.0.right" else text)
    assert made["items"][0] == {**QUIZ["items"][0], "right": "r"}  # type: ignore[index]
    assert QUIZ["items"][0]["right"] == "R"  # type: ignore[index]


@pytest.mark.parametrize(
    ("data", "whole"),
    [
        ({}, {"title": "", "items": []}),
        (None, {"title": "", "items": []}),
        ([], {"title": "", "items": []}),
        ({"title": " T ", "items": "none", "more": 1}, {"title": "T", "items": []}),
        (
            {"title": 5, "items": [{}]},
            {"title": "", "items": [{"question": "", "right": "", "wrong": [], "feedback": "", **NONE}]},
        ),
        ({"items": [3]}, {"title": "", "items": [{"question": "", "right": "", "wrong": [], "feedback": "", **NONE}]}),
        (QUIZ, QUIZ),
    ],
)
def test_what_is_missing_is_empty(data: object, whole: object) -> None:
    assert completed(shape_of(kind_named("quiz").output), data) == whole


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        ("text", "text"),
        ({"title": "Magnets"}, "**Title:** Magnets"),
        ({"primary_text": "A", "headlines": ["B", "", "C"]}, "**Primary text:** A\n**Headlines**\n- B\n- C"),
        ({"items": [{"question": "Q", "right": "R"}]}, "**Questions**\n- **Question:** Q\n  **Right:** R"),
        ({"title": "", "items": []}, ""),
        ({"count": 3}, ""),
        (None, ""),
    ],
)
def test_a_growing_draft_is_a_document(data: object, shown: str) -> None:
    assert outline(data) == shown


@pytest.mark.parametrize(
    ("brief", "count", "apart"), [("5 problems on mass", 0, ("items", 5)), ("a reading text with 5 questions", 1, None)]
)
def test_a_list_that_is_usually_empty_is_filled_when_named(
    brief: str, count: int, apart: tuple[str, int] | None, assigned: Assigned
) -> None:
    assignment = assigned("worksheet", brief)
    assert schema_for(assignment)["properties"].get("source_text", {"maxItems": 0})["maxItems"] == count
    assert apart_list(assignment) == apart


@pytest.mark.parametrize(
    ("form", "text", "fits"),
    [
        ("question", "What do you see?", True),
        ("question", "Is it so?", False),
        ("sentences", "What is in the jar.", True),
        ("phrase", "What a day it was", True),
    ],
)
def test_a_field_begins_as_it_is_told(form: str, text: str, fits: bool) -> None:
    assert bool(re.match(pattern_for(form, 80, ("What", "How")), text)) is fits


@pytest.mark.parametrize(
    ("said", "value"),
    [("navy", "navy"), ("a dark Navy", "navy"), ("whit", "white"), ("sky blue", "sky blue"), ("", "black")],
)
def test_only_known_values_are_taken(said: str, value: str) -> None:
    assert OneOf(("black", "white", "navy", "blue", "sky blue")).nearest(said) == value
