"""Quotas in a server: set by its owners, seen by everybody, stopped in one private sentence, told of once, through restarts."""

from __future__ import annotations

import json

import discord
import pytest
from acting import act_at_once
from discord_texts import dump_requests, get_answer, read_message
from planning import list_direct_messages
from test_scenario import press
from test_scenario import say as say_in_play

from bot.admission.quotas import MAX_QUOTAS, Quota
from bot.app import App
from bot.team.figures.quotas import QuotaService
from bot.team.workspace.roles import Member


@pytest.fixture
def boss(world):
    role = world.guild.create_role("boss", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user("boss"), roles=[role])


def read_private_answers(result) -> str:
    """Read the private messages of an answer."""
    messages = [*getattr(result, "followups", ()), *([result.response] if result.response else [])]
    private = [one for one in messages if one.ephemeral]
    return "\n".join(read_message(one) for one in private)


async def write_post(world, who=None):
    return await (who or world.ada).slash(world.channel, "copy", brief="We close on Monday.", kind="social_post")


async def test_a_hard_quota_refuses_each_user_in_one_private_message(world, boss):
    set_ = await boss.slash(world.channel, "quota set", what="requests", per="day", most=2.0)
    assert "Each person: 2 requests per day · Stop at the limit" in read_private_answers(set_)
    for _ in range(2):
        assert "-# Social post" in read_message((await write_post(world)).response)
    drafts = len(world.script.prompts)
    stopped = await write_post(world)
    assert stopped.response.ephemeral
    assert read_private_answers(stopped).startswith(
        "You have used up what this server allows you: 2 requests per day. You can ask again <t:"
    )
    assert len(world.script.prompts) == drafts, "nothing was begun"
    assert "-# Social post" in read_message((await write_post(world, world.ben)).response), "it is each person's own"
    shown = read_private_answers(await world.ada.slash(world.channel, "quota show"))
    assert "0 requests of 2 requests per day, resets <t:" in shown
    assert "Today: 2 requests, " in shown


async def test_fractional_and_out_of_range_quotas_are_refused(world, boss):
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=2.0)
    for what, most, why in (
        ("requests", 0.4, "so 0.4 does not work"),
        ("tokens", 2.9, "so 2.9 does not work"),
        ("money", 1e-9, "too small to count"),
        ("money", 1e9, "A quota in money is at most"),
    ):
        assert why in read_private_answers(
            await boss.slash(world.channel, "quota set", what=what, per="day", most=most)
        )
        assert "2 requests per day" in read_private_answers(await boss.slash(world.channel, "quota show")), (
            "what was there holds"
        )


async def test_a_mention_above_the_quota_is_refused_in_a_direct_message(world, boss):
    await boss.slash(world.channel, "quota set", what="requests", per="month", most=1.0)
    await write_post(world)
    before = len(list(world.channel.history()))
    await world.ada.send(world.channel, f"{world.me} write a tweet: we open on Tuesday")
    assert "You have used up what this server allows you: 1 request per month" in read_message(
        world.ada.user.dm_channel.last_message
    )
    assert len(list(world.channel.history())) == before + 1, "the channel sees nothing of it"


async def test_a_quota_is_noted_once_and_a_soft_quota_refuses_nothing(world, boss):
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=5.0, then="soft")
    notes = [read_private_answers(await write_post(world)) for _ in range(7)]
    assert [bool(note) for note in notes] == [False, False, False, True, True, False, False]
    assert notes[3].startswith("You have used 80% of what this server allows you: 4 requests of 5 requests per day.")
    assert notes[4].startswith("You have used 100%")
    assert read_private_answers(await write_post(world, world.ben)) == ""


