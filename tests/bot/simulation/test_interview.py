"""The card of somebody made up, and an interview as it is kept; pure."""

from __future__ import annotations

import pytest

from bot.simulation import interview as interviews
from bot.simulation.interview import Interview, InterviewCard, build_persona_card, parse_card
from personas.persona import load_builtin

MARTA = "Marta, 41, runs a café in Porto; counts every euro. Has two children\n- reads mails at night"


@pytest.mark.parametrize(
    ("text", "name", "count"),
    [
        (MARTA, "Marta", 4),
        ("Jean-Luc Moreau: teacher of physics, hates forms", "Jean-Luc Moreau", 1),
        ("Anna is a nurse on nights.", "Anna", 1),
    ],
)
def test_a_card_is_parsed_from_words(text, name, count):
    card = parse_card(text, "en")
    assert card is not None
    assert (card.name, len(card.statements)) == (name, count)


def test_too_little_text_is_not_a_card_and_a_persona_is_one():
    assert parse_card("Marta") is None
    assert parse_card("  ") is None
    card = build_persona_card(load_builtin()["host"])
    assert card.name == "Host"
    assert any(statement.startswith("Never: ") for statement in card.statements)


def test_an_interview_survives_json():
    one = interviews.add_question(
        Interview(InterviewCard("Marta", ("Marta, 41", "counts every euro"))), "7", "How old are you?"
    )
    one = interviews.add_answer(one, "I am 41.", "Marta, 41")
    one = interviews.add_answer(interviews.add_question(one, "8", "Your car?"), "I don't know.", "")
    assert Interview.from_json(one.to_json(), one.texts_to_json()) == one
    assert "How old" not in str(one.to_json())
    assert [len(one.answered_from_card), len(one.not_on_card)] == [1, 1]
