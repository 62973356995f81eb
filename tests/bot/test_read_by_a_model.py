"""Where the settings say so, a capable model reads each brief beside the patterns: once, before anything is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from bot.app import App
from bot.content import Assignment, Remembered, Request, Result, directly
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.errors import RefusedError
from bot.generation import understand
from bot.generation.pipeline import Pipeline
from bot.generation.understand import Understanding
from bot.settings import Settings

if TYPE_CHECKING:
    from tests.conftest import Script

Run = Callable[..., Any]
# No lexicon has Swedish; "tre" is three in Italian too.
POSTS = "tre inlägg, högst 20 ord vardera: vi öppnar på måndag"
SLOGANS = "tre förslag till vårt kafé, högst 5 ord vardera"
LONG = (
    "Vi öppnar på måndag och bjuder alla grannar på kaffe och kardemummabullar hela förmiddagen så länge de räcker i "
    "vårt lilla kafé."
)


def notes(**said: Any) -> dict[str, Any]:
    return {"count": [], "size": [], "place": "", "avoid": []} | said


def number_of(what: str, number: int) -> dict[str, Any]:
    return {"what": what, "low": number, "high": number}


def most(of: str, words: int) -> dict[str, Any]:
    return {"of": of, "unit": "words", "low": 0, "high": words}


SAID = notes(count=[number_of("post", 3)], size=[most("post", 20)])


def reads(messages: Sequence[Any]) -> bool:
    return bool(messages[0].text.startswith("You note down what a brief says"))


class Model(Scripted):
    """Notes what it is told to of each brief that it is to read, and writes one text; keeps what it was asked."""

    def __init__(self, noted: Any = SAID, writes: Any = LONG, *, pause: float = 0.0, **traits: Any) -> None:
        super().__init__(lambda messages: noted if reads(messages) else writes, pause=pause, traits=Traits(**traits))
        self.asks: list[Ask] = []

    def arguments(self, ask: Ask) -> dict[str, Any]:
        self.asks.append(ask)
        return super().arguments(ask)

    @property
    def read(self) -> list[str]:
        """The briefs that it was to read."""
        return [ask.messages[-1].text for ask in self.asks if reads(ask.messages)]

    @property
    def first(self) -> Ask:
        """The first time that it was to write."""
        return next(ask for ask in self.asks if not reads(ask.messages))


def pipeline_of(*models: Model) -> Pipeline:
    engines = [Engine(model, name=f"model {number}") for number, model in enumerate(models)]
    return Pipeline(Engines(engines), understanding=Understanding())


async def assigned(pipeline: Pipeline, brief: str, kind: str, checkpoint: Any = directly, **more: Any) -> Assignment:
    return await pipeline.assigned(Request("1", "7", brief, kind=kind, **more), Remembered(), checkpoint=checkpoint)


async def result_of(
    pipeline: Pipeline, brief: str = POSTS, kind: str = "social_post", checkpoint: Any = directly
) -> Result:
    assignment = await assigned(pipeline, brief, kind, checkpoint)
    return (await pipeline.run(assignment, checkpoint=checkpoint))[0]


async def test_what_patterns_cannot_read_reaches_the_checks() -> None:
    model = Model()
    result = await result_of(pipeline_of(model))
    assert [str(one) for one in result.understood] == ["3 posts", "post: at most 20 words"]
    assert len(result.content.parts["posts"]) == 3
    length = next(check for check in result.checks if check.id == "length in words")
    assert (length.value, length.high, length.passed, length.asked_by) == (22, 20, False, "brief")
    assert model.read == [POSTS]


async def test_it_reaches_the_schema_and_the_prompt() -> None:
    noted = notes(count=[number_of("tagline", 3)], size=[most("tagline", 5)])
    model = Model(noted, {"slogans": ["Kaffe vid kajen", "Bullar varje morgon", "Hela kvarterets kök"]})
    result = await result_of(pipeline_of(model), SLOGANS, "slogan")
    assert model.first.schema is not None
    lines = model.first.schema["properties"]["slogans"]
    assert (lines["minItems"], lines["maxItems"]) == (3, 3)
    assert "- slogans: exactly 3; each" in model.first.messages[0].text
    assert "at most 5 words" in model.first.messages[0].text
    assert [str(one) for one in result.understood] == ["3 taglines", "tagline: at most 5 words"]


@pytest.mark.parametrize(
    ("model", "asked"),
    [
        (Model(notes(count=[number_of("post", 7)])), 1),  # The brief says nothing of seven.
        (Model("I cannot read that."), 1),
        (Model(ValueError("down")), 1),
        (Model(capable=False), 0),
        (Model(by_example=True), 0),
    ],
    ids=["a number that the brief lacks", "no object", "it fails", "too small", "goes by example"],
)
async def test_otherwise_the_patterns_stand(model: Model, asked: int) -> None:
    result = await result_of(pipeline_of(model))
    assert len(model.read) == asked
    assert "posts" not in " ".join(map(str, result.understood))
    assert len(result.content.parts["posts"]) == 1


# Patterns take the fire for a word to avoid, and the day for what the text must hold.
FIRE = "tweet about the 3 posts of the fence, dont go on about the fire, it reopens on 3 May"


def read_of(model: Model) -> list[str]:
    """What patterns read, as the model was shown it."""
    return model.read[0].partition("Read by patterns:\n")[2].split("\n")


async def test_what_the_model_strikes_holds_for_nothing() -> None:
    shown = Model(notes())
    before = await assigned(pipeline_of(shown), FIRE, "social_post")
    told = [one.partition(". ")[2] for one in read_of(shown)]
    assert "without “fire”" in told
    assert "the text must hold: 3 May" in told
    struck = [told.index("without “fire”") + 1, told.index("the text must hold: 3 May") + 1]
    model = Model(notes(wrong=struck), "The fence stands again, and so do we, after the fire.")
    pipeline = pipeline_of(model)
    after = await assigned(pipeline, FIRE, "social_post")
    assert "fire" in before.profile.avoid_words
    assert "fire" not in after.profile.avoid_words
    assert (before.wishes.figures, after.wishes.figures) == (("3 May",), ())
    (result,) = await pipeline.run(after)
    assert [check.name for check in result.checks if not check.passed] == []


@pytest.mark.parametrize(
    ("brief", "told", "of"),
    [
        ("tweet: our shelf for US grade 4 books is full", "for US grade 4", lambda one: one.profile.reading_level),
        ("tweet: no emoji, said the mayor; he now has one", "without emoji", lambda one: one.profile.emoji),
        ("post for our facebook friends on the fair", "for Facebook", lambda one: one.wishes.place),
    ],
)
async def test_what_says_the_same_elsewhere_goes_with_it(
    brief: str, told: str, of: Callable[[Assignment], Any]
) -> None:
    shown = Model(notes())
    before = await assigned(pipeline_of(shown), brief, "social_post")
    numbers = [int(one.split(".")[0]) for one in read_of(shown) if one.endswith(told)]
    plain = await assigned(pipeline_of(Model(notes())), "post: our shelf is full", "social_post")
    after = await assigned(pipeline_of(Model(notes(wrong=numbers))), brief, "social_post")
    assert of(before) != of(plain)
    assert of(after) == of(plain)


@pytest.mark.parametrize("wrong", [[0, 99, True, "1"], 1, None], ids=["other numbers", "no list", "nothing"])
async def test_what_is_struck_by_no_number_stays(wrong: Any) -> None:
    plain = await assigned(pipeline_of(Model(notes())), FIRE, "social_post")
    struck = await assigned(pipeline_of(Model(notes(wrong=wrong))), FIRE, "social_post")
    assert struck.reading == plain.reading


async def test_a_brief_is_refused_for_what_it_says_and_not_for_what_patterns_read() -> None:
    brief = "slogans for our well, none: that is how many the council gave us, 0 slogans"
    with pytest.raises(RefusedError):
        await assigned(pipeline_of(Model(notes())), brief, "slogan")
    shown = Model(notes())
    with pytest.raises(RefusedError):
        await assigned(pipeline_of(shown), brief, "slogan")
    model = Model(notes(wrong=list(range(1, len(read_of(shown)) + 1))))
    assert (await assigned(pipeline_of(model), brief, "slogan")).reading.count == ()


async def test_of_itself_a_capable_engine_reads_and_another_does_not(settings: Settings) -> None:
    for traits, reading, asked in (
        ({}, "auto", 1),
        ({"capable": False}, "auto", 0),
        ({"local": True}, "auto", 0),
        ({"local": True}, "model", 1),
    ):
        model = Model(**traits)
        by_itself = settings.model_copy(update={"reading": reading})
        async with App(by_itself, engines=[Engine(model, name="model")]) as app:
            await app.pipeline.assigned(Request("1", "7", POSTS, kind="social_post"), Remembered())
        assert len(model.read) == asked


async def test_a_late_reading_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(understand, "LATEST_SECONDS", 0.05)
    model = Model(writes="Vi öppnar.", pause=0.02)
    result = await result_of(pipeline_of(model))
    assert (len(model.read), result.content.parts["posts"]) == (1, ["Vi öppnar."])
    assert "a brief was read by patterns alone: TimeoutError" in caplog.messages


async def test_a_failure_is_logged_and_not_asked_for_again_at_once(caplog: pytest.LogCaptureFixture) -> None:
    model = Model(ValueError("down"))
    pipeline = pipeline_of(model)
    for _ in range(2):
        await assigned(pipeline, POSTS, "social_post")
    assert caplog.messages.count("a brief was read by patterns alone: EngineError") == 1
    assert len(model.read) == 1, "a model that failed a moment ago is left alone"


async def test_the_first_large_model_reads_whoever_writes() -> None:
    small, large = Model(capable=False), Model()
    result = await result_of(pipeline_of(small, large))
    assert (small.read, large.read) == ([], [POSTS])
    assert (result.engine, len(result.content.parts["posts"])) == (small.label, 3)


async def test_a_brief_is_read_once_for_each_kind() -> None:
    model = Model()
    pipeline = pipeline_of(model)
    for kind in ("social_post", "social_post", "email"):
        await assigned(pipeline, POSTS, kind)
    assert len(model.read) == 2


async def test_a_wish_that_comes_later_goes_before_what_the_model_read() -> None:
    assignment = await assigned(pipeline_of(Model()), POSTS, "social_post", notes=("4 posts instead",))
    assert assignment.wishes.counts["post"] == (4, 4)
    assert next(one for one in assignment.reading.size).high == 20


async def test_a_text_that_is_worked_on_is_no_order() -> None:
    model = Model(notes(size=[most("all", 40)]))
    assignment = await assigned(pipeline_of(model), "gör den enklare: Send at most 40 words to the editor.", "rewrite")
    assert model.read == ["gör den enklare"]
    assert assignment.reading.size == ()


async def test_what_is_refused_is_shown_to_no_model() -> None:
    model = Model()
    with pytest.raises(RefusedError):
        await assigned(pipeline_of(model), "a post: our tea is proven to cure cancer", "social_post")
    assert model.asks == []


async def test_after_a_crash_the_model_is_not_asked_again() -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Callable[[], Any]) -> Any:
        if name not in kept:
            kept[name] = json.loads(json.dumps(await step()))
        return kept[name]

    before = await result_of(pipeline_of(Model()), checkpoint=checkpoint)
    assert next(iter(kept)) == "reading"
    model = Model(notes())
    after = await result_of(pipeline_of(model), checkpoint=checkpoint)
    assert model.read == []
    assert after.content == before.content
    assert [*map(str, after.understood)] == [*map(str, before.understood)] == ["3 posts", "post: at most 20 words"]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, engine="embedded", embeddings="none", limits="none", reading="model")


async def test_in_discord_the_line_above_the_text_says_what_the_model_read(world: Any) -> None:
    world.script.answer = lambda messages: SAID if reads(messages) else LONG
    shown = str((await world.post(POSTS)).response.components)
    assert "3 posts" in shown
    assert "at most 20 words" in shown
    assert sum("You note down what a brief says" in prompt for prompt in world.script.prompts) == 1


async def test_that_no_model_is_large_enough_is_logged(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    async with App(settings, engines=[Engine(Model(capable=False), name="small")]):
        pass
    assert [one for one in caplog.messages if "QUILLMATE_READING=model" in one]


@pytest.mark.parametrize("by", ["model", "patterns"])
def test_the_command_line_obeys_it(
    by: str, run: Run, script: Script, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUILLMATE_READING", by)
    script.answer = lambda messages: SAID if reads(messages) else LONG
    one = json.loads(run("generate", "social_post", POSTS, "--json").stdout.splitlines()[-1])
    jobs, out = tmp_path / "jobs.jsonl", tmp_path / "out.jsonl"
    jobs.write_text(json.dumps({"id": 1, "kind": "social_post", "brief": POSTS}))
    assert run("batch", str(jobs), str(out)).exit_code == 0
    for row in (one, json.loads(out.read_text())):
        assert len(row["parts"]["posts"]) == (3 if by == "model" else 1)
        assert ("3 posts" in row["understood"]) == (by == "model")


def test_doctor_says_who_reads(run: Run, script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "✓ Reading: patterns read briefs\n" in run("doctor", "--offline").stdout
    monkeypatch.setenv("QUILLMATE_READING", "model")
    script.answer = lambda messages: notes() if reads(messages) else "Hello."
    assert "✓ Reading: patterns and Scripted read briefs, in 0." in run("doctor", "--offline").stdout
    script.answer = lambda _messages: "Hello."
    late = run("doctor", "--offline")
    assert "✗ Reading: Scripted read no brief within 20 s: patterns read it alone\n  → Use a quicker" in late.stdout
    script.provider.traits = Traits(capable=False)
    small = run("doctor", "--offline")
    assert "✗ Reading: QUILLMATE_READING is model, which Scripted is too small for" in small.stdout
    assert small.exit_code == 1


def test_another_reader_is_refused_in_one_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUILLMATE_READING", "tea leaves")
    told = run("doctor", "--offline")
    assert str(told.exception) == 'QUILLMATE_READING is "tea leaves"; it should be auto, patterns or model.'
