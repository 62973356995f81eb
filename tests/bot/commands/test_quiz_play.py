"""A quiz is played in a channel: asked by its host, answered by all, fair to late clicks, and going on after a restart."""

from __future__ import annotations

import csv
import io

import discord
import pytest
from acting import act_at_once, act_in_language, tap
from discord_texts import find_buttons, find_fields, get_answer, get_components, read_message, walk_components
from PIL import Image
from planning import submit
from quizzing import (
    ITEMS,
    give_quiz,
    list_button_labels,
    press_button,
    read_private_answer,
    refetch_message,
    restart_process,
    use_simulated_time,
)

from bot.errors import RefusedError
from bot.exports._lettering import PAPER
from bot.team.workspace.roles import Member, Role

pytestmark = pytest.mark.looking


@pytest.fixture(autouse=True)
def simulated(world):
    use_simulated_time(world, world.app)


@pytest.fixture
def cleo(world):
    return world.guild.add_member(world.env.create_user("cleo"))


async def start_game(world, **options):
    """Start a game of Ada's; return its message, with the first question open."""
    await give_quiz(world)
    lobby = (await world.ada.slash(world.channel, "quiz play", **options)).response
    await press_button(world, world.ada, lobby, "Start")
    return lobby


async def pick(world, who, message, *values):
    now = refetch_message(world, message)
    return read_private_answer(await who.select(now, values=list(values)))


async def write(world, who, message, text):
    """Answer in writing."""
    now = refetch_message(world, message)
    shown = await who.click(now, label="Answer…")
    [field] = find_fields(shown.modal).values()
    return read_private_answer(await who.submit_modal(shown, {field["custom_id"]: text}))


