"""What cannot be done is told before anything is written, in the reader's language, with the button that changes it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from acting import in_language
from discord_texts import buttons, fields, read, title

GERMAN = "Schreib einen Post, dass wir am Montag geschlossen haben und am Dienstag wieder da sind."


@pytest.fixture
def english_only(script):
    script.provider.traits = replace(script.provider.traits, languages=frozenset({"en"}))


async def test_a_language_that_the_model_does_not_write_is_told_first(world, english_only):
    await world.ada.send_dm(GERMAN)
    said = world.ada.user.dm_channel.last_message
    assert read(said).startswith("Das Modell, das hier schreibt, kann nur Englisch; auf Deutsch")
    assert "QUILLMATE" not in read(said)
    assert list(buttons(said)) == ["Auf Englisch schreiben", "Trotzdem schreiben"]
    assert world.script.prompts == []


async def test_it_is_written_in_english_or_all_the_same_as_one_chooses(world, english_only):
    for label in ("Auf Englisch schreiben", "Trotzdem schreiben"):
        asked = await in_language(world, "de", world.ada.slash, world.channel, "copy", brief=GERMAN, kind="social_post")
        made = await in_language(
            world, "de", lambda asked=asked, label=label: world.ada.click(asked.response, label=label)
        )
        kept = await world.generation(made.response)
        assert kept.request["language"] == ("en" if label.startswith("Auf") else "de")
        assert kept.request["warned"] is True
    assert len(world.script.drafts) == 2


async def test_somebody_elses_choice_is_not_taken(world, english_only):
    asked = await world.ada.slash(world.channel, "copy", brief=GERMAN, kind="social_post")
    refused = await world.ben.click(asked.response, label="Write it all the same")
    assert "Only the person who asked for it" in read(refused.response) or "not kept" in read(refused.response)
    assert world.script.prompts == []


async def test_a_number_that_nobody_told_is_asked_for_and_written_with(world):
    asked = await world.post("we close on Monday; include our phone number")
    assert read(asked.response) == "Your brief asks for what nobody has told me: phone number. I make nothing up."
    assert world.script.prompts == []
    shown = await world.ada.click(asked.response, label="Add it…")
    field = next(iter(fields(shown.modal).values()))
    made = await world.ada.submit_modal(shown, {field["custom_id"]: "030 1234567"})
    assert title(made.response) == "Social post"
    assert "030 1234567" in world.script.drafts[-1]


async def test_what_a_text_can_do_without_is_named_below_it(world):
    made = await world.post("we move to the old mill; mention the date")
    assert title(made.response) == "Social post"
    assert "Not in your brief: date" in read(made.response)


async def test_what_would_have_to_be_looked_up_is_told_and_can_be_left_out(world):
    asked = await world.post("a post about today's weather and our terrace")
    assert "the weather" in read(asked.response)
    made = await world.ada.click(asked.response, label="Write it all the same")
    assert title(made.response) == "Social post"
    told = await world.post("today's weather: sunny, 24 °C, the terrace is open")
    assert title(told.response) == "Social post"


async def test_a_question_that_has_to_be_looked_up_is_answered_without_a_model(world):
    await world.ada.send(world.channel, f"{world.me} whats the weather in leeds tmrw")
    assert read(world.last) == "I cannot look that up: the weather. I write from what you tell me."
    assert world.script.prompts == []


async def test_a_picture_that_nothing_draws_is_told_without_words_of_builders(world):
    made = await world.ada.slash(world.channel, "image", brief="a red fox in the snow", kind="image_prompt")
    assert "not a picture by an image model" in read(made.response)
    assert "QUILLMATE" not in read(made.response)
