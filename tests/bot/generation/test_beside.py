"""What a brief wants and a kind's form has no place for stands beside the rest, in files and after a change too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.content import Assignment, Beside, Request, Result, Version
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.exports import export
from bot.generation.beside import beside_of
from bot.generation.pipeline import Pipeline

Assigned = Callable[..., Assignment]
BRIEF = "mail to the parents: the trip is on 3 May. below it a slip to cut off, headed 'Slip'"
MAIL = {
    "subject": "The trip is on 3 May",
    "preheader": "Fill in the slip below",
    "greeting": "Hello all,",
    "body": ["The trip is on 3 May.", "Please fill in the slip and send it back."],
}
SLIP = {"place": "after", "heading": "Slip", "text": "My child ______ comes along."}


class Model(Scripted):
    """Writes what it is given, and keeps what it was asked."""

    def __init__(self, answer: Any, **traits: Any) -> None:
        super().__init__(lambda _messages: answer, traits=Traits(**{"capable": True, **traits}))
        self.asks: list[Ask] = []

    def arguments(self, ask: Ask) -> dict[str, Any]:
        self.asks.append(ask)
        return super().arguments(ask)


async def made(assignment: Assignment, model: Model) -> Result:
    (result,) = await Pipeline(Engines([Engine(model, name="model")])).run(assignment)
    return result


async def test_it_stands_below_the_rest_and_in_the_file(assigned: Assigned) -> None:
    model = Model({**MAIL, "also": [SLIP]})
    result = await made(assigned("email", BRIEF), model)
    assert result.content.text.endswith("**Slip**\nMy child ______ comes along.")
    assert result.written == MAIL
    assert b"comes along" in export("md", "Mail", result.content)
    assert beside_of(result.content.parts) == (Beside("after", "Slip", "My child ______ comes along."),)
    (ask,) = model.asks
    assert ask.schema is not None
    assert "also" in ask.schema["required"]
    assert "One more key, also," in ask.messages[-1].text


async def test_it_stands_before_the_rest_without_a_heading(assigned: Assigned) -> None:
    note = {"place": "before", "heading": " ", "text": "To be read out."}
    result = await made(assigned("email", BRIEF), Model({**MAIL, "also": [note, SLIP]}))
    assert result.content.text.startswith("To be read out.\n\n")
    assert result.content.text.endswith("comes along.")


@pytest.mark.parametrize(
    "also",
    [[], None, "a slip", [{}], [{"text": ""}], ["a slip"], [{"place": "after", "heading": "Slip", "text": 3}]],
    ids=["none", "null", "words", "nothing in it", "no text", "no object", "a number"],
)
async def test_what_is_no_part_is_left_out(also: Any, assigned: Assigned) -> None:
    plain = await made(assigned("email", BRIEF), Model(MAIL))
    result = await made(assigned("email", BRIEF), Model({**MAIL, "also": also}))
    assert result.content == plain.content


async def test_what_nobody_gave_is_a_fault_there_too(assigned: Assigned) -> None:
    slip = SLIP | {"text": "It costs £47. Pay at trips.example"}
    result = await made(assigned("email", BRIEF), Model({**MAIL, "also": [slip]}))
    failed = {check.name for check in result.checks if not check.passed}
    assert failed == {"figures from you", "links from you"}


async def test_a_change_of_the_rest_keeps_it(assigned: Assigned) -> None:
    first = await made(assigned("email", BRIEF), Model({**MAIL, "also": [SLIP]}))
    version = Version(first.content.text, 1, first.written, (), beside_of(first.content.parts))
    again = Request.from_json(
        Request("2", "7", BRIEF, kind="email", notes=("say Monday",), wish="say Monday", before=version).as_json()
    )
    asked = assigned("email", BRIEF, notes=again.notes, wish=again.wish, before=again.before)
    model = Model({"changes": [{"line": 5, "how": "replace", "text": "Please fill in the slip by Monday."}]})
    result = await made(asked, model)
    assert result.written["body"] == ["The trip is on 3 May.", "Please fill in the slip by Monday."]
    assert result.content.text.endswith("**Slip**\nMy child ______ comes along.")
    assert "Beside these lines stands" in model.asks[0].messages[-1].text


@pytest.mark.parametrize(
    ("kind", "brief", "traits"),
    [
        ("email", BRIEF, {"by_example": True}),
        ("email", BRIEF, {"capable": False}),
        ("social_post", "post: the trip is on 3 May", {}),
        ("image_prompt", "a bus on a hill", {}),
        ("synthetic_data", "20 rows of pupils", {}),
    ],
)
async def test_others_are_not_asked_for_it(kind: str, brief: str, traits: dict[str, Any], assigned: Assigned) -> None:
    asked = assigned(kind, brief)
    example = asked.kind.examples[0].output.model_dump(mode="json")
    model = Model({**example, "also": [SLIP]} if not asked.kind.plain else "The trip is on 3 May.", **traits)
    result = await made(asked, model)
    assert "comes along" not in result.content.text
    assert not any("also" in (ask.schema or {}).get("properties", {}) for ask in model.asks)
    assert not any("One more key, also," in message.text for ask in model.asks for message in ask.messages)