async def test_a_full_game_ends_with_a_scoreboard_a_picture_and_a_table(world, cleo):
    await give_quiz(world)
    shown = await world.ada.slash(world.channel, "quiz play", seconds=20)
    lobby = shown.response
    assert not lobby.ephemeral
    assert "### 🎮 Magnets and more\n5 questions, 20 seconds each." in read_message(lobby)
    assert list_button_labels(lobby) == ["Start", "End the quiz"]
    refused = await press_button(world, world.ben, lobby, "Start")
    assert refused == (
        "Only the person who started the quiz can do that. You answer with the buttons below each question."
    )

    await press_button(world, world.ada, lobby, "Start")
    page = read_message(refetch_message(world, lobby))
    assert "### 1/5 · Which of these does a magnet pull?" in page
    assert "**B** an iron nail" in page
    assert "⏳ Answers close <t:" in page
    assert "0 people have answered." in page
    assert await press_button(world, world.ada, lobby, "B") == "Answer saved: B."
    await world.env.advance_time(10)
    assert "1 person has answered." in read_message(refetch_message(world, lobby))
    assert await press_button(world, world.ben, lobby, "B") == "Answer saved: B."
    assert await press_button(world, world.ben, lobby, "A") == "Only your first answer counts, so this one was ignored."
    assert await press_button(world, cleo, lobby, "A") == "Answer saved: A."
    await world.env.advance_time(12.5)
    page = read_message(refetch_message(world, lobby))
    assert "✅ **B** an iron nail · 2" in page
    assert "▫️ **A** a spoon of wood · 1" in page
    assert "💡 Magnets pull iron." in page
    assert f"🥇 <@{world.ada.id}> · 1,000 points\n🥈 <@{world.ben.id}> · 750 points\n3. <@{cleo.id}> · 0 points" in page
    assert list_button_labels(refetch_message(world, lobby)) == ["Next question", "End the quiz", "My rank"]
    places = await press_button(world, cleo, lobby, "My rank")
    assert "**You: rank 3 of 3, 0 points, 0 of 1 right**" in places, "to whoever asks alone, before the end"
    assert f"🥇 <@{world.ada.id}> · 1,000 points" in places

    await press_button(world, world.ada, lobby, "Next")
    await press_button(world, world.ben, lobby, "B")
    await press_button(world, world.ada, lobby, "Close question")
    await world.env.advance_time(3)
    assert "✅ **B** False · 1" in read_message(refetch_message(world, lobby)), "closed before its time"

    await press_button(world, world.ada, lobby, "Next")
    assert await pick(world, world.ben, lobby, "0", "2") == "Answer saved: A, C."
    assert await pick(world, cleo, lobby, "0") == "Answer saved: A."
    await world.env.advance_time(22.5)
    await press_button(world, world.ada, lobby, "Next")
    assert await write(world, cleo, lobby, " paris ") == "Answer saved: paris."
    assert await write(world, world.ada, lobby, "Rome") == "Answer saved: Rome."
    await world.env.advance_time(22.5)
    assert "✅ Right: Paris\n1 right, 1 wrong" in read_message(refetch_message(world, lobby))
    await press_button(world, world.ada, lobby, "Next")
    assert await write(world, cleo, lobby, "3,5") == "Answer saved: 3,5."
    await world.env.advance_time(22.5)
    assert list_button_labels(refetch_message(world, lobby)) == ["Show the results", "End the quiz", "My rank"]

    await press_button(world, world.ada, lobby, "Show")
    over = refetch_message(world, lobby)
    assert "### 🏁 Magnets and more\n5 questions · 3 players" in read_message(over)
    assert f"🥇 <@{world.ben.id}> · 2,750 points" in read_message(over)
    [gallery] = [part for part in walk_components(get_components(over)) if part.get("type") == 12]
    words = gallery["items"][0]["description"]
    assert words.splitlines()[:2] == ["Magnets and more", "1. ben: 2,750 points, 3 of 5 right"]
    [picture] = over.attachments
    with Image.open(io.BytesIO(await picture.read())) as opened:
        assert opened.size[0] == 1200
        assert opened.convert("RGB").getpixel((2, 2)) == tuple(bytes.fromhex(PAPER[1:])), "it is not seen through"
    assert list_button_labels(over) == ["Full ranking", "Results (.csv)"]

    refused = await press_button(world, world.ben, lobby, "Results")
    assert refused.startswith("Only the person who started the quiz")
    given = get_answer(await world.ada.click(over, label="Results (.csv)"))
    assert given.ephemeral
    table = list(csv.reader(io.StringIO((await given.attachments[0].read()).decode("utf-8-sig"))))
    assert table[0][:6] == ["Rank", "Name", "Points", "Right", f"1. {ITEMS[0]['question']}", "1. seconds"]
    assert table[1][:6] == ["1", "ben", "2750", "3", "right", "10.0"]
    assert {row[1] for row in table[1:]} == {"ada", "ben", "cleo"}
    places = await press_button(world, world.ben, lobby, "Full ranking")
    assert f"🥉 <@{world.ada.id}> · 1,000 points" in places
    assert "**You: rank 1 of 3, 2,750 points, 3 of 5 right**" in places
    assert await press_button(world, world.ben, lobby, "Full ranking") == places

    known = await world.app.store.games.load_mastery(f"guild:{world.guild.id}")
    assert known[str(world.ben.id)] == {"what magnets pull": [33], "poles": [50], "even numbers": [14]}
    assert known[str(world.ada.id)] == {"what magnets pull": [33], "capitals": [-5]}


async def test_a_click_before_the_deadline_counts_even_if_handled_after_it(world):
    lobby = await start_game(world, seconds=10)
    now = refetch_message(world, lobby)
    b = next(one for name, one in find_buttons(now).items() if name.startswith("B"))
    await world.env.advance_time(9)
    answer = world.app.store.games.record_answer

    async def handled_late(*args):
        world.env.backend.clock.advance(1.2)  # Past the deadline, within the grace.
        return await answer(*args)

    world.app.store.games.record_answer = handled_late
    assert read_private_answer(await world.ben.click(now, custom_id=b)) == "Answer saved: B."
    world.app.store.games.record_answer = answer
    late = await world.ada.click(now, custom_id=b)
    assert read_private_answer(late) == "That came after time was up, so it does not count."
    await world.env.advance_time(4)
    page = read_message(refetch_message(world, lobby))
    assert f"🥇 <@{world.ben.id}> · 550 points" in page
    assert f"<@{world.ada.id}>" not in page
    place = (str(world.guild.id), str(world.channel.id), Member(str(world.ada.id)))
    [[kept, _]] = await world.app.live_quizzes.list_live()
    with pytest.raises(RefusedError, match="is closed"):
        await world.app.live_quizzes.answer(kept.id, *place, 0, "1", world.env.backend.snowflake())


