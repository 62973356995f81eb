"""A team chooses among variants: asked by their owner, voted on by all, closed by time, by votes or by hand, also after restarts."""

from __future__ import annotations

import sqlite3
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from types import SimpleNamespace

import discord
import pytest
from acting import act_at_once, act_in_language, tap
from discord.ext import tasks
from discord_texts import find_buttons, get_components, list_message_bodies, list_texts, read_message, walk_components
from writing import format_versions

from bot.app import App
from bot.client import QuillmateBot
from personas.ledger import brand as of_brand
from personas.ledger import guild
from personas.style import Brand

pytestmark = pytest.mark.looking

BRIEF = "we close on Monday, back on Tuesday"
VARIANTS = [
    "We're closed on Monday! 🎉 Do come back on Tuesday, when the scones are warm and the coffee is strong again.",
    "Closed on Monday. Back on Tuesday with scones.",
    "Monday is our day off! ☕ On Tuesday we're here again with the oven on, the door open and time for a long chat.",
]
SHORT = VARIANTS[1]
OTHERS = [
    "The café rests on Monday! 🌿 See you on Tuesday, when the door is wide open and the kettle sings for all of you.",
    "No coffee on Monday. Tuesday again.",
    "A quiet Monday for us! 🍪 Tuesday brings warm buns, loud music and the big table by the window for everybody.",
]
HOUR = 3600.0
TEAM = "Let the team choose"


@pytest.fixture(autouse=True)
def simulated(world):
    """Polls go by the time that Discord goes by here."""
    use_simulated_time(world, world.app)


@pytest.fixture(autouse=True)
def alone(world):
    """What else looks every few seconds would be hours of looks here."""
    for name, cog in world.bot.cogs.items():
        names = (one for one in dir(type(cog)) if isinstance(getattr(type(cog), one), tasks.Loop))
        for loop in (getattr(cog, one) for one in names):
            if name != "Polls":
                loop.cancel()


@pytest.fixture
def cleo(world):
    """A third member: two votes are half of them."""
    return world.guild.add_member(world.env.create_user("cleo"))


@pytest.fixture
def no_polls(world):
    """The channel is one where the bot may post no polls of Discord's."""
    denied = {world.guild.default_role: discord.PermissionOverwrite(send_polls=False)}
    world.channel = world.guild.create_text_channel("no-polls", overwrites=denied)


def use_simulated_time(world, app, later=0.0):
    """Let an app's polls go by the simulated time, `later` seconds ahead."""
    object.__setattr__(app.polls, "clock", lambda: world.env.now() + timedelta(seconds=later))


@asynccontextmanager
async def restart_later(world, settings, script, later=0.0):
    """End the process, and open the data folder in another, so many seconds later."""
    await world.app.__aexit__(None, None, None)
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = world.app.routing._router
        use_simulated_time(world, app, later)
        world.bot = QuillmateBot(app, shard_count=1)
        await world.env.restart_bot(world.bot)
        await world.env.settle()
        yield


async def write_variants(world, written=VARIANTS):
    """Have Ada's variants written; return their message, and the texts in their order."""
    result = (await world.post(BRIEF)).response
    usual = world.script.answer
    world.script.says(format_versions(*written))
    shown = (await tap(world.ada, result, "Variants")).response
    world.script.answer = usual
    return shown, [part for part in list_texts(shown) if part in written]


async def ask_team(world, written=VARIANTS):
    """Ask Ada's team; return the ids of the posted messages, and the texts in their order."""
    shown, order = await write_variants(world, written)
    before = {message.id for message in world.channel.history()}
    question = (await world.ada.click(shown, label=TEAM)).response
    assert question.ephemeral
    question = (await world.ada.select(question, values=["1"])).response
    said = (await world.ada.click(question, label="Ask the team")).response
    assert read_message(said) == "I asked the team. Their choice will appear there."
    return [message.id for message in world.channel.history() if message.id not in before], order


def get_message(world, message_id):
    """Return a message as it is now."""
    return next(message for message in world.channel.history() if message.id == message_id)


def list_vote_labels(shown):
    """List the labels of the voting buttons."""
    return [name for name in find_buttons(shown) if "vote" in name]


