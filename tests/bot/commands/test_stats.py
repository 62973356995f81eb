"""Figures of a server and of oneself: pictures with words in their place, a text, a table; for whoever may see them."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import discord
import pytest
from acting import act_in_language, tap
from discord_texts import get_last_answer, read_message
from PIL import Image

from bot.checks.svg import sanitise
from bot.exports import _charts as charts
from bot.settings import Settings
from storage.usage import EngineUsage, add_usage


@pytest.fixture
def settings(tmp_path):
    return Settings(
        data=tmp_path,
        engine="embedded",
        embeddings="none",
        limits="none",
        prices="scripted=2/10",
        currency="EUR",
        minutes_saved="marketing 12, other 5",
    )


def add_manager(world, name="boss"):
    role = world.guild.create_role(f"{name}s", permissions=discord.Permissions(manage_guild=True))
    return world.guild.add_member(world.env.create_user(name), roles=[role])


async def make_results(world):
    """Have two posts written for Ada, one of which she likes, and one for Ben."""
    made = (await world.post()).response
    await tap(world.ada, made, "I like it")
    await world.post("New mugs are here.")
    await world.ben.slash(world.channel, "copy", brief="new mugs", kind="email")


async def test_stats_pictures_are_private_and_have_alt_text(world):
    await make_results(world)
    message = get_last_answer(await world.ada.slash(world.channel, "stats"))
    assert message.ephemeral
    assert [one.filename for one in message.attachments] == ["stats-kinds.png", "stats-checks.png", "stats-cost.png"]
    alt = {one.filename: one.description for one in message.attachments}
    assert "Social post: 2 · 1 accepted (50%)" in alt["stats-kinds.png"]
    assert "Estimated time saved: 12 min" in alt["stats-kinds.png"]
    assert "Marketing 12" in alt["stats-kinds.png"]
    assert "scripted: 0.0" in alt["stats-cost.png"]
    assert "By person" not in alt["stats-cost.png"]
    for one in message.attachments:
        picture = Image.open(io.BytesIO(await one.read())).convert("RGBA")
        assert picture.getextrema()[3] == (255, 255), "its ground is its own, on a dark page and on a light one"
        assert picture.getpixel((0, 0))[:3] == tuple(bytes.fromhex(charts.PAPER[1:]))


async def test_only_owners_see_who_used_how_much(world):
    await make_results(world)
    boss = add_manager(world)
    cost = next(
        one for one in get_last_answer(await boss.slash(world.channel, "stats")).attachments if "cost" in one.filename
    )
    assert "By person: " in cost.description
    assert "ada: " in cost.description
    text = read_message(get_last_answer(await boss.slash(world.channel, "stats", show="text")))
    assert f"<@{world.ada.id}>" in text
    theirs = read_message(get_last_answer(await world.ben.slash(world.channel, "stats", show="text")))
    assert "Social post: 2 · 1 accepted (50%)" in theirs
    assert f"<@{world.ada.id}>" not in theirs


async def test_the_cost_of_an_accepted_text_includes_unaccepted_ones(world):
    await make_results(world)
    async with world.app.store.database.write() as connection:
        spent = [
            EngineUsage("ad", "cheap", tokens_in=5, cost=2_000_000),
            EngineUsage("ad", "dear", tokens_in=5, cost=1_000_000),
        ]
        await add_usage(connection, str(world.guild.id), "5", spent)
    text = read_message(get_last_answer(await world.ada.slash(world.channel, "stats", show="text")))
    assert "Cost per accepted text: €3.01" in text
    pictures = get_last_answer(await world.ada.slash(world.channel, "stats")).attachments
    assert "Cost per accepted text: €3.01" in next(one.description for one in pictures if "cost" in one.filename)


async def test_stats_buttons_change_period_and_form_and_survive_a_restart(world):
    await make_results(world)
    async with world.app.store.database.write() as connection:
        await add_usage(connection, str(world.guild.id), "5", [EngineUsage("quiz", "old", requests=3)])
        table = "UPDATE usage SET day = :day WHERE kind = 'quiz'"
        from sqlalchemy import text

        await connection.execute(text(table), {"day": (datetime.now(UTC).date() - timedelta(days=100)).isoformat()})
    message = get_last_answer(await world.ada.slash(world.channel, "stats", show="text"))
    assert "Quiz" not in read_message(message)
    await world.ada.click(message, label="365 days")
    assert "Quiz: 3" in read_message(message)
    await world.ada.click(message, label="As pictures")
    assert len(message.attachments) == 3
    table = get_last_answer(await world.ada.click(message, label="As a table (CSV)"))
    rows = list(csv.DictReader(io.StringIO((await table.attachments[0].read()).decode("utf-8-sig"))))
    assert {row["name"]: row["results"] for row in rows if row["what"] == "kind"} == {
        "quiz": "3",
        "social_post": "2",
        "email": "1",
    }
    assert [row for row in rows if row["what"] == "person"] == []


async def test_in_direct_messages_users_see_their_own_stats(world):
    await make_results(world)
    await world.ada.send_dm("write a tweet about mugs")
    mine = read_message(get_last_answer(await world.ada.user.slash("stats", show="text")))
    assert "Social post: 1 · 0 accepted (0%)" in mine
    assert "in direct messages" in mine


async def test_stats_are_in_the_readers_language(world):
    await make_results(world)
    said = read_message(
        get_last_answer(await act_in_language(world, "de", world.ada.slash, world.channel, "stats", show="text"))
    )
    assert "angenommen" in said
    assert "accepted" not in said


def luminance(colour: str) -> float:
    parts = [value / 255 for value in bytes.fromhex(colour[1:])]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_chart_text_and_bars_have_sufficient_contrast() -> None:
    ground = luminance(charts.PAPER)
    for colour, least in (
        (charts.INK, 4.5),
        (charts.MUTED_INK, 4.5),
        (charts.MARKED_COLOUR, 4.5),
        (charts.BAR_COLOUR, 3.0),
    ):
        assert (luminance(colour) + 0.05) / (ground + 0.05) >= least


def test_user_names_cannot_break_out_of_a_drawing() -> None:
    svg, _ = charts.draw_chart(
        "<script>", [charts.ChartBlock("&", [charts.ChartBar('"><script>x</script>' + "長" * 90, 1, "1")])]
    )
    assert "<script>" not in svg
    assert sanitise(svg)
