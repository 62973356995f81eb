"""Somebody who owns another server presses every button and menu that there is, with the ids of a team's things in it: nothing is told
to them, and nothing of it changes. A button that no press here names fails the test.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import discord
import pytest
from acting import act_at_once
from discord_texts import find_buttons, find_fields
from planning import NOON, Clock
from quizzing import ITEMS, give_quiz, use_simulated_time

from bot.commands.admin import ACTIONS
from bot.interactions.components import PersistentItem
from bot.team.workspace.roles import Member, Role
from personas.book import Book, BrandFact
from personas.style import Brand
from storage.assets import Asset
from storage.campaigns import Campaign, CampaignPiece
from storage.owners import workspace
from storage.plays import StoredPlay
from storage.polls import Poll
from storage.table_jobs import TableJob

BRIEF, RESULT, FACT = "zebrabrief", "quaggaresult", "dodofact"
BUTTON, MENU, PEOPLE = 2, 3, 5
CHOICES = ("txt", "0", "editors", "Product")


@pytest.fixture
async def things(world: Any) -> SimpleNamespace:
    """The ids of what Ada and her server have: one of everything that a button can be about, each with words of theirs."""
    clock = Clock(world, NOON)
    use_simulated_time(world, world.app)
    store, ada, guild = world.app.store, str(world.ada.id), str(world.guild.id)
    await store.profiles.update(ada, lambda known: known.model_copy(update={"facts": (FACT,)}))
    world.script.says(f"A swim at dawn with {RESULT} for you all.")
    made = (await world.ada.slash(world.channel, "copy", kind="social_post", brief=f"tell of {BRIEF}")).response
    result = await world.generation(made)
    items = [{**one, "question": RESULT, "feedback": FACT} for one in ITEMS]
    await give_quiz(world, items=items, title=BRIEF)
    await world.ada.slash(world.channel, "quiz play")
    await world.ada.slash(world.channel, "quiz practice")
    await world.ada.slash(world.channel, "quiz homework", due="in 3 days at 18:00", pupils=world.ada)
    await world.ada.slash(world.channel, "learn")
    await world.ada.slash(world.channel, "schedule", when="in 3 days at 9:00", text=f"{RESULT} and {FACT}")
    sheet = ("teas.csv", f"Product\n{RESULT}\n{FACT}\n".encode())
    await world.ada.slash(world.channel, "bulk", sheet=sheet, kind="social_post", brief=f"{BRIEF} for {{product}}")
    bulk = next(
        one.split(":")[2] for one in find_buttons(world.channel.last_message).values() if one.startswith("quillbulk:")
    )
    await store.made_tables.add(
        TableJob("7" * 16, ada, str(world.channel.id), RESULT, {}, state="learning"), b"a,b\n1,2\n"
    )
    asset = Asset("social_post", RESULT, f"{RESULT} and {FACT}", {}, {"brief": BRIEF}, [], result.id, ada)
    await store.assets.add(workspace(guild), asset)
    brand = await store.brands.add(
        workspace(guild), Brand(name=RESULT, samples=(), book=Book(facts=(BrandFact(value=FACT),))), workspace(guild)
    )
    campaign = Campaign(
        "71", guild, RESULT, BRIEF, ("email",), str(world.channel.id), ada, thread_id="72", board_id="73"
    )
    await store.campaigns.add(campaign, [CampaignPiece("71", guild, 0, "plan", ada, state="failed")])
    now = world.env.now()
    await store.polls.add(
        Poll("81", guild, str(world.channel.id), ada, (result.id, "gone"), 3, now + timedelta(1)), now
    )
    plays = {}
    for sort in ("case", "interview"):
        kept = StoredPlay(ada, guild, f"{world.channel.id}{sort}", sort, "open", {"title": RESULT})
        assert await store.plays.add(kept)
        plays[sort] = kept.id
    games = {
        sort: (await store.games.list_by_kind(sort, user_id=ada))[0].id
        for sort in ("live", "practice", "homework", "pupil")
    }
    return SimpleNamespace(
        ada=ada,
        guild=guild,
        result=result.id,
        asset=asset.id,
        brand=brand.id,
        campaign="71",
        poll="81",
        table="7" * 16,
        bulk=bulk,
        plan=await _plan(world),
        clock=clock,
        course=(await store.courses.list_all(ada))[0].id,
        **plays,
        **games,
    )


async def _plan(world: Any) -> str:
    [kept] = (await world.app.store.people.export(str(world.ada.id)))["schedule"]
    return str(kept["id"])


def list_custom_ids(one: SimpleNamespace) -> dict[str, list[str]]:
    """List the custom ids that a user can act on: of buttons, menus and user menus."""
    of_results = [
        "more",
        "submit",
        "keep",
        "copy",
        "file",
        "file-pdf",
        "params",
        "up",
        "down",
        "why",
        "history",
        "learnt",
        "plan",
        "play",
        "use",
        "again",
        "shorter",
        "longer",
        "variants",
        "change",
        "check",
        "fix-0",
        "fix-all",
        "retry",
        "redo-off",
        "picture-vary-1",
    ]
    of_texts = [
        "submit",
        "approve",
        "ask",
        "withdraw",
        "unapprove",
        "assign",
        "edit",
        "redo",
        "versions",
        "plan",
        "comment",
    ]
    of_courses = [
        "a0",
        "text",
        "hint",
        "know",
        "stop",
        "on",
        "ahead",
        "share",
        "hide",
        "progress",
        "words",
        "back",
        "forget",
        "sure",
    ]
    of_games = ["next", "end", "close", "a0", "text", "places", "csv"]
    pressed = [f"quill:{act}:{name}" for name in (one.result, one.asset) for act in of_results]
    pressed += [f"quillreview:{act}:1:{one.asset}" for act in of_texts]
    pressed += [f"quillrevision:1:{one.asset}", f"quillrevisions:0:on:{one.asset}"]
    of_entries = ["open", "copy", "template", "keep", "collect", "star", "unstar", "archive", "restore"]
    pressed += [
        f"quilllib:{act}:{whose}:{name}" for act in of_entries for whose, name in (("r", one.result), ("a", one.asset))
    ]
    pressed += [f"quillversions:{one.ada}:0:on:{one.result}", f"quillsearch:{one.ada}:{RESULT[:6]}", "quillstarred:"]
    pressed += ["quillpage:0:on", f"quillask:0:1:{one.ada}", f"quillforget:{one.ada}", f"quillforgetserver:{one.guild}"]
    pressed += [
        f"quillbrand:{act}:{one.brand}:{of}"
        for act, of in (("edit", "facts"), ("who", ""), ("page", ""), ("export", ""))
    ]
    pressed += [f"quillcampaign:{act}:{one.campaign}" for act in ("brief", "redo", "retry", "zip")]
    pressed += [f"quillcampaignredo:0:{one.campaign}", "quillcampaigns:0:on"]
    pressed += [f"quillplan:{act}:{one.plan}:1" for act in ("show", "move", "text", "skip", "cancel")]
    pressed += [f"quillpoll:ask:{one.result}", f"quillpollstart:24:{one.result}", f"quillpollvote:0:{one.poll}"]
    pressed += [f"quillpollclose:{one.poll}", f"quillreaders:ask:{one.result}"]
    of_sheets = ("brief", "sample", "start", "give", "pause", "resume", "retry", "cancel")
    pressed += [f"quillbulk:{act}:{one.bulk}" for act in of_sheets]
    pressed += [f"quilldata:{act}:{one.table}" for act in ("cancel", "delete")]
    pressed += [
        f"quillidea:{key}"
        for key in (
            f"plan.{one.plan}.email",
            f"other.{one.asset}.email",
            f"other.{one.result}.email",
            f"fact.{one.brand}.0",
        )
    ]
    pressed += [f"quillquiz:{act}:{one.live}:0" for act in of_games] + [f"quillquizplaces:{one.live}:0"]
    pressed += [f"quillquizfrom:{where}:{one.result}" for where in ("here", "alone", "learn")]
    pressed += [f"quillrun:{act}:{name}:0" for act in ("a0", "text", "again") for name in (one.practice, one.pupil)]
    pressed += [f"quillhomework:{act}:{one.homework}:0" for act in ("take", "page", "csv", "back", "sure")]
    pressed += [f"quilllearn:{act}:{one.course}:1" for act in of_courses]
    pressed += [
        f"quillplay:{act}:{one.case}"
        for act in ("say", "hint", "pause", "on", "end", "begin", "file", "again", "role0")
    ]
    pressed += [f"quillinterview:{act}:{one.interview}" for act in ("ask", "finish", "file")]
    pressed += [f"quillplayfrom:{how}:{one.result}" for how in ("alone", "all")]
    pressed += [f"quillaudit:{act}:::" for act in ("newer", "older", "jsonl", "csv", "check")]
    pressed += [f"quillaudit:newer::{one.asset}:{one.ada}"]
    pressed += [f"quillmastery:{form}:0:x" for form in ("table", "picture", "file")]
    pressed += [f"quillcal:{form}:2026-10:all:0" for form in ("picture", "list", "file")]
    pressed += [f"quillstats:{form}:year" for form in ("picture", "text", "csv")]
    pressed += [
        "quillteam:settings:go:summary",
        "quillteam:settings:clear:71",
        "quilltry:social_post",
        "quillmodel:key",
        *(f"quilladmin:{action}" for action in ACTIONS),
        f"quilladmin:end:{one.result}",
    ]
    pressed += [
        f"quillprofile:{act}:{of}"
        for act, of in (("export", ""), ("history", "0"), ("delete", one.ada), ("switch", one.ada))
    ]
    menus = [
        f"quillfile:{one.result}",
        f"quilltune:{one.result}",
        f"quillwhy:up:{one.result}",
        f"quillpollhours:{one.result}",
    ]
    menus += [f"quillbulkcolumn:0:{one.bulk}", f"quillquizpick:{one.live}:0", f"quillrunpick:{one.practice}:0"]
    menus += [
        f"quilllearnpick:{one.course}:1",
        "quillcorrect",
        "quillnotices:way",
        "quillmodel:choose",
        f"quillbrand:open:{one.brand}:",
        "quillteam:settings:change:",
    ]
    return {
        "buttons": pressed,
        "menus": menus,
        "people": [f"quillhomeworkfor:{one.homework}", f"quillbrand:named:{one.brand}:"],
    }


def replace_components(world: Any, message: Any, channel: Any, parts: list[dict[str, Any]]) -> None:
    """Put other buttons or menus into a message, whatever their ids; Discord would let nobody do that."""
    held = [parts[first : first + 5] for first in range(0, len(parts), 5)]
    stored = world.env.backend.messages[channel.id][message.id]
    stored.components = [{"type": 1, "components": row} for row in held]


def make_batches(wanted: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Yield as many custom ids of a sort as fit into one message; menus, which fill a row each, one by one."""
    for sort, ids in wanted.items():
        size = 25 if sort == "buttons" else 1
        yield from ((sort, ids[first : first + size]) for first in range(0, len(ids), size))