async def press(world, who, ballot, number):
    """Vote with a numbered button; return the answer."""
    shown = get_message(world, ballot)
    label = next(name for name in list_vote_labels(shown) if name.startswith(f"{number} "))
    result = await who.click(shown, label=label)
    return read_message(result.followups[-1] if result.followups else result.response)


async def list_liked_texts(world):
    """List the texts that Ada's votes have stored as liked."""
    votes = await world.app.store.generations.list_votes(str(world.ada.id), "social_post", {1: 9})
    return [vote.details["text"] for vote in votes[1]]


async def list_open_polls(world):
    """List the open polls in the database."""
    return await world.app.store.polls.list_open()


async def test_half_of_the_members_close_a_discord_poll_and_the_winner_is_used(world, cleo):
    (ballot, poll), order = await ask_team(world)
    page = read_message(get_message(world, ballot))
    assert "Vote in the poll below. It closes <t:" in page
    assert "or as soon as 2 people have voted." in page
    assert all(text in page for text in order)
    assert [name for name in find_buttons(get_message(world, ballot)) if name != "Close now"] == []
    found = get_message(world, poll).poll
    assert found.question == "Which one do you prefer?"
    assert [answer.text[:3] for answer in found.answers] == [f"{number}: " for number in range(1, len(order) + 1)]
    assert all(len(answer.text) <= 55 for answer in found.answers)
    assert found.duration == timedelta(hours=1)
    place = order.index(SHORT) + 1
    await world.ben.vote(get_message(world, poll), answer=place)
    assert not get_message(world, poll).poll.is_finalised()
    assert await list_liked_texts(world) == []
    await cleo.vote(get_message(world, poll), answer=place)
    shown = get_message(world, ballot)
    assert get_message(world, poll).poll.is_finalised()
    assert SHORT in list_texts(shown)
    assert f"-# 🗳️ The team chose number {place}: 2 of 2 votes." in list_texts(shown)
    assert list(find_buttons(shown))[:5] == ["Change…", "Another", "Download", "Submit for review", "More…"]
    assert (await world.generation(shown)).text == SHORT
    assert await list_liked_texts(world) == [SHORT]
    assert await list_open_polls(world) == []


async def test_a_discord_poll_lasts_24_hours_unless_another_time_is_chosen(world):
    shown, _ = await write_variants(world)
    question = (await world.ada.click(shown, label=TEAM)).response
    options = next(part for part in walk_components(get_components(question)) if part.get("type") == 3)["options"]
    assert [one["label"] for one in options] == ["1 hour", "4 hours", "24 hours", "3 days"]
    assert [one["label"] for one in options if one.get("default")] == ["24 hours"]
    await world.ada.click(question, label="Ask the team")
    assert world.last.poll.duration == timedelta(hours=24)
    [poll] = await list_open_polls(world)
    assert timedelta(hours=23, minutes=59) < poll.closes_at - world.env.now() <= timedelta(hours=24)
    question = (await world.ada.click(shown, label=TEAM)).response
    again = (await world.ada.click(question, label="Ask the team")).response
    assert read_message(again) == "The team is already voting on this."


async def test_a_duration_that_was_not_offered_becomes_the_default(world):
    """As an old menu may, or a client of somebody's own."""
    shown, _ = await write_variants(world)
    question = (await world.ada.click(shown, label=TEAM)).response
    stored = world.env.backend.messages[world.channel.id][question.id]
    [menu] = [part for part in walk_components(stored.components) if part.get("type") == 3]
    for value in ("soon", "9" * 30):
        menu["options"] = [{"label": "Another time", "value": value}]
        question = (await world.ada.select(question, values=[value])).response
        options = next(part for part in walk_components(get_components(question)) if part.get("type") == 3)["options"]
        assert [one["label"] for one in options if one.get("default")] == ["24 hours"]
        [menu] = [part for part in walk_components(stored.components) if part.get("type") == 3]


