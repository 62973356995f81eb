"""A team's day, as its people see it: set up, a brand, a text that goes its way to being posted, and what is told of it afterwards."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from acting import tap, wait_until
from discord_texts import find_buttons, get_answer, get_components, read_message, walk_components
from planning import NOON, Clock, create_manager, list_posts, read_refusal, restart_process, run_schedule, submit
from writing import is_change

LEGAL = "Repairs at your own risk."
FIRST = "We open a second counter on Monday. Come in at eight."
BETTER = "We open a second counter on Monday. Come in at eight for free coffee."
# The menus of Discord's: for options, roles and channels.
SELECTS = (3, 6, 8)
WISH = "Mention the free coffee."


@pytest.fixture
def people(world):
    """An owner, an editor, two reviewers and a viewer, by their Discord roles; and the channel for reviews."""
    roles = {name: world.guild.create_role(name) for name in ("editor", "reviewer")}

    def add_member(name, *role):
        return world.guild.add_member(world.env.create_user(name), roles=[roles[one] for one in role])

    return SimpleNamespace(
        boss=create_manager(world),
        ed=add_member("ed", "editor"),
        ria=add_member("ria", "reviewer"),
        rob=add_member("rob", "reviewer"),
        vera=add_member("vera"),
        reviews=world.guild.create_text_channel("reviews"),
        roles=roles,
    )


async def choose(who, shown, action, *values):
    """Choose in a menu of a settings page; return the page as it is then."""
    ids = [one["custom_id"] for one in walk_components(get_components(shown)) if one.get("type") in SELECTS]
    [found] = [one for one in ids if one.split(":", 2)[2].removesuffix(":") == action]
    return (await who.select(shown, list(values), custom_id=found)).response


async def set_up(world, people):
    """Walk through /setup as the owner."""
    boss, shown = people.boss, (await people.boss.slash(world.channel, "setup")).response
    for number in range(1, 8):
        assert f"{number}/7" in read_message(shown)
        if number == 4:
            for name, role in people.roles.items():
                shown = await choose(boss, shown, f"role:{name}", role)
            shown = await choose(boss, shown, "default-role", "viewer")
        elif number == 5:
            shown = await choose(boss, shown, "approvals", "2")
            shown = await choose(boss, shown, "review-channel", people.reviews)
        elif number == 7:
            shown = await choose(boss, shown, "zone", "Europe/Berlin")
        shown = (await boss.click(shown, label="Next" if "Next" in find_buttons(shown) else "Skip")).response
    assert f"Reviews are shown in <#{people.reviews.id}>" in read_message(shown)


async def create_brand(world, people):
    """Write a brand as the owner, give it to the server, and make it the channel's."""
    boss = people.boss
    page = (await boss.slash(world.channel, "brand make", name="Fern & Fog")).response
    [legal] = [
        one["custom_id"]
        for one in walk_components(get_components(page))
        if one.get("custom_id", "").startswith("quillbrand:edit:") and one["custom_id"].split(":")[3] == "legal"
    ]
    await boss.submit_modal(await boss.click(page, custom_id=legal), {"legal": f"posts: {LEGAL}"})
    await boss.slash(world.channel, "brand lend", name="Fern & Fog", to="workspace")
    await boss.slash(world.channel, "brand use", name="none")
    found = await world.app.workspaces.load_persona_and_brand_titles(str(world.guild.id))
    shown = (await boss.slash(world.channel, "settings")).response
    shown = await choose(boss, shown, "change", "channels")
    shown = await choose(boss, shown, "channel", world.channel)
    shown = await choose(boss, shown, f"brand:{world.channel.id}", next(iter(found.brands)))
    assert "Fern & Fog" in read_message(shown)


def write(messages):
    """Answer like a model that writes the text, and adds what was asked for if it changes one."""
    if not is_change(messages):
        return FIRST
    return "<<<<<<< OLD\nCome in at eight.\n=======\nCome in at eight for free coffee.\n>>>>>>> NEW"


def find_board(world, people):
    """Return the message that shows the review, in its current state."""
    [shown] = [one for one in people.reviews.history() if "quillreview:" in str(get_components(one))]
    return shown


