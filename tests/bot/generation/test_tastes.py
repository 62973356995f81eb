"""Tastes inferred from instructions, votes, edits and choices."""

from __future__ import annotations

import pytest

from bot.generation.tastes import (
    QUICK_INSTRUCTIONS,
    Baseline,
    infer_from_choice,
    infer_from_edit,
    infer_from_instruction,
    infer_from_vote,
    is_edited,
)

WAS = Baseline()
LOUD = "We're open again! Come and see our new mugs! There is coffee, cake and a chat, and dogs are welcome. 🎉"


@pytest.mark.parametrize(
    ("wish", "signs"),
    [
        ("shorter", [("preferred_length", "short")]),
        ("a bit longer, with the price", [("preferred_length", "long")]),
        ("less formal", [("formality", "casual")]),
        ("make it more formal and without emojis", [("formality", "formal"), ("emoji", "none")]),
        ("that is too formal", [("formality", "casual")]),
        ("not formal", [("formality", "casual")]),
        ("don't be so formal", [("formality", "casual")]),
        ("not so long", [("preferred_length", "short")]),
        ("mind the formal garden, the casual wear and the longer opening hours", []),
        ("harder words", [("reading_level", "CEFR C1")]),
        ("add some emoji", [("emoji", "many")]),
        ("fewer emoji", [("emoji", "none")]),
        ("no emoji", [("emoji", "none")]),
        ("without exclamation marks", [("exclamation_marks", "none")]),
        ("simpler words", [("reading_level", "CEFR B1")]),
        (QUICK_INSTRUCTIONS["casual"], [("formality", "casual")]),
        (QUICK_INSTRUCTIONS["formal"], [("formality", "formal")]),
        (QUICK_INSTRUCTIONS["simple"], [("reading_level", "CEFR B1")]),
        (QUICK_INSTRUCTIONS["emoji"], [("emoji", "none")]),
        (QUICK_INSTRUCTIONS["calm"], [("exclamation_marks", "none")]),
        ("no exclamation marks!", [("exclamation_marks", "none")]),
        ("easier to read", [("reading_level", "CEFR B1")]),
        ("please don't use the word “bespoke”", [("avoid_words", "bespoke")]),
        ("mention the free coffee", []),
        ("kürzer bitte", [("preferred_length", "short")]),
        ("nicht so förmlich", [("formality", "casual")]),
        ("plus court, sans emojis", [("preferred_length", "short"), ("emoji", "none")]),
        ("más formal", [("formality", "formal")]),
        ("sem pontos de exclamação", [("exclamation_marks", "none")]),
        ("più semplice", [("reading_level", "CEFR B1")]),
        ("lebih singkat ya", [("preferred_length", "short")]),
        ("أقصر", [("preferred_length", "short")]),
        ("और छोटा", [("preferred_length", "short")]),
        ("もっと短くして", [("preferred_length", "short")]),
        ("die längeren Öffnungszeiten nennen", []),
        ("", []),
    ],
)
def test_signals_are_inferred_from_instructions(wish: str, signs: list[tuple[str, str]]) -> None:
    assert infer_from_instruction(wish, WAS) == signs


def test_an_instruction_is_relative_to_the_baseline() -> None:
    assert infer_from_instruction("shorter", Baseline(length="long")) == [("preferred_length", "medium")]
    assert infer_from_instruction("fewer emoji", Baseline(emoji="many")) == [("emoji", "few")]


def test_signals_are_inferred_from_the_reasons_of_votes() -> None:
    assert infer_from_vote("down", ["long", "loud", "nonsense"], LOUD, WAS) == [
        ("preferred_length", "short"),
        ("exclamation_marks", "none"),
    ]
    assert infer_from_vote("up", ["tone", "emoji", "length"], LOUD, WAS) == [
        ("formality", "casual"),
        ("emoji", "few"),
        ("preferred_length", "medium"),
    ]
    assert infer_from_vote("up", ["level"], LOUD, WAS) == [("reading_level", "CEFR A1")]
    assert infer_from_vote("up", ["tone", "level"], "Closed.", WAS) == [], "too short to tell"


@pytest.mark.parametrize(
    ("text", "edited"),
    [
        (LOUD.replace("!", "."), True),
        ("Come and see our new mugs. There is coffee and cake.", True),
        (LOUD, False),
        ("shorter please and mention the price of the mugs", False),
        ("new mugs", False),
        ("", False),
    ],
)
def test_an_edit_is_distinguished_from_an_instruction(text: str, edited: bool) -> None:
    assert is_edited(LOUD, text) is edited


@pytest.mark.parametrize(
    "text",
    [
        "tweet: we are closed next Monday",
        "tweet: we are closed next Monday and open on Tuesday again",
        "we are closed next Monday, so what shall I tell the suppliers?",
    ],
)
def test_a_repeated_brief_is_not_an_edit(text: str) -> None:
    result = "We are closed next Monday. On Tuesday we are back at eight, with fresh bread and the good coffee."
    assert not is_edited(result, text, "tweet: we are closed next Monday")
    assert is_edited(result, result.replace("good", "better"), "tweet: we are closed next Monday")


def test_signals_are_inferred_from_an_edit() -> None:
    signs = dict(infer_from_edit(LOUD, "We are open again. Come and see our new mugs. There is coffee and cake.", WAS))
    assert signs["exclamation_marks"] == "none"
    assert signs["emoji"] == "none"
    assert signs["formality"] == "formal"
    assert signs["preferred_length"] == "short"


def test_an_edited_greeting_and_closing_are_separate_signals() -> None:
    before = "Dear customers,\n\nWe close on Monday and come back on Tuesday.\n\nKind regards"
    after = "Hello neighbours,\n\nWe close on Monday and come back on Tuesday.\n\nSee you soon"
    signs = dict(infer_from_edit(before, after, WAS))
    assert (signs["greeting"], signs["closing"]) == ("Hello neighbours,", "See you soon")


def test_an_edit_reveals_the_speaker_and_replaced_words() -> None:
    signs = infer_from_edit("We tell our customers when we close.", "I tell my guests when I close.", WAS)
    assert ("person", "I") in signs
    assert ("avoid_words", "customers") in signs
    assert ("prefer_terms", "guests") in signs


def test_an_edit_of_content_is_not_a_signal_of_style() -> None:
    assert (
        infer_from_edit("We open at 9 and close at 5 on Friday.", "We open at 8 and close at 6 on Friday.", WAS) == []
    )


def test_a_choice_signals_what_differs_from_all_other_variants() -> None:
    calm = "We are open again. Come and see our new mugs, have a coffee and a chat with us, dogs are welcome."
    assert ("exclamation_marks", "none") in infer_from_choice(calm, [LOUD, LOUD.replace("🎉", "")], WAS)
    assert ("emoji", "none") not in infer_from_choice(calm, [LOUD, LOUD.replace("🎉", "")], WAS)
    assert infer_from_choice(calm, [], WAS) == []