async def test_a_poll_closes_at_its_deadline_with_the_votes_cast(world, cleo):
    (ballot, poll), order = await ask_team(world)
    await world.ben.vote(get_message(world, poll), answer=3 if len(order) > 2 else 2)
    await world.env.advance_time(HOUR - 300)
    assert len(await list_open_polls(world)) == 1
    await world.env.advance_time(420)
    assert await list_open_polls(world) == []
    assert order[-1] in list_texts(get_message(world, ballot))
    assert "1 of 1 vote." in read_message(get_message(world, ballot))


async def test_a_poll_without_votes_is_reported_and_its_variants_can_be_picked(world, cleo):
    (ballot, _), order = await ask_team(world)
    await world.env.advance_time(HOUR + 120)
    shown = get_message(world, ballot)
    assert "-# Nobody has voted, so nothing was chosen." in list_texts(shown)
    assert {"Use this", TEAM} <= set(find_buttons(shown))
    assert await list_liked_texts(world) == []
    first = next(
        part["custom_id"] for part in walk_components(get_components(shown)) if ":use:" in part.get("custom_id", "")
    )
    picked = await world.ada.click(shown, custom_id=first)
    assert order[0] in list_texts(picked.response)


async def test_votes_by_numbered_button_can_be_changed_and_withdrawn(world, cleo, no_polls):
    [ballot], order = await ask_team(world)
    assert len(order) >= 2
    assert [name[:10] for name in list_vote_labels(get_message(world, ballot))] == [
        f"{one + 1} · 0 vote" for one in range(len(order))
    ]
    assert await press(world, world.ben, ballot, 1) == "Your vote: number 1."
    assert list_vote_labels(get_message(world, ballot))[0] == "1 · 1 vote"
    assert await press(world, world.ben, ballot, 2) == "Your vote: number 2."
    assert list_vote_labels(get_message(world, ballot))[:2] == ["1 · 0 votes", "2 · 1 vote"]
    assert await press(world, world.ben, ballot, 2) == "Your vote has been withdrawn."
    assert list_vote_labels(get_message(world, ballot))[:2] == ["1 · 0 votes", "2 · 0 votes"]
    await press(world, world.ben, ballot, 2)
    assert len(await list_open_polls(world)) == 1
    await press(world, cleo, ballot, 2)
    assert order[1] in list_texts(get_message(world, ballot))
    assert "The team chose number 2: 2 of 2 votes." in read_message(get_message(world, ballot))
    assert await list_open_polls(world) == []


async def test_its_owner_closes_a_poll_and_the_first_option_wins_a_tie(world, cleo, no_polls):
    for name in ("dora", "eli"):
        world.guild.add_member(world.env.create_user(name))
    [ballot], order = await ask_team(world)
    await press(world, cleo, ballot, 2)
    await press(world, world.ben, ballot, 1)
    refused = (await world.ben.click(get_message(world, ballot), label="Close now")).response
    assert refused.ephemeral
    assert read_message(refused) == "Only the person who asked the team can close the vote."
    late = get_message(world, ballot)
    await world.ada.click(late, label="Close now")
    shown = get_message(world, ballot)
    assert order[0] in list_texts(shown)
    line = "The team chose number 1: 1 of 2 votes. Tie between 1, 2: the first one wins."
    assert f"-# 🗳️ {line}" in list_texts(shown)
    assert await list_liked_texts(world) == [order[0]]


async def test_only_the_owner_with_write_permission_starts_a_team_poll(world, cleo):
    shown, _ = await write_variants(world)
    refused = (await world.ben.click(shown, label=TEAM)).response
    assert refused.ephemeral
    assert read_message(refused) == "Only the person who asked for the variants can let the team choose."
    question = (await world.ada.click(shown, label=TEAM)).response
    kept, server = world.app.store.workspace_settings, str(world.guild.id)
    await kept.change(server, lambda known: {**known, "default_role": "viewer"})
    for message, label in ((shown, TEAM), (question, "Ask the team")):
        refused = (await world.ada.click(message, label=label)).response
        assert read_message(refused).startswith("In this server I write only for editors")
    assert await list_open_polls(world) == []
    await kept.change(server, lambda known: {**known, "default_role": "editor"})
    await world.ada.click(question, label="Ask the team")
    await kept.change(server, lambda known: {**known, "default_role": "viewer"})
    ballot = next(message for message in world.channel.history() if "Close now" in find_buttons(message))
    refused = (await world.ada.click(ballot, label="Close now")).response
    assert read_message(refused).startswith("In this server I write only")
    assert len(await list_open_polls(world)) == 1


