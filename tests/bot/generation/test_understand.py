"""A capable model reads a brief beside the patterns, and is not believed where it makes numbers up."""

from __future__ import annotations

from typing import Any

import pytest

from bot.briefs import read_by_patterns
from bot.engines import Traits
from bot.engines.scripted import scripted
from bot.errors import EngineError
from bot.generation.understand import Understanding, merged
from bot.kinds import kind_named

BRIEF = "nine lines for the choir's site, each a dozen words at the outside; people should smile"


def written(**said: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {
        "count": [],
        "size": [],
        "minutes": 0,
        "place": "",
        "language": "",
        "level": "",
        "include": [],
        "avoid": [],
    }
    return empty | said


def test_what_the_patterns_missed_is_taken() -> None:
    brief = "a fox please, wide as a cinema, with nobody about and the words good night"
    patterns = read_by_patterns(brief, kind_named("image_prompt").reader)
    found = merged(patterns, written(avoid=["humour", "sunlight"], place="screen"))
    assert found.avoid == ("people", "humour")
    assert found.place == "screen"


@pytest.mark.parametrize(
    "said",
    [
        written(count=[{"what": "post", "low": 7, "high": 7}]),  # A number that the brief does not have.
        written(size=[{"of": "all", "unit": "words", "low": 0, "high": 40}]),  # The pattern's number, of another part.
        written(count=[{"what": "unicorn", "low": 40, "high": 40}]),
        written(place="moon"),
        written(language="fr", level="easy", minutes=40, include=["headline"]),
        {"count": "many", "size": [None, 3], "minutes": True},
        [],
        "no object",
    ],
)
def test_what_a_model_makes_up_is_refused(said: Any) -> None:
    patterns = read_by_patterns("headline of 40 characters at most", kind_named("ad").reader)
    assert merged(patterns, said) == patterns


async def test_a_brief_is_read_once() -> None:
    engine = scripted(lambda _messages: written(avoid=["humour"]), traits=Traits())
    understanding = Understanding()
    first = await understanding.read(BRIEF, kind_named("slogan").reader, engine)
    assert first == await understanding.read(BRIEF, kind_named("slogan").reader, engine)
    assert first[1] == "model"
    assert "humour" in first[0].avoid
    assert len(engine.provider.model.calls) == 1
    await engine.close()


@pytest.mark.parametrize("traits", [Traits(capable=False), Traits()])
async def test_without_a_model_the_patterns_stand(traits: Traits) -> None:
    engine = scripted(lambda _messages: EngineError("down"), traits=traits)
    assert await Understanding().read(BRIEF, kind_named("slogan").reader, engine) == (
        read_by_patterns(BRIEF, kind_named("slogan").reader),
        "patterns",
    )
    await engine.close()
    assert (await Understanding().read(BRIEF, kind_named("slogan").reader, None))[1] == "patterns"
