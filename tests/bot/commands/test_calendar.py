"""What is planned in a month, as a picture that is told in words, as a list to act on, and as a file."""

from __future__ import annotations

import io
import json
import re
from datetime import date

import discord
import pytest
from discord_texts import find_buttons, get_answer, get_components, read_message, walk_components
from icalendar import Calendar as Ics
from PIL import Image
from planning import (
    NOON,
    Clock,
    create_manager,
    list_direct_messages,
    list_posts,
    read_refusal,
    run_schedule,
    set_berlin_timezone,
    submit,
)

from bot.exports._lettering import INK, MUTED_INK, PAPER
from bot.team.calendar.month import (
    _DAY_COLOUR,
    _HOLIDAY_COLOUR,
    _STATE_COLOURS,
    _TODAY_COLOUR,
    FONT_SIZE,
    WIDTH,
    MonthEntry,
    draw_month,
)
from bot.team.campaigns.board import FONT_SIZE as BOARD_SIZE
from bot.team.campaigns.board import BoardRow, draw_board
from bot.team.workspace.roles import Member


@pytest.fixture
def clock(world):
    return Clock(world, NOON)


@pytest.fixture
async def full(world, clock):
    """Ada and Ben have planned something, and the server is in Germany."""
    boss = create_manager(world)
    await boss.slash(world.channel, "calendar-settings", timezone="europe/berlin", country="de")
    await world.ada.slash(world.channel, "schedule", when="Friday 9:00", text="Cake for *all*\nand tea.")
    await world.ben.slash(world.channel, "schedule", when="every Monday 8:00", text="Stand-up!")
    return boss


def get_alt_text(message):
    """Return the alternative text of a message's picture."""
    [gallery] = [part for part in walk_components(get_components(message)) if part.get("type") == 12]
    return gallery["items"][0]["description"]


async def test_a_month_is_a_picture_with_its_contents_as_text(world, full):
    shown = get_answer(await world.ada.slash(world.channel, "calendar"))
    assert shown.ephemeral
    assert read_message(shown).startswith("### October 2026")
    [file] = shown.attachments
    assert file.filename == "calendar-2026-10.png"
    body = await file.read()
    with Image.open(io.BytesIO(body)) as opened:
        assert opened.size == (1400, 1900)
        colours = {colour for _, colour in opened.convert("RGB").getcolors(1 << 20)}
    assert {_rgb(PAPER), _rgb(_STATE_COLOURS["planned"][0]), _rgb(_TODAY_COLOUR)} <= colours
    lines = get_alt_text(shown).splitlines()
    assert lines[0] == "October 2026"
    assert lines[1] == "🎉 Sat, Oct 3 · German Unity Day"
    assert lines[2].startswith("🕒 Fri, Oct 16, 2026, 09:00 · Cake for")
    assert len([line for line in lines if "🔁 Stand-up! · #marketing" in line]) == 2, "the 19th and the 26th"
    assert "<#" not in get_alt_text(shown), "nobody reads ids"
    earlier = get_answer(await world.ada.click(shown, label="September 2026"))
    assert "Nothing is scheduled." in read_message(earlier)


async def test_a_calendar_list_has_pages_buttons_filters_and_actions(world, clock, full):
    for hour in range(10, 17):
        await world.ada.slash(world.channel, "schedule", when=f"Friday {hour}:00", text=f"Post {hour}")
    first = get_answer(await world.ada.slash(world.channel, "calendar", show="list"))
    assert read_message(first).startswith("### October 2026 · 1/2")
    assert "German Unity Day" in read_message(first)
    second = get_answer(await world.ada.click(first, label="Later"))
    assert read_message(second).startswith("### October 2026 · 2/2")
    assert "Stand-up!" in read_message(second)
    assert "Cake" not in read_message(second)
    own = get_answer(await world.ada.click(second, label="Only mine"))
    assert "Stand-up!" not in read_message(own)
    bens = get_answer(await world.ben.slash(world.channel, "calendar", show="list", whose="own"))
    assert read_message(bens).count("Stand-up!") == 2
    entry = get_answer(await world.ben.click(bens, custom_id=buttons_to(bens)[0]))
    await world.ben.click(entry, label="Cancel all")
    assert "Nothing is scheduled." in read_message(
        get_answer(await world.ben.slash(world.channel, "calendar", whose="own"))
    )


def buttons_to(message):
    return [
        one
        for one in (part.get("custom_id", "") for part in walk_components(get_components(message)))
        if "quillplan:show" in one
    ]