async def test_a_role_can_have_a_higher_quota_and_the_server_a_total(world, boss):
    writers = world.guild.create_role("writers")
    carla = world.guild.add_member(world.env.create_user("carla"), roles=[writers])
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=1.0)
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=3.0, role=writers)
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=4.0, together=True)
    results = [await write_post(world, carla) for _ in range(3)]
    assert all("-# Social post" in read_message(one.response) for one in results)
    assert "3 requests per day" in read_private_answers(await write_post(world, carla))
    await write_post(world, world.ben)
    assert read_private_answers(await write_post(world)).startswith(
        "This server has used up its own limit of 4 requests per day."
    )


async def test_only_owners_set_quotas_and_a_quota_of_zero_removes_one(world, boss):
    refused = read_private_answers(
        await world.ada.slash(world.channel, "quota set", what="requests", per="day", most=0.0)
    )
    assert refused.startswith("Only owners can set that:")
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=1.0)
    assert "All quotas in this server" in read_private_answers(await boss.slash(world.channel, "quota show"))
    assert "All quotas in this server" not in read_private_answers(await world.ada.slash(world.channel, "quota show"))
    await write_post(world)
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=0.0)
    assert "-# Social post" in read_message((await write_post(world)).response)


async def test_usage_survives_a_restart(world, boss):
    await boss.slash(world.channel, "quota set", what="tokens", per="day", most=100.0)
    await write_post(world)
    app: App = world.app
    app.quotas = QuotaService(app.store, app.workspaces, "USD")
    assert "100 tokens per day" in read_private_answers(await write_post(world))


async def test_concurrent_requests_cannot_exceed_a_quota(world, boss):
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=3.0)
    await act_at_once(world.env, *[lambda: write_post(world)] * 8)
    made = await world.app.store.usage.load_amounts(
        str(world.guild.id), str(world.ada.id), world.app.quotas.now().date()
    )
    assert made["person", "day"].requests == 3
    refusals = dump_requests(world.env).count("You have used up what this server allows you: 3 requests per day")
    assert refusals == 5


async def test_a_failed_request_does_not_count_against_the_quota(world, boss):
    from bot.errors import EngineError

    await boss.slash(world.channel, "quota set", what="requests", per="day", most=1.0)
    usual = world.script.answer
    world.script.answer = lambda _messages: EngineError("Away.")
    await write_post(world)
    world.script.answer = usual
    assert "-# Social post" in read_message((await write_post(world)).response)


async def test_deleting_a_role_deletes_its_quota(world, boss):
    role = world.guild.create_role("gone")
    await boss.slash(world.channel, "quota set", what="money", per="month", most=12.5, role=role)
    assert f"<@&{role.id}>: 12.50 USD per month" in read_private_answers(await boss.slash(world.channel, "quota show"))
    await world.app.workspaces.remove_role_quotas(str(world.guild.id), str(role.id))
    assert (await world.app.workspaces.load_settings(str(world.guild.id))).quotas == ()


async def test_outside_a_server_the_users_own_usage_is_shown(world):
    await world.ada.send_dm("write a tweet about mugs")
    shown = read_private_answers(await world.ada.user.slash("quota show"))
    assert "Today: 1 request" in shown
    member = Member(str(world.ada.id))
    assert await world.app.quotas.list_usages(str(world.guild.id), member) == []


async def test_every_quota_is_shown(world, boss):
    quotas = [
        Quota(whose="role", role_id=str(1000 + number), measure="requests", per="day", most=number + 1, hard=True)
        for number in range(MAX_QUOTAS)
    ]
    owner = Member(str(boss.id), manages=True)
    await world.app.workspaces.change(str(world.guild.id), owner, lambda known: known.with_values(quotas=quotas))
    shown = read_private_answers(await boss.slash(world.channel, "quota show"))
    assert all(f"<@&{one.role_id}>" in shown for one in quotas)