async def test_concurrent_presses_count_once_per_player_in_discords_order(world):
    lobby = await start_game(world)
    pupils = [world.guild.add_member(world.env.create_user(f"pupil{n}")) for n in range(15)]
    now = refetch_message(world, lobby)
    b, a = (next(one for name, one in find_buttons(now).items() if name.startswith(letter)) for letter in "BA")
    acts = [lambda who=who, one=one: who.click(now, custom_id=one) for who in pupils for one in (b, a)]
    results = await act_at_once(world.env, *acts)
    told_them = [read_private_answer(one) for one in results]
    assert told_them[::2] == ["Answer saved: B."] * 15, "the press that Discord saw first, whichever is handled first"
    await world.env.advance_time(23)
    page = read_message(refetch_message(world, lobby))
    assert "✅ **B** an iron nail · 15" in page
    assert "▫️ **A** a spoon of wood · 0" in page


async def test_the_first_of_two_presses_of_next_wins_and_the_second_is_refused(world):
    lobby = await start_game(world)
    await press_button(world, world.ada, lobby, "Close")
    await world.env.advance_time(3)
    now = refetch_message(world, lobby)
    results = await act_at_once(world.env, *[lambda: world.ada.click(now, label="Next question")] * 2)
    assert sorted(map(read_private_answer, results)) == [
        "",
        "The quiz has moved on. See where it is now.",
    ]
    assert "### 2/5" in read_message(refetch_message(world, lobby))


async def test_a_game_resumes_after_a_restart_and_the_open_question_is_extended(world, settings, script):
    lobby = await start_game(world, seconds=20)
    await press_button(world, world.ben, lobby, "B")
    await world.env.advance_time(8)
    async with restart_process(world, settings, script, after=300):
        await world.env.advance_time(2)
        assert "### 1/5" in read_message(refetch_message(world, lobby))
        assert await press_button(world, world.ada, lobby, "B") == "Answer saved: B."
        await world.env.advance_time(16)
        page = read_message(refetch_message(world, lobby))
        assert f"🥇 <@{world.ben.id}> · 1,000 points" in page, "what he had answered in is not made longer"
        found = [line for line in page.splitlines() if f"<@{world.ada.id}>" in line]
        [worth] = [int(line.rpartition("· ")[2].split()[0]) for line in found]
        assert 700 < worth < 800, "some ten seconds with the bot there"
        await press_button(world, world.ada, lobby, "Next")
        assert "### 2/5" in read_message(refetch_message(world, lobby))


async def test_an_automatic_game_advances_by_itself(world):
    lobby = await start_game(world, seconds=10, questions=2, auto=True)
    await world.env.advance_time(13)
    assert "-# The next question appears automatically." in read_message(refetch_message(world, lobby))
    await world.env.advance_time(9)
    assert "### 2/2" in read_message(refetch_message(world, lobby))
    await world.env.advance_time(22)
    assert "### 🏁 Magnets and more\n2 questions · 0 players" in read_message(refetch_message(world, lobby))
    assert "Nobody answered." in read_message(refetch_message(world, lobby))
    assert not world.bot.get_cog("Live").tick_loop.is_running(), "nothing is looked at when nothing is played"


async def test_nobody_stands_on_the_podium_without_a_point(world):
    lobby = await start_game(world, questions=1)
    assert await press_button(world, world.ben, lobby, "A") == "Answer saved: A."
    await press_button(world, world.ada, lobby, "Close question")
    await world.env.advance_time(3)
    await press_button(world, world.ada, lobby, "Show")
    over = refetch_message(world, lobby)
    assert f"1. <@{world.ben.id}> · 0 points" in read_message(over)
    assert over.attachments == []


