"""Which language a text is in, where nobody has said it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.content import Assignment, Remembered, Request
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.languages import in_language_wanted, language_of_brief
from bot.generation.pipeline import Pipeline
from personas.profile import Profile

Assigned = Callable[..., Assignment]
GERMAN = "Schreib einen Post, dass wir am Montag geschlossen haben und am Dienstag wieder da sind."


async def language_with(spoken: frozenset[str] | None, profile: Profile | None = None, **request: str) -> str:
    model = Engine(Scripted(lambda _: "", traits=Traits(languages=spoken), label="m"), name="m")
    asked = Request("ada", "here", GERMAN, kind="social_post", **request)  # type: ignore[arg-type]
    return (await Pipeline(Engines([model])).assigned(asked, Remembered(profile or Profile()))).language


async def test_a_brief_is_answered_in_its_language_by_a_model_that_writes_it() -> None:
    assert await language_with(None) == "de"
    assert await language_with(frozenset({"en", "de"})) == "de"


async def test_a_model_that_does_not_write_it_writes_english() -> None:
    assert await language_with(frozenset({"en"})) == "en"


async def test_what_was_chosen_goes_before() -> None:
    assert await language_with(None, language="fr") == "fr"
    assert await language_with(None, Profile(output_language="en")) == "en"
    assert await language_with(None, Profile(output_language="es")) == "es"


@pytest.mark.parametrize(
    ("kind", "brief"),
    [("rewrite", f"kürzer: {GERMAN}"), ("image_prompt", "ein Bild für uns und den Hof, mit der alten Linde")],
)
def test_texts_of_somebodys_own_and_prompts_keep_theirs(kind: str, brief: str, assigned: Assigned) -> None:
    assignment = assigned(kind, brief)
    assert in_language_wanted(assignment, None) is assignment


def test_a_brief_too_short_to_tell_is_in_its_writers_language(assigned: Assigned) -> None:
    assert language_of_brief(assigned("slogan", "Kuchen", Profile(output_language="de"))) == "de"
    english = assigned(
        "slogan", "a slogan for the new bakery that we open in the old mill", Profile(output_language="de")
    )
    assert language_of_brief(replace(english)) == "en"
