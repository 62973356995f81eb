"""A quiz is practised in a direct message and set as homework, in a thread of each pupil's own."""

from __future__ import annotations

import csv
import io

import discord
import pytest
from acting import act_at_once
from discord_texts import (
    find_button_id,
    find_fields,
    get_answer,
    get_components,
    list_message_bodies,
    read_message,
    walk_components,
)
from quizzing import ITEMS, give_quiz, list_button_labels, read_private_answer, restart_process, use_simulated_time

from bot.commands.quiz import homework as module
from bot.team.workspace.roles import Role
from bot.team.workspace.settings import WorkspaceSettings

pytestmark = pytest.mark.looking

DAY = 24 * 3600.0


@pytest.fixture(autouse=True)
def simulated(world, monkeypatch):
    use_simulated_time(world, world.app)
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0.0)


@pytest.fixture
def pupils(world):
    """A role of pupils, and two who have it."""
    role = world.guild.create_role("class 7b")
    return role, [world.guild.add_member(world.env.create_user(name), roles=[role]) for name in ("cleo", "dora")]


async def press(who, channel, label):
    """Press the button with a label prefix in a channel's last message; read the private answer."""
    message = channel.last_message
    return read_private_answer(await who.click(message, custom_id=find_button_id(message, label)))


async def write(who, channel, text):
    shown = await who.click(channel.last_message, label="Answer…")
    [field] = find_fields(shown.modal).values()
    return read_private_answer(await who.submit_modal(shown, {field["custom_id"]: text}))


async def start_practice(world):
    await give_quiz(world)
    answer = get_answer(await world.ada.slash(world.channel, "quiz practice"))
    assert read_message(answer) == "I have sent you a direct message."
    return world.ada.user, world.ada.user.dm_channel


async def test_questions_come_in_turn_and_wrong_ones_again_at_the_end(world):
    ada, dm = await start_practice(world)
    assert "### ✏️ Magnets and more · 0/5" in read_message(dm.last_message)
    assert "**Which of these does a magnet pull?**\n**A** a spoon of wood" in read_message(dm.last_message)
    await press(ada, dm, "A")
    page = read_message(dm.last_message)
    assert "❌ Not right: a spoon of wood. The answer is an iron nail." in page
    assert "-# It will come up again at the end." in page
    assert "💡 Magnets pull iron." in page
    assert "**Two north poles pull each other.**" in page
    await press(ada, dm, "B")
    assert "### ✏️ Magnets and more · 1/5" in read_message(dm.last_message)
    assert "✅ Right: False" in read_message(dm.last_message)
    await ada.select(dm.last_message, values=["0", "2"])
    await write(ada, dm, "Paris")
    await write(ada, dm, "3,50")
    assert "**Which of these does a magnet pull?**" in read_message(dm.last_message)
    await press(ada, dm, "B")
    assert "🏁 Done: 4 of 5 right on the first try." in read_message(dm.last_message)
    assert list_button_labels(dm.last_message) == ["Again"]
    known = await world.app.store.games.load_mastery(str(world.ada.id))
    assert known[str(world.ada.id)]["what magnets pull"] == [-33]
    assert await world.app.store.games.load_mastery(f"guild:{world.guild.id}") == {}, "what one practises is their own"
    await press(ada, dm, "Again")
    assert "### ✏️ Magnets and more · 0/5" in read_message(dm.last_message)


async def test_practice_survives_a_restart_and_ignores_a_second_press(world, settings, script):
    ada, dm = await start_practice(world)
    await press(ada, dm, "B")
    async with restart_process(world, settings, script, after=3600):
        message = dm.last_message
        wrong = find_button_id(message, "A")
        results = await act_at_once(world.env, *[lambda: ada.click(message, custom_id=wrong)] * 2)
        told_them = [
            read_private_answer(one) or read_message(one.response or one.followups[-1])
            for one in results
            if one.response or one.followups
        ]
        assert any("You have already answered that." in one for one in told_them)
        assert "### ✏️ Magnets and more · 1/5" in read_message(dm.last_message)
        assert "❌ Not right: True. The answer is False." in read_message(dm.last_message)


async def test_unreachable_and_paused_users_are_refused_with_a_reason(world):
    await give_quiz(world)
    await world.app.store.people.pause(str(world.ada.id))
    refused = get_answer(await world.ada.slash(world.channel, "quiz practice"))
    assert (
        read_message(refused) == "You have paused me, so I save nothing about you. Use /privacy resume to change that."
    )


