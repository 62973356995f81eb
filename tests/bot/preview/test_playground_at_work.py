"""The workspace that a newcomer to the playground meets: filled through the services, once, and still there at the next start."""

from __future__ import annotations

from collections import Counter
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from discord_texts import read_message
from writing import build_content

from bot.app import App
from bot.client import QuillmateBot
from bot.content import MemorySnapshot, Request
from bot.generation.branding import list_legal_line_scopes
from bot.generation.measure import measure
from bot.generation.recall import assign
from bot.locales import LANGUAGES
from bot.preview import NEW, PlaygroundServer
from bot.preview.welcome import build_team_text
from bot.preview.worked import load_shop
from bot.preview.world import LiveEnv
from bot.team.calendar.recurrence import find_next_month
from bot.team.workspace.audit import AuditFilter
from personas.book import Book
from personas.book_fields import set_field
from personas.style import Brand
from storage.entries import EntryFilter
from storage.owners import workspace

SERVER = "100000000000000100"


@asynccontextmanager
async def open_playground(settings, script, router, *, locale="en-US"):
    """Open a playground that a visitor has just entered, without its page."""
    async with App(settings, engines=[script.engine()]) as app:
        app.routing._router = router
        bot = QuillmateBot(app)
        env = LiveEnv(bot, bot_name="Quillmate")
        studio = PlaygroundServer(env, bot)
        try:
            await env.start()
            await studio.furnish("token")
            await studio.welcome(locale)
            await studio.done()
            yield studio, env, app
        finally:
            await studio.close()
            await bot.end_work(0)
            with env._bot_scope():
                await bot.close()
            await env.shutdown()


def read_channel(env, studio, channel):
    """Return the texts of the messages in a channel."""
    stored = env.backend.messages[int(studio.team.channels[channel])].values()
    return [one.content or read_message({"components": one.components}) for one in stored]


async def list_titles(app, studio):
    """List the titles of the team's texts by their state."""
    viewer, found = studio.team.viewer("Ada"), []
    for number in range(3):
        found += (await app.library.load_page(viewer, "", EntryFilter(), number)).entries
    assert all(one.owner_id == workspace(SERVER) for one in found)
    return found


async def replace_process(app):
    """Let another process take the app's place, in an unused folder; return its classifier."""
    await app.__aexit__(None, None, None)
    (app.settings.data / NEW).touch()
    return app.routing._router


async def test_a_newcomer_sees_a_team_at_work_and_again_after_a_restart(settings, script, app):
    router = await replace_process(app)
    async with open_playground(settings, script, router) as (studio, env, app):
        welcome = read_channel(env, studio, "marketing")
        assert len(welcome) == 1
        assert f"<#{studio.team.channels['reviews']}>" in welcome[0]
        found = await list_titles(app, studio)
        assert Counter(one.status for one in found) == {"submitted": 3, "draft": 3, "approved": 3, "scheduled": 2}
        assert {one.star for one in found} == {True, False}
        assert len({one.collection for one in found if one.collection}) == 2
        reviews = read_channel(env, studio, "reviews")
        assert len(reviews) == 5, "four reviews and a poll"
        assert sum("requested changes:" in one for one in reviews) == 1
        assert "Approvals: 1 of 1" in reviews[0]
        assert "as soon as 2 people have voted" in reviews[-1]
        [campaign] = await app.store.campaigns.list_all(SERVER)
        assert campaign.title in read_channel(env, studio, "news")[0], "its thread"
        [(room, _)] = studio.threads()
        thread = [
            read_message({"components": one.components}) for one in env.backend.messages[room.channel.id].values()
        ]
        assert len(thread) == 5, "a board and four texts"
        assert all(one.state == "shown" for one in await app.store.campaigns.list_pieces(campaign))
        assert await app.store.campaigns.list_pending() == [], "no model is asked for any of it"
        ada = studio.team.people["Ada"]
        assert (await app.auditing.verify(SERVER, ada)).broken is None
        done = await app.auditing.load_page(SERVER, ada, AuditFilter(), limit=100)
        people = {who for one in done for who in one.user_ids.values()}
        assert people == {one.user_id for one in studio.team.people.values()}
        first = datetime.now(UTC).date().replace(day=1)
        actor = studio.team.actor("Ada")
        planned = {
            one.post.id
            for day in (first, find_next_month(first))
            for one in await app.calendar.list_month(actor, day, lambda _channel: True)
        }
        assert len(planned) == 4
        figures = await app.store.usage.load_figures(workspace(SERVER), first, datetime.now(UTC).date())
        assert sum(one.requests for one in figures.kinds) == len(found) + 2, "the texts, and the poll's two"
        assert figures.engines == (), "no engine has written them"
    async with open_playground(settings, script, router) as (studio, env, app):
        assert len(await list_titles(app, studio)) == len(found), "nothing is given twice"
        assert len(read_channel(env, studio, "reviews")) == 2, "what waits for approval is shown again"
        [(room, _)] = studio.threads()
        assert len(env.backend.messages[room.channel.id]) == 5, "and the campaign in a thread of this start"
        [again] = await app.store.campaigns.list_all(SERVER)
        assert again.thread_id == str(room.channel.id)
        assert "A team at work" in read_channel(env, studio, "marketing")[0]


async def test_a_post_due_soon_is_sent_automatically_and_shown_as_posted(settings, script, app):
    router = await replace_process(app)
    async with open_playground(settings, script, router, locale="de") as (studio, env, app):
        soon = next(
            one for one in await list_titles(app, studio) if (one.kind, one.status) == ("social_post", "scheduled")
        )
        today = datetime.now(UTC)
        coming = await app.store.schedule.list_between(
            studio.team.people["Ben"].user_id, SERVER, today, today + timedelta(days=1)
        )
        [due] = [one for one in coming if one.asset.startswith(soon.id)]
        assert 0 < (due.due_at - datetime.now(UTC)).total_seconds() <= 120
        app.calendar.now = lambda: due.due_at
        with env._bot_scope():
            assert await studio.bot.get_cog("ScheduleCommand").run_once() == 1
        assert read_channel(env, studio, "news")[1:] == [soon.text], "after the thread of the campaign"
        assert next(one for one in await list_titles(app, studio) if one.id == soon.id).status == "published"


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_example_texts_pass_their_checks_and_have_their_parts(language):
    told = load_shop(language)
    book = Book()
    for name, text in told["brand"].items():
        if name != "name":
            book = set_field(book, name, text.strip(), list_legal_line_scopes())
    memory = MemorySnapshot(brand=Brand(name=told["brand"]["name"], samples=(), book=book), brand_id="1")
    for text in (*told["texts"], *told["campaign"]["pieces"][1:]):
        text = {"brief": told["campaign"]["brief"], **text}
        request = Request("1", "7", text["brief"], kind=text["kind"], language=language)
        assignment = assign(request, memory)
        content = build_content(assignment, text["text"].strip())
        assert [one for one in measure(content, assignment) if not one.passed] == []
        assert content.parts or text["kind"] == "explanation"


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_the_welcome_says_where_to_look_in_three_lines(language):
    lines = build_team_text(language, reviews="<#1>", news="<#2>").splitlines()
    assert len(lines) == 3
    assert "<#1>" in lines[1]
    assert "<#2>" in lines[1]
    assert all(f"/{name}" in lines[2] for name in ("library", "calendar", "stats", "audit", "settings"))
    assert lines[0].startswith("**")
