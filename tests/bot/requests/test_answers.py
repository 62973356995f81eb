"""Long results, and generated text that would ping people."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from types import SimpleNamespace

import discord
import pytest
from acting import act_at_once, tap, wait_until
from discord_texts import (
    body,
    can_notify,
    find_buttons,
    get_answer,
    get_components,
    list_file_names,
    list_message_bodies,
    list_texts,
    read_message,
    read_title,
    walk_components,
)
from sqlalchemy.exc import OperationalError
from writing import format_versions

from bot.errors import EngineError
from bot.requests.job_errors import UNSAVED
from personas.profile import Profile
from storage.errors import StorageError

FILE = 13
SENTENCE = "Paragraph {0} tells how the lighthouse keeper counted gulls before breakfast and after supper. "
CLEARER = "make this clearer: We swim at dawn."


def build_long_text(characters: int) -> str:
    """Build paragraphs with slightly more characters than these."""
    made: list[str] = []
    while sum(map(len, made)) < characters:
        made.append((SENTENCE.format(len(made) + 1) * 3).strip())
    return "\n\n".join(made)


async def test_a_long_result_is_shown_in_part_and_attached_in_full(world):
    text = build_long_text(6000)
    world.script.says(text)
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    assert read_title(result) == "Rewrite"
    assert sum(map(len, list_texts(result))) <= 4000
    assert any("Continued in the file below." in piece for piece in list_texts(result))
    assert list_file_names(result) == ["Rewrite.md"]
    [file] = [part for part in walk_components(get_components(result)) if part["type"] == FILE]
    assert file["file"]["url"] == result.attachments[0].url, "a layout view shows only the files that it names"
    kept = (await world.generation(result)).text
    assert len(kept) > 4000
    assert kept in (await result.attachments[0].read()).decode()
    shown = body(result).partition("\n\n-# ")[0]
    assert kept.split()[: len(shown.split())] == shown.split(), "the shown part is the beginning, cut between words"
    assert shown.endswith(".")


async def test_a_text_without_paragraphs_is_split_between_words(world):
    world.script.says("lighthouse " * 600)
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    shown = body(result).partition("\n\n-# ")[0]
    assert set(shown.split()) <= {"lighthouse", "lighthouse."}


async def test_a_result_that_fits_has_no_file(world):
    world.script.says(build_long_text(2500))
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    assert list_file_names(result) == []
    assert body(result).split() == (await world.generation(result)).text.split()


async def test_a_long_answer_to_a_mention_has_a_file_too(world):
    world.script.says(build_long_text(6000))
    await world.ada.send(world.channel, f"{world.me} {CLEARER}")
    assert [file.filename for file in world.last.attachments] == ["Rewrite.md"]


async def test_a_long_lesson_plan_is_delivered(world):
    usual = world.script.answer

    def answer(messages):
        return usual(messages).replace("celery", "celery " + "and more celery " * 12)

    world.script.answer = answer
    result = await world.ada.slash(world.channel, "lesson", kind="lesson_plan", brief="how plants drink", length="long")
    assert read_title(result.response) == "Lesson plan"
    assert sum(map(len, list_texts(result.response))) <= 4000


PINGS = "@everyone @here <@&1456074443980800014> <@1456074443980800017> come and swim with us at dawn."


@pytest.mark.parametrize("how", ["slash", "mention", "copy", "change"])
async def test_generated_text_never_pings(world, how):
    world.script.says(PINGS)
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    match how:
        case "mention":
            await world.ada.send(world.channel, f"{world.me} {CLEARER}")
        case "copy":
            await tap(world.ben, result, "Copy")
        case "change":
            await tap(world.ada, result, "Another")
    assert "@everyone" in read_message(result)
    bodies = list_message_bodies(world.env)
    assert len(bodies) >= 2
    assert [one for one in bodies if can_notify(one)] == []
    stored = world.env.backend.messages[world.channel.id].values()
    assert not any(message.mention_everyone for message in stored if message.author_id == world.bot.user.id)


async def test_a_ping_in_a_brief_is_not_repeated_as_a_ping(world):
    await world.ada.send(world.channel, f"{world.me} @everyone !!!")
    await world.ada.slash(world.channel, "copy", brief="tweet", kind="@everyone")
    assert "@everyone" in str(list_message_bodies(world.env)[-1])


async def test_drafts_are_shown_without_json_and_can_be_cancelled(world):
    await world.ada.slash(world.channel, "lesson", kind="quiz", brief="magnets")
    drafts = [one for one in list_message_bodies(world.env) if "quill:cancel:" in str(one)]
    assert drafts
    assert not any('{"' in content for draft in drafts for content in list_texts(draft))


async def test_every_kind_can_be_displayed(world):
    from bot.kinds import load_kinds

    commands = {"marketing": "copy", "education": "lesson", "image": "image"}
    for kind in load_kinds().values():
        if kind.family in commands:
            result = await world.ada.slash(world.channel, commands[kind.family], kind=kind.name, brief="tide pools")
            assert read_title(result.response) == kind.title
            assert len(body(result.response)) > 20


async def test_a_result_that_discord_refuses_is_still_stored(world):
    world.env.inject_error("PATCH", "/webhooks/*", status=403, times=None)
    await world.post()
    assert (await world.app.store.generations.count_results_and_votes(str(world.ada.id)))[0] == 1


async def test_a_deleted_persona_does_not_stop_requests(world):
    await world.app.store.profiles.use_persona(str(world.ada.id), "pirate")
    result = await world.post()
    assert read_title(result.response) == "Social post"
    assert "pirate" not in read_message(result.response)


async def test_a_model_failure_is_shown_to_the_requester_only(world):
    world.script.says(EngineError("Scripted is too busy right now. Try again in a minute."))
    result = await world.ada.slash(world.channel, "copy", kind="social_post", brief="we close on Monday")
    assert get_answer(result).ephemeral
    assert read_message(get_answer(result)) == "Scripted is too busy right now. Try again in a minute."
    assert world.channel.history(viewer=world.ben) == []


async def test_a_missing_file_is_shown_to_the_requester_only(world, monkeypatch):
    async def raise_not_found(_url):
        raise discord.NotFound(SimpleNamespace(status=404, reason="Not Found"), "asset not found")

    monkeypatch.setattr(world.bot.http, "get_from_cdn", raise_not_found)
    result = await world.ada.slash(world.channel, "copy", kind="social_post", file=("a.txt", b"Bees dance."))
    assert get_answer(result).ephemeral
    assert read_message(get_answer(result)) == "Discord no longer has that file. Attach it again."


async def test_a_file_in_a_reply_to_a_result_is_used(world):
    await world.ada.send(world.channel, f"{world.me} a tweet that we close on Monday")
    first = world.last
    await world.ada.send(
        world.channel, f"{world.me} say this too", reply_to=first, attachments=[("a.txt", b"Bees dance.")]
    )
    assert "<material>\nBees dance.\n</material>" in world.script.drafts[-1]
    assert "say this too" in world.script.drafts[-1]


async def test_in_a_burst_acknowledgements_precede_work(world):
    """Work that began while many wait to be acknowledged would keep them from it beyond Discord's three seconds."""
    waiting = {f"other-{number}": asyncio.Event() for number in range(20)}
    world.desk.answers.acknowledgements.update(waiting)

    async def check_and_release():
        await asyncio.sleep(0.05)
        assert world.desk.jobs.running_count == 1
        assert not world.script.prompts
        for event in waiting.values():
            event.set()

    result, *_ = await act_at_once(
        world.env, world.post, lambda: wait_until(lambda: world.desk.jobs.running_count), check_and_release
    )
    assert "We close on Monday" in world.script.prompts[0]
    assert read_message(result.response)