async def test_viewers_can_vote_and_paused_users_cannot(world, cleo, no_polls):
    [ballot], _ = await ask_team(world)
    kept, server = world.app.store.workspace_settings, str(world.guild.id)
    await kept.change(server, lambda known: {**known, "default_role": "viewer"})
    await world.app.store.people.pause(str(world.ben.id))
    said = await press(world, world.ben, ballot, 1)
    assert "paused" in said
    assert list_vote_labels(get_message(world, ballot))[0] == "1 · 0 votes"
    assert await press(world, cleo, ballot, 1) == "Your vote: number 1."


async def test_numbered_buttons_replace_a_poll_that_discord_refuses(world, cleo, monkeypatch):
    send = world.bot.http.send_message

    async def send_all_but_polls(channel_id, *, params):
        if params.payload.get("poll"):
            raise discord.HTTPException(SimpleNamespace(status=400, reason="Bad Request"), "no polls here")
        return await send(channel_id, params=params)

    monkeypatch.setattr(world.bot.http, "send_message", send_all_but_polls)
    [ballot], order = await ask_team(world)
    assert len(list_vote_labels(get_message(world, ballot))) == len(order)
    assert "Vote with a number;" in read_message(get_message(world, ballot))
    for who in (world.ben, cleo):
        await press(world, who, ballot, 1)
    assert order[0] in list_texts(get_message(world, ballot))


async def test_a_poll_whose_messages_were_deleted_ends_silently(world, cleo):
    (ballot, poll), _ = await ask_team(world)
    for one in (ballot, poll):
        await get_message(world, one).delete()
    await world.env.advance_time(HOUR + 120)
    assert await list_open_polls(world) == []
    assert await world.app.store.polls.list_unannounced(world.env.now() + timedelta(days=9)) == []


async def test_direct_messages_offer_no_team_poll(world):
    world.script.says("Closed on Monday.")
    result = (await world.ada.user.slash("copy", brief=BRIEF, kind="social_post")).response
    left = iter(VARIANTS * 3)
    world.script.answer = lambda _messages: next(left)
    shown = (await tap(world.ada.user, result, "Variants")).response
    assert "Use this" in find_buttons(shown)
    assert TEAM not in find_buttons(shown)


@pytest.mark.parametrize("later", [0.0, 2 * HOUR], ids=["goes on", "due while it was down"])
async def test_a_poll_survives_a_restart(world, cleo, no_polls, settings, script, later):
    [ballot], order = await ask_team(world)
    await press(world, world.ben, ballot, 2)
    async with restart_later(world, settings, script, later):
        if not later:
            assert list_vote_labels(get_message(world, ballot))[1] == "2 · 1 vote"
            await press(world, cleo, ballot, 2)
        shown = get_message(world, ballot)
        assert order[1] in list_texts(shown)
        assert "The team chose number 2" in read_message(shown)
        assert await list_liked_texts(world) == [order[1]]
        assert await list_open_polls(world) == []


async def test_discord_votes_cast_during_downtime_close_the_poll_at_startup(world, cleo, settings, script):
    (ballot, poll), order = await ask_team(world)
    stored = world.env.backend.get_message(world.channel.id, poll)
    stored.poll.votes[1] = {world.ben.id, cleo.id}  # No event tells of them.
    async with restart_later(world, settings, script):
        assert order[0] in list_texts(get_message(world, ballot))
        assert get_message(world, poll).poll.is_finalised()


async def test_a_closed_poll_that_was_not_shown_is_shown_by_the_next_process(world, cleo, no_polls, settings, script):
    [ballot], order = await ask_team(world)
    [poll] = await list_open_polls(world)
    assert await world.app.polls.close(poll, [0, 1, 0][: len(order)]) is not None
    assert "Close now" in find_buttons(get_message(world, ballot)), "the process ended over it"
    async with restart_later(world, settings, script, later=120):
        assert order[1] in list_texts(get_message(world, ballot))
        assert await list_liked_texts(world) == [order[1]]
        assert await world.app.store.polls.get(poll.id) is None