async def test_plays_interviews_and_tables_count_as_requests(world, boss, monkeypatch):
    world.script.answer = lambda _messages: json.dumps(
        {"exit": "stay", "role": "Nora", "reply": "Ninety, each morning."}
    )
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=3.0)
    await world.ada.slash(world.channel, "scenario play", case="Sales call: a bakery van")
    thread = max(world.channel.threads, key=lambda one: one.id)
    await press(world.ada, thread.last_message, "Begin")
    await say_in_play(world.ada, thread.last_message, "Good morning! How long is your round?")
    await world.ada.send(thread, f"{world.me} And what do you pay for fuel?")
    assert "**Nora:** Ninety, each morning." in read_message(thread.last_message)
    table = await world.ada.slash(world.channel, "data invent", columns="20 patients: age, sex, HbA1c")
    assert "20 rows" in read_message(get_answer(table))
    shown = read_private_answers(await world.ada.slash(world.channel, "quota show"))
    assert "0 requests of 3 requests per day" in shown
    used = await world.app.quotas.load_usage(str(world.guild.id), str(world.ada.id))
    assert used["person", "day"].tokens > 0

    stop = "You have used up what this server allows you: 3 requests per day. You can ask again <t:"
    page, lines = thread.last_message, len(list(thread.history()))
    assert read_private_answers(await say_in_play(world.ada, page, "Are you there?")).startswith(stop)
    await world.ada.send(thread, f"{world.me} Are you there?")
    assert read_message(world.ada.user.dm_channel.last_message).startswith(stop)
    assert len(list(thread.history())) == lines + 1, "the thread sees nothing of it but what she said"
    body = b"sex,age\n" + b"F,40\nM,50\n" * 20
    fetched = []

    async def fetch(table, **_):
        fetched.append(table)
        return body

    with monkeypatch.context() as fetching:
        fetching.setattr("discord.Attachment.read", fetch)
        assert read_private_answers(
            await world.ada.slash(world.channel, "data make", table=("x.csv", body))
        ).startswith(stop)
    assert fetched == [], "a table that is not learnt is not fetched"
    for name, options in (
        ("data invent", {"columns": "20 patients: age"}),
        ("scenario play", {"case": "Sales call: a bakery van"}),
        ("persona interview", {"who": "Marta, 41, runs a café in Porto"}),
    ):
        assert read_private_answers(await world.ada.slash(world.channel, name, **options)).startswith(stop), name
    await press(world.ada, page, "End")
    assert "Reached" in read_message(thread.last_message) or "Not yet" in read_message(thread.last_message), (
        "what has begun ends"
    )
    await world.ben.slash(world.channel, "data make", table=("x.csv", body), rows=2, epsilon=90.0)
    await world.bot.get_cog("DataCommands").wait_until_idle()
    await world.env.settle()
    assert "2 requests of 3 requests per day" in read_private_answers(
        await world.ben.slash(world.channel, "quota show")
    )
    await world.ben.slash(world.channel, "data make", table=("x.csv", b"a,b\n1,2\n"))
    await world.bot.get_cog("DataCommands").wait_until_idle()
    await world.env.settle()
    assert "2 requests of 3 requests per day" in read_private_answers(
        await world.ben.slash(world.channel, "quota show")
    ), "nothing came of it"


async def test_a_player_is_warned_of_a_nearly_used_quota_privately(world, boss):
    world.script.answer = lambda _messages: json.dumps({"exit": "stay", "role": "Nora", "reply": "Each morning."})
    await boss.slash(world.channel, "quota set", what="requests", per="day", most=2.0, then="soft")
    await world.ada.slash(world.channel, "scenario play", case="Sales call: a bakery van")
    thread = max(world.channel.threads, key=lambda one: one.id)
    await press(world.ada, thread.last_message, "Begin")
    for words in ("Good morning!", "How long is your round?", "And the winter?"):
        await world.ada.send(thread, f"{world.me} {words}")
        assert "**Nora:** Each morning." in read_message(thread.last_message)
    notes = list_direct_messages(world, world.ada)
    assert [one.partition(" of what")[0] for one in notes] == ["You have used 100%"]
    assert "You have used" not in "".join(read_message(one) for one in thread.history())
