"""From an assignment to results, with a scripted model at the seam."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.errors import EngineError
from bot.generation.pipeline import Pipeline
from bot.generation.writers.repair import MAX_REPAIRS
from bot.generation.writers.small import candidate_of, pooled
from bot.kinds import all_kinds
from personas.profile import Profile

Assigned = Callable[..., Assignment]
GOOD = "The cellar café opens its old door. Come along with a friend and stay for a slow cup."
MAIL = {
    "subject": "Our door is open again",
    "preheader": "Bring a friend and stay for a slow cup.",
    "greeting": "Hello neighbours,",
    "body": ["The cellar café opens its old door. Come along with a friend and stay for a slow cup."],
}


def engine(answer: Any, name: str = "first", **traits: Any) -> Engine:
    return Engine(
        Scripted(answer if callable(answer) else lambda _: answer, traits=Traits(**traits), label=name), name=name
    )


def prompts(one: Engine) -> list[str]:
    return [call[-1].text for call in one.provider.model.calls]  # type: ignore[attr-defined]


async def results(assignment: Assignment, *engines: Engine, **more: Any) -> list[Any]:
    return await Pipeline(Engines(engines)).run(assignment, **more)


async def test_a_sound_draft_is_handed_over(assigned: Assigned) -> None:
    model = engine(GOOD)
    (result,) = await results(assigned("social_post", "tweet: we open", seed=7), model)
    assert result.content.text == GOOD
    assert result.passed
    assert (result.kind, result.persona, result.engine, result.seed, result.note) == (
        "social_post",
        "Copywriter",
        "first",
        7,
        None,
    )
    assert result.seconds >= 0
    assert len(prompts(model)) == 1


def answers_in_order(*answers: Any) -> Callable[[Any], Any]:
    left = list(answers)
    return lambda _: left.pop(0)


async def test_only_the_failing_field_is_written_anew(assigned: Assigned) -> None:
    model = engine(answers_in_order({**MAIL, "preheader": "Soon."}, "Bring a friend and stay for a slow cup."))
    (result,) = await results(assigned("email", "email: we open"), model)
    assert result.passed
    mail = result.content.parts["emails"][0]
    assert (mail["subject"], mail["preheader"]) == (MAIL["subject"], MAIL["preheader"])
    assert mail["body"].endswith(MAIL["body"][0])
    _, repairing = prompts(model)
    assert "Part: preheader\nText: Soon." in repairing
    assert "Fault: It has 5 characters; it needs at least 7." in repairing
    assert MAIL["subject"] not in repairing


async def test_two_failing_fields_are_written_anew_together(assigned: Assigned) -> None:
    anew = json.dumps({"part_1": MAIL["subject"], "part_2": MAIL["preheader"]})
    model = engine(answers_in_order({**MAIL, "subject": "Hi", "preheader": "Short."}, f"```json\n{anew}\n```"))
    (result,) = await results(assigned("email", "email: we open"), model)
    assert result.passed
    assert ["part_1, subject" in prompts(model)[1], "part_2, preheader" in prompts(model)[1]] == [True, True]


async def test_where_they_cannot_be_written_together_they_are_one_by_one(assigned: Assigned) -> None:
    faulty = {**MAIL, "subject": "Hi", "preheader": "Short."}
    model = engine(answers_in_order(faulty, "I am sorry.", MAIL["subject"], f"```\n{MAIL['preheader']}\n```"))
    (result,) = await results(assigned("email", "email: we open"), model)
    assert result.passed
    assert ["Part: subject" in prompts(model)[2], "Part: preheader" in prompts(model)[3]] == [True, True]


async def test_a_worse_repair_is_left_out(assigned: Assigned) -> None:
    model = engine(answers_in_order({**MAIL, "preheader": "Soon."}, "Bad."))
    (result,) = await results(assigned("email", "email: we open"), model)
    assert result.content.parts["emails"][0]["preheader"] == "Soon."
    assert not result.passed


async def test_a_failed_repair_keeps_the_draft(assigned: Assigned) -> None:
    model = engine(answers_in_order({**MAIL, "preheader": "Soon."}, ValueError("busy")))
    (result,) = await results(assigned("email", "email: we open"), model)
    assert result.content.parts["emails"][0]["preheader"] == "Soon."


async def test_repairs_come_to_an_end(assigned: Assigned) -> None:
    faulty = [
        {"question": "Which drink is warm?", "right": "tea", "wrong": ["ice", "snow", "hail"], "feedback": f"No {n}"}
        for n in "abcdef"
    ]
    faulty = [
        {**one, "question": f"Which drink is {word}?"}
        for one, word in zip(faulty, ("hot", "cold", "red", "blue", "old", "new"), strict=True)
    ]
    model = engine(
        lambda messages: (
            "Tea is made with hot water." if "You rewrite" in messages[-1].text else {"title": "Warm", "items": faulty}
        )
    )
    (result,) = await results(assigned("quiz", "quiz with 6 questions"), model)
    assert not result.passed
    assert 1 < len(prompts(model)) <= 1 + MAX_REPAIRS + 1, "the last one works out the key"


async def test_a_list_that_cannot_be_rewritten_blocks_no_other_repair(assigned: Assigned) -> None:
    ad = {
        "primary_text": "Hm.",
        "headlines": ["A Slow Cup Awaits"],
        "descriptions": ["Two steps down and you are warm.", "Sit by the stove."],
    }
    long = "A slow cup by the stove, two steps down from the street."
    model = engine(lambda messages: long if "You rewrite" in messages[-1].text else ad)
    (result,) = await results(assigned("ad", "facebook ad, 3 headlines"), model)
    assert "headlines" in [check.name for check in result.checks if not check.passed]
    assert result.content.parts["primary_text"] == long
    assert any("Part: primary text" in prompt for prompt in prompts(model)[1:])


async def test_small_models_are_not_asked_to_repair(assigned: Assigned) -> None:
    model = engine({**MAIL, "preheader": "Soon."}, capable=False, drafts=2)
    await results(assigned("email", "email: we open"), model)
    assert all("Fault:" not in prompt for prompt in prompts(model))


async def test_the_draft_with_fewest_faults_wins(assigned: Assigned) -> None:
    drafts = answers_in_order(*["Hi."] * 5, GOOD, "Hi.", "Hi.")
    (result,) = await results(assigned("social_post", "tweet: we open"), engine(drafts, capable=False, drafts=8))
    assert result.content.text in (GOOD, "Hi.")
    assert result.passed


async def test_the_second_engine_takes_over(assigned: Assigned) -> None:
    broken, sound = engine(ValueError("down")), engine(GOOD, "second")
    (result,) = await results(assigned("social_post", "tweet: we open"), broken, sound)
    assert (result.engine, result.content.text) == ("second", GOOD)


async def test_all_engines_down_is_one_sentence(assigned: Assigned) -> None:
    with pytest.raises(EngineError) as told:
        await results(assigned("chat", "hi"), engine(ValueError("secret")), engine(ValueError("secret"), "Second"))
    assert str(told.value) == "Second could not answer. Try again in a moment."


@pytest.mark.parametrize(
    ("variants", "texts", "shown"),
    [
        (3, ["One cup for you.", "Two cups for you.", "Six cups for you."], 3),
        (3, ["One cup."] * 3, 1),
        (3, ["One cup for you.", "One cup, for you!", "ONE CUP FOR YOU"], 1),
        (2, ["A cup.", "B cup."], 2),
    ],
)
async def test_variants_differ(variants: int, texts: list[str], shown: int, assigned: Assigned) -> None:
    found = await results(assigned("social_post", "tweet: cups", variants=variants), engine(answers_in_order(*texts)))
    assert len(found) == shown == len({one.content.text for one in found})


async def test_short_lists_are_filled_from_other_drafts(assigned: Assigned) -> None:
    def quiz(question: str) -> dict[str, Any]:
        item = {"question": question, "right": "tea", "wrong": ["ice", "snow", "hail"], "feedback": "Tea is made hot."}
        return {"title": "Warm things", "items": [item]}

    questions = ["Which drink is warm?", "Which one is not cold?", "Which one has steam?", "Which drink is warm?"]
    drafts = answers_in_order(*[quiz(questions[n % 4]) for n in range(8)])
    (result,) = await results(assigned("quiz", "quiz with 3 questions"), engine(drafts, capable=False, drafts=8))
    assert {item["question"] for item in result.content.parts["items"]} == set(questions)
    assert result.passed


async def test_a_greeting_keeps_its_comma(assigned: Assigned) -> None:
    (result,) = await results(assigned("email", "email: we open"), engine(MAIL))
    assert result.content.parts["emails"][0]["body"].startswith("Hello neighbours,\n\n")


def test_pooling_does_no_harm(assigned: Assigned) -> None:
    assignment = assigned("email", "email: we open")
    best = candidate_of(MAIL, assignment)
    assert (
        pooled([best, candidate_of({**MAIL, "body": ["Another one."]}, assignment)], assignment).faults <= best.faults
    )
    full = candidate_of(
        {**MAIL, "body": ["The cellar café opens its old door today.", "Come along with a friend and stay for a cup."]},
        assignment,
    )
    assert pooled([full, best], assignment) is full


@pytest.mark.parametrize(
    ("kind", "brief", "languages", "note"),
    [
        ("chat", "hi in German", frozenset({"en"}), "first writes English only, so expect mistakes in German."),
        # Of the languages that a model writes, those that have a name here are named.
        ("chat", "hi in German", frozenset({"en", "th"}), "first writes English only, so expect mistakes in German."),
        ("chat", "hi", frozenset({"en"}), ""),
        ("chat", "hi in German", None, ""),
        ("chat", "hi in German", frozenset({"en", "de"}), ""),
    ],
)
async def test_a_language_that_the_model_lacks_is_told(
    kind: str, brief: str, languages: Any, note: str, assigned: Assigned
) -> None:
    (result,) = await results(assigned(kind, brief), engine("Hello.", languages=languages))
    assert str(result.note or "").startswith(note)
    assert bool(result.note) is bool(note)


async def test_pictures_need_no_language(assigned: Assigned) -> None:
    scene = {
        "subject": "a fox",
        "setting": "a wood",
        "light": "dusk",
        "mood": "calm",
        "style": "ink",
        "palette": ["red", "tan"],
    }
    model = engine(scene, languages=frozenset({"en"}))
    (result,) = await results(assigned("image_prompt", "a fox", Profile(output_language="de")), model)
    assert result.note is None


async def test_each_paid_step_is_kept_apart(assigned: Assigned) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Callable[[], Awaitable[Any]]) -> Any:
        if name not in kept:
            kept[name] = json.loads(json.dumps(await step()))
        return kept[name]

    model = engine(answers_in_order({**MAIL, "preheader": "Soon."}, MAIL["preheader"]))
    assignment = assigned("email", "email: we open")
    (first,) = await results(assignment, model, checkpoint=checkpoint)
    assert list(kept) == ["draft", "repair 0"]
    (again,) = await results(assignment, model, checkpoint=checkpoint)
    assert again.content == first.content
    assert len(prompts(model)) == 2


@pytest.mark.parametrize("answer", ["", "}{", "null", "[]", "I can't.", '{"title": "T", "activities": []}'])
@pytest.mark.parametrize("kind", all_kinds())
@pytest.mark.parametrize("capable", [True, False])
async def test_a_model_that_writes_nonsense_breaks_nothing(
    kind: str, answer: str, capable: bool, assigned: Assigned
) -> None:
    (result,) = await results(assigned(kind, "about bread"), engine(answer, capable=capable, drafts=2))
    assert result.kind == kind


async def test_a_short_list_is_drawn_for_once_more(assigned: Assigned) -> None:
    def card(term: str) -> str:
        return json.dumps({"title": "Money", "cards": [{"term": term, "meaning": "a word of banks", "sentence": []}]})

    calls = iter(range(1000))
    model = engine(lambda _: card("loan" if next(calls) < 6 else f"word {next(calls)}"), capable=False, drafts=4)
    (result,) = await results(assigned("flashcards", "3 cards on money"), model)
    terms = [one["front"] for one in result.content.parts["cards"]]
    assert len(terms) == 3
    assert terms[0] == "loan"


async def test_what_the_brief_lists_is_completed_by_code(assigned: Assigned) -> None:
    model = engine(json.dumps({"title": "Talk", "criteria": []}), capable=False, drafts=2)
    (result,) = await results(assigned("rubric", "criteria: content, voice, slides; out of 12"), model)
    assert [one["name"] for one in result.content.parts["criteria"]] == ["content", "voice", "slides"]
    assert "Total:** 12 points" in result.content.text


def test_entries_about_an_examples_topic_are_left_out(assigned: Assigned) -> None:
    cards = [{"term": term, "meaning": "part of a thing", "sentence": []} for term in ("wheel", "petal", "pedal")]
    made = candidate_of({"title": "Bikes", "cards": cards}, assigned("flashcards", "3 cards on bikes"))
    assert [card["term"] for card in made.data["cards"]] == ["wheel", "pedal"]
    made = candidate_of({"title": "Plants", "cards": cards}, assigned("flashcards", "3 cards, one on petals"))
    assert len(made.data["cards"]) == 3


def test_a_list_is_filled_up_though_the_whole_has_more_faults_then(assigned) -> None:
    assignment = assigned("flashcards", "4 cards on parts of a flower", Profile(reading_level="US grade 2"))
    hard = "photosynthetically differentiated reproductive organisation"
    copied = assignment.kind.examples[0].output.cards[0].meaning
    drafts = [
        candidate_of({"title": "A flower", "cards": [{"term": term, "meaning": meaning, "sentence": []}]}, assignment)
        for term, meaning in (("stem", hard), ("root", f"{hard} too"), ("seed", f"{hard} twice"), ("leaf", copied))
    ]
    assert pooled(drafts, assignment).faults > drafts[0].faults
    assert len(pooled(drafts, assignment).data["cards"]) == 4
