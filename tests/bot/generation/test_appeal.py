"""What code takes for a fault is put before the model that wrote the text: patterns misread briefs, and good writing comes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.content import Assignment, Result, Version
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.errors import EngineError
from bot.generation.pipeline import Pipeline

Assigned = Callable[..., Assignment]
# The quoted words stand for what is not wanted, which no pattern reads.
BRIEF = "tell our members that the pool opens again on 3 May at 7:00. 'Dear valued customers' is how the council would put it"
MAIL = {
    "subject": "The pool opens again on 3 May",
    "preheader": "First swim at 7:00",
    "greeting": "Hello all,",
    "body": ["The pool opens again on 3 May at 7:00.", "Bring a towel and whoever missed the water."],
}
TITLE = "words that must stand in it"


class Model:
    """Writes a draft, says which faults are none, and has nothing better where it is to write anew."""

    def __init__(self, mistaken: Any, draft: Any = MAIL) -> None:
        self.mistaken, self.draft = mistaken, draft
        self.appeals: list[str] = []
        self.repairs: list[str] = []

    def __call__(self, messages: Any) -> Any:
        if messages[0].text.startswith("Code read a brief"):
            self.appeals.append(messages[-1].text)
            return self.mistaken
        if messages[0].text.startswith("You read a text"):
            return {"faults": [], "changes": []}
        if "\nFault: " in messages[-1].text:
            self.repairs.append(messages[-1].text)
            return ""
        return self.draft


async def result_of(assignment: Assignment, model: Model, *, critique: bool = True, **traits: Any) -> Result:
    engine = Engine(Scripted(model, traits=Traits(**{"capable": True, **traits})), name="model")
    (result,) = await Pipeline(Engines([engine]), critique=critique).run(assignment)
    return result


def failed(result: Result) -> list[str]:
    return [check.name for check in result.checks if not check.passed]


async def test_a_fault_that_is_none_is_neither_repaired_nor_told(assigned: Assigned) -> None:
    model = Model({"mistaken": [1]})
    result = await result_of(assigned("email", BRIEF), model)
    assert BRIEF in model.appeals[0]
    assert MAIL["body"][1] in model.appeals[0]
    assert f"1. {TITLE}: “Dear valued customers” is missing." in model.appeals[0]
    assert (failed(result), model.repairs, result.written) == ([], [], MAIL)


async def test_what_is_no_more_measured_is_named_as_such(assigned: Assigned) -> None:
    result = await result_of(assigned("email", BRIEF), Model({"mistaken": [1]}))
    assert "Dear valued customers" in " ".join(map(str, result.unchecked))


@pytest.mark.parametrize(
    "mistaken",
    [
        {"mistaken": []},
        {"mistaken": [0, 2, 99, True, "1"]},
        {"mistaken": 1},
        "None of them.",
        EngineError("It is down."),
    ],
    ids=["none", "others", "no list", "no object", "no answer"],
)
async def test_otherwise_it_is_a_fault(mistaken: Any, assigned: Assigned) -> None:
    model = Model(mistaken)
    result = await result_of(assigned("email", BRIEF), model)
    assert failed(result) == [TITLE]
    assert model.repairs


async def test_of_several_words_each_is_judged_by_itself(assigned: Assigned) -> None:
    brief = f"{BRIEF}. it must say 'bring a friend'"
    model = Model({"mistaken": [1]})
    result = await result_of(assigned("email", brief), model)
    (left,) = [check for check in result.checks if not check.passed]
    assert "bring a friend" in " ".join(map(str, left.value))
    assert "bring a friend" not in " ".join(map(str, result.unchecked))


@pytest.mark.parametrize(
    ("critique", "traits"), [(False, {}), (True, {"by_example": True})], ids=["not wanted", "shown examples"]
)
async def test_otherwise_nobody_is_asked(critique: bool, traits: dict[str, Any], assigned: Assigned) -> None:
    model = Model({"mistaken": [1]})
    result = await result_of(assigned("email", BRIEF), model, critique=critique, **traits)
    assert model.appeals == []
    assert TITLE in failed(result)


async def test_a_text_without_faults_costs_no_call(assigned: Assigned) -> None:
    model = Model({"mistaken": []})
    await result_of(assigned("email", "mail: the pool opens again on 3 May at 7:00"), model)
    assert model.appeals == []


async def test_what_a_place_takes_is_no_matter_of_opinion(assigned: Assigned) -> None:
    model = Model({"mistaken": [1, 2, 3]}, draft={"text": "Swim with us. " * 30})
    result = await result_of(assigned("social_post", "tweet: the pool opens again"), model)
    assert not any("fit" in one for one in model.appeals)
    assert len(result.content.text) <= 280


async def test_where_a_text_leads_is_no_matter_of_opinion(assigned: Assigned) -> None:
    leading = MAIL | {"body": ["The pool opens again on 3 May at 7:00, see pool.example", MAIL["body"][1]]}
    model = Model({"mistaken": [1, 2]}, draft=leading)
    result = await result_of(assigned("email", "mail: the pool opens again on 3 May at 7:00"), model)
    assert model.appeals == []
    assert failed(result) == ["links from you"]


async def test_an_edit_is_not_sent_back_for_a_fault_that_is_none(assigned: Assigned) -> None:
    """That "Dear valued customers" stands in no version is taken for a fault of each."""
    wish = "say that there is coffee. 'Free refills' is what the council would promise"
    change = {"changes": [{"line": 5, "how": "after", "text": "There is coffee."}]}
    before = Version("", 1, MAIL, (TITLE,))
    asked = assigned("email", BRIEF, notes=(wish,), wish=wish, before=before)
    for mistaken, told in (([1, 2], []), ([], [TITLE])):
        model = Model({"mistaken": mistaken}, draft=change)
        result = await result_of(asked, model)
        assert result.written["body"][1].endswith("There is coffee.")
        assert failed(result) == told
        assert len(model.appeals) == 1
        assert bool(result.unchecked) == bool(mistaken)
