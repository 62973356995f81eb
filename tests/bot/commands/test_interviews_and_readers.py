"""Somebody made up is interviewed about their card; simulated readers choose among variants, with their limits first."""

from __future__ import annotations

import asyncio
import io
import json
import re
from typing import Any

from acting import tap, wait_until
from discord_texts import (
    find_button_id,
    find_fields,
    get_answer,
    get_components,
    list_message_bodies,
    list_texts,
    read_message,
    walk_components,
)
from PIL import Image
from quizzing import list_button_labels
from writing import format_versions

MARTA = "Marta, 41, runs a café in Porto; counts every euro; reads mails at night"
LIMITS = "Simulated readers are a model's guess, not a survey. Nobody has measured how well they match real people."
VARIANTS = [
    "We're closed on Monday! 🎉 Do come back on Tuesday, when the scones are warm and the coffee is strong again.",
    "Closed on Monday. Back on Tuesday with scones.",
    "Monday is our day off! ☕ On Tuesday we're here again with the oven on, the door open and time for a long chat.",
]


async def press(who: Any, page: Any, label: str) -> Any:
    return await who.click(page, custom_id=find_button_id(page, label))


async def choose_with_readers(world: Any, made: Any, audience: str, count: str) -> Any:
    """Have simulated readers choose among Ada's variants."""
    form = await press(world.ada, made, "Ask simulated readers")
    names = [field["custom_id"] for field in find_fields(form.modal).values()]
    return await world.ada.submit_modal(form, dict(zip(names, [audience, count], strict=True)))


async def load_usage(world: Any) -> Any:
    """Return what Ada has used today."""
    day = world.app.quotas.now().date()
    return (await world.app.store.usage.load_amounts(str(world.guild.id), str(world.ada.id), day))["person", "day"]


async def ask(world: Any, page: Any, question: str, *answers: dict[str, str]) -> str:
    """Ask a question as Ada, while the model gives these answers in turn; return the answer."""
    waiting = list(answers)
    world.script.answer = lambda _messages: json.dumps(waiting.pop(0) if len(waiting) > 1 else waiting[0])
    form = await press(world.ada, page, "Ask…")
    [field] = find_fields(form.modal).values()
    await world.ada.submit_modal(form, {field["custom_id"]: question})
    return read_message(world.channel.threads[0].last_message)


async def test_an_interview_is_answered_on_its_card_and_ends_with_the_transcript(world):
    refused = await world.ada.slash(world.channel, "persona interview", who="Marta")
    assert "Tell me more about this person:" in read_message(get_answer(refused))
    await world.ada.slash(world.channel, "persona interview", who=MARTA)
    [thread] = world.channel.threads
    page = thread.last_message
    assert "- counts every euro" in read_message(page)
    simulated = "Simulated: a model plays Marta from this card. This is not research"
    assert simulated in read_message(page)

    shown = await ask(world, page, "When do you read mails?", {"source": "reads mails at night", "answer": "At night."})
    assert "> When do you read mails?\n**Marta:** At night.\n-# From the card: reads mails at night" in shown
    assert simulated in shown
    calls = len(world.script.prompts)
    shown = await ask(world, page, "Your rent?", {"source": "counts every euro", "answer": "900 euros, to Carlos."})
    assert "**Marta:** 900 euros, to Carlos.\n-# From the card: counts every euro" in shown
    unfounded = [("nothing on the card", "A red Fiat."), ("drives a Fiat", "A red Fiat."), ("reads mails at night", "")]
    for source, answer in [*unfounded, ("counts every euro", "Nothing on the card.")]:
        shown = await ask(world, page, "Your car?", {"source": source, "answer": answer})
        assert "**Marta:** I don't know. My card says nothing about that.\n-# Not on the card" in shown
    assert len(world.script.prompts) == calls + 5, "one call an answer"
    world.script.answer = lambda _messages: json.dumps({"source": "counts every euro", "answer": "I count every euro."})
    await world.ada.send(thread, f"{world.me} Do you buy dear things?")
    assert "I count every euro." in read_message(thread.last_message)

    await press(world.ada, page, "End with a summary")
    summary = thread.last_message
    assert "Questions: 7. Answered from the card: 3. Not on the card: 4." in read_message(summary)
    assert "**Questions for real people**\n- Your car?" in read_message(summary)
    file = await press(world.ada, summary, "Transcript")
    body = (await get_answer(file).attachments[0].read()).decode()
    assert body.count(simulated) >= 2
    assert "**Marta:** At night." in body
    gone = await press(world.ada, page, "Ask…")
    assert "That is over, or I no longer have it." in read_message(get_answer(gone))
    await world.ada.slash(world.channel, "persona interview", who="host")
    assert "### 🎙️ Interview: Host" in read_message(max(world.channel.threads, key=lambda one: one.id).last_message)


