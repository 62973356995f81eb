"""What a brief wants and a kind's form has no place for stands beside the rest, in files and after a change too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from editing import numbered_lines

from bot.content import Assignment, Beside, Request, Result, Version
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.exports import export
from bot.generation.beside import beside_of
from bot.generation.pipeline import Pipeline
from bot.kinds import kind_named

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
    # A mail's subject stands before all of it.
    assert "Fill in the slip below\n\nTo be read out.\n\n" in result.content.text
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


async def edited(assigned: Assigned, wish: str, model: Model) -> Result:
    """The mail with its slip, after a wish."""
    first = await made(assigned("email", BRIEF), Model({**MAIL, "also": [SLIP]}))
    version = Version(first.content.text, 1, first.written, (), beside_of(first.content.parts))
    again = Request.from_json(
        Request("2", "7", BRIEF, kind="email", notes=(wish,), wish=wish, before=version).as_json()
    )
    return await made(assigned("email", BRIEF, notes=again.notes, wish=again.wish, before=again.before), model)


async def test_a_change_of_the_rest_keeps_it(assigned: Assigned) -> None:
    model = Model({"changes": [{"line": 5, "how": "replace", "text": "Please fill in the slip by Monday."}]})
    result = await edited(assigned, "say Monday", model)
    assert result.written["body"] == ["The trip is on 3 May.", "Please fill in the slip by Monday."]
    assert result.content.text.endswith("**Slip**\nMy child ______ comes along.")
    assert "9 | also 1 text | My child ______ comes along." in model.asks[0].messages[-1].text


async def test_a_change_may_be_about_it(assigned: Assigned) -> None:
    told = {"line": 9, "how": "after", "text": "Signed: ______"}
    result = await edited(assigned, "the slip needs a signature", Model({"changes": [told]}))
    assert result.written == MAIL
    assert result.content.text.endswith("**Slip**\nMy child ______ comes along. Signed: ______")
    assert [text.strip() for tag, text in result.changed if tag == "in"] == ["Signed: ______"]


async def test_it_goes_and_another_comes(assigned: Assigned) -> None:
    note = {"place": "before", "heading": "", "text": "To be read out."}
    answer = {
        "changes": [{"line": 6, "how": "remove", "text": ""}],
        "new_also": [{"before": 0, "entry": note}],
    }
    model = Model(answer)
    result = await edited(assigned, "no slip, it is read out", model)
    assert "comes along" not in result.content.text
    assert "Fill in the slip below\n\nTo be read out.\n\n" in result.content.text
    assert beside_of(result.content.parts) == (Beside("before", "", "To be read out."),)
    schema = model.asks[0].schema
    assert schema is not None
    assert schema["properties"]["new_also"]["items"]["properties"]["entry"]["properties"]["place"]["enum"] == [
        "before",
        "after",
    ]


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


async def test_it_stays_with_a_campaign_whose_text_is_changed(assigned: Assigned) -> None:
    brief = "4-week campaign for slow bread, email and sms. below the plan a list of whom to call"
    note = {"place": "after", "heading": "Calls", "text": "The mill, then the stall."}

    def answer(messages: Any) -> Any:
        asked = messages[0].text
        if asked.startswith("You edit"):
            line = next(number for number, (_, text) in numbered_lines(messages).items() if text == "Bread at noon.")
            call = next(number for number, (_, text) in numbered_lines(messages).items() if text.startswith("The mill"))
            return {"changes": [
                {"line": line, "how": "replace", "text": "Bread at seven."},
                {"line": call, "how": "after", "text": "Then the press."},
            ]}  # fmt: skip
        kind = next(one for one in map(kind_named, ("campaign", "email", "sms")) if (one.craft or one.prompt) in asked)
        data = kind.examples[0].output.model_dump(mode="json")
        return "Bread at noon." if kind.plain else {**data, "also": [note]} if kind.name == "campaign" else data

    async def run(assignment: Assignment) -> Result:
        engine = Engine(Scripted(answer, traits=Traits(capable=True)), name="model")
        (result,) = await Pipeline(Engines([engine])).run(assignment)
        return result

    first = await run(assigned("campaign", brief))
    assert "**Calls**\nThe mill, then the stall." in first.content.text
    before = Version(first.content.text, first.seed, first.written, ())
    asked = {"notes": ("bread at seven, and call the press",), "wish": "bread at seven, and call the press"}
    result = await run(assigned("campaign", brief, before=before, **asked))
    assert "Bread at seven." in result.content.text
    assert "**Calls**\nThe mill, then the stall. Then the press." in result.content.text
