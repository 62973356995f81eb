"""What everybody knows is seen by who teaches, and one's own by everybody: in words, as a picture, and as a file."""

from __future__ import annotations

import csv
import io

import pytest
from discord_texts import find_buttons, get_answer, get_components, read_message, walk_components
from PIL import Image
from quizzing import ITEMS, give_quiz, press_button, use_simulated_time

from bot.exports._lettering import PAPER
from bot.team.classroom.board import COLOUR_SCALE
from bot.team.classroom.mastery import add_answers
from bot.team.workspace.roles import Role

pytestmark = pytest.mark.looking


@pytest.fixture
async def played(world):
    """A game of two questions, both of which Ben answers right and Ada one."""
    use_simulated_time(world, world.app)
    await give_quiz(world, items=ITEMS[:2])
    lobby = (await world.ada.slash(world.channel, "quiz play", seconds=10)).response
    for answers in ((("ben", "B"), ("ada", "A")), (("ben", "B"), ("ada", "B"))):
        await press_button(world, world.ada, lobby, "Next" if answers[1][1] == "B" else "Start")
        for who, label in answers:
            await press_button(world, getattr(world, who), lobby, label)
        await press_button(world, world.ada, lobby, "Close")
        await world.env.advance_time(3)
    await press_button(world, world.ada, lobby, "Show")
    return lobby


async def test_a_teacher_sees_all_mastery_as_text_picture_and_file(world, played):
    page = get_answer(await world.ada.slash(world.channel, "quiz mastery"))
    assert page.ephemeral
    lines = read_message(page).splitlines()
    assert lines[0] == "### Class progress"
    assert lines[1:4] == [
        "**poles**",
        *sorted(f"🟠 <@{one.id}> · 38% · 1 of 1 right" for one in (world.ada, world.ben)),
    ]
    assert lines[4:7] == [
        "**what magnets pull**",
        f"🟠 <@{world.ada.id}> · 13% · 0 of 1 right",
        f"🟠 <@{world.ben.id}> · 46% · 1 of 1 right",
    ]
    assert "The percentage shows how likely it is that the objective is known, based on the last" in read_message(page)
    shown = get_answer(await world.ada.click(page, label="As a picture"))
    [gallery] = [part for part in walk_components(get_components(shown)) if part.get("type") == 12]
    assert gallery["items"][0]["description"].splitlines() == [
        "Class progress",
        "ada: poles 38%, what magnets pull 13%",
        "ben: poles 38%, what magnets pull 46%",
    ]
    with Image.open(io.BytesIO(await shown.attachments[0].read())) as opened:
        colours = {colour for _, colour in opened.convert("RGB").getcolors(1 << 20)}
    wanted = (PAPER, COLOUR_SCALE[0][0], COLOUR_SCALE[1][0], COLOUR_SCALE[2][0])
    assert {tuple(bytes.fromhex(one[1:])) for one in wanted} <= colours
    again = get_answer(await world.ada.click(shown, label="As text"))
    assert read_message(again).splitlines()[:7] == lines[:7]
    given = get_answer(await world.ada.click(again, label="Table (.csv)"))
    table = list(csv.reader(io.StringIO((await given.attachments[0].read()).decode("utf-8-sig"))))
    assert table[0] == ["Name", "Objective", "Estimate", "Right", "Answers"]
    assert sorted(table[1:]) == [
        ["ada", "poles", "0.38", "1", "1"],
        ["ada", "what magnets pull", "0.13", "0", "1"],
        ["ben", "poles", "0.38", "1", "1"],
        ["ben", "what magnets pull", "0.46", "1", "1"],
    ]


async def test_members_who_do_not_teach_see_only_their_own_mastery(world, played):
    page = get_answer(await world.ada.slash(world.channel, "quiz mastery"))
    ids = [one for one in find_buttons(page).values() if one.startswith("quillmastery:")]
    other = (await world.app.workspaces.load_settings(str(world.guild.id))).model_copy(
        update={"default_role": Role.VIEWER}
    )
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: other.to_json())
    own = get_answer(await world.ben.slash(world.channel, "quiz mastery"))
    assert "### Your progress" in read_message(own)
    assert "🟠 46% · 1 of 1 right" in read_message(own)
    assert str(world.ada.id) not in read_message(own)
    for custom_id in ids:
        shown = get_answer(await world.ada.click(page, custom_id=custom_id))
        assert str(world.ben.id) not in read_message(shown)
        for file in shown.attachments:
            assert b"ben" not in await file.read()
    picture = get_answer(await world.ben.slash(world.channel, "quiz mastery", show="picture"))
    [gallery] = [part for part in walk_components(get_components(picture)) if part.get("type") == 12]
    assert gallery["items"][0]["description"].splitlines()[1:] == ["ben: poles 38%, what magnets pull 46%"]


async def test_members_see_only_their_own_mastery_until_setup_grants_a_role(world, played):
    own = get_answer(await world.ben.slash(world.channel, "quiz mastery"))
    assert "### Your progress" in read_message(own)
    assert str(world.ada.id) not in read_message(own)
    for custom_id in [one for one in find_buttons(own).values() if one.startswith("quillmastery:")]:
        shown = get_answer(await world.ben.click(own, custom_id=custom_id))
        assert str(world.ada.id) not in read_message(shown)
        for file in shown.attachments:
            assert b"ada" not in await file.read()
    await world.app.store.games.change(
        (await world.app.store.games.list_by_sort("live"))[0],
        {str(world.ben.id): [("another's quiz", True)]},
        add_answers,
    )
    assert "another's quiz" not in read_message(get_answer(await world.ada.slash(world.channel, "quiz mastery")))
    role = world.guild.create_role("teachers")
    teacher = world.guild.add_member(world.env.create_user("tess"), roles=[role])
    assert "No data yet" in read_message(get_answer(await teacher.slash(world.channel, "quiz mastery")))
    given = (await world.app.workspaces.load_settings(str(world.guild.id))).model_copy(
        update={"roles": {Role.EDITOR: (str(role.id),)}}
    )
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: given.to_json())
    page = get_answer(await teacher.slash(world.channel, "quiz mastery"))
    assert all(one in read_message(page) for one in (str(world.ada.id), str(world.ben.id), "another's quiz"))
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda _: {})
    picture = get_answer(await teacher.click(page, label="As a picture"))
    assert "No data yet" in read_message(picture), "who has the role no more sees no more, by old buttons either"


async def test_mastery_of_many_learners_is_paged(world):
    use_simulated_time(world, world.app)
    games = world.app.store.games
    owner = f"guild:{world.guild.id}"
    await give_quiz(world)
    lobby = (await world.ada.slash(world.channel, "quiz play")).response
    [[kept, _]] = await world.app.live_quizzes.list_live()
    await games.change(kept, {str(world.ada.id): [(f"objective {n:02}", True) for n in range(20)]}, add_answers)
    assert lobby
    page = get_answer(await world.ada.slash(world.channel, "quiz mastery"))
    assert read_message(page).startswith("### Your progress · 1/2")
    second = get_answer(await world.ada.click(page, custom_id=find_buttons(page)["▶️"]))
    assert read_message(second).startswith("### Your progress · 2/2")
    assert "objective 19" in read_message(second)
    assert await games.load_mastery(owner, str(world.ada.id))
    drawn = get_answer(await world.ada.click(second, label="As a picture"))
    assert read_message(drawn).startswith("### Your progress · 1/3"), "eight columns a picture"


async def test_mastery_without_games_says_that_there_is_no_data(world):
    page = get_answer(await world.ada.slash(world.channel, "quiz mastery", show="file"))
    assert "No data yet" in read_message(page)