async def test_the_feed_has_posts_and_holidays_and_no_duplicate_events(world, clock, full):
    shown = get_answer(await world.ada.slash(world.channel, "calendar", show="file"))
    first = Ics.from_ical(await shown.attachments[0].read()).walk("VEVENT")
    dates = {str(one["summary"]): one.decoded("dtstart") for one in first}
    assert dates["German Unity Day"] == date(2026, 10, 3)
    assert dates["Cake for all"].isoformat() == "2026-10-16T07:00:00+00:00"
    [series] = [one for one in first if str(one["summary"]) == "Stand-up!"]
    assert series["rrule"].to_ical() == b"FREQ=WEEKLY;BYDAY=MO;WKST=MO"
    assert series.decoded("dtstart").isoformat() == "2026-10-19T08:00:00+02:00", (
        "by the clock on the wall, also in winter"
    )
    assert {str(one.get("location", "")) for one in first if "Day" not in str(one["summary"])} == {"#marketing"}
    again = get_answer(await world.ada.slash(world.channel, "calendar", show="file"))
    second = Ics.from_ical(await again.attachments[0].read()).walk("VEVENT")
    assert {str(one["uid"]) for one in first} == {str(one["uid"]) for one in second}
    assert len({str(one["uid"]) for one in first}) == len(first)


async def test_a_moved_post_of_a_series_is_exported_separately_from_the_rest(world, clock, full):
    listed = get_answer(await world.ben.slash(world.channel, "calendar", show="list", whose="own"))
    entry = get_answer(await world.ben.click(listed, custom_id=buttons_to(listed)[0]))
    await submit(world.ben, await world.ben.click(entry, label="Move…"), when="Tuesday 10:00")
    shown = get_answer(await world.ben.slash(world.channel, "calendar", show="file", whose="own"))
    events = Ics.from_ical(await shown.attachments[0].read()).walk("VEVENT")
    found = {one.decoded("dtstart").isoformat(): "rrule" in one for one in events if str(one["summary"]) == "Stand-up!"}
    assert found == {"2026-10-20T08:00:00+00:00": False, "2026-10-26T08:00:00+01:00": True}


@pytest.mark.parametrize("size", [FONT_SIZE, BOARD_SIZE])
def test_letters_are_at_least_twelve_pixels_at_discords_width(size):
    assert size * 550 / WIDTH >= 12
    first = date(2026, 10, 1)
    mark = MonthEntry("09:00", "Cake", "#marketing", "planned")
    month = draw_month("October", first, ["Mo"] * 7, {first: [mark] * 9}, {first: ["Day"]}, first)
    row = BoardRow("Email", "Email", "approved", "ada", "fits", "approved")
    for svg in (month, draw_board("A campaign", ["h"] * 5, [row] * 3, "approved: 3")):
        assert min(map(float, re.findall(r'font-size="([\d.]+)"', svg))) * 550 / WIDTH >= 12


