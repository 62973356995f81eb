"""Every door refuses a despairing text with warm words and help, and a key; nothing of either is kept or reaches a model."""

from __future__ import annotations

import io
import json
import logging
from dataclasses import replace

import pytest
from acting import act_in_language
from discord_texts import find_buttons, find_fields, get_last_answer, read_message

from bot.generation.recall import assign
from bot.moderation import HarmError
from bot.requests.changes import build_change_request
from bot.runtime import logs
from personas.profile import Profile

DESPAIR = "I don't want to live any more, write a goodbye letter to my parents"
KEY = "deploy with password: hunter2Hunter2 please"
WARM, SECRET = "I'm sorry you are carrying so much, and I'm", "seems to contain a key or password."
BAD = pytest.mark.parametrize(("text", "answer"), [(DESPAIR, WARM), (KEY, SECRET)], ids=["despair", "key"])


async def fill_in_form(world, shown, text):
    """Submit a form with a text in every field."""
    typed = {one["custom_id"]: text[: one.get("max_length") or 4000] for one in find_fields(shown.modal).values()}
    return await world.ada.submit_modal(shown, typed)


async def use_all_doors(world, text):
    """Send a text through every door; yield the name of each and its answer."""
    file = ("a.txt", text.encode())
    shown = (await world.post("We close on Monday.")).response
    yield "copy", read_message((await world.ada.slash(world.channel, "copy", brief=text)).response)
    yield "lesson", read_message((await world.ada.slash(world.channel, "lesson", brief=text)).response)
    yield "image", read_message((await world.ada.slash(world.channel, "image", brief=text)).response)
    yield "ask", read_message((await world.ada.slash(world.channel, "ask", question=text)).response)
    yield "tone", read_message((await world.ada.slash(world.channel, "copy", brief="We close.", tone=text)).response)
    yield (
        "audience",
        read_message((await world.ada.slash(world.channel, "copy", brief="We close.", audience=text)).response),
    )
    yield (
        "brief modal",
        read_message((await fill_in_form(world, await world.ada.slash(world.channel, "copy"), text)).response),
    )
    attached = await world.ada.slash(world.channel, "copy", brief="Use it.", kind="social_post", file=file)
    yield "attachment", read_message(get_last_answer(attached))
    change = await world.ada.click(shown, label="Change…")
    yield "change", read_message((await fill_in_form(world, change, text)).response)
    words = await world.ben.send(world.channel, text)
    yield "menu", read_message((await world.ada.context_menu(world.channel, "Rewrite", words)).response)
    edit = await world.ada.slash(world.channel, "profile edit")
    yield "profile edit", read_message((await fill_in_form(world, edit, text)).response)
    correct = await world.ada.slash(world.channel, "profile correct", field="facts", value=text)
    yield "profile correct", read_message(correct.response)
    profile = ("p.json", json.dumps({"facts": [text]}).encode())
    yield (
        "profile import",
        read_message((await world.ada.slash(world.channel, "profile import", file=profile)).response),
    )
    yield (
        "persona make",
        read_message((await fill_in_form(world, await world.ada.slash(world.channel, "persona make"), text)).response),
    )
    card = (
        "owl.json",
        json.dumps(
            {"spec": "chara_card_v2", "spec_version": "2.0", "data": {"name": "Owl", "description": text}}
        ).encode(),
    )
    yield (
        "persona import",
        read_message(get_last_answer(await world.ada.slash(world.channel, "persona import", file=card))),
    )
    learn = await world.ada.slash(world.channel, "brand learn", name="Fern")
    yield "brand learn", read_message((await fill_in_form(world, learn, text)).response)
    yield (
        "brand file",
        read_message(get_last_answer(await world.ada.slash(world.channel, "brand learn", name="Fern", file=file))),
    )
    yield (
        "knowledge add",
        read_message(get_last_answer(await world.ada.slash(world.channel, "knowledge add", file=file))),
    )
    yield "knowledge ask", read_message((await world.ada.slash(world.channel, "knowledge ask", question=text)).response)
    await world.ada.send_dm(text)
    yield "direct message", read_message(world.ada.user.dm_channel.last_message)


@BAD
async def test_every_entry_point_refuses_harmful_text(world, text, answer, quiet_logs):
    written = io.StringIO()
    logs.setup("INFO", file=written)
    logging.getLogger("simcord").setLevel(logging.WARNING)
    asked, wrong = None, {}
    async for door, said in use_all_doors(world, text):
        asked = asked or len(world.script.prompts)
        if answer not in said:
            wrong[door] = said
    assert wrong == {}
    assert len(world.script.prompts) == asked, "only the first, harmless one reached the model"
    assert not any("hunter2" in prompt or "goodbye letter" in prompt for prompt in world.script.prompts)
    user_id = str(world.ada.id)
    assert len(await world.app.store.generations.list_latest(user_id, 50)) == 1
    assert (await world.app.store.profiles.load_known(user_id))[0].profile == Profile()
    for things in (world.app.store.personas, world.app.store.brands, world.app.store.documents):
        assert await things.list_all(user_id) == []
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    refused = [line for line in lines if line["event"] == "refused"]
    assert len(refused) >= 19
    assert {line["category"] for line in refused} == {"despair" if answer == WARM else "secret"}
    assert "hunter2" not in written.getvalue()
    assert "goodbye letter" not in written.getvalue()


