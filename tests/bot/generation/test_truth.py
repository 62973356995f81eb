"""What can be known of a text is true: wrong figures and days go back to a model, and are put right where they stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from repairing import FAULT, Model, result_of

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline
from bot.locales import said

Assigned = Callable[..., Assignment]
ASKED = "2026-11-26T09:00:00+00:00"


def failed(result: Any) -> list[str]:
    return [check.name for check in result.checks if not check.passed]


SHARES = "A share is a part of a whole. So 20 % of 45 is {figure}. You find it when you take 45 and divide it by five, and that is all."


async def test_a_wrong_figure_goes_back_with_what_is_right(assigned: Assigned) -> None:
    model = Model(SHARES.format(figure=8), SHARES.format(figure=9))
    result = await result_of(assigned("explanation", "what is a percentage?"), model)
    assert result.content.text == SHARES.format(figure=9)
    assert [told.partition(FAULT)[2] for told in model.faults] == [
        "“20 % of 45 is 8” is wrong: 9 is right, not 8.\nWrite it without the fault."
    ]
    assert result.note is None
    assert [(check.value, check.unit) for check in result.checks if check.id == "arithmetic"] == [(1, "right")]


async def test_a_figure_that_stays_wrong_is_put_right_and_told(assigned: Assigned) -> None:
    result = await result_of(assigned("explanation", "what is a percentage?"), Model(SHARES.format(figure=8), ""))
    assert result.content.text == SHARES.format(figure=9)
    assert result.passed
    assert str(result.note) == "“8” was wrong in “20 % of 45 is 8”: I put “9” there."
    assert said(result.note, "de").startswith("„8“ war falsch")


async def test_a_wrong_figure_that_stands_twice_is_only_told(assigned: Assigned) -> None:
    text = SHARES.format(figure=8) + " Eight of them, so 8 pupils, stand up."
    result = await result_of(assigned("explanation", "what is a percentage?"), Model(text, ""))
    assert result.content.text == text
    assert failed(result) == ["arithmetic"]


async def test_what_the_brief_says_is_not_put_right(assigned: Assigned) -> None:
    text = "Come in on Friday: 20 % off 45 euros is 35 euros."
    result = await result_of(assigned("social_post", "tweet: 20 % off 45 euros is 35 euros"), Model(text, ""))
    assert result.content.text == text
    assert "arithmetic" in failed(result)


async def test_what_a_small_model_reckons_is_put_right_too(assigned: Assigned) -> None:
    model = Model(SHARES.format(figure=8))
    result = await result_of(assigned("explanation", "what is a percentage?"), model, capable=False)
    assert "20 % of 45 is 9" in result.content.text
    assert model.faults == []


@pytest.mark.parametrize(
    ("kind", "brief", "draft"),
    [
        ("explanation", "a text on sums with three mistakes to find", {"text": SHARES.format(figure=8)}),
        ("social_post", "tweet on teamwork", {"text": "1 + 1 = 3: that is what a team can do for you, every day of the week."}),
        ("rewrite", "friendlier: The bill is wrong: 3 × 4 = 11.", {"text": "We think there is a slip in the bill: 3 × 4 = 11."}),
    ],
)  # fmt: skip
async def test_what_is_meant_to_be_wrong_stays(
    kind: str, brief: str, draft: dict[str, str], assigned: Assigned
) -> None:
    result = await result_of(assigned(kind, brief), Model(draft["text"], ""))
    assert result.content.text == draft["text"]
    assert "arithmetic" not in failed(result)


async def test_a_quizs_wrong_options_are_meant_and_its_key_is_reckoned(assigned: Assigned) -> None:
    item = {
        "question": "What is 7 × 8?", "right": "54", "wrong": ["58", "63", "7 × 8 = 49"], "feedback": "Add seven eight times over."
    }  # fmt: skip
    model = Model({"title": "Products", "items": [item]}, "")
    result = await result_of(assigned("quiz", "1 question on products"), model)
    assert model.faults[0].partition(FAULT)[2].startswith("“What is 7 × 8?” comes to 56.")
    assert result.written["items"][0]["right"] == "56"
    assert str(result.note) == "The answer to “What is 7 × 8?” was wrong: I put the right one there."
    assert failed(result) == []


async def test_a_sheet_of_mistakes_keeps_them(assigned: Assigned) -> None:
    items = [{"question": "7 × 8 = 54", "answer": "56"}, {"question": "3 × 4 = 12", "answer": "It is right."}]
    result = await result_of(
        assigned("worksheet", "2 tasks: put right what is not"), Model({"title": "Right or not?", "items": items}, "")
    )
    assert failed(result) == []
    assert [item["question"] for item in result.written["items"]] == ["7 × 8 = 54", "3 × 4 = 12"]


async def test_a_day_that_does_not_fit_goes_back_and_is_put_right(assigned: Assigned) -> None:
    text = "We open again on Saturday, 8 March 2027. Come and see what is new in the shop."
    model = Model(text, "")
    result = await result_of(assigned("social_post", "tweet: we open on 8 March 2027", asked=ASKED), model)
    assert result.content.text == text.replace("Saturday", "Monday")
    assert (
        model.faults[0]
        .partition(FAULT)[2]
        .startswith("“Saturday, 8 March 2027” is wrong: that date is Monday. Keep the date.")
    )
    assert str(result.note) == "“Saturday” was wrong in “Saturday, 8 March 2027”: I put “Monday” there."


@pytest.mark.parametrize(
    "brief",
    [
        "tweet: we open on Saturday 8 March",
        "tweet: we open on Sat 8 March",
        "tweet: we open Saturday, that is, on 8 March",
    ],
)
async def test_a_day_that_the_brief_gives_stays_and_is_told(brief: str, assigned: Assigned) -> None:
    text = "We open again on Saturday, 8 March. Come and see what is new in the shop."
    model = Model(text, "")
    result = await result_of(assigned("social_post", brief, asked=ASKED), model)
    assert result.content.text == text
    assert failed(result) == ["weekday asked for"]
    assert model.faults == []


async def test_notes_of_all_pieces_are_told(assigned: Assigned) -> None:
    posts = [
        "We open on Saturday, 8 March 2027, and you are invited to it.",
        "The market is on Sunday, 9 March 2027, all day long.",
    ]

    def model(messages: Any) -> Any:
        return "" if "\nFault: " in messages[-1].text else posts.pop(0)

    engine = Engine(Scripted(model, traits=Traits(capable=True)), name="model")
    brief = "a thread of 2 posts for X: we open on 8 March 2027, market on 9 March 2027"
    (result,) = await Pipeline(Engines([engine])).run(assigned("social_post", brief, asked=ASKED))
    assert "Monday, 8 March" in result.content.text
    assert "Tuesday, 9 March" in result.content.text
    assert str(result.note).count("was wrong in") == 2