async def test_a_teacher_is_told_who_could_not_be_given_homework(world, pupils):
    _, (cleo, dora) = pupils
    await give_quiz(world, items=ITEMS[:1])
    await world.app.store.people.pause(str(dora.id))
    page = get_answer(await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00"))
    [menu] = [part for part in walk_components(get_components(page)) if part.get("type") == 5]
    listed = read_message(get_answer(await world.ada.select(page, custom_id=menu["custom_id"], values=[cleo, dora])))
    assert "Finished: 0 of 1." in listed
    assert f"Could not be given to:\n<@{dora.id}>: has paused me, so I cannot save anything" in listed
    assert set(find_threads(world)) == {"cleo"}


def find_threads(world):
    """Map pupils to their threads."""
    return {one.name.rpartition("· ")[2]: one for one in world.channel.threads}


async def test_pupils_get_their_own_threads_and_the_teacher_sees_who_finished(world, pupils):
    _, (cleo, dora) = pupils
    await give_quiz(world, items=ITEMS[:2])
    page = get_answer(await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00"))
    assert page.ephemeral
    assert "Choose up to 25 pupils." in read_message(page)
    [menu] = [part for part in walk_components(get_components(page)) if part.get("type") == 5]
    shown = await world.ada.select(page, custom_id=menu["custom_id"], values=[cleo, dora])
    listed = get_answer(shown)
    assert "Finished: 0 of 2." in read_message(listed)
    threads = find_threads(world)
    assert set(threads) == {"cleo", "dora"}
    private = [one for one in world.env.backend.channels.values() if one.id in [t.id for t in threads.values()]]
    assert {int(one.type) for one in private} == {int(discord.ChannelType.private_thread.value)}
    await press(cleo, threads["cleo"], "B")
    await press(cleo, threads["cleo"], "B")
    assert "🏁 Done: 2 of 2 right on the first try." in read_message(threads["cleo"].last_message)
    await press(dora, threads["dora"], "A")
    assert "No homework is set" in read_message(get_answer(await world.ben.slash(world.channel, "quiz progress"))), (
        "he set none"
    )
    role = pupils[0]
    teachers = WorkspaceSettings(roles={Role.EDITOR: (str(role.id),)}).to_json()
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: teachers)
    page = get_answer(await dora.slash(world.channel, "quiz progress"))
    assert "Finished: 1 of 2." in read_message(page), "whom /setup has made an editor sees all of it"
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: {})
    for label in ("Refresh", "Withdraw", "Results (.csv)"):
        assert read_message(get_answer(await dora.click(page, label=label))).startswith("Only the person who set that")
    page = get_answer(await world.ada.slash(world.channel, "quiz progress"))
    listed = read_message(page)
    assert "Finished: 1 of 2." in listed
    table = get_answer(await world.ada.click(page, label="Results (.csv)"))
    assert table.ephemeral
    rows = list(csv.reader(io.StringIO((await table.attachments[0].read()).decode("utf-8-sig"))))
    assert rows[0][:5] == ["Name", "Answered", "Right", "Finished", "Late"]
    marks = {row[0]: [row[1], row[2], bool(row[3]), *row[4:]] for row in rows[1:]}
    assert marks == {"cleo": ["2", "2", True, "", "right", "right"], "dora": ["1", "0", False, "", "wrong", ""]}
    assert f"✅ <@{cleo.id}> · finished · 2 of 2 right" in listed
    assert f"▫️ <@{dora.id}> · 1 of 2 answered · 0 of 2 right" in listed
    for days in (3, 4):
        use_simulated_time(world, world.app, days * DAY)
        await world.env.advance_time(61)
    listed = read_message(get_answer(await world.ada.slash(world.channel, "quiz progress")))
    assert f"🔴 <@{dora.id}> · 1 of 2 answered, late" in listed
    messages = [read_message(one) for one in threads["dora"].history()]
    assert [one for one in messages if "You have not finished your homework yet." in one], "she was reminded"
    assert not [one for one in map(read_message, threads["cleo"].history()) if "not finished" in one]
    asked = next(one for one in threads["dora"].history() if "Magnets" in read_message(one))
    for label in ("B", "B"):
        now = next(one for one in threads["dora"].history() if one.id == asked.id)
        await dora.click(now, custom_id=find_button_id(now, label))
    listed = read_message(get_answer(await world.ada.slash(world.channel, "quiz progress")))
    assert f"🟠 <@{dora.id}> · finished late · 1 of 2 right" in listed
    known = await world.app.store.games.load_mastery(f"guild:{world.guild.id}")
    assert known[str(dora.id)] == {"what magnets pull": [-33], "poles": [50]}