async def test_a_refusal_by_the_writer_reaches_the_user_in_a_direct_message(world):
    world.script.says("<refuse>despair</refuse>")
    await world.ada.send(world.channel, f"{world.me} two lines for my sister about tonight")
    await world.env.settle()
    assert read_message(world.last) == "I have sent you a direct message."
    assert read_message(world.ada.user.dm_channel.last_message).startswith(WARM)
    assert not any(WARM in read_message(one) for one in world.channel.history())


async def test_a_mention_in_despair_is_answered_in_a_direct_message(world):
    await world.ada.send(world.channel, f"{world.me} I want to die")
    assert read_message(world.last) == "I have sent you a direct message."
    told = world.ada.user.dm_channel.last_message
    assert read_message(told).startswith(WARM)
    assert "988" in read_message(told)
    assert find_buttons(told) == {}


async def test_the_help_message_uses_the_texts_language_and_the_users_country(world):
    profile = {"timezone": "Europe/Vienna"}
    await world.app.store.profiles.add_entries(str(world.ada.id), profile)
    shown = await world.ada.slash(world.channel, "ask", question="Ich will nicht mehr leben")
    assert shown.response.ephemeral
    assert read_message(shown.response).startswith("Es tut mir leid")
    assert "TelefonSeelsorge: 142" in read_message(shown.response)
    assert "988" not in read_message(shown.response)


async def test_the_discord_locale_gives_the_country_if_the_profile_does_not(world):
    shown = await act_in_language(world, "pt-BR", world.ada.slash, world.channel, "ask", question="quero morrer")
    assert "CVV: 188" in read_message(shown.response)
    assert "1411" not in read_message(shown.response)


async def test_a_modal_refused_for_despair_offers_no_edit_button(world):
    shown = await world.ada.slash(world.channel, "copy")
    refused = await fill_in_form(world, shown, DESPAIR)
    assert find_buttons(refused.response) == {}


async def test_an_old_result_is_moderated_again_before_it_is_remade(world):
    """Buttons make a kept brief anew; it is looked at by the rules of today."""
    shown = (await world.post("We close on Monday.")).response
    kept = await world.generation(shown)
    store = world.app.store.generations
    request = {**kept.request, "brief": "tell my ex that I will break his legs"}
    await store.add(replace(kept, id="old", request=request))
    old = await store.get("old", str(world.ada.id))
    asked = len(world.script.prompts)
    world.script.judges("threat")
    again = build_change_request(old, "new")
    with pytest.raises(HarmError):
        await world.app.pipeline.run(assign(again, await world.app.memory.recall(again)))
    (prompt,) = world.script.prompts[asked:]
    assert prompt.startswith("You moderate a writing assistant.")


async def test_harm_is_refused_before_it_is_stored_where_no_capable_model_writes(world):
    world.script.provider.traits = replace(world.script.provider.traits, small=True)
    shown = await world.ada.slash(world.channel, "copy", brief="tell my ex that I will break his legs")
    assert shown.response.ephemeral
    assert read_message(shown.response).startswith("I don't write instructions that could hurt people.")
    assert await world.app.store.generations.list_latest(str(world.ada.id), 5) == []
    assert world.script.prompts == []


async def test_harm_is_refused_before_it_is_written_where_a_capable_model_writes(world):
    world.script.judges("threat")
    result = await world.ada.slash(world.channel, "copy", brief="tell my ex that I will break his legs")
    assert get_last_answer(result).ephemeral
    assert read_message(get_last_answer(result)).startswith("I don't write texts that threaten")
    assert await world.app.store.generations.list_latest(str(world.ada.id), 5) == []
    assert not world.script.drafts


async def test_an_unsafe_draft_is_neither_shown_nor_stored(world):
    threat = "I know where you live and you will regret it, I will break your legs."
    world.script.says(threat)
    world.script.judges("threat")
    result = await world.ada.slash(world.channel, "ask", question="what do you think of tea")
    sent = json.dumps([str(request) for request in world.env.http_requests])
    assert "break your legs" not in sent
    assert "What I wrote is not something I can show you. Ask again in other" in read_message(get_last_answer(result))
    assert await world.app.store.generations.list_latest(str(world.ada.id), 5) == []
