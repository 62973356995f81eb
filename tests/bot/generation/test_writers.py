"""The strategy for models that can write: what goes back to them, what is kept of it, and what code does as the last resort."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from repairing import Model, result_of

from bot.content import Assignment
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.check import run_checks
from bot.generation.pipeline import Pipeline
from bot.generation.shape import entries_wanted, shape_of, sizes_for, texts
from bot.generation.writers import writer_for
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.capable_form import bounds_told, schema_for
from bot.generation.writers.capable_prompt import messages_for
from bot.generation.writers.small import SMALL
from bot.generation.writers.trim import FEWER, QUIETER, SHORTENED, UNLED
from bot.kinds import all_kinds
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
LINE = "We mend what you bring, and tell you the price before we begin with it. "


def test_an_engines_traits_decide_who_writes() -> None:
    engines = [Engine(Scripted(lambda _: "", traits=Traits(capable=capable)), name="e") for capable in (True, False)]
    assert [writer_for(engine) for engine in engines] == [CAPABLE, SMALL]


async def test_the_measured_figure_goes_back_until_it_fits(assigned: Assigned) -> None:
    model = Model(LINE * 6, LINE * 5, LINE * 4, LINE * 2)
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), model)
    assert result.content.text == (LINE * 2).strip()
    assert result.note is None
    assert ["at most 280 fit" in fault for fault in model.faults] == [True] * 3
    measured = [fault.partition("It has ")[2].partition(" ")[0] for fault in model.faults]
    assert measured == [str(len((LINE * times).strip())) for times in (6, 5, 4)]


async def test_what_is_still_too_long_loses_whole_sentences_at_its_end_and_says_so(assigned: Assigned) -> None:
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), Model(LINE * 6, ""))
    assert result.content.text == (LINE * 3).strip()
    assert result.passed
    assert str(result.note) == str(SHORTENED)


@pytest.mark.parametrize("by_example", [False, True])
async def test_a_last_sentence_that_leads_where_nobody_said_is_left_out(by_example: bool, assigned: Assigned) -> None:
    draft = {
        "title": "Beeswax, dipped by hand",
        "intro": "It burns for 9 hours and smells of the hive. Ask for a trial candle: beeswaxexample.com",
        "bullets": ["Burns 9 hours", "Dipped by hand in Rye", "Smells of the hive"],
    }
    asked = assigned("product_description", "product text for my beeswax candle, burns 9 hours, made in Rye by hand")
    result = await result_of(asked, Model(draft, ""), by_example=by_example)
    assert "beeswaxexample" not in result.content.text
    assert "It burns for 9 hours and smells of the hive." in result.content.text
    assert "links from you" not in {check.id for check in result.checks if not check.passed}
    assert str(UNLED) in str(result.note)


async def test_a_rewrite_that_breaks_another_check_is_not_taken(assigned: Assigned) -> None:
    loud = "We mend bikes! All of them! Now!"
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), Model(LINE * 6, loud))
    assert result.content.text == (LINE * 3).strip()


async def test_one_sentence_that_is_too_long_is_never_cut(assigned: Assigned) -> None:
    draft = " ".join(["bikes"] * 60)
    result = await result_of(assigned("social_post", "tweet: we mend bikes"), Model(draft, ""))
    assert result.content.text == draft
    assert not result.passed
    assert result.note is None


async def test_more_lines_than_asked_for_go_back_as_a_list(assigned: Assigned) -> None:
    lines = ["Roll in, ride out", "Brakes that hold", "Flat today, fast tomorrow", "Oil before rust", "Ride on"]
    model = Model({"slogans": lines}, {"slogans": lines[1:4]})
    result = await result_of(assigned("slogan", "3 slogans for our bike shop"), model)
    assert result.content.parts["variants"] == lines[1:4]
    assert "It has 5 slogans; at most 3 fit." in model.faults[0]
    assert result.note is None


async def test_more_lines_than_asked_for_lose_the_last_as_the_last_resort(assigned: Assigned) -> None:
    lines = ["Roll in, ride out", "Brakes that hold", "Flat today, fast tomorrow", "Oil before rust"]
    result = await result_of(assigned("slogan", "3 slogans for our bike shop"), Model({"slogans": lines}, "no"))
    assert result.content.parts["variants"] == lines[:3]
    assert str(result.note) == str(FEWER)


async def test_a_wrong_language_goes_back_whole(assigned: Assigned) -> None:
    def mail(body: str) -> dict[str, Any]:
        told = {"subject": "Nuevo horario", "preheader": "Abrimos a las ocho", "greeting": "Hola a todos:"}
        return {**told, "body": [body]}

    spanish = mail("Desde el lunes abrimos a las ocho de la mañana y cerramos a las seis de la tarde, todos los días.")
    model = Model(
        mail("From Monday we open at eight in the morning and close at six, on every day of the week."), spanish
    )
    result = await result_of(assigned("email", "new opening hours, eight to six, every day", language="es"), model)
    assert result.written["body"] == spanish["body"]
    assert result.passed
    assert json.loads(model.faults[0].partition("Text: ")[2].partition("\n\nFault")[0])["subject"] == "Nuevo horario"


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_the_schema_is_as_wide_as_the_checks(kind: Any, assigned: Assigned) -> None:
    """Each text's greatest length in characters is that of its check, each list's number too."""
    if kind.plain:
        return
    assignment = CAPABLE.assigned(assigned(kind.name, "about bread"))
    shape, schema = shape_of(kind.output), schema_for(assignment)
    example = kind.examples[0].output.model_dump(mode="json")
    for path, node, _ in texts(shape, example):
        part = schema
        for step in path.split("."):
            part = part.get("items", {}) if step.isdigit() else part.get("properties", {}).get(step, {})
        sizes = {size.unit: size for size in sizes_for(node, assignment)}
        if part and "characters" in sizes and set(sizes) <= {"characters", "words"} and not node.choice:
            words = sizes["words"].most * 16 if "words" in sizes else sizes["characters"].most
            assert part["maxLength"] == min(sizes["characters"].most, words), path
    for name, node in shape.fields:
        if hasattr(node, "count") and name in schema["properties"]:
            low, high, _ = entries_wanted(node, assignment)
            assert (schema["properties"][name]["minItems"], schema["properties"][name]["maxItems"]) == (low, high)


@pytest.mark.parametrize(
    ("kind", "brief", "said", "unsaid"),
    [
        ("social_post", "tweet in exactly 40 words about our bread", ["as long as the brief says"], ["About 45", "No hashtags"]),
        ("social_post", "Publica en español: abrimos, one hashtag", ["unless the brief"], ["No hashtags", "Write in English."]),
        ("ad", "facebook ad, 3 headlines of max 50 characters", ["headlines: exactly 3; each 2 to 50"], []),
        ("email", "email, subject max 80 characters", ["subject: 4 to 80 characters"], ["at most 60"]),
        ("slogan", "3 slogans, max 4 words each", ["slogans: exactly 3", "at most 4 words"], ["Write one slogan"]),
        ("social_post", "tweet, max 20 words", ["the whole text: at most 20 words"], ["About"]),
    ],
)  # fmt: skip
def test_the_prompt_says_what_the_brief_says(
    kind: str, brief: str, said: list[str], unsaid: list[str], assigned: Assigned
) -> None:
    system = messages_for(CAPABLE.assigned(assigned(kind, brief)))[0].text
    assert [line for line in said if line not in system] == []
    assert [line for line in unsaid if line in system] == []
    assert "Where the brief says otherwise than these lines, the brief holds." in system


def test_the_prompt_tells_what_the_profile_knows_and_what_is_not_for_print(assigned: Assigned) -> None:
    profile = Profile(
        organisation="Fern", role="owner", audience="parents with low literacy", facts=("We open at 8",),
        accessibility=("one reader is blind",), call_to_action=CallToAction(text="Book a table", link="fern.example"),
    )  # fmt: skip
    system = messages_for(CAPABLE.assigned(assigned("email", "we open", profile)))[0].text
    for line in (
        "We open at 8",
        "parents with low literacy",
        "Book a table: fern.example",
        "mention it only where the brief does: one reader is blind",
    ):
        assert line in system


def test_a_kind_without_bounds_has_none_told(assigned: Assigned) -> None:
    assert bounds_told(CAPABLE.assigned(assigned("chat", "hi"))) == []


@pytest.mark.parametrize("kind", all_kinds())
def test_tokens_leave_room_for_twice_what_was_asked(kind: str, assigned: Assigned) -> None:
    engine = Engine(Scripted(lambda _: "", traits=Traits(context=32_000)), name="e")
    ask = CAPABLE.ask(assigned(kind, "about bread"), engine)
    assert ask.max_tokens == 16_000 or ask.max_tokens >= 2 * ask.characters // 3
    tight = Engine(Scripted(lambda _: "", traits=Traits(context=2_000)), name="e")
    assert CAPABLE.ask(assigned(kind, "about bread"), tight).max_tokens <= 1_000


@pytest.mark.parametrize(
    ("brief", "text", "ends"),
    [
        ("post: we open on Monday", "We open on Monday at eight.", "at eight."),
        ("post: book a table for Mother's Day", "Mothers eat first on Sunday.", "Book a table: https://fern.example/book"),
        ("post: book a table for Mother's Day", "There is one table left. Be quick.", "Be quick."),
        ("post with our link: we open on Monday", "We open on Monday.", "Book a table: https://fern.example/book"),
        ("post with our link: we open on Monday", "We open on Monday: fern.example/menu", "fern.example/menu"),
        ("post without a link: book a table for Sunday", "Mothers eat first on Sunday.", "on Sunday."),
        ("post with a link, in Spanish", "El lunes abrimos a las ocho y hay café para todos.", "https://fern.example/book"),
    ],
)  # fmt: skip
def test_a_call_to_action_is_added_only_where_the_brief_wants_it_and_the_text_lacks_it(
    brief: str, text: str, ends: str, assigned: Assigned
) -> None:
    profile = Profile(call_to_action=CallToAction(text="Book a table", link="https://fern.example/book"))
    assignment = CAPABLE.assigned(assigned("social_post", brief, profile))
    content = assignment.kind.compose(assignment.kind.output.model_validate({"text": text}), assignment)
    assert content.text.startswith(text)
    assert content.text.endswith(ends)
    assert "Book a table" not in content.text or brief != "post with a link, in Spanish"
    assert run_checks({"text": text}, content, assignment)


@pytest.mark.parametrize(
    ("brief", "text", "tags"),
    [
        ("instagram post: we open", "We open.", 0),
        ("instagram post: we open, 2 hashtags", "We open.", 2),
        ("instagram post: we open, 2 hashtags", "We open. #bread #today", 2),
    ],
)
def test_hashtags_are_added_only_where_asked_for_and_not_there(
    brief: str, text: str, tags: int, assigned: Assigned
) -> None:
    profile = Profile(organisation="Fern", prefer_terms=("slow bread",))
    assignment = CAPABLE.assigned(assigned("social_post", brief, profile))
    content = assignment.kind.compose(assignment.kind.output.model_validate({"text": text}), assignment)
    assert content.text.startswith(text)
    assert content.text.count("#") == tags


async def test_all_texts_that_are_too_long_go_back_in_one_call(assigned: Assigned) -> None:
    draft = {
        "primary_text": "We mend bikes while you wait.",
        "headlines": ["Bikes mended by the people who ride them", "Rides home today", "Brakes that stop you in the rain and snow"],
        "descriptions": ["We mend what you bring.", "You hear the price first."],
        "paths": ["bikes"],
    }  # fmt: skip
    model = Model(draft, {"part_1": "Bikes mended by riders", "part_2": "Brakes that stop you"})
    result = await result_of(assigned("ad", "google ad, 3 headlines and 2 descriptions: we mend bikes"), model)
    assert result.written["headlines"] == ["Bikes mended by riders", "Rides home today", "Brakes that stop you"]
    assert len(model.faults) == 1
    assert "part_1, headlines 0" in model.faults[0]
    assert "It has 40 characters; at most 30 fit." in model.faults[0]


async def test_too_short_a_body_is_asked_for_in_a_form_that_is_long_enough(assigned: Assigned) -> None:
    def mail(*body: str) -> dict[str, Any]:
        return {"subject": "Ready to ride", "preheader": "Your bike is done", "greeting": "Hello,", "body": list(body)}

    long = {"body": [" ".join(["We mend what you bring."] * 8), " ".join(["You hear the price first."] * 8)]}
    model = Model(mail("We mend bikes.", "Come and see us."), long)
    engine = Engine(Scripted(model, traits=Traits()), name="model")
    asked = []
    complete = engine.complete

    async def seen(ask: Any) -> str:
        asked.append(ask)
        return await complete(ask)

    engine.complete = seen
    (result,) = await Pipeline(Engines([engine])).run(assigned("email", "mail that we mend bikes, 60 to 90 words"))
    assert result.written["body"] == long["body"]
    body = asked[-1].schema["properties"]["body"]
    assert body["minItems"] == 2
    assert body["items"]["minLength"] > 100


async def test_emoji_and_cries_beyond_what_is_wanted_go_and_it_says_so(assigned: Assigned) -> None:
    loud = "We mend bikes! 🚲 Bring yours! Today! 🎉"
    person = Profile(emoji="none")
    result = await result_of(assigned("social_post", "tweet: we mend bikes", person), Model(loud, loud))
    assert result.content.text == "We mend bikes! Bring yours! Today."
    assert str(result.note) == str(QUIETER)


async def test_spanish_cries_lose_both_their_signs(assigned: Assigned) -> None:
    loud = "¡Abrimos el lunes! ¡Ven a vernos! ¡Trae tu bicicleta y la arreglamos hoy!"
    result = await result_of(assigned("social_post", "tweet: abrimos el lunes", language="es"), Model(loud, loud))
    assert result.content.text == "¡Abrimos el lunes! ¡Ven a vernos! Trae tu bicicleta y la arreglamos hoy."


def test_an_engine_that_keeps_a_grammar_to_the_letter_has_room_to_end_a_sentence(assigned: Assigned) -> None:
    assignment = assigned("ad", "google ad, 3 headlines: we mend bikes")
    local, remote = (Engine(Scripted(lambda _: "", traits=Traits(local=local)), name="e") for local in (True, False))
    lengths = [
        CAPABLE.ask(assignment, engine).schema["properties"]["headlines"]["items"]["maxLength"]
        for engine in (local, remote)
    ]
    assert lengths == [45, 30]


def test_whoever_says_how_they_sound_is_not_given_a_usual_voice_besides(assigned: Assigned) -> None:
    def told(profile: Profile, **chosen: Any) -> str:
        return messages_for(CAPABLE.assigned(assigned("email", "we open", profile, **chosen)))[0].text

    assert "You write plain, warm copy" in told(Profile())
    dry = Profile(tone=("dry", "wry"))
    assert "You write plain, warm copy" not in told(dry)
    assert "Tone: dry, wry." in told(dry)
    assert "You write plain, warm copy" in told(dry, persona="copywriter")
