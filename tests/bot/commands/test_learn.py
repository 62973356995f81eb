"""Somebody learns alone with /learn: what is asked next, hints, progress, what a teacher sees of it, and a restart in between."""

from __future__ import annotations

import io
from typing import Any

import pytest
from acting import act_at_once, tap
from discord_texts import (
    find_button_id,
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    read_message,
    walk_components,
)
from PIL import Image
from quizzing import ITEMS, give_quiz, list_button_labels, read_private_answer, restart_process, use_simulated_time

from bot.team.classroom.course import Course
from bot.team.workspace.roles import Member, Role
from bot.team.workspace.settings import WorkspaceSettings
from storage.generations import Generation

DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def simulated(world):
    use_simulated_time(world, world.app)


async def course_of(world: Any, who: Any) -> Course:
    [kept] = await world.app.store.courses.list_all(str(who.id))
    return Course.from_json(kept.value)


async def press(who: Any, page: Any, label: str) -> Any:
    """Press a button; return the message in its new state."""
    return get_answer(await who.click(page, custom_id=find_button_id(page, label)))


async def answer_question(world: Any, who: Any, page: Any, *, right: bool = True) -> Any:
    """Answer the open question, right or wrong; return the message in its new state."""
    one = (await course_of(world, who)).item.question
    if one.form in ("short_answer", "numeric"):
        form = await who.click(page, label="Answer…")
        [field] = find_fields(form.modal).values()
        return get_answer(await who.submit_modal(form, {field["custom_id"]: one.options[0] if right else "not that"}))
    if len(one.correct) > 1:
        return get_answer(
            await who.select(page, values=[str(at) for at in (one.correct if right else one.correct[:1])])
        )
    place = next(at for at in range(len(one.options)) if (at in one.correct) == right)
    return await press(who, page, f"{'ABCD'[place]} ·")


async def test_a_learner_practises_a_quiz_with_hints_until_all_is_asked(world):
    await give_quiz(world)
    answer = await world.ada.slash(world.channel, "learn")
    page = get_answer(answer)
    assert page.ephemeral
    assert read_message(page).startswith("### 🎓 Magnets and more\n-# Objectives known: 0 of 5 · 0 answers")
    assert "I ask what is due first" in read_message(page)
    assert list_button_labels(page)[-4:] == ["Hint", "I know this", "My progress", "Stop"]
    one = (await course_of(world, world.ada)).item.question
    assert one.text == "Which of these does a magnet pull?"

    page = await press(world.ada, page, "Hint")
    assert r"💡 Magnets pull \_\_\_\_." in read_message(page)
    page = await press(world.ada, page, "Hint")
    assert read_message(page).count("~~") == 2, "a wrong option is struck out"
    out = [part for part in walk_components(get_components(page)) if part.get("disabled")]
    assert len(out) == 1
    assert out[0]["label"][4:] != "an iron nail"
    page = await press(world.ada, page, "Show the answer")
    assert "💡 The answer is an iron nail." in read_message(page)
    known = (await world.app.store.games.load_mastery(str(world.ada.id)))[str(world.ada.id)]
    assert known == {"what magnets pull": [-33]}, "who had the answer shown did not know it"

    page = await answer_question(world, world.ada, page, right=False)
    assert "❌ Not right: True. The answer is False." in read_message(page)
    assert "💡 Poles of the same kind push each other away." in read_message(page)
    page = await answer_question(world, world.ada, page)
    assert "✅ Right: " in read_message(page)
    page = await press(world.ada, page, "I know this")
    assert "☑️ Marked as known: Paris" in read_message(page)
    page = await press(world.ada, page, "Hint")
    page = await press(world.ada, page, "Hint")
    assert "💡 It starts with: 3··" in read_message(page)
    page = await answer_question(world, world.ada, page)
    assert "🏁 That is all for now. The next question is due <t:" in read_message(page)
    assert list_button_labels(page) == ["Continue anyway", "My progress", "Show my teacher", "Delete this course"]
    known = (await world.app.store.games.load_mastery(str(world.ada.id)))[str(world.ada.id)]
    assert (known["capitals"], known["even numbers"]) == ([50], [14])
    assert known["halves"][0] > 25, "after two hints it says less"
    assert await world.app.store.games.load_mastery(f"guild:{world.guild.id}") == {}, "what one learns is their own"

    use_simulated_time(world, world.app, later=11 * 60)
    assert (await course_of(world, world.ada)).open_number is None
    page = get_answer(await world.ada.slash(world.channel, "learn"))
    assert "magnet pull" in read_message(page), "what was not known is due first"
    stopped = await press(world.ada, page, "Stop")
    assert list_button_labels(stopped)[0] == "Continue"
    sure = await press(world.ada, stopped, "Delete")
    assert "Delete the course “Magnets and more”" in read_message(sure)
    gone = await press(world.ada, sure, "Delete")
    assert "Deleted. Your progress on each objective is kept." in read_message(gone)
    assert await world.app.store.courses.list_all(str(world.ada.id)) == []


