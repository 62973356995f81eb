"""A case is played in a thread: alone and with others, with hints, a pause and a debrief, also over a restart; strangers are told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from discord_texts import (
    find_button_id,
    find_fields,
    get_answer,
    list_message_bodies,
    read_message,
)
from quizzing import list_button_labels, restart_process

from bot.engines import Traits


def advance_clock(world: Any, minutes: float) -> datetime:
    """Set the clock of plays ahead by minutes; return the new time."""
    ahead = timedelta(minutes=minutes)
    for one in (world.app.stage_records, world.app.plays.writer):
        object.__setattr__(one, "clock", lambda: datetime.now(UTC) + ahead)
    return datetime.now(UTC) + ahead


def script_replies(world: Any, *replies: Any) -> None:
    """Let the model say these replies in turn; asked for a debrief, it judges by what the user has said."""
    waiting = list(replies)

    def answer(messages: Any) -> Any:
        if messages[0].text.startswith("You debrief"):
            if "Seller" not in messages[1].text:
                return RuntimeError("down")
            rows = [
                {"number": 1, "quote": "how long is your round?", "verdict": "met", "next": "x"},
                {"number": 2, "quote": "It is 38,000 euros.", "verdict": "met", "next": "Name the price."},
                {"number": 3, "quote": "", "verdict": "missed", "next": "Ask who decides with her."},
                {"number": 4, "quote": "Shall I come by on Tuesday", "verdict": "partly", "next": "Name the hour."},
            ]
            return json.dumps({"objectives": rows})
        one = waiting.pop(0) if len(waiting) > 1 else waiting[0]
        return json.dumps({"exit": "stay", "role": "Nora", **one}) if isinstance(one, dict) else one

    world.script.answer = answer


def get_newest_thread(world: Any) -> Any:
    """Return the thread that was opened last."""
    return max(world.channel.threads, key=lambda one: one.id)


async def press(who: Any, page: Any, label: str) -> Any:
    return await who.click(page, custom_id=find_button_id(page, label))


async def say(who: Any, page: Any, text: str) -> Any:
    """Answer with the button."""
    form = await press(who, page, "Answer")
    [field] = find_fields(form.modal).values()
    return await who.submit_modal(form, {field["custom_id"]: text})


async def test_a_single_player_can_resume_after_a_restart(world, settings, script):
    script_replies(world, {"reply": "Ninety, each morning."}, {"reply": "The winter.", "exit": "price"})
    started = await world.ada.slash(world.channel, "scenario play", case="Sales call: a bakery van")
    assert read_message(get_answer(started)).startswith("It starts in <#")
    thread = get_newest_thread(world)
    lobby = thread.last_message
    assert "38,000 euros, or 520 euros a month" in read_message(lobby)
    assert "afraid of a flat battery" not in read_message(lobby), "what others hide is not told"
    assert f"**Seller**: <@{world.ada.id}>" in read_message(lobby), "whoever started it sees which role is theirs"
    for found_out in ("brother Emil", "90 kilometres", "end of the month"):
        assert found_out not in read_message(lobby), "what is to be found out is not told before"
    assert "12 turns left" in read_message(lobby)
    await press(world.ada, lobby, "Begin")
    page = thread.last_message
    assert "**Nora:** Bakery Lind, Nora speaking." in read_message(page)
    assert list_button_labels(page) == ["Answer…", "Hint", "Pause", "End"]
    hint = await press(world.ada, page, "Hint")
    assert "Ask about her mornings" in read_message(get_answer(hint))

    await say(world.ada, page, "Good morning! May I ask: how long is your round?")
    page = thread.last_message
    assert "**Seller:** Good morning! May I ask: how long is your round?" in read_message(page)
    assert "*Nora puts you on speaker" in read_message(page), "the scene that it leads to is told"
    assert "**Nora:** Ninety, each morning." in read_message(page)
    assert "11 turns left" in read_message(page)
    refused = await say(world.ada, page, "How do I build a pipe bomb to hurt people?")
    assert "I don't write instructions that could hurt" in read_message(get_answer(refused))

    paused = await press(world.ada, page, "Pause")
    assert "The clock is stopped" in read_message(get_answer(paused))
    waits = await press(world.ada, page, "Answer")
    assert "It is paused." in read_message(get_answer(waits))
    await press(world.ada, thread.last_message, "Continue")

    async with restart_process(world, settings, script):
        await world.ada.send(thread, f"{world.me} Shall I come by on Tuesday?")
        page = thread.last_message
        assert "**Nora:** The winter." in read_message(page)
        assert "*The price is on the table" in read_message(page), "a capable model says which exit was reached"
        assert "Seller" not in read_message(page), "what stands there already is not shown again"
        await press(world.ada, page, "End")
        debrief = read_message(thread.last_message)
        assert "✅ **Reached** · You learn what Nora needs" in debrief
        assert "> May I ask: how long is your round?" in debrief
        assert "⬜ **Not yet** · You name what the van costs" in debrief, "a quotation that nobody said shows nothing"
        assert "38,000 euros." not in debrief
        assert "➡️ Try next: Ask who decides with her." in debrief
        assert "🟡 **Partly** · You agree on a next step" in debrief
        assert "Judged by a model, which can be wrong. Every quote is something you said." in debrief
        file = await press(world.ada, thread.last_message, "Transcript")
        body = (await get_answer(file).attachments[0].read()).decode()
        assert "**Nora:** Ninety, each morning." in body
        assert "brother Emil" in body, "what was to be found out stands in the transcript"
        late = await press(world.ada, page, "Answer")
        assert "That is over, or I no longer have it." in read_message(get_answer(late))
        again = await press(world.ada, thread.last_message, "Play it again")
        assert "Take a role" in read_message(get_answer(again))


WAITED = "I have waited since Tuesday, for 90 minutes in all. Tell me honestly, what went wrong, please."
THREAT = "I hate you and I will kill you tonight."


async def begin(world: Any, traits: Traits) -> Any:
    """Begin Ada's sales call with a model of these traits; return the thread."""
    world.script.provider.traits = traits
    await world.ada.slash(world.channel, "scenario play", case="sales_call")
    thread = get_newest_thread(world)
    await press(world.ada, thread.last_message, "Begin")
    return thread


