"""A brief that lays down parts or an order of its own gets them, where a capable model reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from bot.content import Assignment, Remembered, Request, Result, Version
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.exports import export, fitting
from bot.generation.own_form import arrangement
from bot.generation.pipeline import Pipeline
from bot.generation.understand import Understanding
from bot.kinds import all_kinds, kind_named
from bot.locales import said
from personas.profile import Profile

BRIEF = (
    "quiz on tides for my evening class: first the answers for me on a page of my own, a line across, then 4 questions without "
    "options, each with two lines to write on"
)
TEXT = """## For the teacher

1. The moon's pull
2. About twelve hours

---

## Questions

1. What makes the tides?
______
______

2. How long from one high tide to the next?
______
______"""


class Model(Scripted):
    """Says whether a brief lays down a form of its own, and writes."""

    def __init__(self, own: Any, writes: Any = TEXT, **traits: Any) -> None:
        super().__init__(self.answer, traits=Traits(**{"capable": True, **traits}))
        self.own, self.writes = own, writes
        self.asks: list[Ask] = []
        self.read: list[str] = []

    def answer(self, messages: Any) -> Any:
        if messages[0].text.startswith("You note down what a brief says"):
            self.read.append(messages[-1].text)
            return {"count": [], "size": [], "place": "", "avoid": [], "wrong": [], "own_form": self.own}
        return self.writes

    def arguments(self, ask: Ask) -> dict[str, Any]:
        self.asks.append(ask)
        return super().arguments(ask)

    @property
    def written(self) -> Ask:
        """The call for a text."""
        return next(ask for ask in self.asks if not ask.messages[0].text.startswith("You note down"))


async def asked(model: Model, kind: str = "quiz", brief: str = BRIEF, **more: Any) -> tuple[Pipeline, Assignment]:
    pipeline = Pipeline(Engines([Engine(model, name="model")]), understanding=Understanding())
    return pipeline, await pipeline.assigned(Request("1", "7", brief, kind=kind, **more), Remembered())


async def result_of(model: Model, kind: str = "quiz", brief: str = BRIEF, **more: Any) -> Result:
    pipeline, assignment = await asked(model, kind, brief, **more)
    return (await pipeline.run(assignment))[0]


async def test_the_text_stands_as_its_brief_lays_it_down() -> None:
    model = Model(True)
    result = await result_of(model)
    assert result.content.text == TEXT
    assert result.kind == "quiz"
    assert "title; items, several with question," in model.read[0]
    assert model.written.schema is None
    assert "The brief lays down parts or an order of its own" in model.written.messages[0].text
    assert "One more key" not in model.written.messages[-1].text
    told = [said(one, "de") for one in result.understood]
    assert "in der Reihenfolge und mit den Teilen, die der Auftrag nennt" in told
    # The form's own counts are not measured, and named so.
    assert [check for check in result.checks if check.sort == "number"] == []
    assert "4 questions" in [str(one) for one in result.unchecked]


async def test_its_files_hold_it_and_those_of_questions_are_not_offered() -> None:
    result = await result_of(Model(True))
    names = {one.name for one in fitting(result.content, kind_named("quiz").exports)}
    assert {"docx", "pdf", "md"} <= names
    assert not names & {"gift", "kahoot", "qti"}
    assert "For the teacher" in export("md", "Quiz", result.content).decode()


async def test_a_change_keeps_the_form() -> None:
    first = await result_of(Model(True))
    before = Version(first.content.text, first.seed, first.written)
    wish = "say low water instead"
    old = "How long from one high tide to the next?"
    model = Model(False)
    pipeline, assignment = await asked(model, before=before, notes=(wish,), wish=wish, parent_id="1")

    def change(messages: Any) -> Any:
        rows = [row.split(" | ", 2) for row in messages[1].text.splitlines() if row.count(" | ") == 2]
        line = next(int(row[0]) for row in rows if old in row[2])
        text = next(row[2] for row in rows if old in row[2])
        return {"changes": [{"line": line, "how": "replace", "text": text.replace("high tide", "low water")}]}

    model.answer = change  # type: ignore[method-assign]
    pipeline = Pipeline(Engines([Engine(Scripted(change, traits=Traits(capable=True)), name="model")]))
    result = (await pipeline.run(assignment))[0]
    assert result.content.text == TEXT.replace("high tide", "low water")


@pytest.mark.parametrize("own", [False, None, "true", 1])
async def test_else_the_kind_has_its_form(own: Any) -> None:
    quiz = kind_named("quiz").examples[0].output.model_dump(mode="json")
    model = Model(own, quiz)
    result = await result_of(model)
    assert model.written.schema is not None
    assert result.content.parts["items"]
    assert not any("parts that the brief names" in str(one) for one in result.understood)


@pytest.mark.parametrize("kind", ["social_post", "image_prompt", "synthetic_data", "chat"])
async def test_what_has_no_other_form_is_not_asked_about(kind: str) -> None:
    model = Model(True)
    _, assignment = await asked(model, kind, "a tide table for Whitby")
    assert assignment.kind.output is kind_named(kind).output
    assert not any("put into this form" in text for text in model.read)
    assert not assignment.reading.own_form


OWN = [json.loads(line) for line in Path("benchmarks/quality/own_forms.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("row", [row for row in OWN if row["own_form"]], ids=lambda row: row["id"])
async def test_briefs_that_lay_down_a_form_are_asked_about_and_get_it(row: dict[str, Any]) -> None:
    model = Model(True)
    result = await result_of(model, row["kind"], row["brief"])
    assert "The text will be put into this form: " in model.read[0]
    assert result.content.text == TEXT


def test_every_form_is_told_in_words() -> None:
    told = {name: arrangement(kind) for name, kind in all_kinds().items()}
    assert told["email"].startswith("subject; preheader; greeting; body, several")
    assert sum(map(bool, told.values())) > 12
    assert not any("_" in one for one in told.values())


async def test_a_small_model_is_not_asked() -> None:
    quiz = kind_named("quiz").examples[0].output.model_dump(mode="json")
    model = Model(True, quiz, capable=False)
    result = await result_of(model)
    assert model.read == []
    assert result.content.parts["items"]


async def test_a_mail_of_its_own_form_has_a_subject_that_programs_find() -> None:
    brief = "mail to members: date and place on lines of their own at the top, then the three votes, numbered"
    text = "**Subject: Three votes on Thursday**\n\nThursday 21 January\nChapel vestry\n\nDear members,\n\n1. Subs"
    model = Model(True, text)
    result = await result_of(model, "email", brief)
    assert result.content.text == text
    assert result.content.parts["emails"] == [
        {"subject": "Three votes on Thursday", "preheader": "", "body": text.partition("\n\n")[2]}
    ]
    assert "begins with its subject on a line of its own" in model.written.messages[0].text


async def test_a_campaign_may_be_the_table_that_its_brief_wants_and_no_copy_besides() -> None:
    brief = "rough out a small campaign for the fortnight as a table: week / what / where / who does it / cost"
    table = "| week | what |\n|---|---|\n| 1 | Test spins at the gate |"
    model = Model(True, table)
    result = await result_of(model, "campaign", brief)
    assert result.content.text == table
    assert len([ask for ask in model.asks if ask.messages[0].text.startswith("Write")]) <= 1


async def test_whoever_needs_the_kinds_own_form_gets_it() -> None:
    pipeline = Pipeline(Engines([Engine(Model(True), name="model")]), understanding=Understanding())
    request = Request("1", "7", "a campaign for the fortnight, as a table", kind="campaign")
    assignment = await pipeline.assigned(request, Remembered(), own_form=False)
    assert assignment.kind is kind_named("campaign")


async def test_a_mail_of_its_own_form_is_signed_by_whoever_sends_it() -> None:
    model = Model(True, "Subject: Votes\n\nDear members,\n\nThree votes.\n\nGwilym\nAberfelin Rowing")
    pipeline = Pipeline(Engines([Engine(model, name="model")]), understanding=Understanding())
    known = Remembered(Profile(display_name="Gwilym", organisation="Aberfelin Rowing"))
    request = Request("1", "7", "mail to members: three votes, numbered, date on top", kind="email")
    result = (await pipeline.run(await pipeline.assigned(request, known)))[0]
    assert "Who sends it, for its end: Gwilym, Aberfelin Rowing." in model.written.messages[0].text
    assert result.content.text.count("Aberfelin Rowing") == 1