async def test_members_of_a_role_take_homework_by_a_button_without_a_ping(world, pupils):
    role, (cleo, _) = pupils
    await give_quiz(world, items=ITEMS[:2])
    before = len(list_message_bodies(world.env))
    shown = get_answer(await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00", pupils=role))
    assert not shown.ephemeral
    assert f"For <@&{role.id}>: press the button" in read_message(shown)
    assert list_message_bodies(world.env)[before]["allowed_mentions"]["parse"] == []
    refused = get_answer(await world.ben.click(shown, label="Get my questions"))
    assert refused.ephemeral
    assert read_message(refused) == "That homework was not set for you."
    given = await act_at_once(world.env, *[lambda: cleo.click(shown, label="Get my questions")] * 2)
    threads = find_threads(world)
    assert set(threads) == {"cleo"}, "pressed twice, made once"
    first, second = sorted(
        (read_message(get_answer(one)) for one in given), key=lambda one: not one.startswith("Here are")
    )
    assert first == f"Here are your questions: <#{threads['cleo'].id}>"
    assert "already" in second, "who was second is told"
    again = get_answer(await cleo.click(shown, label="Get my questions"))
    assert again.ephemeral
    assert read_message(again) == f"You already have your questions: <#{threads['cleo'].id}>"
    page = get_answer(await world.ada.slash(world.channel, "quiz progress"))
    [menu] = [part for part in walk_components(get_components(page)) if part.get("type") == 5]
    listed = read_message(get_answer(await world.ada.select(page, custom_id=menu["custom_id"], values=[cleo])))
    assert f"<@{cleo.id}>: already has it" in listed


async def test_homework_is_sent_directly_if_no_thread_can_be_created(world, pupils):
    _, (cleo, _) = pupils
    denied = {world.guild.default_role: discord.PermissionOverwrite(create_private_threads=False)}
    world.channel = world.guild.create_text_channel("no-threads", overwrites=denied)
    await give_quiz(world, items=ITEMS[:1])
    await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00", pupils=cleo)
    assert world.channel.threads == []
    await press(cleo.user, cleo.user.dm_channel, "B")
    assert "🏁 Done: 1 of 1" in read_message(cleo.user.dm_channel.last_message)
    await world.app.store.people.forget(str(cleo.id))
    listed = read_message(get_answer(await world.ada.slash(world.channel, "quiz progress")))
    assert "Finished: 0 of 0." in listed
    page = get_answer(await world.ada.slash(world.channel, "quiz progress"))
    asked = get_answer(await world.ada.click(page, label="Withdraw"))
    assert read_message(asked) == (
        "Withdraw “Magnets and more” from all pupils (0)? So far 0 have finished it; all answers will be deleted."
    )
    page = get_answer(await world.ada.click(asked, label="Keep it"))
    assert "Finished: 0 of 0." in read_message(page)
    asked = get_answer(await world.ada.click(page, label="Withdraw"))
    gone = get_answer(await world.ada.click(asked, label="Delete for everybody"))
    assert read_message(gone) == "The homework has been withdrawn, and all its answers are deleted."
    assert read_message(get_answer(await world.ada.slash(world.channel, "quiz progress"))).startswith(
        "No homework is set"
    )


async def test_only_who_may_set_homework_sees_the_progress_of_others(world, pupils):
    _, (cleo, _) = pupils
    await give_quiz(world, items=ITEMS[:1])
    await give_quiz(world, world.ben, items=ITEMS[:1])
    await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00", pupils=cleo)
    page = get_answer(await world.ada.slash(world.channel, "quiz progress"))
    other = (await world.app.workspaces.load_settings(str(world.guild.id))).model_copy(
        update={"default_role": Role.VIEWER}
    )
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: other.to_json())
    said_no = "Only editors and owners can do that here. Here, that means everyone who can manage this server."
    for act in (
        lambda: world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00", pupils=cleo),
        lambda: world.ada.slash(world.channel, "quiz progress"),
        lambda: world.ada.click(page, label="Refresh"),
        lambda: world.ada.click(page, label="Withdraw"),
    ):
        assert read_message(get_answer(await act())) == said_no
    thread = find_threads(world)["cleo"]
    await expect_refusal_in_thread(world, thread)


async def expect_refusal_in_thread(world, thread):
    """Expect that a member who is in a pupil's thread, but is not the pupil, cannot answer there."""
    message = thread.last_message
    boss = world.guild.add_member(
        world.env.create_user("boss"),
        roles=[world.guild.create_role("boss", permissions=discord.Permissions(manage_threads=True))],
    )
    refused = read_private_answer(await boss.click(message, custom_id=find_button_id(message, "B")))
    assert refused == "These questions are for someone else. Get your own with /quiz practice."


async def test_homework_refuses_past_and_recurring_due_times(world, pupils):
    _, (cleo, _) = pupils
    await give_quiz(world, items=ITEMS[:1])
    for due, why in (("every Monday 8:00", "Homework is due only once."), ("yesterday 8:00", "has passed")):
        refused = get_answer(await world.ada.slash(world.channel, "quiz homework", due=due, pupils=cleo))
        assert why in read_message(refused)