async def test_an_answer_that_moderation_refuses_is_written_once_more_and_then_unknown(world):
    await world.ada.slash(world.channel, "persona interview", who=MARTA)
    page = world.channel.threads[0].last_message
    threat = {"source": "counts every euro", "answer": "I hate you and I will kill you tonight."}
    harmless = {"source": "counts every euro", "answer": "I count every euro."}
    shown = await ask(world, page, "Are you stingy?", threat, harmless)
    assert "**Marta:** I count every euro." in shown
    calls = len(world.script.prompts)
    shown = await ask(world, page, "Are you stingy?", threat, threat, harmless)
    assert "**Marta:** I don't know. My card says nothing about that." in shown
    assert len(world.script.prompts) == calls + 2


async def test_simulated_readers_choose_among_variants_and_state_the_uncertainty(world):
    result = (await world.post("we close on Monday, back on Tuesday")).response
    world.script.says(format_versions(*VARIANTS))
    made = (await tap(world.ada, result, "Variants")).response
    order = [part for part in list_texts(made) if part in VARIANTS]
    short = order.index(VARIANTS[1]) + 1
    assert list_button_labels(made)[-2:] == ["Let the team choose", "Ask simulated readers"]
    stranger = await press(world.ben, made, "Ask simulated readers")
    assert "I no longer have" in read_message(get_answer(stranger)) or "Only the person" in read_message(
        get_answer(stranger)
    )

    def choose_short(messages: Any) -> str:
        """Choose the short text where it is there, else the first."""
        _, other = messages[1].text.split("Text B:")
        chosen = "B" if VARIANTS[1] in other else "A"
        return json.dumps({"why": "It is short and plain.", "choice": chosen})

    world.script.answer = choose_short
    assert "Choose from 5 to 12." in read_message(
        get_answer(await choose_with_readers(world, made, "café owners", "99"))
    )
    before = await load_usage(world)
    shown = get_answer(await choose_with_readers(world, made, "café owners", "6"))
    after = await load_usage(world)
    assert after.requests - before.requests == 3, "as many as there are variants"
    assert after.tokens > before.tokens
    text = read_message(shown)
    assert text.startswith(
        f"### 👥 What simulated readers chose\n**{LIMITS}**\nNumber {short} has the most votes: 6 of 6."
    )
    assert "In 6 of 18 pairs the choice depended on the reading order" in text
    assert "The order mattered so much" in text
    assert "All readers chose the same" in text
    assert f"**{short}** · 6 of 6 (61% to 100%)" in text
    assert "It is short and plain." in text
    body = await shown.attachments[0].read()
    assert Image.open(io.BytesIO(body)).size[0] >= 1200
    [gallery] = [part for part in walk_components(get_components(shown)) if part.get("type") == 12]
    assert LIMITS in gallery["items"][0]["description"]
    assert "café owners" in world.script.prompts[-1]
    kept = await world.desk.jobs.load_all(str(world.ada.id))
    answers = [name for name in kept[-1]["checkpoints"] if name.startswith("comparison ")]
    assert len(answers) == 6 * 6, "each is kept, so that it is asked for once"

    # It says how far it is, and can be cancelled.
    asked, begun, world.script.provider.model.pause = (
        len(world.script.prompts),
        len(list_message_bodies(world.env)),
        30.0,
    )
    asking = asyncio.create_task(choose_with_readers(world, made, "café owners", "5"))
    await wait_until(lambda: len(world.script.prompts) > asked)
    await wait_until(
        lambda: any("Comparisons by readers: 0 of 30." in str(one) for one in list_message_bodies(world.env)[begun:])
    )
    [cancel] = {
        found for one in list_message_bodies(world.env)[begun:] for found in re.findall(r"quill:cancel:\d+", str(one))
    }
    await world.desk.jobs.cancel(cancel.rpartition(":")[2], str(world.ada.id))
    assert "Cancelled" in read_message((await asking).response)