@pytest.mark.parametrize("characters", [300, 6000])
async def test_a_result_that_cannot_be_stored_is_shown_in_full_with_the_reason(world, monkeypatch, characters):
    async def raise_disk_full(*_):
        raise StorageError("The disk is full. Make room.")

    text = build_long_text(characters)
    world.script.says(text)
    monkeypatch.setattr(type(world.app.store.generations), "add", raise_disk_full)
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    assert read_title(result) == "Rewrite"
    assert "-# The disk is full. Make room." in list_texts(result)
    assert find_buttons(result) == {}, "they would find nothing"
    last = text.split("\n\n")[-1]
    if characters == 300:
        assert last in read_message(result)
    else:
        assert last in (await result.attachments[0].read()).decode()
        assert "-# Continued in the file below." in list_texts(result)


async def test_on_a_full_disk_running_requests_fail_like_new_ones(world, monkeypatch):
    async def raise_disk_full(*_, **__):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    with monkeypatch.context() as during:
        during.setattr("bot.requests.durable_engine.worker.run_step_async", raise_disk_full)
        under_way = get_answer(
            await world.ada.slash(world.channel, "copy", brief="We close on Monday.", kind="social_post")
        )
    with monkeypatch.context() as before:
        before.setattr("bot.requests.durable_engine.worker.DBOS.start_workflow_async", raise_disk_full)
        fresh = get_answer(
            await world.ada.slash(world.channel, "copy", brief="We close on Monday.", kind="social_post")
        )
    assert read_message(under_way) == read_message(fresh) == UNSAVED