async def test_a_channel_has_one_game_at_a_time_and_an_owner_can_end_it(world, cleo):
    lobby = await start_game(world)
    again = (await world.ben.slash(world.channel, "quiz play")).response
    assert again.ephemeral
    assert read_message(again) == "You have no quiz yet. Make one with /lesson, then play it."
    await give_quiz(world, world.ben, title="Bens")
    again = (await world.ben.slash(world.channel, "quiz play")).response
    assert read_message(again) == "A quiz is already running in this channel. Its host can end it."
    refused = await press_button(world, world.ben, lobby, "End")
    assert refused == "Only the person who started the quiz, or an owner of this server, can end it."
    boss = world.guild.add_member(
        world.env.create_user("boss"),
        roles=[world.guild.create_role("boss", permissions=_manager())],
    )
    await press_button(world, boss, lobby, "End")
    assert "### 🏁" in read_message(refetch_message(world, lobby))
    assert not (await world.ben.slash(world.channel, "quiz play")).response.ephemeral


def _manager():
    return discord.Permissions(manage_guild=True)


async def test_viewers_cannot_start_games_and_paused_users_are_told_privately(world):
    viewer = (await world.app.workspaces.load_settings(str(world.guild.id))).model_copy(
        update={"default_role": Role.VIEWER}
    )
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: viewer.to_json())
    await give_quiz(world)
    refused = (await world.ada.slash(world.channel, "quiz play")).response
    assert refused.ephemeral
    assert read_message(refused).startswith("In this server I write only")
    boss = world.guild.add_member(
        world.env.create_user("boss"), roles=[world.guild.create_role("boss", permissions=_manager())]
    )
    await give_quiz(world, boss, title="Boss")
    lobby = (await boss.slash(world.channel, "quiz play")).response
    await press_button(world, boss, lobby, "Start")
    assert await press_button(world, world.ada, lobby, "A") == "Answer saved: A.", "who reads along may play"
    await world.app.store.people.pause(str(world.ben.id))
    told_ben = await press_button(world, world.ben, lobby, "A")
    assert told_ben == "You have paused me, so I save nothing about you. Use /privacy resume to change that."


async def test_deleted_messages_and_departed_members_do_not_block_a_game(world):
    lobby = await start_game(world)
    await world.env.advance_time(23)
    await _delete(world, lobby)
    assert not (await world.ada.slash(world.channel, "quiz play")).response.ephemeral
    use_simulated_time(world, world.app, 3600)
    assert (await world.ada.slash(world.channel, "quiz play")).response.ephemeral
    use_simulated_time(world, world.app, 4 * 3600)
    assert not (await world.ada.slash(world.channel, "quiz play")).response.ephemeral


async def _delete(world, message):
    """Delete a message as a moderator."""
    boss = world.guild.add_member(
        world.env.create_user("boss"),
        roles=[world.guild.create_role("boss", permissions=discord.Permissions(manage_messages=True))],
    )
    await boss.delete(refetch_message(world, message))


async def test_a_forgotten_player_is_anonymous_on_the_scoreboard(world, cleo):
    lobby = await start_game(world)
    await press_button(world, world.ben, lobby, "B")
    await press_button(world, cleo, lobby, "A")
    await world.env.advance_time(23)
    asked = (await world.ben.slash(world.channel, "privacy forget")).response
    await world.ben.click(asked, label="Delete everything")
    await press_button(world, world.ada, lobby, "End")
    over = read_message(refetch_message(world, lobby))
    assert f"<@{world.ben.id}>" not in over
    assert f"1. <@{cleo.id}> · 0 points\n▫️ somebody" in over
    assert str(world.ben.id) not in await world.app.store.games.load_mastery(f"guild:{world.guild.id}")


async def test_a_quiz_is_played_from_the_library_by_name_and_from_its_result(world):
    await give_quiz(world, title="Bees")
    await give_quiz(world, title="Magnets and more")
    offered = await world.ada.autocomplete(world.channel, "quiz play", "quiz", "bee")
    [choice] = getattr(offered, "choices", offered)
    lobby = (
        await world.ada.slash(
            world.channel, "quiz play", quiz=choice["value"] if isinstance(choice, dict) else choice.value
        )
    ).response
    assert "### 🎮 Bees" in read_message(lobby)
    await press_button(world, world.ada, lobby, "End")
    refused = (await world.ada.slash(world.channel, "quiz play", quiz="wasps")).response
    assert read_message(refused) == 'There is no quiz called "wasps" here. Make one with /lesson first, then play it.'
    result = (await world.ada.slash(world.channel, "lesson", kind="quiz", brief="3 questions on magnets")).response
    ways = (await tap(world.ada, result, "Play…")).response
    assert ways.ephemeral
    assert list_button_labels(ways) == ["Play here", "Practise alone", "Learn it"]
    played = (await world.ada.click(ways, label="Play here")).response
    assert not played.ephemeral
    assert "### 🎮 " in read_message(played)


