"""Reading what models write, however broken, and how many drafts are drawn."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from jumping import in_no_time

from bot.content import Assignment
from bot.engines import Ask, Engine, Traits
from bot.engines.scripted import Scripted, scripted
from bot.errors import EngineError, Phrase
from bot.generation.draft import Nobody, Watcher, draft_so_far, partial, read, unwrapped
from bot.generation.writers import writer_for
from bot.kinds import all_kinds, kind_named

Assigned = Callable[..., Assignment]
QUIZ = kind_named("quiz")
WHOLE = QUIZ.examples[0].output.model_dump(mode="json")
EMPTY = {"title": "", "items": []}


def ask_for(assignment: Assignment, engine: Engine, number: int = 0) -> Ask:
    return writer_for(engine).ask(assignment, engine, number)


async def draw(assignment: Assignment, engine: Engine, watcher: Watcher) -> list[str]:
    return await writer_for(engine).draw(assignment, engine, watcher)


class Eyes(Nobody):
    """A watcher that remembers what it saw."""

    watching = True

    def __init__(self) -> None:
        self.seen: list[str] = []
        self.told: list[str] = []

    async def waiting(self, why: Phrase) -> None:
        self.told.append(str(why))

    async def draft(self, render: Callable[[], str]) -> None:
        self.seen.append(render())


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("", ""),
        ("I cannot do that.", ""),
        ("{", ""),
        ("}{", ""),
        ("[1, 2]", ""),
        ("null", ""),
        ('{"title": "Mag', "Mag"),
        ('{"title": "Magnets", "items": [{"question": "Wh', "Magnets"),
        ('Sure! {"title": "Magnets"}', "Magnets"),
        ('{"title": "Magnets"} I hope it helps.', "Magnets"),
        ('```json\n{"title": "Magnets"}\n```', "Magnets"),
        ('<think>A quiz {x}?</think>{"title": "Magnets"}', "Magnets"),
        ('{"title": 5, "items": "none"}', ""),
        ('{"title": "a\\ud800b"}', ""),
        ("{" * 5000, ""),
        ('{"title": "Magnets", "items": [' + "[" * 5000, ""),
    ],
)
def test_broken_json_is_read_as_far_as_it_goes(written: str, title: str) -> None:
    data = read(written, QUIZ)
    assert data["title"] == title
    assert isinstance(data["items"], list)
    QUIZ.output.model_validate(data)


def test_any_cut_of_a_draft_can_be_read() -> None:
    written = json.dumps(WHOLE, ensure_ascii=False)
    counts = []
    for end in range(len(written) + 1):
        data = read(written[:end], QUIZ)
        QUIZ.output.model_validate(data)
        counts.append(len(data["items"]))
    assert counts == sorted(counts)
    assert read(written, QUIZ) == WHOLE


@pytest.mark.parametrize(
    ("written", "found"), [("", {}), ('{"a": [1, {"b": "c', {"a": [1, {"b": "c"}]}), ('{"a" 1}', {})]
)
def test_partial(written: str, found: dict[str, Any]) -> None:
    assert partial(written) == found


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("  Hello \n", "Hello"),
        ("```\nHello\n```", "Hello"),
        ("```markdown\nHello\nyou\n```", "Hello\nyou"),
        ("Use ```x``` here", "Use ```x``` here"),
        ("<think>hm\nhm</think>\nHello", "Hello"),
        ("", ""),
    ],
)
def test_unwrapped(written: str, text: str) -> None:
    assert unwrapped(written) == text
    assert read(written, kind_named("chat")) == {"text": text}


def test_a_draft_is_never_shown_as_json(assigned: Assigned) -> None:
    written, quiz = json.dumps(WHOLE), assigned("quiz", "magnets")
    for end in range(0, len(written), 7):
        assert "{" not in draft_so_far(written[:end], quiz)
    assert draft_so_far("plain {text", assigned("chat", "hi")) == "plain {text"


def test_a_draft_shows_no_link_that_only_material_leads_to(assigned: Assigned) -> None:
    chat = assigned("chat", "what does fern.example say?", material="See evil.example")
    assert draft_so_far("Go to [us](https://evil.example) or fern.example", chat) == "Go to us or fern.example"


@pytest.mark.parametrize("kind", all_kinds())
def test_what_is_asked_for_fits_the_model(kind: str, assigned: Assigned) -> None:
    assignment = assigned(kind, "about bread", seed=5)
    small = Engine(Scripted(lambda _: "", traits=Traits(capable=False, context=2048)), name="small")
    first, second = ask_for(assignment, small), ask_for(assignment, small, 1)
    assert first.max_tokens <= 1024
    assert first.seed != second.seed
    assert first == ask_for(assignment, small)
    assert (first.schema is None) is assignment.kind.plain
    assert bool(first.pattern) is (assignment.kind.plain and kind != "chat")
    assert 0 <= ask_for(assigned(kind, "x", seed=2**40), small).seed < 2**31


@pytest.mark.parametrize(
    ("kind", "brief", "variants", "traits", "count"),
    [
        ("social_post", "tweet", 1, Traits(), 1),
        ("social_post", "tweet", 3, Traits(), 3),
        ("social_post", "tweet", 1, Traits(capable=False, drafts=8), 8),
        ("explanation", "bread", 1, Traits(capable=False, drafts=8), 8),
        ("lesson_plan", "bread", 1, Traits(capable=False, drafts=8), 2),
        ("lesson_plan", "bread", 4, Traits(capable=False, drafts=8), 4),
        ("quiz", "10 questions", 1, Traits(capable=False, drafts=8), 16),
        ("quiz", "2 questions", 1, Traits(capable=False, drafts=8), 8),
        ("quiz", "10 questions", 1, Traits(drafts=8), 1),
    ],
)
def test_how_many_drafts_are_drawn(
    kind: str, brief: str, variants: int, traits: Traits, count: int, assigned: Assigned
) -> None:
    assignment = assigned(kind, brief, variants=variants)
    engine = Engine(Scripted(lambda _: "", traits=traits), name="e")
    assert writer_for(engine).drafts_worth(assignment, engine, ask_for(assignment, engine)) == count


async def test_unwatched_drafts_are_drawn_at_once(assigned: Assigned) -> None:
    engine = scripted(lambda _: "Hello.")
    assert await draw(assigned("chat", "hi", variants=3), engine, Nobody()) == ["Hello."] * 3


@pytest.mark.parametrize("variants", [1, 3])
async def test_a_watched_draft_grows(variants: int, assigned: Assigned) -> None:
    eyes = Eyes()
    written = await draw(assigned("chat", "hi", variants=variants), scripted(lambda _: "Hello there."), eyes)
    assert written == ["Hello there."] * variants
    assert eyes.seen == ["Hell", "Hello th", "Hello there."]
    assert eyes.told == []


async def test_the_watched_draft_is_enough_when_others_fail(assigned: Assigned) -> None:
    answers: list[Any] = ["Hello.", ValueError("no"), ValueError("no")]
    engine = scripted(lambda _: answers.pop(0))
    assert await draw(assigned("chat", "hi", variants=3), engine, Eyes()) == ["Hello."]


async def test_a_failed_first_draft_is_an_error(assigned: Assigned) -> None:
    with pytest.raises(EngineError):
        await draw(assigned("chat", "hi"), scripted(lambda _: ValueError("no")), Eyes())


@in_no_time
async def test_waiting_for_a_slow_model_is_explained(assigned: Assigned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.generation.draft._QUICK_SECONDS", 0.01)

    class Slow(Scripted):
        async def open(self) -> Any:
            await asyncio.sleep(0.05)
            return self.model

    eyes = Eyes()
    await draw(assigned("chat", "hi"), Engine(Slow(lambda _: "Hello.", label="Big model"), name="slow"), eyes)
    assert eyes.told == ["Big model is loading (0 s so far). Your text begins as soon as it is ready."]


async def test_nobody_sees_nothing() -> None:
    await Nobody().waiting(Phrase("x"))
    await Nobody().draft(lambda: "x")


async def test_a_small_model_heads_each_entry_with_another_initial(assigned: Assigned) -> None:
    """It would write the same term every time; a grammar gives each card a letter to begin with."""
    asked: list[str] = []

    class Keeping(Scripted):
        def arguments(self, ask: Ask) -> dict[str, Any]:
            pattern = ask.schema["properties"]["cards"]["items"]["properties"]["term"]["pattern"]  # type: ignore[index]
            asked.append(pattern[:5])
            return {}

    small = Keeping(lambda _: "{}", traits=Traits(capable=False, drafts=4))
    await draw(assigned("flashcards", "6 cards on rain"), Engine(small, name="small"), Nobody())
    assert len(asked) == len(set(asked)) == 8
    assert asked[:3] == ["^[Cc]", "^[Ss]", "^[Pp]"]