async def test_progress_is_a_picture_with_text_and_teachers_see_what_is_shared(world):
    await give_quiz(world, items=ITEMS[:2])
    await give_quiz(world, world.ben, items=ITEMS[:2])
    page = get_answer(await world.ben.slash(world.channel, "learn"))
    page = await answer_question(world, world.ben, page)
    drawn = await press(world.ben, page, "My progress")
    [gallery] = [part for part in walk_components(get_components(drawn)) if part.get("type") == 12]
    assert gallery["items"][0]["description"].splitlines() == [
        "Magnets and more",
        ("How likely it is that you know each objective, judging by your answers; past the line, it counts as known."),
        "poles: 20%, 0 of 1 asked",
        "what magnets pull: 46%, 1 of 1 asked",
    ]
    body = await drawn.attachments[0].read()
    with Image.open(io.BytesIO(body)) as opened:
        assert opened.width >= 1000
    words = await press(world.ben, drawn, "As text")
    assert "⚪ **46%** what magnets pull · 1 of 1 asked" in read_message(words)
    assert not words.attachments
    page = await press(world.ben, words, "Back")

    role = world.guild.create_role("teachers")
    teacher = world.guild.add_member(world.env.create_user("tess"), roles=[role])
    await world.app.store.workspace_settings.change(
        str(world.guild.id), lambda _: WorkspaceSettings(roles={Role.EDITOR: (str(role.id),)}).to_json()
    )
    assert "No data yet" in read_message(get_answer(await teacher.slash(world.channel, "quiz mastery")))
    page = await press(world.ben, page, "Stop")
    page = await press(world.ben, page, "Show my teacher")
    assert "Teachers here can see in /quiz mastery how well you know this. Nobody sees your answers." in read_message(
        page
    )
    page = await press(world.ben, page, "Hide from my teacher")
    assert "No data yet" in read_message(get_answer(await teacher.slash(world.channel, "quiz mastery")))
    page = await press(world.ben, page, "Show my teacher")
    seen = get_answer(await teacher.slash(world.channel, "quiz mastery"))
    assert f"🟠 <@{world.ben.id}> · 46% · 1 of 1 right" in read_message(seen)
    assert "No data yet" in read_message(get_answer(await world.ada.slash(world.channel, "quiz mastery")))


async def test_a_study_session_survives_a_restart_and_counts_the_first_press(world, settings, script):
    cards = [
        {"front": word, "back": back}
        for word, back in (("dog", "Hund"), ("cat", "Katze"), ("cow", "Kuh"), ("hen", "Huhn"))
    ]
    await world.app.store.generations.add(
        Generation(
            id="deck",
            user_id=str(world.ada.id),
            kind="flashcards",
            request={"brief": "animals"},
            text="## Animals",
            parts={"title": "Animals", "cards": cards},
            checks=[],
            persona="Host",
            engine="scripted",
            seed=1,
            seconds=0.5,
            guild_id=str(world.guild.id),
            channel_id=str(world.channel.id),
        )
    )
    offered = await world.ada.autocomplete(world.channel, "learn", "what", "anim")
    page = get_answer(await world.ada.slash(world.channel, "learn", what=offered[0]["value"]))
    assert "**dog**" in read_message(page)
    assert sorted(label[4:] for label in list_button_labels(page)[:4]) == ["Huhn", "Hund", "Katze", "Kuh"]
    async with restart_process(world, settings, script, after=3600):
        right, wrong = (
            find_button_id(page, f"{'ABCD'[at]} ·")
            for at in find_places((await course_of(world, world.ada)).item.question)
        )
        results = await act_at_once(
            world.env, *(lambda c=c: world.ada.click(page, custom_id=c) for c in (right, wrong))
        )
        refused = [one for one in results if "You have already answered that." in read_private_answer(one)]
        assert len(refused) == 1
        course = await course_of(world, world.ada)
        assert course.answer_count == 1
        assert len(course.memories) == 1
        again = get_answer(await world.ada.slash(world.channel, "learn", what="Animals"))
        assert "1 answer" in read_message(again), "the same course goes on"
        assert len(await world.app.store.courses.list_all(str(world.ada.id))) == 1
        await world.app.store.people.pause(str(world.ada.id))
        paused = read_private_answer(await world.ada.click(again, custom_id=find_button_id(again, "I know")))
        assert "You have paused me" in paused


def find_places(question: Any) -> tuple[int, int]:
    """Return the indices of the right option and of a wrong one."""
    [right] = question.correct
    return right, (right + 1) % len(question.options)


async def test_questions_are_made_from_documents_or_their_absence_is_reported(world):
    nothing = get_answer(await world.ada.slash(world.channel, "learn"))
    assert "You have no quizzes or flashcards yet. Make some with /lesson," in read_message(nothing)
    unknown = get_answer(await world.ada.slash(world.channel, "learn", what="wasps"))
    assert 'There is no quiz or deck called "wasps" here.' in read_message(unknown)
    unsaid = get_answer(await world.ada.slash(world.channel, "learn", about="magnets"))
    assert "Your documents say nothing about that." in read_message(unsaid)
    await world.app.knowledge.add(
        str(world.ada.id), "me", "magnets.txt", b"Magnets pull iron. A compass needle is a small magnet."
    )
    result = (await world.ada.slash(world.channel, "learn", about="magnets")).response
    assert "Play…" in find_buttons(result)
    ways = (await tap(world.ada, result, "Play…")).response
    page = get_answer(await world.ada.click(ways, label="Learn it"))
    assert read_message(page).startswith("### 🎓 ")
    assert (await course_of(world, world.ada)).open_number is not None


async def test_viewers_are_told_what_they_can_do_instead(world):
    owner = Member("1", manages=True)
    await world.app.workspaces.change(
        str(world.guild.id), owner, lambda known: known.with_values(default_role="viewer")
    )
    for command, named in (
        ("learn", {}),
        ("learn", {"what": "wasps"}),
        ("quiz practice", {}),
        ("quiz practice", {"quiz": "x"}),
    ):
        refusal = read_message(get_answer(await world.ada.slash(world.channel, command, **named)))
        assert refusal.startswith("There is no such quiz or deck for you here. You can only read in this server,")
        assert "direct message with me, where /lesson is open to you" in refusal
    world.script.says("1. What do magnets attract?\n- [x] Iron\n- [ ] Wood")
    made = await world.ada.user.slash("lesson", kind="quiz", brief="one question on magnets")
    assert not read_message(get_answer(made)).startswith("You can only read")