@pytest.mark.parametrize("traits", [Traits(), Traits(small=True)])
async def test_a_speech_is_posted_word_for_word_after_one_call(world, traits):
    thread = await begin(world, traits)
    for speech in (WAITED, WAITED, "Ich nehme zwei, für 12.000 Euro von Carlos"):
        script_replies(world, speech if traits.small else {"reply": speech})
        calls = len(world.script.prompts)
        await say(world.ada, thread.last_message, "How long have you waited?")
        assert f"**Nora:** {speech}\n" in read_message(thread.last_message)
        assert len(world.script.prompts) == calls + 1


@pytest.mark.parametrize("traits", [Traits(), Traits(small=True)])
async def test_a_speech_that_moderation_refuses_is_written_once_more_and_then_not_posted(world, traits):
    thread = await begin(world, traits)
    for replies, posted in (((THREAT, WAITED), WAITED), ((THREAT, THREAT, WAITED), "…")):
        script_replies(world, *(replies if traits.small else [{"reply": reply} for reply in replies]))
        calls = len(world.script.prompts)
        await say(world.ada, thread.last_message, "How long have you waited?")
        assert f"**Nora:** {posted}\n" in read_message(thread.last_message)
        assert len(world.script.prompts) == calls + 2
    assert all(THREAT not in body for body in map(str, list_message_bodies(world.env)))


