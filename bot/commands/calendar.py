"""/calendar: shows the posts of a month as a picture, as a list with buttons, or as a file; and sets a server's time zone
and country.
"""

from __future__ import annotations

import asyncio
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import discord
from babel.dates import get_day_names
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, whisper
from bot.errors import RefusedError
from bot.exports import ics
from bot.exports._drawing import render_png
from bot.interactions.components import PersistentItem
from bot.interactions.countries import build_empty_request, find_country, format_country, parse_country_code
from bot.interactions.posts.events import build_events
from bot.interactions.posts.planned import (
    POSTS_PER_PAGE,
    build_plan_id,
    format_alt_text,
    format_entry_line,
    format_month,
    format_occasion_line,
)
from bot.interactions.posts.planning import build_actor, build_visibility_check
from bot.interactions.sharing import build_choices
from bot.locales import find_babel_locale, translate
from bot.replies.files import attachment
from bot.replies.views import COLOURS, Layout
from bot.team.calendar.month import HEIGHT, WIDTH, MonthEntry, draw_month
from bot.team.calendar.occasions import list_countries, list_holidays
from bot.team.calendar.posts import Actor, CalendarEntry
from bot.team.calendar.recurrence import find_next_month, to_wall_time
from personas.profile import find_zone, load_zones

FORMS = {"picture": "as a picture", "list": "as a list", "file": "as a calendar file (.ics)"}
WHOSE = {"all": "everybody's", "own": "only mine"}
_YEARS = range(2000, 2100)
_MONTH = re.compile(r"(20[0-9]{2})-(0?[1-9]|1[0-2])")
_NOT_A_MONTH = "Write the month as year and number, such as 2026-11."
_UNKNOWN_ZONE = 'There is no time zone "{name}". Choose one from the list, such as Europe/Berlin.'
_NO_POSTS = "Nothing is scheduled."
_HINT = "To schedule a post, use /schedule or press Schedule… below a result."
_TEMPLATE = r"quillcal:(?P<form>picture|list|file):(?P<month>\d{4}-\d{2}):(?P<whose>all|own):(?P<page>\d{1,3})(?::\w)?"


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """A page of a calendar: its format, month, selection of posts, and number."""

    form: str
    first_day: date
    whose: str
    number: int = 0

    def button_id(self, position: str) -> str:
        """Return the custom id of a button to this page; `position` distinguishes two with the same target in a message."""
        return f"quillcal:{self.form}:{self.first_day:%Y-%m}:{self.whose}:{self.number}:{position}"


@dataclass(frozen=True, slots=True)
class Month:
    """The posts of a month that a user can see, and its holidays."""

    page: CalendarPage
    entries: Sequence[CalendarEntry]
    holidays: dict[date, list[str]]
    today: date
    locale: str
    # Names of the posts' channels, with their prefixes, by channel id.
    channel_names: Mapping[str, str]

    @property
    def list_lines(self) -> list[str]:
        """The holidays and posts in order of time, one line each, for output in which mentions are not rendered."""
        days = [
            (datetime.combine(day, datetime.min.time()), format_occasion_line(day, names, self.locale))
            for day, names in self.holidays.items()
        ]
        marks = [
            (
                entry.at.replace(tzinfo=None),
                format_entry_line(entry, self.locale, channel_name=self.channel_names.get(entry.post.channel_id, "")),
            )
            for entry in self.entries
        ]
        return [line for _, line in sorted([*days, *marks], key=lambda dated_line: dated_line[0])]