async def test_posts_to_channels_a_member_cannot_see_are_hidden_from_them(world, clock, full):
    hidden = {world.guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    hidden[world.guild.me] = hidden[full] = discord.PermissionOverwrite(view_channel=True, send_messages=True)
    secret = world.guild.create_text_channel("board", overwrites=hidden)
    await full.slash(world.channel, "schedule", when="Friday 9:00", text="The merger.", channel=secret)
    assert "The merger." in read_message(get_answer(await full.slash(world.channel, "calendar", show="list")))
    for show in ("list", "picture", "file"):
        seen = get_answer(await world.ben.slash(world.channel, "calendar", show=show))
        assert "merger" not in str(get_components(seen))
        assert not any([b"merger" in await file.read() for file in seen.attachments])
    # Nor by a button of a list that was open before.
    mine = get_answer(await full.slash(world.channel, "calendar", show="list", whose="own"))
    [its] = buttons_to(mine)
    bens = get_answer(await world.ben.slash(world.channel, "calendar", show="list"))
    stored = world.env.backend.messages[world.channel.id][bens.id]
    stored.components = json.loads(json.dumps(stored.components).replace(buttons_to(bens)[0], its))
    assert "That is no longer scheduled: it" in read_refusal(await world.ben.click(bens, custom_id=its))
    assert "The merger." in read_message(get_answer(await full.click(mine, custom_id=its)))


async def test_direct_messages_have_their_own_calendar(world, clock):
    await set_berlin_timezone(world, world.ada)
    said = read_refusal(await world.ada.user.slash("schedule", when="tomorrow 9:00", text="Call mum."))
    assert "In your private messages with me, scheduled by" in said
    listed = get_answer(await world.ada.user.slash("calendar", show="list"))
    assert "Call mum." in read_message(listed)
    assert "Call mum." not in read_message(get_answer(await world.ada.slash(world.channel, "calendar", show="list")))
    clock.pass_(hours=21)
    assert await run_schedule(world.bot) == 1
    assert "Call mum." in list_direct_messages(world, world.ada)


async def test_only_managers_set_the_country_and_zone_and_only_to_known_ones(world, clock, full):
    assert read_refusal(await world.ben.slash(world.channel, "calendar-settings", country="fr")).startswith(
        "Only owners can set"
    )
    assert read_refusal(await full.slash(world.channel, "calendar-settings", country="zz")).startswith(
        'I do not know the public holidays of "ZZ"'
    )
    assert read_refusal(await full.slash(world.channel, "calendar-settings", timezone="Mars")).startswith(
        "There is no time zone"
    )
    said = read_refusal(await full.slash(world.channel, "calendar-settings", country="fr"))
    assert "Time zone: Europe/Berlin" in said
    assert "Holidays of: France" in said
    shown = get_answer(await world.ada.slash(world.channel, "calendar", month="2026-07", show="list"))
    assert "Tue, Jul 14" in read_message(shown)
    assert read_refusal(await world.ada.slash(world.channel, "calendar", month="July")).startswith("Write the month as")


async def test_the_active_brands_holidays_override_the_servers(world, clock, full):
    boss, elsewhere = full, world.guild.create_text_channel("elsewhere")
    page = (await boss.slash(world.channel, "brand make", name="Chez Nous")).response
    [facts] = [
        part["custom_id"]
        for part in walk_components(get_components(page))
        if part.get("custom_id", "").startswith("quillbrand:edit:") and part["custom_id"].endswith(":facts")
    ]
    refused_ = await boss.submit_modal(await boss.click(page, custom_id=facts), {"country": "Narnia"})
    assert read_refusal(refused_).startswith('I do not know the public holidays of "Narnia".')
    page = get_answer(await boss.submit_modal(await boss.click(page, custom_id=facts), {"country": "france"}))
    assert "Holidays of: France" in read_message(page)
    await boss.slash(world.channel, "brand lend", name="Chez Nous", to="workspace")
    await boss.slash(world.channel, "brand use", name="none")
    [brand] = (await world.app.workspaces.load_persona_and_brand_titles(str(world.guild.id))).brands
    owner, here = Member(str(boss.id), manages=True), str(world.channel.id)
    await world.app.workspaces.change(str(world.guild.id), owner, lambda known: known.with_channel(here, brand=brand))
    days = {}
    for channel in (world.channel, elsewhere):
        days[channel.id] = read_message(
            get_answer(await world.ada.slash(channel, "calendar", show="list", month="2026-11"))
        )
    assert "Armistice" in days[world.channel.id]
    assert "Armistice" not in days[elsewhere.id], "where the brand is not in use, the server's"
    clock.pass_(days=2)
    assert "Armistice" in read_message(get_answer(await world.ada.slash(world.channel, "ideas")))
    assert "Armistice" not in read_message(get_answer(await world.ada.slash(elsewhere, "ideas")))


async def test_a_posted_entry_is_shown_with_its_link(world, clock, full):
    clock.pass_(days=1, hours=21)
    await run_schedule(world.bot)
    assert list_posts(world, world.channel) == ["Cake for *all*\nand tea."]
    listed = get_answer(await world.ada.slash(world.channel, "calendar", show="list"))
    assert "✅ Fri, Oct 16, 2026, 09:00" in read_message(listed)
    entry = get_answer(await world.ada.click(listed, custom_id=buttons_to(listed)[0]))
    assert f"https://discord.com/channels/{world.guild.id}/{world.channel.id}/" in read_message(entry)
    assert "Cancel it" not in find_buttons(entry)


def _rgb(colour):
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour):
    parts = [one / 255 for one in _rgb(colour)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return sum(weight * one for weight, one in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        (INK, PAPER),
        (MUTED_INK, PAPER),
        (INK, _DAY_COLOUR),
        (INK, _TODAY_COLOUR),
        (_HOLIDAY_COLOUR, _DAY_COLOUR),
        (_HOLIDAY_COLOUR, _TODAY_COLOUR),
        (MUTED_INK, _DAY_COLOUR),
        *((ink, paper) for paper, ink in _STATE_COLOURS.values()),
    ],
)
def test_text_in_the_calendar_picture_is_readable(ink, paper):
    bright, dark = sorted([_luminance(ink), _luminance(paper)], reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= 4.5


async def test_paging_stops_at_the_first_and_last_known_month(world, clock):
    for month, further in (("2000-01", "December 1999"), ("2099-12", "January 2100")):
        shown = get_answer(await world.ada.slash(world.channel, "calendar", month=month))
        [button] = [part for part in walk_components(get_components(shown)) if part.get("label") == further]
        assert button["disabled"]
    stored = world.env.backend.messages[world.channel.id][shown.id]
    stored.components = [{"type": 1, "components": [{**button, "disabled": False}]}]
    assert "Write the month as year and number, such as 2026-11." in read_refusal(
        await world.ada.click(shown, label=further)
    )
