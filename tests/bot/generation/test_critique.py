"""A capable model reads its text over against the brief: what it finds is put right by the line, all else stays word for word."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from drafts import CASES
from looking import is_judging, is_reading_over
from solving import is_solving, solved

from bot.content import Assignment, Result
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.errors import EngineError
from bot.generation.edits import lines_of
from bot.generation.pipeline import Pipeline
from bot.generation.writers.capable import CAPABLE
from bot.kinds import kind_named
from bot.locales import said
from bot.settings import Settings

Assigned = Callable[..., Assignment]
FLAWED = [
    json.loads(line)
    for line in (Path(__file__).parent / "unharmed/flawed.jsonl").read_text(encoding="utf-8").splitlines()
]
BRIEF = "email to our members: the pool opens again on 3 May at 7:00, a swim is £4. the price only at the very end"
ORDER = "the price only at the very end"
MAIL = {
    "subject": "The pool opens again on 3 May",
    "preheader": "First swim at 7:00",
    "greeting": "Hello all,",
    "body": ["A swim is £4. The pool opens again on 3 May at 7:00.", "Bring a towel and whoever missed the water."],
}
# Its lines: 1 subject, 2 preheader, 3 greeting, 4 the price, 5 when it opens, 6 the towel.
MOVED = [{"line": 4, "how": "remove", "text": ""}, {"line": 6, "how": "after", "text": "A swim is £4."}]
AT_THE_END = ["The pool opens again on 3 May at 7:00.", "Bring a towel and whoever missed the water. A swim is £4."]


def fault(words: str) -> dict[str, str]:
    return {"words": words, "why": "It stands elsewhere."}


def found(*words: str, changes: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    return {"faults": [fault(one) for one in words], "changes": list(changes)}


class Model(Scripted):
    """Writes a draft, and says of it what it is given, one after another."""

    def __init__(self, *critiques: Any, draft: Any = MAIL, **traits: Any) -> None:
        self.left, self.draft = list(critiques), draft
        self.asks: list[Ask] = []
        self.shown: list[str] = []
        super().__init__(self.answer, traits=Traits(**{"capable": True, **traits}))

    def answer(self, messages: Any) -> Any:
        if not messages[0].text.startswith("You read a text"):
            return self.draft
        self.shown.append("\n".join(one.text for one in messages))
        return self.left.pop(0)

    def arguments(self, ask: Ask) -> dict[str, Any]:
        self.asks.append(ask)
        return super().arguments(ask)


async def result_of(assignment: Assignment, model: Model, *, critique: bool = True, **options: Any) -> Result:
    (result,) = await Pipeline(Engines([Engine(model, name="model")]), critique=critique).run(assignment, **options)
    return result


async def test_what_a_text_misses_is_put_right_and_the_rest_stays_word_for_word(assigned: Assigned) -> None:
    model = Model(found(ORDER, changes=MOVED), found())
    result = await result_of(assigned("email", BRIEF), model)
    assert result.written == {**MAIL, "body": AT_THE_END}
    assert result.note is None
    first, second = model.shown
    assert BRIEF in first
    assert "4 | body 1 | A swim is £4." in first
    assert "6 | body 2 | Bring a towel and whoever missed the water. A swim is £4." not in second
    assert "A swim is £4." in second.partition("Bring a towel")[2]


async def test_a_text_without_faults_takes_one_call_and_stays(assigned: Assigned) -> None:
    model = Model(found(changes=MOVED))
    result = await result_of(assigned("email", BRIEF), model)
    assert (result.written, result.note, len(model.shown)) == (MAIL, None, 1)


@pytest.mark.parametrize("words", ["be more lively", "", "a", "the price in the subject line"])
async def test_a_fault_without_words_of_brief_or_text_is_none(words: str, assigned: Assigned) -> None:
    model = Model(found(words, changes=MOVED))
    result = await result_of(assigned("email", BRIEF), model)
    assert (result.written, result.note, len(model.shown)) == (MAIL, None, 1)


async def test_what_is_found_again_is_not_taken_and_told(assigned: Assigned) -> None:
    model = Model(found(ORDER, changes=MOVED), found(f"“{ORDER}”"))
    result = await result_of(assigned("email", BRIEF), model)
    assert result.written == MAIL
    assert said(result.note, "en").startswith(f"“{ORDER}”: reading it over, the model thinks that this is not done.")


async def test_of_two_faults_the_one_that_is_left_is_told(assigned: Assigned) -> None:
    wrong = "whoever missed the water"
    model = Model(found(ORDER, wrong, changes=MOVED), found(wrong))
    result = await result_of(assigned("email", BRIEF), model)
    assert result.written["body"] == AT_THE_END
    told = said(result.note, "de")
    assert wrong in told
    assert ORDER not in told
    assert "Modell" in told


async def test_a_change_by_which_a_check_fails_is_not_taken(assigned: Assigned) -> None:
    away = [{"line": 5, "how": "remove", "text": ""}, {"line": 2, "how": "replace", "text": "First swim"}]
    model = Model(found(ORDER, changes=[*away, {"line": 1, "how": "replace", "text": "The pool"}]))
    result = await result_of(assigned("email", BRIEF), model)
    assert (result.written, len(model.shown)) == (MAIL, 1)  # The date of the brief would be gone.
    assert ORDER in said(result.note, "en")


@pytest.mark.parametrize(
    ("critique", "traits"),
    [(False, {}), (True, {"by_example": True}), (True, {"capable": False})],
    ids=["not wanted", "shown examples", "too small"],
)
async def test_otherwise_nobody_reads_it_over(critique: bool, traits: dict[str, Any], assigned: Assigned) -> None:
    model = Model(**traits)
    await result_of(assigned("email", BRIEF), model, critique=critique)
    assert model.shown == []


async def test_what_runs_in_this_process_is_asked_where_that_is_wanted(assigned: Assigned) -> None:
    for local_too, asked in ((True, 1), (False, 0)):
        model = Model(found(), local=True)
        pipeline = Pipeline(Engines([Engine(model, name="model")]), critique=True, critique_local=local_too)
        await pipeline.run(assigned("email", BRIEF))
        assert len(model.shown) == asked


async def test_a_conversation_is_not_read_over(assigned: Assigned) -> None:
    model = Model(draft="Swim slowly, and breathe out under water.")
    await result_of(assigned("chat", "how do I learn to swim?"), model)
    assert model.shown == []


async def test_a_text_that_cannot_be_read_over_is_handed_on(assigned: Assigned) -> None:
    model = Model(EngineError("It is down."))
    result = await result_of(assigned("email", BRIEF), model)
    assert (result.written, result.note) == (MAIL, None)


async def test_both_looks_are_steps_of_their_own(assigned: Assigned) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Callable[[], Any]) -> Any:
        kept[name] = await step() if name not in kept else kept[name]
        return kept[name]

    model = Model(found(ORDER, changes=MOVED), found())
    first = await result_of(assigned("email", BRIEF), model, checkpoint=checkpoint)
    assert list(kept) == ["draft", "critique", "critique again"]
    again = await result_of(assigned("email", BRIEF), Model(), checkpoint=checkpoint)
    assert again.written == first.written


def test_another_reader_is_refused_in_one_sentence() -> None:
    assert Settings(critique=" model ").critique == "model"
    with pytest.raises(ValueError, match="should be auto, model or none"):
        Settings(critique="sometimes")


class Critic:
    """Writes a flawed draft, and says of it what a large language model said that was shown these calls one by one."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self.row, self.left = row, [row["critique"], row["again"]]

    def __call__(self, messages: Any) -> Any:
        if is_reading_over(messages):
            return self.left.pop(0)
        if is_judging(messages):
            return {"mistaken": []}
        if is_solving(messages):
            return solved(messages, self.row["draft"]["items"])
        draft = self.row["draft"]
        return "" if "\nFault: " in messages[-1].text else draft["text"] if set(draft) == {"text"} else draft