async def test_requests_acknowledged_too_late_are_dropped(world, monkeypatch):
    defer, late = discord.InteractionResponse.defer, True

    async def defer_too_late(response, **options):
        if late:
            answer = SimpleNamespace(status=404, reason="Not Found")
            raise discord.NotFound(answer, {"code": 10062, "message": "Unknown interaction"})
        await defer(response, **options)

    monkeypatch.setattr(discord.InteractionResponse, "defer", defer_too_late)
    before = len(list_message_bodies(world.env))
    await world.ada.slash(world.channel, "copy", brief="We close on Monday.", kind="social_post")
    await wait_until(lambda: not world.desk.jobs.running_count)
    await world.env.settle()
    assert len(list_message_bodies(world.env)) == before, "neither in the channel nor in a direct message"
    assert await world.desk.jobs.count(str(world.ada.id)) <= 1
    late = False
    assert read_message((await world.post()).response), "and the next one is answered"


async def test_variants_that_cannot_be_stored_are_shown_with_the_reason(world, monkeypatch):
    async def raise_disk_full(*_):
        raise StorageError("The disk is full. Make room.")

    result = (await world.post()).response
    monkeypatch.setattr(type(world.app.store.generations), "add", raise_disk_full)
    shown = (await tap(world.ada, result, "Variants")).response
    assert list_texts(shown)[-1].endswith("The disk is full. Make room.")
    assert list_texts(shown)[0] == "### Social post 1"
    assert find_buttons(shown) == {}


async def test_the_checks_of_each_variant_are_on_one_line(world):
    result = (await world.post("we close on Monday, no emoji")).response
    world.script.says(
        format_versions("We close on Monday ☕", "On Monday the door stays shut. ☕ See you on Tuesday for scones.")
    )
    shown = (await tap(world.ada, result, "Variants")).response
    headings = [at for at, text in enumerate(list_texts(shown)) if text.startswith("### ")]
    assert len(headings) == 2
    for at in headings:
        text, checks = list_texts(shown)[at + 1 : at + 3]
        assert checks.startswith("-# ✗ ")
        assert len(text) > 10
        assert "emoji" in checks


async def test_what_to_check_is_shown_below_each_variant(world):
    result = (await world.post()).response
    made = format_versions("We close on Monday, back Tuesday.", "On Monday the door stays shut.")
    world.script.says(f"{made}\n<check>Is Tuesday right?</check>")
    shown = (await tap(world.ada, result, "Variants")).response
    assert len([text for text in list_texts(shown) if text.startswith("### ")]) == 2
    assert "Use this" in find_buttons(shown)
    assert "\n".join(list_texts(shown)).count("-# To check: Is Tuesday right?") == 2