class CalendarCommands(commands.Cog):
    """The commands that show a calendar and set up the server's."""

    def __init__(self, bot: QuillmateBot) -> None:
        self._calendar = bot.app.calendar

    @app_commands.command(name="calendar", description="See what is scheduled: as a picture, a list or a file")
    @app_commands.describe(
        show="How you would like to see it",
        month="Which month, such as 2026-11; if empty, the current one",
        whose="Everybody's posts, or only those you scheduled",
    )
    @app_commands.choices(
        show=[app_commands.Choice(name=label, value=value) for value, label in FORMS.items()],
        whose=[app_commands.Choice(name=label, value=value) for value, label in WHOSE.items()],
    )
    async def calendar(
        self, interaction: Interaction, show: str = "picture", month: str | None = None, whose: str = "all"
    ) -> None:
        """Show a month in an ephemeral message."""
        first_day = _parse_month(month) if month else (await _get_today(interaction)).replace(day=1)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _show_page(interaction, CalendarPage(show, first_day, whose), is_new=True)

    @app_commands.command(
        name="calendar-settings", description="Set the time zone and holidays for this server's calendar"
    )
    @app_commands.describe(
        timezone="The time zone for members who have none in their profile",
        country="The country whose public holidays it shows, as two letters",
    )
    @app_commands.guild_only()
    async def settings(self, interaction: Interaction, timezone: str | None = None, country: str | None = None) -> None:
        """Set the given values, which requires an owner, and show the current settings.

        Raises:
            RefusedError: the user may not set them, or the country or time zone is unknown.
        """
        zone = load_zones().get(timezone.strip().casefold()) if timezone else None
        if timezone and not zone:
            raise RefusedError(_UNKNOWN_ZONE, name=timezone[:60])
        code = parse_country_code(country) if country else None
        region = await self._calendar.set_region(await build_actor(interaction), zone, code)
        locale, unset_text = interaction.locale.value, translate("not set", interaction.locale.value)
        lines = ["### " + translate("This server's calendar", locale)]
        lines.append(f"- {translate('Time zone', locale)}: {region[0] or unset_text}")
        lines.append(
            f"- {translate('Holidays of', locale)}: {format_country(region[1], locale) if region[1] else unset_text}"
        )
        await whisper(interaction, "\n".join(lines))

    @settings.autocomplete("timezone")
    async def _suggest_zones(self, _interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        return build_choices(sorted(load_zones().values()), current)

    @settings.autocomplete("country")
    async def _suggest_countries(self, interaction: Interaction, current: str) -> list[app_commands.Choice[str]]:
        names = {f"{code} {format_country(code, interaction.locale.value)}": code for code in list_countries()}
        choices = build_choices(list(names), current)
        return [
            app_commands.Choice(name=choice.name, value=names.get(choice.value, choice.value[:2])) for choice in choices
        ]


class CalendarButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button that leads to another page, month or format of a calendar."""

    def __init__(self, form: str, month: str, whose: str, page: str) -> None:
        super().__init__(discord.ui.Button(custom_id=f"quillcal:{form}:{month}:{whose}:{page}"))
        self._form, self._month, self._whose, self._number = form, month, whose, int(page)

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one, or send the file."""
        page = CalendarPage(self._form, _parse_month(self._month), self._whose, self._number)
        if page.form == "file":
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        await _show_page(interaction, page, is_new=False)


async def _show_page(interaction: Interaction, page: CalendarPage, *, is_new: bool) -> None:
    month = await _load_month(interaction, page)
    if page.form == "file":
        body = await asyncio.to_thread(_build_file, month, interaction.guild_id)
        view = Layout()
        name = f"calendar-{page.first_day:%Y-%m}.ics"
        view.add_item(discord.ui.TextDisplay(format_month(page.first_day, month.locale)))
        view.add_item(discord.ui.File(f"attachment://{name}"))
        await interaction.followup.send(view=view, file=attachment(name, body), ephemeral=True)
        return
    if page.form == "list":
        view, files = _build_list_view(month, await build_actor(interaction)), list[discord.File]()
    else:
        picture = await asyncio.to_thread(_render_month, month)
        file = attachment(
            f"calendar-{page.first_day:%Y-%m}.png",
            picture,
            format_alt_text(page.first_day, month.list_lines, month.locale),
        )
        view, files = _build_picture_view(month, file), [file]
    if is_new:
        await interaction.followup.send(view=view, files=files, ephemeral=True)
    else:
        await interaction.edit_original_response(view=view, attachments=files)


async def _load_month(interaction: Interaction, page: CalendarPage) -> Month:
    actor = await build_actor(interaction)
    entries = await interaction.client.app.calendar.list_month(
        actor, page.first_day, build_visibility_check(interaction), own_only=page.whose == "own"
    )
    country = await find_country(interaction, build_empty_request(interaction))
    # In a thread, as importing the holidays package takes a while.
    holidays = await asyncio.to_thread(list_holidays, country, page.first_day, actor.locale)
    return Month(
        page, entries, holidays, await _get_today(interaction), actor.locale, _list_channel_names(interaction, entries)
    )


def _list_channel_names(interaction: Interaction, entries: Sequence[CalendarEntry]) -> dict[str, str]:
    """Return the names of the entries' channels by id; empty for deleted channels."""
    server, names = interaction.guild, dict[str, str]()
    for channel_id in {entry.post.channel_id for entry in entries if entry.post.guild_id}:
        channel = server.get_channel_or_thread(int(channel_id)) if server else None
        names[channel_id] = f"#{channel.name}" if channel else ""
    return names


async def _get_today(interaction: Interaction) -> date:
    calendar = interaction.client.app.calendar
    zone = await calendar.find_zone(await build_actor(interaction))
    return to_wall_time(calendar.now(), find_zone(zone.name)).date()


def _parse_month(text: str) -> date:
    """Parse a month such as "2026-11" into its first day.

    Raises:
        RefusedError: the text is not a month.
    """
    match = _MONTH.fullmatch(text.strip())
    if not match:
        raise RefusedError(_NOT_A_MONTH)
    return date(int(match[1]), int(match[2]), 1)


def _render_month(month: Month) -> bytes:
    marks = defaultdict[date, list[MonthEntry]](list)
    for entry in month.entries:
        state = "planned" if entry.repeats else entry.post.state
        channel_name = month.channel_names.get(entry.post.channel_id, "")
        marks[entry.at.date()].append(MonthEntry(f"{entry.at:%H:%M}", entry.post.title, channel_name, state))
    names = get_day_names("abbreviated", context="stand-alone", locale=find_babel_locale(month.locale))
    title = format_month(month.page.first_day, month.locale)
    svg = draw_month(title, month.page.first_day, [names[day] for day in range(7)], marks, month.holidays, month.today)
    return render_png(svg, max(WIDTH, HEIGHT))


def _build_file(month: Month, guild_id: int | None) -> bytes:
    """Build the file for calendar programs: posts at their times, holidays as all-day events."""
    posts = {entry.post.id: entry.post for entry in month.entries}
    post_events = [
        event for post in posts.values() for event in build_events(post, month.channel_names.get(post.channel_id, ""))
    ]
    days = [
        ics.CalendarEvent(day, ", ".join(names), "", uid=f"holiday-{day}-{guild_id or 0}")
        for day, names in month.holidays.items()
    ]
    name = f"Quillmate, {format_month(month.page.first_day, month.locale)}"
    return ics.build_calendar(name, name, [*days, *post_events])


def _build_picture_view(month: Month, picture: discord.File) -> Layout:
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    frame.add_item(discord.ui.TextDisplay(f"### {format_month(month.page.first_day, month.locale)}"))
    frame.add_item(discord.ui.MediaGallery(discord.MediaGalleryItem(picture.uri, description=picture.description)))
    if not month.entries:
        frame.add_item(discord.ui.TextDisplay(_build_empty_text(month.locale)))
    return _add_navigation(frame, month)


def _build_list_view(month: Month, actor: Actor) -> Layout:
    """Build a page of the entries, each with a button that opens it; the first page starts with the holidays."""
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["chat"])
    page_count = max(1, -(-len(month.entries) // POSTS_PER_PAGE))
    number = min(month.page.number, page_count - 1)
    title = f"### {format_month(month.page.first_day, month.locale)}"
    frame.add_item(discord.ui.TextDisplay(f"{title} · {number + 1}/{page_count}" if page_count > 1 else title))
    if number == 0 and month.holidays:
        days = [format_occasion_line(day, names, month.locale) for day, names in month.holidays.items()]
        frame.add_item(discord.ui.TextDisplay("\n".join(days)))
    page_entries = month.entries[number * POSTS_PER_PAGE : (number + 1) * POSTS_PER_PAGE]
    for index, entry in enumerate(page_entries):
        button: discord.ui.Button[discord.ui.LayoutView] = discord.ui.Button(
            label=translate("Show", month.locale), custom_id=f"{build_plan_id('show', entry.post)}:{index}"
        )
        frame.add_item(
            discord.ui.Section(discord.ui.TextDisplay(format_entry_line(entry, month.locale)), accessory=button)
        )
    if not page_entries:
        frame.add_item(discord.ui.TextDisplay(_build_empty_text(month.locale)))
    return _add_navigation(frame, replace(month, page=replace(month.page, number=number)), page_count)


def _build_empty_text(locale: str) -> str:
    return f"{translate(_NO_POSTS, locale)}\n-# {translate(_HINT, locale)}"


def _add_navigation(frame: discord.ui.Container[discord.ui.LayoutView], month: Month, page_count: int = 1) -> Layout:
    """Build the view with buttons for other months, pages and formats."""
    view = Layout()
    view.add_item(frame)
    view.add_item(_build_month_row(month.page, month.locale))
    view.add_item(_build_format_row(month.page, page_count, month.locale))
    return view


def _build_month_row(page: CalendarPage, locale: str) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    """Build the buttons for the months before and after, and for the posts of everybody or one's own."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    previous_month, next_month = (page.first_day - timedelta(days=1)).replace(day=1), find_next_month(page.first_day)
    for position, first_day, emoji in (("b", previous_month, "◀️"), ("a", next_month, "▶️")):
        target = replace(page, first_day=first_day, number=0)
        is_disabled = first_day.year not in _YEARS
        row.add_item(_build_button(format_month(first_day, locale), target, position, emoji, is_disabled=is_disabled))
    other_scope = "all" if page.whose == "own" else "own"
    label = translate("Everybody's" if other_scope == "all" else "Only mine", locale)
    emoji = "👥" if other_scope == "all" else "👤"
    row.add_item(_build_button(label, replace(page, whose=other_scope, number=0), "w", emoji))
    return row


def _build_format_row(page: CalendarPage, page_count: int, locale: str) -> discord.ui.ActionRow[discord.ui.LayoutView]:
    """Build the buttons for the pages of a long list, and for the month as a picture, a list and a file."""
    row = discord.ui.ActionRow[discord.ui.LayoutView]()
    last = page_count - 1
    if page_count > 1:
        earlier, later = replace(page, number=max(0, page.number - 1)), replace(page, number=min(last, page.number + 1))
        row.add_item(_build_button(translate("Earlier", locale), earlier, "p", "⬆️", is_disabled=page.number == 0))
        row.add_item(_build_button(translate("Later", locale), later, "n", "⬇️", is_disabled=page.number == last))
    if page.form == "list":
        picture = replace(page, form="picture", number=0)
        row.add_item(_build_button(translate("As a picture", locale), picture, "f", "🖼️"))
    else:
        row.add_item(_build_button(translate("As a list", locale), replace(page, form="list", number=0), "f", "📃"))
    row.add_item(_build_button(translate("Calendar file", locale), replace(page, form="file", number=0), "i", "📅"))
    return row


def _build_button(
    label: str, page: CalendarPage, position: str, emoji: str, *, is_disabled: bool = False
) -> discord.ui.Button[discord.ui.LayoutView]:
    return discord.ui.Button(label=label, emoji=emoji, custom_id=page.button_id(position), disabled=is_disabled)


async def setup(bot: QuillmateBot) -> None:
    """Add the commands, and register their buttons, so that old ones work, too."""
    bot.add_dynamic_items(CalendarButton)
    await bot.add_cog(CalendarCommands(bot))
