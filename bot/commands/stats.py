"""/stats: results and usage of a server or a user, as charts, as text, and as a file."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import discord
from discord import app_commands
from discord.ext import commands

from bot.client import Interaction, QuillmateBot, build_member
from bot.interactions.components import PersistentItem
from bot.interactions.figures import build_table, format_heading, format_text, render_charts
from bot.locales import translate
from bot.replies.files import attachment
from bot.replies.views import COLOURS, Layout
from bot.team.figures.reports import PERIODS, Report

FORMS = {"picture": "As pictures", "text": "As text", "csv": "As a table (CSV)"}
_EMOJIS = {"picture": "🖼️", "text": "📃", "csv": "📊"}
PERIOD_NAMES = {"week": "7 days", "month": "30 days", "year": "365 days"}
_TEMPLATE = r"quillstats:(?P<form>picture|text|csv):(?P<period>week|month|year)(?::\w)?"
# Maximum users whose names are fetched: as many as a chart has room for.
_MAX_NAMES = 8


class StatsCommand(commands.Cog):
    """The command for the figures of a server or, in direct messages, of the user."""

    @app_commands.command(
        name="stats", description="See what I made here, how much of it was accepted and what it cost"
    )
    @app_commands.describe(period="Which period", show="How you would like to see it")
    @app_commands.choices(
        period=[app_commands.Choice(name=name, value=value) for value, name in PERIOD_NAMES.items()],
        show=[app_commands.Choice(name=label, value=value) for value, label in FORMS.items()],
    )
    async def stats(self, interaction: Interaction, period: str = "month", show: str = "picture") -> None:
        """Show the figures in an ephemeral message."""
        report = await _build_report(interaction, period)
        await interaction.response.defer(ephemeral=True, thinking=True)
        await _show_report(interaction, report, show, period, is_new=True)


class StatsButton(PersistentItem[discord.ui.Button[Any]], template=_TEMPLATE):
    """A button that leads to another period or format."""

    def __init__(self, form: str, period: str) -> None:
        self._form, self._period = form, period
        super().__init__(discord.ui.Button(custom_id=f"quillstats:{form}:{period}"))

    async def act(self, interaction: Interaction) -> None:
        """Show the other page in place of the current one, or send the file."""
        report = await _build_report(interaction, self._period)
        if self._form == "csv":
            await interaction.response.defer(ephemeral=True, thinking=True)
        else:
            await interaction.response.defer()
        await _show_report(interaction, report, self._form, self._period, is_new=False)


async def _build_report(interaction: Interaction, period: str) -> Report:
    guild_id = str(interaction.guild_id or "")
    return await interaction.client.app.reports.build(build_member(interaction.user), guild_id, period)


async def _show_report(interaction: Interaction, report: Report, form: str, period: str, *, is_new: bool) -> None:
    locale, is_own = interaction.locale.value, interaction.guild_id is None
    title = format_heading(report, locale, is_own=is_own)
    if form == "csv":
        name = f"stats-{report.until}-{PERIODS[period]}-days.csv"
        view = Layout()
        view.add_item(discord.ui.TextDisplay(title))
        view.add_item(discord.ui.File(f"attachment://{name}"))
        await interaction.followup.send(view=view, file=attachment(name, build_table(report)), ephemeral=True)
        return
    frame = discord.ui.Container[discord.ui.LayoutView](accent_colour=COLOURS["data"])
    frame.add_item(discord.ui.TextDisplay(f"### {title}"))
    files = list[discord.File]()
    if form == "text":
        frame.add_item(discord.ui.TextDisplay(format_text(report, locale)))
    else:
        names = await _load_names(interaction, report)
        charts = await asyncio.to_thread(render_charts, report, names, locale)
        files = [attachment(f"stats-{topic}.png", body, alt) for topic, body, alt in charts]
        gallery_items = [discord.MediaGalleryItem(file.uri, description=file.description) for file in files]
        frame.add_item(discord.ui.MediaGallery(*gallery_items))
    view = _add_navigation(frame, form, period, locale)
    if is_new:
        await interaction.followup.send(
            view=view, files=files, ephemeral=True, allowed_mentions=discord.AllowedMentions.none()
        )
    else:
        await interaction.edit_original_response(
            view=view, attachments=files, allowed_mentions=discord.AllowedMentions.none()
        )


async def _load_names(interaction: Interaction, report: Report) -> Mapping[str, str]:
    """Return the display names for a chart by user id; users who have left are named by the last digits of their ids."""
    server = interaction.guild
    if server is None or not report.shows_users:
        return {}
    top_users = sorted(report.figures.users, key=lambda usage: (-usage.cost, -usage.tokens))[:_MAX_NAMES]
    user_ids = [usage.name for usage in top_users if usage.name]

    async def load_name(user_id: str) -> str:
        member = server.get_member(int(user_id))
        try:
            return (member or await server.fetch_member(int(user_id))).display_name
        except discord.HTTPException:
            return f"…{user_id[-4:]}"

    return dict(zip(user_ids, await asyncio.gather(*map(load_name, user_ids)), strict=True))


def _add_navigation(frame: discord.ui.Container[discord.ui.LayoutView], form: str, period: str, locale: str) -> Layout:
    """Build the view with buttons for the other periods and formats."""
    view = Layout()
    view.add_item(frame)
    period_row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for name, label in PERIOD_NAMES.items():
        period_row.add_item(_build_button(translate(label, locale), form, name, "p", is_disabled=name == period))
    view.add_item(period_row)
    format_row = discord.ui.ActionRow[discord.ui.LayoutView]()
    for name, label in FORMS.items():
        if name != form:
            format_row.add_item(_build_button(translate(label, locale), name, period, "f", _EMOJIS[name]))
    view.add_item(format_row)
    return view


def _build_button(
    label: str, form: str, period: str, position: str, emoji: str | None = None, *, is_disabled: bool = False
) -> discord.ui.Button[discord.ui.LayoutView]:
    custom_id = f"quillstats:{form}:{period}:{position}"
    return discord.ui.Button(label=label, emoji=emoji, custom_id=custom_id, disabled=is_disabled)


async def setup(bot: QuillmateBot) -> None:
    """Add the command, and register its buttons, so that old ones work, too."""
    bot.add_dynamic_items(StatsButton)
    await bot.add_cog(StatsCommand())