async def test_a_game_uses_its_hosts_language_and_answers_use_the_players(world):
    await give_quiz(world)
    lobby = (await act_in_language(world, "de", world.ada.slash, world.channel, "quiz play")).response
    assert "5 Fragen, je 20 Sekunden." in read_message(lobby)
    await press_button(world, world.ada, lobby, "Starten")
    assert "### 1/5" in read_message(refetch_message(world, lobby))
    assert "0 Personen haben geantwortet." in read_message(refetch_message(world, lobby))
    b = next(one for name, one in find_buttons(refetch_message(world, lobby)).items() if name.startswith("B"))
    told_ben = read_private_answer(
        await act_in_language(world, "fr", world.ben.click, refetch_message(world, lobby), custom_id=b)
    )
    assert told_ben == "Réponse enregistrée\u00a0: B."
    await world.env.advance_time(23)
    assert f"🥇 <@{world.ben.id}> · 1.000 Punkte" in read_message(refetch_message(world, lobby))


async def test_matching_questions_use_menus_and_overlong_ones_are_left_out(world):
    matching = {
        "question": "Match them.",
        "options": ["fin", "paw"],
        "correct": [1, 0],
        "lefts": ["dog", "fish"],
        "type": "matching",
        "feedback": "A dog has paws.",
        "objective": "limbs",
    }
    longer = matching | {"options": list("abcdef"), "correct": list(range(6)), "lefts": list("uvwxyz")}
    await give_quiz(world, items=[matching, longer])
    lobby = (await world.ada.slash(world.channel, "quiz play")).response
    assert "1 question, 20 seconds each." in read_message(lobby)
    assert "-# 1 question is left out: it has more pairs to match than fit in a form." in read_message(lobby)
    await press_button(world, world.ada, lobby, "Start")
    assert "**1** dog\n**2** fish\n**A** fin\n**B** paw" in read_message(refetch_message(world, lobby))
    for who, dog, fish in ((world.ben, "1", "0"), (world.ada, "0", "0")):
        form = await who.click(refetch_message(world, lobby), label="Answer…")
        kept = read_private_answer(await submit(who, form, dog=[dog], fish=[fish]))
        named = ("fin", "paw")
        assert kept == f"Answer saved: dog: {named[int(dog)]} / fish: {named[int(fish)]}."
    await press_button(world, world.ada, lobby, "Close question")
    await world.env.advance_time(3)
    page = read_message(refetch_message(world, lobby))
    assert "✅ Right: dog: paw / fish: fin\n1 right, 1 wrong" in page
    assert "💡 A dog has paws." in page
    await press_button(world, world.ada, lobby, "Show")
    known = await world.app.store.games.load_mastery(f"guild:{world.guild.id}")
    assert {who: record["limbs"] for who, record in known.items()} == {
        str(world.ada.id): [-25],
        str(world.ben.id): [25],
    }
    await world.ada.slash(world.channel, "quiz practice")
    asked = world.ada.user.dm_channel.last_message
    form = await world.ada.user.click(asked, label="Answer…")
    await submit(world.ada.user, form, dog=["0"], fish=["1"])
    now = read_message(world.ada.user.dm_channel.last_message)
    assert "❌ Not right: dog: fin / fish: paw. The answer is dog: paw / fish: fin." in now
    await world.env.advance_time(1)
    await give_quiz(world, items=[longer], title="Only longer ones")
    refused = (await world.ada.slash(world.channel, "quiz play")).response
    assert read_message(refused) == "That quiz has no questions that can be asked here. Choose another one."