async def test_a_team_reviews_and_posts_a_text_and_the_audit_log_records_it(world, people, settings, script):
    clock = Clock(world, NOON)
    boss, ed, ria, rob, vera = people.boss, people.ed, people.ria, people.rob, people.vera
    await set_up(world, people)
    await create_brand(world, people)
    world.script.answer = write
    assert read_refusal(await vera.slash(world.channel, "copy", brief="second counter")).startswith(
        "In this server I write only"
    )

    made = (
        await ed.slash(world.channel, "copy", kind="social_post", brief="second counter from Monday, eight")
    ).response
    assert f"{FIRST}\n\n{LEGAL}" in read_message(made), "in the brand of the channel"
    kept = get_answer(await ed.context_menu(world.channel, "Save to the team's library", made))
    await tap(ed, kept, "Submit for review")
    assert "Approvals: 0 of 2" in read_message(find_board(world, people))
    await submit(ria, await ria.click(find_board(world, people), label="Request changes…"), what_to_change=WISH)
    assert f"<@{ria.id}> requested changes: {WISH}" in read_message(find_board(world, people))

    async with restart_process(world, settings, script, clock):
        redone = (await ed.click(find_board(world, people), label="Rewrite with this feedback")).response
        assert "This is now version 2 of the text in the team's library." in read_message(redone)
        assert WISH in world.script.prompts[-1]
        await tap(ed, find_board(world, people), "Submit for review")
        for who in (ed, vera):
            assert read_private_reply(await who.click(find_board(world, people), label="Approve")).startswith(
                "Only reviewers and owners"
            )
        await ria.click(find_board(world, people), label="Approve")
        assert "Schedule…" not in find_buttons(find_board(world, people))
        await rob.click(find_board(world, people), label="Approve")
        assert "Approvals: 2 of 2" in read_message(find_board(world, people))
        form = await tap(ed, find_board(world, people), "Schedule…")
        planned = get_answer(await submit(ed, form, when="tomorrow 9am", in_which=world.channel))
        assert "Thu, Oct 15, 2026, 09:00" in read_message(planned)
        assert "scheduled" in read_message(find_board(world, people))

    async with restart_process(world, settings, script, clock):
        posted = f"{BETTER}\n\n{LEGAL}"
        before = list_posts(world, world.channel).count(posted)
        clock.pass_(hours=20, minutes=59)
        assert await run_schedule(world.bot) == 0, "nothing goes out early"
        clock.pass_(minutes=1)
        assert await run_schedule(world.bot) == 1
        assert await run_schedule(world.bot) == 0
        assert list_posts(world, world.channel).count(posted) == before + 1
        await wait_until(lambda: "published" in read_message(find_board(world, people)))

        page = get_answer(await boss.slash(world.channel, "audit"))
        exported = get_answer(await boss.click(page, label="Export (.jsonl)"))
        rows = [json.loads(line) for line in (await exported.attachments[0].read()).decode().splitlines()]
        of_the_text = [(row["act"], row["person"]) for row in rows if row["act"] not in ("settings", "roles")]
        assert of_the_text == [
            ("keep", str(ed.id)),
            ("submit", str(ed.id)),
            ("ask", str(ria.id)),
            ("edit", str(ed.id)),
            ("submit", str(ed.id)),
            ("approve", str(ria.id)),
            ("approve", str(rob.id)),
            ("schedule", str(ed.id)),
            ("publish", str(ed.id)),
        ]
        assert {row["person"] for row in rows if row["act"] in ("settings", "roles")} == {str(boss.id)}
        checked = read_message(get_answer(await boss.click(page, label="Check")))
        assert checked.startswith(f"All entries are unchanged ({len(rows)}).")
        assert read_refusal(await vera.slash(world.channel, "audit")).startswith("Only owners")

        figures = read_message(get_answer(await vera.slash(world.channel, "stats", show="text")))
        assert "Social post: 2 · 1 accepted (50%)" in figures, "the one that was given to the team, and its redo"


def read_private_reply(result):
    """Return the private message to a user who pressed a button that is not for them."""
    shown = result.followups[-1] if result.followups else result.response
    assert shown.ephemeral
    return read_message(shown)