async def test_versions_that_a_brief_asks_for_are_one_text(world):
    made = "**Dry:** On Monday the door stays shut.\n\n---\n\n**Warm:** We close on Monday, back Tuesday."
    world.script.says(made)
    brief = "two versions of a tweet, one dry and one warm: we close on Monday"
    shown = (await world.ada.slash(world.channel, "copy", brief=brief, kind="social_post")).response
    assert body(shown).endswith(made)
    assert (await world.generation(shown)).text == made


async def request_long_variants(world):
    """Return the message that shows three long texts, and these texts."""
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    made = [build_long_text(6000).replace("gulls", animal) for animal in ("seals", "otters", "herons")]
    world.script.says(format_versions(*made))
    return (await tap(world.ada, result, "Variants")).response, made


async def test_long_variants_are_shown_in_part_and_attached_in_full(world):
    shown, made = await request_long_variants(world)
    assert sum(map(len, list_texts(shown))) <= 4000
    headings = [text for text in list_texts(shown) if text.startswith("### ")]
    assert headings == ["### Rewrite 1", "### Rewrite 2", "### Rewrite 3"]
    assert list_texts(shown).count("-# Continued in the file below.") == 3
    assert list_file_names(shown) == ["Variants.md"]
    [file] = [part for part in walk_components(get_components(shown)) if part["type"] == FILE]
    assert file["file"]["url"] == shown.attachments[0].url
    whole = (await shown.attachments[0].read()).decode()
    assert all(text in whole for text in made)
    assert "# Rewrite 3\n" in whole


async def test_a_picked_long_variant_is_shown_as_a_long_result(world):
    shown, made = await request_long_variants(world)
    used = (await world.ada.click(shown, custom_id=find_buttons(shown)["Use this"])).response
    assert read_title(used) == "Rewrite"
    assert list(find_buttons(used))[:5] == ["Change…", "Another", "Download", "Submit for review", "More…"]
    assert "-# Continued in the file below." in list_texts(used)
    assert list_file_names(used) == ["Rewrite.md"]
    kept = (await world.generation(used)).text
    assert kept in made
    assert kept in (await used.attachments[0].read()).decode()


async def test_short_variants_are_complete_and_need_no_file(world):
    result = (await world.ada.slash(world.channel, "ask", question=CLEARER)).response
    short = "We swim at dawn with the herons and are home for tea."
    world.script.says(format_versions(build_long_text(6000), short, build_long_text(2000).replace("gulls", "seals")))
    shown = (await tap(world.ada, result, "Variants")).response
    assert short in list_texts(shown)
    assert list_file_names(shown) == ["Variants.md"]
    uses = [
        part["custom_id"] for part in walk_components(get_components(shown)) if ":use:" in part.get("custom_id", "")
    ]
    headed = [text for text in list_texts(shown) if not text.startswith("-# ")]
    place = int(headed[headed.index(short) - 1].removeprefix("### Rewrite "))
    used = (await world.ada.click(shown, custom_id=uses[place - 1])).response
    assert body(used) == short
    assert list_file_names(used) == []


async def test_user_text_cannot_create_links_headings_or_reversed_words(world):
    await world.app.store.profiles.update(
        str(world.ada.id),
        lambda _known: Profile(organisation="# HUGE\n[Fresh rolls](https://other.example/rolls)", audience="all\u202e"),
    )
    world.script.says("News. See [our page](https://other.example/page) gnp\u202e.exe today")
    seen = read_message((await world.ada.slash(world.channel, "copy", brief="our news", kind="social_post")).response)
    assert "our page (https://other.example/page)" in seen, "a link shows where it goes"
    assert not re.search(r"(?<!\\)\[[^\]\n]*\]\(", seen)
    assert "\u202e" not in seen
    assert not re.search(r"(?m)^# HUGE", seen)
