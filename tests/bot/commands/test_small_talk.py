"""Greetings, thanks, complaints and "what can you do?" as people say them: answered at once, without a model, in their language."""

from __future__ import annotations

import pytest
from acting import act_in_language
from discord_texts import find_buttons, find_fields, list_menu_values, read_message, read_title

from personas.profile import Profile

REQUESTS = ("thank you card for our volunteers", "hello poster", "write a complaint letter")


async def say(world, text, **options):
    await world.ada.send(world.channel, f"{world.me} {text}", **options)
    return world.last


async def test_what_can_you_do_is_answered_without_a_model(world):
    said = await say(world, "what can you do?")
    assert read_message(said).splitlines()[:4] == [
        "I write texts, teaching material and image prompts. Tell me in your own words what you need, for example:",
        "- a post saying that we are closed next Monday",
        "- a quiz with five questions on the water cycle",
        "- an image prompt for a poster: a pier at dawn, with room for a title",
    ]
    assert list(find_buttons(said)) == ["Social post", "Quiz", "Image prompt"]
    assert world.script.prompts == []
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 0


async def test_small_talk_is_answered_in_the_language_of_the_message(world):
    for text, answer in (
        ("was kannst du?", "Ich schreibe Texte"),
        ("merci beaucoup !", "Avec plaisir"),
        ("hola", "¡Hola!"),
        ("tudo bem?", "Tudo bem"),
        ("lol nice", "Glad to hear it. What's next?"),
        ("you are slow", "Sorry for the wait. Short texts are"),
        ("Das war nicht das, was ich wollte", "Das tut mir leid."),
        ("bye", "See you soon!"),
    ):
        said = await say(world, text)
        assert read_message(said).startswith(answer)
        assert world.script.prompts == []


async def test_small_talk_in_direct_messages_and_in_ask_is_answered_too(world):
    await world.ada.send_dm("thanks!")
    assert read_message(world.ada.user.dm_channel.last_message).startswith("You're welcome! Press")
    shown = await world.ada.slash(world.channel, "ask", question="what can you do?")
    assert shown.response.flags.ephemeral
    assert "Social post" in find_buttons(shown.response)
    assert world.script.prompts == []


async def test_suggestions_depend_on_the_user(world):
    await world.app.store.profiles.add_entries(str(world.ada.id), {"role": "teacher of grade 5"})
    said = await say(world, "hello")
    assert list(find_buttons(said)) == ["Quiz", "Lesson plan", "Worksheet"]
    await world.ben.send(world.channel, f"{world.me} hi")
    assert list(find_buttons(world.last)) == ["Social post", "Quiz", "Image prompt"]
    await world.ben.slash(
        world.channel,
        "copy",
        brief="we close on Monday",
        kind="social_post",
    )
    await world.ben.send(world.channel, f"{world.me} thanks")
    assert list(find_buttons(world.last)) == ["Email", "Ad", "Product description"]


async def test_a_suggestion_button_starts_its_request(world):
    said = await say(world, "what can you do?")
    shown = await world.ben.click(said, label="Quiz")
    brief = find_fields(shown.modal)["Brief"]
    assert brief["placeholder"] == "The water cycle, for grade 5."
    made = await world.ben.submit_modal(shown, {brief["custom_id"]: "the water cycle"})
    assert read_title(made.response) == "Quiz"


async def test_a_complaint_leads_to_the_last_results_reasons_and_is_a_vote(world):
    first = (await world.post()).response
    kept = await world.generation(first)
    said = await say(world, "that was not what I asked")
    assert "the last result (Social post, <t:" in read_message(said)
    assert list_menu_values(said)[:3] == ["untrue", "off", "odd"]
    refused = await world.ben.select(said, values=["long"])
    assert "Only the person who asked for it" in read_message(refused.response)
    await world.ada.select(said, values=["long"])
    assert await world.app.store.generations.get_vote(kept.id, str(world.ada.id)) == -1


async def test_a_complaint_in_a_reply_is_about_that_result_and_can_be_worded(world):
    first = (await world.post()).response
    kept = await world.generation(first)
    await world.post("new mugs")
    said = await say(world, "this is terrible", reply_to=first)
    assert find_buttons(said) == {"Change…": f"quill:change:{kept.id}"}
    shown = await world.ada.click(said, label="Change…")
    assert shown.modal["title"] == "What should change?"


async def test_thanks_in_reply_to_a_result_is_not_an_instruction(world):
    first = (await world.post()).response
    drafts = len(world.script.drafts)
    assert read_message(await say(world, "thank you!", reply_to=first)).startswith("You're welcome! Press")
    assert len(world.script.drafts) == drafts


@pytest.mark.parametrize("text", REQUESTS)
async def test_requests_that_start_like_small_talk_are_carried_out(world, text):
    await say(world, text)
    assert world.script.drafts or "What should I make?" in read_message(world.last)


async def test_words_of_many_languages_are_answered_in_the_users_language(world):
    shown = await act_in_language(world, "de", world.ada.slash, world.channel, "ask", question="ok")
    assert read_message(shown.response).startswith("Gut.")


async def test_small_talk_is_answered_for_a_paused_user_without_a_profile(world):
    assert (await world.app.store.profiles.get(str(world.ada.id))) == Profile()
    await world.app.store.people.pause(str(world.ada.id))
    assert read_message(await say(world, "good morning")).startswith("Hello!")
