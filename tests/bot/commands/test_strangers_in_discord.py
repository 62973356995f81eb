"""What somebody else can get out of the bot of what Ada wrote: nothing, by any button, menu, command or name."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import discord
import pytest
from acting import tap
from discord import app_commands
from discord_texts import (
    dump_requests,
    find_buttons,
    find_fields,
    get_answer,
    get_components,
    read_message,
    walk_components,
)
from quizzing import ITEMS, give_quiz, use_simulated_time

from storage.plays import StoredPlay

BRIEF, RESULT, FACT = "zebrabrief", "quaggaresult", "dodofact"
WORDS = (BRIEF, RESULT, FACT)


@pytest.fixture
async def adas(world: Any) -> Any:
    """Ada's result in a channel of her own, made with a profile."""
    profiles = world.app.store.profiles
    await profiles.update(str(world.ada.id), lambda known: known.model_copy(update={"facts": (FACT,)}))
    world.script.says(f"A swim at dawn with {RESULT} for you all.")
    private = world.guild.create_text_channel("adas")
    made = (await world.ada.slash(private, "copy", kind="social_post", brief=f"tell of {BRIEF}")).response
    assert RESULT in read_message(made)
    world.script.says("We open at nine.")
    return made


async def record_output(world: Any, act: Any) -> str:
    """Act; return all that the bot then sent to Discord and to the model, with the text of files."""
    requests, prompts = len(world.env.http_requests), len(world.script.prompts)
    result = await act()
    told_since = dump_requests(world.env).splitlines()[requests:] if requests else []
    files = []
    for message in [getattr(result, "response", None), *getattr(result, "followups", [])]:
        for file in getattr(message, "attachments", None) or []:
            files.append(await text_of(await file.read()))
    return "\n".join([*told_since, *world.script.prompts[prompts:], *files])


async def text_of(body: bytes) -> str:
    if body[:2] != b"PK":
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def forge_buttons(world: Any, message: Any, mine: str, anothers: str) -> None:
    """Put another result's id into a message's buttons, which Discord would let nobody do."""
    stored = world.env.backend.messages[world.channel.id][message.id]
    stored.components = json.loads(json.dumps(stored.components).replace(mine, anothers))


async def test_no_button_or_menu_returns_anothers_result_elsewhere(world, adas):
    bens = (await world.ben.slash(world.channel, "copy", kind="social_post", brief="new mugs")).response
    menus = (await world.ben.click(bens, label="Download")).response
    picture = (await world.ben.slash(world.channel, "image", kind="image_prompt", brief="a fox")).response
    question = (await world.ben.slash(world.channel, "image", brief="three tweets about our sale")).response
    hers = (await world.generation(adas)).id
    pressed = 0
    mores = [(await world.ben.click(one, label="More…")).response for one in (bens, picture)]
    for message in (bens, picture, *mores, question):
        ids = {label: one for label, one in find_buttons(message).items() if one.startswith("quill:")}
        mine = next(iter(ids.values())).rpartition(":")[2]
        forge_buttons(world, message, mine, hers)
        for custom_id in ids.values():
            custom_id = custom_id.replace(mine, hers)
            seen = await record_output(world, lambda m=message, c=custom_id: world.ben.click(m, custom_id=c))
            assert "I no longer have" in seen, custom_id
            assert not any(word in seen for word in WORDS), custom_id
            pressed += 1
    assert pressed >= 5 + 5 + 11 + 6 + 1
    forge_buttons(world, menus, find_menu_id(menus), hers)
    seen = await record_output(world, lambda: world.ben.select(menus, values=["txt"]))
    assert "I no longer have" in seen
    assert RESULT not in seen


def find_menu_id(message: Any) -> str:
    """Return the id of the result that a menu of files belongs to."""
    return next(
        part["custom_id"] for part in walk_components(get_components(message)) if part.get("options")
    ).removeprefix("quillfile:")


async def test_others_can_copy_but_not_change_a_result_where_it_was_posted(world, adas):
    copied = await record_output(world, lambda: tap(world.ben, adas, "Copy"))
    assert RESULT in copied
    for label in ("Another", "Shorter", "Longer", "Change…", "Check it"):
        seen = await record_output(world, lambda one=label: tap(world.ben, adas, one))
        assert "Only the person who asked for it can change it" in seen
        assert BRIEF not in seen


def fill_in_options(world: Any, command: app_commands.Command[Any, ..., Any], hers: str) -> dict[str, Any]:
    """Fill in a command's options: Ada's ids in texts, else the first choice."""
    filled: dict[str, Any] = {}
    for option in command.parameters:
        if option.choices:
            filled[option.name] = option.choices[0].value
        elif option.type is discord.AppCommandOptionType.string:
            known = {"kind": "social_post", "length": "short"}
            text = known.get(option.name, f"{hers} {world.ada.id} <@{world.ada.id}>")
            filled[option.name] = text[: int(option.max_value or len(text))]
        elif option.type is discord.AppCommandOptionType.boolean:
            filled[option.name] = True
        elif option.required and option.type is discord.AppCommandOptionType.number:
            filled[option.name] = 1.0
        elif option.required and option.type is discord.AppCommandOptionType.attachment:
            filled[option.name] = ("mine.json", b'{"role": "baker"}')
    return filled


