"""Routing as the bot does it: words, a capable model, and a cache of embeddings."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from router_cache import restore_router

from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import ScriptedProvider
from bot.errors import EngineError
from bot.generation.conversation import Intent
from bot.generation.route import ASK_BELOW, Route
from bot.kinds import list_family_kinds, load_kinds
from bot.moderation import HarmError
from bot.requests.routing import Routing, _hash_training_data, _train_and_save, elsewhere

FAMILIES = ("marketing", "education", "image")
UNSURE = Route(None, 0.3, ("quiz", "email", "chat"))


class Letters:
    """Embeddings that count letters, and the number of calls."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error, self.asked, self.loaded_times, self.is_stopped = error, 0, 0, False

    def load(self) -> None:
        self.loaded_times += 1

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        if self.error:
            raise self.error
        self.asked += 1
        rows = np.array([[1 + text.count(letter) for letter in "aeiounst"] for text in texts], dtype=np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def build_routing(answer: Any = "unsure", *, capable: bool = True, **more: Any) -> Routing:
    provider = ScriptedProvider(lambda _: answer, traits=Traits(capable=capable))
    return Routing(Engines([Engine(provider, name="scripted")]), **more)


def list_prompts(made: Routing) -> list[str]:
    return [call[0].text for call in made._engines.first.provider.model.calls]  # type: ignore[attr-defined]


@pytest.fixture
def few_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only two kinds, as training on all utterances takes a second."""
    few = {name: load_kinds()[name] for name in ("lesson_plan", "image_prompt")}
    monkeypatch.setattr("bot.requests.routing.load_kinds", lambda: few)


@pytest.fixture
def ready(trained: Path) -> Routing:
    """Routing with a trained word classifier."""
    made = build_routing()
    made._router = restore_router(trained)
    return made


class Unsure:
    has_embeddings = False

    def __init__(self, found: Route) -> None:
        self.found = found

    def route(self, _text: str, _without: str = "") -> Route:
        return self.found


def build_unsure_routing(*args: Any, route: Route = UNSURE, **more: Any) -> Routing:
    made = build_routing(*args, **more)
    made._router = Unsure(route)  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("write a tweet that we close on Monday", "social_post"),
        ("a quiz with five questions on the water cycle", "quiz"),
        ("lesson plan on fractions, 45 minutes", "lesson_plan"),
        ("thanks, that was great!", "chat"),
    ],
)
async def test_clear_requests_need_no_model(ready: Routing, text: str, kind: str) -> None:
    found = await ready.find(text)
    assert found["kind"] == kind
    assert found["candidates"][0] == kind
    assert list_prompts(ready) == []


@pytest.mark.parametrize(
    "text",
    [
        "words for the blackboard outside: trout today, smoked eel from Friday",
        "rules for the allotment's water tap",
        "kurzer Text fürs Programmheft, Töpfern für Anfänger",
        "un mot pour la porte, on rouvre lundi après les travaux",
    ],
)
async def test_what_names_no_kind_is_written_as_a_text(ready: Routing, text: str) -> None:
    assert (await ready.find(text))["kind"] == "text"


@pytest.mark.parametrize("text", ["a" * 3000 + "!", "?", ""])
async def test_noise_is_questioned_without_a_model(ready: Routing, text: str) -> None:
    assert await ready.find(text) == {"kind": None, "confidence": 0.0, "candidates": []}
    assert list_prompts(ready) == []


@pytest.mark.parametrize(
    ("said", "kind", "candidates"),
    [
        ("quiz", "quiz", ["quiz", "email", "chat"]),
        ("Lesson plan.", "lesson_plan", ["lesson_plan", "quiz", "email", "chat"]),
        ("social_post", "social_post", ["social_post", "quiz", "email", "chat"]),
        ("unsure", "text", ["quiz", "email", "chat"]),
        ("I had trouble reading that.", "text", ["quiz", "email", "chat"]),
        ("", "text", ["quiz", "email", "chat"]),
        (ValueError("down"), "text", ["quiz", "email", "chat"]),
    ],
)
async def test_a_capable_model_routes_unsure_texts(said: Any, kind: str, candidates: list[str]) -> None:
    made = build_unsure_routing(said)
    found = await made.find("hm " * 2000)
    assert (found["kind"], found["candidates"]) == (kind, candidates)
    (prompt,) = list_prompts(made)
    assert all(f"{name}: " in prompt for name in load_kinds())
    assert len(prompt) < 6000, "a long text is not sent whole"


@pytest.mark.parametrize(("said", "kind"), [("social_post", "social_post"), ("unsure", "ad"), ("", "ad")])
async def test_a_capable_model_routes_texts_that_the_wording_leaves_unsure(said: str, kind: str) -> None:
    made = build_unsure_routing(said, route=Route("ad", ASK_BELOW - 0.01, ("ad", "rewrite", "social_post")))
    assert (await made.find("un texto para Instagram"))["kind"] == kind
    sure = build_unsure_routing(said, route=Route("ad", ASK_BELOW, ("ad", "rewrite", "social_post")))
    assert (await sure.find("un anuncio para Google"))["kind"] == "ad"
    assert (len(list_prompts(made)), len(list_prompts(sure))) == (1, 0)


@pytest.mark.parametrize(
    ("said", "intent"),
    [
        ("change 1, 2", Intent("change", (1, 2))),
        ("Change: text 2", Intent("change", (2,))),
        ("email 0", Intent("email", (0,))),
        ("social_post", Intent("social_post")),
        ("no idea", None),
        ("", None),
    ],
)
async def test_a_capable_model_finds_the_intent_and_the_texts_of_a_message(said: str, intent: Intent | None) -> None:
    assert await build_routing(said).find_intent("in both", "They asked: a post\nYou wrote text 1: Closed.") == intent


async def test_an_unclear_text_that_is_refused_is_not_sent_to_the_model() -> None:
    made = build_unsure_routing("quiz")
    with pytest.raises(HarmError):
        await made.find("I know where you live and you will regret it.")
    assert list_prompts(made) == []


@pytest.mark.parametrize("traits", [Traits(capable=False), Traits(small=True)])
async def test_a_small_model_is_not_asked(traits: Traits) -> None:
    made = build_unsure_routing("quiz")
    made._engines.first.provider.traits = traits  # type: ignore[misc]
    assert (await made.find("hm"))["kind"] == "text"
    await made.find("something for the title slide of that talk", "image")
    assert list_prompts(made) == []


@pytest.mark.parametrize("family", ["education", "marketing", "image", "media", "data"])
async def test_a_family_always_yields_a_kind(family: str) -> None:
    for made in (
        build_unsure_routing("chat"),
        build_unsure_routing("unsure"),
        build_unsure_routing("chat", capable=False),
    ):
        assert (await made.find("hm", family))["kind"] in {kind.name for kind in list_family_kinds(family)}


async def test_within_a_family_a_capable_model_decides_unclear_texts() -> None:
    made = build_unsure_routing("image_prompt")
    assert (await made.find("something for the title slide of that talk", "image"))["kind"] == "image_prompt"
    assert "seo_meta" not in list_prompts(made)[0]
    made = build_unsure_routing(
        "logo", route=Route("layout", 0.9, ("layout",), (("layout", 0.9), ("landing_page", 0.1)))
    )
    assert (await made.find("wireframe of a landing page for a bakery", "image"))["kind"] == "layout"
    assert list_prompts(made) == []


@pytest.mark.parametrize(
    ("family", "text", "candidates"),
    [
        ("image", "three tweets about our sale", ["social_post", "image_prompt"]),
        ("image", "write an email to the parents about the trip", ["email", "image_prompt"]),
        ("education", "press release about our new mayor", ["press_release"]),
        ("marketing", "a photo of a fox, midjourney", ["image_prompt"]),
        ("image", "hero image for a landing page", []),
        ("image", "a fox", []),
        ("image", "Berlin skyline", []),
        ("marketing", "we have new mugs", []),
        ("education", "the water cycle", []),
        ("marketing", "Use the material.", []),
        ("education", "Use the material.", []),
        ("image", "Use the material.", []),
    ],
)
async def test_a_family_command_asks_if_another_kind_is_clearly_meant(
    ready: Routing, family: str, text: str, candidates: list[str]
) -> None:
    found = await ready.find(text, family)
    assert (found["kind"] is None) == bool(candidates)
    if candidates:
        assert found["candidates"][: len(candidates)] == candidates
        assert load_kinds()[found["candidates"][-1]].family == family


def test_texts_of_a_family_are_rarely_questioned(trained: Path) -> None:
    folder = Path(__file__).parents[3] / "benchmarks/quality"
    rows = [json.loads(line) for line in (folder / "routing_dev.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [(row["text"], row["family"]) for row in rows]
    briefs = [json.loads(line) for line in (folder / "readings_more.jsonl").read_text(encoding="utf-8").splitlines()]
    texts += [(row["brief"], load_kinds()[row["kind"]].family) for row in briefs if row["kind"] in load_kinds()]
    router = restore_router(trained)
    routed = [(text, of, router.route(text)) for text, of in texts]
    asked = {
        family: [bool(elsewhere(text, family, route)) for text, of, route in routed if of == family]
        for family in FAMILIES
    }
    others = [bool(elsewhere(text, family, route)) for text, of, route in routed for family in FAMILIES if of != family]
    assert all(len(found) > 30 and sum(found) <= 0.02 * len(found) for found in asked.values())
    assert sum(others) > 0.29 * len(others)


async def test_noise_within_a_family_yields_a_kind(ready: Routing) -> None:
    assert (await ready.find("???", "education"))["kind"] in {kind.name for kind in list_family_kinds("education")}


@pytest.mark.nightly
async def test_a_classifier_trained_on_embeddings_is_restored_from_a_file(tmp_path: Path, few_kinds: None) -> None:
    file = tmp_path / f"router-{_hash_training_data(meaning=True)}.f32"
    _train_and_save(file, Letters())  # type: ignore[arg-type]  # As the process does that trains apart.
    whole = file.read_bytes()
    for kept, trained_here in ((whole, 0), (whole[: len(whole) // 2], 1)):
        file.write_bytes(kept)
        letters = Letters()
        made = build_routing(embeddings=letters, cache=tmp_path)
        await made.warm()
        assert letters.asked == trained_here, "a torn file is no classifier"
        assert (await made.find("lesson plan on fractions, 45 minutes"))["kind"] == "lesson_plan"


async def test_without_a_cache_embeddings_are_computed_again(few_kinds: None) -> None:
    letters = Letters()
    await build_routing(embeddings=letters).warm()
    assert letters.asked == 1


async def test_without_embeddings_words_are_used(few_kinds: None) -> None:
    made = build_routing(embeddings=Letters(EngineError("not installed")))
    await made.warm()
    assert (await made.find("lesson plan on fractions, 45 minutes"))["kind"] == "lesson_plan"


@pytest.mark.nightly
async def test_the_classifier_is_cached_for_the_next_start(tmp_path: Path) -> None:
    first, second = build_routing(cache=tmp_path), build_routing(cache=tmp_path)
    found = await first.find("write a quiz on the water cycle")
    (kept,) = tmp_path.glob("router-*.f32")
    written = kept.stat().st_mtime_ns
    assert await second.find("write a quiz on the water cycle") == found
    assert (found["kind"], kept.stat().st_mtime_ns) == ("quiz", written)


@pytest.mark.nightly
async def test_a_damaged_classifier_is_retrained(tmp_path: Path) -> None:
    await build_routing(cache=tmp_path).find("x y z")
    (kept,) = tmp_path.glob("router-*.f32")
    kept.write_bytes(b"12345678")
    assert (await build_routing(cache=tmp_path).find("write a quiz on the water cycle"))["kind"] == "quiz"


async def test_cancelling_leaves_no_training_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trainers: list[asyncio.subprocess.Process] = []

    async def begin(*command: str, **options: Any) -> asyncio.subprocess.Process:
        trainers.append(await real(*command, **options))
        return trainers[0]

    real = asyncio.create_subprocess_exec
    monkeypatch.setattr(asyncio, "create_subprocess_exec", begin)
    warming = asyncio.create_task(build_routing(cache=tmp_path).warm())
    while not trainers:
        await asyncio.sleep(0.001)
    warming.cancel()
    await asyncio.wait([warming])
    assert warming.cancelled()
    assert trainers[0].returncode == -signal.SIGKILL
    assert not list(tmp_path.iterdir())