def engine_of(row: Mapping[str, Any]) -> Engine:
    return Engine(Scripted(Critic(row), traits=Traits(capable=True)), name="critic")


@pytest.mark.parametrize("row", FLAWED, ids=lambda row: row["id"])
async def test_a_flaw_that_nothing_measures_is_put_right(row: dict[str, Any]) -> None:
    """Each draft is one of the best writer's with one wish not followed, or one statement that is wrong."""
    assignment = next(case for case in CASES if case.id == row["id"]).assignment()
    result, unread = [
        (await Pipeline(Engines([engine_of(row)]), critique=critique).run(assignment))[0] for critique in (True, False)
    ]
    assert [(check.name, check.measured, check.limit) for check in result.checks if not check.passed] == []
    assert result.note is None
    assert result.written != unread.written
    changes = row["critique"]["changes"] + row["again"].get("changes", [])
    named, lines = {step["line"] for step in changes}, lines_of(unread.written, CAPABLE.assigned(assignment))
    gone = tuple(f"{line.path}." for line in lines if line.number in named and not line.text)
    stay = [one for one in lines if one.text and one.number not in named and not one.path.startswith(gone or ("-",))]
    shown = "\n".join(line.text for line in lines_of(result.written, CAPABLE.assigned(assignment)))
    assert stay
    assert [line.text for line in stay if line.text.strip() not in shown] == []