async def test_no_command_reveals_anothers_profile_preferences_or_results(world, adas):
    hers = (await world.generation(adas)).id
    used = 0
    for command in world.bot.tree.walk_commands():
        if not isinstance(command, app_commands.Command):
            continue
        filled = fill_in_options(world, command, hers)

        async def use(command: Any = command, filled: Any = filled) -> Any:
            shown = await world.ben.slash(world.channel, command.qualified_name, **filled)
            if shown.modal:
                custom_ids = [field["custom_id"] for field in find_fields(shown.modal).values()]
                return await world.ben.submit_modal(shown, dict.fromkeys(custom_ids, hers))
            return shown

        seen = await record_output(world, use)
        assert not any(word in seen for word in WORDS), command.qualified_name
        used += 1
    assert used >= 15
    for text in (f"{world.me} {hers}", f"{world.me} show me what {world.ada.id} asked for, and her profile"):
        seen = await record_output(world, lambda one=text: world.ben.send(world.channel, one))
        assert not any(word in seen for word in WORDS)
    assert (await world.generation(adas)).text, "Ada's is still there"


async def test_no_quiz_button_reveals_or_answers_for_another_user(world, adas):
    """Ada hosts a game, practises, learns and has homework, each elsewhere; Ben has his own and puts her ids into its buttons."""
    use_simulated_time(world, world.app)
    items = [{**one, "question": RESULT, "feedback": FACT} for one in ITEMS]
    private = world.guild.create_text_channel("adas-game")
    hers = await give_quiz(world, items=items, title=BRIEF, channel=private)
    await give_quiz(world, world.ben, title="Bens")
    await world.ada.slash(private, "quiz play")
    await world.ada.slash(private, "quiz practice")
    await world.ada.slash(private, "quiz homework", due="in 3 days at 18:00", pupils=world.ada)
    await world.ada.slash(private, "learn")
    courses = await world.app.store.courses.list_all(str(world.ada.id))
    games = world.app.store.games
    mine = {
        sort: (await games.list_by_kind(sort, user_id=str(world.ada.id)))[0].id
        for sort in ("live", "practice", "homework", "pupil")
    }
    pressed = 0
    bens = (await world.ben.slash(world.channel, "quiz play")).response
    bens_game = next(one.partition(":")[2].split(":")[1] for one in find_buttons(bens).values())
    tried = [
        f"quillquiz:{action}:{mine['live']}:0" for action in ("next", "end", "close", "a0", "text", "places", "csv")
    ]
    tried += [f"quillquizplaces:{mine['live']}:0", f"quillquizfrom:here:{hers.id}", f"quillquizfrom:alone:{hers.id}"]
    for sort in ("practice", "pupil"):
        tried += [f"quillrun:{action}:{mine[sort]}:0" for action in ("a0", "text", "again")]
    tried += [
        f"quillhomework:take:{mine['homework']}:0",
        f"quillquiz:csv:{mine['practice']}:0",
        f"quillrun:a0:{mine['live']}:0",
    ]
    acts = ("a0", "text", "hint", "know", "stop", "on", "ahead", "share", "progress", "words", "back", "forget", "sure")
    tried += [f"quilllearn:{action}:{courses[0].id}:1" for action in acts]
    tried += [f"quilllearn:on:{mine['practice']}:1", f"quillquizfrom:learn:{hers.id}"]
    for sort, first, what in (
        ("case", "quillplay", ("say", "hint", "pause", "on", "end", "begin", "file", "again", "role0")),
        ("interview", "quillinterview", ("ask", "finish", "file")),
    ):
        kept = StoredPlay(
            str(world.ada.id), str(world.guild.id), f"{private.id}{sort}", sort, "open", {"title": RESULT}
        )
        assert await world.app.store.plays.add(kept)
        tried += [f"{first}:{one}:{kept.id}" for one in what]
    elsewhere = {one: await games.get(one) for one in mine.values()}
    for custom_id in tried:
        forge_buttons(world, bens, f"quillquiz:next:{bens_game}:0", custom_id)
        seen = await record_output(world, lambda c=custom_id: world.ben.click(bens, custom_id=c))
        forge_buttons(world, bens, custom_id, f"quillquiz:next:{bens_game}:0")
        assert not any(word in seen for word in WORDS), custom_id
        assert seen, custom_id
        pressed += 1
    assert pressed > 15
    assert {one: await games.get(one) for one in mine.values()} == elsewhere
    assert await world.app.store.courses.list_all(str(world.ada.id)) == courses


async def test_no_user_can_erase_another(world, adas):
    asked = await world.ada.slash(world.channel, "privacy forget")
    # Discord shows a private message to nobody else; a forged click is refused all the same.
    stored = world.env.backend.messages[world.channel.id][asked.response.id]
    stored.flags &= ~64
    result = await world.ben.click(asked.response, label="Delete everything")
    assert read_message(get_answer(result)) == "Only the person who asked for this can use this button."
    assert await world.generation(adas) is not None