def make_component(sort: str, custom_id: str) -> dict[str, Any]:
    """Make a button or a menu with a custom id."""
    if sort == "buttons":
        return {"type": BUTTON, "style": 2, "label": "x", "custom_id": custom_id}
    if sort == "people":
        return {"type": PEOPLE, "custom_id": custom_id}
    return {"type": MENU, "custom_id": custom_id, "options": [{"label": one, "value": one} for one in CHOICES]}


def list_rows(file: Any, but: set[str]) -> set[str]:
    """List all rows of the database, without those that contain one of some values."""
    with closing(sqlite3.connect(file)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {repr((table, *row)) for table in tables for row in connection.execute(f'SELECT * FROM "{table}"')}
    return {row for row in found if not any(one in row for one in but)}


def every(kind: type) -> set[type]:
    return {one for below in kind.__subclasses__() for one in (below, *every(below))}


async def press_all(world: Any, things: SimpleNamespace, who: Any, channel: Any) -> list[tuple[list[str], str]]:
    """Press all of them as a user; return their ids, and all that was then sent to Discord and to the model."""
    mine = (await who.slash(channel, "help")).response
    told: list[tuple[list[str], str]] = []
    for sort, ids in make_batches(list_custom_ids(things)):
        replace_components(world, mine, channel, [make_component(sort, one) for one in ids])
        sent, asked = len(world.env.http_requests), len(world.script.prompts)
        if sort == "buttons":
            answers = await act_at_once(world.env, *[partial(who.click, mine, custom_id=one) for one in ids])
        else:
            chosen = [who] if sort == "people" else [CHOICES[0]]
            answers = [await who.select(mine, values=chosen, custom_id=ids[0])]
        for answer in answers:
            if answer.modal and all("options" not in one for one in find_fields(answer.modal).values()):
                await who.submit_modal(answer, {one["custom_id"]: "x" for one in find_fields(answer.modal).values()})
        requests = [json.dumps(one.json, default=str) for one in world.env.http_requests[sent:]]
        assert len(requests) >= len(ids), "each is answered"
        told.append((ids, "\n".join([*requests, *world.script.prompts[asked:]])))
    return told


async def test_owners_of_other_servers_see_and_change_nothing_by_any_button(world, things, settings):
    other = world.env.create_guild("other")
    role = other.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    mallory = other.add_member(world.env.create_user("mallory"), roles=[role])
    theirs = {str(mallory.id), str(other.id)}
    before = list_rows(settings.data / "quillmate.db", theirs)
    assert sum(things.ada in row or things.guild in row for row in before) > 20
    told = await press_all(world, things, mallory, other.create_text_channel("den"))
    for ids, said in told:
        for word in (BRIEF, RESULT, FACT):
            assert word not in said, (ids, said)
    assert before - list_rows(settings.data / "quillmate.db", theirs) == set(), "nothing of the team's is changed"
    templates = {one: one.__discord_ui_compiled_template__ for one in every(PersistentItem)}
    tried = [one for ids, _ in told for one in ids]
    untried = [one.__name__ for one, like in templates.items() if not any(map(like.fullmatch, tried))]
    assert untried == [], "each has a press here"


async def test_viewers_change_nothing_by_any_button(world, things, settings):
    owner = Member("1", manages=True)
    await world.app.workspaces.change(things.guild, owner, lambda known: known.with_values(default_role=Role.VIEWER))
    vera = world.guild.add_member(world.env.create_user("vera"))
    before = list_rows(settings.data / "quillmate.db", {str(vera.id)})
    await press_all(world, things, vera, world.guild.create_text_channel("lobby"))
    after = list_rows(settings.data / "quillmate.db", {str(vera.id)})
    assert (before - after, after - before) == (set(), set())