THREAD = "a thread of 3 posts for X on slow bread, and only the last one says where: the stall on Mill Street"
POSTS = [
    "Slow bread begins the day before. Find it at the stall on Mill Street.",
    "A long rest makes it easy to digest.",
    "We keep the first loaf for you.",
]
WHERE = "only the last one says where"


class Poster(Model):
    """Writes one post after another."""

    def answer(self, messages: Any) -> Any:
        if messages[0].text.startswith("You read a text"):
            return super().answer(messages)
        return self.draft.pop(0)


def lines_shown(shown: str) -> dict[str, int]:
    """The numbers of the lines of a text that is read over, by their text."""
    rows = [row.split(" | ", 2) for row in shown.partition("The version so far:\n")[2].splitlines()]
    return {row[2]: int(row[0]) for row in rows if len(row) == 3}


async def test_a_thread_is_read_over_as_one(assigned: Assigned) -> None:
    moves = [
        {"line": 2, "how": "remove", "text": ""},
        {"line": 4, "how": "after", "text": "Find it at the stall on Mill Street."},
    ]
    model = Poster(found(WHERE, changes=moves), found(), draft=[*POSTS])
    result = await result_of(assigned("social_post", THREAD), model)
    assert result.content.parts["posts"] == [
        "1/3 Slow bread begins the day before.",
        f"2/3 {POSTS[1]}",
        f"3/3 {POSTS[2]} Find it at the stall on Mill Street.",
    ]
    assert result.note is None
    assert lines_shown(model.shown[0])[POSTS[1]] == 3
    assert "post 1 text" in model.shown[0]
    assert len(model.shown) == 2
    # What is kept of it is as it is now, so that a change finds it.
    assert [one["written"]["text"] for one in result.written["pieces"]][1:] == [
        POSTS[1],
        f"{POSTS[2]} Find it at the stall on Mill Street.",
    ]


async def test_what_is_left_in_a_thread_is_told_once(assigned: Assigned) -> None:
    model = Poster(found(WHERE), draft=[*POSTS])
    result = await result_of(assigned("social_post", THREAD), model)
    assert [post[4:] for post in result.content.parts["posts"]] == POSTS
    assert said(result.note, "en").count(WHERE) == 1


async def test_a_change_by_which_a_post_fails_a_check_is_not_taken(assigned: Assigned) -> None:
    long = {"line": 3, "how": "after", "text": "It rests and rests. " * 20}
    model = Poster(found(WHERE, changes=[long]), draft=[*POSTS])
    result = await result_of(assigned("social_post", THREAD), model)
    assert [post[4:] for post in result.content.parts["posts"]] == POSTS
    assert result.passed
    assert len(model.shown) == 1
    assert WHERE in said(result.note, "en")


async def test_a_thread_is_handed_on_where_nobody_reads_it_over(assigned: Assigned) -> None:
    for options in ({"critique": False}, {"critique": True}):
        traits = {"context": 900} if options["critique"] else {}
        model = Poster(draft=[*POSTS], **traits)
        result = await result_of(assigned("social_post", THREAD), model, **options)
        assert [post[4:] for post in result.content.parts["posts"]] == POSTS
        assert model.shown == []


async def test_a_campaign_is_read_over_as_one(assigned: Assigned) -> None:
    """Its plan by itself, as the texts are made of it; then all of them."""
    brief = "4-week campaign for slow bread, email and sms; the sms never says closed"
    kinds = {name: kind_named(name) for name in ("campaign", "email", "sms")}

    class Planner(Model):
        def answer(self, messages: Any) -> Any:
            asked = messages[0].text
            if asked.startswith("You read a text"):
                return super().answer(messages)
            kind = next(one for one in kinds.values() if (one.craft or one.prompt) in asked)
            if kind.plain:
                return "Slow bread is out at seven, closed by noon."
            return kind.examples[0].output.model_dump(mode="json")

    model = Planner(found(), found())
    first = await result_of(assigned("campaign", brief), model)
    assert len(model.shown) == 2
    line = next(number for text, number in lines_shown(model.shown[1]).items() if "closed by noon" in text)
    change = {"line": line, "how": "replace", "text": "Slow bread is out at seven."}
    model = Planner(found(), found("closed by noon", changes=[change]), found())
    result = await result_of(assigned("campaign", brief), model)
    assert "closed by noon" in first.content.text
    assert "closed by noon" not in result.content.text
    assert "Slow bread is out at seven." in result.content.text
    changed = [
        one
        for one, other in zip(first.content.text.split("\n"), result.content.text.split("\n"), strict=True)
        if one != other
    ]
    assert len(changed) == 1