async def test_only_one_of_two_concurrent_closings_wins(world, cleo, no_polls):
    [ballot], _ = await ask_team(world)
    await press(world, world.ben, ballot, 2)
    [poll] = await list_open_polls(world)
    shown = get_message(world, ballot)
    edits = len(list_message_bodies(world.env))
    vote = find_buttons(shown)["1 · 0 votes"]
    await act_at_once(
        world.env,
        lambda: world.ada.click(shown, label="Close now"),
        lambda: world.ada.click(shown, label="Close now"),
        lambda: cleo.click(shown, custom_id=vote),
    )
    outcomes = [body for body in list_message_bodies(world.env)[edits:] if "The team chose" in str(body)]
    assert len(outcomes) == 1
    assert len(await list_liked_texts(world)) == 1
    assert await world.app.store.polls.get(poll.id) is None
    assert await world.app.polls.close(poll, [1, 0]) is None


async def test_a_process_without_its_lease_closes_no_polls(world, cleo, no_polls):
    [ballot], order = await ask_team(world)
    await press(world, world.ben, ballot, 2)

    async def has_no_lease():
        return False

    before, world.desk.answers.holds_lease = world.desk.answers.holds_lease, has_no_lease
    await world.env.advance_time(HOUR + 120)
    assert "Close now" in find_buttons(get_message(world, ballot))
    world.desk.answers.holds_lease = before
    await world.env.advance_time(120)
    assert order[1] in list_texts(get_message(world, ballot))


async def test_a_teams_choice_teaches_the_active_brand(world, cleo, no_polls):
    server = guild(world.guild.id)
    name = (await world.app.store.brands.add(server, Brand(name="Ours", samples=("We mend.",)), scope=server)).id
    await world.app.store.workspace_settings.change(str(world.guild.id), lambda known: {**known, "brand": name})
    for written in (VARIANTS, OTHERS):
        [ballot], order = await ask_team(world, written)
        place = order.index(written[1]) + 1
        for who in (world.ben, cleo):
            await press(world, who, ballot, place)
        assert (await world.generation(get_message(world, ballot))).brand == name
    history = await world.app.store.profiles.list_entries(str(world.ada.id))
    assert {entry.scope for entry in history} == {of_brand(name)}
    assert {entry.field: entry.value for entry in history}["exclamation_marks"] == "none"
    assert "I learnt something from this" in read_message(get_message(world, ballot))


async def test_a_poll_is_encrypted_and_erased_with_its_votes(world, cleo, no_polls, settings):
    [ballot], _ = await ask_team(world)
    await press(world, world.ben, ballot, 2)
    given = await world.app.store.workspaces.export(str(world.guild.id))
    assert given["polls"][0]["user_id"] == str(world.ada.id)
    assert (await world.app.store.people.export(str(world.ben.id)))["poll_votes"][0]["choice"] == 1
    shown = read_message((await world.ben.slash(world.channel, "privacy show")).response)
    assert "- Votes in open polls: 1" in shown
    assert "poll_votes" not in shown
    await world.app.store.people.forget(str(world.ben.id))
    [poll] = await list_open_polls(world)
    assert await world.app.polls.load_counts(poll) == (0,) * len(list_vote_labels(get_message(world, ballot)))
    await world.app.store.people.forget(str(world.ada.id))
    assert await list_open_polls(world) == [], "it is on what was hers"
    with closing(sqlite3.connect(settings.data / "quillmate.db")) as connection:
        for table in ("polls", "poll_votes"):
            assert connection.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)
    refused = (await cleo.click(get_message(world, ballot), label="1 · 0 votes")).response
    assert read_message(refused) == "That vote is already closed."


async def test_a_poll_is_in_the_language_of_the_user_who_started_it(world, cleo, no_polls):
    shown, _ = await write_variants(world)
    question = (await act_in_language(world, "de", world.ada.click, shown, label=TEAM)).response
    assert "Frag das Team" in find_buttons(question)
    await act_in_language(world, "de", world.ada.click, question, label="Frag das Team")
    assert "Jetzt beenden" in find_buttons(world.last)
    assert "sobald 2 Personen abgestimmt haben" in read_message(world.last)