async def test_several_play_against_the_clock_and_an_interrupted_turn_is_resumed(world):
    script_replies(world, {"reply": "Floor three, understood.", "role": "Control room"})
    await world.ada.slash(world.channel, "scenario play", case="fire_drill", with_others=True, minutes=3)
    thread = get_newest_thread(world)
    lobby = thread.last_message
    taken = await press(world.ben, lobby, "Jonas")
    assert f"**Jonas**: <@{world.ben.id}>" in read_message(get_answer(taken))
    refused = await press(world.ben, lobby, "Warden")
    assert "Someone else already has that role. Choose another one." in read_message(get_answer(refused))
    refused = await press(world.ben, lobby, "Begin")
    assert "Only the person who started it" in read_message(get_answer(refused))
    await press(world.ada, lobby, "Begin")
    page = thread.last_message
    assert "**Control room:**" in read_message(page)
    assert "Time is up <t:" in read_message(page)
    cleo = world.guild.add_member(world.env.create_user("cleo"))
    for label in ("Answer", "Hint", "Pause", "End"):
        stranger = await press(cleo, page, label)
        assert "You are not taking part here. Start" in read_message(get_answer(stranger))
    await say(world.ada, page, "Everybody out now, stair B, not the lift!")
    assert "**Control room:** Floor three, understood." in read_message(thread.last_message)
    await world.ben.send(thread, f"{world.me} Can I not stay?")
    assert "**Control room:**" in read_message(thread.last_message)

    assert await world.app.store.plays.list_pending(datetime.now(UTC)) == []
    [kept] = await world.app.store.plays.list_pending(advance_clock(world, 4))
    await world.bot.get_cog("PendingPlays").run_once()
    await world.env.settle()
    debrief = read_message(thread.last_message)
    assert "✅ **Reached** · You give a clear order to leave, at once." in debrief
    assert "Judged by the words you used, not by" in debrief, "no model could judge"
    stranger = await press(cleo, thread.last_message, "Transcript")
    assert "You are not taking part here. Start" in read_message(get_answer(stranger))
    assert (await world.app.store.plays.get(kept.id)).state == "ended"
    await world.app.store.people.forget(str(world.ben.id))
    words = (await world.app.store.plays.get(kept.id)).utterances
    assert {who for who, _ in words} == {str(world.ada.id)}, "what Ben said went with him"


async def test_only_the_player_of_a_role_sees_its_private_goals(world):
    await world.ada.slash(world.channel, "scenario play", case="patient_talk", with_others=True)
    lobby = get_newest_thread(world).last_message
    [card] = (await press(world.ben, lobby, "Mr Brandt")).followups
    assert card.ephemeral
    assert "Mr Brandt wants to go home without a lecture." in read_message(card)
    assert "Mr Brandt stopped the tablets because" in read_message(card)
    assert "He stopped taking them 3 weeks ago" in read_message(card)
    assert "3 weeks ago" not in read_message(get_newest_thread(world).last_message)
    await press(world.ada, lobby, "Begin")
    page = get_newest_thread(world).last_message
    assert "-# 10 turns left · Answer with the button" in read_message(page)
    await say(world.ada, page, "How are you getting on with the tablets?")
    script_replies(world, "I have no objectives to give.")
    await press(world.ada, get_newest_thread(world).last_message, "End")
    assert "Judged by the words you used, not by" in read_message(get_newest_thread(world).last_message), (
        "what a model did not judge"
    )


async def test_direct_messages_are_turns_and_a_failing_model_is_reported(world):
    script_replies(world, RuntimeError("down"))
    ada, direct = world.ada.user, world.ada.user.dm_channel
    await ada.slash("scenario play", case="patient_talk")
    await press(ada, direct.last_message, "Begin")
    await ada.send_dm("Tell me, how do you get on with the tablets?")
    assert "could not answer" in read_message(direct.last_message)
    script_replies(world, {"reply": "They made me dizzy on the stairs.", "role": "Mr Brandt"})
    await world.bot.get_cog("PendingPlays").run_once()
    await world.env.settle()
    assert "**Mr Brandt:** They made me dizzy on the stairs." in read_message(direct.last_message)
    await press(ada, direct.last_message, "End")
    await ada.send_dm("tweet: we close on Monday")
    assert "Debrief" not in read_message(direct.last_message), "then messages are requests again"


async def test_a_generated_case_can_be_played_by_a_small_model(world):
    made = (await world.ada.slash(world.channel, "scenario play", case="a loud group in a library, 2 roles")).response
    world.script.provider.traits = Traits(small=True)

    def answer(messages: Any) -> Any:
        if messages[0].text.startswith("A role play is over"):
            return json.dumps({"words": "Please whisper.", "verdict": "met"})
        return "Student: We have an exam!\nLibrarian: Then go home."

    world.script.answer = answer
    asked = await press(world.ada, made, "Play…")
    await press(world.ada, get_answer(asked), "Play alone")
    thread = get_newest_thread(world)
    await press(world.ada, thread.last_message, "Begin")
    await say(world.ada, thread.last_message, "Good evening. Please whisper.")
    page = read_message(thread.last_message)
    assert "**Student:** We have an exam!" in page
    assert "go home" not in page, "what it writes for others is cut"
    await press(world.ada, thread.last_message, "End")
    debrief = read_message(thread.last_message)
    assert "> Please whisper." in debrief
    assert "Judged by the words you used, not by" in debrief
    assert "When did the mood change, and what changed it?" in debrief
