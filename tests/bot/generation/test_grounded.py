"""What no source gives goes back to the model, part by part, and stands as failed where it stays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.content import Assignment, Passage
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline
from bot.generation.writers.trim import UNLED
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
PLAIN = "We mend bikes. Bring yours, and we look at it together."
BOASTING = "We mend bikes. Every repair is guaranteed, and we are open every day."


class Model:
    """Answers with a draft first, then each repair with the next of some answers, the last one again and again."""

    def __init__(self, draft: Any, *repairs: Any) -> None:
        self.draft, self.repairs, self.faults = draft, list(repairs), list[str]()

    def __call__(self, messages: Any) -> Any:
        asked = messages[-1].text
        if "\nFault: " not in asked:
            return self.draft
        self.faults.append(asked.partition("\nFault: ")[2])
        return self.repairs.pop(0) if len(self.repairs) > 1 else self.repairs[0]


async def result_of(assignment: Assignment, model: Model, *, capable: bool = True) -> Any:
    engine = Engine(Scripted(model, traits=Traits(capable=capable)), name="model")
    (result,) = await Pipeline(Engines([engine])).run(assignment)
    return result


def failed(result: Any) -> list[tuple[str, str]]:
    return [(check.name, check.measured) for check in result.checks if not check.passed]


async def test_a_claim_goes_back_with_what_nobody_has_said(assigned: Assigned) -> None:
    model = Model(BOASTING, PLAIN)
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), model)
    assert result.content.text == PLAIN
    assert "Nobody has said that it is guaranteed: leave “guaranteed” out." in model.faults[0]
    assert "Nobody has said that it is always open: leave “open every day” out." in model.faults[0]
    assert failed(result) == []


async def test_a_claim_that_stays_stands_as_failed_with_its_words(assigned: Assigned) -> None:
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), Model(BOASTING, BOASTING))
    assert result.content.text == BOASTING
    assert failed(result) == [("claims from you", "guaranteed, open every day")]
    (check,) = (one for one in result.checks if not one.passed)
    assert check.limit == "brief or profile"


async def test_a_figure_in_words_goes_back_as_one_in_digits_does(assigned: Assigned) -> None:
    model = Model("We mend bikes. A visit is six pounds.", PLAIN)
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), model)
    assert result.content.text == PLAIN
    assert "six pounds" in model.faults[0]
    given = Model("We mend bikes. A visit is six pounds.", PLAIN)
    await result_of(assigned("social_post", "tweet: we mend bikes", Profile(facts=("£6 a visit",))), given)
    assert given.faults == []


@pytest.mark.parametrize(
    "profile",
    [
        Profile(facts=("We are open every day, and every repair comes with a guarantee",)),
        Profile(facts=("Open daily",), call_to_action=CallToAction(text="See our guarantee", link="https://b.example")),
    ],
)
async def test_what_the_profile_says_may_be_claimed(profile: Profile, assigned: Assigned) -> None:
    model = Model(BOASTING, PLAIN)
    result = await result_of(assigned("social_post", "tweet: we mend bikes", profile), model)
    assert model.faults == []
    assert failed(result) == []


async def test_several_parts_are_put_right_in_one_call(assigned: Assigned) -> None:
    lines = ["Guaranteed to roll", "Brakes that hold", "The best shop in town"]
    model = Model({"slogans": lines}, {"part_1": "Made to roll", "part_2": "A shop to roll to"})
    result = await result_of(assigned("slogan", "3 slogans for our bike shop"), model)
    assert result.content.parts["variants"] == ["Made to roll", "Brakes that hold", "A shop to roll to"]
    assert len(model.faults) == 1
    assert result.passed


async def test_a_part_that_stays_as_it_is_keeps_no_other_from_being_put_right(assigned: Assigned) -> None:
    lines = ["Guaranteed to roll", "Brakes that hold", "The best shop in town"]
    model = Model({"slogans": lines}, {"part_1": "Guaranteed to ride", "part_2": "A shop to roll to"}, "")
    result = await result_of(assigned("slogan", "3 slogans for our bike shop"), model)
    assert result.content.parts["variants"] == ["Guaranteed to roll", "Brakes that hold", "A shop to roll to"]
    assert failed(result) == [("claims from you", "guaranteed")]


@pytest.mark.parametrize(
    ("text", "name", "measured"),
    [
        ("We mend bikes. Ask for Ms Patel at the back door.", "names from you", "Patel"),
        ("We mend bikes. “It rolls again,” says Emily Carter.", "names from you", "Emily Carter"),
        ("We mend bikes. Find us on Mill Lane: 4 Mill Lane.", "addresses from you", "4 Mill Lane"),
    ],
)
async def test_a_name_or_an_address_of_nobody_stands_as_failed(
    text: str, name: str, measured: str, assigned: Assigned
) -> None:
    model = Model(text, text)
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), model)
    assert failed(result) == [(name, measured)]
    assert "Nobody has" in model.faults[0]


async def test_what_tells_documents_is_held_to_them(assigned: Assigned) -> None:
    text = (
        "Wool is warm because it holds air. It is clinically proven to keep you well, and sheep wear it all year round."
    )
    assignment = assigned("explanation", "why is wool warm?")
    told = replace(assignment, memory=replace(assignment.memory, passages=(Passage("Wool holds air.", "wool.md"),)))
    names = [name for name, _ in failed(await result_of(told, Model(text, text)))]
    assert names == ["claims from you"]
    assert failed(await result_of(assignment, Model(text, text))) == []


@pytest.mark.parametrize("kind", ["script", "lyrics"])
async def test_who_is_made_up_in_a_story_is_left_alone(kind: str, assigned: Assigned) -> None:
    assignment = assigned(kind, "about a lighthouse")
    example = assignment.kind.examples[0].output.model_dump(mode="json")
    named = {key: f"{value}, says Emily Carter" if isinstance(value, str) else value for key, value in example.items()}
    result = await result_of(assignment, Model(named, named))
    assert not {"names from you", "claims from you"} & {name for name, _ in failed(result)}


async def test_a_small_models_text_is_not_held_to_it(assigned: Assigned) -> None:
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), Model(BOASTING, BOASTING), capable=False)
    assert "claims from you" not in {check.name for check in result.checks}


async def test_a_link_that_nobody_gave_goes_back(assigned: Assigned) -> None:
    model = Model("We mend bikes. Ask for a trial week: bikes.example", PLAIN)
    result = await result_of(assigned("social_post", "post: we mend bikes"), model)
    assert result.content.text == PLAIN
    assert "bikes.example" in model.faults[0]
    stays = Model("We mend bikes. Ask for a trial week: bikes.example", "We mend bikes: bikes.example")
    left = await result_of(assigned("social_post", "post: we mend bikes"), stays)
    assert (left.content.text, failed(left)) == ("We mend bikes.", [])
    assert str(left.note) == str(UNLED)
    alone = Model("We mend bikes: bikes.example", "We mend all bikes: bikes.example")
    assert failed(await result_of(assigned("social_post", "post: we mend bikes"), alone)) == [
        ("links from you", "bikes.example")
    ]


async def test_a_link_of_the_brief_or_the_profile_is_given(assigned: Assigned) -> None:
    call = CallToAction(text="Book", link="https://fern.example/book")
    for brief, profile, link in (
        ("post: we mend bikes, see bikes.example", Profile(), "bikes.example"),
        ("post: we mend bikes", Profile(call_to_action=call), "https://fern.example/book"),
    ):
        model = Model(f"We mend bikes. Book: {link}")
        result = await result_of(assigned("social_post", brief, profile), model)
        assert (failed(result), model.faults) == ([], [])
